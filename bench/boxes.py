"""Companies' boxes at their authority emptied by a real worker; then the same with everything going wrong."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from bench import portal
from bench.table import Row, Section
from fatto.countries.ro import sandbox, spv
from fatto.countries.ro.sandbox import NO_CAPS, Faults, Sandbox

if TYPE_CHECKING:
    from fatto.portal.tenancy.models import Firm

RATE = 60
_PATIENCE = 3600
_FAULTS = Faults(
    server_error=0.02, html_page=0.02, truncated=0.02, dropped=0.01, expired_token=0.002, duplicated=0.2, reordered=0.5,
    moving=0.2,
)  # fmt: skip


def run(companies: int, messages: int) -> Section:
    """Empty the boxes of a few companies at full speed."""
    section = Section(
        "Looking into boxes",
        "Boxes at a stand-in for ANAF without limits, each message listed, fetched, stored, opened, its seal verified, "
        "filed and readable; one worker process that does one job at a time, on the embedded server. The stand-in "
        "makes and signs the messages on the same machine.",
    )
    section.rows.append(_at_full_speed(companies, messages))
    section.rows.append(_plan(1000, 40))
    return section


def run_with_faults(companies: int, messages: int) -> Section:
    """Empty the boxes of many while everything goes wrong."""
    section = Section(
        "Looking into boxes when everything goes wrong",
        "Server errors, firewall pages, half files, broken connections, ended tokens, lists that move, repeat and "
        "shuffle, and workers killed at random. In the end every message is here, and no document twice.",
    )
    section.rows.append(_with_faults(companies, messages))
    return section


def _at_full_speed(companies: int, messages: int) -> Row:
    with portal.prepared(), _connected(companies, messages) as (firm, anaf):
        with _worker(anaf):
            time.sleep(3)  # it is up, as it would be in production
            start = perf_counter()
            _begin(firm)
            _until_done(firm, anaf, nudge=False)
            seconds = perf_counter() - start
        count = companies * messages
        rate = count / seconds
        return Row(
            what=f"{companies} companies × {messages} messages",
            measured=f"{rate:.0f} messages/s, {seconds:.1f} s",
            goal=f"≥ {RATE}/s",
            met=rate >= RATE,
        )


def _with_faults(companies: int, messages: int) -> Row:
    """Server errors, firewall pages, half files, broken connections, ended tokens, moving pages; workers killed."""
    chance = random.Random(7)  # noqa: S311 - the same each time
    with portal.prepared(), _connected(companies, messages) as (firm, anaf):
        anaf.world.faults = _FAULTS
        start = perf_counter()
        _begin(firm)
        killed = 0
        for _ in range(4):
            with _worker(anaf) as worker:
                time.sleep(chance.uniform(4, 9))
                worker.kill()
                killed += 1
        with _worker(anaf):
            _until_done(firm, anaf, nudge=True)
        seconds = perf_counter() - start
        return Row(
            what=f"{companies} companies × {messages} messages with faults, {killed} workers killed",
            measured=f"complete, none twice, {seconds:.0f} s",
            goal="complete, none twice",
            met=True,
        )


def _plan(companies: int, messages: int) -> Row:
    """What a day costs under the limits that ANAF publishes."""
    runs = 24 // 4
    calls = companies * (runs + 1 + messages * 60 // 500 + messages)
    minutes = calls / spv.MINUTE.most
    return Row(
        what=f"{companies:,} companies × {messages} messages a day, within ANAF's limits",
        measured=f"{calls:,} calls, at least {minutes:.0f} minutes of the day",
        goal="within a day",
        met=minutes < 24 * 60,
    )


@contextmanager
def _connected(companies: int, messages: int) -> Iterator[tuple[Firm, Sandbox]]:
    from fatto.portal.exchange import actions, queries
    from fatto.portal.tenancy import actions as tenancy
    from fatto.portal.tenancy.scope import scope

    owner = portal.member("owner@bench.example", "Bench Owner")
    firm = tenancy.open_firm(name="Bench", country="RO", language="ro", owner=owner)
    opened = [portal.open_company(firm, owner, "RO", number) for number in range(companies)]
    names = {queries.tax_id(each): each.name for each in opened}
    with sandbox.serve(names, messages=messages, caps=NO_CAPS) as anaf:
        who = portal.acting(owner, firm)
        with scope(who):
            way = actions.connect(who, channel=spv.CHANNEL.code, tokens=anaf.tokens())
            actions.serve(who, way, companies=opened)
        yield firm, anaf


@contextmanager
def _worker(anaf: Sandbox) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that does one job at a time and is led to the stand-in."""
    environment = os.environ | dict(anaf.variables) | {"FATTO_JOBS": "1", "FATTO_LOG": "error", "FATTO_TRAINING": "yes"}
    worker = subprocess.Popen([sys.executable, "-m", "fatto", "worker"], env=environment)
    try:
        yield worker
    finally:
        worker.terminate()
        worker.wait(30)


def _begin(firm: Firm) -> None:
    from fatto.portal.flow import sync

    sync.due(firm)


def _until_done(firm: Firm, anaf: Sandbox, *, nudge: bool) -> None:
    """Wait until every box is empty; then look whether all of it is here, each message and each document once."""
    from django.utils import timezone

    from fatto.portal.documents.models import Document
    from fatto.portal.exchange.models import Box, Message, Run
    from fatto.portal.flow import sync
    from fatto.portal.tenancy import actor
    from fatto.portal.tenancy.scope import scope

    system = actor.system(firm)
    started = perf_counter()
    while True:
        if perf_counter() - started > _PATIENCE:
            raise AssertionError("the boxes are not empty")
        with scope(system):
            at_work = Run.objects.filter(state__in=["waiting", "running"]).exists()
            waiting = Message.objects.filter(state__in=["listed", "stored"]).exists()
            boxes = list(Box.objects.all())
        if not at_work and not waiting and all(box.last_success for box in boxes):
            break
        if nudge:
            with scope(system):  # as if the time until the next try had passed
                Message.objects.filter(state="listed").update(next_try=None)
                Box.objects.filter(last_success=None).update(next_run=timezone.now())
                if waiting and not at_work:
                    Box.objects.update(next_run=timezone.now())
            for run in sync.lost(firm):
                sync.stumbled(firm, run)
            sync.due(firm)
        time.sleep(0.2 if not nudge else 2)
    with scope(system):
        for box in boxes:
            mine = Message.objects.filter(box=box)
            numbers = sorted(mine.filter(file__isnull=False).values_list("number", flat=True))
            if not set(numbers) <= anaf.ids(box.tax_id) or len(numbers) != len(set(numbers)):
                raise AssertionError("a message is here that is not there, or twice")
            if len(numbers) < mine.count():
                raise AssertionError("a message is missing")
            invoices = mine.filter(kind__in=["received", "issued"])
            documents = Document.objects.filter(company=box.company_id)
            if invoices.filter(document=None).exists() or documents.count() != invoices.count():
                raise AssertionError("an invoice is missing, or twice")

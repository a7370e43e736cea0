"""What runs by itself, on the queue that lives in PostgreSQL."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from fatto.channels.channel import ChannelError
from fatto.portal.documents.actions import compact, compact_months, note_references
from fatto.portal.documents.models import Delivery, Tally
from fatto.portal.exchange import keys, limits
from fatto.portal.exchange.models import Note, Transmission
from fatto.portal.flow import (
    arrive,
    bulk,
    connecting,
    escalate,
    guard,
    invite,
    issue,
    mailbox,
    papers,
    sync,
    takeout,
    trust,
    watch,
)
from fatto.portal.flow import recheck as rechecks
from fatto.portal.tenancy import seals
from fatto.portal.tenancy.actor import system
from fatto.portal.tenancy.models import Firm
from fatto.portal.tenancy.scope import scope

_log = logging.getLogger("fatto.flow")
_CHUNK = 500
_TRIES = 5
_LOOSE = 2_000
"""Rows of a firm's tally from which on they are added up."""


@app.task(
    name="fatto.process_delivery",
    queue="arrive",
    pass_context=True,
    retry=RetryStrategy(max_attempts=_TRIES, exponential_wait=3),
)
def process(context: JobContext, firm: int, delivery: int) -> None:
    """Open, read, route and file what a delivery holds."""
    row = Firm.objects.get(pk=firm)
    try:
        arrive.process(row, delivery)
    except Exception:
        if context.job.attempts >= _TRIES:
            arrive.failed(row, delivery)
        raise


def queue(delivery: Delivery) -> None:
    """Have a delivery processed, in the transaction that is open."""
    process.configure(lock=f"delivery-{delivery.pk}").defer(firm=delivery.firm_id, delivery=delivery.pk)


@app.task(
    name="fatto.do_batch",
    queue="arrive",
    pass_context=True,
    retry=RetryStrategy(max_attempts=_TRIES, exponential_wait=3),
)
def do_batch(context: JobContext, firm: int, batch: int) -> None:
    """Do, or take back, what a person asked for with many documents together."""
    row = Firm.objects.get(pk=firm)
    try:
        bulk.work(row, batch)
    except Exception:
        if context.job.attempts >= _TRIES:
            bulk.failed(row, batch)
        raise


@app.task(
    name="fatto.make_pages",
    queue="pages",
    pass_context=True,
    retry=RetryStrategy(max_attempts=3, exponential_wait=4),
)
def make_pages(context: JobContext, firm: int, document: int) -> None:
    """Make what is shown of a supporting document."""
    row = Firm.objects.get(pk=firm)
    try:
        papers.prepare(row, document)
    except Exception:
        if context.job.attempts >= 3:
            papers.failed(row, document)
        raise


@app.periodic(cron="*/10 * * * *")
@app.task(name="fatto.make_older_pages", queue="house", queueing_lock="make-older-pages", pass_context=False)
def make_older_pages(timestamp: int) -> None:
    """Supporting documents that came before pages were made get theirs, some at a time."""
    for firm in Firm.objects.all():
        for document in papers.unprepared(firm):
            papers.prepare(firm, document)


@app.periodic(cron="* * * * *")
@app.task(name="fatto.end_lost_deliveries", queue="house", queueing_lock="end-lost-deliveries", pass_context=False)
def end_lost_deliveries(timestamp: int) -> None:
    """Say on a delivery that it stopped, where the queue gave its job up because workers died over it."""
    for firm in Firm.objects.all():
        for delivery in arrive.lost(firm):
            _log.error("a delivery was given up", extra={"event": "lost", "firm": firm.pk, "count": 1})
            arrive.failed(firm, delivery)
        for batch in bulk.lost(firm):
            _log.error("a batch was given up", extra={"event": "lost", "firm": firm.pk, "count": 1})
            bulk.failed(firm, batch)


@app.task(
    name="fatto.send_invitation",
    queue="mail",
    pass_context=True,
    retry=RetryStrategy(max_attempts=_TRIES, exponential_wait=5),
)
def send_invitation(context: JobContext, firm: int, invitation: int) -> None:
    """Write to somebody who was invited."""
    row = Firm.objects.get(pk=firm)
    try:
        invite.send(row, invitation)
    except Exception:
        if context.job.attempts >= _TRIES:
            invite.failed(row, invitation)
        raise


@app.periodic(cron="*/10 * * * *")
@app.task(name="fatto.compact_tallies", queue="house", queueing_lock="compact-tallies", pass_context=False)
def compact_tallies(timestamp: int) -> None:
    """Keep counting quick: add up the tallies that grew long."""
    for firm in Firm.objects.all():
        with scope(system(firm)) as actor:
            if Tally.objects.count() > _LOOSE:
                compact(actor)


@app.periodic(cron="*/10 * * * *")
@app.task(name="fatto.seal_trail", queue="house", queueing_lock="seal-trail", pass_context=False)
def seal_trail(timestamp: int) -> None:
    """Link what was done to the chain over the trail."""
    for firm in Firm.objects.all():
        with scope(system(firm)) as actor:
            seals.seal(actor)


@app.task(
    name="fatto.take_out",
    queue="house",
    pass_context=True,
    retry=RetryStrategy(max_attempts=_TRIES, exponential_wait=5),
)
def take_out(context: JobContext, firm: int, export: int, member: int, company: str) -> None:
    """Make an export."""
    row = Firm.objects.get(pk=firm)
    try:
        takeout.make(row, export, member, company)
    except Exception:
        if context.job.attempts >= _TRIES:
            takeout.failed(row, export)
        raise


@app.periodic(cron="40 3 * * *")
@app.task(name="fatto.forget_exports", queue="house", queueing_lock="forget-exports", pass_context=False)
def forget_exports(timestamp: int) -> None:
    """Once a day: remove the bytes of old exports."""
    for firm in Firm.objects.all():
        takeout.forget(firm)


@app.task(
    name="fatto.check_trail",
    queue="house",
    pass_context=False,
    retry=RetryStrategy(max_attempts=_TRIES, exponential_wait=5),
)
def check_trail(firm: int, company: int | None, noted: list[dict[str, Any]], by: int | None) -> None:
    """Check the chains of a firm or of one company, and note what was found."""
    trust.check(Firm.objects.get(pk=firm), company, noted, by)


@app.periodic(cron="10 4 * * 0")
@app.task(name="fatto.check_trails", queue="house", queueing_lock="check-trails", pass_context=False)
def check_trails(timestamp: int) -> None:
    """Once a week, without being asked."""
    for firm in Firm.objects.all():
        check_trail.configure(queueing_lock=f"check-trail-{firm.pk}").defer(
            firm=firm.pk, company=None, noted=[], by=None
        )


@app.periodic(cron="* * * * *")
@app.task(name="fatto.fetch_mail", queue="mail", queueing_lock="fetch-mail", lock="fetch-mail", pass_context=False)
def fetch_mail(timestamp: int) -> None:
    """Look into the mailbox, where there is one."""
    found = settings.CONFIG.mail_in_imap
    if found is None:
        return
    try:
        mailbox.fetch(found)
    except mailbox.Away as trouble:
        # Tried again in a minute; the messages wait where they are.
        _log.warning("the mailbox cannot be had: %s", trouble, extra={"event": "mail-in"})


@app.task(
    name="fatto.note_references",
    queue="house",
    pass_context=False,
    retry=RetryStrategy(max_attempts=_TRIES, exponential_wait=3),
)
def references(firm: int, after: int) -> None:
    """Note what older documents of a firm refer to, some at a time; new ones have it from the start."""
    with scope(system(Firm.objects.get(pk=firm))) as actor:
        last = note_references(actor, after=after, most=_CHUNK)
        if last:
            references.defer(firm=firm, after=last)


@app.task(
    name=rechecks.TASK,
    queue="house",
    pass_context=True,
    retry=RetryStrategy(max_attempts=_TRIES, exponential_wait=3),
)
def judge_again(context: JobContext, firm: int, recheck: int) -> None:
    """Judge older documents of a firm by the rules of this release, some at a time."""
    row = Firm.objects.get(pk=firm)
    try:
        more = rechecks.work(row, recheck)
    except Exception:
        if context.job.attempts >= _TRIES:
            rechecks.failed(row, recheck)
        raise
    if more:
        queue_recheck(firm, recheck)


def queue_recheck(firm: int, recheck: int) -> None:
    """Have a recheck go on, in the transaction that is open."""
    judge_again.configure(lock=f"recheck-{recheck}").defer(firm=firm, recheck=recheck)


@app.periodic(cron="*/5 * * * *")
@app.task(
    name="fatto.look_at_rules", queue="house", queueing_lock="look-at-rules", lock="look-at-rules", pass_context=False
)
def look_at_rules(timestamp: int) -> None:
    """Begin judging older documents where the release knows other rules than the one before."""
    for firm in Firm.objects.all():
        rechecks.look(firm)


@app.periodic(cron="17 3 * * *")
@app.task(name="fatto.tidy_up", queue="house", queueing_lock="tidy-up", pass_context=False)
def tidy_up(timestamp: int) -> None:
    """Each night: add up the months, and forget summaries that nobody confirmed."""
    for firm in Firm.objects.all():
        with scope(system(firm)) as actor:
            compact_months(actor)
            bulk.forget_unconfirmed(actor)


@app.periodic(cron="7 * * * *")
@app.task(name="fatto.escalate_approvals", queue="house", queueing_lock="escalate-approvals", pass_context=False)
def escalate_approvals(timestamp: int) -> None:
    """Ask others for approvals whose deadline has passed, or which wait for somebody who left."""
    for firm in Firm.objects.all():
        escalate.ask_those_who_are_there(firm)
        escalate.escalate(firm)


@app.periodic(cron="* * * * *")
@app.task(name="fatto.catch_up_with_guards", queue="house", queueing_lock="catch-up-with-guards", pass_context=False)
def catch_up_with_guards(timestamp: int) -> None:
    """Look at the documents of before the guards came; nothing to do once they are done."""
    for firm in Firm.objects.all():
        guard.catch_up(firm)


# -- what travels by authorities' channels ---------------------------------------------------------


@app.task(
    name="fatto.sync_box",
    queue=sync.QUEUE,
    pass_context=True,
    retry=RetryStrategy(max_attempts=_TRIES, exponential_wait=5),
)
def sync_box(context: JobContext, firm: int, run: int) -> None:
    """Look into a company's box at its authority, for a while."""
    row = Firm.objects.get(pk=firm)
    try:
        sync.work(row, run)
    except Exception:
        if context.job.attempts >= _TRIES:
            sync.stumbled(row, run)
        raise


@app.periodic(cron="* * * * *")
@app.task(name="fatto.plan_syncs", queue="house", queueing_lock="plan-syncs", pass_context=False)
def plan_syncs(timestamp: int) -> None:
    """Queue the boxes whose time has come; end the runs that nothing works on any more."""
    _for_every_firm(_end_lost_runs)
    _for_every_firm(sync.due)


def _end_lost_runs(firm: Firm) -> None:
    for run in sync.lost(firm):
        _log.error("a run was given up", extra={"event": "lost", "firm": firm.pk, "count": 1})
        sync.stumbled(firm, run)


def _for_every_firm(do: Callable[[Firm], object]) -> None:
    """One firm on which we stumble keeps no other waiting."""
    for firm in Firm.objects.all():
        try:
            do(firm)
        except Exception:
            _log.exception("what is done for every firm failed for one", extra={"event": "firm", "firm": firm.pk})


@app.task(
    name="fatto.open_messages",
    queue="arrive",
    pass_context=False,
    retry=RetryStrategy(max_attempts=_TRIES, exponential_wait=5),
)
def open_messages(firm: int, box: int) -> None:
    """Open what lies in a box and is not opened, because a person wants to."""
    if not sync.open_waiting(Firm.objects.get(pk=firm), box):
        sync.queue_opening(firm, box)


@app.task(
    name="fatto.try_companies",
    queue="sync",
    pass_context=False,
    retry=RetryStrategy(max_attempts=_TRIES, exponential_wait=5),
)
def try_companies(firm: int, connection: int) -> None:
    """Ask on which companies a new connection has rights."""
    connecting.try_companies(Firm.objects.get(pk=firm), connection)


@app.task(name="fatto.renew_connection", queue="sync", pass_context=False)
def renew_connection(firm: int, connection: int) -> None:
    """Renew a pair of tokens well before it ends."""
    actor = system(Firm.objects.get(pk=firm), kind="channel")
    try:
        keys.of(actor, connection)
    except ChannelError as error:
        # It stands on the connection, and is tried again within the hour.
        _log.warning("a connection was not renewed", extra={"event": "exchange", "firm": firm, "code": error.code})


@app.periodic(cron="13 * * * *")
@app.task(name="fatto.watch_connections", queue="house", queueing_lock="watch-connections", pass_context=False)
def watch_connections(timestamp: int) -> None:
    """Once an hour: renew what is to be renewed, tell what ends, fails, or would be lost."""
    _for_every_firm(_renew_connections)
    _for_every_firm(watch.look)


def _renew_connections(firm: Firm) -> None:
    for connection in watch.to_renew(firm):
        with suppress(AlreadyEnqueued), transaction.atomic():
            renew_connection.configure(queueing_lock=f"renew-{connection}").defer(firm=firm.pk, connection=connection)


@app.periodic(cron="27 3 * * *")
@app.task(name="fatto.forget_runs", queue="house", queueing_lock="forget-runs", pass_context=False)
def forget_runs(timestamp: int) -> None:
    """Each night: forget old runs, and counts of limits that count no more."""
    limits.forget(timezone.now())
    _for_every_firm(sync.forget)


# -- what is sent: the row says what is to be done and when; jobs only see to it that somebody looks ------------------

_SOON = timedelta(minutes=6)
"""Steps so near are queued for their moment; the clock finds the others."""


@app.task(name="fatto.send", queue="send", pass_context=False)
def send(firm: int, transmission: int) -> None:
    """Take a transmission one step further."""
    row = Firm.objects.get(pk=firm)
    issue.step(row, transmission)
    _go_on("fatto.send", row, Transmission, transmission)


@app.task(name="fatto.send_note", queue="send", pass_context=False)
def send_note(firm: int, note: int) -> None:
    """Take a message to a seller one step further."""
    row = Firm.objects.get(pk=firm)
    issue.note_step(row, note)
    _go_on("fatto.send_note", row, Note, note)


def send_on(transmission: Transmission) -> None:
    """Have it sent, in the transaction that is open."""
    _queue("fatto.send", transmission.firm_id, transmission.pk)


def send_note_on(note: Note) -> None:
    """The same for a message to a seller."""
    _queue("fatto.send_note", note.firm_id, note.pk)


@app.periodic(cron="* * * * *")
@app.task(name="fatto.send_what_is_due", queue="house", queueing_lock="send-what-is-due", pass_context=False)
def send_what_is_due(timestamp: int) -> None:
    """Queue the steps for which it is time: delays that ended, answers to ask for, calls whose worker died."""
    now = timezone.now()
    for firm in Firm.objects.all():
        transmissions, notes = issue.waiting(firm, now)
        for pk in transmissions:
            _queue("fatto.send", firm.pk, pk)
        for pk in notes:
            _queue("fatto.send_note", firm.pk, pk)
        issue.warn(firm, now)
        issue.alarm(firm, now)


def _go_on(task: str, firm: Firm, model: type[Transmission] | type[Note], pk: int) -> None:
    after = issue.next_check(firm, model, pk)
    if after is not None and after < timezone.now() + _SOON:
        _queue(task, firm.pk, pk, after)


def _queue(task: str, firm: int, pk: int, at: datetime | None = None) -> None:
    """One job waits for each: more would find nothing to do."""
    name = f"{task}-{pk}"
    argument = "transmission" if task == "fatto.send" else "note"
    with suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(task, queue="send", lock=name, queueing_lock=name, schedule_at=at).defer(
            firm=firm, **{argument: pk}
        )

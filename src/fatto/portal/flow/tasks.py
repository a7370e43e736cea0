"""What runs by itself, on the queue that lives in PostgreSQL."""

from __future__ import annotations

import logging
from typing import Any

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from fatto.portal.documents.actions import compact
from fatto.portal.documents.models import Delivery, Tally
from fatto.portal.flow import arrive, invite, takeout, trust
from fatto.portal.tenancy import seals
from fatto.portal.tenancy.actor import system
from fatto.portal.tenancy.models import Firm
from fatto.portal.tenancy.scope import scope

_log = logging.getLogger("fatto.flow")
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


@app.periodic(cron="* * * * *")
@app.task(name="fatto.end_lost_deliveries", queue="house", queueing_lock="end-lost-deliveries", pass_context=False)
def end_lost_deliveries(timestamp: int) -> None:
    """Say on a delivery that it stopped, where the queue gave its job up because workers died over it."""
    for firm in Firm.objects.all():
        for delivery in arrive.lost(firm):
            _log.error("a delivery was given up", extra={"event": "lost", "firm": firm.pk, "count": 1})
            arrive.failed(firm, delivery)


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

"""What runs by itself, on the queue that lives in PostgreSQL."""

from __future__ import annotations

import logging

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from fatto.portal.documents.actions import compact
from fatto.portal.documents.models import Delivery, Tally
from fatto.portal.flow import arrive, guard, invite
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


@app.periodic(cron="* * * * *")
@app.task(name="fatto.catch_up_with_guards", queue="house", queueing_lock="catch-up-with-guards", pass_context=False)
def catch_up_with_guards(timestamp: int) -> None:
    """Look at the documents of before the guards came; nothing to do once they are done."""
    for firm in Firm.objects.all():
        guard.catch_up(firm)

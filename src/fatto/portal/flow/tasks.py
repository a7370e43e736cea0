"""What runs by itself, on the queue that lives in PostgreSQL."""

from __future__ import annotations

import logging

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from fatto.portal.documents.actions import compact
from fatto.portal.documents.models import Delivery, Tally
from fatto.portal.flow import arrive, invite, papers
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

"""Jobs about notices: making them, sending them, and clearing up."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from fatto.portal.notifications import devices, outbox, posting, telling
from fatto.portal.tenancy.models import Firm, Member

_AGAIN = RetryStrategy(max_attempts=5, exponential_wait=3)
_log = logging.getLogger("fatto.notices")
KEEP = timedelta(days=180)
"""So long do notices stand on their person's page."""


@app.task(name="fatto.tell_people", queue="tell", pass_context=False, retry=_AGAIN)
def tell(firm: int, deeds: list[int]) -> None:
    """Make notices of what happened."""
    telling.tell(Firm.objects.get(pk=firm), deeds)


@app.task(name="fatto.note_login", queue="tell", pass_context=False, retry=_AGAIN)
def note_login(member: int, agent: str) -> None:
    """See whether somebody logged in from a device not seen before."""
    row = Member.objects.filter(pk=member).first()
    if row is not None:
        telling.login(row, devices.called(agent))


@app.task(name="fatto.send_notice", queue="mail", pass_context=False, retry=_AGAIN)
def send(post: int) -> None:
    """Send one message of the outbox."""
    posting.send(post)


@app.periodic(cron="* * * * *")
@app.task(name="fatto.tidy_notices", queue="house", queueing_lock="tidy-notices", pass_context=False)
def tidy(timestamp: int) -> None:
    """Every minute: send what lost its job, and note what lost its sender."""
    lost = outbox.give_up_lost()
    if lost:
        _log.error("senders of notices were lost", extra={"event": "notice", "count": lost})
    for number in outbox.overdue():
        try:
            posting.send(number)
        except Exception:  # the others are sent all the same
            _log.exception("a notice cannot be made", extra={"event": "notice"})


@app.periodic(cron="40 3 * * *")
@app.task(name="fatto.forget_notices", queue="house", queueing_lock="forget-notices", pass_context=False)
def forget(timestamp: int) -> None:
    """Once a day: what is older than half a year."""
    before = timezone.now() - KEEP
    for member in Member.objects.order_by("pk").iterator():
        posting.forget(member, before=before)

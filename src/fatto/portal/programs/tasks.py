"""Jobs about programs: telling them, trying again, and clearing up."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from fatto.portal.programs import notices
from fatto.portal.tenancy.models import Firm

_AGAIN = RetryStrategy(max_attempts=5, exponential_wait=3)


@app.task(name="fatto.tell_webhooks", queue="tell", pass_context=False, retry=_AGAIN)
def tell(firm: int, deeds: list[int]) -> None:
    """Make messages of what happened."""
    notices.tell(Firm.objects.get(pk=firm), deeds)


@app.task(name="fatto.send_message", queue="tell", pass_context=False, retry=_AGAIN)
def send(firm: int, message: int) -> None:
    """Deliver one message."""
    notices.send(Firm.objects.get(pk=firm), message)


@app.periodic(cron="20 3 * * *")
@app.task(name="fatto.forget_messages", queue="house", queueing_lock="forget-messages", pass_context=False)
def forget(timestamp: int) -> None:
    """Once a day: messages that were done long ago."""
    for firm in Firm.objects.filter(hooked=True):
        notices.forget(firm)

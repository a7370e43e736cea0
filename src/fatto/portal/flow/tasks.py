"""What runs by itself, on the queue that lives in PostgreSQL."""

from __future__ import annotations

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from fatto.portal.flow import arrive
from fatto.portal.tenancy.models import Firm

_TRIES = 5


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

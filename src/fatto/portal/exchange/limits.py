"""An authority's limits, counted in PostgreSQL for all workers and web processes together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from fatto.channels import limiter
from fatto.channels.limiter import Key, State
from fatto.portal.exchange.models import Quota

KEEP = timedelta(days=3)


class Shared:
    """Satisfies `limiter.Limiter`. Each call is a short transaction of its own: use it outside of scopes."""

    def __init__(self, clock: Callable[[], datetime] = timezone.now) -> None:
        self._clock = clock

    def take(self, key: Key, cost: int = 1) -> None:
        """Count `cost` calls, or raise `Limit`."""
        self._change(key, lambda state, now: limiter.reckon(key.quota, state, now, cost))

    def block(self, key: Key, until: datetime) -> None:
        """Nothing of the kind before `until`: the authority said so."""
        self._change(key, lambda state, now: limiter.blocked(key.quota, state, until))

    def _change(self, key: Key, reckon: Callable[[State | None, datetime], State]) -> None:
        name = str(key)[:200]
        with transaction.atomic(), connection.cursor() as cursor:
            found = _locked(cursor, name)
            if found is None:
                # The first to come makes the row; the others wait for its end, so that none is counted by two.
                cursor.execute(
                    "insert into exchange_quota (key, at, used) values (%s, 'epoch', 0) on conflict do nothing", [name]
                )
                found = _locked(cursor, name)
            at, used, stopped = found
            fresh = at == _EPOCH and stopped is None
            state = reckon(None if fresh else State(at, used, stopped), self._clock())
            cursor.execute(
                "update exchange_quota set at = %s, used = %s, blocked = %s where key = %s",
                [state.at, state.used, state.blocked, name],
            )


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _locked(cursor: Any, name: str) -> Any:
    cursor.execute("select at, used, blocked from exchange_quota where key = %s for update", [name])
    return cursor.fetchone()


def forget(now: datetime) -> None:
    """Remove what counts no more."""
    Quota.objects.filter(at__lt=now - KEEP).exclude(blocked__gt=now).delete()

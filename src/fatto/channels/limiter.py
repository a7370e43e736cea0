"""Keeping to an authority's limits.

A `Quota` says how many calls of a kind it takes in a minute or in a day; a `Key` is a quota for one subject (a person,
a company, a message). `reckon` is the arithmetic, without memory; where the counts are kept is for a `Limiter` to say:
`InMemory` for one process, a database for several.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from fatto.channels.channel import Limit
from fatto.i18n import _


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """So many in any minute, or in a calendar day of a time zone."""

    name: str
    most: int
    per: Literal["minute", "day"]
    time_zone: str = "UTC"
    """Whose midnight ends the day."""

    def of(self, subject: str = "") -> Key:
        return Key(self, subject)


@dataclass(frozen=True, slots=True)
class Key:
    """A quota as it counts for one subject."""

    quota: Quota
    subject: str = ""

    def __str__(self) -> str:
        return f"{self.quota.name}:{self.subject}"


@dataclass(frozen=True, slots=True)
class State:
    """What is remembered of a key."""

    at: datetime
    """Of a minute's quota: the moment until which the calls made so far are paid for. Of a day's: its midnight."""
    used: int = 0
    """Calls of the day."""
    blocked: datetime | None = None
    """Nothing before this moment: the authority said so."""


class Limiter(Protocol):
    """Counts shared by all who call the same authority."""

    def take(self, key: Key, cost: int = 1) -> None:
        """Count `cost` calls, or raise `Limit` with the moment from which it is worth asking again."""

    def block(self, key: Key, until: datetime) -> None:
        """The authority said no: let `take` refuse until then."""


def reckon(quota: Quota, state: State | None, now: datetime, cost: int = 1) -> State:
    """The state after `cost` more calls now; raises `Limit` and counts nothing when they are too many.

    A minute's quota flows: a tenth of it at once, the rest evenly, so that no minute, wherever it begins, sees more.
    """
    if state is not None and state.blocked is not None:
        if now < state.blocked:
            raise reached(quota, state.blocked)
        state = State(state.at, state.used)
    if quota.per == "day":
        midnight, next_one = _day(now, quota.time_zone)
        used = state.used if state is not None and state.at == midnight else 0
        if used + cost > quota.most:
            raise reached(quota, next_one)
        return State(midnight, used + cost)
    burst = max(1, quota.most // 10)
    step = timedelta(minutes=1) / max(1, quota.most - burst)
    paid = max(now, state.at) if state is not None else now
    after = paid + step * cost
    early = after - now - step * max(burst, cost)
    if early > timedelta(0):
        raise reached(quota, now + early)
    return State(after)


def blocked(quota: Quota, state: State | None, until: datetime) -> State:
    """The state after the authority said: not before `until`."""
    if state is None:
        return State(until if quota.per == "minute" else _day(until, quota.time_zone)[0], 0, until)
    earlier = state.blocked
    return State(state.at, state.used, until if earlier is None else max(earlier, until))


def midnight_after(now: datetime, time_zone: str) -> datetime:
    """The end of the calendar day there."""
    return _day(now, time_zone)[1]


def reached(quota: Quota, until: datetime) -> Limit:
    return Limit(
        "limit-reached",
        _("The authority takes no more calls of this kind for now. It goes on by itself."),
        until=until,
        quota=quota.name,
    )


def _day(now: datetime, time_zone: str) -> tuple[datetime, datetime]:
    here = now.astimezone(ZoneInfo(time_zone))
    start = here.replace(hour=0, minute=0, second=0, microsecond=0)
    end = (start + timedelta(days=1)).replace(hour=0)
    return start.astimezone(UTC), end.astimezone(UTC)


class InMemory:
    """For one process."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._states: dict[Key, State] = {}
        self._lock = threading.Lock()
        self._swept = clock()

    def take(self, key: Key, cost: int = 1) -> None:
        with self._lock:
            now = self._clock()
            self._sweep(now)
            self._states[key] = reckon(key.quota, self._states.get(key), now, cost)

    def block(self, key: Key, until: datetime) -> None:
        with self._lock:
            self._states[key] = blocked(key.quota, self._states.get(key), until)

    def _sweep(self, now: datetime) -> None:
        """Forget, once in an hour, what counts no more."""
        if now - self._swept < timedelta(hours=1):
            return
        self._swept = now
        past = now - timedelta(days=2)
        self._states = {
            key: state for key, state in self._states.items() if max(state.at, state.blocked or state.at) > past
        }

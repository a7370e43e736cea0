"""Limits are kept wherever a minute begins and a day ends."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fatto.channels.channel import Limit
from fatto.channels.limiter import InMemory, Quota

MINUTE = Quota(name="minute", most=100, per="minute")
DAY = Quota(name="day", most=3, per="day", time_zone="Europe/Bucharest")


class Clock:
    def __init__(self, now: datetime = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 3), min_size=50, max_size=400))
def test_no_minute_sees_more_than_its_quota(pauses: list[float]) -> None:
    clock = Clock()
    limiter = InMemory(clock)
    taken: list[datetime] = []
    for pause in pauses:
        clock.now += timedelta(seconds=pause)
        while True:
            try:
                limiter.take(MINUTE.of())
            except Limit:
                break
            taken.append(clock.now)
    for first in taken:
        assert sum(first <= each < first + timedelta(minutes=1) for each in taken) <= MINUTE.most


def test_after_the_wait_that_it_names_a_call_is_taken() -> None:
    clock = Clock()
    limiter = InMemory(clock)
    for _each in range(500):
        try:
            limiter.take(MINUTE.of())
        except Limit as limit:
            clock.now = limit.until
            limiter.take(MINUTE.of())
    assert clock.now - Clock().now < timedelta(minutes=6)


def test_a_day_ends_at_its_own_midnight() -> None:
    clock = Clock(datetime(2026, 11, 5, 21, 59, tzinfo=UTC))
    limiter = InMemory(clock)
    for _each in range(3):
        limiter.take(DAY.of("1"))
    limiter.take(DAY.of("2"))
    with pytest.raises(Limit) as limit:
        limiter.take(DAY.of("1"))
    assert limit.value.until == datetime(2026, 11, 5, 22, 0, tzinfo=UTC)
    clock.now = limit.value.until
    limiter.take(DAY.of("1"))


def test_the_day_on_which_clocks_go_back_has_25_hours() -> None:
    clock = Clock(datetime(2026, 10, 25, 3, 0, tzinfo=UTC))
    limiter = InMemory(clock)
    with pytest.raises(Limit) as limit:
        limiter.take(DAY.of(), cost=4)
    assert limit.value.until == datetime(2026, 10, 25, 22, 0, tzinfo=UTC)


def test_what_was_blocked_stays_so_until_then() -> None:
    clock = Clock()
    limiter = InMemory(clock)
    until = clock.now + timedelta(seconds=30)
    limiter.block(MINUTE.of(), until)
    with pytest.raises(Limit) as limit:
        limiter.take(MINUTE.of())
    assert limit.value.until == until
    clock.now = until
    limiter.take(MINUTE.of())


def test_threads_do_not_count_past_each_other() -> None:
    limiter = InMemory(Clock())
    quota = Quota(name="many", most=1000, per="day")
    refused = []

    def work() -> None:
        for _each in range(300):
            try:
                limiter.take(quota.of())
            except Limit:
                refused.append(1)

    threads = [threading.Thread(target=work) for _each in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(refused) == 200

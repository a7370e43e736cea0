"""Limits counted in the database: the same arithmetic as in one process, and nobody counts past another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fatto.channels.channel import Limit
from fatto.channels.limiter import Quota
from fatto.portal.exchange import limits
from fatto.portal.exchange.limits import Shared
from fatto.portal.exchange.models import Quota as Row

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAILY = Quota(name="downloads", most=3, per="day", time_zone="Europe/Bucharest")


def test_a_days_quota_ends_at_the_authoritys_midnight():
    now = [NOW]
    shared = Shared(clock=lambda: now[0])
    for _ in range(3):
        shared.take(DAILY.of("7"))
    with pytest.raises(Limit) as reached:
        shared.take(DAILY.of("7"))
    assert reached.value.until == datetime(2026, 11, 22, 22, tzinfo=UTC)
    shared.take(DAILY.of("8"))  # another message has its own
    now[0] = reached.value.until
    shared.take(DAILY.of("7"))


def test_two_processes_count_together():
    one, other = Shared(clock=lambda: NOW), Shared(clock=lambda: NOW)
    one.take(DAILY.of("7"), cost=2)
    other.take(DAILY.of("7"))
    with pytest.raises(Limit):
        one.take(DAILY.of("7"))


def test_when_the_authority_says_no_all_wait():
    shared = Shared(clock=lambda: NOW)
    shared.block(DAILY.of("7"), NOW + timedelta(hours=2))
    with pytest.raises(Limit) as reached:
        Shared(clock=lambda: NOW + timedelta(hours=1)).take(DAILY.of("7"))
    assert reached.value.until == NOW + timedelta(hours=2)
    Shared(clock=lambda: NOW + timedelta(hours=2)).take(DAILY.of("7"))


def test_what_counts_no_more_is_forgotten():
    Shared(clock=lambda: NOW - timedelta(days=9)).take(DAILY.of("old"))
    Shared(clock=lambda: NOW).take(DAILY.of("new"))
    limits.forget(NOW)
    assert [row.key for row in Row.objects.all()] == ["downloads:new"]

"""When somebody is told: quiet hours, the digest's hour, working days, clocks that change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from tests.portal.world import World

from fatto.countries.it import holidays as italian
from fatto.countries.ro import holidays as romanian
from fatto.portal.notifications import hours
from fatto.portal.notifications.hours import Hours
from fatto.portal.notifications.models import Wishes

ROME = ZoneInfo("Europe/Rome")


def clock(**wishes: object) -> Hours:
    return Hours(Wishes(**wishes), "IT", ROME)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ROME)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-18 12:00", "2026-11-18 12:00"),
        ("2026-11-18 20:59", "2026-11-18 20:59"),
        ("2026-11-18 21:00", "2026-11-19 07:00"),
        ("2026-11-19 03:00", "2026-11-19 07:00"),
        ("2026-11-19 07:00", "2026-11-19 07:00"),
    ],
)
def test_quiet_hours_over_midnight(now: str, then: str):
    assert clock().allowed(at(now)) == at(then)


def test_quiet_hours_within_a_day_and_none():
    assert clock(quiet_from=time(13), quiet_to=time(15)).allowed(at("2026-11-18 14:00")) == at("2026-11-18 15:00")
    assert clock(quiet=False).allowed(at("2026-11-18 23:00")) == at("2026-11-18 23:00")


def test_the_digest_comes_at_the_persons_own_hour_today_or_tomorrow():
    assert clock().next_digest(at("2026-11-18 07:59")) == (date(2026, 11, 18), at("2026-11-18 08:00"))
    assert clock().next_digest(at("2026-11-18 08:01")) == (date(2026, 11, 19), at("2026-11-19 08:00"))
    assert clock().next_digest(at("2026-11-18 07:00"), after=date(2026, 11, 18))[0] == date(2026, 11, 19)


def test_eight_oclock_stays_eight_oclock_when_the_clocks_change():
    day, moment = clock().next_digest(at("2026-10-24 09:00"))
    assert (day, moment.astimezone(UTC).hour) == (date(2026, 10, 25), 7)


def test_a_digest_of_working_days_waits_over_weekends_and_holidays():
    assert clock(working_days=True).next_digest(at("2026-11-20 09:00"))[0] == date(2026, 11, 23)
    assert clock(working_days=True).next_digest(at("2026-12-24 09:00"))[0] == date(2026, 12, 28)


def test_holidays_that_move():
    assert date(2026, 4, 6) in italian.holidays(2026)
    assert date(2026, 10, 4) in italian.holidays(2026)
    assert date(2025, 10, 4) not in italian.holidays(2025)
    assert {date(2026, 4, 10), date(2026, 4, 13), date(2026, 6, 1)} <= romanian.holidays(2026)
    assert date(2024, 6, 24) in romanian.holidays(2024)


def test_hours_are_those_of_the_persons_country_unless_another_zone_was_chosen(world: World):
    assert hours.of(world.people["mihai"]).zone.key == "Europe/Bucharest"
    assert hours.of(world.people["maria"]).zone.key == "Europe/Rome"
    assert hours.of(world.person("nobody")).zone.key == "UTC"
    assert "Europe/Rome" in hours.zones()

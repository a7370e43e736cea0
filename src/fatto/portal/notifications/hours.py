"""When somebody is told: the person's own hours, quiet hours, and the days on which a digest goes out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from fatto import countries
from fatto.portal.notifications.models import Wishes
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.models import Member
from fatto.portal.tenancy.scope import roster

_MOST_FREE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Hours:
    """A person's clock and calendar, and what it wishes of them."""

    wishes: Wishes
    country: str
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    def allowed(self, at: datetime) -> datetime:
        """The first moment from `at` on that is not within quiet hours."""
        wishes = self.wishes
        if not wishes.quiet or wishes.quiet_from == wishes.quiet_to:
            return at
        here = at.astimezone(self.zone)
        now = here.time()
        if wishes.quiet_from < wishes.quiet_to:
            inside, tomorrow = wishes.quiet_from <= now < wishes.quiet_to, False
        else:
            inside, tomorrow = now >= wishes.quiet_from or now < wishes.quiet_to, now >= wishes.quiet_from
        if not inside:
            return at
        return self._moment(here.date() + timedelta(days=int(tomorrow)), wishes.quiet_to)

    def next_digest(self, at: datetime, after: date | None = None) -> tuple[date, datetime]:
        """The day and moment of the first digest from `at` on, later than the day `after`."""
        day = at.astimezone(self.zone).date()
        if after is not None and day <= after:
            day = after + timedelta(days=1)
        elif self._moment(day, self.wishes.digest_at) < at:
            day += timedelta(days=1)
        for _ in range(_MOST_FREE_DAYS):
            if not self.wishes.working_days or self._works(day):
                break
            day += timedelta(days=1)
        return day, self._moment(day, self.wishes.digest_at)

    def _works(self, day: date) -> bool:
        return day.weekday() < 5 and day not in _holidays(self.country, day.year)

    def _moment(self, day: date, at: time) -> datetime:
        # Through UTC, so that a moment which the clocks skip becomes one that exists.
        there = datetime.combine(day, at, self.zone)
        return there.astimezone(ZoneInfo("UTC"))


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> frozenset[date]:
    holidays = countries.find(country).holidays
    return holidays(year) if holidays is not None else frozenset()


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """The time zones that can be chosen."""
    return tuple(sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")))


def of(member: Member) -> Hours:
    """A person's hours, as wished; time zone and holidays are those of its first company, else firm."""
    wishes = wishes_of(member)
    found = actors.spaces(member)
    space = next((each for each in found if each.company is not None), found[0] if found else None)
    country = (space.company.country if space.company else space.firm.country) if space else ""
    name = wishes.time_zone or (countries.find(country).time_zone if country else "UTC")
    return Hours(wishes, country, ZoneInfo(name))


def wishes_of(member: Member) -> Wishes:
    """What a person wishes; an unsaved row of defaults where it said nothing."""
    with roster(member=member.pk):
        return Wishes.objects.filter(member=member).first() or Wishes(member=member)

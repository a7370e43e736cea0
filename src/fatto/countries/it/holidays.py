"""The days on which Italy rests: law 260/1949 as amended, and since 2026 Saint Francis (law 151/2025)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

_FIXED = ((1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26))


@cache
def holidays(year: int) -> frozenset[date]:
    """National holidays of a year besides Sundays. A town's patron saint is not among them."""
    found = {date(year, month, day) for month, day in _FIXED}
    found.add(easter(year) + timedelta(days=1))
    if year >= 2026:
        found.add(date(year, 10, 4))
    return frozenset(found)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the rule of Meeus, Jones and Butcher."""
    golden = year % 19
    century, rest = divmod(year, 100)
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)

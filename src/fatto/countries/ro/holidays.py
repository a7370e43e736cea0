"""The days on which Romania rests: article 139 of the Labour Code, with the orthodox Easter."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

_FIXED = ((1, 1), (1, 2), (1, 24), (5, 1), (6, 1), (8, 15), (11, 30), (12, 1), (12, 25), (12, 26))


@cache
def holidays(year: int) -> frozenset[date]:
    """Public holidays of a year; Epiphany and Saint John count since 2024."""
    found = {date(year, month, day) for month, day in _FIXED}
    if year >= 2024:
        found |= {date(year, 1, 6), date(year, 1, 7)}
    easter = orthodox_easter(year)
    found |= {easter + timedelta(days=days) for days in (-2, 0, 1, 49, 50)}
    return frozenset(found)


def orthodox_easter(year: int) -> date:
    """Orthodox Easter Sunday, by the rule of Meeus, told in the Gregorian calendar; right from 1900 to 2099."""
    moon = (19 * (year % 19) + 15) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) - moon + 34) % 7
    month, day = divmod(moon + sunday + 114, 31)
    return date(year, month, day + 1) + timedelta(days=13)

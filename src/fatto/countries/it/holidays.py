"""Public holidays of Italy."""

from __future__ import annotations

from datetime import date, timedelta

_FIXED = ((1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26))
"""Legge 27 maggio 1949 n. 260, as amended."""
_FRANCIS = 2026
"""From this year on 4 October is one again (legge 8 ottobre 2025 n. 151)."""


def holidays(year: int) -> frozenset[date]:
    """The public holidays of a year."""
    days = {date(year, month, day) for month, day in _FIXED} | {easter(year), easter(year) + timedelta(days=1)}
    if year >= _FRANCIS:
        days.add(date(year, 10, 4))
    return frozenset(days)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous computus of Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    lunar = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * lunar) // 451
    month, day = divmod(h + lunar - 7 * m + 114, 31)
    return date(year, month, day + 1)

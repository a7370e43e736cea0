"""Public holidays of Romania (Codul muncii, art. 139)."""

from __future__ import annotations

from datetime import date, timedelta

_FIXED = ((1, 1), (1, 2), (1, 24), (5, 1), (6, 1), (8, 15), (11, 30), (12, 1), (12, 25), (12, 26))
_JANUARY = 2024
"""From this year on Epiphany and Saint John (6 and 7 January) are holidays as well."""
_FROM_EASTER = (-2, 0, 1, 49, 50)
"""Good Friday, Easter and its Monday, Pentecost and its Monday."""


def holidays(year: int) -> frozenset[date]:
    """The public holidays of a year."""
    sunday = easter(year)
    days = {date(year, month, day) for month, day in _FIXED} | {sunday + timedelta(days=n) for n in _FROM_EASTER}
    if year >= _JANUARY:
        days |= {date(year, 1, 6), date(year, 1, 7)}
    return frozenset(days)


def easter(year: int) -> date:
    """Orthodox Easter Sunday: reckoned in the Julian calendar (Meeus), given in the Gregorian one (1900 to 2099)."""
    d = (19 * (year % 19) + 15) % 30
    e = (2 * (year % 4) + 4 * (year % 7) - d + 34) % 7
    month, day = divmod(d + e + 114, 31)
    return date(year, month, day + 1) + timedelta(days=13)

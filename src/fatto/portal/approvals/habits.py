"""What a supplier's documents usually amount to, and whether one is far outside of that.

Medians, not means: one odd invoice must not make the next one usual. Amounts are compared by ratio (on a
logarithmic scale), since a supplier of thousands varies by hundreds and one of tens by units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import log
from statistics import median, quantiles

FEWEST = 6
"""Documents from which on there is a habit."""
MOST = 24
"""So many of the last ones count: two years of monthly invoices."""
_FAR = 5.0
"""Robust standard deviations (1.4826 × the median deviation) above the median."""
_NARROWEST = 0.15
"""No habit is taken for narrower than ± 15 %: with it, far is at least twice the median."""
_ABOVE = Decimal("1.5")
"""And half as much again as the largest of those that count."""
_WORTH = Decimal(100)
"""And by so many units of the currency: nobody is asked about a coffee."""


@dataclass(frozen=True, slots=True)
class Habit:
    """The usual band, between the quartiles, and how many documents it is of."""

    low: Decimal
    high: Decimal
    count: int


def outside(amount: Decimal, before: Sequence[Decimal]) -> Habit | None:
    """The habit that an amount is far above, out of the amounts of other documents, latest first; None else.

    What is far below costs nobody anything, and is not told.
    """
    usual = [each for each in before if each > 0][:MOST]
    if len(usual) < FEWEST or amount <= 0:
        return None
    logs = [log(each) for each in usual]
    middle = median(logs)
    width = max(1.4826 * median(abs(each - middle) for each in logs), _NARROWEST)
    if (log(amount) - middle) / width <= _FAR or amount <= _ABOVE * max(usual) or amount - max(usual) < _WORTH:
        return None
    low, _, high = quantiles(usual, n=4, method="inclusive")
    return Habit(Decimal(low), Decimal(high), len(usual))

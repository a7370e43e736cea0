"""What a supplier usually asks for: the last months' amounts, for saying that this one is like them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from fatto.portal.documents.models import Direction, Document
from fatto.portal.documents.states import Approval

MONTHS = 3
"""So many different months before this document must have one each."""
BACK = timedelta(days=200)
NEAR = Decimal("0.05")
"""How far from the months before an amount may be and still be like them."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The least and the greatest of the months before."""

    low: Decimal
    high: Decimal
    months: int


def usual(documents: Iterable[Document]) -> dict[int, Usual]:
    """For those documents that are like what the same supplier asked for in each of the last months: the range.

    One query for all of them; only what was approved counts.
    """
    asked = [each for each in documents if each.party_id and each.amount is not None and not each.credit]
    if not asked:
        return {}
    since = min(min(each.sort_date for each in asked), timezone.localdate()) - BACK
    rows = Document.objects.filter(
        firm_id=asked[0].firm_id,
        company_id__in={each.company_id for each in asked},
        party_id__in={each.party_id for each in asked},
        direction=Direction.RECEIVED,
        approval=Approval.APPROVED,
        credit=False,
        amount__isnull=False,
        sort_date__gte=since,
    ).values_list("company_id", "party_id", "currency", "sort_date", "amount")
    history: dict[tuple[int, str, str], dict[tuple[int, int], list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for company, party, currency, day, amount in rows[:2000]:
        assert amount is not None  # noqa: S101 - asked for above
        history[company, party, currency][day.year, day.month].append(amount)
    found = {}
    for each in asked:
        months = history.get((each.company_id, each.party_id, each.currency), {})
        here = (each.sort_date.year, each.sort_date.month)
        before = sorted((month for month in months if month < here), reverse=True)[:MONTHS]
        if len(before) < MONTHS:
            continue
        amounts = [amount for month in before for amount in months[month]]
        low, high = min(amounts), max(amounts)
        if each.amount is not None and low - NEAR * abs(low) <= each.amount <= high + NEAR * abs(high):
            found[each.pk] = Usual(low, high, MONTHS)
    return found

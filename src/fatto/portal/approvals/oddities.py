"""What is odd within one invoice: signs against its kind, sums that do not add up. Pure; values are texts for JSON.

A sum is odd from one unit of the currency on. EN 16931 lets a breakdown's VAT differ by less than one
(BR-CO-17), SDI lets the lines of a rate differ by 1.00 € (00422): what either authority passes is no
reason to stop anybody, and what differs by more has been written by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import combinations
from typing import Any

from fatto import countries
from fatto.invoice.model import AllowanceCharge, Invoice

ONE = Decimal(1)
_ZERO = Decimal(0)
_FREE = frozenset({"AE", "E", "G", "K", "O", "Z"})
"""VAT categories without tax, whatever rate is written beside them."""


def sign(invoice: Invoice, credit: bool) -> dict[str, Any] | None:
    """Does the sign of the total speak against the kind of document?

    An invoice with a negative total reduces what is owed, as a credit note does. In Romania that is how a
    storno is written, and in Italy an adjustment of earlier invoices: with a reference to what it
    corrects (BT-25) it is in order. A credit note is written with positive amounts (EN 16931; TD04): one
    with a minus may mean the opposite. Here it counts as reducing all the same.
    """
    total = invoice.totals.with_vat if invoice.totals.with_vat is not None else invoice.totals.payable
    if total is None or total >= 0 or (not credit and invoice.preceding_invoices):
        return None
    return {"credit": credit, "total": str(total), "currency": (invoice.currency or "")[:3]}


def arithmetic(invoice: Invoice) -> dict[str, Any] | None:
    """The first sum that is off by one unit of the currency or more: what it is, as written, as it would be."""
    for what, written, expected in _sums(invoice):
        if abs(written - expected) >= ONE and written.is_finite() and expected.is_finite():
            return {
                "what": what,
                "written": str(written),
                "expected": str(expected.quantize(Decimal("0.01"))) if abs(expected) < 10**20 else str(expected),
                "currency": (invoice.currency or "")[:3],
            }
    return None


def _sums(invoice: Invoice) -> Iterator[tuple[str, Decimal, Decimal]]:
    totals = invoice.totals
    if totals.without_vat is not None and (lines := _lines(invoice)):
        # One unit for each rate, as SDI counts it.
        slack = (max(1, len(invoice.vat_breakdown)) - 1) * ONE
        nearest = min(lines, key=lambda each: abs(each - totals.without_vat))  # type: ignore[operator]
        if abs(nearest - totals.without_vat) >= ONE + slack:
            yield "lines", totals.without_vat, nearest
    for row in invoice.vat_breakdown:
        if row.taxable is None or row.tax is None or row.rate is None or row.category in _FREE:
            continue
        # A credit note may write one of the two with a minus.
        yield "rate", abs(row.tax), abs(row.taxable * row.rate / 100)
    taxes = [row.tax for row in invoice.vat_breakdown]
    if totals.vat is not None and taxes and None not in taxes:
        yield "vat", totals.vat, sum((tax for tax in taxes if tax is not None), _ZERO)
    if totals.with_vat is not None and totals.without_vat is not None and totals.vat is not None:
        plain = totals.without_vat + totals.vat
        beside = countries.of(invoice).beside_total(invoice)
        if beside is not None:
            possible = [plain + each for each in _together((*beside, totals.rounding or _ZERO))]
            written = totals.with_vat
            yield "total", written, min(possible, key=lambda each: abs(each - written))


def _lines(invoice: Invoice) -> list[Decimal]:
    """What the lines may add up to: with and without what is taken off or added to the whole document.

    Empty where a line says no amount.
    """
    nets = [line.net for line in invoice.lines]
    if not nets or None in nets:
        return []
    total = sum((net for net in nets if net is not None), _ZERO)
    less, more = _amounts(invoice.allowances), _amounts(invoice.charges)
    return [total - less + more, total + more, total - less, total]


def _amounts(found: Iterable[AllowanceCharge]) -> Decimal:
    return sum((each.amount for each in found if each.amount is not None), _ZERO)


def _together(amounts: Iterable[Decimal]) -> Iterator[Decimal]:
    """The sums of all selections, the empty one first."""
    some = [each for each in amounts if each][:8]
    for count in range(len(some) + 1):
        for chosen in combinations(some, count):
            yield sum(chosen, _ZERO)

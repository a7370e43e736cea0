"""By when an invoice must be handed in to RO e-Factura (OUG 120/2021, Law 296/2023, OUG 89/2025)."""

from __future__ import annotations

from datetime import date, timedelta

from fatto.countries.ro.holidays import holidays
from fatto.countries.ro.identifiers import normalise_cnp, normalise_cui, of_party
from fatto.invoice.model import Invoice

DAYS = 5
BEGINS = date(2024, 1, 1)
"""Invoices between Romanian businesses are reported since then (Law 296/2023)."""
WORKING_DAYS_SINCE = date(2026, 1, 1)
"""Working days from issue since then (OUG 89/2025); calendar days before."""
_UNKNOWN = date(2100, 1, 1)
"""No Easter is reckoned beyond it; such a date is a slip of the pen."""
PEOPLE_SINCE = date(2026, 6, 1)
"""Whoever sells under a personal code (CNP) reports since then."""
_EXCLUDED = frozenset({"G", "K"})
"""VAT categories of exports and of deliveries to other countries of the Union: they need not be handed in."""


def hand_in_by(invoice: Invoice) -> date | None:
    """The last day for handing it in; None where nothing obliges to it, or where it cannot be said.

    Five working days from issue, the day after it being the first (Regulation 1182/71), and not later than five
    working days after the last day for issuing, the 15th of the month after the supply. What corrects an earlier
    invoice speaks of an earlier supply: there the day of issue alone counts.
    """
    issued = invoice.issue_date
    if issued is None or not BEGINS <= issued < _UNKNOWN or not _obliged(invoice, issued):
        return None
    if issued < WORKING_DAYS_SINCE:
        return _workday(issued + timedelta(days=DAYS))
    last = working_days_after(issued, DAYS)
    supplied = _supplied(invoice)
    if supplied is not None and BEGINS <= supplied <= issued and not _corrects(invoice):
        last = min(last, working_days_after(_issued_by(supplied), DAYS))
    return max(issued, last)


def working_days_after(day: date, days: int) -> date:
    """The day on which so many working days have passed."""
    while days:
        day += timedelta(days=1)
        if _works(day):
            days -= 1
    return day


def _obliged(invoice: Invoice, issued: date) -> bool:
    categories = {each.category for each in invoice.vat_breakdown if each.category}
    if categories and categories <= _EXCLUDED:
        return False
    seller = of_party(invoice.seller)
    if issued < PEOPLE_SINCE and seller and not any(normalise_cui(each) for each in seller):
        return not any(normalise_cnp(each) for each in seller)
    address = invoice.buyer.address
    abroad = address is not None and address.country not in (None, "RO")
    # A buyer from abroad counts when it is registered for VAT in Romania.
    return not abroad or any(each.startswith("RO") for each in of_party(invoice.buyer))


def _corrects(invoice: Invoice) -> bool:
    total = invoice.totals.with_vat
    return bool(invoice.preceding_invoices) or invoice.type_code in ("381", "384") or (total is not None and total < 0)


def _supplied(invoice: Invoice) -> date | None:
    period = invoice.period.end if invoice.period else None
    return (invoice.delivery.date if invoice.delivery else None) or invoice.tax_point_date or period


def _issued_by(supplied: date) -> date:
    """The last day for issuing: the 15th of the month after the supply."""
    return (supplied.replace(day=1) + timedelta(days=32)).replace(day=15)


def _works(day: date) -> bool:
    return day.weekday() < 5 and day not in holidays(day.year)


def _workday(day: date) -> date:
    """The day itself or the next one on which people work: a term never ends on a holiday (Reg. 1182/71, art. 3)."""
    while not _works(day):
        day += timedelta(days=1)
    return day

"""By when an invoice must be at ANAF."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from fatto import countries
from fatto.countries.ro.deadlines import hand_in_by
from fatto.invoice.model import Address, Delivery, Invoice, Party, Period, Reference, Totals, VatBreakdown

SELLER = Party(vat_id="RO14399840", address=Address(country="RO"))
BUYER = Party(vat_id="RO12345674", address=Address(country="RO"))


def invoice(issued: date | None, **more: object) -> Invoice:
    return Invoice(**({"issue_date": issued, "type_code": "380", "seller": SELLER, "buyer": BUYER} | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("issued", "last"),
    [
        (date(2026, 10, 5), date(2026, 10, 12)),  # Monday to Monday
        (date(2026, 10, 9), date(2026, 10, 16)),  # Friday: the weekend does not count
        (date(2026, 10, 10), date(2026, 10, 16)),  # Saturday: the day after is a Sunday
        (date(2026, 11, 26), date(2026, 12, 7)),  # Saint Andrew and the first of December do not count
        (date(2026, 4, 7), date(2026, 4, 16)),  # Good Friday and the Monday after the Orthodox Easter of 12 April
        (date(2026, 12, 30), date(2027, 1, 11)),  # over New Year and Epiphany
    ],
)
def test_five_working_days_are_counted_from_the_day_after_issue(issued: date, last: date) -> None:
    assert hand_in_by(invoice(issued)) == last


def test_before_2026_calendar_days_were_counted_and_a_term_never_ends_on_a_holiday() -> None:
    assert hand_in_by(invoice(date(2025, 10, 8))) == date(2025, 10, 13)
    assert hand_in_by(invoice(date(2025, 10, 6))) == date(2025, 10, 13)  # the 11th is a Saturday


def test_an_invoice_written_late_has_not_the_five_days_again() -> None:
    supplied = Delivery(date=date(2026, 8, 20))
    assert hand_in_by(invoice(date(2026, 9, 15), delivery=supplied)) == date(2026, 9, 22)
    assert hand_in_by(invoice(date(2026, 9, 18), delivery=supplied)) == date(2026, 9, 22)
    assert hand_in_by(invoice(date(2026, 10, 1), period=Period(end=date(2026, 8, 31)))) == date(2026, 10, 1)


def test_what_corrects_an_earlier_invoice_counts_from_its_own_day() -> None:
    old = Delivery(date=date(2026, 3, 2))
    for more in (
        {"preceding_invoices": (Reference(number="F-1"),)},
        {"type_code": "381"},
        {"totals": Totals(with_vat=Decimal(-10))},
    ):
        assert hand_in_by(invoice(date(2026, 10, 5), delivery=old, **more)) == date(2026, 10, 12)


def test_exports_deliveries_in_the_union_and_buyers_from_abroad_have_no_deadline() -> None:
    abroad = Party(vat_id="DE123456789", address=Address(country="DE"))
    registered = Party(vat_id="RO12345674", address=Address(country="DE"))
    assert hand_in_by(invoice(date(2026, 10, 5), vat_breakdown=(VatBreakdown(category="G"),))) is None
    assert hand_in_by(invoice(date(2026, 10, 5), vat_breakdown=(VatBreakdown(category="K"),))) is None
    both = (VatBreakdown(category="K"), VatBreakdown(category="S"))
    assert hand_in_by(invoice(date(2026, 10, 5), vat_breakdown=both)) == date(2026, 10, 12)
    assert hand_in_by(invoice(date(2026, 10, 5), buyer=abroad)) is None
    assert hand_in_by(invoice(date(2026, 10, 5), buyer=registered)) == date(2026, 10, 12)


def test_people_who_sell_under_their_personal_code_report_since_june_2026() -> None:
    person = Party(tax_id="1630615123457", address=Address(country="RO"))
    assert hand_in_by(invoice(date(2026, 5, 29), seller=person)) is None
    assert hand_in_by(invoice(date(2026, 6, 2), seller=person)) == date(2026, 6, 9)


@pytest.mark.parametrize("issued", [None, date(2023, 12, 31), date(9999, 12, 31), date.min])
def test_what_cannot_be_said_is_not_said(issued: date | None) -> None:
    assert hand_in_by(invoice(issued)) is None


@pytest.mark.parametrize("supplied", [date.min, date.max])
def test_an_odd_day_of_supply_does_no_harm(supplied: date) -> None:
    assert hand_in_by(invoice(date(2026, 10, 5), delivery=Delivery(date=supplied))) == date(2026, 10, 12)


def test_the_country_declares_it_and_others_know_of_no_deadline() -> None:
    assert countries.find("RO").hand_in_by(invoice(date(2026, 10, 5))) == date(2026, 10, 12)
    assert countries.find("XX").hand_in_by(invoice(date(2026, 10, 5))) is None

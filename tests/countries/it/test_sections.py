"""What the page prints beyond EN 16931."""

from __future__ import annotations

from decimal import Decimal

from tests.countries.it.reading import ITALY, SAMPLES, invoice, readings

from fatto.country import Section
from fatto.invoice.model import Invoice


def section(name: str, title: str) -> Section:
    return next(each for each in ITALY.sections(invoice(name)) if each.title == title)


def test_withholding_and_fund_are_printed_with_the_totals() -> None:
    withholding = section("td06_professional", "Withholding")
    assert withholding.place == "totals"
    assert withholding.rows == (
        (
            "RT01 · withholding tax, natural persons",
            Decimal("20.00"),
            "A · habitual self-employment",
            Decimal("200.00"),
        ),
    )
    fund = section("td06_professional", "Social security funds")
    assert fund.rows[0][0] == "TC02 · chartered accountants"


def test_columns_without_any_value_are_left_out() -> None:
    assert section("td24_deferred_delivery_notes", "Delivery notes (DDT)").columns == ("Number", "Date", "Lines")
    assert section("td04_credit_note", "References").columns == ("Kind", "Number", "Date", "Lines")


def test_split_payment_is_said_in_words() -> None:
    assert "S · split payment" in section("td01_split_payment", "VAT summary").rows[0]


def test_standards_mark_is_not_shown_as_a_particular_of_the_line() -> None:
    rows = section("td01_foreign_currency", "Line particulars").rows
    assert any("CAMBIO" in row for row in rows)
    assert not any("AswRelStd" in row for row in rows)


def test_simple_invoice_has_few_sections() -> None:
    titles = [each.title for each in ITALY.sections(invoice("td01_simple"))]
    assert "Withholding" not in titles
    assert "Transport" not in titles
    assert "Payment" in titles


def test_rows_are_as_long_as_their_columns() -> None:
    for path in SAMPLES.glob("*.xml"):
        for reading in readings(path.stem):
            for each in ITALY.sections(reading.invoice):
                assert each.place in ("header", "lines", "totals", "payment", "end")
                assert each.rows
                assert all(len(row) == (len(each.columns) or 2) for row in each.rows)


def test_italian_invoice_in_another_syntax_has_no_national_sections() -> None:
    assert ITALY.sections(Invoice(type_code="380")) == ()

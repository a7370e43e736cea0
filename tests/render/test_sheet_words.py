"""What a sheet says, before it becomes HTML or PDF."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import msgspec
import pytest

from fatto.country import Country, Section
from fatto.invoice.model import AllowanceCharge, Invoice, Item, Line, Price, Totals, VatCategory
from fatto.render.sheet import Part, Sheet, account, compose


def part(sheet: Sheet, name: str) -> Part:
    return next(each for each in sheet.parts if each.name == name)


def test_parts_stand_in_the_order_that_accountants_know(reading, enclosed, country):
    names = [each.name for each in compose(reading, enclosed, "en", country).parts]
    assert names == [
        "document",
        "national",
        "notes",
        "lines",
        "allowances",
        "vat",
        "totals",
        "national",
        "national",
        "payment",
        "payment",
        "attachments",
        "signatures",
    ]


def test_amounts_and_dates_are_written_as_the_reader_writes_them(reading):
    italian, english = compose(reading, None, "it"), compose(reading, None, "en")
    assert (italian.day, english.day) == ("31/03/2026", "31 Mar 2026")
    assert [compose(reading, None, language).day for language in ("ro",)] == ["31.03.2026"]
    assert part(italian, "totals").totals[-1].value == "1.234.642,82"
    assert part(english, "totals").totals[-1].value == "1,234,642.82"


def test_every_total_names_its_currency(reading):
    totals = part(compose(reading, None, "en"), "totals").totals
    assert {total.currency for total in totals if "accounting" not in total.label} == {"USD"}
    assert [total.currency for total in totals if "accounting" in total.label] == ["RON"]


@pytest.mark.parametrize(("code", "words"), [("381", "Credit note"), ("261", "Self-billed credit note")])
def test_a_credit_note_is_headed_credit_note(change, code, words):
    sheet = compose(change(type_code=code), None, "en")
    assert (sheet.kind, sheet.code) == (words, code)


def test_an_unknown_kind_that_reduces_what_is_owed_is_still_a_credit_note(change):
    country = Country(code="XX", name="", currency="EUR", credit=lambda invoice: True)
    assert compose(change(type_code="999"), None, "en", country).kind == "Credit note"


def test_the_country_names_the_kind_and_its_code(reading, country):
    sheet = compose(reading, None, "en", country)
    assert (sheet.kind, sheet.code) == ("Credit note of nowhere", "XX04")


@pytest.mark.parametrize(
    ("category", "rate", "shown"),
    [
        ("S", "22.00", "22%"),
        ("S", "5.5", "5.5%"),
        (None, "10", "10%"),
        ("Z", "0", "0%"),
        ("AE", "0", "AE"),
        ("E", None, "E"),
        ("L", "7", "7% L"),
        (None, None, ""),
    ],
)
def test_a_line_shows_its_rate_or_else_its_category(category, rate, shown):
    line = Line(vat=VatCategory(category=category, rate=D(rate) if rate else None), item=Item(name="Thing"))
    sheet = compose(_reading(lines=(line,)), None, "en")
    cells = part(sheet, "lines").table.rows[0].cells
    assert cells == (("Thing", shown) if shown else ("Thing",))


def test_prices_keep_eight_decimals_without_trailing_zeros():
    lines = tuple(Line(price=Price(net=D(price))) for price in ("0.12345678", "823.04000000", "5", "1.50100000"))
    table = part(compose(_reading(lines=lines), None, "it"), "lines").table
    assert [row.cells[-1] for row in table.rows] == ["0,12345678", "823,04", "5,00", "1,501"]


def test_several_discounts_of_a_line_follow_one_another_and_a_negative_one_adds():
    several = (AllowanceCharge(percent=D("10")), AllowanceCharge(amount=D("5")), AllowanceCharge(amount=D("-2")))
    table = part(compose(_reading(lines=(Line(allowances=several, charges=several[:2]),)), None, "en"), "lines").table
    assert table.rows[0].cells[-1] == "-10% -5.00 2.00 +10% +5.00"


def test_columns_that_no_line_fills_are_left_out():
    table = part(compose(_reading(lines=(Line(net=D("5"), item=Item(name="Thing")),)), None, "en"), "lines").table
    assert [column.label for column in table.columns] == ["Description", "Net amount"]


def test_an_iban_is_grouped_by_four_and_other_accounts_are_not():
    assert account("it60x0542811101000000123456") == "IT60 X054 2811 1010 0000 0123 456"
    assert account("12345") == "12345"
    assert account(None) == ""


def test_instalments_come_from_the_country_and_only_as_far_as_the_document_lists_them(reading, country):
    table = part_with_table(compose(reading, None, "en", country), "payment")
    assert [row.cells for row in table.rows] == [
        ("1 May 2026", "Credit transfer (30)", "RO51 BTRL RONC RT00 0000 0000", "600.00"),
        ("1 Jun 2026", "", "", "634.64"),
    ]


def part_with_table(sheet: Sheet, name: str):
    return next(each.table for each in sheet.parts if each.name == name and each.table)


def test_a_national_table_replaces_the_general_one_and_stands_in_its_place(reading):
    better = Section(title="Better", columns=("Rate",), rows=(("x",),), place="end", replaces="vat")
    sheet = compose(reading, None, "en", Country(code="X", name="", currency="", sections=lambda invoice: (better,)))
    titles = [each.title for each in sheet.parts]
    assert "VAT breakdown" not in titles
    assert titles.index("Better") == titles.index("Totals") - 1


def test_an_empty_invoice_has_a_sheet_that_says_what_is_missing():
    sheet = compose(_reading(), None, "en")
    assert (sheet.kind, sheet.number, sheet.day) == ("Document", "no number", "no date")
    assert sheet.parts == ()


@pytest.mark.parametrize("amount", ["1E+999999", "1E-999999", "NaN", "Infinity", "9" * 60, "0." + "1" * 60, "-0"])
def test_numbers_of_no_world_are_shown_as_written(amount):
    totals = Totals(payable=D(amount), paid=D(amount), allowances=D(amount))
    line = Line(quantity=D(amount), net=D(amount), price=Price(net=D(amount), base_quantity=D(amount)))
    sheet = compose(_reading(totals=totals, lines=(line,)), None, "it")
    assert len(part(sheet, "totals").totals[-1].value) < 100


def test_a_file_is_one_sheet_per_invoice_it_carries(reading):
    other = msgspec.structs.replace(reading, invoice=msgspec.structs.replace(reading.invoice, number="B"), index=1)
    assert [compose(each, None, "en").number for each in (reading, other)] == ["VR-2026/17", "B"]


def _reading(**values):
    from fatto.formats.format import Reading

    return Reading(invoice=Invoice(**values), format="ubl-invoice")


def test_dates_of_the_first_and_last_year_are_printed(change):
    assert compose(change(issue_date=date(1, 1, 1)), None, "en").day == "1 Jan 1"
    assert compose(change(issue_date=date(9999, 12, 31)), None, "it").day == "31/12/9999"

"""What people type is understood in three languages, is written back the same, and never breaks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fatto.portal.documents import asking
from fatto.portal.documents.asking import EXACT, MISREAD, WORDS, Amounts, Days, Named, Near, Term

D = Decimal


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("energia", [Term(WORDS, "energia")]),
        ("energia gas", [Term(WORDS, "energia"), Term(WORDS, "gas")]),
        ("  ", []),
        ("& - ! :", []),
        ('"canone di ottobre"', [Term(EXACT, "canone di ottobre")]),
        ("„chirie octombrie”", [Term(EXACT, "chirie octombrie")]),
        ('-"canone" -gas', [Term(EXACT, "canone", True), Term(WORDS, "gas", True)]),
        ('"never closed', [Term(EXACT, "never closed")]),
        ("supplier:energia", [Term("supplier", "energia")]),
        ("Fornitore:energia", [Term("supplier", "energia")]),
        ("furnizor:energia", [Term("supplier", "energia")]),
        ('fornitore:"Energia Esempio S.p.A."', [Term("supplier", "Energia Esempio S.p.A.")]),
        ("număr:4512 numar:4512", [Term("number", "4512")] * 2),
        ("numa\u0306r:4512", [Term("number", "4512")]),
        ("nr:FT-3/2026", [Term("number", "FT-3/2026")]),
        ("piva:IT01234567890 cui:RO123", [Term("vat", "IT01234567890"), Term("vat", "RO123")]),
        ('iban:"RO49 AAAA"', [Term("iban", "RO49 AAAA")]),
        ("amount:>1000", [Term("amount", Amounts(low=D(1000), low_open=True))]),
        ("importo:>=1.000", [Term("amount", Amounts(low=D(1000)))]),
        ("sumă:<=99,90", [Term("amount", Amounts(high=D("99.90")))]),
        ("suma:100..250", [Term("amount", Amounts(low=D(100), high=D(250)))]),
        ("amount:250..100", [Term("amount", Amounts(low=D(100), high=D(250)))]),
        ("amount:..5", [Term("amount", Amounts(high=D(5)))]),
        ("amount:-50", [Term("amount", Amounts(low=D(-50), high=D(-50)))]),
        ("importo:1.284,50€", [Term("amount", Amounts(low=D("1284.5"), high=D("1284.5")))]),
        ("date:2026-10", [Term("date", Days(first=date(2026, 10, 1), last=date(2026, 10, 31)))]),
        ("data:5/10/2026", [Term("date", Days(first=date(2026, 10, 5), last=date(2026, 10, 5)))]),
        ("data:05.10.2026", [Term("date", Days(first=date(2026, 10, 5), last=date(2026, 10, 5)))]),
        ("date:2026", [Term("date", Days(first=date(2026, 1, 1), last=date(2026, 12, 31)))]),
        ("date:>2026-10", [Term("date", Days(first=date(2026, 11, 1)))]),
        ("date:<2026-10", [Term("date", Days(last=date(2026, 9, 30)))]),
        ("date:2026-09..2026-10", [Term("date", Days(first=date(2026, 9, 1), last=date(2026, 10, 31)))]),
        ("date:last-month data:scorso-mese data:luna-trecută", [Term("date", Named("last-month"))] * 3),
        ("data:quest'anno", [Term("date", Named("this-year"))]),
        ("due:<7d scadenza:<7g scadență:<7z", [Term("due", Near("<", 7))] * 3),
        ("received:today ricevuta:oggi primită:azi", [Term("received", Named("today"))] * 3),
        ("is:to-approve stato:da-approvare stare:de-aprobat", [Term("is", "to-approve")] * 3),
        ('stato:"da approvare"', [Term("is", "to-approve")]),
        ("-is:booked", [Term("is", "booked", True)]),
        ("has:attachment con:allegato cu:atașament", [Term("has", "attachment")] * 3),
        ("direction:issued tipo:emesse sens:emise", [Term("direction", "issued")] * 3),
        ("by:maria da:io", [Term("by", "maria"), Term("by", "me")]),
        ("channel:SPV", [Term("channel", "spv")]),
        ("foo:bar", [Term(MISREAD, "foo:bar")]),
        ("is:purple", [Term(MISREAD, "is:purple")]),
        ("amount:many -date:32.10.2026", [Term(MISREAD, "amount:many"), Term(MISREAD, "date:32.10.2026", True)]),
        ("date:2026-02-30", [Term(MISREAD, "date:2026-02-30")]),
        ("supplier:", [Term(MISREAD, "supplier:")]),
        ("12:30", [Term(WORDS, "12:30")]),
    ],
)
def test_what_people_type_is_understood(text: str, terms: list[Term]):
    assert list(asking.read(text)) == terms


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1234,5", "1234.5"),
        ("1.000", "1000"),
        ("1,000,000", "1000000"),
        ("1 000,5 lei", "1000.5"),
        ("€ 12", "12"),
        ("-0,99", "-0.99"),
        ("1.234.50", None),
        ("1.2345", None),
        ("1e5", None),
        ("", None),
        ("9" * 18, None),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, meant: str | None):
    assert asking.number(text) == (None if meant is None else D(meant))


def test_a_question_is_written_in_the_readers_language():
    terms = asking.read(
        '-supplier:"Energia Esempio" amount:>1000.50 date:last-month due:<7d is:disputed has:attachment'
    )
    assert asking.write(terms, "it") == (
        '-fornitore:"Energia Esempio" importo:>1000,50 data:scorso-mese scadenza:<7g stato:contestata con:allegato'
    )
    assert asking.write(terms, "ro") == (
        '-furnizor:"Energia Esempio" sumă:>1000,50 data:luna-trecută scadență:<7z stare:contestată cu:atașament'
    )


@pytest.mark.parametrize(
    ("field", "text", "first", "last"),
    [
        ("date", "today", "2026-03-31", "2026-03-31"),
        ("date", "yesterday", "2026-03-30", "2026-03-30"),
        ("date", "this-week", "2026-03-30", "2026-04-05"),
        ("date", "last-week", "2026-03-23", "2026-03-29"),
        ("date", "this-month", "2026-03-01", "2026-03-31"),
        ("date", "last-month", "2026-02-01", "2026-02-28"),
        ("due", "next-month", "2026-04-01", "2026-04-30"),
        ("date", "this-year", "2026-01-01", "2026-12-31"),
        ("date", "last-year", "2025-01-01", "2025-12-31"),
        ("due", "<7d", "2026-03-31", "2026-04-07"),
        ("due", ">7d", "2026-04-08", None),
        ("received", "<7d", "2026-03-24", "2026-03-31"),
        ("date", ">30d", None, "2026-02-28"),
    ],
)
def test_periods_move_with_the_calendar(field: str, text: str, first: str | None, last: str | None):
    (term,) = asking.read(f"{field}:{text}")
    found = asking.when(field, term.value, date(2026, 3, 31))
    assert (found.first and str(found.first), found.last and str(found.last)) == (first, last)


NAMES = [each for field in asking.FIELDS.values() for each in field.name.all()]
VALUES = [each for field in asking.FIELDS.values() for name in (field.choices or {}).values() for each in name.all()]
PIECES = st.one_of(
    st.sampled_from([f"{name}:" for name in NAMES]),
    st.sampled_from(VALUES + [each for name in asking.PERIODS.values() for each in name.all()]),
    st.sampled_from([" ", "-", '"', ":", "..", ">", "<=", "2026-10", "5.10.2026", "1.000", "100,5", "<7d", "»"]),
    st.text(max_size=6),
)


@given(
    st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=40).map("".join)), st.sampled_from(["en", "it", "ro"])
)
@settings(max_examples=400)
def test_reading_what_was_written_gives_the_same_again(text: str, language: str):
    terms = asking.read(text)
    assert asking.read(asking.write(terms, language)) == terms


def test_no_name_means_two_things():
    tables = [{key: field.name for key, field in asking.FIELDS.items()}, asking.PERIODS]
    for table in [*tables, *(field.choices for field in asking.FIELDS.values() if field.choices)]:
        names = {(key, asking._plain(each)) for key, name in table.items() for each in name.all()}
        assert len({name for _, name in names}) == len(names)

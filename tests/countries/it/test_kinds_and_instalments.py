"""Which way a document counts, and what is due when."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from tests.countries.it.reading import ITALY, SAMPLES, invoice, read, variant

from fatto.countries.it.fatturapa.parts import ItalianParts
from fatto.invoice.model import Invoice


def amounts(document: Invoice) -> list[tuple[object, object, str]]:
    return [(each.amount, each.due_date, each.origin) for each in ITALY.instalments(document)]


def test_each_payment_is_an_instalment_with_its_own_date_means_and_account() -> None:
    first, _second, third = ITALY.instalments(invoice("td01_instalments"))
    assert (first.amount, first.due_date, first.means, first.origin) == (
        Decimal("1220.00"),
        date(2026, 10, 31),
        "70",
        "document",
    )
    assert third.account == "IT60X0542811101000000123456"


def test_days_are_counted_from_the_written_date_or_the_documents() -> None:
    assert amounts(invoice("td01_instalments"))[2] == (Decimal("1220.00"), date(2026, 12, 9), "terms")
    assert amounts(invoice("td01_flat_rate")) == [(Decimal("802.00"), date(2026, 2, 14), "terms")]


def test_cash_and_cards_are_due_at_issue() -> None:
    assert amounts(invoice("natural_persons")) == [(Decimal("244.00"), date(2026, 8, 1), "issue")]


def test_payment_without_date_is_undated() -> None:
    assert amounts(variant("td01_simple", DataScadenzaPagamento="")) == [(Decimal("366.00"), None, "undated")]


def test_document_without_payment_data_is_due_as_a_whole() -> None:
    assert amounts(invoice("windows_1252")) == [(Decimal("6.10"), None, "total")]


def test_single_payment_without_a_readable_amount_is_about_the_whole() -> None:
    assert amounts(invoice("dates_and_blanks")) == [(Decimal("12.20"), date(2026, 2, 28), "document")]


def test_credit_note_is_negative_however_it_was_written() -> None:
    assert amounts(invoice("td04_credit_note")) == [(Decimal("-61.00"), None, "total")]
    negative = variant("td04_credit_note", ImportoTotaleDocumento="-61.00")
    assert amounts(negative) == [(Decimal("-61.00"), None, "total")]


def test_blocks_that_each_ask_for_the_whole_are_alternatives() -> None:
    assert amounts(invoice("total_written_net")) == [(Decimal("1020.00"), date(2026, 5, 31), "document")]


@pytest.mark.parametrize("name", ["td16_reverse_charge", "td17_services_abroad"])
def test_self_issued_documents_owe_nothing(name: str) -> None:
    document = invoice(name)
    assert ITALY.self_issued(document)
    assert ITALY.instalments(document) == ()


@pytest.mark.parametrize(
    "kind", ["TD16", "TD17", "TD18", "TD19", "TD20", "TD21", "TD22", "TD23", "TD27", "TD28", "TD29"]
)
def test_documents_about_own_purchases_are_self_issued(kind: str) -> None:
    assert ITALY.self_issued(variant("td01_simple", TipoDocumento=kind))


@pytest.mark.parametrize("kind", ["TD01", "TD02", "TD03", "TD04", "TD05", "TD06", "TD24", "TD25", "TD26"])
def test_documents_to_others_are_not(kind: str) -> None:
    assert not ITALY.self_issued(variant("td01_simple", TipoDocumento=kind))


def test_internal_transfer_of_assets_is_self_issued() -> None:
    text = (SAMPLES / "td01_simple.xml").read_text().replace("TD01", "TD26").replace("01357911138", "02468101213")
    assert ITALY.self_issued(read(text.encode())[0].invoice)


def test_only_credit_notes_credit() -> None:
    assert ITALY.credit(invoice("td04_credit_note"))
    assert ITALY.credit(invoice("td08_simplified_credit_note"))
    assert not ITALY.credit(variant("td01_simple", TipoDocumento="TD05"))
    assert ITALY.credit(Invoice(type_code="381"))  # an Italian credit note in UBL


def test_kinds_are_named_with_their_code() -> None:
    assert ITALY.type_name(invoice("td04_credit_note")) == "TD04 · credit note"
    assert ITALY.type_name(variant("td01_simple", TipoDocumento="TD99")) == "TD99"
    assert ITALY.type_name(Invoice(type_code="380")) is None


def test_absurd_terms_do_not_overflow_the_calendar() -> None:
    document = invoice("td01_flat_rate")
    found = document.parts
    assert isinstance(found, ItalianParts)
    block = found.payments[0]
    detail = msgspec.structs.replace(block.details[0], terms_days=3650, terms_from=date(9999, 12, 30))
    changed = msgspec.structs.replace(found, payments=(msgspec.structs.replace(block, details=(detail,)),))
    assert amounts(msgspec.structs.replace(document, parts=changed)) == [(Decimal("802.00"), None, "undated")]


def test_lines_without_rate_show_their_natura_where_others_show_the_rate() -> None:
    document = invoice("td01_flat_rate")
    assert ITALY.line_vat(document, 0) == "N2.2"
    assert ITALY.line_vat(invoice("td01_instalments"), 0) is None
    assert ITALY.line_vat(document, 99) is None

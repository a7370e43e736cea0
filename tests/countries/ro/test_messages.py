"""ANAF's messages are told by what is in them, and opened without trusting them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from fatto.channels.channel import Kind
from fatto.countries.ro import receipts
from fatto.countries.ro.sandbox import papers
from fatto.errors import Unopenable

ROOT = Path(__file__).parents[3]
MESSAGES = ROOT / "tests" / "samples" / "ro" / "messages"
PUBLISHED = ROOT.parent / "shared" / "corpus" / "ro" / "zips"
INVOICE = (ROOT / "tests" / "samples" / "ro" / "a01_standard_21.xml").read_bytes()


def packed(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", ".").lstrip("n"), data)
    return out.getvalue()


def message(name: str) -> bytes:
    return next(MESSAGES.glob(f"made_*_{name}.zip")).read_bytes()


def test_an_invoice_comes_with_its_seal_byte_for_byte() -> None:
    data = message("received_invoice")
    opened = receipts.open(data)
    assert opened.kind is Kind.RECEIVED
    assert (opened.reference, opened.about) == ("5100000001", "5100000001")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert opened.document == archive.read(opened.name)
        assert opened.seal == archive.read(opened.seal_name)


def test_the_order_of_the_files_does_not_matter() -> None:
    assert receipts.open(message("credit_note")).name == "5100000002.xml"


def test_errors_keep_their_official_text_and_rule() -> None:
    opened = receipts.open(message("errors"))
    assert opened.kind is Kind.ERRORS
    assert (opened.about, opened.issuer) == ("5100000003", "185472908")
    assert [each.rule for each in opened.complaints] == ["BR-RO-110"]
    assert opened.complaints[0].official.startswith("E: validari globale")


def test_a_buyers_message_names_the_invoice_that_it_is_about() -> None:
    opened = receipts.open(message("buyer_message"))
    assert opened.kind is Kind.BUYER_MESSAGE_RECEIVED
    assert (opened.reference, opened.about) == ("5100000004", "5100000001")
    assert opened.text == "Cantitate diferita fata de aviz"


def test_an_error_about_a_second_sending_names_the_first() -> None:
    text = "Factura a mai fost transmisa anterior cu index=5012345678"
    opened = receipts.open(papers.message_zip("51", papers.error_file("51", "1", [text]), papers.own_sealer()))
    assert opened.duplicate_of == "5012345678"


def test_line_breaks_in_errors_stay() -> None:
    text = "E: validari globale\n eroare regula: R6.1: CIF-ul vanzatorului nu figureaza in baza de date:1"
    opened = receipts.open(papers.message_zip("51", papers.error_file("51", "1", [text]), papers.own_sealer()))
    assert [each.official for each in opened.complaints] == [text]


def test_a_document_without_a_seal_is_opened_all_the_same() -> None:
    opened = receipts.open(packed(n51__xml=INVOICE))
    assert opened.document == INVOICE
    assert opened.seal is None


def test_a_document_that_is_no_xml_is_kept() -> None:
    opened = receipts.open(packed(n51__xml=b"\x00\x01"))
    assert (opened.kind, opened.document) == (Kind.UNKNOWN, b"\x00\x01")


def test_an_unknown_xml_is_kept_as_a_document() -> None:
    assert receipts.open(packed(n51__xml=b"<ceva/>")).document == b"<ceva/>"


def test_a_sealed_copy_is_not_taken_for_the_document() -> None:
    opened = receipts.open(papers.message_zip("51", INVOICE, papers.own_sealer(), copied=True))
    assert opened.document == INVOICE
    assert (opened.name, opened.seal_name) == ("51.xml", "semnatura_51.xml")


def test_swapped_names_do_not_swap_document_and_seal() -> None:
    opened = receipts.open(packed(n51__xml=papers.seal(INVOICE, papers.own_sealer()), semnatura_51__xml=INVOICE))
    assert (opened.document, opened.name) == (INVOICE, "semnatura_51.xml")


def test_a_broken_seal_stays_a_seal() -> None:
    opened = receipts.open(packed(semnatura_51__xml=b"<Signature", n51__xml=INVOICE))
    assert (opened.document, opened.seal) == (INVOICE, b"<Signature")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"<html></html>", "spv-not-a-message"),
        (packed(readme__txt=b"x"), "spv-not-a-message"),
        (message("truncated"), "zip-damaged"),
    ],
)
def test_what_is_no_message_says_why(data: bytes, code: str) -> None:
    with pytest.raises(Unopenable) as error:
        receipts.open(data)
    assert error.value.code == code


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(Unopenable) as error:
        receipts.open(packed(n51__xml=b" " * 60_000_000))
    assert error.value.code == "zip-bomb"


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the shared corpus is not here")
def test_published_messages_of_the_test_environment_are_told_apart() -> None:
    errors = receipts.open((PUBLISHED / "oca_3828_errors.zip").read_bytes())
    assert (errors.kind, errors.about) == (Kind.ERRORS, "3828")
    assert [each.rule for each in errors.complaints] == ["R6.1"]
    invoice = receipts.open((PUBLISHED / "oca_5004552043_invoice_enveloped.zip").read_bytes())
    assert (invoice.kind, invoice.name) == (Kind.RECEIVED, "5004552043.xml")
    assert invoice.seal is not None

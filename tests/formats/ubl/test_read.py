"""UBL invoices and credit notes become the canonical invoice; nothing is invented, nothing crashes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import msgspec
import pytest

from fatto import pipeline
from fatto.formats import Reading
from fatto.formats.ubl import FORMATS
from fatto.formats.xml import parse
from fatto.invoice.model import Identifier, Invoice

SAMPLES = Path(__file__).parents[2] / "samples" / "ro"
NAMESPACES = (
    'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
    ' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
)


def read(name: str) -> Reading:
    (document,) = pipeline.documents(SAMPLES / name)
    assert document.error is None
    (reading,) = document.readings
    return reading


def invoice(inside: str, root: str = "Invoice") -> Reading:
    text = (
        f'<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2" {NAMESPACES}>'
        f"<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>{dedent(inside)}</{root}>"
    )
    (document,) = pipeline.documents(text.encode(), "a.xml")
    (reading,) = document.readings
    return reading


def codes(reading: Reading) -> set[str]:
    return {finding.code for finding in reading.findings}


def holes(value: object, path: str = "") -> list[str]:
    """Where a value of the model says nothing."""
    if isinstance(value, msgspec.Struct):
        return [
            hole
            for field in value.__struct_fields__
            for hole in holes(getattr(value, field), f"{path}.{field}" if path else field)
        ]
    if isinstance(value, tuple) and value:
        return holes(value[0], f"{path}[0]")
    return [path] if value is None or value == () else []


def test_every_term_of_the_model_is_read() -> None:
    reading = read("every_term_ubl.xml")
    assert reading.findings == ()
    absent_by_nature = {
        "parts",  # national
        "payee.trading_name", "payee.vat_id", "payee.tax_id", "payee.legal_form", "payee.electronic_address",
        "payee.address", "payee.contact",
        "tax_representative.trading_name", "tax_representative.identifiers", "tax_representative.legal_id",
        "tax_representative.tax_id", "tax_representative.legal_form", "tax_representative.electronic_address",
        "tax_representative.contact",
        "buyer.tax_id", "buyer.legal_form", "buyer.identifiers[0].scheme", "buyer.legal_id.scheme",
        "payee.legal_id.scheme",
        "payment[0].card", "payment[0].direct_debit",  # of another means of payment
        "allowances[0].vat.scheme", "attachments[0].location",
        "vat_breakdown[0].exemption_text", "vat_breakdown[0].exemption_code",
        "lines[0].allowances[0].vat", "lines[0].charges[0].vat",
    }  # fmt: skip
    assert set(holes(reading.invoice)) <= absent_by_nature


def test_amounts_keep_the_digits_of_the_document() -> None:
    line = read("every_term_ubl.xml").invoice.lines[0]
    assert str(line.quantity) == "2500.0000"
    assert line.price is not None
    assert str(line.price.net) == "400.000"


def test_a_comment_within_a_text_does_not_cut_it() -> None:
    note = read("every_term_ubl.xml").invoice.notes[0]
    assert (note.subject, note.text) == ("AAI", "Livrare parțială conform avizului")


def test_equal_means_of_payment_with_several_accounts_are_one_instruction() -> None:
    payment = read("every_term_ubl.xml").invoice.payment
    assert [each.means_code for each in payment] == ["30", "48", "59"]
    assert [each.account for each in payment[0].credit_transfers] == [
        "RO51BTRLRONCRT0000000000",
        "RO73BTRLRONCRT0000023757",
    ]


def test_the_sepa_creditor_is_no_identifier_of_the_seller() -> None:
    found = read("every_term_ubl.xml").invoice
    assert [each.value for each in found.seller.identifiers] == ["5941234000017", "F-11"]
    assert found.payment[2].direct_debit is not None
    assert found.payment[2].direct_debit.creditor_id == "RO12ZZZ12345"


def test_vat_in_a_second_currency_is_kept_apart_whichever_comes_first() -> None:
    for name, vat, foreign in (
        ("every_term_ubl.xml", "199.50", "1015.00"),
        ("a06_eur_with_ron_vat.xml", "157.50", "799.66"),
    ):
        found = read(name).invoice
        assert (found.currency, found.vat_currency) == ("EUR", "RON")
        assert (found.totals.vat, found.totals.vat_in_vat_currency) == (Decimal(vat), Decimal(foreign))
        assert found.vat_breakdown[0].tax == Decimal(vat)


def test_attachments_are_counted_decoded_and_fetched_by_index() -> None:
    (document,) = pipeline.documents(SAMPLES / "a15_attachments.xml")
    (reading,) = document.readings
    embedded, linked = reading.invoice.attachments
    assert (embedded.index, embedded.filename, embedded.mime) == (0, "anexa1.pdf", "application/pdf")
    content = pipeline.attachment(document.enclosed, 0, 0)
    assert content is not None
    assert content.startswith(b"%PDF-1.4")
    assert len(content) == embedded.size
    assert (linked.index, linked.location, linked.size) == (1, "https://docs.example/anexa2.pdf", None)
    assert pipeline.attachment(document.enclosed, 0, 1) is None
    for reading_index, index in ((0, 2), (0, -1), (1, 0)):
        assert pipeline.attachment(document.enclosed, reading_index, index) is None


def test_the_invoiced_object_is_no_attachment_but_a_file_under_its_code_is() -> None:
    found = read("every_term_ubl.xml").invoice
    assert found.object_id == Identifier(value="CONTOR-7", scheme="AUN")
    assert [each.reference for each in found.attachments] == ["ANEXA-8", "ANEXA-9"]
    with_file = invoice(
        """<cac:AdditionalDocumentReference><cbc:ID>X</cbc:ID><cbc:DocumentTypeCode>130</cbc:DocumentTypeCode><cac:Attachment>
        <cbc:EmbeddedDocumentBinaryObject>QUJD</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>"""
    ).invoice
    assert with_file.attachments[0].size == 3
    assert with_file.object_id == Identifier(value="X")


def test_credit_note_differs_only_in_names() -> None:
    reading = read("a08_credit_note_381.xml")
    assert reading.format == "ubl-creditnote"
    assert reading.findings == ()
    found = reading.invoice
    assert (found.number, found.type_code) == ("NC-2026-15", "381")
    assert found.lines[0].quantity is not None
    assert found.lines[0].quantity > 0


def test_due_date_of_a_credit_note_stands_with_the_means_of_payment() -> None:
    reading = read("wrong_namespace.xml")
    assert str(reading.invoice.due_date) == "2026-06-03"
    assert reading.invoice.project == "PROIECT-3"


def test_storno_keeps_the_signs_of_the_document() -> None:
    totals = read("a07_storno_380_negative.xml").invoice.totals
    assert totals.with_vat == Decimal("-302.50")


def test_vat_id_and_tax_id_are_told_apart_by_their_scheme() -> None:
    assert read("a01_standard_21.xml").invoice.seller.vat_id == "RO185472903"
    seller = read("a04_non_vat_seller_O.xml").invoice.seller
    assert seller.vat_id is None
    assert seller.tax_id == "33124560"
    reading = invoice(
        """<cac:AccountingSupplierParty><cac:Party>
        <cac:PartyTaxScheme><cbc:CompanyID>111</cbc:CompanyID></cac:PartyTaxScheme>
        <cac:PartyTaxScheme><cbc:CompanyID>RO222</cbc:CompanyID><cac:TaxScheme><cbc:ID>vat</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
        <cac:PartyTaxScheme/></cac:Party></cac:AccountingSupplierParty>"""
    )
    assert (reading.invoice.seller.vat_id, reading.invoice.seller.tax_id) == ("RO222", "111")


def test_a_document_without_namespaces_is_read_with_one_finding() -> None:
    reading = read("no_namespaces.xml")
    assert reading.format == "ubl-invoice"
    assert reading.invoice.totals.payable == Decimal("121.00")
    assert reading.invoice.lines[0].net == Decimal("100.00")
    assert [finding.code for finding in reading.findings] == ["wrong-namespace"]


def test_wrong_namespaces_are_read_by_name() -> None:
    reading = read("wrong_namespace.xml")
    assert reading.format == "ubl-creditnote"
    assert codes(reading) == {"wrong-namespace", "name-elsewhere"}
    assert reading.invoice.seller.name == "FIR DE IARBĂ SRL"


def test_what_is_wrong_or_missing_is_found_and_never_guessed() -> None:
    reading = read("nothing_as_it_should.xml")
    assert codes(reading) == {
        "repeated-element", "bad-date", "missing-element", "bad-indicator", "other-currency", "bad-number",
        "bad-attachment",
    }  # fmt: skip
    found = reading.invoice
    assert found.number == "A"
    assert found.issue_date is None
    assert found.type_code is None
    assert found.allowances == found.charges == found.lines == ()
    assert found.totals.with_vat is found.totals.without_vat is found.totals.vat is None
    lines = [finding.line for finding in reading.findings]
    assert lines == sorted(lines, key=lambda line: line or 0)


def test_an_empty_root_is_an_empty_invoice_with_findings() -> None:
    reading = invoice("")
    assert reading.invoice == Invoice(process=reading.invoice.process)
    assert {finding.path for finding in reading.findings if finding.severity == "fatal"} >= {
        "/Invoice/cbc:ID",
        "/Invoice/cbc:IssueDate",
        "/Invoice/cac:LegalMonetaryTotal",
        "/Invoice/cac:InvoiceLine",
    }


def test_note_subject_is_split_off_only_when_it_is_one() -> None:
    reading = invoice(
        "<cbc:Note>#SUR#text</cbc:Note><cbc:Note>#una# alta</cbc:Note><cbc:Note> </cbc:Note><cbc:Note>#</cbc:Note>"
    )
    assert [(each.subject, each.text) for each in reading.invoice.notes] == [
        ("SUR", "text"),
        (None, "#una# alta"),
        (None, "#"),
    ]


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        ('<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>', "ubl-invoice"),
        ('<x:CreditNote xmlns:x="urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"/>', "ubl-creditnote"),
        ("<Invoice><InvoiceLine/></Invoice>", "ubl-invoice"),
        ("<Invoice/>", None),
        ('<Invoice xmlns="http://example.org/my-invoice"><Total>1</Total></Invoice>', None),
        ("<CrossIndustryInvoice/>", None),
    ],
)
def test_only_ubl_is_recognised(root: str, expected: str | None) -> None:
    element, _findings = parse(root.encode())
    assert next((each.name for each in FORMATS if each.recognise(element)), None) == expected


def test_an_invoice_survives_json() -> None:
    from fatto import countries

    found = read("every_term_ubl.xml").invoice
    assert countries.decode(msgspec.json.encode(found)) == found

"""Cross Industry Invoices become the same canonical invoice as UBL."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from fatto import pipeline
from fatto.formats import Reading
from fatto.formats.cii import FORMATS
from fatto.formats.xml import parse

SAMPLES = Path(__file__).parents[2] / "samples" / "ro"
ROOT = (
    '<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"'
    ' xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"'
    ' xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">{}</rsm:CrossIndustryInvoice>'
)


def read(name: str) -> Reading:
    (document,) = pipeline.documents(SAMPLES / name)
    (reading,) = document.readings
    return reading


def settled(inside: str) -> Reading:
    """An invoice of which only the header settlement is there."""
    trade = (
        "<rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeSettlement>"
        f"{inside}</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction>"
    )
    (document,) = pipeline.documents(ROOT.format(trade).encode(), "a.xml")
    (reading,) = document.readings
    return reading


def test_both_syntaxes_give_the_same_invoice_on_every_term() -> None:
    cii, ubl = read("every_term_cii.xml"), read("every_term_ubl.xml")
    assert (cii.format, cii.findings) == ("cii", ())
    assert cii.invoice == ubl.invoice


def test_attachments_are_fetched_by_index() -> None:
    (document,) = pipeline.documents(SAMPLES / "every_term_cii.xml")
    assert pipeline.attachment(document.enclosed, 0, 0) == b"ore;tarif\n12;50\n"
    assert pipeline.attachment(document.enclosed, 0, 1) is None
    assert pipeline.attachment(document.enclosed, 0, 9) is None


@pytest.mark.parametrize(
    ("written", "expected", "findings"),
    [
        ("20260331", "2026-03-31", 0),
        ("2026-03-31", "2026-03-31", 0),
        ("20260231", "None", 1),
        ("310326", "None", 1),
    ],
)
def test_dates_are_eight_digits_and_others_are_found(written: str, expected: str, findings: int) -> None:
    reading = settled(
        "<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime>"
        f'<udt:DateTimeString format="102">{written}</udt:DateTimeString>'
        "</ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms>"
    )
    assert str(reading.invoice.due_date) == expected
    assert sum(finding.code == "bad-date" for finding in reading.findings) == findings


def test_the_vat_point_code_is_that_of_the_standard() -> None:
    tax = "<ram:ApplicableTradeTax><ram:DueDateTypeCode>{}</ram:DueDateTypeCode></ram:ApplicableTradeTax>"
    for cii, canonical in (("5", "3"), ("29", "35"), ("72", "432"), ("432", "432")):
        assert settled(tax.format(cii)).invoice.tax_point_code == canonical


def test_a_mandate_without_means_of_payment_is_not_lost() -> None:
    reading = settled(
        "<ram:CreditorReferenceID>C1</ram:CreditorReferenceID><ram:SpecifiedTradePaymentTerms>"
        "<ram:DirectDebitMandateID>M1</ram:DirectDebitMandateID></ram:SpecifiedTradePaymentTerms>"
    )
    (payment,) = reading.invoice.payment
    assert payment.direct_debit is not None
    assert (payment.direct_debit.mandate, payment.direct_debit.creditor_id) == ("M1", "C1")


def test_vat_total_in_a_strange_currency_is_read_and_found() -> None:
    reading = settled(
        "<ram:InvoiceCurrencyCode>RON</ram:InvoiceCurrencyCode>"
        "<ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        '<ram:TaxTotalAmount currencyID="EUR">19.00</ram:TaxTotalAmount>'
        "</ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
    )
    assert reading.invoice.totals.vat == Decimal("19.00")
    assert "other-currency" in {finding.code for finding in reading.findings}


def test_what_is_missing_is_found() -> None:
    (document,) = pipeline.documents(ROOT.format("").encode(), "a.xml")
    (reading,) = document.readings
    assert {finding.path for finding in reading.findings} == {
        "/rsm:CrossIndustryInvoice/rsm:ExchangedDocument",
        "/rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction",
    }


def test_a_damaged_namespace_is_read_by_name() -> None:
    text = (SAMPLES / "every_term_cii.xml").read_text()
    damaged = text.replace("CrossIndustryInvoice:100", "CrossIndustryInvoice:13").encode()
    (document,) = pipeline.documents(damaged, "a.xml")
    (reading,) = document.readings
    assert reading.invoice == read("every_term_cii.xml").invoice
    assert [finding.code for finding in reading.findings] == ["wrong-namespace"]


def test_another_root_is_not_recognised() -> None:
    element, _findings = parse(b"<CrossIndustryDocument><ExchangedDocument/></CrossIndustryDocument>")
    assert not FORMATS[0].recognise(element)

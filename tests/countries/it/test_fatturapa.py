"""What a FatturaPA says and what the canonical invoice makes of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.countries.it.reading import ITALY, SAMPLES, as_json, invoice, parts, read, readings, variant

from fatto import countries, formats
from fatto.countries.it.fatturapa import codes
from fatto.envelopes.enclosed import Enclosed
from fatto.invoice.model import Identifier


def test_professional_is_paid_the_total_less_the_withholding() -> None:
    document = invoice("td06_professional")
    assert document.totals.without_vat == Decimal("1040.00")
    assert document.totals.vat == Decimal("228.80")
    assert document.totals.with_vat == Decimal("1268.80")
    assert document.totals.payable == Decimal("1068.80")
    (fund,) = parts(document).funds
    assert (fund.kind, fund.amount) == ("TC02", Decimal("40.00"))
    (charge,) = document.charges
    assert (charge.reason, charge.amount) == ("TC02", Decimal("40.00"))
    assert parts(document).lines[0].withheld


def test_contributions_withheld_from_an_agent_lower_what_is_paid_too() -> None:
    assert invoice("agent_enasarco").totals.payable == Decimal("1020.00")


def test_contribution_that_the_payment_ignores_does_not_lower_it() -> None:
    assert variant("agent_enasarco", ImportoPagamento="1105.00").totals.payable == Decimal("1105.00")


def test_total_already_net_of_withholding_is_not_lowered_twice() -> None:
    totals = invoice("total_written_net").totals
    assert (totals.with_vat, totals.payable) == (Decimal("1020.00"), Decimal("1020.00"))


def test_public_office_pays_the_taxable_amount_only_under_split_payment() -> None:
    document = invoice("td01_split_payment")
    assert document.totals.with_vat == Decimal("1220.00")
    assert document.totals.payable == Decimal("1000.00")
    assert document.vat_breakdown[0].category == "B"
    assert document.lines[0].vat is not None
    assert document.lines[0].vat.category == "B"
    assert document.buyer.electronic_address == Identifier(value="UFABCD", scheme="0201")
    assert (document.tender, document.project, document.purchase_order) == (
        "Z123456789",
        "C11B26000010001",
        "ORD-2026-9",
    )


def test_missing_total_is_what_the_breakdown_adds_up_to() -> None:
    assert variant("td01_simple", ImportoTotaleDocumento="").totals.with_vat == Decimal("366.00")


def test_missing_total_counts_rounding_and_discounts_in_money() -> None:
    assert variant("everything_rare", ImportoTotaleDocumento="").totals.with_vat == Decimal("1106.54")


def test_missing_total_is_not_guessed_when_a_discount_is_only_a_percentage() -> None:
    text = (SAMPLES / "everything_rare.xml").read_text()
    text = text.replace("<ImportoTotaleDocumento>1106.54</ImportoTotaleDocumento>", "")
    text = text.replace("<Importo>10.00</Importo>", "<Percentuale>1.00</Percentuale>", 1)
    assert read(text.encode())[0].invoice.totals.with_vat is None


def test_missing_tax_in_the_breakdown_leaves_totals_empty() -> None:
    totals = variant("td01_simple", Imposta="", ImportoTotaleDocumento="").totals
    assert (totals.vat, totals.with_vat, totals.payable) == (None, None, None)


def test_natural_persons_are_named_first_name_first() -> None:
    document = invoice("natural_persons")
    assert (document.seller.name, document.buyer.name) == ("Anna Neri", "Mario Rossi")
    assert document.buyer.vat_id is None
    assert document.buyer.tax_id == "RSSMRA85T10A562S"


@pytest.mark.parametrize("number", ["02468101213", " 0246 8101 213 ", "IT02468101213", "it02468101213"])
def test_vat_numbers_come_with_their_country_once(number: str) -> None:
    assert variant("td01_simple", CedentePrestatore=_seller(number)).seller.vat_id == "IT02468101213"


def _seller(number: str) -> str:
    return (
        f"<DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>{number}</IdCodice></IdFiscaleIVA>"
        "<Anagrafica><Denominazione>X</Denominazione></Anagrafica></DatiAnagrafici>"
    )


def test_delivery_is_by_pec_when_the_recipient_code_stands_for_none() -> None:
    address = invoice("td01_instalments").buyer.electronic_address
    assert address == Identifier(value="mulino.quercia@pec.example", scheme="0202")
    assert invoice("td01_foreign_currency").buyer.electronic_address is None


def test_lot_gives_one_invoice_per_body_with_the_shared_header() -> None:
    lot = readings("lot_of_three")
    assert [each.index for each in lot] == [0, 1, 2]
    assert [each.invoice.number for each in lot] == ["N-1", "N-2", "N-3"]
    assert {each.invoice.seller.name for each in lot} == {"Officine Larice S.r.l."}


def test_codes_of_articles_go_where_their_kind_belongs() -> None:
    item = invoice("td24_deferred_delivery_notes").lines[0].item
    assert item is not None
    assert item.standard_id == Identifier(value="8012345678901", scheme="0160")
    assert item.seller_id == "PAN-200"
    assert [(each.scheme, each.code) for each in item.classifications] == [("CPV", "44112000-8")]


def test_price_is_gross_when_discounts_follow() -> None:
    document = invoice("everything_rare")
    discounted, surcharged, plain = document.lines[0], document.lines[3], document.lines[1]
    assert discounted.price is not None
    assert (discounted.price.gross, discounted.price.net) == (Decimal("1000.00"), None)
    assert [each.percent for each in discounted.allowances] == [Decimal("10.00"), Decimal("5.00")]
    assert surcharged.charges[0].amount == Decimal("3.0000")  # 1.00 a unit, three units
    assert plain.price is not None
    assert plain.price.net == Decimal("20.00")


def test_collected_payments_name_the_buyers_account() -> None:
    lot = readings("lot_of_three")
    (payment,) = lot[0].invoice.payment
    assert payment.means_code == "59"
    assert payment.direct_debit is not None
    assert payment.direct_debit.account == "IT84S0542811101000000654321"
    assert payment.credit_transfers == ()


def test_iban_is_read_without_its_blanks() -> None:
    assert parts(invoice("td01_instalments")).payments[0].details[2].iban == "IT60X0542811101000000123456"


def test_due_date_is_given_when_there_is_only_one() -> None:
    assert invoice("td01_simple").due_date == date(2026, 4, 30)
    assert invoice("td01_instalments").due_date is None


def test_simplified_amounts_are_taken_apart_into_net_and_tax() -> None:
    document = invoice("td07_simplified")
    assert [line.net for line in document.lines] == [Decimal("80.00"), Decimal("30.00"), Decimal("4.00")]
    assert document.totals.with_vat == Decimal("128.60")
    assert [(row.rate, row.tax) for row in document.vat_breakdown[:2]] == [
        (Decimal("10.00"), Decimal("8.00")),
        (Decimal("22.00"), Decimal("6.60")),
    ]
    assert parts(document).lines[0].gross == Decimal("88.00")


def test_simplified_credit_note_names_what_it_corrects() -> None:
    document = invoice("td08_simplified_credit_note")
    assert document.type_code == "381"
    assert document.preceding_invoices[0].number == "44"
    assert parts(document).corrected is not None


def test_rare_particulars_are_all_kept() -> None:
    found = parts(invoice("everything_rare"))
    assert found.third_party is not None
    assert found.third_party.title == "Dott.ssa"
    assert found.issuer == "TZ"
    assert found.system == "LARICE01"
    assert found.phases == (1, 2)
    assert found.main_invoice is not None
    assert found.main_invoice.number == "FP-1"
    assert found.vehicle is not None
    assert found.vehicle.distance == "12000 KM"
    assert found.references[1].lines == (2, 3)
    assert found.buyer is not None
    assert found.buyer.representative is not None
    assert found.buyer.representative.name == "Rappresentanze Olmo S.r.l."
    assert found.lines[5].other[0].text == "08060120341234567-000001"
    assert found.payments[0].details[0].receiver_tax_id == "RSSMRA85T10A562S"


def test_every_text_of_a_rich_document_is_found_again() -> None:
    from lxml import etree

    for name in ("everything_rare", "td24_deferred_delivery_notes", "td01_instalments", "td06_professional"):
        stored = as_json(invoice(name)).decode()
        joined = {"CAP", "IdPaese"}  # joined to others, or implied by them
        for element in etree.parse(SAMPLES / f"{name}.xml").iter():
            text = (element.text or "").strip()
            if len(element) or not text or element.tag in joined:
                continue
            if element.tag == "Tipo" or text == "SI":
                continue  # a flag or a side
            if element.tag in ("DataOraRitiro", "DataOraConsegna"):
                text = text[:16]
            assert text.replace(" ", "") in stored.replace(" ", ""), (name, element.tag, text)


def test_attachments_are_described_and_fetched_from_the_original() -> None:
    (reading,) = readings("td01_attachments")
    pdf, terms, broken = reading.invoice.attachments
    assert (pdf.filename, pdf.mime, pdf.size) == ("ordine.pdf", "application/pdf", 35)
    assert (terms.filename, terms.mime) == ("condizioni", "text/plain")
    assert (broken.mime, broken.size) == ("application/zip", None)
    assert [finding.code for finding in reading.findings] == ["bad-attachment"]
    enclosed = Enclosed(name="x", kind="xml", data=(SAMPLES / "td01_attachments.xml").read_bytes())
    content = formats.attachment(enclosed, ITALY.formats, 0, 0)
    assert content is not None
    assert content.startswith(b"%PDF")
    assert len(content) == pdf.size
    assert formats.attachment(enclosed, ITALY.formats, 0, 2) is None
    assert formats.attachment(enclosed, ITALY.formats, 0, 9) is None
    assert formats.attachment(enclosed, ITALY.formats, 5, 0) is None


@pytest.mark.parametrize(
    "name", ["damaged_namespace", "undeclared_prefix", "default_namespace_throughout", "version_1_1"]
)
def test_namespaces_do_not_matter(name: str) -> None:
    document = invoice(name)
    assert document.number
    assert document.totals.without_vat is not None
    assert document.seller.name == "Officine Larice S.r.l."


def test_texts_are_right_in_every_encoding() -> None:
    for name in ("windows_1252", "wrong_encoding"):
        document = invoice(name)
        assert document.notes[0].text == "Caffè – già pagato: 6,10 €"
    assert [finding.code for finding in readings("windows_1252")[0].findings] == []
    assert [finding.code for finding in readings("wrong_encoding")[0].findings] == ["wrong-encoding"]


def test_dates_with_zones_and_blanks_are_read_and_bad_ones_reported_with_their_place() -> None:
    (reading,) = readings("dates_and_blanks")
    assert reading.invoice.issue_date == date(2026, 1, 31)
    assert reading.invoice.number == "2026/23"
    assert reading.invoice.due_date == date(2026, 2, 28)
    assert [(each.code, each.path.rpartition("/")[2], each.found) for each in reading.findings] == [
        ("bad-date", "DataFinePeriodo", "31/01/2026"),
        ("bad-number", "ImportoPagamento", "12,20"),
    ]


def test_missing_elements_are_findings_and_the_rest_is_read() -> None:
    (reading,) = readings("without_number_and_date")
    assert (reading.invoice.number, reading.invoice.issue_date) == (None, None)
    assert reading.invoice.totals.with_vat == Decimal("12.20")
    assert [(each.code, each.severity, each.expected) for each in reading.findings] == [
        ("missing-element", "fatal", "Numero"),
        ("missing-element", "fatal", "Data"),
    ]


@pytest.mark.parametrize(
    "element", ["TipoDocumento", "Divisa", "Numero", "Data", "AliquotaIVA", "ImponibileImporto", "Imposta", "IdPaese"]
)
def test_removing_a_mandatory_element_is_reported(element: str) -> None:
    text = (SAMPLES / "td01_simple.xml").read_text()
    start = text.index(f"<{element}>")
    end = text.index(f"</{element}>", start) + len(element) + 3
    (reading,) = read((text[:start] + text[end:]).encode())
    assert element in {each.expected for each in reading.findings if each.code == "missing-element"}


def test_stored_invoice_gets_its_types_back() -> None:
    for path in sorted(SAMPLES.glob("*.xml")):
        for reading in readings(path.stem):
            assert countries.decode(as_json(reading.invoice)) == reading.invoice


def test_every_code_of_a_document_has_its_meaning() -> None:
    assert set(codes.TYPE_CODES) == set(codes.DOCUMENT_TYPES)
    assert set(codes.MEANS_CODES) == set(codes.PAYMENT_MEANS)
    assert set(codes.VAT_CATEGORIES) == set(codes.NATURES)
    assert set(codes.DOCUMENT_TYPES) >= codes.SELF_ISSUED
    for table in (codes.DOCUMENT_TYPES, codes.REGIMES, codes.NATURES, codes.PAYMENT_MEANS, codes.FUNDS):
        assert all(text.startswith(f"{code} · ") for code, text in table.items())

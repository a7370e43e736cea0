"""The demo world's files: the same for the same day, valid, and read back to what was meant."""

from __future__ import annotations

import io
import zipfile
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from asn1crypto import cms
from lxml import etree

from fatto import pipeline
from fatto.money import round_cents
from fatto.portal.demo import bulk, papers
from fatto.portal.demo.papers import FRESH, Outcome
from fatto.portal.demo.world import COMPANY_OF, FIRMS, PARTIES

TODAY = date(2026, 11, 22)
SCHEMAS = Path(__file__).resolve().parents[3].parent / "shared" / "facts" / "schema" / "it"


@pytest.fixture(scope="module")
def demo():
    return list(papers.papers(TODAY))


@pytest.fixture(scope="module")
def trees(demo):
    return [(paper, etree.fromstring(data)) for paper in demo for data in xml_in(paper)]


@pytest.fixture(scope="module")
def readings(demo):
    """Every reading, beside the paper it came in; the files for attachments hold none."""
    found = []
    for paper in demo:
        if paper.direction != "other":
            for enclosed in pipeline.open(paper.data, paper.name):
                found += [(paper, reading) for reading in pipeline.read(enclosed)]
    return found


def xml_in(paper):
    if paper.name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(paper.data)) as archive:
            return [archive.read(name) for name in archive.namelist()]
    if paper.name.endswith(".p7m"):
        signed = cms.ContentInfo.load(paper.data)["content"]
        return [signed["encap_content_info"]["content"].native]
    return [] if paper.name.endswith((".pdf", ".jpg")) else [paper.data]


def test_the_same_day_gives_the_same_bytes(demo):
    assert list(papers.papers(TODAY)) == demo


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2026, 3, 31), date(2028, 2, 29), date(2030, 7, 15)])
def test_any_day_makes_a_world(today):
    found = list(papers.papers(today))
    assert 520 < sum(paper.documents for paper in found) < 760
    assert max(paper.received_at for paper in found) < datetime(today.year, today.month, today.day, tzinfo=UTC)


def test_there_are_about_600_documents_in_24_months(demo):
    assert 560 < sum(paper.documents for paper in demo) < 720
    assert demo[0].received_at.date() < TODAY - timedelta(days=700)
    assert demo[-1].received_at.date() > TODAY - timedelta(days=5)
    assert {paper.company_key for paper in demo} == {None} | {each.key for firm in FIRMS for each in firm.companies}


def test_every_kind_of_document_is_there(trees):
    kinds = Counter(
        element.text
        for _, tree in trees
        for element in tree.iter("TipoDocumento", "{*}InvoiceTypeCode", "{*}CreditNoteTypeCode")
    )
    expected = {"TD01", "TD04", "TD06", "TD07", "TD16", "TD17", "TD18", "TD24", "380", "381", "389"}
    assert set(kinds) == expected
    versions = {tree.get("versione") for _, tree in trees}
    assert {"FPR12", "FPA12", "FSM10"} <= versions
    texts = {element.tag: set() for _, tree in trees for element in tree.iter("Natura", "EsigibilitaIVA", "Divisa")}
    for _, tree in trees:
        for element in tree.iter(*texts):
            texts[element.tag].add(element.text)
    assert texts["Natura"] >= {"N1", "N2.2", "N3.1", "N6.3"}
    assert "S" in texts["EsigibilitaIVA"]
    assert "USD" in texts["Divisa"]


def test_one_invoice_has_500_lines_and_one_file_three_invoices(trees):
    assert max(len(tree.findall(".//DettaglioLinee")) for _, tree in trees) == 500
    assert max(len(tree.findall("FatturaElettronicaBody")) for _, tree in trees) == 3


def test_files_come_signed_zipped_and_with_attachments(demo, trees):
    endings = Counter(paper.name.rpartition(".")[2] for paper in demo)
    assert endings["p7m"] > 10
    assert endings["zip"] == 3
    assert (endings["pdf"], endings["jpg"]) == (6, 1)
    assert any(tree.find(".//Attachment") is not None for _, tree in trees)
    assert any(tree.find(".//{*}EmbeddedDocumentBinaryObject") is not None for _, tree in trees)


def test_every_signature_is_over_the_content(demo):
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509 import load_der_x509_certificate

    paper = next(paper for paper in demo if paper.name.endswith(".p7m"))
    signed = cms.ContentInfo.load(paper.data)["content"]
    signer = signed["signer_infos"][0]
    certificate = load_der_x509_certificate(signed["certificates"][0].chosen.dump())
    attributes = signer["signed_attrs"].untag().dump()
    certificate.public_key().verify(signer["signature"].native, attributes, ec.ECDSA(hashes.SHA256()))


def test_the_italian_files_are_valid_against_the_official_schemas(trees):
    if not SCHEMAS.is_dir():
        pytest.skip("the official schemas are not here")

    class Beside(etree.Resolver):
        def resolve(self, url, public_id, context):
            if "xmldsig" in url:
                return self.resolve_filename(str(SCHEMAS / "xmldsig-core-schema.xsd"), context)
            return None

    parser = etree.XMLParser()
    parser.resolvers.add(Beside())
    schemas = {
        "FatturaElettronica": "FatturaPA_ordinaria_v1.2.3.xsd",
        "FatturaElettronicaSemplificata": "FatturaPA_semplificata_VFSM10_v1.0.2.xsd",
    }
    checks = {name: etree.XMLSchema(etree.parse(SCHEMAS / file, parser)) for name, file in schemas.items()}
    checked = 0
    made = [*(tree for _, tree in trees), *(etree.fromstring(paper.data) for paper in bulk.papers(200))]
    for tree in made:
        check = checks.get(etree.QName(tree).localname)
        if check is not None:
            check.assertValid(tree)
            checked += 1
    assert checked > 300


def test_the_amounts_of_fatturapa_agree_as_sdi_asks(trees):
    """00421, 00422, 00423 and the total."""
    for paper, tree in trees:
        for body in tree.findall("FatturaElettronicaBody"):
            if body.find(".//DatiRiepilogo") is None:
                continue
            by_rate = defaultdict(Decimal)
            for line in body.iterfind(".//DettaglioLinee"):
                price = Decimal(line.findtext("PrezzoUnitario"))
                for discount in line.iterfind("ScontoMaggiorazione/Percentuale"):
                    price *= 1 - Decimal(discount.text) / 100
                net = Decimal(line.findtext("PrezzoTotale"))
                assert abs(price * Decimal(line.findtext("Quantita")) - net) <= Decimal("0.01"), paper.name
                by_rate[line.findtext("AliquotaIVA")] += net
            for fund in body.iterfind(".//DatiCassaPrevidenziale"):
                by_rate[fund.findtext("AliquotaIVA")] += Decimal(fund.findtext("ImportoContributoCassa"))
            total = Decimal(0)
            for group in body.iterfind(".//DatiRiepilogo"):
                rate, base = Decimal(group.findtext("AliquotaIVA")), Decimal(group.findtext("ImponibileImporto"))
                tax = Decimal(group.findtext("Imposta"))
                assert tax == round_cents(rate * base / 100), paper.name
                by_rate[group.findtext("AliquotaIVA")] -= base
                total += base + tax
            assert not any(by_rate.values()), paper.name
            assert Decimal(body.findtext(".//ImportoTotaleDocumento")) == total, paper.name


def test_all_files_are_read_back_without_a_finding_to_what_they_say(readings):
    for paper, reading in readings:
        invoice = reading.invoice
        assert not reading.findings, (paper.name, reading.findings)
        assert invoice.totals.with_vat is not None, paper.name
        assert invoice.totals.with_vat == sum(
            (group.taxable + group.tax for group in invoice.vat_breakdown), Decimal(0)
        ), paper.name
    assert len(readings) == sum(paper.documents for paper, _ in {id(p): (p, r) for p, r in readings}.values())


def test_thousands_of_bulk_invoices_are_distinct_and_read_back(readings):
    mix = {**bulk.MIX, "fatturapa-signed": 2}
    made = list(bulk.papers(400, mix=mix))
    assert len({paper.data for paper in made}) == len({paper.number for paper in made}) == 400
    formats = Counter()
    for paper in made:
        for enclosed in pipeline.open(paper.data, paper.name):
            for reading in pipeline.read(enclosed):
                formats[reading.format] += 1
                assert reading.invoice.totals.with_vat == paper.with_vat
                assert reading.invoice.number == paper.number
    assert set(formats) == {"fatturapa", "ubl-invoice", "ubl-creditnote", "cii"}
    assert sum(formats.values()) == 400


def test_no_document_comes_twice(readings):
    seen = Counter(
        (invoice.seller.vat_id or invoice.seller.tax_id or invoice.seller.name, invoice.number, invoice.issue_date)
        for _, reading in readings
        for invoice in (reading.invoice,)
    )
    assert [key for key, count in seen.items() if count > 1] == []


def test_romanian_rates_follow_the_date(trees):
    for _, tree in trees:
        issued = tree.findtext("{*}IssueDate")
        rates = {element.text for element in tree.iterfind(".//{*}TaxSubtotal/{*}TaxCategory/{*}Percent")}
        if issued is not None and not tree.findall("{*}BillingReference"):
            allowed = {"19.00", "9.00"} if issued < "2025-08-01" else {"21.00", "11.00"}
            assert rates <= allowed | {"0.00"}, issued


def test_each_supplier_keeps_one_account_but_one_supplier_changes_it_once(trees):
    accounts = defaultdict(list)
    for _, tree in trees:
        if tree.findtext(".//TipoDocumento") in {"TD01", "TD24", "TD06"}:
            seller = tree.findtext(".//CedentePrestatore//IdCodice")
            account = tree.findtext(".//IBAN")
            if account:
                accounts[seller].append((tree.findtext(".//Data"), account))
    changed = {seller: sorted(found) for seller, found in accounts.items() if len({iban for _, iban in found}) > 1}
    assert list(changed) == [PARTIES["utensili"].vat]
    *before, (day, last) = changed[PARTIES["utensili"].vat]
    assert len({iban for _, iban in before}) == 1
    assert last not in {iban for _, iban in before}
    assert date.fromisoformat(day) > TODAY - timedelta(days=120)


def test_some_invoices_go_between_two_companies_of_one_firm(trees):
    keys = {party.vat or party.tax: key for key, party in PARTIES.items() if key in COMPANY_OF}
    pairs = set()
    for _, tree in trees:
        seller = tree.findtext(".//CedentePrestatore//IdCodice") or tree.findtext(
            "{*}AccountingSupplierParty//{*}PartyLegalEntity/{*}CompanyID"
        )
        buyer = tree.findtext(".//CessionarioCommittente//IdCodice") or tree.findtext(
            "{*}AccountingCustomerParty//{*}PartyLegalEntity/{*}CompanyID"
        )
        if seller in keys and buyer in keys:
            pairs.add((keys[seller], keys[buyer]))
    assert {("ferramenta", "adigetto"), ("marchetti", "adigetto"), ("feleac", "verde"), ("lemn", "pixel")} <= pairs


def test_old_ones_are_mostly_booked_and_fresh_ones_still_being_decided(demo):
    now = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
    invoices = [paper for paper in demo if paper.direction != "other" and paper.company_key]
    old = Counter(paper.story.outcome for paper in invoices if now - paper.received_at > FRESH)
    fresh = Counter(paper.story.outcome for paper in invoices if now - paper.received_at <= FRESH)
    assert 0.5 < old[Outcome.BOOKED] / old.total() < 0.8
    assert old[Outcome.WAITING] < 25
    assert fresh[Outcome.WAITING] > 10
    assert fresh[Outcome.APPROVED] > 5
    assert fresh[Outcome.DISPUTED] > 2
    for paper in invoices:
        if paper.story.outcome is Outcome.DISPUTED:
            assert paper.story.reason
            assert paper.story.note

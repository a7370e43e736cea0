"""The shared corpus, read in place: every file is read right, or refused with the reason its notes give."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lxml import etree

from fatto import pipeline
from fatto.formats import Reading
from fatto.formats.xml import parse

SHARED = Path(__file__).parents[2] / "shared"
CORPUS = SHARED / "corpus"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")

ENDINGS = {".xml", ".zip", ".p7m", ".eml"}


def files(*folders: str) -> list[str]:
    return [
        str(path.relative_to(CORPUS))
        for folder in folders
        for path in sorted((CORPUS / folder).rglob("*"))
        if path.suffix in ENDINGS
    ]


def outcome(path: Path) -> tuple[list[str], list[str]]:
    """The formats of the invoices in a file, and the reasons why its other files hold none."""
    formats: list[str] = []
    reasons: list[str] = []
    for document in pipeline.documents(path):
        formats += [reading.format for reading in document.readings]
        if document.error is not None:
            reasons.append(str(document.error.values.get("notice", document.error.code)))
    return formats, sorted(reasons)


LOTS = {
    "it/invoices/official/IT01234567890_12003.xml",
    "it/invoices/official/IT01234567890_FPA03.xml",
    "it/invoices/official/IT01234567890_FPR03.xml",
    "it/invoices/official/ITAAABBB00C11D222E_12001.xml",
    "it/invoices/real/IT02182030391_32.xml",
}
"""Files that their notes say to have two bodies."""


@pytest.mark.parametrize("name", files("it/invoices", "it/signed", "it/invalid") if CORPUS.is_dir() else [])
def test_italian_invoices_are_read_incomplete_ones_with_findings(name: str) -> None:
    (document,) = pipeline.documents(CORPUS / name)
    assert document.error is None
    expected = "fatturapa-simplified" if "/simplified/" in name else "fatturapa"
    assert [reading.format for reading in document.readings] == [expected] * (2 if name in LOTS else 1)
    assert [reading.index for reading in document.readings] == list(range(len(document.readings)))
    if "/invalid/" in name:
        assert document.readings[0].findings, "a mandatory element is missing in each of these"
    if "/signed/" in name:
        assert "cms" in document.enclosed.peeled
        assert document.enclosed.signers


@pytest.mark.parametrize("name", files("it/malicious") if CORPUS.is_dir() else [])
def test_malicious_files_are_refused(name: str) -> None:
    assert outcome(CORPUS / name) == ([], ["xml-doctype"])


@pytest.mark.parametrize("name", files("it/notifications") if CORPUS.is_dir() else [])
def test_italian_notifications_are_known_and_are_no_invoices(name: str) -> None:
    formats, reasons = outcome(CORPUS / name)
    kind = re.search(r"_([A-Z]{2})_\d{3}\.", name)
    assert kind is not None
    assert len(reasons) == 1
    assert reasons[0].startswith("it-"), reasons
    assert formats == (["fatturapa"] if name.endswith(".zip") else [])  # AT comes with its invoice


def test_pec_messages_hold_what_their_notes_say() -> None:
    formats, reasons = outcome(CORPUS / "it/pec/POSTA_CERTIFICATA_Ricevuta_di_consegna_6782414.eml")
    assert formats == []
    assert len(reasons) == 2, "the provider's certificate and a delivery receipt"


@pytest.mark.parametrize(
    "name", files("ro/made", "ro/official-ubl", "ro/official-cii", "ro/oca", "en16931") if CORPUS.is_dir() else []
)
def test_documents_after_en_16931_are_read(name: str) -> None:
    (document,) = pipeline.documents(CORPUS / name)
    assert document.error is None
    (reading,) = document.readings
    root, _findings = parse((CORPUS / name).read_bytes())
    expected = {"Invoice": "ubl-invoice", "CreditNote": "ubl-creditnote", "CrossIndustryInvoice": "cii"}
    assert reading.format == expected[etree.QName(root).localname]
    if not Path(name).name.startswith("m0"):
        assert [finding for finding in reading.findings if finding.severity != "info"] == []


@pytest.mark.parametrize(
    ("name", "formats", "reasons"),
    [
        ("oca_3828_errors", [], ["ro-errors", "ro-seal"]),
        ("oca_5004552043_invoice_enveloped", ["ubl-invoice"], ["ro-seal"]),
        ("made_3100000001_received_invoice", ["ubl-invoice"], ["ro-seal"]),
        ("made_3100000002_credit_note", ["ubl-creditnote"], ["ro-seal"]),
        ("made_3100000003_errors", [], ["ro-errors", "ro-seal"]),
        ("made_3100000004_buyer_message", [], ["ro-buyer-message", "ro-seal"]),
        ("made_3100000005_truncated", [], ["zip-damaged", "zip-damaged"]),
    ],
)
def test_messages_of_anaf(name: str, formats: list[str], reasons: list[str]) -> None:
    assert outcome(CORPUS / "ro/zips" / f"{name}.zip") == (formats, reasons)


@pytest.mark.parametrize("name", files("ro/anaf-responses") if CORPUS.is_dir() else [])
def test_answers_of_anaf_are_known(name: str) -> None:
    kinds = {
        "staremesaj": "ro-upload-state",
        "upload": "ro-upload-answer",
        "errorfile": "ro-errors",
        "request": "ro-buyer-message",
    }
    expected = kinds[re.split(r"_", Path(name).name)[0]]
    assert outcome(CORPUS / name) == ([], [expected])


def test_the_xml_of_an_accounting_program_is_no_invoice() -> None:
    (name,) = files("ro/accounting")
    assert outcome(CORPUS / name) == ([], ["unknown-format"])


# Every value ------------------------------------------------------------------------------------------

NAMESPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
COLUMNS = {"ubl-invoice": "ubl", "ubl-creditnote": "ubl_cn", "cii": "cii"}
LINES = {"ubl": "InvoiceLine", "ubl_cn": "CreditNoteLine"}
TAX_POINTS = {"5": "3", "29": "35", "72": "432"}


def terms() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((SHARED / "facts" / "en16931-terms.json").read_text())
    return found


def leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield str(value)


def same(text: str) -> set[str]:
    """The ways in which the canonical invoice may write a text of the document."""
    found = {text, re.sub(r"^#[A-Z]{3}#\s*", "", text), TAX_POINTS.get(text, text)}
    day = re.match(r"(\d{4})-?(\d{2})-?(\d{2})(?:Z|[+-]\d{2}:\d{2})?$", text)
    if day:
        found.add("-".join(day.groups()))
    if re.fullmatch(r"[+-]?\d*\.?\d*", text):
        found.add(text.lstrip("+").rstrip("."))
    return found


def test_every_value_of_every_term_arrives_in_the_invoice() -> None:
    """The bindings of EN 16931, evaluated as XPath on each document, against what was read."""
    seen: Counter[str] = Counter()
    lost: list[tuple[str, str, str]] = []
    table = terms()
    for name in files("ro/made", "ro/official-ubl", "ro/official-cii", "ro/oca", "en16931"):
        root, _findings = parse((CORPUS / name).read_bytes())
        (document,) = pipeline.documents(CORPUS / name)
        reading: Reading = document.readings[0]
        have = set(leaves(json.loads(msgspec.json.encode(reading.invoice))))
        column = COLUMNS[reading.format]
        for each in table:
            if each["id"].startswith("BG") or each["id"] == "BT-125":  # groups; contents of attachments
                continue
            for binding in each.get(column, []):
                if column == "cii":
                    where = binding
                else:
                    where = f"/*{binding}" if binding.startswith("/") else f"/*/cac:{LINES[column]}/{binding}"
                try:
                    nodes = root.xpath(where, namespaces=NAMESPACES)
                except etree.XPathEvalError:  # XPath 2
                    continue
                for node in nodes:
                    text = (node if isinstance(node, str) else node.text or "").strip()
                    if not text:
                        continue
                    seen[each["id"]] += 1
                    if not same(text) & have and not any(text in other for other in have):
                        lost.append((name, each["id"], text))
    assert lost == []
    assert len(seen) > 140
    assert seen.total() > 10_000

"""The corpus beside the repository: each file read right, or refused with the reason its README gives."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.countries.it.reading import ITALY, as_json, read

from fatto import countries
from fatto.errors import Unreadable
from fatto.formats import Reading

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "it"
pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the repository")

INVOICES = sorted(CORPUS.glob("invoices/*/*.xml"))
INVALID = sorted(CORPUS.glob("invalid/*.xml"))
EXPECTED = {
    "invoice-credit-note.xml": [("CN-001", "1388.40", "1388.40")],
    "invoice-fund-contribution-mixed-retention.xml": [("MIXED-001", "2713.00", "2713.00")],
    "invoice-irpef.xml": [("SAMPLE-001", "1026.74", "1026.74")],
    "IT01234567890_12001.xml": [("123", "6.10", "6.10")],
    "IT01234567890_FPA03.xml": [("12", "30.50", "30.50"), ("456", "2440.00", "2440.00")],
    "IT02182030391_32.xml": [("3", "174.80", "115.73"), ("4", "174.80", "115.73")],
    "ESEMPIO_FT_SEMPL.xml": [("02", "120.00", "120.00")],
    "IT01234567890_FSM10.xml": [("123", "25.00", "25.00")],
}
"""Number, total and what is owed (without split VAT and withholdings), looked up in the files by hand."""


def load(path: Path) -> tuple[Reading, ...]:
    return read(path.read_bytes(), path.name)


@pytest.mark.parametrize("path", INVOICES, ids=lambda path: path.name)
def test_invoice_is_read_without_repairs_and_survives_storage(path: Path) -> None:
    for reading in load(path):
        document = reading.invoice
        assert document.number
        assert document.issue_date
        assert document.seller.name
        assert document.seller.vat_id
        assert document.buyer.name
        assert document.totals.with_vat is not None
        assert document.totals.without_vat == sum(
            (row.taxable or Decimal(0) for row in document.vat_breakdown), Decimal(0)
        )
        assert document.lines
        assert reading.findings == ()
        assert countries.decode(as_json(document)) == document
        assert ITALY.sections(document)
        assert ITALY.instalments(document)


@pytest.mark.parametrize(("name", "expected"), EXPECTED.items())
def test_known_invoices_have_their_known_amounts(name: str, expected: list[tuple[str, str, str]]) -> None:
    (path,) = (each for each in INVOICES if each.name == name)
    found = [
        (each.invoice.number, str(each.invoice.totals.with_vat), str(each.invoice.totals.payable))
        for each in load(path)
    ]
    assert found == expected


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.name)
def test_invoice_without_a_mandatory_element_is_read_and_the_element_named(path: Path) -> None:
    (reading,) = load(path)
    missing = path.stem.rpartition("_")[2]
    assert [each.expected for each in reading.findings if each.severity == "fatal"] == [missing]


@pytest.mark.parametrize("path", sorted(CORPUS.glob("malicious/*.xml")), ids=lambda path: path.name)
def test_bombs_are_refused(path: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        load(path)
    assert caught.value.code == "xml-doctype"


@pytest.mark.parametrize("path", sorted(CORPUS.glob("notifications/*/*.xml")), ids=lambda path: path.name)
def test_notifications_are_named_by_their_kind(path: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        load(path)
    kind = path.stem.split("_")[2].lower()
    assert caught.value.values["notice"] == f"it-{kind}"

"""The structure of FatturaPA: our tables refuse what the official schemas refuse, and say where and why."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from lxml import etree
from tests.fuzz import trees

from fatto.countries.it.fatturapa import structure
from fatto.rules.finding import Finding

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "tests" / "samples" / "it"
SHARED = ROOT.parent / "shared"
SCHEMAS = {
    structure.ORDINARY.root: "FatturaPA_ordinaria_v1.2.3.xsd",
    structure.SIMPLIFIED.root: "FatturaPA_semplificata_VFSM10_v1.0.2.xsd",
}
official = pytest.mark.skipif(not SHARED.exists(), reason="the official schemas are not ours to carry along")


class _Beside(etree.Resolver):
    """The schema of signatures, which the official ones fetch from the network, from beside them."""

    def resolve(self, url: str | None, pubid: str | None, context: object) -> object:
        if url and "xmldsig" in url:
            return self.resolve_filename(str(SHARED / "facts/schema/it/xmldsig-core-schema.xsd"), context)
        return None


@cache
def schema(root: str) -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Beside())
    return etree.XMLSchema(etree.parse(SHARED / "facts/schema/it" / SCHEMAS[root], parser))


def parsed(path: Path) -> etree._Element | None:
    try:
        return etree.fromstring(path.read_bytes(), etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None


def sample(name: str) -> etree._Element:
    found = parsed(SAMPLES / f"{name}.xml")
    assert found is not None
    return found


def found_after(name: str, path: str, value: str) -> list[Finding]:
    """What is found when one value of a sample is another."""
    root = sample(name)
    element = root.find(f".//{path}")
    assert element is not None, path
    element.text = value
    return structure.check(root)


@pytest.mark.parametrize("name", ["td01_simple", "td04_credit_note", "td06_professional", "td07_simplified"])
def test_a_right_invoice_has_no_finding(name: str):
    assert structure.check(sample(name)) == []


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("DatiGeneraliDocumento/TipoDocumento", "TD99", "TD01|"),
        ("DatiGeneraliDocumento/Data", "2026-02-30", "date"),
        ("DatiGeneraliDocumento/Data", "1969-12-31", "1970"),
        ("DatiGeneraliDocumento/Numero", "№ 1", "Basic Latin"),
        ("CessionarioCommittente//Denominazione", "Caffè €", "Latin-1"),
        ("DettaglioLinee/PrezzoUnitario", "1,50", "0.00"),
        ("DatiRiepilogo/Imposta", "1.5", "0.00"),
        ("DatiRiepilogo/AliquotaIVA", "100.01", "100.00"),
        ("DettaglioLinee/NumeroLinea", "0", "1..9999"),
        ("CedentePrestatore/Sede/CAP", "ABCDE", "[0-9]{5}"),
        ("CodiceDestinatario", "abcdefg", "[A-Z0-9]"),
        ("DettaglioPagamento/IBAN", "IT60 X054", "IBAN"),
    ],
)
def test_a_wrong_value_is_named_with_its_place_and_what_it_must_be(path: str, value: str, expected: str):
    (finding,) = found_after("td01_simple", path, value)
    assert (finding.code, finding.severity, finding.set, finding.found) == ("00200", "fatal", "structure", value)
    assert expected in (finding.expected or "")
    assert finding.path.endswith(path.split("/")[-1])
    assert finding.line


def test_what_is_missing_and_what_stands_in_its_place_are_named():
    root = sample("td01_simple")
    number = root.find(".//DatiGeneraliDocumento/Numero")
    assert number is not None
    number.getparent().remove(number)
    (finding,) = structure.check(root)
    assert finding.expected == "Numero"
    assert "DatiGeneraliDocumento" in finding.path


def test_several_wrong_values_are_all_told_but_no_more_than_fifty():
    root = sample("td01_simple")
    for each in root.iter("PrezzoUnitario", "PrezzoTotale", "Imposta"):
        each.text = "x"
    assert len(structure.check(root)) > 2
    lines = root.find(".//DatiBeniServizi")
    assert lines is not None
    for _number in range(100):
        etree.SubElement(lines, "Altro")
    assert len(structure.check(root)) == 50


def test_the_second_line_says_that_it_is_the_second():
    root = sample("td24_deferred_delivery_notes")
    root.findall(".//DettaglioLinee")[1].find("PrezzoTotale").text = "x"
    (finding,) = structure.check(root)
    assert "DettaglioLinee[2]/PrezzoTotale" in finding.path


def test_another_root_is_refused_as_a_whole():
    (finding,) = structure.check(etree.fromstring("<Invoice/>"))
    assert finding.found == "Invoice"


def test_comments_and_blanks_between_elements_are_nothing_and_text_is_wrong():
    root = sample("td01_simple")
    header = root.find("FatturaElettronicaHeader")
    header.insert(0, etree.Comment("x"))
    header.find("DatiTrasmissione").tail = "\n   "
    assert structure.check(root) == []
    header.find("DatiTrasmissione").tail = " x "
    (finding,) = structure.check(root)
    assert finding.found == "x"


def test_a_signature_without_any_attribute_lacks_its_algorithms():
    root = sample("td01_simple")
    root.append(etree.fromstring(SIGNATURE.format("")))
    assert {finding.expected for finding in structure.check(root)} == {"Algorithm"}
    root[-1].getparent().remove(root[-1])
    root.append(etree.fromstring(SIGNATURE.format(' Algorithm="x"')))
    assert structure.check(root) == []


SIGNATURE = (
    '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><CanonicalizationMethod{0}/>'
    "<SignatureMethod{0}/><Reference><DigestMethod{0}/><DigestValue>AAAA</DigestValue></Reference></SignedInfo>"
    "<SignatureValue>AAAA</SignatureValue></Signature>"
)


# -- against the official schemas -------------------------------------------------------------------------------------


@official
def test_every_file_of_the_corpus_is_judged_as_the_official_schema_does():
    judged = 0
    for path in sorted((SHARED / "corpus" / "it").rglob("*.xml")):
        root = parsed(path)
        if root is not None and root.tag in SCHEMAS:
            judged += 1
            findings = structure.check(root)
            assert schema(root.tag).validate(root) == (not findings), (path.name, findings[:3])
    assert judged >= 30


@official
def test_three_thousand_mutants_are_judged_as_the_official_schemas_do():
    roots = [parsed(path) for path in sorted(SAMPLES.glob("*.xml"))]
    known = [root for root in roots if root is not None and root.tag in SCHEMAS]
    each = 3_000 // len(known) + 1
    valid = judged = 0
    for number, root in enumerate(known):
        for mutant in trees.mutants(root, seed=number, count=each):
            again = etree.fromstring(etree.tostring(mutant))
            verdict = schema(again.tag).validate(again)
            findings = structure.check(again)
            assert verdict == (not findings), (etree.tostring(again).decode(), findings[:3])
            judged += 1
            valid += verdict
    assert judged >= 3_000
    assert 0.05 < valid / judged < 0.95, "mutants that are all wrong, or all right, prove little"

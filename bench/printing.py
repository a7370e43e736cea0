"""Invoices printed as PDF a second, by their number of lines."""

from __future__ import annotations

from time import perf_counter

from bench.table import Row, Section
from fatto import pipeline, render
from fatto.portal.demo import bulk

GOAL = 80
_COUNTS = {5: 120, 50: 30, 500: 5}


def run() -> Section:
    section = Section("PDF", "From a reading to the bytes of a PDF, one process, Italian and Romanian in turn.")
    for lines, count in _COUNTS.items():
        files = list(bulk.papers(count + 2, seed=11, mix={"fatturapa": 1, "ubl": 1}, lines=lines))
        readings = [
            (reading, enclosed)
            for made in files
            for enclosed in pipeline.open(made.data, made.name)
            for reading in pipeline.read(enclosed)
        ]
        for reading, enclosed in readings[:2]:  # fonts and template are loaded once
            render.pdf(reading, enclosed, "it")
        start = perf_counter()
        for turn, (reading, enclosed) in enumerate(readings[2:]):
            render.pdf(reading, enclosed, ("it", "ro")[turn % 2])
        rate = count / (perf_counter() - start)
        start = perf_counter()
        for turn, (reading, enclosed) in enumerate(readings[2:]):
            render.compose(reading, enclosed, ("it", "ro")[turn % 2])
        composing = (perf_counter() - start) / count
        section.rows.append(
            Row(
                what=f"{lines} lines",
                measured=f"{rate:.1f}/s, {1000 / rate:.1f} ms each",
                goal=f"≥ {GOAL}/s" if lines == 5 else "",
                floor=f"composing without printing {composing * 1000:.1f} ms",
                met=rate >= GOAL if lines == 5 else None,
            )
        )
    return section

"""What was measured, as rows of a table: for the terminal and for docs/performance.md."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement. `met` is None where there is no goal."""

    what: str
    measured: str
    goal: str = ""
    floor: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return "" if self.met is None else "yes" if self.met else "NO"


@dataclass(slots=True)
class Section:
    title: str
    note: str = ""
    rows: list[Row] = field(default_factory=list)


def markdown(sections: Iterable[Section]) -> str:
    """Tables with a heading and a sentence each."""
    parts = []
    for section in sections:
        parts.append(f"## {section.title}\n")
        if section.note:
            parts.append(f"{section.note}\n")
        cells = [("", "measured", "goal", "met", "floor, same run")]
        cells += [(row.what, row.measured, row.goal, row.verdict, row.floor) for row in section.rows]
        widths = [max(len(line[column]) for line in cells) for column in range(5)]
        lines = [
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
            for line in cells
        ]
        lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def best(function: Callable[[], object], rounds: int = 5, clock: Callable[[], float] = perf_counter) -> float:
    """Seconds of the quickest of some rounds: what the code costs when nothing disturbs."""
    found = []
    for _ in range(rounds):
        start = clock()
        function()
        found.append(clock() - start)
    return min(found)


def spread(seconds: Sequence[float]) -> tuple[float, float]:
    """Median and 95th percentile, in milliseconds."""
    ordered = sorted(seconds)
    return statistics.median(ordered) * 1000, ordered[max(0, -(-len(ordered) * 95 // 100) - 1)] * 1000


def alternated(
    first: Callable[[], object],
    second: Callable[[], object],
    rounds: int = 7,
    clock: Callable[[], float] = perf_counter,
) -> tuple[float, float]:
    """Seconds of both, the quickest of rounds that take turns, so that a disturbance meets both alike."""
    one, two = [], []
    for _ in range(rounds):
        one.append(best(first, 1, clock))
        two.append(best(second, 1, clock))
    return min(one), min(two)

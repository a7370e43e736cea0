"""`python -m bench [SIZE] [PART …]`: measure and tell; a whole run also rewrites docs/performance.md.

SIZE is `small`, or companies×documents like `100x500`; without it 1000x1000. It can also stand in the environment
variable SIZE. PARTs are `reading`, `rules`, `pdf`, `ingest`, `boxes`, `pages`, `next`, `work`; without one, all.
"""

# ruff: noqa: T201 - it speaks to the person at the terminal

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from bench import boxes, ingest, judging, pages, printing, reading, working
from bench.table import Section, markdown

PAPER = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
PARTS = ("reading", "rules", "pdf", "ingest", "boxes", "pages", "next", "work")
SMALL = (50, 200)
Result = TypeVar("Result")


def main(words: list[str]) -> int:
    parts = [word for word in words if word in PARTS] or list(PARTS)
    size = next((word for word in words if word not in PARTS), "") or os.environ.get("SIZE", "")
    found = re.fullmatch(r"(\d+)\s*[x×*]\s*(\d+)", size)
    if size and size != "small" and not found:
        print(f"SIZE is small or companies×documents, like 100x500; not {size!r}.", file=sys.stderr)
        return 2
    companies, documents = SMALL if size == "small" else (int(found[1]), int(found[2])) if found else (1000, 1000)
    few, many = (1000, 3000) if size == "small" else (5000, 20_000)
    sections: list[Section] = []

    def tell(done: list[Section]) -> None:
        sections.extend(done)
        print(markdown(done), flush=True)

    print(machine(), flush=True)
    if "reading" in parts:
        tell([reading.run()])
    if "rules" in parts:
        tell([judging.run()])
    if "pdf" in parts:
        tell([printing.run()])
    # Each part that needs a portal has a process of its own: Django takes its settings once.
    if "ingest" in parts:
        tell([_apart(ingest.run, few, many)])
    if "boxes" in parts:
        tell([_apart(boxes.run, *((2, 200) if size == "small" else (5, 500)))])
        tell([_apart(boxes.run_with_faults, *((4, 100) if size == "small" else (20, 500)))])
    if "pages" in parts:
        tell(_apart(pages.run, companies, documents))
    if "next" in parts:
        tell(_apart(working.run_next, *((5000, 20) if size == "small" else (200_000, 200))))
    if "work" in parts:
        tell(_apart(working.run, *((40, 200) if size == "small" else (200, 1000))))
    if size != "small" and len(parts) == len(PARTS):
        PAPER.write_text(paper(sections), encoding="utf-8")
        print(f"Written to {PAPER}")
    missed = [row.what for section in sections for row in section.rows if row.met is False]
    print("Every goal is met." if not missed else f"Goals missed: {'; '.join(missed)}")
    return 0


def _apart(part: Callable[[int, int], Result], one: int, other: int) -> Result:
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(part, (one, other))


def machine() -> str:
    """What it ran on, in a paragraph."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        name = next(
            (line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")),
            name,
        )
    return (
        f"Machine: {os.cpu_count()} cores ({name}), {memory:.0f} GB of memory, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}. Measured on {datetime.now(UTC):%Y-%m-%d}.\n"
    )


def paper(sections: list[Section]) -> str:
    return (
        "# Performance\n\nWritten by `make bench`; do not edit by hand. Every number comes from one run, beside what "
        f"the same machine needs at least for the work in that run.\n\n{machine()}\n{markdown(sections)}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Many damaged files: `python -m tests.fuzz.run --count 20000`.

Reports what raised, what took more than two seconds, and whether memory grew; exit code 1 if any did.
`--keep DIR` writes the offending files there.
"""

from __future__ import annotations

import argparse
import faulthandler
import gc
import os
import sys
import traceback
from pathlib import Path

from tests.fuzz.feed import feed
from tests.fuzz.mutate import damaged, samples

SLOW = 2.0
GROWTH = 80
"""MB that the process may gain after the first fifth of the files."""


def resident() -> int:
    """MB of memory in use by this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--render", action="store_true", help="also make pages, and of every fiftieth file a PDF")
    arguments = parser.parse_args()
    faulthandler.enable()
    good = samples()
    say = sys.stdout.write
    say(f"{arguments.count} damaged files from {len(good)} good ones, seed {arguments.seed}\n")
    troubles = 0
    slowest, slowest_at = 0.0, -1
    before = 0
    for turn in range(arguments.count):
        number = arguments.first + turn
        name, data = damaged(arguments.seed, number, good)
        try:
            seconds = feed(name, data, page=arguments.render, paper=arguments.render and number % 50 == 0)
            trouble = f"{seconds:.1f} s" if seconds > SLOW else None
            if seconds > slowest:
                slowest, slowest_at = seconds, number
        except Exception:
            trouble = traceback.format_exc(limit=-6)
        if trouble:
            troubles += 1
            say(f"--- {number} ({name}): {trouble}\n")
            if arguments.keep:
                arguments.keep.mkdir(parents=True, exist_ok=True)
                (arguments.keep / f"{number}-{name}").write_bytes(data)
        if turn == arguments.count // 5:
            gc.collect()
            before = resident()
        if turn and turn % 1000 == 0:
            say(f"{number}: {resident()} MB, slowest {slowest:.2f} s at {slowest_at}\n")
            sys.stdout.flush()
    gc.collect()
    grown = resident() - before
    say(f"{troubles} troubles; slowest {slowest:.2f} s at {slowest_at}; memory {before} → {before + grown} MB\n")
    return 1 if troubles or grown > GROWTH else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Writes the expected reading beside each sample: `<name>.xml` → `<name>.invoice.json`.

    python tests/samples/rewrite.py [country …]

Review the diff: what changed there is what the readers now understand differently.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from fatto import countries, formats
from fatto.envelopes.enclosed import Enclosed
from fatto.errors import FattoError

HERE = Path(__file__).parent


def samples(*wanted: str) -> Iterator[Path]:
    """The XML samples of some countries (folders), or of all."""
    for folder in sorted(each for each in HERE.iterdir() if each.is_dir()):
        if not wanted or folder.name in wanted:
            yield from sorted(folder.glob("*.xml"))


def expectation(sample: Path) -> Path:
    """The file beside a sample that holds its expected reading."""
    return sample.with_suffix(".invoice.json")


def reading(sample: Path) -> str:
    """What the readers make of a sample now, as indented JSON: its readings, or the error."""
    enclosed = Enclosed(name=sample.name, kind="xml", data=sample.read_bytes())
    result: object
    try:
        result = formats.read(enclosed, (*formats.international(), *countries.formats()), countries.notices())
    except FattoError as error:
        result = {"error": {"code": error.code, "message": error.message}}
    return msgspec.json.format(msgspec.json.encode(result), indent=2).decode() + "\n"


def main(*wanted: str) -> int:
    """Rewrite what differs; say what was rewritten."""
    for sample in samples(*wanted):
        path, text = expectation(sample), reading(sample)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            sys.stdout.write(f"{path.relative_to(HERE)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

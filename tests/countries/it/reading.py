"""Short ways to the Italian samples, for the tests in this folder."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fatto import countries, formats
from fatto.countries.it.fatturapa.parts import ItalianParts
from fatto.envelopes.enclosed import Enclosed
from fatto.formats import Reading
from fatto.invoice.model import Invoice

ITALY = countries.find("IT")
SAMPLES = Path(__file__).parents[2] / "samples" / "it"


def read(data: bytes, name: str = "file.xml") -> tuple[Reading, ...]:
    """Bytes → readings, by the Italian formats alone."""
    return formats.read(Enclosed(name=name, kind="xml", data=data), ITALY.formats, ITALY.notices)


def readings(name: str) -> tuple[Reading, ...]:
    """The readings of a sample."""
    return read((SAMPLES / f"{name}.xml").read_bytes(), name)


def invoice(name: str) -> Invoice:
    """The only invoice of a sample."""
    (reading,) = readings(name)
    return reading.invoice


def parts(document: Invoice) -> ItalianParts:
    """Its national parts."""
    assert isinstance(document.parts, ItalianParts)
    return document.parts


def variant(name: str, **changes: str) -> Invoice:
    """A sample with the text of some elements changed (`Numero="7"`); the first of each name."""
    text = (SAMPLES / f"{name}.xml").read_text("utf-8")
    for element, value in changes.items():
        start = text.index(f"<{element}>") + len(element) + 2
        text = text[:start] + value + text[text.index(f"</{element}>", start) :]
    (reading,) = read(text.encode())
    return reading.invoice


def as_json(document: Invoice) -> bytes:
    """The invoice as it is stored."""
    return msgspec.json.encode(document)

"""The verbs in their order work on a path, on bytes, on an open file, and on a pipe."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from fatto import pipeline
from fatto.errors import FattoError, Unreadable

SAMPLES = Path(__file__).parent / "samples" / "ro"
INVOICE = SAMPLES / "a01_standard_21.xml"


class Pipe(io.RawIOBase):
    """A file that can be read only once, from the front."""

    def __init__(self, data: bytes) -> None:
        self._inside = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        return self._inside.readinto(buffer)


@pytest.mark.parametrize("name", ["a01_standard_21.xml", "messages/made_3100000001_received_invoice.zip"])
def test_all_sources_give_the_same(name: str) -> None:
    path = SAMPLES / name
    data = path.read_bytes()
    from_path = [(each.member, each.data) for each in pipeline.open(path)]
    assert from_path == [(each.member, each.data) for each in pipeline.open(data, path.name)]
    assert from_path == [(each.member, each.data) for each in pipeline.open(io.BytesIO(data), path.name)]
    assert from_path == [(each.member, each.data) for each in pipeline.open(io.BufferedReader(Pipe(data)), path.name)]


def test_read_gives_the_invoices_of_a_file() -> None:
    (enclosed,) = pipeline.open(INVOICE)
    (reading,) = pipeline.read(enclosed)
    assert (reading.format, reading.index, reading.invoice.number) == ("ubl-invoice", 0, "PV-2026-000123")


def test_what_holds_no_invoice_raises_with_a_reason() -> None:
    for data, code in ((b"<a/>", "unknown-format"), (b"hello", "not-xml"), (b"", "empty")):
        (enclosed,) = pipeline.open(data, "a.xml")
        with pytest.raises(FattoError) as caught:
            pipeline.read(enclosed)
        assert caught.value.code == code


def test_documents_raises_nothing() -> None:
    found = list(pipeline.documents(SAMPLES / "messages" / "made_3100000001_received_invoice.zip"))
    assert [len(each.readings) for each in found] == [1, 0]
    assert isinstance(found[1].error, Unreadable)


def test_a_missing_path_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(pipeline.open(tmp_path / "none.xml"))

"""Every sample reads as recorded beside it; `make samples` rewrites the records for review."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from tests.samples.rewrite import expectation, reading, samples

from fatto import countries


@pytest.mark.parametrize("sample", list(samples()), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_sample_reads_as_recorded(sample: Path) -> None:
    assert reading(sample) == expectation(sample).read_text("utf-8")


@pytest.mark.parametrize("sample", list(samples()), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_recorded_invoice_decodes_to_what_was_read(sample: Path) -> None:
    record = msgspec.json.decode(expectation(sample).read_bytes())
    for each in record if isinstance(record, list) else []:
        invoice = countries.decode(msgspec.json.encode(each["invoice"]))
        assert msgspec.json.decode(msgspec.json.encode(invoice)) == each["invoice"]

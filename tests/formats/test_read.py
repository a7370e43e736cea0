"""Finding the format of a file, and saying what it is when it is no invoice."""

from __future__ import annotations

import pytest

from fatto import countries, formats
from fatto.envelopes.enclosed import Enclosed, Kind
from fatto.errors import Unopenable, Unreadable
from fatto.formats import Reading

INVOICE = (
    b"<FatturaElettronica><FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento><Numero>7</Numero>"
    b"</DatiGeneraliDocumento></DatiGenerali></FatturaElettronicaBody></FatturaElettronica>"
)


def read(data: bytes, kind: Kind = "xml") -> tuple[Reading, ...]:
    enclosed = Enclosed(name="file", kind=kind, data=data)
    return formats.read(enclosed, (*formats.international(), *countries.formats()), countries.notices())


def refused(data: bytes, kind: Kind = "xml") -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read(data, kind)
    return caught.value


def test_repairs_of_the_file_come_before_findings_of_the_invoice() -> None:
    (reading,) = read(b"\xef\xbb\xbf" + INVOICE)
    assert reading.invoice.number == "7"
    assert reading.findings[0].code == "byte-order-mark"
    assert reading.findings[1].code == "missing-element"


def test_unknown_xml_names_its_root() -> None:
    error = refused(b"<Einkaufsliste/>")
    assert error.code == "unknown-format"
    assert "Einkaufsliste" in error.message


def test_known_message_is_named() -> None:
    error = refused(b'<m:RicevutaConsegna xmlns:m="urn:x"/>')
    assert error.code == "not-an-invoice"
    assert error.values["notice"] == "it-rc"
    assert "delivery receipt" in error.message


def test_root_without_any_invoice_is_refused() -> None:
    assert refused(b"<FatturaElettronica/>").code == "no-invoice"


@pytest.mark.parametrize(
    ("kind", "code"), [("pdf", "pdf-without-invoice"), ("image", "image"), ("xml", "not-xml"), ("other", "not-xml")]
)
def test_other_kinds_of_files_are_named(kind: Kind, code: str) -> None:
    assert refused(b"anything", kind).code == code


def test_error_of_opening_is_raised_as_it_is() -> None:
    error = Unopenable("zip-bomb", "too big")
    with pytest.raises(Unopenable) as caught:
        formats.read(Enclosed(name="x", error=error), ())
    assert caught.value is error

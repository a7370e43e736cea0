from __future__ import annotations

import io
import time
import zlib

import pypdf
import pytest

from envelopes.making import XML, identity, signed, zipped
from fatto import envelopes
from fatto.envelopes import pdf

CII = b'<?xml version="1.0"?><rsm:CrossIndustryInvoice xmlns:rsm="urn:x"><a/></rsm:CrossIndustryInvoice>'


def with_files(*files: tuple[str, bytes], password: str | None = None) -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    for name, content in files:
        writer.add_attachment(name, content)
    if password is not None:
        writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def by_hand(objects: list[bytes]) -> bytes:
    """A PDF of numbered objects, the first its catalogue."""
    out = b"%PDF-1.7\n"
    offsets = []
    for n, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def stream(content: bytes, extra: bytes = b"") -> bytes:
    packed = zlib.compress(content)
    return b"<</Length %d/Filter/FlateDecode%s>>\nstream\n%s\nendstream" % (len(packed), extra, packed)


def only(data: bytes, name: str = "fattura.pdf") -> envelopes.Enclosed:
    (found,) = envelopes.open(data, name)
    return found


@pytest.mark.parametrize("name", ["factur-x.xml", "ZUGFeRD-invoice.xml", "zugferd-invoice.xml", "xrechnung.xml"])
def test_the_invoice_in_a_pdf_is_found_by_its_fixed_name(name: str) -> None:
    data = with_files(("terms.xml", XML), (name, CII), ("note.txt", b"hello"))
    found = only(data)
    assert (found.kind, found.data, found.file, found.peeled) == ("xml", CII, data, ("pdf",))
    assert (found.name, found.member) == ("fattura.pdf", name)


def test_an_invoice_under_another_name_is_found_by_its_root() -> None:
    data = with_files(("job-ticket.xml", b"<Ticket/>"), ("fattura 7.xml", XML))
    assert [(e.member, e.data) for e in envelopes.open(data, "f.pdf")] == [("fattura 7.xml", XML)]


def test_a_signed_invoice_in_a_pdf_is_peeled() -> None:
    found = only(with_files(("IT01_1.xml.p7m", signed(XML, identity()))))
    assert (found.data, found.peeled) == (XML, ("pdf", "cms"))
    assert [s.name for s in found.signers] == ["Rossi Maria"]


@pytest.mark.parametrize("files", [[], [("terms.txt", b"x")], [("data.xml", b"<Ticket/>")]])
def test_a_pdf_without_invoice_is_a_pdf(files: list[tuple[str, bytes]]) -> None:
    data = with_files(*files)
    found = only(data)
    assert (found.kind, found.peeled, found.member) == ("pdf", (), None)
    assert found.data is found.file


def test_a_pdf_in_an_archive_keeps_its_place() -> None:
    data = with_files(("factur-x.xml", CII))
    (found,) = envelopes.open(zipped(("d/f.pdf", data)), "l.zip")
    assert found.member == "d/f.pdf/factur-x.xml"


def test_a_signed_pdf_is_looked_into() -> None:
    data = with_files(("factur-x.xml", CII))
    p7m = signed(data, identity())
    found = only(p7m, "f.pdf.p7m")
    assert (found.data, found.peeled, found.file) == (CII, ("cms", "pdf"), p7m)


def test_an_associated_file_without_name_tree_and_a_deep_name_tree_are_found() -> None:
    spec = b"<</Type/Filespec/F(factur-x.xml)/UF(factur-x.xml)/EF<</F 3 0 R>>>>"
    associated = by_hand([b"<</Type/Catalog/AF[2 0 R]>>", spec, stream(CII)])
    assert only(associated).data == CII
    tree = by_hand(
        [
            b"<</Type/Catalog/Names<</EmbeddedFiles 4 0 R>>>>",
            spec,
            stream(CII),
            b"<</Kids[5 0 R]>>",
            b"<</Kids[6 0 R 4 0 R]>>",
            b"<</Names[(x) 2 0 R]>>",
        ]
    )
    assert only(tree).data == CII


def object_stream(*objects: tuple[int, bytes]) -> bytes:
    """Objects by number in an object stream (ISO 32000-1, 7.5.7)."""
    index, body = b"", b""
    for number, content in objects:
        index += b"%d %d " % (number, len(body))
        body += content + b" "
    return stream(index + body, b"/Type/ObjStm/N %d/First %d" % (len(objects), len(index)))


def test_objects_inside_object_streams_are_followed() -> None:
    hidden = object_stream(
        (1, b"<</Type/Catalog/Names 11 0 R>>"),
        (11, b"<</EmbeddedFiles<</Names[<FEFF0066> 12 0 R]>>>>"),
        (12, b"<</UF<FEFF006600610063007400750072002D0078002E0078006D006C>/EF<</F 3 0 R>>>>"),
    )
    data = by_hand([b"null", hidden, stream(CII, b"/Type/EmbeddedFile")]).replace(b"1 0 obj\nnull\nendobj\n", b"")
    found = only(data)
    assert (found.member, found.data) == ("factur-x.xml", CII)


def test_the_last_revision_of_a_file_counts() -> None:
    spec = b"<</F(factur-x.xml)/EF<</F 3 0 R>>>>"
    data = by_hand([b"<</Type/Catalog/AF[2 0 R]>>", spec, stream(b"<Old/>")])
    assert only(data + b"3 0 obj\n" + stream(CII) + b"\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF").data == CII


def test_what_looks_like_objects_inside_a_stream_is_none() -> None:
    spec = b"<</F(factur-x.xml)/EF<</F 3 0 R>>>>"
    inner = b"1 0 obj\n<</Nothing true>>\nendobj\ntrailer<</Root 9 0 R/Encrypt 8 0 R>>"
    plain = b"<</Length %d>>\nstream\n%s\nendstream" % (len(inner), inner)
    assert only(by_hand([b"<</Type/Catalog/AF[2 0 R]>>", spec, stream(CII), plain])).data == CII


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (b"(fattura \\(7\\).xml)", "fattura (7).xml"),
        (b"(a (b) c.xml)", "a (b) c.xml"),
        (b"(societ\\340.xml)", "società.xml"),
        (b"(\\357\\273\\277societ\\303\\240.xml)", "società.xml"),
        (b"<612e786d6c>", "a.xml"),
        (b"(../../x.xml)", "x.xml"),
    ],
)
def test_file_names_are_read_in_every_notation(written: bytes, name: str) -> None:
    spec = b"<</F" + written + b"/EF<</F 3 0 R>>>>"
    assert only(by_hand([b"<</Type/Catalog/AF[2 0 R]>>", spec, stream(XML)])).member == name


def test_a_broken_cross_reference_table_does_not_matter() -> None:
    data = with_files(("factur-x.xml", CII))
    assert only(data.replace(b" 00000 n", b" 99999 n").replace(b"startxref\n", b"startxref\n9")).data == CII


def test_an_encrypted_pdf_is_shown_as_it_is() -> None:
    """PDF/A-3, which hybrid invoices must be, forbids encryption."""
    for password in ("secret", ""):
        assert only(with_files(("factur-x.xml", CII), password=password)).kind == "pdf"


def test_broken_and_hostile_pdfs_are_shown_as_they_are() -> None:
    spec = b"<</Type/Filespec/F(factur-x.xml)/EF<</F 3 0 R>>>>"
    catalogue = b"<</Type/Catalog/AF[2 0 R]>>"
    bomb = zlib.compress(bytes(200 * 1024 * 1024))
    twice = zlib.compress(bomb)
    hostile = [
        b"%PDF-1.7 /EmbeddedFile",
        with_files(("factur-x.xml", CII))[:-200],
        by_hand([catalogue, spec, b"<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream" % (len(bomb), bomb)]),
        by_hand(
            [
                catalogue,
                spec,
                b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>\nstream\n%s\nendstream" % (len(twice), twice),
            ]
        ),
        by_hand([catalogue, b"2 0 R", b"3 0 R"]) + b"/EmbeddedFile",
        by_hand([b"<</Names<</EmbeddedFiles 1 0 R/Kids[1 0 R]>>/Kids[1 0 R 1 0 R]>>"]) + b"/EmbeddedFile",
        b"%PDF-1.7 /EmbeddedFile " + b"[" * 200_000,
        b"%PDF-1.7 /EmbeddedFile " + b"<<" * 200_000 + b"\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF",
        b"%PDF-1.7 /EmbeddedFile " + b"1 0 obj\n" * 100_000 + b"startxref\n0\n%%EOF",
    ]
    for data in hostile:
        started = time.process_time()
        found = only(data)
        assert time.process_time() - started < 2.5
        assert found.kind in ("pdf", "xml")
        assert found.error is None


def test_a_pdf_that_says_nothing_of_files_is_not_parsed() -> None:
    assert pdf.embedded(b"%PDF-1.7 nothing") == []

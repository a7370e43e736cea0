"""The sheet as PDF."""

from __future__ import annotations

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import msgspec
import pypdf
import pytest

from fatto import render
from fatto.invoice.model import Item
from fatto.render import paper


def words(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\u200b", "").split())


def test_everything_of_the_invoice_is_on_paper(reading, enclosed, printed):
    text = words(render.pdf(reading, enclosed, "en"))
    missing = [each for each in printed if each not in text]
    assert not missing


def test_national_particulars_are_on_paper(reading, country):
    text = words(render.pdf(reading, None, "it", country=country))
    for each in ("Credit note of nowhere", "XX04", "W1 natural person", "20%", "200,00", "29/02/2020", "01/05/2026"):
        assert each in text


def test_the_same_invoice_gives_the_same_bytes_in_another_process(reading, enclosed, country, tmp_path):
    def made() -> tuple[bytes, bytes]:
        return (
            render.pdf(reading, enclosed, "ro", country=country),
            render.pdf(reading, enclosed, "ro", archive=True),
        )

    first = made()
    assert made() == first
    (tmp_path / "reading").write_bytes(msgspec.json.encode(reading))
    (tmp_path / "enclosed").write_bytes(enclosed.file)
    program = (
        "import msgspec, sys; from pathlib import Path; from fatto import render;"
        "from fatto.formats.format import Reading; from fatto.envelopes.enclosed import Enclosed;"
        "folder = Path(sys.argv[1]);"
        "reading = msgspec.json.decode((folder / 'reading').read_bytes(), type=Reading);"
        "enclosed = Enclosed(name='RO12345674_17.xml.p7m', kind='xml', peeled=('cms',),"
        " file=(folder / 'enclosed').read_bytes());"
        "(folder / 'pdf').write_bytes(render.pdf(reading, enclosed, 'ro', archive=True))"
    )
    again = msgspec.structs.replace(enclosed, signers=())
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, timeout=60)
    assert (tmp_path / "pdf").read_bytes() == render.pdf(reading, again, "ro", archive=True)


def test_threads_do_not_disturb_one_another(change):
    readings = [change(number=f"N-{number}") for number in range(24)]
    alone = [render.pdf(each, None, "it") for each in readings]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda each: render.pdf(each, None, "it"), readings)) == alone


def test_the_archive_copy_carries_the_file_byte_for_byte(reading, enclosed):
    pdf = pypdf.PdfReader(io.BytesIO(render.pdf(reading, enclosed, "en", archive=True)))
    assert pdf.attachments == {"RO12345674_17.xml.p7m": [enclosed.file]}
    metadata = pdf.xmp_metadata
    assert (metadata.pdfaid_part, metadata.pdfaid_conformance) == ("3", "B")
    catalogue = pdf.trailer["/Root"]
    [specification] = [each.get_object() for each in catalogue["/AF"]]
    assert specification["/AFRelationship"] == "/Source"
    assert "/OutputIntents" in catalogue


def test_a_second_archive_copy_does_not_see_the_file_of_the_first(reading, enclosed):
    for content in (b"one", b"two" * 1000):
        other = msgspec.structs.replace(enclosed, file=content)
        pdf = pypdf.PdfReader(io.BytesIO(render.pdf(reading, other, "en", archive=True)))
        assert pdf.attachments["RO12345674_17.xml.p7m"] == [content]


def test_an_ordinary_copy_carries_nothing(reading, enclosed):
    assert not pypdf.PdfReader(io.BytesIO(render.pdf(reading, enclosed, "en"))).attachments


def test_there_is_no_archive_copy_without_the_file(reading):
    with pytest.raises(ValueError, match="enclosed"):
        render.pdf(reading, None, "en", archive=True)


@pytest.mark.parametrize("issued", [None, date(1, 1, 1), date(1970, 1, 1), date(2026, 2, 28), date(9999, 12, 31)])
def test_the_date_of_the_file_is_that_of_the_invoice(change, issued):
    pdf = pypdf.PdfReader(io.BytesIO(render.pdf(change(issue_date=issued), None, "en")))
    expected = max(issued or date(1970, 1, 1), date(1970, 1, 1))
    assert pdf.metadata.creation_date.date() == expected


def test_only_the_fonts_of_the_package_are_used(reading):
    pdf = pypdf.PdfReader(io.BytesIO(render.pdf(reading, None, "ro")))
    fonts = {font.get_object()["/BaseFont"] for page in pdf.pages for font in page["/Resources"]["/Font"].values()}
    assert fonts
    assert all("NotoSans" in font for font in fonts)


def test_hostile_texts_are_printed_and_never_run(hostile, enclosed, country):
    name = hostile.invoice.number
    for archive in (False, True):
        other = msgspec.structs.replace(enclosed, name=name.replace("\ud800", "x"))
        pdf = render.pdf(hostile, other, "it", country=country, archive=archive)
        assert pypdf.PdfReader(io.BytesIO(pdf)).pages


def test_markup_is_printed_as_written(change):
    text = '#import "x": * $x^2$ @ref <label> `raw` *b* _i_ \\ // c'
    assert text in words(render.pdf(change(payment_terms=text), None, "en"))


def test_long_words_stay_on_the_paper(change, reading):
    line = msgspec.structs.replace(reading.invoice.lines[0], item=Item(name="W" * 500, seller_id="M" * 80))
    pdf = pypdf.PdfReader(io.BytesIO(render.pdf(change(lines=(line,), number="N" * 120), None, "en")))
    right: list[float] = []

    def note(text, matrix, position, font, size):
        if text.strip():
            right.append(position[4] + matrix[4])

    for page in pdf.pages:
        page.extract_text(visitor_text=note)
    assert right
    assert max(right) < 595 - 36


def test_a_very_long_description_runs_over_pages(change, reading):
    line = msgspec.structs.replace(reading.invoice.lines[0], item=Item(name="description " * 2000))
    pdf = render.pdf(change(lines=(line,)), None, "en")
    assert words(pdf).count("description") == 2000
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) > 2


def test_five_hundred_lines_are_all_there_with_the_head_on_every_page(change, reading):
    lines = tuple(msgspec.structs.replace(reading.invoice.lines[1], id=f"L{number}") for number in range(500))
    pdf = pypdf.PdfReader(io.BytesIO(render.pdf(change(lines=lines), None, "en")))
    texts = [page.extract_text() for page in pdf.pages]
    assert all(f"L{number}" in "\n".join(texts) for number in (0, 250, 499))
    assert all("Description" in text for text in texts if "Scrap" in text)
    assert f"Page 1 of {len(texts)}" in texts[0]


def test_characters_without_a_glyph_are_replaced_only_where_the_archive_format_refuses_them(change, enclosed):
    reading = change(payment_terms="ok 漢字 ok")
    assert "�" in words(render.pdf(reading, enclosed, "en", archive=True))
    assert render.pdf(reading, enclosed, "en").startswith(b"%PDF")


def test_widths_are_never_reckoned_too_small():
    """Typst measures what `paper` reckons; a row set too low would print over the next one."""
    import typst

    characters = [chr(code) for code in (*range(33, 127), *map(ord, "șțăâîȘȚĂÂÎàèéìòùç€–—’“”°²«»×"))]
    source = """
        #set text(font: "Noto Sans", size: 100pt, kerning: false)
        #let widths(c) = (measure(text(c)).width / 100pt, measure(text(weight: 600, c)).width / 100pt)
        #context [#metadata(sys.inputs.c.clusters().map(widths)) <widths>]
    """
    compiler = typst.Compiler(
        source.encode(), font_paths=paper.fonts(), ignore_system_fonts=True, sys_inputs={"c": "".join(characters)}
    )
    [found] = msgspec.json.decode(compiler.query("<widths>", field="value"))
    for character, widths in zip(characters, found, strict=True):
        assert max(widths) <= paper._width(character) + 1e-6, character


def test_the_template_is_where_the_package_says():
    assert Path(paper._TEMPLATE).is_file()

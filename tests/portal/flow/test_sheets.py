"""Rows out of what people paste or hand in."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.utils import translation

from fatto.portal.flow import sheets
from fatto.portal.flow.sheets import TooMany, Unreadable


def workbook(sheet: str, strings: str = "", **parts: str) -> bytes:
    """An XLSX with the least that spreadsheets write."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    files = {
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{links}"><sheets>'
        '<sheet name="A" sheetId="1" r:id="rId7"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}">'
        '<Relationship Id="rId7" Type="x" Target="worksheets/one.xml"/></Relationships>',
        "xl/worksheets/one.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{strings}</sst>',
    } | parts
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize("sign", ["\t", ";", ","])
def test_the_sign_between_cells_is_found(sign: str):
    text = f"IT01{sign}Alfa{sign}a@x.it\n\n IT02 {sign} Beta {sign}b@x.it\n"
    assert sheets.of_text(text) == [["IT01", "Alfa", "a@x.it"], ["IT02", "Beta", "b@x.it"]]


def test_quoted_cells_keep_their_signs():
    assert sheets.of_text('1;"Alfa; figli";a@x.it') == [["1", "Alfa; figli", "a@x.it"]]


def test_blanks_alone_part_a_number_from_an_address():
    assert sheets.of_text("01234567897 a@x.it\nnome solo") == [["01234567897", "a@x.it"], ["nome solo"]]


def test_old_encodings_are_read_in_the_readers_language():
    with translation.override("it"):
        assert sheets.of_file("1;Città;a@x.it".encode("cp1252"))[0][1] == "Città"
    with translation.override("ro"):
        assert sheets.of_file("1;Brutăria;a@x.ro".encode("cp1250"))[0][1] == "Brutăria"
    assert sheets.of_file("1;Brutăria;a@x.ro".encode("utf-16"))[0][1] == "Brutăria"


def test_a_workbook_gives_its_first_sheet_with_whole_numbers_and_gaps():
    strings = "<si><t>Alfa</t></si><si><r><t>Be</t></r><r><t>ta</t></r><rPh><t>no</t></rPh></si>"
    sheet = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>a@x.it</t></is></c></row>'
        '<row r="2"/>'
        '<row r="3"><c r="A3" t="s"><v>1</v></c><c r="B3"><v>1.2345678903E10</v></c>'
        '<c r="C3" t="e"><v>#N/A</v></c></row>'
        '<row r="4"><c><v>185472903</v></c><c t="str"><v>b@x.ro</v></c></row>'
    )
    assert sheets.of_file(workbook(sheet, strings)) == [
        ["Alfa", "", "a@x.it"],
        ["Beta", "12345678903", ""],
        ["185472903", "b@x.ro"],
    ]


def test_what_is_no_list_is_refused_in_words():
    doctype = '<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'
    for data in (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"%PDF-1.7",
        b"PK\x03\x04broken",
        b"a\0b",
        workbook("", **{"xl/worksheets/one.xml": doctype}),
        workbook("", **{"xl/_rels/workbook.xml.rels": "<a/>"}),
        workbook("", **{"xl/workbook.xml": "<a/>"}),
        workbook("", strings=" " * (sheets.MAX_PART + 1)),
        b"x" * (sheets.MAX_BYTES + 1),
    ):
        with pytest.raises(Unreadable):
            sheets.of_file(data)


def test_a_cell_far_out_costs_nothing():
    assert sheets.of_file(
        workbook('<row r="1048576"><c r="XFD1048576"><v>1</v></c><c r="A1048576"><v>2</v></c></row>')
    ) == [["2"]]


def test_more_rows_than_are_taken_are_refused():
    with pytest.raises(TooMany):
        sheets.of_text("a;b\n" * (sheets.MAX_ROWS + 2))

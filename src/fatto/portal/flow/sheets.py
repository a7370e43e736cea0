"""Rows of cells out of what people paste or hand in: a spreadsheet's clipboard, CSV, XLSX.

Cells are texts without blanks around them. Formats and formulas are not looked at, only what is shown
last; whole numbers come without decimals, so that a tax number stays one.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from fatto.errors import FattoError
from fatto.formats import xml
from fatto.formats.format import Element
from fatto.portal.tenancy.action import Refusal

MAX_BYTES = 5 << 20
MAX_PART = 8 << 20
"""Of one part of an XLSX, unpacked."""
MAX_ROWS = 1000
MAX_COLUMNS = 50
MAX_CELL = 500

Rows = list[list[str]]
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_OLD_ENCODINGS = {"ro": "cp1250"}
"""What spreadsheets write that do not know UTF-8, by the reader's language; cp1252 else."""


class Unreadable(Refusal):
    """The file holds no list that can be read."""

    status = 422


class TooMany(Refusal):
    """More rows than are taken at a time."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("There are more than 1000 rows. Bring them in parts."))


def of_text(text: str) -> Rows:
    """Rows of a pasted text or of CSV: cells between tabs, semicolons or commas, whichever the text uses.

    Raises:
        TooMany
    """
    text = text.replace("\0", "")
    delimiter = _delimiter(text)
    lines = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
    try:
        return _bounded(_words(row) if delimiter == " " else row for row in lines)
    except csv.Error as error:
        raise Unreadable(_("The list cannot be read: a quotation mark is opened and never closed.")) from error


def of_file(data: bytes) -> Rows:
    """Rows of a CSV file, or of the first sheet of an XLSX workbook.

    Raises:
        Unreadable, TooMany
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(_("The file is larger than 5 MB."))
    if data.startswith(b"PK"):
        return _of_workbook(data)
    if data.startswith((b"%PDF", b"\xd0\xcf\x11\xe0")) or (b"\0" in data and not data.startswith(_UTF16)):
        raise Unreadable(_("This kind of file cannot be read. Save it as XLSX or CSV."))
    return of_text(_decoded(data))


def _decoded(data: bytes) -> str:
    if data.startswith(_UTF16):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode(_OLD_ENCODINGS.get((get_language() or "")[:2], "cp1252"), "replace")


def _delimiter(text: str) -> str:
    """The sign that parts cells: the first of tab, semicolon and comma that most of the first lines have."""
    lines = [line for line in text.splitlines() if line.strip()][:20]
    for sign in ("\t", ";", ","):
        if lines and sum(sign in line for line in lines) * 2 >= len(lines):
            return sign
    return " "


def _words(row: list[str]) -> list[str]:
    """Without any sign, an address and a tax number that stand side by side are still two cells."""
    return row if any("@" in cell for cell in row) else [" ".join(row)]


def _bounded(rows: Iterator[list[str]]) -> Rows:
    found: Rows = []
    for row in rows:
        cells = [" ".join(cell.split())[:MAX_CELL] for cell in row[:MAX_COLUMNS]]
        if any(cells):
            if len(found) > MAX_ROWS:  # one more than that: the first may be a heading
                raise TooMany
            found.append(cells)
    return found


# -- XLSX ---------------------------------------------------------------------------------------------------------


def _of_workbook(data: bytes) -> Rows:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                raise Unreadable(_("This kind of file cannot be read. Save it as XLSX or CSV."))
            strings = _strings(archive)
            sheet = _part(archive, _first_sheet(archive))
            return _bounded(_cells(row, strings) for row in sheet.iter() if _is(row, "row"))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, KeyError, FattoError) as error:
        raise Unreadable(_("The workbook is damaged or protected. Save it again as XLSX or CSV.")) from error


def _part(archive: zipfile.ZipFile, name: str) -> Element:
    """A part of the workbook, which is read no further than its declared size, and that is bounded."""
    if archive.getinfo(name).file_size > MAX_PART:
        raise Unreadable(_("The workbook is too large. Copy the rows out of it and paste them."))
    root, _findings = xml.parse(archive.read(name))
    return root


def _first_sheet(archive: zipfile.ZipFile) -> str:
    sheets = (each for each in _part(archive, "xl/workbook.xml").iter() if _is(each, "sheet"))
    ids = (str(value) for sheet in sheets for name, value in sheet.attrib.items() if str(name).endswith("}id"))
    wanted = next(ids, "")
    for relation in _part(archive, "xl/_rels/workbook.xml.rels").iter():
        if _is(relation, "Relationship") and relation.get("Id") == wanted:
            target = str(relation.get("Target"))
            return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    raise KeyError(wanted)


def _strings(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    root = _part(archive, "xl/sharedStrings.xml")
    return [_text(each) for each in root.iter() if _is(each, "si")]


def _text(element: Element) -> str:
    """The text of a cell or shared string, without the reading aids of East Asian names."""
    return "".join(each.text or "" for each in element.iter() if _is(each, "t") and not _is(each.getparent(), "rPh"))


def _cells(row: Element, strings: list[str]) -> list[str]:
    found: dict[int, str] = {}
    for position, cell in enumerate(each for each in row if _is(each, "c")):
        column = _column(str(cell.get("r") or ""), position)
        if column < MAX_COLUMNS:
            found[column] = _value(cell, strings)
    return [found.get(column, "") for column in range(max(found, default=-1) + 1)]


def _column(reference: str, otherwise: int) -> int:
    """`AB12` → 27."""
    letters = re.match(r"[A-Z]{1,3}", reference)
    if letters is None:
        return otherwise
    number = 0
    for letter in letters[0]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _value(cell: Element, strings: list[str]) -> str:
    kind = cell.get("t")
    if kind == "inlineStr":
        return _text(cell)
    value = next((each.text or "" for each in cell if _is(each, "v")), "").strip()
    if kind == "s":
        return strings[int(value)] if value.isdecimal() and int(value) < len(strings) else ""
    if kind in ("str", "b", "e", "d"):
        return "" if kind == "e" else value
    return _number(value)


def _number(text: str) -> str:
    """`1.234567897E10` → `12345678970`: a whole number is written in full."""
    if not re.fullmatch(r"-?[0-9.]{1,30}(?:[eE][+-]?[0-9]{1,2})?", text):
        return text
    try:
        number = Decimal(text)
    except ArithmeticError:
        return text
    return f"{number:f}" if number != number.to_integral_value() else f"{number.to_integral_value():f}"


def _is(element: Element | None, name: str) -> bool:
    return element is not None and isinstance(element.tag, str) and xml.local(element) == name

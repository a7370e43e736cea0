"""A list of documents as a table file, CSV or XLSX: exactly the filtered list, however long.

Rows are read page by page, each in a scope of its own, so that what the reader may not see (another
company's, behind a hard gate, not an employee's own) cannot be in the file, and nothing but one page is
in memory. Texts come from strangers: in CSV none can begin a formula, in XLSX each is written as text.
"""

from __future__ import annotations

import csv as tables
import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fatto import i18n
from fatto.portal.documents import queries
from fatto.portal.documents.models import Direction, Document
from fatto.portal.documents.queries import Filters
from fatto.portal.documents.states import Approval, Booking, Transmission
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.scope import scope

PAGE = 1000
SHEET = 1_000_000
"""Rows of one sheet: a spreadsheet program opens 1,048,576."""
_CHUNK = 1 << 16

Cell = str | date | datetime | Decimal | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Column:
    """What stands above, how wide, and what of a document stands below."""

    label: str
    width: int
    value: Callable[[Document], Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A list to write: whose, which, and for whom."""

    actor: Actor
    filters: Filters
    language: str
    zone: tzinfo

    @contextmanager
    def spoken(self) -> Iterator[None]:
        """As in the reader's request, after that has ended."""
        with translation.override(self.language), timezone.override(self.zone):
            yield

    def rows(self) -> Iterator[list[list[Cell]]]:
        """The cells of the list, a page at a time."""
        cursor = ""
        while True:
            with scope(self.actor), self.spoken():
                page = queries.page(self.filters, cursor, size=PAGE)
                values = [column.value for column in columns(self.actor.company is None)]
                cells = [[value(document) for value in values] for document in page.rows]
            yield cells
            cursor = page.next
            if not cursor:
                return

    def headings(self) -> list[Column]:
        with self.spoken():
            return columns(self.actor.company is None)


def columns(with_company: bool) -> list[Column]:
    """The columns, in the active language."""
    company = [Column(_("Company"), 28, lambda each: each.company.name)] if with_company else []
    return [
        *company,
        Column(_("Direction"), 12, lambda each: str(Direction(each.direction).label)),
        Column(_("Document date"), 13, lambda each: each.issue_date),
        Column(pgettext("column", "Received"), 17, lambda each: timezone.localtime(each.received_at)),
        Column(_("Party"), 36, lambda each: each.party_name),
        Column(_("Tax number"), 18, lambda each: each.party_id),
        Column(_("Number"), 18, lambda each: each.number),
        Column(_("Document type"), 14, lambda each: each.type_code),
        Column(_("Amount"), 14, lambda each: each.amount),
        Column(_("Currency"), 9, lambda each: each.currency),
        Column(_("Due date"), 13, lambda each: each.due_date),
        Column(_("Transmission"), 18, lambda each: str(Transmission(each.transmission).label)),
        Column(_("Approval"), 16, lambda each: str(Approval(each.approval).label)),
        Column(_("Booking"), 16, lambda each: str(Booking(each.booking).label)),
        Column(_("Tags"), 24, lambda each: ", ".join(each.tags)),
        Column(_("Cost centre"), 14, lambda each: each.cost_center),
        Column(_("Comments"), 10, lambda each: str(each.comments) if each.comments else ""),
        Column(_("File"), 36, lambda each: each.name),
    ]


# -- CSV ----------------------------------------------------------------------------------------------------------


def csv(export: Export) -> Iterator[bytes]:
    """For spreadsheet programs set to the reader's language: UTF-8 with its mark, that language's separator."""
    buffer = io.StringIO(newline="")
    writer = tables.writer(buffer, delimiter="," if export.language == "en" else ";", lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow([column.label for column in export.headings()])
    for rows in export.rows():
        writer.writerows([_plain(cell, export.language) for cell in row] for row in rows)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def _plain(cell: Cell, language: str) -> str:
    """A cell as text. An amount or a day in the reader's way, without marks that a program would stumble on."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        text = f"{cell:.2f}"
        return text if language == "en" else text.replace(".", ",")
    if isinstance(cell, datetime):
        return f"{_day(cell.date(), language)} {cell:%H:%M}"
    if isinstance(cell, date):
        return _day(cell, language)
    return f"'{cell}" if cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA) else cell


def _day(day: date, language: str) -> str:
    return day.isoformat() if language == "en" else i18n.day(day, language)


# -- XLSX ---------------------------------------------------------------------------------------------------------

_DATE_FORMATS = {"it": "dd/mm/yyyy", "ro": "dd.mm.yyyy"}


def xlsx(export: Export) -> Iterator[bytes]:
    """A workbook with real dates and amounts. It is written row by row into a file, then sent."""
    folder = settings.FILE_UPLOAD_TEMP_DIR
    with tempfile.TemporaryFile(dir=folder) as file:
        options = {"constant_memory": True, "tmpdir": folder, "in_memory": False, "default_date_format": "yyyy-mm-dd"}
        with xlsxwriter.Workbook(file, options) as book:
            _fill(book, export)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _fill(book: Any, export: Export) -> None:
    day = _DATE_FORMATS.get(export.language, "yyyy-mm-dd")
    styles = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "day": book.add_format({"num_format": day, "align": "left"}),
        "moment": book.add_format({"num_format": f"{day} hh:mm", "align": "left"}),
        "amount": book.add_format({"num_format": "#,##0.00"}),
    }
    headings = export.headings()
    with export.spoken():
        title = _("Documents")
    sheet, line, number = None, 0, 0
    for rows in export.rows():
        for row in rows:
            if sheet is None or line > SHEET:
                number += 1
                sheet, line = _sheet(book, headings, title if number == 1 else f"{title} {number}", styles["head"]), 1
            for place, cell in enumerate(row):
                _write(sheet, line, place, cell, styles)
            line += 1
    if sheet is None:
        _sheet(book, headings, title, styles["head"])


def _sheet(book: Any, headings: list[Column], title: str, style: Any) -> Any:
    sheet = book.add_worksheet(title[:31])
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(headings):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.label, style)
    return sheet


def _write(sheet: Any, line: int, place: int, cell: Cell, styles: dict[str, Any]) -> None:
    if isinstance(cell, Decimal):
        sheet.write_number(line, place, float(cell), styles["amount"])
    elif isinstance(cell, datetime):
        sheet.write_datetime(line, place, cell.replace(tzinfo=None, microsecond=0), styles["moment"])
    elif isinstance(cell, date):
        sheet.write_datetime(line, place, cell, styles["day"])
    elif cell:
        sheet.write_string(line, place, cell)

"""A list of documents as a table file, CSV or XLSX: exactly the filtered list, however long.

Rows are read page by page, each in a scope of its own, so that what the reader may not see (another
company's, behind a hard gate, not an employee's own) cannot be in the file, and nothing but one page is
in memory. Texts come from strangers: in CSV none can begin a formula, in XLSX each is written as text.
"""

from __future__ import annotations

import csv as tables
import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fatto import i18n
from fatto.portal.approvals import queries as approvals
from fatto.portal.approvals.models import Decision
from fatto.portal.documents import queries
from fatto.portal.documents.models import Direction, Document
from fatto.portal.documents.queries import Filters
from fatto.portal.documents.states import Approval, Booking, Check, Transmission
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.scope import scope

PAGE = 1000
SHEET = 1_000_000
"""Rows of one sheet: a spreadsheet program opens 1,048,576."""
_CHUNK = 1 << 16

Cell = str | date | datetime | Decimal | None
_TOGETHER = {"amount": ["currency"], "approval": ["decided_by", "decided_at", "decided_sha256"]}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Column:
    """What stands above, how wide, and what of a document stands below."""

    name: str
    label: str
    width: int
    value: Callable[[Document], Cell] = lambda document: None
    said: Callable[[list[Decision]], Cell] | None = None
    """What stands below when it is about the decisions: the yeses that hold, or the no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A list to write: whose, which, and for whom."""

    actor: Actor
    filters: Filters
    language: str
    zone: tzinfo
    pks: tuple[int, ...] = ()
    """Ticked documents; then the filters say nothing."""
    names: tuple[str, ...] = ()
    """The columns that the reader has chosen; all, when none are."""

    @contextmanager
    def spoken(self) -> Iterator[None]:
        """As in the reader's request, after that has ended."""
        with translation.override(self.language), timezone.override(self.zone):
            yield

    def pages(self, *, files: bool = False) -> Iterator[list[Document]]:
        """The documents of the list, a page at a time, each read in a scope of its own; with their files, if asked."""
        cursor = ""
        while True:
            with scope(self.actor), self.spoken():
                if self.pks:
                    found, cursor = list(queries.ticked(self.pks).prefetch_related("company")), ""
                else:
                    page = queries.page(self.filters, cursor, size=PAGE)
                    found, cursor = page.rows, page.next
                if files:
                    prefetch_related_objects(found, "file")
            yield found
            if not cursor:
                return

    def rows(self) -> Iterator[list[list[Cell]]]:
        """The cells of the list, a page at a time."""
        columns = self.headings()
        for documents in self.pages():
            with scope(self.actor), self.spoken():
                decided = approvals.deciding(documents) if any(column.said for column in columns) else {}
                cells = [[_cell(column, each, decided.get(each.pk, [])) for column in columns] for each in documents]
            yield cells

    def headings(self) -> list[Column]:
        with self.spoken():
            return columns(self.actor.company is None, self.names)


def _cell(column: Column, document: Document, decided: list[Decision]) -> Cell:
    if column.said is None:
        return column.value(document)
    return column.said(decided) if decided else None


def columns(with_company: bool, names: Sequence[str] = ()) -> list[Column]:
    """The columns, in the active language: those named, in their order, or all.

    The currency goes with the amount, and who decided, when and on which bytes with the approval.
    """
    every = [
        Column("company", _("Company"), 28, lambda each: each.company.name),
        Column("direction", _("Direction"), 12, lambda each: str(Direction(each.direction).label)),
        Column("date", _("Document date"), 13, lambda each: each.issue_date),
        Column("received", pgettext("column", "Received"), 17, lambda each: timezone.localtime(each.received_at)),
        Column("party", _("Party"), 36, lambda each: each.party_name),
        Column("party_id", _("Tax number"), 18, lambda each: each.party_id),
        Column("number", _("Number"), 18, lambda each: each.number),
        Column("type", _("Document type"), 14, lambda each: each.type_code),
        Column("amount", _("Amount"), 14, lambda each: each.amount),
        Column("currency", _("Currency"), 9, lambda each: each.currency),
        Column("due", _("Due date"), 13, lambda each: each.due_date),
        Column("transmission", _("Transmission"), 18, lambda each: str(Transmission(each.transmission).label)),
        Column("approval", _("Approval"), 16, lambda each: str(Approval(each.approval).label)),
        Column("decided_by", _("Decided by"), 24, said=lambda found: ", ".join(map(approvals.who, found))),
        Column("decided_at", _("Decided on"), 17, said=lambda found: timezone.localtime(found[-1].at)),
        Column("decided_sha256", _("Decided on the bytes (SHA-256)"), 24, said=lambda found: found[-1].on_sha256),
        Column("booking", _("Booking"), 16, lambda each: str(Booking(each.booking).label)),
        Column("verdict", _("Official check"), 16, lambda each: str(Check(each.verdict).label)),
        Column("tags", _("Tags"), 24, lambda each: ", ".join(each.tags)),
        Column("center", _("Cost centre"), 14, lambda each: each.cost_center),
        Column("comments", _("Comments"), 10, lambda each: str(each.comments) if each.comments else ""),
        Column("file", _("File"), 36, lambda each: each.name),
    ]
    if not with_company:
        every = every[1:]
    if not names:
        return every
    wanted = {name: place for place, name in enumerate(names)}
    for name, others in _TOGETHER.items():
        wanted |= dict.fromkeys(others, wanted[name]) if name in wanted else {}
    found = [column for column in every if column.name in wanted]
    return sorted(found, key=lambda column: wanted[column.name])


# -- CSV ----------------------------------------------------------------------------------------------------------


def csv(export: Export) -> Iterator[bytes]:
    """For spreadsheet programs set to the reader's language: UTF-8 with its mark, that language's separator."""
    buffer = io.StringIO(newline="")
    writer = tables.writer(buffer, delimiter="," if export.language == "en" else ";", lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow([column.label for column in export.headings()])
    for rows in export.rows():
        writer.writerows([plain(cell, export.language) for cell in row] for row in rows)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def plain(cell: Cell, language: str) -> str:
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

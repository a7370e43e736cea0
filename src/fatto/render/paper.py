"""A sheet as PDF, set by Typst with the fonts of a package, so that it looks the same everywhere.

The same sheet gives the same bytes: the only date in the file is the invoice's own, and the machine's
fonts are not looked at. With `original` it becomes PDF/A-3b and carries the electronic document.
"""

from __future__ import annotations

import re
import tempfile
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import typst

from fatto.envelopes.enclosed import Enclosed
from fatto.i18n import translate
from fatto.render import labels
from fatto.render.page import clean
from fatto.render.sheet import Box, Column, Fact, Part, Row, Sheet, Table, Total

_TEMPLATE = Path(str(files(__package__).joinpath("invoice.typ")))
_EPOCH = date(1970, 1, 1)


def pdf(sheet: Sheet, *, original: Enclosed | None = None) -> bytes:
    """The sheet as a PDF; with `original`, PDF/A-3b with the file as it was received attached."""
    data = _sheet(sheet)
    with ExitStack() as stack:
        if original is not None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fatto-")))
            data["original"] = _original(original, folder, sheet.language)
        return _compile(data, sheet.issue_date, archive=original is not None)


def _original(original: Enclosed, folder: Path, language: str) -> dict[str, str]:
    """Where Typst finds the bytes, and what the PDF says of them."""
    path = folder / "original"
    path.write_bytes(original.file)
    name = _UNFIT.sub("_", clean(original.name)).strip(" .")[-120:] or "invoice.xml"
    mime = (
        "application/pkcs7-mime" if "cms" in original.peeled else _MIMES.get(original.kind, "application/octet-stream")
    )
    return {"path": str(path), "name": f"/{name}", "mime": mime, "description": translate(labels.ORIGINAL, language)}


_UNFIT = re.compile(r'[/\\:*?"<>|\s]+')
"""What a file's name must not hold; Typst resolves it as a path."""
_MIMES = {"xml": "text/xml", "pdf": "application/pdf"}


# Compiling.

_thread = threading.local()


@cache
def fonts() -> typst.Fonts:
    """The fonts that everything is set in: those of a package, and never the machine's."""
    folder = Path(str(files("manimgx_fonts")))
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder])


def _compiler() -> typst.Compiler:
    """One compiler a thread: it keeps the parsed template and fonts, and serves one caller at a time."""
    compiler: typst.Compiler | None = getattr(_thread, "compiler", None)
    if compiler is None:
        compiler = typst.Compiler(_TEMPLATE, root="/", font_paths=fonts(), ignore_system_fonts=True)
        _thread.compiler = compiler
    return compiler


def _compile(data: dict[str, Any], issued: date | None, *, archive: bool) -> bytes:
    moment = datetime.combine(max(issued or _EPOCH, _EPOCH), time(), UTC)
    text = msgspec.json.encode(data).decode()
    for _attempt in range(8):
        try:
            made = _compiler().compile(
                format="pdf",
                sys_inputs={"sheet": text},
                pdf_standards=["a-3b"] if archive else [],
                timestamp=int(moment.timestamp()),
            )
        except typst.TypstError as trouble:
            unknown = _unknown_glyphs(trouble)
            if not unknown.intersection(text):
                raise
            text = text.translate(dict.fromkeys(map(ord, unknown), "\ufffd"))
        else:
            assert isinstance(made, bytes)  # noqa: S101  a PDF is always one file
            return made
    raise RuntimeError("Typst keeps refusing characters that were replaced")


def _unknown_glyphs(trouble: typst.TypstError) -> set[str]:
    """PDF/A refuses characters that no font draws; which ones, only the message tells."""
    return {character for quoted in _UNDRAWN.findall(str(trouble)) for character in _unquoted(quoted)}


_UNDRAWN = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


def _unquoted(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


# The sheet as the template wants it.


def _sheet(sheet: Sheet) -> dict[str, Any]:
    return {
        "title": _text(sheet.title),
        "author": _text(sheet.seller.name),
        "lang": sheet.language if re.fullmatch("[a-z]{2,3}", sheet.language) else "en",
        "kind": _text(sheet.kind),
        "code": _text(sheet.code),
        "number": _text(sheet.number),
        "date": _text(sheet.day),
        "boxes": [_box(box) for box in (sheet.seller, sheet.buyer, *sheet.boxes)],
        "parts": [_part(part, sheet) for part in sheet.parts],
        "technical": [_text(f"{fact.label}: {fact.value}") for fact in sheet.technical],
        "footer": _text(sheet.footer),
        "page_of": sheet.page_of,
        "original": None,
    }


def _box(box: Box) -> dict[str, Any]:
    return {
        "title": _text(box.title),
        "name": _text(box.name),
        "lines": "\n".join(map(_text, box.lines)),
        "facts": [{"label": _text(fact.label), "value": _text(fact.value)} for fact in box.facts],
        "heights": [
            _LINE if _fits(fact.value, _BOX_VALUE) and _fits(fact.label, _BOX_LABEL, _SMALL) else 0
            for fact in box.facts
        ],
    }


def _part(part: Part, sheet: Sheet) -> dict[str, Any]:
    table = part.table
    facts, heights = _facts(part.facts)
    return {
        "title": "" if part.totals else _text(part.title),
        "texts": list(map(_text, part.texts)),
        "facts": facts,
        "heights": heights,
        "table": _table(table) if table else _files(part, sheet) if part.files else None,
        "totals": _totals(part.totals) if part.totals else None,
    }


def _totals(totals: Sequence[Total]) -> dict[str, Any]:
    """The totals: what Typst sets on one line each as long as the labels leave the values room."""
    width = max(_width(f"{each.value} {each.currency}") * (_STRONG if each.strong else _BODY) for each in totals)
    short = all(_fits(each.label, _TOTALS - width, _STRONG if each.strong else _BODY) for each in totals)
    return {
        "width": round(min(width, _TOTALS / 2), 1),
        "heights": [0 if each.strong or not short or width > _TOTALS / 2 else _PADDING + _LINE for each in totals],
        "rows": [
            {
                "label": _text(each.label),
                "value": _text(each.value),
                "currency": _text(each.currency),
                "strong": each.strong,
            }
            for each in totals
        ],
    }


def _facts(facts: Iterable[Fact]) -> tuple[list[dict[str, Any]], list[float]]:
    """Facts with the places each takes, and the heights of their rows.

    Four stand in a row; a longer value takes two places, a long one the row.
    """
    placed: list[dict[str, Any]] = []
    heights: list[float] = []
    free = 0
    for fact in facts:
        longest = max(map(len, fact.value.split("\n")))
        span = 1 if longest <= 28 else 2 if longest <= 60 else _PLACES
        if span > free:
            if free:
                placed[-1]["span"] += free
            free = _PLACES
            heights.append(_SMALL_LINE + _LEADING + _LINE)
        placed.append({"label": _text(fact.label), "value": _text(fact.value), "span": span})
        free -= span
        if not (_fits(fact.value, _PLACE) and _fits(fact.label, _PLACE, _SMALL)):
            heights[-1] = 0
    return placed, heights


def _table(table: Table) -> dict[str, Any]:
    heads = [_text(f"{column.label} {column.unit}".strip()) for column in table.columns]
    widths = _column_widths(table, heads)
    narrow = sum(widths) < _MOST_FIXED - 1 and max(widths) < _MOST_COLUMN
    insets = [0.0, *[_GAP] * (len(widths) - 1)]
    room = _PAGE - sum(widths) - insets[table.wide]
    return {
        "heads": heads,
        "widths": widths,
        "insets": insets,
        "heights": [
            _head_height(heads, widths),
            *(_height(row.cells[table.wide], row.details, room) if narrow else 0 for row in table.rows),
        ],
        "numeric": [column.numeric for column in table.columns],
        "wide": table.wide,
        "rows": [
            {"cells": list(map(_text, row.cells)), "details": "\n".join(map(_text, row.details))} for row in table.rows
        ],
    }


def _files(part: Part, sheet: Sheet) -> dict[str, Any]:
    """The list of attachments is a table as well."""
    name, kind, size = sheet.file_columns
    rows = tuple(Row((each.name, each.type, each.size), each.details) for each in part.files)
    return _table(Table((Column(name), Column(kind), Column(size, numeric=True)), rows))


# Typst lays a cell out twice when it must find its column's width, and again when it must find its row's
# height. Both are reckoned here, where that is sure; the template takes a third less time for it.

_BODY, _SMALL, _STRONG = 8.0, 6.8, 9.5
_LINE, _SMALL_LINE, _LEADING = 5.72, 4.86, 3.6
"""Height of a line of either size (Noto Sans' capitals are 0.714 em), and what lies between two lines."""
_PADDING = 6.0
_GAP = 7.0
_PAGE = 516.0
_PLACES = 4
_PLACE = 121.0
_BOX_LABEL, _BOX_VALUE = 86.0, 146.0
_LEAST_COLUMN, _MOST_COLUMN = 44.0, 150.0
_MOST_FIXED = 340.0
_TOTALS = 221.0
"""Widths in points: the page between its margins, a fact's place, what columns may take of the wide one's room."""


def _column_widths(table: Table, heads: Sequence[str]) -> list[float]:
    """Every column as wide as it needs, 0 for the wide one; columns of words give way first."""
    widths = [
        0.0 if position == table.wide else _column_width(head, {row.cells[position] for row in table.rows})
        for position, head in enumerate(heads)
    ]
    words = [position for position, column in enumerate(table.columns) if widths[position] and not column.numeric]
    excess = sum(widths) - _MOST_FIXED
    for position in sorted(words, key=widths.__getitem__, reverse=True):
        if excess > 0 and widths[position] > _LEAST_COLUMN:
            given = min(excess, widths[position] - _LEAST_COLUMN)
            widths[position] -= given
            excess -= given
    scale = min(_MOST_FIXED / max(sum(widths), 1), 1)
    return [round(width * scale, 1) for width in widths]


def _column_width(head: str, cells: set[str]) -> float:
    """What holds the longest cell, and the head on two lines."""
    cell = max((_width(text) for text in cells), default=0.0) * _BODY
    words = head.split(" ")
    splits = ((" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words) + 1))
    title = min(max(_width(first), _width(second)) for first, second in splits) * _SMALL
    return round(min(max(cell, title) + _GAP + 1, _MOST_COLUMN), 1)


def _head_height(heads: Sequence[str], widths: Sequence[float]) -> float:
    """One line or two, as `_column_width` made room for; else 0."""
    if max(widths) >= _MOST_COLUMN or sum(widths) >= _MOST_FIXED - 1:
        return 0
    if all(not width or _fits(head, width - _GAP, _SMALL) for head, width in zip(heads, widths, strict=True)):
        return _PADDING + _SMALL_LINE
    return _PADDING + 2 * _SMALL_LINE + _LEADING


def _height(text: str, details: Iterable[str], room: float) -> float:
    """The height of a row when none of its lines needs breaking, else 0."""
    lines = [line for detail in details for line in detail.split("\n")]
    if not _fits(text, room) or not all(_fits(line, room, _SMALL) for line in lines):
        return 0
    return round(_PADDING + _LINE + len(lines) * (_LEADING + _SMALL_LINE), 2)


def _fits(text: str, room: float, size: float = _BODY) -> bool:
    """Is it sure to stand on one line? Not where another font must help out, with its own heights."""
    return _width(text) * size < room - 1 and all(map(_WIDTHS.__contains__, text))


def _width(text: str) -> float:
    """How wide a text is, in ems of Noto Sans: exact to a few hundredths, and never less than it is."""
    return sum(map(_WIDTHS.__getitem__, text))


class _Widths(dict[str, float]):
    """The width of a character, rounded up over both weights; an accent adds nothing."""

    def __missing__(self, character: str) -> float:
        base = unicodedata.normalize("NFD", character)[0]
        if base == character or base not in self:
            return _WIDEST
        self[character] = width = self[base]
        return width


_WIDEST = 1.4
_WIDTHS = _Widths(
    (character, width)
    for width, characters in (
        (0.28, " !',.:;·’\xa0"),
        (0.32, "Jijl"),
        (0.36, "()-[]`"),
        (0.40, "/I\\f{}²³"),
        (0.44, "rt“”°"),
        (0.48, '"?_'),
        (0.52, "csz–"),
        (0.56, "*EFLSvxy|"),
        (0.60, "$+0123456789<=>TZ^aek~€×«»"),
        (0.64, "CPVXYbdghnopqu"),
        (0.68, "#ABKR"),
        (0.76, "&DGHU"),
        (0.80, "NOQ"),
        (0.84, "w…"),
        (0.88, "%"),
        (0.92, "@"),
        (0.96, "MWm"),
        (1.00, "—"),
    )
    for character in characters
)


_LONG_WORD = re.compile(r"\S{18,}")
_PIECE = re.compile(r"(.{6})(?=.)")


def _text(text: str) -> str:
    """Clean text whose longest words may be broken: Typst itself lets them run over the edge."""
    text = clean(text)
    if len(text) < 18:
        return text
    return _LONG_WORD.sub(lambda word: _PIECE.sub("\\1\u200b", word[0]), text)

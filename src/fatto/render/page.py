"""A sheet as HTML: real tables and headings, classes only, no script; its style is `CSS`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape
from importlib.resources import files

from fatto.render.sheet import Box, Fact, File, Part, Sheet, Table

CSS = files(__package__).joinpath("sheet.css").read_text("utf-8")
"""The style of `.sheet` and what is in it; a page that shows fragments serves it as a file."""

Link = Callable[[int], str | None]
"""Index of an attachment → where it can be fetched, or None."""

_SHORT = 24
"""Cells beside the wide one stay on one line up to so many characters."""

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Text without what must not be printed: control characters, and those that reverse the order of
    other characters, with which a document could show another number than it says."""
    return text if text.isprintable() else _UNPRINTABLE.sub("", text)


def document(sheet: Sheet) -> str:
    """A whole HTML document that needs no other file."""
    return (
        f'<!DOCTYPE html>\n<html lang="{_text(sheet.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(sheet.title)}</title>\n<style>\n{CSS}</style>\n</head>\n"
        f'<body class="sheet-desk">\n{fragment(sheet, level=1)}\n</body>\n</html>\n'
    )


def fragment(sheet: Sheet, *, level: int = 2, link: Link | None = None) -> str:
    """The sheet alone, for a page that has `CSS`; its title is a heading of `level`, its parts one deeper."""
    return "".join(_sheet(sheet, level, link))


def _text(text: str) -> str:
    return escape(clean(text))


def _lines(text: str) -> str:
    """Text whose line feeds are kept."""
    return _text(text).replace("\n", "<br>")


def _sheet(sheet: Sheet, level: int, link: Link | None) -> Iterator[str]:
    yield f'<article class="sheet" lang="{_text(sheet.language)}">'
    yield '<div class="sheet-parties">'
    yield from _box(sheet.seller, level)
    yield from _box(sheet.buyer, level)
    for box in sheet.boxes:
        yield from _box(box, level)
    yield "</div>"
    yield f'<header class="sheet-head"><h{level}>{_text(sheet.kind)}'
    if sheet.code:
        yield f' <span class="sheet-code">{_text(sheet.code)}</span>'
    yield f'</h{level}><p class="sheet-id"><strong>{_text(sheet.number)}</strong> <span>{_text(sheet.day)}</span></p>'
    yield "</header>"
    for part in sheet.parts:
        yield from _part(part, sheet, level + 1, link)
    if sheet.technical or sheet.footer:
        yield '<footer class="sheet-foot">'
        for fact in sheet.technical:
            yield f"<p>{_text(fact.label)}: {_text(fact.value)}</p>"
        if sheet.footer:
            yield f"<p>{_text(sheet.footer)}</p>"
        yield "</footer>"
    yield "</article>"


def _box(box: Box, level: int) -> Iterator[str]:
    yield f'<section class="sheet-box"><h{level + 1}>{_text(box.title)}</h{level + 1}>'
    if box.name:
        yield f'<p class="sheet-name">{_text(box.name)}</p>'
    if box.lines:
        yield f"<p>{'<br>'.join(map(_text, box.lines))}</p>"
    yield from _facts(box.facts, "sheet-pairs")
    yield "</section>"


def _facts(facts: Iterable[Fact], style: str) -> Iterator[str]:
    """Labels and values; a longer value takes two places, a long one the whole width."""
    if not facts:
        return
    yield f'<dl class="{style}">'
    for fact in facts:
        size = len(fact.value)
        long = ' class="sheet-long"' if size > 60 else ' class="sheet-two"' if size > 22 else ""
        yield f"<div{long}><dt>{_text(fact.label)}</dt><dd>{_lines(fact.value)}</dd></div>"
    yield "</dl>"


def _part(part: Part, sheet: Sheet, level: int, link: Link | None) -> Iterator[str]:
    yield f'<section class="sheet-part sheet-{part.name}">'
    if part.title:
        yield f"<h{level}>{_text(part.title)}</h{level}>"
    for text in part.texts:
        yield f"<p>{_lines(text)}</p>"
    yield from _facts(part.facts, "sheet-facts")
    if part.table:
        yield from _table(part.table)
    if part.totals:
        yield "<table><tbody>"
        for total in part.totals:
            style = ' class="sheet-strong"' if total.strong else ""
            currency = f" <small>{_text(total.currency)}</small>" if total.currency else ""
            yield f'<tr{style}><th scope="row">{_text(total.label)}</th>'
            yield f'<td class="sheet-number">{_text(total.value)}{currency}</td></tr>'
        yield "</tbody></table>"
    if part.files:
        yield from _files(part.files, sheet, link)
    yield "</section>"


def _table(table: Table) -> Iterator[str]:
    starts = []
    yield '<table class="sheet-table"><thead><tr>'
    for position, column in enumerate(table.columns):
        style = "sheet-wide" if position == table.wide else "sheet-number" if column.numeric else ""
        named = f' class="{style}"' if style else ""
        unit = f" <small>{_text(column.unit)}</small>" if column.unit else ""
        label = _text(column.label)
        title = label.replace(" ", "&nbsp;") if column.numeric and len(label) <= 12 else label
        yield f'<th scope="col"{named}>{title}{unit}</th>'
        starts.append((style, label))
    yield "</tr></thead><tbody>"
    wide = table.wide
    for row in table.rows:
        yield "<tr>"
        for position, cell in enumerate(row.cells):
            style, label = starts[position]
            if position == wide:
                yield f'<td class="{style}" data-label="{label}">{_lines(cell)}'
                for detail in row.details:
                    yield f'<p class="sheet-detail">{_lines(detail)}</p>'
                yield "</td>"
            elif cell:
                style = f"{style} sheet-break" if len(cell) > _SHORT else style
                named = f' class="{style}"' if style else ""
                yield f'<td{named} data-label="{label}">{_text(cell)}</td>'
            else:
                yield "<td></td>"
        yield "</tr>"
    yield "</tbody></table>"


def _files(listed: Iterable[File], sheet: Sheet, link: Link | None) -> Iterator[str]:
    name, kind, size = map(_text, sheet.file_columns)
    yield '<table class="sheet-table"><thead><tr>'
    yield f'<th scope="col" class="sheet-wide">{name}</th><th scope="col">{kind}</th>'
    yield f'<th scope="col" class="sheet-number">{size}</th></tr></thead><tbody>'
    for each in listed:
        target = link(each.index) if link else None
        shown = f'<a href="{escape(target)}">{_text(each.name)}</a>' if target else _text(each.name)
        yield f'<tr><td class="sheet-wide" data-label="{name}">{shown}'
        for detail in each.details:
            yield f'<p class="sheet-detail">{_lines(detail)}</p>'
        yield f'</td><td data-label="{kind}">{_text(each.type)}</td>' if each.type else "</td><td></td>"
        yield (
            f'<td class="sheet-number" data-label="{size}">{_text(each.size)}</td></tr>'
            if each.size
            else "<td></td></tr>"
        )
    yield "</tbody></table>"

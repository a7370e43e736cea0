"""The original's XML for a reader: indented, coloured by classes, and never longer than a browser bears."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from lxml import etree
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import XmlLexer

from fatto.formats import xml
from fatto.formats.format import Element
from fatto.rules import places
from fatto.rules.tree import short

LIMIT = 400_000
"""Characters that are coloured; what is longer is shown plain up to `LONGEST`, and whole in the original."""
LONGEST = 2_000_000
_BLOB = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something to say of the element at a path."""

    n: int
    path: str
    tone: str
    text: str


def pretty(data: bytes) -> str:
    """XML bytes → indented text. Attachments in base64 are cut short: they have their own tab."""
    root, _repairs = xml.parse(data)
    return _written(root)


def _written(root: Element) -> str:
    for element in root.iter():
        if isinstance(element.tag, str) and element.text and len(element.text) > _BLOB and not len(element):
            element.text = f"{element.text[:80]} … ({len(element.text)})"
    etree.indent(root, space="  ")
    text: str = etree.tostring(root.getroottree(), encoding="unicode")
    return text[:LONGEST]


def highlighted(data: bytes, marks: Iterable[Mark] = (), link: str = "") -> SafeString:
    """XML bytes → escaped HTML, coloured by the classes of Pygments (`.xml .nt`, …).

    Marked lines say why, and lead to `#finding-…` of the page `link`; this page for none.
    """
    root, _repairs = xml.parse(data)
    text = _written(root)
    if len(text) > LIMIT:
        code = format_html("{}", text)
    else:
        code = mark_safe(highlight(text, XmlLexer(), HtmlFormatter(nowrap=True)))  # noqa: S308 - Pygments escapes
    code = _marked(code, _lines(text, marks), link)
    frame = '<div class="xml" role="region" aria-label="XML" tabindex="0"><pre>{}</pre></div>'
    return format_html(frame, code)


def _lines(text: str, marks: Iterable[Mark]) -> dict[int, list[Mark]]:
    """On which line of the indented text each mark belongs. Of what was cut off, none."""
    found: dict[int, list[Mark]] = {}
    marks = list(marks)
    if not marks or len(text) >= LONGEST:
        return found
    root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    for mark in marks:
        element = _at(root, mark.path)
        if element is not None and element.sourceline:
            found.setdefault(int(element.sourceline), []).append(mark)
    return found


def _at(root: Element, path: str) -> Element | None:
    """The element at a path of a finding; None for no path, or one that leads nowhere."""
    way = places.steps(path)
    if not way:
        return None
    element = root
    for name, number in way[1:]:
        if name.startswith("@"):
            break
        like = [kid for kid in element if isinstance(kid.tag, str) and short(kid.tag) == name]
        if len(like) < number:
            return None
        element = like[number - 1]
    return element


def _marked(code: SafeString, lines: Mapping[int, list[Mark]], link: str) -> SafeString:
    """The coloured text, its marked lines framed, with links from and to what is said of them."""
    if not lines:
        return code
    rows = code.split("\n")
    for number, marks in lines.items():
        if number > len(rows):
            continue
        row = rows[number - 1]
        indent = row[: len(row) - len(row.lstrip(" "))]
        notes = format_html_join(
            "",
            '\n{}<a class="xml-note tone-{}" href="{}#finding-{}">{}</a>',
            ((indent, mark.tone, link, mark.n, mark.text) for mark in marks),
        )
        anchors = format_html_join("", '<span id="at-{}"></span>', ((mark.n,) for mark in marks))
        frame = '{}<mark class="xml-mark xml-mark-{}">{}</mark>{}'
        rows[number - 1] = format_html(frame, anchors, marks[0].tone, mark_safe(row), notes)  # noqa: S308 - escaped above
    return mark_safe("\n".join(rows))  # noqa: S308 - each row is escaped

"""The original's XML for a reader: indented, coloured by classes, and never longer than a browser bears."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lxml import etree
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import XmlLexer

from fatto.formats import xml

LIMIT = 400_000
"""Characters that are coloured; what is longer is shown plain up to `LONGEST`, and whole in the original."""
LONGEST = 2_000_000
_BLOB = 2_000


def pretty(data: bytes) -> str:
    """XML bytes → indented text. Attachments in base64 are cut short: they have their own tab."""
    root, _repairs = xml.parse(data)
    for element in root.iter():
        if isinstance(element.tag, str) and element.text and len(element.text) > _BLOB and not len(element):
            element.text = f"{element.text[:80]} … ({len(element.text)})"
    etree.indent(root, space="  ")
    text: str = etree.tostring(root.getroottree(), encoding="unicode")
    return text[:LONGEST]


def highlighted(data: bytes) -> SafeString:
    """XML bytes → escaped HTML, coloured by the classes of Pygments (`.xml .nt`, …)."""
    text = pretty(data)
    if len(text) > LIMIT:
        code = format_html("{}", text)
    else:
        code = mark_safe(highlight(text, XmlLexer(), HtmlFormatter(nowrap=True)))  # noqa: S308 - Pygments escapes
    frame = '<div class="xml" role="region" aria-label="XML" tabindex="0"><pre>{}</pre></div>'
    return format_html(frame, code)

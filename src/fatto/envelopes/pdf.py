"""Invoices embedded in a PDF: Factur-X, ZUGFeRD, XRechnung, and any other XML attached to it as one."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from fatto.envelopes import paths, sniff
from fatto.envelopes.pdfobjects import Document, PdfError, Value

NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
"""The names that the three specifications fix, compared in lower case."""

_WORTH_LOOKING = re.compile(rb"EmbeddedFile|/(?:text|application)(?:#2[Ff]|/)xml|/AFRelationship|/EF\b")
"""A stream never hides in an object stream, so its type shows in plain bytes (Factur-X 1.07 asks for one)."""
_INVOICE = re.compile(rb"<(?:[\w.-]+:)?\w*(?:invoice|creditnote|fattura|factur)", re.I)
"""Root elements of invoices in the languages and standards about."""

_MOST_FILES = 200
_MOST_FOUND = 10
_DEEPEST = 20


def embedded(data: bytes) -> list[tuple[str, bytes]]:
    """Names and bytes of the invoices in a PDF: the one with a name of `NAMES`, else all XML that looks like one.

    Empty for a plain, an encrypted or a broken PDF: it is then shown as it is. Never raises.
    """
    if not _WORTH_LOOKING.search(data):
        return []
    found: list[tuple[str, bytes]] = []
    try:
        for name, content in _files(Document(data)):
            known = name.lower() in NAMES and sniff.kind(content) == "xml"
            if known:
                return [(name, content)]
            if sniff.is_signed(content) or (sniff.is_xml(content) and _INVOICE.search(content, 0, 4096)):
                found.append((name, content))
                if len(found) == _MOST_FOUND:
                    break
    except PdfError:
        pass
    return found


def _files(document: Document) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each XML or signed file, from the name tree (7.9.6, 7.11.4) and the associated files."""
    root = document.root()
    tree = document.get(document.get(root, b"Names"), b"EmbeddedFiles")
    specifications = list(_tree(document, tree, 0, [_MOST_FILES]))
    associated = document.get(root, b"AF")
    specifications += associated[:_MOST_FILES] if isinstance(associated, list) else [associated]
    seen: list[Value] = []
    for each in specifications:
        specification = document.value(each)
        names = (document.get(specification, key) for key in (b"UF", b"F"))
        name = next((paths.last(_text(name), "attachment") for name in names if isinstance(name, bytes)), "")
        files = document.get(specification, b"EF")
        stream = files.get(b"F") or files.get(b"UF") if isinstance(files, dict) else None
        if stream in seen or not name.lower().endswith((".xml", ".p7m")):
            continue
        seen.append(stream)
        content = document.stream(stream)
        if content:
            yield name, content


def _tree(document: Document, node: Value, depth: int, left: list[int]) -> Iterator[Value]:
    """The values in a name tree, in order; `left` bounds how many nodes are looked at."""
    left[0] -= 1
    if depth > _DEEPEST or left[0] < 0:
        return
    names, kids = document.get(node, b"Names"), document.get(node, b"Kids")
    if isinstance(names, list):
        yield from names[1 : 2 * _MOST_FILES : 2]
    if isinstance(kids, list):
        for kid in kids[:_MOST_FILES]:
            yield from _tree(document, document.value(kid), depth + 1, left)


def _text(raw: bytes) -> str:
    """A text string (7.9.2.2): UTF-16 or UTF-8 with a mark, else PDFDocEncoding, which is Latin-1 for letters."""
    if raw.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        return raw.decode("utf-16", "replace")
    if raw.startswith(codecs.BOM_UTF8):
        return raw[3:].decode("utf-8", "replace")
    return raw.decode("latin-1")

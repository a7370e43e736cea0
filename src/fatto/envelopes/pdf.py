"""Invoices embedded in a PDF: Factur-X, ZUGFeRD, XRechnung, and any other XML attached to it as one."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from fatto.envelopes import paths, sniff
from fatto.envelopes.limits import Limits

if TYPE_CHECKING:
    from pypdf import PdfReader

NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
"""The names that the three specifications fix, compared in lower case."""

_WORTH_LOOKING = re.compile(rb"EmbeddedFile|/(?:text|application)(?:#2[Ff]|/)xml|/AFRelationship|/EF\b")
"""A stream never hides in an object stream, so its type shows in plain bytes (Factur-X 1.07, 6.2.1 asks for one)."""
_INVOICE = re.compile(rb"<(?:[\w.-]+:)?\w*(?:invoice|creditnote|fattura|factur)", re.I)
"""Root elements of invoices in the languages and standards about."""

_MOST_FILES = 200
_SECONDS = 2.0
"""After this no further object of the file is looked at."""
_DEEPEST = 20

logging.getLogger("pypdf").addHandler(logging.NullHandler())  # else its complaints go to the terminal


def embedded(data: bytes, limits: Limits) -> list[tuple[str, bytes]]:
    """Names and bytes of the invoices in a PDF: the one with a name of `NAMES`, else all XML that looks like one.

    Empty for a plain, an encrypted or a broken PDF: it is then shown as it is. Never raises.
    """
    if not _WORTH_LOOKING.search(data):
        return []
    import pypdf  # takes a tenth of a second, and most runs never need it

    most = min(limits.member, 64 * 1024 * 1024)
    try:
        with pypdf.apply_configuration(
            zlib_maximum_output_length=most,
            lzw_maximum_output_length=most,
            run_length_maximum_output_length=most,
            brotli_maximum_output_length=most,
            array_based_stream_maximum_output_length=most,
            maximum_declared_stream_length=most,
            stream_decoding_work_maximum_length=2 * most,
            zlib_maximum_recovery_input_length=1024 * 1024,
            jbig2dec_binary=None,
            disable_legacy_handling=True,
        ):
            until = time.monotonic() + _SECONDS
            return _choose(_files(pypdf.PdfReader(BytesIO(data), strict=False), until), until)
    except Exception:  # pypdf raises whatever a broken file leads it into, RecursionError included
        return []


def _choose(files: Iterator[tuple[str, Any]], until: float) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for name, stream in files:
        if time.monotonic() > until or len(found) == 10:
            break
        fixed = name.lower() in NAMES
        if not fixed and not name.lower().endswith((".xml", ".p7m")):
            continue
        try:
            content = bytes(stream.get_data())
        except Exception:  # one broken attachment leaves the others  # noqa: S112
            continue
        if fixed and content:
            return [(name, content)]
        if sniff.is_signed(content) or (sniff.is_xml(content) and _INVOICE.search(content, 0, 4096)):
            found.append((name, content))
    return found


def _files(reader: PdfReader, until: float) -> Iterator[tuple[str, Any]]:
    """Name and stream of each embedded file, from the catalogue's name tree and from its associated files."""
    if reader.is_encrypted and not reader.decrypt(""):
        return
    root = reader.root_object
    specifications = list(_tree(_at(_at(root, "/Names"), "/EmbeddedFiles"), 0, set(), until))
    associated = _at(root, "/AF")
    if isinstance(associated, list):
        specifications += [each.get_object() for each in associated[:_MOST_FILES] if time.monotonic() < until]
    seen: set[int] = set()
    for specification in specifications[: 2 * _MOST_FILES]:
        name = _at(specification, "/UF") or _at(specification, "/F")
        files = _at(specification, "/EF")
        stream = _at(files, "/UF") or _at(files, "/F")
        if isinstance(name, str | bytes) and hasattr(stream, "get_data") and id(stream) not in seen:
            seen.add(id(stream))
            yield paths.last(name if isinstance(name, str) else name.decode("latin-1"), "attachment"), stream


def _tree(node: Any, depth: int, seen: set[int], until: float) -> Iterator[Any]:
    """The file specifications in a name tree (ISO 32000-1, 7.9.6), its leaves in order."""
    if depth > _DEEPEST or id(node) in seen or len(seen) > _MOST_FILES or time.monotonic() > until:
        return
    seen.add(id(node))
    names, kids = _at(node, "/Names"), _at(node, "/Kids")
    if isinstance(names, list):
        yield from (each.get_object() for each in names[1 : 2 * _MOST_FILES : 2] if time.monotonic() < until)
    if isinstance(kids, list):
        for kid in kids[:_MOST_FILES]:
            yield from _tree(kid.get_object(), depth + 1, seen, until)


def _at(holder: Any, key: str) -> Any:
    """A value of a dictionary, references followed; None for anything else."""
    if not isinstance(holder, dict) or key not in holder:
        return None
    return holder[key].get_object()

"""Allegati: what is attached; its content stays in the original bytes, `fetch` gets one."""

from __future__ import annotations

import base64
import binascii

from fatto.countries.it.fatturapa.parts import AttachmentParts
from fatto.formats.format import Element
from fatto.formats.xml import Reader, children, many, one
from fatto.i18n import _
from fatto.invoice.model import Attachment

_SIGNATURES = (
    (b"%PDF", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"<?xml", "application/xml"),
    (b"{\\rtf", "application/rtf"),
    (b"7z\xbc\xaf", "application/x-7z-compressed"),
    (b"Rar!", "application/vnd.rar"),
    (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
)
_EXTENSIONS = {
    "pdf": "application/pdf",
    "txt": "text/plain",
    "csv": "text/csv",
    "xml": "application/xml",
    "htm": "text/html",
    "html": "text/html",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "zip": "application/zip",
    "p7m": "application/pkcs7-mime",
    "eml": "message/rfc822",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
}


def read(reader: Reader, elements: list[Element]) -> tuple[tuple[Attachment, ...], tuple[AttachmentParts, ...]]:
    """Names, sizes and kinds; the kind by the content's first bytes, else by the name."""
    found: list[Attachment] = []
    parts: list[AttachmentParts] = []
    for index, element in enumerate(elements):
        nodes = children(element)
        element_of_content = one(nodes, "Attachment")
        encoded = "" if element_of_content is None else element_of_content.text or ""
        content = _decode(encoded)
        name = reader.text(nodes, "NomeAttachment")
        written_format = reader.text(nodes, "FormatoAttachment")
        if element_of_content is None or not encoded.strip():
            reader.missing(element, "Attachment")
        elif content is None:
            reader.found(
                "bad-attachment", _("The attachment's content is damaged: it is not Base64."), element_of_content
            )
        found.append(
            Attachment(
                index=index,
                description=reader.text(nodes, "DescrizioneAttachment"),
                filename=name,
                mime=_mime(content, name, written_format),
                size=None if content is None else len(content),
            )
        )
        parts.append(AttachmentParts(algorithm=reader.text(nodes, "AlgoritmoCompressione"), format=written_format))
    return tuple(found), tuple(parts)


def fetch(root: Element, invoice: int, index: int) -> bytes | None:
    """The decoded bytes of an attachment; None when there is none or it is not Base64."""
    bodies = many(children(root), "FatturaElettronicaBody")
    if not 0 <= invoice < len(bodies):
        return None
    elements = many(children(bodies[invoice]), "Allegati")
    if not 0 <= index < len(elements):
        return None
    content = one(children(elements[index]), "Attachment")
    return None if content is None else _decode(content.text or "")


def _decode(encoded: str) -> bytes | None:
    """Base64, blanks and line ends allowed; None when it is something else or nothing."""
    try:
        return base64.b64decode("".join(encoded.split()), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _mime(content: bytes | None, name: str | None, written: str | None) -> str | None:
    for mark, kind in _SIGNATURES:
        if content and content.startswith(mark):
            return _office(name) or kind if kind in ("application/zip", "application/x-ole-storage") else kind
    for hint in ((name or "").rpartition(".")[2], written or ""):
        kind_by_name = _EXTENSIONS.get(hint.strip().lower())
        if kind_by_name:
            return kind_by_name
    return None


def _office(name: str | None) -> str | None:
    """Office files are ZIP or OLE inside: their extension says which."""
    extension = (name or "").rpartition(".")[2].lower()
    return _EXTENSIONS[extension] if extension in ("docx", "xlsx", "doc", "xls") else None

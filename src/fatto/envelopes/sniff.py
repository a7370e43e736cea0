"""What bytes are, told from the bytes: names lie (`.p7m` that is plain XML, `.xml` that is signed)."""

from __future__ import annotations

import re
from typing import Literal

from fatto.envelopes.enclosed import Kind

BOM = b"\xef\xbb\xbf"
BLANK = b" \t\r\n\x0b\x0c\x00"
HEAD = 1024
"""How far into a file its nature must show."""

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK\x03\x04", b"PK00PK\x03\x04")
_IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*")
_HEIF = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif"}
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
_UTF32 = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff", b"<\x00\x00\x00", b"\x00\x00\x00<")
_HTML = re.compile(rb"(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,400}?-->\s*)?(?:<!doctype\s+html|<html[\s>])", re.I | re.S)
_MARKUP = re.compile(rb"<(?:\?|!|[A-Za-z_\x80-\xff])")
_ELEMENT = re.compile(rb"<[A-Za-z_][\w.-]{0,100}(?::[\w.-]{1,100})?(?:\s[^<]*|/)?>")


def is_zip(data: bytes) -> bool:
    return data.startswith(_ZIP)


def is_pdf(data: bytes) -> bool:
    return data[:HEAD].removeprefix(BOM).lstrip(BLANK).startswith(b"%PDF-")


def is_image(data: bytes) -> bool:
    """JPEG, PNG, GIF, TIFF, WebP, HEIC and AVIF by their first bytes."""
    if data.startswith(_IMAGES):
        return True
    return (data[:4] == b"RIFF" and data[8:12] == b"WEBP") or (data[4:8] == b"ftyp" and data[8:12] in _HEIF)


def is_xml(data: bytes) -> bool:
    """Markup from the first character on, in UTF-8 and its kin or in UTF-16 or UTF-32; not HTML."""
    head = data[: 2 * HEAD]
    encoding = wide(head)
    if encoding:
        head = head.decode(encoding, "ignore").encode()
    head = head.removeprefix(BOM).lstrip(BLANK)
    return _MARKUP.match(head) is not None and _HTML.match(head) is None


def wide(data: bytes) -> Literal["utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"] | None:
    """The encoding of text in more than one byte a character, told from its first character."""
    start = data[:4]
    if start.startswith(_UTF32):
        return "utf-32-le" if start[:1] in b"\xff<" else "utf-32-be"
    if start.startswith(_UTF16):
        return "utf-16-le" if start[:1] in b"\xff<" else "utf-16-be"
    return None


def hides_xml(data: bytes) -> bool:
    """Whether XML begins within the first KB, after stray bytes; its reader repairs that."""
    head = data[:HEAD]
    if b"<?xml " in head:
        return _HTML.match(head[head.index(b"<?xml ") :]) is None
    found = _ELEMENT.search(head)
    return found is not None and not _HTML.match(found[0]) and data[-HEAD:].rstrip(BLANK).endswith(b">")


def kind(data: bytes) -> Kind:
    """What a file is to the reader: `xml`, `pdf`, `image` or `other`."""
    if is_pdf(data):
        return "pdf"
    if is_image(data):
        return "image"
    if is_zip(data):
        return "other"
    if is_xml(data):
        return "xml"
    if _HTML.match(data[:HEAD].removeprefix(BOM).lstrip(BLANK)):
        return "other"
    if b"%PDF-" in data[:HEAD]:
        return "pdf"
    return "xml" if hides_xml(data) else "other"


_PKCS = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01"
"""An object identifier of nine bytes under 1.2.840.113549.1 …"""
_SMIME_CT = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01"
"""… or of eleven under 1.2.840.113549.1.9.16.1 (TimeStampedData, authEnvelopedData)."""


def is_signed(data: bytes) -> bool:
    """Whether this begins as CMS does: a SEQUENCE whose first member is an identifier of PKCS #7 or S/MIME."""
    head = data[:HEAD].lstrip(b" \t\r\n")[:24]
    if len(head) < 12 or head[0] != 0x30:
        return False
    at = 2 + (head[1] & 0x7F if head[1] > 0x80 else 0)
    return head[1] <= 0x84 and head[at:].startswith((_PKCS, _SMIME_CT))

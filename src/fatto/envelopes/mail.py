"""Mail (`.eml`): attachments out of messages within messages, PEC wrappers included.

MIME is RFC 2045 to 2047, 2183 and 2231. The standard library's parser takes quadratic time on deeply nested
input, so parts are cut here by plain searches; it only decodes the parameters of short headers.
"""

from __future__ import annotations

import binascii
import contextlib
import re
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import Message
from typing import Literal, NamedTuple

from fatto.envelopes import paths
from fatto.envelopes.armour import decode

_HEADERS_MOST = 256 * 1024
_HEADER_MOST = 2000
_LOGO_MOST = 100 * 1024
"""Bytes, as they are in the mail, up to which a picture within the text is taken for a decoration."""
_PIECES_MOST = 20_000
_NESTING_MOST = 20
_TEXTS_MOST = 20

_LINE = re.compile(rb"[A-Za-z][A-Za-z0-9_.-]{0,75}[ \t]*:")
_BLANK_LINE = re.compile(rb"\n[ \t]*\r?\n")
_KNOWN = {
    b"from", b"to", b"date", b"subject", b"received", b"return-path", b"mime-version", b"message-id",
    b"content-type", b"delivered-to", b"reply-to", b"content-transfer-encoding", b"dkim-signature", b"x-ricevuta",
    b"x-trasporto",
}  # fmt: skip
_SIGNATURES = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
_REPORTS = {"message/delivery-status", "message/disposition-notification", "text/rfc822-headers"}
_ENDINGS = {"text/xml": "xml", "application/xml": "xml", "application/pdf": "pdf", "application/zip": "zip",
            "application/pkcs7-mime": "p7m", "application/x-pkcs7-mime": "p7m", "message/rfc822": "eml"}  # fmt: skip


class Part(NamedTuple):
    """A file in a mail. A `body` is the text of the message itself, of use only if nothing is attached."""

    name: str
    role: Literal["attachment", "message", "body"]
    content: bytes


def is_mail(data: bytes, name: str = "") -> bool:
    """Whether this begins with the headers of a message, or of a MIME entity that holds several parts.

    Two well-known headers are asked for, one if the name ends in `.eml`.
    """
    start = _start(data)
    if not _LINE.match(data, start, start + 100):
        return False
    headers, _body = _headers(data, start, len(data))
    if headers is None:
        return False
    known = _KNOWN & headers.keys()
    if known == {b"content-type"} or known <= {b"content-type", b"mime-version", b"content-transfer-encoding"}:
        kind = headers.get(b"content-type", b"").lower()
        return kind.startswith((b"multipart/", b"message/rfc822"))
    return len(known) >= (1 if name.lower().endswith(".eml") else 2)


def parts(data: bytes) -> Iterator[Part]:
    """The files of one message in their order; a message within is given whole, as a part of its own."""
    cutter = _Cutter(data)
    yield from cutter.entity(_start(data), len(data), 0)


class Text(NamedTuple):
    """What somebody wrote: a body of a message, decoded."""

    kind: Literal["plain", "html"]
    text: str


class Letter(NamedTuple):
    """A message as its reader sees it."""

    headers: dict[str, str]
    """By lower-case name, the first of each; encoded words decoded."""
    texts: tuple[Text, ...]
    parts: tuple[Part, ...]
    """What is attached; pictures within the text, signatures and reports are not."""


def letter(data: bytes) -> Letter:
    """The headers, texts and attachments of one message; messages within stay whole, as attachments."""
    start = _start(data)
    headers, _body = _headers(data, start, len(data))
    cutter = _Cutter(data)
    parts = tuple(part for part in cutter.entity(start, len(data), 0) if part.role != "body")
    named = {key.decode("ascii"): _words(value) for key, value in (headers or {}).items()}
    return Letter(named, tuple(cutter.texts), parts)


def _words(value: bytes) -> str:
    """A header's value as text, its encoded words (RFC 2047) decoded."""
    text = value.decode("utf-8", "replace")
    if "=?" in text:
        with contextlib.suppress(Exception):  # odd words make the standard library raise all sorts of things
            text = str(make_header(decode_header(text)))
    return text.encode("utf-8", "replace").decode()


def _start(data: bytes) -> int:
    """Past a byte order mark, empty lines and the `From ` line of a mailbox file."""
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    while data[start : start + 1] in (b"\r", b"\n") and start < 100:
        start += 1
    if data.startswith((b"From ", b">From "), start):
        start = data.find(b"\n", start, start + 1000) + 1 or start
    return start


class _Cutter:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._pieces = 0
        self._leaves = 0
        self.texts: list[Text] = []

    def entity(self, start: int, end: int, nesting: int) -> Iterator[Part]:
        headers, body = _headers(self._data, start, end)
        if headers is None:
            headers, body = {}, start
        kind, boundary = _content_type(headers)
        if kind.startswith("multipart/") and boundary and nesting < _NESTING_MOST:
            for at, until in self._split(boundary, body, end):
                yield from self.entity(at, until, nesting + 1)
            return
        part = self._leaf(headers, kind, body, end)
        if part is not None:
            yield part

    def _split(self, boundary: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where each part between the boundary lines lies; the last may lack its closing line."""
        data, mark = self._data, b"--" + boundary
        open_at: int | None = None
        at = data.find(mark, start, end)
        while at >= 0 and self._pieces < _PIECES_MOST:
            self._pieces += 1
            after = at + len(mark)
            line_end = data.find(b"\n", after, min(end, after + 200))
            line = data[after : line_end if line_end >= 0 else min(end, after + 200)]
            if (at == start or data[at - 1 : at] == b"\n") and line.strip() in (b"", b"--"):
                if open_at is not None:
                    yield open_at, _without_line_end(data, open_at, at)
                if line.strip() or line_end < 0:
                    return
                open_at = after = line_end + 1
            at = data.find(mark, after, end)
        if open_at is not None and self._pieces < _PIECES_MOST:
            yield open_at, end

    def _leaf(self, headers: dict[bytes, bytes], kind: str, start: int, end: int) -> Part | None:
        self._leaves += 1
        disposition, name = _disposition(headers)
        if kind in _SIGNATURES or kind in _REPORTS or name.lower().endswith((".p7s", ".asc")):
            return None
        inline = disposition == "inline" or (b"content-id" in headers and disposition != "attachment")
        if kind.startswith("image/") and inline and end - start < _LOGO_MOST:
            return None  # a logo in the text; phones put their photographs there as well, which are larger
        role: Literal["attachment", "message", "body"] = "attachment"
        if kind in ("text/plain", "text/html") and not name and disposition != "attachment":
            if len(self.texts) < _TEXTS_MOST:
                text = _text(headers, _decoded(headers, self._data[start:end]))
                self.texts.append(Text("html" if kind == "text/html" else "plain", text))
            if kind == "text/html":
                return None
            role = "body"
        elif kind == "message/rfc822":
            role = "message"
        content = _decoded(headers, self._data[start:end])
        if not name:
            name = f"part-{self._leaves}.{_ENDINGS.get(kind, 'txt' if role == 'body' else 'bin')}"
        return Part(paths.last(name, f"part-{self._leaves}"), role, content)


def _headers(data: bytes, start: int, end: int) -> tuple[dict[bytes, bytes] | None, int]:
    """Headers by lower-case name (the first of each; unfolded), and where the body starts; None if these are none."""
    stop = min(end, start + _HEADERS_MOST)
    if data[start : start + 1] == b"\n" or data[start : start + 2] == b"\r\n":
        return {}, data.index(b"\n", start) + 1
    blank = _BLANK_LINE.search(data, start, stop)
    if blank is None and stop < end:
        return None, start
    block = data[start : blank.start() if blank else stop]
    found: dict[bytes, bytes] = {}
    name = b""
    for line in block.splitlines():
        if line[:1] in (b" ", b"\t"):
            if name and len(found[name]) < _HEADER_MOST:
                found[name] += b" " + line.strip()
            continue
        if not _LINE.match(line):
            return None, start
        key, _colon, value = line.partition(b":")
        key = key.strip().lower()
        name = key if key not in found else b""
        if name:
            found[name] = value.strip()
    return found, blank.end() if blank else end


def _message(headers: dict[bytes, bytes]) -> Message:
    message = Message()
    for name in ("content-type", "content-disposition"):
        value = headers.get(name.encode())
        if value is not None and len(value) <= 2 * _HEADER_MOST:
            try:
                message[name] = value.decode()
            except UnicodeDecodeError:
                message[name] = value.decode("latin-1")
    return message


def _content_type(headers: dict[bytes, bytes]) -> tuple[str, bytes | None]:
    message = _message(headers)
    try:
        boundary = message.get_boundary()
        kind = message.get_content_type()
    except Exception:  # odd parameters make the standard library raise all sorts of things
        return "application/octet-stream", None
    if boundary is None or not 0 < len(boundary) <= 200:
        return kind, None
    return kind, boundary.encode("utf-8", "replace")


def _disposition(headers: dict[bytes, bytes]) -> tuple[str, str]:
    """`attachment`, `inline` or nothing; and the file name, in whichever of four ways it is written."""
    message = _message(headers)
    try:
        disposition = message.get_content_disposition() or ""
        name = message.get_filename() or ""
    except Exception:  # as above
        return "", ""
    if "=?" in name:
        with contextlib.suppress(Exception):  # as above
            name = str(make_header(decode_header(name)))
    return disposition, name.encode("utf-8", "replace").decode()


def _decoded(headers: dict[bytes, bytes], body: bytes) -> bytes:
    encoding = headers.get(b"content-transfer-encoding", b"").lower().split(b";")[0].strip()
    if encoding == b"base64":
        return decode(body) or _forgiving(body)
    if encoding == b"quoted-printable":
        return binascii.a2b_qp(body)
    return body


def _text(headers: dict[bytes, bytes], content: bytes) -> str:
    """A body in its own character set; what is declared wrong is read as UTF-8, then as Windows-1252."""
    message = _message(headers)
    declared = ""
    with contextlib.suppress(Exception):  # as above
        declared = message.get_content_charset() or ""
    for charset in (declared, "utf-8", "cp1252"):
        if charset and not charset.startswith("utf-7"):
            with contextlib.suppress(LookupError, UnicodeError):
                return content.decode(charset)
    return content.decode("utf-8", "replace")


def _forgiving(body: bytes) -> bytes:
    """Base64 among stray characters (a footer that a list server added)."""
    try:
        return binascii.a2b_base64(body)
    except binascii.Error:
        return b""


def _without_line_end(data: bytes, start: int, end: int) -> int:
    """The line end before a boundary belongs to the boundary (RFC 2046, 5.1.1)."""
    if end > start and data[end - 1 : end] == b"\n":
        end -= 1
        if end > start and data[end - 1 : end] == b"\r":
            end -= 1
    return end

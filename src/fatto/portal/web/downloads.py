"""Bytes on their way to a person: names that are safe in a header, and types that cannot do harm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

CHUNK = 1 << 18

SHOWN = {
    "application/pdf": b"%PDF-",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
}
"""Types that are shown in the page, with the bytes they must begin with. Everything else is downloaded."""

_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\"\\/]+")


def safe_name(name: str, otherwise: str = "document") -> str:
    """A file name without control characters, path separators or marks that turn its reading direction."""
    name = _UNSAFE.sub("_", name).strip(" .")
    return name[-200:] or otherwise


def kind(data: bytes, name: str = "") -> str:
    """The media type that bytes are shown with: what they begin with decides, never what a sender claims."""
    for media, magic in SHOWN.items():
        if data[:1024].lstrip()[: len(magic)] == magic if media == "application/pdf" else data.startswith(magic):
            return media
    if name.lower().endswith((".txt", ".csv")) and _is_text(data):
        return "text/plain; charset=utf-8"
    return "application/octet-stream"


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(ord(char) < 32 and char not in "\t\r\n\f" for char in text)


def download(data: bytes, name: str, media: str = "application/octet-stream") -> HttpResponseBase:
    """Bytes to be saved, never shown: the browser must not guess what they are."""
    return _guarded(HttpResponse(data, content_type=media), name, attached=True)


def stream(
    source: BinaryIO, name: str, size: int | None = None, media: str = "application/octet-stream"
) -> HttpResponseBase:
    """As `download`, for bytes of any length; the source is closed at the end."""
    response = StreamingHttpResponse(_chunks(source), content_type=media)
    if size is not None:
        response["Content-Length"] = str(size)
    return _guarded(response, name, attached=True)


def chunked(chunks: Iterator[bytes], name: str, media: str) -> HttpResponseBase:
    """As `download`, for what is made while it is sent."""
    return _guarded(StreamingHttpResponse(chunks, content_type=media), name, attached=True)


def show(data: bytes, name: str, media: str) -> HttpResponseBase:
    """Bytes to be shown in our own frame: sandboxed, so that nothing in them can act as a page of ours.

    A PDF cannot be sandboxed (viewers refuse to start in one); it runs no script of ours and loads nothing.
    """
    response = _guarded(HttpResponse(data, content_type=media), name, attached=False)
    response["X-Frame-Options"] = "SAMEORIGIN"
    policy = "default-src 'none'; frame-ancestors 'self'; img-src 'self'; style-src 'unsafe-inline'"
    response["Content-Security-Policy"] = policy if media == "application/pdf" else f"sandbox; {policy}"
    return response


def immutable(response: HttpResponseBase, sha256: str) -> HttpResponseBase:
    """What never changes may stay in the reader's own browser."""
    response["Cache-Control"] = "private, max-age=86400, immutable"
    response["ETag"] = f'"{sha256}"'
    return response


def _guarded(response: HttpResponseBase, name: str, *, attached: bool) -> HttpResponseBase:
    response["Content-Disposition"] = content_disposition_header(attached, safe_name(name)) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    if attached:
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    with source:
        while chunk := source.read(CHUNK):
            yield chunk

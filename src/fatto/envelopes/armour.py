"""Text around binary: PEM, base64 and S/MIME headers, in which `.p7m` files travel."""

from __future__ import annotations

import binascii
import re
from typing import Literal

from fatto.envelopes import sniff

Label = Literal["pem", "base64", "mime"]

_WHITE = b" \t\r\n\x0b\x0c\x00"
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_PEM = re.compile(rb"-----BEGIN ([^\r\n-]{0,64})-----[^\S\n]*\r?\n?")
_PEM_END = b"-----END"
_HEADERS_END = re.compile(rb"\r?\n[ \t]*\r?\n")
_SMIME = re.compile(rb"^content-type:[ \t]*application/(?:x-)?pkcs7-mime\b", re.I | re.M)
_SENT = re.compile(rb"^(?:from|received|date|subject|return-path):", re.I | re.M)
_HEADERS_MOST = 8 * 1024


def strip(data: bytes) -> tuple[Label, bytes] | None:
    """The label of the outermost text form and what is inside it; None if there is none.

    S/MIME headers of a real message (with a sender or a subject) are left to the mail reader.
    """
    text = data
    encoding = sniff.wide(data) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else None
    if encoding:
        text = data.decode(encoding, "ignore").encode("ascii", "ignore")
    text = text.removeprefix(sniff.BOM)
    return _pem(text) or _smime(text) or _base64(text)


def _pem(text: bytes) -> tuple[Label, bytes] | None:
    begin = _PEM.search(text, 0, 4096)
    if begin is None:
        return None
    end = text.find(_PEM_END, begin.end())
    inner = text[begin.end() : end if end >= 0 else len(text)]
    decoded = decode(inner)
    return ("pem", decoded) if decoded else None


def _smime(text: bytes) -> tuple[Label, bytes] | None:
    blank = _HEADERS_END.search(text, 0, _HEADERS_MOST)
    if blank is None:
        return None
    headers = text[: blank.start()]
    if not _SMIME.search(headers) or _SENT.search(headers):
        return None
    body = text[blank.end() :]
    return "mime", decode(body) or body


def _base64(text: bytes) -> tuple[Label, bytes] | None:
    decoded = decode(text)
    if decoded is None or not _sensible(decoded):
        return None
    return "base64", decoded


def _sensible(decoded: bytes) -> bool:
    """Whether decoding gave something known; every word of letters is base64 of something."""
    if sniff.is_signed(decoded) or sniff.is_zip(decoded) or sniff.kind(decoded) != "other":
        return True
    if _PEM.search(decoded, 0, 4096) or _smime(decoded):
        return True
    again = decode(decoded[:4096], cut=True)
    return again is not None and (sniff.is_signed(again) or sniff.is_xml(again) or decode(again, cut=True) is not None)


def decode(text: bytes, *, cut: bool = False) -> bytes | None:
    """Base64 without its white space and with what padding it has; None if it is something else.

    With `cut` the text may end anywhere. A last lonely character is dropped: the rest shows what is missing.
    """
    if text[:256].translate(None, _WHITE + _ALPHABET + b"="):
        return None
    text = text.translate(None, _WHITE).rstrip(b"=")
    if len(text) < 16:
        return None
    if text.translate(None, _ALPHABET):
        if b"=" not in text or text.translate(None, _ALPHABET + b"="):
            return None
        text = text[: text.index(b"=")]  # padding in the middle: what follows is another text
    text = text[: len(text) - len(text) % 4] if cut or len(text) % 4 == 1 else text
    try:
        return binascii.a2b_base64(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        return None

"""Files that a document carries inside, as Base64 text."""

from __future__ import annotations

from binascii import Error, a2b_base64

from fatto.formats.format import Element


def decoded(element: Element | None) -> bytes | None:
    """The bytes behind the Base64 of an element; missing padding is forgiven, anything worse is None."""
    text = element.text if element is not None else None
    if not text or not text.strip():
        return None
    for tail in ("", "=", "=="):
        try:
            return a2b_base64(text + tail)
        except (Error, ValueError):
            continue
    return None

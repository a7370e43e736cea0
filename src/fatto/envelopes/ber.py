"""ASN.1 in BER, as signing programs in the wild write it.

Reads indefinite lengths and strings in pieces, and rewrites to DER, which other tools insist on.
Time is linear: every header is passed once, and where an indefinite length ends is remembered.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

DEEPEST = 60
OCTETS, OCTETS_IN_PIECES = 0x04, 0x24


class BerError(ValueError):
    """The bytes are not BER, or more of it than is reasonable."""


class BerTruncated(BerError):
    """The bytes end before the structure does."""


class Element(NamedTuple):
    """One element by its positions in the data."""

    tag: int
    """The first identifier byte: class, constructed bit, number."""
    start: int
    content: int
    end: int
    """Where the content ends."""
    after: int
    """Where the next element begins; two bytes after `end` for an indefinite length."""

    @property
    def constructed(self) -> bool:
        return bool(self.tag & 0x20)


class Reader:
    """A view of BER data; `headers` bounds how many elements may be looked at, over all calls."""

    def __init__(self, data: bytes, headers: int = 400_000) -> None:
        self.data = data
        self._left = headers
        self._ends: dict[int, int] = {}

    def allow(self, headers: int) -> None:
        """Set anew how many elements may still be looked at."""
        self._left = headers

    def element(self, at: int, limit: int | None = None) -> Element:
        """The element that starts at a position and must end before `limit`."""
        limit = len(self.data) if limit is None else limit
        tag, content, end = self._header(at, limit)
        if end is not None:
            return Element(tag, at, content, end, end)
        if content not in self._ends:
            self._find_end(content, limit)
        end = self._ends[content]
        if end + 2 > limit:
            raise BerError("an element is longer than what holds it")
        return Element(tag, at, content, end, end + 2)

    def children(self, parent: Element) -> Iterator[Element]:
        at = parent.content
        while at < parent.end:
            child = self.element(at, parent.end)
            yield child
            at = child.after

    def octets(self, element: Element) -> bytes:
        """The value of an OCTET STRING, whole or in pieces (which may be in pieces again)."""
        if element.tag == OCTETS:
            return self.data[element.content : element.end]
        pieces: list[bytes] = []
        unread = [(element.content, element.end)]
        while unread:
            at, end = unread.pop()
            while at < end:
                child = self.element(at, end)
                at = child.after
                if child.tag == OCTETS:
                    pieces.append(self.data[child.content : child.end])
                elif child.tag == OCTETS_IN_PIECES and len(unread) < DEEPEST:
                    unread.append((at, end))
                    at, end = child.content, child.end
                else:
                    raise BerError("a string in pieces holds something else")
        return b"".join(pieces)

    def der(self, element: Element, depth: int = 0) -> bytes:
        """The element rewritten with definite, shortest lengths and strings in one piece."""
        if depth > DEEPEST:
            raise BerError("nested too deep")
        identifier = self.data[element.start : element.start + self._identifier_length(element.start)]
        if element.tag == OCTETS_IN_PIECES:
            return _encoded(bytes([OCTETS]), self.octets(element))
        if not element.constructed:
            return _encoded(identifier, self.data[element.content : element.end])
        return _encoded(identifier, b"".join(self.der(child, depth + 1) for child in self.children(element)))

    def _identifier_length(self, at: int) -> int:
        if self.data[at] & 0x1F != 0x1F:
            return 1
        length = 2
        while self.data[at + length - 1] & 0x80:
            length += 1
        return length

    def _header(self, at: int, limit: int) -> tuple[int, int, int | None]:
        """Identifier byte, start of the content, and its end unless the length is indefinite."""
        self._left -= 1
        if self._left < 0:
            raise BerError("too many elements")
        data = self.data
        try:
            tag = data[at]
            at += 1
            if tag & 0x1F == 0x1F:
                for _ in range(5):
                    at += 1
                    if not data[at - 1] & 0x80:
                        break
                else:
                    raise BerError("a tag number is too large")
            length = data[at]
            at += 1
            if length == 0x80:
                if not tag & 0x20:
                    raise BerError("an indefinite length on a plain value")
                return tag, at, None
            if length > 0x80:
                width = length & 0x7F
                if width > 4:
                    raise BerError("a length is too large")
                if at + width > len(data):
                    raise BerTruncated("ends within a length")
                length = int.from_bytes(data[at : at + width], "big")
                at += width
        except IndexError:
            raise BerTruncated("ends within a header") from None
        end = at + length
        if end > limit:
            raise BerTruncated("ends within a value") if limit == len(data) else BerError("longer than its parent")
        return tag, at, end

    def _find_end(self, content: int, limit: int) -> None:
        """Remember where the indefinite length that starts here ends, and those inside it."""
        unclosed = [content]
        at = content
        while unclosed:
            if self.data[at : at + 2] == b"\x00\x00":
                self._ends[unclosed.pop()] = at
                at += 2
                continue
            _tag, content, end = self._header(at, limit)
            if end is not None:
                at = end
            elif len(unclosed) >= DEEPEST:
                raise BerError("nested too deep")
            else:
                unclosed.append(content)
                at = content


def _encoded(identifier: bytes, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return identifier + bytes([length]) + content
    width = (length.bit_length() + 7) // 8
    return identifier + bytes([0x80 | width]) + length.to_bytes(width, "big") + content

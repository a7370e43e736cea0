"""As much of PDF as it takes to find the files in it, with bounds on all that it costs.

General PDF libraries follow a hostile file into seconds and gigabytes. Here the file is walked once
from its beginning, which also reads those whose cross-reference table is broken: the last object of
a number counts, as with incremental updates. Objects inside object streams are read; filters other
than Flate and encrypted files are not, since PDF/A-3, which hybrid invoices must be, uses no others
for them and forbids encryption (ISO 19005-3, 6.1.3). Section numbers below are of ISO 32000-1.
"""

from __future__ import annotations

import re
import zlib
from typing import NamedTuple

_MOST_OBJECTS = 100_000
_MOST_LANDMARKS = 300_000
_MOST_BETWEEN_STREAMS = 16 * 1024 * 1024
_MOST_UNPACKED = 32 * 1024 * 1024
_MOST_TOKENS = 500_000
_LONGEST_OBJECT = 1024 * 1024
_LONGEST_INDEX = 1024 * 1024
_DEEPEST = 30

_LANDMARK = re.compile(
    rb"(?:(?<=\D)|\A)(\d{1,10})[\s\0]{1,5}\d{1,5}[\s\0]{1,5}obj\b"
    rb"|\bstream(?:\r\n|\n|\r)"
    rb"|/Root[\s\0]{1,5}(\d{1,10})[\s\0]{1,5}\d{1,5}[\s\0]{1,5}R\b"
    rb"|/(Encrypt)\b"
)
_LENGTH = re.compile(rb"/Length[\s\0]{0,5}(\d{1,10})(?![\s\0]{1,5}\d{1,5}[\s\0]{1,5}R)")
_OBJECT_STREAM = re.compile(rb"/Type[\s\0]{0,5}/ObjStm\b")
_SPACE = re.compile(rb"(?:[\s\0]|%[^\r\n]*)*")
_REFERENCE = re.compile(rb"(\d{1,10})[\s\0]{1,5}\d{1,5}[\s\0]{1,5}R(?![A-Za-z])")
_WORD = re.compile(rb"[^\s\0/<>\[\](){}%]+")
_NAME = re.compile(rb"/([^\s\0/<>\[\](){}%]*)")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_HEX = re.compile(rb"<([0-9A-Fa-f\s\0]*)>")
_STRING_PART = re.compile(rb"[^\\()]+")
_OCTAL = re.compile(rb"[0-7]{1,3}")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


class PdfError(ValueError):
    """Not a PDF that can be followed, or more of it than is reasonable."""


class Name(bytes):
    """A name, without its slash and with `#xx` undone."""


class Reference(NamedTuple):
    """A pointer to the object of a number."""

    number: int


Value = None | Name | Reference | bytes | list["Value"] | dict[bytes, "Value"]
"""Numbers and keywords come as plain words (`bytes` of their spelling are strings only after `(` or `<`): None."""


class _Place(NamedTuple):
    """Where an object lies: in the file, or at an index of an object stream that lies there."""

    at: int
    inner: int = -1
    """Position within the unpacked object stream; -1 for an object of the file itself."""


class Document:
    """The objects of a PDF by number. Raises `PdfError` on encrypted files and beyond its bounds."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._places: dict[int, _Place] = {}
        self._streams: dict[int, tuple[int, int]] = {}
        """Position of an object → where the bytes of its stream start and end."""
        self._unpacked: dict[int, bytes] = {}
        self._left = _MOST_UNPACKED
        self._tokens = [_MOST_TOKENS]
        self._root: int | None = None
        self._object_streams: list[int] = []
        self._walk()
        self._open_object_streams()

    def root(self) -> dict[bytes, Value]:
        """The document catalogue (7.7.2)."""
        if self._root is None:
            raise PdfError("no catalogue")
        found = self.value(Reference(self._root))
        if not isinstance(found, dict):
            raise PdfError("no catalogue")
        return found

    def value(self, value: Value) -> Value:
        """A value, references followed."""
        for _ in range(_DEEPEST):
            if not isinstance(value, Reference):
                return value
            place = self._places.get(value.number)
            if place is None:
                return None
            if place.inner < 0:
                value = self._parser(place.at).value()
            else:
                value = _Parser(self._unpacked[place.at], place.inner, self._tokens).value()
        raise PdfError("references go round")

    def _parser(self, at: int) -> _Parser:
        return _Parser(self._data, at, self._tokens)

    def get(self, holder: Value, key: bytes) -> Value:
        """A value of a dictionary, references followed; None for anything else."""
        return self.value(holder.get(key)) if isinstance(holder, dict) else None

    def stream(self, reference: Value) -> bytes | None:
        """The unpacked bytes of a stream; None if there is none or it is packed in another way than Flate."""
        if not isinstance(reference, Reference):
            return None
        place = self._places.get(reference.number)
        if place is None or place.inner >= 0:
            return None
        return self._stream_at(place.at)

    def _stream_at(self, at: int) -> bytes | None:
        where = self._streams.get(at)
        head = self._parser(at).value()
        if where is None or not isinstance(head, dict):
            return None
        packed = self._data[where[0] : where[1]]
        filters = self.get(head, b"Filter")
        if isinstance(filters, list):
            if len(filters) > 1:
                return None
            filters = self.value(filters[0]) if filters else None
        parameters = self.get(head, b"DecodeParms")
        if isinstance(parameters, list):
            parameters = self.value(parameters[0]) if parameters else None
        if isinstance(parameters, dict) and b"Predictor" in parameters:
            return None
        if filters is None:
            return packed
        return self._inflate(packed) if filters in (b"FlateDecode", b"Fl") else None

    def _inflate(self, packed: bytes) -> bytes:
        try:
            found = zlib.decompressobj().decompress(packed, self._left + 1)
        except zlib.error:
            raise PdfError("a stream is damaged") from None
        self._left -= len(found)
        if self._left < 0:
            raise PdfError("unpacks to too much")
        return found

    def _walk(self) -> None:
        """Note where objects and streams are, stepping over what is inside of streams."""
        data, at, current = self._data, 0, -1
        walked, left = 0, _MOST_LANDMARKS
        while (mark := _LANDMARK.search(data, at, at + _MOST_BETWEEN_STREAMS - walked)) is not None:
            walked += mark.end() - at
            at = mark.end()
            left -= 1
            if left < 0:
                raise PdfError("too many objects")
            if mark[1] is not None:
                current = at
                self._places[int(mark[1])] = _Place(at)
                if len(self._places) > _MOST_OBJECTS:
                    raise PdfError("too many objects")
            elif mark[2] is not None:
                self._root = int(mark[2])
            elif mark[3] is not None:
                raise PdfError("encrypted")
            elif current >= 0:
                head = data[current : min(mark.start(), current + _LONGEST_OBJECT)]
                end = self._end_of_stream(head, at)
                self._streams[current] = (at, end)
                if _OBJECT_STREAM.search(head):
                    self._object_streams.append(current)
                at, current = end, -1

    def _end_of_stream(self, head: bytes, start: int) -> int:
        """By its length if that is right, else where its closing word is."""
        length = _LENGTH.search(head)
        if length is not None:
            end = start + int(length[1])
            if self._data[end : end + 20].lstrip().startswith(b"endstream"):
                return end
        end = self._data.find(b"endstream", start)
        return end if end >= 0 else len(self._data)

    def _open_object_streams(self) -> None:
        """Note the objects in object streams (7.5.7); between two of a number the later in the file counts."""
        for at in self._object_streams:
            head = self._parser(at).numbers((b"N", b"First"))
            content = self._stream_at(at)
            if content is None or head is None:
                continue
            count, first = head
            words = content[: min(first, _LONGEST_INDEX)].split()
            self._unpacked[at] = content
            for n in range(min(count, len(words) // 2)):
                if not words[2 * n].isdigit() or not words[2 * n + 1].isdigit():
                    break
                number = int(words[2 * n][:10])
                known = self._places.get(number)
                if known is None or known.at < at:
                    self._places[number] = _Place(at, first + int(words[2 * n + 1][:10]))
            if len(self._places) > _MOST_OBJECTS:
                raise PdfError("too many objects")


class _Parser:
    """Reads one object (7.3) at a position; all readers of a document share what may be read."""

    def __init__(self, data: bytes, at: int, left: list[int]) -> None:
        self._data = data[at : at + _LONGEST_OBJECT]
        self._at = 0
        self._left = left

    def numbers(self, keys: tuple[bytes, bytes]) -> tuple[int, int] | None:
        """Two direct numbers of the dictionary here, which `value` does not keep."""
        head = self._data[: self._data.find(b"stream")]
        found = [re.search(rb"/" + key + rb"[\s\0]{0,5}(\d{1,9})\b", head) for key in keys]
        return (int(found[0][1]), int(found[1][1])) if found[0] and found[1] else None

    def value(self, depth: int = 0) -> Value:
        self._left[0] -= 1
        if self._left[0] < 0 or depth > _DEEPEST:
            raise PdfError("an object is too large")
        data = self._data
        self._skip()
        at = self._at
        if data.startswith(b"<<", at):
            return self._dictionary(depth)
        start = data[at : at + 1]
        if start == b"[":
            return self._array(depth)
        if start == b"/":
            return self._name()
        if start == b"(":
            return self._string()
        if start == b"<":
            found = _HEX.match(data, at)
            if found is None:
                raise PdfError("a string without end")
            self._at = found.end()
            digits = b"".join(found[1].replace(b"\0", b"").split())
            return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
        reference = _REFERENCE.match(data, at)
        if reference is not None:
            self._at = reference.end()
            return Reference(int(reference[1]))
        word = _WORD.match(data, at)
        if word is None:
            raise PdfError("not an object")
        self._at = word.end()
        return None

    def _skip(self) -> None:
        found = _SPACE.match(self._data, self._at)
        self._at = found.end() if found else self._at

    def _name(self) -> Name:
        found = _NAME.match(self._data, self._at)
        if found is None:
            raise PdfError("not a name")
        self._at = found.end()
        return Name(_ESCAPED.sub(lambda digits: bytes.fromhex(digits[1].decode()), found[1]))

    def _dictionary(self, depth: int) -> dict[bytes, Value]:
        self._at += 2
        found: dict[bytes, Value] = {}
        while True:
            self._skip()
            if self._data.startswith(b">>", self._at):
                self._at += 2
                return found
            key = self._name()
            found[bytes(key)] = self.value(depth + 1)

    def _array(self, depth: int) -> list[Value]:
        self._at += 1
        found: list[Value] = []
        while True:
            self._skip()
            if self._data.startswith(b"]", self._at):
                self._at += 1
                return found
            found.append(self.value(depth + 1))

    def _string(self) -> bytes:
        """A string in parentheses, which nest (7.3.4.2)."""
        data, at, depth = self._data, self._at + 1, 1
        parts: list[bytes] = []
        while True:
            self._left[0] -= 1
            if self._left[0] < 0:
                raise PdfError("an object is too large")
            plain = _STRING_PART.match(data, at)
            if plain is not None:
                parts.append(plain[0])
                at = plain.end()
            mark = data[at : at + 1]
            at += 1
            if mark == b"(":
                depth += 1
            elif mark == b")":
                depth -= 1
                if depth == 0:
                    self._at = at
                    return b"".join(parts)
            elif mark == b"\\":
                octal = _OCTAL.match(data, at)
                if octal is not None:
                    parts.append(bytes([int(octal[0], 8) & 0xFF]))
                    at = octal.end()
                    continue
                mark = data[at : at + 1]
                at += 1
                if mark == b"\r" and data[at : at + 1] == b"\n":
                    at += 1
                mark = b"" if mark in (b"\r", b"\n") else _ESCAPES.get(mark, mark)
            elif not mark:
                raise PdfError("a string without end")
            parts.append(mark)

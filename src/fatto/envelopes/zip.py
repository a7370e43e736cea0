"""ZIP archives, read one member at a time with nothing in their headers believed.

The standard library's reader gives up a whole archive for one odd name, holds the whole directory in
memory and lets bzip2 unpack without bounds; so this is our own. The format is PKWARE's APPNOTE 6.3;
section numbers below are of that text. An archive whose directory is missing or broken (a download
cut short) is walked by the headers before each member instead, and what is whole comes out.
"""

from __future__ import annotations

import bz2
import stat
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple, Protocol

from fatto.envelopes import paths
from fatto.envelopes.limits import MB, Budget, too_large
from fatto.errors import Unopenable
from fatto.i18n import _

_CHUNK = 64 * 1024
_PIECE = 1 * MB
"""Most that one step of unpacking may give."""

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_END64_MARK, _LOCATOR64_MARK, _DESCRIPTOR_MARK = b"PK\x06\x06", b"PK\x06\x07", b"PK\x07\x08"

_STORED, _DEFLATED, _BZIP2, _AES = 0, 8, 12, 99
_ENCRYPTED, _SIZES_AFTER, _PATCHED, _STRONG, _UTF8, _MASKED = 0x1, 0x8, 0x20, 0x40, 0x800, 0x2000
_ZIP64_EXTRA, _UNICODE_PATH_EXTRA = 0x0001, 0x7075
_UNIX, _OSX = 3, 19
_NOISE = {".ds_store", "thumbs.db", "desktop.ini"}


class Member(NamedTuple):
    """One file of an archive as its directory describes it."""

    raw_name: str
    flags: int
    method: int
    crc: int
    packed: int | None
    """None: only the packed data itself says where it ends."""
    header_at: int
    mode: int = 0
    """Unix file mode, 0 if unknown."""

    @property
    def is_noise(self) -> bool:
        """Folders, and what operating systems leave in archives."""
        parts = self.raw_name.replace("\\", "/").split("/")
        return parts[-1] == "" or stat.S_ISDIR(self.mode) or "__MACOSX" in parts or parts[-1].lower() in _NOISE

    def check(self) -> None:
        """Refuse what must not or cannot be unpacked."""
        name = self.raw_name
        if paths.escapes(name):
            raise Unopenable(
                "zip-traversal",
                _(
                    "The archive wants to place this file outside its folder ({path}), which only an attack does."
                    " It was left out."
                ),
                path=paths.clean(name),
            )
        if len(name) > 1000 or "\x00" in name:
            raise Unopenable(
                "zip-name",
                _("The name of this file in the archive is not a proper file name. Rename it and pack it again."),
            )
        if self.mode and stat.S_IFMT(self.mode) not in (0, stat.S_IFREG):
            raise Unopenable(
                "zip-link",
                _("This entry of the archive is a link or a device, not a file. Pack the file itself."),
            )
        if self.flags & (_ENCRYPTED | _STRONG | _MASKED) or self.method == _AES:
            raise Unopenable(
                "zip-encrypted",
                _(
                    "This file is protected by a password in the archive."
                    " Unpack it with the password and send it without."
                ),
            )
        if self.method not in (_STORED, _DEFLATED, _BZIP2) or self.flags & _PATCHED:
            raise Unopenable(
                "zip-unsupported",
                _(
                    "This file is packed in a rare way (method {method}) that cannot be opened here."
                    " Pack it again as a usual ZIP."
                ),
                method=self.method,
            )


class Archive:
    """A ZIP in a seekable file. `members()` tells them in order, `unpack()` gives the bytes of one."""

    def __init__(self, source: BinaryIO, budget: Budget) -> None:
        self._source = source
        self._budget = budget
        self._size = source.seek(0, 2)
        self.whole = True
        """False if the directory is missing or broken and members are found by walking."""
        self._next = 0

    @property
    def size(self) -> int:
        return self._size

    def members(self) -> Iterator[Member]:
        """Every file, in the order of the directory; noise is left out."""
        directory = self._find_directory()
        if directory is not None:
            start, end = directory
            # Once to see that it holds together to the end, once to use it: memory stays flat.
            most = self._budget.limits.members + 1
            if all(member is not None for _n, member in zip(range(most), self._walk(start, end), strict=False)):
                for member in self._walk(start, end):
                    if member is not None and not member.is_noise:
                        yield member
                return
        self.whole = False
        yield from self._salvage()

    def unpack(self, member: Member, most: int) -> Iterator[bytes]:
        """The content in pieces. Raises `too-large` above `most` bytes, `zip-bomb`, or `zip-damaged`."""
        member.check()
        at = self._data_start(member)
        if member.packed is not None and at + member.packed > self._size:
            raise _damaged()
        out = used = crc = 0
        for piece, used in self._inflate(member, at):
            out += len(piece)
            crc = zlib.crc32(piece, crc)
            self._budget.spend(len(piece))
            limits = self._budget.limits
            if out > limits.member_ratio_from and out > limits.ratio * used:
                raise Unopenable(
                    "zip-bomb",
                    _(
                        "This file unpacks to {ratio} times its size and more, which only an attack does."
                        " It was left out."
                    ),
                    ratio=limits.ratio,
                )
            if out > most:
                raise too_large(most)
            if member.packed is None:
                self._next = at + used  # in case what follows is broken
            yield piece
        end = at + used
        expected = member.crc
        if member.packed is None:
            expected, end = self._descriptor(end)
        self._next = end
        if crc != expected:
            raise _damaged()

    # The directory (4.3.12 to 4.3.16)

    def _read(self, at: int, size: int) -> bytes:
        self._source.seek(at)
        return self._source.read(size)

    def _find_directory(self) -> tuple[int, int] | None:
        """Where the directory starts and ends.

        It must lie where its record says: else the record may be that of an archive inside this
        one, whose own end is missing.
        """
        tail_at = max(0, self._size - _END.size - 0xFFFF)
        tail = self._read(tail_at, self._size - tail_at)
        at = len(tail)
        for _attempt in range(100):
            at = tail.rfind(_END_MARK, 0, at)
            if at < 0:
                return None
            if len(tail) - at < _END.size:
                continue
            _mark, disk, start_disk, _here, count, size, offset, _comment = _END.unpack_from(tail, at)
            end = tail_at + at
            if 0xFFFF in (disk, start_disk, count) or 0xFFFFFFFF in (size, offset):
                wide = self._directory64(end)
                if wide:
                    size, offset, end = wide
                    disk = start_disk = 0
            start = end - size
            if disk == start_disk == 0 and start == offset:
                return start, end
        return None

    def _directory64(self, end: int) -> tuple[int, int, int] | None:
        locator = self._read(max(0, end - _LOCATOR64.size), _LOCATOR64.size)
        if len(locator) < _LOCATOR64.size or not locator.startswith(_LOCATOR64_MARK):
            return None
        # The record lies right before its locator unless it was extended, which nobody does.
        at = end - _LOCATOR64.size - _END64.size
        record = self._read(max(0, at), _END64.size)
        if len(record) < _END64.size or not record.startswith(_END64_MARK):
            return None
        fields = _END64.unpack(record)
        return fields[8], fields[9], at

    def _walk(self, start: int, end: int) -> Iterator[Member | None]:
        """The entries of the directory; None where it is broken, and then no more."""
        at, buffer, offset = start, b"", 0
        while at < end:
            if len(buffer) - offset < _CENTRAL.size + 3 * 0xFFFF:
                buffer, offset = self._read(at, min(4 * _CHUNK, end - at)), 0
            if len(buffer) - offset < _CENTRAL.size or not buffer.startswith(_CENTRAL_MARK, offset):
                yield None
                return
            fields = _CENTRAL.unpack_from(buffer, offset)
            name_size, extra_size, comment_size = fields[10:13]
            length = _CENTRAL.size + name_size + extra_size + comment_size
            if len(buffer) - offset < length:
                yield None
                return
            name_at = offset + _CENTRAL.size
            name = buffer[name_at : name_at + name_size]
            extra = buffer[name_at + name_size : name_at + name_size + extra_size]
            yield _entry(fields, name, extra)
            at += length
            offset += length

    # Members

    def _data_start(self, member: Member) -> int:
        header = self._read(member.header_at, _LOCAL.size)
        if len(header) < _LOCAL.size or not header.startswith(_LOCAL_MARK):
            raise _damaged()
        fields = _LOCAL.unpack(header)
        return member.header_at + _LOCAL.size + int(fields[9]) + int(fields[10])

    def _inflate(self, member: Member, at: int) -> Iterator[tuple[bytes, int]]:
        """Pieces of content, each with how many packed bytes were used so far."""
        if member.method == _STORED:
            if member.packed is None:
                raise _damaged()
            yield from self._stored(at, member.packed)
            return
        inflater: _Inflater = _Deflate() if member.method == _DEFLATED else _Bzip2()
        left = self._size - at if member.packed is None else member.packed
        used = 0
        try:
            while not inflater.finished:
                packed = b""
                if inflater.hungry:
                    packed = self._read(at + used, min(_CHUNK, left - used))
                    if not packed:
                        raise _damaged()
                piece = inflater.step(packed)
                used += len(packed)
                if inflater.finished:
                    used -= inflater.unused
                yield piece, used
        except (zlib.error, OSError, EOFError, ValueError):
            raise _damaged() from None

    def _stored(self, at: int, size: int) -> Iterator[tuple[bytes, int]]:
        used = 0
        while used < size:
            piece = self._read(at + used, min(_PIECE, size - used))
            if not piece:
                raise _damaged()
            used += len(piece)
            yield piece, used

    def _descriptor(self, at: int) -> tuple[int, int]:
        """The checksum behind a member, and where that ends (4.3.9): its marker may be missing."""
        data = self._read(at, 24)
        start = 4 if data.startswith(_DESCRIPTOR_MARK) else 0
        if len(data) < start + 12:
            raise _damaged()
        return int.from_bytes(data[start : start + 4], "little"), at + start + 12

    def _salvage(self) -> Iterator[Member]:
        """Members by the headers before each, from the beginning to wherever the file ends."""
        at = self._find_local(0)
        for _probe in range(self._budget.limits.members):
            if at is None:
                return
            header = self._read(at, _LOCAL.size)
            if len(header) < _LOCAL.size:
                return
            fields = _LOCAL.unpack(header)
            _mark, _version, flags, method, _time, _date, crc, packed, size, name_size, extra_size = fields
            rest = self._read(at + _LOCAL.size, name_size + extra_size)
            name, extra = rest[:name_size], rest[name_size:]
            if not 0 < name_size <= 1000 or len(name) < name_size or min(name) < 0x20 or method > _AES:
                at = self._find_local(at + 4)  # bytes that only look like a header
                continue
            if packed == 0xFFFFFFFF:
                packed = _zip64(extra, (size == 0xFFFFFFFF, True, False))[1] or packed
            known = None if flags & _SIZES_AFTER and not packed else packed
            member = Member(_name(name, extra, flags), flags, method, crc, known, at)
            self._next = at + _LOCAL.size + name_size + extra_size + (known or 0)
            if self._next > self._size:
                self._next = at + 4
            if not member.is_noise:
                yield member  # unpacking moves `_next` to where the member really ended
            at = self._find_local(min(max(self._next, at + 4), self._size))

    def _find_local(self, at: int) -> int | None:
        while at < self._size:
            chunk = self._read(at, _CHUNK + 3)
            found = chunk.find(_LOCAL_MARK)
            if found >= 0:
                return at + found
            at += _CHUNK
        return None


class _Inflater(Protocol):
    """Unpacks in bounded steps, whatever is put in."""

    finished: bool
    unused: int
    """Of the last packed bytes, how many lay behind the end."""

    @property
    def hungry(self) -> bool: ...
    def step(self, packed: bytes) -> bytes: ...


class _Deflate:
    def __init__(self) -> None:
        self._inner = zlib.decompressobj(-15)
        self.finished = False
        self.unused = 0
        self._full = False

    @property
    def hungry(self) -> bool:
        return not self._inner.unconsumed_tail and not self._full

    def step(self, packed: bytes) -> bytes:
        piece = self._inner.decompress(self._inner.unconsumed_tail + packed, _PIECE)
        self._full = len(piece) == _PIECE
        self.finished = self._inner.eof
        self.unused = len(self._inner.unused_data)
        return piece


class _Bzip2:
    def __init__(self) -> None:
        self._inner = bz2.BZ2Decompressor()
        self.finished = False
        self.unused = 0

    @property
    def hungry(self) -> bool:
        return self._inner.needs_input

    def step(self, packed: bytes) -> bytes:
        piece = self._inner.decompress(packed, _PIECE)
        self.finished = self._inner.eof
        self.unused = len(self._inner.unused_data)
        return piece


def _entry(fields: tuple[int, ...], name: bytes, extra: bytes) -> Member:
    _mark, made_by, _needs, flags, method, _time, _date, crc, packed, size = fields[:10]
    attributes, header_at = fields[15], fields[16]
    if 0xFFFFFFFF in (packed, size, header_at):
        full = _zip64(extra, (size == 0xFFFFFFFF, packed == 0xFFFFFFFF, header_at == 0xFFFFFFFF))
        packed = packed if full[1] is None else full[1]
        header_at = header_at if full[2] is None else full[2]
    mode = attributes >> 16 if made_by >> 8 in (_UNIX, _OSX) else 0
    return Member(_name(name, extra, flags), flags, method, crc, packed, header_at, mode)


def _extras(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        tag, size = struct.unpack_from("<2H", extra, at)
        yield tag, extra[at + 4 : at + 4 + size]
        at += 4 + size


def _zip64(extra: bytes, wanted: tuple[bool, bool, bool]) -> list[int | None]:
    """Size, packed size and header offset that did not fit in 32 bits (4.5.3): only those, in this order."""
    values: list[int | None] = [None, None, None]
    for tag, data in _extras(extra):
        if tag == _ZIP64_EXTRA:
            at = 0
            for which, want in enumerate(wanted):
                if want and at + 8 <= len(data):
                    values[which] = int.from_bytes(data[at : at + 8], "little")
                    at += 8
            break
    return values


def _name(raw: bytes, extra: bytes, flags: int) -> str:
    """A member's name. Without the UTF-8 flag it should be cp437 (appendix D), yet often is UTF-8 all the same."""
    if raw.isascii():
        return raw.decode("ascii")
    decoders: list[Callable[[], str]] = [raw.decode]
    if not flags & _UTF8:
        for tag, data in _extras(extra):
            # Info-ZIP's Unicode path (4.6.9) counts only while its checksum fits the name it stands for
            if tag == _UNICODE_PATH_EXTRA and data[1:5] == zlib.crc32(raw).to_bytes(4, "little"):
                decoders.insert(0, data[5:].decode)
    for decode in decoders:
        try:
            return decode()
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")


def _damaged() -> Unopenable:
    return Unopenable(
        "zip-damaged",
        _("This file is damaged in the archive and cannot be unpacked. Ask for it again, or download it once more."),
    )

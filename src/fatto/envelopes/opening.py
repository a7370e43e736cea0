"""Taking envelopes off one another until a file is left."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, NamedTuple

from fatto.envelopes import armour, cades, mail, paths, pdf, sniff
from fatto.envelopes.enclosed import Enclosed, Signer
from fatto.envelopes.limits import MB, Budget, Limits, too_large
from fatto.envelopes.zip import Archive, Member
from fatto.errors import FattoError, Unopenable
from fatto.i18n import _

_IN_MEMORY = 8 * MB
_OFFICE = ("[Content_Types].xml", "_rels/.rels", "mimetype", "META-INF/MANIFEST.MF")
"""First members of spreadsheets, documents and programs that are ZIPs too: they stay whole."""
_ASIC = b"application/vnd.etsi.asic-"
"""… but not of ASiC (ETSI EN 319 162-1), which holds documents beside their signatures."""
_APPLE_DOUBLE = b"\x00\x05\x16\x07"


class Piece(NamedTuple):
    """A file on its way out: its bytes, and what was around it."""

    name: str
    member: str | None
    file: bytes
    peeled: tuple[str, ...] = ()
    signers: tuple[Signer, ...] = ()
    layers: int = 0
    """How many signatures were around it."""
    depth: int = 0
    """How many archives and mails."""

    def refused(self, error: FattoError, *, peeled: tuple[str, ...] | None = None) -> Enclosed:
        taken = self.peeled if peeled is None else peeled
        return Enclosed(
            name=self.name, member=self.member, file=self.file, peeled=taken, signers=self.signers, error=error
        )


def from_source(source: bytes | BinaryIO, name: str, limits: Limits) -> Iterator[Enclosed]:
    """All that is in an input; an archive in a seekable file is read where it lies."""
    name = paths.last(name)
    if isinstance(source, bytes | bytearray | memoryview):
        data = bytes(source)
        yield from _from_bytes(Piece(name, None, data), Budget(limits, len(data)))
        return
    if not source.seekable():
        yield from _from_stream(source, name, limits)
        return
    size = source.seek(0, 2)
    source.seek(0)
    budget = Budget(limits, size)
    start = source.read(512)
    if sniff.is_zip(start) and not _is_office(start):
        yield from _from_archive(source, Piece(name, None, b""), budget)
        return
    if size > limits.member:
        yield Piece(name, None, b"").refused(too_large(limits.member))
        return
    source.seek(0)
    yield from _from_bytes(Piece(name, None, source.read(size)), budget)


def _from_stream(source: BinaryIO, name: str, limits: Limits) -> Iterator[Enclosed]:
    """An input that can be read only once waits in a temporary file."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        while chunk := source.read(MB):
            if spool.tell() + len(chunk) > limits.archive:
                yield Piece(name, None, b"").refused(too_large(limits.archive))
                return
            spool.write(chunk)
        yield from from_source(spool, name, limits)  # type: ignore[arg-type]  # it has all that BinaryIO promises


def _from_bytes(piece: Piece, budget: Budget) -> Iterator[Enclosed]:
    """One file: signatures and armour off, then whatever shows."""
    if not piece.file:
        yield piece.refused(
            Unopenable("empty", _("This file is empty. Send it again; perhaps it was not yet complete."))
        )
        return
    if len(piece.file) > budget.limits.member and not sniff.is_zip(piece.file):
        yield piece._replace(file=b"").refused(too_large(budget.limits.member))
        return
    try:
        data, peeled, signers, layers = _peel(piece, budget.limits)
    except Unopenable as error:
        yield piece.refused(error)
        return
    inner = piece._replace(peeled=peeled, signers=signers, layers=layers)
    if sniff.is_zip(data) and not _is_office(data):
        yield from _from_archive(BytesIO(data), inner, budget)
    elif mail.is_mail(data, piece.name):
        yield from _from_mail(data, inner, budget)
    else:
        yield from _file(data, inner, budget)


def _peel(piece: Piece, limits: Limits) -> tuple[bytes, tuple[str, ...], tuple[Signer, ...], int]:
    """Signatures, PEM, base64 off: the bytes left, the layers taken off, who signed, how many signatures."""
    data, peeled, signers, layers = piece.file, piece.peeled, piece.signers, piece.layers
    texts = 0
    while True:
        if sniff.is_signed(data):
            if layers == limits.layers:
                raise _too_deep_signed(limits)
            unwrapped = cades.unwrap(data, layers)
            data = unwrapped.content
            peeled, signers = (*peeled, unwrapped.label), signers + unwrapped.signers
            layers += 1
            continue
        if sniff.is_zip(data) or sniff.is_xml(data) or sniff.is_pdf(data) or sniff.is_image(data):
            break
        if mail.is_mail(data, piece.name):
            break
        text = armour.strip(data)
        if text is None:
            break
        texts += 1
        if texts > 2 * limits.layers:
            raise _too_deep_signed(limits)
        peeled, data = (*peeled, text[0]), text[1]
    return data, peeled, signers, layers


def _too_deep_signed(limits: Limits) -> Unopenable:
    return Unopenable(
        "cms-too-deep",
        _("There are more than {most} signatures around one another, which no invoice has. Send the inner file."),
        most=limits.layers,
    )


def _file(data: bytes, piece: Piece, budget: Budget) -> Iterator[Enclosed]:
    """What is left when no envelope is: the file itself, or the invoices within a PDF."""
    kind = sniff.kind(data)
    found = pdf.embedded(data) if kind == "pdf" else []
    unique = paths.Unique()
    for name, content in found:
        member = _join(piece.member, unique(name))
        try:
            budget.spend(len(content))
            attached = piece._replace(file=content, peeled=(*piece.peeled, "pdf"))
            inner, peeled, signers, _layers = _peel(attached, budget.limits)
        except Unopenable as error:
            yield piece._replace(member=member).refused(error, peeled=(*piece.peeled, "pdf"))
            continue
        yield Enclosed(
            name=piece.name,
            member=member,
            kind=sniff.kind(inner),
            file=piece.file,
            data=inner,
            peeled=peeled,
            signers=signers,
        )
    if not found:
        yield Enclosed(
            name=piece.name,
            member=piece.member,
            kind=kind,
            file=piece.file,
            data=data,
            peeled=piece.peeled,
            signers=piece.signers,
        )


def _from_archive(source: BinaryIO, outer: Piece, budget: Budget) -> Iterator[Enclosed]:
    if outer.depth >= budget.limits.depth:
        yield outer.refused(
            Unopenable(
                "zip-too-deep",
                _("Archives lie inside one another more than {most} deep. Unpack this one and send what is in it."),
                most=budget.limits.depth,
            )
        )
        return
    archive = Archive(source, budget)
    unique = paths.Unique()
    found = saved = False
    for member in archive.members():
        found = True
        path = unique(paths.clean(member.raw_name))
        piece = Piece(
            name=paths.last(member.raw_name),
            member=_join(outer.member, path),
            file=b"",
            peeled=(*outer.peeled, "zip"),
            signers=outer.signers,
            layers=outer.layers,
            depth=outer.depth + 1,
        )
        for each in _from_member(archive, member, piece, budget):
            saved = saved or each.error is None
            yield each
        if budget.exhausted:
            return
    if not archive.whole:
        yield _original(source, archive.size, outer, budget).refused(
            Unopenable(
                "zip-damaged",
                _("The archive is incomplete or damaged: only what is listed could be unpacked. Download it once more.")
                if saved
                else _("The archive is incomplete or damaged and nothing could be unpacked. Download it once more."),
            )
        )
    elif not found:
        yield _original(source, archive.size, outer, budget).refused(
            Unopenable("zip-empty", _("There is no file in this archive. Pack it again with the invoices in it."))
        )


def _from_member(archive: Archive, member: Member, piece: Piece, budget: Budget) -> Iterator[Enclosed]:
    """One file of an archive; an archive in it is spooled, so that memory stays flat however large it is."""
    pieces: list[bytes] = []
    try:
        budget.count()
        unpacked = archive.unpack(member, budget.limits.archive)
        size = 0
        for chunk in filter(None, unpacked):
            if not pieces and sniff.is_zip(chunk) and not _is_office(chunk):
                with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
                    spool.write(chunk)
                    for rest in unpacked:
                        spool.write(rest)
                    yield from _from_archive(spool, piece, budget)  # type: ignore[arg-type]  # as above
                return
            size += len(chunk)
            if size > budget.limits.member:
                pieces.clear()
                raise too_large(budget.limits.member)
            pieces.append(chunk)
    except Unopenable as error:
        yield piece.refused(error)
        return
    data = b"".join(pieces)
    pieces.clear()
    if piece.name.startswith("._") and data.startswith(_APPLE_DOUBLE):
        return  # what macOS writes beside each file
    yield from _from_bytes(piece._replace(file=data), budget)


def _from_mail(data: bytes, outer: Piece, budget: Budget, *, within: bool = False) -> Iterator[Enclosed]:
    """The attachments of a mail and of the messages in it; those within may well have none."""
    if outer.depth >= budget.limits.depth:
        yield outer.refused(
            Unopenable(
                "mail-too-deep",
                _("Messages lie inside one another more than {most} deep. Send the attachments themselves."),
                most=budget.limits.depth,
            )
        )
        return
    unique = paths.Unique()
    found = False
    texts: list[mail.Part] = []
    for part in mail.parts(data):
        if part.role == "body":
            texts.append(part)
            continue
        piece = _attached(part, outer, unique)
        try:
            budget.count()
            budget.spend(len(part.content))
        except Unopenable as error:
            yield piece.refused(error)
            return
        if part.role == "message" and part.content:
            inside = _from_mail(part.content, piece, budget, within=True)
        else:
            inside = _from_bytes(piece, budget)
        for each in inside:
            found = True
            yield each
        if budget.exhausted:
            return
    if not found:
        # No attachment: some programs paste the invoice into the text.
        for text in texts:
            if sniff.is_xml(text.content) or sniff.is_signed(text.content):
                found = True
                yield from _from_bytes(_attached(text, outer, unique), budget)
    if not found and not within:
        yield outer.refused(
            Unopenable(
                "mail-without-attachment",
                _(
                    "Nothing is attached to this message."
                    " Send the invoice file itself, or the message with its attachment."
                ),
            )
        )


def _attached(part: mail.Part, outer: Piece, unique: paths.Unique) -> Piece:
    return Piece(
        name=part.name,
        member=_join(outer.member, unique(part.name)),
        file=part.content,
        peeled=(*outer.peeled, "mail"),
        signers=outer.signers,
        layers=outer.layers,
        depth=outer.depth + 1,
    )


def _is_office(start: bytes) -> bool:
    """Whether a ZIP is really a spreadsheet, a document or a program, told by its first member."""
    name = start[30 : 30 + int.from_bytes(start[26:28], "little")].decode("latin-1")
    return name in _OFFICE and not (name == "mimetype" and _ASIC in start[38:120])


def _original(source: BinaryIO, size: int, piece: Piece, budget: Budget) -> Piece:
    """The piece with the bytes of its archive, if they are few enough to be handed on."""
    if piece.file or size > budget.limits.member:
        return piece
    source.seek(0)
    return piece._replace(file=source.read(size))


def _join(outer: str | None, inner: str) -> str:
    return f"{outer}/{inner}" if outer else inner

"""Signed files (`.p7m`, CAdES): what was signed, and who says they signed it. Nothing is verified here.

CMS is RFC 5652, TimeStampedData (`.tsd`) RFC 5544. The structure is walked step by step, so that an
oddity in a certificate or a signer info never hides the content.
"""

from __future__ import annotations

from typing import NamedTuple

from fatto.envelopes import ber, signers
from fatto.envelopes.enclosed import Signer
from fatto.errors import Unopenable
from fatto.i18n import _

_PKCS7 = bytes.fromhex("2a864886f70d0107")
DATA, SIGNED, ENVELOPED, SIGNED_ENVELOPED, ENCRYPTED = (_PKCS7 + bytes([n]) for n in (1, 2, 3, 4, 6))
_SMIME_CT = bytes.fromhex("2a864886f70d01091001")
TIMESTAMPED, AUTH_ENVELOPED = _SMIME_CT + bytes([31]), _SMIME_CT + bytes([23])

_SEQUENCE, _SET, _OID = 0x30, 0x31, 0x06
_EXPLICIT_0, _CERTIFICATES = 0xA0, 0xA0


class Unwrapped(NamedTuple):
    """One layer taken off. `label` is `cms`, or `tsd` for a time-stamped wrapper without signers."""

    label: str
    content: bytes
    signers: tuple[Signer, ...]


def unwrap(data: bytes, layer: int = 0) -> Unwrapped:
    """Take one layer off; `layer` is written into its signers.

    Bytes after the structure are tolerated. Raises `Unopenable` with `cms-truncated`, `cms-damaged`,
    `cms-encrypted`, `cms-without-content` or `cms-unsupported`.
    """
    data = data.lstrip(b" \t\r\n")
    reader = ber.Reader(data)
    try:
        return _content_info(reader, layer)
    except ber.BerTruncated:
        raise Unopenable(
            "cms-truncated",
            _("The signed file ends too early: part of it is missing. Ask for it again, or download it once more."),
        ) from None
    except ber.BerError:
        raise _damaged() from None


def _content_info(reader: ber.Reader, layer: int) -> Unwrapped:
    kind, explicit = _typed(reader, reader.element(0))
    if kind in (ENVELOPED, SIGNED_ENVELOPED, ENCRYPTED, AUTH_ENVELOPED):
        raise Unopenable(
            "cms-encrypted",
            _(
                "This file is encrypted for a recipient."
                " Decrypt it with the program that received it, then send the result."
            ),
        )
    if kind not in (SIGNED, TIMESTAMPED, DATA):
        raise Unopenable(
            "cms-unsupported",
            _("This is a cryptographic container of a kind that does not carry invoices. Send the invoice itself."),
        )
    if explicit is None:
        raise _empty()
    inner = next(reader.children(explicit), None)
    if inner is None:
        raise _empty()
    if kind == DATA:
        return Unwrapped("cms", _octets(reader, inner), ())
    if inner.tag != _SEQUENCE:
        raise _damaged()
    if kind == TIMESTAMPED:
        held = next((e for e in reader.children(inner) if e.tag & ~0x20 == ber.OCTETS), None)
        if held is None:
            raise _empty()
        return Unwrapped("tsd", _octets(reader, held), ())
    return _signed_data(reader, inner, layer)


def _signed_data(reader: ber.Reader, signed: ber.Element, layer: int) -> Unwrapped:
    """SignedData ::= version, digestAlgorithms SET, encapContentInfo, [0] certificates, [1] crls, signerInfos SET."""
    content: bytes | None = None
    certificates: ber.Element | None = None
    signer_infos: ber.Element | None = None
    for part in reader.children(signed):
        if part.tag == _SEQUENCE and content is None:
            _kind, explicit = _typed(reader, part)
            held = next(reader.children(explicit), None) if explicit else None
            if held is None:
                raise _empty()
            content = _octets(reader, held)
        elif part.tag == _CERTIFICATES and content is not None:
            certificates = part
        elif part.tag == _SET and content is not None:
            signer_infos = part
    if not content:
        raise _empty()
    return Unwrapped("cms", content, signers.read(reader, certificates, signer_infos, layer))


def _typed(reader: ber.Reader, sequence: ber.Element) -> tuple[bytes, ber.Element | None]:
    """The identifier and the explicitly tagged content of a ContentInfo or an EncapsulatedContentInfo."""
    if sequence.tag != _SEQUENCE:
        raise _damaged()
    parts = reader.children(sequence)
    oid = next(parts, None)
    if oid is None or oid.tag != _OID:
        raise _damaged()
    explicit = next(parts, None)
    if explicit is not None and explicit.tag != _EXPLICIT_0:
        raise _damaged()
    return reader.data[oid.content : oid.end], explicit


def _octets(reader: ber.Reader, held: ber.Element) -> bytes:
    """The content. PKCS #7 1.5 allows any type: what is no OCTET STRING is taken as it stands."""
    if held.tag & ~0x20 == ber.OCTETS:
        return reader.octets(held)
    return reader.data[held.start : held.after]


def _damaged() -> Unopenable:
    return Unopenable(
        "cms-damaged",
        _("The signed file is damaged and cannot be opened. Ask for it again, or download it once more."),
    )


def _empty() -> Unopenable:
    return Unopenable(
        "cms-without-content",
        _("This is only a signature or a certificate: the signed document is not in it. Send the document too."),
    )

"""Signed files and archives made for tests: a key of our own, and every way of writing the same structure."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from datetime import UTC, datetime
from functools import cache

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

XML = '<?xml version="1.0" encoding="UTF-8"?>\n<Invoice><ID>7/A è</ID></Invoice>\n'.encode()
SIGNED_AT = datetime(2026, 3, 4, 10, 20, 30, tzinfo=UTC)
NOT_BEFORE, NOT_AFTER = datetime(2025, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)


@cache
def identity(name: str = "Rossi Maria", tax_id: str = "TINIT-RSSMRA80A41H501X", serial: int = 0xABC123):
    """A key and a self-made certificate, as asn1crypto and cryptography hold them."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.SERIAL_NUMBER, tax_id)]
    )
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Prova CA")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(NOT_AFTER)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return key, asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def signed(content: bytes | None = XML, *signers, by_key_id: bool = False) -> bytes:
    """CMS SignedData in DER; `content` None gives a detached signature, no signers a bare container."""
    infos = cms.SignerInfos([_signer_info(content or XML, *each, by_key_id=by_key_id) for each in signers])
    encapsulated = {"content_type": "data"}
    if content is not None:
        encapsulated["content"] = content
    data = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": cms.DigestAlgorithms([algos.DigestAlgorithm({"algorithm": "sha256"})]),
            "encap_content_info": encapsulated,
            "certificates": [certificate for _key, certificate in signers],
            "signer_infos": infos,
        }
    )
    return cms.ContentInfo({"content_type": "signed_data", "content": data}).dump()


def _signer_info(content: bytes, key, certificate, *, by_key_id: bool) -> cms.SignerInfo:
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
            cms.CMSAttribute({"type": "signing_time", "values": [cms.Time({"utc_time": core.UTCTime(SIGNED_AT)})]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(content).digest()]}),
        ]
    )
    if by_key_id:
        sid = cms.SignerIdentifier({"subject_key_identifier": certificate.key_identifier})
    else:
        sid = cms.SignerIdentifier(
            {
                "issuer_and_serial_number": {
                    "issuer": certificate.issuer,
                    "serial_number": certificate.serial_number,
                }
            }
        )
    return cms.SignerInfo(
        {
            "version": "v3" if by_key_id else "v1",
            "sid": sid,
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": key.sign(attributes.untag().dump(), ec.ECDSA(hashes.SHA256())),
        }
    )


def cms_of(kind: str, content: core.Asn1Value | bytes) -> bytes:
    """A ContentInfo of any kind, by its dotted identifier, around DER bytes."""
    raw = content if isinstance(content, bytes) else content.dump()
    return tlv(0x30, core.ObjectIdentifier(kind).dump() + tlv(0xA0, raw))


def tlv(tag: int, content: bytes, *, indefinite: bool = False) -> bytes:
    """One element, with a definite length or an open one."""
    if indefinite:
        return bytes([tag, 0x80]) + content + b"\x00\x00"
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    width = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | width]) + length.to_bytes(width, "big") + content


def rewritten(der: bytes, *, indefinite: bool, piece: int | None, depth: int = 6) -> bytes:
    """DER as BER: open lengths down to a depth, and the OCTET STRING of the content in pieces."""
    out = b""
    at = 0
    while at < len(der):
        tag, start, end = _parse(der, at)
        content = der[start:end]
        if tag & 0x20 and depth > 0:
            inner = rewritten(content, indefinite=indefinite, piece=piece, depth=depth - 1)
            out += tlv(tag, inner, indefinite=indefinite)
        elif tag == 0x04 and piece and depth > 0:
            pieces = b"".join(tlv(0x04, content[i : i + piece]) for i in range(0, len(content), piece))
            out += tlv(0x24, pieces, indefinite=indefinite)
        else:
            out += der[at:end]
        at = end
    return out


def _parse(der: bytes, at: int) -> tuple[int, int, int]:
    tag, length, start = der[at], der[at + 1], at + 2
    if length & 0x80:
        width = length & 0x7F
        length, start = int.from_bytes(der[start : start + width], "big"), start + width
    return tag, start, start + length


def swapped(der: bytes, old: bytes, new: bytes) -> bytes:
    """The same structure with an element exchanged, at every place, and the lengths around it put right."""
    out = b""
    at = 0
    while at < len(der):
        tag, start, end = _parse(der, at)
        element = der[at:end]
        if element == old:
            out += new
        elif tag & 0x20:
            out += tlv(tag, swapped(der[start:end], old, new))
        else:
            out += element
        at = end
    return out


def in_lines(data: bytes, line_end: bytes = b"\n", width: int = 64) -> bytes:
    """Base64 broken into lines."""
    text = base64.b64encode(data)
    return line_end.join(text[i : i + width] for i in range(0, len(text), width)) + line_end


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6))
            info.compress_type = method
            archive.writestr(info, content)
    return target.getvalue()

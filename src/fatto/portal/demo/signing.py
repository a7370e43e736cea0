"""Signs demo files as CAdES (`.p7m`) with a throw-away key that follows from a word.

The key protects nothing: it is made again from the signer's name in each run, so that the same world
gives the same bytes. ECDSA is used in its deterministic form (RFC 6979).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache

from asn1crypto import algos, cms, tsp, x509  # type: ignore[import-untyped]  # it ships no types
from cryptography import x509 as certificates
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

_ISSUER = "Fatto demo CA (no legal value)"


@cache
def _key(name: str) -> ec.EllipticCurvePrivateKey:
    secret = int.from_bytes(hashlib.sha256(f"fatto demo {name}".encode()).digest()) % (2**255) + 1
    return ec.derive_private_key(secret, ec.SECP256R1())


@cache
def _certificate(name: str, tax_code: str, year: int) -> x509.Certificate:
    """A certificate of three years that starts with the given one."""
    subject = certificates.Name(
        [
            certificates.NameAttribute(NameOID.COUNTRY_NAME, "IT"),
            certificates.NameAttribute(NameOID.SERIAL_NUMBER, f"TINIT-{tax_code}"),
            certificates.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    issuer = certificates.Name(
        [
            certificates.NameAttribute(NameOID.COUNTRY_NAME, "IT"),
            certificates.NameAttribute(NameOID.COMMON_NAME, _ISSUER),
        ]
    )
    start = datetime(year, 1, 1, tzinfo=UTC)
    built = (
        certificates.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(_key(name).public_key())
        .serial_number(int.from_bytes(hashlib.sha256(f"{name}{year}".encode()).digest()[:12]))
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3 * 365))
        .sign(_key(_ISSUER), hashes.SHA256(), ecdsa_deterministic=True)
    )
    return x509.Certificate.load(built.public_bytes(Encoding.DER))


def sign(data: bytes, *, name: str, tax_code: str, at: datetime) -> bytes:
    """The bytes inside a CAdES-BES envelope: SignedData with the content and a signing time."""
    certificate = _certificate(name, tax_code, at.year - 1)
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
            cms.CMSAttribute({"type": "signing_time", "values": [cms.Time({"utc_time": at.replace(microsecond=0)})]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(data).digest()]}),
            cms.CMSAttribute(
                {
                    "type": "signing_certificate_v2",
                    "values": [
                        tsp.SigningCertificateV2(
                            {"certs": [{"cert_hash": hashlib.sha256(certificate.dump()).digest()}]}
                        )
                    ],
                }
            ),
        ]
    )
    algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                        {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
                    )
                }
            ),
            "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
            "signed_attrs": attributes,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
            "signature": _key(name).sign(attributes.dump(), algorithm),
        }
    )
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [algos.DigestAlgorithm({"algorithm": "sha256"})],
            "encap_content_info": {"content_type": "data", "content": data},
            "certificates": [certificate],
            "signer_infos": [signer],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())

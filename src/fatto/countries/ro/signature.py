"""The ministry's electronic seal (`semnatura_<index>.xml`), verified without asking anybody.

Two shapes. Production: a lone XML signature whose digest is over the bytes of `<index>.xml` as they lie in the ZIP,
though its empty reference means something else; no general verifier can know that. The test environment: a copy of
the document with the signature in it, whose digest is over the canonical form of the copy without the signature.

Three questions are asked apart: is the digest right, is the signature that of the certificate shown, and is that
certificate one of the ministry's. Whoever can answer only the first two has not seen the ministry's seal: anybody can
sign. And a certificate that is not known is not for that reason wrong: the ministry's change every year or two.
"""

from __future__ import annotations

import base64
import binascii
import copy
import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from lxml import etree

from fatto import envelopes
from fatto.channels.seal import Seal
from fatto.countries.ro import receipts
from fatto.countries.ro.answers import ZIP_LIMITS
from fatto.errors import FattoError, Unreadable
from fatto.formats import repair
from fatto.formats.format import Element
from fatto.i18n import _

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

PINNED = frozenset(
    {
        "B02D178A67F24785AC4143B28880606E17B40EA4F622692E9E110D520B4FC525",  # 2020-12-02 to 2021-12-02
        "5C4CEB903C1C73152CC1793B6557FFA31097BF820115FA17F7154503C0DEA663",  # 2021-11-26 to 2023-11-26
        "F014B11CFDEB451351F49CCB6854CA8B1A5AB78DB5EAA130E4A000B6FC4EFC7E",  # 2023-11-22 to 2025-11-21
    }
)
"""SHA-256 of the ministry's certificates (issuer: DigiSign Qualified CA Class 3 2017)."""

MOST = 32 * 1024 * 1024
_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_C14N = {  # algorithm → exclusive, with comments
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": (False, False),
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments": (False, True),
    "http://www.w3.org/2001/10/xml-exc-c14n#": (True, False),
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments": (True, True),
}
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_RSA = {f"{_MORE}rsa-sha256": "sha256", f"{_MORE}rsa-sha384": "sha384", f"{_MORE}rsa-sha512": "sha512"}
_DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    f"{_MORE}sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
_NAMED = re.compile(r"(semnatura_)?\d{1,20}\.xml", re.IGNORECASE)


def verify(document: bytes, seal: bytes | None, anchors: Sequence[bytes] = ()) -> Seal:
    """What a seal is worth for a document, each byte for byte as it lay in the ZIP.

    `anchors` are further certificates (PEM, several in one allowed, or DER) that count as the ministry's; raises
    `Unreadable` (`not-a-certificate`) when one is none. Nothing else raises: what cannot be checked is not valid.
    """
    trusted = [each for anchor in anchors for each in certificates(anchor)]
    if seal is None:
        return _unsigned("no-seal", _("There is no seal beside the document."))
    root = _tree(seal)
    if root is None:
        return _invalid("seal-unreadable", _("The seal is damaged and cannot be read."))
    found = [each for each in root.iter(f"{_DS}Signature") if each is root or each.getparent() is root]
    if not found:
        return _unsigned("no-signature", _("The file that should hold the seal holds no signature."))
    signature = found[-1]
    detached = signature is root
    info = signature.find(f"{_DS}SignedInfo")
    reference = info.find(f"{_DS}Reference") if info is not None else None
    if info is None or reference is None or not _usual(info, reference):
        return _invalid("seal-unusual", _("The seal is made in another way than the ministry's, and was not believed."))
    algorithm = _DIGESTS[_algorithm(reference, "DigestMethod")]
    wanted = _decoded(reference.findtext(f"{_DS}DigestValue"))

    def fits(data: bytes) -> bool:
        return wanted is not None and hashlib.new(algorithm, data).digest() == wanted

    beside = _canonical(_tree(document))
    same = (detached and fits(document)) or (beside is not None and fits(beside))
    digest = same
    if not detached and not same:
        copied = _canonical(_without(root, signature))
        digest = copied is not None and fits(copied)
        same = digest and copied == beside
    certificate = _shown(signature)
    keys = [certificate] if certificate is not None else trusted
    good = _signed_by(signature, info, keys)
    known = good is not None and (
        _fingerprint(good) in PINNED or any(_fingerprint(good) == _fingerprint(each) for each in trusted)
    )
    shown = good or certificate
    code, reason = _why(digest=digest, good=good is not None, same=same, shown=shown is not None)
    return Seal(
        digest=digest,
        signature=good is not None if keys else None,
        certificate="pinned" if known else "unknown",
        same_content=same,
        verdict="invalid" if code else "valid",
        fingerprint=_fingerprint(shown) if shown else "",
        subject=_named(shown, "subject") if shown else "",
        issuer=_named(shown, "issuer") if shown else "",
        valid_from=shown.not_valid_before_utc if shown else None,
        valid_until=shown.not_valid_after_utc if shown else None,
        code=code,
        reason=reason,
    )


def verify_zip(data: bytes, anchors: Sequence[bytes] = ()) -> Seal | None:
    """The same for a message's ZIP as ANAF gives it; None when it is no such ZIP.

    Raises `Unopenable` when it is one and cannot be opened.
    """
    if not data.startswith(b"PK") or not _looks_like_one(data):
        return None
    message = receipts.open(data)
    return verify(message.document, message.seal, anchors)


def _looks_like_one(data: bytes) -> bool:
    """Is at least one of its files named after an upload index?"""
    try:
        return any(_NAMED.fullmatch(each.name) for each in envelopes.open(data, "message.zip", ZIP_LIMITS))
    except FattoError:
        return False


def certificates(data: bytes) -> list[Certificate]:
    """The certificates in a PEM file, or the one in a DER file; `Unreadable` (`not-a-certificate`) for none."""
    from cryptography import x509

    try:
        if b"-----BEGIN" in data:
            return x509.load_pem_x509_certificates(data)
        return [x509.load_der_x509_certificate(data)]
    except ValueError:
        raise Unreadable(
            "not-a-certificate", _("This is no certificate: give it as PEM (-----BEGIN CERTIFICATE-----) or DER.")
        ) from None


# Parts --------------------------------------------------------------------------------------------


def _tree(data: bytes) -> Element | None:
    """The XML with comments and instructions, which canonical forms may count; None when there is none."""
    if len(data) > MOST:
        return None
    try:
        repair.refuse_doctype(data)
        return etree.fromstring(data, _PARSER)
    except (etree.XMLSyntaxError, ValueError, FattoError):
        return None


_PARSER = etree.XMLParser(
    resolve_entities=False,
    load_dtd=False,
    dtd_validation=False,
    no_network=True,
    remove_comments=False,
    remove_pis=False,
    collect_ids=False,
)


def _usual(info: Element, reference: Element) -> bool:
    """Only what the ministry does: one reference to the whole, known algorithms, no other transforms."""
    transforms = {each.get("Algorithm") for each in reference.iter(f"{_DS}Transform")}
    return (
        len(info.findall(f"{_DS}Reference")) == 1
        and reference.get("URI") == ""
        and _algorithm(info, "CanonicalizationMethod") in _C14N
        and _algorithm(info, "SignatureMethod") in _RSA
        and _algorithm(reference, "DigestMethod") in _DIGESTS
        and transforms <= {_ENVELOPED, *_C14N}
        and not any(len(each) for each in info.iter(f"{_DS}Transform", f"{_DS}CanonicalizationMethod"))
    )


def _algorithm(element: Element, name: str) -> str:
    found = element.find(f"{_DS}{name}")
    return found.get("Algorithm") or "" if found is not None else ""


def _decoded(text: str | None) -> bytes | None:
    try:
        return base64.b64decode("".join((text or "").split()), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _canonical(root: Element | None) -> bytes | None:
    """Inclusive C14N 1.0 of a whole document."""
    if root is None:
        return None
    return etree.tostring(root.getroottree(), method="c14n", exclusive=False, with_comments=False)


def _without(root: Element, signature: Element) -> Element:
    """A copy of the document without its signature; what stood behind it stays."""
    marked = copy.deepcopy(root.getroottree()).getroot()
    gone = marked[list(root).index(signature)]
    before = gone.getprevious()
    tail = gone.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        marked.text = (marked.text or "") + tail
    gone.tail = None
    marked.remove(gone)
    return marked


def _shown(signature: Element) -> Certificate | None:
    """The certificate in the seal."""
    from cryptography import x509

    for each in signature.iterfind(f"{_DS}KeyInfo/{_DS}X509Data/{_DS}X509Certificate"):
        data = _decoded(each.text)
        if data is not None:
            try:
                return x509.load_der_x509_certificate(data)
            except ValueError:
                return None
    return None


def _signed_by(signature: Element, info: Element, keys: Sequence[Certificate]) -> Certificate | None:
    """Which of the certificates made the signature."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    value = _decoded(signature.findtext(f"{_DS}SignatureValue"))
    if value is None:
        return None
    exclusive, comments = _C14N[_algorithm(info, "CanonicalizationMethod")]
    # In place, libxml2 writes an xmlns="" too many on grandchildren: hence once more through the parser.
    alone = etree.fromstring(etree.tostring(info, with_tail=False), _PARSER)
    signed = etree.tostring(alone, method="c14n", exclusive=exclusive, with_comments=comments)
    kinds = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
    kind = kinds[_RSA[_algorithm(info, "SignatureMethod")]]
    for certificate in keys:
        try:
            key = certificate.public_key()
            if isinstance(key, RSAPublicKey) and key.key_size >= 2048:
                key.verify(value, signed, PKCS1v15(), kind)
                return certificate
        except (InvalidSignature, UnsupportedAlgorithm, ValueError):
            continue
    return None


def _fingerprint(certificate: Certificate) -> str:
    from cryptography.hazmat.primitives import hashes

    return certificate.fingerprint(hashes.SHA256()).hex().upper()


def _named(certificate: Certificate, which: Literal["subject", "issuer"]) -> str:
    try:
        name = certificate.subject if which == "subject" else certificate.issuer
        return name.rfc4514_string()
    except ValueError:
        return ""


def _why(*, digest: bool, good: bool, same: bool, shown: bool) -> tuple[str, str]:
    """The first thing that is wrong, empty when nothing is."""
    if not digest:
        return "digest", _("The document is not the one that was sealed: it was changed, or belongs to another seal.")
    if not shown:
        return "no-certificate", _("The seal shows no certificate, so that nobody can tell whose it is.")
    if not good:
        return "signature", _("The seal was not made with the certificate that it shows, or was changed.")
    if not same:
        return "content", _("The document beside the seal says something else than the one that was sealed.")
    return "", ""


def _unsigned(code: str, reason: str) -> Seal:
    return Seal(
        digest=None,
        signature=None,
        certificate="unknown",
        same_content=None,
        verdict="unsigned",
        code=code,
        reason=reason,
    )


def _invalid(code: str, reason: str) -> Seal:
    return Seal(
        digest=False,
        signature=False,
        certificate="unknown",
        same_content=None,
        verdict="invalid",
        code=code,
        reason=reason,
    )

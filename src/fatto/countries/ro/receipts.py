"""The XML that ANAF sends beside invoices: seals, lists of errors, messages, answers of its services.

The namespaces are ANAF's own, the misspelt `mesajEroriFactuta` included.
"""

from __future__ import annotations

from fatto.formats.format import Element, Notice
from fatto.i18n import _

_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_SUBJECT = "{http://www.w3.org/2000/09/xmldsig#}X509SubjectName"
_SEALERS = ("Ministerul Finantelor", "ANAF")


def _header(namespace: str, element: Element) -> bool:
    return element.tag == f"{{mfp:anaf:dgti:{namespace}:v1}}header"


def is_seal(root: Element) -> bool:
    """`semnatura_<index>.xml`, in both shapes.

    Production: a lone `ds:Signature` over the bytes of `<index>.xml`. Test environment: the invoice or
    message once more, with the signature appended as the last child of its root. Told from an invoice
    that its seller signed by the signer's name: only the ministry seals in that way.
    """
    if root.tag == _SIGNATURE:
        return True
    last = root[-1] if len(root) else None
    if last is None or last.tag != _SIGNATURE:
        return False
    return any(sealer in (subject.text or "") for subject in last.iter(_SUBJECT) for sealer in _SEALERS)


NOTICES = (
    Notice(
        code="ro-seal",
        what=_("the ministry's electronic seal (semnatura_….xml); the sealed document lies beside it"),
        recognise=is_seal,
    ),
    Notice(
        code="ro-errors",
        what=_("ANAF's list of errors for a refused upload"),
        recognise=lambda root: _header("efactura:mesajEroriFactuta", root),
    ),
    Notice(
        code="ro-buyer-message",
        what=_("a buyer's message about an invoice (RASP)"),
        recognise=lambda root: _header("spv:reqMesaj", root),
    ),
    Notice(
        code="ro-upload-answer",
        what=_("ANAF's answer to an upload"),
        recognise=lambda root: _header("spv:respUploadFisier", root),
    ),
    Notice(
        code="ro-upload-state",
        what=_("ANAF's answer about the state of an upload"),
        recognise=lambda root: _header("efactura:stareMesajFactura", root),
    ),
)

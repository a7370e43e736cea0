"""The messages of ANAF: the ZIP that holds a document and its seal, and the XML that comes beside invoices.

The namespaces are ANAF's own, the misspelt `mesajEroriFactuta` included.
"""

from __future__ import annotations

import re
from dataclasses import replace

from fatto import envelopes
from fatto.channels.channel import Complaint, Kind, Message
from fatto.countries.ro.answers import ZIP_LIMITS, complaint, fold
from fatto.errors import FattoError, Unopenable
from fatto.formats.format import Element, Notice
from fatto.formats.xml import parse
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


# Opening a message --------------------------------------------------------------------------------

_NAME = re.compile(r"(semnatura_)?(\d{1,20})\.xml", re.IGNORECASE)
_SENT_BEFORE = re.compile(r"factura a mai fost transmisa anterior cu index ?= ?(\d+)")


def open(data: bytes) -> Message:  # noqa: A001  # reads as `receipts.open`
    """A message's ZIP → what is in it, told by content: names only pair the document with its seal.

    Raises `Unopenable`: the codes of `envelopes` for a damaged or hostile archive, `spv-not-a-message` for one without
    a document.
    """
    documents: list[tuple[envelopes.Enclosed, Element | None]] = []
    seals: list[envelopes.Enclosed] = []
    for enclosed in envelopes.open(data, "message.zip", ZIP_LIMITS):
        if enclosed.error is not None:
            raise enclosed.error
        found = _NAME.fullmatch(enclosed.name)
        if enclosed.member is None or found is None:
            continue  # no archive; a file of another kind
        root = _root(enclosed.file)
        signed = root is not None and (is_seal(root) or (found[1] and root.find(_SIGNATURE) is not None))
        if signed:
            seals.append(enclosed)
        elif found[1]:
            documents.append((enclosed, root))  # by its name a seal, which it is not
        else:
            documents.insert(0, (enclosed, root))
    if not documents:
        raise Unopenable(
            "spv-not-a-message", _("This is no message of ANAF: there is no file in it named after an upload index.")
        )
    (document, root), *others = documents
    seal = next(iter(seals), None) or next((each for each, _tree in others), None)
    named = _NAME.fullmatch(document.name)
    message = Message(
        kind=Kind.UNKNOWN,
        reference=named[2] if named else "",
        name=document.name,
        document=document.file,
        seal_name=seal.name if seal else "",
        seal=seal.file if seal else None,
    )
    return message if root is None else _told(message, root)


def _told(message: Message, root: Element) -> Message:
    """The message with what its document says."""
    if _header("efactura:mesajEroriFactuta", root):
        texts = errors(root)
        return replace(
            message,
            kind=Kind.ERRORS,
            about=(root.get("Index_incarcare") or "").strip() or message.reference,
            issuer=(root.get("Cif_emitent") or "").strip(),
            complaints=texts,
            duplicate_of=next(filter(None, (_sent_before(each.official) for each in texts)), ""),
        )
    if _header("spv:reqMesaj", root):
        return replace(
            message,
            kind=Kind.BUYER_MESSAGE_RECEIVED,
            about=(root.get("index_incarcare") or "").strip(),
            text=(root.get("message") or "").strip(),
        )
    if any(notice.recognise(root) for notice in NOTICES):
        return message
    return replace(message, kind=Kind.RECEIVED, about=message.reference)


def errors(root: Element) -> tuple[Complaint, ...]:
    """The official texts of a list of errors, line breaks included."""
    return tuple(complaint(text.strip()) for each in root.iter() if (text := each.get("errorMessage")) and text.strip())


def _sent_before(text: str) -> str:
    found = _SENT_BEFORE.search(fold(text[:4000]))
    return found[1] if found else ""


def _root(data: bytes) -> Element | None:
    try:
        return parse(data)[0]
    except FattoError:
        return None

"""The shape of an XML signature (XML-Signature Syntax and Processing, W3C Recommendation), as far as schemas ask.

Whether a signature is good is another question; see `envelopes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fatto.i18n import _
from fatto.rules.shape import (
    Attribute,
    Block,
    Grammar,
    Inside,
    Kind,
    anything,
    base64,
    compile_shape,
    matching,
    whole_number,
)

NAMESPACE = "http://www.w3.org/2000/09/xmldsig#"

_TEXT = Kind(anything, "", "text")
_BYTES = Kind(base64, _("“{found}” is not Base64."), "Base64")
_ID = {
    "Id": Attribute(
        Kind(
            matching(r"[^\W\d][\w.\-]*"), _("“{found}” is no name for an element, or stands twice."), "ID", unique=True
        )
    )
}
_ALGORITHM = {"Algorithm": Attribute(_TEXT, required=True)}

_KINDS = {
    "text": _TEXT,
    "bytes": _BYTES,
    "signature": replace(_BYTES, attributes=_ID),
    "number": Kind(whole_number(-(10**23), 10**23), _("“{found}” is not a whole number."), "integer"),
}

_BLOCKS: dict[str, str | Grammar] = {
    "Signature": Grammar("SignedInfo SignatureValue:signature KeyInfo? Object*", attributes=_ID),
    "SignedInfo": Grammar("CanonicalizationMethod SignatureMethod Reference+", attributes=_ID),
    "CanonicalizationMethod": Grammar("#any*", mixed=True, strict=True, attributes=_ALGORITHM),
    "SignatureMethod": Grammar("HMACOutputLength:number? #other*", mixed=True, strict=True, attributes=_ALGORITHM),
    "Reference": Grammar(
        "Transforms? DigestMethod DigestValue:bytes",
        attributes={**_ID, "URI": Attribute(_TEXT), "Type": Attribute(_TEXT)},
    ),
    "Transforms": "Transform+",
    "Transform": Grammar("(#other | XPath:text)*", mixed=True, attributes=_ALGORITHM),
    "DigestMethod": Grammar("#other*", mixed=True, attributes=_ALGORITHM),
    "KeyInfo": Grammar(
        "(KeyName:text | KeyValue | RetrievalMethod | X509Data | PGPData | SPKIData | MgmtData:text | #other)+",
        mixed=True,
        attributes=_ID,
    ),
    "KeyValue": Grammar("(DSAKeyValue | RSAKeyValue | #other)", mixed=True),
    "RetrievalMethod": Grammar("Transforms?", attributes={"URI": Attribute(_TEXT), "Type": Attribute(_TEXT)}),
    "X509Data": (
        "(X509IssuerSerial | X509SKI:bytes | X509SubjectName:text | X509Certificate:bytes | X509CRL:bytes | #other)+"
    ),
    "X509IssuerSerial": "X509IssuerName:text X509SerialNumber:number",
    "PGPData": "(PGPKeyID:bytes PGPKeyPacket:bytes? #other* | PGPKeyPacket:bytes #other*)",
    "SPKIData": "(SPKISexp:bytes #other?)+",
    "Object": Grammar(
        "#any*",
        mixed=True,
        attributes={**_ID, "MimeType": Attribute(_TEXT), "Encoding": Attribute(_TEXT)},
    ),
    "Manifest": Grammar("Reference+", attributes=_ID),
    "SignatureProperties": Grammar("SignatureProperty+", attributes=_ID),
    "SignatureProperty": Grammar("#other+", mixed=True, attributes={**_ID, "Target": Attribute(_TEXT, required=True)}),
    "DSAKeyValue": "(P:bytes Q:bytes)? G:bytes? Y:bytes J:bytes? (Seed:bytes PgenCounter:bytes)?",
    "RSAKeyValue": "Modulus:bytes Exponent:bytes",
}


def blocks() -> dict[str, Inside]:
    """Blocks by `ds:` and their name, for the tables of documents that hold signatures."""
    made = {f"ds:{name}": block for name, block in compile_shape(_BLOCKS, _KINDS, namespace=NAMESPACE).items()}
    declare(
        made,
        {f"{{{NAMESPACE}}}{name}": made[f"ds:{name}"] for name in _BLOCKS if name != "X509IssuerSerial"}
        | {
            f"{{{NAMESPACE}}}SignatureValue": _KINDS["signature"],
            f"{{{NAMESPACE}}}DigestValue": _BYTES,
            f"{{{NAMESPACE}}}KeyName": _TEXT,
            f"{{{NAMESPACE}}}MgmtData": _TEXT,
        },
    )
    return made


def declare(made: Mapping[str, Inside], elements: Mapping[str, Inside]) -> None:
    """Have elements looked into wherever anything may stand in a signature."""
    for block in made.values():
        if isinstance(block, Block):
            block.declared.update(elements)

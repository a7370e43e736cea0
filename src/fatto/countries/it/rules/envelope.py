"""What SDI checks of the file around the invoice: its name, its size, whether it is signed.

The document itself cannot tell these; whoever is about to send it can.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree
from msgspec import structs

from fatto.countries.it.rules.texts import TEXTS
from fatto.i18n import _
from fatto.rules.finding import Finding, Severity
from fatto.rules.ruleset import Sent

SET = "sdi"
_NAME = re.compile(r"([A-Z]{2})([A-Za-z0-9]{2,28})_[A-Za-z0-9]{1,5}\.(?:xml|xml\.p7m|zip)", re.ASCII | re.IGNORECASE)
_ITALIAN = range(11, 17)
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to SDI, and the largest file that it takes, in bytes."""

    name: str
    most: int


CHANNELS = {
    "sdicoop": Channel(_("the web service and the portal of SDI"), 5 * _MEGABYTE),
    "pec": Channel(_("certified mail"), 30 * _MEGABYTE),
    "sdiftp": Channel(_("SdIFtp"), 150 * _MEGABYTE),
}


def check(
    root: etree._Element | None = None,
    *,
    name: str | None = None,
    size: int | None = None,
    signed: bool | None = None,
    channel: str = "sdicoop",
) -> list[Finding]:
    """What SDI would say of the file as it is to be sent. What is not known (None) is not checked.

    Args:
        root: the document's root element, to know its format and a signature inside (XAdES).
        name: of the file, without folders.
        size: of the file as sent, in bytes.
        signed: does the file lie in a signature (CAdES)?
        channel: one of `CHANNELS`; its limit is advice, since another channel may take the file.
    """
    findings = []
    if name is not None and not right_name(name):
        findings.append(_finding("00001", "fatal", found=name))
    way = CHANNELS[channel]
    if size is not None and size > way.most:
        findings.append(_finding("00003", "warning", found=str(size), expected=str(way.most), channel=way.name))
    if signed is False and root is not None and root.get("versione") == "FPA12" and root.find(_SIGNATURE) is None:
        findings.append(_finding("00102", "fatal"))
    return findings


def as_sent(root: etree._Element, sent: Sent) -> list[Finding]:
    """The same as advice: what lies on a disk may be signed and renamed yet."""
    found = check(root, name=sent.name or None, size=sent.size, signed=sent.signed)
    return [structs.replace(each, severity="warning") for each in found]


def right_name(name: str) -> bool:
    """Is it country, sender's id (11 to 16 characters if Italian), underscore, progressive, ending?"""
    found = _NAME.fullmatch(name)
    if found is None or not found[1].isupper():
        return False
    return found[1] != "IT" or len(found[2]) in _ITALIAN


def _finding(
    code: str, severity: Severity, *, found: str | None = None, expected: str | None = None, **values: str
) -> Finding:
    return Finding(
        code=code,
        severity=severity,
        set=SET,
        found=found,
        expected=expected,
        text=TEXTS[code].text,
        fix=TEXTS[code].fix,
        values=values,
    )

"""The checks that only SDI can make, and what they need: a verdict names them, and never says that SDI accepts."""

from __future__ import annotations

from collections.abc import Mapping

from fatto.i18n import _

_NAMES = _("Only SDI knows which file names it has had.")
_CERTS = _("It depends on the signature's certificate and on the moment at which SDI gets the file.")
_ZIP = _("It concerns the archive that is sent, not the invoice.")
_TAX = _("It needs the tax register (Anagrafe tributaria).")
_RCPT = _("It needs SDI's list of recipient codes.")
_IPA = _("It needs the index of the public administration (IPA).")
_HIST = _("Only SDI knows all that it has had; documents of this archive are compared when they arrive.")
_INTENT = _("It needs the register of declarations of intent.")

NOT_CHECKED_HERE: Mapping[str, str] = {
    "00002": _NAMES,
    "00100": _CERTS,
    "00101": _CERTS,
    "00103": _CERTS,
    "00104": _CERTS,
    "00105": _CERTS,
    "00106": _ZIP,
    "00107": _CERTS,
    "00300": _TAX,
    "00301": _TAX,
    "00302": _TAX,
    "00303": _TAX,
    "00304": _TAX,
    "00305": _TAX,
    "00306": _TAX,
    "00311": _RCPT,
    "00312": _RCPT,
    "00320": _TAX,
    "00321": _TAX,
    "00322": _TAX,
    "00323": _TAX,
    "00324": _TAX,
    "00325": _TAX,
    "00326": _TAX,
    "00327": _TAX,
    "00398": _IPA,
    "00399": _IPA,
    "00404": _HIST,
    "00477": _INTENT,
}
"""Code of SDI → why not, marked for translation."""

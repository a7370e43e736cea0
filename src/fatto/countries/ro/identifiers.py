"""Who is who in Romania: CUI/CIF of companies, the VAT code made of it, CNP of persons.

A VAT payer's code is its CUI with the prefix RO. The two name the same company, and invoices mix
them freely: a non-payer stands in the tax or legal id without prefix, a payer sometimes too.
"""

from __future__ import annotations

import re

from stdnum.ro import cnp, cui

from fatto.country import Identifier
from fatto.i18n import _
from fatto.invoice.model import Party

_CUI = re.compile(r"(?:RO)?0*([1-9][0-9]{1,9})", re.ASCII)
_CNP = re.compile(r"[1-9][0-9]{12}", re.ASCII)
_NOISE = re.compile(r"[\s.\-/]+")


def _compact(text: str) -> str:
    return _NOISE.sub("", text).upper()


def normalise_cui(text: str) -> str | None:
    """`RO 12.345.674`, `ro12345674`, `12345674` → `12345674`; None when it has not 2 to 10 digits."""
    found = _CUI.fullmatch(_compact(text))
    return found[1] if found else None


def normalise_vat(text: str) -> str | None:
    """The same input → `RO12345674`."""
    digits = normalise_cui(text)
    return f"RO{digits}" if digits else None


def normalise_cnp(text: str) -> str | None:
    """13 digits; None else, and for the thirteen zeros that stand for "not given" (CIUS-RO, B2C)."""
    digits = _compact(text)
    return digits if _CNP.fullmatch(digits) else None


VAT = Identifier(
    code="vat",
    name=_("VAT code (RO and CUI)"),
    normalise=normalise_vat,
    valid=cui.is_valid,
    example="RO185472903",
    prefixed=True,  # without the letters it names the company, who may pay no VAT
)
CUI = Identifier(
    code="tax",
    name=_("CUI/CIF"),
    normalise=normalise_cui,
    valid=cui.is_valid,
    example="185472903",
)
CNP = Identifier(
    code="person",
    name=_("CNP"),
    normalise=normalise_cnp,
    valid=cnp.is_valid,
    example="1630615123457",
)


def of_party(party: Party) -> tuple[str, ...]:
    """The ids to compare a party by: `RO…` first, then the bare CUI, then a CNP.

    The VAT id decides, else the tax id, else the legal id when it passes the check of a CUI or is a
    CNP (a trade-register number such as `J40/1/2020` never does). A code that another country
    prefixed stays as it is.
    """
    if party.vat_id:
        digits = normalise_cui(party.vat_id)
        if digits:
            return (f"RO{digits}", digits)
        vat = _compact(party.vat_id)
        return (vat,) if vat else ()
    abroad = party.address is not None and party.address.country not in (None, "RO")
    found: list[str] = []
    for text, sure in ((party.tax_id, True), (party.legal_id.value if party.legal_id else None, False)):
        if not text or found:
            continue
        digits = normalise_cui(text)
        person = normalise_cnp(text)
        if abroad and not _compact(text).startswith("RO"):
            if sure:
                found.append(_compact(text))
        elif digits and (sure or cui.is_valid(digits)):
            found += [f"RO{digits}", digits]
        elif person:
            found.append(person)
    return tuple(found)

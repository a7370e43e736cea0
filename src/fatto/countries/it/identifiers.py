"""Who is who in Italy: partita IVA, codice fiscale, recipient codes.

The last of the 11 digits of a partita IVA, or of a company's codice fiscale, is a Luhn check digit;
the last of the 16 characters of a person's codice fiscale is a weighted sum of the others.
"""

from __future__ import annotations

import re
from functools import lru_cache

from stdnum import luhn
from stdnum.it import codicefiscale

from fatto.country import Identifier
from fatto.i18n import _
from fatto.invoice.model import Party

_NOISE = re.compile(r"[\s.\-/]+")
_VAT = re.compile(r"(?:IT)?([0-9]{11})", re.ASCII)
_PERSON = re.compile(
    r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]", re.ASCII
)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)
_ITALIAN_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z][0-9]{10}[A-Z0-9]{12}", re.ASCII)
_TWENTY_SEVEN = frozenset({"IT", "SM"})
_RECIPIENT = re.compile(r"[A-Z0-9]{6,7}", re.ASCII)
_NOBODY = frozenset({"00000000000", "99999999999", "11111111111"})
"""Numbers that are written when there is none."""


def _compact(text: str) -> str:
    return _NOISE.sub("", text).upper()


def normalise_vat(text: str) -> str | None:
    """`it 01234567890`, `01234567890` → `IT01234567890`; None when it has not 11 digits or names nobody."""
    found = _VAT.fullmatch(_compact(text))
    return f"IT{found[1]}" if found and found[1] not in _NOBODY else None


def valid_vat(number: str) -> bool:
    """Is the check digit of `IT…` right?"""
    return bool(luhn.is_valid(number.removeprefix("IT")))


def normalise_tax(text: str) -> str | None:
    """A codice fiscale: 16 characters of a person (replaced digits allowed) or 11 digits; None for all else."""
    compact = _compact(text)
    if _PERSON.fullmatch(compact):
        return compact
    found = _VAT.fullmatch(compact)
    return found[1] if found and found[1] not in _NOBODY else None


def valid_tax(number: str) -> bool:
    """Is the check digit or letter right?"""
    if len(number) == 16:
        return bool(codicefiscale.is_valid(number))
    return bool(luhn.is_valid(number))


_AS_DIGITS = str.maketrans({chr(letter): str(letter - 55) for letter in range(65, 91)})


@lru_cache(maxsize=4096)
def valid_iban(text: str) -> bool:
    """Is it an IBAN with the right check digits (ISO 13616), and as long as an Italian one must be?"""
    number = _NOISE.sub("", text).upper()
    if not _IBAN.fullmatch(number) or (number[:2] in _TWENTY_SEVEN and not _ITALIAN_IBAN.fullmatch(number)):
        return False
    return int((number[4:] + number[:4]).translate(_AS_DIGITS)) % 97 == 1


@lru_cache(maxsize=4096)
def plausible_vat(number: str) -> bool:
    """Can the digits behind IT be a partita IVA? Those that stand for nobody are let pass."""
    found = _VAT.fullmatch(_compact(number))
    return found is not None and (found[1] in _NOBODY or valid_vat(found[1]))


@lru_cache(maxsize=4096)
def plausible_tax(text: str) -> bool:
    """Can it be a codice fiscale, of a person or of 11 digits?"""
    number = normalise_tax(text)
    return valid_tax(number) if number else _compact(text) in _NOBODY


def normalise_recipient(text: str) -> str | None:
    """A codice destinatario: 7 characters of a private channel, 6 of an office of the administration."""
    compact = _compact(text)
    return compact if _RECIPIENT.fullmatch(compact) else None


VAT = Identifier(
    code="vat",
    name=_("Partita IVA"),
    normalise=normalise_vat,
    valid=valid_vat,
    example="IT01234567897",
)
TAX = Identifier(
    code="tax",
    name=_("Codice fiscale"),
    normalise=normalise_tax,
    valid=valid_tax,
    example="RSSMRA85T10A562S",
)


def of_party(party: Party) -> tuple[str, ...]:
    """The ids to compare a party by: `IT…` first, then its bare digits, then the codice fiscale.

    A codice fiscale of 11 digits also counts as a partita IVA, since most companies have one number
    for both and some files give only the one. Ids from abroad stay as written, in capitals.
    Numbers that stand for nobody (`00000000000`) are left out.
    """
    found: dict[str, None] = {}
    if party.vat_id:
        number = normalise_vat(party.vat_id)
        if number:
            found[number] = found[number[2:]] = None
        else:
            compact = _compact(party.vat_id)
            digits = compact[2:] if compact[:2].isalpha() else compact
            if digits.strip("0") and digits.strip("9"):
                found[compact] = None
    if party.tax_id:
        tax = normalise_tax(party.tax_id)
        if tax:
            if len(tax) == 11:
                found[f"IT{tax}"] = None
            found[tax] = None
    return tuple(found)

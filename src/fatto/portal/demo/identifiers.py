"""Invented tax numbers and bank accounts with valid check digits.

Every number follows from a word (the party's key), so that a party keeps its numbers for ever. They
lie in ranges that no authority has reached: Italian VAT numbers and Romanian codes are given out in
sequence, and these start far above the highest one in use.
"""

from __future__ import annotations

import random
from datetime import date

from stdnum import iban, luhn
from stdnum.at import uid as austrian
from stdnum.ie import vat as irish
from stdnum.iso7064 import mod_11_10
from stdnum.it import codicefiscale
from stdnum.ro import cui as romanian

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MONTHS = "ABCDEHLMPRST"
_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
"""Values of letters and digits on odd places: the table that codice fiscale and the bank's CIN share."""


def _source(key: str, what: str) -> random.Random:
    return random.Random(f"{key}:{what}")  # noqa: S311 - invented data, nothing secret


def _digits(source: random.Random, count: int) -> str:
    return "".join(source.choices("0123456789", k=count))


def partita_iva(key: str, office: str = "023", serial: int | None = None) -> str:
    """An Italian VAT number: seven digits, the provincial office, the check digit.

    With a `serial` (below a million) instead of the key's digits, many numbers are sure to differ.
    """
    digits = _digits(_source(key, "iva"), 6) if serial is None else f"{serial:06d}"
    body = f"7{digits}{office}"
    return body + str(luhn.calc_check_digit(body))


def codice_fiscale(first_name: str, last_name: str, born: date, *, place: str, woman: bool) -> str:
    """The tax code of an Italian person; `place` is the cadastral code of the town of birth."""
    body = _three(last_name, surname=True) + _three(first_name, surname=False)
    body += f"{born:%y}{_MONTHS[born.month - 1]}{born.day + 40 * woman:02d}{place}"
    return body + str(codicefiscale.calc_check_digit(body))


def _three(name: str, *, surname: bool) -> str:
    letters = [letter for letter in name.upper() if letter in _LETTERS]
    consonants = [letter for letter in letters if letter not in "AEIOU"]
    if not surname and len(consonants) > 3:
        consonants = [consonants[0], *consonants[2:]]
    vowels = [letter for letter in letters if letter in "AEIOU"]
    return "".join([*consonants, *vowels, "X", "X", "X"])[:3]


def cui(key: str, serial: int | None = None) -> str:
    """A Romanian fiscal code of eight digits, without prefix."""
    body = "9" + (_digits(_source(key, "cui"), 6) if serial is None else f"{serial:06d}")
    return body + str(romanian.calc_check_digit(body))


def german(key: str) -> str:
    """A German VAT number, without prefix."""
    body = "9" + _digits(_source(key, "ust"), 7)
    return body + str(mod_11_10.calc_check_digit(body))


def austrian_uid(key: str) -> str:
    """An Austrian VAT number, without prefix."""
    body = "U9" + _digits(_source(key, "uid"), 6)
    return body + str(austrian.calc_check_digit(body))


def irish_vat(key: str) -> str:
    """An Irish VAT number, without prefix."""
    body = "9" + _digits(_source(key, "ie"), 6)
    return body + str(irish.calc_check_digit(body))


def italian_iban(key: str) -> str:
    """An Italian account: CIN letter, five digits each of ABI and CAB, twelve of the account."""
    source = _source(key, "iban")
    account = "9" + _digits(source, 4) + _digits(source, 5) + "000" + _digits(source, 9)
    places = ((_ODD if index % 2 == 0 else range(26))[int(digit)] for index, digit in enumerate(account))
    return _with_check("IT", _LETTERS[sum(places) % 26] + account)


def romanian_iban(key: str, currency: str = "RON") -> str:
    """A Romanian account: an invented bank of four letters, sixteen places."""
    source = _source(key, f"iban-{currency}")
    return _with_check("RO", source.choice(("FBSO", "FBCA", "FBMU")) + currency + "CRT" + _digits(source, 10))


def other_iban(key: str, country: str) -> str:
    """A German or Austrian account."""
    return _with_check(country, _digits(_source(key, "iban"), {"DE": 18, "AT": 16}[country]))


def _with_check(country: str, body: str) -> str:
    return f"{country}{iban.calc_check_digits(f'{country}00{body}')}{body}"

"""Whom an invoice asks to pay: suppliers and accounts as they are compared, and names that look alike."""

from __future__ import annotations

import re
from functools import lru_cache

from fatto.invoice.model import Invoice, Party
from fatto.portal.documents import routing, words

_COLLECTED = frozenset({"49", "59", "70"})
"""UNTDID 4461: direct debit, SEPA direct debit, bill drawn on the debtor (RIBA). The account is the buyer's."""

_FORMS = re.compile(
    r"\b(?:s ?r ?l ?s?|s ?p ?a|s ?n ?c|s ?a ?s|s ?a|s ?c ?a ?r ?l|soc(?:ieta)?|coop(?:erativa)?|unipersonale|"
    r"p ?f ?a|i ?i|ifn|gmbh|kg|ag|ltd|limited|inc|llc|sarl|b ?v|n ?v|ditta|sc)\b"
)
_DIGITS = re.compile(r"\d")
_SHORTEST = 6
"""Names of fewer letters are too easily alike."""


def account(text: str | None) -> str:
    """An account as it is compared: letters and digits in upper case; `IBAN: it60 x054…` → `IT60X054…`."""
    plain = words.account(text or "").upper()
    return plain.removeprefix("IBAN") if plain.startswith("IBAN") and len(plain) > 15 else plain


def accounts(invoice: Invoice) -> list[str]:
    """The accounts to pay to, each once, in the document's order."""
    found = [
        account(transfer.account)
        for payment in invoice.payment
        if payment.means_code not in _COLLECTED
        for transfer in payment.credit_transfers
    ]
    return list(dict.fromkeys(each for each in found if each))[:20]


def supplier(party: Party) -> str:
    """The key of a supplier's history: country and tax id; without one, country and name. Empty for nobody.

    Ids that begin with their country's letters (`IT…`, `RO…`, `DE…`) are the same however the address is
    written; others count within the country of the address.
    """
    country = ((party.address.country if party.address else None) or "").upper()[:2]
    tax_id = next(iter(routing.ids(party)), "")
    if nobody(tax_id):
        tax_id = ""
    if tax_id[:2].isalpha() and tax_id[2:3].isdigit():
        return tax_id[:60]
    if tax_id:
        return f"{country}:{tax_id}"[:60]
    name = name_key(party.name or party.trading_name or "")
    return f"{country}~{name}"[:120] if name else ""


def nobody(tax_id: str) -> bool:
    """Is it what people write where a number must stand and there is none: `00000000000`, `US99999999999`?"""
    digits = tax_id[2:] if tax_id[:2].isalpha() else tax_id
    return not digits.strip("0") or not digits.strip("9")


@lru_cache(maxsize=10_000)
def name_key(name: str) -> str:
    """A name as look-alikes are compared: no case, accents, blanks, legal form; digits within words are the letters
    that they pose as."""
    plain = words.tokens(name.translate(_DOTS))
    text = " ".join(each if each.isdigit() else each.translate(_POSING) for each in plain)
    return (_FORMS.sub(" ", text).replace(" ", "") or text.replace(" ", ""))[:120]


_DOTS = str.maketrans("", "", ".'’")
_POSING = str.maketrans({"0": "o", "1": "l", "5": "s", "8": "b"})


def alike(one: str, other: str) -> bool:
    """Are two name keys nearly the same: equal, or one slip in eight letters, at most two?"""
    if min(len(one), len(other)) < _SHORTEST:
        return False
    if one == other:
        return True
    if _DIGITS.findall(one) != _DIGITS.findall(other):
        return False  # school 12 and school 13 are no look-alikes
    slips = min(2, min(len(one), len(other)) // 8)
    return slips > 0 and abs(len(one) - len(other)) <= slips and _distance(one, other, slips) <= slips


def _distance(one: str, other: str, most: int) -> int:
    """Letters to change, add, leave out or swap with the next; more than `most` is told as `most + 1`."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if before and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return last[-1]


def ends(key: str) -> tuple[str, str]:
    """Head and tail of a name key: look-alikes with one slip share one of them."""
    return key[:5], key[-5:]

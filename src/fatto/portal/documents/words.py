"""Words for searching: accents, case and punctuation do not count.

The embedded server has no `unaccent`, and the folding must be the same for what is stored and for
what is asked: so it is done here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from fatto.invoice.model import Invoice

_PARTS = re.compile(r"[^\W_]+")
LIMIT = 60_000
"""Characters of text that are indexed; a tsvector holds 1 MB and a document needs less."""


def fold(text: str) -> str:
    """Lower case without accents: `Fațadă` → `fatada`."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()


def tokens(text: str) -> list[str]:
    """The words of a text, folded."""
    return [word[:60] for word in _PARTS.findall(fold(text))]


def number_key(number: str) -> str:
    """Letters and digits of a document number, upper case: `FT 12/A` → `FT12A`."""
    return "".join(_PARTS.findall(fold(number))).upper()[:100]


def query(text: str) -> str:
    """What somebody typed → a tsquery: every word, each as a prefix; empty when there is none."""
    return " & ".join(f"{word}:*" for word in tokens(text)[:12])


def number_query(text: str) -> str:
    """A document number as typed → a tsquery that finds it in any spelling; empty when there is none."""
    key = "".join(tokens(text))[:100]
    return f"{key}:*" if key else ""


def number_words(number: str) -> list[str]:
    """The words by which `number_query` finds a number from any of its parts on: `FT 12/A` → ft12a, 12a, a."""
    parts = tokens(number)[:8]
    return ["".join(parts[start:])[:100] for start in range(len(parts))]


_PARTY = "xqp"
"""What words of the party's name begin with, beside the same words unmarked: `brenta` also stands in many a line's
text, and looking through all of them for the few whose party it is took a fifth of a second in a large firm."""


def party_words(name: str) -> str:
    """The words by which `party_query` finds a party's documents."""
    return " ".join(f"{_PARTY}{token}" for token in tokens(name))


def party_query(text: str) -> str:
    """A party as typed → a tsquery that finds it by its name or tax id alone; empty when there is none."""
    return " & ".join(f"{_PARTY}{token}:*" for token in tokens(text)[:12])


def exactly(text: str) -> str:
    """What stood in quotes → a tsquery: these whole words, one after another; empty when there is none."""
    return " <-> ".join(tokens(text)[:24])


_TAG, _CENTER = "xqt", "xqc"
"""What words begin with that stand for a tag or a cost centre of a document."""


def tag_key(tag: str) -> str:
    """A tag as it is compared: `Auto aziendale` → `autoaziendale`; empty when nothing is left."""
    return "".join(tokens(tag))[:100]


def tag_word(tag: str) -> str:
    """The word by which `tag_query` finds a document with a tag."""
    return f"{_TAG}{tag_key(tag)}"


def tag_query(tag: str) -> str:
    """A tag as typed → a tsquery that finds the documents that have exactly it; empty when there is none."""
    return tag_word(tag) if tag_key(tag) else ""


def center_word(code: str) -> str:
    """The word by which the documents of a cost centre are found."""
    return f"{_CENTER}{tag_key(code)}"


def account(text: str) -> str:
    """An account number as it is compared: `IT60 X054 …` → `it60x054…`; empty when nothing is left."""
    return "".join(tokens(text))[:40]


def account_query(text: str) -> str:
    """The beginning of an account number as typed → a tsquery that finds it among accounts alone (weight A)."""
    key = account(text)
    return f"{key}:*A" if key else ""


def id_query(text: str) -> str:
    """A tax id as typed, with or without its country → a tsquery that finds it; empty when there is none."""
    key = number_key(text).lower()
    return " | ".join(f"{each}:*" for each in dict.fromkeys((key, bare_id(text).lower())) if each)


def bare_id(text: str) -> str:
    """A tax id without the country it begins with: `RO 123` → `123`."""
    key = number_key(text)
    return key[2:] if key[:2].isalpha() and key[2:3].isdigit() else key


def of_invoice(invoice: Invoice) -> str:
    """All words by which people look for an invoice, folded, in one text for `to_tsvector('simple', …)`."""
    parts: list[str] = []
    length = 0
    for text in _texts(invoice):
        words = " ".join(tokens(text))
        length += len(words) + 1
        if length > LIMIT:
            break
        parts.append(words)
    if invoice.number:
        parts += number_words(invoice.number)
    return " ".join(parts)


def _texts(invoice: Invoice) -> Iterator[str]:
    yield invoice.number or ""
    for party in (invoice.seller, invoice.buyer):
        yield party.name or ""
        yield party.trading_name or ""
        yield party.vat_id or ""
        yield (party.vat_id or "")[2:]
        yield party.tax_id or ""
    yield invoice.purchase_order or ""
    yield invoice.contract or ""
    yield invoice.project or ""
    yield invoice.buyer_reference or ""
    yield invoice.despatch_advice or ""
    for note in invoice.notes:
        yield note.text
    for line in invoice.lines:
        if line.item:
            yield line.item.name or ""
            yield line.item.description or ""
            yield line.item.seller_id or ""
        yield line.note or ""

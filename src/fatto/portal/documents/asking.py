"""The search language: one line of text → terms → one line of text.

    fornitore:energia importo:>1000 -stato:contestata "canone di ottobre"

Words, exact text in quotes, and fields with Italian, Romanian and English names at once: a reader may
mix them. A minus says "not". Reading never fails: what is not understood becomes a `MISREAD` term,
which the page shows as such and the list is searched for as plain words. `read` of what `write` gives
is the same terms again, in whatever language it was written. SQL is made of terms in `queries`.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from fatto.portal.documents.words import fold, tokens

LONGEST = 4000
"""Characters of a question that are read."""
MOST = 24
"""Terms that are read."""
_VALUE = 100

WORDS = "words"
EXACT = "exact"
MISREAD = "misread"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """From, to: both included unless said otherwise; None where there is no limit."""

    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """First and last day, both included; None where there is no limit."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A period that moves with the calendar: `last-month`. A saved view keeps it as such."""

    name: str


@dataclass(frozen=True, slots=True)
class Near:
    """Nearer (`<`) or further (`>`) than so many days from today: ahead for what is due, back for all else."""

    side: Literal["<", ">"]
    days: int


Value = str | Amounts | Days | Named | Near


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. `field` is a name of `FIELDS`, or `WORDS`, `EXACT`, `MISREAD`."""

    field: str
    value: Value
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What a field or a value is called: by language, and further names that are understood."""

    en: str
    it: str
    ro: str
    also: tuple[str, ...] = ()

    def to(self, language: str) -> str:
        """As written for a reader; English where the language is none of ours."""
        return {"it": self.it, "ro": self.ro}.get(language, self.en)

    def all(self) -> Iterable[str]:
        return (self.en, self.it, self.ro, *self.also)


STATES = {
    "mine": Name(en="mine", it="per-me", ro="pentru-mine"),
    "to-approve": Name(en="to-approve", it="da-approvare", ro="de-aprobat"),
    "approved": Name(en="approved", it="approvata", ro="aprobată", also=("approvato", "approvate", "aprobat")),
    "disputed": Name(en="disputed", it="contestata", ro="contestată", also=("contestato", "contestate", "contestat")),
    "to-book": Name(
        en="to-book", it="da-contabilizzare", ro="gata-de-înregistrat", also=("da-registrare", "de-înregistrat")
    ),
    "unbooked": Name(en="unbooked", it="non-contabilizzata", ro="neînregistrată", also=("non-registrata",)),
    "booked": Name(
        en="booked",
        it="contabilizzata",
        ro="înregistrată",
        also=("contabilizzato", "registrata", "registrato", "înregistrat"),
    ),
    "unconfirmed": Name(en="unconfirmed", it="non-approvata", ro="neaprobată"),
    "excluded": Name(en="excluded", it="esclusa", ro="exclusă", also=("escluso", "exclus")),
    "question": Name(
        en="question", it="in-chiarimento", ro="în-clarificare", also=("question-open", "domanda", "întrebare")
    ),
    "unread": Name(
        en="unread", it="non-letta", ro="necitită", also=("non-letto", "non-lette", "da-leggere", "necitit", "necitite")
    ),
    "invalid": Name(
        en="invalid",
        it="non-valida",
        ro="invalidă",
        also=("non-valido", "non-valide", "invalid", "invalide", "nevalidă"),
    ),
    "credit": Name(
        en="credit",
        it="nota-di-credito",
        ro="notă-de-creditare",
        also=("credit-note", "nota-credito", "notă-de-credit"),
    ),
    "failed": Name(en="failed", it="scartata", ro="eroare", also=("scartato", "scartate", "respinsă", "nok")),
    "to-send": Name(en="to-send", it="da-inviare", ro="de-trimis", also=("draft", "bozza", "ciornă")),
    "on-its-way": Name(en="on-its-way", it="in-invio", ro="se-trimite", also=("sending",)),
}
"""Those of UX 2.4 of which the portal knows something. Nothing is called overdue while payments are not kept."""

DIRECTIONS = {
    "received": Name(en="received", it="ricevute", ro="primite", also=("ricevuta", "primită", "passive")),
    "issued": Name(en="issued", it="emesse", ro="emise", also=("emessa", "emisă", "attive")),
    "other": Name(en="other", it="altri", ro="altele", also=("others", "altro", "altre", "altul")),
}

THINGS = {
    "attachment": Name(
        en="attachment", it="allegato", ro="atașament", also=("attachments", "allegati", "atașamente", "anexă")
    ),
    "comment": Name(en="comment", it="commento", ro="comentariu", also=("comments", "commenti", "comentarii")),
    "alert": Name(en="alert", it="avviso", ro="alertă", also=("alerts", "avvisi", "alerte")),
}

CHECKS = {
    "accepted": Name(en="accepted", it="nessun-errore", ro="fără-erori", also=("ok",)),
    "warnings": Name(en="warnings", it="avvertimenti", ro="avertismente", also=("warning",)),
    "failed": Name(en="errors", it="errori", ro="erori", also=("failed", "error")),
    "not-judged": Name(en="not-checked", it="non-controllata", ro="neverificată", also=("not-judged",)),
}
"""What the official rules say."""

ALERTS = {
    "iban": Name(en="iban", it="iban", ro="iban"),
    "duplicate": Name(en="duplicate", it="doppione", ro="duplicat", also=("duplicata", "duplicato", "dublură")),
    "sign": Name(en="sign", it="segno", ro="semn"),
    "arithmetic": Name(en="sums", it="conti", ro="calcul", also=("arithmetic", "aritmetica", "somme", "sume")),
    "amount": Name(en="amount", it="importo", ro="sumă", also=("price", "prezzo", "preț", "suma")),
}
"""What guards warn of."""

PERIODS = {
    "today": Name(en="today", it="oggi", ro="azi", also=("astăzi",)),
    "yesterday": Name(en="yesterday", it="ieri", ro="ieri"),
    "this-week": Name(en="this-week", it="questa-settimana", ro="săptămâna-aceasta", also=("săptămâna-asta",)),
    "last-week": Name(en="last-week", it="settimana-scorsa", ro="săptămâna-trecută", also=("scorsa-settimana",)),
    "this-month": Name(en="this-month", it="questo-mese", ro="luna-aceasta", also=("luna-asta", "luna-curentă")),
    "last-month": Name(en="last-month", it="scorso-mese", ro="luna-trecută", also=("mese-scorso",)),
    "next-month": Name(en="next-month", it="prossimo-mese", ro="luna-viitoare", also=("mese-prossimo",)),
    "this-year": Name(en="this-year", it="quest-anno", ro="anul-acesta", also=("questo-anno", "anul-ăsta")),
    "last-year": Name(en="last-year", it="anno-scorso", ro="anul-trecut", also=("scorso-anno",)),
}

ME = Name(en="me", it="me", ro="mine", also=("io", "eu"))

Kind = Literal["text", "amount", "day", "choice", "person", "code"]


@dataclass(frozen=True, slots=True)
class Field:
    """Something that can be asked for by name."""

    kind: Kind
    name: Name
    choices: dict[str, Name] | None = None


FIELDS: dict[str, Field] = {
    "supplier": Field("text", Name(en="supplier", it="fornitore", ro="furnizor", also=("seller", "vendor", "cedente"))),
    "customer": Field("text", Name(en="customer", it="cliente", ro="client", also=("buyer", "cumpărător"))),
    "party": Field("text", Name(en="party", it="controparte", ro="partener")),
    "number": Field("text", Name(en="nr", it="numero", ro="număr", also=("number", "no", "num", "n"))),
    "vat": Field("text", Name(en="vat", it="piva", ro="cui", also=("partita-iva", "p-iva", "cif", "cf", "tax"))),
    "iban": Field("text", Name(en="iban", it="iban", ro="iban")),
    "amount": Field("amount", Name(en="amount", it="importo", ro="sumă", also=("total", "totale", "suma"))),
    "date": Field("day", Name(en="date", it="data", ro="data", also=("dată",))),
    "due": Field("day", Name(en="due", it="scadenza", ro="scadență", also=("scade",))),
    "received": Field(
        "day", Name(en="received", it="ricevuta", ro="primită", also=("arrived", "ricevuto", "arrivata", "primit"))
    ),
    "is": Field("choice", Name(en="is", it="stato", ro="stare", also=("state", "starea", "este")), STATES),
    "has": Field("choice", Name(en="has", it="con", ro="cu", also=("ha", "are")), THINGS),
    "verdict": Field("choice", Name(en="check", it="controllo", ro="verificare", also=("verdict",)), CHECKS),
    "alert": Field("choice", Name(en="alert", it="avviso", ro="alertă", also=("alerta",)), ALERTS),
    "direction": Field(
        "choice", Name(en="direction", it="tipo", ro="sens", also=("direzione", "direcție")), DIRECTIONS
    ),
    "tag": Field("text", Name(en="tag", it="tag", ro="etichetă", also=("tags", "etichetta", "etichette", "etichete"))),
    "center": Field(
        "text",
        Name(
            en="center",
            it="centro",
            ro="centru",
            also=("centre", "cost-centre", "cost-center", "centro-di-costo", "cdc", "centru-de-cost"),
        ),
    ),
    "channel": Field("code", Name(en="channel", it="canale", ro="canal")),
    "by": Field("person", Name(en="by", it="da", ro="de")),
    "company": Field("text", Name(en="company", it="azienda", ro="companie", also=("firma", "firmă"))),
}


def _known(names: dict[str, Name]) -> dict[str, str]:
    return {_plain(each): key for key, name in names.items() for each in name.all()}


def _plain(text: str) -> str:
    """A name or value as it is compared: no case, no accents, hyphens for blanks and apostrophes."""
    return re.sub(r"[\s_'’-]+", "-", fold(text)).strip("-")


_FIELDS = _known({key: each.name for key, each in FIELDS.items()})
_PERIODS = _known(PERIODS)
_CHOICES = {key: _known(each.choices) for key, each in FIELDS.items() if each.choices}
_ME = {_plain(each) for each in ME.all()}

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_TOKEN = re.compile(r"(?P<minus>-*)(?:(?P<field>[^\W\d_][\w-]*):)?(?:\"(?P<quoted>[^\"]*)(?:\"|$)|(?P<plain>[^\s\"]*))")


# -- reading ------------------------------------------------------------------------------------------------------


def read(text: str) -> tuple[Term, ...]:
    """The terms of a question, in the order they were written. Never an error."""
    clean = unicodedata.normalize("NFC", _CONTROL.sub(" ", text[:LONGEST])).translate(_QUOTES)
    found: list[Term] = []
    at = 0
    while at < len(clean) and len(found) < MOST:
        if clean[at].isspace():
            at += 1
            continue
        match = _TOKEN.match(clean, at)
        if match is None or match.end() == at:  # cannot be: something always matches where there is no blank
            at += 1
            continue
        at = match.end()
        term = _term(match["minus"] != "", match["field"], match["quoted"], match["plain"] or "")
        if term is not None:
            found.append(term)
    return tuple(found)


def _term(negated: bool, name: str | None, quoted: str | None, plain: str) -> Term | None:
    value = " ".join((plain if quoted is None else quoted).split())[:_VALUE].strip()
    if name is None:
        kind = WORDS if quoted is None else EXACT
        return Term(kind, value, negated) if tokens(value) else None
    key = _FIELDS.get(_plain(name))
    meant = _value(key, value) if key else None
    if key is None or meant is None:
        return Term(MISREAD, f"{name[:30]}:{value}", negated)
    return Term(key, meant, negated)


def _value(key: str, text: str) -> Value | None:
    """What a value means for a field; None when it makes no sense there."""
    field = FIELDS[key]
    if field.kind == "amount":
        return amounts(text)
    if field.kind == "day":
        return days(text)
    if field.kind == "choice":
        return _CHOICES[key].get(_plain(text))
    if field.kind == "code":
        return text.lower() if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,19}", text, re.ASCII) else None
    if field.kind == "person" and _plain(text) in _ME:
        return "me"
    return text if tokens(text) else None


_LIMIT = re.compile(r"(<=|>=|=<|=>|≤|≥|<|>|=)?\s*(.*)", re.DOTALL)
_NUMBER = re.compile(
    r"(?P<sign>[-−]?)(?:(?P<whole>\d{1,3}(?P<mark>[.,' ])\d{3}(?:(?P=mark)\d{3})*)|(?P<plain>\d{1,17}))"
    r"(?:[.,](?P<cents>\d{1,2}))?",
    re.ASCII,
)
_MONEY = re.compile(r"^(?:€|eur|ron|lei)\s*|\s*(?:€|eur|ron|lei)$", re.IGNORECASE)


def number(text: str) -> Decimal | None:
    """An amount as people write it: `1234,5`, `1.234,50`, `1,234.50`, `1.000` (a thousand). None when it is none."""
    found = _NUMBER.fullmatch(_MONEY.sub("", text.replace("\u00a0", " ").strip()))
    if found is None or (found["mark"] and found["cents"] and found[0][-len(found["cents"]) - 1] == found["mark"]):
        return None
    digits = (found["plain"] or re.sub(r"\D", "", found["whole"])) + "." + (found["cents"] or "0")
    value = Decimal(digits)
    if value >= Decimal(10) ** 17:
        return None
    return -value if found["sign"] and value else value


def amounts(text: str) -> Amounts | None:
    """`1000`, `100..250`, `>1000`, `<=99,90`, `100..`; None when it is none of these."""
    if ".." in text:
        low_text, _, high_text = text.partition("..")
        low, high = number(low_text), number(high_text)
        if (low_text.strip() and low is None) or (high_text.strip() and high is None) or low is high is None:
            return None
        if low is not None and high is not None and low > high:
            low, high = high, low
        return Amounts(low=low, high=high)
    side, rest = _limit(text)
    value = number(rest)
    if value is None:
        return None
    if side in ("<", "<="):
        return Amounts(high=value, high_open=side == "<")
    if side in (">", ">="):
        return Amounts(low=value, low_open=side == ">")
    return Amounts(low=value, high=value)


def _limit(text: str) -> tuple[str, str]:
    match = _LIMIT.fullmatch(text)
    side = (match[1] if match else "") or ""
    return {"=<": "<=", "=>": ">=", "≤": "<=", "≥": ">=", "=": ""}.get(side, side), match[2].strip() if match else text


_NEAR = re.compile(r"([<>])\s*(\d{1,4})\s*(?:d|g|z|gg|days?|giorn[oi]|zile?)", re.ASCII | re.IGNORECASE)
_DAY = (
    (re.compile(r"(?P<y>\d{4})(?:-(?P<m>\d{1,2})(?:-(?P<d>\d{1,2}))?)?", re.ASCII)),
    (re.compile(r"(?:(?P<d>\d{1,2})[./])?(?P<m>\d{1,2})[./](?P<y>\d{4})", re.ASCII)),
)


def days(text: str) -> Days | Named | Near | None:
    """`2026`, `2026-10`, `5.10.2026`, `a..b`, `>=…`, `last-month`, `<7d`; None when it is none of these."""
    near = _NEAR.fullmatch(text)
    if near:
        return Near("<" if near[1] == "<" else ">", int(near[2]))
    named = _PERIODS.get(_plain(text))
    if named:
        return Named(named)
    if ".." in text:
        low_text, _, high_text = text.partition("..")
        low, high = _period(low_text.strip()), _period(high_text.strip())
        if (low_text.strip() and low is None) or (high_text.strip() and high is None) or low is high is None:
            return None
        if low and high and low[0] > high[1]:
            low, high = high, low
        return Days(first=low[0] if low else None, last=high[1] if high else None)
    side, rest = _limit(text)
    period = _period(rest)
    if period is None:
        return None
    first, last = period
    if side == "<":
        return Days(last=first - timedelta(days=1))
    if side == "<=":
        return Days(last=last)
    if side == ">":
        return Days(first=last + timedelta(days=1))
    if side == ">=":
        return Days(first=first)
    return Days(first=first, last=last)


def _period(text: str) -> tuple[date, date] | None:
    """A day, a month or a year as its first and last day."""
    match = next(filter(None, (pattern.fullmatch(text) for pattern in _DAY)), None)
    if match is None or not 1900 <= int(match["y"]) < 3000:
        return None
    year, month, day = int(match["y"]), int(match["m"] or 0), int(match["d"] or 0)
    try:
        if match["d"]:
            return date(year, month, day), date(year, month, day)
        if match["m"]:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    except ValueError:  # monthrange raises a child of it
        return None
    return date(year, 1, 1), date(year, 12, 31)


def when(field: str, value: Value, today: date) -> Days:
    """The days that a term of kind `day` means, seen from today."""
    if isinstance(value, Days):
        return value
    if isinstance(value, Near):
        edge = timedelta(days=value.days)
        if field == "due":
            return Days(first=today, last=today + edge) if value.side == "<" else Days(first=_next(today + edge))
        return Days(first=today - edge, last=today) if value.side == "<" else Days(last=today - edge - _ONE)
    if not isinstance(value, Named):
        return Days()
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    before = (first - _ONE).replace(day=1)
    after = _next(today.replace(day=monthrange(today.year, today.month)[1]))
    return {
        "today": Days(first=today, last=today),
        "yesterday": Days(first=today - _ONE, last=today - _ONE),
        "this-week": Days(first=monday, last=monday + timedelta(days=6)),
        "last-week": Days(first=monday - timedelta(days=7), last=monday - _ONE),
        "this-month": Days(first=first, last=after - _ONE),
        "last-month": Days(first=before, last=first - _ONE),
        "next-month": Days(first=after, last=after.replace(day=monthrange(after.year, after.month)[1])),
        "this-year": Days(first=date(today.year, 1, 1), last=date(today.year, 12, 31)),
        "last-year": Days(first=date(today.year - 1, 1, 1), last=date(today.year - 1, 12, 31)),
    }[value.name]


_ONE = timedelta(days=1)


def _next(day: date) -> date:
    return day + _ONE


# -- writing ------------------------------------------------------------------------------------------------------


def write(terms: Iterable[Term], language: str = "en") -> str:
    """The question that these terms are the answer to `read` of, with the names of a language."""
    return " ".join(filter(None, (_written(term, language) for term in terms)))


def _written(term: Term, language: str) -> str:
    minus = "-" if term.negated else ""
    if term.field in (WORDS, EXACT):
        text = str(term.value).replace('"', " ")
        return f'{minus}"{text}"' if term.field == EXACT else minus + text
    if term.field == MISREAD:
        name, _, value = str(term.value).partition(":")
        return f"{minus}{name}:{_quoted(value)}"
    name = FIELDS[term.field].name.to(language)
    return f"{minus}{name}:{_quoted(value_text(term, language))}"


def _quoted(text: str) -> str:
    text = text.replace('"', " ")
    return f'"{text}"' if any(char.isspace() for char in text) else text


def value_text(term: Term, language: str) -> str:
    """The value of a field as it is typed."""
    value = term.value
    if isinstance(value, Amounts):
        return _range_text(
            _number_text(value.low, language),
            _number_text(value.high, language),
            "" if value.low_open else "=",
            "" if value.high_open else "=",
        )
    if isinstance(value, Days):
        whole = _whole(value)
        if whole:
            return whole
        return _range_text(value.first.isoformat() if value.first else "", value.last.isoformat() if value.last else "")
    if isinstance(value, Named):
        return PERIODS[value.name].to(language)
    if isinstance(value, Near):
        return f"{value.side}{value.days}" + {"it": "g", "ro": "z"}.get(language, "d")
    choices = FIELDS[term.field].choices
    if choices:
        return choices[value].to(language)
    if term.field == "by" and value == "me":
        return ME.to(language)
    return value


def _range_text(low: str, high: str, low_equal: str = "=", high_equal: str = "=") -> str:
    if low == high:
        return low
    if not high:
        return f">{low_equal}{low}"
    return f"{low}..{high}" if low else f"<{high_equal}{high}"


def _number_text(value: Decimal | None, language: str) -> str:
    if value is None:
        return ""
    text = f"{value:.2f}".removesuffix(".00")
    return text if language == "en" else text.replace(".", ",")


def _whole(value: Days) -> str:
    """A day, month or year by its short name; empty when it is none."""
    first, last = value.first, value.last
    if first is None or last is None:
        return ""
    if first == last:
        return first.isoformat()
    if (first.day, last) == (1, first.replace(day=monthrange(first.year, first.month)[1])):
        return first.isoformat()[:7]
    if (first.month, first.day, last.month, last.day, last.year) == (1, 1, 12, 31, first.year):
        return str(first.year)
    return ""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The last word of a question that is being typed, and all that stands before it."""

    before: str
    negated: bool
    field: str
    """A name of `FIELDS`; empty while none has been typed, or none of ours."""
    value: str


def unfinished(text: str) -> Unfinished:
    """What somebody is typing at the end of a question."""
    clean = unicodedata.normalize("NFC", _CONTROL.sub(" ", text[:LONGEST])).translate(_QUOTES)
    at = 0
    while at < len(clean):
        if clean[at].isspace():
            at += 1
            continue
        match = _TOKEN.match(clean, at)
        end = match.end() if match else at + 1
        if match is not None and end == len(clean) and match[0].count('"') < 2:
            key = _FIELDS.get(_plain(match["field"] or ""), "")
            value = match["quoted"] if match["quoted"] is not None else match["plain"] or ""
            if match["field"] and not key:
                value = f"{match['field']}:{value}"
            return Unfinished(clean[:at], match["minus"] != "", key, value.strip()[:_VALUE])
        at = max(end, at + 1)
    return Unfinished(clean, False, "", "")


def begins(name: Name, typed: str) -> bool:
    """Does one of the names begin with what was typed?"""
    return any(_plain(each).startswith(_plain(typed)) for each in name.all())


def of_text(text: str) -> tuple[Term, ...]:
    """Plain words as terms, whatever signs of the language stand in them."""
    return tuple(Term(WORDS, word) for word in tokens(text)[:MOST])

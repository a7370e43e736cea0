"""What a question that is being typed could go on with: fields, their values, parties, companies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from fatto.portal.documents import asking, queries
from fatto.portal.documents.asking import FIELDS, PERIODS, Name, Term, Unfinished
from fatto.portal.documents.words import fold
from fatto.portal.tenancy import scope
from fatto.portal.tenancy.models import Company
from fatto.portal.web import listing

MOST = 9
_FIRST = ("supplier", "number", "amount", "date", "due", "is", "vat", "iban", "has")
"""Fields that an empty box offers."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One way to go on: what it adds, in words, and the whole question with it."""

    text: str
    hint: Any
    whole: str
    open: bool = False
    """Does a value come next?"""


def suggest(ask: str) -> list[Suggestion]:
    """At most nine ways to go on from the last word of a question."""
    typing = asking.unfinished(ask)
    return list(islice(_unique(_ways(typing, get_language() or "en")), MOST))


def _unique(found: Iterator[Suggestion]) -> Iterator[Suggestion]:
    seen: set[str] = set()
    for each in found:
        if each.whole not in seen:
            seen.add(each.whole)
            yield each


def _ways(typing: Unfinished, language: str) -> Iterator[Suggestion]:
    minus = "-" if typing.negated else ""

    def adds(text: str, hint: Any, open: bool = False) -> Suggestion:  # noqa: A002 - the field's name
        return Suggestion(text, hint, f"{typing.before}{minus}{text}{'' if open else ' '}", open)

    def valued(field: str, value: str, hint: Any) -> Suggestion:
        return adds(asking.write([Term(field, value)], language), hint)

    if not typing.field:
        yield from _fields(typing, language, adds)
        if typing.value:
            for field in ("is", "direction", "has", "alert"):
                for value, name in (FIELDS[field].choices or {}).items():
                    if asking.begins(name, typing.value):
                        yield valued(field, value, listing.FIELDS[field])
            for party in queries.parties(typing.value):
                yield valued("party", party, listing.FIELDS["party"])
        return
    kind = FIELDS[typing.field]
    if kind.choices:
        for value, name in kind.choices.items():
            if asking.begins(name, typing.value):
                yield valued(typing.field, value, listing.term_in_words(Term(typing.field, value), language))
    elif kind.kind == "day":
        yield from _days(typing, kind.name, language, adds)
    elif kind.kind == "amount" and not typing.value:
        for example, hint in ((">1000", _("more than")), ("<100", _("less than")), ("100..250", _("between"))):
            yield adds(f"{kind.name.to(language)}:{example}", hint)
    elif typing.field in ("supplier", "customer", "party"):
        for party in queries.parties(typing.value):
            yield valued(typing.field, party, "")
    elif typing.field == "company":
        for company in _companies(typing.value):
            yield valued("company", company.name, ", ".join(company.ids[:1]))
    elif typing.field == "tag":
        for tag in queries.tags(typing.value, most=MOST):
            yield valued("tag", tag, "")
    elif typing.field == "center":
        for center in queries.centers():
            if not typing.value or fold(typing.value) in fold(str(center)):
                yield valued("center", center.code, center.name)
    elif typing.field == "by" and asking.begins(asking.ME, typing.value):
        yield valued("by", "me", "")


def _fields(typing: Unfinished, language: str, adds: Any) -> Iterator[Suggestion]:
    actor = scope.current()
    everywhere = actor is not None and actor.company is None
    names = [*FIELDS] if typing.value else [*_FIRST]
    for key in names:
        if (key != "company" or everywhere) and asking.begins(FIELDS[key].name, typing.value):
            name = FIELDS[key].name.to(language)
            label = str(listing.FIELDS[key])
            hint = _example(key, language) or ("" if label.casefold() == name else label)
            yield adds(f"{name}:", hint, True)


_EXAMPLES = {
    "amount": "amount:>1000",
    "date": "date:last-month",
    "received": "received:today",
    "due": "due:<7d",
    "is": "is:to-approve",
    "has": "has:attachment",
    "alert": "alert:iban",
    "direction": "direction:received",
    "number": "nr:4512",
}


def _example(field: str, language: str) -> str:
    """How a field is used, as the reader would type it; empty where its name says enough."""
    return asking.write(asking.read(_EXAMPLES.get(field, "")), language)


def _days(typing: Unfinished, field: Name, language: str, adds: Any) -> Iterator[Suggestion]:
    ahead = ("today", "this-week", "this-month", "next-month")
    back = ("today", "this-week", "this-month", "last-month", "this-year", "last-year")
    if typing.field == "due" and not typing.value:
        near = Term("due", asking.Near("<", 7))
        yield adds(asking.write([near], language), listing.term_in_words(near, language))
    for key in ahead if typing.field == "due" else back:
        if asking.begins(PERIODS[key], typing.value):
            yield adds(f"{field.to(language)}:{PERIODS[key].to(language)}", listing.PERIODS[key])


def _companies(typed: str) -> list[Company]:
    rows = Company.objects.filter(active=True).order_by("name")
    return [each for each in rows if asking.begins(Name(en=each.name, it=each.name, ro=each.name), typed)][:MOST]

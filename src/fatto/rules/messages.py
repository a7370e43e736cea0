"""What is said of a finding to a person: what is wrong, and how to mend it, in their language.

    said = messages.say(finding, "it")
    said.message, said.fix, said.place

The sentences are of rule sets (`Message`, by code) or of the finding itself. They are templates: the
values of the document are filled in here, at the edge, as people of that language write them:
`{found:amount}` an amount, `{rate:percent}` a rate, `{found:day}` a date, `{found}` a text as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from string import Formatter

from msgspec import Struct

from fatto import i18n, money
from fatto.i18n import _
from fatto.rules.finding import Finding


class Message(Struct, frozen=True):
    """What a rule says. Of several texts the first counts whose values are all known, likewise of the fixes.

    The last text and the last fix need no values of the document.
    """

    texts: Sequence[str]
    fixes: Sequence[str]
    words: Mapping[str, str] = {}
    """Marked words that the sentences name as parameters: `{term}`, `{list}`."""

    def choose(self, known: Collection[str]) -> tuple[str, str]:
        """The text and the fix for values of these names."""
        there = {*known, *self.words, *ALWAYS}
        return _first(self.texts, there), _first(self.fixes, there)


ALWAYS = frozenset({"path", "element"})
"""Parameters that any finding has: where, and the name of the element that stands there."""


def parameters(text: str) -> set[str]:
    """The names that a template asks for."""
    return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name}


def _first(texts: Sequence[str], there: Collection[str]) -> str:
    return next((each for each in texts if parameters(each) <= set(there)), texts[-1] if texts else "")


@dataclass(frozen=True, slots=True)
class Said:
    """A finding in somebody's language."""

    message: str
    fix: str
    """How to mend it; empty when there is nothing to say."""
    place: str
    """Where, if it is one of several like things: `Invoice line 3`; else empty."""


def say(finding: Finding, language: str) -> Said:
    """Put a finding in words. Without a text of its own it is named by its code."""
    document = {"path": finding.path, "element": _element(finding.path), **finding.values}
    document |= {"found": finding.found or "", "expected": finding.expected or ""}
    values: dict[str, object] = {
        **{name: _Shown(value, language, finding.kinds.get(name, "")) for name, value in document.items()},
        **{name: i18n.translate(word, language) for name, word in finding.words.items()},
    }
    general = _AGAIN if finding.set == "structure" else ""
    text, fix = finding.text, finding.fix or _FIXES.get(finding.code, general)
    if not text:
        text, values["code"] = _("The rule {code} is broken."), finding.code
    return Said(_sentence(text, language, values), _sentence(fix, language, values), _place(finding.path, language))


def _sentence(text: str, language: str, values: Mapping[str, object]) -> str:
    unknown = dict.fromkeys(parameters(text), "")
    said = i18n.translate(text, language).format_map({**unknown, **values})
    if ":" in said.partition(" ")[0]:  # the name of an element
        return said
    return said[:1].upper() + said[1:]


_LONGEST = 120
_DIGITS = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)")


class _Shown(str):
    """A value of the document, shown as the template asks, else as its kind; what is not of that kind, as it stands."""

    __slots__ = ("kind", "language")
    kind: str
    language: str

    def __new__(cls, value: str, language: str, kind: str) -> _Shown:
        shown = super().__new__(cls, value)
        shown.language, shown.kind = language, kind
        return shown

    def __format__(self, asked: str) -> str:
        kind = asked or self.kind
        if kind in ("amount", "percent"):
            try:
                number = Decimal(self.strip())
            except InvalidOperation:
                return _plain(self)
            if not number.is_finite() or abs(number.adjusted()) > 30:
                return _plain(self)
            return (money.amount if kind == "amount" else money.number)(number, self.language)
        if kind == "day" and (match := _DIGITS.fullmatch(self.strip())):
            try:
                return i18n.day(date(*(int(part) for part in match.groups())), self.language)
            except ValueError:
                return _plain(self)
        return _plain(self)


def _plain(text: str) -> str:
    """On one line, without what a terminal would take for a command, and not longer than a person reads."""
    shown = " ".join("".join(each if each.isprintable() else " " for each in text[: 4 * _LONGEST]).split())
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def _element(path: str) -> str:
    return re.sub(r"\[\d+\]$", "", path.rpartition("/")[2])


_PLACES = (
    (re.compile(r"/(?:cac:InvoiceLine|cac:CreditNoteLine|ram:IncludedSupplyChainTradeLineItem)(?:\[(\d+)\])?(?:/|$)"),
     _("Invoice line {number}")),
    (re.compile(r"/(?:cac:TaxSubtotal|ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax)(?:\[(\d+)\])?(?:/|$)"),
     _("Entry {number} of the VAT breakdown")),
    (re.compile(r"^/[^/]+/cac:AllowanceCharge(?:\[(\d+)\])?(?:/|$)"), _("Allowance or charge {number}")),
    (re.compile(r"/ram:ApplicableHeaderTradeSettlement/ram:SpecifiedTradeAllowanceCharge(?:\[(\d+)\])?(?:/|$)"),
     _("Allowance or charge {number}")),
)  # fmt: skip


def _place(path: str, language: str) -> str:
    for pattern, text in _PLACES:
        if match := pattern.search(path):
            return i18n.translate(text, language, number=match[1] or "1")
    return ""


_AGAIN = _("Correct it in the program that made the file, and export the file again.")
_FIXES = {
    # our own codes, of what the schemas refuse
    "unexpected-element": _(
        "Leave the element out, or put it where it belongs: the order of the elements is fixed. Nearly always the "
        "program that made the file has to be corrected."
    ),
    "unexpected-attribute": _("Leave the attribute out."),
    "missing-element": _("Fill in what belongs there, in the program that made the file."),
    "missing-attribute": _("Fill in what belongs there, in the program that made the file."),
    "bad-value": _("Write the value in the form that is asked for: dates as 2026-12-31, numbers with a point, codes "
                   "from their list."),
    "stray-text": _("Take the text out."),
    "xml-broken": _("The file is damaged or was changed by hand: get it again from where it came from."),
    "unknown-format": _("Choose a file with an electronic invoice: UBL, CII or a national format."),
}  # fmt: skip

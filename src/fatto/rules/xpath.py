"""What the official tests mean exactly: paths, decimals and doubles, rounding, texts, dates, blanks.

They are XPath 2.0 over a document without types. Three things follow that plain Python does not do
by itself: where one item is wanted and two are there, the whole run ends (`Abort`); texts compare as
texts, digits and all; and arithmetic is exact (`Decimal`) only where a test converts to xs:decimal,
else in binary floats.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from decimal import Context, Decimal, InvalidOperation, localcontext
from math import floor
from typing import Generic, TypeVar

from fatto.rules.tree import NOTHING, Node

Path = Callable[[Node], Sequence[Node]]
Row = TypeVar("Row")

EXACT = Context(prec=200)
"""Enough digits that sums and products of amounts are never rounded: xs:decimal has no limit."""


class Abort(Exception):
    """The official run ends with an error here, and gives no report at all."""


def exact() -> AbstractContextManager[Context]:
    """Within this context Decimals are as exact as xs:decimal."""
    return localcontext(EXACT)


def path(steps: str) -> Path:
    """`cac:Party/cbc:ID` → the function that gives the nodes at the end of that path below a node."""
    first, *rest = steps.split("/")
    if not rest:
        return lambda node: node.kids.get(first, NOTHING)
    *between, last = rest

    def follow(node: Node) -> Sequence[Node]:
        found: Sequence[Node] | None = node.kids.get(first)
        for name in between:
            if found is None:
                return NOTHING
            found = found[0].kids.get(name) if len(found) == 1 else _below(found, name)
        if found is None:
            return NOTHING
        return found[0].kids.get(last, NOTHING) if len(found) == 1 else _below(found, last)

    def follow_one(node: Node) -> Sequence[Node]:
        found = node.kids.get(first)
        if found is None:
            return NOTHING
        return found[0].kids.get(last, NOTHING) if len(found) == 1 else _below(found, last)

    return follow if between else follow_one


def _below(nodes: Sequence[Node], name: str) -> Sequence[Node]:
    return [kid for each in nodes for kid in each.kids.get(name, NOTHING)]


class Paths(Generic[Row]):
    """Many paths from one node, of which only a few lead anywhere: common beginnings are walked once."""

    def __init__(self, rows: Iterable[tuple[str, Row]]) -> None:
        self._rows: list[Row] = []
        self._kids: dict[str, Paths[Row]] = {}
        for steps, row in rows:
            self.add(steps, row)

    def add(self, steps: str, row: Row) -> None:
        """One path more."""
        place = self
        for step in steps.split("/"):
            if step not in place._kids:
                place._kids[step] = Paths(())
            place = place._kids[step]
        place._rows.append(row)

    def present(self, node: Node) -> list[tuple[Row, Sequence[Node]]]:
        """Each row whose path leads to nodes, with these."""
        found: list[tuple[Row, Sequence[Node]]] = []
        self._collect((node,), found)
        return found

    def _collect(self, nodes: Sequence[Node], found: list[tuple[Row, Sequence[Node]]]) -> None:
        if len(nodes) == 1:
            here, wanted = nodes[0].kids, self._kids
            for name in here if len(here) < len(wanted) else wanted:
                if name in here and name in wanted:
                    wanted[name]._take(here[name], found)
        else:
            for name, place in self._kids.items():
                if below := _below(nodes, name):
                    place._take(below, found)

    def _take(self, nodes: Sequence[Node], found: list[tuple[Row, Sequence[Node]]]) -> None:
        for row in self._rows:
            found.append((row, nodes))
        if self._kids:
            self._collect(nodes, found)


def value(nodes: Sequence[Node]) -> str:
    """The text of the only node, empty without one; ends the run when there are several."""
    if not nodes:
        return ""
    if len(nodes) > 1:
        raise Abort
    return nodes[0].text


def text(node: Node, name: str) -> str:
    """The text of the only child of a name, empty without one; ends the run when there are several."""
    found = node.kids.get(name)
    if found is None:
        return ""
    if len(found) > 1:
        raise Abort
    return found[0].text


_BLANKS = " \t\r\n"
_WORDS = re.compile("[^ \t\r\n]+")


def normal(text: str) -> str:
    """normalize-space(): only blank, tab and line ends count, unlike Python's `split`."""
    if text.isalnum():  # as nearly all codes are
        return text
    if text.isascii():
        return " ".join(text.split())
    return " ".join(_WORDS.findall(text))


def blank(text: str) -> bool:
    """Is normalize-space() of it empty?"""
    return not text.strip(_BLANKS)


def two_decimals(text: str) -> bool:
    """string-length(substring-after(text, '.')) <= 2: counted in the text, a trailing blank included."""
    point = text.find(".")
    return point < 0 or len(text) - point <= 3


def decimal(text: str) -> Decimal:
    """xs:decimal(text). No exponent, no NaN, no underscores: these end the run."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Abort from None
    if not text.isascii() or "E" in text or "e" in text or "_" in text or not number.is_finite():
        raise Abort
    return number


def amount(nodes: Sequence[Node]) -> Decimal | None:
    """xs:decimal of the only node; None without one."""
    if not nodes:
        return None
    if len(nodes) > 1:
        raise Abort
    return decimal(nodes[0].text)


def double(text: str) -> float:
    """The number of an untyped text in arithmetic, or beside a number."""
    try:
        return float(text)
    except ValueError:
        raise Abort from None


_HALF = Decimal("0.5")
_CENT = Decimal("0.01")


def rounded(number: Decimal) -> int:
    """round(): half goes up, towards +infinity, also below zero."""
    return floor(number + _HALF)


def cents(number: Decimal) -> Decimal:
    """round(x * 10 * 10) div 100."""
    return rounded(number * 100) * _CENT


def double_rounded(number: float) -> float:
    """round() of a double: half goes up; an infinity stays."""
    if number - number != 0:
        return number
    below = floor(number)
    return float(below + 1 if number - below >= 0.5 else below)


def total(numbers: Iterable[Decimal]) -> Decimal:
    """sum() of decimals."""
    return sum(numbers, Decimal(0))


def truth(text: str) -> bool:
    """xs:boolean(text)."""
    word = text.strip(_BLANKS)
    if word in ("true", "1"):
        return True
    if word in ("false", "0"):
        return False
    raise Abort


def texts(nodes: Iterable[Node]) -> set[str]:
    """The values of some nodes, for comparisons that are true when any two are equal."""
    return {node.text for node in nodes}


def differ(left: Iterable[str], right: Iterable[str]) -> bool:
    """`left != right`: is there any pair of different texts? False when either side is empty."""
    ours, theirs = set(left), set(right)
    return bool(ours and theirs) and (len(ours) > 1 or len(theirs) > 1 or ours != theirs)


_DATE = re.compile(r"(-?)(\d{4,})-(\d\d)-(\d\d)(?:(Z)|([+-])(\d\d):(\d\d))?")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def date(text: str) -> int:
    """xs:date(text) as minutes on one time line; a date without zone is taken in UTC. Not a date: the run ends."""
    minutes = _minutes(text.strip(_BLANKS))
    if minutes is None:
        raise Abort
    return minutes


def is_date(text: str) -> bool:
    """`castable as xs:date`."""
    if len(text) == 10 and text[4] == "-" == text[7]:
        try:
            datetime.date.fromisoformat(text)
        except ValueError:
            pass
        else:
            return True
    return _minutes(text.strip(_BLANKS)) is not None


def _minutes(text: str) -> int | None:
    match = _DATE.fullmatch(text)
    if match is None or not text.isascii():
        return None
    minus, digits, month_digits, day_digits, _zulu, sign, hours, minutes = match.groups()
    if len(digits) > 4 and digits[0] == "0":
        return None
    year, month, day = int(digits), int(month_digits), int(day_digits)
    if year == 0 or not 1 <= month <= 12 or not 1 <= day <= _DAYS[month - 1]:
        return None
    if minus:
        year = 1 - year
    if month == 2 and day == 29 and (year % 4 or (year % 100 == 0 and year % 400)):
        return None
    offset = 0
    if sign:
        offset = int(hours) * 60 + int(minutes)
        if int(minutes) > 59 or offset > 14 * 60:
            return None
        offset = -offset if sign == "-" else offset
    # Days of the proleptic Gregorian calendar, the year taken from March.
    shifted = year - (month <= 2)
    number = 365 * shifted + shifted // 4 - shifted // 100 + shifted // 400 + (153 * ((month + 9) % 12) + 2) // 5 + day
    return number * 1440 - offset

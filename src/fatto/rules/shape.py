"""The shape of a document: which elements stand where, how often, and what their values look like.

A schema is written as tables of ours: for each block a line of grammar, for each kind of value a
predicate. `compile_shape` makes of them a small automaton per block, so that checking costs one look-up
per element. The verdict is that of an XML Schema validator; the findings say what stands there, what was
expected, and where.

    "DatiBollo": "BolloVirtuale:yes ImportoBollo:amount2?"

A name is followed by its kind where that is not a block of the same name, then by `?`, `*` or `+`.
`(A | B C)` is a choice. `#other` is any element of another namespace, `#any` any at all; in a strict block
they must be declared ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from lxml import etree

from fatto.i18n import _
from fatto.rules.finding import Finding

Value = Callable[[str], object]
"""Is this text right? What it gives is only looked at as true or false."""

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_ANYWHERE = frozenset({f"{XSI}schemaLocation", f"{XSI}noNamespaceSchemaLocation"})
MOST = 50
"""Findings after which the rest is not looked for: who reads more?"""

_LOOSE_TEXT = etree.XPath("//*[*]/text()[normalize-space(.) != '']")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: when it is right, and what is said when it is not.

    `text` is a sentence marked for translation with `{found}` and the keys of `values`; `expected` a short
    form for programs.
    """

    right: Value
    text: str
    expected: str
    values: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    unique: bool = False
    """May no other attribute of the document have the same value (xs:ID)?"""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a block."""

    kind: Kind
    required: bool = False


@dataclass(slots=True)
class Block:
    """Elements with elements inside. `steps[state]` leads from a tag to the next state and what stands there."""

    name: str
    steps: list[dict[str, tuple[int, Inside | None]]] = field(default_factory=list)
    final: list[bool] = field(default_factory=list)
    other: list[int] = field(default_factory=list)
    """The state to which an element of another namespace leads; -1 for none."""
    any: list[int] = field(default_factory=list)
    """The state to which any element leads; -1 for none."""
    strict: bool = False
    """Must such elements be known to `declared`? Else only those that are known are looked into."""
    mixed: bool = False
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    namespace: str = ""
    declared: dict[str, Inside] = field(default_factory=dict)
    """Elements that are looked into wherever they stand."""
    states: list[_State] = field(default_factory=list)
    """The same automaton as the walk over right documents uses it; made when first asked for."""

    def step(self, state: int, tag: str) -> tuple[int, Inside | None] | None:
        """Where a tag leads from a state; None when it may not stand there."""
        found = self.steps[state].get(tag)
        if found is not None:
            return found
        if self.any[state] >= 0:
            return self.any[state], None
        if self.other[state] >= 0 and tag.startswith("{") and not tag.startswith(f"{{{self.namespace}}}"):
            return self.other[state], None
        return None

    def expected(self, state: int) -> list[str]:
        """The names that may stand next, in the order of the grammar."""
        return [etree.QName(tag).localname for tag in self.steps[state]]


Inside = Block | Kind
"""What stands in an element: others, or a value."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """What a block is made of, as written in a table."""

    content: str
    mixed: bool = False
    strict: bool = False
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


def compile_shape(
    blocks: Mapping[str, str | Grammar],
    kinds: Mapping[str, Kind],
    *,
    namespace: str = "",
    known: Mapping[str, Inside] | None = None,
) -> dict[str, Inside]:
    """Tables → automata, by the name of the block.

    Args:
        namespace: of the elements inside, "" where they have none.
        known: blocks of other tables, named with a prefix (`ds:Signature`).
    """
    made: dict[str, Inside] = {**{name: Block(name, namespace=namespace) for name in blocks}, **(known or {})}
    for name, line in blocks.items():
        grammar = line if isinstance(line, Grammar) else Grammar(line)
        block = made[name]
        assert isinstance(block, Block)  # noqa: S101 - made a moment ago
        block.mixed, block.strict, block.attributes = grammar.mixed, grammar.strict, grammar.attributes
        _automaton(block, grammar.content, made, kinds, namespace)
    return made


# -- from a line of grammar to an automaton (Glushkov's construction) -------------------------------

_TOKEN = re.compile(r"\s*(?:([()|])([?*+]?)|([#\w:.-]+?)([?*+]?)(?=[\s()|]|$))")


@dataclass(slots=True)
class _Part:
    """A piece of grammar: may it be empty, where it begins and ends."""

    nullable: bool
    first: list[int]
    last: list[int]


class _Reader:
    """Reads a line of grammar into positions and what may follow each."""

    def __init__(self, content: str) -> None:
        self.tokens = [found.groups() for found in _TOKEN.finditer(content)]
        self.at = 0
        self.names: list[str] = [""]
        self.follow: list[list[int]] = [[]]

    def choice(self) -> _Part:
        parts = [self.sequence()]
        while self.at < len(self.tokens) and self.tokens[self.at][0] == "|":
            self.at += 1
            parts.append(self.sequence())
        return _Part(
            any(part.nullable for part in parts),
            [place for part in parts for place in part.first],
            [place for part in parts for place in part.last],
        )

    def sequence(self) -> _Part:
        whole = _Part(True, [], [])
        while self.at < len(self.tokens) and self.tokens[self.at][0] not in (")", "|"):
            part = self.item()
            for place in whole.last:
                self.follow[place] += part.first
            whole = _Part(
                whole.nullable and part.nullable,
                whole.first + part.first if whole.nullable else whole.first,
                whole.last + part.last if part.nullable else part.last,
            )
        return whole

    def item(self) -> _Part:
        mark, _unused, name, often = self.tokens[self.at]
        self.at += 1
        if mark == "(":
            part = self.choice()
            often = self.tokens[self.at][1]
            self.at += 1
        else:
            self.names.append(name)
            self.follow.append([])
            place = len(self.names) - 1
            part = _Part(False, [place], [place])
        if often in ("*", "+"):
            for place in part.last:
                self.follow[place] += part.first
        return _Part(part.nullable or often in ("?", "*"), part.first, part.last)


def _automaton(
    block: Block, content: str, made: Mapping[str, Inside], kinds: Mapping[str, Kind], namespace: str
) -> None:
    reader = _Reader(content)
    whole = reader.choice()
    reader.follow[0] = whole.first
    final = set(whole.last) | ({0} if whole.nullable else set())
    for place, follow in enumerate(reader.follow):
        steps: dict[str, tuple[int, Inside | None]] = {}
        other = loose = -1
        for after in follow:
            name = reader.names[after]
            if name == "#other":
                other = after
            elif name == "#any":
                loose = after
            else:
                tag, inside = _named(name, made, kinds, namespace)
                steps.setdefault(tag, (after, inside))
        block.steps.append(steps)
        block.other.append(other)
        block.any.append(loose)
        block.final.append(place in final)


def _named(name: str, made: Mapping[str, Inside], kinds: Mapping[str, Kind], namespace: str) -> tuple[str, Inside]:
    """`Name`, `Name:kind` or `prefix:Name` of a known block → tag and what stands inside."""
    block = made.get(name)
    if isinstance(block, Block) and ":" in name:
        return f"{{{block.namespace}}}{name.partition(':')[2]}", block
    element, _colon, kind = name.partition(":")
    inside = made.get(kind or element) or kinds[kind]
    return (f"{{{namespace}}}{element}" if namespace else element), inside


# -- the short walk: is everything right? -----------------------------------------------------------


class _State(dict[str, "_Step"]):
    """Where the walk is in a block: from the next tag to what it leads to."""

    __slots__ = ("after_any", "block", "final", "mixed")

    def __init__(self, block: Block, *, final: bool, mixed: bool) -> None:
        self.block, self.final, self.mixed = block, final, mixed
        self.after_any: _State | None = None


_Step = tuple[_State, Value | None, _State | None, Inside | None]
"""The state after an element; the test of its value, or the state in which its children begin; and whose
attributes it may have: None where nobody asks."""


def _first_state(block: Block) -> _State:
    """The automaton of a block, and of all below it, with each state knowing the next."""
    if block.states:
        return block.states[0]
    block.states += [_State(block, final=final, mixed=block.mixed) for final in block.final]
    for state, steps in zip(block.states, block.steps, strict=True):
        for tag, (after, inside) in steps.items():
            if inside is not None:
                state[tag] = _step(block.states[after], inside)
    return block.states[0]


def _step(after: _State, inside: Inside) -> _Step:
    if isinstance(inside, Kind):
        return after, inside.right, None, inside
    return after, None, _first_state(inside), inside


def _unwritten(state: _State, tag: object) -> _Step | None:
    """A step that the grammar has not by name: to an element of any name, or of another namespace."""
    if not isinstance(tag, str):
        return None  # a comment, or an entity: the long walk knows
    block = state.block
    after = state.after_any
    if after is None:
        found = block.step(next(at for at, each in enumerate(block.states) if each is state), tag)
        if found is None:
            return None
        after = block.states[found[0]]
    known = block.declared.get(tag)
    if known is not None:
        return _step(after, known)
    if block.strict:
        return None
    if after is state:
        return state, None, state, None
    loose = _State(block, final=True, mixed=True)
    loose.after_any = loose
    return after, None, loose, None


def _surely_right(root: etree._Element, block: Block) -> bool:
    """Is there nothing at all to say? False as well where only the long walk can tell.

    The elements come in the order of the document; how many children each has tells where it ends.
    """
    blanks: list[str] = []  # what stands between elements, and must be nothing but blanks
    ids: set[str] = set()
    state = _first_state(block)
    left = len(root)
    if not _attributes_right(root, block, ids) or not left:
        return False
    if not state.mixed and (text := root.text):
        blanks.append(text)
    open_blocks: list[tuple[_State, int]] = []
    elements = root.iter()
    next(elements)
    for element in elements:
        tag: str = element.tag  # type: ignore[assignment]  # or the function that made a comment
        step = state.get(tag) or _unwritten(state, tag)
        if step is None:
            return False
        if not state.mixed and (text := element.tail):
            blanks.append(text)
        state, right, inner, inside = step
        left -= 1
        if (
            inside is not None
            and (element.items() or inside.attributes)
            and not _attributes_right(element, inside, ids)
        ):
            return False
        if right is not None:
            if not right(element.text or "") or len(element):
                return False
        else:
            open_blocks.append((state, left))
            state = inner  # type: ignore[assignment]  # either a value or a block
            left = len(element)
            if not state.mixed and (text := element.text):
                blanks.append(text)
        while not left:
            if not state.final:
                return False
            if not open_blocks:
                break
            state, left = open_blocks.pop()
    return not "".join(blanks).strip(_SPACES)


def _attributes_right(element: etree._Element, inside: Inside, ids: set[str]) -> bool:
    declared = inside.attributes
    for name, value in element.items():
        known = declared.get(name)
        if known is None:
            if name not in _ANYWHERE:
                return False
        elif not known.kind.right(value) or (known.kind.unique and value in ids):
            return False
        elif known.kind.unique:
            ids.add(value)
    return not any(each.required and element.get(name) is None for name, each in declared.items())


# -- the long walk: what is wrong? ------------------------------------------------------------------


def check(root: etree._Element, block: Block, *, code: str, most: int = MOST) -> list[Finding]:
    """Compare a document with its shape, from its root element on.

    Most documents are right, and a short walk sees it; only where it does not, the long one looks for what
    is wrong.

    Args:
        code: of the findings, e.g. the authority's own for "not valid against the format".
    """
    if _surely_right(root, block):
        return []
    checking = _Checking(code, most)
    loose = _LOOSE_TEXT(root)
    if loose:
        checking.loose = {each.getparent() if not each.is_tail else each.getparent().getparent() for each in loose}
    try:
        checking.attributes(root, block)
        checking.block(root, block)
    except _Enough:
        pass
    return checking.findings


class _Enough(Exception):
    """So many findings that the rest is not looked for."""


class _Checking:
    def __init__(self, code: str, most: int) -> None:
        self.code, self.most = code, most
        self.findings: list[Finding] = []
        self.loose: set[etree._Element] = set()
        self.ids: set[str] = set()

    def block(self, element: etree._Element, block: Block) -> None:
        """The children of an element, and what is inside them."""
        if (self.loose and not block.mixed and element in self.loose) or (
            not block.mixed and not len(element) and (element.text or "").strip(_SPACES)
        ):
            self.say(element, _("Text stands between the elements here: {found}."), found=_loose(element))
        state = 0
        steps = block.steps
        for child in element:
            tag: str = child.tag  # type: ignore[assignment]  # or the function that made a comment
            step = steps[state].get(tag)
            if step is None:
                if not isinstance(tag, str):
                    continue  # a comment
                step = block.step(state, tag)
                if step is None:
                    step = self.unexpected(element, child, block, state)
                    if step is None:
                        continue
            state, inside = step
            if inside is None:
                self.wild(child, block)
                continue
            self.attributes(child, inside)
            if isinstance(inside, Kind):
                text = self.inside_a_value(child)
                if not inside.right(text):
                    self.wrong(child, inside, text)
            else:
                self.block(child, inside)
        if not block.final[state]:
            expected = " | ".join(block.expected(state))
            self.say(element, _("Something is missing at the end: {expected}."), expected=expected)

    def wild(self, element: etree._Element, block: Block) -> None:
        """An element that any other could stand for: looked into where it is known, else its children are."""
        inside = block.declared.get(str(element.tag))
        if isinstance(inside, Block):
            self.attributes(element, inside)
            self.block(element, inside)
        elif inside is not None:
            self.attributes(element, inside)
            text = self.inside_a_value(element)
            if not inside.right(text):
                self.wrong(element, inside, text)
        elif block.strict:
            self.say(element, _("{found} may not stand here."), found=etree.QName(element).localname)
        else:
            for child in element.iterchildren(etree.Element):
                self.wild(child, block)

    def unexpected(
        self, parent: etree._Element, child: etree._Element, block: Block, state: int
    ) -> tuple[int, Inside | None] | None:
        """A child that may not stand here; gives where to go on, or None to leave it out."""
        name = etree.QName(child).localname
        expected = " | ".join(block.expected(state))
        if expected and not block.final[state]:
            self.say(child, _("{found} stands where {expected} is expected."), found=name, expected=expected)
        else:
            self.say(child, _("{found} may not stand here."), found=name)
        for steps in block.steps[state:]:
            if child.tag in steps:
                return steps[child.tag]
        return None

    def inside_a_value(self, child: etree._Element) -> str:
        """A value with something between its characters: comments are nothing, elements are wrong."""
        for each in child:
            if isinstance(each.tag, str):
                self.say(each, _("{found} may not stand here."), found=etree.QName(each).localname)
                break
        return (child.text or "") + "".join(each.tail or "" for each in child)

    def attributes(self, element: etree._Element, inside: Inside) -> None:
        """The attributes of an element: declared ones alone, and the few that any element may have."""
        declared = inside.attributes
        for name, value in element.attrib.items():
            known = declared.get(str(name))
            if known is not None:
                if not known.kind.right(str(value)):
                    self.wrong(element, known.kind, str(value), attribute=str(name))
                elif known.kind.unique:
                    if value in self.ids:
                        self.wrong(element, known.kind, str(value), attribute=str(name))
                    self.ids.add(str(value))
            elif str(name) not in _ANYWHERE:
                self.say(element, _("{found} may not stand here."), found=str(name), attribute=str(name))
        for name, each in declared.items():
            if each.required and name not in element.attrib:
                self.say(element, _("{expected} is missing."), expected=name, attribute=name)

    def wrong(self, element: etree._Element, kind: Kind, found: str, attribute: str = "") -> None:
        self.say(element, kind.text, found=found, expected=kind.expected, values=kind.values, attribute=attribute)

    def say(
        self,
        element: etree._Element,
        text: str,
        *,
        found: str | None = None,
        expected: str | None = None,
        values: Mapping[str, str] | None = None,
        attribute: str = "",
    ) -> None:
        self.findings.append(
            Finding(
                code=self.code,
                severity="fatal",
                path=path_of(element) + (f"/@{etree.QName(attribute).localname}" if attribute else ""),
                line=element.sourceline,
                found=None if found is None else found[:200],
                expected=expected,
                text=text,
                set="structure",
                values=values or {},
            )
        )
        if len(self.findings) >= self.most:
            raise _Enough


def _loose(element: etree._Element) -> str:
    texts = [element.text or "", *(child.tail or "" for child in element)]
    return next(text.strip(_SPACES) for text in texts if text.strip(_SPACES))[:60]


def path_of(element: etree._Element) -> str:
    """Where an element stands, in names without prefixes; numbered where several of a name stand together."""
    parts = []
    at: etree._Element | None = element
    while at is not None:
        name = etree.QName(at).localname
        above = at.getparent()
        if above is not None:
            same = list(above.iterchildren(str(at.tag)))
            if len(same) > 1:
                name = f"{name}[{same.index(at) + 1}]"
        parts.append(name)
        at = above
    return "/" + "/".join(reversed(parts))


# -- kinds of values as XML Schema has them ---------------------------------------------------------

_SPACES = " \t\r\n"


def between_blanks(pattern: str) -> Value:
    """Does the text fit a pattern, blanks around it apart?"""
    return re.compile(rf"[ \t\r\n]*(?:{pattern})[ \t\r\n]*", re.ASCII).fullmatch


def collapsed(right: Value) -> Value:
    """For values whose outer white space does not count (XML Schema's `collapse`)."""

    def check(text: str) -> object:
        return right(text.strip(_SPACES))

    return check


def matching(pattern: str) -> Value:
    """Does the whole text fit a pattern?"""
    return re.compile(pattern, re.ASCII).fullmatch


def one_of(*values: str) -> Value:
    """Is the text one of these?"""
    known = frozenset(values)
    return known.__contains__


def whole_number(low: int, high: int) -> Value:
    """xs:integer within bounds."""
    fits = re.compile(r"[+-]?[0-9]+").fullmatch

    def check(text: str) -> bool:
        if text.isascii() and text.isdigit() and len(text) < 20:
            return low <= int(text) <= high
        text = text.strip(_SPACES)
        return bool(fits(text)) and len(text) <= 24 and low <= int(text) <= high

    return check


_DAY = re.compile(r"(-?[0-9]{4,})-([0-9]{2})-([0-9]{2})(?:Z|([+-])([0-9]{2}):([0-9]{2}))?")
_MOMENT = re.compile(
    r"(-?[0-9]{4,})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))?"
)


def day(text: str) -> bool:
    """xs:date: a day of the calendar, perhaps with a time zone. Blanks around it are wrong, as libxml2 has it."""
    if len(text) == 10 and text[4] == text[7] == "-":
        try:
            date.fromisoformat(text)
        except ValueError:
            return False
        return True
    found = _DAY.fullmatch(text)
    return found is not None and _is_day(*found.group(1, 2, 3)) and _is_zone(*found.group(5, 6))


def moment(text: str) -> bool:
    """xs:dateTime."""
    found = _MOMENT.fullmatch(text)
    if found is None or not _is_day(*found.group(1, 2, 3)) or not _is_zone(*found.group(9, 10)):
        return False
    hour, minute, second = (int(part) for part in found.group(4, 5, 6))
    if hour == 24:
        return minute == second == 0 and not (found.group(7) or "").strip(".0")
    return hour < 24 and minute < 60 and second < 60


def _is_day(year: str, month: str, number: str) -> bool:
    if len(year) > 18:
        return False
    y, m, d = int(year), int(month), int(number)
    if y == 0 or (len(year.lstrip("-")) > 4 and year.lstrip("-").startswith("0")) or not 1 <= m <= 12:
        return False
    leap = y % 4 == 0 and (y % 100 != 0 or y % 400 == 0)
    longest = 29 if m == 2 and leap else (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[m - 1]
    return 1 <= d <= longest


def _is_zone(hours: str | None, minutes: str | None) -> bool:
    if hours is None or minutes is None:
        return True
    h, m = int(hours), int(minutes)
    return (h < 14 and m < 60) or (h == 14 and m == 0)


_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_LAST_BASE64 = re.compile(r"[A-Za-z0-9+/]{4}|[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=")


def base64(text: str) -> object:
    """xs:base64Binary as libxml2 takes it: characters of no meaning are left out (RFC 2045, 6.8)."""
    if not _BASE64.fullmatch(text):
        text = _NOT_BASE64.sub("", text)
        if not _BASE64.fullmatch(text):
            return False
    return not text or (len(text) % 4 == 0 and _LAST_BASE64.fullmatch(text[-4:]))


def anything(text: str) -> bool:
    """xs:string."""
    return True

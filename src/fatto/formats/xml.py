"""Safe XML: bytes → tree, and reading leafs of the tree without ever raising.

`parse` refuses what is dangerous (document types, huge depth or size) and repairs what real files
have wrong (encodings, stray bytes, forbidden characters, damaged namespaces), one finding a repair.
The plain way is one call of a secure parser; repairs are tried only when that call fails.

A reader of a format goes through the tree like this:

    reader = Reader()
    nodes = children(root)                        # local name → element, or list when repeated
    number = reader.text(nodes, "Numero")         # stripped; None when absent or empty
    issued = reader.day(nodes, "Data")            # a bad date is a finding and None
    for line in many(children(body), "DettaglioLinee"): …
"""

from __future__ import annotations

import codecs
import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from lxml import etree

from fatto.errors import Unreadable
from fatto.formats import repair
from fatto.formats.format import Element
from fatto.i18n import _
from fatto.rules.finding import Finding, Severity

MAX_BYTES = 200_000_000
"""The largest file that is parsed; SDI's own widest channel carries 150 MB."""
MAX_TAGS = 1_000_000
"""Tags and attributes in a file over 8 MB; a smaller file cannot hold enough to matter."""
MAX_FINDINGS = 200
"""Findings kept for one document; a file that is all wrong needs no longer list."""

Nodes = dict[str, "Element | list[Element]"]
"""The children of an element by local name: the element, or all of them when the name repeats."""


_DECLARATION = re.compile(
    rb"""<\?xml\s[^>]{0,200}?encoding\s*=\s*["']\s*([A-Za-z0-9._:-]{1,40})\s*["'][^>]{0,100}\?>"""
)


def parse(data: bytes) -> tuple[Element, tuple[Finding, ...]]:
    """The bytes of an XML file → its root element, and a finding for every repair that was needed.

    Raises `Unreadable` with one of the codes `empty`, `not-xml` (no XML at all), `xml-broken` (XML
    that breaks off or contradicts itself; the text says line and column), `xml-doctype`,
    `xml-too-deep`, `xml-too-big`.
    Memory is bounded: no document type means no entities, and the number of tags is limited.
    """
    head = data[:400]
    if len(data) > 8_000_000:
        _refuse_flood(data)
    declared = _DECLARATION.search(head) if b"encoding" in head else None
    encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
    if encoding in repair.UTF8 and head[:1] in (b"<", b"\xef", b"\n", b"\r", b" ", b"\t") and b"\0" not in head:
        repair.refuse_doctype(data)
        try:
            root = etree.fromstring(data, repair.PARSER)
        except etree.XMLSyntaxError:
            return repair.Repair(data, encoding if declared else None).parse()
        if head[:3] == codecs.BOM_UTF8:
            return root, (repair.BOM,)
        return root, ()
    return repair.Repair(data, encoding if declared else None).parse()


def _refuse_flood(data: bytes) -> None:
    """Refuse what would need far more memory as a tree than as bytes."""
    if len(data) > MAX_BYTES:
        raise Unreadable(
            "xml-too-big",
            _("The XML file is larger than {limit} MB and was not read."),
            limit=MAX_BYTES // 1_000_000,
        )
    if data.count(b"<") > 2 * MAX_TAGS or data.count(b"=") > MAX_TAGS + len(data) // 70:
        raise Unreadable("xml-too-big", _("The XML file has more elements than any invoice and was not read."))


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    tag: str = element.tag  # type: ignore[assignment]  # comments and instructions were left out
    known = _LOCALS.get(tag)
    if known is not None:
        return known
    return tag[tag.rfind("}") + 1 :] if tag[0] == "{" else tag


def namespace(element: Element) -> str:
    """The namespace of an element, empty when it has none."""
    tag = str(element.tag)
    return tag[1 : tag.rfind("}")] if tag[0] == "{" else ""


def children(element: Element | None) -> Nodes:
    """The children by local name, in one pass: an element, or a list where the name repeats.

    Namespaces are ignored, so that damaged ones do no harm. Of nothing, nothing.
    """
    found: Nodes = {}
    if element is None:
        return found
    known = _LOCALS.get
    for child in element:
        tag: str = child.tag  # type: ignore[assignment]  # comments and instructions were left out
        name = known(tag)
        if name is None:
            name = tag[tag.rfind("}") + 1 :]
            if len(_LOCALS) < _MOST_LOCALS:
                _LOCALS[tag] = name
        if name in found:
            earlier = found[name]
            if type(earlier) is list:
                earlier.append(child)
            else:
                found[name] = [earlier, child]  # type: ignore[list-item]
        else:
            found[name] = child
    return found


_LOCALS: dict[str, str] = {}
"""Local names by tag, since splitting tags took a tenth of reading; strangers cannot make it grow for ever."""
_MOST_LOCALS = 4096


def one(nodes: Nodes, name: str) -> Element | None:
    """The element of that name, the first when there are several."""
    found = nodes.get(name)
    return found[0] if type(found) is list else found  # type: ignore[return-value]


def many(nodes: Nodes, name: str) -> list[Element]:
    """All elements of that name, in document order."""
    found = nodes.get(name)
    if found is None:
        return []
    return found if type(found) is list else [found]  # type: ignore[list-item]


def content(element: Element | None) -> str | None:
    """The text of a leaf without blanks around it; None when absent or empty."""
    if element is None:
        return None
    text = element.text
    return (text.strip() or None) if text else None


class Reader:
    """Reads leafs of one document and collects what is wrong with them.

    Paths and lines are worked out only when there is something to report.
    """

    __slots__ = ("findings",)

    def __init__(self, findings: tuple[Finding, ...] = ()) -> None:
        self.findings: list[Finding] = list(findings)

    def found(
        self,
        code: str,
        text: str,
        element: Element | None = None,
        *,
        below: str = "",
        severity: Severity = "warning",
        found: str | None = None,
        expected: str | None = None,
    ) -> None:
        """Report something about an element, or about what should stand `below` it."""
        if len(self.findings) >= MAX_FINDINGS:
            return
        where = "" if element is None else path(element)
        self.findings.append(
            Finding(
                code=code,
                severity=severity,
                path=f"{where}/{below}" if below else where,
                line=None if element is None else element.sourceline,
                found=None if found is None else repair.shorten(found, 200),
                expected=expected,
                text=text,
            )
        )

    def missing(self, parent: Element, name: str) -> None:
        """Report that a mandatory element is absent or empty."""
        self.found(
            "missing-element",
            _("The element {expected} is missing or empty."),
            parent,
            below=name,
            severity="fatal",
            expected=name,
        )

    def text(self, nodes: Nodes, name: str) -> str | None:
        """The text of a leaf without blanks around it; None when absent or empty."""
        node = nodes.get(name)
        if node is None:
            return None
        if type(node) is list:
            node = node[0]
        text: str | None = node.text  # type: ignore[union-attr]
        return (text.strip() or None) if text else None

    def texts(self, nodes: Nodes, name: str) -> tuple[str, ...]:
        """The texts of all leafs of that name that are not empty."""
        return tuple(text for each in many(nodes, name) if (text := content(each)))

    def decimal(self, nodes: Nodes, name: str) -> Decimal | None:
        """The number in a leaf, with the digits as written; a bad one is a finding and None."""
        node = nodes.get(name)
        if node is None:
            return None
        if type(node) is list:
            node = node[0]
        text: str | None = node.text  # type: ignore[union-attr]
        if not text:
            return None
        value = number(text)
        return value if value is not None else self._odd_number(node, text)  # type: ignore[arg-type]

    def _odd_number(self, node: Element, text: str) -> Decimal | None:
        text = text.strip()
        if text:
            self.found("bad-number", _("“{found}” is not a number; it was left out."), node, found=text)
        return None

    def decimal_of(self, element: Element | None) -> Decimal | None:
        """The number in this element; as `decimal`."""
        if element is None or not element.text:
            return None
        value = number(element.text)
        return value if value is not None else self._odd_number(element, element.text)

    def integer(self, nodes: Nodes, name: str) -> int | None:
        """The whole number in a leaf; a bad one is a finding and None."""
        value = self.decimal(nodes, name)
        if value is None:
            return None
        if value != value.to_integral_value() or abs(value) > 2**53:
            node = one(nodes, name)
            self.found("bad-number", _("“{found}” is not a whole number; it was left out."), node, found=str(value))
            return None
        return int(value)

    def day(self, nodes: Nodes, name: str) -> date | None:
        """The date in a leaf (xs:date, time zones and blanks allowed); a bad one is a finding and None."""
        node = nodes.get(name)
        if node is None:
            return None
        if type(node) is list:
            node = node[0]
        return self.day_of(node)  # type: ignore[arg-type]

    def day_of(self, element: Element | None) -> date | None:
        """The date in this element; as `day`."""
        if element is None or not element.text:
            return None
        text = element.text
        value = calendar_day(text)
        if value is None:
            text = text.strip()
            if text:
                self.found(
                    "bad-date",
                    _("“{found}” is not a date written as {expected}; it was left out."),
                    element,
                    found=text,
                    expected="2026-12-31",
                )
        return value


_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T[0-9:.]{1,20})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?")


@lru_cache(8192)
def number(text: str) -> Decimal | None:
    """A decimal point number of at most 28 digits and below 10²¹; None for all else (NaN, 1e999, `1.234,56`).

    Within these limits sums and products of a document stay exact enough and never overflow.
    """
    text = text.strip()
    if len(text) > 32 or not _NUMBER.fullmatch(text):
        return None
    value = Decimal(text)
    _sign, digits, exponent = value.as_tuple()
    if len(digits) > 28 or not isinstance(exponent, int) or exponent < -28 or value.adjusted() > 20:
        return None
    if not value and exponent < -6:
        return _ZERO  # `0.00000000` would print as `0E-8`
    return value if exponent <= 0 else Decimal(f"{value:f}")


_ZERO = Decimal("0.00")


@lru_cache(4096)
def calendar_day(text: str) -> date | None:
    """`2026-12-31`, also with a time zone or a time after it; None for anything else."""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    try:
        return date.fromisoformat(match[1])
    except ValueError:
        return None


def path(element: Element) -> str:
    """Where an element stands, as people write it: `/p:Fattura/Body[2]/Data`, prefixes as in the file."""
    steps = element.getroottree().getpath(element).split("/")
    if "*" in "".join(steps):  # libxml2 has no name for elements of a default namespace
        line = [element, *element.iterancestors()]
        for position, here in enumerate(reversed(line), 1):
            if position < len(steps) and steps[position].startswith("*"):
                steps[position] = _step(here)
    return "/".join(steps)


def _step(element: Element) -> str:
    name = local(element)
    if element.getparent() is None:
        return name
    same = "count({}-sibling::*[local-name() = $name])"
    before = element.xpath(same.format("preceding"), name=name)
    after = element.xpath(same.format("following"), name=name)
    return f"{name}[{int(before) + 1}]" if before or after else name

"""The document as the rules look at it: one walk over the XML, then only dictionaries.

The official tests ask for the same few elements hundreds of times. So the tree is read once into
nodes with their children by name, an index by name over the whole document, and the list of
elements that a table of forbidden paths caught on the way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from lxml import etree
from msgspec import Struct

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_UNECE = "urn:un:unece:uncefact:data:standard:"
PREFIXES = {
    f"{_UBL}Invoice-2": "ubl",
    f"{_UBL}CreditNote-2": "cn",
    f"{_UBL}CommonAggregateComponents-2": "cac",
    f"{_UBL}CommonBasicComponents-2": "cbc",
    f"{_UBL}CommonExtensionComponents-2": "ext",
    f"{_UNECE}CrossIndustryInvoice:100": "rsm",
    f"{_UNECE}ReusableAggregateBusinessInformationEntity:100": "ram",
    f"{_UNECE}UnqualifiedDataType:100": "udt",
    f"{_UNECE}QualifiedDataType:100": "qdt",
}
"""Namespaces and the prefixes that the official rules give them; the document may use others."""

Row = TypeVar("Row")
NOTHING: Sequence[Node] = ()
_NO_KIDS: Mapping[str, Sequence[Node]] = {}
_NO_ATTRIBUTES: Mapping[str, str] = {}


class Node(Struct, gc=False, eq=False):
    """An element: its value where it holds text, its children by name where it holds elements.

    It does not know its parent: without circles a tree is gone the moment it is let go of, and the
    garbage collector need not look at it.
    """

    text: str
    element: etree._Element
    kids: Mapping[str, Sequence[Node]] = _NO_KIDS
    """By names with the prefixes of the official rules, `cbc:ID`; `{namespace}local` where they have none."""
    attributes: Mapping[str, str] = _NO_ATTRIBUTES


class Plan:
    """A place in a table of forbidden paths: what stands here breaks `codes`, its attributes break theirs."""

    __slots__ = ("attributes", "codes", "kids")

    def __init__(self) -> None:
        self.kids: dict[str, Plan] = {}
        self.codes: tuple[str, ...] = ()
        self.attributes: dict[str, tuple[str, ...]] = {}

    def forbid(self, path: str, code: str) -> None:
        """Add one row: a path below this place, by names joined with `/`; the last may be an `@attribute`."""
        plan = self
        for step in path.split("/"):
            if step.startswith("@"):
                plan.attributes[step[1:]] = (*plan.attributes.get(step[1:], ()), code)
                return
            plan = plan.kids.setdefault(step, Plan())
        plan.codes = (*plan.codes, code)


class Tree:
    """A document: its root node, all nodes by name, those with attributes, and what a plan caught.

    It is walked when the first of these is asked for: rules that look at `element` alone need not wait.
    """

    __slots__ = ("_long", "_named", "_plan", "attributed", "caught", "element", "name", "root", "shared")

    def __init__(self, root: etree._Element, plan: Plan | None = None) -> None:
        self.name = short(str(root.tag))
        """Of the root: `ubl:Invoice`."""
        self.element = root
        self.shared: object = None
        """What a rule set made of the document, for the other sets of its country."""
        self._plan = plan

    def __getattr__(self, name: str) -> object:
        """Of a slot that is still empty: walk, and all are filled."""
        if name not in ("attributed", "caught", "root", "_long", "_named"):
            raise AttributeError(name)
        root, plan = self.element, self._plan
        self.attributed: list[tuple[str, Node]] = []
        """Name and node of each element with attributes."""
        self.caught: list[tuple[tuple[str, ...], Node]] = []
        self._named: defaultdict[str, list[Node]] = defaultdict(list)
        self._long: list[Node] | None = None
        kids: dict[str, Sequence[Node]] = {}
        self.root = Node("", root, kids, dict(root.items()))
        if self.root.attributes:
            self.attributed.append((self.name, self.root))
        self._walk(root, kids, plan.kids if plan else _NO_PLAN)
        self._named[self.name].append(self.root)
        return getattr(self, name)

    def every(self, name: str) -> Sequence[Node]:
        """All elements of that name."""
        return self._named.get(name, NOTHING)

    def found(self, rows: Mapping[str, Row]) -> list[tuple[Row, Sequence[Node]]]:
        """Of a table by names of elements, the rows whose elements are there, with these."""
        named = self._named
        return [(row, named[name]) for name, row in rows.items() if name in named]

    def long_amounts(self) -> list[Node]:
        """Elements of a name that ends with Amount, prices apart, with more than two decimals in their text."""
        if self._long is None:
            self._long = [
                node
                for name, nodes in self.called("Amount")
                if name[-11:] != "PriceAmount"
                for node in nodes
                if (point := node.text.find(".")) >= 0 and len(node.text) - point > 3
            ]
        return self._long

    def called(self, ending: str) -> list[tuple[str, Sequence[Node]]]:
        """Names with that ending, and their elements."""
        known = _endings[ending]
        found: list[tuple[str, Sequence[Node]]] = []
        for name, nodes in self._named.items():
            fits = known.get(name)
            if fits is None:
                fits = name.endswith(ending)
                if len(known) < _MOST_NAMES:
                    known[name] = fits
            if fits:
                found.append((name, nodes))
        return found

    def names(self) -> Iterable[str]:
        """The names of all elements, each once."""
        return self._named.keys()

    def _walk(self, root: etree._Element, kids: dict[str, Sequence[Node]], plans: Mapping[str, Plan]) -> None:
        # The hottest loop of the house: a line more costs every document some ten microseconds. The
        # elements come in the order of the document; how many children each has tells where it ends.
        named, names, caught, attributed = self._named, _names, self.caught, self.attributed
        left = len(root)
        stack: list[tuple[dict[str, Sequence[Node]], Mapping[str, Plan], int]] = []
        elements = root.iter()
        next(elements)
        for element in elements:
            tag: str = element.tag  # type: ignore[assignment]  # comments and instructions are gone
            try:
                name = names[tag]
            except KeyError:
                name = short(tag)
            left -= 1
            count = len(element)
            if count:
                below: dict[str, Sequence[Node]] = {}
                node = Node("", element, below)
            else:
                node = Node(element.text or "", element)
            if name not in kids:
                kids[name] = (node,)  # nearly all are alone: a tuple is cheaper to make and to let go of
            elif type(same := kids[name]) is list:
                same.append(node)
            else:
                kids[name] = [*same, node]
            named[name].append(node)
            plan = plans.get(name)
            if attributes := element.items():
                node.attributes = dict(attributes)
                attributed.append((name, node))
                if plan is not None and plan.attributes:
                    for attribute, _value in attributes:
                        if codes := plan.attributes.get(attribute):
                            caught.append((codes, node))
            if plan is not None and plan.codes:
                caught.append((plan.codes, node))
            if count:
                stack.append((kids, plans, left))
                kids, plans, left = below, plan.kids if plan is not None else _NO_PLAN, count
            else:
                while not left and stack:
                    kids, plans, left = stack.pop()


_NO_PLAN: Mapping[str, Plan] = {}
_names: dict[str, str] = {}
_endings: defaultdict[str, dict[str, bool]] = defaultdict(dict)
_MOST_NAMES = 8192  # more different names than this come only from someone who wants to fill the memory


def short(tag: str) -> str:
    """`{namespace}ID` → `cbc:ID`; as it is where the official rules have no prefix for it."""
    namespace, _brace, local = tag.rpartition("}")
    prefix = PREFIXES.get(namespace[1:])
    name = tag if prefix is None else f"{prefix}:{local}"
    if len(_names) < _MOST_NAMES:
        _names[tag] = name
    return name


def place(element: etree._Element, named: Callable[[str], str] = short) -> str:
    """Where an element is, for a person: `/Invoice/cac:InvoiceLine[2]/cbc:ID`; numbers where it has like siblings.

    `named` says how a tag is written.
    """
    steps: list[str] = []
    current: etree._Element | None = element
    while current is not None:
        name = named(str(current.tag))
        up = current.getparent()
        if up is None:
            name = name.rpartition("}")[2].rpartition(":")[2]
        else:
            like = [kid for kid in up if kid.tag == current.tag]
            if len(like) > 1:
                name = f"{name}[{like.index(current) + 1}]"
        steps.append(name)
        current = up
    return "/" + "/".join(reversed(steps))

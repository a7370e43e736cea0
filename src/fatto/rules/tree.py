"""The document as the rules look at it: one walk over the XML, then only dictionaries.

The official tests ask for the same few elements hundreds of times. So the tree is read once into
nodes with their children by name, an index by name over the whole document, and the list of
elements that a table of forbidden paths caught on the way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

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

NOTHING: Sequence[Node] = ()
_NO_KIDS: Mapping[str, list[Node]] = {}
_NO_ATTRIBUTES: Mapping[str, str] = {}


class Node(Struct, gc=False, eq=False):
    """An element: its value where it holds text, its children by name where it holds elements.

    It does not know its parent: without circles a tree is gone the moment it is let go of, and the
    garbage collector need not look at it.
    """

    text: str
    element: etree._Element
    kids: Mapping[str, list[Node]] = _NO_KIDS
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
    """A document: its root node, all nodes by name, those with attributes, and what a plan caught."""

    __slots__ = ("attributed", "caught", "name", "named", "root")

    def __init__(self, root: etree._Element, plan: Plan | None = None) -> None:
        self.name = short(str(root.tag))
        """Of the root: `ubl:Invoice`."""
        self.named: defaultdict[str, list[Node]] = defaultdict(list)
        self.attributed: list[tuple[str, Node]] = []
        """Name and node of each element with attributes."""
        self.caught: list[tuple[tuple[str, ...], Node]] = []
        self.root = Node("", root, self._walk(root, plan.kids if plan else _NO_PLAN), dict(root.items()))
        self.named[self.name].append(self.root)
        if self.root.attributes:
            self.attributed.append((self.name, self.root))

    def every(self, name: str) -> Sequence[Node]:
        """All elements of that name."""
        return self.named.get(name, NOTHING)

    def _walk(self, element: etree._Element, plans: Mapping[str, Plan]) -> dict[str, list[Node]]:
        # The hottest loop of the house: each line here costs every document some ten microseconds.
        kids: dict[str, list[Node]] = {}
        named, names = self.named, _names
        for child in element:
            tag: str = child.tag  # type: ignore[assignment]  # comments and instructions are gone
            name = names.get(tag) or short(tag)
            plan = plans.get(name)
            if len(child):
                node = Node("", child, self._walk(child, plan.kids if plan else _NO_PLAN))
            else:
                node = Node(child.text or "", child)
            if name in kids:
                kids[name].append(node)
            else:
                kids[name] = [node]
            named[name].append(node)
            if attributes := child.items():
                node.attributes = dict(attributes)
                self.attributed.append((name, node))
                if plan and plan.attributes:
                    for attribute, _value in attributes:
                        if codes := plan.attributes.get(attribute):
                            self.caught.append((codes, node))
            if plan and plan.codes:
                self.caught.append((plan.codes, node))
        return kids


_NO_PLAN: Mapping[str, Plan] = {}
_names: dict[str, str] = {}
_MOST_NAMES = 8192  # more different names than this come only from someone who wants to fill the memory


def short(tag: str) -> str:
    """`{namespace}ID` → `cbc:ID`; as it is where the official rules have no prefix for it."""
    namespace, brace, local = tag.rpartition("}")
    prefix = PREFIXES.get(namespace[1:])
    if not brace or prefix is None:
        return tag
    name = f"{prefix}:{local}"
    if len(_names) < _MOST_NAMES:
        _names[tag] = name
    return name


def place(element: etree._Element) -> str:
    """Where an element is, for a person: `/Invoice/cac:InvoiceLine[2]/cbc:ID`; numbers where it has like siblings."""
    steps: list[str] = []
    current: etree._Element | None = element
    while current is not None:
        name = short(str(current.tag))
        up = current.getparent()
        if up is None:
            name = name.rpartition(":")[2] if ":" in name and not name.startswith("{") else name
        else:
            like = [kid for kid in up if kid.tag == current.tag]
            if len(like) > 1:
                name = f"{name}[{like.index(current) + 1}]"
        steps.append(name)
        current = up
    return "/" + "/".join(reversed(steps))

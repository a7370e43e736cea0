"""Wrong documents made of right ones, the same for the same seed: to compare our verdict with another's.

    for mutant in trees.mutants(root, seed=1, count=100): …

Each mutant is a copy of the tree with one to three changes: something left out, doubled, moved, renamed,
put in, or a value made odd.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Sequence

from lxml import etree

ODD = (
    "",
    " ",
    "x",
    "X" * 2000,
    "0",
    "1",
    "-1",
    "1.0",
    "1.00",
    "-1.00",
    "+1.00",
    "1,00",
    ".50",
    "1.",
    "00.00",
    "100.00",
    "100.01",
    "999.99",
    "0.22",
    "1.123456789",
    "12345678901234567890.00",
    "NaN",
    "1e3",
    "  5.00\n",
    "5 .00",
    "9999",
    "10000",
    "+7",
    "007",
    "2026-02-29",
    "2024-02-29",
    "2026-10-31",
    " 2026-10-31 ",
    "2026-10-31Z",
    "2026-10-31+01:00",
    "2026-10-31+14:00",
    "2026-10-31+14:01",
    "2026-13-01",
    "26-10-31",
    "0000-01-01",
    "12026-01-01",
    "012026-01-01",
    "-2026-01-01",
    "1969-12-31",
    "1970-01-01",
    "2026-10-31T10:00:00",
    "2026-10-31T24:00:00",
    "2026-10-31T24:00:01",
    "2026-10-31T10:00:00.123+01:00",
    "2026-10-31T10:60:00",
    "IT",
    "it",
    "I1",
    "ITA",
    "ABCDEF",
    "abcdef",
    "0000000",
    "XXXXXXX",
    "SI",
    "NO",
    "N2",
    "N2.1",
    "N7",
    "TD01",
    "TD29",
    "TD99",
    "RF01",
    "RF03",
    "MP05",
    "TP02",
    "è",
    "€",
    "ș",
    "a\tb",
    "a\nb",
    "é" * 61,
    "a b c",
    "IT60X0542811101000000123456",
    "it60x0542811101000000123456",
    "UNCRITMM",
    "a@b.it",
    "a@b",
    "@",
    "a b@c.it",
    '"x"@y.it',
    "QUJD",
    "QUI=",
    "QUJD ",
    "QQ==",
    "QR==",
    "Q===",
    "====",
    "QU JD",
    "12345",
    "1234",
    "𐍈",
    "\u00a0",
)
"""Values that some kind of value takes and another does not."""

Change = Callable[[random.Random, list[etree._Element], Sequence[str]], None]


def mutants(root: etree._Element, *, seed: int, count: int, names: Sequence[str] = ()) -> Iterator[etree._Element]:
    """Copies of a document, each changed in one to three places.

    Args:
        root: the document; it stays as it is.
        seed: the same seed gives the same mutants.
        names: element names that may be put in, beside those of the document.
    """
    luck = random.Random(seed)
    known = sorted({str(each.tag) for each in root.iter(etree.Element)} | set(names))
    for _number in range(count):
        mutant = copy.deepcopy(root)
        for _change in range(luck.choice((1, 1, 1, 2, 3))):
            elements = [each for each in mutant.iter(etree.Element) if each is not mutant]
            if elements:
                luck.choice(_CHANGES)(luck, elements, known)
        yield mutant


def _leaf(luck: random.Random, elements: list[etree._Element]) -> etree._Element:
    return luck.choice([each for each in elements if not len(each)] or elements)


def _leave_out(luck: random.Random, elements: list[etree._Element], known: Sequence[str]) -> None:
    found = luck.choice(elements)
    above = found.getparent()
    assert above is not None
    above.remove(found)


def _double(luck: random.Random, elements: list[etree._Element], known: Sequence[str]) -> None:
    found = luck.choice(elements)
    found.addnext(copy.deepcopy(found))


def _swap(luck: random.Random, elements: list[etree._Element], known: Sequence[str]) -> None:
    found = luck.choice(elements)
    after = found.getnext()
    if after is not None:
        after.addnext(found)


def _move(luck: random.Random, elements: list[etree._Element], known: Sequence[str]) -> None:
    found, to = luck.choice(elements), luck.choice(elements)
    if to is not found and found not in to.iterancestors():
        to.append(found)


def _rename(luck: random.Random, elements: list[etree._Element], known: Sequence[str]) -> None:
    luck.choice(elements).tag = luck.choice(known)


def _put_in(luck: random.Random, elements: list[etree._Element], known: Sequence[str]) -> None:
    new = etree.SubElement(luck.choice(elements), luck.choice(known))
    new.text = luck.choice(ODD)


def _value(luck: random.Random, elements: list[etree._Element], known: Sequence[str]) -> None:
    _leaf(luck, elements).text = luck.choice(ODD)


def _another_value(luck: random.Random, elements: list[etree._Element], known: Sequence[str]) -> None:
    """The value of another element: of the right look, in the wrong place."""
    _leaf(luck, elements).text = _leaf(luck, elements).text


def _edit_value(luck: random.Random, elements: list[etree._Element], known: Sequence[str]) -> None:
    found = _leaf(luck, elements)
    text = found.text or ""
    at = luck.randrange(len(text) + 1)
    found.text = (
        text[:at]
        + luck.choice(("", " ", "0", "9", ".", "-", "A", "a", "è", "€", "\n"))
        + text[at + luck.choice((0, 1)) :]
    )


def _comment(luck: random.Random, elements: list[etree._Element], known: Sequence[str]) -> None:
    luck.choice(elements).append(etree.Comment("x"))


def _loose_text(luck: random.Random, elements: list[etree._Element], known: Sequence[str]) -> None:
    luck.choice(elements).tail = luck.choice(("x", " ", "\n", "\u00a0"))


def _attribute(luck: random.Random, elements: list[etree._Element], known: Sequence[str]) -> None:
    name = luck.choice(("Id", "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", "{urn:x}y"))
    luck.choice(elements).set(name, "x")


_CHANGES: tuple[Change, ...] = (
    _leave_out,
    _leave_out,
    _double,
    _swap,
    _move,
    _rename,
    _put_in,
    _value,
    _value,
    _value,
    _another_value,
    _edit_value,
    _edit_value,
    _comment,
    _loose_text,
    _attribute,
)

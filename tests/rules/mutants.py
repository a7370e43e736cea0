"""Makes documents that are wrong in some small way, from valid ones: the same ones for the same seed.

for name, data in mutants(seed=1, bases=[...], count=100): ...
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from copy import deepcopy

from lxml import etree

TEXTS = (
    *("", " ", "0", "0.00", "-1", "1", "1.5", "10.005", "10.500", "99999999.99", "0.49", "-0.5", "1.235", "2.5 "),
    *("S", " S", "Z", "E", "AE", "K", "G", "O", "L", "M", "B", "VAT", "vat", " VAT ", "GST", "IT", "RO", "DE", "XX"),
    *("EUR", "RON", "USD", "EURO", "30", "58", "57", "130", "50", "916", "380", "381", "389", "751", "384", "326"),
    *(
        "2026-02-28",
        "2026-13-01",
        "2026-01-31+02:00",
        "20260131",
        "20261301",
        "true",
        "false",
        "1 2",
        "A ",
        "EL1",
        "FR",
    ),
    *("SEPA", "9930", "0088", "KGM", "C62", "ZZZ", "VATEX-EU-AE", "vatex-eu-o", "#AAA#text", "#QQQ#text", "95", "ABL"),
    *("RO-B", "RO-CJ", "SECTOR3", "x" * 30, "x" * 60, "x" * 120, "x" * 210, "x" * 320, "é\u00a0", "\u00a0", "no digit"),
)
ATTRIBUTES = (
    *("schemeID", "listID", "currencyID", "unitCode", "name", "schemeName", "listAgencyID", "languageID", "mimeCode"),
    *(
        "filename",
        "format",
        "schemeAgencyID",
        "listVersionID",
        "listURI",
        "unitCodeListID",
        "currencyCodeListVersionID",
    ),
)


def mutants(seed: int, bases: Sequence[bytes], count: int) -> Iterator[bytes]:
    """`count` documents, each a base with one to three changes."""
    chance = random.Random(seed)  # repeatable on purpose
    roots = [etree.fromstring(base) for base in bases]
    for _ in range(count):
        root = deepcopy(chance.choice(roots))
        for _change in range(chance.choice((1, 1, 2, 3))):
            _mutate(root, chance)
        yield etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _mutate(root: etree._Element, chance: random.Random) -> None:
    elements = [each for each in root.iter(etree.Element) if each is not root]
    element = chance.choice(elements)
    leaves = [each for each in elements if not len(each)]
    kind = chance.random()
    parent = element.getparent()
    assert parent is not None
    if kind < 0.2:
        parent.remove(element)
    elif kind < 0.32:
        element.addnext(deepcopy(element))
    elif kind < 0.6:
        leaf = chance.choice(leaves)
        same = [each.text for each in leaves if each.tag == leaf.tag]
        leaf.text = chance.choice((*TEXTS, *same)) if chance.random() < 0.8 else chance.choice(leaves).text
    elif kind < 0.72:
        leaf = chance.choice(leaves)
        _nudge(leaf, chance)
    elif kind < 0.86:
        leaf = chance.choice(leaves)
        name = chance.choice((*leaf.keys(), *ATTRIBUTES))
        if name in leaf.attrib and chance.random() < 0.4:
            del leaf.attrib[name]
        else:
            leaf.set(name, chance.choice(TEXTS))
    elif kind < 0.93:
        other = chance.choice(elements)
        if other not in element.iterancestors() and element not in other.iterancestors() and other is not element:
            other.append(deepcopy(element))
    else:
        code, texts = chance.choice(("S", "Z", "E", "AE", "K", "G", "O", "L", "M", "B")), set()
        for each in leaves:
            if each.tag.endswith(("TaxCategory}ID", "CategoryCode")) or (
                each.tag.endswith("}ID") and "TaxCategory" in str(each.getparent().tag)
            ):
                texts.add(each.text)
        chosen = chance.choice(sorted(texts)) if texts else None
        for each in leaves:
            if each.text == chosen and chance.random() < 0.9:
                each.text = code


def _nudge(leaf: etree._Element, chance: random.Random) -> None:
    """Change a number a little; another text a letter."""
    text = leaf.text or ""
    try:
        number = float(text)
    except ValueError:
        leaf.text = text[:-1] if text else "x"
        return
    step = chance.choice((0.01, -0.01, 0.49, 0.5, 0.51, 0.99, 1, -1, 1.01, 0.001, 0.005))
    leaf.text = f"{number + step:.{chance.choice((0, 1, 2, 2, 2, 3))}f}"

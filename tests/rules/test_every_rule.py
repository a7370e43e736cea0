"""Every official code that can fire does so on a sample of our own, and is silent on the base it was made from."""

from __future__ import annotations

from functools import cache

import pytest
from lxml import etree
from tests.rules.edits import EDITS, root

from fatto import countries
from fatto.rules import en16931, verdict
from fatto.rules.ruleset import RuleSet
from fatto.rules.tree import Tree

PROFILES = {each.name: each for each in (*en16931.profiles(), *countries.profiles())}
SETS = tuple(EDITS)


def rules(name: str) -> RuleSet:
    found = PROFILES[name].version(None)
    assert found is not None
    return found


def fired(name: str, start: etree._Element) -> set[str]:
    """The codes of one set, whatever the schema says of the document."""
    chosen = rules(name)
    tree = Tree(etree.fromstring(etree.tostring(start)), chosen.plan() if chosen.plan else None)
    with verdict.xpath.exact():
        result = verdict._run(name, chosen, tree)
    return {"the official run aborts"} if result.aborted else set(result.fired)


@cache
def missed(name: str) -> dict[str, set[str]]:
    """Codes whose edit does not trip them, with what fired instead."""
    base, edits = EDITS[name]
    wrong = {}
    for code, edit in edits().items():
        start = root(base)
        edit(start)
        if code not in (codes := fired(name, start)):
            wrong[code] = codes
    return wrong


@pytest.mark.parametrize("name", SETS)
def test_nothing_fires_on_the_base(name: str) -> None:
    assert fired(name, root(EDITS[name][0])) == set()


@pytest.mark.parametrize("name", SETS)
def test_each_code_has_an_edit_unless_it_can_never_fire(name: str) -> None:
    _base, edits = EDITS[name]
    assert set(rules(name).severities) - set(edits()) - set(rules(name).never) == set()


@pytest.mark.parametrize("name", SETS)
def test_each_edit_trips_its_code(name: str) -> None:
    assert set(missed(name)) - set(rules(name).never) == set()


@pytest.mark.parametrize("name", SETS)
def test_what_can_never_fire_is_not_tripped_and_is_of_the_set(name: str) -> None:
    never = set(rules(name).never)
    assert never <= set(rules(name).severities)
    assert never & set(EDITS[name][1]()) <= set(missed(name))

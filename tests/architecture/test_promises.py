"""The table of promises is whole, and what it calls done is proved by tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
IDS = [*(f"A{n}" for n in range(1, 41)), *(f"B{n}" for n in range(1, 34))]
_TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")


def rows() -> list[list[str]]:
    """id, promise, where, proof, state."""
    lines = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(r"\| [AB]\d", line)]


def names_of(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_promise_stands_there_once_and_in_order():
    assert [row[0] for row in rows()] == IDS
    assert {len(row) for row in rows()} == {5}


def test_every_test_that_is_named_exists():
    named = {found for row in rows() for found in _TEST.findall(row[3])}
    assert named
    assert sorted(f"{path}::{name}" for path, name in named if name not in names_of(ROOT / "tests" / path)) == []


def test_what_is_done_has_a_place_and_a_proof_and_what_is_partly_done_says_what_lacks():
    for number, _promise, where, proof, state in rows():
        word, _, rest = state.partition(":")
        assert word in ("done", "partly", "not yet"), number
        assert (word == "done") <= bool(where and _TEST.search(proof) and not rest), number
        assert (word == "partly") <= bool(where and _TEST.search(proof) and rest), number
        assert (word == "not yet") <= (not proof), number

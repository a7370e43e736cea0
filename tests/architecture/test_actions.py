"""Writes go through actions, and the tables of permissions are complete."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path

import pytest

PORTAL = Path(__file__).parents[2] / "src" / "fatto" / "portal"
MODULES = sorted(f"fatto.portal.{path.parent.name}.actions" for path in PORTAL.glob("*/actions.py"))


@pytest.mark.parametrize("name", MODULES)
def test_every_public_function_of_actions_is_an_action(name: str):
    module = import_module(name)
    public = [
        function
        for each, function in inspect.getmembers(module, inspect.isfunction)
        if not each.startswith("_") and inspect.unwrap(function).__module__ == name
    ]
    assert public, "an actions module without actions"
    assert [function.__name__ for function in public if not getattr(function, "is_action", False)] == []


def test_permissions_are_in_order_and_each_is_somebodys():
    from fatto.portal.tenancy.permissions import ROLES, Can, Role

    assert list(Can) == sorted(Can)
    assert set(ROLES) == set(Role)
    assert set().union(*ROLES.values()) == set(Can)


def test_only_tenancy_knows_how_rows_are_limited():
    """Neither the settings of row security nor managers that see everything are used anywhere else."""
    offenders = []
    for path in PORTAL.rglob("*.py"):
        if path.is_relative_to(PORTAL / "tenancy") or "migrations" in path.parts:
            continue
        tree = ast.parse(path.read_text())
        texts = {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        if any("fatto.companies" in text or "set_config" in text for text in texts) or "unscoped" in names:
            offenders.append(str(path.relative_to(PORTAL)))
    assert offenders == []

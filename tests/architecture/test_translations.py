"""Every text that a person sees is there in Italian and Romanian."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages", ROOT / "tools" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["messages"] = module
    spec.loader.exec_module(module)
    return module


def test_no_text_is_missing_uncertain_or_has_other_parameters(messages: ModuleType):
    assert messages.troubles() == []


def test_no_text_hides_within_an_f_string():
    """There the collecting of texts does not see it, and it stays in English."""
    hidden = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
                names = {each.func.id for each in calls if isinstance(each.func, ast.Name)}
                if names & {"_", "gettext", "ngettext", "pgettext", "npgettext"}:
                    hidden.append(f"{path}:{node.lineno}")
    assert hidden == []


def test_texts_are_collected_from_code_and_from_templates(messages: ModuleType, tmp_path: Path):
    page = tmp_path / "page.html"
    page.write_text(
        '{% load i18n %}{% translate "One" %}{{ _("Two") }}{% translate "May" context "month" %}'
        "{% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}"
    )
    found = [(text, context) for _line, text, context in messages.found_in(page)]
    assert found == [("One", None), ("Two", None), ("May", "month"), (("%(n)s day", "%(n)s days"), None)]

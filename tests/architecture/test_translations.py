"""Every text that a person sees is there in Italian and Romanian."""

from __future__ import annotations

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


def test_texts_are_collected_from_code_and_from_templates(messages: ModuleType, tmp_path: Path):
    page = tmp_path / "page.html"
    page.write_text(
        '{% load i18n %}{% translate "One" %}{{ _("Two") }}{% translate "May" context "month" %}'
        "{% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}"
    )
    found = [(text, context) for _line, text, context in messages.found_in(page)]
    assert found == [("One", None), ("Two", None), ("May", "month"), (("%(n)s day", "%(n)s days"), None)]

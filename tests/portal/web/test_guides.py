"""The guides name things as the screen does, in each language, and are found where help is looked for."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.test import Client
from tests.portal.world import World

from fatto.portal.documents import asking
from fatto.portal.web import guides

LOCALE = Path(guides.__file__).parents[1] / "locale"
LANGUAGES = ("en", "it", "ro")
EVERY = [(language, name) for language in LANGUAGES for name in guides.NAMES]


def source(language: str, name: str) -> str:
    return (guides.FOLDER / language / f"{name}.md").read_text(encoding="utf-8")


def on_screen(language: str) -> set[str]:
    """Every text of the portal in a language. English ones are the keys of the catalogues."""
    with (LOCALE / (language if language != "en" else "it") / "LC_MESSAGES" / "django.po").open("rb") as file:
        catalogue = read_po(file)
    texts = [message.id if language == "en" else message.string for message in catalogue if message.id]
    return {each for text in texts for each in (text if isinstance(text, tuple | list) else [text])}


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_names_in_bold_are_those_on_the_screen(language: str, name: str):
    named = set(re.findall(r"\*\*([^*]+)\*\*", source(language, name)))
    assert len(named) > 10
    assert sorted(named - on_screen(language)) == []


@pytest.mark.parametrize("name", guides.NAMES)
def test_each_language_has_the_same_parts_and_is_short(name: str):
    shapes = []
    for language in LANGUAGES:
        lines = source(language, name).splitlines()
        assert len(lines) < 80
        shapes.append([re.match(r"#*|-|\d+\.", line)[0] for line in lines if line])  # type: ignore[index]
    assert shapes[0] == shapes[1] == shapes[2]


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_nothing_of_the_markdown_is_left_over_on_the_page(language: str, name: str):
    guide = guides.read(name, language)
    for page in (guide.title, guide.about, re.sub(r"<code>[^<]*</code>", "", guide.body)):
        assert not re.search(r"[*`_#\[\]]|^\s*\d+\.|^- ", unescape(page), re.M), page


@pytest.mark.parametrize("language", LANGUAGES)
def test_searches_that_are_shown_as_examples_are_understood(language: str):
    examples = [each for name in guides.NAMES for each in re.findall(r"`([^`]+)`", source(language, name))]
    assert examples
    for example in examples:
        terms = asking.read(example)
        assert asking.MISREAD not in [term.field for term in terms], example
        assert {term.field for term in terms} - {asking.WORDS}, example


def test_text_is_escaped():
    assert guides.html([["**A** <b>& `x`"]]) == "<p><strong>A</strong> &lt;b&gt;&amp; <code>x</code></p>"


def test_help_is_in_the_readers_language_before_and_after_login(world: World, login):
    world.people["maria"].language = "it"
    world.people["maria"].save()
    maria = login("maria")
    home = maria.get(f"/c/{world.companies['rossi'].slug}/").content.decode()
    assert 'href="/help/"' in home
    index = maria.get("/help/").content.decode()
    assert "Per l’azienda" in index
    page = maria.get("/help/owner/").content.decode()
    assert "<strong>Da approvare</strong>" in page
    stranger = Client()
    assert 'href="/help/"' in stranger.get("/accounts/login/").content.decode()
    assert stranger.get("/help/firm/").status_code == 200
    assert stranger.get("/help/home-screen/").status_code == 200
    assert stranger.get("/help/nothing/").status_code == 404
    assert stranger.get("/help/..%2Fowner/").status_code == 404

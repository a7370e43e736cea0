"""What stories share: a served portal, and people with browsers of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Response
    from tests.portal.world import World

DESKTOP = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.fixture
def world(transactional_db: None) -> World:
    """The tests' small world, committed, so that the server sees it."""
    from tests.portal.world import build

    return build()


@dataclass
class Visit:
    """A person in front of a page, and what went wrong there without being asked for."""

    page: Page
    troubles: list[str]


@pytest.fixture
def visit(world: World, browser: Browser, live_server: object) -> Iterator[Callable[..., Page]]:
    """`visit("maria", phone=True)` logs a person in with a browser of its own, and gives the page.

    Whatever the browser complains about, a script error or a refused resource, fails the story.
    """
    from tests.portal.world import PASSWORD

    visits: list[Visit] = []

    def enter(name: str, *, phone: bool = False, script: bool = True, language: str = "en") -> Page:
        member = world.people[name]
        member.language = language
        member.save(update_fields=["language"])
        context = browser.new_context(
            **(PHONE if phone else DESKTOP),
            base_url=live_server.url,  # type: ignore[attr-defined]
            java_script_enabled=script,
            locale=language,
            accept_downloads=True,
        )
        context.set_default_timeout(15_000)
        page = context.new_page()
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))

        def console(said: ConsoleMessage) -> None:
            # htmx reports requests that a newer one replaced as errors; nothing is wrong with them.
            replaced = said.text.startswith(("htmx:afterRequest", "htmx:sendAbort"))
            # A story that takes the network away knows what cannot be had then; a form with errors is an answer.
            offline = "ERR_INTERNET_DISCONNECTED" in said.text or "status of 422" in said.text
            if said.type == "error" and script and not replaced and not offline:
                troubles.append(f"{said.text} {said.location.get('url', '')}")

        def answered(answer: Response) -> None:
            if answer.status >= 500:
                troubles.append(f"{answer.status} {answer.url}")

        page.on("console", console)
        page.on("response", answered)
        page.goto("/accounts/login/")
        page.fill("input[name=login]", member.email)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(re.compile("/([cf]|op)/"))
        visits.append(Visit(page, troubles))
        return page

    yield enter
    for each in visits:
        each.page.context.close()
    assert [trouble for each in visits for trouble in each.troubles] == []

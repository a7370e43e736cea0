"""A firm gives itself a face: refused while nobody could read it, looked at, published, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.portal.tenancy.test_pictures import picture

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from tests.portal.world import World

pytestmark = pytest.mark.story


@pytest.mark.parametrize(("language", "phone"), [("it", False), ("ro", True)])
def test_a_pale_colour_is_refused_a_readable_one_is_published_and_everybody_sees_it(
    world: World,
    visit: Callable[..., Page],
    browser: Browser,
    live_server: object,
    tmp_path: Path,
    language: str,
    phone: bool,
):
    logo = tmp_path / "logo.png"
    logo.write_bytes(picture())
    anna = visit("anna", language=language, phone=phone)
    page = f"/f/{world.firms['bianchi'].slug}/brand/"
    anna.goto(page)
    anna.fill("input[name=name]", "Bianchi & Soci")
    anna.fill("input[name=accent]", "#ffd400")
    anna.set_input_files("input[name=logo]", logo)
    anna.locator("button[value=save]").click()
    # Refused in words, with a colour that does; one tap takes it.
    anna.locator(".field-error").wait_for()
    assert "#846c00" in anna.locator(".field-error").inner_text()
    anna.locator("button[name=accent]").click()
    anna.locator("button[value=publish]").wait_for()
    # Nobody else sees the draft.
    assert "Bianchi &amp; Soci" not in at_the_door(browser, live_server)
    anna.locator(".brand-previews").scroll_into_view_if_needed()
    assert "Bianchi & Soci" in (anna.frame_locator("iframe").locator("body").inner_text())
    anna.locator("button[value=publish]").click()
    anna.locator("button[value=back]").wait_for()
    assert "Bianchi &amp; Soci" in at_the_door(browser, live_server)

    # Maria, at Rossi, has the firm's colour on top and its name in the app, while the states keep theirs.
    maria = visit("maria", language=language, phone=phone)
    assert maria.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--brand').trim()") == "#846c00"
    assert maria.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--done').trim()") == "#0b6b50"

    anna.locator("button[value=back]").click()
    anna.wait_for_load_state()
    assert "Bianchi &amp; Soci" not in at_the_door(browser, live_server)


def at_the_door(browser: Browser, live_server: object) -> str:
    """What a stranger sees who comes by the firm's own login address."""
    context = browser.new_context(base_url=live_server.url)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto("/login/studio-bianchi/")
    page.locator("input[name=login]").wait_for()
    page.reload()
    page.goto("/accounts/login/")
    html = page.content()
    context.close()
    return html

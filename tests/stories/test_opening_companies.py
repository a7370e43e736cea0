"""A firm brings in its companies by a pasted list, and an owner comes in by the mail, on the phone, in Romanian."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.core import mail

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from tests.portal.world import World

pytestmark = pytest.mark.story
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
LIST = """CUI\tDenumire\tE-mail
185472903\tAlfa SRL\tdana@alfa.example
7\tBeta SRL\tb@beta.example
RO185472999\tGama SRL\tg@gama.example
"""


def test_three_companies_are_pasted_one_corrected_and_an_owner_comes_in(
    world: World,
    visit: Callable[..., Page],
    browser: Browser,
    live_server: object,
    do_jobs: Callable[[], None],
    settings: object,
):
    settings.URL = live_server.url  # type: ignore[attr-defined]
    # Ioana pastes what she copied out of her spreadsheet.
    ioana = visit("ioana", language="en")
    ioana.click("nav.rail a[href$='/clients/']")
    ioana.click("a[href$='/clients/add/']")
    ioana.fill("textarea[name=list]", LIST)
    ioana.click("button[value=read]")
    # One number is too short to be one; she puts it right in its row, and opens all with one click.
    wrong = ioana.locator("tr.listed-wrong")
    wrong.wait_for()
    assert wrong.count() == 1
    assert "Beta SRL" in wrong.locator("input[name=name]").input_value()
    wrong.locator("input[name=tax_id]").fill("RO 18547290")
    ioana.click("button[value=check]")
    ioana.locator("button[value=open]", has_text="Open 3 companies").click()
    ioana.wait_for_url(re.compile("/invitations/"))
    assert ioana.locator("tbody tr").count() == 3
    do_jobs()
    ioana.reload()
    assert ioana.locator(".chip-waiting").count() == 3

    # Dana opens the mail on her phone. It is in Romanian, as its link's page is.
    letter = next(each for each in mail.outbox if each.to == ["dana@alfa.example"])
    assert letter.from_email.startswith("=?utf-8?") or "Contabil" in letter.from_email
    link = re.search(r"http\S+/l/\S+/", str(letter.body))
    assert link
    context = browser.new_context(**PHONE, locale="en")
    dana = context.new_page()
    troubles: list[str] = []
    dana.on("pageerror", lambda error: troubles.append(str(error)))
    dana.goto(link.group())
    assert dana.locator("html").get_attribute("lang") == "ro"
    assert "Alfa SRL" in dana.inner_text("main")
    dana.fill("input[name=name]", "Dana Pop")
    dana.fill("input[name=password1]", "trei berze linistite")
    dana.fill("input[name=password2]", "trei berze linistite")
    dana.click("main form .btn-primary")
    # She is in her company, whose page says what is to do.
    dana.wait_for_url(re.compile("/c/alfa-srl/"))
    assert dana.locator("h1").inner_text() == "Alfa SRL"
    assert dana.locator("html").get_attribute("lang") == "ro"
    assert troubles == []
    context.close()

    # And the firm sees that she has come in.
    ioana.reload()
    assert ioana.locator("tr", has_text="Alfa SRL").locator(".chip-done").count() == 1

"""Something is odd in an invoice: the portal says why, asks once, and remembers the answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.portal import papers

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from tests.portal.world import World

pytestmark = pytest.mark.story

OLD, NEW = b"IT60X0542811101000000123456", b"IT02L1234512345123456789012"


def test_an_owner_verifies_a_new_account_and_tells_a_copy_from_another_document(
    world: World, visit: Callable[..., Page]
):
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "gennaio.xml", papers.fatturapa("1/A"))
    world.hand_in(anna, "febbraio.xml", papers.fatturapa("2/A").replace(OLD, NEW))
    world.hand_in(anna, "copia.xml", papers.fatturapa("FT 1/A", day="2026-10-09"))

    # Maria looks for what asks for a second look, and opens the invoice with the new account.
    maria = visit("maria", language="it")
    rossi = world.companies["rossi"].slug
    maria.goto(f"/c/{rossi}/documents/")
    maria.fill("input[name=ask]", "avviso:iban")
    maria.press("input[name=ask]", "Enter")
    maria.wait_for_url(re.compile("ask="))
    assert maria.locator("a.row").count() == 1
    maria.locator("a.row .row-alert").wait_for()
    maria.click("a.row")
    alert = maria.locator(".viewer-alerts .alert-action")
    alert.wait_for()
    assert "IT60 X054 2811 1010 0000 0123 456" in alert.inner_text()

    # Approving without the tick does nothing: the browser asks for it.
    maria.click("form[action$='/approve/'] button >> visible=true")
    assert maria.locator("input[name=confirmed]:invalid").count() == 1
    # She called Energia: the account is right. The tick is gone, and one tap approves.
    alert.locator("button").click()
    maria.locator(".viewer-alerts .confirmed").wait_for()
    assert maria.locator("input[name=confirmed]").count() == 0
    maria.click("form[action$='/approve/'] button >> visible=true")
    maria.locator(".undo").wait_for()

    # The third document is the first one again. Both files are kept; one goes on.
    maria.goto(f"/c/{rossi}/documents/?ask=alert:duplicate")
    maria.click("a.row")
    maria.locator(".viewer-alerts a.btn").click()
    maria.locator(".same-table").wait_for()
    assert "gennaio.xml" in maria.locator(".same-table").inner_text()
    maria.locator("form:has([value=same]) button").click()
    maria.wait_for_url(re.compile(r"/documents/\d+/$"))
    assert "copia.xml" in maria.locator(".viewer-alerts").inner_text()
    maria.goto(f"/c/{rossi}/approve/")
    assert maria.locator(".card.decide").count() == 1


def test_on_the_phone_a_card_says_why_and_wants_one_tick(world: World, visit: Callable[..., Page]):
    mihai = world.at_company("mihai", "brutaria")
    world.hand_in(mihai, "1.xml", papers.ubl("F-1"))
    changed = papers.ubl("F-2").replace(b"RO49AAAA1B31007593840000", b"RO09BCYP0000001234567890")
    world.hand_in(mihai, "2.xml", changed)

    page = visit("mihai", phone=True, language="ro")
    page.goto(f"/c/{world.companies['brutaria'].slug}/approve/")
    card = page.locator(".card.decide", has_text="F-2")
    assert "RO49 AAAA 1B31 0075 9384 0000" in card.locator(".card-alert").inner_text()
    approve = card.locator("form[action$='/approve/'] button")
    approve.click()
    assert page.locator(".undo").count() == 0
    card.locator("input[name=confirmed]").check()
    approve.click()
    page.locator(".undo").wait_for()
    # The other card asks nothing.
    page.locator(".card.decide", has_text="F-1").locator("form[action$='/approve/'] button").click()
    page.locator(".empty").wait_for()


def test_the_second_look_needs_no_script(world: World, visit: Callable[..., Page]):
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "1.xml", papers.fatturapa("1/A"))
    world.hand_in(anna, "2.xml", papers.fatturapa("2/A").replace(OLD, NEW))
    maria = visit("maria", script=False)
    maria.goto(f"/c/{world.companies['rossi'].slug}/documents/?ask=alert:iban")
    maria.click("a.row")
    maria.locator(".viewer-alerts form button").click()
    maria.locator(".viewer-alerts .confirmed").wait_for()
    maria.locator("form[action$='/approve/'] button").first.click()
    maria.wait_for_load_state()
    document = world.document(world.at_company("maria", "rossi"), number="2/A")
    assert (document.approval, document.alerts) == ("approved", [])

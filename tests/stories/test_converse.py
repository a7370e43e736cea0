"""The accountant asks at her desk, the owner answers on his phone, and somebody answers by mail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest
from tests.portal import papers

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from tests.portal.world import World

    from fatto.portal.documents.models import Document

pytestmark = pytest.mark.story


@pytest.fixture
def received(world: World) -> Document:
    members = {
        "1.xml": papers.fatturapa("501", day="2026-09-03"),
        "2.xml": papers.fatturapa("502", day="2026-10-03"),
    }
    world.hand_in(world.at_firm("anna", "bianchi"), "a.zip", papers.zipped(members))
    return world.document(world.at_company("maria", "rossi"), number="502")


def test_asked_at_the_desk_answered_on_the_phone_and_then_by_mail(
    world: World, received: Document, visit: Callable[..., Page], settings
):
    from django.conf import settings as configured

    from fatto.portal.conversation import replies
    from fatto.portal.flow import answers

    settings.CONFIG = replace(configured.CONFIG, mail_in_domain="in.fatto.example.org")
    desk = f"/c/{received.company.slug}/documents/"

    # Paolo looks after Rossi. Both lines are bold; opening one takes that away.
    paolo = visit("paolo", language="it")
    paolo.goto(desk)
    assert paolo.locator("[data-row][data-unread]").count() == 2
    paolo.locator("[data-row]", has_text="502").click()
    paolo.locator("#conversation").wait_for()
    paolo.locator("[data-row][data-unread]", has_text="502").wait_for(state="detached")
    assert paolo.locator("[data-row][data-unread]").count() == 1

    # He asks with the keyboard: q, the text with a name chosen from the list, Enter on the button.
    paolo.locator(".desk-viewer").focus()
    paolo.keyboard.press("q")
    box = paolo.locator(".say-fold textarea")
    box.press_sequentially("Per quale reparto? @mar")
    paolo.locator(".mentions [role=option]", has_text="Maria").wait_for()
    box.press("Enter")
    assert box.input_value() == "Per quale reparto? @Maria "
    paolo.locator(".say-fold form button").click()
    paolo.locator("#questions .question-text", has_text="Per quale reparto?").wait_for()
    assert (
        paolo.locator("[data-row] .chip", has_text="In chiarimento")
        .or_(paolo.locator("[data-row] .chip", has_text="Question open"))
        .count()
        == 1
    ), "the line of the list says it too"

    # Maria, on her phone and in Romanian, finds the question on the document and answers.
    maria = visit("maria", phone=True, language="ro")
    maria.goto(f"{desk}?ask=stare:în-clarificare")
    maria.locator("[data-row]", has_text="502").click()
    answer = maria.locator(".question-answer textarea")
    answer.wait_for()
    width = maria.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, "nothing is wider than the phone"
    answer.fill("Pentru cuptor. https://example.org/<b>")
    maria.locator(".question-answer button").click()
    maria.locator("#conversation .said", has_text="Pentru cuptor.").wait_for()
    assert maria.locator("#questions .question").count() == 0
    link = maria.locator("#conversation .said a")
    assert link.get_attribute("href") == "https://example.org/"
    assert "noopener" in (link.get_attribute("rel") or "")

    # Paolo sees it, and tags the document: t, a word, Enter.
    paolo.reload()
    paolo.locator("#conversation .said", has_text="Pentru cuptor.").wait_for()
    paolo.keyboard.press("t")
    paolo.locator(".tag-add [name=add]").fill("forno")
    paolo.keyboard.press("Enter")
    paolo.locator("#notes .tag", has_text="forno").wait_for()
    paolo.locator("[data-row] .row-tag", has_text="forno").wait_for()
    paolo.goto(f"{desk}?ask=tag:forno")
    assert paolo.locator("[data-row]").count() == 1

    # He asks again; this time Maria answers the letter with her mail program.
    paolo.goto(f"{desk}{received.pk}/")
    paolo.locator(".say-fold > summary").click()
    paolo.locator(".say-fold textarea").fill("E il DDT?")
    paolo.locator(".say-fold form button").click()
    paolo.locator("#questions .question").wait_for()
    mail = EmailMessage()
    mail["From"], mail["To"] = "Maria <maria@example.org>", replies.address(world.people["maria"], received)
    mail["Message-ID"] = "<1@example.org>"
    mail.set_content("Vine mâine.\n\nÎn dum., 22 nov. 2026 la 09:12, Studio <a@b.example> a scris:\n> E il DDT?\n")
    assert answers.take(bytes(mail)) == "taken"
    paolo.reload()
    paolo.locator("#conversation .said", has_text="Vine mâine.").wait_for()
    assert paolo.locator("#questions .question").count() == 0
    assert "a scris" not in paolo.locator("#conversation").inner_text()

    # What she said by mistake she takes back.
    maria.goto(f"{desk}{received.pk}/")
    maria.locator(".say textarea").fill("Greșit")
    maria.locator(".say button").click()
    maria.locator("#conversation .said", has_text="Greșit").wait_for()
    maria.locator("#conversation .link-button").last.click()
    maria.locator("#conversation .said", has_text="Greșit").wait_for(state="detached")


def test_commenting_and_tagging_need_no_script(world: World, received: Document, visit: Callable[..., Page]):
    maria = visit("maria", script=False)
    page = f"/c/{received.company.slug}/documents/{received.pk}/"
    maria.goto(page)
    maria.fill(".say textarea", "Paid already, @Paolo.")
    maria.click(".say button")
    assert maria.locator("#conversation .mention").inner_text() == "@Paolo"
    maria.fill(".tag-add [name=add]", "oven, rent")
    maria.click(".tag-add button")
    assert maria.locator("#notes .tag").count() == 2
    maria.locator("#notes .tag-off").first.click()
    assert maria.locator("#notes .tag > a").all_inner_texts() == ["rent"]

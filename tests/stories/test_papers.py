"""Receipts: photographed on a phone, on line and off, and a scan that holds two of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.portal import pictures

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from tests.portal.world import World

    from fatto.portal.documents.models import Document

pytestmark = pytest.mark.story


def photo(name: str, text: str) -> dict[str, object]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": pictures.jpeg(text, size=(900, 1200), turned=True)}


def documents(world: World) -> list[Document]:
    from fatto.portal.documents.models import Document
    from fatto.portal.tenancy.scope import scope

    with scope(world.at_company("maria", "rossi")):
        return list(Document.objects.exclude(booking="excluded").order_by("pk"))


def adding(page: Page, world: World) -> None:
    page.goto(f"/c/{world.companies['rossi'].slug}/")
    page.locator(".bottombar .plus").tap()
    page.locator("#shoot").wait_for(state="attached")


def test_two_photographs_become_one_document_that_is_approved(
    world: World, visit: Callable[..., Page], do_jobs: Callable[[], None]
):
    maria = visit("maria", phone=True, language="it")
    adding(maria, world)
    assert maria.locator("#shoot").get_attribute("capture") == "environment"
    maria.set_input_files("#shoot", [photo("retro.jpg", "retro")])
    maria.set_input_files("#shoot", [photo("fronte.jpg", "fronte")])
    maria.set_input_files("#pick", [photo("storto.jpg", "storto")])
    shots = maria.locator(".shot")
    shots.nth(2).wait_for()
    shots.nth(2).locator("button").last.tap()
    shots.nth(0).locator("button").first.tap()  # the first goes after the second
    assert shots.count() == 2
    maria.locator("[data-send] button").tap()
    maria.wait_for_url(re.compile("/details/"))
    do_jobs()
    maria.fill("[name=party]", "Bar Arena")
    maria.fill("[name=amount]", "9,30")
    maria.select_option("[name=kind]", "receipt")
    maria.locator("main .btn-primary").tap()
    maria.wait_for_url(re.compile("/upload/"))
    [document] = documents(world)
    assert (document.party_name, str(document.amount), document.type_code) == ("Bar Arena", "9.30", "receipt")
    maria.goto(f"/c/{world.companies['rossi'].slug}/documents/{document.pk}/")
    pictures_shown = maria.locator(".page-shot img")
    assert pictures_shown.count() == 2
    assert pictures_shown.first.evaluate("async (each) => { await each.decode(); return each.naturalHeight }") == 900
    originals = maria.locator(".facts a[download]").all_inner_texts()
    assert originals == ["fronte.jpg", "retro.jpg"]
    maria.locator(".viewer-actions .btn-primary").first.tap()
    maria.locator(".undo").wait_for()
    assert documents(world)[0].approval == "approved"


def test_photographs_taken_without_a_connection_wait_and_are_sent_once(
    world: World, visit: Callable[..., Page], do_jobs: Callable[[], None]
):
    maria = visit("maria", phone=True, language="ro")
    adding(maria, world)
    maria.context.set_offline(True)
    for name in ("unu.jpg", "doi.jpg"):
        maria.set_input_files("#shoot", [photo(name, name)])
        maria.locator(".shot").wait_for()
        maria.locator("[data-send] button").tap()
        maria.locator(".shot").wait_for(state="detached")
    waiting = maria.locator("[data-captures] [data-id]")
    waiting.nth(1).wait_for(state="attached")
    assert "(2)" in maria.locator("[data-captures] [data-title]").inner_text()
    assert documents(world) == []

    # One of them she does not need.
    maria.once("dialog", lambda dialog: dialog.accept())
    maria.locator("[data-captures] summary").tap()
    waiting.nth(1).locator("[data-drop-capture]").tap()
    waiting.nth(1).wait_for(state="detached")

    # There is a connection again, but the portal cannot take it yet. Logging out warns, and does nothing when she
    # thinks again.
    maria.route("**/photographs/", lambda route: route.abort("internetdisconnected"))
    maria.context.set_offline(False)
    maria.once("dialog", lambda dialog: dialog.dismiss())
    maria.locator("details[data-menu=person] summary").tap()
    maria.locator("form[action$='/logout/'] button").tap()
    assert waiting.count() == 1

    maria.unroute("**/photographs/")
    maria.reload()
    maria.locator("[data-captures] a").wait_for()
    assert waiting.count() == 0
    assert [each.name for each in documents(world)] == ["unu.jpg"]
    maria.reload()
    maria.wait_for_timeout(500)
    assert len(documents(world)) == 1


def test_what_was_photographed_survives_a_session_that_ended(world: World, visit: Callable[..., Page]):
    maria = visit("maria", phone=True)
    adding(maria, world)
    maria.set_input_files("#shoot", [photo("uno.jpg", "uno")])
    maria.locator(".shot").wait_for()
    maria.context.clear_cookies()
    maria.locator("[data-send] button").tap()
    maria.locator("[data-captures] [data-state] a").tap()
    maria.wait_for_url(re.compile("/login/"))
    from tests.portal.world import PASSWORD

    maria.fill("input[name=login]", world.people["maria"].email)
    maria.fill("input[name=password]", PASSWORD)
    maria.press("input[name=password]", "Enter")
    maria.wait_for_url(re.compile("/upload/"))
    maria.locator("[data-captures] [data-list] > li > a").wait_for()
    assert [each.name for each in documents(world)] == ["uno.jpg"]


def test_a_scan_is_split_merged_again_and_restored(world: World, visit: Callable[..., Page]):
    from fatto.portal.flow import papers

    maria_there = world.at_company("maria", "rossi")
    world.hand_in(maria_there, "bonuri.pdf", pictures.scan("Parcare", "Combustibil"))
    [scan] = documents(world)
    papers.prepare(maria_there.firm, scan.pk)
    maria = visit("maria", language="ro")
    there = f"/c/{world.companies['rossi'].slug}/documents/{scan.pk}/"
    maria.goto(there)
    maria.locator("a[href$='/split/']").first.click()
    maria.locator("[name=cut]").check()
    maria.locator(".cutting-do button").click()
    maria.locator(".paper-step").wait_for()
    parts = documents(world)
    assert [each.name for each in parts] == ["bonuri (1).pdf", "bonuri (2).pdf"]
    for part in parts:
        papers.prepare(maria_there.firm, part.pk)

    maria.locator(".paper-step a").first.click()
    maria.locator("a[href*='/merge/']").click()
    for box in maria.locator(".merging [name=document]").all():
        box.check()
    maria.locator("main form[method=post] .btn-primary").click()
    maria.locator(".paper-step").wait_for()
    assert len(documents(world)) == 1

    maria.locator(".paper-step button").click()
    maria.locator(".paper-step").wait_for()
    assert len(documents(world)) == 2
    maria.locator(".paper-step button").click()
    maria.wait_for_url(re.compile(f"{there}$"))
    assert [each.pk for each in documents(world)] == [scan.pk]

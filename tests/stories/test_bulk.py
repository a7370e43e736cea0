"""Many documents at once: an owner on her desk in Italian, an owner on his phone in Romanian, and without script."""

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


@pytest.fixture
def filed(world: World) -> World:
    """Sixty invoices that wait at Rossi; two of them need a second look."""
    from fatto.portal.documents.models import Document
    from fatto.portal.tenancy.scope import scope

    members = {f"{n}.xml": papers.fatturapa(f"N {n}", day=f"2026-10-{n % 28 + 1:02d}") for n in range(1, 61)}
    world.hand_in(world.at_firm("anna", "bianchi"), "a.zip", papers.zipped(members))
    with scope(world.at_company("maria", "rossi")):
        Document.objects.filter(number__in=["N 5", "N 6"]).update(alerts=["iban"])
    return world


def approved(world: World, who: str = "maria", company: str = "rossi") -> int:
    from fatto.portal.documents.models import Document
    from fatto.portal.tenancy.scope import scope

    with scope(world.at_company(who, company)):
        return Document.objects.filter(approval="approved").count()


def test_the_owner_chooses_the_whole_list_approves_looks_at_what_was_left_out_and_takes_it_back(
    filed: World, visit: Callable[..., Page], do_jobs: Callable[[], None]
):
    maria = visit("maria", language="it")
    here = f"/c/{filed.companies['rossi'].slug}/documents/"
    maria.goto(f"{here}?view=to-approve")
    bar = maria.locator("[data-bulk]")
    assert not bar.is_visible(), "the bar comes with the first tick"

    # With keys: the third row, then all from there to the fifth.
    for key in ("j", "j", "j", "x", "j", "j", "Shift+x"):
        maria.keyboard.press(key)
    bar.wait_for()
    assert maria.locator("[data-bulk-count]").inner_text() == "3"

    # One press chooses the whole list; its number is exact.
    whole = maria.locator("[data-bulk-whole]")
    whole.wait_for()
    assert whole.get_attribute("data-bulk-whole") == "60"
    whole.check()
    assert maria.locator("[data-bulk-count]").inner_text() == "50"

    bar.locator("button[value=approve]").click()
    maria.wait_for_url(re.compile(r"/bulk/\d+/"))
    text = maria.locator("#batch").inner_text()
    assert "58" in text
    assert "2" in text
    assert maria.locator(".batch-list .tray-item").count() == 2
    maria.locator("#batch form button.btn-primary").click()

    # In the background, with its progress in the corner.
    maria.wait_for_url(re.compile(r"view=to-approve"))
    maria.locator("[data-tray] progress").wait_for()
    do_jobs()
    undo = maria.locator(".undo-many")
    undo.wait_for()
    assert "58" in undo.inner_text()
    assert approved(filed) == 58

    # What was left out, with the reason, linked.
    undo.locator("a").click()
    maria.wait_for_url(re.compile(r"outcome=skipped"))
    report = maria.url
    assert maria.locator(".batch-list a[href*='/documents/']").count() == 2

    # Later, from the report: all of it is taken back.
    maria.locator("form button[data-key=u]").click()
    maria.locator("#batch progress, [data-tray] progress").first.wait_for()
    do_jobs()
    maria.goto(report.split("?")[0])
    assert approved(filed) == 0
    assert "58" in maria.locator(".bulk-parts").inner_text()


def test_an_owner_ticks_two_cards_on_his_phone(world: World, visit: Callable[..., Page]):
    ioana = world.at_firm("ioana", "dunarea")
    members = {f"{n}.xml": papers.ubl(f"F-{n}") for n in range(1, 5)}
    world.hand_in(ioana, "a.zip", papers.zipped(members))
    mihai = visit("mihai", phone=True, language="ro")
    mihai.goto(f"/c/{world.companies['brutaria'].slug}/approve/")
    boxes = mihai.locator("label.tick-cell")
    box = boxes.first.bounding_box()
    assert box
    assert box["width"] >= 44
    assert box["height"] >= 44
    boxes.nth(0).tap()
    boxes.nth(1).tap()
    assert mihai.locator("[data-bulk-count]").inner_text() == "2"
    mihai.locator("[data-bulk] button[value=approve]").tap()
    mihai.locator("#batch form button.btn-primary").tap()
    undo = mihai.locator(".undo-many")
    undo.wait_for()
    assert approved(world, "mihai", "brutaria") == 2
    undo.locator("button").tap()
    mihai.wait_for_load_state()
    mihai.locator("label.tick-cell").nth(3).wait_for()
    assert approved(world, "mihai", "brutaria") == 0
    wide = mihai.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, "nothing runs over the edge"


def test_choosing_and_doing_need_no_script(filed: World, visit: Callable[..., Page]):
    maria = visit("maria", script=False)
    maria.goto(f"/c/{filed.companies['rossi'].slug}/documents/?view=to-approve")
    maria.locator("input[name=document]").nth(0).check()
    maria.locator("input[name=document]").nth(1).check()
    maria.locator("[data-bulk] button[value=approve]").click()
    maria.locator("#batch form button.btn-primary").click()
    maria.locator(".undo-many").wait_for()
    assert approved(filed) == 2


def test_the_next_document_is_there_before_it_is_asked_for(filed: World, visit: Callable[..., Page]):
    maria = visit("maria")
    here = f"/c/{filed.companies['rossi'].slug}/documents/"
    maria.goto(f"{here}?view=to-approve")
    with maria.expect_response(lambda answer: "x-prefetch" in answer.request.headers) as fetched:
        maria.keyboard.press("j")
    url = fetched.value.url
    asked: list[str] = []
    # That it was shown is told to the server, so that it counts as read; that is not fetching it again.
    maria.on("request", lambda request: "x-shown" in request.headers or asked.append(request.url))
    maria.wait_for_timeout(300)
    maria.keyboard.press("j")
    maria.wait_for_function("url => location.href === url", arg=url)
    shown = maria.locator('[data-row][aria-current="true"] .row-number').inner_text().strip()
    maria.locator(".viewer-title", has_text=shown).wait_for()
    assert url not in asked, "it was not fetched again"
    # A decision leads on to the next one at once, and the first is gone from those that wait.
    maria.keyboard.press("a")
    maria.locator(".undo").wait_for()
    assert maria.locator(".viewer-title", has_text=shown).count() == 0
    assert approved(filed) == 1


def test_the_list_of_keys_names_those_that_work(filed: World, visit: Callable[..., Page]):
    maria = visit("maria")
    here = f"/c/{filed.companies['rossi'].slug}/"

    def keys() -> list[str]:
        maria.keyboard.press("?")
        lines = maria.locator("#keys [data-help]:not([hidden]) dt").all_inner_texts()
        maria.keyboard.press("Escape")
        return [" ".join(line.split()) for line in lines]

    maria.goto(here)
    assert "a" not in keys()
    maria.goto(f"{here}documents/?view=to-approve")
    assert "x" in keys()
    assert "a" not in keys()
    maria.keyboard.press("j")
    maria.locator(".viewer button[data-key=a]").wait_for()
    found = keys()
    assert {"j k", "Enter o", "x", "Shift x", "a", "d", "v", "/", "+", "?", "g t", "g i", "g c"} <= set(found)
    assert "e" not in found, "she does not book"

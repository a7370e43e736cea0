"""What the authority would say, before anything is sent: at a desk in Italian, on a phone in Romanian."""

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

MINE = {"seller": "Brutăria Dunării SRL", "seller_id": "RO12345674", "buyer": "Cofetăria Mică SRL"}


def issued() -> list[dict[str, object]]:
    """A right invoice, one with a warning, one that adds up wrong."""
    made = {
        "V-1.xml": papers.ubl("V-1", **MINE, buyer_id="RO14399840"),
        "V-2.xml": papers.says_too_much(papers.ubl("V-2", **MINE, buyer_id="RO14399840")),
        "V-3.xml": papers.adds_up_wrong(papers.ubl("V-3", **MINE, buyer_id="RO14399840")),
    }
    return [{"name": name, "mimeType": "text/xml", "buffer": data} for name, data in made.items()]


def test_three_issued_invoices_are_judged_and_the_red_one_says_what_to_mend(
    world: World, visit: Callable[..., Page], do_jobs: Callable[[], None]
):
    mihai = visit("mihai", language="it")
    slug = world.companies["brutaria"].slug
    mihai.goto(f"/c/{slug}/upload/")
    mihai.set_input_files("#files", issued())  # chosen is handed in
    mihai.wait_for_url(re.compile(r"/upload/[0-9a-f-]{36}/"))
    do_jobs()
    table = mihai.locator("table.judged tbody tr")
    table.first.wait_for()
    assert [table.nth(n).locator("td").first.inner_text() for n in range(3)] == ["V-3", "V-2", "V-1"]
    for n, tone in enumerate(("action", "waiting", "done")):
        assert table.nth(n).locator(f".chip-{tone}").is_visible(), tone

    # Those with errors alone; then the red one: the message stands beside the amounts it speaks of.
    mihai.locator("section[aria-labelledby=issued] a.chip-action").click()
    mihai.wait_for_url(re.compile("verdict=failed"))
    assert table.count() == 1
    table.first.locator("a").first.click()
    mihai.wait_for_url(re.compile(r"/documents/\d+/"))
    finding = mihai.locator("#finding-1")
    finding.wait_for()
    assert "90,00" in finding.inner_text()
    assert finding.locator(".finding-fix").is_visible()
    assert not finding.locator("code").is_visible(), "the official code's place is folded"
    finding.locator("summary").click()
    assert "BR-CO-10" in finding.inner_text()

    # In the XML the line is marked, and leads back.
    finding.locator("a").click()
    mihai.wait_for_url(re.compile("tab=xml#at-1"))
    note = mihai.locator(".xml-note").first
    assert note.is_visible()
    assert mihai.locator("mark.xml-mark-action").count() >= 1
    note.click()
    assert mihai.url.endswith("#finding-1")

    # Lists find it by name.
    mihai.goto(f"/c/{slug}/documents/?ask=is:non-valida")
    assert mihai.locator("a.row").count() == 1


def test_on_the_phone_a_received_invoice_with_errors_informs_and_is_approved(world: World, visit: Callable[..., Page]):
    world.hand_in(world.at_company("mihai", "brutaria"), "F.xml", papers.adds_up_wrong(papers.ubl("F-9")))
    mihai = visit("mihai", phone=True, language="ro")
    slug = world.companies["brutaria"].slug
    mihai.goto(f"/c/{slug}/documents/")
    mihai.locator("a.row").click()
    mihai.wait_for_url(re.compile(r"/documents/\d+/"))
    verdict = mihai.locator(".verdict")
    verdict.wait_for()
    assert "CIUS-RO" in verdict.inner_text()
    verdict.locator("details summary").click()
    assert "R6.1" in verdict.inner_text()
    wide = mihai.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, "nothing is wider than the phone"
    mihai.locator(".viewer-actions button.btn-primary").first.click()
    mihai.locator("#undo .undo").wait_for()

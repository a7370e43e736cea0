"""An accountant searches in her own language, keeps the search under a name, and takes the list along."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.portal import papers

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from tests.portal.world import World

pytestmark = pytest.mark.story


@pytest.fixture
def filed(world: World) -> World:
    """Three invoices of energy and one of water at Rossi."""
    members = {
        "1.xml": papers.fatturapa("501", net="2000.00", day="2026-09-03"),
        "2.xml": papers.fatturapa("502", net="100.00", day="2026-10-03"),
        "3.xml": papers.fatturapa("503", net="1500.00", day="2026-11-03"),
        "4.xml": papers.fatturapa("W-9", net="3000.00", seller="Acqua Chiara S.r.l.", seller_id="02345678901"),
    }
    world.hand_in(world.at_firm("anna", "bianchi"), "a.zip", papers.zipped(members))
    return world


def numbers(page: Page) -> list[str]:
    return [text.split()[-1] for text in page.locator(".row-number").all_inner_texts()]


def test_she_searches_in_italian_removes_a_chip_saves_the_view_and_exports_it(filed: World, visit: Callable[..., Page]):
    anna = visit("anna", language="it")
    company = f"/c/{filed.companies['rossi'].slug}"
    anna.goto(f"{company}/documents/")

    # While she types, the box offers how to go on; arrows and Enter take it.
    box = anna.locator("[data-ask]")
    box.press_sequentially("forn")
    anna.locator("[role=option]", has_text="fornitore:").wait_for()
    box.press("ArrowDown")
    box.press("Enter")
    assert box.input_value() == "fornitore:"
    box.press_sequentially("ener")
    anna.locator("[role=option]", has_text="Energia Esempio S.p.A.").wait_for()
    box.press("Escape")
    anna.locator("#ask-list").wait_for(state="hidden")
    assert box.input_value() == "fornitore:ener", "Escape closes the list and keeps what was typed"

    box.fill("fornitore:energia importo:>1000")
    box.press("Enter")
    anna.locator(".filter-chip").first.wait_for()
    assert numbers(anna) == ["503", "501"]
    assert anna.locator(".filter-chip").count() == 2

    # Without the first chip, water is there as well.
    anna.locator(".filter-chip").first.click()
    anna.locator("text=W-9").first.wait_for()
    assert numbers(anna) == ["503", "W-9", "501"]
    assert box.input_value() == "importo:>1000"

    # She saves the list; it stands among the views, and leads back to the same rows.
    anna.locator(".list-menu > summary").click()
    anna.fill("#view-name", "Sopra mille")
    anna.locator(".list-save [name=shared]").check()
    anna.locator(".list-save:has([name=query]) button").click()
    tab = anna.locator(".tabs a", has_text="Sopra mille")
    tab.wait_for()
    assert tab.get_attribute("aria-current") == "page"

    # Maria, on her phone and in Romanian, finds the shared view and reads it in her language.
    maria = visit("maria", phone=True, language="ro")
    maria.goto(f"{company}/documents/")
    maria.locator(".tabs a", has_text="Sopra mille").click()
    maria.locator(".filter-chip").first.wait_for()
    assert maria.locator("[data-ask]").input_value() == "sumă:>1000"
    assert numbers(maria) == ["503", "W-9", "501"]

    # Anna takes the list along: it opens in her spreadsheet program.
    anna.locator(".list-menu > summary").click()
    with anna.expect_download() as download:
        anna.locator("a[href*='list.csv']").click()
    table = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert [row["Numero"] for row in csv.DictReader(io.StringIO(table), delimiter=";")] == ["503", "W-9", "501"]
    assert "1830,00" in table


def test_searching_and_saving_need_no_script(filed: World, visit: Callable[..., Page]):
    maria = visit("maria", script=False)
    maria.goto(f"/c/{filed.companies['rossi'].slug}/documents/")
    maria.fill("[data-ask]", "supplier:energia -nr:502 colour:red")
    maria.press("[data-ask]", "Enter")
    maria.locator(".filter-chip-odd").click()
    maria.locator("text=501").first.wait_for()
    assert numbers(maria) == ["503", "501"]
    maria.locator(".list-menu > summary").click()
    maria.fill("#view-name", "Energy")
    maria.click(".list-save:has([name=query]) button")
    maria.locator(".tabs a[aria-current]", has_text="Energy").wait_for()

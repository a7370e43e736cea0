"""A received invoice goes the whole way: the firm brings it in, the company decides, the firm books, both keep it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.portal import papers

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from tests.portal.world import World

pytestmark = pytest.mark.story


def zipped(folder: Path) -> Path:
    archive = folder / "ottobre.zip"
    archive.write_bytes(
        papers.zipped(
            {
                "IT01234567897_1.xml": papers.fatturapa("101/A", net="1000.00"),
                "IT01234567897_2.xml": papers.fatturapa("102/A", net="250.00", text="Fornitura doppia"),
                "leggimi.txt": b"buongiorno",
            }
        )
    )
    return archive


def test_the_accountant_brings_in_a_zip_the_owner_decides_on_the_phone_and_both_find_it_in_the_archive(
    world: World, visit: Callable[..., Page], do_jobs: Callable[[], None], tmp_path: Path
):
    # Anna, at her desk, hands in a ZIP for Panificio Rossi.
    anna = visit("anna", language="it")
    anna.goto(f"/c/{world.companies['rossi'].slug}/upload/")
    anna.set_input_files("input[name=files]", zipped(tmp_path))
    anna.wait_for_url(re.compile("/upload/.+"))
    do_jobs()
    anna.locator("#batch .tally").first.wait_for()
    assert anna.locator(".tally").count() == 2, "two accepted, one that cannot be read"
    anna.locator("text=leggimi.txt").wait_for()

    # Maria, on her phone, is told of two documents. She approves one with one tap …
    maria = visit("maria", phone=True, language="it")
    maria.click("nav a[href$='/approve/'] >> visible=true")
    cards = maria.locator(".card.decide")
    assert cards.count() == 2
    first = maria.locator(".card.decide", has_text="101/A")
    assert "1.220,00" in first.inner_text()
    first.locator("form[action$='/approve/'] button").click()
    maria.locator(".undo").wait_for()
    assert cards.count() == 1
    # … and disputes the other, saying why.
    cards.locator("summary").click()
    cards.locator("[name=reason][value=wrong_amount]").check()
    cards.locator("textarea").fill("Ordinati 150, fatturati 250")
    cards.locator("form[action$='/dispute/'] button.btn").last.click()
    maria.locator(".empty").wait_for()

    # Anna books what was approved; what is disputed is not offered.
    anna.goto(f"/f/{world.firms['bianchi'].slug}/booking/")
    assert anna.locator("text=102/A").count() == 0
    anna.locator("input[type=checkbox][name]").first.check()
    anna.locator("form button.btn-primary").last.click()
    anna.wait_for_load_state()

    # Both find it in the archive, with the original as it came.
    for page in (anna, maria):
        page.goto(f"/c/{world.companies['rossi'].slug}/archive/2026/10/received/")
        page.locator("text=101-A").first.wait_for()
        assert page.locator("text=102-A").count() == 0
    anna.goto(f"/c/{world.companies['rossi'].slug}/archive/2026/")
    with anna.expect_download() as download:
        anna.locator("a[href*='/zip/']").first.click()
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as archive:
        names = archive.namelist()
        original = next(name for name in names if name.endswith("IT01234567897_1.xml"))
        assert archive.read(original) == papers.fatturapa("101/A", net="1000.00")
        assert any(name.endswith("approval-sheet.pdf") for name in names)


def test_under_a_hard_gate_the_firm_sees_a_number_and_nothing_else(
    world: World, visit: Callable[..., Page], do_jobs: Callable[[], None], tmp_path: Path
):
    invoice = tmp_path / "factura.xml"
    invoice.write_bytes(papers.ubl("F-900"))
    mihai = visit("mihai", phone=True, language="ro")
    brutaria = world.companies["brutaria"]
    mihai.goto(f"/c/{brutaria.slug}/upload/")
    mihai.set_input_files("input[name=files]", invoice)
    mihai.wait_for_url(re.compile("/upload/.+"))
    do_jobs()

    ioana = visit("ioana", language="ro")
    ioana.goto(f"/f/{world.firms['dunarea'].slug}/documents/")
    assert "F-900" not in ioana.content()
    ioana.goto(f"/f/{world.firms['dunarea'].slug}/")
    assert "F-900" not in ioana.content()
    ioana.locator("text=Brutăria Dunării SRL").first.wait_for()

    mihai.goto(f"/c/{brutaria.slug}/approve/")
    mihai.locator("form[action$='/approve/'] button").click()
    mihai.locator(".undo").wait_for()
    ioana.goto(f"/f/{world.firms['dunarea'].slug}/documents/")
    ioana.locator("text=F-900").first.wait_for()


def test_reading_and_deciding_need_no_script(world: World, visit: Callable[..., Page]):
    world.hand_in(world.at_firm("anna", "bianchi"), "a.xml", papers.fatturapa("77/B"))
    maria = visit("maria", script=False)
    maria.goto(f"/c/{world.companies['rossi'].slug}/documents/")
    maria.click("a.row")
    maria.wait_for_url("**/documents/*/**")
    assert maria.locator("article.sheet").inner_text().count("77/B") >= 1
    maria.locator("form[action$='/approve/'] button").first.click()
    maria.wait_for_load_state()
    assert world.document(world.at_company("maria", "rossi")).approval == "approved"


def test_the_keyboard_walks_the_list_and_approves(world: World, visit: Callable[..., Page]):
    members = {f"{n}.xml": papers.fatturapa(f"K-{n}", day=f"2026-10-0{n}") for n in (1, 2, 3)}
    world.hand_in(world.at_firm("anna", "bianchi"), "a.zip", papers.zipped(members))
    maria = visit("maria")
    maria.goto(f"/c/{world.companies['rossi'].slug}/documents/")
    maria.keyboard.press("j")
    maria.keyboard.press("Enter")
    maria.locator("article.sheet").wait_for()
    maria.keyboard.press("a")
    maria.locator(".undo").wait_for()
    who = world.at_company("maria", "rossi")
    assert world.document(who, approval="approved").number.startswith("K-")

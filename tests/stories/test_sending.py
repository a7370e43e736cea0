"""Sending: an invoice fails, is corrected and sent again, on a desk; and one is sent from a phone. Both in Romanian."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.portal import papers

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from tests.portal.world import World

pytestmark = pytest.mark.story


@pytest.fixture
def post(world: World) -> Iterator[Any]:
    from tests.portal.exchange.posting import posting

    judge = lambda data: ["E: validari globale\n eroare: [BR-RO-110]-textul oficial"] if b"Vechi" in data else []  # noqa: E731
    with posting(world, judge=judge) as there:
        yield there


def attempt(post: Any, document: Any, number: int) -> Any:
    from fatto.portal.exchange.models import Transmission
    from fatto.portal.tenancy.scope import scope

    with scope(post.owner):
        return Transmission.objects.get(document=document, attempt=number)


def issued(post: Any, number: str, text: str) -> bytes:
    day = post.now.date().isoformat()
    return papers.ubl(
        number, seller="Brutăria Dunării SRL", seller_id="RO12345674", buyer="Furnizor Test SRL",
        buyer_id="RO14399840", day=day, due="2030-01-01", text=text,
    )  # fmt: skip


def test_a_failed_invoice_is_corrected_and_sent_again(
    world: World, post: Any, visit: Callable[..., Page], do_jobs: Callable[[], None], tmp_path: Path
):
    document = post.issue("BD-7", text="Vechi")
    mihai = visit("mihai", language="ro")
    here = f"/c/{world.companies['brutaria'].slug}/"

    # He sends it; the question says what it means.
    mihai.goto(f"{here}documents/{document.pk}/")
    mihai.locator(f"a[href*='documents/{document.pk}/send/']").click()
    mihai.get_by_text("Furnizor Test SRL").first.wait_for()
    mihai.locator("main form button.btn-primary").click()
    mihai.wait_for_url(re.compile(rf"documents/{document.pk}/$"))
    assert post.again(document).transmission == "waiting"

    # While he looks on, the authority says no: the page says so by itself.
    post.to_the_end(attempt(post, document, 1))
    mihai.locator(".complaints").get_by_text("textul oficial").wait_for(state="attached", timeout=20_000)
    mihai.screenshot(path=str(tmp_path / "failed.png"))

    # At home it is the first thing to do.
    mihai.goto(here)
    mihai.locator(".todo .btn-primary").first.click()
    mihai.wait_for_url(re.compile(rf"documents/{document.pk}/"))

    # The corrected file takes its place, and is sent as the second attempt.
    mihai.locator(".sentence a.btn-primary[href$='/upload/']").click()
    corrected = tmp_path / "BD-7.xml"
    corrected.write_bytes(issued(post, "BD-7", "Nou"))
    mihai.set_input_files("#files", str(corrected))
    mihai.wait_for_load_state("networkidle")
    do_jobs()
    mihai.goto(f"{here}documents/{document.pk}/")
    mihai.locator(f"a[href*='documents/{document.pk}/send/']").click()
    mihai.locator("main form button.btn-primary").click()
    mihai.wait_for_url(re.compile(rf"documents/{document.pk}/$"))
    post.to_the_end(attempt(post, document, 2))
    mihai.reload()
    assert mihai.locator(".attempt").count() == 2
    assert post.again(document).transmission == "delivered"
    assert [each.state for each in post.anaf.uploads()] == ["nok", "ok"]
    mihai.screenshot(path=str(tmp_path / "delivered.png"))


def test_on_the_phone_one_question_stands_before_sending(
    world: World, post: Any, visit: Callable[..., Page], tmp_path: Path
):
    document = post.issue("BD-8")
    mihai = visit("mihai", phone=True, language="ro")
    mihai.goto(f"/c/{world.companies['brutaria'].slug}/documents/{document.pk}/")
    mihai.screenshot(path=str(tmp_path / "phone-document.png"))
    mihai.locator(f"a[href*='documents/{document.pk}/send/']").click()
    mihai.get_by_text("BD-8").first.wait_for()
    assert mihai.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    mihai.screenshot(path=str(tmp_path / "phone-send.png"))
    mihai.locator("main form button.btn-primary").click()
    mihai.wait_for_url(re.compile(rf"documents/{document.pk}/$"))
    assert post.again(document).transmission == "waiting"

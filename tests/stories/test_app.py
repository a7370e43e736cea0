"""The portal as an app: installed, read without a network by nobody else, decided on with the thumb."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.portal import papers, pictures

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page
    from tests.portal.world import World

pytestmark = pytest.mark.story


def with_worker(page: Page) -> None:
    """Wait until the worker is at work, and begin again with it."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    until(page, "navigator.serviceWorker.controller !== null")


def until(page: Page, condition: str) -> None:
    """Wait for something that only the page's own script can see; pages let nobody else evaluate text."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    raise AssertionError(condition)


def kept(page: Page) -> list[str]:
    """The addresses of everything that the browser keeps for reading without a network."""
    script = """async () => {
        const found = [];
        for (const name of await caches.keys()) if (/^fatto-(read|pane)-/.test(name))
            for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname);
        return found;
    }"""
    found: list[str] = page.evaluate(script)
    return found


def until_kept(page: Page, path: str) -> None:
    for _ in range(50):
        if path in kept(page):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{path} is not kept: {kept(page)}")


def swipe(page: Page, card: Locator, by: int) -> None:
    """A finger on the card, moved sideways."""
    card.scroll_into_view_if_needed()
    box = card.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 30
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for part in range(1, 9):
        point = {"x": x + by * part / 8, "y": y}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize("language", ["it", "ro"])
def test_a_document_that_was_opened_is_read_without_a_network_and_gone_after_logout(
    world: World, visit: Callable[..., Page], language: str
):
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "a.xml", papers.fatturapa("OFF-1"))
    world.hand_in(anna, "b.xml", papers.fatturapa("OFF-2", day="2026-10-03"))
    rossi = world.companies["rossi"]
    maria = visit("maria", phone=True, language=language)
    with_worker(maria)
    first, second = (world.document(anna, number=number) for number in ("OFF-1", "OFF-2"))
    read = f"/c/{rossi.slug}/documents/{first.pk}/"
    maria.goto(read)
    until_kept(maria, read)

    # In the tunnel: the document is there, says of when, and its buttons are off.
    maria.context.set_offline(True)
    maria.goto(read)
    assert "OFF-1" in maria.locator("article.sheet").inner_text()
    assert maria.locator("#offline").is_visible()
    assert maria.locator("form[action$='/approve/'] button").first.is_disabled()
    # What was not opened is not there, and it is said what is.
    maria.goto(f"/c/{rossi.slug}/documents/{second.pk}/")
    assert "OFF-2" not in maria.content()
    maria.locator(f".opened a[href='{read}']").click()
    maria.locator("article.sheet").wait_for()

    # Back in the light, what is shown is the present again.
    maria.context.set_offline(False)
    maria.locator("#offline").wait_for(state="hidden")
    assert maria.locator("form[action$='/approve/'] button").first.is_enabled()

    # After logging out, nothing is left on the phone.
    maria.goto("/accounts/logout/")
    maria.locator("main form button").first.click()
    maria.wait_for_url("**/accounts/login/**")
    assert kept(maria) == []
    maria.context.set_offline(True)
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        maria.goto(read)


def test_a_page_for_photographs_that_was_opened_once_takes_them_in_a_tunnel(world: World, visit: Callable[..., Page]):
    maria = visit("maria", phone=True, language="it")
    with_worker(maria)
    there = f"/c/{world.companies['rossi'].slug}/upload/"
    maria.goto(there)
    until_kept(maria, there)
    maria.context.set_offline(True)
    maria.goto(f"/c/{world.companies['rossi'].slug}/archive/")
    maria.goto(there)
    assert maria.locator("#offline").is_visible()
    picture = {"name": "bar.jpg", "mimeType": "image/jpeg", "buffer": pictures.jpeg("Bar")}
    maria.set_input_files("#shoot", [picture])
    maria.locator(".shot").wait_for()
    maria.locator("[data-send] button").tap()
    maria.locator("[data-captures] [data-id]").wait_for(state="attached")


def test_the_next_person_on_the_same_device_sees_nothing_of_the_one_before(world: World, visit: Callable[..., Page]):
    """Without a logout: the first session ends by itself, and another person logs in."""
    from tests.portal.world import PASSWORD

    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "a.xml", papers.fatturapa("OFF-1"))
    read = f"/c/{world.companies['rossi'].slug}/documents/{world.document(anna).pk}/"
    page = visit("maria", phone=True)
    with_worker(page)
    page.goto(read)
    until_kept(page, read)
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    until(page, "caches.keys().then((all) => !all.some((name) => name.startsWith('fatto-read-')))")
    page.fill("input[name=login]", world.people["luca"].email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/c/**")
    assert kept(page) == []
    page.context.set_offline(True)
    page.goto(read)
    assert "OFF-1" not in page.content()
    assert page.locator("article.sheet").count() == 0
    page.context.set_offline(False)


def test_a_document_opened_beside_the_list_is_kept_too(world: World, visit: Callable[..., Page]):
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "a.xml", papers.fatturapa("OFF-1"))
    rossi = world.companies["rossi"]
    maria = visit("maria")
    with_worker(maria)
    maria.goto(f"/c/{rossi.slug}/documents/")
    maria.locator("a.row").first.click()
    maria.locator("article.sheet").wait_for()
    read = f"/c/{rossi.slug}/documents/{world.document(anna).pk}/"
    until_kept(maria, read)
    maria.context.set_offline(True)
    maria.goto(read)
    assert "OFF-1" in maria.locator("article.sheet").inner_text()
    assert maria.locator("form[action$='/approve/'] button").first.is_disabled()
    maria.context.set_offline(False)


def test_it_can_be_installed_under_the_firms_name(world: World, visit: Callable[..., Page]):
    maria = visit("maria", phone=True)
    with_worker(maria)
    maria.reload()
    cdp = maria.context.new_cdp_session(maria)
    errors: dict[str, Any] = cdp.send("Page.getInstallabilityErrors")
    # Contexts of tests are private windows, in which Chromium installs nothing; it has nothing else against it.
    assert [each["errorId"] for each in errors["installabilityErrors"]] in ([], ["in-incognito"])
    manifest: dict[str, Any] = cdp.send("Page.getAppManifest")
    assert manifest["errors"] == []
    said = json.loads(manifest["data"])
    assert said["name"] == "Studio Bianchi"
    assert {icon["sizes"] for icon in said["icons"]} == {"192x192", "512x512"}
    assert said["display"] == "standalone"


def test_swiping_approves_and_disputes_and_is_undone(world: World, visit: Callable[..., Page]):
    anna = world.at_firm("anna", "bianchi")
    for n in (1, 2):
        world.hand_in(anna, f"{n}.xml", papers.fatturapa(f"SW-{n}", day=f"2026-10-0{n}"))
    maria = visit("maria", phone=True, language="it")
    maria.goto(f"/c/{world.companies['rossi'].slug}/approve/")
    cards = maria.locator(".card.decide")
    # A short move is none.
    swipe(maria, cards.first, 60)
    assert cards.count() == 2
    swipe(maria, maria.locator(".card.decide", has_text="SW-1"), 200)
    maria.locator(".undo").wait_for()
    assert cards.count() == 1
    owner = world.at_company("maria", "rossi")
    assert world.document(owner, number="SW-1").approval == "approved"
    maria.locator(".undo button").click()
    expect(cards).to_have_count(2)
    assert world.document(owner, number="SW-1").approval == "to_approve"
    # To the left, the reasons open; nothing is decided by that.
    card = maria.locator(".card.decide", has_text="SW-2")
    swipe(maria, card, -200)
    card.locator("[name=reason][value=duplicate]").check()
    assert world.document(owner, number="SW-2").approval == "to_approve"
    card.locator("form[action$='/dispute/'] button").click()
    expect(cards).to_have_count(1)
    swipe(maria, cards.first, 200)
    end = maria.locator(".done-card")
    end.wait_for()
    assert [word for word in end.inner_text().split() if word.isdigit()] == ["1", "1"], "one approved, one disputed"


def test_a_card_that_wants_a_second_look_does_not_move(world: World, visit: Callable[..., Page]):
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "a.xml", papers.fatturapa("AL-1"))
    new = papers.fatturapa("AL-2").replace(b"IT60X0542811101000000123456", b"IT02L1234512345123456789012")
    world.hand_in(anna, "b.xml", new)
    maria = visit("maria", phone=True, language="ro")
    maria.goto(f"/c/{world.companies['rossi'].slug}/approve/")
    card = maria.locator(".card.decide", has_text="AL-2")
    swipe(maria, card, 250)
    maria.wait_for_timeout(500)
    assert world.document(anna, number="AL-2").approval == "to_approve"
    # The card says what is odd, once; it asks for one explicit tick, and says the same when the tick is missing.
    assert "IT60" in card.locator(".card-alert").inner_text()
    assert card.locator(".alert").count() == 0
    yes = card.locator("form[action$='/approve/'] button")
    yes.tap()
    assert card.locator("input[name=confirmed]:invalid").count() == 1
    card.locator("input[name=confirmed]").check()
    yes.tap()
    maria.locator(".undo").wait_for()
    assert world.document(anna, number="AL-2").approval == "approved"

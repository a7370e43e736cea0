"""From notice to approved on the phone in three taps; and how a person chooses to be told, at the desk."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.core import mail
from tests.portal import papers

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from tests.portal.world import World

pytestmark = pytest.mark.story
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


def post_what_waits() -> None:
    """The next morning comes."""
    from fatto.portal.notifications import posting
    from fatto.portal.notifications.models import Post

    for post in Post.objects.filter(state="waiting").order_by("pk"):
        posting.send(post.pk, at=post.due_at)


def test_a_mail_is_opened_on_the_phone_and_two_more_taps_approve(
    world: World,
    visit: Callable[..., Page],
    browser: Browser,
    live_server: object,
    do_jobs: Callable[[], None],
    settings: object,
):
    settings.URL = live_server.url  # type: ignore[attr-defined]
    maria = world.people["maria"]
    maria.language = "it"
    maria.save(update_fields=["language"])
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "a.xml", papers.fatturapa("101/A", net="1000.00"))
    do_jobs()
    assert mail.outbox == [], "nothing before the morning"
    post_what_waits()
    (letter,) = mail.outbox

    # First tap: Maria opens the mail. She is not logged in on this phone.
    context = browser.new_context(**PHONE, locale="it")
    phone = context.new_page()
    troubles: list[str] = []
    phone.on("pageerror", lambda error: troubles.append(str(error)))
    phone.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    phone.set_content(str(letter.alternatives[0].content))
    assert "1.220,00" in phone.inner_text("body")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # Second tap: the button of the mail. The page shows what it is about, in her language.
    phone.locator("a[href*='/n/']").first.tap()
    phone.wait_for_url(re.compile("/n/"))
    assert phone.locator("html").get_attribute("lang") == "it"
    assert "1.220,00" in phone.inner_text("main")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # Whoever looks at the address decides nothing by it.
    link = phone.url
    assert world.document(anna).approval == "to_approve"
    # Third tap: approved.
    phone.locator("main form .btn-primary").first.tap()
    phone.locator("h1").wait_for()
    phone.wait_for_load_state()
    assert world.document(anna).approval == "approved"
    # The link is spent.
    phone.goto(link)
    assert phone.locator("main form .btn-primary").count() == 0
    assert [each for each in troubles if "410" not in each] == []
    context.close()


def test_the_owner_chooses_at_the_desk_and_the_bell_tells(
    world: World,
    visit: Callable[..., Page],
    live_server: object,
    do_jobs: Callable[[], None],
    settings: object,
):
    settings.URL = live_server.url  # type: ignore[attr-defined]
    mihai = visit("mihai", language="ro")
    mihai.goto("/me/")
    mihai.click("main a[href$='/me/notices/settings/']")
    # He wants a mail at once for what waits for his approval, and never at night.
    mihai.select_option("select[name=to-approve-mail]", "now")
    mihai.fill("input[name=quiet_from]", "22:30")
    mihai.click("main form.stack > div > .btn-primary")
    mihai.locator(".alert, #notices .notice, #notices > *").first.wait_for()
    assert mihai.locator("select[name=to-approve-mail]").input_value() == "now"
    assert mihai.locator("input[name=quiet_from]").input_value() == "22:30"
    # Two invoices come in; he is told of both in one mail, and the bell counts one notice.
    ioana = world.at_firm("ioana", "dunarea")
    world.hand_in(ioana, "a.zip", papers.zipped({"a.xml": papers.ubl("RO 1"), "b.xml": papers.ubl("RO 2")}))
    do_jobs()
    post_what_waits()
    (letter,) = [each for each in mail.outbox if "mihai@" in each.to[0]]
    assert letter.subject.startswith("2 ")
    mihai.goto(f"/c/{world.companies['brutaria'].slug}/")
    assert mihai.locator(".bell .badge").inner_text().startswith("1")
    mihai.click(".bell")
    mihai.locator(".told-new").wait_for()
    mihai.click(".told-new button")
    mihai.wait_for_url(re.compile("/approve/"))
    assert mihai.locator(".card.decide").count() == 2
    assert mihai.locator(".bell .badge").count() == 0


def test_the_service_workers_part_shows_a_push(world: World, visit: Callable[..., Page], live_server: object):
    page = visit("maria", language="it")
    page.context.grant_permissions(["notifications"], origin=live_server.url)  # type: ignore[attr-defined]
    page.goto("/me/notices/")
    devtools = page.context.new_cdp_session(page)
    found: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(each["registrationId"] for each in event["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    page.evaluate(
        """async () => {
            const made = await navigator.serviceWorker.register("/static/fatto/worker-push.js");
            const worker = made.installing || made.waiting || made.active;
            if (worker.state !== "activated")
                await new Promise((done) =>
                    worker.addEventListener("statechange", () => worker.state === "activated" && done()));
        }"""
    )
    said = {
        "title": "Fatto",
        "body": "1 documento da approvare",
        "url": "https://elsewhere.example/",
        "tag": "notice-1",
    }
    devtools.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": live_server.url, "registrationId": found[-1], "data": json.dumps(said)},  # type: ignore[attr-defined]
    )
    page.wait_for_function(
        """async () => {
            const made = await navigator.serviceWorker.getRegistration("/static/fatto/worker-push.js");
            return (await made.getNotifications()).some((each) => each.body === "1 documento da approvare");
        }"""
    )

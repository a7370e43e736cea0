"""The accountant connects once, everything comes, and the client says yes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from tests.portal.world import World

    from fatto.countries.ro.sandbox import Sandbox

pytestmark = pytest.mark.story


@pytest.fixture
def anaf(live_server: object) -> Iterator[Sandbox]:
    """A stand-in for the authority, with four messages for Brutăria; the portal leads to it."""
    from django.conf import settings
    from django.test import override_settings
    from tests.portal.exchange.authority import CIF, NAME

    from fatto.channels.http import Client
    from fatto.countries.ro import sandbox, spv
    from fatto.portal.exchange import services
    from fatto.portal.exchange.limits import Shared

    with sandbox.serve({CIF: NAME}, messages=4) as anaf, Client(tries=1) as client:
        config = dataclasses.replace(settings.CONFIG, channels=dict(anaf.variables), training=True)
        service = spv.Anaf(anaf.variables, client, Shared())
        url = live_server.url  # type: ignore[attr-defined]
        with override_settings(CONFIG=config, URL=url), services.instead(spv.CHANNEL.code, service):
            yield anaf


def test_connect_first_look_approve(
    visit: Callable[..., Page], world: World, do_jobs: Callable[[], None], anaf: Sandbox
) -> None:
    """Ioana connects with the firm's certificate and ticks Brutăria; Mihai finds what came, and approves it."""
    ioana = visit("ioana", language="ro")
    ioana.route("**/favicon.ico", lambda route: route.fulfill(status=204))  # the stand-in has none
    ioana.goto(f"/f/{world.firms['dunarea'].slug}/connections/")
    expect(ioana.locator(".training")).to_be_visible()
    ioana.locator("a[href$='/connections/new/']").first.click()
    ioana.locator("form button.btn-primary").click()
    ioana.locator("[data-continue]").click()
    # At the authority: with whose certificate?
    ioana.get_by_text("Ana Exemplu").click()
    expect(ioana.locator("#companies")).to_be_visible()
    do_jobs()
    brutaria = ioana.locator("#companies").get_by_label("Brutăria Dunării SRL")
    expect(brutaria).to_be_checked(timeout=10_000)
    ioana.locator("#companies button.btn-primary").click()
    expect(ioana.locator("tbody")).to_contain_text("Brutăria Dunării SRL")
    do_jobs()
    ioana.reload()
    expect(ioana.locator("tbody .chip-done")).to_have_count(1)
    expect(ioana.locator("tbody")).to_contain_text("Ioana")

    mihai = visit("mihai", language="ro")
    company = world.companies["brutaria"].slug
    mihai.goto(f"/c/{company}/connection/")
    expect(mihai.locator(".chip-done")).to_be_visible()
    mihai.goto(f"/c/{company}/documents/?direction=received")
    expect(mihai.locator(".row")).to_have_count(4)
    mihai.locator(".row").first.click()
    expect(mihai.locator(".sheet").first).to_be_visible()
    mihai.locator("form[action$='/approve/'] button.btn-primary").first.click()
    expect(mihai.locator(".undo")).to_be_visible()

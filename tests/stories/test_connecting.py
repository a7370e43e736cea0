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


def connect(ioana: Page, world: World, do_jobs: Callable[[], None]) -> None:
    """Log in at the authority with a certificate, tick Brutăria, and have its box looked into."""
    ioana.route("**/favicon.ico", lambda route: route.fulfill(status=204))  # the stand-in has none
    ioana.goto(f"/f/{world.firms['dunarea'].slug}/connections/")
    expect(ioana.locator(".training")).to_be_visible()
    ioana.locator("a[href$='/connections/new/']").first.click()
    log_in(ioana)
    expect(ioana.locator("#companies")).to_be_visible()
    do_jobs()
    brutaria = ioana.locator("#companies").get_by_label("Brutăria Dunării SRL")
    expect(brutaria).to_be_checked(timeout=10_000)
    ioana.locator("#companies button.btn-primary").click()
    expect(ioana.locator("tbody")).to_contain_text("Brutăria Dunării SRL")
    do_jobs()
    ioana.reload()


def log_in(ioana: Page) -> None:
    ioana.locator("form button.btn-primary").click()
    ioana.locator("[data-continue]").click()
    ioana.get_by_text("Ana Exemplu").click()  # at the authority: with whose certificate?


def test_connect_first_look_approve(
    visit: Callable[..., Page], world: World, do_jobs: Callable[[], None], anaf: Sandbox
) -> None:
    """Ioana connects with the firm's certificate and ticks Brutăria; Mihai finds what came, and approves it."""
    ioana = visit("ioana", language="ro")
    connect(ioana, world, do_jobs)
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


def test_a_login_that_ends_soon_is_told_in_time_and_renewed(
    visit: Callable[..., Page], world: World, do_jobs: Callable[[], None], anaf: Sandbox
) -> None:
    """Six days before the certificate's login ends Ioana is told, finds it on her first page, and logs in again."""
    from datetime import timedelta

    from django.utils import timezone

    from fatto.portal.exchange.models import Connection
    from fatto.portal.flow import watch
    from fatto.portal.tenancy.actor import system
    from fatto.portal.tenancy.scope import scope

    firm = world.firms["dunarea"]
    ioana = visit("ioana", language="ro")
    connect(ioana, world, do_jobs)
    with scope(system(firm)):
        Connection.objects.update(login_until=timezone.now() + timedelta(days=6, hours=1))
    watch.look(firm)
    do_jobs()
    ioana.goto(f"/f/{firm.slug}/")
    expect(ioana.locator(".bell .badge")).to_be_visible()
    ioana.locator(".bell").click()
    expect(ioana.locator(".told-new").first).to_contain_text("6")
    ioana.goto(f"/f/{firm.slug}/")
    ioana.locator(".numbers a[href$='/connections/']").click()
    ioana.locator("section.card h2 a[href*='/connections/']").click()
    expect(ioana.locator("main .tone-action")).to_contain_text("6")
    ioana.locator("main a.btn-primary[href*='renew=']").click()
    log_in(ioana)
    ioana.wait_for_url("**/connections/**")
    do_jobs()
    with scope(system(firm)):
        renewed = Connection.objects.get()
        assert renewed.login_until is not None
        assert renewed.login_until > timezone.now() + timedelta(days=300)
        assert renewed.state == "active"
    ioana.goto(f"/f/{firm.slug}/")
    expect(ioana.locator(".numbers a[href$='/connections/']")).to_have_count(0)

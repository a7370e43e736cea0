"""Every page can be used with a screen reader and a keyboard: axe finds nothing serious."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.portal import papers

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from tests.portal.world import World

pytestmark = pytest.mark.story

SERIOUS = ("serious", "critical")


def violations(page: Page) -> list[str]:
    """The serious ones, each with where it is. axe runs in a world of its own, past the page's policy."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}).response
    return [
        f"{page.url}: {each['id']}: {node['target']}"
        for each in found["violations"]
        if each["impact"] in SERIOUS
        for node in each["nodes"][:3]
    ]


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_page_has_a_serious_obstacle(world: World, visit: Callable[..., Page], phone: bool, dark: bool):
    from fatto.portal.documents import actions
    from fatto.portal.tenancy.scope import scope

    anna_at = world.at_firm("anna", "bianchi")
    world.hand_in(anna_at, "a.zip", papers.zipped({"1.xml": papers.fatturapa("1"), "2.xml": papers.fatturapa("2")}))
    world.hand_in(anna_at, "x.xml", papers.fatturapa("9", buyer="Nessuno", buyer_id="99999999990"))
    document = world.document(anna_at, number="1")
    with scope(world.at_company("maria", "rossi")) as maria_at:
        actions.save_view(maria_at, name="Disputed", query="view=disputed", shared=True)
    company, firm = f"/c/{world.companies['rossi'].slug}", f"/f/{world.firms['bianchi'].slug}"
    pages = {
        "maria": [
            f"{company}/",
            f"{company}/approve/",
            f"{company}/documents/",
            f"{company}/documents/?ask=colour:red+-is:booked",
            f"{company}/documents/views/",
            f"{company}/documents/{document.pk}/",
            f"{company}/upload/",
            f"{company}/archive/",
            "/me/",
        ],
        "anna": [
            f"{firm}/",
            f"{firm}/clients/",
            f"{firm}/documents/",
            f"{firm}/booking/",
            f"{firm}/quarantine/",
            f"{firm}/upload/",
        ],
    }
    found = []
    for who, urls in pages.items():
        page = visit(who, phone=phone)
        page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        for url in urls:
            page.goto(url)
            found += violations(page)
            width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if width > 0:
                found.append(f"{url} is {width} px wider than the screen")
    assert found == []

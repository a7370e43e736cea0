"""Every page can be used with a screen reader and a keyboard: axe finds nothing serious."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.portal import papers, pictures

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


def furnished(world: World) -> dict[str, list[str]]:
    """A world in which no page is empty, and the addresses of its pages, by who opens them."""
    from decimal import Decimal

    from tests.portal.exchange.rows import exchanged

    from fatto.portal.approvals import actions as approving
    from fatto.portal.documents import actions, queries
    from fatto.portal.documents.queries import Filters
    from fatto.portal.flow import bulk
    from fatto.portal.tenancy.models import Member
    from fatto.portal.tenancy.scope import scope

    anna_at, owner = world.at_firm("anna", "bianchi"), world.at_company("maria", "rossi")
    odd = papers.fatturapa("3").replace(b"IT60X0542811101000000123456", b"IT02L1234512345123456789012")
    invoices = {"1.xml": papers.fatturapa("1"), "2.xml": papers.fatturapa("2"), "3.xml": odd}
    world.hand_in(anna_at, "a.zip", papers.zipped(invoices))
    world.hand_in(anna_at, "x.xml", papers.fatturapa("9", buyer="Nessuno", buyer_id="99999999990"))
    world.hand_in(owner, "bonuri.pdf", pictures.scan("Parcare", "Combustibil"))
    document, alerted = (world.document(anna_at, number=number) for number in ("1", "3"))
    paper = world.document(owner, name="bonuri.pdf")
    rossi = world.companies["rossi"]
    with scope(owner):
        actions.save_view(owner, name="Disputed", query="view=disputed", shared=True)
        policy = approving.add_policy(owner, rossi, tag="van", days=3)
        supplier = {"party_id": document.party_id, "party_name": document.party_name}
        rule = approving.add_rule(owner, rossi, name="Energy", amount_max=Decimal(150), **supplier)
    with scope(owner):
        filters = Filters(view="to-approve")
        batch = bulk.propose(owner, queries.whole_list(filters), verb="approve", query=filters.to_query())
    mihai = world.at_company("mihai", "brutaria")
    world.hand_in(mihai, "ro.xml", papers.ubl())
    there = exchanged(world.at_firm("ioana", "dunarea"), world.document(mihai))
    bakery, their_firm = f"/c/{world.companies['brutaria'].slug}", f"/f/{world.firms['dunarea'].slug}"
    Member.objects.filter(pk=world.person("otto").pk).update(operator=True)
    company, firm = f"/c/{rossi.slug}", f"/f/{world.firms['bianchi'].slug}"
    one, other = f"{company}/documents/{document.pk}", f"{company}/documents/{paper.pk}"
    return {
        "maria": [
            f"{company}/",
            f"{company}/approve/",
            f"{company}/documents/",
            f"{company}/documents/?ask=colour:red+-is:booked",
            f"{company}/documents/views/",
            f"{company}/documents/bulk/",
            f"{company}/documents/bulk/{batch.pk}/",
            f"{one}/",
            f"{one}/relate/",
            f"{company}/documents/{alerted.pk}/",
            f"{other}/",
            f"{other}/details/",
            f"{other}/split/",
            f"{other}/move/",
            f"{company}/documents/merge/?document={paper.pk}",
            f"{company}/upload/",
            f"{company}/mail/",
            f"{company}/archive/",
            f"{company}/settings/",
            f"{company}/settings/centers/",
            f"{company}/people/",
            f"{company}/policy/",
            f"{company}/policy/add/",
            f"{company}/policy/{policy.pk}/",
            f"{company}/rules/",
            f"{company}/rules/add/",
            f"{company}/rules/{rule.pk}/",
            f"{company}/away/",
            f"{company}/programs/",
            f"{company}/data/",
            "/me/",
            "/me/notices/",
            "/me/notices/settings/",
            "/me/absences/",
            "/spaces/",
            "/share/",
            "/offline/",
            "/help/home-screen/",
        ],
        "anna": [
            f"{firm}/",
            f"{firm}/clients/",
            f"{firm}/clients/add/",
            f"{firm}/invitations/",
            f"{firm}/documents/",
            f"{firm}/documents/{alerted.pk}/",
            f"{firm}/booking/",
            f"{firm}/quarantine/",
            f"{firm}/upload/",
            f"{firm}/team/",
            f"{firm}/settings/",
            f"{firm}/settings/folders/",
            f"{firm}/brand/",
            f"{firm}/data/",
            f"{firm}/support/",
            f"{company}/",
        ],
        "mihai": [
            f"{bakery}/",
            f"{bakery}/connection/",
            f"{bakery}/connection/new/",
            f"{bakery}/connection/messages/",
            f"{bakery}/connection/sync/{there['run']}/",
            f"{bakery}/connection/completeness/?month=2026-10",
        ],
        "ioana": [
            f"{their_firm}/connections/",
            f"{their_firm}/connections/new/",
            f"{their_firm}/connections/{there['connection']}/",
            f"{their_firm}/connections/completeness/?month=2026-10",
        ],
        "otto": ["/op/", f"/op/{world.firms['bianchi'].slug}/"],
    }


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_page_has_a_serious_obstacle(world: World, visit: Callable[..., Page], phone: bool, dark: bool):
    found = []
    for who, urls in furnished(world).items():
        page = visit(who, phone=phone)
        page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        for url in urls:
            answer = page.goto(url)
            assert answer is not None
            assert answer.status == 200, url
            found += violations(page)
            width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if width > 0:
                found.append(f"{url} is {width} px wider than the screen")
    assert found == []

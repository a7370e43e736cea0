"""The owner says how the company approves, two people agree, and a rule takes over what is always the same."""

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


def test_the_owner_asks_two_people_for_large_invoices_and_both_agree(world: World, visit: Callable[..., Page]):
    from fatto.portal.tenancy import actions
    from fatto.portal.tenancy import actor as actors
    from fatto.portal.tenancy.permissions import Role
    from fatto.portal.tenancy.scope import scope

    slug = world.companies["rossi"].slug
    with scope(actors.system(world.firms["bianchi"])) as system:
        actions.join_company(system, world.companies["rossi"], member=world.person("piero"), role=Role.APPROVER)

    # Maria, at her desk, writes one sentence: from 1.000 € on, she agrees after somebody else.
    maria = visit("maria", language="it")
    maria.goto(f"/c/{slug}/settings/")
    maria.click("a[href$='/policy/']")
    maria.click("a[href$='/policy/add/']")
    maria.fill("input[name=second_from]", "1.000")
    maria.locator("input[name=second_people]").first.check()
    maria.fill("input[name=days]", "3")
    maria.locator("main form button.btn-primary").first.click()
    maria.wait_for_url(re.compile("/policy/$"))
    assert "1.000,00 EUR" in maria.locator(".setting").first.inner_text()

    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "grande.xml", papers.fatturapa("GRANDE 1", net="5000.00"))

    # Piero says the first yes, and is told that Maria is asked.
    piero = visit("piero", language="it")
    piero.goto(f"/c/{slug}/approve/")
    card = piero.locator(".card.decide", has_text="GRANDE 1")
    card.locator("form[action$='/approve/'] button").click()
    piero.locator(".undo").wait_for()
    assert piero.locator(".card.decide").count() == 0
    piero.goto(f"/c/{slug}/documents/?view=to-approve")
    piero.locator("a.row", has_text="GRANDE 1").first.click()
    sentence = piero.locator(".viewer .sentence").first
    sentence.wait_for()
    assert "Piero" in sentence.inner_text()
    assert "Maria" in sentence.inner_text()
    assert sentence.locator("form[action$='/approve/']").count() == 0, "he gave his yes"
    assert sentence.locator("form[action$='/undo/']").count() == 1, "and may take it back"

    # Maria says the second, and it is approved.
    maria.goto(f"/c/{slug}/approve/")
    maria.locator(".card.decide form[action$='/approve/'] button").click()
    maria.locator(".undo").wait_for()
    document = world.document(anna, number="GRANDE 1")
    assert document.approval == "approved"
    assert not maria.locator(".card.decide").count()


def test_on_a_romanian_phone_without_script_a_rule_is_tried_before_it_is_on(world: World, visit: Callable[..., Page]):
    from fatto.portal.documents import queries
    from fatto.portal.flow import decide
    from fatto.portal.tenancy.scope import scope

    mihai_there = world.at_company("mihai", "brutaria")
    slug = world.companies["brutaria"].slug
    world.hand_in(mihai_there, "1.xml", papers.ubl("F-1"))
    with scope(mihai_there):
        decide.approve(mihai_there, queries.get(world.document(mihai_there, number="F-1").pk))
    world.hand_in(mihai_there, "2.xml", papers.ubl("F-2"))
    world.hand_in(mihai_there, "3.xml", papers.ubl("F-3", net="9000.00"))

    mihai = visit("mihai", phone=True, script=False, language="ro")
    mihai.goto(f"/c/{slug}/rules/add/")
    mihai.fill("input[name=name]", "Făină")
    mihai.fill("input[name=supplier]", "Furnizor Test SRL")
    mihai.fill("input[name=amount_max]", "150")
    mihai.locator("main form button.btn-primary").first.click()
    mihai.wait_for_url(re.compile(r"/rules/\d+/$"))
    trial = mihai.locator("section[aria-labelledby=trial]")
    assert "F-2" in trial.inner_text()
    assert "F-3" not in trial.inner_text()
    assert "F-1" not in trial.inner_text(), "nothing of this supplier was approved before it"
    assert mihai.evaluate("document.documentElement.scrollWidth") <= 390
    trial.locator("button[name=on]").click()
    mihai.locator("button[name=off]").wait_for()

    world.hand_in(mihai_there, "4.xml", papers.ubl("F-4"))
    document = world.document(mihai_there, number="F-4")
    assert (document.approval, document.by_rule) == ("approved", True)
    mihai.goto(f"/c/{slug}/documents/{document.pk}/")
    assert mihai.locator(".chip-rule").count() >= 1
    assert "Făină" in mihai.locator(".timeline").first.inner_text()

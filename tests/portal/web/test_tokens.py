"""The page of tokens: made, shown once, used, revoked."""

from __future__ import annotations

import re

from django.test import Client
from tests.portal.world import World

from fatto.portal.programs import queries
from fatto.portal.tenancy.scope import scope


def test_a_token_is_made_shown_once_and_revoked(world: World, login):
    maria, page = login("maria"), f"/c/{world.companies['rossi'].slug}/programs/"
    made = maria.post(page, {"name": "Gestionale", "scopes": ["read", "upload"], "days": "90"})
    assert made.status_code == 201
    assert made["Cache-Control"] == "private, no-store"
    (secret,) = re.findall(r'value="(fatto_[\w-]{43})"', made.content.decode())
    robot = Client(headers={"Authorization": f"Bearer {secret}"})
    told = robot.get("/api/v1/token").json()
    assert (told["name"], told["scopes"], told["side"]) == ("Gestionale", ["read", "upload"], "company")
    later = maria.get(page).content.decode()
    assert secret not in later
    assert secret[:12] in later
    with scope(world.at_company("maria", "rossi")):
        token = queries.tokens().get()
    assert maria.post(f"{page}{token.pk}/revoke/").status_code == 303
    assert robot.get("/api/v1/token").status_code == 401
    assert "Revoked" in maria.get(page).content.decode()


def test_a_token_without_name_or_use_is_not_made(world: World, login):
    page = f"/c/{world.companies['rossi'].slug}/programs/"
    assert login("maria").post(page, {"name": "", "scopes": ["read"], "days": "0"}).status_code == 422
    assert login("maria").post(page, {"name": "x", "days": "0"}).status_code == 422
    assert login("maria").post(page, {"name": "x", "scopes": ["book"], "days": "0"}).status_code == 422


def test_what_the_firm_makes_for_a_company_acts_for_the_firm_and_the_company_sees_it(world: World, login):
    page = f"/c/{world.companies['brutaria'].slug}/programs/"
    assert login("ioana").post(page, {"name": "Registru", "scopes": ["book"], "days": "0"}).status_code == 201
    with scope(world.at_company("mihai", "brutaria")):
        token = queries.tokens().get()
    assert (token.side, token.expires_at) == ("firm", None)
    seen = login("mihai").get(page).content.decode()
    assert "Registru" in seen
    assert "For the accounting firm" in seen
    assert login("mihai").post(f"{page}{token.pk}/revoke/").status_code == 303


def test_a_firms_page_does_not_list_tokens_of_its_companies(world: World, login):
    company, firm = f"/c/{world.companies['rossi'].slug}/programs/", f"/f/{world.firms['bianchi'].slug}/programs/"
    login("maria").post(company, {"name": "Ours alone", "scopes": ["read"], "days": "0"})
    login("anna").post(firm, {"name": "Of the firm", "scopes": ["read"], "days": "0"})
    seen = login("anna").get(firm).content.decode()
    assert "Of the firm" in seen
    assert "Ours alone" not in seen


def test_only_owners_find_the_page(world: World, login):
    for person, address in (
        ("elena", "c/" + world.companies["rossi"].slug),
        ("paolo", "f/" + world.firms["bianchi"].slug),
    ):
        assert login(person).get(f"/{address}/programs/").status_code == 403
    assert "/programs/" in login("anna").get(f"/f/{world.firms['bianchi'].slug}/").content.decode()
    assert "/programs/" in login("maria").get(f"/c/{world.companies['rossi'].slug}/settings/").content.decode()


def test_a_token_whose_time_is_over_says_so(world: World, login):
    from datetime import timedelta

    from django.utils import timezone

    from fatto.portal.programs.models import Token

    page = f"/c/{world.companies['rossi'].slug}/programs/"
    login("maria").post(page, {"name": "Old", "scopes": ["read"], "days": "90"})
    assert "Expired" not in login("maria").get(page).content.decode()
    with scope(world.at_company("maria", "rossi")):
        Token.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert "Expired" in login("maria").get(page).content.decode()

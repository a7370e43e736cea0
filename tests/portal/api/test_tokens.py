"""Tokens: what they open, for how long, how often, and what they never open."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.programs import actions, queries, tokens
from fatto.portal.programs.models import Token
from fatto.portal.tenancy.action import NotAllowed
from fatto.portal.tenancy.models import Deed
from fatto.portal.tenancy.scope import scope

PROBLEM = "application/problem+json"


def kind(answer) -> str:
    assert answer["Content-Type"] == PROBLEM
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["title"]
    assert body["detail"]
    return str(body["type"]).removeprefix("urn:fatto:problem:")


def test_a_token_is_kept_as_its_hash_alone(world: World, program):
    maria = program("maria", company="rossi")
    with scope(world.at_company("maria", "rossi")):
        (row,) = queries.tokens()
    assert maria.secret.startswith(row.prefix)
    assert maria.secret not in str(vars(row))
    assert row.hash == tokens.hashed(maria.secret)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic bWFyaWE6eA==", "Bearer fatto_" + "A" * 43])
def test_without_a_good_token_nothing_opens(world: World, header: str):
    client = Client(headers={"Authorization": header} if header else {})
    for path in ("/token", "/documents", "/documents/1", "/companies", "/uploads/1", "/webhooks"):
        answer = client.get(f"/api/v1{path}")
        assert answer.status_code == 401, path
        assert kind(answer) == "not-authenticated"
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_logged_in_person_does_not_open_the_api_without_a_token(world: World):
    client = Client()
    client.force_login(world.people["maria"])
    assert client.get("/api/v1/documents").status_code == 401


def test_a_revoked_token_opens_nothing(world: World, program):
    robot, maria = program("maria", company="rossi"), world.at_company("maria", "rossi")
    assert robot.get("/token").status_code == 200
    with scope(maria):
        actions.revoke_token(maria, queries.tokens().get())
    assert robot.get("/token").status_code == 401


def test_an_expired_token_opens_nothing(world: World, program):
    robot = program("maria", company="rossi", days=1)
    assert robot.get("/token").status_code == 200
    with scope(world.at_company("maria", "rossi")):
        Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert robot.get("/token").status_code == 401


def test_the_token_of_a_company_that_was_closed_opens_nothing(world: World, program):
    robot = program("maria", company="rossi")
    with scope(world.at_firm("anna", "bianchi")):
        type(world.companies["rossi"]).objects.filter(pk=world.companies["rossi"].pk).update(active=False)
    assert robot.get("/token").status_code == 401


@pytest.mark.parametrize("person", ["elena", "sara", "paolo"])
def test_only_owners_make_tokens(world: World, person: str):
    who = world.at_company(person, "rossi")
    with scope(who), pytest.raises(NotAllowed):
        actions.issue_token(who, name="x", scopes=["read"], days=None)


def test_what_a_token_may_not_do_is_refused_with_the_permission(world: World, program):
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "a.xml", papers.fatturapa())
    document = world.document(maria)
    reader = program("maria", company="rossi", scopes=["read"])
    assert reader.get(f"/documents/{document.pk}").status_code == 200
    for path in ("approve", "undo", "book"):
        answer = reader.post(f"/documents/{document.pk}/{path}")
        assert answer.status_code == 403
        assert kind(answer) == "not-allowed"
    assert reader.upload(papers.fatturapa("2")).status_code == 403
    assert reader.get("/webhooks").status_code == 403
    uploader = program("maria", company="rossi", scopes=["upload"])
    assert uploader.get("/documents").status_code == 403


def test_a_company_cannot_give_what_only_the_firm_does_nor_the_firm_what_only_the_company_does(world: World):
    maria, anna = world.at_company("maria", "rossi"), world.at_firm("anna", "bianchi")
    for who, wrong in ((maria, "book"), (anna, "decide")):
        with scope(who), pytest.raises(actions.NothingChosen):
            actions.issue_token(who, name="x", scopes=["read", wrong], days=None)


def test_a_token_is_counted_and_told_when_it_may_come_again(world: World, program, settings):
    import dataclasses

    settings.CONFIG = dataclasses.replace(settings.CONFIG, api_rate=3)
    robot = program("maria", company="rossi")
    answers = [robot.get("/token") for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert kind(answers[3]) == "too-many-requests"
    assert 1 <= int(answers[3]["Retry-After"]) <= 20
    with scope(world.at_company("maria", "rossi")):
        Token.objects.update(counted_at=timezone.now() - timedelta(seconds=21))
    assert robot.get("/token").status_code == 200
    assert program("maria", company="rossi").get("/token").status_code == 200, "another token has its own count"


def test_making_and_revoking_is_in_the_trail(world: World, program):
    program("maria", company="rossi", name="Gestionale")
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        actions.revoke_token(maria, queries.tokens().get())
        deeds = list(Deed.objects.filter(verb__startswith="token-").order_by("id"))
    assert [(deed.verb, deed.by_name) for deed in deeds] == [("token-issued", "Maria"), ("token-revoked", "Maria")]
    assert deeds[0].data["name"] == "Gestionale"


def test_row_security_hides_tokens_from_whoever_does_not_show_them(world: World, program):
    program("maria", company="rossi")
    with scope(world.at_company("luca", "verdi")), connection.cursor() as cursor:
        cursor.execute("select count(*) from programs_token")
        assert cursor.fetchone() == (0,)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from programs_token")
        assert cursor.fetchone() == (0,)

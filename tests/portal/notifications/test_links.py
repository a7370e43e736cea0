"""Links in mails: one person, one document, one decision, for a short time; looking changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone
from tests.portal.notifications.test_posting import MORNING
from tests.portal.notifications.test_telling import bring
from tests.portal.world import World

from fatto.portal.approvals import queries as decisions
from fatto.portal.documents.models import Document
from fatto.portal.flow import decide
from fatto.portal.notifications import actions, hours, links
from fatto.portal.notifications.models import Link
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.models import Membership
from fatto.portal.tenancy.permissions import Role
from fatto.portal.tenancy.scope import roster, scope


@pytest.fixture
def document(world: World) -> Document:
    return bring(world)


@pytest.fixture
def link(world: World, document: Document) -> str:
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        return f"/n/{links.make(maria, document.pk)}/"


def approval(world: World, document: Document) -> str:
    return world.document(world.at_firm("anna", "bianchi"), pk=document.pk).approval


def change(world: World, **values: object) -> None:
    with scope(world.at_company("maria", "rossi")):
        Link.objects.update(**values)


def test_looking_changes_nothing_and_a_post_approves_as_that_person(world: World, document: Document, link: str):
    client = Client()
    for method in (client.get, client.head, client.get):
        answer = method(link)
        assert answer.status_code == 200
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["X-Robots-Tag"] == "noindex"
        assert "no-store" in answer["Cache-Control"]
    assert client.options(link).status_code == 405
    assert approval(world, document) == "to_approve"
    page = client.get(link).content.decode()
    assert document.party_name in page
    assert client.post(link).status_code == 200
    assert approval(world, document) == "approved"
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        (decision,) = decisions.decisions(document)
    assert decision.by == world.people["maria"]
    assert decision.device.endswith("mail")
    assert "_auth_user_id" not in client.session, "nobody was logged in by it"


def test_a_link_works_once(world: World, document: Document, link: str):
    assert Client().post(link).status_code == 200
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        decide.undo(maria, world.document(maria, pk=document.pk))
    for answer in (Client().get(link), Client().post(link), Client().post(f"{link}dispute/", {"reason": "not_ours"})):
        assert answer.status_code == 410
        assert document.party_name not in answer.content.decode()
    assert approval(world, document) == "to_approve"


def test_a_dispute_needs_its_reason_and_keeps_the_link_until_then(world: World, document: Document, link: str):
    client = Client()
    assert client.post(f"{link}dispute/").status_code == 422
    assert approval(world, document) == "to_approve"
    assert client.post(f"{link}dispute/", {"reason": "not_ours"}).status_code == 200
    assert approval(world, document) == "disputed"


def test_an_expired_link_says_so_and_offers_the_login(world: World, document: Document, link: str):
    change(world, expires_at=timezone.now() - timedelta(seconds=1))
    answer = Client().post(link)
    assert answer.status_code == 410
    assert "/accounts/login/?next=" in answer.content.decode()
    assert approval(world, document) == "to_approve"


@pytest.mark.parametrize("lost", ["membership", "role", "account", "gate"])
def test_a_link_is_no_more_than_its_person(world: World, document: Document, link: str, lost: str):
    maria = world.people["maria"]
    with scope(actors.system(world.firms["bianchi"])):
        mine = Membership.objects.filter(member=maria)
        if lost == "membership":
            mine.delete()
        elif lost == "role":
            mine.update(role=Role.AUDITOR)
        elif lost == "gate":
            mine.update(role=Role.EMPLOYEE)
    if lost == "account":
        maria.is_active = False
        maria.save()
    for answer in (Client().get(link), Client().post(link), Client().get(f"{link}sheet/")):
        assert answer.status_code == 410
        assert document.party_name not in answer.content.decode()
    assert approval(world, document) == "to_approve"


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 5000, "%00", "..%2f..%2f"])
def test_what_is_no_link_opens_nothing(world: World, token: str):
    assert Client().get(f"/n/{token}/").status_code == 404
    assert Client().post(f"/n/{token}/").status_code == 404


def test_only_the_hash_is_in_the_database(world: World, link: str):
    token = link.split("/")[2]
    with scope(world.at_company("maria", "rossi")):
        row = Link.objects.get()
    assert token not in str(vars(row))
    assert row.hash == links.hashed(token)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from notifications_link")
        assert cursor.fetchone()[0] == 0, "and nobody else sees even that"


def test_a_document_with_an_alert_is_not_decided_by_a_link(world: World, document: Document, link: str):
    with scope(actors.system(world.firms["bianchi"])):
        Document.objects.filter(pk=document.pk).update(alerts=["iban"])
    page = Client().get(link).content.decode()
    assert "New IBAN" in page
    assert f'action="{link}"' not in page
    assert Client().post(link).status_code == 409
    assert approval(world, document) == "to_approve"


def test_what_somebody_else_decided_meanwhile_is_said(world: World, document: Document, link: str):
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        decide.dispute(maria, document, reason="not_ours")
    assert "Disputed" in Client().get(link).content.decode()
    assert Client().post(link).status_code == 409
    assert approval(world, document) == "disputed"


def test_somebody_else_who_is_logged_in_does_not_decide_by_it(world: World, document: Document, link: str):
    client = Client()
    client.force_login(world.people["luca"])
    assert client.post(link).status_code == 403
    assert approval(world, document) == "to_approve"


def test_the_readable_page_opens_by_the_link_alone(world: World, document: Document, link: str):
    assert document.number in Client().get(f"{link}sheet/").content.decode()
    assert Client().post(f"{link}sheet/").status_code == 405


def test_a_form_without_its_token_is_refused(world: World, document: Document, link: str):
    assert Client(enforce_csrf_checks=True).post(link).status_code == 403
    assert approval(world, document) == "to_approve"


def test_guessing_is_slowed_down(world: World):
    client = Client(REMOTE_ADDR="203.0.113.9")
    answers = [client.get("/n/" + "b" * 43 + "/").status_code for _ in range(62)]
    assert answers[0] == 404
    assert answers[-1] == 429


def test_the_digest_holds_links_that_work_unless_the_person_wants_none(
    world: World, document: Document, tell: Callable[..., None], send_all: Callable[..., None]
):
    tell()
    send_all(at=MORNING)
    found = re.search(r"/n/\S+/", mail.outbox[0].body)
    assert found
    assert f'href="http://localhost:8000{found.group()}"' in mail.outbox[0].alternatives[0].content
    with roster(member=world.people["maria"].pk):
        assert Link.objects.get().expires_at == MORNING + timedelta(hours=72)
    actions.wish(world.people["maria"], links=False)
    bring(world, "FT 2")
    tell(at=MORNING + timedelta(hours=1))
    send_all(at=MORNING + timedelta(days=1))
    assert "/n/" not in mail.outbox[1].body
    assert f"/c/{world.companies['rossi'].slug}/documents/" in mail.outbox[1].body


def test_the_digest_is_switched_off_by_one_post_of_the_mail_program(
    world: World, document: Document, tell: Callable[..., None], send_all: Callable[..., None]
):
    tell()
    send_all(at=MORNING)
    address = re.sub(r"^<https?://[^/]+|>$", "", mail.outbox[0].extra_headers["List-Unsubscribe"])
    robot = Client(enforce_csrf_checks=True)
    assert robot.get(address).status_code == 200
    assert hours.wishes_of(world.people["maria"]).digest
    assert robot.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not hours.wishes_of(world.people["maria"]).digest
    assert robot.post("/notices/off/forged/").status_code == 404

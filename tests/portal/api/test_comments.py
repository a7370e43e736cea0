"""Comments through the API: the rules of the pages, once a key, and told to other programs."""

from __future__ import annotations

import json

import pytest
from tests.portal import papers
from tests.portal.api.test_tokens import kind
from tests.portal.world import World

from fatto.portal.programs import notices
from fatto.portal.programs.models import Message, Webhook
from fatto.portal.tenancy.models import Deed, Firm
from fatto.portal.tenancy.scope import scope


@pytest.fixture
def invoice(world: World):
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "a.xml", papers.fatturapa("FT 12/A"))
    return world.document(maria)


def test_a_program_of_the_firm_asks_and_one_of_the_company_answers(world: World, program, invoice):
    firms, companys = program("anna", firm="bianchi", name="Firm robot"), program("maria", company="rossi")
    address = f"/documents/{invoice.pk}/comments"
    asked = firms.post(address, {"text": "Per quale reparto?", "kind": "question", "to": "company"})
    assert asked.status_code == 201
    assert companys.get(f"/documents/{invoice.pk}").json()["question"] is True
    number = asked.json()["id"]
    wrong = firms.post(address, {"text": "x", "kind": "answer", "question": number})
    assert (wrong.status_code, kind(wrong)) == (403, "not-asked")
    answered = companys.post(address, {"text": "Il forno", "kind": "answer", "question": number})
    assert answered.status_code == 201
    told = companys.get(address).json()["comments"]
    assert [(each["kind"], each["by"], each["side"], each["channel"]) for each in told] == [
        ("question", "Firm robot", "firm", "api"),
        ("answer", "Robot", "company", "api"),
    ]
    assert told[1]["question"] == number
    again = companys.post(address, {"text": "Il forno", "kind": "answer", "question": number})
    assert (again.status_code, kind(again)) == (409, "already-answered")


def test_the_same_key_again_is_the_same_comment(world: World, program, invoice):
    robot = program("maria", company="rossi")
    address = f"/documents/{invoice.pk}/comments"
    first, second = (robot.post(address, {"text": "Pagata"}, **{"Idempotency-Key": "k1"}).json() for _ in range(2))
    assert first["id"] == second["id"]
    assert robot.get(f"/documents/{invoice.pk}").json()["comments"] == 1


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        ({"text": ""}, 422, "not-valid"),
        ({"text": "x" * 4001}, 422, "not-valid"),
        ({"text": "\u200b"}, 422, "text-missing"),
        ({"text": "?", "kind": "question"}, 422, "side-missing"),
        ({"text": "!", "kind": "answer"}, 404, "not-found"),
        ({"text": "!", "kind": "answer", "question": 4711}, 404, "not-found"),
        ({"text": "!", "kind": "shout"}, 422, "not-valid"),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(world: World, program, invoice, body, status, problem):
    answer = program("maria", company="rossi").post(f"/documents/{invoice.pk}/comments", body)
    assert (answer.status_code, kind(answer)) == (status, problem)


def test_a_stranger_finds_nothing_and_a_reader_may_not_write(world: World, program, invoice):
    address = f"/documents/{invoice.pk}/comments"
    stranger = program("luca", company="verdi")
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, {"text": "x"}).status_code == 404
    reader = program("maria", company="rossi", scopes=["read"])
    assert reader.get(address).json() == {"comments": []}
    assert reader.post(address, {"text": "x"}).status_code == 403


def test_other_programs_are_told_of_questions(world: World, program, invoice, settings):
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        hook = Webhook.objects.create(
            firm=maria.firm,
            company=maria.company,
            side="company",
            url="https://example.org/",
            sealed="x",
            events=["document.question-asked"],
            created_by_name="Maria",
        )
    Firm.objects.filter(pk=maria.firm.pk).update(hooked=True)
    program("anna", firm="bianchi").post(
        f"/documents/{invoice.pk}/comments", {"text": "?", "kind": "question", "to": "company"}
    )
    with scope(maria):
        deed = Deed.objects.get(verb="question-asked")
    notices.tell(maria.firm, [deed.pk])
    with scope(maria):
        body = json.loads(Message.objects.get(webhook=hook).body)
    assert body["event"] == "document.question-asked"
    assert body["comment"] == deed.data["comment"]
    assert body["document"]["question"] is True

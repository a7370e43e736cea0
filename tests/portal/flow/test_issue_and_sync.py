"""What comes out of the box speaks of what was sent: nothing is sent twice, nothing is told twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from tests.portal import papers
from tests.portal.world import World, build

from fatto.portal.documents.states import Approval
from fatto.portal.documents.states import Transmission as State
from fatto.portal.exchange.models import Note, Receipt, Transmission
from fatto.portal.exchange.states import Sending, Written
from fatto.portal.flow import decide, issue, official, sync
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import Refusal
from fatto.portal.tenancy.scope import scope

Connect = Callable[..., Any]


def look_into(post: Any) -> None:
    """Sync the box once."""
    actor = sync.alone(post.firm, post.world.companies["brutaria"])
    with scope(actor):
        run, _made = sync._wanted(post.box, actor)
    while not sync.work(post.firm, run.pk, seconds=60):
        pass


def test_what_other_software_sent_attaches_to_the_draft_and_is_never_sent_again(world: World, connect: Connect) -> None:
    post = connect(world)
    document = post.issue("B-1")
    data = post.anaf  # the same bytes, sent by another program
    with scope(post.owner):
        box = issue.box_of(document)
        checked = issue.check(document, box)
    data.receive(checked.parcel.data, "12345674", "14399840", at=post.now - timedelta(minutes=5))
    look_into(post)
    assert post.again(document).transmission == State.DELIVERED
    with pytest.raises(Refusal):
        post.ask(document)
    assert post.anaf.uploads() == []
    with scope(post.owner):
        assert Receipt.objects.filter(document=document, kind="sealed").count() == 1


def test_what_waits_here_is_called_back_when_other_software_was_quicker(world: World, connect: Connect) -> None:
    post = connect(world)
    document = post.issue("B-1")
    transmission = post.ask(document)
    with scope(post.owner):
        checked = issue.check(document, issue.box_of(document))
    post.anaf.receive(checked.parcel.data, "12345674", "14399840", at=post.now - timedelta(minutes=5))
    look_into(post)
    assert post.look(transmission).state == Sending.ENDED
    issue.step(post.firm, transmission.pk, at=post.now + timedelta(days=1))
    assert post.anaf.uploads() == []
    assert post.again(document).transmission == State.DELIVERED


def test_the_box_answers_for_a_call_whose_answer_was_lost(world: World, connect: Connect) -> None:
    post = connect(world)
    document = post.issue("B-1")
    transmission = post.ask(document)
    post.anaf.break_next("upload", "lost_upload")
    assert post.step(transmission).state == Sending.UNCERTAIN
    post.now += timedelta(minutes=3)
    look_into(post)
    transmission = post.look(transmission)
    assert (transmission.state, transmission.reference) == (Sending.ACCEPTED, post.anaf.uploads()[0].reference)
    with scope(post.owner):
        told = [deed.verb for deed in trail.of_document(document.company_id, document.pk)]
    assert told.count("transmission-accepted") == 1


def test_errors_in_the_box_end_an_attempt_as_its_own_answer_would(world: World, connect: Connect) -> None:
    post = connect(world, judge=lambda data: ["E: [BR-RO-110] nu"])
    document = post.issue("B-1")
    transmission = post.step(post.ask(document))
    post.now += timedelta(minutes=3)
    look_into(post)
    assert post.look(transmission).state == Sending.FAILED
    post.to_the_end(transmission)
    with scope(post.owner):
        told = [deed.verb for deed in trail.of_document(document.company_id, document.pk)]
        assert told.count("transmission-failed") == 1
        assert Transmission.objects.get(document=document).complaints[0]["rule"] == "BR-RO-110"


def received(post: Any) -> Any:
    """An invoice that came to Brutăria through its box, and is disputed."""
    day = (post.now - timedelta(days=2)).date().isoformat()
    post.anaf.receive(papers.ubl("S-1", day=day), "14399840", "12345674", at=post.now - timedelta(days=1))
    look_into(post)
    document = post.world.document(post.owner, number="S-1")
    with scope(post.owner) as who:
        decide.dispute(who, document, reason="wrong_amount")
    return post.world.document(post.owner, pk=document.pk)


@pytest.mark.parametrize("fault", ["", "lost_upload", "server_error"])
def test_a_message_to_the_seller_arrives_once(world: World, connect: Connect, fault: str) -> None:
    post = connect(world)
    document = received(post)
    assert document.approval == Approval.DISPUTED
    if fault:
        post.anaf.break_next("upload", fault)
    with scope(post.owner) as who:
        note = issue.say(who, document, text="Cantitatea nu este bună.", at=post.now)
        with pytest.raises(Refusal):
            issue.say(who, document, text="Cantitatea nu este bună.", at=post.now)
    note = post.to_the_end(note)
    assert (note.state, note.reference != "") == (Written.DELIVERED, True)
    assert [each.standard for each in post.anaf.uploads()] == ["RASP"]
    look_into(post)
    with scope(post.owner):
        assert Note.objects.filter(document=document).count() == 1


def test_nobody_writes_to_the_seller_of_what_did_not_come_from_there(world: World, connect: Connect) -> None:
    post = connect(world)
    world.hand_in(post.owner, "s.xml", papers.ubl("S-2"))
    document = world.document(post.owner, number="S-2")
    with scope(post.owner) as who, pytest.raises(issue.Unreachable):
        issue.say(who, document, text="Nu.")


def test_the_official_pdf_is_an_extra_and_its_failure_harms_nothing(world: World, connect: Connect) -> None:
    post = connect(world)
    document = post.issue("B-1")
    post.anaf.break_next("transformare", "html_page", times=5)
    with pytest.raises(official.NotHad):
        official.fetch(post.owner, post.again(document))
    post.anaf.world.broken.clear()
    receipt = official.fetch(post.owner, world.document(post.owner, pk=document.pk))
    assert receipt.kind == Receipt.Kind.PAPER
    assert post.again(document).transmission == State.CHECKED


@pytest.fixture
def served(transactional_db: None) -> World:
    return build()


def test_two_clicks_and_two_workers_at_the_same_moment_make_one_invoice(served: World, connect: Connect) -> None:
    post = connect(served)
    document = post.issue("B-1")
    refused: list[Refusal] = []

    def at_once(*deeds: Callable[[], object]) -> None:
        def do(deed: Callable[[], object]) -> None:
            try:
                deed()
            except Refusal as refusal:
                refused.append(refusal)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(deeds)) as pool:
            for done in [pool.submit(do, deed) for deed in deeds]:
                done.result()

    at_once(*[lambda: post.ask(document)] * 3)
    assert len(refused) == 2
    with scope(post.owner):
        transmission = Transmission.objects.get(document=document)
    at_once(*[lambda: issue.step(post.firm, transmission.pk, at=post.now)] * 3)
    assert post.to_the_end(transmission).state == Sending.ACCEPTED
    assert len(post.anaf.uploads()) == 1

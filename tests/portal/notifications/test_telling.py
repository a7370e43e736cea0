"""Who is told of what, once, as it may be seen now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from tests.portal import papers
from tests.portal.notifications.conftest import NOON
from tests.portal.world import World

from fatto.portal.documents.models import Document
from fatto.portal.flow import decide
from fatto.portal.notifications import kinds, telling
from fatto.portal.notifications.models import Item, Notice, Post
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy import people, trail
from fatto.portal.tenancy.models import Membership
from fatto.portal.tenancy.permissions import Role
from fatto.portal.tenancy.scope import roster, scope


def notices(world: World, name: str, kind: str = "") -> list[Notice]:
    member = world.people[name]
    with roster(member=member.pk):
        rows = Notice.objects.filter(member=member).order_by("pk")
        return list(rows.filter(kind=kind) if kind else rows)


def told(world: World, kind: str = "") -> dict[str, int]:
    """How many of a kind each person was told of."""
    found = {name: sum(each.count for each in notices(world, name, kind)) for name in world.people}
    return {name: count for name, count in found.items() if count}


def bring(world: World, name: str = "FT 1", **more: object) -> Document:
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, f"{name}.xml", papers.fatturapa(name, **more))
    return world.document(anna, number=name)


def record(world: World, firm: str, verb: str, document: Document | None = None, **data: object) -> None:
    with scope(actors.system(world.firms[firm])) as system:
        trail.record(
            system,
            verb,
            company_id=document.company_id if document else None,
            document_id=document.pk if document else None,
            data=data,
        )


def test_who_decides_is_told_of_what_arrived_and_nobody_else(world: World, tell: Callable[..., None]):
    bring(world)
    tell()
    assert told(world) == {"maria": 1}


def test_who_brought_it_in_is_not_told(world: World, tell: Callable[..., None]):
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "a.xml", papers.fatturapa("FT 1"))
    tell()
    assert told(world) == {}


def test_told_again_tells_nothing_new(world: World, tell: Callable[..., None]):
    document = bring(world)
    with scope(actors.system(world.firms["bianchi"])):
        deeds = [deed.pk for deed in trail.of_document(document.company_id, document.pk)]
    telling.tell(world.firms["bianchi"], deeds, at=NOON)
    telling.tell(world.firms["bianchi"], deeds, at=NOON + timedelta(hours=5))
    tell(at=NOON + timedelta(hours=9))
    assert told(world) == {"maria": 1}
    assert Post.objects.count() == 1


def test_what_comes_together_is_one_notice_with_a_count(world: World, tell: Callable[..., None]):
    for number in range(7):
        bring(world, f"FT {number}")
        tell(at=NOON + timedelta(minutes=number))
    (only,) = notices(world, "maria")
    assert (only.kind, only.count) == ("to-approve", 7)
    assert Post.objects.count() == 1


def test_a_person_of_two_companies_has_a_notice_for_each_and_one_digest(world: World, tell: Callable[..., None]):
    with scope(actors.system(world.firms["bianchi"])):
        Membership.objects.create(
            member=world.people["maria"],
            firm=world.firms["bianchi"],
            company=world.companies["verdi"],
            role=Role.APPROVER,
        )
    bring(world)
    bring(world, "V 1", buyer="Verdi Impianti S.r.l.", buyer_id="00743110157")
    tell()
    assert [each.company_id for each in notices(world, "maria")] == [
        world.companies["rossi"].pk,
        world.companies["verdi"].pk,
    ]
    assert Post.objects.filter(member=world.people["maria"], channel="digest").count() == 1


def test_a_dispute_is_told_to_the_firm_but_not_from_behind_a_hard_gate(world: World, tell: Callable[..., None]):
    document = bring(world)
    ioana, mihai = world.at_firm("ioana", "dunarea"), world.at_company("mihai", "brutaria")
    world.hand_in(ioana, "ro.xml", papers.ubl("RO 1"))
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        decide.dispute(maria, document, reason="not_ours")
    hidden = world.document(mihai)
    assert hidden.number
    with scope(mihai):
        decide.dispute(mihai, hidden, reason="not_ours")
    tell()
    assert told(world, "disputed") == {"anna": 1, "paolo": 1}


def test_an_accountant_is_not_told_of_companies_that_are_not_assigned(world: World, tell: Callable[..., None]):
    document = bring(world, "V 1", buyer="Verdi Impianti S.r.l.", buyer_id="00743110157")
    luca = world.at_company("luca", "verdi")
    with scope(luca):
        decide.dispute(luca, document, reason="not_ours")
    tell()
    assert told(world, "disputed") == {"anna": 1}


def test_what_was_decided_before_the_job_ran_is_not_told(world: World, tell: Callable[..., None]):
    document = bring(world)
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        decide.approve(maria, document)
    tell()
    assert told(world) == {}


def test_alerts_and_questions_are_told_to_whom_they_concern(world: World, tell: Callable[..., None]):
    document = bring(world)
    tell()
    with scope(actors.system(world.firms["bianchi"])):
        Document.objects.filter(pk=document.pk).update(alerts=["iban"])
    record(world, "bianchi", "alert-raised", document, kinds=["iban"])
    record(world, "bianchi", "question-asked", document, comment=1, to="company", members=[])
    record(world, "bianchi", "commented", document, comment=2, mentions=[world.people["paolo"].pk])
    tell()
    assert told(world, "alert") == {"anna": 1, "paolo": 1, "maria": 1}
    assert told(world, "question") == {"maria": 1, "paolo": 1}


def test_a_mention_of_somebody_who_cannot_see_the_document_tells_nothing(world: World, tell: Callable[..., None]):
    document = bring(world)
    people_mentioned = [world.people[name].pk for name in ("elena", "luca", "mihai")]
    record(world, "bianchi", "commented", document, comment=2, mentions=people_mentioned)
    tell()
    assert told(world, "question") == {}


def test_an_answer_is_told_to_who_asked(world: World, tell: Callable[..., None]):
    document = bring(world)
    paolo, maria = world.at_company("paolo", "rossi"), world.at_company("maria", "rossi")
    for who, verb, data in (
        (paolo, "question-asked", {"comment": 1, "to": "company", "members": []}),
        (maria, "question-answered", {"comment": 1}),
    ):
        with scope(who):
            trail.record(who, verb, company_id=document.company_id, document_id=document.pk, data=data)
    tell()
    assert told(world, "question") == {"maria": 1, "paolo": 1}


def test_only_those_who_were_asked_by_name_are_told_to_approve(world: World, tell: Callable[..., None]):
    with scope(actors.system(world.firms["bianchi"])):
        Membership.objects.create(
            member=world.person("dario"),
            firm=world.firms["bianchi"],
            company=world.companies["rossi"],
            role=Role.APPROVER,
        )
    document = bring(world)
    record(world, "bianchi", "approval-asked", document, members=[world.people["dario"].pk], step=1)
    tell()
    assert told(world, "to-approve") == {"dario": 1}


def test_an_export_is_told_to_who_asked_for_it(world: World, tell: Callable[..., None]):
    anna = world.at_firm("anna", "bianchi")
    with scope(anna):
        trail.record(anna, "export-asked", data={"export": 5})
    record(world, "bianchi", "export-failed", export=5)
    tell()
    assert told(world) == {"anna": 1}


def test_a_change_of_role_is_told_at_once_even_to_who_was_removed(world: World, tell: Callable[..., None]):
    anna = world.at_firm("anna", "bianchi")
    with scope(anna):
        seat = Membership.objects.get(member=world.people["paolo"], company=None)
        people.remove_from_team(anna, seat)
    tell()
    (notice,) = notices(world, "paolo")
    assert notice.kind == "role"
    (post,) = Post.objects.all()
    assert (post.channel, post.due_at) == ("mail", NOON)


def test_a_new_device_is_told_but_the_first_is_not(world: World):
    maria = world.people["maria"]
    telling.login(maria, "Firefox · Linux", at=NOON)
    assert told(world) == {}
    telling.login(maria, "Chrome · Android", at=NOON)
    telling.login(maria, "Chrome · Android", at=NOON)
    (notice,) = notices(world, "maria")
    assert notice.data == {"device": "Chrome · Android"}


def test_due_soon_is_urgent(world: World, tell: Callable[..., None]):
    bring(world, "FT 1")
    bring(world, "FT 2")
    with scope(actors.system(world.firms["bianchi"])):
        Document.objects.filter(number="FT 2").update(due_date=(NOON + timedelta(days=2)).date())
        Document.objects.filter(number="FT 1").update(due_date=(NOON + timedelta(days=9)).date())
    tell()
    assert sorted((each.urgent, each.count) for each in notices(world, "maria")) == [(False, 1), (True, 1)]


def test_nobody_reads_anothers_notices_even_by_hand(world: World, tell: Callable[..., None]):
    bring(world)
    tell()
    assert Notice.objects.count() == Item.objects.count() == 0, "outside a person's scope nothing is there"
    with scope(world.at_firm("anna", "bianchi")):
        assert Notice.objects.count() == 0
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from notifications_notice")
        assert cursor.fetchone()[0] == 0


def test_five_thousand_invoices_are_one_notice_a_person_in_bounded_work(
    world: World, tell: Callable[..., None], django_assert_max_num_queries
):
    """A chunk of 200 costs the trail one more row in the queue, and the job does not ask once a document."""
    rows = []
    document = bring(world)
    tell()
    with scope(actors.system(world.firms["bianchi"])) as system:
        plain = Document.objects.get(pk=document.pk)
        for number in range(200):
            plain.pk, plain.number, plain.identity = None, f"B {number}", f"{number:064d}"
            plain.save(force_insert=True)
            rows.append(trail.deed(system, "arrived", company_id=plain.company_id, document_id=plain.pk))
        with django_assert_max_num_queries(3):
            trail.record_all(rows)
    with django_assert_max_num_queries(100):
        tell(at=NOON + timedelta(minutes=1))
    (only,) = notices(world, "maria")
    assert only.count == 201
    assert Post.objects.count() == 1


@pytest.mark.parametrize("kind", kinds.KINDS, ids=lambda kind: kind.key)
def test_every_kind_can_say_how_many(kind: kinds.Kind):
    assert "2" in kind.many(2)
    assert len(kind.key) <= 20
    assert kind.mail == "now" or not kind.must

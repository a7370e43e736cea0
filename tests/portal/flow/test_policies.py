"""Whose yes a company's policies ask, in which order, until when; and that nobody says both yeses."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connections
from django.utils import timezone
from tests.portal import papers
from tests.portal.world import World, build

from fatto.portal.approvals import actions, queries
from fatto.portal.approvals.models import Policy
from fatto.portal.approvals.policies import deadline
from fatto.portal.documents import queries as documents
from fatto.portal.documents.models import Document
from fatto.portal.documents.queries import Filters
from fatto.portal.documents.sentence import chips, sentence
from fatto.portal.flow import decide, escalate, people
from fatto.portal.programs import actions as programs
from fatto.portal.programs import tokens
from fatto.portal.tenancy import absences
from fatto.portal.tenancy import actions as tenancy
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.action import NotAllowed, Refusal
from fatto.portal.tenancy.models import Deed, Membership
from fatto.portal.tenancy.permissions import Role
from fatto.portal.tenancy.scope import scope


def staffed(world: World) -> World:
    """Rossi with three who may decide: Maria (owner), Piero and Nadia (approvers)."""
    with scope(actors.system(world.firms["bianchi"])) as system:
        for name in ("piero", "nadia"):
            tenancy.join_company(system, world.companies["rossi"], member=world.person(name), role=Role.APPROVER)
    return world


@pytest.fixture
def rossi(world: World) -> World:
    return staffed(world)


def pk(world: World, name: str) -> int:
    return world.people[name].pk


def policy(world: World, **fields: object) -> Policy:
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        return actions.add_policy(maria, world.companies["rossi"], **fields)


def invoice(world: World, number: str = "1/A", net: str = "100.00") -> Document:
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, f"{number[0]}.xml", papers.fatturapa(number, net=net))
    return world.document(anna, number=number)


def approve(world: World, who: str, document: Document) -> str:
    """The verdict, or the name of the refusal."""
    actor = world.at_company(who, "rossi")
    with scope(actor):
        try:
            return decide.approve(actor, documents.get(document.pk)).verdict
        except Refusal as refusal:
            return type(refusal).__name__


def now(world: World, document: Document) -> Document:
    return world.document(world.at_firm("anna", "bianchi"), pk=document.pk)


def waiting_for(world: World, who: str) -> list[str]:
    """The numbers in a person's own list; the count beside it must be the same."""
    actor = world.at_company(who, "rossi")
    with scope(actor):
        found = [each.number for each in documents.page(Filters(view="mine")).rows]
        assert documents.counts().mine == len(found)
        for each in documents.page(Filters(view="to-approve")).rows:
            assert queries.may_decide(actor, each) == (each.number in found)
    return found


def test_without_a_policy_anybody_who_may_decide_is_enough(rossi: World):
    document = invoice(rossi)
    assert (document.policy, document.asked) == (None, [])
    assert waiting_for(rossi, "piero") == waiting_for(rossi, "maria") == ["1/A"]
    assert approve(rossi, "piero", document) == "approved"


def test_only_the_named_person_is_asked(rossi: World):
    policy(rossi, people=[pk(rossi, "piero")])
    document = invoice(rossi)
    assert waiting_for(rossi, "piero") == ["1/A"]
    assert waiting_for(rossi, "maria") == waiting_for(rossi, "nadia") == []
    assert approve(rossi, "maria", document) == "NotAsked"
    with scope(rossi.at_company("maria", "rossi")) as maria, pytest.raises(Refusal):
        decide.dispute(maria, documents.get(document.pk), reason="not_ours")
    assert approve(rossi, "piero", document) == "approved"


def test_the_narrower_sentence_comes_first(rossi: World):
    policy(rossi, people=[pk(rossi, "maria")])
    policy(rossi, people=[pk(rossi, "nadia")], party_id=invoice(rossi).party_id)
    invoice(rossi, "2/A")
    assert waiting_for(rossi, "nadia") == ["2/A", "1/A"]
    assert waiting_for(rossi, "maria") == []


def test_above_an_amount_two_different_people_must_agree(rossi: World):
    policy(rossi, second_from=Decimal(1000), second_people=[pk(rossi, "maria")])
    small, large = invoice(rossi, "1/A", "500.00"), invoice(rossi, "2/A", "5000.00")
    assert approve(rossi, "piero", small) == "approved"
    assert approve(rossi, "piero", large) == "agreed"
    between = now(rossi, large)
    assert (between.approval, between.step, between.asked) == ("to_approve", 2, [pk(rossi, "maria")])
    assert waiting_for(rossi, "piero") == []
    assert waiting_for(rossi, "nadia") == []
    assert waiting_for(rossi, "maria") == ["2/A"]
    assert approve(rossi, "piero", large) == "AgreedAlready"
    assert approve(rossi, "nadia", large) == "NotAsked"
    nadia = rossi.at_company("nadia", "rossi")
    with scope(nadia):
        said = sentence(between, nadia).text
        assert "Piero agreed" in said
        assert "Maria" in said
        assert "today" in said
        assert str(chips(between)[1].label) == "Waiting for the second approval"
    assert approve(rossi, "maria", large) == "approved"
    with scope(nadia):
        assert [(each.verdict, each.step, each.by_name) for each in queries.decisions(large)] == [
            ("agreed", 1, "Piero"),
            ("approved", 2, "Maria"),
        ]
        verbs = [deed.verb for deed in Deed.objects.filter(document_id=large.pk).order_by("id")]
        assert verbs == ["arrived", "approval-asked", "agreed", "approval-asked", "approved"]


def test_what_cannot_be_compared_asks_two(rossi: World):
    policy(rossi, second_from=Decimal(1000))
    maria = rossi.at_company("maria", "rossi")
    with scope(maria):
        for document, two in (
            (Document(company=rossi.companies["rossi"], amount=None), True),
            (Document(company=rossi.companies["rossi"], amount=Decimal(10), currency="USD"), True),
            (Document(company=rossi.companies["rossi"], amount=Decimal(-1000), currency="EUR"), True),
            (Document(company=rossi.companies["rossi"], amount=Decimal("999.99"), currency="EUR"), False),
        ):
            assert queries.need(document).two is two


def test_two_levels_need_two_people(world: World):
    maria = world.at_company("maria", "rossi")
    with scope(maria), pytest.raises(actions.OnePersonOnly):
        actions.add_policy(maria, world.companies["rossi"], second_from=Decimal(10))


def test_everybody_takes_back_his_own_step(rossi: World):
    policy(rossi, second_from=Decimal(0))
    document = invoice(rossi)

    def undo(who: str) -> str:
        actor = rossi.at_company(who, "rossi")
        with scope(actor):
            row = documents.get(document.pk)
            offered = queries.may_undo(actor, row)
            try:
                decide.undo(actor, row)
            except Refusal as refusal:
                assert not offered
                return type(refusal).__name__
            assert offered
        row = now(rossi, document)
        return f"{row.approval} {row.step}"

    assert approve(rossi, "piero", document) == "agreed"
    assert undo("nadia") == "NotYours"
    assert undo("piero") == "to_approve 1"
    assert approve(rossi, "piero", document) == "agreed"
    assert approve(rossi, "maria", document) == "approved"
    assert undo("nadia") == "NotYours"
    assert undo("maria") == "to_approve 2"
    assert now(rossi, document).agreed == [pk(rossi, "piero")]
    assert approve(rossi, "nadia", document) == "approved"
    assert undo("piero") == "to_approve 1"
    assert approve(rossi, "piero", document) == "agreed"


def test_a_dispute_begins_anew(rossi: World):
    policy(rossi, second_from=Decimal(0))
    document = invoice(rossi)
    approve(rossi, "piero", document)
    with scope(rossi.at_company("nadia", "rossi")) as nadia:
        decide.dispute(nadia, documents.get(document.pk), reason="not_ours")
    assert (now(rossi, document).step, now(rossi, document).agreed) == (1, [])
    assert approve(rossi, "piero", document) == "agreed"
    assert approve(rossi, "nadia", document) == "approved"


def test_a_changed_policy_holds_for_what_is_not_decided_yet(rossi: World):
    first = policy(rossi, people=[pk(rossi, "piero")])
    waiting, decided = invoice(rossi), invoice(rossi, "2/A")
    assert approve(rossi, "piero", decided) == "approved"
    maria = rossi.at_company("maria", "rossi")
    with scope(maria):
        actions.change_policy(maria, queries.policies(rossi.companies["rossi"])[0], people=[pk(rossi, "nadia")])
    assert waiting_for(rossi, "piero") == []
    assert waiting_for(rossi, "nadia") == ["1/A"]
    assert now(rossi, decided).approval == "approved"
    with scope(maria):
        actions.remove_policy(maria, Policy.objects.select_related("company").get(pk=first.pk))
    assert approve(rossi, "maria", waiting) == "approved"


def test_a_first_yes_stays_while_two_are_asked_and_is_asked_again_when_not(rossi: World):
    row = policy(rossi, second_from=Decimal(0))
    document = invoice(rossi)
    approve(rossi, "piero", document)
    maria = rossi.at_company("maria", "rossi")
    with scope(maria):
        row = Policy.objects.select_related("company").get(pk=row.pk)
        actions.change_policy(maria, row, second_from=Decimal(0), second_people=[pk(rossi, "nadia")])
    assert (now(rossi, document).step, now(rossi, document).asked) == (2, [pk(rossi, "nadia")])
    with scope(maria):
        actions.change_policy(maria, row, second_from=None)
    assert (now(rossi, document).step, now(rossi, document).agreed) == (1, [])
    assert approve(rossi, "piero", document) == "approved"


def test_where_the_named_person_left_an_owner_is_asked(rossi: World):
    policy(rossi, people=[pk(rossi, "piero")])
    document = invoice(rossi)
    maria = rossi.at_company("maria", "rossi")
    with scope(maria):
        people.remove(maria, Membership.objects.get(member=rossi.people["piero"], company=rossi.companies["rossi"]))
    assert now(rossi, document).asked == [pk(rossi, "maria")]
    assert approve(rossi, "maria", document) == "approved"


def test_a_person_who_lost_the_right_meanwhile_is_found_by_the_clock(rossi: World):
    policy(rossi, people=[pk(rossi, "piero")])
    document = invoice(rossi)
    with scope(rossi.at_company("maria", "rossi")):
        Membership.objects.filter(member=rossi.people["piero"]).update(role=Role.AUDITOR)
    assert escalate.ask_those_who_are_there(rossi.firms["bianchi"]) == 1
    assert escalate.ask_those_who_are_there(rossi.firms["bianchi"]) == 0
    assert now(rossi, document).asked == [pk(rossi, "maria")]


# -- programs --------------------------------------------------------------------------------------------------------


def test_a_program_counts_as_the_person_who_made_its_token(rossi: World):
    policy(rossi, second_from=Decimal(0))
    document = invoice(rossi)
    maria = rossi.at_company("maria", "rossi")
    with scope(maria):
        secret = programs.issue_token(maria, name="ERP", scopes=["read", "decide"], days=None).secret
    entrance = tokens.enter(secret)
    assert entrance is not None
    with scope(entrance.actor) as program:
        assert decide.approve(program, documents.get(document.pk)).verdict == "agreed"
    assert approve(rossi, "maria", document) == "AgreedAlready"
    with scope(entrance.actor) as program, pytest.raises(Refusal):
        decide.approve(program, documents.get(document.pk))
    assert approve(rossi, "piero", document) == "approved"


def test_a_program_does_not_speak_for_named_people(rossi: World):
    policy(rossi, people=[pk(rossi, "maria")])
    document = invoice(rossi)
    maria = rossi.at_company("maria", "rossi")
    with scope(maria):
        secret = programs.issue_token(maria, name="ERP", scopes=["decide"], days=None).secret
    entrance = tokens.enter(secret)
    assert entrance is not None
    with scope(entrance.actor) as program, pytest.raises(actions.NotAsked):
        decide.approve(program, documents.get(document.pk))


# -- deadlines -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "days", "country", "until"),
    [
        (date(2026, 12, 4), 1, "IT", date(2026, 12, 7)),  # over a weekend
        (date(2026, 12, 7), 1, "IT", date(2026, 12, 9)),  # the Immaculate Conception
        (date(2026, 4, 3), 1, "IT", date(2026, 4, 7)),  # Easter Monday
        (date(2026, 4, 9), 1, "RO", date(2026, 4, 14)),  # orthodox Good Friday and Easter Monday
        (date(2026, 11, 27), 1, "RO", date(2026, 12, 2)),  # Saint Andrew and the national day
        (date(2026, 12, 4), 3, "XX", date(2026, 12, 7)),  # a country whose holidays are not known: calendar days
    ],
)
def test_a_deadline_counts_working_days(day: date, days: int, country: str, until: date):
    assert deadline(day, days, country) == until


def test_after_the_deadline_the_owners_are_asked_once(rossi: World):
    policy(rossi, people=[pk(rossi, "piero")], days=2)
    document = invoice(rossi)
    assert document.asked_until is not None
    firm = rossi.firms["bianchi"]
    assert escalate.escalate(firm) == 0
    with scope(rossi.at_company("maria", "rossi")):
        Document.objects.update(asked_until=timezone.localdate() - timedelta(days=1))
    assert [escalate.escalate(firm), escalate.escalate(firm)] == [1, 0]
    with scope(rossi.at_company("maria", "rossi")):
        (deed,) = Deed.objects.filter(verb="approval-escalated")
        assert deed.data == {"members": [pk(rossi, "maria")], "days": 2}
    assert waiting_for(rossi, "maria") == waiting_for(rossi, "piero") == ["1/A"]
    assert escalate.ask_those_who_are_there(firm) == 0
    assert approve(rossi, "maria", document) == "approved"


def test_what_was_decided_in_time_does_not_escalate(rossi: World):
    policy(rossi, people=[pk(rossi, "piero")], days=1, escalate_to_id=pk(rossi, "nadia"))
    document, other = invoice(rossi), invoice(rossi, "2/A")
    approve(rossi, "piero", document)
    with scope(rossi.at_company("maria", "rossi")):
        Document.objects.filter(pk=other.pk).update(asked_until=timezone.localdate() - timedelta(days=1))
    assert escalate.escalate(rossi.firms["bianchi"]) == 1
    assert waiting_for(rossi, "nadia") == ["2/A"]
    assert now(rossi, document).asked_until is None


# -- absences --------------------------------------------------------------------------------------------------------


def away(world: World, who: str, substitute: str, *, begins: int = 0, ends: int = 3) -> None:
    actor = world.at_company(who, "rossi")
    with scope(actor):
        row = Membership.objects.get(member=actor.member, company=actor.company)
        today = absences.today(actor)
        absences.set_absence(
            actor,
            row,
            first=today + timedelta(days=begins),
            last=today + timedelta(days=ends),
            substitute=pk(world, substitute),
        )


def test_a_substitute_decides_in_the_absent_ones_stead_and_it_is_written_so(rossi: World):
    policy(rossi, people=[pk(rossi, "piero")])
    document = invoice(rossi)
    away(rossi, "piero", "nadia")
    assert waiting_for(rossi, "nadia") == ["1/A"]
    nadia = rossi.at_company("nadia", "rossi")
    with scope(nadia):
        assert "in place of Piero" in sentence(documents.get(document.pk), nadia).text
    assert approve(rossi, "nadia", document) == "approved"
    with scope(nadia):
        (decision,) = queries.decisions(document)
        assert queries.who(decision) == "Nadia for Piero"
        deed = Deed.objects.get(verb="approved")
        assert (deed.data["for"], deed.data["for_name"]) == (pk(rossi, "piero"), "Piero")


def test_an_absence_ends_by_itself(rossi: World):
    policy(rossi, people=[pk(rossi, "piero")])
    document = invoice(rossi)
    away(rossi, "piero", "nadia", begins=1)
    assert approve(rossi, "nadia", document) == "NotAsked"
    with scope(rossi.at_company("maria", "rossi")):
        from fatto.portal.tenancy.models import Absence

        today = timezone.localdate()
        Absence.objects.update(first=today - timedelta(days=9), last=today - timedelta(days=1))
    assert approve(rossi, "nadia", document) == "NotAsked"


def test_a_substitute_never_gives_both_yeses(rossi: World):
    policy(rossi, people=[pk(rossi, "piero")], second_from=Decimal(0), second_people=[pk(rossi, "nadia")])
    document = invoice(rossi)
    away(rossi, "piero", "nadia")
    assert approve(rossi, "nadia", document) == "agreed"
    assert sorted(now(rossi, document).agreed) == sorted([pk(rossi, "nadia"), pk(rossi, "piero")])
    assert approve(rossi, "nadia", document) == "AgreedAlready"
    assert approve(rossi, "piero", document) == "AgreedAlready"
    assert approve(rossi, "maria", document) == "approved", "nadia was to be second: an owner is asked instead"


def test_the_absent_of_the_absent_are_not_reached(rossi: World):
    """Piero → Nadia → Maria: Maria stands in for Nadia, not for Piero."""
    policy(rossi, people=[pk(rossi, "piero")])
    document = invoice(rossi)
    away(rossi, "piero", "nadia")
    away(rossi, "nadia", "maria")
    assert rossi.at_company("maria", "rossi").stands_for == (pk(rossi, "nadia"),)
    assert approve(rossi, "maria", document) == "NotAsked"


def test_two_cannot_stand_in_for_one_another(rossi: World):
    away(rossi, "piero", "nadia")
    with pytest.raises(absences.WrongAbsence):
        away(rossi, "nadia", "piero")
    with pytest.raises(absences.WrongAbsence):
        away(rossi, "maria", "piero")
    away(rossi, "maria", "piero", begins=10, ends=11)


@pytest.mark.parametrize("substitute", ["sara", "elena", "anna", "luca"])
def test_only_somebody_of_the_company_who_may_decide_stands_in(rossi: World, substitute: str):
    with pytest.raises(absences.WrongAbsence):
        away(rossi, "piero", substitute)


def test_nobody_notes_another_ones_absence_but_who_manages_the_people(rossi: World):
    nadia, maria = rossi.at_company("nadia", "rossi"), rossi.at_company("maria", "rossi")
    today = absences.today(maria)
    days = {"first": today, "last": today, "substitute": pk(rossi, "nadia")}
    with scope(nadia):
        row = Membership.objects.get(member=rossi.people["piero"], company=rossi.companies["rossi"])
        with pytest.raises(NotAllowed):
            absences.set_absence(nadia, row, **days)
    with scope(maria):
        absence = absences.set_absence(maria, row, **days)
        absences.end_absence(maria, absence)
        assert [deed.verb for deed in Deed.objects.filter(verb__startswith="absence").order_by("id")] == [
            "absence-set",
            "absence-ended",
        ]


def test_a_colleague_of_the_firm_enters_the_absent_ones_companies_with_no_more_than_both_may(world: World):
    rossi, verdi = world.companies["rossi"], world.companies["verdi"]
    with scope(actors.system(world.firms["bianchi"])) as system:
        tenancy.join_firm(system, member=world.person("tina"), role=Role.ASSISTANT, companies=[verdi])
        tenancy.join_firm(system, member=world.person("ugo"), role=Role.ACCOUNTANT, companies=[verdi])
    anna = world.at_firm("anna", "bianchi")
    with scope(anna):
        today = absences.today(anna)
        paolo = Membership.objects.get(member=world.people["paolo"], company=None)
        tina = Membership.objects.get(member=world.people["tina"], company=None)
        assert {str(each) for each in absences.substitutes(anna, paolo)} == {"Tina", "Ugo"}
        assert absences.substitutes(anna, tina) == [], "an accountant may more than an assistant"
        absences.set_absence(anna, paolo, first=today, last=today, substitute=pk(world, "ugo"))
    assert set(world.at_firm("ugo", "bianchi").companies) == {rossi.pk, verdi.pk}
    assert world.at_company("ugo", "rossi").companies == (rossi.pk,)
    assert world.at_firm("tina", "bianchi").companies == (verdi.pk,)


# -- at once ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def committed(transactional_db: None) -> World:
    return staffed(build())


def test_two_who_approve_at_once_give_one_yes_each(committed: World):
    policy(committed, second_from=Decimal(0))
    anna = committed.at_firm("anna", "bianchi")
    committed.hand_in(anna, "a.zip", papers.zipped({f"{n}.xml": papers.fatturapa(f"FT {n}") for n in range(8)}))
    with scope(anna):
        rows = list(Document.objects.order_by("pk"))

    def all_of(who: str) -> Callable[[], list[str]]:
        def do() -> list[str]:
            try:
                return [approve(committed, who, row) for row in rows]
            finally:
                connections.close_all()

        return do

    with ThreadPoolExecutor(4) as pool:
        said = [each.result() for each in [pool.submit(all_of(who)) for who in ("piero", "nadia", "piero", "nadia")]]
    for row, verdicts in zip(rows, zip(*said, strict=True), strict=True):
        assert sorted(verdicts)[-2:] == ["agreed", "approved"]
        with scope(anna):
            given = queries.standing(row)
            assert [each.step for each in given] == [1, 2]
            assert {each.by_name for each in given} == {"Piero", "Nadia"}
    with scope(committed.at_company("maria", "rossi")):
        assert documents.counts().to_approve == documents.counts().mine == 0

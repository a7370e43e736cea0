"""Documents that are moved, split, photographed or rewritten are asked for as any other, and nothing is left behind."""

from __future__ import annotations

import uuid
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.portal import pictures
from tests.portal.flow.test_arranging import again, scanned
from tests.portal.flow.test_papers import TAXI, shots
from tests.portal.flow.test_policies import pk, policy, staffed
from tests.portal.world import World

from fatto.portal.approvals import actions, twins
from fatto.portal.approvals.models import Alert
from fatto.portal.conversation import actions as conversation
from fatto.portal.conversation.models import Comment
from fatto.portal.documents import queries
from fatto.portal.documents.models import Document
from fatto.portal.documents.queries import Filters
from fatto.portal.flow import arranging, decide
from fatto.portal.flow import papers as flow
from fatto.portal.tenancy import actions as tenancy
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.action import Refusal
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Role
from fatto.portal.tenancy.scope import scope


@pytest.fixture
def rossi(world: World) -> World:
    return staffed(world)


def to_verdi(world: World, document: Document) -> Actor:
    here, there = world.at_company("anna", "rossi"), world.at_company("anna", "verdi")
    with scope(here):
        arranging.move_to_company(here, queries.get(document.pk), there=there)
    return there


def mine(who: Actor) -> list[int]:
    with scope(who):
        found = [each.pk for each in queries.page(Filters(view="mine")).rows]
        assert queries.counts().mine == len(found)
    return found


def test_a_yes_in_the_first_company_is_none_in_the_other(rossi: World):
    """The first of two yeses stays where it was given."""
    policy(rossi, second_from=Decimal(10))
    luca = rossi.at_company("luca", "verdi")
    with scope(actors.system(rossi.firms["bianchi"])) as system:
        tenancy.join_company(system, rossi.companies["verdi"], member=rossi.person("rita"), role=Role.APPROVER)
    with scope(luca):
        actions.add_policy(luca, rossi.companies["verdi"], second_from=Decimal(10))
    maria, document = scanned(rossi)
    with scope(maria):
        assert decide.approve(maria, queries.get(document.pk)).verdict == "agreed"
    to_verdi(rossi, document)
    row = again(luca, document)
    assert (row.step, row.agreed) == (1, [])
    assert mine(luca) == [document.pk]
    with scope(luca):
        assert decide.approve(luca, queries.get(document.pk)).verdict == "agreed"


def test_what_was_asked_of_people_of_one_company_is_asked_anew_in_the_other(rossi: World):
    policy(rossi, people=[pk(rossi, "piero")])
    _maria, document = scanned(rossi)
    to_verdi(rossi, document)
    assert mine(rossi.at_company("luca", "verdi")) == [document.pk]


def test_how_much_was_said_in_the_first_company_is_not_told_in_the_other(rossi: World):
    maria, document = scanned(rossi)
    with scope(maria):
        conversation.comment(maria, queries.get(document.pk), text="Nur bei uns")
    there = to_verdi(rossi, document)
    row = again(there, document)
    assert (row.comments, row.question) == (0, False)
    with scope(there):
        assert Comment.objects.filter(document=document).count() == 0


def test_beside_what_is_moved_nothing_rests_that_could_not_be_parted_any_more(rossi: World):
    maria, one = scanned(rossi, "Uno", name="a.pdf")
    _, two = scanned(rossi, "Due", name="b.pdf")
    with scope(maria):
        twins.join(maria, queries.get(one.pk), other=queries.get(two.pk))
    here, there = rossi.at_company("anna", "rossi"), rossi.at_company("anna", "verdi")
    with scope(here), pytest.raises(Refusal):
        arranging.move_to_company(here, queries.get(one.pk), there=there)
    with scope(maria):
        twins.part(maria, queries.get(two.pk))
    assert again(maria, two).booking == "to_book"


def test_what_was_odd_in_one_company_is_looked_at_anew_in_the_other(rossi: World):
    """Alerts name other documents of their company, and must not be in the way of those of the next one."""
    maria, one = scanned(rossi, "Uno", name="a.pdf")
    _, two = scanned(rossi, "Due", name="b.pdf")
    anna = rossi.at_company("anna", "verdi")
    rossi.hand_in(anna, "c.pdf", pictures.scan("Tre"))
    third = rossi.document(anna, name="c.pdf")
    with scope(anna):
        flow.set_details(anna, queries.get(third.pk), details=TAXI)
    with scope(maria):
        flow.set_details(maria, queries.get(one.pk), details=TAXI)
        flow.set_details(maria, queries.get(two.pk), details=TAXI)
    assert again(maria, two).alerts == ["duplicate"]
    there = to_verdi(rossi, two)
    assert again(there, two).alerts == ["duplicate"], "there is one like it here as well"
    with scope(there):
        assert [each.values["documents"] for each in Alert.objects.filter(document=two)] == [[third.pk]]
        flow.set_details(there, queries.get(two.pk), details=replace(TAXI, number="R 13"))


def test_photographs_and_parts_wait_for_whom_the_policy_names(rossi: World):
    policy(rossi, people=[pk(rossi, "piero")])
    maria, piero = rossi.at_company("maria", "rossi"), rossi.at_company("piero", "rossi")
    with scope(maria):
        flow.capture(maria, shots=shots(maria, ("1.jpg", pictures.jpeg("1"))), batch=uuid.uuid4())
        photograph = Document.objects.get()
    assert mine(piero) == [photograph.pk]
    assert mine(maria) == []
    _, document = scanned(rossi)
    with scope(maria):
        parts = arranging.split(maria, queries.get(document.pk), groups=[[1], [2, 3]])
    assert set(mine(piero)) == {photograph.pk, *(each.pk for each in parts)}
    with scope(maria):
        arranging.restore(maria, queries.get(parts[0].pk))
    assert set(mine(piero)) == {photograph.pk, document.pk}


def test_details_that_change_the_policy_change_who_is_asked(rossi: World):
    policy(rossi, second_from=Decimal(100), people=[pk(rossi, "piero")], second_people=[pk(rossi, "nadia")])
    policy(rossi, direction="received", people=[pk(rossi, "nadia")])
    maria, document = scanned(rossi)
    piero, nadia = rossi.at_company("piero", "rossi"), rossi.at_company("nadia", "rossi")
    assert (mine(piero), mine(nadia)) == ([document.pk], [])
    with scope(maria):
        arranging.move_to_folder(maria, queries.get(document.pk), direction="received")
    assert (mine(piero), mine(nadia)) == ([], [document.pk])


def test_a_first_yes_to_another_amount_is_no_yes_to_this_one(rossi: World):
    """What somebody agreed to is what it said then."""
    policy(rossi, second_from=Decimal(10))
    maria, document = scanned(rossi)
    nadia = rossi.at_company("nadia", "rossi")
    with scope(maria):
        flow.set_details(maria, queries.get(document.pk), details=replace(TAXI, amount=Decimal(50)))
        decide.approve(maria, queries.get(document.pk))
    assert again(maria, document).step == 2
    with scope(nadia):
        flow.set_details(nadia, queries.get(document.pk), details=replace(TAXI, amount=Decimal(5000)))
    row = again(maria, document)
    assert (row.step, row.agreed) == (1, [])

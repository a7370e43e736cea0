"""The pages of policies, rules and absences."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from tests.portal import papers
from tests.portal.flow.test_policies import approve, now, pk, policy, staffed
from tests.portal.world import World

from fatto.portal.approvals import queries
from fatto.portal.approvals.models import Rule
from fatto.portal.tenancy.models import Absence, Membership
from fatto.portal.tenancy.scope import scope


@pytest.fixture
def rossi(world: World) -> World:
    return staffed(world)


def page(world: World, who: str) -> Client:
    client = Client()
    client.force_login(world.people[who])
    return client


def here(world: World, path: str = "") -> str:
    return f"/c/{world.companies['rossi'].slug}/{path}"


def test_a_policy_is_written_changed_and_removed(rossi: World):
    maria = page(rossi, "maria")
    typed = {"second_from": "5.000,00", "people": [pk(rossi, "piero"), pk(rossi, "nadia")], "days": "3"}
    assert maria.post(here(rossi, "policy/add/"), typed).status_code == 303
    text = maria.get(here(rossi, "policy/")).content.decode()
    assert "Nadia or Piero must say yes" in text or "Piero or Nadia must say yes" in text
    assert "5,000.00 EUR" in text
    assert "After 3 working days without an answer, the owners will be asked as well." in text
    with scope(rossi.at_company("maria", "rossi")):
        (row,) = queries.policies(rossi.companies["rossi"])
    url = here(rossi, f"policy/{row.pk}/")
    assert 'value="5000.00"' in maria.get(url).content.decode()
    # What is stored is shown as its reader writes amounts, and is understood as such again.
    member = rossi.people["maria"]
    member.language = "it"
    member.save(update_fields=["language"])
    assert 'value="5000,00"' in maria.get(url).content.decode()
    member.language = "en"
    member.save(update_fields=["language"])
    assert maria.post(url, {"second_from": "", "tag": "cantiere"}).status_code == 303
    with scope(rossi.at_company("maria", "rossi")):
        (row,) = queries.policies(rossi.companies["rossi"])
    assert (row.second_from, row.tag, row.people, row.days) == (None, "cantiere", [], None)
    assert maria.post(url, {"remove": "1"}).status_code == 303
    assert "Anybody who may approve says yes; one yes is enough." in maria.get(here(rossi, "policy/")).content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        {"second_from": "much"},
        {"second_from": "-5"},
        {"days": "0"},
        {"days": "1000"},
        {"supplier": "Nobody S.p.A."},
        {"people": "999999"},
        {"direction": "issued"},
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field(rossi: World, typed: dict[str, str]):
    answer = page(rossi, "maria").post(here(rossi, "policy/add/"), typed)
    assert answer.status_code == 422
    with scope(rossi.at_company("maria", "rossi")):
        assert queries.policies(rossi.companies["rossi"]) == []


def test_one_person_alone_is_told_why_two_cannot_be_asked(world: World):
    answer = page(world, "maria").post(here(world, "policy/add/"), {"second_from": "10"})
    assert answer.status_code == 422
    assert "Let somebody in first." in answer.content.decode()


@pytest.mark.parametrize(
    ("who", "policies", "rules"),
    [("maria", 200, 200), ("anna", 200, 403), ("paolo", 403, 403), ("piero", 403, 403), ("sara", 403, 403)],
)
def test_who_may_write_them(rossi: World, who: str, policies: int, rules: int):
    person = page(rossi, who)
    assert person.get(here(rossi, "policy/")).status_code == person.get(here(rossi, "policy/add/")).status_code
    assert person.get(here(rossi, "policy/")).status_code == policies
    assert person.get(here(rossi, "rules/")).status_code == rules


def test_the_firms_owner_writes_a_policy_behind_a_hard_gate(world: World):
    """What she may not see is asked anew all the same."""
    mihai = world.at_company("mihai", "brutaria")
    world.hand_in(mihai, "a.xml", papers.ubl())
    slug = world.companies["brutaria"].slug
    ioana = page(world, "ioana")
    answer = ioana.post(f"/c/{slug}/policy/add/", {"people": [pk(world, "mihai")], "days": "2"})
    assert answer.status_code == 303
    assert world.document(mihai).asked == [pk(world, "mihai")]


def test_a_rule_from_writing_it_to_its_first_yes(rossi: World):
    anna, maria = rossi.at_firm("anna", "bianchi"), page(rossi, "maria")
    rossi.hand_in(anna, "1.xml", papers.fatturapa("P 1"))
    approve(rossi, "piero", rossi.document(anna))
    typed = {"name": "Energy", "supplier": "energia esempio s.p.a.", "amount_max": "150", "same_account": "on"}
    answer = maria.post(here(rossi, "rules/add/"), typed)
    assert answer.status_code == 303
    url = answer["Location"]
    text = maria.get(url).content.decode()
    assert "Switch on" in text
    assert maria.post(url, {"on": "1"}).status_code == 303
    rossi.hand_in(anna, "2.xml", papers.fatturapa("F 1"))
    assert rossi.document(anna, number="F 1").by_rule
    rossi.hand_in(anna, "3.xml", papers.fatturapa("F 2", net="900.00"))
    text = maria.get(here(rossi, "rules/")).content.decode()
    assert "1 document approved in 90 days" in text
    assert "the amount is outside the band" in text
    assert "F 2" in text
    viewer = maria.get(here(rossi, f"documents/{rossi.document(anna, number='F 1').pk}/")).content.decode()
    assert "rule “Energy” made by Maria" in viewer
    assert "chip-rule" in viewer
    maria.post(url, typed | {"amount_max": "100000"})
    with scope(rossi.at_company("maria", "rossi")):
        assert not Rule.objects.get().active, "what is changed is tried anew"
        assert Rule.objects.get().tried_at is not None, "and was, at once"
    assert maria.post(url, {"remove": "1"}).status_code == 303
    assert maria.get(url).status_code == 404


def test_one_notes_ones_own_absence_and_another_ones_only_as_manager(rossi: World):
    today = timezone.localdate()
    typed = {"first": today, "last": today + timedelta(days=5), "substitute": pk(rossi, "nadia")}
    piero, maria = page(rossi, "piero"), page(rossi, "maria")
    assert "Panificio Rossi" in piero.get("/me/absences/").content.decode()
    assert piero.post(here(rossi, "away/"), typed).status_code == 303
    assert "Nadia" in piero.get("/me/absences/").content.decode()
    answer = piero.post(here(rossi, "away/"), typed)
    assert answer.status_code == 422
    assert "There is an absence in these days already." in answer.content.decode()
    with scope(rossi.at_company("maria", "rossi")):
        row = Membership.objects.get(member=rossi.people["piero"], company=rossi.companies["rossi"])
        absence = Absence.objects.get()
    other = here(rossi, f"people/{row.pk}/away/")
    assert piero.post(other, {"end": absence.pk}).status_code == 403
    assert maria.post(other, {"end": "x"}).status_code == 404
    assert maria.post(other, {"end": absence.pk}).status_code == 303
    assert page(rossi, "anna").get(here(rossi, "away/")).status_code == 404, "her absences are the firm's"
    assert page(rossi, "anna").get(f"/f/{rossi.firms['bianchi'].slug}/away/").status_code == 200


def test_the_page_of_a_document_says_whom_it_waits_for_and_offers_what_one_may(rossi: World):
    policy(rossi, people=[pk(rossi, "piero")], second_from=Decimal(0), second_people=[pk(rossi, "maria")])
    anna = rossi.at_firm("anna", "bianchi")
    rossi.hand_in(anna, "1.xml", papers.fatturapa("P 1"))
    document = rossi.document(anna)
    url = here(rossi, f"documents/{document.pk}/")
    nadia = page(rossi, "nadia").get(url).content.decode()
    assert "Waiting for the approval of Piero, asked today." in nadia
    assert f"{document.pk}/approve/" not in nadia
    assert "Waiting for the approval of Piero, asked today." in page(rossi, "anna").get(url).content.decode()
    piero = page(rossi, "piero")
    assert f"{document.pk}/approve/" in piero.get(url).content.decode()
    piero.post(f"{url}approve/")
    text = piero.get(url).content.decode()
    assert "Piero agreed. Waiting for the second approval, from Maria, asked today." in text
    assert f"{document.pk}/undo/" in text
    assert (
        "Piero agreed. This document waits for your approval as well." in page(rossi, "maria").get(url).content.decode()
    )
    assert page(rossi, "nadia").post(f"{url}undo/").status_code == 403
    assert now(rossi, document).step == 2

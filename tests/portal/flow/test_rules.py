"""Rules: what a trial shows is what happens; nothing with an alert; and a rule is one person's word, never two."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from tests.portal import papers
from tests.portal.flow.test_policies import approve, now, pk, policy, staffed
from tests.portal.world import World

from fatto.portal.approvals import actions, queries
from fatto.portal.approvals.models import Rule
from fatto.portal.documents import queries as documents
from fatto.portal.documents.models import Document
from fatto.portal.documents.sentence import chips, sentence
from fatto.portal.flow import arrive, decide, rules
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import NotAllowed, Refusal
from fatto.portal.tenancy.models import Deed, Membership
from fatto.portal.tenancy.permissions import Role
from fatto.portal.tenancy.scope import scope

IBAN = b"IT60X0542811101000000123456"
OTHER = b"IT28W8000000292100645211151"[:27]


@pytest.fixture
def rossi(world: World) -> World:
    return staffed(world)


def hand_in(world: World, number: str, net: str = "100.00", *, iban: bytes = IBAN, **fields: str) -> Document:
    anna = world.at_firm("anna", "bianchi")
    data = papers.fatturapa(number, net=net, **fields).replace(IBAN, iban)
    world.hand_in(anna, f"{number.replace('/', '-')}.xml", data)
    return world.document(anna, number=number)


def rule(world: World, *, on: bool = True, **fields: object) -> Rule:
    """Maria's rule about Energia Esempio: up to 150 €, the same IBAN."""
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        party_id = fields.pop("party_id", None) or Document.objects.order_by("pk")[0].party_id
        values = {"name": "Energy", "party_id": party_id, "amount_max": Decimal(150)} | fields
        row = actions.add_rule(maria, world.companies["rossi"], **values)
        if on:
            rules.try_out(maria, row)
            actions.switch_on(maria, row)
    return row


FEED = [
    ("F1", {}),
    ("F2", {"net": "1000.00"}),
    ("F3", {"iban": OTHER}),
    ("F4", {"kind": "TD04"}),
    ("F5", {"seller": "Altra S.p.A.", "seller_id": "09876543217"}),
    ("F6", {"net": "122.95"}),
    ("F7", {"net": "122.96"}),
]
"""122.95 + VAT is 150.00 €, 122.96 is more."""


def feed(world: World) -> Iterator[Document]:
    for number, fields in FEED:
        yield hand_in(world, number, **fields)


class Undone(Exception):
    """Nothing of what was done since is kept."""


def test_what_a_trial_shows_is_what_happens_when_the_rule_is_on(rossi: World):
    approve(rossi, "maria", hand_in(rossi, "P1"))
    maria = rossi.at_company("maria", "rossi")
    with suppress(Undone), transaction.atomic():
        list(feed(rossi))
        row = rule(rossi, on=False)
        with scope(maria):
            trial = rules.trial(row)
            assert {each.approval for each in Document.objects.exclude(number="P1")} == {"to_approve"}
        raise Undone
    shown = {each.document.number for each in trial.hits}
    assert (shown, trial.total, trial.looked_at) == ({"F1", "F6"}, Decimal("272.00"), 7)

    row = rule(rossi)
    done = {each.number: each for each in feed(rossi)}
    assert {number for number, each in done.items() if each.by_rule} == shown
    assert {each.approval for number, each in done.items() if number not in shown} == {"to_approve"}
    with scope(maria):
        assert rules.hits(rossi.companies["rossi"]) == {row.pk: 2}
        assert {each.document.number for each in rules.trial(row).hits} == shown, "and tried afterwards"
        row.refresh_from_db()
        assert (row.deviation, row.deviation_document_id) == ("amount", done["F7"].pk)


def test_a_decision_by_rule_says_which_rule_and_whose(rossi: World):
    approve(rossi, "maria", hand_in(rossi, "P1"))
    row = rule(rossi)
    document = hand_in(rossi, "F1")
    maria = rossi.at_company("maria", "rossi")
    with scope(maria):
        (decision,) = queries.decisions(document)
        assert queries.who(decision) == "rule “Energy” made by Maria"
        (deed,) = (each for each in trail.of_document(document.company_id, document.pk) if each.verb == "approved")
        assert deed.by_kind == "system"
        assert {key: deed.data[key] for key in ("rule", "rule_name", "rule_by")} == {
            "rule": row.pk,
            "rule_name": "Energy",
            "rule_by": "Maria",
        }
        chip = chips(document)[1]
        assert (chip.tone, str(chip.label)) == ("rule", "Approved by rule")
        assert sentence(document, maria).tone == "rule"


def test_a_person_takes_a_rules_yes_back(rossi: World):
    approve(rossi, "maria", hand_in(rossi, "P1"))
    rule(rossi)
    document = hand_in(rossi, "F1")
    piero = rossi.at_company("piero", "rossi")
    with scope(piero):
        decide.undo(piero, documents.get(document.pk))
    row = now(rossi, document)
    assert (row.approval, row.by_rule) == ("to_approve", False)
    with scope(piero):
        assert rules.apply(piero, [documents.get(document.pk)]) == 1, "asked for again, it would say yes again"


def test_a_document_with_an_alert_is_left_to_people(rossi: World, monkeypatch: pytest.MonkeyPatch):
    approve(rossi, "maria", hand_in(rossi, "P1"))
    row = rule(rossi)
    ask = actions.ask

    def guard(actor, found, **fields) -> None:
        """What a guard does before the rules are tried."""
        Document.objects.filter(pk__in=[each.pk for each in found]).update(alerts=["iban-new"])
        ask(actor, found, **fields)

    monkeypatch.setattr(arrive.approvals, "ask", guard)
    document = hand_in(rossi, "F1")
    assert document.approval == "to_approve"
    with scope(rossi.at_company("maria", "rossi")):
        assert rules.trial(row).hits == []
        row.refresh_from_db()
        assert row.deviation == "alert"


def test_an_alert_that_was_confirmed_since_still_counts_in_the_trial(rossi: World):
    approve(rossi, "maria", hand_in(rossi, "P1"))
    row = rule(rossi, on=False)
    document = hand_in(rossi, "F1")
    maria = rossi.at_company("maria", "rossi")
    with scope(maria):
        assert [each.document.number for each in rules.trial(row).hits] == ["F1"]
        trail.record(maria, "alert-raised", company_id=document.company_id, document_id=document.pk)
        assert rules.trial(row).hits == []


def test_the_trial_tells_what_people_disputed(rossi: World):
    approve(rossi, "maria", hand_in(rossi, "P1"))
    document = hand_in(rossi, "F1")
    maria = rossi.at_company("maria", "rossi")
    with scope(maria):
        decide.dispute(maria, documents.get(document.pk), reason="wrong_amount")
    row = rule(rossi, on=False)
    with scope(maria):
        trial = rules.trial(row)
    assert (len(trial.hits), trial.disputed, trial.looked_at) == (1, 1, 2)


def test_a_rule_is_not_switched_on_untried_or_tried_otherwise(rossi: World):
    hand_in(rossi, "P1")
    row = rule(rossi, on=False)
    maria = rossi.at_company("maria", "rossi")
    with scope(maria):
        with pytest.raises(actions.NotTried):
            actions.switch_on(maria, row)
        rules.try_out(maria, row)
        actions.change_rule(maria, row, amount_max=Decimal(100_000))
        with pytest.raises(actions.NotTried):
            actions.switch_on(maria, row)
        with pytest.raises(IntegrityError), transaction.atomic():
            Rule.objects.filter(pk=row.pk).update(active=True)
        rules.try_out(maria, row)
        actions.switch_on(maria, row)
        actions.change_rule(maria, row, amount_max=Decimal(200))
        assert not Rule.objects.get(pk=row.pk).active


@pytest.mark.parametrize("who", ["piero", "sara", "elena"])
def test_only_an_owner_makes_rules(rossi: World, who: str):
    actor = rossi.at_company(who, "rossi")
    with scope(actor), pytest.raises(NotAllowed):
        actions.add_rule(actor, rossi.companies["rossi"], name="x", party_id="1", amount_max=Decimal(1))


def test_the_firm_makes_no_rules_for_the_company(rossi: World):
    anna = rossi.at_firm("anna", "bianchi")
    with scope(anna), pytest.raises(NotAllowed):
        actions.add_rule(anna, rossi.companies["rossi"], name="x", party_id="1", amount_max=Decimal(1))


def test_a_rule_whose_maker_may_make_none_any_more_is_switched_off(rossi: World):
    approve(rossi, "maria", hand_in(rossi, "P1"))
    row = rule(rossi)
    with scope(rossi.at_company("maria", "rossi")):
        Membership.objects.filter(member=rossi.people["maria"]).update(role=Role.APPROVER)
    assert hand_in(rossi, "F1").approval == "to_approve"
    with scope(rossi.at_company("maria", "rossi")):
        assert not Rule.objects.get(pk=row.pk).active
        assert Deed.objects.get(verb="rule-switched-off").data["why"] == "maker"


def test_a_rule_is_only_the_first_of_two_and_its_maker_not_the_second(rossi: World):
    approve(rossi, "maria", hand_in(rossi, "P1"))
    policy(rossi, second_from=Decimal(50))
    rule(rossi)
    document = hand_in(rossi, "F1")
    assert (document.approval, document.step, document.agreed) == ("to_approve", 2, [pk(rossi, "maria")])
    assert not document.by_rule
    assert approve(rossi, "maria", document) == "AgreedAlready"
    assert approve(rossi, "piero", document) == "approved"


def test_a_rule_says_nothing_where_its_maker_is_not_asked(rossi: World):
    approve(rossi, "maria", hand_in(rossi, "P1"))
    row = rule(rossi)
    policy(rossi, people=[pk(rossi, "piero")])
    assert hand_in(rossi, "F1").approval == "to_approve"
    with scope(rossi.at_company("maria", "rossi")):
        row.refresh_from_db()
        assert row.deviation == "policy"


def test_what_comes_out_of_quarantine_is_looked_at_as_well(rossi: World):
    approve(rossi, "maria", hand_in(rossi, "P1"))
    rule(rossi)
    anna = rossi.at_firm("anna", "bianchi")
    rossi.hand_in(anna, "q.xml", papers.fatturapa("Q1", buyer="Panificio Rossi S.r.l.", buyer_id="99999999990"))
    with scope(anna):
        stray = documents.quarantine()[0]
        arrive.route(anna, stray, rossi.companies["rossi"])
        document = Document.objects.get(number="Q1")
        assert document.by_rule
        assert Document.objects.filter(number="Q1").count() == 1


def test_a_rule_that_is_removed_decides_nothing_and_keeps_its_name(rossi: World):
    approve(rossi, "maria", hand_in(rossi, "P1"))
    row = rule(rossi)
    document = hand_in(rossi, "F1")
    maria = rossi.at_company("maria", "rossi")
    with scope(maria):
        actions.remove_rule(maria, row)
        assert queries.rules(rossi.companies["rossi"]) == []
        with pytest.raises(Refusal):
            actions.switch_on(maria, row)
        assert "Energy" in queries.who(queries.decisions(document)[0])
    assert hand_in(rossi, "F6").approval == "to_approve"

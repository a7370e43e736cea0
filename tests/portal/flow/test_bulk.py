"""Many documents together: fixed at the summary, done in chunks, the rest left out with the reason, and taken back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from tests.portal import papers
from tests.portal.flow.test_policies import policy, staffed
from tests.portal.world import World

from fatto.portal.approvals.models import Decision
from fatto.portal.documents import queries
from fatto.portal.documents.models import Batch, BatchItem, Document
from fatto.portal.documents.queries import Filters
from fatto.portal.flow import bulk, decide, keep
from fatto.portal.tenancy import people
from fatto.portal.tenancy.action import NotAllowed
from fatto.portal.tenancy.models import Deed, Membership
from fatto.portal.tenancy.permissions import Role
from fatto.portal.tenancy.scope import scope
from fatto.portal.tenancy.states import AlreadyMoved

WAITING = Filters(view="to-approve")


def filed(world: World, count: int, first: int = 1) -> None:
    """So many invoices that Rossi received."""
    members = {f"{n}.xml": papers.fatturapa(f"N {n}") for n in range(first, first + count)}
    world.hand_in(world.at_firm("anna", "bianchi"), f"{first}.zip", papers.zipped(members))


def propose(world: World, who: str = "maria", verb: str = "approve", filters: Filters = Filters()) -> Batch:  # noqa: B008
    with scope(world.at_company(who, "rossi")) as actor:
        return bulk.propose(actor, queries.whole_list(filters), verb=verb, query=filters.to_query())


def outcomes(world: World, batch: Batch, who: str = "maria") -> dict[str, int]:
    with scope(world.at_company(who, "rossi")):
        return bulk.outcomes(batch)


def states(world: World) -> dict[str, str]:
    with scope(world.at_company("maria", "rossi")):
        return dict(Document.objects.values_list("number", "approval"))


def test_what_cannot_be_approved_is_left_out_with_its_reason(world: World):
    filed(world, 6)
    maria, anna = world.at_company("maria", "rossi"), world.at_company("anna", "rossi")
    with scope(maria):
        documents = {each.number: each for each in Document.objects.all()}
        decide.approve(maria, documents["N 1"])
        decide.dispute(maria, documents["N 2"], reason="not_ours")
        Document.objects.filter(number="N 3").update(alerts=["iban"])
    with scope(anna):
        keep.book(anna, [documents["N 4"]])
    batch = propose(world)
    assert outcomes(world, batch) == {"ready": 2, "skipped": 4}
    with scope(maria):
        assert bulk.reasons(batch, "skipped") == {
            ("alerts", ""): 1,
            ("approved", ""): 1,
            ("booked", ""): 1,
            ("disputed", ""): 1,
        }
        bulk.start(maria, batch)
    assert outcomes(world, batch) == {"done": 2, "skipped": 4}
    found = states(world)
    assert found["N 3"] == "to_approve", "what needs a second look is never approved together"
    assert found["N 5"] == found["N 6"] == "approved"


def test_what_arrives_after_the_summary_is_not_acted_on(world: World):
    filed(world, 2)
    batch = propose(world, filters=WAITING)
    filed(world, 1, first=9)
    with scope(world.at_company("maria", "rossi")) as maria:
        bulk.start(maria, batch)
    assert states(world) == {"N 1": "approved", "N 2": "approved", "N 9": "to_approve"}


def test_what_moved_between_summary_and_deed_is_left_out(world: World):
    filed(world, 3)
    batch = propose(world)
    with scope(world.at_company("maria", "rossi")) as maria:
        decide.dispute(maria, Document.objects.get(number="N 1"), reason="duplicate")
        Document.objects.filter(number="N 2").update(alerts=["duplicate"])
        bulk.start(maria, batch)
        assert bulk.reasons(batch, "skipped") == {("alerts", ""): 1, ("disputed", ""): 1}
    assert states(world) == {"N 1": "disputed", "N 2": "to_approve", "N 3": "approved"}


def test_a_second_press_does_nothing(world: World):
    filed(world, 2)
    batch = propose(world)
    with scope(world.at_company("maria", "rossi")) as maria:
        bulk.start(maria, batch)
        with pytest.raises(AlreadyMoved):
            bulk.start(maria, Batch.objects.get(pk=batch.pk))
        assert Decision.objects.count() == 2


def test_every_document_has_its_own_decision_and_deed(world: World):
    filed(world, 3)
    batch = propose(world)
    with scope(world.at_company("maria", "rossi")) as maria:
        bulk.start(maria, batch)
        assert Decision.objects.filter(verdict="approved", by=maria.member).count() == 3
        assert Deed.objects.filter(verb="approved", by_name="Maria").count() == 3


def test_taking_back_touches_only_what_this_batch_did_and_nobody_changed_since(world: World):
    filed(world, 4)
    maria, anna = world.at_company("maria", "rossi"), world.at_company("anna", "rossi")
    with scope(maria):
        decide.approve(maria, Document.objects.get(number="N 4"))
    batch = propose(world)
    with scope(maria):
        bulk.start(maria, batch)
        # One is decided anew by hand: it looks the same, but is not what the batch did.
        again = Document.objects.get(number="N 1")
        decide.undo(maria, again)
        decide.approve(maria, again)
    with scope(anna):
        keep.book(anna, [Document.objects.get(number="N 2")])
    with scope(maria):
        bulk.take_back(maria, Batch.objects.get(pk=batch.pk))
    assert outcomes(world, batch) == {"skipped": 1, "kept": 2, "undone": 1}
    assert states(world) == {"N 1": "approved", "N 2": "approved", "N 3": "to_approve", "N 4": "approved"}


def test_a_dispute_needs_its_reason_before_anything_happens(world: World):
    filed(world, 2)
    batch = propose(world, verb="dispute")
    with scope(world.at_company("maria", "rossi")) as maria:
        with pytest.raises(bulk.approvals.ReasonMissing):
            bulk.start(maria, batch)
        with pytest.raises(bulk.approvals.NoteMissing):
            bulk.start(maria, batch, reason="other")
        bulk.start(maria, batch, reason="other", note="Never ordered")
        assert set(Decision.objects.values_list("reason", "note")) == {("other", "Never ordered")}
        bulk.take_back(maria, Batch.objects.get(pk=batch.pk))
    assert set(states(world).values()) == {"to_approve"}


def test_booking_together_files_and_taking_back_unfiles(world: World):
    filed(world, 3)
    anna = world.at_firm("anna", "bianchi")
    with scope(anna):
        batch = bulk.propose(anna, queries.whole_list(Filters()), verb="book")
        bulk.start(anna, batch)
        assert queries.count(Filters(view="booked")) == 3
        bulk.take_back(anna, Batch.objects.get(pk=batch.pk))
        assert queries.count(Filters(view="booked")) == 0
        assert bulk.outcomes(batch) == {"undone": 3}


def test_only_who_may_does(world: World):
    filed(world, 1)
    for who, verb in (("sara", "approve"), ("elena", "approve"), ("maria", "book"), ("anna", "approve")):
        with scope(world.at_company(who, "rossi")) as actor, pytest.raises(NotAllowed):
            bulk.propose(actor, queries.whole_list(Filters()), verb=verb)


def test_a_batch_is_seen_by_its_person_alone(world: World):
    filed(world, 1)
    batch = propose(world)
    with scope(world.at_company("sara", "rossi")) as sara:
        assert not Batch.objects.exists()
        with pytest.raises(Batch.DoesNotExist):
            bulk.get(sara, batch.pk)
    with scope(world.at_company("luca", "verdi")):
        assert not Batch._base_manager.exists()
        assert not BatchItem._base_manager.exists()


def test_nothing_chosen_and_too_many_are_refused(world: World, monkeypatch: pytest.MonkeyPatch):
    with scope(world.at_company("maria", "rossi")) as maria, pytest.raises(bulk.NothingChosen):
        bulk.propose(maria, queries.ticked([1, 2]), verb="approve")
    filed(world, 3)
    monkeypatch.setattr(bulk, "MOST", 2)
    with pytest.raises(bulk.TooMany):
        propose(world)


def test_a_killed_job_goes_on_and_ends_as_if_it_had_not_been(world: World, monkeypatch: pytest.MonkeyPatch):
    filed(world, 7)
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    monkeypatch.setattr(bulk, "CHUNK", 2)
    batch = propose(world)
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        bulk.start(maria, batch)
    real, calls = decide.approve, []

    def killed(*args: object, **kwargs: object) -> object:
        calls.append(1)
        if len(calls) == 4:  # in the middle of the second chunk
            raise SystemExit
        return real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(decide, "approve", killed)
    with pytest.raises(SystemExit):
        bulk.work(world.firms["bianchi"], batch.pk)
    assert outcomes(world, batch) == {"ready": 5, "done": 2}, "of a chunk all is written, or nothing"
    monkeypatch.setattr(decide, "approve", real)
    bulk.work(world.firms["bianchi"], batch.pk)
    bulk.work(world.firms["bianchi"], batch.pk)
    assert outcomes(world, batch) == {"done": 7}
    with scope(maria):
        assert Decision.objects.count() == 7
        assert Batch.objects.get(pk=batch.pk).state == "done"


def test_a_person_who_may_no_longer_is_told_on_each_document(world: World, monkeypatch: pytest.MonkeyPatch):
    filed(world, 2)
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    with scope(world.at_company("anna", "rossi")) as anna:
        membership = Membership.objects.get(member=world.people["elena"], company=world.companies["rossi"])
        people.change_role(anna, membership, role=Role.APPROVER)
    batch = propose(world, who="elena")
    with scope(world.at_company("elena", "rossi")) as elena:
        bulk.start(elena, batch)
    with scope(world.at_company("anna", "rossi")) as anna:
        people.remove(anna, membership)
    bulk.work(world.firms["bianchi"], batch.pk)
    assert set(states(world).values()) == {"to_approve"}
    with connection.cursor() as cursor, scope(world.at_company("anna", "rossi")):
        cursor.execute("select outcome, why from documents_batchitem where batch_id = %s", [batch.pk])
        assert set(cursor.fetchall()) == {("skipped", "not-allowed")}


def test_a_batch_whose_job_was_given_up_says_so_and_can_go_on(world: World, monkeypatch: pytest.MonkeyPatch):
    filed(world, 2)
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    batch = propose(world)
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        bulk.start(maria, batch)
    firm = world.firms["bianchi"]
    assert bulk.lost(firm) == []
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set status = 'failed' where task_name = 'fatto.do_batch'")
    assert bulk.lost(firm) == [batch.pk]
    bulk.failed(firm, batch.pk)
    with scope(maria):
        found = Batch.objects.get(pk=batch.pk)
        assert found.failed_at
        bulk.again(maria, found)
    assert bulk.lost(firm) == []
    bulk.work(firm, batch.pk)
    assert outcomes(world, batch) == {"done": 2}


def test_summaries_that_nobody_confirmed_are_forgotten(world: World):
    filed(world, 1)
    batch = propose(world)
    with scope(world.at_company("maria", "rossi")) as maria:
        assert bulk.forget_unconfirmed(maria) == 0
        Batch.objects.filter(pk=batch.pk).update(created_at="2026-01-01T00:00Z")
        bulk.forget_unconfirmed(maria)
        assert not Batch.objects.exists()
        assert not BatchItem.objects.exists()


def test_many_are_done_by_the_worker(world: World, monkeypatch: pytest.MonkeyPatch, transactional_db: None):
    """Queued in the transaction that starts it; see the story for the worker itself."""
    filed(world, 3)
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    batch = propose(world)
    with scope(world.at_company("maria", "rossi")) as maria:
        bulk.start(maria, batch)
    with connection.cursor() as cursor:
        cursor.execute("select args from procrastinate_jobs where task_name = 'fatto.do_batch'")
        assert len(cursor.fetchall()) == 1
    assert outcomes(world, batch) == {"ready": 3}


def test_a_first_yes_is_not_taken_back_together_once_a_second_person_agreed(world: World):
    """Only what the batch moved is taken back, and only while nobody moved it since."""
    staffed(world)
    policy(world, second_from=Decimal(10))
    filed(world, 2)
    batch = propose(world)
    maria, piero = world.at_company("maria", "rossi"), world.at_company("piero", "rossi")
    with scope(maria):
        bulk.start(maria, batch)
    assert outcomes(world, batch) == {"asked": 2}
    with scope(piero):
        decide.approve(piero, Document.objects.get(number="N 1"))
    with scope(maria):
        bulk.take_back(maria, bulk.get(maria, batch.pk))
    assert states(world) == {"N 1": "approved", "N 2": "to_approve"}
    assert outcomes(world, batch) == {"kept": 1, "undone": 1}
    with scope(maria):
        assert Document.objects.get(number="N 2").agreed == []

"""Documents are judged as they arrive, and the archive again when the rules change; nothing decided changes."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest
from tests.portal import papers
from tests.portal.world import World

from fatto import pipeline
from fatto.portal.documents import queries, vault, verdicts
from fatto.portal.documents.models import Document, Recheck, Verdict
from fatto.portal.flow import decide, recheck, tasks
from fatto.portal.tenancy.scope import scope
from fatto.rules.finding import Finding
from fatto.rules.verdict import Verdict as Found

wrong = papers.adds_up_wrong


def right() -> bytes:
    return papers.ubl()


def of(world: World, **where: object) -> tuple[Document, Verdict | None]:
    mihai = world.at_company("mihai", "brutaria")
    document = world.document(mihai, **where)
    with scope(mihai):
        return document, verdicts.of(document)


def test_a_document_that_arrives_has_its_verdict_with_the_versions_of_the_rules(world: World):
    mihai = world.at_company("mihai", "brutaria")
    world.hand_in(mihai, "wrong.xml", wrong(papers.ubl("F-2")))
    document, verdict = of(world)
    assert verdict is not None
    assert document.verdict == "failed"
    assert verdict.errors >= 1
    assert verdict.sets["cius-ro"] == {"version": "1.0.9", "from": "2024-06-05"}
    assert "BR-CO-10" in {each.code for each in verdicts.findings(verdict)}


def test_what_is_no_electronic_invoice_is_not_judged(world: World):
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "receipt.pdf", b"%PDF-1.4\n%%EOF\n")
    document = world.document(maria)
    assert document.verdict == "not-judged"
    with scope(maria):
        assert verdicts.of(document) is None


def test_a_verdict_never_stands_in_the_way_of_filing(world: World):
    mihai = world.at_company("mihai", "brutaria")
    with mock.patch.object(pipeline, "check", side_effect=RuntimeError("a bug of ours")):
        delivery = world.hand_in(mihai, "a.xml", right())
    assert delivery.accepted == 1
    document, verdict = of(world)
    assert (document.verdict, verdict) == ("not-judged", None)


def test_a_verdict_is_seen_by_those_alone_who_see_the_document(world: World):
    mihai = world.at_company("mihai", "brutaria")
    world.hand_in(mihai, "a.xml", wrong(right()))
    with scope(world.at_firm("ioana", "dunarea")):
        assert not Verdict.objects.exists(), "behind the hard gate"
    with scope(world.at_firm("anna", "bianchi")):
        assert not Verdict.objects.exists(), "another firm's"
    document, verdict = of(world)
    assert verdict is not None
    with scope(mihai):
        decide.approve(mihai, document)
    with scope(world.at_firm("ioana", "dunarea")):
        assert Verdict.objects.exists()


def test_findings_that_are_kept_are_bounded_and_all_are_counted():
    many = [Finding(code=f"X-{n}", severity="warning" if n % 2 else "fatal", set="structure") for n in range(1000)]
    judged = verdicts.judged(Found(many, {}))
    kept = verdicts.findings(Verdict(findings=judged.findings))
    assert (judged.errors, judged.warnings, len(kept)) == (500, 500, verdicts.MOST)
    assert {each.severity for each in kept} == {"fatal"}


def test_an_issued_invoice_that_may_yet_be_sent_is_judged_by_the_rules_of_the_day_it_was_handed_in(world: World):
    mihai = world.at_company("mihai", "brutaria")
    mine = {"seller": "Brutăria Dunării SRL", "seller_id": "RO12345674", "buyer": "X SRL", "buyer_id": "RO14399840"}
    world.hand_in(mihai, "new.xml", papers.ubl("N", **mine))
    world.hand_in(mihai, "old.xml", papers.ubl("O", day="2024-01-05", due="2024-02-04", **mine))
    world.hand_in(mihai, "in.xml", papers.ubl("R"))
    with scope(mihai):
        new, old, received = (Document.objects.get(number=number) for number in "NOR")
    for each in (new, old, received):
        each.received_at = each.received_at.replace(year=2026, month=11, day=2)
    assert str(verdicts.day(new)) == "2026-11-02"
    assert str(verdicts.day(old)) == "2024-01-05"
    assert str(verdicts.day(received)) == "2026-10-05"


# -- again --------------------------------------------------------------------------------------------------------


@pytest.fixture
def filed(world: World) -> World:
    """Seven documents, one of them wrong and approved all the same."""
    mihai = world.at_company("mihai", "brutaria")
    members = {f"{n}.xml": papers.ubl(f"F-{n}", net=f"{n}00.00") for n in range(2, 8)}
    world.hand_in(mihai, "all.zip", papers.zipped({**members, "1.xml": wrong(papers.ubl("F-1"))}))
    document = world.document(mihai, number="F-1")
    with scope(mihai):
        decide.approve(mihai, document)
    return world


@pytest.fixture
def other_rules() -> Iterator[None]:
    """A release that knows other rules, by which nothing is wrong any more."""
    found = Found([], {})
    with (
        mock.patch.object(verdicts, "edition", return_value="another"),
        mock.patch.object(pipeline, "check", return_value=found),
    ):
        yield


def begun(world: World) -> Recheck:
    firm = world.firms["dunarea"]
    recheck.look(firm)
    with scope(world.at_firm("ioana", "dunarea")):
        found = recheck.progress()
    assert found is not None
    return found


def test_the_archive_is_judged_again_and_what_was_decided_stays(filed: World, other_rules: None):
    firm = filed.firms["dunarea"]
    row = begun(filed)
    assert (row.state, row.total) == ("running", 7)
    before, _verdict = of(filed, number="F-1")
    with mock.patch.object(recheck, "CHUNK", 3):
        assert not recheck.work(firm, row.pk)
    row = begun(filed)
    assert (row.state, row.seen, row.better, row.worse, row.missed) == ("done", 7, 1, 0, 0)
    document, verdict = of(filed, number="F-1")
    assert verdict is not None
    assert (document.verdict, verdict.edition, verdict.errors) == ("accepted", "another", 0)
    assert (document.approval, document.approval_at) == ("approved", before.approval_at)


def test_a_recheck_that_was_killed_goes_on_and_ends_the_same(filed: World, other_rules: None):
    firm = filed.firms["dunarea"]
    row = begun(filed)
    written = recheck.verdicts.replace
    calls = []

    def dies(document: Document, judged: object) -> None:
        calls.append(document.pk)
        if len(calls) == 5:
            raise KeyboardInterrupt
        written(document, judged)

    with mock.patch.object(recheck, "CHUNK", 3):
        with mock.patch.object(recheck.verdicts, "replace", dies), pytest.raises(KeyboardInterrupt):
            recheck.work(firm, row.pk)
        row = begun(filed)
        assert (row.seen, row.state) == (3, "running"), "the chunk that was not finished wrote nothing"
        recheck.work(firm, row.pk)
    row = begun(filed)
    assert (row.state, row.seen, row.better) == ("done", 7, 1)


def test_it_begins_once_for_each_release_and_only_where_there_are_documents(filed: World, other_rules: None):
    for name in ("dunarea", "bianchi"):
        recheck.look(filed.firms[name])
        recheck.look(filed.firms[name])
    with scope(filed.at_firm("anna", "bianchi")):
        empty = recheck.progress()
    assert empty is not None
    assert (empty.state, empty.total) == ("done", 0)
    jobs = recheck.ProcrastinateJob.objects.filter(task_name=recheck.TASK)
    assert [job.args["firm"] for job in jobs] == [filed.firms["dunarea"].pk]


def test_a_recheck_whose_job_was_given_up_says_so_and_is_tried_again_by_the_owner(filed: World, other_rules: None):
    row = begun(filed)
    with recheck_jobs_gone():
        tasks.look_at_rules(0)
    ioana = filed.at_firm("ioana", "dunarea")
    with scope(ioana):
        row.refresh_from_db()
        assert row.failed_at is not None
        recheck.again(ioana, row)
        row.refresh_from_db()
        assert row.failed_at is None


def recheck_jobs_gone() -> object:
    return mock.patch.object(recheck, "_at_work", return_value=False)


def test_a_lost_original_keeps_the_verdict_it_had(filed: World, other_rules: None):
    row = begun(filed)
    with mock.patch.object(queries, "original", side_effect=vault.Damaged("x")):
        recheck.work(filed.firms["dunarea"], row.pk)
    row = begun(filed)
    assert (row.state, row.missed) == ("done", 7)
    document, verdict = of(filed, number="F-1")
    assert verdict is not None
    assert document.verdict == "failed"
    assert verdict.edition != "another"

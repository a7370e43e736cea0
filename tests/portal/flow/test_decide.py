"""The company decides; the firm books what it may; both find it in the archive."""

from __future__ import annotations

import io
import zipfile

import pytest
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.approvals import queries as approvals
from fatto.portal.archive import queries as archive
from fatto.portal.documents.models import Document
from fatto.portal.flow import approval_sheet, bundle, decide, gate, keep
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import NotAllowed, Refusal
from fatto.portal.tenancy.scope import scope


@pytest.fixture
def received(world: World) -> Document:
    """An invoice that waits for Brutăria's approval, under its hard gate."""
    mihai = world.at_company("mihai", "brutaria")
    world.hand_in(mihai, "factura.xml", papers.ubl("F-77"))
    return world.document(mihai)


@pytest.fixture
def soft(world: World) -> Document:
    """An invoice that waits for Rossi's approval, under its soft gate."""
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "fattura.xml", papers.fatturapa("77"))
    return world.document(anna)


def test_approval_opens_a_hard_gate_and_says_who_and_on_which_bytes(world: World, received: Document):
    mihai, ioana = world.at_company("mihai", "brutaria"), world.at_firm("ioana", "dunarea")
    with scope(mihai):
        decide.approve(mihai, received, note="ok")
        (decision,) = approvals.decisions(received)
        assert [deed.verb for deed in trail.of_document(received.company_id, received.pk)] == ["arrived", "approved"]
    assert (decision.by_name, decision.on_sha256, decision.note) == ("Mihai", received.data_sha256, "ok")
    assert world.document(ioana).number == "F-77"


def test_a_disputed_document_stays_behind_the_hard_gate(world: World, received: Document):
    mihai, ioana = world.at_company("mihai", "brutaria"), world.at_firm("ioana", "dunarea")
    with scope(mihai):
        decide.approve(mihai, received)
        decide.dispute(mihai, received, reason="wrong_amount", note="121 instead of 111")
    with scope(ioana):
        assert not Document.objects.exists()


def test_undo_brings_a_document_back_to_waiting_and_closes_the_gate_again(world: World, received: Document):
    mihai, ioana = world.at_company("mihai", "brutaria"), world.at_firm("ioana", "dunarea")
    with scope(mihai):
        decide.approve(mihai, received)
        decide.undo(mihai, received)
        assert [each.verdict for each in approvals.decisions(received)] == ["approved", "undone"]
    assert world.document(mihai).approval == "to_approve"
    with scope(ioana):
        assert not Document.objects.exists()


@pytest.mark.parametrize(("reason", "note"), [("", "so"), ("nonsense", "so"), ("other", " ")])
def test_a_dispute_without_a_reason_is_refused(world: World, soft: Document, reason: str, note: str):
    maria = world.at_company("maria", "rossi")
    with scope(maria), pytest.raises(Refusal):
        decide.dispute(maria, soft, reason=reason, note=note)
    assert world.document(maria).approval == "to_approve"


@pytest.mark.parametrize("who", ["elena", "sara"])
def test_employees_and_auditors_do_not_decide(world: World, who: str):
    person = world.at_company(who, "rossi")
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "a.xml", papers.fatturapa())
    document = world.document(maria)
    with scope(person), pytest.raises(NotAllowed):
        decide.approve(person, document)


def test_the_firm_does_not_decide_for_the_company(world: World, soft: Document):
    anna = world.at_firm("anna", "bianchi")
    with scope(anna), pytest.raises(NotAllowed):
        decide.approve(anna, soft)


def test_the_second_of_two_clicks_changes_nothing(world: World, soft: Document):
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        decide.approve(maria, soft)
    with scope(maria), pytest.raises(Refusal):
        decide.approve(maria, soft)
    with scope(maria):
        assert len(approvals.decisions(soft)) == 1


def test_a_booked_document_keeps_its_decision_until_the_booking_is_taken_back(world: World, soft: Document):
    anna, maria = world.at_firm("anna", "bianchi"), world.at_company("maria", "rossi")
    with scope(maria):
        decide.approve(maria, soft)
    with scope(anna):
        assert keep.book(anna, [world_fresh(soft)]).count == 1
    with scope(maria), pytest.raises(Refusal):
        decide.undo(maria, world_fresh(soft))
    with scope(anna):
        keep.take_back(anna, world_fresh(soft), reason="wrong month")
        assert archive.of_document(soft.pk) is None
    with scope(maria):
        decide.undo(maria, world_fresh(soft))


def world_fresh(document: Document) -> Document:
    return Document.objects.select_related("company", "file").get(pk=document.pk)


def test_disputed_documents_are_left_out_of_booking_with_the_reason(world: World, soft: Document):
    anna, maria = world.at_firm("anna", "bianchi"), world.at_company("maria", "rossi")
    with scope(maria):
        decide.dispute(maria, soft, reason="not_ours")
    with scope(anna):
        booked = keep.book(anna, [world_fresh(soft)])
    assert booked.count == 0
    assert [str(why) for _, why in booked.skipped] == ["The company disputes it."]


def test_two_documents_of_one_name_get_folders_of_their_own(world: World):
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "a.zip", papers.zipped({"1.xml": papers.fatturapa("1/A"), "2.xml": papers.fatturapa("1-A")}))
    with scope(anna):
        keep.book(anna, list(Document.objects.select_related("company").order_by("id")))
        names = [record.folder for record in archive.records(2026, 10, "received")]
    assert names == ["2026-10-05_Energia Esempio S.p.A._1-A", "2026-10-05_Energia Esempio S.p.A._1-A (2)"]


def test_both_sides_find_the_same_folder_and_the_original_in_its_zip(world: World, soft: Document):
    anna, maria = world.at_firm("anna", "bianchi"), world.at_company("maria", "rossi")
    with scope(maria):
        decide.approve(maria, soft, note="va bene")
    with scope(anna):
        keep.book(anna, [world_fresh(soft)])
    for who in (world.at_company("anna", "rossi"), maria):
        with scope(who):
            assert [branch.name for branch in archive.years()] == ["2026"]
            chunks = bundle.stream(who, "it", 2026)
        with zipfile.ZipFile(io.BytesIO(b"".join(chunks))) as found:
            folder = "2026/10/received/2026-10-05_Energia Esempio S.p.A._77"
            assert found.namelist() == [
                f"{folder}/fattura.xml",
                f"{folder}/fattura.pdf",
                f"{folder}/approval-sheet.pdf",
            ]
            assert found.read(f"{folder}/fattura.xml") == papers.fatturapa("77")
            assert found.read(f"{folder}/fattura.pdf").startswith(b"%PDF")


def test_the_approval_sheet_says_who_when_and_on_which_hash(world: World, soft: Document):
    from io import BytesIO

    from pypdf import PdfReader

    maria = world.at_company("maria", "rossi")
    with scope(maria):
        decide.dispute(maria, soft, reason="wrong_amount", note="100 instead of 90")
        data = approval_sheet.pdf(world_fresh(soft), "en")
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages).split())
    for words in ("Maria", "Disputed", "Wrong amount", "100 instead of 90", soft.data_sha256[:20]):
        assert words in text


def test_the_approval_sheet_of_what_still_waits_does_not_say_that_nobody_was_asked(world: World, soft: Document):
    from datetime import UTC, datetime

    with scope(world.at_company("maria", "rossi")):
        said = approval_sheet.compose(soft, [], "en")
        assert ("Approval", "To approve") in said.parts[0].rows
        assert said.lead == ""
        soft.approval = "not_required"
        soft.booked_at = datetime(2026, 11, 1, tzinfo=UTC)
        assert approval_sheet.compose(soft, [], "en").lead == "No decision was asked or taken."


def test_removing_the_gate_lets_waiting_documents_through_and_a_hard_one_hides_them(world: World, soft: Document):
    anna = world.at_firm("anna", "bianchi")
    rossi = world.companies["rossi"]
    with scope(anna):
        gate.set_gate(anna, rossi, gate="hard")
        assert not Document.objects.exists()
        gate.set_gate(anna, rossi, gate="none")
        assert Document.objects.get().approval == "not_required"
        gate.set_gate(anna, rossi, gate="soft")
        assert Document.objects.get().approval == "to_approve"

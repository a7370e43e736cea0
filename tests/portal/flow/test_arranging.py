"""Splitting, merging, moving and restoring: nothing is lost, nothing leaks, everything is told."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader
from tests.portal import papers as invoices
from tests.portal import pictures
from tests.portal.flow.test_papers import TAXI, prepared
from tests.portal.world import World

from fatto.portal.documents import papers, queries, vault
from fatto.portal.documents.models import Delivery, DeliveryItem, Document, File, Page, Paper
from fatto.portal.documents.queries import Filters
from fatto.portal.flow import arranging, decide, keep
from fatto.portal.flow import papers as flow
from fatto.portal.tenancy import actions, trail
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.action import NotAllowed
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Role
from fatto.portal.tenancy.scope import scope


def scanned(world: World, *pages: str, who: str = "maria", name: str = "scan.pdf") -> tuple[Actor, Document]:
    actor = world.at_company(who, "rossi")
    world.hand_in(actor, name, pictures.scan(*(pages or ("Uno", "Due", "Tre"))))
    return actor, prepared(actor, name=name)


def again(who: Actor, document: Document) -> Document:
    with scope(who):
        return queries.get(document.pk)


def listed(who: Actor, filters: Filters | None = None) -> set[int]:
    with scope(who):
        return {row.pk for row in queries.page(filters or Filters()).rows}


def texts(who: Actor, document: Document) -> list[str]:
    flow.prepare(who.firm, document.pk)
    with scope(who):
        sha256 = Paper.objects.get(document_id=document.pk).view_sha256
    return [page.extract_text().strip() for page in PdfReader(io.BytesIO(vault.get(who.firm.pk, sha256))).pages]


def verbs(who: Actor, document: Document) -> list[str]:
    with scope(who):
        return [deed.verb for deed in trail.of_document(document.company_id, document.pk)]


def test_a_scan_of_several_receipts_becomes_several_documents(world: World):
    maria, document = scanned(world)
    with scope(maria):
        first, second = arranging.split(maria, document, groups=[[1, 3], [2]])
    assert texts(maria, first) == ["Uno", "Tre"]
    assert texts(maria, second) == ["Due"]
    assert listed(maria) == {first.pk, second.pk}
    source = again(maria, document)
    assert (source.booking, source.approval) == ("excluded", "not_required")
    assert queries.original(source) == queries.original(again(maria, first))
    assert listed(maria, Filters(ask="is:excluded")) == {document.pk}
    assert verbs(maria, document)[-1] == "split"
    assert again(maria, first).approval == "to_approve"


@pytest.mark.parametrize("groups", [[], [[]], [[1, 2, 3]], [[1], [1]], [[4]], [[0], [1]], [[1], []]])
def test_pages_that_make_no_sense_are_refused(world: World, groups: list[list[int]]):
    maria, document = scanned(world)
    with scope(maria), pytest.raises(arranging.WrongPages):
        arranging.split(maria, document, groups=groups)


def test_a_split_taken_back_is_as_if_it_had_not_been(world: World):
    maria, document = scanned(world)
    with scope(maria):
        flow.set_details(maria, document, details=TAXI)
        decide.approve(maria, again(maria, document))
    with scope(maria):
        first, _second = arranging.split(maria, queries.get(document.pk), groups=[[1], [2, 3]])
    with scope(maria):
        arranging.restore(maria, queries.get(first.pk))
    back = again(maria, document)
    assert (back.booking, back.approval, back.party_name) == ("to_book", "approved", "Radiotaxi Verona")
    assert listed(maria) == {document.pk}
    assert verbs(maria, document)[-2:] == ["split", "restored"]
    with scope(maria), pytest.raises(arranging.NothingToRestore):
        arranging.restore(maria, queries.get(first.pk))
    with scope(maria):
        assert len(arranging.split(maria, queries.get(document.pk), groups=[[1], [2, 3]])) == 2


def test_two_documents_become_one_with_their_pages_in_order(world: World):
    maria, one = scanned(world, "Uno", name="1.pdf")
    _maria, two = scanned(world, "Due", "Tre", name="2.pdf")
    with scope(maria):
        flow.set_details(maria, one, details=TAXI)
        merged = arranging.merge(maria, [queries.get(two.pk), queries.get(one.pk)])
    assert texts(maria, merged) == ["Due", "Tre", "Uno"]
    assert listed(maria) == {merged.pk}
    assert again(maria, merged).party_name == "Radiotaxi Verona"
    assert verbs(maria, one)[-1] == verbs(maria, merged)[-1] == "merged"
    with scope(maria):
        assert [name for name, _ in papers.originals(queries.get(merged.pk))] == ["2.pdf", "1.pdf"]
        arranging.restore(maria, queries.get(one.pk))
    assert listed(maria) == {one.pk, two.pk}


def test_photographs_and_scans_merge(world: World):
    maria, one = scanned(world, "Uno")
    world.hand_in(maria, "a.heic", pictures.heic())
    two = prepared(maria, name="a.heic")
    with scope(maria):
        merged = arranging.merge(maria, [one, two])
    assert len(texts(maria, merged)) == 2


def test_what_was_split_again_is_restored_in_turn(world: World):
    maria, document = scanned(world)
    with scope(maria):
        first, _second = arranging.split(maria, document, groups=[[1, 2], [3]])
    with scope(maria):
        arranging.split(maria, queries.get(first.pk), groups=[[1], [2]])
    with scope(maria), pytest.raises(arranging.NothingToRestore):
        arranging.restore(maria, queries.get(document.pk))
    with scope(maria):
        arranging.restore(maria, queries.get(first.pk))
    with scope(maria):
        arranging.restore(maria, queries.get(document.pk))
    assert listed(maria) == {document.pk}


def test_what_is_booked_is_neither_split_nor_merged_nor_moved_nor_restored(world: World):
    maria, document = scanned(world)
    _maria, other = scanned(world, "Altro", name="altro.pdf")
    anna = world.at_firm("anna", "bianchi")
    with scope(maria):
        first, _second = arranging.split(maria, document, groups=[[1], [2, 3]])
        for each in (first, other):
            decide.approve(maria, queries.get(each.pk))
    flow.prepare(maria.firm, first.pk)
    with scope(anna):
        keep.book(anna, [queries.get(first.pk), queries.get(other.pk)])
    booked = again(maria, other)
    luca = world.at_company("luca", "verdi")
    for deed in (
        lambda: arranging.split(maria, booked, groups=[[1]]),
        lambda: arranging.merge(maria, [booked, again(maria, first)]),
        lambda: arranging.move_to_folder(maria, booked, direction="received"),
        lambda: arranging.move_to_company(maria, booked, there=luca),
    ):
        with scope(maria), pytest.raises(flow.Booked):
            deed()
    with scope(maria), pytest.raises(arranging.NothingToRestore):
        arranging.restore(maria, queries.get(document.pk))


def test_what_others_stand_for_is_not_booked_or_decided(world: World):
    maria, document = scanned(world)
    anna = world.at_firm("anna", "bianchi")
    with scope(maria):
        arranging.split(maria, document, groups=[[1], [2]])
    with scope(anna):
        assert keep.book(anna, [queries.get(document.pk)]).count == 0
    with scope(maria), pytest.raises(Exception, match="changed"):
        decide.approve(maria, queries.get(document.pk))


@pytest.mark.parametrize("who", ["elena", "sara"])
def test_an_employee_and_an_auditor_arrange_nothing(world: World, who: str):
    _maria, document = scanned(world, who="elena")
    actor = world.at_company(who, "rossi")
    with scope(actor):
        mine = queries.get(document.pk)
        for deed in (
            lambda: arranging.split(actor, mine, groups=[[1], [2]]),
            lambda: arranging.merge(actor, [mine, mine]),
            lambda: arranging.move_to_folder(actor, mine, direction="received"),
            lambda: arranging.restore(actor, mine),
        ):
            with pytest.raises(NotAllowed):
                deed()


def test_invoices_are_not_taken_apart(world: World):
    maria, document = scanned(world)
    world.hand_in(maria, "a.xml", invoices.fatturapa("FT 1"))
    invoice = world.document(maria, number="FT 1")
    with scope(maria):
        for deed in (
            lambda: arranging.split(maria, invoice, groups=[[1]]),
            lambda: arranging.move_to_folder(maria, invoice, direction="other"),
        ):
            with pytest.raises(flow.NotAPaper):
                deed()
        with pytest.raises(arranging.NothingToMerge):
            arranging.merge(maria, [invoice, document])


# -- moving -------------------------------------------------------------------------------------------------------


def test_a_paper_invoice_goes_to_the_received_ones_and_back(world: World):
    maria, document = scanned(world)
    with scope(maria):
        arranging.move_to_folder(maria, document, direction="received")
        assert listed(maria, Filters(direction="received")) == {document.pk}
        arranging.move_to_folder(maria, queries.get(document.pk), direction="issued")
        assert queries.get(document.pk).approval == "not_required"
        arranging.move_to_folder(maria, queries.get(document.pk), direction="other")
        assert queries.get(document.pk).approval == "to_approve"
    assert verbs(maria, document) == ["arrived", "moved", "moved", "moved"]


def moved(world: World) -> tuple[Actor, Actor, Document]:
    """Anna of the firm moves Rossi's scan to Verdi."""
    _maria, document = scanned(world, "Contratto segreto")
    with scope(world.at_company("maria", "rossi")) as maria:
        flow.set_details(maria, document, details=TAXI)
        decide.approve(maria, queries.get(document.pk))
    here, there = world.at_company("anna", "rossi"), world.at_company("anna", "verdi")
    with scope(here):
        arranging.move_to_company(here, queries.get(document.pk), there=there)
    return here, there, document


def test_a_document_moved_to_another_company_is_there_with_everything_and_waits_for_its_word(world: World):
    _here, there, document = moved(world)
    found = again(there, document)
    assert (found.company, found.party_name, found.approval) == (there.company, "Radiotaxi Verona", "to_approve")
    assert queries.original(found).startswith(b"%PDF")
    assert texts(there, found) == ["Contratto segreto"]
    assert listed(there, Filters(words="segreto")) == {document.pk}
    luca = world.at_company("luca", "verdi")
    assert listed(luca) == {document.pk}
    assert verbs(luca, found) == ["arrived", "moved"]


def test_the_first_company_keeps_no_trace_of_its_contents_but_the_trail(world: World):
    here, _there, document = moved(world)
    maria = world.at_company("maria", "rossi")
    for who in (here, maria):
        assert listed(who) == set()
        with scope(who):
            assert Document.objects.filter(pk=document.pk).count() == 0
            assert Paper._base_manager.filter(document_id=document.pk).count() == 0
            assert Page._base_manager.filter(document_id=document.pk).count() == 0
            assert list(DeliveryItem.objects.values_list("document_id", "outcome", "member")) == [
                (None, "elsewhere", "")
            ]
            assert [each.name for each in Delivery.objects.all()] == ["…"]
    with scope(maria):
        last = trail.of_document(maria.company.pk, document.pk)[-1]
    assert (last.verb, last.data) == ("moved", {"away": True})


def test_a_move_is_taken_back(world: World):
    here, there, document = moved(world)
    with scope(there):
        arranging.move_to_company(there, queries.get(document.pk), there=here, back=True)
    assert listed(here) == {document.pk}
    assert listed(there) == set()
    assert verbs(here, document)[-1] == "restored"


def test_nobody_moves_to_where_he_has_no_business(world: World):
    maria, document = scanned(world)
    with scope(actors.system(world.firms["bianchi"])) as system:
        actions.join_company(system, world.companies["verdi"], member=world.people["elena"], role=Role.OWNER)
    luca, ioana = world.at_company("luca", "verdi"), world.at_company("ioana", "brutaria")
    for there in (luca, ioana, world.at_company("elena", "verdi")):
        with scope(maria), pytest.raises(arranging.NotThere):
            arranging.move_to_company(maria, document, there=there)
    assert listed(maria) == {document.pk}


def test_parts_of_a_scan_stay_with_the_scan(world: World):
    _maria, document = scanned(world)
    here, there = world.at_company("anna", "rossi"), world.at_company("anna", "verdi")
    with scope(here):
        first, _second = arranging.split(here, document, groups=[[1], [2, 3]])
    with scope(here), pytest.raises(arranging.MadeOfOthers):
        arranging.move_to_company(here, queries.get(first.pk), there=there)


def test_what_the_other_company_has_already_is_not_moved_there(world: World):
    _maria, document = scanned(world)
    here, there = world.at_company("anna", "rossi"), world.at_company("anna", "verdi")
    world.hand_in(there, "same.pdf", queries.original(document))
    with scope(here), pytest.raises(arranging.AlreadyThere):
        arranging.move_to_company(here, queries.get(document.pk), there=there)


def test_originals_are_never_removed(world: World):
    maria, document = scanned(world)
    with scope(maria):
        before = set(File.objects.values_list("sha256", flat=True))
        parts = arranging.split(maria, document, groups=[[1], [2], [3]])
    for part in parts:
        flow.prepare(maria.firm, part.pk)
    with scope(maria):
        merged = arranging.merge(maria, [queries.get(part.pk) for part in parts])
    with scope(maria):
        arranging.restore(maria, queries.get(merged.pk))
        assert set(File.objects.values_list("sha256", flat=True)) == before
    for sha256 in before:
        vault.get(maria.firm.pk, sha256)

"""Supporting documents: photographed, shown, told what they are."""

from __future__ import annotations

import io
import uuid
from datetime import date
from decimal import Decimal

import pytest
from pypdf import PdfReader
from tests.portal import papers as invoices
from tests.portal import pictures
from tests.portal.world import World

from fatto.portal.archive import queries as archive
from fatto.portal.documents import guessing, papers, queries, vault
from fatto.portal.documents.models import Delivery, DeliveryItem, Document, Page, Paper
from fatto.portal.documents.papers import Details
from fatto.portal.documents.queries import Filters
from fatto.portal.flow import bundle, decide, export, keep
from fatto.portal.flow import papers as flow
from fatto.portal.flow.papers import Shot
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import NotAllowed, Refusal
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.scope import scope


def prepared(who: Actor, **where: object) -> Document:
    """The one document that fits, its pages made."""
    with scope(who):
        pk = Document.objects.get(**where).pk
    flow.prepare(who.firm, pk)
    with scope(who):
        return queries.get(pk)


def shots(who: Actor, *files: tuple[str, bytes]) -> list[Shot]:
    return [Shot(name, vault.put(who.firm.pk, data), len(data)) for name, data in files]


def paper_of(who: Actor, document: Document) -> Paper:
    with scope(who):
        return Paper.objects.get(document=document)


def test_a_scan_is_one_document_with_pages_pictures_and_a_pdf(world: World):
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "scan.pdf", pictures.scan("Uno", "Due"))
    document = prepared(maria)
    assert (document.direction, document.approval) == ("other", "to_approve")
    paper = paper_of(maria, document)
    assert paper.state == "ready"
    with scope(maria):
        rows = papers.pages(document)
    assert [(row.number, row.on, bool(row.image_sha256)) for row in rows] == [(1, 1, True), (2, 2, True)]
    assert vault.get(maria.firm.pk, paper.view_sha256).startswith(b"%PDF")


def test_what_cannot_be_shown_is_kept_all_the_same(world: World):
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "bomb.png", pictures.bomb())
    document = prepared(maria)
    assert (paper_of(maria, document).state, paper_of(maria, document).trouble) == ("failed", "too-large")
    assert queries.original(document) == pictures.bomb()


def test_two_photographs_become_one_document_whose_originals_stay(world: World):
    maria = world.at_company("maria", "rossi")
    files = [("1.jpg", pictures.jpeg("fronte")), ("2.heic", pictures.heic("retro"))]
    with scope(maria):
        done = flow.capture(maria, shots=shots(maria, *files), batch=uuid.uuid4())
    assert len(done) == 2
    document = prepared(maria)
    with scope(maria):
        originals = papers.originals(document)
        assert [deed.verb for deed in trail.of_document(document.company_id, document.pk)] == ["arrived"]
        items = list(DeliveryItem.objects.values_list("outcome", "document_id"))
    assert [name for name, _ in originals] == ["1.jpg", "2.heic"]
    assert [vault.get(maria.firm.pk, file.sha256) for _, file in originals] == [data for _, data in files]
    assert items == [("accepted", document.pk)] * 2
    view = vault.get(maria.firm.pk, paper_of(maria, document).view_sha256)
    assert len(PdfReader(io.BytesIO(view)).pages) == 2


def test_sending_again_after_a_lost_answer_files_nothing_twice(world: World):
    maria = world.at_company("maria", "rossi")
    batch, files = uuid.uuid4(), shots(maria, ("1.jpg", pictures.jpeg()), ("2.jpg", pictures.jpeg("2")))
    for _ in range(2):
        with scope(maria):
            first = flow.capture(maria, shots=files, batch=batch)
    with scope(maria):
        assert Document.objects.count() == 1
        assert Delivery.objects.count() == len(first) == 2
        flow.capture(maria, shots=files, batch=uuid.uuid4())
        assert Document.objects.count() == 1
        assert DeliveryItem.objects.filter(outcome="duplicate").count() == 2


def test_the_same_photograph_by_upload_and_by_camera_is_one(world: World):
    elena, maria = world.at_company("elena", "rossi"), world.at_company("maria", "rossi")
    world.hand_in(maria, "a.jpg", pictures.jpeg())
    with scope(elena):
        flow.capture(elena, shots=shots(elena, ("b.jpg", pictures.jpeg())), batch=uuid.uuid4())
        assert Document.objects.count() == 0, "hers is Maria's, which she does not see"
    with scope(maria):
        assert Document.objects.count() == 1


def test_photographs_by_the_firm_wait_behind_a_hard_gate(world: World):
    ioana = world.at_company("ioana", "brutaria")
    with scope(ioana):
        flow.capture(ioana, shots=shots(ioana, ("1.jpg", pictures.jpeg())), batch=uuid.uuid4())
        assert Document.objects.count() == 0
        assert Paper.objects.count() == Page.objects.count() == 0
    mihai = world.at_company("mihai", "brutaria")
    with scope(mihai):
        assert Document.objects.get().approval == "to_approve"


def test_an_auditor_photographs_nothing(world: World):
    sara = world.at_company("sara", "rossi")
    with scope(sara), pytest.raises(NotAllowed):
        flow.capture(sara, shots=shots(sara, ("1.jpg", pictures.jpeg())), batch=uuid.uuid4())


def test_pages_and_details_are_seen_by_those_alone_who_see_the_document(world: World):
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "scan.pdf", pictures.scan("Uno"))
    prepared(maria)
    for who in (
        world.at_company("elena", "rossi"),
        world.at_company("luca", "verdi"),
        world.at_firm("ioana", "dunarea"),
    ):
        with scope(who):
            assert Paper._base_manager.count() == Page._base_manager.count() == 0
    with scope(world.at_company("paolo", "rossi")):
        assert Paper.objects.count() == Page.objects.count() == 1


# -- details ------------------------------------------------------------------------------------------------------

TAXI = Details(
    kind="receipt",
    party="Radiotaxi Verona",
    number="R 12/A",
    date=date(2026, 10, 5),
    amount=Decimal("18.50"),
    currency="EUR",
    payer="Elena",
    method="cash",
    note="Fiera",
)


def told(world: World) -> tuple[Actor, Document]:
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "taxi.jpg", pictures.jpeg())
    document = prepared(maria)
    with scope(maria):
        flow.set_details(maria, document, details=TAXI)
        return maria, queries.get(document.pk)


@pytest.mark.parametrize(
    "filters",
    [
        Filters(party="radiotaxi"),
        Filters(number="r12a"),
        Filters(amount_min=Decimal(18), amount_max=Decimal(19)),
        Filters(date_from=date(2026, 10, 5), date_to=date(2026, 10, 5)),
        Filters(words="fiera"),
        Filters(ask="importo:18,50 fornitore:verona"),
    ],
)
def test_what_is_said_of_it_is_found_by_lists_and_search(world: World, filters: Filters):
    maria, document = told(world)
    with scope(maria):
        assert [row.pk for row in queries.page(filters).rows] == [document.pk]


def test_what_is_said_of_it_stands_in_exported_lists(world: World):
    maria, _document = told(world)
    from django.utils import timezone

    text = b"".join(
        export.csv(export.Export(actor=maria, filters=Filters(), language="en", zone=timezone.get_current_timezone()))
    )
    assert b"Radiotaxi Verona" in text
    assert b"18.50" in text


def test_earlier_values_stay_in_the_trail(world: World):
    maria, document = told(world)
    with scope(maria):
        flow.set_details(maria, document, details=Details(party="Radiotaxi Verona", amount=Decimal(20), currency="EUR"))
        deed = trail.of_document(document.company_id, document.pk)[-1]
        again = papers.details(queries.get(document.pk), papers.of(document))
    assert deed.verb == "details-set"
    assert deed.data["old"]["amount"] == "18.50"
    assert deed.data["new"] == {"amount": "20"}
    assert (again.amount, again.payer, again.number) == (Decimal(20), "", "")


def test_saying_the_same_again_leaves_no_trace(world: World):
    maria, document = told(world)
    with scope(maria):
        before = len(trail.of_document(document.company_id, document.pk))
        flow.set_details(maria, document, details=TAXI)
        assert len(trail.of_document(document.company_id, document.pk)) == before


def test_details_of_what_is_booked_stay(world: World):
    maria, document = told(world)
    anna = world.at_firm("anna", "bianchi")
    with scope(maria):
        decide.approve(maria, document)
    with scope(anna):
        keep.book(anna, [queries.get(document.pk)])
    with scope(maria), pytest.raises(flow.Booked):
        flow.set_details(maria, queries.get(document.pk), details=Details())


def test_once_the_company_decided_only_those_who_decide_or_book_change_what_is_said(world: World):
    elena, maria = world.at_company("elena", "rossi"), world.at_company("maria", "rossi")
    world.hand_in(elena, "taxi.jpg", pictures.jpeg())
    document = prepared(elena)
    with scope(elena):
        flow.set_details(elena, document, details=TAXI)
    with scope(maria):
        decide.approve(maria, queries.get(document.pk))
    with scope(elena), pytest.raises(flow.Decided):
        flow.set_details(elena, queries.get(document.pk), details=Details())
    with scope(world.at_company("paolo", "rossi")) as paolo:
        flow.set_details(paolo, queries.get(document.pk), details=Details(party="Taxi"))


def test_an_invoice_is_told_nothing(world: World):
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "a.xml", invoices.fatturapa("FT 1"))
    document = world.document(maria)
    with scope(maria), pytest.raises(flow.NotAPaper):
        flow.set_details(maria, document, details=TAXI)


def test_a_known_name_brings_its_tax_number_along(world: World):
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "a.xml", invoices.fatturapa("FT 1"))
    name, number = (world.document(maria).party_name, world.document(maria).party_id)
    world.hand_in(maria, "a.pdf", pictures.scan("Documento di trasporto"))
    document = prepared(maria, direction="other")
    with scope(maria):
        flow.set_details(maria, document, details=Details(kind="delivery", party=name))
        assert queries.get(document.pk).party_id == number


def test_a_text_that_leaves_no_choice_fills_the_form(world: World):
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "a.xml", invoices.fatturapa("FT 1"))
    invoice = world.document(maria)
    text = f"RICEVUTA\nP.IVA {invoice.party_id}\nData 05/10/2026\nImponibile 10,00\nTotale EUR 12,20"
    world.hand_in(maria, "a.pdf", pictures.scan(text))
    document = prepared(maria, direction="other")
    assert paper_of(maria, document).guess == {
        "amount": "12.20",
        "currency": "EUR",
        "date": "2026-10-05",
        "party": invoice.party_name,
    }
    assert document.amount is None, "a guess is offered, never filed"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("DOCUMENTO COMMERCIALE\ndi vendita o prestazione", "receipt"),
        ("BON FISCAL\nTotal 12,20", "receipt"),
        ("Aviz de însoțire a mărfii nr. 12", "delivery"),
        ("EXTRAS DE CONT\n01.10.2026 - 31.10.2026", "statement"),
        ("Busta paga ottobre 2026", "payslip"),
        ("FATTURA n. 12\nDDT n. 5 del 3/10/2026", ""),
        ("Estratto conto\nOrdine d'acquisto 7", ""),
        ("Buongiorno", ""),
    ],
)
def test_a_paper_that_says_what_it_is_has_its_kind_suggested(world: World, text: str, kind: str):
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        assert guessing.guess(text, world.companies["rossi"]).get("kind", "") == kind


def test_a_text_with_a_choice_leaves_the_form_empty(world: World):
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "a.pdf", pictures.scan("Totale 12,20\nTotale 13,20\n05/10/2026 06/10/2026\nP.IVA 99999999990"))
    assert paper_of(maria, prepared(maria)).guess == {}


def test_words_of_its_text_are_found(world: World):
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "a.pdf", pictures.scan("Contratto di locazione"))
    document = prepared(maria)
    with scope(maria):
        assert [row.pk for row in queries.page(Filters(words="locazione")).rows] == [document.pk]


# -- the same way as invoices -------------------------------------------------------------------------------------


def test_approved_booked_and_archived_with_originals_and_view(world: World):
    maria, anna = world.at_company("maria", "rossi"), world.at_firm("anna", "bianchi")
    files = [("1.jpg", pictures.jpeg("fronte")), ("2.heic", pictures.heic("retro"))]
    with scope(maria):
        flow.capture(maria, shots=shots(maria, *files), batch=uuid.uuid4())
    document = prepared(maria)
    with scope(maria):
        flow.set_details(maria, document, details=TAXI)
        decide.approve(maria, queries.get(document.pk))
    with scope(anna):
        assert keep.book(anna, [queries.get(document.pk)]).count == 1
        record = archive.below()[0]
        kept = bundle.files(anna, record, "it")
    assert (record.section, record.folder) == ("other", "2026-10-05_Radiotaxi Verona_R 12-A")
    names = [each.name for each in kept]
    assert names == ["1.jpg", "2.heic", "1.pdf", "approval-sheet.pdf"]
    assert [each.make() for each in kept[:2]] == [data for _, data in files]


def test_a_mail_without_attachment_is_a_document(world: World):
    maria = world.at_company("maria", "rossi")
    message = pictures.mail(text="Pagato con carta: 12,50", subject="Parcheggio")
    world.hand_in(maria, "parcheggio.eml", message)
    document = prepared(maria)
    assert queries.original(document) == message
    assert paper_of(maria, document).state == "ready"


def test_old_supporting_documents_get_their_pages(world: World):
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "a.pdf", pictures.scan("Uno"))
    with scope(maria):
        Paper.objects.all().delete()
        pk = Document.objects.get().pk
    assert flow.unprepared(maria.firm) == [pk]
    flow.prepare(maria.firm, pk)
    assert flow.unprepared(maria.firm) == []


def test_refusals_are_sentences():
    for each in (flow.Booked(), flow.Decided(), flow.NotAPaper(), flow.Replaced(), flow.TooLong(), flow.Unshown()):
        assert isinstance(each, Refusal)
        assert str(each.message).endswith(".")

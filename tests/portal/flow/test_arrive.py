"""What comes in is filed once, with the right company, whatever happens on the way."""

from __future__ import annotations

from unittest import mock
from uuid import uuid4

import pytest
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents import queries, vault
from fatto.portal.documents.models import Delivery, DeliveryItem, Document, Quarantined
from fatto.portal.flow import arrive
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.scope import scope


def outcomes(who, delivery) -> dict[str, int]:
    with scope(who):
        return queries.outcomes(delivery)


def test_a_received_invoice_is_filed_with_its_buyer_and_kept_byte_for_byte(world: World):
    anna = world.at_firm("anna", "bianchi")
    data = papers.fatturapa("FT 12/A")
    world.hand_in(anna, "IT01234567897_1.xml", data)
    document = world.document(anna, company=world.companies["rossi"])
    assert (document.direction, document.number, document.party_name) == (
        "received",
        "FT 12/A",
        "Energia Esempio S.p.A.",
    )
    assert (str(document.amount), document.currency, str(document.due_date)) == ("122.00", "EUR", "2026-11-04")
    assert (document.approval, document.booking, document.open_to_firm) == ("to_approve", "to_book", True)
    assert queries.original(document) == data
    with scope(anna):
        (deed,) = trail.of_document(document.company_id, document.pk)
    assert (deed.verb, deed.by_name, deed.by_kind) == ("arrived", "Anna", "person")


def test_an_invoice_between_two_companies_of_the_firm_is_filed_with_both(world: World):
    anna = world.at_firm("anna", "bianchi")
    data = papers.fatturapa(seller="Verdi Impianti S.r.l.", seller_id="00743110157")
    world.hand_in(anna, "a.xml", data)
    assert world.document(anna, company=world.companies["rossi"]).direction == "received"
    issued = world.document(anna, company=world.companies["verdi"])
    assert (issued.direction, issued.approval, issued.party_name) == (
        "issued",
        "not_required",
        "Panificio Rossi S.r.l.",
    )


def test_a_self_issued_document_is_issued_by_the_buyer_and_owes_nothing(world: World):
    anna = world.at_firm("anna", "bianchi")
    data = papers.fatturapa(seller="Cloud GmbH", seller_id="DE123456789", seller_country="DE", kind="TD17")
    world.hand_in(anna, "a.xml", data)
    document = world.document(anna)
    assert (document.direction, document.party_name, document.settlement) == ("issued", "Cloud GmbH", "none")


def test_a_credit_note_counts_as_negative_whatever_its_signs(world: World):
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "a.xml", papers.fatturapa(kind="TD04"))
    document = world.document(anna)
    assert (str(document.amount), document.credit) == ("-122.00", True)


@pytest.mark.parametrize("again", ["same bytes", "other bytes", "in an archive", "other channel"])
def test_the_same_invoice_never_enters_twice(world: World, again: str):
    anna, maria = world.at_firm("anna", "bianchi"), world.at_company("maria", "rossi")
    data = papers.fatturapa()
    world.hand_in(anna, "a.xml", data)
    match again:
        case "same bytes":
            second = world.hand_in(anna, "b.xml", data)
        case "other bytes":
            second = world.hand_in(anna, "b.xml", data.replace(b"\n", b"\r\n"))
        case "in an archive":
            second = world.hand_in(anna, "b.zip", papers.zipped({"x/a.xml": data, "x/b.xml": data}))
        case _:
            second = world.hand_in(maria, "a.xml", data)
    who = maria if again == "other channel" else anna
    assert set(outcomes(who, second)) == {"duplicate"}
    with scope(anna):
        assert Document.objects.count() == 1
    with scope(who):
        assert all(item.document is not None for item in queries.items(second))


def test_the_same_invoice_twice_in_one_archive_is_filed_once_and_said_so(world: World):
    anna = world.at_firm("anna", "bianchi")
    data = papers.fatturapa()
    delivery = world.hand_in(anna, "a.zip", papers.zipped({"1.xml": data, "2.xml": data}))
    assert outcomes(anna, delivery) == {"accepted": 1, "duplicate": 1}


def test_an_invoice_of_another_company_is_not_filed_where_it_was_dropped(world: World):
    maria = world.at_company("maria", "rossi")
    delivery = world.hand_in(maria, "a.xml", papers.fatturapa(buyer="Verdi Impianti S.r.l.", buyer_id="00743110157"))
    assert outcomes(maria, delivery) == {"elsewhere": 1}
    with scope(world.at_firm("anna", "bianchi")):
        assert Document.objects.count() == 0
        stray = Quarantined.objects.get()
    assert (stray.reason, stray.suggestion_id) == ("other-company", world.companies["verdi"].pk)


def test_what_names_no_company_of_the_firm_waits_in_quarantine_until_a_person_files_it(world: World):
    anna = world.at_firm("anna", "bianchi")
    delivery = world.hand_in(anna, "a.xml", papers.fatturapa(buyer="Panificio Rosi srl", buyer_id="99999999990"))
    assert outcomes(anna, delivery) == {"quarantined": 1}
    with scope(anna):
        stray = queries.quarantine().get()
        assert stray.suggestion_id == world.companies["rossi"].pk
        arrive.route(anna, stray, world.companies["rossi"])
        assert queries.quarantine().count() == 0
    document = world.document(anna)
    assert (document.company_id, document.direction) == (world.companies["rossi"].pk, "received")


def test_one_bad_file_never_blocks_the_others_and_its_bytes_are_kept(world: World):
    anna = world.at_firm("anna", "bianchi")
    members = {"1.xml": papers.fatturapa("1"), "bad.xml": b"<FatturaElettronica", "2.xml": papers.fatturapa("2")}
    delivery = world.hand_in(anna, "a.zip", papers.zipped(members))
    assert outcomes(anna, delivery) == {"accepted": 2, "unreadable": 1}
    with scope(anna):
        stray = Quarantined.objects.select_related("file").get()
    assert stray.reason == "unreadable"
    assert vault.get(anna.firm.pk, stray.file.sha256) == b"<FatturaElettronica"


def test_a_pdf_dropped_on_a_company_is_kept_under_others_and_waits_for_approval(world: World):
    maria = world.at_company("maria", "rossi")
    objects = b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj"
    pdf = b"%PDF-1.4\n" + objects + b"\ntrailer<</Root 1 0 R>>\n%%EOF"
    world.hand_in(maria, "scontrino.pdf", pdf)
    document = world.document(maria)
    assert (document.direction, document.approval, document.name) == ("other", "to_approve", "scontrino.pdf")


def test_under_a_hard_gate_the_firm_sees_nothing_until_approval(world: World):
    mihai, ioana = world.at_company("mihai", "brutaria"), world.at_firm("ioana", "dunarea")
    world.hand_in(mihai, "a.xml", papers.ubl())
    assert world.document(mihai).approval == "to_approve"
    with scope(ioana):
        assert Document.objects.count() == 0
        assert [(standing.company.name, standing.hidden) for standing in queries.standings()] == [
            ("Brutăria Dunării SRL", 1)
        ]


class Killed(BaseException):
    """Stands for `kill -9`: nothing catches it."""


@pytest.mark.parametrize("when", ["before the chunk", "within the chunk", "after the chunk"])
def test_a_job_killed_half_way_and_run_again_ends_as_if_it_had_not_been(world: World, when: str, monkeypatch):
    anna = world.at_firm("anna", "bianchi")
    monkeypatch.setattr(arrive, "CHUNK", 3)
    members = {f"{n}.xml": papers.fatturapa(f"N-{n}") for n in range(10)} | {
        "bad.xml": b"<x",
        "twice.xml": papers.fatturapa("N-4"),
    }
    delivery = arrive.receive(anna, "a.zip", [papers.zipped(members)], uuid4())
    real, calls = arrive.actions.file, []

    def file(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2 and when == "before the chunk":
            raise Killed
        result = real(*args, **kwargs)
        if len(calls) == 2 and when == "within the chunk":
            raise Killed
        return result

    def store(*args, **kwargs):
        if len(calls) == 2 and when == "after the chunk":
            calls.append(1)
            raise Killed
        return put(*args, **kwargs)

    put = vault.put
    with (
        mock.patch.object(arrive.actions, "file", file),
        mock.patch.object(arrive.vault, "put", store),
        pytest.raises(Killed),
    ):
        arrive.process(anna.firm, delivery.pk)
    arrive.process(anna.firm, delivery.pk)
    with scope(anna):
        delivery.refresh_from_db()
        assert (delivery.state, delivery.seen, delivery.accepted) == ("done", 12, 10)
        assert Document.objects.count() == 10
        assert queries.outcomes(delivery) == {"accepted": 10, "duplicate": 1, "unreadable": 1}
        assert DeliveryItem.objects.filter(delivery=delivery).count() == 12


def test_a_delivery_that_is_done_is_not_done_again(world: World):
    anna = world.at_firm("anna", "bianchi")
    delivery = world.hand_in(anna, "a.xml", papers.fatturapa())
    arrive.process(anna.firm, delivery.pk)
    with scope(anna):
        assert DeliveryItem.objects.count() == 1
        assert Delivery.objects.get().accepted == 1

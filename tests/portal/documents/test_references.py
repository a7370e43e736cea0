"""What documents say of one another, in both directions."""

from __future__ import annotations

import pytest
from django.contrib.postgres.search import SearchVector
from django.db.models import Value
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents import actions, queries
from fatto.portal.documents.models import Document
from fatto.portal.tenancy import actor
from fatto.portal.tenancy.scope import scope

END = b"</DatiGeneraliDocumento>"
ORDER = b"<DatiOrdineAcquisto><IdDocumento>ORD 77/2026</IdDocumento></DatiOrdineAcquisto>"
OTHER_ORDER = b"<DatiOrdineAcquisto><IdDocumento>ord-78</IdDocumento></DatiOrdineAcquisto>"
LINKED = b"<DatiFattureCollegate><IdDocumento>FT-12/a</IdDocumento></DatiFattureCollegate>"
NOTE = b"<DatiDDT><NumeroDDT>D.%d</NumeroDDT><DataDDT>2026-10-01</DataDDT></DatiDDT>"
WORDS = b"<DatiOrdineAcquisto><IdDocumento>verbale</IdDocumento></DatiOrdineAcquisto>"


def saying(data: bytes, said: bytes) -> bytes:
    return data.replace(END, END + said)


@pytest.fixture
def filed(world: World) -> World:
    """An invoice, its credit note, three more of the same seller, and the like of others that must not be mixed in."""
    another = {"seller": "Altro S.r.l.", "seller_id": "07643520567"}
    members = {
        "a.xml": saying(papers.fatturapa("FT 12/A", day="2026-10-01"), ORDER + OTHER_ORDER + NOTE % 1 + NOTE % 2),
        "b.xml": saying(papers.fatturapa("NC 1", kind="TD04", day="2026-10-05"), LINKED),
        "c.xml": saying(papers.fatturapa("FT 13/A", day="2026-10-06"), OTHER_ORDER + WORDS),
        "d.xml": saying(papers.fatturapa("FT 14/A", day="2026-10-07"), NOTE % 2),
        "e.xml": saying(papers.fatturapa("FT 15/A", day="2026-10-08"), WORDS),
        "f.xml": saying(papers.fatturapa("FT 16", day="2026-10-09", **another), ORDER + LINKED + NOTE % 2),
        "v.xml": saying(papers.fatturapa("V 1", buyer="Verdi", buyer_id="00743110157"), ORDER + LINKED + NOTE % 2),
    }
    world.hand_in(world.at_firm("anna", "bianchi"), "a.zip", papers.zipped(members))
    return world


def related(who, number: str) -> dict[str, str]:
    with scope(who):
        found = queries.related(Document.objects.get(number=number))
    return {each.document.number: each.why for each in found}


def test_an_invoice_and_its_credit_note_find_one_another(filed: World):
    maria = filed.at_company("maria", "rossi")
    assert related(maria, "NC 1") == {"FT 12/A": "refers-to"}
    assert related(maria, "FT 12/A") == {"NC 1": "referred-by", "FT 13/A": "order", "FT 14/A": "despatch"}


def test_one_of_several_orders_or_delivery_notes_is_enough_and_words_join_nothing(filed: World):
    anna = filed.at_firm("anna", "bianchi")
    assert related(anna, "FT 13/A") == {"FT 12/A": "order"}
    assert related(anna, "FT 14/A") == {"FT 12/A": "despatch"}
    assert related(anna, "FT 15/A") == {}


def test_a_romanian_credit_note_finds_its_invoice(world: World):
    mihai = world.at_company("mihai", "brutaria")
    said = (
        b"<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>f 1</cbc:ID></cac:InvoiceDocumentReference>"
        b"</cac:BillingReference>"
    )
    note = papers.ubl("S-1", kind="381", day="2026-10-09")
    currency = b"<cbc:DocumentCurrencyCode>RON</cbc:DocumentCurrencyCode>"
    world.hand_in(mihai, "a.xml", papers.ubl("F-1"))
    world.hand_in(mihai, "b.xml", note.replace(currency, currency + said))
    assert related(mihai, "S-1") == {"F-1": "refers-to"}
    assert related(mihai, "F-1") == {"S-1": "referred-by"}


def test_what_cannot_be_seen_is_not_related(filed: World):
    elena = filed.at_company("elena", "rossi")
    filed.hand_in(elena, "g.xml", saying(papers.fatturapa("FT 20", day="2026-10-10"), ORDER + LINKED))
    assert related(elena, "FT 20") == {}
    assert related(filed.at_company("maria", "rossi"), "FT 20") == {"FT 12/A": "refers-to"}


def test_references_of_older_documents_are_noted_afterwards(filed: World):
    maria, system = filed.at_company("maria", "rossi"), actor.system(filed.firms["bianchi"])
    with scope(system):
        Document.objects.update(words=SearchVector(Value("energia"), config="simple"))
    assert related(maria, "FT 12/A") == {}
    with scope(system) as who:
        after, rounds = 0, 0
        while after := actions.note_references(who, after=after, most=2):
            rounds += 1
    assert rounds == 4
    assert related(maria, "FT 12/A") == {"NC 1": "referred-by", "FT 13/A": "order", "FT 14/A": "despatch"}


@pytest.mark.django_db(transaction=True)
def test_the_migration_queues_a_job_a_firm_that_notes_them_all(filed: World, do_jobs):
    import importlib

    from django.apps import apps

    migration = importlib.import_module("fatto.portal.documents.migrations.0008_note_references_of_older_documents")
    with scope(actor.system(filed.firms["bianchi"])):
        Document.objects.update(words=SearchVector(Value("energia"), config="simple"))
    migration.queue(apps, None)
    do_jobs()
    assert related(filed.at_company("maria", "rossi"), "NC 1") == {"FT 12/A": "refers-to"}
    assert related(filed.at_company("maria", "rossi"), "FT 13/A") == {"FT 12/A": "order"}

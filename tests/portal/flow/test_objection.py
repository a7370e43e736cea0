"""The letter to the supplier of a disputed document."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from tests.portal import papers
from tests.portal.world import World

from fatto.invoice.model import Contact, Invoice
from fatto.portal.documents import queries
from fatto.portal.documents.models import Document
from fatto.portal.flow import decide, objection
from fatto.portal.flow.objection import Draft
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.scope import scope


@pytest.fixture
def maria(world: World) -> Actor:
    """Owner of Panificio Rossi, which has an invoice of an Italian supplier over 122 euro."""
    world.hand_in(world.at_firm("anna", "bianchi"), "a.xml", papers.fatturapa("FT 9", net="100.00"))
    return world.at_company("maria", "rossi")


def letter(world: World, who: Actor, reason: str = "", note: str = "") -> Draft | None:
    document = world.document(who, number="FT 9")
    with scope(who):
        if reason:
            decide.dispute(who, document, reason=reason, note=note)
            document = Document.objects.select_related("company").get(pk=document.pk)
        return objection.draft(who, document, queries.invoice(document))


def test_it_is_in_the_suppliers_language_and_names_number_date_amount_and_company(world: World, maria: Actor):
    found = letter(world, maria, "wrong_amount")
    assert found is not None
    assert found.language == "it"
    assert "FT 9" in found.subject
    for each in ("FT 9", "122,00 EUR", "Panificio Rossi S.r.l.", "IT12345678903"):
        assert each in found.text


def test_an_internal_note_goes_to_nobody_but_for_another_reason_it_is_the_reason(world: World, maria: Actor):
    with_note = letter(world, maria, "not_received", "ask Luca first")
    assert with_note is not None
    assert "ask Luca" not in with_note.text
    with scope(maria):
        decide.undo(maria, world.document(maria, number="FT 9"))
    other = letter(world, maria, "other", "il camion era vuoto")
    assert other is not None
    assert "il camion era vuoto" in other.text


def test_it_opens_in_a_mail_program_as_it_was_written():
    draft = Draft(to="a@b.it", subject="Fattura n° 1 & 2", text="Riga uno\n\nè così?", language="it")
    parts = urlsplit(draft.url)
    assert (parts.scheme, parts.path) == ("mailto", "a@b.it")
    assert parse_qs(parts.query) == {"subject": ["Fattura n° 1 & 2"], "body": ["Riga uno\r\n\r\nè così?"]}


@pytest.mark.parametrize("written", ["a@b.it?bcc=x@y.z", "a@b.it,c@d.it", "nobody", "@b.it", "a b@c.it", ""])
def test_an_address_that_could_do_more_than_receive_is_left_out(written: str, maria: Actor, world: World):
    import msgspec

    document = world.document(maria, number="FT 9")
    with scope(maria):
        decide.dispute(maria, document, reason="duplicate")
        invoice = queries.invoice(document)
        assert invoice is not None
        seller = msgspec.structs.replace(invoice.seller, contact=Contact(email=written))
        changed: Invoice = msgspec.structs.replace(invoice, seller=seller)
        document.refresh_from_db()
        found = objection.draft(maria, document, changed)
    assert found is not None
    assert found.to == ""


def test_there_is_none_before_a_dispute_nor_for_who_may_only_read(world: World, maria: Actor):
    assert letter(world, maria) is None
    assert letter(world, maria, "duplicate") is not None
    assert letter(world, world.at_company("sara", "rossi")) is None


def test_the_page_of_a_disputed_document_has_it_ready(world: World, maria: Actor):
    from django.test import Client

    assert letter(world, maria, "duplicate") is not None
    client = Client()
    client.force_login(world.people["maria"])
    document = world.document(maria, number="FT 9")
    page = client.get(f"/c/{document.company.slug}/documents/{document.pk}/").content.decode()
    assert "Write to the supplier" in page
    assert 'href="mailto:?subject=' in page

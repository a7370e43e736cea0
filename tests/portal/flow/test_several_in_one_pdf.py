"""A PDF can carry several invoices; each document shows its own, and no company sees another's."""

from __future__ import annotations

import io

import pypdf
import pytest
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents import queries
from fatto.portal.documents.models import Document, Quarantined
from fatto.portal.flow import arrive
from fatto.portal.tenancy.scope import scope


def pdf(*invoices: bytes) -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    for n, data in enumerate(invoices):
        writer.add_attachment(f"fattura-{n}.xml", data)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def test_each_invoice_of_a_pdf_is_shown_as_itself(world: World):
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "a.pdf", pdf(papers.fatturapa("FT 1"), papers.fatturapa("FT 2")))
    for number in ("FT 1", "FT 2"):
        found = queries.content(world.document(anna, number=number))
        assert found.reading is not None
        assert found.reading.invoice.number == number


def test_a_pdf_with_invoices_of_two_companies_is_filed_with_neither(world: World):
    anna = world.at_firm("anna", "bianchi")
    theirs = papers.fatturapa("FT 2", buyer="Verdi Impianti S.r.l.", buyer_id="00743110157")
    delivery = world.hand_in(anna, "a.pdf", pdf(papers.fatturapa("FT 1"), theirs))
    with scope(anna):
        assert Document.objects.count() == 0
        assert queries.outcomes(delivery) == {"quarantined": 2}


def test_a_pdf_with_an_invoice_of_another_company_waits_for_a_person(world: World):
    """Handed in for one company: what it holds of another must not stand in the first one's archive."""
    maria = world.at_company("maria", "rossi")
    theirs = papers.fatturapa("FT 2", buyer="Verdi Impianti S.r.l.", buyer_id="00743110157")
    delivery = world.hand_in(maria, "a.pdf", pdf(papers.fatturapa("FT 1"), theirs))
    with scope(maria):
        assert queries.outcomes(delivery) == {"accepted": 1, "elsewhere": 1}


def test_what_is_routed_from_quarantine_is_the_invoice_that_was_looked_at(world: World):
    anna = world.at_firm("anna", "bianchi")
    unknown = [papers.fatturapa(number, buyer="Rossi e figli", buyer_id="99999999990") for number in ("FT 1", "FT 2")]
    world.hand_in(anna, "a.pdf", pdf(*unknown))
    with scope(anna):
        second = Quarantined.objects.select_related("file", "delivery").get(number="FT 2")
        arrive.route(anna, second, world.companies["rossi"])
        assert Document.objects.get().number == "FT 2"


def test_an_archive_in_quarantine_is_never_filed_whole(world: World):
    """A damaged archive may hold the invoices of many: its whole bytes belong to no single company."""
    from fatto.portal.tenancy.action import Refusal

    anna = world.at_firm("anna", "bianchi")
    members = {
        "a.xml": papers.fatturapa("FT 1"),
        "b.xml": papers.fatturapa("FT 2", buyer="Altri", buyer_id="99999999990"),
    }
    world.hand_in(anna, "a.zip", papers.zipped(members)[:-30])
    with scope(anna):
        archive = Quarantined.objects.select_related("file", "delivery").get(name="a.zip")
        with pytest.raises(Refusal):
            arrive.route(anna, archive, world.companies["rossi"])
        archive.refresh_from_db()
        assert archive.state == Quarantined.State.OPEN

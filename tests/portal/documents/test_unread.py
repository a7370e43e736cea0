"""What a person has not opened: each their own, nothing from before they came, and gone when opened or marked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents import queries, unread
from fatto.portal.documents.models import Document, Opened
from fatto.portal.documents.queries import Filters
from fatto.portal.tenancy import actor, trail
from fatto.portal.tenancy.scope import scope


@pytest.fixture
def filed(world: World) -> World:
    members = {f"{n}.xml": papers.fatturapa(f"N-{n}", day=f"2026-10-0{n}") for n in range(1, 4)}
    members["v.xml"] = papers.fatturapa("V-1", buyer="Verdi Impianti S.r.l.", buyer_id="00743110157")
    world.hand_in(world.at_firm("anna", "bianchi"), "a.zip", papers.zipped(members))
    with scope(actor.system(world.firms["bianchi"])):
        # From before anybody here came.
        Document.objects.filter(number="N-3").update(received_at=timezone.now() - timedelta(days=400))
    return world


def asked(who) -> str:
    with scope(who):
        return " ".join(sorted(row.number for row in queries.page(Filters(ask="is:unread")).rows))


def bold(who) -> str:
    with scope(who):
        return " ".join(sorted(row.number for row in queries.page(Filters()).rows if row.unread))


def test_what_arrived_since_one_came_is_unread_until_it_is_opened(filed: World):
    maria, anna = filed.at_company("maria", "rossi"), filed.at_firm("anna", "bianchi")
    assert asked(maria) == bold(maria) == "N-1 N-2"
    assert asked(anna) == bold(anna) == "N-1 N-2 V-1"
    document = filed.document(maria, number="N-1")
    with scope(maria):
        assert unread.opened(document)
        assert not unread.opened(document)
    assert asked(maria) == bold(maria) == "N-2"
    assert asked(anna) == bold(anna) == "N-1 N-2 V-1", "another's reading is not one's own"
    with scope(maria):
        rows = queries.page(Filters(ask="-is:unread")).rows
        assert sorted(row.number for row in rows) == ["N-1", "N-3"]
        assert [deed.verb for deed in trail.of_document(document.company_id, document.pk)] == ["arrived"]


def test_opened_in_the_company_is_opened_in_the_firm(filed: World):
    anna = filed.at_company("anna", "rossi")
    with scope(anna):
        unread.opened(Document.objects.get(number="N-1"))
    assert asked(filed.at_firm("anna", "bianchi")) == "N-2 V-1"


def test_marking_a_company_as_read_leaves_the_others(filed: World):
    in_rossi, in_firm = filed.at_company("anna", "rossi"), filed.at_firm("anna", "bianchi")
    with scope(in_rossi):
        unread.read_all()
    assert asked(in_rossi) == bold(in_rossi) == ""
    assert asked(in_firm) == bold(in_firm) == "V-1"
    filed.hand_in(in_rossi, "n.xml", papers.fatturapa("N-9"))
    assert asked(in_firm) == bold(in_firm) == "N-9 V-1"


def test_marking_the_firm_as_read_reads_all_companies_and_forgets_single_ones(filed: World):
    in_rossi, in_firm = filed.at_company("anna", "rossi"), filed.at_firm("anna", "bianchi")
    with scope(in_rossi):
        unread.opened(Document.objects.get(number="N-1"))
    with scope(in_firm):
        unread.read_all()
        assert not Opened.objects.exists()
    assert asked(in_firm) == asked(in_rossi) == bold(in_rossi) == ""
    filed.hand_in(in_rossi, "n.xml", papers.fatturapa("N-9"))
    assert asked(in_rossi) == asked(in_firm) == bold(in_firm) == "N-9"


def test_nobody_sees_what_another_has_opened(filed: World):
    maria, sara = filed.at_company("maria", "rossi"), filed.at_company("sara", "rossi")
    with scope(maria):
        unread.opened(Document.objects.get(number="N-1"))
        assert Opened.objects.count() == 1
    with scope(sara):
        assert Opened._base_manager.count() == 0


def test_programs_and_jobs_read_nothing(filed: World):
    system = actor.system(filed.firms["bianchi"])
    assert asked(system) == bold(system) == ""
    with scope(system):
        assert not unread.opened(Document.objects.get(number="N-1"))
        unread.read_all()

"""People limited to directions or tags: what is outside is nowhere to be found."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.archive import queries as archive
from fatto.portal.conversation import actions as conversation
from fatto.portal.conversation import people as conversing
from fatto.portal.documents import queries
from fatto.portal.documents.models import Document
from fatto.portal.documents.queries import Filters
from fatto.portal.flow import bundle, decide, keep, people
from fatto.portal.tenancy import actions, trail
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Deed, Membership
from fatto.portal.tenancy.permissions import Role
from fatto.portal.tenancy.scope import scope


@pytest.fixture
def filed(world: World) -> World:
    """Rossi has one received and one issued invoice, both booked; and Piero, an approver."""
    rossi, anna = world.companies["rossi"], world.at_firm("anna", "bianchi")
    with scope(actors.system(world.firms["bianchi"])) as system:
        actions.join_company(system, rossi, member=world.person("piero"), role=Role.APPROVER)
    world.hand_in(anna, "in.xml", papers.fatturapa("IN 1"))
    world.hand_in(
        anna,
        "out.xml",
        papers.fatturapa(
            "OUT 1",
            seller="Panificio Rossi S.r.l.",
            seller_id="12345678903",
            buyer="Cliente Segreto S.p.A.",
            buyer_id="01234567897",
        ),
    )
    with scope(world.at_company("maria", "rossi")) as maria:
        decide.approve(maria, Document.objects.get(number="IN 1"))
    with scope(anna):
        keep.book(anna, list(Document.objects.select_related("company")))
    return world


def limit(world: World, **limits: list[str]) -> Actor:
    """Piero within these limits."""
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        row = Membership.objects.get(member=world.people["piero"], company=world.companies["rossi"])
        people.change_role(maria, row, role=row.role, **{"directions": [], "tags": []} | limits)
    return world.at_company("piero", "rossi")


def numbers(piero: Actor) -> list[str]:
    with scope(piero):
        return sorted(each.number for each in queries.page(Filters()).rows)


def test_lists_search_counts_and_the_archive_hold_only_what_is_seen(filed: World):
    piero = limit(filed, directions=["received"])
    assert numbers(piero) == ["IN 1"]
    with scope(piero):
        assert queries.page(Filters(ask="segreto")).rows == []
        assert queries.page(Filters(ask="OUT 1")).rows == []
        assert queries.parties("segr") == []
        assert queries.counts().to_approve == 0
        assert [(branch.name, branch.count) for branch in archive.years()] == [("2026", 1)]
        assert [branch.name for branch in archive.sections(2026, 10)] == ["received"]
        assert archive.records(2026, 10, "issued") == []
        chunks = bundle.stream(piero, "it", 2026)
        hidden = Deed.objects.filter(document_id__isnull=False).values_list("document_id", flat=True).distinct()
        assert set(hidden) == {Document.objects.get().pk}, "the trail of the others is not there either"
    assert b"OUT" not in b"".join(chunks)


def test_the_database_itself_hides_it_when_a_filter_is_forgotten(filed: World):
    piero = limit(filed, directions=["received"])
    with scope(filed.at_company("maria", "rossi")):
        pk = Document.objects.get(number="OUT 1").pk
        assert trail.of_document(filed.companies["rossi"].pk, pk)
    with scope(piero), connection.cursor() as cursor:
        for table in ("documents_document", "archive_record", "tenancy_deed", "approvals_decision"):
            column = "id" if table == "documents_document" else "document_id"
            cursor.execute(f"select count(*) from {table} where {column} = %s", [pk])
            assert cursor.fetchone() == (0,), table
        cursor.execute("select count(*) from documents_delivery where by_id <> %s", [filed.people["piero"].pk])
        assert cursor.fetchone() == (0,)
        cursor.execute("update documents_document set number = 'x' where id = %s returning id", [pk])
        assert cursor.fetchall() == []


@pytest.mark.parametrize(
    "address",
    ["", "sheet/", "xml/", "pdf/", "original/", "approval-sheet/", "approve/", "dispute/", "undo/"],
)
def test_every_page_of_a_hidden_document_is_a_404(filed: World, address: str):
    limit(filed, directions=["received"])
    with scope(filed.at_company("maria", "rossi")):
        hidden, seen = Document.objects.get(number="OUT 1").pk, Document.objects.get(number="IN 1").pk
    piero = Client()
    piero.force_login(filed.people["piero"])
    for pk, missing in ((hidden, True), (seen, False)):
        url = f"/c/{filed.companies['rossi'].slug}/documents/{pk}/{address}"
        answer = piero.post(url) if address in ("approve/", "undo/") else piero.get(url)
        assert (answer.status_code == 404) is missing, url
    assert piero.get(f"/d/{hidden}/").status_code == 404
    desk = piero.get(f"/c/{filed.companies['rossi'].slug}/documents/list.csv")
    desk = b"".join(desk.streaming_content).decode()
    assert "IN 1" in desk
    assert "OUT 1" not in desk


def test_a_document_appears_and_disappears_with_its_tags(filed: World):
    piero = limit(filed, tags=["cantiere", "sede, via Roma"])
    assert numbers(piero) == []
    with scope(filed.at_company("maria", "rossi")):
        Document.objects.filter(number="OUT 1").update(tags=["altro", "sede, via Roma"])
    assert numbers(piero) == ["OUT 1"]
    with scope(filed.at_company("maria", "rossi")):
        Document.objects.update(tags=["altro"])
    assert numbers(piero) == []


def test_both_limits_hold_together(filed: World):
    piero = limit(filed, directions=["issued"], tags=["cantiere"])
    with scope(filed.at_company("maria", "rossi")):
        Document.objects.update(tags=["cantiere"])
    assert numbers(piero) == ["OUT 1"]


def test_what_he_may_decide_is_counted_one_by_one(filed: World):
    anna = filed.at_firm("anna", "bianchi")
    filed.hand_in(anna, "in2.xml", papers.fatturapa("IN 2"))
    filed.hand_in(anna, "in3.xml", papers.fatturapa("IN 3"))
    with scope(anna):
        Document.objects.filter(number="IN 3").update(tags=["cantiere"])
    piero = limit(filed, tags=["cantiere"])
    with scope(piero):
        assert (queries.counts().mine, queries.counts().to_approve) == (1, 1)
    with scope(filed.at_company("maria", "rossi")):
        assert (queries.counts().mine, queries.counts().to_approve) == (2, 2)


def test_an_owner_has_no_limits_and_whoever_becomes_one_loses_them(filed: World):
    limit(filed, directions=["received"], tags=["x"])
    maria = filed.at_company("maria", "rossi")
    with scope(maria):
        row = Membership.objects.get(member=filed.people["piero"], company=filed.companies["rossi"])
        people.change_role(maria, row, role=Role.OWNER, directions=["received"])
        assert Membership.objects.get(pk=row.pk).directions == Membership.objects.get(pk=row.pk).tags == []
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.filter(pk=row.pk).update(tags=["x"])
        assert Deed.objects.filter(verb="member-limited").count() == 2
    assert numbers(filed.at_company("piero", "rossi")) == ["IN 1", "OUT 1"]


def test_limits_are_set_on_the_persons_page(filed: World):
    client = Client()
    client.force_login(filed.people["maria"])
    with scope(filed.at_company("maria", "rossi")):
        row = Membership.objects.get(member=filed.people["piero"], company=filed.companies["rossi"])
    url = f"/c/{filed.companies['rossi'].slug}/people/{row.pk}/"
    answer = client.post(url, {"role": "approver", "directions": ["received", "other"], "tags": "Cantiere A,  sede , "})
    assert answer.status_code == 302 or answer.status_code == 303
    piero = filed.at_company("piero", "rossi")
    assert (piero.directions, piero.tags) == (("other", "received"), ("Cantiere A", "sede"))
    page = client.get(url).content.decode()
    assert 'value="received" checked' in page
    assert "Cantiere A, sede" in page


def test_who_does_not_see_a_document_is_neither_named_nor_asked_about_it(filed: World):
    limit(filed, directions=["issued"])
    maria = filed.at_company("maria", "rossi")
    with scope(maria):
        received, issued = (Document.objects.select_related("firm").get(number=each) for each in ("IN 1", "OUT 1"))
        assert "Piero" not in [each.name for each in conversing.of(received)]
        assert "Piero" in [each.name for each in conversing.of(issued)]
    limit(filed, tags=["Auto"])
    with scope(maria):
        assert "Piero" not in [each.name for each in conversing.of(issued)]
        conversation.tag(maria, [issued], add=["Auto"])
        issued.refresh_from_db()
        assert "Piero" in [each.name for each in conversing.of(issued)]


def test_tags_of_documents_outside_the_limits_are_not_suggested(filed: World):
    maria = filed.at_company("maria", "rossi")
    with scope(maria):
        received, issued = (Document.objects.get(number=each) for each in ("IN 1", "OUT 1"))
        conversation.tag(maria, [received], add=["Auto"])
        conversation.tag(maria, [issued], add=["Layoffs"])
        assert queries.tags() == ["Auto", "Layoffs"]
    with scope(limit(filed, directions=["received"])):
        assert queries.tags() == ["Auto"]
        assert queries.tags("lay") == []

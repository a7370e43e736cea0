"""Whose data: two locks, each tested with the other one open."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents.models import Document
from fatto.portal.tenancy import actor, rls
from fatto.portal.tenancy.models import Company, Deed, Membership
from fatto.portal.tenancy.scope import OutsideScope, current, reading, roster, scope, whole


@pytest.fixture
def filed(world: World) -> World:
    """One invoice at Rossi, one at Brutăria."""
    world.hand_in(world.at_firm("anna", "bianchi"), "a.xml", papers.fatturapa())
    world.hand_in(world.at_firm("ioana", "dunarea"), "a.xml", papers.ubl())
    return world


def raw(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def test_outside_a_scope_nothing_can_be_asked_for(world: World):
    for model in (Document, Company, Deed):
        with pytest.raises(OutsideScope):
            list(model.objects.all())


def test_outside_a_scope_raw_sql_finds_nothing(filed: World):
    for table in ("documents_document", "documents_file", "tenancy_company", "tenancy_membership", "tenancy_deed"):
        assert raw(f"select count(*) from {table}") == [(0,)]


def test_a_filter_that_was_forgotten_shows_only_the_scopes_rows(filed: World):
    with scope(filed.at_company("maria", "rossi")):
        assert raw("select distinct company_id from documents_document") == [(filed.companies["rossi"].pk,)]
    with scope(filed.at_company("luca", "verdi")):
        assert raw("select count(*) from documents_document") == [(0,)]


def test_writing_into_another_company_is_refused_by_the_database(filed: World):
    luca, rossi = filed.at_company("luca", "verdi"), filed.companies["rossi"]
    with scope(filed.at_company("maria", "rossi")):
        document = Document.objects.get()
    document.pk, document.identity = None, "x"
    with scope(luca), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        document.save(force_insert=True)
    with scope(luca):
        assert raw(f"update documents_document set number = 'x' where company_id = {rossi.pk} returning id") == []


def test_an_accountant_sees_the_assigned_companies_only(filed: World):
    paolo = filed.at_firm("paolo", "bianchi")
    with scope(paolo):
        assert [company.name for company in Company.objects.all()] == ["Panificio Rossi S.r.l."]
        assert raw("select count(*) from tenancy_company") == [(1,)]
    assert actor.in_company(filed.people["paolo"], filed.companies["rossi"].slug) is not None
    assert actor.in_company(filed.people["paolo"], filed.companies["verdi"].slug) is None


def test_nobody_enters_a_place_without_a_role_there(filed: World):
    people, companies, firms = filed.people, filed.companies, filed.firms
    assert actor.in_company(people["maria"], companies["verdi"].slug) is None
    assert actor.in_company(people["ioana"], companies["rossi"].slug) is None
    assert actor.in_firm(people["maria"], firms["bianchi"].slug) is None
    assert actor.in_firm(people["anna"], firms["dunarea"].slug) is None


def test_an_employee_sees_only_what_he_brought_in(filed: World):
    elena = filed.at_company("elena", "rossi")
    with scope(elena):
        assert not Document.objects.exists()
    filed.hand_in(elena, "b.xml", papers.fatturapa("2"))
    assert filed.document(elena).number == "2"
    with scope(filed.at_company("maria", "rossi")):
        assert Document.objects.count() == 2


def test_scopes_end_with_their_block_even_after_an_error(filed: World):
    with pytest.raises(KeyError), scope(filed.at_company("maria", "rossi")):
        raise KeyError
    assert current() is None
    assert raw("select count(*) from documents_document") == [(0,)]


def test_an_inner_scope_gives_the_outer_one_back(filed: World):
    with scope(filed.at_firm("anna", "bianchi")):
        with scope(filed.at_company("luca", "verdi")):
            assert not Document.objects.exists()
        assert Document.objects.count() == 1
        assert raw("select count(*) from documents_document") == [(1,)]


def test_reading_for_the_portal_gives_the_scope_back(filed: World):
    maria = filed.at_company("maria", "rossi")
    with scope(maria):
        seen = Document.objects.count()
        assert seen
        with reading(actor.system_in(filed.companies["verdi"])):
            assert current() != maria
            assert not Document.objects.filter(company=filed.companies["rossi"]).exists()
        assert current() == maria
        assert Document.objects.count() == seen
    with pytest.raises(OutsideScope), reading(maria):
        pass


@pytest.mark.django_db(transaction=True)
def test_what_a_roster_may_see_ends_with_its_transaction(world: World):
    anna = world.people["anna"]
    with roster(member=anna.pk):
        assert Membership.objects.filter(member=anna).exists()
        with roster(firm=world.firms["bianchi"].pk):
            assert not Membership.objects.filter(member=anna).exists()
            assert Company.objects.unscoped().exists()
        assert not Company.objects.unscoped().exists()
    assert not Membership.objects.filter(member=anna).exists()
    assert not Company.objects.unscoped().exists()


def test_looking_past_hard_gates_ends_with_its_block(filed: World):
    with scope(filed.at_firm("ioana", "dunarea")):
        with whole():
            assert Document.objects.count() == 1
        assert not Document.objects.exists()


def test_every_table_with_a_company_forces_row_security(db):
    assert rls.unprotected() == []


def test_the_portal_runs_under_a_role_that_row_security_binds(db):
    assert raw("select rolsuper or rolbypassrls from pg_roles where rolname = current_user") == [(False,)]


def test_the_trail_can_be_neither_changed_nor_deleted(filed: World):
    anna = filed.at_firm("anna", "bianchi")
    for sql in ("update tenancy_deed set verb = 'x'", "delete from tenancy_deed", "delete from approvals_decision"):
        with scope(anna), pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            raw(sql)


def test_a_person_can_be_in_several_places_with_different_roles(filed: World):
    maria = filed.people["maria"]
    with scope(actor.system(filed.firms["dunarea"])):
        Membership.objects.create(
            member=maria, firm=filed.firms["dunarea"], company=filed.companies["brutaria"], role="auditor"
        )
    found = [(str(space.company), space.role) for space in actor.spaces(maria)]
    assert found == [("Brutăria Dunării SRL", "auditor"), ("Panificio Rossi S.r.l.", "owner")]


def test_a_company_at_rest_is_closed_to_those_it_is_assigned_to_as_well(world: World):
    from fatto.portal.tenancy.models import Company

    rossi = world.companies["rossi"]
    assert world.at_firm("paolo", "bianchi").companies == (rossi.pk,)
    with scope(world.at_firm("anna", "bianchi")):
        Company.objects.filter(pk=rossi.pk).update(active=False)
    assert world.at_firm("paolo", "bianchi").companies == ()
    assert rossi.pk not in world.at_firm("anna", "bianchi").companies

"""A person who leaves for good takes name and address along; what was decided keeps the name it was decided under."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.portal import papers
from tests.portal.world import PASSWORD, World

from fatto.portal.approvals import queries
from fatto.portal.flow import decide, leaving
from fatto.portal.notifications.models import Wishes
from fatto.portal.tenancy import actions, people
from fatto.portal.tenancy.actor import spaces, system
from fatto.portal.tenancy.models import Deed, Member
from fatto.portal.tenancy.permissions import Role
from fatto.portal.tenancy.scope import roster, scope


@pytest.fixture
def two_owners(world: World) -> World:
    with scope(system(world.firms["bianchi"])) as actor:
        actions.join_company(actor, world.companies["rossi"], member=world.person("bruno"), role=Role.OWNER)
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "a.xml", papers.fatturapa("FT 1"))
    with scope(maria):
        decide.approve(maria, world.document(maria))
    return world


def test_name_address_and_roles_go_and_decisions_stay(two_owners: World):
    maria = two_owners.people["maria"]
    leaving.erase(maria)
    row = Member.objects.get(pk=maria.pk)
    assert (row.name, row.is_active, row.email) == ("", False, f"removed-{maria.pk}@removed.invalid")
    assert spaces(row) == []
    bruno = two_owners.at_company("bruno", "rossi")
    with scope(bruno):
        assert queries.last(two_owners.document(bruno)).by_name == "Maria"
        assert Deed.objects.filter(verb="member-left", by_name="Maria").exists()


def test_the_last_owner_hands_over_first(world: World):
    with pytest.raises(people.StillOwner, match="Panificio Rossi"):
        leaving.erase(world.people["maria"])
    with pytest.raises(people.StillOwner, match="Studio Bianchi"):
        leaving.erase(world.people["anna"])
    assert Member.objects.get(pk=world.people["maria"].pk).is_active


def test_the_page_asks_for_the_password_and_logs_out(two_owners: World):
    client = Client()
    client.force_login(two_owners.people["maria"])
    assert client.get("/me/remove/").status_code == 200
    assert client.post("/me/remove/", {"password": "wrong"}).status_code == 422
    assert client.post("/me/remove/", {"password": PASSWORD}).status_code == 200
    assert client.get("/me/").status_code == 302
    assert Client().login(email="maria@example.org", password=PASSWORD) is False


def test_the_address_can_come_back_as_somebody_new(two_owners: World):
    leaving.erase(two_owners.people["maria"])
    again = Member.objects.create_user("maria@example.org", PASSWORD, name="Maria")
    assert spaces(again) == []


def test_devices_and_wishes_about_notices_go_too(two_owners: World):
    maria = two_owners.people["maria"]
    with roster(member=maria.pk):
        Wishes.objects.create(member=maria)
    leaving.erase(maria)
    with roster(member=maria.pk):
        assert not Wishes.objects.filter(member=maria).exists()

"""Somebody of the firm looks at a company's pages as the company does: its places and buttons, none of which act."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.portal import papers
from tests.portal.world import World

HOME = "/c/panificio-rossi-srl/"


@pytest.fixture
def paolo(world: World) -> Client:
    """An accountant who looks at Rossi as Rossi does; a document waits there."""
    world.hand_in(world.at_company("maria", "rossi"), "a.xml", papers.fatturapa("FT 1"))
    client = Client()
    client.force_login(world.people["paolo"])
    assert client.post(f"{HOME}view-as/").status_code == 303
    return client


def test_it_shows_the_companys_places_in_a_frame_of_its_own(paolo: Client):
    page = paolo.get(HOME).content.decode()
    assert "as-client" in page
    assert f"{HOME}approve/" in page
    assert "FT 1" in paolo.get(f"{HOME}approve/").content.decode()


def test_nothing_can_be_changed(world: World, paolo: Client):
    document = world.document(world.at_company("maria", "rossi"))
    for deed in ("approve", "book"):
        assert paolo.post(f"{HOME}documents/{document.pk}/{deed}/").status_code == 403
    assert world.document(world.at_company("maria", "rossi")).approval == "to_approve"
    assert paolo.get(f"{HOME}people/").status_code == 403


def test_it_ends_where_one_says_so_and_holds_for_one_company_alone(world: World, paolo: Client):
    assert "as-client" not in paolo.get("/f/studio-bianchi/").content.decode()
    paolo.post(f"{HOME}view-as/", {"stop": "1"})
    assert "as-client" not in paolo.get(HOME).content.decode()


def test_what_a_hard_gate_hides_stays_hidden(world: World):
    mihai = world.at_company("mihai", "brutaria")
    world.hand_in(mihai, "a.xml", papers.ubl("RO 77"))
    ioana = Client()
    ioana.force_login(world.people["ioana"])
    assert ioana.post("/c/brutaria-dunarii-srl/view-as/").status_code == 303
    for page in ("", "approve/", "documents/"):
        assert "RO 77" not in ioana.get(f"/c/brutaria-dunarii-srl/{page}").content.decode()


def test_a_company_has_nobody_to_look_as(world: World):
    maria = Client()
    maria.force_login(world.people["maria"])
    assert maria.post(f"{HOME}view-as/").status_code == 403


def test_the_first_page_is_the_companys_not_the_accountants(paolo: Client):
    page = paolo.get(HOME).content.decode()
    assert "You have 1 thing to do." in page
    assert "This week" in page
    assert "never seen" not in page
    assert "ready to book" not in page

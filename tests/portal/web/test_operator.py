"""Who runs the portal: opens firms, sees numbers, and looks into a firm only when it says yes, for hours, logged."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.flow import operating
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy import support
from fatto.portal.tenancy.models import Deed, Firm, Member, SupportGrant
from fatto.portal.tenancy.scope import roster, scope

FIRM = "/f/studio-bianchi/"
PAGE = "/op/studio-bianchi/"


@pytest.fixture
def operator(world: World) -> Client:
    """Otto runs the portal; Rossi and the hard-gated Brutăria have a document each."""
    Member.objects.filter(pk=world.person("otto").pk).update(operator=True)
    world.hand_in(world.at_company("maria", "rossi"), "a.xml", papers.fatturapa("FT 1"))
    world.hand_in(world.at_company("mihai", "brutaria"), "b.xml", papers.ubl("RO 1"))
    return logged_in(world, "otto")


def logged_in(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name])
    return client


def wish(world: World, firm: str = "bianchi") -> SupportGrant:
    with scope(actors.system(world.firms[firm])):
        return SupportGrant.objects.filter(firm=world.firms[firm]).order_by("-pk")[0]


def asked(operator: Client, page: str = PAGE, hours: int = 2) -> None:
    assert operator.post(page, {"reason": "La lista è vuota", "hours": hours}).status_code == 303


def test_pages_of_the_operator_exist_for_operators_alone(world: World, operator: Client):
    assert operator.get("/op/").status_code == 200
    for name in ("anna", "maria"):
        for page in ("/op/", PAGE):
            assert logged_in(world, name).get(page).status_code == 404
    assert Client().get("/op/").status_code == 302


def test_an_operator_sees_numbers_and_no_document(world: World, operator: Client):
    page = operator.get("/op/").content.decode()
    assert "Studio Bianchi" in page
    assert "Energia" not in page
    size = operating.size(world.firms["bianchi"])
    assert (size.companies, size.documents) == (2, 1)
    for address in (FIRM, f"{FIRM}documents/", "/c/panificio-rossi-srl/", "/c/panificio-rossi-srl/documents/"):
        assert operator.get(address).status_code == 404


def test_an_operator_opens_a_firm_and_gets_the_link_for_its_owner(operator: Client):
    form = {"name": "Studio Nuovo", "country": "IT", "language": "it", "owner": "n@example.org", "owner_name": "Nina"}
    page = operator.post("/op/", form).content.decode()
    assert Firm.objects.filter(name="Studio Nuovo").exists()
    assert "/l/" in page
    assert operator.post("/op/", form | {"owner": "x"}).status_code == 422


def test_asking_alone_opens_nothing(world: World, operator: Client):
    asked(operator)
    assert operator.get(FIRM).status_code == 404
    assert operator.post(PAGE, {"reason": "again", "hours": 2}).status_code == 409


def test_with_the_firms_yes_everything_is_read_and_nothing_changed(world: World, operator: Client):
    asked(operator)
    anna = logged_in(world, "anna")
    assert "La lista è vuota" in anna.get(f"{FIRM}support/").content.decode()
    assert anna.post(f"{FIRM}support/", {"grant": wish(world).pk}).status_code == 303
    assert "FT 1" in operator.get(f"{FIRM}documents/").content.decode()
    document = world.document(world.at_firm("anna", "bianchi"))
    here = f"/c/panificio-rossi-srl/documents/{document.pk}/"
    assert operator.get(here).status_code == 200
    for address in (f"{here}approve/", f"{here}book/", "/c/panificio-rossi-srl/upload/"):
        assert operator.post(address).status_code in (403, 405)
    for address in (f"{FIRM}team/", f"{FIRM}support/", f"{FIRM}data/"):
        assert operator.get(address).status_code == 403


def test_every_page_stands_in_the_firms_log(world: World, operator: Client):
    asked(operator)
    anna = logged_in(world, "anna")
    anna.post(f"{FIRM}support/", {"grant": wish(world).pk})
    operator.get(f"{FIRM}documents/?q=energia")
    operator.get(f"{FIRM}documents/999999/")
    with scope(world.at_firm("anna", "bianchi")):
        paths = [deed.data["path"] for deed in Deed.objects.filter(verb="support-viewed").order_by("pk")]
    assert paths == [f"{FIRM}documents/", f"{FIRM}documents/999999/"]
    assert f"{FIRM}documents/999999/" in anna.get(f"{FIRM}support/").content.decode()


def test_the_firm_sees_a_stripe_while_it_lasts_and_ends_it_at_once(world: World, operator: Client):
    asked(operator)
    anna = logged_in(world, "anna")
    anna.post(f"{FIRM}support/", {"grant": wish(world).pk})
    assert "support-stripe" in anna.get(FIRM).content.decode()
    assert "support-stripe" in operator.get(FIRM).content.decode()
    anna.post(f"{FIRM}support/", {"end": wish(world).pk})
    assert operator.get(FIRM).status_code == 404
    assert "support-stripe" not in anna.get(FIRM).content.decode()


def test_it_ends_by_itself(world: World, operator: Client):
    asked(operator, hours=1)
    logged_in(world, "anna").post(f"{FIRM}support/", {"grant": wish(world).pk})
    assert operator.get(FIRM).status_code == 200
    with roster(member=world.people["otto"].pk):
        SupportGrant.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert operator.get(FIRM).status_code == 404


def test_a_grant_of_one_firm_opens_no_other_and_no_hard_gate(world: World, operator: Client):
    asked(operator)
    logged_in(world, "anna").post(f"{FIRM}support/", {"grant": wish(world).pk})
    assert operator.get("/f/contabil-dunarea/").status_code == 404
    asked(operator, "/op/contabil-dunarea/")
    logged_in(world, "ioana").post("/f/contabil-dunarea/support/", {"grant": wish(world, "dunarea").pk})
    assert operator.get("/f/contabil-dunarea/documents/").status_code == 200
    assert "RO 1" not in operator.get("/f/contabil-dunarea/documents/").content.decode()
    document = world.document(world.at_company("mihai", "brutaria"))
    assert operator.get(f"/c/brutaria-dunarii-srl/documents/{document.pk}/").status_code == 404


def test_an_accountant_cannot_grant_and_a_refused_wish_cannot_be_granted(world: World, operator: Client):
    asked(operator)
    assert logged_in(world, "paolo").post(f"{FIRM}support/", {"grant": wish(world).pk}).status_code == 403
    anna = logged_in(world, "anna")
    anna.post(f"{FIRM}support/", {"end": wish(world).pk})
    assert anna.post(f"{FIRM}support/", {"grant": wish(world).pk}).status_code == 409
    assert operator.get(FIRM).status_code == 404


def test_who_is_no_operator_any_more_is_out_at_once(world: World, operator: Client):
    asked(operator)
    logged_in(world, "anna").post(f"{FIRM}support/", {"grant": wish(world).pk})
    operating.make_operator("otto@example.org", remove=True)
    assert operator.get(FIRM).status_code == 404
    with pytest.raises(support.NotAllowed):
        support.ask(Member.objects.get(email="otto@example.org"), world.firms["bianchi"], reason="x", hours=1)


def test_the_command_makes_an_account_whose_password_is_chosen_by_link(db: None):
    path = operating.make_operator("new@example.org", name="Nadia")
    assert Member.objects.get(email="new@example.org").operator
    assert Client().get(path, follow=True).status_code == 200
    with pytest.raises(operating.NoSuchPerson, match="--name"):
        operating.make_operator("other@example.org")


def test_outside_any_space_times_are_those_of_who_reads(world: World, operator: Client):
    from fatto.portal.notifications.models import Wishes

    otto = world.people["otto"]
    with roster(member=otto.pk):
        Wishes.objects.create(member=otto, time_zone="Pacific/Kiritimati")
    with scope(actors.system(world.firms["bianchi"])):
        last = Deed.objects.order_by("-at")[0].at
    there = timezone.localtime(last, ZoneInfo("Pacific/Kiritimati"))
    page = operator.get(PAGE, headers={"Accept": "text/html"}).content.decode()
    assert f"{there:%H:%M}" in page
    assert f"{there.day} {there:%b %Y}" in page
    assert timezone.get_current_timezone_name() == "UTC", "the next request begins anew"


def test_countries_are_called_as_the_operator_calls_them(world: World, operator: Client):
    otto = world.people["otto"]
    otto.language = "it"
    otto.save(update_fields=["language"])
    page = operator.get("/op/").content.decode()
    assert ">Italia</option>" in page

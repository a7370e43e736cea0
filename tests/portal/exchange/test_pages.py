"""Connecting, choosing companies, looking, and the pages that say how it goes."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from tests.portal.exchange.authority import CIF, NAME, connected, settled
from tests.portal.world import World

from fatto.countries.ro import sandbox
from fatto.countries.ro.sandbox import NO_CAPS
from fatto.portal.exchange.models import Box, Connection, Day, Message, OAuthState, Probe, Run
from fatto.portal.flow import connecting, sync
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.models import Company
from fatto.portal.tenancy.scope import scope

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]


@pytest.fixture
def login(world: World) -> Login:
    def enter(name: str) -> Client:
        client = Client()
        client.force_login(world.people[name])
        return client

    return enter


def begun(client: Client, url: str) -> str:
    """The address of the authority that a page offers after its button was pressed."""
    page = client.post(url)
    assert page.status_code == 200, page.content.decode()[-800:]
    return page.context["login_url"]


def choose(address: str, person: str = "Ana Exemplu") -> str:
    """What a person's browser does at the authority: the address that it is sent back to, here."""
    page = httpx.get(address).text
    link = next(line for line in page.split("<li>") if person in line).split('href="')[1].split('"')[0]
    answer = httpx.get(address.rsplit("/", 1)[0] + "/" + link.replace("&amp;", "&"))
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


def test_a_firm_connects_with_its_certificate_and_ticks_its_companies(world: World, login: Login):
    firm = world.firms["dunarea"]
    with sandbox.serve({CIF: NAME}, messages=3, caps=NO_CAPS) as anaf, settled(anaf):
        ioana = login("ioana")
        page = ioana.get(reverse("firm-connections", kwargs={"firm": firm.slug})).content.decode()
        assert "Connect with the firm’s certificate" in page
        back = choose(begun(ioana, reverse("firm-connection-new", kwargs={"firm": firm.slug})))
        answer = ioana.get(back)
        assert answer.status_code == 303
        with scope(world.at_firm("ioana", "dunarea")):
            row = Connection.objects.get()
            assert (row.authorised_name, row.company, bool(row.serial)) == ("Ioana", None, True)
        connecting.try_companies(firm, row.pk)
        chosen = ioana.get(answer["Location"])
        assert "Has rights" in chosen.content.decode()
        with scope(world.at_firm("ioana", "dunarea")):
            assert Probe.objects.get().state == "granted"
        brutaria = world.companies["brutaria"]
        assert ioana.post(answer["Location"], {"company": [brutaria.pk]}).status_code == 303
        with scope(world.at_firm("ioana", "dunarea")):
            box = Box.objects.get()
            assert (box.tax_id, box.connection_id) == (CIF, row.pk)
            run = Run.objects.get()
        assert sync.work(firm, run.pk)
        page = ioana.get(reverse("firm-connections", kwargs={"firm": firm.slug})).content.decode()
        assert "Works" in page
        assert "3 new" in page


def test_a_company_connects_its_own_and_is_looked_into_at_once(world: World, login: Login):
    company = world.companies["brutaria"]
    with sandbox.serve({CIF: NAME}, messages=2, caps=NO_CAPS) as anaf, settled(anaf):
        mihai = login("mihai")
        here = reverse("company-connection", kwargs={"company": company.slug})
        assert "Not connected" in mihai.get(here).content.decode()
        back = choose(begun(mihai, reverse("company-connection-new", kwargs={"company": company.slug})))
        assert mihai.get(back)["Location"] == here
        with scope(world.at_company("mihai", "brutaria")):
            assert Box.objects.get().connection.company_id == company.pk
            assert Box.objects.get().next_run


def test_a_login_comes_back_to_the_same_person_session_and_once(world: World, login: Login):
    firm = world.firms["dunarea"]
    with sandbox.serve({CIF: NAME}, caps=NO_CAPS) as anaf, settled(anaf):
        ioana = login("ioana")
        address = begun(ioana, reverse("firm-connection-new", kwargs={"firm": firm.slug}))
        back = choose(address)
        for other in (login("anna"), login("ioana")):  # somebody else; the same person in another browser
            assert other.get(back).status_code == 400
        assert Client().get(back).status_code == 302  # to the door
        path, query = back.split("?")
        forged = parse_qs(query)["code"][0]
        assert ioana.get(path, {"code": forged, "state": "made-up"}).status_code == 400
        assert ioana.get(back).status_code == 303
        assert ioana.get(back).status_code == 400, "it was used"
        with scope(world.at_firm("ioana", "dunarea")):
            assert Connection.objects.count() == 1
            assert OAuthState.objects.get().used_at


def test_whoever_has_no_certificate_is_told_so_and_nothing_is_connected(world: World, login: Login):
    firm = world.firms["dunarea"]
    with sandbox.serve({CIF: NAME}, caps=NO_CAPS) as anaf, settled(anaf):
        ioana = login("ioana")
        back = choose(begun(ioana, reverse("firm-connection-new", kwargs={"firm": firm.slug})), "No certificate")
        page = ioana.get(back)
        assert page.status_code == 409
        assert "access_denied" in page.content.decode()
        with scope(world.at_firm("ioana", "dunarea")):
            assert not Connection.objects.exists()


def test_logging_in_again_keeps_the_connection_and_its_companies(world: World, login: Login):
    with connected(world, messages=1) as there:
        there.anaf.world.state.access.clear()
        there.anaf.world.state.refresh.clear()
        there.sync()
        assert there.again(there.connection).state == "login-needed"
        ioana = login("ioana")
        new = reverse("firm-connection-new", kwargs={"firm": there.ioana.firm.slug})
        assert ioana.get(choose(begun(ioana, f"{new}?renew={there.connection.pk}"))).status_code == 303
        row = there.again(there.connection)
        assert (row.state, row.pk, row.warned) == ("active", there.connection.pk, None)
        assert there.sync().state == Run.State.DONE


def test_without_a_registered_portal_the_page_says_what_the_administrator_does(world: World, login: Login):
    page = login("ioana").get(reverse("firm-connection-new", kwargs={"firm": world.firms["dunarea"].slug}))
    text = page.content.decode()
    assert "FATTO_ANAF_CLIENT_ID" in text
    assert "/spv/callback/" in text
    assert (
        login("ioana").post(reverse("firm-connection-new", kwargs={"firm": world.firms["dunarea"].slug})).status_code
        == 409
    )


def test_looking_now_is_followed_and_ends_in_words(world: World, login: Login):
    company = world.companies["brutaria"]
    with connected(world, messages=20) as there:
        mihai = login("mihai")
        answer = mihai.post(reverse("company-sync", kwargs={"company": company.slug}))
        assert answer.status_code == 303
        assert "It begins in a moment" in mihai.get(answer["Location"]).content.decode()
        again = mihai.post(reverse("company-sync", kwargs={"company": company.slug}))
        assert again["Location"] == answer["Location"], "one at a time"
        with scope(there.mihai):
            run = Run.objects.get()
        sync.work(there.ioana.firm, run.pk)
        said = mihai.get(answer["Location"]).content.decode()
        assert "20 new" in said
        assert "need a look" in said
        refused = mihai.post(reverse("company-sync", kwargs={"company": company.slug}))
        assert refused.status_code == 409
        assert "a moment ago" in refused.content.decode()


def test_messages_show_what_became_of_them_and_give_their_file(world: World, login: Login):
    company = world.companies["brutaria"]
    with connected(world, messages=20) as there:
        there.sync()
        mihai = login("mihai")
        here = reverse("company-messages", kwargs={"company": company.slug})
        text = mihai.get(here).content.decode()
        assert "The seal is whole" in text
        parked = mihai.get(f"{here}?state=parked").content.decode()
        assert "did not pass through here" in parked
        link = parked.split('href="')
        file = next(each.split('"')[0] for each in link if each.startswith(here) and "/file/" in each)
        assert mihai.get(file).content.startswith(b"PK")
        number = re.search(rf"/c/{company.slug}/documents/(\d+)/", text)[1]
        document = mihai.get(f"/c/{company.slug}/documents/{number}/")
        assert "From the authority" in document.content.decode()


def test_what_a_gate_hides_is_no_message_of_the_firms(world: World, login: Login):
    company = world.companies["brutaria"]
    with connected(world, messages=20) as there:
        there.sync()
        ioana = login("ioana")
        text = ioana.get(reverse("company-messages", kwargs={"company": company.slug})).content.decode()
        assert "Invoice received" not in text
        page = ioana.get(reverse("company-connection", kwargs={"company": company.slug}))
        assert page.status_code == 200


def test_what_is_no_document_yet_waits_behind_the_gate_as_well(world: World, login: Login):
    company = world.companies["brutaria"]
    with connected(world, messages=20) as there:
        there.sync()
        with scope(there.mihai):
            parked = list(Message.objects.filter(document=None, state="parked", file__isnull=False))
        assert parked
        files = [
            reverse("company-message-file", kwargs={"company": company.slug, "message": each.pk}) for each in parked
        ]
        here = reverse("company-messages", kwargs={"company": company.slug})
        ioana, mihai = login("ioana"), login("mihai")
        assert {mihai.get(each).status_code for each in files} == {200}
        assert {ioana.get(each).status_code for each in files} == {404}
        assert "did not pass through here" not in ioana.get(here).content.decode()
        with scope(there.ioana):
            assert not Message.objects.filter(document=None).exists()
            assert sum(day.listed for day in Day.objects.all()) == 20, "that it is there, the firm may know"
        with scope(actors.system(there.ioana.firm)):
            Company.objects.filter(pk=company.pk).update(gate="soft")
        assert {ioana.get(each).status_code for each in files} == {200}


def test_a_connection_of_the_firm_is_seen_but_not_ended_by_its_client(world: World, login: Login):
    company = world.companies["brutaria"]
    with connected(world) as there:
        mihai = login("mihai")
        here = reverse("company-connection", kwargs={"company": company.slug})
        assert "the accounting firm’s certificate" in mihai.get(here).content.decode()
        assert mihai.post(here, {"end": "1"}).status_code == 409
        assert there.again(there.connection).state == "active"
        with scope(there.mihai), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Connection.objects.update(state="ended")


def test_ending_a_connection_forgets_its_tokens_and_lets_its_companies_go(world: World, login: Login):
    with connected(world) as there:
        ioana = login("ioana")
        here = reverse("firm-connection", kwargs={"firm": there.ioana.firm.slug, "connection": there.connection.pk})
        assert ioana.post(here, {"end": "1"}).status_code == 303
        row = there.again(there.connection)
        assert (row.state, row.sealed, row.sealed_before) == ("ended", "", "")
        box = there.again(there.box)
        assert (box.connection_id, box.next_run) == (None, None)


def test_an_accountant_neither_connects_nor_ends(world: World):
    with connected(world) as there:
        member = world.person("dan")
        from fatto.portal.tenancy import actions

        with scope(actors.system(there.ioana.firm)) as system:
            actions.join_firm(system, member=member, role="accountant", companies=[world.companies["brutaria"]])
        dan = Client()
        dan.force_login(member)
        firm = there.ioana.firm.slug
        assert dan.get(reverse("firm-connections", kwargs={"firm": firm})).status_code == 200
        assert dan.get(reverse("firm-connection-new", kwargs={"firm": firm})).status_code == 403
        here = reverse("firm-connection", kwargs={"firm": firm, "connection": there.connection.pk})
        assert dan.post(here, {"end": "1"}).status_code == 403


def test_no_company_is_served_that_is_not_the_firms(world: World, login: Login):
    with connected(world) as there:
        ioana = login("ioana")
        here = reverse("firm-connection", kwargs={"firm": there.ioana.firm.slug, "connection": there.connection.pk})
        ioana.post(here, {"company": [world.companies["rossi"].pk, world.companies["brutaria"].pk]})
        with scope(world.at_firm("anna", "bianchi")):
            assert not Box.objects.exists()
            assert Company.objects.filter(pk=world.companies["rossi"].pk).exists()
        with scope(there.ioana):
            assert Box.objects.count() == 1

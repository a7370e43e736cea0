"""People of a company and of a team: seen, let in, changed, removed; and every change leaves a trace."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.approvals import queries as approvals
from fatto.portal.flow import decide
from fatto.portal.tenancy import actor
from fatto.portal.tenancy.models import Deed, Invitation, Membership
from fatto.portal.tenancy.scope import scope

TEAM = "/f/studio-bianchi/team/"


def place(world: World) -> str:
    return f"/c/{world.companies['rossi'].slug}/people/"


def membership(world: World, who: str, company: str | None = "rossi") -> Membership:
    with scope(actor.system(world.firms["bianchi"])):
        return Membership.objects.get(member=world.people[who], company=world.companies[company] if company else None)


def verbs(world: World) -> list[str]:
    with scope(actor.system(world.firms["bianchi"])):
        return list(Deed.objects.order_by("-pk").values_list("verb", flat=True)[:3])


def test_everybody_stands_there_with_a_sentence(world: World, login: Callable[[str], Client]):
    page = login("maria").get(place(world)).content.decode()
    assert "<strong>Elena</strong> adds files and sees only those" in page
    assert "<strong>Sara</strong> reads everything and changes nothing" in page
    assert "Luca" not in page
    assert "Elena came in" in page


@pytest.mark.parametrize("who", ["elena", "sara", "paolo"])
def test_only_owners_and_the_firms_owner_see_the_page(world: World, login: Callable[[str], Client], who: str):
    client = login(who)
    url = f"{place(world)}{membership(world, 'elena').pk}/"
    assert client.get(place(world)).status_code == 403
    assert client.post(url, {"remove": "1"}).status_code == 403
    assert login("anna").get(place(world)).status_code == 200


def test_an_owner_lets_somebody_in(world: World, login: Callable[[str], Client], do_jobs_now: Callable[[], None]):
    maria = login("maria")
    form = {"email": "New@x.it", "name": "Nino", "role": "auditor", "language": "en"}
    assert maria.post(place(world), form).status_code == 303
    do_jobs_now()
    assert mail.outbox[0].to == ["Nino <new@x.it>"]
    page = maria.get(place(world)).content.decode()
    assert "new@x.it" in page
    assert "Nino was invited" in page
    assert maria.post(place(world), form).status_code == 422
    assert maria.post(place(world), form | {"email": "elena@example.org"}).status_code == 422
    assert maria.post(place(world), form | {"email": "z@x.it", "role": "firm_owner"}).status_code == 422
    with scope(actor.system(world.firms["bianchi"])):
        pk = Invitation.objects.get().pk
    assert maria.post(place(world), {"withdraw": pk}).status_code == 303
    assert verbs(world)[0] == "invitation-withdrawn"


def test_a_role_is_changed_and_holds_at_once(world: World, login: Callable[[str], Client]):
    url = f"{place(world)}{membership(world, 'elena').pk}/"
    assert login("maria").post(url, {"role": "approver"}).status_code == 303
    assert membership(world, "elena").role == "approver"
    assert login("elena").get(f"/c/{world.companies['rossi'].slug}/approve/").status_code == 200
    assert verbs(world)[0] == "member-role-changed"


def test_who_is_removed_is_out_and_decisions_keep_the_name(world: World, login: Callable[[str], Client]):
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "a.xml", papers.fatturapa())
    document = world.document(anna)
    login("maria").post(f"{place(world)}{membership(world, 'sara').pk}/", {"role": "approver"})
    sara = world.at_company("sara", "rossi")
    with scope(sara):
        decide.approve(sara, document)
    client = login("sara")
    assert client.get(f"/c/{world.companies['rossi'].slug}/").status_code == 200
    assert login("maria").post(f"{place(world)}{membership(world, 'sara').pk}/", {"remove": "1"}).status_code == 303
    assert client.get(f"/c/{world.companies['rossi'].slug}/").status_code == 404
    assert verbs(world)[0] == "member-removed"
    with scope(world.at_company("maria", "rossi")):
        assert [decision.by_name for decision in approvals.decisions(document)] == ["Sara"]


def test_the_last_owner_stays(world: World, login: Callable[[str], Client]):
    maria, anna = membership(world, "maria"), membership(world, "anna", None)
    for client, url, form in (
        (login("maria"), f"{place(world)}{maria.pk}/", {"remove": "1"}),
        (login("anna"), f"{place(world)}{maria.pk}/", {"role": "auditor"}),
        (login("anna"), f"{TEAM}{anna.pk}/", {"remove": "1"}),
        (login("anna"), f"{TEAM}{anna.pk}/", {"role": "assistant"}),
    ):
        answer = client.post(url, form)
        assert answer.status_code == 409
        assert "The last owner stays" in answer.content.decode()
    login("maria").post(f"{place(world)}{membership(world, 'sara').pk}/", {"role": "owner"})
    answer = login("maria").post(f"{place(world)}{maria.pk}/", {"remove": "1"})
    assert answer["Location"] == "/", "who left looks for another place"


def test_companies_are_assigned_to_an_accountant(world: World, login: Callable[[str], Client]):
    verdi = world.companies["verdi"]
    url = f"{TEAM}{membership(world, 'paolo', None).pk}/"
    anna = login("anna")
    assert f'value="{world.companies["rossi"].pk}" checked' in anna.get(url).content.decode()
    paolo = login("paolo")
    assert paolo.get(f"/c/{verdi.slug}/").status_code == 404
    assert anna.post(url, {"role": "accountant", "companies": [verdi.pk]}).status_code == 303
    assert paolo.get(f"/c/{verdi.slug}/").status_code == 200
    assert paolo.get(f"/c/{world.companies['rossi'].slug}/").status_code == 404
    assert verbs(world)[0] == "companies-assigned"
    foreign = world.companies["brutaria"].pk
    assert anna.post(url, {"role": "accountant", "companies": [foreign]}).status_code == 422
    assert membership(world, "paolo", None).companies == [verdi.pk]


def test_a_colleague_comes_into_the_team_with_companies(
    world: World, login: Callable[[str], Client], do_jobs_now: Callable[[], None]
):
    verdi = world.companies["verdi"]
    form = {"email": "c@x.it", "name": "Carla", "role": "assistant", "language": "en", "companies": [verdi.pk]}
    assert login("anna").post(TEAM, form).status_code == 303
    do_jobs_now()
    link = str(mail.outbox[0].body).split("/l/")[1].split()[0]
    carla = Client()
    password = {"name": "Carla", "password1": "three quiet herons", "password2": "three quiet herons"}
    answer = carla.post(f"/l/{link}", password, follow=True)
    assert answer.redirect_chain[-1][0] == "/f/studio-bianchi/"
    assert carla.get(f"/c/{verdi.slug}/").status_code == 200
    assert carla.get(f"/c/{world.companies['rossi'].slug}/").status_code == 404
    page = login("anna").get(TEAM).content.decode()
    assert "Carla" in page
    assert "Verdi Impianti" in page


def test_somebody_of_the_team_is_removed(world: World, login: Callable[[str], Client]):
    paolo = login("paolo")
    assert login("anna").post(f"{TEAM}{membership(world, 'paolo', None).pk}/", {"remove": "1"}).status_code == 303
    assert paolo.get("/f/studio-bianchi/").status_code == 404
    assert paolo.get(f"/c/{world.companies['rossi'].slug}/").status_code == 404

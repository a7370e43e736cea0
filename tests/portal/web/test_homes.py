"""The first pages: every number on them is the length of the list that it leads to, for each role."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents import actions, queries
from fatto.portal.documents.models import Document, MonthTally
from fatto.portal.flow import decide, invite, keep
from fatto.portal.tenancy import people
from fatto.portal.tenancy.models import Invitation, Membership
from fatto.portal.tenancy.permissions import Role
from fatto.portal.tenancy.scope import scope

Login = Callable[[str], Client]
NUMBERED = re.compile(r'<a(?=\s)[^>]*?href="([^"]+)"[^>]*>(?:\s*<(?!/)[^>]+>)*\s*(\d+)(?=<)')
"""A link that begins with a number."""
TODO = re.compile(r'<div class="todo"><p><strong>(\d+) .*?href="([^"]+)"', re.S)


@pytest.fixture
def busy(world: World) -> World:
    """Rossi and Verdi with documents in every state, strays, an invitation that failed."""
    anna = world.at_firm("anna", "bianchi")
    today = timezone.localdate()
    earlier = today.replace(day=1) - timezone.timedelta(days=40)
    members = {f"{n}.xml": papers.fatturapa(f"N {n}", day=f"{today:%Y-%m-01}") for n in range(1, 8)}
    members |= {f"o{n}.xml": papers.fatturapa(f"O {n}", day=f"{earlier:%Y-%m-%d}") for n in range(1, 4)}
    members |= {
        f"v{n}.xml": papers.fatturapa(f"V {n}", buyer="Verdi Impianti S.r.l.", buyer_id="00743110157") for n in (1, 2)
    }
    issued = {"seller": "Panificio Rossi S.r.l.", "seller_id": "12345678903"}
    members |= {"i.xml": papers.fatturapa("I 1", buyer="Cliente S.r.l.", buyer_id="02345678901", **issued)}
    world.hand_in(anna, "a.zip", papers.zipped(members))
    world.hand_in(anna, "no.xml", b"<a>")
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "stray.xml", papers.fatturapa("S 1", buyer="Sconosciuto", buyer_id="01234567897"))
    elena = world.at_company("elena", "rossi")
    world.hand_in(elena, "mine.xml", papers.fatturapa("E 1"))
    with scope(maria):
        found = {each.number: each for each in Document.objects.all()}
        decide.approve(maria, found["N 1"])
        decide.approve(maria, found["N 2"])
        decide.dispute(maria, found["N 3"], reason="not_ours")
        decide.approve(maria, found["O 1"])
    with scope(anna):
        keep.book(anna, [found["N 2"], found["O 1"]])
        invitation = invite.invite(anna, world.companies["verdi"], email="x@example.org", role=Role.APPROVER)
        Invitation.objects.filter(pk=invitation.pk).update(failed_at=timezone.now())
    return world


def length(client: Client, url: str) -> int:
    """How many things the list at an address has, on all its pages."""
    total = 0
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, url
        page = answer.content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        total += max(
            len(re.findall(r"\sdata-row[\s>]", main)),
            main.count('class="stray"'),
            main.count('class="card decide"'),
            main.count('href="/c/') if "/invitations/" in url else 0,
        )
        further = re.search(r'rel="next" href="([^"]+)"', main)
        url = unescape(further[1]) if further else ""
    return total


def numbers(client: Client, url: str) -> dict[str, int]:
    """Every number of a page that leads somewhere."""
    page = client.get(url).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    found = [(unescape(to), int(n)) for to, n in NUMBERED.findall(main)]
    found += [(unescape(to), int(n)) for n, to in TODO.findall(main)]
    found += [(unescape(to), int(n)) for to, n in re.findall(r'href="([^"]+)">[^<]*?\((\d+)\)</a>', main)]
    assert len({to for to, _ in found}) == len(dict(found)), "one list, one number"
    for to, n in found:
        assert dict(found)[to] == n
    return dict(found)


@pytest.mark.parametrize(
    ("who", "where", "least"),
    [
        ("anna", "/f/studio-bianchi/", 6),
        ("paolo", "/f/studio-bianchi/", 3),
        ("anna", "/f/studio-bianchi/clients/", 7),
        ("anna", "/c/panificio-rossi-srl/", 8),
        ("paolo", "/c/panificio-rossi-srl/", 8),
        ("maria", "/c/panificio-rossi-srl/", 4),
        ("luca", "/c/verdi-impianti-srl/", 3),
        ("elena", "/c/panificio-rossi-srl/", 2),
        ("sara", "/c/panificio-rossi-srl/", 4),
        ("ioana", "/f/contabil-dunarea/", 0),
        ("mihai", "/c/brutaria-dunarii-srl/", 0),
    ],
)
def test_each_number_is_the_length_of_its_list(busy: World, login: Login, who: str, where: str, least: int):
    client = login(who)
    found = numbers(client, where)
    assert len(found) >= least, found
    for url, n in found.items():
        assert length(client, url) == n, url


def test_under_a_hard_gate_hidden_numbers_lead_nowhere(busy: World, login: Login):
    ioana = busy.at_firm("ioana", "dunarea")
    busy.hand_in(ioana, "a.xml", papers.ubl("F-77"))
    for page in ("/f/contabil-dunarea/", "/f/contabil-dunarea/clients/", "/c/brutaria-dunarii-srl/"):
        for url, n in numbers(login("ioana"), page).items():
            assert length(login("ioana"), url) == n, url
    assert numbers(login("mihai"), "/c/brutaria-dunarii-srl/")["/c/brutaria-dunarii-srl/approve/"] == 1


def test_what_is_done_vanishes_from_the_list_of_things_to_do(busy: World, login: Login):
    home = "/c/panificio-rossi-srl/"
    client = login("maria")
    assert "You have 2 things to do." in client.get(home).content.decode()
    with scope(busy.at_company("maria", "rossi")) as maria:
        for document in Document.objects.filter(approval__in=["to_approve", "disputed"]):
            decide.approve(maria, document)
    page = client.get(home).content.decode()
    assert "You have nothing to do." in page
    assert "All clear." in page


def test_what_waits_for_others_is_said_but_is_nobody_elses_to_do(busy: World, login: Login):
    home = f"/c/{busy.companies['rossi'].slug}/"
    text = login("sara").get(home).content.decode()
    assert "You have nothing to do." in text
    assert "Waiting for others" in text
    assert TODO.findall(text), "it is said, with its list"


def test_one_and_many_are_told_apart_in_romanian(busy: World, login: Login):
    ioana = busy.people["anna"]
    ioana.language = "ro"
    ioana.save(update_fields=["language"])
    text = unescape(login("anna").get(f"/f/{busy.firms['bianchi'].slug}/").content.decode())
    found = re.search(r"<strong>(\d+)</strong>(fișiere?) în carantină", text)
    assert found
    assert (found[1] == "1") == (found[2] == "fișier")


def test_a_new_company_is_shown_how_to_begin(world: World, login: Login):
    page = login("luca").get("/c/verdi-impianti-srl/").content.decode()
    assert page.count('<section class="card">') == 3
    sara = login("sara").get("/c/panificio-rossi-srl/").content.decode()
    assert "/upload/" not in sara[sara.index("<main") : sara.index("</main>")], "an auditor is offered no upload"


def test_an_owner_of_the_firm_can_look_at_her_own_clients_alone(busy: World, login: Login):
    client, home = login("anna"), "/f/studio-bianchi/"
    assert "of=mine" not in client.get(home).content.decode(), "without companies of her own there is no choice"
    with scope(busy.at_firm("anna", "bianchi")) as anna:
        row = Membership.objects.get(member=anna.member, company=None)
        assert people.assign(anna, row, companies=[busy.companies["verdi"].pk], give=True) == 1
    assert busy.at_firm("anna", "bianchi").companies == tuple(busy.companies[name].pk for name in ("rossi", "verdi")), (
        "she still sees all"
    )
    mine, every = numbers(client, f"{home}?of=mine"), numbers(client, home)
    assert mine["/f/studio-bianchi/documents/?view=unconfirmed&company=@mine"] == 2
    assert every["/f/studio-bianchi/documents/?view=unconfirmed"] > 2
    for url, n in mine.items():
        assert length(client, url) == n, url
    assert "My clients" in client.get("/f/studio-bianchi/documents/?company=@mine").content.decode()


# -- the portfolio


def listed(client: Client, query: str) -> list[str]:
    page = client.get(f"/f/studio-bianchi/clients/?{query}").content.decode()
    return re.findall(r'<th scope="row"><a href="/c/([^/]+)/', page)


def test_clients_are_ordered_and_limited(busy: World, login: Login):
    anna, paolo = login("anna"), busy.people["paolo"]
    rossi, verdi = "panificio-rossi-srl", "verdi-impianti-srl"
    assert listed(anna, "") == [rossi, verdi]
    assert listed(anna, "sort=-name") == [verdi, rossi]
    assert listed(anna, "sort=to_approve") == [rossi, verdi]
    assert listed(anna, "sort=-to_approve") == [verdi, rossi]
    assert listed(anna, "words=verdi") == [verdi]
    assert listed(anna, "country=RO") == []
    assert listed(anna, "of=nobody") == [verdi]
    with scope(busy.at_firm("anna", "bianchi")):
        membership = Membership.objects.get(member=paolo, company=None)
    assert listed(anna, f"of={membership.pk}") == [rossi]
    assert listed(anna, "people=active") == [rossi, verdi]
    assert listed(anna, "sort=nonsense&people=x") == []
    for sort in (
        "waiting",
        "country",
        "assigned",
        "seen",
        "last",
        "people",
        "gate",
        "quarantine",
        "unbooked",
        "disputed",
    ):
        assert len(listed(anna, f"sort={sort}")) == 2


def test_companies_are_assigned_together_and_only_by_who_may(busy: World, login: Login):
    with scope(busy.at_firm("anna", "bianchi")):
        membership = Membership.objects.get(member=busy.people["paolo"], company=None)
    both = [busy.companies["rossi"].pk, busy.companies["verdi"].pk]
    form = {"do": "assign", "member": membership.pk, "company": [*both, busy.companies["brutaria"].pk]}
    url = "/f/studio-bianchi/clients/"
    assert login("paolo").post(url, form).status_code == 403
    assert login("anna").post(url, form).status_code == 303
    assert sorted(busy.at_firm("paolo", "bianchi").companies) == sorted(both), "no company of another firm"
    login("anna").post(url, {**form, "do": "take", "company": both[:1]})
    assert busy.at_firm("paolo", "bianchi").companies == (both[1],)


def test_invitations_of_the_ticked_companies_are_sent_again(busy: World, login: Login):
    with scope(busy.at_firm("anna", "bianchi")):
        Invitation.objects.update(asked_at="2026-01-01T00:00Z")
    form = {"do": "again", "company": [busy.companies["verdi"].pk]}
    assert login("paolo").post("/f/studio-bianchi/clients/", form).status_code == 403
    login("anna").post("/f/studio-bianchi/clients/", form)
    with scope(busy.at_firm("anna", "bianchi")):
        assert Invitation.objects.get().failed_at is None


def test_the_portfolio_is_taken_along(busy: World, login: Login):
    answer = login("anna").get("/f/studio-bianchi/clients/list.csv?words=rossi")
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["Company"], row["Looked after by"], row["Disputed"]) == ("Panificio Rossi S.r.l.", "Paolo", "1")
    assert row["Client last active"]
    earlier = timezone.localdate().replace(day=1) - timezone.timedelta(days=40)
    assert row["Oldest to approve"] == min(earlier.isoformat(), "2026-10-05")


def test_more_companies_need_no_more_queries(busy: World, login: Login):
    client = login("anna")
    client.get("/f/studio-bianchi/clients/")
    with CaptureQueriesContext(connection) as few:
        client.get("/f/studio-bianchi/clients/")
    from fatto.portal.tenancy.actions import open_company

    for n in range(10):
        with scope(busy.at_firm("anna", "bianchi")) as anna:
            open_company(anna, name=f"Ditta {n}", country="IT")
    with CaptureQueriesContext(connection) as more:
        page = client.get("/f/studio-bianchi/clients/").content.decode()
    assert "Ditta 9" in page
    assert len(more) == len(few)


# -- months


def test_months_follow_every_change_and_stay_when_added_up(busy: World):
    anna = busy.at_firm("anna", "bianchi")

    def seen() -> list[tuple[int, int, int]]:
        with scope(busy.at_company("maria", "rossi")):
            found = queries.months(timezone.localdate())
            assert len(found) == 12
            for each in found:
                rows = Document.objects.filter(sort_date__gte=each.first, sort_date__lte=each.last)
                assert each.total == rows.count()
                assert each.booked == rows.filter(booking="booked").count()
            return [(each.received, each.issued, each.booked) for each in found]

    before = seen()
    assert sum(each[2] for each in before) == 2
    with scope(anna):
        rows = MonthTally.objects.count()
        actions.compact_months(anna)
        assert MonthTally.objects.count() < rows
    assert seen() == before
    with scope(anna):
        booked = Document.objects.filter(booking="booked").first()
        assert booked
        keep.take_back(anna, booked, reason="x")
    assert sum(each[2] for each in seen()) == 1

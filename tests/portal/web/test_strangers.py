"""Nobody reaches what is another's: every address of the portal, with somebody else's objects in it.

An address that this file does not know makes it fail: whoever adds one says here whose it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from tests.portal import papers, pictures
from tests.portal.exchange.rows import exchanged
from tests.portal.world import World

from fatto.portal.approvals import actions as approvals
from fatto.portal.conversation import actions as conversation
from fatto.portal.conversation.models import Comment
from fatto.portal.documents import actions, queries
from fatto.portal.documents.models import Batch, Delivery, Document, Quarantined, SavedView
from fatto.portal.exchange.models import Box, Connection, Run, Transmission
from fatto.portal.flow import bulk, decide, keep, takeout
from fatto.portal.flow import papers as supporting
from fatto.portal.programs import actions as programs
from fatto.portal.programs.models import Token
from fatto.portal.tenancy.actor import Actor, system
from fatto.portal.tenancy.models import Company, Invitation, Membership
from fatto.portal.tenancy.scope import scope

OPEN = {
    "landing",
    "set_language",
    "sheet-css",
    "invitation",
    "invitation-renew",
    "login-of-firm",
    "brand-resource",
    "manifest",
    "worker",
    "favicon",
    "offline",
    "help",
    "help-guide",
    "help-home-screen",
}
OPEN |= {"notice-link", "notice-link-sheet", "notice-link-dispute", "digest-off"}
"""Addresses that hold nobody's data, or answer by themselves for whoever asks; links are tested in `test_invite` and
`notifications/test_links`."""

PERSONAL = {"me", "me-absences", "me-lists", "me-remove", "spaces", "share", "operator", "operator-firm"}
PERSONAL |= {"exchange-callback"}
PERSONAL |= {"notices", "notices-read", "notice", "notice-settings", "device-add", "device-remove"}
"""Pages about the person who is logged in, whose address names nothing but what is that person's own, and the
operator's; that others do not reach them is tested in `notifications` and `test_operator`."""

ELSEWHERE = ("accounts/", "health/", "metrics", "api/")
"""Where the addresses of the door (allauth) and of the machine begin, and the API; they are tested with them."""

POSTED = {
    "document-approve",
    "document-undo",
    "document-book",
    "document-restore",
    "document-confirm",
    "document-part",
    "firm-quarantine-route",
    "firm-quarantine-discard",
    "company-documents-view",
    "company-view-as",
    "firm-documents-view",
    "company-tokens-revoke",
    "firm-tokens-revoke",
    "document-comment",
    "document-ask",
    "document-answer",
    "document-comment-withdraw",
    "document-tags",
    "document-center",
    "company-documents-read",
    "firm-documents-read",
    "document-send-cancel",
    "document-send-again",
    "document-official-paper",
    "document-to-seller",
    "company-sync",
    "company-message-again",
}
"""Addresses that take a POST only."""


def patterns(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, URLPattern, str]]:
    """Every address of the portal: its name, its pattern, and its route from the root."""
    for each in (resolver or get_resolver()).url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each, route)
        else:
            yield each.name or "", each, route


def words(pattern: URLPattern, route: str) -> list[str]:
    """The names in an address."""
    import re

    return re.findall(r"<(?:\w+:)?(\w+)>", route)


@pytest.fixture
def owned(world: World) -> dict[str, dict[str, object]]:
    """What Rossi and Studio Bianchi own: one of each thing that an address can name."""
    anna = world.at_firm("anna", "bianchi")
    enclosed = b"<Allegati><NomeAttachment>a.txt</NomeAttachment><Attachment>aGVsbG8=</Attachment></Allegati>"
    end = b"</FatturaElettronicaBody>"
    delivery = world.hand_in(anna, "a.xml", papers.fatturapa("FT 12/A").replace(end, enclosed + end))
    world.hand_in(anna, "no.xml", b"<a>")
    mine = world.at_company("maria", "rossi")
    here = world.hand_in(mine, "b.xml", papers.fatturapa("FT 13/A"))
    document = world.document(anna, number="FT 12/A")
    with scope(mine):
        decide.approve(mine, document)
        said = conversation.ask(mine, document, text="Ours?", to="firm")
    with scope(anna):
        keep.book(anna, [document])
        stray = Quarantined.objects.get()
        person = Membership.objects.get(member=world.people["elena"], company=document.company_id)
        colleague = Membership.objects.get(member=world.people["paolo"], company=None)
        kept = actions.save_view(anna, name="Mine", query="view=disputed", shared=True)
    with scope(mine):
        ours = actions.save_view(mine, name="Ours", query="view=disputed", shared=True)
    with scope(mine):
        our_batch = bulk.propose(mine, queries.ticked([document.pk]), verb="approve")
        policy = approvals.add_policy(mine, mine.company, days=3)
        rule = approvals.add_rule(mine, mine.company, name="Energy", party_id="12345678903", amount_max=100)
    with scope(mine):
        mine_token = programs.issue_token(mine, name="Ours", scopes=["read"], days=None).token
    with scope(anna):
        their_batch = bulk.propose(anna, queries.ticked([document.pk]), verb="book")
        their_token = programs.issue_token(anna, name="Theirs", scopes=["read"], days=None).token
    world.hand_in(mine, "scan.pdf", pictures.scan("Uno", "Due"))
    paper = world.document(mine, direction="other")
    supporting.prepare(mine.firm, paper.pk)
    theirs = exchanged(anna, document)
    company, firm = world.companies["rossi"].slug, world.firms["bianchi"].slug
    return {
        "company": {
            "company": company,
            "pk": document.pk,
            "other": document.pk,
            "n": 0,
            "batch": here.batch,
            "year": 2026,
            "month": 10,
            "section": "received",
            "view": ours.pk,
            "token": mine_token.pk,
            "comment": said.pk,
            "bulk": our_batch.pk,
            **theirs,
        },
        "firm": {
            "firm": firm,
            "what": "style.css",
            "pk": document.pk,
            "batch": delivery.batch,
            "view": kept.pk,
            "token": their_token.pk,
            "bulk": their_batch.pk,
            "connection": theirs["connection"],
        },
        "quarantine": {"firm": firm, "pk": stray.pk},
        "permalink": {"pk": document.pk},
        **{
            f"document-{name}": {"company": company, "pk": paper.pk, "number": 1, "n": 1}
            for name in ("page", "file", "details", "split", "move", "restore")
        },
        "document-attempt": {"company": company, "pk": document.pk, "number": sent(mine, document)},
        "company-person": {"company": company, "pk": person.pk},
        "company-person-away": {"company": company, "pk": person.pk},
        "company-policy": {"company": company, "pk": policy.pk},
        "company-rule": {"company": company, "pk": rule.pk},
        "firm-team-person": {"firm": firm, "pk": colleague.pk},
        "company-data-export": {"company": company, "export": exported(mine)},
        "firm-data-export": {"firm": firm, "export": exported(anna)},
        "firm-team-person-away": {"firm": firm, "pk": colleague.pk},
    }


def sent(who: Actor, document: Document) -> int:
    """An attempt to send one of somebody's documents."""
    with scope(system(who.firm)):
        rows = {"firm_id": document.firm_id, "company_id": document.company_id}
        box, _new = Box.objects.get_or_create(**rows, channel="ro-spv", defaults={"tax_id": "1"})
        now = timezone.now()
        attempt = Transmission.objects.create(
            **rows, document=document, box=box, sha256=document.data_sha256, file=document.file, asked_at=now
        )
    return attempt.attempt


def exported(who: Actor) -> int:
    """A finished export of somebody."""
    with scope(who):
        row = takeout.ask(who, language="it")
    takeout.make(who.firm, row.pk, who.member.pk, who.company.slug if who.company else "")
    return row.pk


def addresses(owned: dict[str, dict[str, object]]) -> Iterator[tuple[str, str]]:
    """The name and the address of every page that names something of Rossi or Bianchi."""
    for name, pattern, route in patterns():
        if name in OPEN | PERSONAL or route.startswith(ELSEWHERE):
            continue
        asked = words(pattern, route)
        if name.startswith("firm-quarantine"):
            values = owned["quarantine"]
        elif name in owned:
            values = owned[name]
        elif "company" in asked:
            values = owned["company"]
        elif "firm" in asked:
            values = owned["firm"]
        elif name == "document-permalink":
            values = owned["permalink"]
        else:
            pytest.fail(f"whose is {route} ({name})? Say it in this test.")
        assert all(word in values for word in asked), f"{route} names something that this test does not know"
        yield name, reverse(name, kwargs={word: values[word] for word in asked})


def status(client: Client, name: str, url: str) -> int:
    answer = client.post(url) if name in POSTED else client.get(url)
    return answer.status_code


def test_its_own_people_reach_every_address(world: World, owned: dict[str, dict[str, object]]):
    """Or the tests below would prove nothing."""
    anna, maria = Client(), Client()
    anna.force_login(world.people["anna"])
    maria.force_login(world.people["maria"])
    for name, url in addresses(owned):
        client = anna if url.startswith("/f/") else maria
        if name == "firm-quarantine-route":  # asks for one of its companies
            answer = client.post(url, {"company": world.companies["rossi"].slug})
            assert answer.status_code == 303
        else:
            # Of the deeds, some are not possible now or not for this role: what matters is that they are found.
            assert status(client, name, url) in ((303, 403, 409, 422) if name in POSTED else (200, 302, 403)), url


@pytest.mark.parametrize("stranger", ["luca", "mihai", "ioana", "nobody-yet"])
def test_a_stranger_finds_nothing_anywhere(world: World, owned: dict[str, dict[str, object]], stranger: str):
    client = Client()
    client.force_login(world.person(stranger))
    before = counted(world)
    for name, url in addresses(owned):
        assert status(client, name, url) == 404, url
        assert client.get(url, headers={"HX-Request": "true", "HX-Target": "viewer"}).status_code in (404, 405), url
        if name not in POSTED:
            assert client.post(url, {"document": [owned["company"]["pk"]]}).status_code in (404, 405), url
    assert counted(world) == before


def test_nobody_is_sent_to_the_door(world: World, owned: dict[str, dict[str, object]]):
    before = counted(world)
    for name, url in addresses(owned):
        for answer in (Client().get(url), Client().post(url)):
            assert answer.status_code in (302, 405), url
            if answer.status_code == 302:
                assert answer["Location"].startswith(reverse("account_login")), url
        assert (Client().post(url) if name in POSTED else Client().get(url)).status_code == 302, url
    assert counted(world) == before


def test_a_foreign_thing_is_not_reached_through_ones_own_space(world: World, owned: dict[str, dict[str, object]]):
    """Luca asks for Rossi's document at Verdi, and Ioana at her own firm."""
    luca, ioana = Client(), Client()
    luca.force_login(world.people["luca"])
    ioana.force_login(world.people["ioana"])
    verdi, dunarea = world.companies["verdi"].slug, world.firms["dunarea"].slug
    for name, pattern, route in patterns():
        asked = words(pattern, route)
        names = {"pk", "batch", "year", "view", "token", "export", "bulk", "connection", "run", "message", "receipt"}
        if not names & set(asked) or not {"company", "firm"} & set(asked):
            continue
        values = dict(owned["quarantine"] if name.startswith("firm-quarantine") else owned.get(name, owned["company"]))
        if "firm" in asked:
            values |= {"firm": dunarea} | {
                key: owned["firm"][key] for key in ("batch", "view", "token", "bulk", "connection")
            }
        else:
            values |= {"company": verdi}
        url = reverse(name, kwargs={word: values[word] for word in asked})
        assert status(ioana if "firm" in asked else luca, name, url) == 404, url


def test_an_accountant_reaches_only_the_companies_assigned(world: World, owned: dict[str, dict[str, object]]):
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "v.xml", papers.fatturapa("V 1", buyer="Verdi Impianti S.r.l.", buyer_id="00743110157"))
    foreign = world.document(anna, company=world.companies["verdi"])
    paolo = Client()
    paolo.force_login(world.people["paolo"])
    verdi, bianchi = world.companies["verdi"].slug, world.firms["bianchi"].slug
    assert paolo.get(f"/c/{verdi}/documents/").status_code == 404
    assert paolo.get(f"/f/{bianchi}/documents/{foreign.pk}/").status_code == 404
    assert "V 1" not in paolo.get(f"/f/{bianchi}/documents/").content.decode()
    assert "V 1" not in paolo.get(f"/f/{bianchi}/documents/?company={verdi}").content.decode()
    paolo.post(f"/f/{bianchi}/booking/", {"document": [foreign.pk]})
    assert world.document(anna, pk=foreign.pk).booking == "to_book"


def test_what_was_handed_in_for_all_is_not_shown_to_an_accountant_of_some(world: World):
    anna = world.at_firm("anna", "bianchi")
    delivery = world.hand_in(anna, "a.xml", papers.fatturapa("V 1", buyer="Verdi", buyer_id="00743110157"))
    page = f"/f/{world.firms['bianchi'].slug}/upload/{delivery.batch}/"
    for name, status in (("anna", 200), ("paolo", 404)):
        client = Client()
        client.force_login(world.people[name])
        assert client.get(page).status_code == status


def counted(world: World) -> tuple[object, ...]:
    """Everything that a deed of a stranger could have changed."""
    anna = world.at_firm("anna", "bianchi")
    with scope(anna):
        return (
            sorted(Document.objects.values_list("pk", "approval", "booking", "tags", "cost_center", "question")),
            sorted(Comment.objects.values_list("pk", "withdrawn_at")),
            sorted(Quarantined.objects.values_list("pk", "state")),
            Delivery.objects.count(),
            sorted(Membership.objects.filter(firm=anna.firm).values_list("pk", "role")),
            Invitation.objects.count(),
            Company.objects.count(),
            sorted(SavedView._base_manager.values_list("pk", "name")),
            sorted(Token.objects.values_list("pk", "revoked_at")),
            sorted(Batch._base_manager.values_list("pk", "state")),
            sorted(Connection.objects.values_list("pk", "state")),
            sorted(Box.objects.values_list("pk", "connection", "paused")),
            sorted(Run.objects.values_list("pk", "state")),
        )


def test_every_address_of_a_space_knows_whose_it_is():
    """Its view went through the door of a space: none was forgotten."""
    for name, pattern, route in patterns():
        if {"company", "firm"} & set(words(pattern, route)) and not name.endswith("-upload"):
            assert getattr(pattern.callback, "space", None) in ("company", "firm"), route

"""The second look on pages and in the API: why, the tick, the answers, two documents side by side."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.portal import papers
from tests.portal.approvals.test_guards import NEW, OLD
from tests.portal.world import World

from fatto.portal.approvals.models import Twin
from fatto.portal.documents.models import Document
from fatto.portal.programs import actions as programs
from fatto.portal.tenancy.scope import scope


@pytest.fixture
def login(world: World):
    def browse(name: str) -> Client:
        client = Client()
        client.force_login(world.people[name])
        return client

    return browse


@pytest.fixture
def odd(world: World) -> Document:
    """An invoice of Rossi's with a new account."""
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "1.xml", papers.fatturapa("1"))
    world.hand_in(anna, "2.xml", papers.fatturapa("2").replace(OLD, NEW))
    return world.document(anna, number="2")


def url(document: Document, what: str = "") -> str:
    return f"/c/{document.company.slug}/documents/{document.pk}/{what}"


def test_the_page_says_why_and_asks_for_one_tick(world: World, login, odd: Document):
    maria = login("maria")
    page = maria.get(url(odd)).content.decode()
    assert "The last invoice named IT60 X054" in page
    assert 'name="confirmed" value="iban" required' in page
    assert "I verified by phone" in page
    refused = maria.post(url(odd, "approve/"))
    assert refused.status_code == 409
    assert "New IBAN" in refused.content.decode()
    assert maria.post(url(odd, "approve/"), {"confirmed": "iban"}).status_code == 303
    assert world.document(world.at_company("maria", "rossi"), pk=odd.pk).approval == "approved"
    page = maria.get(url(odd)).content.decode()
    assert "Looked at and confirmed" in page
    assert "looked at by Maria" in page


def test_the_answer_takes_the_tick_away(world: World, login, odd: Document):
    maria = login("maria")
    assert maria.post(url(odd, "confirm/"), {"kinds": "iban"}).status_code == 303
    assert 'name="confirmed"' not in maria.get(url(odd)).content.decode()
    assert maria.post(url(odd, "approve/")).status_code == 303


@pytest.mark.parametrize("who", ["elena", "sara", "anna"])
def test_who_does_not_decide_sees_why_and_no_buttons(world: World, login, odd: Document, who: str):
    client = login(who)
    page = client.get(url(odd))
    if page.status_code == 200:
        assert "I verified by phone" not in page.content.decode()
    assert client.post(url(odd, "confirm/"), {"kinds": "iban"}).status_code in (403, 404)


def test_cards_and_lists_show_the_word(world: World, login, odd: Document):
    maria = login("maria")
    card = maria.get(f"/c/{odd.company.slug}/approve/").content.decode()
    assert card.count('name="confirmed"') == 1
    assert "New IBAN" in card
    rows = maria.get(f"/c/{odd.company.slug}/documents/?ask=alert:iban").content.decode()
    assert '<span class="row-alert">New IBAN</span>' in rows
    assert rows.count("data-row") == 1
    suggested = maria.get(f"/c/{odd.company.slug}/documents/suggest/?ask=alert:").content.decode()
    for word in ("alert:iban", "alert:duplicate", "alert:sums", "alert:amount", "alert:sign"):
        assert word in suggested


def test_two_that_may_be_one_are_compared_joined_and_parted(world: World, login):
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "one.xml", papers.fatturapa("12/A"))
    world.hand_in(anna, "two.xml", papers.fatturapa("FT 12/A", day="2026-10-09"))
    with scope(anna):
        one, two = Document.objects.select_related("company").order_by("id")
    maria = login("maria")
    assert url(two, f"same/{one.pk}/") in maria.get(url(two)).content.decode()
    page = maria.get(url(two, f"same/{one.pk}/")).content.decode()
    assert "one.xml" in page
    assert "two.xml" in page
    assert "goes on" in page
    assert maria.post(url(two, f"same/{one.pk}/"), {"answer": "same"}).headers["Location"] == url(one)
    assert "Both files are kept, there is one entry" in maria.get(url(one)).content.decode()
    resting = maria.get(url(two)).content.decode()
    assert "They are two documents" in resting
    assert "Kept with its file, and not booked" in resting
    assert maria.post(url(two, f"same/{one.pk}/"), {"answer": "same"}).status_code == 409, "it rests already"
    assert maria.post(url(two, "part/")).status_code == 303
    with scope(anna):
        assert Twin.objects.get().parted_at is not None
    assert maria.post(url(two, "part/")).status_code == 409
    assert maria.post(url(two, f"same/{one.pk}/"), {"answer": "different"}).status_code == 303
    assert world.document(anna, pk=two.pk).alerts == []


def test_a_stranger_compares_nothing(world: World, login, odd: Document):
    luca = login("luca")
    assert luca.get(url(odd, f"same/{odd.pk}/")).status_code == 404
    other = world.companies["verdi"].slug
    assert luca.get(f"/c/{other}/documents/{odd.pk}/same/{odd.pk}/").status_code == 404


def test_a_program_is_told_the_kinds_and_names_them(world: World, odd: Document):
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        secret = programs.issue_token(maria, name="ERP", scopes=["read", "decide"], days=None).secret
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    shown = client.get(f"/api/v1/documents/{odd.pk}").json()
    assert shown["alerts"] == ["iban"]
    assert "IT60" in shown["alerts_in_full"][0]["why"]
    refused = client.post(f"/api/v1/documents/{odd.pk}/approve", {}, content_type="application/json")
    assert refused.status_code == 409
    assert (refused.json()["type"], refused.json()["kinds"]) == ("urn:fatto:problem:second-look", ["iban"])
    done = client.post(f"/api/v1/documents/{odd.pk}/approve", {"confirmed": ["iban"]}, content_type="application/json")
    assert (done.status_code, done.json()["alerts"]) == (200, [])
    assert done.json()["alerts_in_full"][0]["confirmed_by"] == "ERP"


def test_a_name_that_ends_with_a_stop_ends_a_sentence_once(world: World, login):
    anna, name = world.at_firm("anna", "bianchi"), "Energia Esempio S.p.A."
    world.hand_in(anna, "1.xml", papers.fatturapa("1", seller=name))
    world.hand_in(anna, "2.xml", papers.fatturapa("2", seller=name).replace(OLD, NEW))
    page = login("maria").get(url(world.document(anna, number="2"))).content.decode()
    assert "is new for Energia Esempio S.p.A. The last invoice" in page


def test_two_documents_side_by_side_are_told_in_words(world: World, login):
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "1.xml", papers.fatturapa("7/A"))
    world.hand_in(anna, "2.xml", papers.fatturapa("FT 7/A", day="2026-10-09"))
    one, two = world.document(anna, number="7/A"), world.document(anna, number="FT 7/A")
    page = login("maria").get(url(one, f"same/{two.pk}/")).content.decode()
    assert "<td>FatturaPA</td>" in page
    assert "<td>Portal</td>" in page

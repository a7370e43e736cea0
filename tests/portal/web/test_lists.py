"""Searching, saved views and files of lists, as pages answer them."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.test import Client
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents import actions, queries
from fatto.portal.documents.models import SavedView
from fatto.portal.tenancy.scope import scope

Login = Callable[[str], Client]


@pytest.fixture
def filed(world: World) -> World:
    anna = world.at_firm("anna", "bianchi")
    members = {
        "1.xml": papers.fatturapa("FT 1", net="2000.00"),
        "2.xml": papers.fatturapa("FT 2", seller="Acqua Chiara S.r.l.", seller_id="02345678901"),
    }
    world.hand_in(anna, "a.zip", papers.zipped(members))
    return world


def at(world: World, path: str = "documents/", **query: str) -> str:
    return f"/c/{world.companies['rossi'].slug}/{path}" + (f"?{urlencode(query)}" if query else "")


def chips(page: str) -> list[tuple[str, str]]:
    """The filters that are on: what they say, and the address without each."""
    found = re.findall(r'<a class="filter-chip[^"]*" href="([^"]*)">(.*?)</a>', page, re.S)
    return [(" ".join(re.sub(r"<svg.*?</svg>|<[^>]*>", " ", text).split()), url) for url, text in found]


def test_a_question_is_answered_and_each_of_its_terms_can_be_removed(filed: World, login: Login):
    maria = login("maria")
    page = maria.get(at(filed, ask='fornitore:energia importo:>1000 -"acqua" foo:bar -is:booked')).content.decode()
    said = [text.removesuffix(" Remove") for text, _ in chips(page)]
    assert said == [
        "Supplier energia",
        "Amount more than 1,000.00",
        "Exact text not acqua",
        "Not understood foo:bar · searched as words",
        "State not Booked",
    ]
    assert "FT 1" not in page
    without = maria.get(chips(page)[3][1].replace("&amp;", "&")).content.decode()
    assert "FT 1" in without
    assert "FT 2" not in without
    assert len(chips(without)) == 4


def test_the_box_shows_the_question_in_the_readers_language(filed: World, login: Login):
    member = filed.people["maria"]
    member.language = "ro"
    member.save()
    page = login("maria").get(at(filed, ask="fornitore:energia amount:>1000.50", words="gas")).content.decode()
    assert 'value="gas furnizor:energia sumă:&gt;1000,50"' in page


@pytest.mark.parametrize("ask", ['"', "-", ":::", "date:99999-99", "amount:" + "9" * 400, "\x00", "is:%", "a" * 9000])
def test_no_question_breaks_the_page(filed: World, login: Login, ask: str):
    client = login("maria")
    for path in ("documents/", "documents/suggest/", "documents/list.csv"):
        answer = client.get(at(filed, path, ask=ask))
        assert answer.status_code == 200
        if answer.streaming:
            assert b"".join(answer.streaming_content).count(b"\n") >= 1


def suggested(client: Client, url: str) -> list[str]:
    return [
        each.replace("&quot;", '"') for each in re.findall('data-whole="([^"]*)"', client.get(url).content.decode())
    ]


def test_fields_values_and_parties_are_suggested(filed: World, login: Login):
    maria = login("maria")
    for ask, whole in [
        ("", "supplier:"),
        ("gas forn", "gas supplier:"),
        ("-stat", "-is:"),
        ("-is:disp", "-is:disputed "),
        ("contest", "is:disputed "),
        ("date:last", "date:last-month "),
        ("supplier:ene", 'supplier:"Energia Esempio S.p.A." '),
        ('nr:1 supplier:"acqua ch', 'nr:1 supplier:"Acqua Chiara S.r.l." '),
        ("ener", 'party:"Energia Esempio S.p.A." '),
        ("by:m", "by:me "),
    ]:
        assert whole in suggested(maria, at(filed, "documents/suggest/", ask=ask)), ask
    assert suggested(maria, at(filed, "documents/suggest/", ask='supplier:"energia" ')) != []
    assert "company:" not in suggested(maria, at(filed, "documents/suggest/", ask="com"))
    firm = f"/f/{filed.firms['bianchi'].slug}/documents/suggest/"
    assert 'company:"Panificio Rossi S.r.l." ' in suggested(login("anna"), f"{firm}?ask=company:pani")
    assert suggested(login("luca"), f"/c/{filed.companies['verdi'].slug}/documents/suggest/?ask=supplier:ene") == []


def test_a_view_is_saved_opened_renamed_and_removed(filed: World, login: Login):
    maria = login("maria")
    query = urlencode({"ask": "fornitore:energia importo:>1000,50", "direction": "received"})
    answer = maria.post(at(filed, "documents/views/"), {"name": " Energia  grande ", "query": query})
    assert answer.status_code == 303
    page = maria.get(answer["Location"]).content.decode()
    assert re.search(r'aria-current="page">Energia grande</a>', page)
    assert "FT 1" in page
    with scope(filed.at_company("maria", "rossi")):
        view = SavedView.objects.get()
        assert view.query == urlencode({"ask": "supplier:energia amount:>1000.50", "direction": "received"})
    url = at(filed, f"documents/views/{view.pk}/")
    assert maria.post(url, {"name": "Grandi", "shared": "on"}).status_code == 303
    assert "Grandi" in maria.get(at(filed, "documents/views/")).content.decode()
    assert maria.post(url, {"name": "  "}).status_code == 409
    assert maria.post(url, {"do": "remove"}).status_code == 303
    assert maria.post(url, {"do": "remove"}).status_code == 404


def test_views_are_ones_own_unless_shared(filed: World, login: Login):
    maria, sara, anna, luca = (login(name) for name in ("maria", "sara", "anna", "luca"))
    rossi = filed.at_company("maria", "rossi")
    with scope(rossi):
        actions.save_view(rossi, name="Solo mia", query="view=booked")
        shared = actions.save_view(rossi, name="Di tutti", query="view=disputed", shared=True)
    assert {"Solo mia", "Di tutti"} <= set(re.findall(r">([\w ]+)</a>", maria.get(at(filed)).content.decode()))
    for client in (sara, anna):
        page = client.get(at(filed)).content.decode()
        assert "Di tutti" in page
        assert "Solo mia" not in page
    assert "Di tutti" not in anna.get(f"/f/{filed.firms['bianchi'].slug}/documents/").content.decode()
    assert "Di tutti" not in luca.get(f"/c/{filed.companies['verdi'].slug}/documents/").content.decode()
    url = at(filed, f"documents/views/{shared.pk}/")
    assert sara.post(url, {"name": "Presa"}).status_code == 409
    assert sara.post(url, {"do": "remove"}).status_code == 409
    assert anna.post(url, {"do": "remove"}).status_code == 303, "who manages the company may tidy up"


def test_row_security_keeps_a_view_from_everybody_else(filed: World):
    maria, sara = filed.at_company("maria", "rossi"), filed.at_company("sara", "rossi")
    with scope(maria):
        actions.save_view(maria, name="Solo mia", query="view=booked")
    with scope(sara):
        assert not SavedView._base_manager.exists()
        assert SavedView._base_manager.update(name="x") == 0
        assert queries.views() == []
    with scope(maria):
        assert [view.name for view in queries.views()] == ["Solo mia"]


def test_the_same_name_replaces_and_there_is_an_end_to_views(filed: World, monkeypatch: pytest.MonkeyPatch):
    maria = filed.at_company("maria", "rossi")
    monkeypatch.setattr(actions, "MOST_VIEWS", 1)
    with scope(maria):
        actions.save_view(maria, name="A", query="view=booked")
        actions.save_view(maria, name="A", query="view=disputed")
        assert [view.query for view in queries.views()] == ["view=disputed"]
        with pytest.raises(actions.Refusal):
            actions.save_view(maria, name="B", query="")


def test_the_list_is_taken_along_as_a_file(filed: World, login: Login):
    maria = login("maria")
    page = maria.get(at(filed, ask="supplier:energia")).content.decode()
    (url,) = re.findall(r'href="([^"]*list\.csv[^"]*)"', page)
    answer = maria.get(url.replace("&amp;", "&"))
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "FT 1" in lines[1]
    assert answer["Content-Disposition"].startswith(f'attachment; filename="{filed.companies["rossi"].slug}-20')
    (url,) = re.findall(r'href="([^"]*list\.xlsx[^"]*)"', page)
    assert b"".join(maria.get(url.replace("&amp;", "&")).streaming_content)[:2] == b"PK"

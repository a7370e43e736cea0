"""What stands around the pages: whose data it is, where one can go, and what does not belong there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse

from fatto.portal import web
from fatto.portal.web.shell import Link, _with_plus_in_the_middle

if TYPE_CHECKING:
    from tests.portal.world import World


TEMPLATES = Path(web.__file__).parent / "templates"


def _page(world: World, who: str, url: str) -> str:
    client = Client()
    client.force_login(world.people[who])
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def _home(world: World, company: str) -> str:
    return reverse("company-home", kwargs={"company": world.companies[company].slug})


def _navigation(page: str) -> list[str]:
    rail = re.search(r'<nav class="rail".*?</nav>', page, re.S)
    assert rail
    return re.findall(r"<span>([^<]+)</span>", rail.group())


def test_the_company_and_its_tax_id_stand_on_top(world: World) -> None:
    page = _page(world, "maria", _home(world, "rossi"))
    assert '<span class="company-name">Panificio Rossi S.r.l.</span>' in page
    assert '<span class="company-id">IT12345678903</span>' in page


def test_each_role_sees_only_what_it_can_open(world: World) -> None:
    home = _home(world, "rossi")
    owners = ["Home", "To approve", "Documents", "Add", "Archive", "Settings"]
    assert _navigation(_page(world, "maria", home)) == owners
    assert _navigation(_page(world, "elena", home)) == ["Home", "Documents", "Add"]
    assert _navigation(_page(world, "sara", home)) == ["Home", "Documents", "Archive"]
    assert _navigation(_page(world, "paolo", home)) == ["Home", "Documents", "Add", "Archive"]


def test_every_place_in_the_navigation_answers(world: World) -> None:
    firm = reverse("firm-today", kwargs={"firm": world.firms["bianchi"].slug})
    for who, start in (("maria", _home(world, "rossi")), ("anna", firm), ("anna", _home(world, "verdi"))):
        page = _page(world, who, start)
        rail = re.search(r'<nav class="rail".*?</nav>', page, re.S)
        assert rail
        links = re.findall(r'href="([^"]+)"', rail.group())
        assert len(links) >= 4
        for link in links:
            _page(world, who, link.replace("&amp;", "&"))


def test_the_present_place_is_marked_once_in_rail_and_bar(world: World) -> None:
    page = _page(world, "maria", reverse("company-archive", kwargs={"company": world.companies["rossi"].slug}))
    for name in ("rail", "bottombar"):
        found = re.search(rf'<nav class="{name}".*?</nav>', page, re.S)
        assert found
        assert found.group().count('aria-current="page"') == 1


def test_people_of_the_firm_are_told_that_they_are_at_a_company(world: World) -> None:
    visiting = _page(world, "anna", _home(world, "rossi"))
    assert "You are at Panificio Rossi S.r.l. as Studio Bianchi" in visiting
    assert 'class="as-firm' in visiting
    at_home = _page(world, "maria", _home(world, "rossi"))
    assert "You are at" not in at_home
    assert "as-firm" not in at_home


def test_adding_stands_in_the_middle_of_the_bar_and_more_ends_it() -> None:
    links = tuple(Link(section=name, url="/", icon="", label=name) for name in ("a", "b", "c", "upload", "d", "e", "f"))
    bar = [link.section for link in _with_plus_in_the_middle(links)]
    assert bar == ["a", "b", "upload", "c"], "the fifth place is for what has none"


def test_one_space_is_entered_at_once(world: World) -> None:
    client = Client()
    client.force_login(world.people["maria"])
    response = client.get("/")
    assert response.status_code == 302
    assert response["Location"] == _home(world, "rossi")
    client.force_login(world.people["anna"])
    assert client.get("/")["Location"] == reverse("firm-today", kwargs={"firm": world.firms["bianchi"].slug})


def test_several_spaces_are_offered_for_choice(world: World) -> None:
    from fatto.portal.tenancy import actions, actor
    from fatto.portal.tenancy.permissions import Role
    from fatto.portal.tenancy.scope import scope

    with scope(actor.system(world.firms["bianchi"])) as system:
        actions.join_company(system, world.companies["verdi"], member=world.people["maria"], role=Role.APPROVER)
    page = _page(world, "maria", "/")
    assert _home(world, "rossi") in page
    assert _home(world, "verdi") in page
    assert _home(world, "brutaria") not in page


def test_somebody_without_a_space_is_told_why(world: World) -> None:
    page = _page(world, world.person("nobody").name.lower(), "/")
    assert "You are in no company yet" in page


def test_the_switcher_finds_the_companies_assigned_to_an_accountant_and_no_others(world: World) -> None:
    page = _page(world, "paolo", reverse("spaces"))
    assert _home(world, "rossi") in page
    assert _home(world, "verdi") not in page
    anna = _page(world, "anna", reverse("spaces") + "?q=00743110157")
    assert _home(world, "verdi") in anna
    assert _home(world, "rossi") not in anna
    assert "Dunării" not in _page(world, "anna", reverse("spaces") + "?q=brut")


def test_the_switcher_answers_htmx_with_a_piece(world: World) -> None:
    client = Client()
    client.force_login(world.people["anna"])
    menu = client.get(reverse("spaces"), headers={"HX-Request": "true"}).content.decode()
    assert "menu-item" in menu
    assert "<html" not in menu
    listed = client.get(reverse("spaces"), headers={"HX-Request": "true", "HX-Target": "spaces"}).content.decode()
    assert 'class="space"' in listed
    assert "<html" not in listed


def test_pages_hold_no_inline_script_or_style(world: World) -> None:
    pages = [
        _page(world, "maria", _home(world, "rossi")),
        _page(world, "anna", reverse("firm-today", kwargs={"firm": world.firms["bianchi"].slug})),
        _page(world, "anna", "/me/"),
        Client().get("/accounts/login/").content.decode(),
    ]
    for page in pages:
        assert "<style" not in page
        assert not re.search(r"<[^>]+\sstyle=", page)
        assert not re.search(r"<[^>]+\son[a-z]+=", page)
        for script in re.findall(r"<script([^>]*)>", page):
            assert "src=" in script or 'type="application/json"' in script


def test_pages_have_landmarks_and_a_way_past_the_navigation(world: World) -> None:
    page = _page(world, "maria", _home(world, "rossi"))
    assert '<a class="skip" href="#main">' in page
    assert page.count("<main ") == 1
    assert '<html lang="en"' in page
    assert page.count("<h1") == 1


def test_style_and_script_stay_small() -> None:
    for name, limit in (("fatto/fatto.js", 40_000), ("fatto/fatto.css", 60_000)):
        path = finders.find(name)
        assert path
        with open(path, "rb") as file:
            assert len(file.read()) < limit


def test_every_template_compiles_and_shows_none_of_its_comments() -> None:
    for path in TEMPLATES.rglob("*.*"):
        get_template(str(path.relative_to(TEMPLATES)))
        for line in path.read_text().splitlines():
            assert line.count("{#") == line.count("#}"), f"{path}: a comment in {{# #}} ends on its line"


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "429", "500"])
def test_pages_for_trouble_need_neither_request_nor_database(name: str) -> None:
    page = get_template(f"{name}.html").render()
    assert "<h1>" in page
    assert "/static/fatto/fatto.css" in page


def test_an_unknown_address_is_told_in_the_readers_language(world: World) -> None:
    client = Client()
    client.force_login(world.person("gina", language="it"))
    response = client.get("/nothing/")
    assert response.status_code == 404
    assert '<html lang="it">' in response.content.decode()

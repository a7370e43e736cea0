"""A firm's looks on the pages: what is published for everybody, drafts for the firm alone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from tests.portal import papers
from tests.portal.tenancy.test_pictures import picture
from tests.portal.world import World

from fatto.portal.flow import approval_sheet, invite, letterhead
from fatto.portal.tenancy import brands
from fatto.portal.tenancy.models import Deed
from fatto.portal.tenancy.scope import scope

PAGE = "/f/studio-bianchi/brand/"


@pytest.fixture
def branded(world: World) -> brands.Look:
    """Studio Bianchi, published with a logo and a cover."""
    anna = world.at_firm("anna", "bianchi")
    with scope(anna):
        brands.save(anna, name="Bianchi & Soci", accent="#8a1538", logo=picture(), cover=picture(800, 300))
        brands.publish(anna)
    return brands.of(world.firms["bianchi"])


def url(look: brands.Look, what: str) -> str:
    return f"/brand/{look.slug}/{look.code}/{what}"


def test_the_page_keeps_a_draft_publishes_and_goes_back(world: World, login: Callable[[str], Client]):
    anna = login("anna")
    refused = anna.post(PAGE, {"name": "", "accent": "#ffd400"})
    assert refused.status_code == 422
    assert 'value="#846c00"' in refused.content.decode()
    logo = SimpleUploadedFile("logo.svg", picture(), content_type="image/svg+xml")
    assert anna.post(PAGE, {"name": "", "accent": "#8a1538", "logo": logo}).status_code == 303
    assert not brands.of(world.firms["bianchi"]).branded
    assert anna.post(PAGE, {"do": "publish"}).status_code == 303
    assert brands.of(world.firms["bianchi"]).branded
    assert anna.post(PAGE, {"do": "back"}).status_code == 303
    assert not brands.of(world.firms["bianchi"]).branded
    with scope(world.at_firm("anna", "bianchi")):
        assert Deed.objects.filter(verb__startswith="brand-").count() == 2


def test_a_file_that_is_no_picture_is_refused_beside_its_field(login: Callable[[str], Client]):
    page = login("anna").post(PAGE, {"name": "", "accent": "#8a1538", "cover": SimpleUploadedFile("c.png", b"no")})
    assert page.status_code == 422
    assert 'id="id_cover-error"' in page.content.decode()


def test_an_accountant_may_not(login: Callable[[str], Client]):
    for address in (
        PAGE,
        f"{PAGE}draft/style.css",
        "/f/studio-bianchi/settings/",
        "/f/studio-bianchi/settings/folders/",
    ):
        assert login("paolo").get(address).status_code == 403


def test_every_piece_of_the_preview_is_there_and_can_do_no_harm(login: Callable[[str], Client]):
    anna = login("anna")
    anna.post(PAGE, {"name": "Draft & Co", "accent": "#8a1538", "logo": SimpleUploadedFile("l.png", picture())})
    assert "#8a1538" in anna.get(f"{PAGE}draft/style.css").content.decode()
    shown = anna.get(f"{PAGE}draft/mail.html")
    assert "Draft &amp; Co" in shown.content.decode()
    assert "sandbox" in shown["Content-Security-Policy"]
    assert anna.get(f"{PAGE}draft/letter.png").content.startswith(b"\x89PNG")
    assert anna.get(f"{PAGE}draft/other.txt").status_code == 404


def test_strangers_get_what_is_published_kept_for_good_and_nothing_else(world: World, branded: brands.Look):
    stranger = Client()
    for what, media in (("style.css", "text/css"), ("logo.png", "image/png"), ("cover.jpg", "image/jpeg")):
        answer = stranger.get(url(branded, what))
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith(media)
        assert "immutable" in answer["Cache-Control"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
    anna = world.at_firm("anna", "bianchi")
    with scope(anna):
        draft = brands.save(anna, name="Secret", accent="#1f5fbf")
        secret = brands.look(anna.firm, draft)
    assert stranger.get(url(secret, "style.css")).status_code == 404
    assert stranger.get(f"/brand/studio-bianchi/{'0' * 20}/style.css").status_code == 404
    assert stranger.get("/brand/nobody/x/style.css").status_code == 404


def test_icons_and_the_manifest_are_the_firms(branded: brands.Look):
    said = Client().get(url(branded, "manifest.webmanifest"))
    assert said["Content-Type"] == "application/manifest+json"
    manifest = said.json()
    assert (manifest["name"], manifest["theme_color"], manifest["scope"]) == ("Bianchi & Soci", "#8a1538", "/")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        with Image.open(io.BytesIO(Client().get(icon["src"]).content)) as drawn:
            assert f"{drawn.width}x{drawn.height}" == icon["sizes"]
    assert manifest["share_target"]["action"] == "/share/"


def test_the_door_looks_like_the_firm_whose_address_was_used_and_the_browser_remembers(
    world: World, branded: brands.Look, login: Callable[[str], Client]
):
    browser = Client()
    assert "Bianchi &amp; Soci" not in browser.get("/accounts/login/").content.decode()
    there = browser.get("/login/studio-bianchi/", follow=True).content.decode()
    assert "Bianchi &amp; Soci" in there
    assert url(branded, "style.css") in there
    assert "Bianchi &amp; Soci" in browser.get("/accounts/login/").content.decode()
    assert Client().get("/login/nobody-at-all/", follow=True).status_code == 200
    # Whoever was inside is remembered as well, and one firm's people see nothing of another's.
    maria, mihai = login("maria"), login("mihai")
    maria.get(f"/c/{world.companies['rossi'].slug}/")
    assert maria.cookies["fatto-firm"].value == "studio-bianchi"
    inside = mihai.get(f"/c/{world.companies['brutaria'].slug}/").content.decode()
    assert "Bianchi" not in inside
    assert "style.css" not in inside


def test_a_firm_that_published_nothing_is_not_named_to_strangers(world: World):
    assert "Studio Bianchi" not in Client().get("/login/studio-bianchi/", follow=True).content.decode()


def test_pages_carry_the_colour_as_a_file_and_never_as_a_style(
    world: World, branded: brands.Look, login: Callable[[str], Client]
):
    page = login("maria").get(f"/c/{world.companies['rossi'].slug}/").content.decode()
    assert f'href="{url(branded, "style.css")}"' in page
    assert not re.search(r"\sstyle=|<style", page)


def test_mails_and_letters_carry_it_too(world: World, branded: brands.Look, do_jobs_now: Callable[[], None]):
    anna = world.at_firm("anna", "bianchi")
    with scope(anna):
        invite.invite(anna, world.companies["rossi"], email="nuovo@example.org", role="owner")
    do_jobs_now()
    html = str(mail.outbox[-1].alternatives[0][0])
    assert "#8a1538" in html
    assert url(branded, "logo.png") in html
    world.hand_in(anna, "a.xml", papers.fatturapa("FT 12/A"))
    document = world.document(anna)
    with scope(anna):
        assert letterhead.of(anna.firm) is not None
        assert approval_sheet.compose(document, [], "it").head is not None
        assert approval_sheet.pdf(document, "it").startswith(b"%PDF")


def test_folder_names_are_shown_on_real_documents_before_they_are_kept(world: World, login: Callable[[str], Client]):
    world.hand_in(world.at_firm("anna", "bianchi"), "a.xml", papers.fatturapa("FT 12/A"))
    anna, page = login("anna"), "/f/studio-bianchi/settings/folders/"
    headers = {"HX-Request": "true", "HX-Target": "naming-preview"}
    piece = anna.get(page, {"pattern": "{number} {type}"}, headers=headers).content.decode()
    assert "FT 12-A TD01" in piece
    assert "<html" not in piece
    assert "{colour}" in anna.get(page, {"pattern": "{colour}"}, headers=headers).content.decode()
    for wrong in ("", "{", "plain", "{number!r}", "{number}" + "x" * 200):
        assert anna.post(page, {"pattern": wrong}).status_code == 422, wrong
    assert anna.post(page, {"pattern": "{number} {type}"}).status_code == 303
    world.firms["bianchi"].refresh_from_db()
    assert world.firms["bianchi"].naming == "{number} {type}"
    with scope(world.at_firm("anna", "bianchi")):
        assert Deed.objects.get(verb="folders-named").data["pattern"] == "{number} {type}"

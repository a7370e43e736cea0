"""A firm brings in its companies: paste, look, correct, open; and then sees who has come in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.portal.world import World

from fatto.portal.tenancy import actor
from fatto.portal.tenancy.models import Company, Invitation
from fatto.portal.tenancy.scope import scope

ADD, INVITED = "/f/studio-bianchi/clients/add/", "/f/studio-bianchi/invitations/"
LIST = "01234567897;Alfa;a@x.it\n123;Beta;b@x.it"


def fields(page: str) -> dict[str, list[str]]:
    """What the table of rows would send."""
    found: dict[str, list[str]] = {"number": re.findall(r'name="number" value="(\d+)"', page)}
    for name in ("tax_id", "name", "email"):
        found[name] = re.findall(rf'<input name="{name}" value="([^"]*)"', page)
    for name in ("country", "language", "role"):
        selects = re.findall(rf'<select name="{name}".*?</select>', page, re.S)
        found[name] = [(re.findall(r'value="([^"]*)" selected', each) or [""])[0] for each in selects]
    return found


def companies(world: World) -> list[str]:
    with scope(world.at_firm("anna", "bianchi")):
        return list(Company.objects.order_by("pk").values_list("name", flat=True))[2:]


def test_a_list_is_looked_at_corrected_and_opened_with_one_click(world: World, login: Callable[[str], Client]):
    anna = login("anna")
    page = anna.post(ADD, {"step": "read", "list": LIST}).content.decode()
    assert "Open 1 company" in page
    assert "not a tax number of Italy" in page
    assert companies(world) == [], "nothing is written by looking"
    sent = fields(page)
    assert sent["number"] == ["2", "1"], "what needs somebody comes first"
    sent["tax_id"][0] = "00000000018"
    page = anna.post(ADD, sent | {"step": "check"}).content.decode()
    assert "Open 2 companies" in page
    assert companies(world) == []
    answer = anna.post(ADD, sent | {"step": "open"}, follow=True)
    assert answer.redirect_chain == [(INVITED, 303)]
    assert "2 companies opened. 2 people are invited." in answer.content.decode()
    assert companies(world) == ["Beta", "Alfa"]
    again = anna.post(ADD, sent | {"step": "open"}, follow=True)
    assert "Nothing new in the list" in again.content.decode()
    assert len(companies(world)) == 2


def test_rows_with_errors_stay_on_the_page_and_rows_left_out_are_not_opened(
    world: World, login: Callable[[str], Client]
):
    anna = login("anna")
    sent = fields(anna.post(ADD, {"step": "read", "list": f"{LIST}\n00000000018;Gamma;c@x.it"}).content.decode())
    page = anna.post(ADD, sent | {"step": "open", "skip": ["3"]}).content.decode()
    assert companies(world) == ["Alfa"]
    assert "1 company opened." in page
    assert fields(page)["name"] == ["Beta"]


def test_a_file_is_read_as_well_and_what_is_none_is_refused_in_words(world: World, login: Callable[[str], Client]):
    anna = login("anna")
    file = SimpleUploadedFile("clienti.csv", "P.IVA;Nome;Email\n01234567897;Città;a@x.it".encode())
    assert fields(anna.post(ADD, {"step": "read", "file": file}).content.decode())["name"] == ["Città"]
    answer = anna.post(ADD, {"step": "read", "file": SimpleUploadedFile("a.xls", b"\xd0\xcf\x11\xe0")})
    assert answer.status_code == 422
    assert "Save it as XLSX or CSV" in answer.content.decode()
    assert anna.post(ADD, {"step": "read", "list": " "}).status_code == 422


def test_hostile_cells_are_shown_as_text(world: World, login: Callable[[str], Client]):
    page = login("anna").post(ADD, {"step": "read", "list": '01234567897;"<script>""x";a@x.it'}).content.decode()
    assert "<script>&" not in page
    assert "&lt;script&gt;" in page


def test_five_hundred_rows_make_one_page(world: World, login: Callable[[str], Client]):
    text = "\n".join(f"{n:011};Azienda {n};p{n}@x.it" for n in range(1, 501))
    answer = login("anna").post(ADD, {"step": "read", "list": text})
    assert len(fields(answer.content.decode())["number"]) == 500


def test_who_may_not_open_companies_is_offered_nothing(world: World, login: Callable[[str], Client]):
    paolo = login("paolo")
    for url in (ADD, INVITED, "/f/studio-bianchi/team/"):
        assert paolo.get(url).status_code == 403
        assert paolo.post(url, {"step": "read", "list": LIST, "again": "all"}).status_code == 403
    page = paolo.get("/f/studio-bianchi/clients/").content.decode()
    assert ADD not in page
    assert "/team/" not in page


def test_the_progress_of_everybody_is_seen_and_those_who_wait_are_written_to_again(
    world: World, login: Callable[[str], Client], do_jobs_now: Callable[[], None]
):
    anna = login("anna")
    sent = fields(
        anna.post(ADD, {"step": "read", "list": "01234567897;Alfa;a@x.it\n00000000018;Beta;b@x.it"}).content.decode()
    )
    anna.post(ADD, sent | {"step": "open"})
    assert "Mail on its way" in anna.get(INVITED).content.decode()
    do_jobs_now()
    assert len(mail.outbox) == 2
    assert "Studio Bianchi" in mail.outbox[0].from_email
    letter = next(each for each in mail.outbox if each.to == ["a@x.it"])
    Client().get(re.search(r"(/l/\S+/)", str(letter.body)).group(1))
    page = anna.get(INVITED).content.decode()
    assert page.count("chip-progress") == 1
    assert page.count("chip-waiting") == 1
    assert "Alfa" in anna.get(f"{INVITED}?view=opened").content.decode()
    assert "Beta" not in anna.get(f"{INVITED}?view=opened").content.decode()
    anna.post(INVITED, {"again": "all"})
    do_jobs_now()
    assert len(mail.outbox) == 2, "they were written to a moment ago"
    with scope(actor.system(world.firms["bianchi"])):
        Invitation.objects.update(asked_at=timezone.now() - timedelta(days=1))
        beta = Invitation.objects.get(email="b@x.it")
    anna.post(INVITED, {"withdraw": str(beta.pk)})
    anna.post(INVITED, {"again": "all"})
    do_jobs_now()
    assert [each.to for each in mail.outbox[2:]] == [["a@x.it"]]
    assert anna.post(INVITED, {"again": "9999999"}).status_code == 404

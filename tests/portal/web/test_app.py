"""What the browser is told so that the portal works as an app, and forgets whom it served."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents.models import Document
from fatto.portal.documents.usual import usual
from fatto.portal.flow import decide
from fatto.portal.tenancy.scope import scope
from fatto.portal.web.views import app


def test_the_worker_is_served_for_the_whole_portal_and_asked_for_anew():
    answer = Client().get("/worker.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache"
    assert answer["Service-Worker-Allowed"] == "/"
    text = answer.content.decode()
    assert '"release": "' in text
    for name in ("fatto/fatto.css", "fatto/app.js"):
        assert f"/static/{name}" in text


def test_the_worker_takes_notices_along_only_where_they_exist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    find = finders.find
    monkeypatch.setattr(finders, "find", lambda name: None if name == "fatto/worker-push.js" else find(name))
    assert "importScripts(" not in app._written()
    there = str(tmp_path / "worker-push.js")
    monkeypatch.setattr(finders, "find", lambda name: there if name == "fatto/worker-push.js" else find(name))
    assert 'importScripts("/static/fatto/worker-push.js");' in app._written()


def test_everything_the_worker_keeps_from_the_start_is_there():
    for name in app._SHELL:
        assert finders.find(name), name
    assert Client().get("/offline/").status_code == 200


def test_what_has_no_page_has_an_icon_all_the_same():
    answer = Client().get("/favicon.ico")
    assert answer.status_code == 302
    assert answer["Location"].endswith(".svg")


def test_each_page_says_whose_it_is_without_saying_who(world: World, login: Callable[[str], Client]):
    home = f"/c/{world.companies['rossi'].slug}/"
    maria, again, anna = (login(name).get(home)["Fatto-Reader"] for name in ("maria", "maria", "anna"))
    assert maria == again
    assert maria != anna
    assert "maria" not in maria
    assert Client().get("/accounts/login/")["Fatto-Reader"] == "nobody"


def test_logging_out_clears_the_browser_and_a_refused_logout_does_not(world: World, login: Callable[[str], Client]):
    maria = login("maria")
    assert "Clear-Site-Data" not in maria.get("/accounts/logout/")
    assert '"storage"' in maria.post("/accounts/logout/")["Clear-Site-Data"]


def test_shared_files_are_not_taken_from_a_page_that_could_be_anybodys(world: World, login: Callable[[str], Client]):
    maria = login("maria")
    answer = maria.post("/share/", {"files": SimpleUploadedFile("a.xml", papers.fatturapa("X"))})
    assert (answer.status_code, answer["Location"]) == (303, "/share/?none")
    with scope(world.at_company("maria", "rossi")):
        assert not Document.objects.exists()
    assert f"/c/{world.companies['rossi'].slug}/upload/" in maria.get("/share/").content.decode()
    assert "/upload/" not in login("sara").get("/share/").content.decode(), "an auditor adds nothing"


def test_the_guide_is_there_before_and_after_login(login: Callable[[str], Client]):
    for client in (Client(), login("maria")):
        assert client.get("/help/home-screen/").content.decode().count("guide-") == 3


def test_the_end_card_counts_what_was_decided_and_undone(world: World, login: Callable[[str], Client]):
    anna = world.at_firm("anna", "bianchi")
    for n in (1, 2):
        world.hand_in(anna, f"{n}.xml", papers.fatturapa(f"N-{n}"))
    maria, page = login("maria"), f"/c/{world.companies['rossi'].slug}/approve/"
    one, two = (
        f"/c/{world.companies['rossi'].slug}/documents/{world.document(anna, number=f'N-{n}').pk}/" for n in (1, 2)
    )
    maria.post(f"{one}approve/")
    maria.post(f"{one}undo/")
    maria.post(f"{one}dispute/", {"reason": "duplicate"})
    assert "done-card" not in maria.get(page).content.decode()
    maria.post(f"{two}approve/")
    text = " ".join(maria.get(page).content.decode().split())
    assert "1 approved, 1 disputed." in text


def test_a_card_says_when_the_amount_is_as_usual(world: World):
    anna, maria = world.at_firm("anna", "bianchi"), world.at_company("maria", "rossi")
    for month, net in ((7, "100.00"), (8, "104.00"), (9, "102.00")):
        world.hand_in(anna, f"{month}.xml", papers.fatturapa(f"U-{month}", day=f"2026-{month:02}-05", net=net))
    for number, net in (("NOW", "103.00"), ("MUCH", "300.00")):
        world.hand_in(anna, f"{number}.xml", papers.fatturapa(number, day="2026-10-05", net=net))
    with scope(maria):
        assert usual(Document.objects.all()) == {}, "nothing was approved yet"
        for document in Document.objects.filter(sort_date__lt=date(2026, 10, 1)):
            decide.approve(maria, document)
        found = usual(Document.objects.filter(sort_date__gte=date(2026, 10, 1)))
        assert list(found) == [Document.objects.get(number="NOW").pk]
        assert found.popitem()[1].low == Decimal("122.00")


def test_a_card_with_an_alert_offers_no_quick_yes(world: World, login: Callable[[str], Client]):
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "a.xml", papers.fatturapa("AL-1"))
    with scope(anna):
        Document.objects.update(alerts=["iban"])
    page = login("maria").get(f"/c/{world.companies['rossi'].slug}/approve/").content.decode()
    assert 'data-swipe="off"' in page
    form = page.split('/approve/" data-yes>')[1].split("</form>")[0]
    assert 'name="confirmed" value="iban" required' in form

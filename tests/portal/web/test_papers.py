"""Pages of supporting documents."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from tests.portal import pictures
from tests.portal.flow.test_papers import prepared
from tests.portal.world import World

from fatto.portal.documents import papers, queries
from fatto.portal.documents.models import Delivery, Document
from fatto.portal.flow import mailin
from fatto.portal.tenancy.scope import scope

Login = Callable[[str], Client]


def at(world: World, path: str, company: str = "rossi") -> str:
    return f"/c/{world.companies[company].slug}/{path}"


def scanned(world: World, data: bytes = b"", name: str = "scan.pdf") -> Document:
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, name, data or pictures.scan("Uno", "Due", "Tre"))
    return prepared(maria, name=name)


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def test_pages_are_shown_as_pictures_and_the_original_is_only_saved(world: World, login: Login):
    document = scanned(world, pictures.jpeg(turned=True), "foto.jpg")
    maria = login("maria")
    page = text(maria.get(at(world, f"documents/{document.pk}/")))
    url = at(world, f"documents/{document.pk}/page/1/")
    assert url in page
    shown = maria.get(url)
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert not Image.open(io.BytesIO(shown.content)).getexif()
    view = maria.get(at(world, f"documents/{document.pk}/pdf/"))
    assert view["Content-Type"] == "application/pdf"
    assert pictures.PLACE.encode() not in view.content
    original = maria.get(at(world, f"documents/{document.pk}/original/"))
    assert original.content == pictures.jpeg(turned=True)
    assert original["Content-Disposition"].startswith("attachment")


def test_before_its_pages_are_made_nothing_of_the_original_is_shown(world: World, login: Login):
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "foto.jpg", pictures.jpeg())
    document = world.document(maria)
    client = login("maria")
    assert "The pages are being made" in text(client.get(at(world, f"documents/{document.pk}/")))
    assert client.get(at(world, f"documents/{document.pk}/pdf/")).status_code == 404


def test_what_cannot_be_shown_says_why(world: World, login: Login):
    document = scanned(world, pictures.bomb(), "bomb.png")
    assert "larger than can be shown" in text(login("maria").get(at(world, f"documents/{document.pk}/")))


def test_the_form_offers_what_the_text_says_and_takes_amounts_as_people_write_them(world: World, login: Login):
    document = scanned(world, pictures.scan("Ricevuta\nData 05/10/2026\nTotale 1.234,50"))
    world.people["maria"].language = "it"
    world.people["maria"].save()
    maria, url = login("maria"), at(world, f"documents/{document.pk}/details/")
    form = text(maria.get(url))
    assert 'value="1.234,50"' in form
    assert 'value="2026-10-05"' in form
    wrong = maria.post(url, {"amount": "molto", "currency": "EURO"})
    assert wrong.status_code == 422
    done = maria.post(url, {"kind": "receipt", "party": " Bar  Sport ", "amount": "1.234,50", "date": "2026-10-05"})
    assert done.status_code == 303
    with scope(world.at_company("maria", "rossi")):
        found = queries.get(document.pk)
        told = papers.details(found, papers.of(found))
    assert (told.party, str(told.amount), told.currency, told.kind) == ("Bar Sport", "1234.50", "EUR", "receipt")
    assert "Bar Sport" in text(maria.get(at(world, "documents/?ask=bar")))


def test_after_uploading_the_form_leads_from_one_to_the_next(world: World, login: Login):
    maria = world.at_company("maria", "rossi")
    first, second = scanned(world, name="1.pdf"), scanned(world, pictures.scan("Altro"), name="2.pdf")
    with scope(maria):
        batch = Delivery.objects.first().batch
        Delivery.objects.update(batch=batch)
    client = login("maria")
    page = text(client.get(at(world, f"upload/{batch}/")))
    url = at(world, f"documents/{first.pk}/details/?batch={batch}")
    assert url in page
    assert at(world, f"documents/{second.pk}/details/?batch={batch}") in text(client.get(url)).replace("&amp;", "&")
    done = client.post(at(world, f"documents/{second.pk}/details/?batch={batch}"), {"kind": "order"})
    assert done["Location"] == at(world, f"upload/{batch}/")


def photographs(*files: tuple[str, bytes], batch: str = "") -> dict[str, object]:
    return {"pages": [SimpleUploadedFile(name, data) for name, data in files]} | ({"batch": batch} if batch else {})


def test_photographs_become_one_document_without_script(world: World, login: Login):
    maria = login("maria")
    done = maria.post(at(world, "photographs/"), photographs(("1.jpg", pictures.jpeg()), ("2.heic", pictures.heic())))
    assert done.status_code == 303
    assert "/details/?batch=" in done["Location"]
    with scope(world.at_company("maria", "rossi")):
        assert Document.objects.count() == 1


def test_a_repeated_sending_gets_the_same_answer(world: World, login: Login):
    maria, url, batch = login("maria"), at(world, "photographs/"), str(uuid.uuid4())
    asked = json.loads(maria.get(url, headers={"Accept": "application/json"}).content)
    assert asked["member"] == world.people["maria"].pk
    answers = [
        maria.post(url, photographs(("1.jpg", pictures.jpeg()), batch=batch), headers={"Accept": "application/json"})
        for _ in range(2)
    ]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    with scope(world.at_company("maria", "rossi")):
        assert Document.objects.count() == 1


@pytest.mark.parametrize("data", [b"MZ program", b"<a/>", b""])
def test_what_is_no_picture_is_refused_in_a_sentence(world: World, login: Login, data: bytes):
    answer = login("maria").post(
        at(world, "photographs/"), photographs(("x.jpg", data)), headers={"Accept": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.json()["message"] == "Only pictures and PDFs can be pages of a document."


def test_the_token_of_a_form_is_asked_for(world: World):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["maria"])
    url = at(world, "photographs/")
    assert client.post(url, photographs(("1.jpg", pictures.jpeg()))).status_code == 403
    token = client.get(url, headers={"Accept": "application/json"}).json()["token"]
    assert client.post(url, photographs(("1.jpg", pictures.jpeg())), headers={"X-CSRFToken": token}).status_code == 303


def test_who_was_logged_out_is_sent_to_the_door(world: World):
    answer = Client().post(at(world, "photographs/"), photographs(("1.jpg", pictures.jpeg())))
    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


def test_an_auditor_finds_nothing_to_change(world: World, login: Login):
    document = scanned(world)
    sara = login("sara")
    page = text(sara.get(at(world, f"documents/{document.pk}/")))
    assert "/split/" not in page
    assert "/details/" not in page
    for what in ("details", "split", "move"):
        assert sara.get(at(world, f"documents/{document.pk}/{what}/")).status_code == 403


def test_splitting_merging_and_restoring_on_pages(world: World, login: Login):
    document = scanned(world)
    maria = login("maria")
    url = at(world, f"documents/{document.pk}/split/")
    assert "page 3" in text(maria.get(url))
    assert maria.post(url, {"cut": ["2"], "out": ["3"]}).status_code == 303
    with scope(world.at_company("maria", "rossi")):
        made = list(Document.objects.exclude(pk=document.pk).order_by("pk"))
    assert [papers.numbers([1]), len(made)] == ["1", 2]
    assert "Split into" in text(maria.get(at(world, f"documents/{document.pk}/")))
    assert "Part of" in text(maria.get(at(world, f"documents/{made[0].pk}/")))
    merging = text(maria.get(at(world, f"documents/merge/?document={made[1].pk}&document={made[0].pk}")))
    assert merging.index(made[1].name) < merging.index(made[0].name)
    done = maria.post(
        at(world, "documents/merge/"),
        {"document": [made[0].pk, made[1].pk], f"place-{made[0].pk}": "2", f"place-{made[1].pk}": "1"},
    )
    assert done.status_code == 303
    assert "Merged from" in text(maria.get(done["Location"]))
    restored = maria.post(done["Location"] + "restore/")
    assert restored.status_code == 303
    assert maria.post(at(world, f"documents/{document.pk}/restore/")).status_code == 303
    assert "Restored" in text(maria.get(at(world, f"documents/{document.pk}/")))


def test_moving_offers_only_companies_where_one_may_file(world: World, login: Login):
    document = scanned(world)
    url = at(world, f"documents/{document.pk}/move/")
    assert world.companies["verdi"].slug not in text(login("maria").get(url))
    assert login("maria").post(url, {"company": world.companies["verdi"].slug}).status_code == 403
    anna = login("anna")
    assert world.companies["verdi"].slug in text(anna.get(url))
    assert anna.post(url, {"company": world.companies["verdi"].slug}).status_code == 303
    assert anna.get(at(world, f"documents/{document.pk}/")).status_code == 404
    there = at(world, f"documents/{document.pk}/", "verdi")
    assert "Back to where it came from" in text(anna.get(there))
    assert "Back to where it came from" in text(login("luca").get(there))
    assert login("luca").post(there + "restore/", {"moved": "1"}).status_code == 403
    assert anna.post(there + "restore/", {"moved": "1"}).status_code == 303
    assert anna.get(at(world, f"documents/{document.pk}/")).status_code == 200


def test_the_address_for_mail_is_made_copied_and_limited(world: World, login: Login, monkeypatch: pytest.MonkeyPatch):
    maria, url = login("maria"), at(world, "mail/")
    assert "takes no mail" in text(maria.get(url))
    monkeypatch.setattr(mailin, "domain", lambda: "in.example")
    assert maria.post(url, {"renew": "1"}).status_code == 303
    assert "documents+" in text(maria.get(url))
    assert "@in.example" in text(maria.get(at(world, "upload/")))
    assert maria.post(url, {"senders": "a@b.example\n@c.example"}).status_code == 303
    wrong = maria.post(url, {"senders": "nobody"})
    assert wrong.status_code == 422
    assert "nobody" in text(wrong)
    assert login("elena").get(url).status_code == 403
    assert "documents+" in text(login("elena").get(at(world, "upload/")))

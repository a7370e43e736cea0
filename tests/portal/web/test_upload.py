"""From files in a browser to results in words, through the real queue and worker; and what fits no company."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.portal import papers
from tests.portal.world import World, build

from fatto.portal.documents.models import Document, Quarantined
from fatto.portal.tenancy.scope import scope

Login = Callable[[str], Client]
XML = papers.fatturapa("FT 12/A")


@pytest.fixture
def world(transactional_db: None) -> World:
    """The world, committed: the worker has a connection of its own."""
    return build()


def file(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def at(world: World, path: str = "upload/", company: str = "rossi") -> str:
    return f"/c/{world.companies[company].slug}/{path}"


def desk(world: World, path: str = "upload/", firm: str = "bianchi") -> str:
    return f"/f/{world.firms[firm].slug}/{path}"


def text(client: Client, url: str, **headers: str) -> str:
    return client.get(url, headers=headers).content.decode()


def test_files_are_taken_worked_on_and_told_of_one_by_one(world: World, login: Login, do_jobs: Callable[[], None]):
    maria = login("maria")
    other = papers.fatturapa("X 9", buyer="Verdi Impianti S.r.l.", buyer_id="00743110157")
    answer = maria.post(
        at(world),
        {"files": [file("a.xml", XML), file("copy.xml", XML), file("other.xml", other), file("no.xml", b"<a/>")]},
    )
    assert answer.status_code == 303
    batch = answer["Location"]
    assert batch.startswith(at(world, "upload/"))
    waiting = text(maria, batch)
    assert "0 of 4 files done" in waiting
    assert 'hx-trigger="load delay:1s"' in waiting
    assert "wait=2" in waiting
    piece = text(maria, f"{batch}?wait=4", **{"HX-Request": "true", "HX-Target": "batch"})
    assert "<html" not in piece
    assert 'hx-trigger="load delay:4s"' in piece
    do_jobs()
    done = text(maria, batch)
    assert 'hx-trigger="load' not in done
    with scope(world.at_company("maria", "rossi")):
        document = Document.objects.get()
    lines = done.split("batch-list")[1]
    assert at(world, f"documents/{document.pk}/") in lines
    assert "Energia Esempio S.p.A. · FT 12/A" in lines
    assert "Already here" in lines
    assert "Belongs to another company" in lines
    assert "Cannot be read" in lines
    assert "outermost element is a" in lines
    assert "Already here" not in text(maria, f"{batch}?outcome=accepted").split("batch-list")[1]


def test_a_large_archive_lists_only_what_needs_a_look(world: World, login: Login, do_jobs: Callable[[], None]):
    members = {f"{n:03}.xml": papers.fatturapa(f"N {n}") for n in range(70)} | {"broken.xml": b"<a>"}
    anna = login("anna")
    batch = anna.post(desk(world), {"files": [file("many.zip", papers.zipped(members))]})["Location"]
    do_jobs()
    page = text(anna, batch)
    assert "<strong>70</strong>" in page
    assert "Only what needs a look is listed." in page
    assert page.count('class="tray-item"') == 1
    assert "broken.xml" in page
    accepted = text(anna, f"{batch}?outcome=accepted")
    assert accepted.count('class="tray-item"') == 70


def test_results_come_in_pages(
    world: World, login: Login, do_jobs: Callable[[], None], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("fatto.portal.web.tray.SIZE", 3)
    anna = login("anna")
    members = {f"{n}.xml": papers.fatturapa(f"N {n}") for n in range(5)}
    batch = anna.post(desk(world), {"files": [file("five.zip", papers.zipped(members))]})["Location"]
    do_jobs()
    first = text(anna, batch)
    assert first.count('class="tray-item"') == 3
    more = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert text(anna, more).count('class="tray-item"') == 2


def test_dropping_on_another_page_fills_the_corner(world: World, login: Login, do_jobs: Callable[[], None]):
    maria = login("maria")
    headers = {"HX-Request": "true", "HX-Target": "tray"}
    answer = maria.post(at(world), {"files": [file("a.xml", XML)]}, headers=headers, follow=True)
    corner = answer.content.decode()
    assert "<html" not in corner
    assert "data-tray" in corner
    again = corner.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    do_jobs()
    done = text(maria, again, **{"HX-Request": "true"})
    assert "hx-get" not in done
    assert "1 file added" in done
    assert "Energia Esempio" in done


def test_nothing_chosen_is_said_and_changes_nothing(world: World, login: Login):
    answer = login("maria").post(at(world), {})
    assert answer.status_code == 422
    assert "No file was chosen." in answer.content.decode()


def test_who_may_not_add_files_is_refused(world: World, login: Login):
    assert login("sara").get(at(world)).status_code == 403
    assert login("sara").post(at(world), {"files": [file("a.xml", XML)]}).status_code == 403


def test_an_employee_sees_only_what_they_brought(world: World, login: Login, do_jobs: Callable[[], None]):
    mine = login("elena").post(at(world), {"files": [file("e.xml", papers.fatturapa("E 1"))]})["Location"]
    hers = login("maria").post(at(world), {"files": [file("m.xml", papers.fatturapa("M 1"))]})["Location"]
    do_jobs()
    assert "E 1" in text(login("elena"), mine)
    assert login("elena").get(hers).status_code == 404
    listed = text(login("elena"), at(world, "documents/"))
    assert "E 1" in listed
    assert "M 1" not in listed


def test_a_stray_is_explained_routed_and_cannot_be_routed_twice(
    world: World, login: Login, do_jobs: Callable[[], None]
):
    anna = login("anna")
    stray = papers.fatturapa("S 1", buyer="Panificio Rosi Srl", buyer_id="09876543217")
    batch = anna.post(desk(world), {"files": [file("stray.xml", stray)]})["Location"]
    do_jobs()
    told = text(anna, batch)
    assert "In quarantine" in told
    assert desk(world, "quarantine/") in told.split("batch-list")[1]
    page = text(anna, desk(world, "quarantine/"))
    assert "Neither party is one of your companies" in page
    assert "File with Panificio Rossi S.r.l." in page
    with scope(world.at_firm("anna", "bianchi")):
        row = Quarantined.objects.get()
    kept = anna.get(desk(world, f"quarantine/{row.pk}/file/"))
    assert b"".join(kept.streaming_content) == stray
    assert "Choose a company" in text(anna, f"{desk(world, 'quarantine/')}?choose={row.pk}")
    route = desk(world, f"quarantine/{row.pk}/route/")
    assert anna.post(route, {"company": "no-such"}).status_code == 404
    assert anna.post(route, {"company": world.companies["brutaria"].slug}).status_code == 404
    assert anna.post(route, {"company": world.companies["rossi"].slug}).status_code == 303
    assert anna.post(route, {"company": world.companies["rossi"].slug}).status_code == 409
    assert "The quarantine is empty" in text(anna, desk(world, "quarantine/"))
    assert "S 1" in text(login("maria"), at(world, "documents/"))


def test_a_stray_can_be_discarded(world: World, login: Login, do_jobs: Callable[[], None]):
    anna = login("anna")
    anna.post(desk(world), {"files": [file("no.xml", b"<a>")]})
    do_jobs()
    with scope(world.at_firm("anna", "bianchi")):
        row = Quarantined.objects.get()
    assert anna.post(desk(world, f"quarantine/{row.pk}/discard/")).status_code == 303
    assert "The quarantine is empty" in text(anna, desk(world, "quarantine/"))
    assert anna.post(desk(world, f"quarantine/{row.pk}/discard/")).status_code == 409


def test_what_was_discarded_waits_again_when_it_is_handed_in_again(
    world: World, login: Login, do_jobs: Callable[[], None]
):
    anna = login("anna")
    anna.post(desk(world), {"files": [file("no.xml", b"<a>")]})
    do_jobs()
    with scope(world.at_firm("anna", "bianchi")):
        row = Quarantined.objects.get()
    anna.post(desk(world, f"quarantine/{row.pk}/discard/"))
    anna.post(desk(world), {"files": [file("no.xml", b"<a>")]})
    do_jobs()
    assert "no.xml" in text(anna, desk(world, "quarantine/"))


def test_a_result_leads_to_the_quarantine_only_while_it_waits_there(
    world: World, login: Login, do_jobs: Callable[[], None]
):
    anna = login("anna")
    batch = anna.post(desk(world), {"files": [file("broken.xml", b"<a>"), file("empty.xml", b"")]})["Location"]
    do_jobs()
    page = text(anna, batch)
    assert "This file is empty" in page
    assert page.count("Open the quarantine") == 1
    with scope(world.at_firm("anna", "bianchi")):
        row = Quarantined.objects.get()
    anna.post(desk(world, f"quarantine/{row.pk}/discard/"))
    assert "Open the quarantine" not in text(anna, batch)


def test_attachments_are_shown_only_when_safe(world: World, login: Login, do_jobs: Callable[[], None]):
    import base64

    def enclosed(name: str, data: bytes) -> str:
        return (
            f"<Allegati><NomeAttachment>{name}</NomeAttachment>"
            f"<Attachment>{base64.b64encode(data).decode()}</Attachment></Allegati>"
        )

    pdf, page = b"%PDF-1.4 small", b"<html><script>alert(1)</script></html>"
    body = enclosed("ddt.pdf", pdf) + enclosed("note.html", page) + enclosed("fake.pdf", page)
    data = XML.replace(b"</FatturaElettronicaBody>", body.encode() + b"</FatturaElettronicaBody>")
    maria = login("maria")
    maria.post(at(world), {"files": [io.BytesIO(data)]})
    do_jobs()
    with scope(world.at_company("maria", "rossi")):
        pk = Document.objects.get().pk
    listed = text(maria, at(world, f"documents/{pk}/?tab=attachments"))
    assert "ddt.pdf" in listed
    urls = [at(world, f"documents/{pk}/attachment/{n}/") for n in range(4)]
    shown = maria.get(urls[0])
    assert shown.content == pdf
    assert shown["Content-Type"] == "application/pdf"
    assert shown["Content-Disposition"] == 'inline; filename="ddt.pdf"'
    for url in urls[1:3]:
        saved = maria.get(url)
        assert saved.content == page
        assert saved["Content-Type"] == "application/octet-stream"
        assert saved["Content-Disposition"].startswith("attachment")
        assert "sandbox" in saved["Content-Security-Policy"]
    assert maria.get(urls[3]).status_code == 404


def test_the_same_number_with_another_amount_is_not_passed_over_in_silence(
    world: World, login: Login, do_jobs: Callable[[], None]
):
    """Somebody sent a corrected invoice, or a forged one came first: a person must look."""
    maria = login("maria")
    for net in ("100.00", "900.00"):
        answer = maria.post(at(world), {"files": file("a.xml", papers.fatturapa("FT 12/A", net=net))})
        do_jobs()
    assert "the amount is not" in text(maria, answer["Location"])

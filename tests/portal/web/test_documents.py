"""The desk and the viewer on real files: lists, filters, faces of a document, deeds without script."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents.models import Document
from fatto.portal.flow import decide, keep
from fatto.portal.tenancy.scope import scope

Login = Callable[[str], Client]
DATA = papers.fatturapa("FT 12/A")


@pytest.fixture
def received(world: World) -> Document:
    """An invoice that Rossi received."""
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "IT01234567897_1.xml", DATA)
    return world.document(anna, company=world.companies["rossi"])


@pytest.fixture
def hidden(world: World) -> Document:
    """An invoice that Brutăria received, behind its hard gate."""
    world.hand_in(world.at_firm("ioana", "dunarea"), "a.xml", papers.ubl("F-77"))
    return world.document(world.at_company("mihai", "brutaria"))


def at(world: World, path: str = "documents/", company: str = "rossi") -> str:
    return f"/c/{world.companies[company].slug}/{path}"


def reload(world: World, document: Document, who: str = "maria", company: str = "rossi") -> Document:
    return world.document(world.at_company(who, company), pk=document.pk)


# -- the list


def test_the_list_shows_what_a_company_has_and_opens_it(world: World, login: Login, received: Document):
    page = login("maria").get(at(world)).content.decode()
    assert "Energia Esempio S.p.A." in page
    assert "FT 12/A" in page
    assert at(world, f"documents/{received.pk}/") in page


def test_filters_limit_the_list_and_each_can_be_removed(world: World, login: Login, received: Document):
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "b.xml", papers.fatturapa("FT 99", seller="Acqua Chiara S.r.l.", seller_id="02345678901"))
    maria = login("maria")
    for query, shown, left_out in (
        ("words=acqua", "Acqua Chiara", "Energia Esempio"),
        ("party=energia", "Energia Esempio", "Acqua Chiara"),
        ("number=ft12a", "Energia Esempio", "Acqua Chiara"),
        ("amount_max=121", None, "Energia Esempio"),
        ("date_from=2026-10-06", None, "Energia Esempio"),
        ("view=disputed", None, "Energia Esempio"),
        ("direction=issued", None, "Energia Esempio"),
    ):
        page = maria.get(f"{at(world)}?{query}").content.decode()
        listed = page[page.index("desk-list") : page.index("desk-divider")]
        assert shown is None or shown in listed, query
        assert left_out not in listed, query
        assert 'class="filter-chip"' in listed, query
    page = maria.get(f"{at(world)}?words=acqua&direction=received").content.decode()
    assert f'href="{at(world)}?direction=received"' in page
    assert f'href="{at(world)}?words=acqua"' in page


def test_nonsense_in_the_address_still_shows_a_list(world: World, login: Login, received: Document):
    answer = login("maria").get(f"{at(world)}?date_from=x&amount_min=y&view=z&sort=q&cursor=%00&direction=;")
    assert answer.status_code == 200
    assert "Energia Esempio" in answer.content.decode()


def test_a_longer_list_has_pages_and_needs_no_more_queries(world: World, login: Login, received: Document):
    maria = login("maria")
    maria.get(at(world))
    with CaptureQueriesContext(
        connection,
    ) as few:
        maria.get(at(world))
    many = {f"{n}.xml": papers.fatturapa(f"N {n}") for n in range(60)}
    world.hand_in(world.at_firm("anna", "bianchi"), "many.zip", papers.zipped(many))
    with CaptureQueriesContext(connection) as more:
        page = maria.get(at(world)).content.decode()
    assert len(more) == len(few)
    assert page.count('class="row"') == 50
    after = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    rest = maria.get(after).content.decode()
    assert rest.count('class="row"') == 11
    assert 'rel="prev"' in rest


def test_the_firm_sees_all_its_companies_in_one_list(world: World, login: Login, received: Document):
    anna = world.at_firm("anna", "bianchi")
    verdi = papers.fatturapa("V 1", buyer="Verdi Impianti S.r.l.", buyer_id="00743110157")
    world.hand_in(anna, "v.xml", verdi)
    url = f"/f/{world.firms['bianchi'].slug}/documents/"
    page = login("anna").get(url).content.decode()
    assert "· Panificio Rossi S.r.l." in page
    assert "· Verdi Impianti S.r.l." in page
    page = login("anna").get(f"{url}?company={world.companies['verdi'].slug}").content.decode()
    assert "· Panificio Rossi S.r.l." not in page
    assert "· Verdi Impianti S.r.l." in page
    assert login("anna").get(f"{url}{received.pk}/").status_code == 200


# -- one document


def test_the_viewer_shows_the_paper_the_data_and_what_happened(world: World, login: Login, received: Document):
    page = login("maria").get(at(world, f"documents/{received.pk}/")).content.decode()
    assert '<article class="sheet"' in page
    assert "Fornitura di energia elettrica" in page
    assert "This document waits for your approval." in page
    assert "122.00" in page
    assert received.file.sha256 in page
    assert "Arrived" in page
    assert page.count('class="chip chip-') >= 4


def test_htmx_gets_the_pane_alone_and_history_the_whole_page(world: World, login: Login, received: Document):
    maria, url = login("maria"), at(world, f"documents/{received.pk}/")
    pane = maria.get(url, headers={"HX-Request": "true", "HX-Target": "viewer"})
    assert b"<html" not in pane.content
    assert "<title>Energia Esempio S.p.A. FT 12/A · Panificio Rossi S.r.l. · Fatto</title>" in pane.content.decode()
    assert "HX-Request" in pane["Vary"]
    again = maria.get(url, headers={"HX-Request": "true", "HX-Target": "viewer", "HX-History-Restore-Request": "true"})
    assert b"<html" in again.content
    tab = maria.get(f"{url}?tab=xml", headers={"HX-Request": "true", "HX-Target": "tab"})
    assert b"<html" not in tab.content
    assert b'class="xml"' in tab.content
    assert b"<title>" not in tab.content


def test_the_data_pane_has_the_first_lines_and_says_how_many_follow(
    world: World, login: Login, received: Document, monkeypatch: pytest.MonkeyPatch
):
    url = at(world, f"documents/{received.pk}/?tab=original")
    page = login("maria").get(url).content.decode()
    assert "<dd>FatturaPA</dd>" in page
    assert "Fornitura di energia elettrica" in page[page.index("viewer-data") :]
    monkeypatch.setattr("fatto.portal.web.viewer.LINES", 0)
    assert "and 1 more line" in login("maria").get(url).content.decode()


def test_before_and_after_follow_the_filters(world: World, login: Login, received: Document):
    anna = world.at_firm("anna", "bianchi")
    for day in ("2026-10-07", "2026-10-06"):
        world.hand_in(anna, f"{day}.xml", papers.fatturapa(f"N {day}", day=day))
    middle = world.document(anna, number="N 2026-10-06")
    newest = world.document(anna, number="N 2026-10-07")
    page = login("maria").get(at(world, f"documents/{middle.pk}/")).content.decode()
    assert f'rel="prev" href="{at(world, f"documents/{newest.pk}/")}"' in page
    assert f'rel="next" href="{at(world, f"documents/{received.pk}/")}"' in page
    page = login("maria").get(at(world, f"documents/{middle.pk}/?number=20261007")).content.decode()
    assert f"documents/{received.pk}/" not in page.split("viewer-steps")[1].split("</nav>")[0]


def test_every_face_of_a_document_opens(world: World, login: Login, received: Document):
    maria, url = login("maria"), at(world, f"documents/{received.pk}/")
    assert b"Fornitura di energia elettrica" in maria.get(f"{url}sheet/").content
    assert b"IdTrasmittente" in maria.get(f"{url}xml/").content
    made = maria.get(f"{url}pdf/")
    assert made["Content-Type"] == "application/pdf"
    assert made["X-Frame-Options"] == "SAMEORIGIN"
    assert "FT 12/A" in PdfReader(io.BytesIO(made.content)).pages[0].extract_text()
    decided = maria.get(f"{url}approval-sheet/")
    assert "Panificio Rossi" in PdfReader(io.BytesIO(decided.content)).pages[0].extract_text()
    for tab in ("readable", "xml", "pdf", "approval", "original", "nonsense"):
        assert maria.get(f"{url}?tab={tab}").status_code == 200


def test_the_original_comes_back_byte_for_byte_and_is_never_shown(world: World, login: Login, received: Document):
    answer = login("maria").get(at(world, f"documents/{received.pk}/original/"))
    assert answer.content == DATA
    assert answer["Content-Disposition"] == 'attachment; filename="IT01234567897_1.xml"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Length"] == str(len(DATA))


def test_a_file_name_cannot_break_out_of_its_header(world: World, login: Login):
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, 'fattură "ș"\r\nSet-Cookie: a=b.xml', papers.fatturapa("Q 1"))
    document = world.document(anna, number="Q 1")
    answer = login("maria").get(at(world, f"documents/{document.pk}/original/"))
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''fattur%C4%83%20_")
    assert "\r" not in answer["Content-Disposition"]
    assert "Set-Cookie" not in answer.headers


def test_markup_in_an_invoice_is_shown_as_text(world: World, login: Login):
    anna = world.at_firm("anna", "bianchi")
    evil = "&lt;script&gt;alert(1)&lt;/script&gt;"
    world.hand_in(anna, "evil<img src=x>.xml", papers.fatturapa("E 1", seller=evil, text=evil))
    document = world.document(anna, number="E 1")
    for path in ("documents/", f"documents/{document.pk}/", f"documents/{document.pk}/?tab=xml", "approve/"):
        page = login("maria").get(at(world, path)).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x>" not in page
        assert "script&" in page


def test_a_page_is_never_kept_by_others(world: World, login: Login, received: Document):
    answer = login("maria").get(at(world, f"documents/{received.pk}/"))
    assert answer["Cache-Control"] == "private, no-store"


def test_the_permalink_leads_to_the_company(world: World, login: Login, received: Document):
    for who in ("maria", "anna", "paolo"):
        answer = login(who).get(f"/d/{received.pk}/")
        assert answer["Location"] == at(world, f"documents/{received.pk}/")
    assert login("mihai").get(f"/d/{received.pk}/").status_code == 404


def test_a_lost_original_does_not_hide_what_is_known(world: World, login: Login, received: Document):
    from django.core.files.storage import default_storage

    from fatto.portal.documents import vault

    default_storage.delete(vault.key(received.firm_id, received.file.sha256))
    page = login("maria").get(at(world, f"documents/{received.pk}/")).content.decode()
    assert "This document has no readable page" in page
    assert "122.00" in page


# -- deeds, without script


def test_approving_leads_on_and_can_be_undone(world: World, login: Login, received: Document):
    maria, url = login("maria"), at(world, f"documents/{received.pk}/")
    answer = maria.post(f"{url}approve/", {"next": at(world, "approve/")})
    assert (answer.status_code, answer["Location"]) == (303, at(world, "approve/"))
    assert reload(world, received).approval == "approved"
    page = maria.get(answer["Location"]).content.decode()
    assert "Approved: Energia Esempio" in page
    assert f'action="{url}undo/"' in page
    assert "Approved: Energia Esempio" not in maria.get(at(world, "approve/")).content.decode()
    maria.post(f"{url}undo/")
    assert reload(world, received).approval == "to_approve"


def test_pressing_approve_twice_is_harmless(world: World, login: Login, received: Document):
    maria, url = login("maria"), at(world, f"documents/{received.pk}/approve/")
    assert maria.post(url).status_code == 303
    again = maria.post(url)
    assert again.status_code == 409
    assert 'class="alert alert-action"' in again.content.decode()
    piece = maria.post(url, headers={"HX-Request": "true", "HX-Target": "viewer"})
    assert piece.status_code == 409
    assert piece["HX-Retarget"] == "#notices"
    assert b"<html" not in piece.content


def test_a_dispute_asks_why_and_keeps_what_was_written(world: World, login: Login, received: Document):
    maria, url = login("maria"), at(world, f"documents/{received.pk}/dispute/")
    assert "Goods or services not received" in maria.get(url).content.decode()
    answer = maria.post(url, {"reason": "other", "note": ""})
    assert answer.status_code == 422
    assert 'value="other" required checked' in answer.content.decode()
    answer = maria.post(url, {"reason": "", "note": "qualcosa"})
    assert answer.status_code == 422
    assert "qualcosa</textarea>" in answer.content.decode()
    assert reload(world, received).approval == "to_approve"
    assert maria.post(url, {"reason": "wrong_amount", "note": "Dovevano essere 100"}).status_code == 303
    assert reload(world, received).approval == "disputed"
    page = maria.get(at(world, f"documents/{received.pk}/")).content.decode()
    assert "Dovevano essere 100" in page
    assert "Wrong amount" in page


def test_deciding_in_the_pane_changes_the_line_of_the_list(world: World, login: Login, received: Document):
    world.hand_in(world.at_firm("anna", "bianchi"), "b.xml", papers.fatturapa("FT 13", day="2026-10-01"))
    other = world.document(world.at_firm("anna", "bianchi"), number="FT 13")
    maria, url = login("maria"), at(world, f"documents/{received.pk}/")
    page = maria.get(url).content.decode()
    assert f'name="next" value="{at(world, f"documents/{other.pk}/")}"' in page
    headers = {
        "HX-Request": "true",
        "HX-Target": "viewer",
        "X-List": "follow",
        "HX-Current-URL": f"http://testserver{url}",
    }
    answer = maria.post(f"{url}approve/", {"next": at(world, f"documents/{other.pk}/")}, headers=headers, follow=True)
    text = answer.content.decode()
    assert f'id="row-{received.pk}" hx-swap-oob="true"' in text
    assert f'id="row-{other.pk}" hx-swap-oob="true"' in text
    assert 'id="undo" hx-swap-oob' in text
    assert "FT 13" in text


def test_a_foreign_address_is_not_where_a_deed_leads(world: World, login: Login, received: Document):
    for wanted in ("https://example.com/", "//example.com/", "javascript:alert(1)"):
        url = at(world, f"documents/{received.pk}/approve/")
        login("maria").post(at(world, f"documents/{received.pk}/undo/"))
        answer = login("maria").post(url, {"next": wanted})
        assert answer["Location"] == at(world, f"documents/{received.pk}/")


def test_who_may_only_read_gets_no_buttons_and_is_refused(world: World, login: Login, received: Document):
    sara, url = login("sara"), at(world, f"documents/{received.pk}/")
    assert "approve/" not in sara.get(url).content.decode().split('class="sentence')[1].split("viewer-body")[0]
    assert sara.post(f"{url}approve/").status_code == 403
    assert sara.post(f"{url}book/").status_code == 403
    assert login("anna").post(f"{url}approve/").status_code == 403
    assert reload(world, received).approval == "to_approve"


def test_deeds_need_a_post_and_its_token(world: World, login: Login, received: Document):
    url = at(world, f"documents/{received.pk}/approve/")
    assert login("maria").get(url).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.people["maria"])
    assert strict.post(url).status_code == 403
    assert reload(world, received).approval == "to_approve"


def test_under_a_hard_gate_the_firm_sees_a_number_and_nothing_else(world: World, login: Login, hidden: Document):
    ioana = login("ioana")
    firm = f"/f/{world.firms['dunarea'].slug}/"
    for url in (firm, f"{firm}clients/", f"{firm}documents/", f"{firm}booking/", at(world, "", "brutaria")):
        page = ioana.get(url).content.decode()
        assert "F-77" not in page
        assert "Furnizor Test" not in page
    assert "1 more document waits for its company’s approval" in ioana.get(firm).content.decode()
    assert "1 document waits for the company’s approval" in ioana.get(at(world, "", "brutaria")).content.decode()
    for path in ("", "original/", "pdf/", "xml/", "sheet/", "approval-sheet/"):
        assert ioana.get(at(world, f"documents/{hidden.pk}/{path}", "brutaria")).status_code == 404
    login("mihai").post(at(world, f"documents/{hidden.pk}/approve/", "brutaria"))
    assert "F-77" in ioana.get(f"{firm}documents/").content.decode()


# -- approving on a phone


def test_the_cards_show_who_how_much_and_what_for(world: World, login: Login, received: Document):
    page = login("maria").get(at(world, "approve/")).content.decode()
    card = page.split('class="card decide"')[1]
    assert "Energia Esempio S.p.A." in card
    assert "122.00" in card
    assert "Fornitura di energia elettrica" in card
    assert at(world, f"documents/{received.pk}/approve/") in card
    assert 'name="reason"' in card
    login("maria").post(at(world, f"documents/{received.pk}/approve/"))
    assert "Nothing waits for your approval" in login("maria").get(at(world, "approve/")).content.decode()


# -- booking and the first pages


def test_ticked_documents_are_booked_together_and_taken_back_with_a_reason(
    world: World, login: Login, received: Document
):
    with scope(world.at_company("maria", "rossi")) as maria:
        decide.approve(maria, received)
    anna = login("anna")
    url = f"/f/{world.firms['bianchi'].slug}/booking/"
    page = anna.get(url).content.decode()
    assert f'value="{received.pk}"' in page
    assert "Panificio Rossi" in page
    answer = anna.post(url, {"document": [received.pk, "x", 99999], "next": url})
    assert answer.status_code == 303
    assert reload(world, received).booking == "booked"
    assert "1 document booked." in anna.get(url).content.decode()
    assert anna.post(url, {"document": [received.pk]}).status_code == 303
    assert "It was booked already." in anna.get(url).content.decode()
    booked = anna.get(f"{url}?view=booked").content.decode()
    back = at(world, f"documents/{received.pk}/take-back/")
    assert back in booked
    assert anna.post(back, {"reason": " "}).status_code == 422
    assert anna.post(back, {"reason": "Conto sbagliato"}).status_code == 303
    assert reload(world, received).booking == "to_book"
    assert "Conto sbagliato" in anna.get(at(world, f"documents/{received.pk}/")).content.decode()


def test_a_disputed_document_is_not_booked(world: World, login: Login, received: Document):
    with scope(world.at_company("maria", "rossi")) as maria:
        decide.dispute(maria, received, reason="not_ours")
    answer = login("anna").post(at(world, f"documents/{received.pk}/book/"))
    assert answer.status_code == 409
    assert "The company disputes it." in answer.content.decode()


def test_numbers_of_the_first_pages_lead_to_lists_of_that_length(world: World, login: Login, received: Document):
    firm = f"/f/{world.firms['bianchi'].slug}/"
    page = login("anna").get(firm).content.decode()
    assert f'<a href="{firm}documents/?view=unconfirmed"><strong>1</strong>' in page
    assert login("anna").get(f"{firm}documents/?view=unconfirmed").content.decode().count('class="row"') == 1
    home = login("maria").get(at(world, "")).content.decode()
    assert "1 document to approve" in home
    clients = login("anna").get(f"{firm}clients/?sort=to_approve&words=rossi").content.decode()
    assert "Panificio Rossi" in clients
    assert "Verdi" not in clients.split("<main")[1]


def test_the_gate_is_changed_by_who_may(world: World, login: Login, received: Document):
    url = at(world, "settings/")
    assert login("sara").get(url).status_code == 403
    assert login("maria").post(url, {"gate": "maybe"}).status_code == 422
    assert login("maria").post(url, {"gate": "hard"}).status_code == 303
    assert login("anna").get(at(world, f"documents/{received.pk}/")).status_code == 404


# -- the archive


def test_the_archive_has_a_folder_a_document_and_gives_a_zip(world: World, login: Login, received: Document):
    import zipfile

    with scope(world.at_company("maria", "rossi")) as maria:
        decide.approve(maria, received)
    with scope(world.at_firm("anna", "bianchi")) as anna:
        keep.book(anna, [received])
    client = login("maria")
    assert at(world, "archive/2026/") in client.get(at(world, "archive/")).content.decode()
    assert at(world, "archive/2026/10/") in client.get(at(world, "archive/2026/")).content.decode()
    assert at(world, "archive/2026/10/received/") in client.get(at(world, "archive/2026/10/")).content.decode()
    folder = "2026-10-05_Energia Esempio S.p.A._FT 12-A"
    assert folder in client.get(at(world, "archive/2026/10/received/")).content.decode()
    for path in ("2026/", "2026/10/", "2026/10/received/"):
        answer = client.get(at(world, f"archive/zip/{path}"))
        assert answer["Content-Type"] == "application/zip"
        with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as kept:
            names = kept.namelist()
            assert kept.read(f"2026/10/received/{folder}/IT01234567897_1.xml") == DATA
            assert f"2026/10/received/{folder}/approval-sheet.pdf" in names
    for path in ("archive/2025/", "archive/2026/13/", "archive/2026/10/nonsense/", "archive/zip/2025/"):
        assert client.get(at(world, path)).status_code == 404
    assert login("elena").get(at(world, "archive/")).status_code == 403


def test_what_is_not_approved_yet_has_a_tab_of_its_own_at_booking(world: World, login):
    world.hand_in(world.at_firm("anna", "bianchi"), "a.xml", papers.fatturapa("77/W"))
    page = f"/f/{world.firms['bianchi'].slug}/booking/"
    client = login("anna")
    assert "77/W" not in client.get(page).content.decode()
    assert "77/W" in client.get(f"{page}?view=unconfirmed").content.decode()

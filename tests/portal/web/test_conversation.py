"""The pages of what people say and note: with htmx and without script, safe, and only for who may."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.conversation import actions
from fatto.portal.conversation.models import Comment
from fatto.portal.documents.models import Document
from fatto.portal.tenancy.scope import scope
from fatto.portal.web import texts

Login = Callable[[str], Client]
LINK = "https://example.org/a?b=1&amp;c=2"
REL = 'target="_blank" rel="noopener noreferrer nofollow"'


@pytest.fixture
def received(world: World) -> Document:
    world.hand_in(world.at_firm("anna", "bianchi"), "a.xml", papers.fatturapa("FT 12/A"))
    return world.document(world.at_company("maria", "rossi"), number="FT 12/A")


def at(document: Document, name: str = "", **more: int) -> str:
    kwargs = {"company": document.company.slug, "pk": document.pk, **more}
    return reverse(f"document-{name}" if name else "document", kwargs=kwargs)


def only(world: World, who: str = "maria") -> Comment:
    with scope(world.at_company(who, "rossi")):
        return Comment.objects.get()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a <b> & c\nd", "a &lt;b&gt; &amp; c<br>d"),
        ("see https://example.org/a?b=1&c=2.", f'see <a href="{LINK}" {REL}>{LINK}</a>.'),
        ("javascript:alert(1) data:text/html,x", "javascript:alert(1) data:text/html,x"),
        ('https://x.example/"on="1', f'<a href="https://x.example/" {REL}>https://x.example/</a>&quot;on=&quot;1'),
        ("@Maria <3", '<span class="mention">@Maria</span> &lt;3'),
    ],
)
def test_a_text_is_shown_as_text_with_links_that_lead_outside(text: str, html: str):
    assert texts.said(text, ["Maria"]) == html


def test_a_question_is_asked_shown_and_answered_without_script(world: World, login: Login, received: Document):
    paolo, maria = login("paolo"), login("maria")
    answer = paolo.post(at(received, "ask"), {"text": "Per <quale> reparto?", "to": "company", "once": "x"})
    assert (answer.status_code, answer["Location"]) == (303, at(received))
    page = maria.get(at(received)).content.decode()
    assert "Question open" in page
    assert "Per &lt;quale&gt; reparto?" in page
    question = only(world)
    assert 'action="' + at(received, "answer", comment=question.pk) in page
    assert at(received, "answer", comment=question.pk) in paolo.get(at(received)).content.decode(), (
        "who asked may end it"
    )
    assert at(received, "answer", comment=question.pk) not in login("anna").get(at(received)).content.decode()
    assert "Question open" in maria.get(f"{at(received)[: -len(f'{received.pk}/')]}?ask=is:question").content.decode()
    maria.post(at(received, "answer", comment=question.pk), {"text": "Il forno", "once": "y"})
    page = maria.get(at(received)).content.decode()
    assert "Question open" not in page
    assert "Il forno" in page


def test_a_form_that_is_sent_twice_says_it_once(world: World, login: Login, received: Document):
    maria = login("maria")
    for _ in range(2):
        assert maria.post(at(received, "comment"), {"text": "Pagata", "once": "x"}).status_code == 303
    assert only(world).text == "Pagata"


def test_htmx_gets_the_conversation_the_chips_and_the_line_of_the_list(world: World, login: Login, received: Document):
    paolo = login("paolo")
    paolo.post(at(received, "ask"), {"text": "Quale?", "to": "company"})
    piece = paolo.get(at(received), headers={"HX-Request": "true", "HX-Target": "conversation"}).content.decode()
    assert piece.lstrip().startswith('<section class="card stack" id="conversation">')
    for part in ('id="questions"', 'id="viewer-chips"', f'id="row-{received.pk}" hx-swap-oob="true"'):
        assert part in piece
    notes = paolo.get(at(received), headers={"HX-Request": "true", "HX-Target": "notes"}).content.decode()
    assert notes.lstrip().startswith('<section class="card stack stack-tight" id="notes">')


def test_an_empty_comment_is_refused_in_place(world: World, login: Login, received: Document):
    answer = login("maria").post(at(received, "comment"), {"text": " "}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert answer["HX-Retarget"] == "#notices"


def test_a_comment_is_withdrawn_and_its_words_are_gone(world: World, login: Login, received: Document):
    maria = login("maria")
    maria.post(at(received, "comment"), {"text": "Sbagliato"})
    url = at(received, "comment-withdraw", comment=only(world).pk)
    assert url in maria.get(at(received)).content.decode()
    assert url not in login("anna").get(at(received)).content.decode()
    assert maria.post(url).status_code == 303
    page = maria.get(at(received)).content.decode()
    assert "Sbagliato" not in page
    assert "Withdrawn by its author." in page


def test_names_offered_are_those_who_see_the_document(world: World, login: Login, received: Document):
    page = login("maria").get(at(received)).content.decode()
    assert 'data-mentions="Anna\nPaolo\nSara"' in page


def test_an_auditor_sees_what_was_said_and_no_form(world: World, login: Login, received: Document):
    login("maria").post(at(received, "comment"), {"text": "Pagata"})
    sara = login("sara")
    page = sara.get(at(received)).content.decode()
    assert "Pagata" in page
    for name in ("comment", "ask", "tags", "center", "relate"):
        assert at(received, name) not in page
        assert sara.post(at(received, name), {"text": "x", "to": "company", "add": "x"}).status_code == 403
    assert only(world).text == "Pagata"


def test_tags_are_added_found_and_removed(world: World, login: Login, received: Document):
    maria = login("maria")
    maria.post(at(received, "tags"), {"add": "auto, Sede <Roma>"})
    desk = f"/c/{received.company.slug}/documents/"
    page = maria.get(at(received)).content.decode()
    assert "Sede &lt;Roma&gt;" in page
    assert "FT 12/A" in maria.get(f"{desk}?ask=tag:auto").content.decode()
    assert maria.get(f"{desk}suggest/?ask=tag:se").content.decode().count("Sede &lt;Roma&gt;") > 0
    maria.post(at(received, "tags"), {"remove": "auto"})
    assert "FT 12/A" not in maria.get(f"{desk}?ask=tag:auto").content.decode()


def test_cost_centres_are_kept_in_the_settings_and_chosen_on_a_document(world: World, login: Login, received: Document):
    maria = login("maria")
    centers = reverse("company-centers", kwargs={"company": received.company.slug})
    assert maria.post(centers, {"code": "RM1", "name": "Roma", "active": "1"}).status_code == 303
    assert "RM1 · Roma" in maria.get(at(received)).content.decode()
    assert maria.post(at(received, "center"), {"center": "RM1"}).status_code == 303
    assert "FT 12/A" in maria.get(f"/c/{received.company.slug}/documents/?ask=center:roma").content.decode()
    assert login("paolo").get(centers).status_code == 403


def test_a_document_is_looked_for_and_put_beside_another(world: World, login: Login, received: Document):
    maria = login("maria")
    world.hand_in(world.at_company("maria", "rossi"), "b.xml", papers.fatturapa("FT 99"))
    other = world.document(world.at_company("maria", "rossi"), number="FT 99")
    page = maria.get(at(received, "relate"), {"ask": "nr:99"}).content.decode()
    assert f'name="other" value="{other.pk}"' in page
    assert maria.post(at(received, "relate"), {"other": other.pk}).status_code == 303
    assert "Put together by hand" in maria.get(at(other)).content.decode()
    maria.post(at(received, "relate"), {"other": other.pk, "remove": "1"})
    assert "Put together by hand" not in maria.get(at(other)).content.decode()
    assert maria.post(at(received, "relate"), {"other": "x"}).status_code == 404


def test_a_line_is_bold_until_the_document_is_opened(world: World, login: Login, received: Document):
    maria, desk = login("maria"), f"/c/{received.company.slug}/documents/"
    assert "data-unread" in maria.get(desk).content.decode()
    pane = maria.get(at(received), headers={"HX-Request": "true", "HX-Target": "viewer"}).content.decode()
    assert f'id="row-{received.pk}" hx-swap-oob="true"' in pane, "the line in the list follows"
    assert "data-unread" not in pane
    assert "data-unread" not in maria.get(desk).content.decode()
    anna = login("anna")
    assert "data-unread" in anna.get(desk).content.decode()
    firm = reverse("firm-documents-read", kwargs={"firm": world.firms["bianchi"].slug})
    assert anna.post(firm).status_code == 303
    assert "data-unread" not in anna.get(desk).content.decode()


def test_a_document_opens_with_few_queries_however_much_was_said(world: World, login: Login, received: Document):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    maria, client = world.at_company("maria", "rossi"), login("maria")
    with scope(maria):
        actions.comment(maria, received, text="1")
    client.get(at(received))
    with CaptureQueriesContext(connection) as few:
        client.get(at(received))
    with scope(maria):
        for n in range(20):
            actions.comment(maria, received, text=f"@Paolo {n}")
    with CaptureQueriesContext(connection) as many:
        client.get(at(received))
    assert len(many) == len(few)

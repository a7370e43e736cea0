"""What the official rules say, on the pages: at its place, in the XML, as a table of issued invoices, in lists."""

from __future__ import annotations

from collections.abc import Callable
from unittest import mock
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents import verdicts
from fatto.portal.flow import arrive, recheck
from fatto.portal.tenancy.scope import scope
from fatto.portal.web import judging, xml

Login = Callable[[str], Client]
MINE = {"seller": "Brutăria Dunării SRL", "seller_id": "RO12345674", "buyer": "Cofetăria Mică SRL"}
ISSUED = {
    "green.xml": papers.ubl("V-1", **MINE, buyer_id="RO14399840"),
    "amber.xml": papers.says_too_much(papers.ubl("V-2", **MINE, buyer_id="RO14399840")),
    "red.xml": papers.adds_up_wrong(papers.ubl("V-3", **MINE, buyer_id="RO14399840")),
}


def at(world: World, path: str = "", company: str = "brutaria") -> str:
    return f"/c/{world.companies[company].slug}/{path}"


def text(client: Client, url: str, **headers: str) -> str:
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


@pytest.fixture
def received(world: World) -> str:
    """A received invoice that adds up wrong; its page."""
    mihai = world.at_company("mihai", "brutaria")
    world.hand_in(mihai, "wrong.xml", papers.adds_up_wrong(papers.ubl("F-1")))
    return at(world, f"documents/{world.document(mihai).pk}/")


@pytest.fixture
def batch(world: World) -> str:
    """Three issued invoices and a received one, handed in together; their page."""
    mihai = world.at_company("mihai", "brutaria")
    number = uuid4()
    for name, data in {**ISSUED, "in.xml": papers.ubl("R-1")}.items():
        delivery = arrive.receive(mihai, name, [data], number)
        arrive.process(mihai.firm, delivery.pk)
    return at(world, f"upload/{number}/")


def test_findings_stand_beside_what_they_speak_of(world: World, login: Login, received: str):
    page = text(login("mihai"), received)
    assert "2 errors" in page
    assert "CIUS-RO" in page
    assert "1.0.9" in page
    amounts = page[page.index("<h2>Amounts") : page.index("<h2>Parties")]
    assert "BR-CO-10" in amounts
    assert 'href="' in amounts
    assert "#at-1" in amounts
    assert "ANAF will accept" not in page


def test_a_received_document_with_errors_can_be_approved_all_the_same(world: World, login: Login, received: str):
    mihai = login("mihai")
    assert "For your information" in text(mihai, received)
    assert mihai.post(f"{received}approve/", {"next": received}).status_code in (302, 303)
    with scope(world.at_company("mihai", "brutaria")):
        assert world.document(world.at_company("mihai", "brutaria")).approval == "approved"


def test_what_is_right_says_only_that_nothing_was_found_and_what_was_not_looked_at(world: World, login: Login):
    mihai = world.at_company("mihai", "brutaria")
    world.hand_in(mihai, "right.xml", papers.ubl("F-1"))
    page = text(login("mihai"), at(world, f"documents/{world.document(mihai).pk}/"))
    assert "Nothing found by the checks that can be made here" in page
    assert "What only the authority can check" in page


def test_the_xml_is_marked_where_a_finding_is_and_leads_back_to_it(world: World, login: Login, received: str):
    page = text(login("mihai"), f"{received}?tab=xml")
    assert 'id="at-1"' in page
    assert 'href="#finding-1"' in page
    row = next(line for line in page.splitlines() if 'id="at-1"' in line)
    assert "xml-mark-action" in row
    assert "LegalMonetaryTotal" in row
    alone = text(login("mihai"), f"{received}xml/")
    assert f'href="{received}#finding-1"' in alone


def test_marks_find_their_lines_in_indented_xml_and_nothing_of_the_document_is_let_through():
    data = b'<a xmlns="urn:x"><b>1</b><b>2<c>x</c></b></a>'
    marks = [
        xml.Mark(n=1, path="/{urn:x}a/{urn:x}b[2]/{urn:x}c", tone="action", text="<script>"),
        xml.Mark(n=2, path="/{urn:x}a/{urn:x}nothing", tone="action", text="nowhere"),
        xml.Mark(n=3, path="", tone="action", text="nowhere"),
    ]
    html = xml.highlighted(data, marks)
    assert html.count("<mark") == 1
    assert "<script>" not in html
    assert "nowhere" not in html


def test_issued_invoices_stand_in_a_table_the_worst_first(world: World, login: Login, batch: str):
    page = text(login("mihai"), batch)
    table = page[page.index('id="issued"') :]
    table = table[: table.index("</table>")]
    order = [table.index(f">V-{n}<") for n in (3, 2, 1)]
    assert order == sorted(order)
    assert "R-1" not in table
    assert "Cofetăria Mică SRL" not in table or "Furnizor" not in table
    for tone in ("action", "waiting", "done"):
        assert f"chip-{tone}" in table
    assert "Adding files sends nothing" in page
    listed = page[page.index("batch-list") :]
    assert "red.xml" not in listed, "not listed twice"
    assert "in.xml" in listed


def test_the_table_shows_those_with_errors_alone(world: World, login: Login, batch: str):
    page = text(login("mihai"), f"{batch}?verdict=failed")
    assert ">V-3<" in page
    assert ">V-1<" not in page
    assert text(login("mihai"), f"{batch}?verdict=nonsense&page=x")


def test_the_tray_counts_what_was_found(world: World, login: Login, batch: str):
    corner = text(login("mihai"), f"{batch}?tray=1")
    assert f"{batch}?verdict=failed" in corner


def test_a_long_table_goes_on(world: World, login: Login, batch: str):
    with mock.patch.object(judging, "SIZE", 2):
        first = text(login("mihai"), batch)
        assert "page=2" in first
        assert ">V-1<" not in first
        assert ">V-1<" in text(login("mihai"), f"{batch}?page=2")


def test_lists_are_limited_to_what_is_not_valid_in_three_languages(world: World, login: Login, batch: str):
    mihai = login("mihai")
    for ask in ("is:invalid", "stato:non-valida", "stare:invalidă", "is:invalida", "controllo:errori", "check:errors"):
        page = text(mihai, f"{at(world, 'documents/')}?ask={ask}")
        assert "V-3" in page, ask
        assert "V-1" not in page, ask
    assert "view=invalid" in text(mihai, at(world, "documents/"))
    assert "Official check" in text(mihai, f"{at(world, 'documents/')}?ask=check:warnings")


def test_tables_to_take_along_say_it_too(world: World, login: Login, batch: str):
    url = reverse("company-documents-csv", kwargs={"company": world.companies["brutaria"].slug})
    answer = login("mihai").get(f"{url}?ask=is:invalid")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert "Official check" in lines[0]
    assert len(lines) == 2
    assert "Errors" in lines[1]


# -- the firm's page ------------------------------------------------------------------------------------------------


def test_the_owner_of_the_firm_sees_how_far_the_archive_is_judged(world: World, login: Login, received: str):
    url = f"/f/{world.firms['dunarea'].slug}/settings/checks/"
    page = text(login("ioana"), url)
    assert "1.0.9" in page
    assert "They are judged by these rules soon" in page
    with mock.patch.object(verdicts, "edition", return_value="another"):
        recheck.look(world.firms["dunarea"])
        page = text(login("ioana"), url)
        assert "Judged again: 0 of 1." in page
        piece = text(login("ioana"), url, **{"HX-Request": "true", "HX-Target": "progress"})
        assert "<html" not in piece
        with scope(world.at_firm("ioana", "dunarea")):
            row = recheck.progress()
        assert row is not None
        recheck.failed(world.firms["dunarea"], row.pk)
        assert "It stopped by an error of ours" in text(login("ioana"), url)
        assert login("ioana").post(url).status_code == 303
        assert "It stopped by an error of ours" not in text(login("ioana"), url)
        recheck.work(world.firms["dunarea"], row.pk)
        assert "Judged again: 1," in text(login("ioana"), url)


def test_an_accountant_has_no_business_there(world: World, login: Login):
    assert login("paolo").get(f"/f/{world.firms['bianchi'].slug}/settings/checks/").status_code == 403

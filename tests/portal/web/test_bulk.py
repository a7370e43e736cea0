"""Many documents together on the pages: choosing, the summary with its numbers, doing it, taking it back, files."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable

import pytest
from django.test import Client
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents.models import Batch, Document
from fatto.portal.flow import bulk, decide
from fatto.portal.tenancy.scope import scope

Login = Callable[[str], Client]


@pytest.fixture
def filed(world: World) -> World:
    """Sixty invoices that Rossi received; one needs a second look, one is approved already."""
    members = {f"{n}.xml": papers.fatturapa(f"N {n}") for n in range(1, 61)}
    world.hand_in(world.at_firm("anna", "bianchi"), "a.zip", papers.zipped(members))
    with scope(world.at_company("maria", "rossi")) as maria:
        Document.objects.filter(number="N 1").update(alerts=["iban"])
        decide.approve(maria, Document.objects.get(number="N 2"))
    return world


def at(world: World, path: str = "documents/") -> str:
    return f"/c/{world.companies['rossi'].slug}/{path}"


def pks(world: World, *numbers: str) -> list[int]:
    with scope(world.at_company("maria", "rossi")):
        return list(Document.objects.filter(number__in=numbers).values_list("pk", flat=True))


def approved(world: World) -> int:
    with scope(world.at_company("maria", "rossi")):
        return Document.objects.filter(approval="approved").count()


def choose(client: Client, world: World, do: str = "approve", **fields: object) -> tuple[str, str]:
    """Press a button of the bar; gives the summary's address and page."""
    answer = client.post(at(world, "documents/bulk/"), {"do": do, **fields})
    assert answer.status_code == 303, answer.content.decode()
    return answer["Location"], client.get(answer["Location"]).content.decode()


def test_the_bar_offers_what_each_role_may(filed: World, login: Login):
    offered = {
        who: re.findall(r'name="do" value="(\w+)"', login(who).get(at(filed)).content.decode())
        for who in ("maria", "anna", "sara")
    }
    assert offered == {
        "maria": ["approve", "dispute", "zip", "xlsx", "csv"],
        "anna": ["book", "zip", "xlsx", "csv"],
        "sara": ["zip", "xlsx", "csv"],
    }


def test_the_number_of_the_whole_list_is_exact(filed: World, login: Login):
    maria = login("maria")
    page = maria.get(f"{at(filed)}?view=to-approve").content.decode()
    (url,) = re.findall(r'data-count="([^"]+)"', page)
    assert "Choose all 59 of this list" in maria.get(url.replace("&amp;", "&")).content.decode()
    short = maria.get(f"{at(filed)}?ask=nr:N7").content.decode()
    assert "data-count" not in short, "on one page there is nothing beyond it"


def test_ticked_documents_are_approved_after_the_summary_and_taken_back(filed: World, login: Login):
    maria = login("maria")
    url, page = choose(maria, filed, document=pks(filed, "N 1", "N 2", "N 3", "N 4"))
    assert "2 will be approved" in page
    assert "2 left out" in page
    assert "1 needs a second look" in page
    assert "1 is approved already" in page
    assert approved(filed) == 1, "looking at the summary changes nothing"
    answer = maria.post(url, {"do": "start", "next": at(filed)})
    assert (answer.status_code, answer["Location"]) == (303, at(filed))
    assert approved(filed) == 3
    shown = maria.get(at(filed)).content.decode()
    assert "2 approved, 2 left out" in shown
    assert "2 approved, 2 left out" not in maria.get(at(filed)).content.decode(), "it is told once"
    report = url.split("?")[0]
    assert "2 approved" in maria.get(report).content.decode()
    assert maria.post(report, {"do": "start"}).status_code == 409
    maria.post(report, {"do": "undo"})
    assert approved(filed) == 1
    assert "2 taken back" in maria.get(report).content.decode()
    assert at(filed, "documents/bulk/") in shown
    assert "2 taken back" in maria.get(at(filed, "documents/bulk/")).content.decode()


def test_the_whole_list_is_what_the_address_shows_and_is_done_by_a_job(filed: World, login: Login):
    maria = login("maria")
    url, page = choose(maria, filed, all="1", query="view=to-approve", document=pks(filed, "N 3"))
    assert "58 will be approved" in page
    maria.post(url, {"do": "start", "next": at(filed)})
    assert approved(filed) == 1, "more than a few are done in the background"
    corner = maria.get(at(filed)).content.decode()
    assert "1 of 59 documents done" in corner, "the one left out needs no work"
    bulk.work(filed.firms["bianchi"], _last(filed))
    assert approved(filed) == 59
    assert "58 approved, 1 left out" in maria.get(f"{url.split('?')[0]}?corner=1").content.decode()


def _last(world: World) -> int:
    with scope(world.at_company("maria", "rossi")):
        return int(Batch.objects.latest("pk").pk)


def test_left_out_documents_are_listed_with_their_reason_and_linked(filed: World, login: Login):
    maria = login("maria")
    url, _ = choose(maria, filed, all="1", query="")
    page = maria.get(f"{url.split('?')[0]}?outcome=skipped&why=alerts").content.decode()
    (pk,) = pks(filed, "N 1")
    assert f'href="{at(filed)}{pk}/"' in page
    assert "It needs a second look" in page
    assert f"{at(filed)}{pks(filed, 'N 2')[0]}/" not in page


def test_a_dispute_asks_why_on_the_summary(filed: World, login: Login):
    maria = login("maria")
    url, page = choose(maria, filed, do="dispute", document=pks(filed, "N 3"))
    assert 'name="reason"' in page
    answer = maria.post(url, {"do": "start", "reason": "other"})
    assert answer.status_code == 422
    assert "alone does not help" in answer.content.decode()
    assert maria.post(url, {"do": "start", "reason": "not_ours"}).status_code == 303


def test_nothing_ticked_is_said_in_a_sentence(filed: World, login: Login):
    answer = login("maria").post(at(filed, "documents/bulk/"), {"do": "approve"})
    assert answer.status_code == 422
    assert "Choose at least one document." in answer.content.decode()


def test_ticked_documents_are_taken_along(filed: World, login: Login):
    maria = login("maria")
    some = pks(filed, "N 3", "N 4")
    answer = maria.post(at(filed, "documents/bulk/"), {"do": "zip", "document": some})
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert sorted(archive.namelist()) == ["3.xml", "4.xml"]
        assert archive.read("3.xml") == papers.fatturapa("N 3")
    answer = maria.post(at(filed, "documents/bulk/"), {"do": "csv", "document": some})
    table = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert sorted(row["Number"] for row in csv.DictReader(io.StringIO(table))) == ["N 3", "N 4"]
    answer = maria.post(at(filed, "documents/bulk/"), {"do": "zip", "all": "1", "query": "view=to-approve"})
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert len(archive.namelist()) == 59


def test_a_foreign_document_is_not_among_the_ticked(filed: World, login: Login):
    anna = filed.at_firm("anna", "bianchi")
    filed.hand_in(anna, "v.xml", papers.fatturapa("V 1", buyer="Verdi Impianti S.r.l.", buyer_id="00743110157"))
    foreign = filed.document(anna, number="V 1")
    _, page = choose(login("maria"), filed, document=[foreign.pk, *pks(filed, "N 3")])
    assert "1 will be approved" in page
    assert "V 1" not in page


def test_to_approve_has_the_bar_too(filed: World, login: Login):
    page = login("maria").get(at(filed, "approve/")).content.decode()
    assert page.count('name="document"') == 20
    assert 'name="query" value="view=mine&amp;sort=date"' in page


# -- lists as each person likes them


def test_columns_density_and_table_are_remembered_and_files_have_the_same_columns(filed: World, login: Login):
    maria = login("maria")
    wanted = {"layout": "table", "density": "dense", "columns": ["amount", "party_id", "party"], "next": at(filed)}
    assert maria.post("/me/lists/", wanted)["Location"] == at(filed)
    page = maria.get(at(filed)).content.decode()
    assert 'class="desk desk-table desk-dense"' in page
    heads = re.findall(r'<th scope="col"[^>]*>(?:<a [^>]*>)?([^<]+)', page)
    assert heads == ["Party", "Tax number", "Amount"]
    table = b"".join(maria.get(at(filed, "documents/list.csv")).streaming_content).decode("utf-8-sig")
    assert table.splitlines()[0] == "Party,Tax number,Amount,Currency"
    assert 'class="desk"' in login("sara").get(at(filed)).content.decode(), "each person has its own"
    maria.post("/me/lists/", {"usual": "1"})
    assert 'class="desk"' in maria.get(at(filed)).content.decode()


def test_a_table_is_ordered_by_its_heads(filed: World, login: Login):
    anna = filed.at_firm("anna", "bianchi")
    filed.hand_in(anna, "z.xml", papers.fatturapa("Z 1", seller="Acqua Chiara S.r.l.", seller_id="02345678901"))
    maria = login("maria")
    maria.post("/me/lists/", {"layout": "table"})
    for sort, first in (("party", "Acqua Chiara"), ("-party", "Energia Esempio")):
        page = maria.get(f"{at(filed)}?sort={sort}").content.decode()
        body = page.split("<tbody>")[1]
        assert first in body.split("</tr>")[0]
        assert "aria-sort" in page
    for sort in ("due", "-due", "received", "party", "-party"):
        after = re.findall(r'rel="next" href="([^"]+)"', maria.get(f"{at(filed)}?sort={sort}").content.decode())
        (url,) = {each.replace("&amp;", "&") for each in after}
        assert maria.get(url).content.decode().count("data-row") == 11, sort


def test_nonsense_among_preferences_shows_the_usual_list(filed: World, login: Login):
    member = filed.people["maria"]
    for nonsense in ({"desk": 3}, {"desk": {"columns": "x", "table": "yes"}}, []):
        member.preferences = nonsense
        member.save(update_fields=["preferences"])
        assert login("maria").get(at(filed)).status_code == 200


def test_what_is_fetched_beforehand_takes_no_undo_away(filed: World, login: Login):
    maria = login("maria")
    one, other = pks(filed, "N 3"), pks(filed, "N 4")
    maria.post(at(filed, f"documents/{one[0]}/approve/"), {"next": at(filed)})
    pane = {"HX-Request": "true", "HX-Target": "viewer"}
    url = at(filed, f"documents/{other[0]}/")
    assert "data-undo" not in maria.get(url, headers={**pane, "X-Prefetch": "1"}).content.decode()
    assert "data-undo" in maria.get(at(filed)).content.decode()

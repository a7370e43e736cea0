"""Documents through the API: the same rules as on the pages."""

from __future__ import annotations

import pytest
from tests.portal import papers
from tests.portal.api.test_tokens import kind
from tests.portal.world import World

from fatto.portal.approvals import queries as approvals
from fatto.portal.documents import queries
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.scope import scope


@pytest.fixture
def invoice(world: World):
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "IT01234567897_1.xml", papers.fatturapa("FT 12/A"))
    return world.document(maria)


def test_a_list_is_filtered_and_goes_on_with_its_cursor(world: World, program):
    maria = world.at_company("maria", "rossi")
    members = {f"{n}.xml": papers.fatturapa(f"N-{n}", day=f"2026-10-{n + 10}") for n in range(5)}
    world.hand_in(maria, "a.zip", papers.zipped(members))
    robot = program("maria", company="rossi")
    first = robot.get("/documents", size=2).json()
    assert [each["number"] for each in first["documents"]] == ["N-4", "N-3"]
    second = robot.get("/documents", size=2, cursor=first["next"]).json()
    assert [each["number"] for each in second["documents"]] == ["N-2", "N-1"]
    back = robot.get("/documents", size=2, cursor=second["previous"]).json()
    assert back["documents"] == first["documents"]
    found = robot.get("/documents", number="N-3", view="to-approve", direction="received").json()["documents"]
    assert [each["number"] for each in found] == ["N-3"]
    assert found[0]["amount"] == "122.00"
    assert found[0]["party"] == {"name": "Energia Esempio S.p.A.", "tax_id": found[0]["party"]["tax_id"]}
    assert robot.get("/documents", amount_min="500").json()["documents"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"size": 0},
        {"size": 201},
        {"view": "yours"},
        {"date_from": "yesterday"},
        {"words": "a\x00b"},
        {"amount_min": "NaN"},
        {"sort": "colour"},
        {"cursor": "%%%"},
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_by_name(world: World, program, query):
    answer = program("maria", company="rossi").get("/documents", **query)
    assert answer.status_code == 422
    assert kind(answer) == "not-valid"
    assert next(iter(query)) in answer.json()["errors"][0]["where"]


@pytest.mark.parametrize("cursor", ["W2ZhbHNlLCJOYU4iLDFd", "W10", "x", "WzEsMl0"])
def test_a_made_up_cursor_does_no_harm(world: World, program, invoice, cursor: str):
    assert program("maria", company="rossi").get("/documents", cursor=cursor, sort="amount").status_code == 200


def test_one_document_says_what_was_read_and_who_decided(world: World, program, invoice):
    robot = program("maria", company="rossi", name="Gestionale")
    assert robot.post(f"/documents/{invoice.pk}/approve", {"note": "as ordered"}).status_code == 200
    told = robot.get(f"/documents/{invoice.pk}").json()
    assert told["approval"] == "approved"
    assert told["invoice"]["number"] == "FT 12/A"
    assert told["sha256"] == invoice.file.sha256
    (decision,) = told["decisions"]
    assert (decision["verdict"], decision["note"], decision["by"]) == ("approved", "as ordered", "Gestionale")
    with scope(world.at_company("maria", "rossi")):
        assert approvals.last(invoice).by is None
        deed = trail.of_document(invoice.company_id, invoice.pk)[-1]
    assert (deed.verb, deed.by_name, deed.by_kind, deed.side) == ("approved", "Gestionale", "api", "company")


def test_the_original_comes_byte_for_byte_and_only_once(world: World, program, invoice):
    robot = program("maria", company="rossi")
    answer = robot.get(f"/documents/{invoice.pk}/original")
    assert b"".join(answer.streaming_content) == papers.fatturapa("FT 12/A")
    assert answer["ETag"] == f'"{invoice.file.sha256}"'
    assert 'filename="IT01234567897_1.xml"' in answer["Content-Disposition"]
    again = robot.get(f"/documents/{invoice.pk}/original", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    assert again["ETag"] == answer["ETag"]


def test_xml_pdf_and_approval_sheet_are_files(world: World, program, invoice):
    robot = program("maria", company="rossi")
    assert robot.get(f"/documents/{invoice.pk}/xml").content == papers.fatturapa("FT 12/A")
    for face in ("pdf", "approval-sheet"):
        answer = robot.get(f"/documents/{invoice.pk}/{face}")
        assert answer.content.startswith(b"%PDF-"), face
        assert answer["Content-Type"] == "application/pdf"


def test_a_picture_has_neither_xml_nor_pdf(world: World, program):
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "scan.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 32)
    document, robot = world.document(maria), program("maria", company="rossi")
    assert kind(robot.get(f"/documents/{document.pk}/xml")) == "no-invoice"
    assert kind(robot.get(f"/documents/{document.pk}/pdf")) == "no-pdf"


def test_dispute_asks_for_a_reason_and_undo_takes_it_back(world: World, program, invoice):
    robot = program("maria", company="rossi")
    assert robot.post(f"/documents/{invoice.pk}/dispute", {}).status_code == 422
    other = robot.post(f"/documents/{invoice.pk}/dispute", {"reason": "other"})
    assert (other.status_code, kind(other)) == (422, "note-missing")
    assert robot.post(f"/documents/{invoice.pk}/dispute", {"reason": "not_ours"}).json()["approval"] == "disputed"
    firm = program("anna", firm="bianchi")
    refused = firm.post(f"/documents/{invoice.pk}/book")
    assert (refused.status_code, kind(refused)) == (409, "not-bookable")
    assert robot.post(f"/documents/{invoice.pk}/undo").json()["approval"] == "to_approve"
    again = robot.post(f"/documents/{invoice.pk}/undo")
    assert (again.status_code, kind(again)) == (409, "changed-meanwhile")


def test_a_firms_token_books_and_takes_back(world: World, program, invoice):
    firm, company = program("anna", firm="bianchi", name="Contabilità"), program("maria", company="rossi")
    assert firm.post(f"/documents/{invoice.pk}/book").json()["booking"] == "booked"
    late = company.post(f"/documents/{invoice.pk}/approve")
    assert (late.status_code, kind(late)) == (409, "already-booked")
    assert firm.post(f"/documents/{invoice.pk}/take-back", {"reason": ""}).status_code == 422
    assert firm.post(f"/documents/{invoice.pk}/take-back", {"reason": "wrong year"}).json()["booking"] == "to_book"
    with scope(world.at_firm("anna", "bianchi")):
        assert [d.by_name for d in trail.of_document(invoice.company_id, invoice.pk)][1:] == ["Contabilità"] * 2


def test_a_firms_token_cannot_decide_nor_a_companys_book(world: World, program, invoice):
    assert program("anna", firm="bianchi").post(f"/documents/{invoice.pk}/approve").status_code == 403
    assert program("maria", company="rossi").post(f"/documents/{invoice.pk}/book").status_code == 403


def test_a_stranger_finds_nothing_by_any_address(world: World, program, invoice):
    before = world.document(world.at_company("maria", "rossi"))
    for stranger in (program("luca", company="verdi"), program("ioana", firm="dunarea")):
        assert stranger.get("/documents").json()["documents"] == []
        assert stranger.get("/documents", company=world.companies["rossi"].slug).json()["documents"] == []
        for face in ("", "/original", "/xml", "/pdf", "/approval-sheet"):
            answer = stranger.get(f"/documents/{invoice.pk}{face}")
            assert (answer.status_code, kind(answer)) == (404, "not-found"), face
    luca, ioana = program("luca", company="verdi"), program("ioana", firm="dunarea")
    for deed, body in (("approve", None), ("undo", None), ("dispute", {"reason": "not_ours"})):
        assert luca.post(f"/documents/{invoice.pk}/{deed}", body).status_code == 404
    for deed, body in (("book", None), ("take-back", {"reason": "x"})):
        assert ioana.post(f"/documents/{invoice.pk}/{deed}", body).status_code == 404
    after = world.document(world.at_company("maria", "rossi"))
    assert (after.approval, after.booking) == (before.approval, before.booking)


def test_a_token_of_one_company_does_not_see_another_of_the_same_firm(world: World, program):
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "v.xml", papers.fatturapa("V-1", buyer="Verdi Impianti S.r.l.", buyer_id="00743110157"))
    foreign = world.document(anna)
    visitor = program("anna", company="rossi")
    assert visitor.get("/token").json()["side"] == "firm"
    assert visitor.get(f"/documents/{foreign.pk}").status_code == 404
    assert visitor.get("/documents", company=world.companies["verdi"].slug).json()["documents"] == []
    assert [each["slug"] for each in visitor.get("/companies").json()["companies"]] == [world.companies["rossi"].slug]
    assert program("anna", firm="bianchi").get(f"/documents/{foreign.pk}").status_code == 200


def test_under_a_hard_gate_a_firms_token_sees_nothing_before_the_companys_yes(world: World, program):
    mihai = world.at_company("mihai", "brutaria")
    world.hand_in(mihai, "a.xml", papers.ubl())
    document = world.document(mihai)
    company = program("mihai", company="brutaria")
    for firm in (program("ioana", firm="dunarea"), program("ioana", company="brutaria")):
        assert firm.get(f"/documents/{document.pk}").status_code == 404
        assert firm.get("/documents").json()["documents"] == []
    assert company.post(f"/documents/{document.pk}/approve").status_code == 200
    for firm in (program("ioana", firm="dunarea"), program("ioana", company="brutaria")):
        assert firm.get(f"/documents/{document.pk}").status_code == 200


def test_what_django_itself_refuses_is_a_problem_too(world: World, program, invoice):
    robot = program("maria", company="rossi")
    wrong = robot.client.delete("/api/v1/documents")
    assert (wrong.status_code, kind(wrong)) == (405, "method-not-allowed")
    assert wrong["Allow"]
    for path in ("/nothing", "/documents/x/y/z", "/"):
        assert kind(robot.get(path)) == "not-found"
    assert robot.get("/documents/abc").status_code == 422
    broken = robot.client.post(f"/api/v1/documents/{invoice.pk}/dispute", b"{", content_type="application/json")
    assert (broken.status_code, kind(broken)) == (400, "bad-request")


def test_a_fault_of_ours_is_a_problem_without_details(world: World, program, invoice, monkeypatch):
    robot = program("maria", company="rossi")
    robot.client.raise_request_exception = False

    def fail(*args, **kwargs):
        raise RuntimeError("secret place")

    monkeypatch.setattr(queries, "page", fail)
    answer = robot.get("/documents")
    assert (answer.status_code, kind(answer)) == (500, "error")
    assert b"secret" not in answer.content


def test_the_description_is_there_for_everybody(client):
    described = client.get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.")
    assert "/api/v1/uploads" in described["paths"]
    assert client.get("/api/v1/docs").status_code == 404

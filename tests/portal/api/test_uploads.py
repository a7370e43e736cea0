"""Handing files in through the API."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.portal import papers, pictures
from tests.portal.api.test_tokens import kind
from tests.portal.world import World

from fatto.portal.documents.models import Delivery, Document
from fatto.portal.flow import arrive
from fatto.portal.tenancy.models import Deed
from fatto.portal.tenancy.scope import scope


def test_a_file_is_taken_and_worked_on_later(world: World, program):
    robot = program("maria", company="rossi", name="Gestionale")
    answer = robot.upload(papers.fatturapa(), "FT 1.xml")
    assert answer.status_code == 202
    told = answer.json()
    assert (told["state"], told["name"], told["items"]) == ("waiting", "FT 1.xml", [])
    arrive.process(world.firms["bianchi"], told["id"])
    done = robot.client.get(answer["Location"]).json()
    maria = world.at_company("maria", "rossi")
    assert done["state"] == "done"
    assert done["items"] == [
        {"name": "FT 1.xml", "outcome": "accepted", "code": "", "message": "", "document": world.document(maria).pk}
    ]
    assert world.document(maria).channel == "api"
    with scope(maria):
        assert [deed.by_name for deed in Deed.objects.filter(verb="handed-in")] == ["Gestionale"]


def test_whoever_waits_gets_the_result_at_once(world: World, program, quick_worker):
    answer = program("maria", company="rossi").upload(papers.fatturapa(), wait=5)
    assert answer.status_code == 201
    assert answer.json()["counts"] == {"accepted": 1}


def test_waiting_ends_when_nobody_works(world: World, program):
    assert program("maria", company="rossi").upload(papers.fatturapa(), wait=1).status_code == 202


def test_a_form_does_as_well_as_raw_bytes(world: World, program, quick_worker):
    robot = program("maria", company="rossi")
    file = SimpleUploadedFile("C:\\fatture\\FT 1.xml", papers.fatturapa(), "text/xml")
    answer = robot.client.post("/api/v1/uploads?wait=5", {"file": file})
    assert (answer.status_code, answer.json()["name"]) == (201, "FT 1.xml")
    two = [SimpleUploadedFile("a.xml", b"<a/>"), SimpleUploadedFile("b.xml", b"<a/>")]
    refused = robot.client.post("/api/v1/uploads", {"file": two})
    assert (refused.status_code, kind(refused)) == (422, "one-file")


def test_the_same_key_and_bytes_get_the_same_answer(world: World, program, quick_worker):
    robot, data = program("maria", company="rossi"), papers.fatturapa()
    key = hashlib.sha256(data).hexdigest()
    first, second = robot.upload(data, wait=5, key=key), robot.upload(data, wait=5, key=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    with scope(world.at_company("maria", "rossi")):
        assert Delivery.objects.count() == 1


def test_the_same_key_with_other_bytes_is_refused(world: World, program, quick_worker):
    robot = program("maria", company="rossi")
    robot.upload(papers.fatturapa("1"), key="k")
    answer = robot.upload(papers.fatturapa("2"), key="k")
    assert (answer.status_code, kind(answer)) == (422, "idempotency-key-reused")
    assert program("maria", company="rossi").upload(papers.fatturapa("2"), key="k", wait=5).status_code == 201


@pytest.mark.parametrize("key", ["a b", "é", "x" * 201])
def test_a_key_that_cannot_be_one_is_refused(world: World, program, key: str):
    answer = program("maria", company="rossi").upload(papers.fatturapa(), key=key)
    assert (answer.status_code, kind(answer)) == (422, "idempotency-key")


def test_a_duplicate_names_the_document_that_is_there(world: World, program, quick_worker):
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "a.xml", papers.fatturapa())
    answer = program("maria", company="rossi").upload(papers.fatturapa(), "b.xml", wait=5)
    assert (answer.status_code, kind(answer)) == (409, "already-here")
    assert answer.json()["document"] == world.document(maria).pk
    assert program("maria", company="rossi").get(f"/uploads/{answer.json()['upload']}").json()["counts"] == {
        "duplicate": 1
    }


def test_a_duplicate_behind_a_hard_gate_is_not_named_to_the_firm(world: World, program, quick_worker):
    world.hand_in(world.at_company("mihai", "brutaria"), "a.xml", papers.ubl())
    answer = program("ioana", firm="dunarea").upload(papers.ubl(), wait=5)
    assert answer.status_code == 409
    assert answer.json()["document"] is None


def test_an_archive_with_a_duplicate_is_no_conflict(world: World, program, quick_worker):
    data = papers.zipped({"1.xml": papers.fatturapa("1"), "2.xml": papers.fatturapa("1"), "x.xml": b"<x"})
    answer = program("maria", company="rossi").upload(data, "a.zip", wait=5)
    assert answer.status_code == 201
    assert answer.json()["counts"] == {"accepted": 1, "duplicate": 1, "unreadable": 1}
    assert answer.json()["items"][2]["message"]


def test_an_invoice_of_another_company_is_refused_with_its_code(world: World, program, quick_worker):
    data = papers.fatturapa(buyer="Verdi Impianti S.r.l.", buyer_id="00743110157")
    (item,) = program("maria", company="rossi").upload(data, wait=5).json()["items"]
    assert (item["outcome"], item["code"], item["document"]) == ("elsewhere", "other-company", None)
    with scope(world.at_company("luca", "verdi")):
        assert Document.objects.count() == 0


def test_a_firms_token_files_with_whichever_company_is_named(world: World, program, quick_worker):
    robot = program("anna", firm="bianchi")
    robot.upload(papers.fatturapa(), wait=5)
    robot.upload(papers.fatturapa(buyer="Verdi Impianti S.r.l.", buyer_id="00743110157"), wait=5)
    companies = {each["company"] for each in robot.get("/documents").json()["documents"]}
    assert companies == {world.companies["rossi"].slug, world.companies["verdi"].slug}
    (item,) = robot.upload(papers.fatturapa(buyer="Nobody", buyer_id="99999999990"), wait=5).json()["items"]
    assert (item["outcome"], item["code"]) == ("quarantined", "unknown")


def test_many_items_come_in_parts(world: World, program, quick_worker, monkeypatch):
    from fatto.portal.api import uploads

    monkeypatch.setattr(uploads, "SIZE", 2)
    robot = program("maria", company="rossi")
    members = {f"{n}.xml": papers.fatturapa(f"N-{n}") for n in range(5)}
    told = robot.upload(papers.zipped(members), "a.zip", wait=5).json()
    names = [each["name"] for each in told["items"]]
    while told["next"]:
        told = robot.get(f"/uploads/{told['id']}", after=told["next"]).json()
        names += [each["name"] for each in told["items"]]
    assert names == list(members)


def test_what_is_too_large_or_empty_or_packed_is_refused(world: World, program, settings):
    settings.CONFIG = dataclasses.replace(settings.CONFIG, api_megabytes=1)
    robot = program("maria", company="rossi")
    large = robot.upload(b"x" * 1_000_001)
    assert (large.status_code, kind(large)) == (413, "too-large")
    form = robot.client.post("/api/v1/uploads", {"file": SimpleUploadedFile("a", b"x" * 1_000_500)})
    assert form.status_code == 413
    assert kind(robot.upload(b"")) == "length-needed"
    assert kind(robot.client.generic("POST", "/api/v1/uploads", b"", CONTENT_LENGTH="0")) == "empty"
    packed = robot.client.post("/api/v1/uploads", b"x", content_type="text/xml", headers={"Content-Encoding": "gzip"})
    assert (packed.status_code, kind(packed)) == (415, "not-supported")


def test_a_stranger_does_not_find_an_upload(world: World, program):
    number = program("maria", company="rossi").upload(papers.fatturapa()).json()["id"]
    for stranger in (program("luca", company="verdi"), program("ioana", firm="dunarea")):
        assert stranger.get(f"/uploads/{number}").status_code == 404


def test_what_a_program_says_of_a_supporting_document_is_filed_with_it(world: World, program, quick_worker):
    robot = program("maria", company="rossi")
    said = {"kind": "receipt", "party": "Bar Arena", "date": "2026-10-05", "amount": "9.30", "currency": "eur"}
    answer = robot.upload(pictures.jpeg(), "scontrino.jpg", wait=5, **said)
    assert answer.status_code == 201
    document = world.document(world.at_company("maria", "rossi"))
    assert (document.party_name, str(document.amount), document.currency) == ("Bar Arena", "9.30", "EUR")
    assert (document.type_code, str(document.sort_date)) == ("receipt", "2026-10-05")
    for wrong in ({"kind": "poem"}, {"amount": "many"}, {"currency": "euro"}, {"date": "tomorrow"}):
        assert robot.upload(pictures.jpeg("2"), "a.jpg", **wrong).status_code == 422


def test_what_is_said_of_an_invoice_changes_nothing(world: World, program, quick_worker):
    robot = program("maria", company="rossi")
    robot.upload(papers.fatturapa("FT 1"), "a.xml", wait=5, party="Somebody else", amount="1")
    assert world.document(world.at_company("maria", "rossi")).party_name == "Energia Esempio S.p.A."

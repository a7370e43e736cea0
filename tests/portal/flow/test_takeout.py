"""Everything in one file: whole, readable by other programs, with nothing of others and no secrets in it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import jsonschema_rs
import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from tests.portal import papers
from tests.portal.exchange.rows import exchanged
from tests.portal.world import World

from fatto.portal.archive.models import Export
from fatto.portal.conversation import actions as conversation
from fatto.portal.documents import queries, vault
from fatto.portal.documents.models import Document, File
from fatto.portal.exchange.models import Receipt
from fatto.portal.flow import decide, keep, takeout
from fatto.portal.programs import actions as programs
from fatto.portal.programs import notices
from fatto.portal.tenancy.actor import Actor, system
from fatto.portal.tenancy.models import Deed, Membership
from fatto.portal.tenancy.scope import scope

ENERGIA = papers.fatturapa("FT 1", seller="Energia Esempio S.p.A.")


@pytest.fixture(autouse=True)
def exports(settings: Any, tmp_path: Any) -> None:
    found = settings.STORAGES["exports"]
    settings.STORAGES = settings.STORAGES | {
        "exports": found | {"OPTIONS": found["OPTIONS"] | {"location": str(tmp_path / "exports")}}
    }


@pytest.fixture
def lived(world: World) -> World:
    """Rossi has three documents of two files, one decided, one booked; Verdi has one."""
    maria, anna = world.at_company("maria", "rossi"), world.at_firm("anna", "bianchi")
    world.hand_in(maria, "a.xml", ENERGIA)
    world.hand_in(maria, "b.zip", papers.zipped({"1.xml": papers.fatturapa("FT 2"), "2.xml": papers.fatturapa("FT 3")}))
    world.hand_in(anna, "v.xml", papers.fatturapa("V 1", buyer="Verdi Impianti S.r.l.", buyer_id="00743110157"))
    with scope(maria):
        decide.dispute(maria, world.document(maria, number="FT 2"), reason="not_ours", note="mai visti")
        decide.approve(maria, world.document(maria, number="FT 1"))
        programs.issue_token(maria, name="Cassa", scopes=["read"], days=None)
    with scope(anna):
        keep.book(anna, [world.document(anna, number="FT 1")])
    return world


def made(who: Actor, language: str = "it") -> Export:
    """Ask for an export and let its job run at once."""
    with scope(who):
        row = takeout.ask(who, language=language)
    assert who.member is not None
    takeout.make(who.firm, row.pk, who.member.pk, who.company.slug if who.company else "")
    with scope(who):
        row.refresh_from_db()
    return row


def opened(who: Actor, row: Export) -> zipfile.ZipFile:
    with takeout.open_stream(row) as stream:
        return zipfile.ZipFile(io.BytesIO(stream.read()))


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read(f"tables/{name}.jsonl").splitlines()]


def test_the_original_bytes_and_what_was_read_decided_and_done_are_in_it(lived: World):
    maria = lived.at_company("maria", "rossi")
    row = made(maria)
    archive = opened(maria, row)
    assert (row.state, row.damaged) == ("done", 0)
    documents = table(archive, "documents-document")
    assert sorted(each["number"] for each in documents) == ["FT 1", "FT 2", "FT 3"]
    first = next(each for each in documents if each["number"] == "FT 1")
    assert archive.read(first["path"]) == ENERGIA
    assert first["path"].startswith("documents/2026/")
    assert first["invoice"]["seller"]["name"] == "Energia Esempio S.p.A."
    assert [each["note"] for each in table(archive, "approvals-decision")] == ["mai visti", ""]
    assert {"arrived", "approved", "disputed", "booked"} <= {each["verb"] for each in table(archive, "tenancy-deed")}
    assert {each["name"] for each in table(archive, "people")} == {"Maria", "Elena", "Sara"}
    assert len(list(csv.reader(io.StringIO(archive.read("documents.csv").decode())))) == 4


def test_every_row_follows_the_schema_beside_it(lived: World):
    maria = lived.at_company("maria", "rossi")
    archive = opened(maria, made(maria))
    names = [name for name in archive.namelist() if name.startswith("tables/") and "people" not in name]
    assert len(names) > 8
    for name in names:
        stem = name.removeprefix("tables/").removesuffix(".jsonl")
        schema = json.loads(archive.read(f"schema/{stem}.schema.json"))
        assert jsonschema_rs.meta.is_valid(schema)
        for row in table(archive, stem):
            jsonschema_rs.validate(schema, row)
            assert set(row) == set(schema["properties"])


def test_a_company_finds_nothing_of_another_and_no_secret(lived: World):
    maria = lived.at_company("maria", "rossi")
    archive = opened(maria, made(maria))
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"V 1" not in everything
    assert b"Verdi" not in everything
    assert lived.people["luca"].email.encode() not in everything
    (token,) = table(archive, "programs-token")
    assert token["name"] == "Cassa"
    assert not {key for key in token if "hash" in key}


def test_no_column_that_opens_something_goes_along():
    """Whoever adds a column of such a name says here or in `SECRET` what it is."""
    harmless = {"seal", "seal_facts", "token"}  # what a seal says; which token or call it was
    for each in takeout.tables():
        for column in each.columns:
            name = column.name
            if name in harmless or name.endswith("sha256"):
                continue
            if any(word in name for word in ("seal", "hash", "secret", "token", "session", "password")):
                pytest.fail(f"{each.name}: {name}")
    assert "exchange-oauthstate" not in {each.name for each in takeout.tables()}


def test_what_the_authority_gave_goes_along_and_waits_behind_the_gate_with_its_document(world: World):
    mihai, ioana = world.at_company("mihai", "brutaria"), world.at_firm("ioana", "dunarea")
    world.hand_in(mihai, "a.xml", papers.ubl("RO 1"))
    exchanged(ioana, world.document(mihai))
    proof = receipt(mihai, world.document(mihai), b"what ANAF sealed")
    held = opened(ioana, made(ioana, "ro"))
    assert proof not in [held.read(name) for name in held.namelist()]
    own = opened(mihai, made(mihai, "ro"))
    assert proof in [own.read(name) for name in own.namelist()]
    assert "sealed" not in str(table(own, "exchange-receipt")[0].keys())
    with scope(mihai):
        decide.approve(mihai, world.document(mihai))
    archive = opened(ioana, made(ioana, "ro"))
    assert proof in [archive.read(name) for name in archive.namelist()]
    (way,) = table(archive, "exchange-connection")
    assert not {"sealed", "sealed_before"} & set(way)


def receipt(owner: Actor, document: Document, data: bytes) -> bytes:
    """A file of the authority's that stands on a document."""
    sha256 = vault.put(owner.firm.pk, data)
    with scope(system(owner.firm)):
        file = File.objects.create(
            firm_id=document.firm_id, company_id=document.company_id, sha256=sha256, size=len(data)
        )
        Receipt.objects.filter(document=document).update(file=file)
    return data


def test_a_firm_takes_along_all_of_its_companies_but_nothing_behind_a_hard_gate(world: World):
    mihai, ioana = world.at_company("mihai", "brutaria"), world.at_firm("ioana", "dunarea")
    world.hand_in(mihai, "a.xml", papers.ubl("RO 1"))
    assert table(opened(ioana, made(ioana, "ro")), "documents-document") == []
    with scope(mihai):
        decide.approve(mihai, world.document(mihai))
    archive = opened(ioana, made(ioana, "ro"))
    (document,) = table(archive, "documents-document")
    assert document["path"].split("/")[1] == str(document["company"])


def test_what_waits_behind_a_hard_gate_is_nowhere_in_a_firms_file(world: World):
    """Neither its bytes among those handed in, nor its name, party, reason or history in any table."""
    mihai, ioana = world.at_company("mihai", "brutaria"), world.at_firm("ioana", "dunarea")
    secret = papers.ubl("RO-SECRET-1")
    world.hand_in(mihai, "geheim-contract.xml", secret)
    with scope(mihai):
        document = world.document(mihai)
        decide.dispute(mihai, document, reason="other", note="secret-note")
        conversation.tag(mihai, [document], add=["secret-tag"])
        programs.add_webhook(mihai, url="https://example.org/hook", events=["document.disputed"])
        assert len(notices.tell(mihai.firm, list(Deed.objects.values_list("pk", flat=True)))) == 1
    archive = opened(ioana, made(ioana, "ro"))
    everything = {name: archive.read(name) for name in archive.namelist()}
    assert secret not in everything.values(), "the original itself"
    told = {name for name, data in everything.items() if name.startswith("tables/") or name.endswith(".csv")}
    for word in (b"geheim-contract", b"RO-SECRET-1", b"secret-note", b"secret-tag", document.data_sha256.encode()):
        assert [name for name in sorted(told) if word in everything[name]] == []
    with scope(ioana):
        assert queries.tags() == []
    with scope(mihai):
        assert queries.tags() == ["secret-tag"]
        decide.undo(mihai, world.document(mihai))
        decide.approve(mihai, world.document(mihai))
    archive = opened(ioana, made(ioana, "ro"))
    assert secret in [archive.read(name) for name in archive.namelist()]
    assert b"secret-note" in archive.read("tables/approvals-decision.jsonl")
    with scope(ioana):
        assert queries.tags() == ["secret-tag"]


def test_the_hash_of_the_file_stands_in_the_trail(lived: World):
    maria = lived.at_company("maria", "rossi")
    row = made(maria)
    with takeout.open_stream(row) as stream:
        assert hashlib.file_digest(stream, "sha256").hexdigest() == row.sha256
    with scope(maria):
        assert Deed.objects.get(verb="export-finished").data["sha256"] == row.sha256


def test_a_damaged_original_is_named_and_does_not_stop_the_rest(lived: World):
    maria = lived.at_company("maria", "rossi")
    document = lived.document(maria, number="FT 1")
    from django.core.files.storage import default_storage

    key = vault.key(document.firm_id, document.file.sha256)
    from pathlib import Path

    path = Path(default_storage.path(key))
    path.chmod(0o640)
    path.write_bytes(ENERGIA + b" ")
    row = made(maria)
    archive = opened(maria, row)
    assert row.damaged == 1
    (named,) = json.loads(archive.read("manifest.json"))["damaged"]
    assert named in archive.read("README.txt").decode()
    assert len(table(archive, "documents-document")) == 3


def test_made_twice_by_a_job_that_was_killed_it_is_done_once(lived: World):
    maria = lived.at_company("maria", "rossi")
    row = made(maria)
    takeout.make(maria.firm, row.pk, maria.member.pk, "panificio-rossi-srl")
    with scope(maria):
        assert Deed.objects.filter(verb="export-finished").count() == 1
        Export.objects.filter(pk=row.pk).update(state="running", sha256="")
    takeout.make(maria.firm, row.pk, maria.member.pk, maria.company.slug)
    with scope(maria):
        assert Export.objects.get(pk=row.pk).state == "done"


def test_one_is_made_at_a_time(lived: World):
    maria = lived.at_company("maria", "rossi")
    with scope(maria):
        takeout.ask(maria, language="it")
        with pytest.raises(takeout.UnderWay):
            takeout.ask(maria, language="it")


def test_who_lost_the_right_meanwhile_gets_nothing(lived: World):
    maria = lived.at_company("maria", "rossi")
    with scope(maria):
        row = takeout.ask(maria, language="it")
        Membership.objects.filter(member=maria.member).update(role="employee")
    takeout.make(maria.firm, row.pk, maria.member.pk, maria.company.slug)
    with scope(maria):
        assert Export.objects.get(pk=row.pk).state == "failed"


def test_only_who_asked_fetches_it_and_after_a_week_nobody(lived: World):
    anna, maria = lived.at_firm("anna", "bianchi"), lived.at_company("maria", "rossi")
    row = made(maria)
    url = reverse("company-data-export", kwargs={"company": maria.company.slug, "export": row.pk})
    for name, status in (("maria", 200), ("anna", 404), ("elena", 403), ("luca", 404)):
        client = Client()
        client.force_login(lived.people[name])
        assert client.get(url).status_code == status, name
    assert takeout.forget(anna.firm) == 0
    with scope(maria):
        Export.objects.update(finished_at=F("finished_at") - timedelta(days=8))
    assert takeout.forget(anna.firm) == 1
    client = Client()
    client.force_login(lived.people["maria"])
    assert client.get(url).status_code == 404


def test_each_table_with_somebodys_rows_is_in_it_or_left_out_for_a_reason():
    names = {each.name for each in takeout.tables()}
    assert {"documents-document", "approvals-decision", "tenancy-deed", "tenancy-company", "archive-record"} <= names
    for each in takeout.tables():
        names = [column.name for column in each.columns]
        assert not [name for name in names if "secret" in name or "hash" in name], each.name


def test_the_page_asks_and_shows_what_was_made(lived: World):
    client = Client()
    client.force_login(lived.people["maria"])
    url = reverse("company-data", kwargs={"company": lived.companies["rossi"].slug})
    assert client.post(url).status_code == 303
    assert b"every 3s" in client.get(url).content
    maria = lived.at_company("maria", "rossi")
    with scope(maria):
        row = Export.objects.get()
    takeout.make(maria.firm, row.pk, maria.member.pk, maria.company.slug)
    page = client.get(url).content.decode()
    assert f"{row.pk}.zip" in page
    assert "every 3s" not in page

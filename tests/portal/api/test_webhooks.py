"""Webhooks: told what happened, if it happened, signed, tried again, and never led into our own network."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import ipaddress
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from unittest import mock

import pytest
from django.db import connection
from django.utils import timezone
from tests.portal import papers
from tests.portal.api.test_tokens import kind
from tests.portal.world import World

from fatto.portal.flow import decide, keep
from fatto.portal.programs import notices, outside
from fatto.portal.programs.models import Message, Webhook
from fatto.portal.tenancy import sealing
from fatto.portal.tenancy.models import Deed
from fatto.portal.tenancy.scope import scope

EVENTS = ["document.arrived", "document.approved", "document.disputed", "document.booked"]


class Ear(BaseHTTPRequestHandler):
    """The other side."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((dict(self.headers), body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def ear() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Ear)
    server.heard, server.answers = [], []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def inside(settings) -> None:
    settings.CONFIG = dataclasses.replace(settings.CONFIG, webhooks_inside=True)


def jobs(name: str) -> list[dict]:
    with connection.cursor() as cursor:
        cursor.execute("select args from procrastinate_jobs where task_name = %s order by id", [name])
        return [json.loads(args) if isinstance(args, str) else args for (args,) in cursor.fetchall()]


def tell(world: World, firm: str, after: int = 0) -> list[int]:
    """Do what the trail queued, after so many jobs that were done."""
    made = [notices.tell(world.firms[firm], job["deeds"]) for job in jobs("fatto.tell_webhooks")[after:]]
    return [number for each in made for number in each]


def add(robot, url: str, events: list[str] = EVENTS) -> dict:
    answer = robot.post("/webhooks", {"url": url, "events": events})
    assert answer.status_code == 201, answer.content
    return answer.json()


def url(ear: HTTPServer) -> str:
    return f"http://127.0.0.1:{ear.server_address[1]}/hook?x=1"


def test_every_step_of_a_document_is_told_signed_and_once(world: World, program, ear, inside):
    hook = add(program("anna", firm="bianchi"), url(ear))
    maria, anna = world.at_company("maria", "rossi"), world.at_firm("anna", "bianchi")
    world.hand_in(maria, "a.xml", papers.fatturapa("FT 1"))
    document = world.document(maria)
    with scope(maria):
        decide.dispute(maria, document, reason="not_ours")
        decide.undo(maria, document)
        decide.approve(maria, document)
    with scope(anna):
        keep.book(anna, [document])
    numbers = tell(world, "bianchi")
    assert tell(world, "bianchi") == [], "the same deeds again make no new messages"
    for number in numbers:
        notices.send(world.firms["bianchi"], number)
        notices.send(world.firms["bianchi"], number)
    told = [(headers["Fatto-Event"], json.loads(body)) for headers, body in ear.heard]
    assert [event for event, _ in told] == [EVENTS[0], EVENTS[2], EVENTS[1], EVENTS[3]]
    assert told[2][1]["document"]["number"] == "FT 1"
    assert told[2][1]["by"] == "Maria"
    headers, body = ear.heard[0]
    when, mac = (part.partition("=")[2] for part in headers["Fatto-Signature"].split(","))
    assert mac == hmac.new(hook["secret"].encode(), f"{when}.".encode() + body, hashlib.sha256).hexdigest()
    sent = program("anna", firm="bianchi").get(f"/webhooks/{hook['id']}/messages").json()["messages"]
    assert {each["state"] for each in sent} == {"delivered"}


def test_a_deed_that_is_undone_with_its_transaction_is_not_told(world: World, program, inside):
    add(program("maria", company="rossi"), "http://127.0.0.1:9/")
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "a.xml", papers.fatturapa())
    before = len(jobs("fatto.tell_webhooks"))
    document = world.document(maria)

    class Never(Exception):
        pass

    def approve_and_fail() -> None:
        with scope(maria):
            decide.approve(maria, document)
            raise Never

    with pytest.raises(Never):
        approve_and_fail()
    assert len(jobs("fatto.tell_webhooks")) == before == 1


def test_where_nobody_listens_nothing_is_queued(world: World):
    world.hand_in(world.at_company("maria", "rossi"), "a.xml", papers.fatturapa())
    assert jobs("fatto.tell_webhooks") == []


def test_under_a_hard_gate_the_firms_webhook_learns_nothing_before_the_yes(world: World, program, inside):
    firm, company = program("ioana", firm="dunarea"), program("mihai", company="brutaria")
    ours, theirs = add(firm, "http://127.0.0.1:9/f"), add(company, "http://127.0.0.1:9/c")
    mihai = world.at_company("mihai", "brutaria")
    world.hand_in(mihai, "a.xml", papers.ubl())
    tell(world, "dunarea")
    assert firm.get(f"/webhooks/{ours['id']}/messages").json()["messages"] == []
    assert len(company.get(f"/webhooks/{theirs['id']}/messages").json()["messages"]) == 1
    with scope(mihai):
        decide.approve(mihai, world.document(mihai))
    tell(world, "dunarea", after=1)
    told = firm.get(f"/webhooks/{ours['id']}/messages").json()["messages"]
    assert [each["event"] for each in told] == ["document.approved"]


def test_another_companys_documents_are_not_told(world: World, program, inside):
    luca = program("luca", company="verdi")
    hook = add(luca, "http://127.0.0.1:9/")
    world.hand_in(world.at_company("maria", "rossi"), "a.xml", papers.fatturapa())
    tell(world, "bianchi")
    assert luca.get(f"/webhooks/{hook['id']}/messages").json()["messages"] == []
    for stranger in (program("maria", company="rossi"), program("ioana", firm="dunarea")):
        assert stranger.get("/webhooks").json() == {"webhooks": []}
        for path in ("", "/messages"):
            assert stranger.get(f"/webhooks/{hook['id']}{path}").status_code == 404
        assert stranger.post(f"/webhooks/{hook['id']}/resume").status_code == 404
        assert stranger.client.delete(f"/api/v1/webhooks/{hook['id']}").status_code == 404


def test_what_does_not_arrive_is_tried_again_and_can_be_replayed(world: World, program, ear, inside):
    robot = program("maria", company="rossi")
    hook = add(robot, url(ear))
    world.hand_in(world.at_company("maria", "rossi"), "a.xml", papers.fatturapa())
    (number,) = tell(world, "bianchi")
    ear.answers[:] = [500, 302, 204]
    firm, path = world.firms["bianchi"], f"/webhooks/{hook['id']}/messages"
    for status, state in ((500, "waiting"), (302, "waiting"), (204, "delivered")):
        notices.send(firm, number)
        (message,) = robot.get(path).json()["messages"]
        assert (message["status"], message["state"]) == (status, state)
    with connection.cursor() as cursor:
        cursor.execute("select scheduled_at is not null from procrastinate_jobs where task_name = 'fatto.send_message'")
        assert [later for (later,) in cursor.fetchall()] == [False, True, True]
    assert len({body for _, body in ear.heard}) == 1
    assert robot.post(f"{path}/{number}/replay").json()["state"] == "waiting"
    notices.send(firm, number)
    assert len(ear.heard) == 4


def test_what_takes_nothing_for_long_is_given_up_and_switched_off(world: World, program, ear, inside):
    robot = program("maria", company="rossi")
    hook = add(robot, url(ear))
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "a.xml", papers.fatturapa())
    (number,) = tell(world, "bianchi")
    ear.answers[:] = [503] * 20
    for _ in range(len(notices.WAITS) + 1):
        notices.send(world.firms["bianchi"], number)
    path = f"/webhooks/{hook['id']}"
    assert robot.get(f"{path}/messages").json()["messages"][0]["state"] == "failed"
    assert robot.get(path).json()["active"] is True
    with scope(maria):
        Webhook.objects.update(failing_since=timezone.now() - timedelta(days=3))
    robot.post(f"{path}/messages/{number}/replay")
    notices.send(world.firms["bianchi"], number)
    assert robot.get(path).json()["active"] is False
    asleep = robot.post(f"{path}/messages/{number}/replay")
    assert asleep.status_code == 409
    assert robot.post(f"{path}/resume").json()["active"] is True
    with scope(maria):
        assert Deed.objects.filter(verb="webhook-switched-off").count() == 1
        Message.objects.update(state="failed", finished_at=timezone.now() - timedelta(days=31))
    assert notices.forget(world.firms["bianchi"]) == 1
    assert robot.client.delete(f"/api/v1{path}").status_code == 204
    assert robot.get(path).status_code == 404


def test_the_secret_is_kept_sealed(world: World, program, inside, settings):
    hook = add(program("maria", company="rossi"), "http://127.0.0.1:9/")
    with scope(world.at_company("maria", "rossi")):
        row = Webhook.objects.get()
    assert hook["secret"] not in str(vars(row))
    assert sealing.unseal(row.sealed) == hook["secret"]
    assert "secret" not in program("maria", company="rossi").get(f"/webhooks/{hook['id']}").json()
    settings.SECRET_KEY = "another key" * 5
    with pytest.raises(sealing.Unsealable):
        sealing.unseal(row.sealed)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest",
        "https://me:secret@example.org/",
        "https:///x",
        "ftp://example.org/",
        "https://example.org:99999/",
        "https://exa mple.org/",
        "https://example.org/\nx",
    ],
)
def test_an_address_that_is_not_of_the_open_internet_is_refused(world: World, program, address: str):
    answer = program("maria", company="rossi").post("/webhooks", {"url": address, "events": EVENTS})
    assert (answer.status_code, kind(answer)) == (422, "webhook-address")


@pytest.mark.parametrize(
    "address",
    [
        *("10.1.2.3", "127.0.0.1", "100.64.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1", "192.168.0.1", "172.16.0.1"),
        *("fd00::1", "fe80::1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1"),
    ],
)
def test_addresses_of_ones_own_network_are_not_public(address: str):
    assert not outside.public(ipaddress.ip_address(address))


def test_a_name_that_leads_into_our_network_is_not_followed(settings):
    answers = [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("10.0.0.5", 443))]
    with mock.patch.object(outside.socket, "getaddrinfo", return_value=answers):
        assert outside.post("https://example.org/", b"{}", {}).trouble == "not-public"


def test_whoever_answers_in_drips_is_hung_up_on(inside, monkeypatch):
    import socket
    import time

    monkeypatch.setattr(outside, "SECONDS", 1)
    listening = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        peer, _ = listening.accept()
        with peer:
            for _ in range(40):
                try:
                    peer.sendall(b"H")
                except OSError:
                    return
                time.sleep(0.1)

    threading.Thread(target=drip, daemon=True).start()
    started = time.monotonic()
    answer = outside.post(f"http://127.0.0.1:{listening.getsockname()[1]}/", b"{}", {})
    assert answer.status is None
    assert time.monotonic() - started < 3
    listening.close()

"""`fatto push`: what lies in a folder gets into the portal once, whatever happens on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.portal import papers
from tests.portal.api.conftest import issue
from tests.portal.world import World, build

from fatto import cli, push
from fatto.portal.documents.models import Delivery, Document
from fatto.portal.tenancy.scope import scope

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    return build()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
def run(world: World, live_server, quick_worker, folder: Path, monkeypatch, capsys) -> Callable[..., tuple[int, str]]:
    """`run()`: fatto push FOLDER, for Rossi; gives the exit code and what it said."""
    secret = issue(world.at_company("maria", "rossi"))

    def do(*options: str, token: str = secret, url: str = live_server.url) -> tuple[int, str]:
        monkeypatch.setenv("FATTO_PUSH_TOKEN", token)
        before = signal.getsignal(signal.SIGTERM)
        try:
            code = cli.main(["push", str(folder), "--url", url, "--settle", "0.05", *options])
        finally:
            signal.signal(signal.SIGTERM, before)
        said = capsys.readouterr()
        return code, said.out + said.err

    return do


def filed(world: World) -> list[str]:
    with scope(world.at_company("maria", "rossi")):
        return sorted(Document.objects.values_list("number", flat=True))


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_lies_there_is_taken_and_moved_aside(world: World, run, folder: Path):
    (folder / "IT1.xml").write_bytes(papers.fatturapa("1"))
    (folder / "più fatture.zip").write_bytes(
        papers.zipped({"a.xml": papers.fatturapa("2"), "b.xml": papers.fatturapa("3")})
    )
    (folder / "half.xml.part").write_bytes(b"<p:Fatt")
    (folder / ".hidden").write_bytes(b"x")
    code, said = run()
    assert code == 0
    assert filed(world) == ["1", "2", "3"]
    assert names(folder) == [".hidden", "done/IT1.xml", "done/più fatture.zip", "half.xml.part"]
    assert "IT1.xml: Taken. Documents: 1." in said
    assert run() == (0, "")


def test_the_same_again_is_moved_aside_under_a_name_of_its_own(world: World, run, folder: Path):
    for text in (b"", b"\n"):
        (folder / "a.xml").write_bytes(papers.fatturapa("1") + text)
        assert run()[0] == 0
    assert names(folder) == ["done/a (2).xml", "done/a.xml"]
    assert filed(world) == ["1"]


def test_what_is_refused_stays_with_the_reason_beside_it_until_it_is_corrected(world: World, run, folder: Path):
    wrong = papers.fatturapa("1", buyer="Verdi Impianti S.r.l.", buyer_id="00743110157")
    (folder / "a.xml").write_bytes(wrong)
    (folder / "b.xml").write_bytes(b"<FatturaElettronica")
    (folder / "c.xml").write_bytes(papers.fatturapa("3"))
    code, said = run()
    assert code == 1
    assert names(folder) == ["a.xml", "a.xml.error.txt", "b.xml", "b.xml.error.txt", "done/c.xml"]
    assert "[other-company]" in (folder / "a.xml.error.txt").read_text()
    assert "a.xml: " in said
    assert run() == (0, ""), "what was refused is not sent again as it is"
    (folder / "a.xml").write_bytes(papers.fatturapa("1"))
    assert run()[0] == 0
    assert names(folder) == ["b.xml", "b.xml.error.txt", "done/a.xml", "done/c.xml"]


def test_a_file_that_still_grows_is_left_until_it_is_whole(world: World, run, folder: Path):
    data = papers.fatturapa("1")
    target = folder / "a.xml"
    target.write_bytes(data[:100])

    def write() -> None:
        for start in range(100, len(data), 400):
            time.sleep(0.03)
            with target.open("ab") as file:
                file.write(data[start : start + 400])

    writer = threading.Thread(target=write)
    writer.start()
    assert run("--settle", "0.2")[0] == 0
    writer.join()
    assert filed(world) == ["1"]
    with scope(world.at_company("maria", "rossi")):
        assert Delivery.objects.count() == 1


def test_a_token_that_opens_nothing_ends_it_and_leaves_everything(world: World, run, folder: Path):
    (folder / "a.xml").write_bytes(papers.fatturapa())
    code, said = run(token="fatto_" + "x" * 43)
    assert code == 3
    assert "token" in said
    assert names(folder) == ["a.xml"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--url", "http://fatto.example.org"], "https://"),
        (["--token-file", "/nowhere/token"], "cannot be read"),
        (["--url", ""], "which portal"),
    ],
)
def test_wrong_use_is_told_before_anything_is_sent(world: World, run, folder: Path, options: list[str], said: str):
    (folder / "a.xml").write_bytes(papers.fatturapa())
    code, words = run(*options)
    assert code == 2
    assert said in words
    assert names(folder) == ["a.xml"]


def test_a_portal_that_cannot_be_reached_leaves_everything_for_the_next_time(folder: Path):
    (folder / "a.xml").write_bytes(papers.fatturapa())
    said: list[str] = []
    work = push.Push(
        folder=folder, url="http://127.0.0.1:9", token="t", done=folder / "done", settle=0, patience=1, say=said.append
    )
    with pytest.raises(push.NotReached):
        work.once()
    assert names(folder) == ["a.xml"]
    assert said == ["The portal cannot be reached. Trying again."]


class Line(BaseHTTPRequestHandler):
    """A bad line to the portal: does to each request what `plan` says next."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._pass(body)

    def do_GET(self) -> None:
        self._pass(None)

    def _pass(self, body: bytes | None) -> None:
        plan = self.server.plan.pop(0) if self.server.plan else "through"
        if plan == "busy":
            self.send_response(429)
            self.send_header("Retry-After", "1")
            self.end_headers()
            return
        if plan == "page":
            self.send_response(502)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<h1>Bad gateway</h1>")
            return
        headers = {name: value for name, value in self.headers.items() if name not in ("Host", "Connection")}
        request = urllib.request.Request(self.server.portal + self.path, body, headers)
        try:
            with urllib.request.urlopen(request) as answer:
                status, data, kind = answer.status, answer.read(), answer.headers["Content-Type"]
        except urllib.error.HTTPError as error:
            status, data, kind = error.code, error.read(), error.headers["Content-Type"]
        if plan == "lost":
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def line(live_server) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Line)
    server.portal, server.plan = live_server.url, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_an_answer_lost_on_the_way_hands_nothing_in_twice(world: World, run, folder: Path, line):
    line.plan[:] = ["lost", "busy", "page", "lost", "through"]
    (folder / "a.xml").write_bytes(papers.fatturapa("1"))
    code, said = run(url=f"http://127.0.0.1:{line.server_address[1]}")
    assert (code, line.plan) == (0, [])
    assert "Taken" in said, "and the answer is the one that was lost, not that it was there already"
    with scope(world.at_company("maria", "rossi")):
        assert Delivery.objects.count() == 1
    assert filed(world) == ["1"]


def test_watching_goes_on_after_being_killed(world: World, live_server, quick_worker, folder: Path):
    environment = {
        **os.environ,
        "FATTO_PUSH_TOKEN": issue(world.at_company("maria", "rossi")),
        "FATTO_PUSH_URL": live_server.url,
    }
    command = [sys.executable, "-m", "fatto", "push", str(folder), "--watch", "--every", "0.2", "--settle", "0.1"]

    def until_done(number: str) -> None:
        (folder / f"{number}.xml").write_bytes(papers.fatturapa(number))
        end = time.monotonic() + 30
        while not (folder / "done" / f"{number}.xml").exists():
            assert time.monotonic() < end
            time.sleep(0.1)

    for number, how in (("1", signal.SIGKILL), ("2", signal.SIGTERM)):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
        try:
            until_done(number)
        finally:
            process.send_signal(how)
            process.communicate(timeout=20)
    assert process.returncode == cli.INTERRUPTED
    assert filed(world) == ["1", "2"]


def test_the_token_is_sent_with_https_or_within_the_machine_only():
    for address in ("https://fatto.example.org", "http://localhost:8000", "http://127.0.0.1:1", "http://[::1]:1"):
        assert push.trusted(address)
    for address in (
        "http://fatto.example.org",
        "http://10.0.0.1",
        "ftp://localhost",
        "localhost",
        "http://localhost.example.org",
    ):
        assert not push.trusted(address)

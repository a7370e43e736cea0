"""The client keeps to its bounds, tries again only what may be, and tells nobody what is asked."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from fatto.channels import http
from fatto.channels.channel import Permanent, Temporary, Uncertain

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextlib.contextmanager
def server(*answers: Answer) -> Iterator[tuple[str, list[str]]]:
    """Answers requests one after another, the last one again and again; gives its address and the paths asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            asked.append(self.path)
            answers[min(len(asked), len(answers)) - 1](self)

        do_POST = do_GET

        def log_message(self, *arguments: object) -> None: ...

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.daemon_threads = True
    threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{made.server_port}", asked
    finally:
        made.shutdown()
        made.server_close()


def says(body: bytes = b"good", status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def drops(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def breaks_off(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"half")
    drops(handler)


@pytest.fixture
def client() -> Iterator[http.Client]:
    with http.Client(connect=1, read=0.3, pause=0.001) as made:
        yield made


def test_an_answer_comes_as_it_is_whatever_its_status(client: http.Client) -> None:
    with server(says(b"no", 403, X_Test="1")) as (url, _asked):
        reply = client.call("GET", f"{url}/a", params={"cif": "1"})
    assert (reply.status, reply.body) == (403, b"no")
    assert reply.headers["x_test"] == "1"


@pytest.mark.parametrize("trouble", [drops, breaks_off, says(b"", 503), says(b"", 500)])
def test_what_may_be_asked_twice_is_asked_again(client: http.Client, trouble: Answer) -> None:
    with server(trouble, says()) as (url, asked):
        assert client.call("GET", f"{url}/a").body == b"good"
    assert len(asked) == 2


def test_it_is_not_tried_for_ever(client: http.Client) -> None:
    with server(drops) as (url, asked), pytest.raises(Temporary):
        client.call("GET", f"{url}/a")
    assert len(asked) == 3


@pytest.mark.parametrize("trouble", [drops, breaks_off])
def test_what_must_not_be_sent_twice_is_sent_once_and_said_to_be_uncertain(
    client: http.Client, trouble: Answer
) -> None:
    with server(trouble, says()) as (url, asked), pytest.raises(Uncertain):
        client.call("POST", f"{url}/a", content=b"x", idempotent=False)
    assert len(asked) == 1


def test_what_never_left_is_not_uncertain(client: http.Client) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Temporary) as error:
        client.call("POST", f"http://127.0.0.1:{port}/", content=b"x", idempotent=False)
    assert not isinstance(error.value, Uncertain)
    assert error.value.code == "not-reached"


def test_a_connection_that_was_closed_meanwhile_does_not_make_a_sending_uncertain(client: http.Client) -> None:
    def closes_after(handler: BaseHTTPRequestHandler) -> None:
        says()(handler)
        handler.wfile.flush()
        drops(handler)

    with server(closes_after, says()) as (url, _asked):
        client.call("GET", f"{url}/a")
        assert client.call("POST", f"{url}/a", content=b"x", idempotent=False).body == b"good"


def test_redirects_are_not_followed(client: http.Client) -> None:
    with server(says(b"", 302, Location="http://127.0.0.1:9/")) as (url, asked):
        assert client.call("GET", f"{url}/a").status == 302
    assert asked == ["/a"]


def test_a_server_that_says_nothing_is_given_up(client: http.Client) -> None:
    with server(lambda handler: threading.Event().wait(2) and None) as (url, _asked), pytest.raises(Temporary):
        client.call("GET", f"{url}/a", total=0.5)


def test_a_server_that_drips_is_given_up(client: http.Client) -> None:
    def drips(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        with contextlib.suppress(OSError):
            for _each in range(30):
                handler.wfile.write(b"x")
                threading.Event().wait(0.05)

    with server(drips) as (url, _asked), pytest.raises(Temporary):
        client.call("GET", f"{url}/a", total=0.4)


@pytest.mark.parametrize("announced", [True, False])
def test_an_answer_beyond_its_bound_is_not_read(client: http.Client, announced: bool) -> None:
    def floods(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        if announced:
            handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        handler.close_connection = True
        with contextlib.suppress(OSError):
            handler.wfile.write(b"x" * 1_000_000)

    with server(floods) as (url, _asked), pytest.raises(Permanent) as error:
        client.call("GET", f"{url}/a", most=1000)
    assert error.value.code == "answer-too-large"
    # Of what must not be sent twice, such an answer says only that it arrived.
    with server(floods) as (url, _asked), pytest.raises(Uncertain):
        client.call("POST", f"{url}/a", content=b"<x/>", most=1000, idempotent=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.anaf.ro/prod", "ftp://api.anaf.ro", "https://", "https://user:word@api.anaf.ro", "nonsense",
        "https://api.anaf.ro/?a=1", "http://127.0.0.1.example/", "https://api.anaf.ro:port/",
    ],
)  # fmt: skip
def test_addresses_are_https_or_here(client: http.Client, url: str) -> None:
    with pytest.raises(Permanent):
        http.check(url)
    with pytest.raises(Permanent):
        client.call("GET", url)


@pytest.mark.parametrize("url", ["https://api.anaf.ro/prod/", "http://localhost:8099", "http://[::1]:8099/a"])
def test_right_addresses_lose_only_the_slash_at_their_end(url: str) -> None:
    assert http.check(url) == url.rstrip("/")


def test_nothing_that_is_asked_or_answered_is_logged(client: http.Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with server(says(b"tajna")) as (url, _asked):
        client.call(
            "POST",
            f"{url}/path",
            params={"cif": "185472903"},
            headers={"Authorization": "Bearer tajna"},
            content=b"tajna",
        )
    text = caplog.text
    assert "/path" in text
    assert "185472903" not in text
    assert "tajna" not in text

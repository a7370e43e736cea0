"""People at work: thirty at once over HTTP against the served portal, and one who approves document after document."""

from __future__ import annotations

import http.client
import os
import random
import re
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from time import perf_counter
from typing import TYPE_CHECKING

from bench import crowd, portal
from bench.table import Row, Section, spread
from fatto.portal.demo import bulk

if TYPE_CHECKING:
    from bench.crowd import Crowd
    from fatto.portal.tenancy.models import Member

PEOPLE = 30
GOAL = 500
NEXT = 150
_OWNERS = 20
_PAUSE = (0.5, 1.5)
"""Seconds that a person looks at what it got."""
_PANE = {"HX-Request": "true", "HX-Target": "viewer"}
_FOLLOW = _PANE | {"X-List": "follow"}


def run(companies: int, documents: int) -> list[Section]:
    """Thirty people over companies × documents."""
    seconds = 60.0 if companies * documents >= 100_000 else 8.0
    with portal.prepared():
        world = crowd.fill(companies, documents)
        people = _people(world)
        portal.close()
        with _served() as port:
            _warm(people, port)
            done = _work(people, port, seconds)
            floor = _floor(port)
        failed = _failed_jobs()
        section = Section(
            f"{PEOPLE} people at work",
            f"{companies:,} companies with {documents:,} documents each, half of them in one firm; {_OWNERS} owners of "
            f"companies and {PEOPLE - _OWNERS} people of the firm, each with a connection of its own, working for "
            f"{seconds:.0f} s with {_PAUSE[0]} to {_PAUSE[1]} s between two requests. The portal as `fatto serve` runs "
            "it, with its worker, beside the people on the same machine. From sending to the last byte; an approval "
            "is measured until the next document is there.",
        )
        every = [each for kind in done.taken.values() for each in kind]
        middle, high = spread(every)
        section.rows.append(
            Row(
                what="every request",
                measured=f"p50 {middle:.0f} ms, p95 {high:.0f} ms, {len(every) / seconds:.0f}/s, {done.errors} errors",
                goal=f"p95 ≤ {GOAL} ms, no error",
                floor=f"{floor * 1000:.1f} ms, the health page alone",
                met=high <= GOAL and not done.errors and not failed,
            )
        )
        for kind, taken in done.taken.items():
            middle, high = spread(taken)
            section.rows.append(
                Row(what=f"… {kind}, {len(taken)} times", measured=f"p50 {middle:.0f} ms, p95 {high:.0f} ms")
            )
        portal.close()
    return [section]


def run_next(documents: int, rounds: int) -> list[Section]:
    """One person approving in one company, and the portfolio of a firm with many companies."""
    with portal.prepared():
        world = crowd.fill(1, documents)
        taken, floor = _approve_next(world, rounds)
        middle, high = spread(taken)
        section = Section(
            "Approving one after the other",
            f"One company with {documents:,} documents. Server time of an approval until the next waiting document is "
            "shown with its list: both requests through Django's test client, all middleware, row security forced.",
        )
        section.rows.append(
            Row(
                what="approve, and the next is there",
                measured=f"p50 {middle:.0f} ms, p95 {high:.0f} ms",
                goal=f"p95 ≤ {NEXT} ms",
                floor=f"{spread(floor)[0]:.0f} ms, opening a document",
                met=high <= NEXT,
            )
        )
        portal.close()
    return [section]


# -- approve, next ------------------------------------------------------------------------------------------------


def _approve_next(world: Crowd, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of each approval, and of opening the same documents without deciding."""
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.force_login(world.boss)
    base = f"/c/{world.company.slug}/documents/"
    page = client.get(f"{base}?view=to-approve").content.decode()
    url = _first_row(page)
    taken, floor = [], []
    for turn in range(rounds + 5):
        start = perf_counter()
        page = client.get(url, headers=_PANE).content.decode()
        opened = perf_counter() - start
        after = re.search(r'name="next" value="([^"]+)"', page)
        if 'data-key="a"' not in page or after is None:
            raise AssertionError(f"{url} does not wait for approval")
        where, leads = url.split("?")[0] + "approve/", unescape(after[1])
        headers = _FOLLOW | {"HX-Current-URL": f"http://localhost{url}"}
        start = perf_counter()
        answer = client.post(where, {"next": leads}, headers=headers, follow=True)
        _ = answer.content
        if turn >= 5:
            taken.append(perf_counter() - start)
            floor.append(opened)
        if answer.status_code != 200 or not answer.redirect_chain:
            raise AssertionError(f"{where} gives {answer.status_code}")
        url = leads
    return taken, floor


def _first_row(page: str) -> str:
    found = re.search(r'class="row" href="([^"]+)"', page)
    if found is None:
        raise AssertionError("nothing waits for approval")
    return unescape(found[1])


# -- thirty people ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Person:
    """Somebody with a session, and what it does."""

    cookie: str
    token: str
    base: str
    owner: bool
    papers: list[bulk.Made] = field(default_factory=list)


@dataclass(slots=True)
class Done:
    """Seconds of each kind of request, and how many went wrong."""

    taken: dict[str, list[float]] = field(default_factory=dict)
    errors: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, seconds: float, well: bool) -> None:
        with self.lock:
            self.taken.setdefault(kind, []).append(seconds)
            self.errors += not well


def _people(world: Crowd) -> list[Person]:
    from django.conf import settings
    from django.middleware.csrf import _get_new_csrf_string
    from django.test import Client

    with portal.superuser() as connection:
        rows = connection.execute(
            "select id, slug from tenancy_company where firm_id = %s order by id limit %s", [world.firm.pk, _OWNERS]
        ).fetchall()
        members: list[tuple[Member, str, bool]] = []
        for number in range(PEOPLE):
            owner = number < _OWNERS
            member = portal.member(f"person{number}@bench.example", f"Person {number}")
            company, slug = rows[number % len(rows)] if owner else (None, "")
            connection.execute(
                "insert into tenancy_membership (member_id, firm_id, company_id, role, companies, created_at) "
                "values (%s, %s, %s, %s, '{}', now())",
                [member.pk, world.firm.pk, company, "owner" if owner else "firm_owner"],
            )
            members.append((member, f"/c/{slug}/" if owner else f"/f/{world.firm.slug}/", owner))
    made = list(bulk.papers(400, seed=4711, mix={"fatturapa": 1}, buyers={"IT": [bulk.company("IT", 0)]}))
    found = []
    for place, (member, base, owner) in enumerate(members):
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(member)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        token = _get_new_csrf_string()
        cookie = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}"
        found.append(Person(cookie, token, base, owner, made[place::PEOPLE]))
    return found


@contextmanager
def _served() -> Iterator[int]:
    """The web server and a worker, as the supervisor starts them; gives the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {**os.environ, "FATTO_PORT": str(port)}
    running = [
        subprocess.Popen(  # noqa: S603 - our own interpreter and commands
            [sys.executable, "-m", "fatto", command],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for command in ("web", "worker")
    ]
    try:
        _until(lambda: _alive(port))
        yield port
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(30)


def _until(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not check():
        if time.monotonic() > deadline:
            raise AssertionError("the portal does not answer")
        time.sleep(0.2)


def _alive(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        connection.request("GET", "/health/live")
        return connection.getresponse().status == 200
    except OSError:
        return False


def _warm(people: list[Person], port: int) -> None:
    """Everybody comes in once, one after the other: the first day of a server is not what is measured."""
    for person in people:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        _asked(connection, person, "GET", person.base, None, {})
        _asked(connection, person, "GET", f"{person.base}documents/", None, {})
        connection.close()


def _work(people: list[Person], port: int, seconds: float) -> Done:
    done = Done()
    end = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_day, args=[person, port, end, done, place], daemon=True)
        for place, person in enumerate(people)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 60)
    return done


def _day(person: Person, port: int, end: float, done: Done, seed: int) -> None:
    """One person: lists, documents, decisions or files, until it is evening."""
    chance = random.Random(seed)  # noqa: S311 - what it does next
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def ask(kind: str, method: str, url: str, body: bytes | str | None = None, **headers: str) -> str:
        """A request with what it is redirected to; an empty page when it went wrong."""
        start = perf_counter()
        try:
            page, status = _asked(connection, person, method, url, body, headers)
        except (OSError, http.client.HTTPException):
            page, status = "", 0
            connection.close()
        done.add(kind, perf_counter() - start, status == 200)
        time.sleep(chance.uniform(*_PAUSE))
        return page if status == 200 else ""

    time.sleep(chance.uniform(0, _PAUSE[1]))
    while time.monotonic() < end:
        view = "?view=to-approve" if person.owner else chance.choice(["", "?view=to-book", "?view=disputed"])
        page = ask("lists", "GET", f"{person.base}documents/{view}")
        rows = [unescape(each) for each in re.findall(r'class="row" href="([^"]+)"', page)]
        for url in chance.sample(rows, min(2, len(rows))):
            if time.monotonic() < end:
                page = ask("documents", "GET", url, **_PANE)
                if person.owner:
                    _approve(page, url, ask)
        if not person.owner and person.papers and time.monotonic() < end:
            _upload(person, ask)
            ask("first pages", "GET", person.base)
    connection.close()


def _approve(page: str, url: str, ask: Callable[..., str]) -> None:
    """Press the button that the page has."""
    after = re.search(r'/approve/".*?name="next" value="([^"]+)"', page, re.S)
    if after is not None and 'data-key="a"' in page:
        ask(
            "approvals",
            "POST",
            url.split("?")[0] + "approve/",
            f"next={unescape(after[1]).replace('&', '%26').replace('?', '%3F').replace('=', '%3D')}",
            **_FOLLOW,
            **{"HX-Current-URL": f"http://127.0.0.1{url}", "Content-Type": "application/x-www-form-urlencoded"},
        )


def _upload(person: Person, ask: Callable[..., str]) -> None:
    made = person.papers.pop()
    boundary = uuid.uuid4().hex
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{made.name}"\r\n'
        "Content-Type: application/xml\r\n\r\n"
    )
    body = head.encode() + made.data + f"\r\n--{boundary}--\r\n".encode()
    ask(
        "uploads",
        "POST",
        f"{person.base}upload/",
        body,
        **{"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )


def _asked(
    connection: http.client.HTTPConnection,
    person: Person,
    method: str,
    url: str,
    body: bytes | str | None,
    headers: dict[str, str],
) -> tuple[str, int]:
    for _ in range(4):
        sent = {**headers, "Cookie": person.cookie, "Accept-Language": "it"}
        if method == "POST":
            sent["X-CSRFToken"] = person.token
        connection.request(method, url, body, sent)
        answer = connection.getresponse()
        page = answer.read().decode("utf-8", "replace")
        if answer.status not in (302, 303):
            return page, answer.status
        url, method, body = answer.headers["Location"], "GET", None
        headers = {name: value for name, value in headers.items() if name != "Content-Type"}
        if "/accounts/" in url:
            return "", 401
    return "", 310


def _floor(port: int) -> float:
    """Seconds of a page that asks nothing of the database, with nobody else there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    taken = []
    for _ in range(30):
        start = perf_counter()
        connection.request("GET", "/health/live")
        connection.getresponse().read()
        taken.append(perf_counter() - start)
    return min(taken)


def _failed_jobs() -> int:
    with portal.superuser() as connection:
        row = connection.execute("select count(*) from procrastinate_jobs where status = 'failed'").fetchone()
        return int(row[0]) if row else 0

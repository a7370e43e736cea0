"""Server time of pages and of searches at companies × documents, through Django's whole stack."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import quote

from bench import crowd, portal
from bench.table import Row, Section, spread

if TYPE_CHECKING:
    from django.test import Client

    from bench.crowd import Crowd
    from fatto.portal.tenancy.models import Member

LIST = 100
SEARCH = 200
DOCUMENT = 100
CLIENTS = 300
_ROUNDS = 60
_WORDS = (
    "meccanica brenta",
    "trapano",
    "cemento sacchi",
    "ceramiche piave 20",
    "olio extravergine",
    "serratura infilare",
    "tovaglioli carta",
)


def run(companies: int, documents: int) -> list[Section]:
    """The pages, then search with and without the leak-proof mark."""
    rounds = _ROUNDS if companies * documents >= 1000 else 2  # a handful only shows that it still works
    with portal.prepared():
        start = perf_counter()
        world = crowd.fill(companies, documents)
        filled = perf_counter() - start
        note = (
            f"{companies:,} companies with {documents:,} documents each, half of them in one firm "
            f"(filled in {filled:.0f} s). Server time through Django's test client, all middleware, row security "
            f"forced, {rounds} requests of each kind after 5 to warm up. The floor is the health page, no database."
        )
        sections = [Section("Pages", note)]
        sections[0].rows += _pages(world, rounds)
        sections.append(_marks(world))
        portal.close()
    return sections


def _client(member: Member) -> Client:
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.force_login(member)
    return client


def _pages(world: Crowd, rounds: int) -> Iterable[Row]:
    firm, company = f"/f/{world.firm.slug}/", f"/c/{world.company.slug}/"
    theirs, all_of_firm = f"{company}documents/", f"{firm}documents/"
    owner, boss = _client(world.owner), _client(world.boss)
    chance = random.Random(5)  # noqa: S311 - which page to open
    ids = _some(world)
    numbers = _numbers(world)
    floor = _timed(owner, lambda turn: "/health/live", rounds)

    def words(turn: int) -> str:
        return quote(_WORDS[turn % len(_WORDS)])

    def month(turn: int) -> str:
        return f"2025-{turn % 12 + 1:02d}"

    def pick(turn: int) -> int:
        return chance.choice(ids)

    cases: tuple[tuple[str, Client, Callable[[int], str], int | None], ...] = (
        ("list of a company", boss, lambda turn: theirs, LIST),
        ("… received, to approve", boss, lambda turn: f"{theirs}?direction=received&view=to-approve", LIST),
        ("… by amount", boss, lambda turn: f"{theirs}?sort=-amount", LIST),
        ("list of the firm", owner, lambda turn: all_of_firm, LIST),
        (
            "… of a month",
            owner,
            lambda turn: f"{all_of_firm}?date_from={month(turn)}-01&date_to={month(turn)}-28",
            LIST,
        ),
        ("… to book", owner, lambda turn: f"{all_of_firm}?view=to-book", LIST),
        ("… by amount", owner, lambda turn: f"{all_of_firm}?sort=-amount", LIST),
        ("search over the firm: words", owner, lambda turn: f"{all_of_firm}?words={words(turn)}", SEARCH),
        ("… one document", owner, lambda turn: f"{all_of_firm}?words=ref{_reference(world, turn)}", SEARCH),
        ("… party", owner, lambda turn: f"{all_of_firm}?party={words(0)}", SEARCH),
        ("… number", owner, lambda turn: f"{all_of_firm}?number={quote(numbers[turn])}", SEARCH),
        ("search in a company: words", boss, lambda turn: f"{theirs}?words={words(turn)}", SEARCH),
        ("document", boss, lambda turn: f"{theirs}{pick(turn)}/", DOCUMENT),
        ("document at the firm's desk", owner, lambda turn: f"{all_of_firm}{pick(turn)}/", DOCUMENT),
        ("a document's readable sheet", boss, lambda turn: f"{theirs}{pick(turn)}/sheet/", DOCUMENT),
        ("the firm's day", owner, lambda turn: firm, None),
        ("the firm's clients", owner, lambda turn: f"{firm}clients/", CLIENTS),
        ("ready to book, all companies", owner, lambda turn: f"{firm}booking/", None),
        ("the company's home", boss, lambda turn: company, None),
    )
    for name, client, address, goal in cases:
        middle, high = spread(_timed(client, address, rounds))
        yield Row(
            what=name,
            measured=f"p50 {middle:.0f} ms, p95 {high:.0f} ms",
            goal=f"p95 ≤ {goal} ms" if goal else "",
            floor=f"{spread(floor)[0]:.1f} ms" if name == "list of a company" else "",
            met=high <= goal if goal else None,
        )


def _reference(world: Crowd, turn: int) -> int:
    """The word that `crowd` gave to one document alone."""
    return world.company.pk * 1000 + turn % 90 + 1


def _numbers(world: Crowd) -> list[str]:
    with portal.superuser() as connection:
        rows = connection.execute(
            "select number from documents_document where firm_id = %s order by md5(id::text) limit %s",
            [world.firm.pk, _ROUNDS + 5],
        )
        return [row[0] for row in rows.fetchall()]


def _some(world: Crowd) -> list[int]:
    with portal.superuser() as connection:
        rows = connection.execute(
            "select id from documents_document where company_id = %s order by id desc limit 200", [world.company.pk]
        )
        return [row[0] for row in rows.fetchall()]


def _timed(client: Client, address: Callable[[int], str], rounds: int) -> list[float]:
    found = []
    for turn in range(rounds + 5):
        where = address(turn)
        start = perf_counter()
        response = client.get(where)
        _ = response.content
        found.append(perf_counter() - start)
        if response.status_code != 200:
            raise AssertionError(f"{where} gives {response.status_code} {response.headers.get('location', '')}")
    return found[5:]


def _marks(world: Crowd) -> Section:
    """The same searches, the text operators first leak-proof as shipped, then as PostgreSQL ships them."""
    from fatto.portal import postgres
    from fatto.portal.documents import queries
    from fatto.portal.tenancy.scope import scope

    section = Section(
        "Search and the leak-proof mark",
        "The query alone, first page of 50 over the whole firm. Unless the functions behind `@@` are leak-proof, "
        "PostgreSQL may not use the text index under row security. The floor is the same query as a superuser, "
        "whom row security does not bind.",
    )
    who = portal.acting(world.owner, world.firm)

    def search(words: str) -> tuple[float, float]:
        portal.close()
        taken = []
        for _ in range(15):
            with scope(who):
                start = perf_counter()
                queries.page(queries.Filters(words=words))
                taken.append(perf_counter() - start)
        return spread(taken[2:])

    cases = {"many hits": "meccanica brenta", "one hit": f"ref{_reference(world, 6)}", "no hit": "zzyzx"}
    with portal.superuser() as connection:
        marked = {name: search(words) for name, words in cases.items()}
        try:
            for function in postgres.LEAK_PROOF:
                connection.execute(f"alter function {function} not leakproof")
            unmarked = {name: search(words) for name, words in cases.items()}
        finally:
            postgres.mark_leak_proof(connection)
        for name, words in cases.items():
            section.rows.append(
                Row(
                    what=name,
                    measured=f"marked {marked[name][0]:.1f} ms, unmarked {unmarked[name][0]:.1f} ms (p50)",
                    floor=f"{_unbound(connection, world, words) * 1000:.1f} ms",
                )
            )
    return section


def _unbound(connection: object, world: Crowd, words: str) -> float:
    from fatto.portal.documents import words as folded

    taken = []
    for _ in range(9):
        start = perf_counter()
        connection.execute(  # type: ignore[attr-defined]
            "select id, number, party_name, amount from documents_document where firm_id = %s and words @@ %s::tsquery "
            "order by sort_date desc, id desc limit 51",
            [world.firm.pk, folded.query(words)],
        ).fetchall()
        taken.append(perf_counter() - start)
    return sorted(taken)[4]

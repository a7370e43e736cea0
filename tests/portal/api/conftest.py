"""Programs in front of the API: one token each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

if TYPE_CHECKING:
    from django.http import HttpResponse
    from tests.portal.world import World

    from fatto.portal.tenancy.actor import Actor

EVERYTHING = ["read", "upload", "decide", "book", "webhooks"]


class Program:
    """Something that calls the API with a token."""

    def __init__(self, secret: str) -> None:
        from django.test import Client

        self.secret = secret
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def get(self, path: str, **query: Any) -> HttpResponse:
        headers = query.pop("headers", {})
        return self.client.get(f"/api/v1{path}", query, headers=headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        data = b"" if body is None else json.dumps(body)
        return self.client.post(f"/api/v1{path}", data, content_type="application/json", headers=headers)

    def upload(self, data: bytes, name: str = "a.xml", *, wait: int = 0, key: str = "", **said: str) -> HttpResponse:
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(
            f"/api/v1/uploads?{urlencode({'name': name, 'wait': wait, **said})}",
            data,
            content_type="application/octet-stream",
            headers=headers,
        )


def issue(who: Actor, scopes: list[str] | None = None, days: int | None = None, name: str = "Robot") -> str:
    """A token that somebody makes; by default it may do whatever its side can."""
    from fatto.portal.programs import actions
    from fatto.portal.tenancy.scope import scope

    with scope(who):
        possible = actions.possible_scopes(who)
        return actions.issue_token(who, name=name, scopes=scopes or possible, days=days).secret


@pytest.fixture
def program(world: World) -> Callable[..., Program]:
    """`program("maria", company="rossi")`, `program("anna", firm="bianchi", scopes=["read"])`."""

    def make(person: str, *, company: str = "", firm: str = "", **options: Any) -> Program:
        who = world.at_company(person, company) if company else world.at_firm(person, firm)
        return Program(issue(who, **options))

    return make


@pytest.fixture
def quick_worker(db: None) -> Iterator[None]:
    """Works a delivery off in the moment in which it is queued, as a worker beside us would a little later."""
    from unittest import mock

    from fatto.portal.api import uploads
    from fatto.portal.flow import arrive, tasks

    class Now:
        def defer(self, firm: int, delivery: int = 0, **others: object) -> None:
            if delivery:  # what is shown of a document can wait
                later.append(delivery)

    later: list[int] = []
    again = uploads._again

    def work_then_look(who, pk):
        while later:
            arrive.process(who.firm, later.pop())
        return again(who, pk)

    with (
        mock.patch.object(type(tasks.process), "configure", return_value=Now()),
        mock.patch.object(uploads, "_again", work_then_look),
    ):
        yield

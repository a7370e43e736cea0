"""A company that sends, for tests: hand in, ask, and let time go by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from tests.portal import papers
from tests.portal.exchange import authority
from tests.portal.world import World

from fatto.channels.http import Client
from fatto.countries.ro import spv
from fatto.countries.ro.sandbox import Sandbox
from fatto.portal.documents.models import Document
from fatto.portal.exchange import services
from fatto.portal.exchange.models import Box, Note, Transmission
from fatto.portal.flow import issue
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.scope import scope

CIF = authority.CIF
SELLER = "14399840"


@dataclass
class Post:
    """Brutăria, connected: hand in, ask, and let time go by."""

    world: World
    anaf: Sandbox
    box: Box
    now: datetime = field(default_factory=timezone.now)

    @property
    def owner(self) -> Actor:
        return self.world.at_company("mihai", "brutaria")

    @property
    def firm(self) -> Any:
        return self.world.firms["dunarea"]

    def issue(self, number: str = "B-1", **more: Any) -> Document:
        """Hand in an invoice that Brutăria issued today."""
        day = more.pop("day", timezone.localdate(self.now).isoformat())
        given = {"seller": "Brutăria Dunării SRL", "seller_id": f"RO{CIF}", "buyer": "Furnizor Test SRL"}
        data = papers.ubl(number, **{**given, "buyer_id": f"RO{SELLER}", "day": day, "due": "2030-01-01", **more})
        self.world.hand_in(self.owner, f"{number}.xml", data)
        return self.world.document(self.owner, number=number)

    def ask(self, document: Document, **more: Any) -> Transmission:
        with scope(self.owner) as who:
            return issue.ask(who, self.again(document), at=self.now, **more)

    def again(self, document: Document) -> Document:
        return self.world.document(self.owner, pk=document.pk)

    def look(self, row: Any) -> Any:
        """The row as it is now."""
        with scope(self.owner):
            return type(row).objects.select_related("document", "box").get(pk=row.pk)

    def step(self, row: Transmission | Note) -> Any:
        """One step, at the moment it is time for."""
        row = self.look(row)
        if row.next_check is not None:
            self.pass_until(row.next_check)
        (issue.note_step if isinstance(row, Note) else issue.step)(self.firm, row.pk, at=self.now)
        return self.look(row)

    def pass_until(self, moment: datetime) -> None:
        self.now = max(self.now, moment)

    def to_the_end(self, row: Any, most: int = 60) -> Any:
        """Step after step until nothing is left to do."""
        for _step in range(most):
            row = self.step(row)
            if row.next_check is None:
                return row
        raise AssertionError(f"still {row.state} after {most} steps: {row.error_code}")


@contextmanager
def posting(world: World, *, read: bool = True, **options: Any) -> Iterator[Post]:
    """Brutăria, connected to a stand-in whose clock goes with the test's; its box was `read` before, or never."""
    held: list[Post] = []

    def clock() -> datetime:
        return held[0].now if held else timezone.now()

    with authority.connected(world, clock=lambda: clock().timestamp(), **options) as there:
        service = spv.Anaf(there.anaf.variables, Client(sleep=lambda seconds: None), clock=clock)
        with services.instead(spv.CHANNEL.code, service):
            if read:
                with scope(world.at_company("mihai", "brutaria")):
                    Box.objects.filter(pk=there.box.pk).update(listed_until=timezone.now())
            held.append(Post(world, there.anaf, there.box))
            yield held[0]

"""A company that is connected to a stand-in for its authority."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

if TYPE_CHECKING:
    from tests.portal.world import World

    from fatto.countries.ro.sandbox import Sandbox
    from fatto.portal.documents.models import Document
    from fatto.portal.exchange.models import Box, Note, Transmission
    from fatto.portal.tenancy.actor import Actor

CIF = "12345674"
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
        from tests.portal import papers

        day = more.pop("day", timezone.localdate(self.now).isoformat())
        given = {"seller": "Brutăria Dunării SRL", "seller_id": f"RO{CIF}", "buyer": "Furnizor Test SRL"}
        data = papers.ubl(number, **{**given, "buyer_id": f"RO{SELLER}", "day": day, "due": "2030-01-01", **more})
        self.world.hand_in(self.owner, f"{number}.xml", data)
        return self.world.document(self.owner, number=number)

    def ask(self, document: Document, **more: Any) -> Transmission:
        from fatto.portal.flow import issue
        from fatto.portal.tenancy.scope import scope

        with scope(self.owner) as who:
            return issue.ask(who, self.again(document), at=self.now, **more)

    def again(self, document: Document) -> Document:
        return self.world.document(self.owner, pk=document.pk)

    def look(self, row: Any) -> Any:
        """The row as it is now."""
        from fatto.portal.tenancy.scope import scope

        with scope(self.owner):
            return type(row).objects.select_related("document", "box").get(pk=row.pk)

    def step(self, row: Transmission | Note) -> Any:
        """One step, at the moment it is time for."""
        from fatto.portal.exchange.models import Note
        from fatto.portal.flow import issue

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


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Post]]:
    """Connect a company of the world to a stand-in whose clock goes with the test's."""
    from fatto.countries.ro import sandbox, spv
    from fatto.portal.exchange import keys, services
    from fatto.portal.exchange.models import Box, Connection
    from fatto.portal.tenancy import actor as actors
    from fatto.portal.tenancy.scope import scope

    with ExitStack() as stack:

        def open_(world: World, **options: Any) -> Post:
            held: list[Post] = []
            clock = lambda: held[0].now if held else timezone.now()  # noqa: E731
            anaf = stack.enter_context(
                sandbox.serve({CIF: "Brutăria Dunării SRL"}, clock=lambda: clock().timestamp(), **options)
            )
            service = spv.Anaf(anaf.variables, clock=clock)
            stack.enter_context(services.instead("ro-spv", service))
            tokens = anaf.tokens()
            monkeypatch.setattr(keys, "of", lambda *args, **kwargs: keys.Key(tokens.access, 1))
            company = world.companies["brutaria"]
            with scope(actors.system(world.firms["dunarea"])):
                connection = Connection.objects.create(
                    firm=company.firm,
                    channel="ro-spv",
                    authorised_name="Ioana",
                    authorised_at=timezone.now() - timedelta(days=1),
                )
                box = Box.objects.create(
                    firm=company.firm,
                    company=company,
                    channel="ro-spv",
                    tax_id=CIF,
                    connection=connection,
                    listed_until=timezone.now() - timedelta(hours=1),
                )
            held.append(Post(world, anaf, box))
            return held[0]

        yield open_

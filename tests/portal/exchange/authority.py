"""A firm connected to a stand-in for its authority, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from django.conf import settings
from tests.portal.world import World

from fatto.channels.http import Client
from fatto.countries.ro import sandbox, spv
from fatto.countries.ro.sandbox import NO_CAPS, Sandbox
from fatto.portal.exchange import actions, services
from fatto.portal.exchange.limits import Shared
from fatto.portal.exchange.models import Box, Connection, Run
from fatto.portal.flow import sync
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company
from fatto.portal.tenancy.scope import scope

CIF = "12345674"
NAME = "Brutăria Dunării SRL"


@dataclass
class Connected:
    """The stand-in, and the company that is connected to it by its firm's certificate."""

    anaf: Sandbox
    world: World
    ioana: Actor
    mihai: Actor
    connection: Connection
    box: Box

    def sync(self, box: Box | None = None, seconds: float = 60.0) -> Run:
        """Look into a box, as a worker would."""
        box = box or self.box
        actor = sync.alone(self.ioana.firm, box.company)
        with scope(actor):
            run, _made = sync._wanted(box, actor)
        while not sync.work(self.ioana.firm, run.pk, seconds=seconds):
            pass
        return self.again(run)

    def again(self, row: Any) -> Any:
        """A row as it stands now."""
        with scope(self.mihai if row.company_id == self.mihai.companies[0] else self.ioana):
            return type(row)._default_manager.get(pk=row.pk)


@contextmanager
def settled(anaf: Sandbox) -> Iterator[None]:
    """The portal's settings and service lead to the stand-in."""
    with Client(tries=1) as client:
        service = spv.Anaf(anaf.variables, client, Shared())
        config = mock.patch.object(settings, "CONFIG", _with(anaf))
        with config, services.instead(spv.CHANNEL.code, service):
            yield


def _with(anaf: Sandbox) -> Any:
    import dataclasses

    return dataclasses.replace(settings.CONFIG, channels=dict(anaf.variables))


@contextmanager
def connected(world: World, messages: int = 0, **options: Any) -> Iterator[Connected]:
    """Brutăria, served by the certificate of its firm."""
    options.setdefault("caps", NO_CAPS)
    with sandbox.serve({CIF: NAME}, messages=messages, **options) as anaf, settled(anaf):
        ioana = world.at_firm("ioana", "dunarea")
        connection, box = connect(ioana, anaf, [world.companies["brutaria"]])
        yield Connected(anaf, world, ioana, world.at_company("mihai", "brutaria"), connection, box)


def connect(ioana: Actor, anaf: Sandbox, companies: list[Company]) -> tuple[Connection, Box]:
    """A connection of the firm that serves companies."""
    tokens = services.service(spv.CHANNEL.code).refresh(anaf.tokens().refresh)
    with scope(ioana):
        connection = actions.connect(ioana, channel=spv.CHANNEL.code, tokens=tokens)
        actions.serve(ioana, connection, companies=companies)
        box = Box.objects.select_related("company").get(company=companies[0])
    return connection, box

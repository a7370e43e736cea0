"""A stand-in for ANAF, for training and for tests: the same paths and answers, invented data, and faults on demand.

    with sandbox.serve({"40211570": "Grădina Albastră SRL"}, messages=500) as anaf:
        service = spv.Anaf(anaf.variables)
        channel = service.channel(anaf.tokens().access)
        channel.messages("40211570", …)

    anaf.break_next("upload", "lost_upload")     # the next upload is registered, and its answer lost
    anaf.world.faults = Faults(server_error=0.1) # from now on, one call in ten fails
    anaf.certificate                             # what seals: give it as an anchor

It listens on this machine only, and proves nothing about the real one beyond what is known of it. What it knows is in
`world`, what it hands out is made in `papers`, what it says is in `server`.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from fatto.channels.channel import Incoming, Tokens
from fatto.countries.ro import answers, spv
from fatto.countries.ro.sandbox.server import Server
from fatto.countries.ro.sandbox.world import NO_CAPS, Caps, Content, Faults, Judge, Upload, World

__all__ = ["NO_CAPS", "Caps", "Faults", "Sandbox", "serve"]

CLIENT_ID, CLIENT_SECRET = "training", "training-is-no-secret"  # of a server that guards nothing
PERSON = "Ana Exemplu"
KINDS = frozenset(
    {
        "dropped", "server_error", "html_page", "too_many", "expired_token", "technical", "truncated", "lost_upload",
        "lost", "forbidden", "empty_page", "no_totals", "",
    }
)  # fmt: skip


class Sandbox:
    """A running stand-in."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.world = server.world
        host, port = server.server_address[:2]
        self.url = f"http://{host!s}:{port}"

    def __str__(self) -> str:
        return self.url

    @property
    def variables(self) -> Mapping[str, str]:
        """The settings that lead here."""
        return {
            spv.AUTH: f"{self.url}/anaf-oauth2/v1",
            spv.API: f"{self.url}/prod/FCTEL/rest",
            spv.PUBLIC: self.url,
            spv.CLIENT_ID: self._server.client_id,
            spv.CLIENT_SECRET: self._server.client_secret,
        }

    @property
    def certificate(self) -> bytes:
        """The certificate (PEM) of what seals here."""
        return self.world.sealer.pem

    @property
    def troubles(self) -> list[BaseException | None]:
        """What went wrong in the stand-in itself."""
        return self._server.troubles

    def tokens(self, name: str = PERSON) -> Tokens:
        """A pair for a person, without a browser."""
        serial = next(each.serial for each in self.world.state.people.values() if each.name == name)
        made = self.world.tokens(serial)
        return Tokens(access=str(made["access_token"]), refresh=str(made["refresh_token"]), serial=serial)

    def fill(self, companies: Mapping[str, str], messages: int = 0, days: float = 55) -> None:
        """Invented messages for companies (code → name), on which everybody here gets rights."""
        for person in self.world.state.people.values():
            person.companies.extend(cif for cif in companies if cif not in person.companies)
        self.world.fill(companies, messages, days)

    def receive(self, document: bytes, seller: str, buyer: str, at: datetime | None = None) -> tuple[Incoming, ...]:
        """Put a document of your own into the boxes of its parties."""
        moment = self.world.clock() if at is None else at.timestamp()
        content = Content(kind="file", file=self.world.keep(document))
        made = self.world.deliver(seller, buyer, content, moment)
        self.world.save()
        listed = (answers.incoming(each.entry()) for each in made)
        return tuple(each for each in listed if each is not None)

    def break_next(self, call: str, kind: str, times: int = 1) -> None:
        """Let something go wrong with the next calls.

        `call`: `token`, `upload`, `stareMesaj`, `lista`, `listaPaginatie`, `descarcare`, `validare`, `transformare`,
        `signature`, or `any`; `kind`: one of KINDS, where the empty one is a call that goes well.
        """
        if kind not in KINDS:
            raise ValueError(kind)
        with self.world.lock:
            self.world.broken.setdefault(call, deque()).extend([kind] * times)

    def ids(self, cif: str) -> set[str]:
        """The messages that lie in a company's box, whatever lists show."""
        with self.world.lock:
            return set(self.world.state.boxes.get(cif, {}))

    def uploads(self) -> list[Upload]:
        """All that was ever handed in, in order."""
        self.world.settle()
        with self.world.lock:
            return list(self.world.state.uploads.values())


@contextlib.contextmanager
def serve(
    companies: Mapping[str, str] | None = None,
    *,
    messages: int = 0,
    days: float = 55,
    seed: int = 0,
    faults: Faults = Faults(),  # noqa: B008  # frozen
    caps: Caps = Caps(),  # noqa: B008  # frozen
    delay: float = 0.0,
    listed_after: float = 0.0,
    judge: Judge | None = None,
    folder: Path | None = None,
    port: int = 0,
    clock: Callable[[], float] = time.time,
    ahead: float = 0.0,
    access_lasts: float = 90 * 86_400.0,
    refresh_lasts: float = 365 * 86_400.0,
    copied_seals: bool = False,
) -> Iterator[Sandbox]:
    """Run the stand-in until the block ends.

    `companies` (code → name) have so many invented `messages` over the last `days`, and `PERSON` has rights on them;
    more people by `world.person`. An upload is worked off after `delay` seconds and listed `listed_after` later; it is
    refused with what `judge` says of it. With a `folder` everything is kept there, and `companies` are filled only the
    first time. Its clock is `ahead` by so many seconds. Times of tokens are seconds.
    """
    world = World(
        seed=seed,
        faults=faults,
        caps=caps,
        delay=delay,
        listed_after=listed_after,
        judge=judge,
        folder=folder,
        clock=lambda: clock() + ahead,
        access_lasts=access_lasts,
        refresh_lasts=refresh_lasts,
        copied_seals=copied_seals,
    )
    server = Server(("127.0.0.1", port), world, CLIENT_ID, CLIENT_SECRET)
    sandbox = Sandbox(server)
    first = not world.state.people
    known = {cif for each in world.state.people.values() for cif in each.companies}
    if first:
        world.person(PERSON, [])
    sandbox.fill({cif: name for cif, name in (companies or {}).items() if cif not in known}, messages, days)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield sandbox
    finally:
        server.shutdown()
        server.server_close()
        for connection in list(server.open_connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        world.save()

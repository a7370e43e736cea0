"""What tests of notices share: a clock, the jobs of the trail, and a push service that can read what it gets."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.portal.world import World

NOON = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
"""A Wednesday, noon in Rome; nothing is quiet then."""


@pytest.fixture
def tell(world: World) -> Callable[..., None]:
    """Does what the trail has queued for people since the last time, as the worker would."""
    from django.db import connection

    from fatto.portal.notifications import telling

    def do(at: datetime | None = NOON) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "delete from procrastinate_jobs where task_name = 'fatto.tell_people' and status = 'todo'"
                " returning args"
            )
            jobs = [json.loads(args) if isinstance(args, str) else args for (args,) in cursor.fetchall()]
        for firm in world.firms.values():
            for job in sorted((job for job in jobs if job["firm"] == firm.pk), key=lambda job: job["deeds"]):
                telling.tell(firm, job["deeds"], at=at)

    return do


@pytest.fixture
def send_all() -> Callable[..., None]:
    """Sends what is due at a moment."""
    from fatto.portal.notifications import posting
    from fatto.portal.notifications.models import Post

    def do(at: datetime = NOON + timedelta(minutes=2)) -> None:
        for number in Post.objects.order_by("pk").values_list("pk", flat=True):
            posting.send(number, at=at)

    return do


@dataclass
class PushService:
    """The other side of a push: keys of one browser, and what came, opened."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    raw: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec

        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = os.urandom(16)

    def subscription(self, name: str = "one") -> dict[str, str]:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": f"{self.url}/{name}", "p256dh": _text(point), "auth": _text(self.auth)}

    def opened(self) -> list[dict[str, str]]:
        import http_ece

        return [
            json.loads(http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm"))
            for _, body in self.raw
        ]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.fixture
def push_service(settings) -> Iterator[PushService]:
    settings.CONFIG = dataclasses.replace(settings.CONFIG, web_push="inside")
    service = PushService()

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.raw.append((dict(self.headers), body))
            self.send_response(service.answers.pop(0) if service.answers else 201)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Ear)
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield service
    server.shutdown()
    server.server_close()

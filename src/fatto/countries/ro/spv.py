"""RO e-Factura at ANAF: logging in, sending, following, listing, fetching, checking.

`classify_…` are pure: an answer as it came → what it means. `Anaf` is the service (`channels.Service`), `Spv` the way
in with one person's token (`channels.Channel`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime

from fatto.channels.channel import Complaint, Found, Listing, Page, Parcel, Receipt, Setting, Tokens
from fatto.channels.http import Client
from fatto.channels.limiter import Limiter

SETTINGS: tuple[Setting, ...] = ()
"""FATTO_ANAF_AUTH_URL, FATTO_ANAF_API_URL, FATTO_ANAF_PUBLIC_URL, FATTO_ANAF_CLIENT_ID, FATTO_ANAF_CLIENT_SECRET."""


class Anaf:
    """The service; satisfies `channels.channel.Service`."""

    def __init__(
        self,
        variables: Mapping[str, str],
        client: Client | None = None,
        limiter: Limiter | None = None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        patience: float = 5.0,
    ) -> None: ...

    def login_url(self, *, state: str, back: str) -> str: ...
    def exchange(self, *, code: str, back: str) -> Tokens: ...
    def refresh(self, refresh: str) -> Tokens: ...
    def channel(self, access: str, *, subject: str = "") -> Spv: ...
    def validate(self, data: bytes, standard: str) -> tuple[Complaint, ...]: ...
    def paper(self, data: bytes, standard: str) -> bytes: ...
    def confirm(self, document: bytes, seal: bytes) -> bool: ...


class Spv:
    """One token's way in; satisfies `channels.channel.Channel`."""

    def send(self, parcel: Parcel) -> Receipt: ...
    def state(self, reference: str) -> Receipt: ...
    def page(self, company: str, start: datetime, end: datetime, number: int = 1) -> Page: ...
    def messages(self, company: str, start: datetime, end: datetime) -> Listing: ...
    def recent(self, company: str, days: int) -> Listing: ...
    def fetch(self, message: str) -> bytes: ...
    def find(self, parcel: Parcel, since: datetime, known: Collection[str] = ()) -> Found: ...

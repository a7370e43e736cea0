"""What a country declares of its channel, what a channel takes and gives, and what can go wrong on the way.

    ChannelError
    ├── Temporary       may work later: try again
    │   ├── Limit       the authority's or our own limit is reached: not before `until`
    │   ├── Uncertain   the answer was lost: it may have been carried out, so look before doing it again
    │   └── Damaged     what came is not whole; `data` is what came
    └── Permanent       trying again changes nothing
        ├── LoginNeeded the permission ended: a person must log in again
        ├── Rights      the person has no rights, on one company or at all
        ├── Expired     the authority keeps it no longer
        ├── Duplicate   it was sent before; `reference` is what it had then
        └── Empty       there is nothing; lists give an empty page instead

Each keeps the authority's own text. Nothing here reaches the network, and reading an invoice never loads what does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol

from fatto.errors import FattoError
from fatto.invoice.model import Invoice

if TYPE_CHECKING:
    from fatto.channels.http import Client
    from fatto.channels.limiter import Limiter

# What goes wrong ----------------------------------------------------------------------------------


class ChannelError(FattoError):
    """Sending or fetching did not work; see the family above.

    `code` and `text` as in every `FattoError`; `official` is the authority's own text, as it came, or empty when it
    said nothing. `known` is False for an answer that nobody has met before: show it and tell the administrator.
    """

    def __init__(self, code: str, text: str, *, official: str = "", known: bool = True, **values: object) -> None:
        self.official = official
        self.known = known
        if "{official}" in text:
            values["official"] = official
        super().__init__(code, text, **values)


class Temporary(ChannelError):
    """May work later."""


class Limit(Temporary):
    """A limit is reached; nothing of its kind before `until` (aware). `quota` names the limit when it is known."""

    alone = False
    """Is it that of the one message that was asked for? The others can be had."""

    def __init__(
        self, code: str, text: str, *, until: datetime, quota: str = "", official: str = "", **values: object
    ) -> None:
        self.until = until
        self.quota = quota
        super().__init__(code, text, official=official, known=True, **values)


class Uncertain(Temporary):
    """The call left, its answer did not come: it may have been carried out."""


class Damaged(Temporary):
    """What came is not whole."""

    def __init__(self, code: str, text: str, *, data: bytes, official: str = "", **values: object) -> None:
        self.data = data
        super().__init__(code, text, official=official, known=True, **values)


class Permanent(ChannelError):
    """Trying again changes nothing."""


class LoginNeeded(Permanent):
    """The permission is not accepted (any more)."""


class Rights(Permanent):
    """No rights; on `company` (a tax id) when it is named, else on what was asked for, or on anything."""

    def __init__(self, code: str, text: str, *, company: str = "", official: str = "", **values: object) -> None:
        self.company = company
        super().__init__(code, text, official=official, known=True, **values)


class Expired(Permanent):
    """The authority keeps it no longer."""


class Duplicate(Permanent):
    """It was sent before, and had `reference` then."""

    def __init__(self, code: str, text: str, *, reference: str, official: str = "", **values: object) -> None:
        self.reference = reference
        super().__init__(code, text, official=official, known=True, **values)


class Empty(Permanent):
    """There is nothing."""


# Values -------------------------------------------------------------------------------------------


class Kind(StrEnum):
    """What a message of an authority is, as the company sees it."""

    RECEIVED = "received"
    ISSUED = "issued"
    ERRORS = "errors"
    """The authority's no to something that was sent."""
    BUYER_MESSAGE_RECEIVED = "buyer-message-received"
    BUYER_MESSAGE_SENT = "buyer-message-sent"
    UNKNOWN = "unknown"
    """A kind that nobody has met before: keep and show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A message as the authority lists it."""

    id: str
    """What it is fetched by, and known by: unique at the authority."""
    kind: Kind
    reference: str
    """Of the sending that it speaks of; two messages may share one."""
    at: datetime
    """When it was put into the list (aware)."""
    company: str = ""
    """Tax id of the box that it lies in, digits only."""
    seller: str = ""
    buyer: str = ""
    """What the list says about the parties: a hint; the document decides."""
    label: str = ""
    official: str = ""
    """The list's own word for the kind, and its own sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list."""

    messages: tuple[Incoming, ...] = ()
    number: int = 1
    pages: int = 0
    total: int = 0
    """Messages on all pages, as the authority counts them."""
    counted: bool = True
    """False when the authority did not say how many there are, and there may be more."""
    unreadable: tuple[str, ...] = ()
    """Entries that could not be understood, as they came (JSON)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """All that is listed for a company in a window."""

    start: datetime
    end: datetime
    """What was really asked for, after the authority's limits and clock."""
    messages: tuple[Incoming, ...] = ()
    """Each once, newest first."""
    total: int = 0
    """How many there are as the authority counts them."""
    complete: bool = True
    """False when pages moved so much that fewer were seen than counted, or entries could not be understood."""
    unreadable: tuple[str, ...] = ()


class Progress(StrEnum):
    """How far a sending has come."""

    WORKING = "working"
    ACCEPTED = "accepted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the authority says of a sending."""

    reference: str
    """Its number at the authority."""
    progress: Progress
    message: str = ""
    """The message that tells more, once there is one: `Channel.fetch` gives it."""
    at: datetime | None = None
    """The authority's time, when it says one (aware)."""
    official: str = ""
    """Its own word or sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Something to send, with what the authority wants to know beside it."""

    data: bytes = field(repr=False)
    company: str
    """Tax id of who sends, digits only."""
    standard: str
    """The channel's word for the syntax, e.g. `UBL`."""
    options: frozenset[str] = frozenset()
    """The channel's words for what is special, e.g. `extern`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search after a lost answer found."""

    receipt: Receipt | None = None
    """Of the sending, when a message holds exactly its bytes."""
    unexplained: tuple[Incoming, ...] = ()
    """Messages of that time that belong to no sending known and do not say to which: look at them before sending."""
    complete: bool = True
    """False when not all messages could be looked at: nothing is proved by not finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One thing that the authority has against a document."""

    official: str
    rule: str = ""
    """Its official code when the text names one, e.g. `BR-RO-110`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message of an authority, opened."""

    kind: Kind
    """RECEIVED for a document: whether it was issued or received is for its parties to say."""
    reference: str
    """Of the sending, by the names of the files."""
    about: str = ""
    """Of the sending that it speaks of, by its content: an error's own, a buyer message's invoice."""
    name: str = ""
    document: bytes = field(default=b"", repr=False)
    """The file that matters, byte for byte."""
    seal_name: str = ""
    seal: bytes | None = field(default=None, repr=False)
    """The authority's signature."""
    complaints: tuple[Complaint, ...] = ()
    text: str = ""
    """What the buyer wrote."""
    issuer: str = ""
    """Tax id that an error message names as the issuer's."""
    duplicate_of: str = ""
    """The earlier sending, when the complaint is that it was sent before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """A permission and what renews it. Both are secrets, and never shown or logged."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    access_until: datetime | None = None
    refresh_until: datetime | None = None
    """When they end (aware), as the authority says; nothing but its refusal is proof."""
    serial: str = ""
    """Serial number of the certificate that was used, when the token tells it."""


# Declarations -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A variable by which an administrator sets a channel up."""

    variable: str
    meaning: str
    """For the administrator's table (English)."""
    default: str = ""
    kind: Literal["url", "text"] = "text"
    """`url`: https, or http to this machine; see `http.check`."""
    secret: bool = False


class Channel(Protocol):
    """One person's way into the authority's boxes. All of it waits for the network, and raises `ChannelError`."""

    def send(self, parcel: Parcel) -> Receipt:
        """Hand it in, once: never tried again by itself. `Uncertain` means: `find` it before sending again."""

    def state(self, reference: str) -> Receipt:
        """How far a sending has come."""

    def page(self, company: str, start: datetime, end: datetime, number: int = 1) -> Page:
        """One page of what lies in a company's box; the window is narrowed to what the authority answers."""

    def messages(self, company: str, start: datetime, end: datetime) -> Listing:
        """All pages, each message once."""

    def fetch(self, message: str) -> bytes:
        """A message's file, whole."""

    def find(
        self,
        parcel: Parcel,
        since: datetime,
        known: Collection[str] = (),
        held: Callable[[str], bytes | None] = lambda message: None,
    ) -> Found:
        """Was it handed in after all, since that moment?

        `known` are references of other sendings; `held` gives a message's file where it was fetched before, for each
        may be fetched only a few times.
        """


class Service(Protocol):
    """An authority's servers as this installation reaches them."""

    def login_url(self, *, state: str, back: str) -> str:
        """Where a person's browser goes to give permission; it comes back to `back` with `code` and `state`."""

    def came_back(self, query: Mapping[str, str]) -> str:
        """What it came back with → the code; `LoginNeeded` when there is none. Comparing `state` is for the caller."""

    def exchange(self, *, code: str, back: str) -> Tokens:
        """What the browser brought → the permission. At once: codes live a minute."""

    def refresh(self, refresh: str) -> Tokens:
        """A new pair for the old; keep both before using either. `LoginNeeded` when a person is needed."""

    def channel(self, access: str, *, subject: str = "") -> Channel:
        """The way in with this permission. `subject` names whose it is: limits count by it."""

    def validate(self, data: bytes, standard: str) -> tuple[Complaint, ...]:
        """What the authority's own check finds; nothing is sent to anybody."""

    def paper(self, data: bytes, standard: str) -> bytes:
        """The authority's own PDF of a document."""

    def confirm(self, document: bytes, seal: bytes) -> bool:
        """Does the authority itself say that the seal is its own and fits?"""


class Training(Protocol):
    """A stand-in for the authority that runs on this machine, for training and for tests."""

    @property
    def url(self) -> str:
        """Where it is."""

    @property
    def variables(self) -> Mapping[str, str]:
        """The settings that lead to it."""

    @property
    def certificate(self) -> bytes:
        """The certificate (PEM) of its seals."""

    def fill(self, companies: Mapping[str, str], messages: int = 0, days: float = 55) -> None:
        """Companies (code → name) with so many invented messages of the last days."""

    def tokens(self) -> Tokens:
        """The permission of somebody who has rights on all companies there, without a browser."""

    def receive(self, document: bytes, seller: str, buyer: str, at: datetime | None = None) -> tuple[Incoming, ...]:
        """A document of your own, put into the boxes of its parties."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelType:
    """A way for files to leave and arrive, as a country declares it."""

    code: str
    name: str
    service: Callable[[Mapping[str, str], Client | None, Limiter | None], Service]
    """(variables, client, limiter) → the service; raises `Permanent` (`setting-…`) for what cannot be used."""
    read: Callable[[bytes], Message]
    """A message's file → what is in it; raises `Unopenable`."""
    prepare: Callable[[bytes, str, Invoice, str], Parcel]
    """(file, name of its format, invoice, the sender's tax id) → what to send; raises `Permanent`."""
    reply: Callable[[str, str, str], Parcel] | None = None
    """(reference of the invoice, the buyer's tax id, text) → a message to the seller, where there is such a thing."""
    training: Callable[..., AbstractContextManager[Training]] | None = None
    """(companies, options) → a stand-in for the authority, running, where there is one."""
    settings: tuple[Setting, ...] = ()
    ready: Callable[[Mapping[str, str]], bool] = lambda variables: True
    """Is all there that logging in needs?"""
    keeps: timedelta | None = None
    """How long the authority keeps messages."""
    overlap: timedelta = timedelta(days=1)
    """By how much windows should overlap, since messages may be listed late."""
    login_lasts: timedelta | None = None
    """After so long a person must log in again."""
    follow: tuple[timedelta, ...] = (timedelta(minutes=1),)
    """When to ask for the state of a sending: waits one after another, the last one again and again."""

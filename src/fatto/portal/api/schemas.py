"""What goes in and out, for the description of the API and for checking what programs send."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AfterValidator, Field, StringConstraints

from fatto.portal.approvals.models import Kind as AlertKind
from fatto.portal.approvals.models import Reason
from fatto.portal.conversation.models import Kind, Side
from fatto.portal.documents.models import Delivery, DeliveryItem, Direction
from fatto.portal.documents.queries import SORTS, VIEWS
from fatto.portal.documents.states import Approval, Booking, Check, Settlement
from fatto.portal.documents.states import Transmission as TransmissionState
from fatto.portal.exchange.states import Sending
from fatto.portal.programs.models import Event, Message


def _plain(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a text without NUL characters is needed")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("a text of whole Unicode characters is needed") from None
    return text


Word = Annotated[str, StringConstraints(max_length=200), AfterValidator(_plain)]
Note = Annotated[str, StringConstraints(max_length=4000), AfterValidator(_plain)]
Cursor = Annotated[str, StringConstraints(max_length=200, pattern=r"^[A-Za-z0-9_-]*$")]
Amount = Annotated[Decimal, Field(ge=-(10**15), le=10**15, max_digits=17, decimal_places=2)]
Id = Annotated[int, Field(ge=1, le=2**53)]


class Problem(Schema):
    """RFC 9457. `type` is stable and made for programs; the texts are for people."""

    type: str
    title: str
    status: int
    detail: str


class Party(Schema):
    """The other side: who sold what was received, who bought what was issued."""

    name: str
    tax_id: str


class Document(Schema):
    """A document in a list. Amounts are decimal numbers written as text; what reduces is negative."""

    id: int
    company: str
    direction: Literal[tuple(Direction.values)]  # type: ignore[valid-type]
    number: str
    type_code: str
    issue_date: date | None
    due_date: date | None
    hand_in_by: date | None
    """Of what is issued: the last day for handing it in to the authority."""
    party: Party
    amount: str | None
    currency: str
    credit: bool
    transmission: Literal[tuple(TransmissionState.values)]  # type: ignore[valid-type]
    approval: Literal[tuple(Approval.values)]  # type: ignore[valid-type]
    booking: Literal[tuple(Booking.values)]  # type: ignore[valid-type]
    settlement: Literal[tuple(Settlement.values)]  # type: ignore[valid-type]
    alerts: list[str]
    """Kinds of alerts that nobody has confirmed yet; approving asks to name them."""
    file_name: str
    format: str
    sha256_read: str
    tags: list[str]
    cost_center: str
    question: bool
    """Does a question about it wait for an answer?"""
    comments: int
    channel: str
    received_at: datetime
    decided_at: datetime | None
    booked_at: datetime | None


class Decision(Schema):
    """Somebody's yes or no, or its taking back, on exactly the bytes with this hash."""

    verdict: str
    reason: str
    note: str
    by: str
    """A person, a program's token, or the name of a rule."""
    step: int
    """1, or 2 for the second of two yeses. The first of two has the verdict `agreed`."""
    in_place_of: str
    """The person who was away, when a substitute decided."""
    rule: str
    rule_made_by: str
    at: datetime
    on_sha256: str


class RuleSet(Schema):
    """The version of a rule set, and the day from which it applies."""

    version: str
    applies_from: date


class OfficialFinding(Schema):
    """Something that an official rule says: its code, its place, and in words what is wrong and how to mend it."""

    code: str
    severity: Literal["fatal", "warning", "info"]
    set: str
    path: str
    line: int | None
    found: str | None
    expected: str | None
    message: str
    fix: str


class Verdict(Schema):
    """What the official rules say, as far as they can be asked here; only the authority can accept a document.

    `errors` and `warnings` count all findings; the first 200 are listed, errors before warnings.
    """

    state: Literal[tuple(Check.values)]  # type: ignore[valid-type]
    sets: dict[str, RuleSet]
    errors: int
    warnings: int
    findings: list[OfficialFinding]


class Alert(Schema):
    """Something that asks for a second look. `why` is for people."""

    kind: str
    why: str
    raised_at: datetime
    confirmed_at: datetime | None
    confirmed_by: str
    note: str


class Complaint(Schema):
    """What the authority has against a document."""

    rule: str
    official: str


class Transmission(Schema):
    """One attempt to send a document."""

    attempt: int
    state: Literal[tuple(Sending.values)]  # type: ignore[valid-type]
    sha256: str
    reference: str
    """The authority's number for it."""
    asked_at: datetime
    asked_by: str
    due_at: datetime | None
    """It leaves then, and can be called back until then."""
    sent_at: datetime | None
    answered_at: datetime | None
    official: str
    complaints: list[Complaint]
    message: str
    """What holds it up, for people."""


class Send(Schema):
    """Send it after the company's delay, or at once."""

    now: bool = False


class DocumentInFull(Document):
    """A document with what was read in it."""

    waiting_for: Literal["", "approval", "second-approval"]
    sha256: str
    """Of the original file."""
    size: int
    invoice: dict[str, Any] | None
    """Its content by the terms of EN 16931; null for what is no electronic invoice."""
    findings: list[dict[str, Any]]
    """What was odd when it was read."""
    verdict: Verdict
    signers: list[dict[str, Any]]
    decisions: list[Decision]
    alerts_in_full: list[Alert]
    """All alerts, the confirmed ones too."""
    transmissions: list[Transmission]
    """Each attempt to send it, the first one first."""


class NewComment(Schema):
    """Something to say. A question goes to one side; an answer names the question."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_plain)]
    kind: Literal[tuple(Kind.values)] = Kind.COMMENT  # type: ignore[valid-type]
    to: Literal[("", *Side.values)] = ""  # type: ignore[valid-type]
    """Of a question: who is asked."""
    question: Id | None = None
    """Of an answer: the number of the question."""


class Comment(Schema):
    """What somebody said. One that was withdrawn has no text any more."""

    id: int
    kind: Literal[tuple(Kind.values)]  # type: ignore[valid-type]
    text: str
    by: str
    side: str
    at: datetime
    to: str
    question: int | None
    answered_at: datetime | None
    withdrawn_at: datetime | None
    channel: str


class Comments(Schema):
    """All comments on a document, oldest first."""

    comments: list[Comment]


class DocumentPage(Schema):
    """Some documents, and the cursors to go on from; empty ones at the ends."""

    documents: list[Document]
    next: str
    previous: str


class DocumentQuery(Schema):
    """What a list is limited to."""

    direction: Literal[("", *Direction.values)] = ""  # type: ignore[valid-type]
    view: Literal[("", *VIEWS)] = ""  # type: ignore[valid-type]
    verdict: Literal[("", *Check.values)] = ""  # type: ignore[valid-type]
    """What the official rules say of it."""
    words: Word = ""
    party: Word = ""
    number: Word = ""
    company: Word = ""
    """A company's short name, with a firm's token."""
    date_from: date | None = None
    date_to: date | None = None
    amount_min: Amount | None = None
    amount_max: Amount | None = None
    sort: Literal[tuple(SORTS)] = "-date"  # type: ignore[valid-type]
    cursor: Cursor = ""
    size: int = Field(50, ge=1, le=200)


class Approve(Schema):
    """Yes, with a few words if need be."""

    note: Note = ""
    confirmed: Annotated[list[Literal[tuple(AlertKind.values)]], Field(max_length=10)] = []  # type: ignore[valid-type]
    """The kinds of alerts that somebody looked at and found right."""


class Dispute(Schema):
    """No, with the reason."""

    reason: Literal[tuple(Reason.values)]  # type: ignore[valid-type]
    note: Note = ""


class TakeBack(Schema):
    """Why a booking is taken back."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_plain)]


class Item(Schema):
    """What became of one thing in an uploaded file. `code` says why, for programs; `message` for people."""

    name: str
    outcome: Literal[tuple(DeliveryItem.Outcome.values)]  # type: ignore[valid-type]
    code: str
    message: str
    document: int | None


class Upload(Schema):
    """An uploaded file and what became of it."""

    id: int
    name: str
    state: Literal[tuple(Delivery.State.values)]  # type: ignore[valid-type]
    counts: dict[str, int]
    items: list[Item]
    next: str
    """Goes into `after` to get further items; empty at the end."""
    created_at: datetime
    finished_at: datetime | None


class Company(Schema):
    """A company that the token sees, with numbers of its lists."""

    slug: str
    name: str
    country: str
    currency: str
    vat_id: str
    tax_id: str
    gate: str
    to_approve: int
    disputed: int
    to_book: int


class Companies(Schema):
    """All companies, by name."""

    companies: list[Company]


class Token(Schema):
    """The token in use."""

    name: str
    prefix: str
    side: str
    firm: str
    company: str | None
    scopes: list[str]
    expires_at: datetime | None
    requests_per_minute: int
    largest_upload: int
    """In bytes."""


class NewWebhook(Schema):
    """An address to be told of events."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_plain)]
    events: Annotated[list[Literal[tuple(Event.values)]], Field(min_length=1, max_length=10)]  # type: ignore[valid-type]


class Webhook(Schema):
    """A webhook. `failing_since` is the first failure since anything was last delivered."""

    id: int
    url: str
    events: list[str]
    active: bool
    failing_since: datetime | None
    created_at: datetime
    created_by: str


class WebhookWithSecret(Webhook):
    """A new webhook with the secret that its messages are signed with; it is not shown again."""

    secret: str


class Webhooks(Schema):
    """The webhooks of the token's company or firm."""

    webhooks: list[Webhook]


class SentMessage(Schema):
    """A message on its way, or there. `status` is what the other side answered last."""

    id: int
    event: str
    state: Literal[tuple(Message.State.values)]  # type: ignore[valid-type]
    attempts: int
    status: int | None
    trouble: str
    created_at: datetime
    finished_at: datetime | None
    body: dict[str, Any]


class SentMessages(Schema):
    """Messages, newest first; `next` goes into `before`."""

    messages: list[SentMessage]
    next: int | None


class Before(Schema):
    """Where a list goes on."""

    before: Id | None = None

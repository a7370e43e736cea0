"""What travels by an authority's channel: who opened the way, which company's box, what lies in it, what was sent.

A connection is one person's permission; a box is one company's place at the authority, reached by one connection.
"""

from __future__ import annotations

from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fatto.channels.channel import Kind
from fatto.portal.documents.models import Document, File
from fatto.portal.exchange.states import LIVE, Connected, Held, Sending, Written
from fatto.portal.tenancy import scope
from fatto.portal.tenancy.models import Company, Firm, Member
from fatto.portal.tenancy.scope import RosterManager, ScopedManager

_Model = TypeVar("_Model", bound=models.Model)


LAST_DAY = -1
"""A delay up to the morning of the last day that the law leaves."""


class ConnectionManager(ScopedManager[_Model]):
    """In a company's space: its own connections, and those of the firm that serve its boxes."""

    def get_queryset(self) -> models.QuerySet[_Model]:
        actor = scope.current()
        if actor is None or actor.company is None:
            return super().get_queryset()
        serving = Box.objects.filter(company=actor.company).values("connection_id")
        rows: models.QuerySet[_Model] = models.QuerySet(self.model, using=self._db)
        return rows.filter(Q(company_id=actor.company.pk) | Q(company_id=None, pk__in=serving))


class Connection(models.Model):
    """One person's permission to act at an authority: the firm's, good for many companies, or one company's own."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="+")
    """None for one of the firm's."""
    channel = models.CharField(max_length=20)
    """A code of a country's `channels`."""
    authorised_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    authorised_name = models.CharField(max_length=200)
    """Who logged in, as called then."""
    authorised_at = models.DateTimeField()
    serial = models.CharField(max_length=100, blank=True)
    """Of the certificate, when the authority tells it."""
    sealed = models.TextField(blank=True)
    """The pair of tokens, encrypted as one text: both change together, or neither."""
    sealed_before = models.TextField(blank=True)
    """The pair before it, until the present one has worked."""
    generation = models.IntegerField(default=1)
    """Counts the pairs: who renews one says which."""
    renewing_until = models.DateTimeField(null=True)
    """Nobody else fetches a new pair before: somebody is at it or died over it, or the last new one was refused too."""
    access_until = models.DateTimeField(null=True)
    renew_at = models.DateTimeField(null=True)
    """When a new pair is fetched, well before the present one ends."""
    refresh_until = models.DateTimeField(null=True)
    login_until = models.DateTimeField(null=True)
    """By when a person must have logged in again."""
    warned = models.SmallIntegerField(null=True)
    """The last warning before `login_until`, in days."""
    state = models.CharField(max_length=12, choices=Connected.choices, default=Connected.ACTIVE)
    last_success = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    """Since when a new key was refused as well, and nothing has worked."""
    error_code = models.CharField(max_length=60, blank=True)
    error_text = models.TextField(blank=True)
    """An untranslated text of the library with its values."""
    error_values = models.JSONField(default=dict)
    error_official = models.TextField(blank=True)
    error_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[ConnectionManager[Self]] = ConnectionManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=Connected.values), name="connection_state_known"),
        ]
        indexes = [models.Index(fields=["state", "access_until"], name="connection_to_renew")]


class Box(models.Model):
    """One company's place at the authority, and how far we have seen what lies in it."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=20)
    tax_id = models.CharField(max_length=40)
    """What the authority knows the company by, digits only."""
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, null=True, related_name="+")
    """The way in; None when there is none any more."""
    rights_lost_at = models.DateTimeField(null=True)
    """Since when the connection has no rights on it."""
    paused = models.BooleanField(default=False)
    delay_hours = models.SmallIntegerField(null=True)
    """How many hours after a person's word what is to be sent goes out, or `LAST_DAY`; None for at once."""
    firm_sends = models.BooleanField(default=False)
    """Has the company said that its accounting firm may send its invoices?"""
    listed_until = models.DateTimeField(null=True)
    """Everything up to here was listed, by the authority's clock."""
    whole_at = models.DateTimeField(null=True)
    """When all that the authority keeps was last listed."""
    blocked_until = models.DateTimeField(null=True)
    """A limit is reached: no use in asking before."""
    last_run = models.DateTimeField(null=True)
    last_success = models.DateTimeField(null=True)
    next_run = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    """Runs that failed one after another."""
    failing_since = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_text = models.TextField(blank=True)
    error_values = models.JSONField(default=dict)
    error_official = models.TextField(blank=True)
    alarmed_at = models.DateTimeField(null=True)
    """When people were last told that nothing comes."""
    warned_at = models.DateTimeField(null=True)
    """When people were last told that something will be lost."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "channel"], name="box_once")]
        indexes = [models.Index(fields=["firm", "next_run"], name="box_next")]


class OAuthState(models.Model):
    """Somebody has gone to the authority to log in; whoever comes back must be the same, in the same session."""

    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    """The space that it was begun in: None for the firm's."""
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    channel = models.CharField(max_length=20)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    """The one that is renewed; None for a new one."""
    hash = models.CharField(max_length=64, unique=True)
    """SHA-256 of the state."""
    session = models.CharField(max_length=64)
    """SHA-256 of the session's key."""
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()
    entering: ClassVar[RosterManager[Self]] = RosterManager()
    """For finding one by its hash, inside `scope.entering`."""


class Probe(models.Model):
    """Does a connection open a company's box? Asked once after a login, before a person says which it serves."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("rights on a company", "Being asked")
        GRANTED = "granted", pgettext_lazy("rights on a company", "Has rights")
        REFUSED = "refused", pgettext_lazy("rights on a company", "No rights")
        UNKNOWN = "unknown", pgettext_lazy("rights on a company", "No answer")

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    official = models.TextField(blank=True)
    at = models.DateTimeField(null=True)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "company"], name="probe_once")]


class Message(models.Model):
    """A message in a box: each that the authority listed, once."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    box = models.ForeignKey(Box, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(max_length=60)
    """The authority's, by which it is fetched."""
    kind = models.CharField(max_length=30, choices=[(each.value, each.value) for each in Kind])
    reference = models.CharField(max_length=60, blank=True)
    """Of the sending that it speaks of."""
    about = models.CharField(max_length=60, blank=True)
    """Of the sending that its content speaks of: of a buyer's message, the invoice's."""
    at = models.DateTimeField()
    """When the authority put it there."""
    label = models.CharField(max_length=100, blank=True)
    """The authority's word for its kind."""
    official = models.TextField(blank=True)
    """The authority's sentence in the list."""
    state = models.CharField(max_length=8, choices=Held.choices, default=Held.LISTED)
    file = models.ForeignKey(File, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    """What was fetched, whole; in the vault."""
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    """The document that came in it, or that it speaks of."""
    tries = models.SmallIntegerField(default=0)
    """How often it was fetched in vain."""
    next_try = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    """Why it is not fetched yet, or why it is parked."""
    error_text = models.TextField(blank=True)
    error_values = models.JSONField(default=dict)
    error_official = models.TextField(blank=True)
    seal = models.CharField(max_length=8, blank=True)
    """The verdict on the authority's signature: `valid`, `invalid`, `unsigned`; empty where there is none."""
    seal_facts = models.JSONField(default=dict)
    """All of `channels.seal.Seal`."""
    found_at = models.DateTimeField(auto_now_add=True)
    """When we saw it in the list."""
    stored_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "box", "number"], name="message_of_box_once"),
            models.CheckConstraint(condition=Q(state__in=Held.values), name="message_state_known"),
        ]
        indexes = [
            models.Index(fields=["company", "-at", "-id"], name="message_of_company"),
            models.Index(fields=["firm", "-at", "-id"], name="message_of_firm"),
            models.Index(fields=["company", "reference"], name="message_by_reference"),
            models.Index(
                fields=["company", "about"], condition=Q(document=None, state="parked"), name="message_that_waits"
            ),
            models.Index(fields=["document"], condition=Q(document__isnull=False), name="message_of_document"),
            models.Index(fields=["company", "at"], condition=Q(state__in=["listed", "stored"]), name="message_to_do"),
        ]


class Run(models.Model):
    """One look into a box, and what came of it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Stopped by an error")

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    box = models.ForeignKey(Box, on_delete=models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    """Who asked for it; None for the clock."""
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    listed = models.IntegerField(default=0)
    """Messages that the authority listed in the window."""
    fresh = models.IntegerField(default=0)
    """Of these, those that were not known."""
    fetched = models.IntegerField(default=0)
    opened = models.IntegerField(default=0)
    errors = models.IntegerField(default=0)
    """Messages that could not be fetched, or are parked."""
    error_code = models.CharField(max_length=60, blank=True)
    error_text = models.TextField(blank=True)
    error_values = models.JSONField(default=dict)
    error_official = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    listed_at = models.DateTimeField(null=True)
    """When the list was read and noted; a run taken up again goes on after it."""
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["box"], condition=Q(state__in=["waiting", "running"]), name="run_one_at_a_time"
            )
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="run_of_company"),
            models.Index(fields=["firm", "-id"], name="run_of_firm"),
        ]


class Day(models.Model):
    """One day of one box: what the authority listed, and what is held of it."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    box = models.ForeignKey(Box, on_delete=models.PROTECT, related_name="+", db_index=False)
    date = models.DateField()
    """In the time zone of the company's country."""
    listed = models.IntegerField(default=0)
    held = models.IntegerField(default=0)
    lost = models.IntegerField(default=0)
    """Listed, but the authority kept it no longer when it was fetched."""
    looked_at = models.DateTimeField(null=True)
    """When the authority's complete list was last compared for the whole of the day so far."""

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "box", "date"], name="day_once")]
        indexes = [models.Index(fields=["firm", "date"], name="day_of_firm")]


class Quota(models.Model):
    """How much of an authority's limit is used: counts shared by all workers."""

    key = models.CharField(max_length=200, primary_key=True)
    """As `limiter.Key` says it."""
    at = models.DateTimeField()
    used = models.IntegerField(default=0)
    blocked = models.DateTimeField(null=True)


class Transmission(models.Model):
    """One attempt to send one document. Written before anything leaves."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", db_index=False)
    box = models.ForeignKey(Box, on_delete=models.PROTECT, related_name="+", db_index=False)
    attempt = models.SmallIntegerField(default=1)
    sha256 = models.CharField(max_length=64)
    """Of the bytes that are sent; they are in the vault."""
    file = models.ForeignKey(File, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    """The document's original as it was then: a later attempt has another."""
    name = models.CharField(max_length=255, blank=True)
    """What that file was called."""
    token = models.UUIDField(null=True)
    """Of the call that is under way: whoever finds another one here came too late."""
    answer = models.CharField(max_length=60, blank=True)
    """The message that tells more, by the authority's number: it is fetched once there is one."""
    standard = models.CharField(max_length=10, blank=True)
    options = models.JSONField(default=list)
    """The channel's words beside the file, as `channel.Parcel` has them."""
    state = models.CharField(max_length=10, choices=Sending.choices, default=Sending.QUEUED)
    reference = models.CharField(max_length=60, blank=True)
    """The authority's number for it."""
    due_at = models.DateTimeField(null=True)
    """Not sent before: the company's delay."""
    deadline = models.DateField(null=True)
    """The last day that the law leaves."""
    by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    by_name = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    """When the call began whose answer may have been lost."""
    sent_at = models.DateTimeField(null=True)
    """When the authority said that it has it."""
    answered_at = models.DateTimeField(null=True)
    next_check = models.DateTimeField(null=True)
    checks = models.SmallIntegerField(default=0)
    official = models.TextField(blank=True)
    complaints = models.JSONField(default=list)
    """What the authority has against it: `{"rule": …, "official": …}` each."""
    error_code = models.CharField(max_length=60, blank=True)
    error_text = models.TextField(blank=True)
    error_values = models.JSONField(default=dict)
    warned_at = models.DateTimeField(null=True)
    """When people were told that its time is up."""

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "attempt"], name="transmission_attempt_once"),
            models.UniqueConstraint(fields=["document"], condition=Q(state__in=LIVE), name="transmission_live_once"),
            models.CheckConstraint(condition=Q(state__in=Sending.values), name="transmission_state_known"),
        ]
        indexes = [
            models.Index(fields=["company", "reference"], name="transmission_by_reference"),
            models.Index(
                fields=["firm", "next_check"], condition=Q(next_check__isnull=False), name="transmission_to_check"
            ),
            models.Index(fields=["company", "-id"], name="transmission_of_company"),
        ]


class Receipt(models.Model):
    """A file that proves something about a document: the authority's answer, its seal, its own PDF."""

    class Kind(models.TextChoices):
        SEALED = "sealed", pgettext_lazy("receipt", "The document with the authority’s seal")
        ERRORS = "errors", pgettext_lazy("receipt", "The authority’s errors")
        MESSAGE = "message", pgettext_lazy("receipt", "A buyer’s message")
        PAPER = "paper", pgettext_lazy("receipt", "The authority’s own PDF")

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", db_index=False)
    transmission = models.ForeignKey(
        Transmission, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=255)
    at = models.DateTimeField()
    """The authority's time."""

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "file", "kind"], name="receipt_once")]


class Note(models.Model):
    """A message between buyer and seller about an invoice, by way of the authority."""

    class Direction(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("buyer message", "From the buyer")
        SENT = "sent", pgettext_lazy("buyer message", "To the seller")

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", db_index=False)
    box = models.ForeignKey(Box, on_delete=models.PROTECT, related_name="+", db_index=False)
    direction = models.CharField(max_length=8, choices=Direction.choices)
    text = models.TextField()
    state = models.CharField(max_length=10, choices=Written.choices)
    reference = models.CharField(max_length=60, blank=True)
    """The authority's number for the message itself."""
    sha256 = models.CharField(max_length=64, blank=True)
    """Of the bytes that are sent; they are in the vault."""
    token = models.UUIDField(null=True)
    """As of transmissions."""
    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    by_name = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    """When it was written; of one received, the authority's time."""
    started_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    next_check = models.DateTimeField(null=True)
    checks = models.SmallIntegerField(default=0)
    official = models.TextField(blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_text = models.TextField(blank=True)
    error_values = models.JSONField(default=dict)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "message"], condition=Q(message__isnull=False), name="note_of_message_once"
            ),
            models.CheckConstraint(condition=Q(state__in=Written.values), name="note_state_known"),
        ]
        indexes = [
            models.Index(fields=["document", "id"], name="note_of_document"),
            models.Index(fields=["company", "reference"], name="note_by_reference"),
            models.Index(fields=["firm", "next_check"], condition=Q(next_check__isnull=False), name="note_to_check"),
        ]

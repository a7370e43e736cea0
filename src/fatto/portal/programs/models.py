"""Programs that work with the portal: by which token they come in, what they handed in, and what they are told."""

from __future__ import annotations

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fatto.portal.documents.models import Delivery
from fatto.portal.tenancy.models import Company, Firm, Member
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import RosterManager, ScopedManager


class Scope(models.TextChoices):
    """What a token may do, as a person chooses it."""

    READ = "read", _("Read documents")
    UPLOAD = "upload", _("Hand in files")
    DECIDE = "decide", _("Approve and dispute")
    BOOK = "book", pgettext_lazy("program", "Mark as booked")
    COMMENT = "comment", pgettext_lazy("program", "Comment, ask and answer")
    SEND = "send", _("Send invoices to the authority")
    WEBHOOKS = "webhooks", _("Set up notices to other programs (webhooks)")


GRANTS: dict[str, frozenset[Can]] = {
    Scope.READ: frozenset({Can.DOCUMENT_READ, Can.ARCHIVE_READ}),
    Scope.UPLOAD: frozenset({Can.DOCUMENT_UPLOAD}),
    Scope.DECIDE: frozenset({Can.DOCUMENT_DECIDE}),
    Scope.BOOK: frozenset({Can.DOCUMENT_BOOK}),
    Scope.COMMENT: frozenset({Can.DOCUMENT_COMMENT}),
    Scope.SEND: frozenset({Can.DOCUMENT_SEND}),
    Scope.WEBHOOKS: frozenset({Can.WEBHOOK_MANAGE}),
}


class Side(models.TextChoices):
    """For whom a program acts. A hard gate hides from the firm's programs what it hides from its people."""

    COMPANY = "company", _("For the company")
    FIRM = "firm", _("For the accounting firm")


class Token(models.Model):
    """A program's key to a company or to a firm. Only its hash is kept: it is shown once, when it is made."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="+")
    """The one company it is good for; None for all companies of the firm."""
    side = models.CharField(max_length=8, choices=Side.choices)
    name = models.CharField(max_length=100)
    hash = models.CharField(max_length=64, unique=True)
    """SHA-256 of the token, which is random enough to need no slower one."""
    prefix = models.CharField(max_length=16)
    """Its beginning, by which people tell tokens apart."""
    scopes = ArrayField(models.CharField(max_length=12, choices=Scope.choices), default=list)
    created_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    allowance = models.FloatField(default=0)
    """Requests that it may make at once, as counted at `counted_at`."""
    counted_at = models.DateTimeField(null=True)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()
    entering: ClassVar[RosterManager[Self]] = RosterManager()
    """For finding a token by its hash, inside `scope.entering`."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(side=Side.FIRM) | models.Q(company__isnull=False), name="token_side_has_its_place"
            )
        ]

    @property
    def expired(self) -> bool:
        """Is its time over?"""
        return self.expires_at is not None and self.expires_at <= timezone.now()


class Upload(models.Model):
    """A file that a program handed in under a key of its own: the same again gets the same answer."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    token = models.ForeignKey(Token, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="upload_key_once")]


class Event(models.TextChoices):
    """What a program can be told of."""

    ARRIVED = "document.arrived", _("A document arrived")
    APPROVED = "document.approved", _("A document was approved")
    DISPUTED = "document.disputed", _("A document was disputed")
    BOOKED = "document.booked", _("A document was booked")
    COMMENTED = "document.commented", _("A document was commented on")
    ASKED = "document.question-asked", _("A question about a document was asked")
    ANSWERED = "document.question-answered", _("A question about a document was answered")
    ACCEPTED = "document.transmission-accepted", _("The authority accepted an invoice")
    FAILED = "document.transmission-failed", _("The authority refused an invoice")


class Webhook(models.Model):
    """An address that is told of events in a company or a firm."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="+")
    side = models.CharField(max_length=8, choices=Side.choices)
    url = models.CharField(max_length=500)
    sealed = models.TextField()
    """The secret that signs what is sent, encrypted under the portal's key."""
    events = ArrayField(models.CharField(max_length=30, choices=Event.choices))
    active = models.BooleanField(default=True)
    failing_since = models.DateTimeField(null=True)
    """The first failure since anything was last delivered."""
    created_at = models.DateTimeField(auto_now_add=True)
    created_by_name = models.CharField(max_length=200)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()


class Message(models.Model):
    """One event on its way to one address. The body is made once, so that every attempt sends the same."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Given up")

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    """That of the webhook."""
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="+", db_index=False)
    deed_id = models.BigIntegerField()
    event = models.CharField(max_length=30, choices=Event.choices)
    body = models.TextField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    attempts = models.IntegerField(default=0)
    status = models.IntegerField(null=True)
    """What the other side answered last; None when it could not be reached."""
    trouble = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["webhook", "deed_id"], name="message_once")]
        indexes = [models.Index(fields=["webhook", "-id"], name="message_of_webhook")]

"""What the companies decided, append-only: a change of mind is a new row; and what the guards found odd before."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fatto.portal.documents.models import Document
from fatto.portal.tenancy.models import Company, Firm, Member
from fatto.portal.tenancy.scope import ScopedManager


class Verdict(models.TextChoices):
    """A person's word on a document."""

    APPROVED = "approved", _("Approved")
    DISPUTED = "disputed", _("Disputed")
    UNDONE = "undone", _("Decision taken back")


class Reason(models.TextChoices):
    """Why a document is disputed."""

    NOT_OURS = "not_ours", _("Not ours")
    WRONG_AMOUNT = "wrong_amount", _("Wrong amount")
    NOT_RECEIVED = "not_received", _("Goods or services not received")
    ALREADY_PAID = "already_paid", _("Already paid")
    DUPLICATE = "duplicate", _("Duplicate")
    OTHER = "other", _("Other")


class Decision(models.Model):
    """One decision: who, when, where from, and on exactly which bytes."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    device = models.CharField(max_length=60, blank=True)
    on_sha256 = models.CharField(max_length=64)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["company", "document", "id"], name="decision_of_document")]


class Kind(models.TextChoices):
    """What the guards look for. The words are those of the lists: short, for a small red label."""

    IBAN = "iban", pgettext_lazy("alert", "New IBAN")
    DUPLICATE = "duplicate", pgettext_lazy("alert", "Duplicate?")
    SIGN = "sign", pgettext_lazy("alert", "Odd sign")
    ARITHMETIC = "arithmetic", pgettext_lazy("alert", "Does not add up")
    AMOUNT = "amount", pgettext_lazy("alert", "Unusual amount")


class Alert(models.Model):
    """Something that asks for a second look at a document before it is approved.

    It is raised once for each kind; `Document.alerts` names those that nobody has confirmed yet. Row
    security shows an alert exactly where it shows the document.
    """

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    values = models.JSONField(default=dict)
    """What the reason is told with; see `reasons`. Other documents stand in it by number only."""
    raised_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    by_name = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "kind"], name="alert_once")]

    why = ""
    """The reason in a sentence, in the reader's language; `queries.alerts` writes it."""
    others: ClassVar[list[Document]] = []
    """The documents that it speaks of, as far as the reader may see them; likewise."""

    @property
    def label(self) -> Any:
        """Its short name."""
        return Kind(self.kind).label


class Account(models.Model):
    """An account that a supplier of a company named to be paid to, and whether it is trusted.

    The first ones are, since there is nothing to compare them with; every further one when a person of
    the company confirmed it. Only the company's side reads this: what a hard gate hides stays hidden.
    """

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    supplier = models.CharField(max_length=120)
    """Country and tax id; where there is none, country and name; see `payees.supplier`."""
    name = models.CharField(max_length=300, blank=True)
    """As the last document wrote it."""
    name_key = models.CharField(max_length=120, blank=True)
    """The name as look-alikes are compared, see `payees.name_key`; with its two ends, by which they are found."""
    name_head = models.CharField(max_length=5, blank=True)
    name_tail = models.CharField(max_length=5, blank=True)
    account = models.CharField(max_length=40)
    """Letters and digits, upper case."""
    first_seen = models.DateField()
    last_seen = models.DateField()
    """By the dates of the documents."""
    documents = models.IntegerField(default=0)
    trusted_at = models.DateTimeField(null=True)
    trusted_by = models.CharField(max_length=200, blank=True)
    """Who confirmed it; empty for the first ones."""

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "supplier", "account"], name="account_once")]
        indexes = [
            models.Index(fields=["company", "name_head"], name="account_head"),
            models.Index(fields=["company", "name_tail"], name="account_tail"),
        ]


class Twin(models.Model):
    """A person said that two documents are the same one: `document` goes on, `twin` rests beside it with its file.

    Nothing is lost: the twin keeps its row, its original and its trail, and can be parted again; the
    states it had meanwhile wait here.
    """

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    twin = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    approval = models.CharField(max_length=16)
    settlement = models.CharField(max_length=16)
    at = models.DateTimeField()
    by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    by_name = models.CharField(max_length=200)
    parted_at = models.DateTimeField(null=True)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["twin"], condition=Q(parted_at=None), name="twin_of_one")]


class Backlog(models.Model):
    """A company with documents that the guards have not looked at: those of before they came, up to `last`.

    A job looks at them and takes the row away. Until then newer ones join them, so that they are all
    looked at in their order.
    """

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.OneToOneField(Company, on_delete=models.PROTECT, related_name="+")
    last = models.BigIntegerField()

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

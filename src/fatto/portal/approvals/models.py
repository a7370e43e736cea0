"""What the companies decided. Append-only: a change of mind is a new row."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

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

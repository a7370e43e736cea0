"""Where booked documents are kept: one folder each, in a tree that both sides see."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from fatto.portal.documents.models import Delivery, Direction, Document
from fatto.portal.tenancy.models import Company, Firm, Member
from fatto.portal.tenancy.scope import ScopedManager


class Record(models.Model):
    """A booked document's folder: year / month / issued, received or others / folder."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="record")
    year = models.IntegerField()
    month = models.IntegerField()
    section = models.CharField(max_length=8, choices=Direction.choices)
    folder = models.CharField(max_length=200)
    filed_at = models.DateTimeField()

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "year", "month", "section", "folder"], name="record_folder_once")
        ]


class Export(models.Model):
    """Everything of a company, or of a firm, made into one file that its people take along."""

    State = Delivery.State

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="+")
    """None for all that the firm sees."""
    side = models.CharField(max_length=8)
    """Whose eyes it was made with: the firm's see nothing behind a hard gate, so the sides' exports differ."""
    by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    """Who asked, with whose rights it is made, and who alone may fetch it."""
    language = models.CharField(max_length=5)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    """How many originals are in it, and will be."""
    damaged = models.IntegerField(default=0)
    """Originals whose bytes were not what they should be: left out, and named in the file."""
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    """When its bytes were removed; the row stays."""

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "done", "failed"]), name="export_state_known"
            ),
            models.UniqueConstraint(
                fields=["firm", "company", "side", "by"],
                condition=Q(state__in=["waiting", "running"]),
                name="export_one_at_a_time",
                nulls_distinct=False,
            ),
        ]

"""Where booked documents are kept: one folder each, in a tree that both sides see."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from fatto.portal.documents.models import Direction, Document
from fatto.portal.tenancy.models import Company, Firm
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

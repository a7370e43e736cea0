"""Filing a booked document, and taking it out again."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from fatto.portal.archive.models import Record
from fatto.portal.documents import naming
from fatto.portal.documents.models import Document
from fatto.portal.tenancy.action import action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can


@action(Can.DOCUMENT_BOOK)
def keep(actor: Actor, document: Document, *, at: datetime | None = None) -> Record:
    """Give a document its folder; a name that is taken gets a number."""
    name = naming.folder(document, actor.firm.naming)
    day = document.sort_date
    for number in range(1, 10_000):
        record = Record(
            firm_id=document.firm_id,
            company_id=document.company_id,
            document=document,
            year=day.year,
            month=day.month,
            section=document.direction,
            folder=name if number == 1 else f"{name} ({number})",
            filed_at=at or timezone.now(),
        )
        try:
            with transaction.atomic():
                record.save(force_insert=True)
        except IntegrityError as error:
            if "record_folder_once" not in str(error):
                raise
        else:
            return record
    raise RuntimeError(f"no free folder for {name}")


@action(Can.DOCUMENT_BOOK)
def take_out(actor: Actor, document: Document) -> None:
    """Take a document's folder out of the tree. The document itself, and its trail, stay."""
    Record.objects.filter(document=document).delete()

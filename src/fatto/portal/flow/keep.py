"""Booked: the accountant took it, and it is filed in the archive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fatto.portal.archive import actions as archive
from fatto.portal.documents.models import Document
from fatto.portal.documents.states import Approval, Booking
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import Refusal, action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.states import AlreadyMoved, move


@dataclass(slots=True)
class Booked:
    """What became of marking documents as booked."""

    documents: list[Document] = field(default_factory=list)
    skipped: list[tuple[Document, Any]] = field(default_factory=list)
    """Documents that were left out, each with the sentence that says why."""

    @property
    def count(self) -> int:
        return len(self.documents)


class ReasonMissing(Refusal):
    """Taking a booking back says why."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Say why the booking is taken back."))


@action(Can.DOCUMENT_BOOK)
def book(actor: Actor, documents: Iterable[Document], *, at: datetime | None = None) -> Booked:
    """Mark documents as booked and file them; what may not be booked is left out, with the reason.

    Disputed documents are never booked. Under a soft gate what waits for the company may be.
    """
    done = Booked()
    at = at or timezone.now()
    for document in documents:
        if document.approval == Approval.DISPUTED:
            done.skipped.append((document, _("The company disputes it.")))
            continue
        if document.booking == Booking.EXCLUDED:
            done.skipped.append((document, _("Other documents stand in its place.")))
            continue
        try:
            move(document, "booking", Booking.BOOKED, among=[Booking.TO_BOOK], booked_at=at)
        except AlreadyMoved:
            done.skipped.append((document, _("It was booked already.")))
            continue
        if Document.objects.filter(pk=document.pk, approval=Approval.DISPUTED).exists():
            raise AlreadyMoved  # disputed in the same moment: nothing of this is kept
        record = archive.keep(actor, document, at=at)
        trail.record(
            actor,
            "booked",
            company_id=document.company_id,
            document_id=document.pk,
            data={"folder": record.folder, "approval": document.approval},
            at=at,
        )
        done.documents.append(document)
    return done


@action(Can.DOCUMENT_BOOK)
def take_back(actor: Actor, document: Document, *, reason: str) -> None:
    """Undo a booking, with the reason; the document leaves the archive tree."""
    reason = reason.replace("\0", "").strip()
    if not reason:
        raise ReasonMissing
    move(document, "booking", Booking.TO_BOOK, among=[Booking.BOOKED], booked_at=None)
    archive.take_out(actor, document)
    trail.record(
        actor,
        "booking-taken-back",
        company_id=document.company_id,
        document_id=document.pk,
        data={"reason": reason},
    )

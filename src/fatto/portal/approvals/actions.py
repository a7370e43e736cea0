"""Deciding on a document."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fatto.portal.approvals.models import Decision, Reason, Verdict
from fatto.portal.approvals.states import MOVES
from fatto.portal.documents.models import Document
from fatto.portal.documents.states import Booking
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import Refusal, action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.gates import hold
from fatto.portal.tenancy.models import Gate
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.states import AlreadyMoved, move


class AlreadyBooked(Refusal):
    """Booked documents keep their decision until the firm takes the booking back."""

    def __init__(self) -> None:
        super().__init__(_("This document is booked. Ask your accountant to take the booking back first."))


class ReasonMissing(Refusal):
    """A dispute says why."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Say why: choose a reason."))


class NoteMissing(Refusal):
    """`Other` alone says nothing."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Write a few words: “Other” alone does not help whoever reads it."))


@action(Can.DOCUMENT_DECIDE)
def decide(
    actor: Actor, document: Document, *, verdict: str, reason: str = "", note: str = "", at: datetime | None = None
) -> Decision:
    """Record the company's word. Under a hard gate only a yes lets the firm see the document."""
    note = note.replace("\0", "").strip()
    if verdict == Verdict.DISPUTED:
        if reason not in Reason.values:
            raise ReasonMissing
        if reason == Reason.OTHER and not note:
            raise NoteMissing
    if document.booking == Booking.BOOKED:
        raise AlreadyBooked
    at = at or timezone.now()
    to, among = MOVES[verdict]
    undone = verdict == Verdict.UNDONE
    gate = hold([document.company_id])[document.company_id]
    open_to_firm = verdict == Verdict.APPROVED or gate != Gate.HARD
    move(document, "approval", to, among=among, approval_at=None if undone else at, open_to_firm=open_to_firm)
    if Document.objects.filter(pk=document.pk, booking=Booking.BOOKED).exists():
        raise AlreadyMoved  # booked in the same moment: the whole transaction is undone
    decision = Decision.objects.create(
        firm_id=document.firm_id,
        company_id=document.company_id,
        document=document,
        verdict=verdict,
        reason=reason if verdict == Verdict.DISPUTED else "",
        note=note,
        by=actor.member,
        by_name=actor.name,
        at=at,
        device=actor.device,
        on_sha256=document.data_sha256,
    )
    trail.record(
        actor,
        verdict,
        company_id=document.company_id,
        document_id=document.pk,
        data={"reason": decision.reason, "note": note, "sha256": document.data_sha256},
        at=at,
    )
    return decision

"""Deciding on a document, and the second look that an alert asks for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fatto.portal.approvals import alerts, twins
from fatto.portal.approvals.models import Alert, Decision, Kind, Reason, Verdict
from fatto.portal.approvals.states import MOVES
from fatto.portal.documents.models import Document
from fatto.portal.documents.states import Approval, Booking
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import NotAllowed, Refusal, action
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


class SecondLook(Refusal):
    """Something in the document asks for a second look, and whoever approves has not said that it was taken."""

    def __init__(self, kinds: Collection[str]) -> None:
        self.kinds = [kind for kind in Kind.values if kind in kinds]
        words = ", ".join(str(Kind(kind).label) for kind in self.kinds)
        text = _("This document needs a second look before it is approved: %(what)s. Open it and confirm.")
        super().__init__(text % {"what": words})


@action(Can.DOCUMENT_DECIDE)
def decide(
    actor: Actor,
    document: Document,
    *,
    verdict: str,
    reason: str = "",
    note: str = "",
    confirmed: Collection[str] = (),
    at: datetime | None = None,
) -> Decision:
    """Record the company's word. Under a hard gate only a yes lets the firm see the document.

    A document with alerts is approved only when `confirmed` names the kind of each.
    """
    note = note.replace("\0", "").strip()
    if verdict == Verdict.DISPUTED:
        if reason not in Reason.values:
            raise ReasonMissing
        if reason == Reason.OTHER and not note:
            raise NoteMissing
    if document.booking == Booking.BOOKED:
        raise AlreadyBooked
    at = at or timezone.now()
    if verdict == Verdict.APPROVED:
        _second_look(actor, document, confirmed, at)
    to, among = MOVES[verdict]
    undone = verdict == Verdict.UNDONE
    gate = hold([document.company_id])[document.company_id]
    open_to_firm = verdict == Verdict.APPROVED or gate != Gate.HARD
    move(document, "approval", to, among=among, approval_at=None if undone else at, open_to_firm=open_to_firm)
    if Document.objects.filter(pk=document.pk, booking=Booking.BOOKED).exists():
        raise AlreadyMoved  # booked in the same moment: the whole transaction is undone
    if gate == Gate.HARD:
        twins.follow(document.company_id)
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


def _second_look(actor: Actor, document: Document, confirmed: Collection[str], at: datetime) -> None:
    # As they are now, and as they stay until the decision stands: an alert may have come since the row was read.
    raised = Document.objects.select_for_update().values_list("alerts", flat=True).get(pk=document.pk)
    missing = set(raised) - set(confirmed)
    if missing:
        raise SecondLook(missing)
    if raised:
        alerts.settle(actor, document, raised, "", at)


@action(Can.DOCUMENT_DECIDE)
def confirm(
    actor: Actor, document: Document, *, kinds: Collection[str], note: str = "", at: datetime | None = None
) -> list[Alert]:
    """Say of some of a document's alerts that somebody looked and it is right; a new account is trusted from now on."""
    return alerts.settle(actor, document, kinds, note, at or timezone.now())


@action(Can.DOCUMENT_BOOK)
def check(
    actor: Actor, document: Document, *, kinds: Collection[str], note: str = "", at: datetime | None = None
) -> list[Alert]:
    """The same by the firm, where the company is not asked for its approval."""
    if document.approval != Approval.NOT_REQUIRED:
        raise NotAllowed(Can.DOCUMENT_DECIDE)
    return alerts.settle(actor, document, kinds, note, at or timezone.now())

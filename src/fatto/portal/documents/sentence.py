"""The one sentence on top of a document, and the four chips under it.

The sentence says what is needed, from whom, and since when; its `action` names the one button.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from fatto import i18n
from fatto.portal.documents.models import Document
from fatto.portal.documents.states import Approval, Booking, Settlement, Transmission
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can

Tone = Literal["done", "waiting", "action", "progress", "rule", "neutral"]
Axis = Literal["transmission", "approval", "booking", "money"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is needed now. `action` is `approve`, `book`, `undo`, `take-back` or empty."""

    text: str
    tone: Tone
    action: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """One of the four states, in words, colour and a picture."""

    axis: Axis
    tone: Tone
    icon: str
    label: Any


_TRANSMISSION: dict[str, tuple[Tone, str]] = {
    Transmission.RECEIVED: ("done", "inbox"),
    Transmission.DRAFT: ("neutral", "file-pen"),
    Transmission.ELSEWHERE: ("neutral", "send"),
    Transmission.NOT_APPLICABLE: ("neutral", "minus"),
}
_APPROVAL: dict[str, tuple[Tone, str]] = {
    Approval.TO_APPROVE: ("waiting", "hourglass"),
    Approval.APPROVED: ("done", "circle-check"),
    Approval.DISPUTED: ("action", "message-circle-x"),
    Approval.NOT_REQUIRED: ("neutral", "minus"),
}
_BOOKING: dict[str, tuple[Tone, str]] = {
    Booking.TO_BOOK: ("waiting", "book-open"),
    Booking.BOOKED: ("done", "book-check"),
    Booking.EXCLUDED: ("neutral", "minus"),
}


def chips(document: Document) -> list[Chip]:
    """The four states of a document, in their order: transmission, approval, booking, money."""
    transmission = _TRANSMISSION[document.transmission]
    approval = _APPROVAL[document.approval]
    booking = _BOOKING[document.booking]
    money = _money(document)
    return [
        Chip("transmission", *transmission, Transmission(document.transmission).label),
        Chip("approval", *approval, Approval(document.approval).label),
        Chip("booking", *booking, Booking(document.booking).label),
        money,
    ]


def headline(document: Document) -> Chip:
    """The one chip that a list shows: the state on which something waits."""
    found = chips(document)
    if document.booking == Booking.BOOKED:
        return found[2]
    if document.approval in (Approval.TO_APPROVE, Approval.DISPUTED):
        return found[1]
    return found[2]


def _money(document: Document) -> Chip:
    label = str(Settlement(document.settlement).label)
    if document.settlement == Settlement.OPEN and document.due_date:
        # Payments are not kept yet: whether a passed date was met is not known, so nothing is called late.
        label = _("Due %(date)s") % {"date": i18n.day(document.due_date, get_language() or "en")}
    if document.settlement == Settlement.OPEN:
        return Chip("money", "neutral", "calendar", label)
    if document.settlement == Settlement.CREDIT:
        return Chip("money", "progress", "undo-2", label)
    return Chip("money", "neutral", "minus", label)


def sentence(document: Document, actor: Actor) -> Sentence:
    """What is needed now, as this actor should read it."""
    decides = actor.can(Can.DOCUMENT_DECIDE)
    books = actor.can(Can.DOCUMENT_BOOK)
    if document.booking == Booking.BOOKED:
        return Sentence(_("Booked and in the archive."), "done", "take-back" if books else "")
    if document.booking == Booking.EXCLUDED:
        return Sentence(_("Kept with its file, and not booked."), "neutral")
    if document.approval == Approval.TO_APPROVE:
        days = (timezone.now() - document.received_at).days
        if decides:
            return Sentence(_("This document waits for your approval."), "waiting", "approve")
        if days < 1:
            return Sentence(_("Waiting for the company’s approval since today."), "waiting", "book" if books else "")
        text = ngettext(
            "Waiting for the company’s approval for %(days)s day.",
            "Waiting for the company’s approval for %(days)s days.",
            days,
        ) % {"days": days}
        return Sentence(text, "waiting", "book" if books else "")
    if document.approval == Approval.DISPUTED:
        text = _("Disputed: it is not booked until the company approves it.")
        return Sentence(text, "action", "undo" if decides else "")
    if books:
        return Sentence(_("Ready to book."), "progress", "book")
    if document.approval == Approval.APPROVED:
        return Sentence(_("Approved: your accountant can book it."), "done", "undo" if decides else "")
    return Sentence(_("Nothing to do: your accountant can book it."), "neutral")

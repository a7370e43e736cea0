"""The one sentence on top of a document, and the four chips under it.

The sentence says what is needed, from whom, and since when; its `action` names the one button.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from fatto import countries, i18n
from fatto.portal.documents import asked
from fatto.portal.documents.models import Document
from fatto.portal.documents.states import Approval, Booking, Settlement, Transmission
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Member
from fatto.portal.tenancy.permissions import Can

Tone = Literal["done", "waiting", "action", "progress", "rule", "neutral"]
Axis = Literal["transmission", "approval", "booking", "money", "question"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is needed now. `action` is `approve`, `book`, `undo`, `take-back`, `send`, `correct`, `cancel` or empty."""

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
    Transmission.DRAFT: ("waiting", "file-pen"),
    Transmission.CHECKED: ("waiting", "file-check"),
    Transmission.WAITING: ("progress", "clock"),
    Transmission.SENDING: ("progress", "send"),
    Transmission.ACCEPTED: ("progress", "hourglass"),
    Transmission.DELIVERED: ("done", "check-check"),
    Transmission.FAILED: ("action", "circle-x"),
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
    """The four states of a document, in their order: transmission, approval, booking, money; then an open question."""
    transmission = _TRANSMISSION[document.transmission]
    booking = _BOOKING[document.booking]
    money = _money(document)
    open_question = [Chip("question", "waiting", "message-circle-question-mark", _("Question open"))]
    return [
        Chip("transmission", *transmission, Transmission(document.transmission).label),
        _approval(document),
        Chip("booking", *booking, Booking(document.booking).label),
        money,
        *(open_question if document.question else []),
    ]


def _approval(document: Document) -> Chip:
    if document.approval == Approval.APPROVED and document.by_rule:
        return Chip("approval", "rule", "zap", _("Approved by rule"))
    if document.approval == Approval.TO_APPROVE and document.step > 1:
        return Chip("approval", "waiting", "hourglass", _("Waiting for the second approval"))
    return Chip("approval", *_APPROVAL[document.approval], Approval(document.approval).label)


def headline(document: Document) -> Chip:
    """The one chip that a list shows: the state on which something waits."""
    found = chips(document)
    if document.transmission == Transmission.FAILED:
        return found[0]
    if document.question:
        return found[-1]
    if document.booking == Booking.BOOKED:
        return found[2]
    if document.approval in (Approval.TO_APPROVE, Approval.DISPUTED):
        return found[1]
    if document.transmission in _MOVING:
        return found[0]
    return found[2]


_MOVING = (
    *(Transmission.DRAFT, Transmission.CHECKED, Transmission.WAITING, Transmission.SENDING),
    *(Transmission.ACCEPTED, Transmission.FAILED),
)
"""Issued, and not delivered yet: that comes before anything else is done with it."""


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
    if document.transmission in _MOVING:
        return _unsent(document, actor)
    if document.booking == Booking.BOOKED:
        return Sentence(_("Booked and in the archive."), "done", "take-back" if books else "")
    if document.booking == Booking.EXCLUDED:
        return Sentence(_("Kept with its file, and not booked."), "neutral")
    if document.approval == Approval.TO_APPROVE:
        days = (timezone.now() - document.received_at).days
        if decides or document.asked or document.step > 1:
            return _waiting(document, actor, "book" if books else "")
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
    if document.approval == Approval.APPROVED and document.by_rule:
        return Sentence(_("Approved by rule: your accountant can book it."), "rule", "undo" if decides else "")
    if document.approval == Approval.APPROVED:
        return Sentence(_("Approved: your accountant can book it."), "done", "undo" if decides else "")
    return Sentence(_("Nothing to do: your accountant can book it."), "neutral")


def _unsent(document: Document, actor: Actor) -> Sentence:
    """What an issued invoice needs until it is delivered; the button is for whoever may send."""
    send = "send" if actor.can(Can.DOCUMENT_SEND) else ""
    correct = "correct" if actor.can(Can.DOCUMENT_UPLOAD) else ""
    left = _left(document)
    if document.transmission == Transmission.FAILED:
        text = _("The authority did not accept this invoice: until a corrected one is sent, it counts as not issued.")
        return Sentence(f"{text} {left}".strip(), "action", correct)
    if document.transmission == Transmission.DRAFT:
        text = _("Not sent: the authority would refuse it as it is.")
        return Sentence(f"{text} {left}".strip(), "action", correct)
    if document.transmission == Transmission.CHECKED:
        tone: Tone = "action" if _late(document) else "waiting"
        text = _("Checked, and not sent yet.")
        return Sentence(f"{text} {left}".strip(), tone, send)
    if document.transmission == Transmission.WAITING:
        text = _("Waiting to be sent. Until it leaves, it can be called back.")
        return Sentence(f"{text} {left}".strip(), "action" if _overdue(document) else "progress", "cancel")
    if document.transmission == Transmission.SENDING:
        late = left if _late(document) else ""
        text = _("Being sent.")
        return Sentence(f"{text} {late}".strip(), "action" if _overdue(document) else "progress")
    return Sentence(_("The authority has it and is working on it."), "progress")


def _today() -> date:
    return timezone.localdate()


def _late(document: Document) -> bool:
    return document.hand_in_by is not None and document.hand_in_by <= _today()


def _overdue(document: Document) -> bool:
    return document.hand_in_by is not None and document.hand_in_by < _today()


def _left(document: Document) -> str:
    """How long the law leaves for handing it in, in working days where its holidays are known."""
    last = document.hand_in_by
    if last is None:
        return ""
    day = i18n.day(last, get_language() or "en")
    today = _today()
    if last < today:
        return _("It is overdue since %(date)s.") % {"date": day}
    if last == today:
        return _("Today is the last day for it.")
    holidays = countries.find(document.company.country).holidays
    days = sum(
        1
        for n in range(1, min((last - today).days, 60) + 1)
        if (on := today + timedelta(days=n)).weekday() < 5 and (holidays is None or on not in holidays(on.year))
    )
    text = ngettext("%(n)s working day is left, until %(date)s.", "%(n)s working days are left, until %(date)s.", days)
    return text % {"n": days, "date": day}


def _waiting(document: Document, actor: Actor, otherwise: str) -> Sentence:
    """Whose yes it waits for and since when; the button is for whoever may give it."""
    first = names(document.agreed[:1])
    speaks = asked.voice(actor, document.asked, document.agreed)
    if speaks is not None:
        if document.step > 1:
            text = _("%(name)s agreed. This document waits for your approval as well.") % {"name": first}
        elif speaks in actor.stands_for:
            text = _("This document waits for your approval in place of %(name)s.") % {"name": names([speaks])}
        else:
            text = _("This document waits for your approval.")
        return Sentence(text, "waiting", "approve")
    since = _since(document)
    if document.asked:
        whom = names([each for each in document.asked if each not in document.agreed] or document.asked)
        if document.step > 1:
            text = _("%(first)s agreed. Waiting for the second approval, from %(names)s, asked %(since)s.")
        else:
            text = _("Waiting for the approval of %(names)s, asked %(since)s.")
        return Sentence(text % {"first": first, "names": whom, "since": since}, "waiting", otherwise)
    text = _("%(first)s agreed. Waiting for the approval of a second person, asked %(since)s.")
    return Sentence(text % {"first": first, "since": since}, "waiting", otherwise)


def names(members: list[int]) -> str:
    """The names of members, as the end of a sentence; three at most."""
    known = dict(Member.objects.filter(pk__in=members).values_list("pk", "name"))
    found = [known[each] for each in members if each in known]
    if not found:
        return _("somebody")
    if len(found) > 3:
        return _("%(names)s or others") % {"names": ", ".join(found[:3])}
    if len(found) == 1:
        return found[0]
    return _("%(names)s or %(last)s") % {"names": ", ".join(found[:-1]), "last": found[-1]}


def _since(document: Document) -> str:
    days = (timezone.localdate() - timezone.localdate(document.asked_at or document.received_at)).days
    if days < 1:
        return _("today")
    return ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": days}

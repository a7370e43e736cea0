"""What happened to a document, oldest first, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, pgettext_lazy

from fatto.portal.approvals.models import Kind, Reason
from fatto.portal.documents.models import Document
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.models import Deed

VERBS: dict[str, tuple[Any, str, str]] = {
    "arrived": (pgettext_lazy("timeline", "Arrived"), "inbox", "neutral"),
    "routed": (pgettext_lazy("timeline", "Filed from quarantine"), "folder-input", "neutral"),
    "approved": (pgettext_lazy("timeline", "Approved"), "check", "done"),
    "disputed": (pgettext_lazy("timeline", "Disputed"), "x", "action"),
    "undone": (pgettext_lazy("timeline", "Decision taken back"), "undo-2", "waiting"),
    "booked": (pgettext_lazy("timeline", "Booked and filed in the archive"), "book-check", "done"),
    "alert-raised": (pgettext_lazy("timeline", "Asks for a second look"), "triangle-alert", "action"),
    "alert-confirmed": (pgettext_lazy("timeline", "Looked at and confirmed"), "check-check", "done"),
    "joined": (pgettext_lazy("timeline", "Same document twice: both files kept, one entry"), "link", "neutral"),
    "parted": (pgettext_lazy("timeline", "Two documents after all"), "unlink", "neutral"),
    "booking-taken-back": (pgettext_lazy("timeline", "Booking taken back"), "undo-2", "waiting"),
}
"""Verb of the trail → sentence, icon, tone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened: what, when, who, and why."""

    text: Any
    at: datetime
    icon: str
    tone: str
    by_name: str
    note: str = ""


def events(document: Document) -> list[Event]:
    """The trail of a document as sentences."""
    return [_event(deed) for deed in trail.of_document(document.company_id, document.pk)]


def _event(deed: Deed) -> Event:
    text, icon, tone = VERBS.get(deed.verb, (deed.verb, "circle-dot", "neutral"))
    return Event(
        text=text,
        at=deed.at,
        icon=icon,
        tone=tone,
        by_name=deed.by_name if deed.by_kind in ("person", "api") or deed.by_id else gettext("Fatto"),
        note=_why(deed.data),
    )


def _why(data: dict[str, Any]) -> str:
    parts = []
    if kinds := data.get("kinds"):
        parts.append(", ".join(str(Kind(kind).label) for kind in kinds if kind in Kind.values))
    if "other" in data and (name := data.get("name")):
        parts.append(str(name))
    if reason := data.get("reason"):
        parts.append(str(dict(Reason.choices).get(reason, reason)))
    if note := data.get("note"):
        parts.append(str(note))
    if folder := data.get("folder"):
        parts.append(str(folder))
    return "\n".join(parts)

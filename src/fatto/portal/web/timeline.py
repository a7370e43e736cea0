"""What happened to a document, oldest first, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, pgettext_lazy

from fatto.portal.approvals.models import Reason
from fatto.portal.documents.models import Document
from fatto.portal.documents.sentence import names
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.models import Deed

VERBS: dict[str, tuple[Any, str, str]] = {
    "arrived": (pgettext_lazy("timeline", "Arrived"), "inbox", "neutral"),
    "routed": (pgettext_lazy("timeline", "Filed from quarantine"), "folder-input", "neutral"),
    "approved": (pgettext_lazy("timeline", "Approved"), "check", "done"),
    "agreed": (pgettext_lazy("timeline", "Agreed, a second person is asked"), "check", "progress"),
    "approval-asked": (pgettext_lazy("timeline", "Approval asked"), "hourglass", "waiting"),
    "approval-escalated": (
        pgettext_lazy("timeline", "The deadline passed: others are asked as well"),
        "bell",
        "waiting",
    ),
    "disputed": (pgettext_lazy("timeline", "Disputed"), "x", "action"),
    "undone": (pgettext_lazy("timeline", "Decision taken back"), "undo-2", "waiting"),
    "booked": (pgettext_lazy("timeline", "Booked and filed in the archive"), "book-check", "done"),
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
    by_name = deed.by_name if deed.by_kind in ("person", "api") or deed.by_id else gettext("Fatto")
    if "rule" in deed.data:
        text = gettext("Approved by rule") if deed.verb == "approved" else text
        icon, tone = "zap", "rule"
        by_name = gettext("rule “%(rule)s” made by %(name)s") % {
            "rule": deed.data.get("rule_name", ""),
            "name": deed.data.get("rule_by", ""),
        }
    elif absent := deed.data.get("for_name"):
        by_name = gettext("%(name)s for %(absent)s") % {"name": deed.by_name, "absent": absent}
    return Event(
        text=text,
        at=deed.at,
        icon=icon,
        tone=tone,
        by_name=by_name,
        note=names(deed.data["members"]) if deed.data.get("members") else _why(deed.data),
    )


def _why(data: dict[str, Any]) -> str:
    parts = []
    if reason := data.get("reason"):
        parts.append(str(dict(Reason.choices).get(reason, reason)))
    if note := data.get("note"):
        parts.append(str(note))
    if folder := data.get("folder"):
        parts.append(str(folder))
    return "\n".join(parts)

"""What happened to a document, oldest first, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext, pgettext_lazy

from fatto.portal.approvals.models import Kind as AlertKind
from fatto.portal.approvals.models import Reason
from fatto.portal.conversation import actions as conversation
from fatto.portal.conversation.models import Comment, Kind, Side
from fatto.portal.conversation.people import Person
from fatto.portal.documents.models import Document
from fatto.portal.documents.sentence import names
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Deed
from fatto.portal.web import papering, texts

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
    "alert-raised": (pgettext_lazy("timeline", "Asks for a second look"), "triangle-alert", "action"),
    "alert-confirmed": (pgettext_lazy("timeline", "Looked at and confirmed"), "check-check", "done"),
    "joined": (pgettext_lazy("timeline", "Same document twice: both files kept, one entry"), "link", "neutral"),
    "parted": (pgettext_lazy("timeline", "Two documents after all"), "unlink", "neutral"),
    "booking-taken-back": (pgettext_lazy("timeline", "Booking taken back"), "undo-2", "waiting"),
    "commented": (pgettext_lazy("timeline", "Commented"), "message-circle", "neutral"),
    "question-asked": (pgettext_lazy("timeline", "Asked"), "message-circle-question-mark", "waiting"),
    "question-answered": (pgettext_lazy("timeline", "Answered"), "message-circle-reply", "done"),
    "tagged": (pgettext_lazy("timeline", "Tags"), "tag", "neutral"),
    "cost-center-set": (pgettext_lazy("timeline", "Cost centre"), "wallet", "neutral"),
    "related": (pgettext_lazy("timeline", "Put together with"), "link", "neutral"),
    "unrelated": (pgettext_lazy("timeline", "No longer together with"), "unlink", "neutral"),
    "details-set": (pgettext_lazy("timeline", "Details changed"), "pencil", "neutral"),
    "split": (pgettext_lazy("timeline", "Split into several documents"), "scissors", "neutral"),
    "merged": (pgettext_lazy("timeline", "Merged with others"), "merge", "neutral"),
    "moved": (pgettext_lazy("timeline", "Moved here"), "folder-input", "neutral"),
    "corrected": (pgettext_lazy("timeline", "Replaced by a corrected file"), "file-pen", "progress"),
    "transmission-asked": (pgettext_lazy("timeline", "Sending asked for"), "send", "progress"),
    "transmission-cancelled": (pgettext_lazy("timeline", "Called back before it left"), "undo-2", "neutral"),
    "transmission-sent": (pgettext_lazy("timeline", "Handed in at the authority"), "send", "progress"),
    "transmission-accepted": (pgettext_lazy("timeline", "Accepted by the authority"), "check-check", "done"),
    "transmission-failed": (pgettext_lazy("timeline", "Refused by the authority"), "circle-x", "action"),
    "transmission-late": (pgettext_lazy("timeline", "Not sent, and its last day has come"), "clock", "action"),
    "transmission-lost": (pgettext_lazy("timeline", "The answer was lost: it is looked for"), "search", "waiting"),
    "transmission-again": (pgettext_lazy("timeline", "Not found at the authority: sent again"), "send", "progress"),
    "transmission-stuck": (pgettext_lazy("timeline", "Sending does not get on"), "clock", "action"),
    "buyer-message-failed": (pgettext_lazy("timeline", "Message to the seller failed"), "circle-x", "action"),
    "buyer-message-written": (pgettext_lazy("timeline", "Message to the seller written"), "mail", "progress"),
    "buyer-message-sent": (pgettext_lazy("timeline", "Message to the seller handed in"), "send", "done"),
    "authority-refused": (pgettext_lazy("timeline", "The authority found errors"), "circle-x", "action"),
    "buyer-message-received": (pgettext_lazy("timeline", "Message from the buyer"), "mail", "waiting"),
    "restored": (pgettext_lazy("timeline", "Restored"), "undo-2", "waiting"),
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
    said: SafeString | str = ""
    """What was said, safe to show; of what was withdrawn nothing is left."""
    withdrawn: bool = False
    by_mail: bool = False
    withdraw_url: str = ""


def events(
    document: Document, actor: Actor | None = None, comments: Iterable[Comment] = (), people: Iterable[Person] = ()
) -> list[Event]:
    """The trail of a document as sentences, with what was said among what was done."""
    said = {each.pk: each for each in comments}
    names = [person.name for person in people]
    found: list[Event] = []
    for deed in trail.of_document(document.company_id, document.pk):
        if deed.verb in _SILENT:
            continue
        number = deed.data.get("comment")
        if number is None:
            found.append(_event(deed))
        elif number in said:
            found.append(_said(deed, said.pop(number), document, actor, names))
    return found


_SILENT = frozenset({"comment-withdrawn"})
"""Deeds that show on another's line."""


def _said(deed: Deed, comment: Comment, document: Document, actor: Actor | None, names: list[str]) -> Event:
    """One who is named in a question is told as if commented to: it stands here once all the same."""
    text, icon, tone = VERBS[deed.verb]
    if comment.kind == Kind.QUESTION:
        asked = {
            Side.COMPANY: pgettext("timeline", "Asked the company"),
            Side.FIRM: pgettext("timeline", "Asked the accounting firm"),
        }
        text, tone = asked[Side(comment.to)], "waiting" if comment.waits else "neutral"
    withdrawable = actor is not None and conversation.may_withdraw(actor, comment)
    return Event(
        text=text,
        at=comment.at,
        icon=icon,
        tone=tone,
        by_name=comment.by_name,
        said=texts.said(comment.text, names),
        withdrawn=comment.withdrawn_at is not None,
        by_mail=comment.channel == "mail",
        withdraw_url=reverse(
            "document-comment-withdraw",
            kwargs={"company": document.company.slug, "pk": document.pk, "comment": comment.pk},
        )
        if withdrawable
        else "",
    )


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
    elif firm := deed.data.get("firm_name"):
        by_name = gettext("%(name)s (%(firm)s) for the company") % {"name": deed.by_name, "firm": firm}
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
    if "added" in data or "removed" in data:
        tags = [*(f"+ {tag}" for tag in data.get("added", ())), *(f"− {tag}" for tag in data.get("removed", ()))]
        parts.append(", ".join(tags))
    if "center" in data:
        parts.append(f"{data['center']} {data.get('name', '')}".strip() or "—")
    if reference := data.get("reference"):
        parts.append(gettext("number %(reference)s at the authority") % {"reference": reference})
    if number := data.get("number"):
        parts.append(str(number))
    if kinds := data.get("kinds"):
        parts.append(", ".join(str(AlertKind(kind).label) for kind in kinds if kind in AlertKind.values))
    if "other" in data and (name := data.get("name")):
        parts.append(str(name))
    if reason := data.get("reason"):
        parts.append(str(dict(Reason.choices).get(reason, reason)))
    if note := data.get("note"):
        parts.append(str(note))
    if folder := data.get("folder"):
        parts.append(str(folder))
    if data.get("old") or data.get("new"):
        parts += papering.changes(data.get("old") or {}, data.get("new") or {})
    return "\n".join(parts)

"""How a document travels, for its page: attempts with official times and texts, receipts, messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from fatto import i18n, pipeline
from fatto.errors import FattoError
from fatto.portal.documents import queries, vault
from fatto.portal.documents.models import Direction, Document
from fatto.portal.documents.sentence import Tone
from fatto.portal.documents.states import Approval
from fatto.portal.documents.states import Transmission as State
from fatto.portal.exchange import sending
from fatto.portal.exchange.models import Note, Receipt, Transmission
from fatto.portal.exchange.states import LIVE, Sending, Written
from fatto.portal.flow import issue, official
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web import exchanging
from fatto.rules import messages
from fatto.rules.finding import Finding

MOVING = (State.WAITING, State.SENDING, State.ACCEPTED)
"""States that end by themselves: whoever looks on sees it."""

_TONES: dict[str, tuple[Tone, str]] = {
    Sending.QUEUED: ("progress", "clock"),
    Sending.WAITING: ("progress", "clock"),
    Sending.SENDING: ("progress", "send"),
    Sending.UNCERTAIN: ("waiting", "search"),
    Sending.SENT: ("progress", "hourglass"),
    Sending.ACCEPTED: ("done", "check-check"),
    Sending.FAILED: ("action", "circle-x"),
    Sending.ENDED: ("neutral", "undo-2"),
}
_NOTE_TONES: dict[str, Tone] = {
    Written.DELIVERED: "done",
    Written.RECEIVED: "waiting",
    Written.FAILED: "action",
    Written.UNCERTAIN: "waiting",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What the authority, or our check, has against a document: in words, and the official text."""

    text: str
    fix: str = ""
    place: str = ""
    rule: str = ""
    official: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """Something to save."""

    name: str
    label: Any
    at: datetime | None
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to send, from the word to the answer."""

    row: Transmission
    label: Any
    tone: Tone
    icon: str
    steps: list[tuple[Any, datetime, str]] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    trouble: str = ""
    files: list[File] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Said:
    """A message between buyer and seller."""

    row: Note
    label: Any
    tone: Tone
    trouble: str = ""


def context(actor: Actor, document: Document) -> dict[str, Any]:
    """What the page of a document shows of its way."""
    travels = document.direction == Direction.ISSUED or document.approval == Approval.DISPUTED
    box = issue.box_of(document) if travels and document.direction != Direction.OTHER else None
    attempts = _attempts(document)
    faults = []
    if document.transmission == State.DRAFT:
        faults = complaints_of_check(document)
    live = next((each.row for each in attempts if each.row.state in LIVE), None)
    notes = list(Note.objects.filter(document=document).order_by("id")) if document.direction != Direction.OTHER else []
    decides = actor.can(Can.DOCUMENT_DECIDE) and not actor.as_client
    may_write = decides and document.approval == Approval.DISPUTED and issue.reachable(document, box)
    return {
        "attempts": attempts,
        "faults": faults,
        "may_send": issue.possible(actor, document, box) and document.transmission != State.DRAFT,
        "may_cancel": live is not None and live.state in (Sending.QUEUED, Sending.WAITING) and sending.may(actor, box),
        "may_send_again": live is not None
        and live.state == Sending.UNCERTAIN
        and live.started_at is not None
        and timezone.now() - live.started_at >= sending.ENOUGH
        and sending.may(actor, box),
        "buyer_messages": [_said(each) for each in notes],
        "may_write_to_seller": may_write,
        "may_fetch_paper": document.direction != Direction.OTHER
        and bool(document.invoice)
        and actor.can(Can.DOCUMENT_UPLOAD)
        and not actor.as_client
        and official.offered(document)
        and not Receipt.objects.filter(document=document, kind=Receipt.Kind.PAPER).exists(),
        "sending_urls": {
            name: _url(document, name) for name in ("send", "send_cancel", "send_again", "official_paper", "to_seller")
        },
        "sending_shown": bool(attempts or faults or notes or may_write),
    }


def _url(document: Document, name: str, **more: int) -> str:
    kwargs = {"company": document.company.slug, "pk": document.pk, **more}
    return reverse(f"document-{name.replace('_', '-')}", kwargs=kwargs)


def _attempts(document: Document) -> list[Attempt]:
    """Latest first."""
    if document.direction != Direction.ISSUED:
        return []
    rows = Transmission.objects.filter(document=document).select_related("file").order_by("-attempt")
    return [_attempt(document, row) for row in rows]


def _attempt(document: Document, row: Transmission) -> Attempt:
    tone, icon = _TONES[row.state]
    steps: list[tuple[Any, datetime, str]] = [(_("Asked for"), row.asked_at, row.by_name)]
    if row.due_at is not None and row.state == Sending.WAITING:
        steps.append((_("Leaves"), row.due_at, ""))
    if row.sent_at is not None:
        number = gettext("number %(reference)s at the authority") % {"reference": row.reference}
        steps.append((_("Handed in"), row.sent_at, number))
    if row.answered_at is not None:
        steps.append((_("Answered"), row.answered_at, row.official))
    files = []
    if row.file is not None and row.sha256 != document.data_sha256:
        url = _url(document, "attempt", number=row.attempt)
        files.append(File(row.name, _("The file of this attempt"), None, url))
    return Attempt(
        row=row,
        label=Sending(row.state).label,
        tone=tone,
        icon=icon,
        steps=steps,
        complaints=_complaints(document, row),
        trouble=_trouble(row),
        files=files,
    )


def _trouble(row: Transmission | Note) -> str:
    """What holds it up, in the reader's language."""
    return exchanging.words(row.error_text, row.error_values)


def _complaints(document: Document, row: Transmission) -> list[Complaint]:
    """The authority's complaints; where our own check finds the same rule, in plain words."""
    if not row.complaints:
        return []
    found = {each.code: each for each in _findings(row)}
    language = get_language() or "en"
    said = []
    for each in row.complaints:
        finding = found.get(each.get("rule", ""))
        words = messages.say(finding, language) if finding is not None else None
        said.append(
            Complaint(
                text=words.message if words else "",
                fix=words.fix if words else "",
                place=words.place if words else "",
                rule=each.get("rule", ""),
                official=each.get("official", ""),
            )
        )
    return said


def _findings(row: Transmission) -> Iterable[Finding]:
    if row.file is None:
        return ()
    try:
        for each in pipeline.open(vault.get(row.firm_id, row.file.sha256), row.name):
            if each.error is None:
                return pipeline.check(each, row.asked_at.date()).findings
    except (FattoError, FileNotFoundError, vault.Damaged):
        pass
    return ()


def complaints_of_check(document: Document) -> list[Complaint]:
    """What the authority would refuse a draft for, in words."""
    try:
        content = queries.content(document)
        verdict = pipeline.check(content.enclosed)
    except (FattoError, FileNotFoundError, vault.Damaged):
        return []
    return of_findings(each for each in verdict.findings if each.severity == "fatal")


def of_findings(findings: Iterable[Finding]) -> list[Complaint]:
    """Findings in the reader's language; a rule and its sentence once."""
    language = get_language() or "en"
    found: dict[tuple[str, str], Complaint] = {}
    for each in findings:
        said = messages.say(each, language)
        complaint = Complaint(text=said.message, fix=said.fix, place=said.place, rule=each.code)
        found.setdefault((each.code, said.message), complaint)
    return list(found.values())


def _said(row: Note) -> Said:
    label = Written(row.state).label
    return Said(row, label, _NOTE_TONES.get(row.state, "progress"), _trouble(row))


# -- first pages ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """How many, the one where it is one, and the first one's cause or date in words."""

    count: int = 0
    only: int | None = None
    cause: str = ""


def failed(companies: list[int] | None = None) -> Several:
    """What the authority refused and nobody has corrected yet."""
    rows = _limited(Document.objects.filter(transmission=State.FAILED), companies)
    count = rows.count()
    if not count:
        return Several()
    first = rows.only("pk", "company_id").order_by("-sort_date", "-id").first()
    cause = ""
    if first is not None:
        row = Transmission.objects.filter(document=first, state=Sending.FAILED).order_by("-attempt").first()
        said = _complaints(first, row) if row is not None else []
        cause = (said[0].text or said[0].official.strip().splitlines()[-1]) if said and count == 1 else ""
    return Several(count=count, only=first.pk if first is not None and count == 1 else None, cause=cause[:160])


def unsent() -> Several:
    """What is issued and not sent, and by when the first of it must be."""
    rows = Document.objects.filter(transmission__in=[State.DRAFT, State.CHECKED])
    count = rows.count()
    if not count:
        return Several()
    first = rows.filter(hand_in_by__isnull=False).only("pk", "hand_in_by").order_by("hand_in_by").first()
    cause = ""
    if first is not None and first.hand_in_by is not None:
        cause = gettext("the first by %(date)s") % {"date": i18n.day(first.hand_in_by, get_language() or "en")}
    only = rows.values_list("pk", flat=True).first() if count == 1 else None
    return Several(count=count, only=only, cause=cause)


def late(companies: list[int] | None = None) -> int:
    """How many are not sent though their last day has come."""
    left = issue.days_left_by(timezone.now(), timezone.get_current_timezone())
    rows = _limited(Document.objects.all(), companies)
    unsent = rows.filter(transmission__in=[State.DRAFT, State.CHECKED], hand_in_by__lte=timezone.localdate())
    # What waits, or is being looked for, should have left by that day's morning.
    on_its_way = rows.filter(transmission__in=[State.WAITING, State.SENDING], hand_in_by__lte=left)
    return unsent.count() + on_its_way.count()


def _limited(rows: QuerySet[Document], companies: list[int] | None) -> QuerySet[Document]:
    return rows if companies is None else rows.filter(company_id__in=companies)

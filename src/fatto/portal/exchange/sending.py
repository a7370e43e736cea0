"""What is sent, step by step: each function here is one step, and true once its transaction is committed.

    QUEUED, WAITING ── begin ──► SENDING ── handed_in ──► SENT ── answered ──► ACCEPTED, FAILED
                                    └─ lost ─► UNCERTAIN ── handed_in (it was found)
                                                   └─ not_there, again ─► QUEUED

Between `begin` and `handed_in` lies the one call that may never be made twice in ignorance. Whoever dies there leaves
SENDING behind, and whoever comes after looks before it sends. Documents and notes to sellers go the same way; only a
transmission moves its document's state. The calls themselves are made in `flow.issue`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from fatto.channels.channel import ChannelError, Complaint
from fatto.portal.documents.models import Direction, Document, File
from fatto.portal.documents.states import UNSENT
from fatto.portal.documents.states import Transmission as State
from fatto.portal.exchange.models import Box, Message, Note, Receipt, Transmission
from fatto.portal.exchange.states import LIVE, Held, Sending, Written
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import NotAllowed, Refusal, action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.states import AlreadyMoved, move

Attempt = Transmission | Note

LOST = timedelta(minutes=5)
"""A call that began so long ago and left no trace: its worker died over it."""
ENOUGH = timedelta(hours=2)
"""Not found for so long: a person may say that it is sent again all the same."""

_CLEAR: dict[str, Any] = {"error_code": "", "error_text": "", "error_values": {}}


class NotIssued(Refusal):
    """Only what the company issued is sent."""

    def __init__(self) -> None:
        super().__init__(_("Only invoices that the company issued are sent."))


class NoBox(Refusal):
    """The company has no working way to its authority."""

    def __init__(self) -> None:
        super().__init__(_("The company is not connected: nothing can be sent until somebody connects it."))


class NotForTheFirm(Refusal):
    """The company has not said that its accounting firm may send."""

    status = 403

    def __init__(self) -> None:
        super().__init__(_("The company has not allowed its accounting firm to send invoices. It says so in Settings."))


class SentAlready(Refusal):
    """It is at the authority, or on its way."""

    def __init__(self) -> None:
        super().__init__(_("This invoice is on its way, or was sent already. It is not sent twice."))


class TooLate(Refusal):
    """It has left."""

    def __init__(self) -> None:
        super().__init__(_("It has left already: what the authority has cannot be called back."))


def may(actor: Actor, box: Box | None) -> bool:
    """May the actor send what this company issued?"""
    return (
        box is not None
        and actor.can(Can.DOCUMENT_SEND)
        and not actor.as_client
        and (actor.side == "company" or box.firm_sends)
    )


# -- the person's word ----------------------------------------------------------------------------------------------


@action(Can.DOCUMENT_SEND)
def ask(
    actor: Actor,
    document: Document,
    *,
    box: Box,
    standard: str,
    options: Iterable[str],
    due_at: datetime | None,
    at: datetime,
) -> Transmission:
    """Write down that a document is to be sent, from `due_at` on; nothing leaves yet.

    Raises:
        NotForTheFirm, NotIssued, SentAlready: the second of two clicks as well
    """
    if not may(actor, box):
        raise NotForTheFirm
    row = Document.objects.select_for_update(of=("self",)).select_related("file").get(pk=document.pk)
    if row.direction != Direction.ISSUED:
        raise NotIssued
    if row.transmission not in (*UNSENT, State.ELSEWHERE) or row.data_sha256 != document.data_sha256:
        raise SentAlready
    if at_the_authority(row) or Transmission.objects.filter(document=row, state__in=LIVE).exists():
        raise SentAlready
    last = Transmission.objects.filter(document=row).aggregate(n=Max("attempt"))["n"] or 0
    waits = due_at is not None and due_at > at
    transmission = Transmission.objects.create(
        firm_id=row.firm_id,
        company_id=row.company_id,
        document=row,
        box=box,
        attempt=last + 1,
        sha256=row.data_sha256,
        file=row.file,
        name=row.name,
        standard=standard,
        options=sorted(options),
        state=Sending.WAITING if waits else Sending.QUEUED,
        due_at=due_at if waits else None,
        deadline=row.hand_in_by,
        by=actor.member,
        by_name=actor.name,
        asked_at=at,
        next_check=due_at if waits else at,
    )
    move(document, "transmission", State.WAITING, among=(*UNSENT, State.ELSEWHERE))
    _tell(actor, transmission, "transmission-asked", at, due_at=due_at.isoformat() if waits and due_at else "")
    return transmission


def at_the_authority(document: Document) -> bool:
    """Does the company's box hold it as issued? Then somebody sent it, with whatever software."""
    return Message.objects.filter(document=document, kind="issued").exists()


def unread(box: Box, document: Document) -> bool:
    """May the company's box hold it, unseen: was it never listed, or is something in it not looked at yet?"""
    if not Box.objects.filter(pk=box.pk, listed_until__isnull=False).exists():
        return True
    return may_be(box, document, Held.LISTED, Held.STORED).exists()


def may_be(box: Box, document: Document, *states: str) -> QuerySet[Message]:
    """Messages in these states of which nobody knows whether they hold what the document says; not what left here."""
    rows = Message.objects.filter(
        company_id=document.company_id, box=box, kind="issued", document=None, state__in=states
    )
    if document.issue_date is not None:  # nothing is sent before its date, the zones apart
        first = datetime.combine(document.issue_date, time(0), UTC) - timedelta(days=1)
        rows = rows.filter(at__gte=first)
    ours = Transmission.objects.filter(box=box).exclude(reference="")
    return rows.exclude(reference__in=ours.values("reference"))


@action(Can.DOCUMENT_SEND)
def cancel(actor: Actor, transmission: Transmission, *, at: datetime) -> None:
    """Call back what has not left yet."""
    if not may(actor, transmission.box):
        raise NotForTheFirm
    if not _end(transmission):
        raise TooLate
    _tell(actor, transmission, "transmission-cancelled", at)


def _end(transmission: Transmission) -> bool:
    rows = Transmission.objects.filter(pk=transmission.pk, state__in=[Sending.QUEUED, Sending.WAITING])
    if not rows.update(state=Sending.ENDED, next_check=None):
        return False
    transmission.state = Sending.ENDED
    Document.objects.filter(pk=transmission.document_id, transmission=State.WAITING).update(transmission=State.CHECKED)
    return True


@action(Can.DOCUMENT_SEND)
def set_up(actor: Actor, box: Box, *, delay_hours: int | None, firm_sends: bool) -> None:
    """How long the company lets its invoices wait, and whether its firm may send them."""
    if actor.side != "company" or not actor.can(Can.COMPANY_MANAGE):
        raise NotAllowed(Can.COMPANY_MANAGE)
    row = Box.objects.select_for_update(no_key=True).get(pk=box.pk)
    before = (row.delay_hours, row.firm_sends)
    if before == (delay_hours, firm_sends):
        return
    Box.objects.filter(pk=row.pk).update(delay_hours=delay_hours, firm_sends=firm_sends)
    box.delay_hours, box.firm_sends = delay_hours, firm_sends
    trail.record(
        actor,
        "sending-set",
        company_id=row.company_id,
        data={"delay_hours": delay_hours, "firm_sends": firm_sends, "before": list(before)},
    )


@action(Can.DOCUMENT_DECIDE)
def write(actor: Actor, document: Document, *, box: Box, text: str, sha256: str, at: datetime) -> Note:
    """Write down a message to the seller of what was received; the same words about it once."""
    twice = Note.objects.filter(document=document, direction=Note.Direction.SENT, text=text)
    Document.objects.select_for_update(of=("self",)).only("pk").get(pk=document.pk)  # two clicks come one by one
    if twice.exclude(state=Written.FAILED).exists():
        raise Refusal(_("You have written exactly this already."))
    note = Note.objects.create(
        firm_id=document.firm_id,
        company_id=document.company_id,
        document=document,
        box=box,
        direction=Note.Direction.SENT,
        text=text,
        state=Written.QUEUED,
        sha256=sha256,
        by=actor.member,
        by_name=actor.name,
        at=at,
        next_check=at,
    )
    trail.record(
        actor,
        "buyer-message-written",
        company_id=note.company_id,
        document_id=note.document_id,
        data={"note_id": note.pk, "note": text},
        at=at,
    )
    return note


# -- the way out ----------------------------------------------------------------------------------------------------


@action(Can.DOCUMENT_SEND)
def begin(actor: Actor, attempt: Attempt, *, token: UUID, at: datetime) -> bool:
    """The call is about to be made, by whoever holds `token`. False when it is somebody else's, or not yet time."""
    rows = _of(attempt, Sending.QUEUED, Sending.WAITING)
    if isinstance(attempt, Transmission):
        rows = rows.filter(Q(due_at=None) | Q(due_at__lte=at))
    if not rows.update(state=Sending.SENDING, token=token, started_at=at, next_check=at + LOST, **_CLEAR):
        return False
    attempt.state, attempt.token, attempt.started_at = Sending.SENDING, token, at
    _move(attempt, State.SENDING)
    return True


@action(Can.DOCUMENT_SEND)
def call_off(actor: Actor, transmission: Transmission, *, at: datetime) -> None:
    """The authority has it already, or another under its number: what waits does not leave."""
    if _end(transmission):
        _tell(actor, transmission, "transmission-cancelled", at, elsewhere=True)


@action(Can.DOCUMENT_SEND)
def handed_in(
    actor: Actor, attempt: Attempt, *, reference: str, official: str, at: datetime, check: datetime, token: UUID | None
) -> bool:
    """The authority has it under this number. Without `token`: it was found there, whatever was thought before."""
    if token is None:
        _alive_again(actor, attempt, at)
        rows = _of(attempt, *LIVE)
    else:
        rows = _of(attempt, Sending.SENDING, Sending.UNCERTAIN).filter(token=token)
    also: dict[str, Any] = {"answer": "", "warned_at": None} if isinstance(attempt, Transmission) else {}
    if not rows.update(
        state=Sending.SENT,
        reference=reference,
        official=official,
        sent_at=at,
        answered_at=None,
        next_check=check,
        checks=0,
        **_CLEAR,
        **also,
    ):
        return False
    known = attempt.reference
    attempt.state, attempt.reference, attempt.sent_at = Sending.SENT, reference, at
    _move(attempt, State.ACCEPTED)
    if known != reference:
        verb = "transmission-sent" if isinstance(attempt, Transmission) else "buyer-message-sent"
        _tell(actor, attempt, verb, at, reference=reference, found=token is None, began=_began(attempt))
    return True


def _alive_again(actor: Actor, attempt: Attempt, at: datetime) -> None:
    """What counted as failed is at the authority after all: what took its place and waits does not leave."""
    if not isinstance(attempt, Transmission):
        return
    rows = _of(attempt, Sending.FAILED, Sending.ENDED)
    if not rows.exists():
        return
    others = Transmission.objects.filter(document=attempt.document_id, state__in=LIVE)
    for each in others.filter(state__in=[Sending.QUEUED, Sending.WAITING]):
        call_off(actor, each, at=at)
    if not others.exists():
        rows.update(state=Sending.SENT)


@action(Can.DOCUMENT_SEND)
def astray(actor: Actor, attempt: Attempt, *, reference: str, official: str, at: datetime, check: datetime) -> bool:
    """The authority took a call that was given up here meanwhile. True where it is one more than there should be."""
    row = type(attempt).objects.get(pk=attempt.pk)
    if row.reference == reference:
        return False
    if not row.reference and handed_in(
        actor, row, reference=reference, official=official, at=at, check=check, token=None
    ):
        return False
    verb = "transmission-stuck" if isinstance(attempt, Transmission) else "buyer-message-failed"
    _tell(actor, attempt, verb, at, reference=reference, twice=True)
    return True


@action(Can.DOCUMENT_SEND)
def lost(actor: Actor, attempt: Attempt, *, error: ChannelError | None, at: datetime, check: datetime) -> None:
    """Whether it arrived is not known: it is looked for before anything else happens."""
    rows = _of(attempt, Sending.SENDING).filter(token=attempt.token)
    if rows.update(state=Sending.UNCERTAIN, next_check=check, checks=0, **_said(error)):
        attempt.state, attempt.checks = Sending.UNCERTAIN, 0
        if isinstance(attempt, Transmission):
            _tell(actor, attempt, "transmission-lost", at, began=_began(attempt))


@action(Can.DOCUMENT_SEND)
def not_there(actor: Actor, attempt: Attempt, *, at: datetime) -> None:
    """It is proved that it never arrived: it may be sent, or called back."""
    _back(actor, attempt, at)


class NotYet(Refusal):
    """It is still being looked for."""

    def __init__(self) -> None:
        super().__init__(_("It may still turn up at the authority: it is being looked for. Try again in two hours."))


@action(Can.DOCUMENT_SEND)
def again(actor: Actor, transmission: Transmission, *, at: datetime) -> None:
    """A person has it sent again though nobody knows whether it arrived; it was looked for and not found till now.

    Raises:
        NotForTheFirm, NotYet: also where there is nothing to wait for
    """
    if not may(actor, transmission.box):
        raise NotForTheFirm
    began = transmission.started_at
    if transmission.state != Sending.UNCERTAIN or began is None or at - began < ENOUGH:
        raise NotYet
    if not _back(actor, transmission, at):
        raise AlreadyMoved


def _back(actor: Actor, attempt: Attempt, at: datetime) -> bool:
    began = _began(attempt)
    rows = _of(attempt, Sending.UNCERTAIN).filter(token=attempt.token)
    if not rows.update(state=Sending.QUEUED, next_check=at, started_at=None, checks=0, **_CLEAR):
        return False
    attempt.state, attempt.started_at, attempt.next_check = Sending.QUEUED, None, at
    _move(attempt, State.WAITING)
    if isinstance(attempt, Transmission):
        _tell(actor, attempt, "transmission-again", at, began=began)
        if at_the_authority(attempt.document):
            call_off(actor, attempt, at=at)
    return True


@action(Can.DOCUMENT_SEND)
def put_off(
    actor: Actor, attempt: Attempt, *, error: ChannelError | None, check: datetime, unsent: bool = False
) -> None:
    """Not now; try again at `check`. With `unsent` the call was refused, and nothing has left."""
    if unsent:
        rows = _of(attempt, Sending.SENDING).filter(token=attempt.token)
        more = min(attempt.checks + 1, 30_000)
        if rows.update(state=Sending.QUEUED, next_check=check, started_at=None, checks=more, **_said(error)):
            attempt.state = Sending.QUEUED
            _move(attempt, State.WAITING)
    else:
        rows = type(attempt).objects.filter(pk=attempt.pk, state=attempt.state)
        rows.update(next_check=check, checks=min(attempt.checks + 1, 30_000), **_said(error))


@action(Can.DOCUMENT_SEND)
def refused(actor: Actor, attempt: Attempt, *, error: ChannelError, at: datetime) -> None:
    """The authority did not even take it; trying again would change nothing."""
    rows = _of(attempt, Sending.SENDING).filter(token=attempt.token)
    complaints = [{"rule": "", "official": error.official}] if error.official else []
    also: dict[str, Any] = {"complaints": complaints} if isinstance(attempt, Transmission) else {}
    if rows.update(
        state=Sending.FAILED, next_check=None, answered_at=at, official=error.official, **_said(error), **also
    ):
        attempt.state = Sending.FAILED
        _move(attempt, State.FAILED)
        if isinstance(attempt, Transmission):
            _tell(actor, attempt, "transmission-failed", at, code=error.code, began=_began(attempt))
        else:
            _tell(actor, attempt, "buyer-message-failed", at, code=error.code)


@action(Can.DOCUMENT_SEND)
def refusal_heard(
    actor: Actor,
    transmission: Transmission,
    *,
    official: str,
    answer: str,
    error: ChannelError | None,
    at: datetime,
    check: datetime,
) -> None:
    """The authority said no, and its reasons are not read yet: they may say that it has the same already."""
    first = transmission.answered_at is None
    rows = _of(transmission, Sending.SENT).filter(reference=transmission.reference)
    rows.update(
        answered_at=Coalesce("answered_at", Value(at)),
        official=official,
        answer=answer,
        next_check=check,
        checks=0 if first else min(transmission.checks + 1, 30_000),
        **_said(error),
    )


@action(Can.DOCUMENT_SEND)
def answered(
    actor: Actor, attempt: Attempt, *, good: bool, official: str, answer: str, at: datetime, check: datetime | None
) -> bool:
    """The authority's yes or no, once; with the message that tells more, to be fetched at `check`."""
    to = (Written.DELIVERED if isinstance(attempt, Note) else Sending.ACCEPTED) if good else Sending.FAILED
    also: dict[str, Any] = {"answer": answer} if isinstance(attempt, Transmission) else {}
    if good:
        _alive_again(actor, attempt, at)
    rows = _of(attempt, Sending.SENDING, Sending.UNCERTAIN, Sending.SENT)
    if not rows.update(state=to, answered_at=at, official=official, next_check=check, checks=0, **_CLEAR, **also):
        return False
    attempt.state, attempt.answered_at = to, at
    _move(attempt, State.DELIVERED if good else State.FAILED)
    if isinstance(attempt, Transmission):
        attempt.answer = answer
        verb = "transmission-accepted" if good else "transmission-failed"
        _tell(actor, attempt, verb, at, reference=attempt.reference, official=official)
    elif not good:
        _tell(actor, attempt, "buyer-message-failed", at, reference=attempt.reference, official=official)
    return True


@action(Can.DOCUMENT_SEND)
def keep_receipt(
    actor: Actor,
    transmission: Transmission,
    *,
    file: File,
    kind: str,
    name: str,
    complaints: Sequence[Complaint] = (),
    message: Message | None = None,
    at: datetime,
) -> Receipt:
    """The authority's answer, kept with the document; what it complains of stands on the attempt."""
    receipt, _new = Receipt.objects.get_or_create(
        document_id=transmission.document_id,
        file=file,
        kind=kind,
        defaults={
            "firm_id": transmission.firm_id,
            "company_id": transmission.company_id,
            "transmission": transmission,
            "message": message,
            "name": name[-255:],
            "at": at,
        },
    )
    said = [{"rule": each.rule, "official": each.official} for each in complaints]
    # What turned out to be under way all the same goes on.
    rows = _of(transmission, Sending.ACCEPTED, Sending.FAILED)
    rows.update(next_check=None, **_CLEAR, **({"complaints": said} if said else {}))
    return receipt


@action(Can.DOCUMENT_UPLOAD)
def keep_paper(actor: Actor, document: Document, *, file: File, name: str, at: datetime) -> Receipt:
    """The authority's own PDF, kept with the document: an earlier one stays beside it."""
    receipt, _new = Receipt.objects.get_or_create(
        document=document,
        file=file,
        kind=Receipt.Kind.PAPER,
        defaults={"firm_id": document.firm_id, "company_id": document.company_id, "name": name[-255:], "at": at},
    )
    return receipt


@action(Can.DOCUMENT_SEND)
def give_up_receipt(actor: Actor, transmission: Transmission, *, error: ChannelError) -> None:
    """The authority will not give it (any more): the state is known all the same."""
    _of(transmission, Sending.ACCEPTED, Sending.FAILED).update(next_check=None, **_said(error))


@action(Can.DOCUMENT_SEND)
def note_delivered(actor: Actor, note: Note, *, message: Message, at: datetime) -> None:
    """A note of ours lies in the box, so it was delivered, whatever became of the answer to it."""
    live = [Written.QUEUED, Written.SENDING, Written.UNCERTAIN, Written.SENT]
    rows = Note.objects.filter(pk=note.pk, message=None)
    rows.filter(state__in=live).update(state=Written.DELIVERED, answered_at=at, next_check=None, **_CLEAR)
    rows.update(message=message, reference=message.reference)


@action(Can.DOCUMENT_SEND)
def sent_elsewhere(actor: Actor, document: Document, *, reference: str, at: datetime) -> None:
    """The box holds the document, and we did not send it: other software did. What waits here is called back."""
    for transmission in Transmission.objects.filter(document=document, state__in=[Sending.QUEUED, Sending.WAITING]):
        if _end(transmission):
            _tell(actor, transmission, "transmission-cancelled", at, elsewhere=True)
    before = (*UNSENT, State.ELSEWHERE, State.WAITING)
    try:
        move(document, "transmission", State.DELIVERED, among=before)
    except AlreadyMoved:
        return  # it is ours that is under way, or known as delivered
    trail.record(
        actor,
        "transmission-accepted",
        company_id=document.company_id,
        document_id=document.pk,
        data={"reference": reference, "elsewhere": True},
        at=at,
    )


@action(Can.DOCUMENT_SEND)
def warn(actor: Actor, documents: Sequence[Document], *, at: datetime) -> int:
    """Note of documents that their last day has come and they are not sent; of each once."""
    trail.record_all(
        trail.deed(
            actor,
            "transmission-late",
            company_id=each.company_id,
            document_id=each.pk,
            data={"by": each.hand_in_by.isoformat() if each.hand_in_by else ""},
            at=at,
        )
        for each in documents
    )
    return Document.objects.filter(pk__in=[each.pk for each in documents]).update(late_told=True)


@action(Can.DOCUMENT_SEND)
def stuck(actor: Actor, transmissions: Sequence[Transmission], *, at: datetime) -> int:
    """Note of attempts that they do not get on, though hours have passed; of each once."""
    trail.record_all(
        trail.deed(
            actor,
            "transmission-stuck",
            company_id=each.company_id,
            document_id=each.document_id,
            data={"transmission": each.pk, "attempt": each.attempt, "state": each.state, "code": each.error_code},
            at=at,
        )
        for each in transmissions
    )
    return Transmission.objects.filter(pk__in=[each.pk for each in transmissions]).update(warned_at=at)


# -- small parts ----------------------------------------------------------------------------------------------------


def _of(attempt: Attempt, *states: str) -> Any:
    """The row, if it is in one of these states: of two who move it, one finds nothing."""
    return type(attempt).objects.filter(pk=attempt.pk, state__in=states)


def _move(attempt: Attempt, to: str) -> None:
    """The document's state follows its attempt: only one is alive, so nobody else moves it."""
    if isinstance(attempt, Transmission):
        Document.objects.filter(pk=attempt.document_id).update(transmission=to)


def _began(attempt: Attempt) -> str:
    return attempt.started_at.isoformat() if attempt.started_at is not None else ""


def _said(error: ChannelError | None) -> dict[str, Any]:
    if error is None:
        return dict(_CLEAR)
    values = {key: value if isinstance(value, str | int) else str(value) for key, value in error.values.items()}
    return {"error_code": error.code[:60], "error_text": error.text, "error_values": values}


def _tell(actor: Actor, attempt: Attempt, verb: str, at: datetime, **data: Any) -> None:
    """A row of the trail; when the firm acts, it says for whom."""
    if isinstance(attempt, Transmission):
        data |= {"transmission": attempt.pk, "attempt": attempt.attempt}
    else:
        data |= {"note_id": attempt.pk}
    if actor.side == "firm" and actor.kind in ("person", "api"):
        data["firm_name"] = actor.firm.name
    trail.record(
        actor,
        verb,
        company_id=attempt.company_id,
        document_id=attempt.document_id,
        data={key: value for key, value in data.items() if value not in ("", False, None)},
        at=at,
    )

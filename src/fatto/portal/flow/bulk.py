"""Something done with many documents together: looked at first, then done in chunks, and taken back if need be.

    propose(actor, documents, verb=…)    the documents are fixed, each with whether it can be done
    start(actor, batch, …)               few are done at once, many by a job
    work(firm, batch)                    the job: a chunk a transaction, from where it stands
    take_back(actor, batch)              only what this batch moved, and nobody has moved since

Each document goes the way of a single one, `decide` or `keep`: what they refuse is left out, with the
reason. What becomes of a document is written in the transaction that moves it, so a job killed at any
moment goes on to the same end.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Case, Count, QuerySet, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.models import ProcrastinateJob

from fatto.portal.approvals import actions as approvals
from fatto.portal.approvals.models import Reason
from fatto.portal.documents.models import Batch, BatchItem, Document
from fatto.portal.documents.states import Approval, Booking, Transmission
from fatto.portal.flow import decide, issue, keep
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.action import NotAllowed, Refusal, action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.gates import hold
from fatto.portal.tenancy.models import Firm, Member
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope
from fatto.portal.tenancy.states import move

MOST = 50_000
"""Documents of one batch."""
AT_ONCE = 50
"""Up to so many are done while the person waits."""
CHUNK = 50
_HEAVY = ("invoice", "findings", "signers", "words")
KEPT_UNCONFIRMED = timedelta(days=1)

Outcome = BatchItem.Outcome
State = Batch.State
Verb = Batch.Verb

NEEDS: dict[str, Can] = {
    Verb.APPROVE: Can.DOCUMENT_DECIDE,
    Verb.DISPUTE: Can.DOCUMENT_DECIDE,
    Verb.BOOK: Can.DOCUMENT_BOOK,
    Verb.SEND: Can.DOCUMENT_SEND,
}
"""What each deed asks of who does it."""

WHY: dict[str, Any] = {
    "alerts": _("It needs a second look: something about it is unusual."),
    "booked": _("It is booked already."),
    "excluded": _("It is not meant to be booked."),
    "approved": _("It is approved already."),
    "disputed": _("It is disputed."),
    "not-asked": _("No approval is asked for it."),
    "gone": _("It cannot be seen any more."),
    "moved": _("Somebody changed it since."),
    "faults": _("The authority would refuse it: something in it is wrong."),
    "failed": _("The authority refused it. Correct it first."),
    "on-its-way": _("It is on its way already."),
    "not-to-send": _("It is nothing to be sent."),
    "left": _("It has left already."),
    "not-allowed": _("Your role does not allow it any more."),
}
"""Why a document is left out, or not taken back."""

_DECIDABLE = (
    When(booking=Booking.BOOKED, then=Value("booked")),
    When(approval=Approval.APPROVED, then=Value("approved")),
    When(approval=Approval.DISPUTED, then=Value("disputed")),
    When(approval=Approval.NOT_REQUIRED, then=Value("not-asked")),
)
_UNSENDABLE: dict[str, str] = {
    state: "not-to-send" for state in Transmission.values if state != Transmission.CHECKED
} | {
    Transmission.DRAFT: "faults",
    Transmission.FAILED: "failed",
    Transmission.WAITING: "on-its-way",
    Transmission.SENDING: "on-its-way",
    Transmission.ACCEPTED: "on-its-way",
}
"""What is not sent with others, by its state. One that was refused is sent again alone, and looked at."""
_SKIPS: dict[str, tuple[When, ...]] = {
    Verb.APPROVE: (*_DECIDABLE, When(alerts__len__gt=0, then=Value("alerts"))),
    Verb.DISPUTE: _DECIDABLE,
    Verb.BOOK: (
        When(booking=Booking.BOOKED, then=Value("booked")),
        When(booking=Booking.EXCLUDED, then=Value("excluded")),
        When(approval=Approval.DISPUTED, then=Value("disputed")),
    ),
    Verb.SEND: tuple(When(transmission=state, then=Value(why)) for state, why in _UNSENDABLE.items()),
}
"""What each deed leaves out. Only what waits is decided on together, so that taking back restores it exactly."""


class NothingChosen(Refusal):
    """No document was ticked, or none of them is there any more."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Choose at least one document."))


class TooMany(Refusal):
    """More than is done together."""

    status = 422

    def __init__(self, count: int) -> None:
        text = _("%(count)s documents are too many at once. Narrow the list to at most %(most)s.")
        super().__init__(text % {"count": count, "most": MOST})


# -- before ---------------------------------------------------------------------------------------------------------


@action(Can.DOCUMENT_READ)
def propose(actor: Actor, documents: QuerySet[Document], *, verb: str, query: str = "") -> Batch:
    """Fix the documents and note of each whether it can be done. Nothing of them changes yet.

    Raises:
        NothingChosen, TooMany, NotAllowed
    """
    member = _allow(actor, verb)
    count = documents.count()
    if not count:
        raise NothingChosen
    if count > MOST:
        raise TooMany(count)
    batch = Batch.objects.create(
        firm=actor.firm,
        company=actor.company,
        member=member,
        verb=verb,
        query=query,
        device=actor.device,
    )
    rows = documents.annotate(why=Case(*_SKIPS[verb], default=Value("")))
    sql, parameters = rows.values("id", "firm_id", "company_id", "why").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            insert into documents_batchitem (batch_id, firm_id, company_id, document_id, outcome, why, note)
            select %s, s.firm_id, s.company_id, s.id, case s.why when '' then 'ready' else 'skipped' end, s.why, ''
            from ({sql}) s
            """,  # noqa: S608 - the query is Django's own, its values are parameters
            [batch.pk, *parameters],
        )
    return batch


def _allow(actor: Actor, verb: str) -> Member:
    """A person does it, whose role allows it."""
    needed = NEEDS[verb]
    if actor.member is None or not actor.can(needed):
        raise NotAllowed(needed)
    return actor.member


# -- doing ----------------------------------------------------------------------------------------------------------


@action(Can.DOCUMENT_READ)
def start(actor: Actor, batch: Batch, *, reason: str = "", note: str = "") -> None:
    """Do what the summary told; more than a few in the background. A second press finds it under way, and refuses."""
    _allow(actor, batch.verb)
    note = note.replace("\0", "").strip()
    if batch.verb == Verb.DISPUTE:
        if reason not in Reason.values:
            raise approvals.ReasonMissing
        if reason == Reason.OTHER and not note:
            raise approvals.NoteMissing
    move(batch, "state", State.RUNNING, among=[State.SHOWN], reason=reason, note=note, device=actor.device)
    _now_or_later(actor, batch, Outcome.READY)


@action(Can.DOCUMENT_READ)
def take_back(actor: Actor, batch: Batch) -> None:
    """Take back what this batch did, where nobody changed it since."""
    _allow(actor, batch.verb)
    move(batch, "state", State.UNDOING, among=[State.DONE], finished_at=None)
    _now_or_later(actor, batch, Outcome.DONE, Outcome.ASKED)


@action(Can.DOCUMENT_READ)
def again(actor: Actor, batch: Batch) -> None:
    """Go on with a batch that an error stopped."""
    from fatto.portal.flow import tasks

    _allow(actor, batch.verb)
    rows = Batch.objects.filter(pk=batch.pk, failed_at__isnull=False, state__in=[State.RUNNING, State.UNDOING])
    if rows.update(failed_at=None):
        tasks.do_batch.configure(lock=f"batch-{batch.pk}").defer(firm=actor.firm.pk, batch=batch.pk)


def _now_or_later(actor: Actor, batch: Batch, *outcomes: str) -> None:
    from fatto.portal.flow import tasks

    if BatchItem.objects.filter(batch=batch, outcome__in=outcomes)[: AT_ONCE + 1].count() <= AT_ONCE:
        while _chunk(actor, batch):
            pass
    else:
        tasks.do_batch.configure(lock=f"batch-{batch.pk}").defer(firm=actor.firm.pk, batch=batch.pk)


def work(firm: Firm, batch_id: int) -> None:
    """Do a batch to its end, from where it stands, as the person who asked for it. Safe to call again, or after a kill.

    Called outside a scope. A person who may no longer do it is told so on each document that was left.
    """
    with scope(actors.system(firm)):
        batch = Batch.objects.select_related("company", "member").get(pk=batch_id)
    with translation.override(batch.member.language):
        more = True
        while more:
            with scope(_who(firm, batch)) as actor:
                more = _chunk(actor, batch)


def _who(firm: Firm, batch: Batch) -> Actor:
    """The person in the space of the batch, as it may act now; the portal itself when it has no business there."""
    member = batch.member
    find, slug = (actors.in_company, batch.company.slug) if batch.company else (actors.in_firm, firm.slug)
    return (find(member, slug, device=batch.device) if member.is_active else None) or actors.system(firm)


def _chunk(actor: Actor, batch: Batch) -> bool:
    """The next documents of a batch, in the transaction that is open; False when it is at its end."""
    batch = Batch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    undoing = batch.state == State.UNDOING
    if not undoing and batch.state != State.RUNNING:
        return False
    wanted = (Outcome.DONE, Outcome.ASKED) if undoing else (Outcome.READY,)
    items = list(BatchItem.objects.filter(batch=batch, outcome__in=wanted).order_by("id")[:CHUNK])
    if not items:
        ended = State.UNDONE if undoing else State.DONE
        Batch.objects.filter(pk=batch.pk).update(state=ended, finished_at=timezone.now(), failed_at=None)
        return False
    may = actor.member is not None and actor.can(NEEDS[batch.verb])
    # First the gates, then the documents, as everybody does: two who hold both never wait in a ring.
    hold(item.company_id for item in items)
    rows = Document.objects.select_for_update(no_key=True, of=("self",)).defer(*_HEAVY).order_by("pk")
    documents = {row.pk: row for row in rows.filter(pk__in=[item.document_id for item in items])}
    for item in items:
        document = documents.get(item.document_id)
        if not may:
            _leave(item, "not-allowed", undoing)
        elif document is None:
            _leave(item, "gone", undoing)
        else:
            (_undo if undoing else _do)(actor, batch, item, document)
    BatchItem.objects.bulk_update(items, ["outcome", "why", "note", "at"])
    return True


def _leave(item: BatchItem, why: str, undoing: bool, note: str = "") -> None:
    item.outcome = Outcome.KEPT if undoing else Outcome.SKIPPED
    item.why, item.note = why, note


def _do(actor: Actor, batch: Batch, item: BatchItem, document: Document) -> None:
    """The deed on one document; what is refused is left out."""
    why = _skipped(batch.verb, document)
    if why:
        _leave(item, why, False)
        return
    at = timezone.now()
    try:
        if batch.verb == Verb.APPROVE:
            decide.approve(actor, document, note=batch.note, at=at)
        elif batch.verb == Verb.DISPUTE:
            decide.dispute(actor, document, reason=batch.reason, note=batch.note, at=at)
        elif batch.verb == Verb.SEND:
            issue.ask(actor, document, at=at)
        else:
            done = keep.book(actor, [document], at=at)
            if done.skipped:
                _leave(item, "", False, str(done.skipped[0][1]))
                return
    except Refusal as refusal:
        _leave(item, "", False, str(refusal.message))
        return
    asked = batch.verb == Verb.APPROVE and document.approval == Approval.TO_APPROVE
    item.outcome, item.at, item.why, item.note = (Outcome.ASKED if asked else Outcome.DONE), at, "", ""


def _skipped(verb: str, document: Document) -> str:
    """As `_SKIPS`, for one document as it is now."""
    if verb == Verb.SEND:
        return _UNSENDABLE.get(document.transmission, "")
    if document.booking == Booking.BOOKED:
        return "booked"
    if verb == Verb.BOOK:
        if document.booking == Booking.EXCLUDED:
            return "excluded"
        return "disputed" if document.approval == Approval.DISPUTED else ""
    if document.approval != Approval.TO_APPROVE:
        return {Approval.APPROVED: "approved", Approval.DISPUTED: "disputed"}.get(
            Approval(document.approval), "not-asked"
        )
    return "alerts" if verb == Verb.APPROVE and document.alerts else ""


def _undo(actor: Actor, batch: Batch, item: BatchItem, document: Document) -> None:
    """Take one back, if it still stands as this batch left it."""
    expected: dict[str, Callable[[], bool]] = {
        Verb.APPROVE: lambda: document.approval == Approval.APPROVED and document.approval_at == item.at,
        Verb.DISPUTE: lambda: document.approval == Approval.DISPUTED and document.approval_at == item.at,
        Verb.BOOK: lambda: document.booking == Booking.BOOKED and document.booked_at == item.at,
        Verb.SEND: lambda: document.transmission == Transmission.WAITING,
    }
    asked = item.outcome == Outcome.ASKED
    still = document.approval == Approval.TO_APPROVE and document.step == 2
    if not (still if asked else expected[batch.verb]()):
        _leave(item, "left" if batch.verb == Verb.SEND else "moved", True)
        return
    try:
        if batch.verb == Verb.BOOK:
            keep.take_back(actor, document, reason=gettext("Taken back together with others"))
        elif batch.verb == Verb.SEND:
            issue.cancel_all(actor, document)
        else:
            decide.undo(actor, document)
    except Refusal as refusal:
        _leave(item, "", True, str(refusal.message))
        return
    item.outcome, item.why, item.note = Outcome.UNDONE, "", ""


# -- after ----------------------------------------------------------------------------------------------------------


def get(actor: Actor, pk: int) -> Batch:
    """A batch of the person, in the space we are in; `Batch.DoesNotExist` for any other."""
    return Batch.objects.select_related("company", "member").get(pk=pk, company=actor.company, member=actor.member)


def recent(actor: Actor, limit: int = 20) -> list[Batch]:
    """What the person did with many documents in this space, latest first."""
    rows = Batch.objects.filter(company=actor.company, member=actor.member).exclude(state=State.SHOWN)
    return list(rows.order_by("-id")[:limit])


def outcomes(batch: Batch) -> dict[str, int]:
    """How many of each outcome."""
    rows = BatchItem.objects.filter(batch=batch).order_by().values_list("outcome").annotate(n=Count("pk"))
    return dict(rows)


def recipients(batch: Batch) -> int:
    """To how many others what is ready would go."""
    ready = BatchItem.objects.filter(batch=batch, outcome=Outcome.READY).values("document")
    return Document.objects.filter(pk__in=ready).values("party_key").distinct().count()


def reasons(batch: Batch, outcome: str) -> dict[tuple[str, str], int]:
    """Why documents have this outcome: word and sentence of the reason → how many, most first."""
    rows = BatchItem.objects.filter(batch=batch, outcome=outcome).values_list("why", "note").annotate(n=Count("pk"))
    return {(why, note): n for why, note, n in rows.order_by("-n", "why", "note")}


def items(batch: Batch, outcome: str = "", why: str = "", after: int = 0, limit: int = 100) -> list[BatchItem]:
    """The documents of a batch with what became of them, in order; one that cannot be seen is not named."""
    rows = BatchItem.objects.filter(batch=batch, pk__gt=after)
    if outcome:
        rows = rows.filter(outcome=outcome)
    if why:
        rows = rows.filter(why=why)
    found = list(rows.order_by("id")[:limit])
    seen = Document.objects.defer(*_HEAVY).select_related("company")
    visible = {row.pk: row for row in seen.filter(pk__in=[item.document_id for item in found])}
    for item in found:
        item.seen = visible.get(item.document_id)  # type: ignore[attr-defined]  # for the page
    return found


def failed(firm: Firm, batch_id: int) -> None:
    """Say on a batch that an error of ours stopped it; what was done stays done, and it can go on."""
    with scope(actors.system(firm)):
        rows = Batch.objects.filter(pk=batch_id, state__in=[State.RUNNING, State.UNDOING])
        rows.update(failed_at=timezone.now())


def lost(firm: Firm) -> list[int]:
    """Batches that nothing works on any more: their job took too many workers with it and was given up."""
    at_work = (
        ProcrastinateJob.objects.filter(task_name="fatto.do_batch", status__in=["todo", "doing"])
        .annotate(batch=Cast(KeyTextTransform("batch", "args"), BigIntegerField()))
        .values("batch")
    )
    with scope(actors.system(firm)):
        unfinished = Batch.objects.filter(state__in=[State.RUNNING, State.UNDOING], failed_at=None)
        return list(unfinished.exclude(pk__in=at_work).values_list("pk", flat=True))


@action(Can.DOCUMENT_READ)
def forget_unconfirmed(actor: Actor) -> int:
    """Remove summaries that were looked at and not confirmed; how many."""
    old = timezone.now() - KEPT_UNCONFIRMED
    batches = list(Batch.objects.filter(state=State.SHOWN, created_at__lt=old).values_list("pk", flat=True))
    BatchItem.objects.filter(batch__in=batches).delete()
    return Batch.objects.filter(pk__in=batches).delete()[0]

"""The same document twice: one goes on, the other rests beside it with its file; and parting the two again.

Nothing is lost: the one that rests keeps its row, its original, its decisions and its trail, and is found
by every search. It is excluded from booking, and seen by the firm as soon as the one that goes on is.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fatto.portal.approvals import alerts
from fatto.portal.approvals.models import Alert, Kind, Twin
from fatto.portal.documents.models import Direction, Document
from fatto.portal.documents.states import Approval, Booking, Settlement
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import NotAllowed, Refusal, action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.gates import hold
from fatto.portal.tenancy.models import Gate
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import whole
from fatto.portal.tenancy.states import AlreadyMoved, move


class BothBooked(Refusal):
    """One of the two must still be on its way: what is booked does not move."""

    def __init__(self) -> None:
        super().__init__(_("Both are booked. Ask your accountant to take one of the bookings back first."))


class NotTheSame(Refusal):
    """Only two documents of one company, neither resting nor issued, can be one."""

    def __init__(self) -> None:
        super().__init__(_("These two cannot be one document. Look at them again."))


def kept(one: Document, other: Document) -> tuple[Document, Document]:
    """Which of two goes on and which rests: what is booked goes on, else the electronic invoice, else the elder."""
    rank = {each.pk: (each.booking != Booking.BOOKED, not each.invoice, each.pk) for each in (one, other)}
    return (one, other) if rank[one.pk] < rank[other.pk] else (other, one)


@action(Can.DOCUMENT_DECIDE)
def join(actor: Actor, document: Document, *, other: Document, at: datetime | None = None) -> Twin:
    """Say that two documents are one; see `kept` for which goes on."""
    return _join(actor, document, other, at or timezone.now())


@action(Can.DOCUMENT_BOOK)
def join_unasked(actor: Actor, document: Document, *, other: Document, at: datetime | None = None) -> Twin:
    """The same by the firm, where the company is not asked for its approval."""
    if {document.approval, other.approval} != {Approval.NOT_REQUIRED}:
        raise NotAllowed(Can.DOCUMENT_DECIDE)
    return _join(actor, document, other, at or timezone.now())


def _join(actor: Actor, document: Document, other: Document, at: datetime) -> Twin:
    possible = document.pk != other.pk and document.company_id == other.company_id
    if not possible or Direction.ISSUED in (document.direction, other.direction):
        raise NotTheSame
    if Booking.EXCLUDED in (document.booking, other.booking):
        raise NotTheSame
    goes_on, rests = kept(document, other)
    if rests.booking == Booking.BOOKED:
        raise BothBooked
    # Both are held, in one order: neither may begin to rest or be booked meanwhile.
    rows = Document.objects.select_for_update().filter(pk__in=[goes_on.pk, rests.pk]).order_by("pk")
    held = {each.pk: each for each in rows.only("pk", "booking", "approval", "settlement")}
    if goes_on.pk not in held or held[goes_on.pk].booking != goes_on.booking or rests.pk not in held:
        raise AlreadyMoved
    # What rested beside it goes on beside the other.
    Twin.objects.filter(document=rests, parted_at=None).update(document=goes_on)
    # As they are now: what was read before may have been taken back since, and parting would bring it back.
    approval, settlement = held[rests.pk].approval, held[rests.pk].settlement
    move(
        rests,
        "booking",
        Booking.EXCLUDED,
        among=[Booking.TO_BOOK],
        approval=Approval.NOT_REQUIRED,
        settlement=Settlement.NOT_APPLICABLE,
        alerts=[],
    )
    twin = Twin.objects.create(
        firm_id=goes_on.firm_id,
        company_id=goes_on.company_id,
        document=goes_on,
        twin=rests,
        approval=approval,
        settlement=settlement,
        at=at,
        by=actor.member,
        by_name=actor.name,
    )
    _both(actor, "joined", goes_on, rests, at)
    _answered(actor, goes_on, at)
    follow(goes_on.company_id)
    return twin


@action(Can.DOCUMENT_DECIDE)
def part(actor: Actor, document: Document, *, at: datetime | None = None) -> None:
    """Take back that a document rests beside another: it has its old states again."""
    _part(actor, document, at or timezone.now())


@action(Can.DOCUMENT_BOOK)
def part_unasked(actor: Actor, document: Document, *, at: datetime | None = None) -> None:
    """The same by the firm, where the company was not asked for its approval."""
    twin = of_twin(document)
    if twin is None or twin.approval != Approval.NOT_REQUIRED:
        raise NotAllowed(Can.DOCUMENT_DECIDE)
    _part(actor, document, at or timezone.now())


def _part(actor: Actor, document: Document, at: datetime) -> None:
    twin = of_twin(document)
    if twin is None or not Twin.objects.filter(pk=twin.pk, parted_at=None).update(parted_at=at):
        raise AlreadyMoved
    gate = hold([document.company_id])[document.company_id]
    approval = twin.approval
    if approval == Approval.TO_APPROVE and gate == Gate.NONE:
        approval = Approval.NOT_REQUIRED
    if approval == Approval.NOT_REQUIRED and gate != Gate.NONE:
        approval = Approval.TO_APPROVE
    waits = approval in (Approval.TO_APPROVE, Approval.DISPUTED)
    left = set(Alert.objects.filter(document=document, confirmed_at=None).values_list("kind", flat=True))
    _both(actor, "parted", twin.document, document, at)
    move(
        document,
        "booking",
        Booking.TO_BOOK,
        among=[Booking.EXCLUDED],
        approval=approval,
        settlement=twin.settlement,
        alerts=[kind for kind in Kind.values if kind in left],
        open_to_firm=not (waits and gate == Gate.HARD),
    )


def _both(actor: Actor, verb: str, goes_on: Document, rests: Document, at: datetime) -> None:
    """The step stands in the trail of both, each with the other's file and its hash."""
    trail.record_all(
        trail.deed(
            actor,
            verb,
            company_id=one.company_id,
            document_id=one.pk,
            data={"other": other.pk, "name": other.name, "sha256": other.data_sha256, "rests": one is rests},
            at=at,
        )
        for one, other in ((goes_on, rests), (rests, goes_on))
    )


def _answered(actor: Actor, document: Document, at: datetime) -> None:
    """The question whether it is a copy has its answer, once all that it may be a copy of rest beside it."""
    for alert in Alert.objects.filter(document=document, kind=Kind.DUPLICATE, confirmed_at=None):
        others = Document.objects.filter(pk__in=alert.values.get("documents", []))
        if not others.exclude(booking=Booking.EXCLUDED).exists():
            alerts.settle(actor, document, [Kind.DUPLICATE], "", at)


def follow(company_id: int) -> None:
    """What rests is seen by the firm exactly when the document that goes on is."""
    with whole(), connection.cursor() as cursor:
        cursor.execute(
            """
            update documents_document rests set open_to_firm = goes_on.open_to_firm
            from approvals_twin twin join documents_document goes_on on goes_on.id = twin.document_id
            where twin.company_id = %s and twin.parted_at is null and rests.id = twin.twin_id
              and rests.company_id = %s and goes_on.company_id = %s
              and rests.open_to_firm <> goes_on.open_to_firm
            """,
            [company_id] * 3,
        )


def of_twin(document: Document) -> Twin | None:
    """Beside what a document rests, when it does."""
    rows = Twin.objects.filter(twin=document, parted_at=None)
    return rows.select_related("document", "document__company").first()


def beside(document: Document) -> tuple[Twin | None, list[Twin]]:
    """Beside what a document rests, when it does; and what rests beside it."""
    if not Twin.objects.filter(Q(twin=document) | Q(document=document), parted_at=None).exists():
        return None, []  # as nearly always
    return of_twin(document), of_document(document)


def of_document(document: Document) -> list[Twin]:
    """What rests beside a document."""
    rows = Twin.objects.filter(document=document, parted_at=None)
    return list(rows.select_related("twin", "twin__file", "twin__company").order_by("id"))

"""A second look, before anybody approves: at what was filed just now, and at what was here before the guards were.

approvals.guards    what is odd, and raises alerts
approvals.alerts    what becomes of them
approvals.twins     two documents that are one
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.utils import timezone

from fatto.portal.approvals import actions, guards, twins
from fatto.portal.approvals.models import Alert, Backlog, Twin
from fatto.portal.documents.models import Direction, Document
from fatto.portal.documents.states import Approval
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Firm
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope, whole

_STEP = 500


def look(actor: Actor, documents: Sequence[Document], *, at: datetime | None = None) -> list[Alert]:
    """Look at documents that were just filed, or whose fields a person just wrote; in the transaction that did it.

    Those of a company whose older documents wait for the guards join them.
    """
    joined = _join_backlog(documents)
    rows = [each for each in documents if each.company_id not in joined]
    with whole():
        return guards.look(actor, rows, at=at or timezone.now())


def _join_backlog(documents: Sequence[Document]) -> set[int]:
    newest: dict[int, int] = {}
    for each in documents:
        newest[each.company_id] = max(each.pk, newest.get(each.company_id, 0))
    waiting = Backlog.objects.filter(company_id__in=newest).order_by("company_id").select_for_update()
    for row in waiting:
        row.last = max(row.last, newest[row.company_id])
        row.save(update_fields=["last"])
    return {row.company_id for row in waiting}


def catch_up(firm: Firm) -> int:
    """Look at the documents of before, a company a transaction; gives how many companies there were."""
    actor = actors.system(firm)
    done = 0
    while True:
        with scope(actor):
            backlog = Backlog.objects.order_by("company_id").select_for_update(skip_locked=True).first()
            if backlog is None:
                return done
            _look_back(actor, backlog)
            backlog.delete()
        done += 1


def _look_back(actor: Actor, backlog: Backlog) -> None:
    now = timezone.now()
    rows = (
        Document.objects.filter(company_id=backlog.company_id, pk__lte=backlog.last)
        .exclude(direction=Direction.ISSUED)
        .defer("words", "findings", "signers")
        .order_by("sort_date", "id")
    )
    chunk: list[Document] = []
    for each in rows.iterator(chunk_size=_STEP):
        chunk.append(each)
        if len(chunk) == _STEP:
            guards.look(actor, chunk, at=now, settled=True)
            chunk = []
    guards.look(actor, chunk, at=now, settled=True)


def waiting(firm: Firm) -> bool:
    """Are there documents of before that were not looked at?"""
    with scope(actors.system(firm)):
        return Backlog.objects.exists()


def confirm(actor: Actor, document: Document, kinds: Collection[str], *, note: str = "") -> list[Alert]:
    """Somebody looked, and it is right. By whoever decides; by the firm, where nobody is asked."""
    if _firms_own(actor, document):
        return actions.check(actor, document, kinds=kinds, note=note)
    return actions.confirm(actor, document, kinds=kinds, note=note)


def join(actor: Actor, document: Document, other: Document) -> Twin:
    """The two are one: both files are kept, one of them goes on."""
    if _firms_own(actor, document):
        return twins.join_unasked(actor, document, other=other)
    return twins.join(actor, document, other=other)


def part(actor: Actor, document: Document) -> None:
    """They are two after all."""
    if _firms_own(actor, document):
        twins.part_unasked(actor, document)
    else:
        twins.part(actor, document)


def may(actor: Actor, document: Document) -> bool:
    """May this actor confirm what the guards found in a document?"""
    return actor.can(Can.DOCUMENT_DECIDE) or _firms_own(actor, document)


def may_part(actor: Actor, twin: Twin) -> bool:
    """May this actor say that what rests beside another is a document of its own?"""
    if actor.can(Can.DOCUMENT_DECIDE):
        return True
    return twin.approval == Approval.NOT_REQUIRED and actor.can(Can.DOCUMENT_BOOK)


def _firms_own(actor: Actor, document: Document) -> bool:
    unasked = document.approval == Approval.NOT_REQUIRED
    return unasked and actor.can(Can.DOCUMENT_BOOK) and not actor.can(Can.DOCUMENT_DECIDE)

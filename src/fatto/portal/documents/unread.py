"""Which documents a person has not opened yet.

A document is unread until it is opened, from the person's first day in the place on. A high-water mark a space says
"everything that arrived before is read", so that hundreds of thousands of documents cost one row; only what was opened
after the mark has a row of its own. Reading is nobody else's business: it leaves no trail, and each sees only theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, Max, Min, OuterRef, Q
from django.utils import timezone

from fatto.portal.documents.models import Document, Opened, ReadMark
from fatto.portal.tenancy import scope
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Membership

NOTHING = Q(pk__in=[])


@dataclass(frozen=True, slots=True)
class Marks:
    """Up to when everything is read: everywhere, and in single companies beyond that."""

    everywhere: datetime
    companies: dict[int, datetime] = field(default_factory=dict)

    def of(self, company_id: int) -> datetime:
        return max(self.everywhere, self.companies.get(company_id, self.everywhere))


def _reader() -> Actor | None:
    """The person who reads here; programs and jobs do not."""
    actor = scope.current()
    return actor if actor is not None and actor.kind == "person" and actor.member is not None else None


def marks(actor: Actor) -> Marks:
    """The marks of the scope's person. Before its first day in the place everything counts as read."""
    member = actor.member
    rows = ReadMark._base_manager.filter(member=member, firm_id=actor.firm.pk)
    if actor.company is not None:
        rows = rows.filter(Q(company=None) | Q(company=actor.company))
    found = dict(rows.values_list("company_id").annotate(at=Max("at")))
    everywhere = found.pop(None, None)
    if everywhere is None and actor.company is not None and actor.company.pk in found:
        everywhere = found.pop(actor.company.pk)
    if everywhere is None:
        places = Membership.objects.filter(member=member, firm_id=actor.firm.pk)
        if actor.company is not None:
            places = places.filter(Q(company=None) | Q(company=actor.company))
        everywhere = places.aggregate(first=Min("created_at"))["first"] or timezone.now()
    return Marks(everywhere, found)


def condition() -> Q:
    """Rows that the scope's person has not opened. The mark comes first: the index of arrivals is entered there."""
    actor = _reader()
    if actor is None:
        return NOTHING
    found = marks(actor)
    where = Q(received_at__gt=found.everywhere)
    for company_id, at in found.companies.items():
        if at > found.everywhere:
            where &= ~Q(company_id=company_id, received_at__lte=at)
    opened = Opened._base_manager.filter(member=actor.member, document_id=OuterRef("pk"))
    return where & Q(~Exists(opened))


def mark(rows: Iterable[Document]) -> None:
    """Say on each row whether the scope's person has opened it: `document.unread`."""
    actor = _reader()
    if actor is None:
        return
    found = marks(actor)
    fresh = {row.pk: row for row in rows if row.received_at > found.of(row.company_id)}
    if not fresh:
        return
    opened = Opened._base_manager.filter(member=actor.member, document_id__in=fresh)
    seen = set(opened.values_list("document_id", flat=True))
    for pk, row in fresh.items():
        row.unread = pk not in seen


def opened(document: Document) -> bool:
    """The scope's person looks at a document; gives whether it was unread until now."""
    actor = _reader()
    if actor is None or actor.member is None or document.received_at <= marks(actor).of(document.company_id):
        return False
    if Opened._base_manager.filter(member=actor.member, document=document).exists():
        return False
    row = Opened(firm_id=document.firm_id, company_id=document.company_id, member=actor.member, document_id=document.pk)
    Opened._base_manager.bulk_create([row], ignore_conflicts=True)
    return True


def read_all() -> None:
    """Everything that is here now counts as read: in the company, or in the firm with all its companies."""
    actor = _reader()
    if actor is None:
        return
    now = timezone.now()
    ReadMark._base_manager.update_or_create(
        firm=actor.firm, company=actor.company, member=actor.member, defaults={"at": now}
    )
    done = Opened._base_manager.filter(member=actor.member, firm_id=actor.firm.pk)
    if actor.company is not None:
        done = done.filter(company=actor.company)
    done.delete()

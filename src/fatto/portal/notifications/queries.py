"""A person's notices, for its page and for the bell."""

from __future__ import annotations

from dataclasses import dataclass

from fatto.portal.notifications.kinds import BY_KEY
from fatto.portal.notifications.models import Notice
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.models import Member
from fatto.portal.tenancy.scope import current, roster

SIZE = 50
MOST = 99
"""More unread ones are not counted."""


@dataclass(frozen=True, slots=True)
class Line:
    """A notice on its person's page."""

    notice: Notice
    text: str
    place: str
    known: bool


def page(member: Member, before: int | None = None) -> tuple[list[Line], int | None]:
    """The newest notices of a person, and where older ones begin."""
    with roster(member=member.pk):
        rows = Notice.objects.filter(member=member, kind__in=BY_KEY).select_related("firm").order_by("-pk")
        found = list((rows.filter(pk__lt=before) if before else rows)[: SIZE + 1])
    more, found = len(found) > SIZE, found[:SIZE]
    names = actors.names({row.company_id for row in found if row.company_id})
    lines = []
    for row in found:
        kind = BY_KEY[row.kind]
        text = kind.said(row.data) if kind.said else kind.many(row.count)
        place = names.get(row.company_id, "") if row.company_id else str(row.firm or "")
        lines.append(Line(row, text, place, kind.must))
    return lines, found[-1].pk if more else None


def unread(member: Member) -> int:
    """How many notices were not looked at, up to `MOST`; in the scope that is open, or in one of its own."""
    rows = Notice.objects.filter(member=member, read_at=None)[:MOST]
    actor = current()
    if actor is not None and actor.member == member:
        return rows.count()
    with roster(member=member.pk):
        return rows.count()


def get(member: Member, pk: int) -> Notice | None:
    """One of the person's notices."""
    with roster(member=member.pk):
        return Notice.objects.select_related("firm").filter(member=member, pk=pk).first()

"""What a person chose for each kind of event, and what holds where it chose nothing."""

from __future__ import annotations

from dataclasses import dataclass

from fatto.portal.notifications.kinds import KINDS, Kind
from fatto.portal.notifications.models import Choice, Mail, Push
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.models import Member
from fatto.portal.tenancy.scope import roster


@dataclass(frozen=True, slots=True)
class Chosen:
    """How a kind is told to somebody."""

    kind: Kind
    mail: str
    push: str


def of(member: Member, kind: Kind) -> Chosen:
    """How this person is told of this kind."""
    if kind.must:
        return Chosen(kind, Mail.NOW, Push.OFF)
    with roster(member=member.pk):
        row = Choice.objects.filter(member=member, kind=kind.key).first()
    return Chosen(kind, row.mail, row.push) if row else Chosen(kind, kind.mail, kind.push)


def all_of(member: Member) -> list[Chosen]:
    """All kinds that can concern the person in the roles it has, in the order of the table."""
    roles = {space.role for space in actors.spaces(member)}
    return [of(member, kind) for kind in KINDS if roles & set(kind.roles)]


def pushes(kind: Kind) -> list[str]:
    """The choices that push has for a kind."""
    return [Push.ALL, *([Push.URGENT] if kind.push == Push.URGENT else []), Push.OFF]

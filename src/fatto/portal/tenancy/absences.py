"""Being away: from when to when, and who acts in one's stead. It begins and ends by itself."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fatto import countries
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import NotAllowed, Refusal, action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Absence, Member, Membership
from fatto.portal.tenancy.permissions import ROLES, Can, Role


class WrongAbsence(Refusal):
    """The days or the substitute do not fit."""

    status = 422


def today(actor: Actor) -> date:
    """The day it is in the place where the actor is."""
    country = actor.company.country if actor.company is not None else actor.firm.country
    return timezone.localdate(timezone=ZoneInfo(countries.find(country).time_zone))


def here(actor: Actor) -> QuerySet[Absence]:
    """The absences in the actor's space that are not over, the next one first."""
    rows = Absence.objects.filter(firm=actor.firm, company=actor.company, last__gte=today(actor))
    return rows.select_related("member", "substitute").order_by("first", "pk")


def of(actor: Actor, membership: Membership) -> list[Absence]:
    """Those of one person of the space."""
    return list(here(actor).filter(member=membership.member_id))


def substitutes(actor: Actor, membership: Membership) -> list[Member]:
    """Who may stand in for somebody of the space: colleagues who could do what it does, by name.

    In a company those who may decide themselves; in a firm those whose role allows no more than the
    absent person's. Standing in gives nobody more than both had.
    """
    rows = Membership.objects.filter(firm=actor.firm, company=actor.company).exclude(member=membership.member_id)
    rights = ROLES[membership.role]
    if actor.company is not None:
        fitting = Can.DOCUMENT_DECIDE in rights
        able = [row for row in rows.select_related("member") if fitting and Can.DOCUMENT_DECIDE in ROLES[row.role]]
    else:
        able = [
            row
            for row in rows.select_related("member")
            if membership.role != Role.FIRM_OWNER and ROLES[row.role] <= rights
        ]
    return sorted((row.member for row in able), key=lambda member: (str(member).casefold(), member.pk))


@action(Can.DOCUMENT_READ)
def set_absence(actor: Actor, membership: Membership, *, first: date, last: date, substitute: int) -> Absence:
    """Note that somebody of the space is away; oneself, or another where the actor manages the people.

    Raises:
        WrongAbsence: the days are over, meet another absence, or the substitute is away as well.
    """
    _allowed(actor, membership)
    stand_in = next((each for each in substitutes(actor, membership) if each.pk == substitute), None)
    if stand_in is None:
        raise WrongAbsence(_("Choose somebody who may do the same here."))
    if last < first:
        raise WrongAbsence(_("The last day is before the first."))
    if last < today(actor):
        raise WrongAbsence(_("These days are over."))
    # One after the other: two who name each other in the same moment are seen.
    list(
        Membership.objects.select_for_update()
        .filter(firm=actor.firm, company=actor.company, member_id__in=[membership.member_id, substitute])
        .order_by("pk")
    )
    then = here(actor).filter(first__lte=last, last__gte=first)
    if then.filter(member=membership.member_id).exists():
        raise WrongAbsence(_("There is an absence in these days already."))
    if then.filter(member=substitute).exists():
        raise WrongAbsence(_("%(name)s is away in these days as well. Choose somebody else.") % {"name": stand_in})
    absence = Absence.objects.create(
        member=membership.member,
        substitute=stand_in,
        firm=actor.firm,
        company=actor.company,
        first=first,
        last=last,
    )
    _record(actor, "absence-set", absence)
    return absence


@action(Can.DOCUMENT_READ)
def end_absence(actor: Actor, absence: Absence) -> None:
    """Take an absence back, or end it before its last day."""
    membership = Membership.objects.filter(
        firm=absence.firm, company=absence.company, member=absence.member
    ).first() or Membership(member=absence.member)
    _allowed(actor, membership)
    _record(actor, "absence-ended", absence)
    absence.delete()


def left_alone(actor: Actor, absence: Absence) -> list[Member]:
    """For whom the absent person was to stand in these days: nobody stands in for a substitute's absent ones."""
    rows = here(actor).filter(substitute=absence.member, first__lte=absence.last, last__gte=absence.first)
    return [row.member for row in rows]


def _allowed(actor: Actor, membership: Membership) -> None:
    needed = Can.PEOPLE_MANAGE if actor.company is not None else Can.TEAM_MANAGE
    if actor.member is None or (membership.member_id != actor.member.pk and not actor.can(needed)):
        raise NotAllowed(needed)


def _record(actor: Actor, verb: str, absence: Absence) -> None:
    data: dict[str, Any] = {
        "member": absence.member_id,
        "name": str(absence.member),
        "substitute": absence.substitute_id,
        "substitute_name": str(absence.substitute),
        "first": absence.first.isoformat(),
        "last": absence.last.isoformat(),
    }
    trail.record(actor, verb, company_id=absence.company_id, data=data)

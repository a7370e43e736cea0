"""Who belongs to a company or to a firm's team, and changing it. Decisions keep the names of who leaves."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from fatto.portal.tenancy import scope, trail
from fatto.portal.tenancy.action import Refusal, action
from fatto.portal.tenancy.actor import Actor, system
from fatto.portal.tenancy.models import Company, Firm, Invitation, Member, Membership
from fatto.portal.tenancy.permissions import FIRM_ROLES, LIMITABLE, Can, Role

COMPANY_ROLES = tuple(role for role in Role if role not in FIRM_ROLES)
TEAM_ROLES = tuple(role for role in Role if role in FIRM_ROLES)


class LastOwner(Refusal):
    """Somebody must be able to let others in."""

    def __init__(self) -> None:
        super().__init__(_("The last owner stays owner. Make somebody else an owner first."))


def of_company(company: Company) -> QuerySet[Membership]:
    """The people of a company, by name."""
    return Membership.objects.filter(company=company).select_related("member").order_by("member__name", "pk")


def of_team(actor: Actor) -> QuerySet[Membership]:
    """The people of the actor's firm, by name."""
    rows = Membership.objects.filter(firm=actor.firm, company=None)
    return rows.select_related("member").order_by("member__name", "pk")


@action(Can.PEOPLE_MANAGE)
def change_role(
    actor: Actor,
    membership: Membership,
    *,
    role: str,
    directions: Iterable[str] | None = None,
    tags: Iterable[str] | None = None,
) -> None:
    """Give a person of a company another role, and say which documents it sees there; None leaves that.

    Empty `directions` or `tags` mean all of them. Roles that see everything lose their limits.

    Raises:
        LastOwner: the company would have no owner.
    """
    assert role in COMPANY_ROLES  # noqa: S101 - a programming error, not input
    assert membership.company_id  # noqa: S101 - the same
    if role not in LIMITABLE:
        directions = tags = ()
    limits = (
        sorted(set(membership.directions if directions is None else directions)),
        sorted(set(membership.tags if tags is None else tags)),
    )
    if role not in LIMITABLE:
        _limit(actor, membership, *limits)
    _change(actor, membership, role, [])
    _limit(actor, membership, *limits)


@action(Can.TEAM_MANAGE)
def change_in_team(actor: Actor, membership: Membership, *, role: str, companies: Iterable[int] = ()) -> None:
    """Change what somebody of the firm is, and which companies are assigned. An owner sees all of them anyway:
    those assigned are the ones it looks after itself.

    Raises:
        LastOwner: the firm would have no owner.
    """
    assert role in TEAM_ROLES  # noqa: S101 - a programming error, not input
    assert membership.company_id is None  # noqa: S101 - the same
    known = set(Company.objects.filter(pk__in=set(companies)).values_list("pk", flat=True))
    _change(actor, membership, role, sorted(known))


@action(Can.TEAM_MANAGE)
def assign(actor: Actor, membership: Membership, *, companies: Iterable[int], give: bool) -> int:
    """Assign companies to somebody of the team, or take them away; how many that changed. Others stay as they are."""
    assert membership.company_id is None  # noqa: S101 - a programming error, not input
    membership = (
        Membership.objects.select_for_update(no_key=True, of=("self",)).select_related("member").get(pk=membership.pk)
    )
    known = set(Company.objects.filter(pk__in=set(companies)).values_list("pk", flat=True))
    had = set(membership.companies)
    wanted = had | known if give else had - known
    _change(actor, membership, membership.role, sorted(wanted))
    return len(had ^ wanted)


@action(Can.PEOPLE_MANAGE)
def remove(actor: Actor, membership: Membership) -> None:
    """Take a person out of a company. What it decided stays, under its name.

    Raises:
        LastOwner: the company would have no owner.
    """
    assert membership.company_id  # noqa: S101 - a programming error, not input
    _remove(actor, membership)


@action(Can.TEAM_MANAGE)
def remove_from_team(actor: Actor, membership: Membership) -> None:
    """Take a person out of the firm, and with it out of the companies that were assigned.

    Raises:
        LastOwner: the firm would have no owner.
    """
    assert membership.company_id is None  # noqa: S101 - a programming error, not input
    _remove(actor, membership)


def _change(actor: Actor, membership: Membership, role: str, companies: list[int]) -> None:
    before, had = membership.role, sorted(membership.companies)
    if (before, had) == (role, companies):
        return
    if role != before:
        _keep_an_owner(membership)
    Membership.objects.filter(pk=membership.pk).update(role=role, companies=companies)
    membership.role, membership.companies = role, companies
    if role != before:
        _record(actor, "member-role-changed", membership, role=role, before=before)
    if had != companies:
        _record(
            actor,
            "companies-assigned",
            membership,
            added=sorted(set(companies) - set(had)),
            taken=sorted(set(had) - set(companies)),
        )


def _limit(actor: Actor, membership: Membership, directions: list[str], tags: list[str]) -> None:
    if (sorted(membership.directions), sorted(membership.tags)) == (directions, tags):
        return
    Membership.objects.filter(pk=membership.pk).update(directions=directions, tags=tags)
    membership.directions, membership.tags = directions, tags
    _record(actor, "member-limited", membership, directions=directions, tags=tags)


def _remove(actor: Actor, membership: Membership) -> None:
    _keep_an_owner(membership)
    _record(actor, "member-removed", membership, role=membership.role)
    Membership.objects.filter(pk=membership.pk).delete()


def _keep_an_owner(leaving: Membership) -> None:
    """Refuse when `leaving` is the only owner of its place. Owners' rows are locked: two cannot leave at once."""
    if leaving.role not in (Role.OWNER, Role.FIRM_OWNER):
        return
    owners = Membership.objects.filter(firm=leaving.firm_id, company=leaving.company_id, role=leaving.role)
    if set(owners.order_by("pk").select_for_update().values_list("pk", flat=True)) <= {leaving.pk}:
        raise LastOwner


def _record(actor: Actor, verb: str, membership: Membership, **data: object) -> None:
    who = {"member": membership.member_id, "name": str(membership.member)}
    trail.record(actor, verb, company_id=membership.company_id, data=who | data)


class StillOwner(Refusal):
    """A place would be left without anybody who can let others in."""

    def __init__(self, places: str) -> None:
        super().__init__(
            _("You are the last owner of %(places)s. Make somebody else an owner first.") % {"places": places}
        )


def erase(member: Member) -> None:
    """Remove a person who asks for it: account, address, ways to log in, roles, and what is the person's alone.

    What law and proof ask for stays: the trail and the decisions, with the name at the time (Regulation (EU)
    2016/679, article 17(3)(b) and (e)). The row stays as the number those speak of, without name and address.

    Raises:
        StillOwner: a firm or company would have no owner.
    """
    with transaction.atomic():
        with scope.roster(member=member.pk):
            rows = list(Membership.objects.filter(member=member).select_related("firm"))
        alone = [str(place) for row in rows if (place := _left_alone(row)) is not None]
        if alone:
            raise StillOwner(", ".join(alone))
        for row in rows:
            with scope.scope(system(row.firm, member=member)) as actor:
                _record(actor, "member-left", row, role=row.role)
                Membership.objects.filter(pk=row.pk).delete()
        email = member.email
        for firm in {row.firm for row in rows}:
            with scope.scope(system(firm)):
                Invitation.objects.filter(email=email).update(name="", email=f"removed-{member.pk}@removed.invalid")
        member.email = f"removed-{member.pk}@removed.invalid"
        member.name, member.is_active, member.operator = "", False, False
        member.set_unusable_password()
        member.save()


erase.is_action = True  # type: ignore[attr-defined]  # people remove only themselves; the view hands in the one logged in


def _left_alone(row: Membership) -> Firm | Company | None:
    """The place that would be without an owner when this row goes."""
    if row.role not in (Role.OWNER, Role.FIRM_OWNER):
        return None
    with scope.scope(system(row.firm)):
        try:
            _keep_an_owner(row)
        except LastOwner:
            return Company.objects.get(pk=row.company_id) if row.company_id else row.firm
    return None

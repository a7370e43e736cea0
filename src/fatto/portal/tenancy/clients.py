"""The people around a firm's companies, for its portfolio: who looks after each, and how far its own people are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery, TextChoices
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from fatto.portal.tenancy import invitations
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company, Deed, Invitation, Membership
from fatto.portal.tenancy.permissions import Role
from fatto.portal.tenancy.scope import whole


class Standing(TextChoices):
    """How far a company's people are, the furthest of them first."""

    ACTIVE = "active", pgettext_lazy("client", "Active")
    INVITED = "invited", pgettext_lazy("client", "Invited")
    TROUBLE = "trouble", pgettext_lazy("client", "Invitation expired or not sent")
    NOBODY = "nobody", pgettext_lazy("client", "Nobody invited")


@dataclass(slots=True, kw_only=True)
class Client:
    """What a firm knows of one company's people."""

    people: int = 0
    waiting: int = 0
    """Invitations that nobody answered."""
    standing: Standing = Standing.NOBODY
    last_deed: datetime | None = None
    """When one of the company's own people last did something."""
    assigned: list[Membership] = field(default_factory=list)
    """Those of the firm who look after it."""


def clients(actor: Actor) -> dict[int, Client]:
    """Every company of the scope by its number; in a few queries, however many there are."""
    found: dict[int, Client] = defaultdict(Client)
    joined = Membership.objects.filter(company__isnull=False, firm=actor.firm).order_by()
    for company_id, people in joined.values_list("company_id").annotate(n=Count("pk")):
        found[company_id].people = people
        found[company_id].standing = Standing.ACTIVE
    now = timezone.now()
    trouble = (invitations.State.EXPIRED, invitations.State.FAILED)
    for row in invitations.pending().filter(company__isnull=False).defer("hashes"):
        client = found[row.company_id or 0]
        client.waiting += 1
        if client.standing != Standing.ACTIVE:
            well = invitations.state(row, now) not in trouble
            client.standing = Standing.INVITED if well or client.standing == Standing.INVITED else Standing.TROUBLE
    latest = Deed._base_manager.filter(company=OuterRef("pk"), side="company", by_kind="person").order_by("-at")
    rows = Company.objects.annotate(last_deed=Subquery(latest.values("at")[:1]))
    with whole():  # a moment alone, also of what was done behind a hard gate
        for pk, last_deed in rows.values_list("pk", "last_deed"):
            found[pk].last_deed = last_deed
    for membership in team(actor):
        for pk in membership.companies:
            found[pk].assigned.append(membership)
    return found


def team(actor: Actor) -> list[Membership]:
    """Those of the firm to whom companies can be assigned, by name."""
    rows = Membership.objects.filter(firm=actor.firm, company=None).select_related("member")
    return sorted(rows, key=lambda row: (str(row.member).casefold(), row.pk))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of a company, with when it was last seen in the portal."""

    membership: Membership
    role: Role
    last_seen: datetime | None


def people(company: Company) -> list[Person]:
    """The people of a company by name."""
    rows = list(Membership.objects.filter(company=company).select_related("member").order_by("member__name", "pk"))
    seen = dict(
        UserSession.objects.filter(user__in=[row.member_id for row in rows])
        .order_by()
        .values_list("user_id")
        .annotate(last=Max("last_seen_at"))
    )
    return [
        Person(
            membership=row,
            role=Role(row.role),
            last_seen=max((at for at in (seen.get(row.member_id), row.member.last_login) if at), default=None),
        )
        for row in rows
    ]


def unanswered(companies: list[int]) -> QuerySet[Invitation]:
    """The open invitations to people of these companies."""
    return invitations.pending().filter(company_id__in=companies)

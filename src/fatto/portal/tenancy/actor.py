"""Who acts, in which space, and from where.

A person acts in one space at a time: in a company (`/c/<company>/`) or in a firm (`/f/<firm>/`).
Accountants of the firm enter a company's pages as well, still on the firm's side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from django.utils import timezone

from fatto.portal.tenancy import scope
from fatto.portal.tenancy.models import Company, Firm, Member, Membership, SupportGrant
from fatto.portal.tenancy.permissions import CLIENTS_VIEW, FIRM_ROLES, OWN_ONLY, ROLES, SUPPORT, SUPPORT_MAY, Can, Role

Side = Literal["company", "firm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who acts within a scope.

    `companies` are the ids of all companies that can be seen here; `company` is set in a company's
    space; `only_by` limits documents to those one member brought in; `device` is what the decision
    log keeps of where the person acted from (kind of browser, never more).
    """

    kind: Literal["person", "system", "channel", "api"] = "person"
    member: Member | None = None
    firm: Firm
    company: Company | None = None
    side: Side = "company"
    role: str | None = None
    companies: tuple[int, ...] = ()
    only_by: int | None = None
    device: str = ""
    permissions: frozenset[Can] = field(default=frozenset())
    as_client: bool = False
    """Is somebody of the firm looking at the company's pages as its owner sees them? Then nothing can be changed."""
    label: str = ""
    """What a program is called in the trail: the name of its token."""

    def can(self, permission: Can) -> bool:
        """May this actor do it, in the space it acts in?"""
        return permission in self.permissions

    @property
    def name(self) -> str:
        return self.label or (str(self.member) if self.member else "Fatto")

    def settings(self) -> dict[str, str]:
        """The settings that row security reads. A firm's own rows exist only on the firm's side."""
        return scope.settings_of(
            companies=",".join(map(str, self.companies)),
            firm=self.firm.pk if self.side == "firm" or self.kind in ("system", "channel") else "",
            side=self.side,
            only_by=self.only_by,
            member=self.member.pk if self.member else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """A place where a member has a role: for the switcher and the landing page."""

    firm: Firm
    company: Company | None
    role: str


def spaces(member: Member) -> list[Space]:
    """Every firm and company that a member can enter by a membership of its own, firms first."""
    with scope.roster(member=member.pk):
        rows = list(Membership.objects.filter(member=member).select_related("firm"))
    ids = [row.company_id for row in rows if row.company_id]
    with scope.roster(companies=ids):
        companies = {company.pk: company for company in Company.objects.unscoped().filter(pk__in=ids, active=True)}
    found = [
        Space(firm=row.firm, company=companies.get(row.company_id) if row.company_id else None, role=row.role)
        for row in rows
        if row.company_id is None or row.company_id in companies
    ]
    return sorted(found, key=lambda space: (space.company is not None, str(space.company or space.firm).lower()))


def in_firm(member: Member, slug: str, device: str = "") -> Actor | None:
    """The member acting in a firm; None when it has no role there."""
    with scope.roster(member=member.pk):
        row = (
            Membership.objects.filter(member=member, company=None, firm__slug=slug, role__in=FIRM_ROLES)
            .select_related("firm")
            .first()
        )
    if row is None:
        return _support(member, firm=slug, device=device)
    return Actor(
        member=member,
        firm=row.firm,
        side="firm",
        role=row.role,
        companies=_of_firm(row),
        device=device,
        permissions=ROLES[row.role],
    )


def in_company(member: Member, slug: str, device: str = "") -> Actor | None:
    """The member acting in a company: by its role there, else as somebody of the company's firm."""
    with scope.roster(member=member.pk):
        rows = list(Membership.objects.filter(member=member).select_related("firm"))
    own = [row.company_id for row in rows if row.company_id]
    with scope.roster(companies=own):
        company = Company.objects.unscoped().filter(slug=slug, pk__in=own, active=True).first()
    if company is not None:
        row = next(row for row in rows if row.company_id == company.pk)
        return Actor(
            member=member,
            firm=row.firm,
            company=company,
            side="company",
            role=row.role,
            companies=(company.pk,),
            only_by=member.pk if row.role in OWN_ONLY else None,
            device=device,
            permissions=ROLES[row.role],
        )
    for row in rows:
        if row.company_id is None:
            with scope.roster(member=member.pk, firm=row.firm_id):
                company = Company.objects.unscoped().filter(slug=slug, firm=row.firm, active=True).first()
            if company is not None and (row.role == Role.FIRM_OWNER or company.pk in row.companies):
                return Actor(
                    member=member,
                    firm=row.firm,
                    company=company,
                    side="firm",
                    role=row.role,
                    companies=(company.pk,),
                    device=device,
                    permissions=ROLES[row.role],
                )
    return _support(member, company=slug, device=device)


def _support(member: Member, *, firm: str = "", company: str = "", device: str) -> Actor | None:
    """An operator in a firm, or in one of its companies, that grants it support now: it reads what the owner may."""
    if not member.operator:
        return None
    with scope.roster(member=member.pk):
        now = timezone.now()
        rows = SupportGrant.objects.filter(operator=member, granted_at__isnull=False, ended_at=None, until__gt=now)
        firms = [row.firm for row in rows.select_related("firm")]
    for each in firms:
        with scope.roster(firm=each.pk):
            companies = list(Company.objects.unscoped().filter(firm=each, active=True))
        found = next((row for row in companies if row.slug == company), None)
        if found is not None or each.slug == firm:
            return Actor(
                member=member,
                firm=each,
                company=found,
                side="firm",
                role=SUPPORT,
                companies=(found.pk,) if found else tuple(row.pk for row in companies),
                device=device,
                permissions=SUPPORT_MAY,
            )
    return None


def as_client(actor: Actor) -> Actor:
    """Somebody of the firm, seeing a company's pages as the company does: its places and buttons, none of which act.

    Whose data it sees does not change: what waits behind the company's gate stays hidden from the firm.
    """
    return replace(actor, as_client=True, permissions=CLIENTS_VIEW)


def system(firm: Firm, *, member: Member | None = None, kind: Literal["system", "channel"] = "system") -> Actor:
    """The portal itself at work for a firm: background jobs. With `member`, on that person's behalf."""
    with scope.roster(firm=firm.pk):
        ids = tuple(Company.objects.unscoped().filter(firm=firm).values_list("pk", flat=True))
    return Actor(kind=kind, member=member, firm=firm, side="company", companies=ids, permissions=frozenset(Can))


def by_token(*, firm: Firm, company_id: int | None, side: Side, name: str, permissions: Iterable[str]) -> Actor | None:
    """A program acting by its token: in one company, or for a firm in all of its companies.

    None when the company is there no more. What its side may not do at all, no token grants.
    """
    with scope.roster(firm=firm.pk):
        rows = Company.objects.unscoped().filter(firm=firm, active=True)
        company = rows.filter(pk=company_id).first() if company_id is not None else None
        if company_id is not None and company is None:
            return None
        companies = (company.pk,) if company is not None else tuple(rows.values_list("pk", flat=True))
    possible = ROLES[Role.FIRM_OWNER] if side == "firm" else ROLES[Role.OWNER]
    return Actor(
        kind="api",
        firm=firm,
        company=company,
        side=side,
        companies=companies,
        device="API",
        permissions=frozenset(Can(each) for each in permissions) & possible,
        label=name,
    )


def _of_firm(row: Membership) -> tuple[int, ...]:
    """The companies at work that the membership opens: all of the firm for its owner, else those assigned."""
    with scope.roster(firm=row.firm_id):
        found = Company.objects.unscoped().filter(firm=row.firm_id, active=True)
        if row.role != Role.FIRM_OWNER:
            found = found.filter(pk__in=row.companies)
        return tuple(found.values_list("pk", flat=True))

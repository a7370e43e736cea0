"""Who acts, in which space, and from where.

A person acts in one space at a time: in a company (`/c/<company>/`) or in a firm (`/f/<firm>/`).
Accountants of the firm enter a company's pages as well, still on the firm's side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils import timezone

from fatto import countries
from fatto.portal.tenancy import scope
from fatto.portal.tenancy.models import Absence, Company, Firm, Member, Membership, SupportGrant
from fatto.portal.tenancy.permissions import CLIENTS_VIEW, FIRM_ROLES, OWN_ONLY, ROLES, SUPPORT, SUPPORT_MAY, Can, Role

Side = Literal["company", "firm"]
_SEPARATOR = "\x1f"


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
    directions: tuple[str, ...] = ()
    """Limits what is seen to these directions; empty for all."""
    tags: tuple[str, ...] = ()
    """Limits what is seen to documents with one of these tags; empty for all."""
    stands_for: tuple[int, ...] = ()
    """Members of the company who are away today, with this one as their substitute."""
    maker: int | None = None
    """Of a program: the member who made its token, and could decide with it."""
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
    def limited(self) -> bool:
        """Does it see some documents of its companies only, so that ready-made sums do not hold for it?"""
        return self.only_by is not None or bool(self.directions or self.tags)

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
            directions=_SEPARATOR.join(self.directions),
            tags=_SEPARATOR.join(self.tags),
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
        companies=tuple(dict.fromkeys((*_of_firm(row), *_for_colleagues(row)))),
        device=device,
        permissions=ROLES[row.role],
    )


def in_company(member: Member, slug: str, device: str = "") -> Actor | None:
    """The member acting in a company: by its role there, else as somebody of the company's firm."""
    with scope.roster(member=member.pk):
        rows = list(Membership.objects.filter(member=member).select_related("firm"))
        own = [row.company_id for row in rows if row.company_id]
        with scope.roster(member=member.pk, companies=own):
            mine = Company.objects.unscoped().filter(slug=slug, pk__in=own, active=True)
            company = mine.first() if own else None
            stands_for = _stands_for(member, company) if company is not None else ()
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
            directions=tuple(row.directions),
            tags=tuple(row.tags),
            stands_for=stands_for,
            device=device,
            permissions=ROLES[row.role],
        )
    for row in rows:
        if row.company_id is None:
            with scope.roster(member=member.pk, firm=row.firm_id):
                company = Company.objects.unscoped().filter(slug=slug, firm=row.firm, active=True).first()
            if company is not None and (
                row.role == Role.FIRM_OWNER or company.pk in row.companies or company.pk in _for_colleagues(row)
            ):
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


def at_company(member: Member, company_id: int, device: str = "") -> Actor | None:
    """The member acting in a company known by its number; None when it has no business there (any more)."""
    with scope.roster(companies=[company_id]):
        company = Company.objects.unscoped().filter(pk=company_id).first()
    return in_company(member, company.slug, device) if company is not None else None


def names(companies: Iterable[int]) -> dict[int, str]:
    """What companies are called, for telling a person where something happened that concerned it."""
    numbers = list(companies)
    with scope.roster(companies=numbers):
        return dict(Company.objects.unscoped().filter(pk__in=numbers).values_list("pk", "name"))


def system(firm: Firm, *, member: Member | None = None, kind: Literal["system", "channel"] = "system") -> Actor:
    """The portal itself at work for a firm: background jobs. With `member`, on that person's behalf."""
    with scope.roster(firm=firm.pk):
        ids = tuple(Company.objects.unscoped().filter(firm=firm).values_list("pk", flat=True))
    return Actor(kind=kind, member=member, firm=firm, side="company", companies=ids, permissions=frozenset(Can))


def system_in(company: Company) -> Actor:
    """The portal itself at work for one company, as far as its firm's people and rules concern it."""
    outer = scope.current()
    firm = outer.firm if outer is not None and outer.firm.pk == company.firm_id else company.firm
    return Actor(kind="system", firm=firm, side="company", companies=(company.pk,), permissions=frozenset(Can))


def by_token(
    *,
    firm: Firm,
    company_id: int | None,
    side: Side,
    name: str,
    permissions: Iterable[str],
    maker: int | None = None,
) -> Actor | None:
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
        maker=maker,
    )


def _of_firm(row: Membership) -> tuple[int, ...]:
    """The companies at work that the membership opens: all of the firm for its owner, else those assigned."""
    with scope.roster(firm=row.firm_id):
        found = Company.objects.unscoped().filter(firm=row.firm_id, active=True)
        if row.role != Role.FIRM_OWNER:
            found = found.filter(pk__in=row.companies)
        return tuple(found.values_list("pk", flat=True))


def _stands_for(member: Member, company: Company) -> tuple[int, ...]:
    """Who is away from the company today with `member` as substitute: one step, never the absent of the absent.

    Within a roster of the member and the company.
    """
    today = timezone.localdate(timezone=ZoneInfo(countries.find(company.country).time_zone))
    away = Absence.objects.filter(substitute=member, company=company, first__lte=today, last__gte=today)
    ids = set(away.values_list("member_id", flat=True))
    if not ids:
        return ()
    there = Membership.objects.filter(company=company, member_id__in=ids)
    return tuple(sorted(there.values_list("member_id", flat=True)))


def _for_colleagues(row: Membership) -> tuple[int, ...]:
    """The companies of colleagues who are away today, for their substitute in the firm's team.

    Only where the substitute's role allows no more than the colleague's: standing in gives nobody rights
    that neither had there.
    """
    today = timezone.localdate(timezone=ZoneInfo(countries.find(row.firm.country).time_zone))
    with scope.roster(member=row.member_id):
        away = Absence.objects.filter(
            substitute=row.member_id, firm=row.firm, company=None, first__lte=today, last__gte=today
        )
        ids = set(away.values_list("member_id", flat=True))
    if not ids:
        return ()
    with scope.scope(system(row.firm)):
        colleagues = Membership.objects.filter(firm=row.firm, company=None, member_id__in=ids)
        wanted = {
            company
            for each in colleagues
            if each.role != Role.FIRM_OWNER and ROLES[row.role] <= ROLES[each.role]
            for company in each.companies
        }
        return tuple(Company.objects.filter(pk__in=wanted, active=True).values_list("pk", flat=True))

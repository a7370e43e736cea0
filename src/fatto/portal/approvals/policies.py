"""Whose yes a company's policies ask for a document, and until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone

from fatto import countries
from fatto.portal.approvals.models import Policy
from fatto.portal.documents.models import Document
from fatto.portal.tenancy.models import Company, Membership
from fatto.portal.tenancy.permissions import ROLES, Can, Role

DECIDING = frozenset(role for role in Role if Can.DOCUMENT_DECIDE in ROLES[role])
"""The roles whose yes counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a document needs: whose first yes, and whose second if two are asked. Empty lists are anybody."""

    policy: int | None = None
    first: list[int] = field(default_factory=list)
    two: bool = False
    second: list[int] = field(default_factory=list)
    days: int | None = None
    escalate_to: int | None = None

    def people(self) -> list[int]:
        """Everybody who has a word in it; empty for anybody."""
        if not self.first or (self.two and not self.second):
            return []
        return [*self.first, *(self.second if self.two else ())]


class Ways:
    """How one company approves: its policies and the people whose yes counts. Read once, for many documents."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.policies = list(Policy.objects.filter(company=company).order_by("position", "pk"))
        self._deciders: dict[int, Membership] | None = None

    @property
    def deciders(self) -> Mapping[int, Membership]:
        """Members whose yes counts."""
        if self._deciders is None:
            rows = Membership.objects.filter(company=self.company, role__in=DECIDING)
            self._deciders = {row.member_id: row for row in rows.order_by("pk")}
        return self._deciders

    @property
    def owners(self) -> list[int]:
        """Members who answer for the company."""
        return [pk for pk, row in self.deciders.items() if row.role == Role.OWNER]

    def need(self, document: Document) -> Need:
        """What the first fitting policy asks; nothing in particular where none fits."""
        policy = next((each for each in self.policies if fits(each, document)), None)
        if policy is None:
            return Need()
        return Need(
            policy=policy.pk,
            first=self._able(policy.people, document),
            two=two(policy, document, self.company),
            second=self._able(policy.second_people, document),
            days=policy.days,
            escalate_to=policy.escalate_to_id,
        )

    def asked(self, need: Need, step: int, agreed: Iterable[int] = ()) -> list[int]:
        """Who is asked for this step: never somebody who agreed already."""
        if step == 1:
            return need.first
        gave = set(agreed)
        left = [each for each in need.second if each not in gave]
        # The one who was to agree second gave the first yes: then an owner, or anybody else.
        return left if left or not need.second else [each for each in self.owners if each not in gave]

    def escalated(self, need: Need, agreed: Iterable[int]) -> list[int]:
        """Who is asked when the deadline has passed."""
        wanted = [need.escalate_to] if need.escalate_to in self.deciders else self.owners
        gave = set(agreed)
        return [each for each in wanted if each is not None and each not in gave]

    def until(self, need: Need, at: datetime) -> date | None:
        """The last day for a yes that is asked now."""
        if need.days is None:
            return None
        return deadline(self.today(at), need.days, self.company.country)

    def today(self, at: datetime | None = None) -> date:
        """The day it is where the company is."""
        return timezone.localdate(at, ZoneInfo(countries.find(self.company.country).time_zone))

    def _able(self, people: Iterable[int], document: Document) -> list[int]:
        """Those of the named who still decide here and see the document; the owners where none does."""
        named = list(people)
        able = [each for each in named if each in self.deciders and sees(self.deciders[each], document)]
        return able or (self.owners if named else [])


def fits(policy: Policy, document: Document) -> bool:
    """Is the policy about this document?"""
    return (
        policy.direction in ("", document.direction)
        and policy.party_id in ("", document.party_id)
        and (not policy.tag or policy.tag in document.tags)
    )


def two(policy: Policy, document: Document, company: Company) -> bool:
    """Must a second person agree? Where the amount cannot be compared, it counts as above."""
    if policy.second_from is None:
        return False
    if document.amount is None or (document.currency and document.currency != company.currency):
        return True
    return abs(Decimal(document.amount)) >= policy.second_from


def sees(membership: Membership, document: Document) -> bool:
    """Is the document within the person's limits?"""
    return (not membership.directions or document.direction in membership.directions) and (
        not membership.tags or bool(set(membership.tags) & set(document.tags))
    )


def deadline(day: date, days: int, country: str) -> date:
    """The day on which so many working days have passed; calendar days where the country's holidays are not known."""
    holidays = countries.find(country).holidays
    if holidays is None:
        return day + timedelta(days=days)
    while days:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in holidays(day.year):
            days -= 1
    return day

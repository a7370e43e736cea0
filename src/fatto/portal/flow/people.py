"""Changing people of a company, and whom its documents wait for accordingly."""

from __future__ import annotations

from collections.abc import Iterable

from fatto.portal.approvals import actions as approvals
from fatto.portal.approvals.models import Policy
from fatto.portal.tenancy import people
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Membership


def change_role(
    actor: Actor,
    membership: Membership,
    *,
    role: str,
    directions: Iterable[str] | None = None,
    tags: Iterable[str] | None = None,
) -> None:
    """Another role or other limits for somebody of a company: see `people.change_role`."""
    people.change_role(actor, membership, role=role, directions=directions, tags=tags)
    _ask_again(actor, membership)


def remove(actor: Actor, membership: Membership) -> None:
    """Take somebody out of a company: see `people.remove`."""
    people.remove(actor, membership)
    _ask_again(actor, membership)


def _ask_again(actor: Actor, membership: Membership) -> None:
    company = membership.company_id
    if company is not None and Policy.objects.filter(company=company).exists():
        approvals.ask_all_again(actor, company)

"""What a person decided at one sitting, for the card at its end."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone

from fatto.portal.documents.states import Approval
from fatto.portal.tenancy.models import Company

_KEY = "sitting"
_PAUSE = 30 * 60
"""Seconds without a decision after which another sitting begins."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """How many were approved and disputed."""

    approved: int
    disputed: int


def count(request: HttpRequest, company: Company, before: str, after: str) -> None:
    """A document went from one state of approval to another by this person's hand."""
    kept = _kept(request, company)
    for state, step in ((before, -1), (after, 1)):
        if state in (Approval.APPROVED, Approval.DISPUTED):
            kept[state] = max(0, kept[state] + step)
    request.session[_KEY] = {**kept, "company": company.pk, "at": timezone.now().timestamp()}


def of(request: HttpRequest, company: Company) -> Sitting | None:
    """What was decided in this sitting so far; None when nothing was."""
    kept = _kept(request, company)
    done = Sitting(kept[Approval.APPROVED], kept[Approval.DISPUTED])
    return done if done.approved or done.disputed else None


def _kept(request: HttpRequest, company: Company) -> dict[str, int]:
    kept = request.session.get(_KEY) or {}
    if kept.get("company") != company.pk or timezone.now().timestamp() - kept.get("at", 0) > _PAUSE:
        kept = {}
    return {state.value: int(kept.get(state.value, 0)) for state in (Approval.APPROVED, Approval.DISPUTED)}

"""The company's yes or no, and what follows from each."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from fatto.portal.approvals import actions
from fatto.portal.approvals.models import Decision, Verdict
from fatto.portal.documents.models import Document
from fatto.portal.tenancy.actor import Actor


def approve(
    actor: Actor,
    document: Document,
    *,
    note: str = "",
    confirmed: Collection[str] = (),
    at: datetime | None = None,
) -> Decision:
    """Yes: it may be booked. `confirmed` names the kinds of alerts that were looked at; without, they refuse."""
    return actions.decide(actor, document, verdict=Verdict.APPROVED, note=note, confirmed=confirmed, at=at)


def dispute(actor: Actor, document: Document, *, reason: str, note: str = "", at: datetime | None = None) -> Decision:
    """No, with the reason: it is not booked."""
    return actions.decide(actor, document, verdict=Verdict.DISPUTED, reason=reason, note=note, at=at)


def undo(actor: Actor, document: Document, *, at: datetime | None = None) -> Decision:
    """Back to waiting; possible until it is booked."""
    return actions.decide(actor, document, verdict=Verdict.UNDONE, at=at)

"""Invitations as they stand: looking them up by their link, and by whose they are."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db.models import QuerySet, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fatto.portal.tenancy import scope
from fatto.portal.tenancy.models import Company, Firm, Invitation

KEPT_LINKS = 10
"""Hashes of earlier links that still lead to a new letter."""


class State(TextChoices):
    """How far an invitation is."""

    QUEUED = "queued", _("Mail on its way")
    FAILED = "failed", _("Mail could not be sent")
    INVITED = "invited", _("Invited")
    OPENED = "opened", _("Opened")
    EXPIRED = "expired", _("Expired")
    ACTIVE = "active", _("Active")
    WITHDRAWN = "withdrawn", _("Withdrawn")


PENDING = (State.QUEUED, State.FAILED, State.INVITED, State.OPENED, State.EXPIRED)
"""States in which the person has not answered yet."""


def state(invitation: Invitation, now: datetime | None = None) -> State:
    """How far an invitation is."""
    if invitation.withdrawn_at:
        return State.WITHDRAWN
    if invitation.accepted_at:
        return State.ACTIVE
    if invitation.failed_at:
        return State.FAILED
    if invitation.sent_at is None or (invitation.asked_at and invitation.sent_at < invitation.asked_at):
        return State.QUEUED
    if invitation.expires_at and invitation.expires_at <= (now or timezone.now()):
        return State.EXPIRED
    return State.OPENED if invitation.opened_at else State.INVITED


def digest(token: str) -> str:
    """What is kept of a link: the SHA-256 of its token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def by_token(token: str) -> list[Invitation]:
    """The invitations that a link stands for, withdrawn ones left out; all of one firm and one address.

    Call it outside a scope. The companies are not visible here: see `companies_of`.
    """
    link = digest(token)
    with scope.roster(link=link):
        rows = Invitation.objects.unscoped().filter(hashes__contains=[link], withdrawn_at=None)
        return list(rows.select_related("firm", "by").order_by("id"))


def to_same_address(invitation: Invitation) -> QuerySet[Invitation]:
    """What is open at the same address from the same firm: one letter is about all of it. Inside a firm's scope."""
    return pending().filter(email=invitation.email).order_by("id")


def pending() -> QuerySet[Invitation]:
    """Invitations of the scope that nobody answered."""
    return Invitation.objects.filter(accepted_at=None, withdrawn_at=None)


def of_clients() -> QuerySet[Invitation]:
    """In a firm's scope: the invitations to its companies, newest first; those withdrawn are left out."""
    return Invitation.objects.filter(company__isnull=False, withdrawn_at=None).select_related("company").order_by("-id")


def of_place(firm: Firm, company: Company | None) -> QuerySet[Invitation]:
    """Open invitations to a company, or to the firm's own team when there is none."""
    return pending().filter(firm=firm, company=company).order_by("email")

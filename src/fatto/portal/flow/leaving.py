"""A person leaves for good: every app forgets what was the person's alone."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from fatto.portal.documents.models import SavedView
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy import people
from fatto.portal.tenancy.models import Firm, Member
from fatto.portal.tenancy.scope import scope


def erase(member: Member) -> None:
    """Remove a person, with everything that is its own; decisions and the trail keep the name they were made under.

    Raises:
        people.StillOwner: a firm or company would have no owner.
    """
    with transaction.atomic():
        firms = {space.firm for space in actors.spaces(member)}
        for firm in firms:
            _forget_in(firm, member)
        people.erase(member)
        for session in UserSession.objects.filter(user=member):
            session.end()
        Authenticator.objects.filter(user=member).delete()
        EmailAddress.objects.filter(user=member).delete()


def _forget_in(firm: Firm, member: Member) -> None:
    """Saved views that nobody else uses go; shared ones stay for the others."""
    with scope(actors.system(firm, member=member)):
        SavedView.objects.filter(member=member, shared=False).delete()

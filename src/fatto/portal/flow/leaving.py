"""A person leaves for good: every app forgets what was the person's alone."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.db import transaction
from django.db.models import CASCADE, ForeignKey

from fatto.portal.documents.models import SavedView
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy import people
from fatto.portal.tenancy.models import Firm, Member
from fatto.portal.tenancy.scope import roster, scope


def erase(member: Member) -> None:
    """Remove a person, with everything that is its own; decisions and the trail keep the name they were made under.

    Raises:
        people.StillOwner: a firm or company would have no owner.
    """
    with transaction.atomic():
        firms = {space.firm for space in actors.spaces(member)}
        for firm in firms:
            _forget_in(firm, member)
        with roster(member=member.pk):
            _forget_own(member)
        people.erase(member)
        for session in UserSession.objects.filter(user=member):
            session.end()
        Authenticator.objects.filter(user=member).delete()
        EmailAddress.objects.filter(user=member).delete()


def _forget_in(firm: Firm, member: Member) -> None:
    """Saved views that nobody else uses go; shared ones stay for the others."""
    with scope(actors.system(firm, member=member)):
        SavedView.objects.filter(member=member, shared=False).delete()
        _forget_own(member)


def _forget_own(member: Member) -> None:
    """What would go with the person's row: devices, notices, choices, marks of reading, in whatever app."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if not isinstance(field, ForeignKey) or field.related_model is not Member:
                continue
            if getattr(field.remote_field, "on_delete", None) is CASCADE and model.__module__.startswith(
                "fatto.portal."
            ):
                model._base_manager.filter(**{field.name: member}).delete()

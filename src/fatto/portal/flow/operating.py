"""What an operator sees of the firms: how large they are and whether they live, never a document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Max, Sum
from django.urls import reverse

from fatto.portal.documents.models import File, Quarantined, Recheck, Tally
from fatto.portal.flow import recheck
from fatto.portal.tenancy.actor import system
from fatto.portal.tenancy.models import Company, Deed, Firm, Member, Membership
from fatto.portal.tenancy.permissions import SUPPORT
from fatto.portal.tenancy.scope import scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A firm in numbers."""

    firm: Firm
    companies: int
    people: int
    documents: int
    bytes: int
    quarantined: int
    last: datetime | None
    """When somebody last did something there, support aside."""
    recheck: Recheck | None
    """How far its older documents are judged by the rules of this release."""


def sizes() -> list[Size]:
    """Every firm in numbers, by name."""
    return [size(firm) for firm in Firm.objects.order_by("name")]


def size(firm: Firm) -> Size:
    """One firm in numbers."""
    with scope(system(firm)):
        last = Deed.objects.filter(by_kind__in=["person", "api"]).exclude(verb__startswith=SUPPORT)
        return Size(
            firm=firm,
            companies=Company.objects.filter(active=True).count(),
            people=Membership.objects.filter(firm=firm).values("member").distinct().count(),
            documents=Tally.objects.aggregate(n=Sum("n"))["n"] or 0,
            bytes=File.objects.aggregate(n=Sum("size"))["n"] or 0,
            quarantined=Quarantined.objects.filter(state=Quarantined.State.OPEN).count(),
            last=last.aggregate(at=Max("at"))["at"],
            recheck=recheck.progress(),
        )


class NoSuchPerson(Exception):
    """Nobody has the address, or it is none; the message is a sentence for whoever typed it."""


def make_operator(email: str, *, name: str = "", language: str = "en", remove: bool = False) -> str:
    """Make a person an operator, or no longer one; gives the path where a new account's password is chosen, else "".

    Raises:
        NoSuchPerson: there is no account and no name to make one with, or the address is none.
    """
    email = email.strip().lower()
    member = Member.objects.filter(email__iexact=email).first()
    if member is None:
        if remove or not name.strip():
            raise NoSuchPerson(f"Nobody here has the address {email}. To make an account, give a name: --name NAME.")
        try:
            validate_email(email)
        except ValidationError as error:
            raise NoSuchPerson(f"{email!r} is not an e-mail address.") from error
        member = Member.objects.create_user(email, None, name=name.strip(), language=language)
    Member.objects.filter(pk=member.pk).update(operator=not remove)
    if member.has_usable_password() or remove:
        return ""
    key = f"{user_pk_to_url_str(member)}-{default_token_generator.make_token(member)}"
    return reverse(
        "account_reset_password_from_key", kwargs=dict(zip(("uidb36", "key"), key.split("-", 1), strict=True))
    )

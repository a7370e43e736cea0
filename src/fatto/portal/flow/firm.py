"""Opening an accounting firm: what the operator does on the command line, again and again without harm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from fatto import countries
from fatto.country import Country
from fatto.portal.flow import invite
from fatto.portal.tenancy import actions, invitations, trail
from fatto.portal.tenancy.actor import system
from fatto.portal.tenancy.models import LANGUAGES, Firm, Invitation, Membership
from fatto.portal.tenancy.permissions import Role
from fatto.portal.tenancy.scope import scope


class CannotOpen(Exception):
    """The firm cannot be opened so; the message is a sentence for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What became of it. `link` lets the owner in; it is empty when the owner is in already."""

    firm: Firm
    fate: Literal["opened", "waiting", "there"]
    """Newly opened; opened before, with a new link because nobody has come in yet; the owner is in."""
    email: str
    link: str = ""
    mailed: bool = False


def open_firm(*, name: str, country: str, owner: str, owner_name: str, language: str = "", mail: bool) -> Opening:
    """Open a firm and offer its ownership to an e-mail address. Called again with the same name it opens no second one.

    As long as nobody has come in as owner, another call makes a new link, to another address if need be,
    and the links before end.

    Args:
        country: ISO 3166 code of a country that Fatto knows.
        mail: whether the link is sent by mail as well, at once.

    Raises:
        CannotOpen: a value cannot be used, or the firm has owners and the address is none of theirs.
    """
    name, owner, owner_name = " ".join(name.split()), owner.strip().lower(), " ".join(owner_name.split())
    pack = _checked(name, country.strip().upper(), owner, owner_name)
    language = language or next((each for each in pack.languages if each in dict(LANGUAGES)), "en")
    if language not in dict(LANGUAGES):
        raise CannotOpen(f"The language {language!r} is not one of {', '.join(dict(LANGUAGES))}.")
    with transaction.atomic():
        firm = Firm.objects.select_for_update(no_key=True).filter(name__iexact=name, country=pack.code).first()
        opened = firm is None
        if firm is None:
            firm = actions.open_firm(name=name, country=pack.code, language=language)
        with scope(system(firm)) as actor:
            rows = Membership.objects.filter(firm=firm, company=None, role=Role.FIRM_OWNER).select_related("member")
            owners = [row.member for row in rows]
            if any(member.email.lower() == owner for member in owners):
                return Opening(firm=firm, fate="there", email=owner)
            if owners:
                raise CannotOpen(
                    f"{firm.name} is there already, and its owner is {', '.join(map(str, owners))}. "
                    "Owners let others in themselves, on the page Team."
                )
            # A mistyped address is put right by calling again: what went to the wrong one ends.
            waiting = invitations.pending().filter(company=None, role=Role.FIRM_OWNER)
            waiting.exclude(email=owner).update(withdrawn_at=timezone.now())
            invitation, made = Invitation.objects.get_or_create(
                firm=firm,
                company=None,
                email=owner,
                accepted_at=None,
                withdrawn_at=None,
                defaults={"role": Role.FIRM_OWNER, "name": owner_name, "language": language},
            )
            Invitation.objects.filter(pk=invitation.pk).update(role=Role.FIRM_OWNER, name=owner_name)
            data = {"email": owner, "name": owner_name, "role": str(Role.FIRM_OWNER)}
            trail.record(actor, "member-invited" if made else "invitation-sent-again", data=data)
    link, mailed = invite.hand_over(firm, invitation.pk, mail=mail)
    return Opening(firm=firm, fate="opened" if opened else "waiting", email=owner, link=link, mailed=mailed)


def _checked(name: str, country: str, owner: str, owner_name: str) -> Country:
    if not name or len(name) > 200:
        raise CannotOpen("The firm needs a name of at most 200 characters.")
    if not owner_name or len(owner_name) > 200:
        raise CannotOpen("The owner needs a name of at most 200 characters.")
    known = {pack.code: pack for pack in countries.every()}
    if country not in known:
        raise CannotOpen(f"The country {country!r} is not one of {', '.join(known)}.")
    try:
        validate_email(owner)
    except ValidationError as error:
        raise CannotOpen(f"{owner!r} is not an e-mail address.") from error
    return known[country]

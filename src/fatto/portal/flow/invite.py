"""How people get in: invited, written to, and joining by the letter's link.

    invite(actor, company, email=…, role=…)     noted, and a letter is queued
    send(firm, invitation)                      the job: makes the link, writes the letter
    accept(member, token)                       the link's one use

The token of a link exists in the letter alone. It is made when the letter is, and only its hash is kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fatto.portal.flow import letters
from fatto.portal.tenancy import invitations, trail
from fatto.portal.tenancy.action import Refusal, action
from fatto.portal.tenancy.actor import Actor, system
from fatto.portal.tenancy.models import Company, Firm, Invitation, Member, Membership
from fatto.portal.tenancy.permissions import Can, Role
from fatto.portal.tenancy.scope import scope

LASTS = timedelta(days=7)
PATIENCE = timedelta(minutes=5)
"""Between two letters to the same address."""
MOST_RENEWED = 12
"""Letters after which a link renews itself no more: the firm must send it."""


class ThereAlready(Refusal):
    """The person has a role in this place."""

    def __init__(self) -> None:
        super().__init__(_("This person is here already. Change the role in the list."))


class InvitedAlready(Refusal):
    """There is an open invitation to the same place."""

    def __init__(self) -> None:
        super().__init__(_("This person is invited already. Send the mail again from the list."))


class NoLongerOpen(Refusal):
    """The link was used, or the invitation withdrawn or expired, a moment ago."""

    def __init__(self) -> None:
        super().__init__(_("This invitation is no longer open."))


# -- inviting ------------------------------------------------------------------------------------------------------


@action(Can.PEOPLE_MANAGE)
def invite(
    actor: Actor, company: Company, *, email: str, role: str, name: str = "", language: str = "", post: bool = True
) -> Invitation:
    """Offer somebody a role in a company, and queue the letter; without `post` the caller queues it, by `queue`.

    Raises:
        ThereAlready, InvitedAlready
    """
    language = language or company.language
    return _invite(actor, company, email=email, role=role, name=name, language=language, companies=[], post=post)


@action(Can.TEAM_MANAGE)
def invite_to_team(
    actor: Actor, *, email: str, role: str, name: str = "", language: str = "", companies: Iterable[int] = ()
) -> Invitation:
    """Offer somebody a role in the firm, with the companies that will be assigned, and queue the letter.

    Raises:
        ThereAlready, InvitedAlready
    """
    wanted = set(companies) if role != Role.FIRM_OWNER else set()
    known = sorted(Company.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    language = language or actor.firm.language
    return _invite(actor, None, email=email, role=role, name=name, language=language, companies=known, post=True)


def _invite(
    actor: Actor,
    company: Company | None,
    *,
    email: str,
    role: str,
    name: str,
    language: str,
    companies: list[int],
    post: bool,
) -> Invitation:
    email = email.strip().lower()
    if Membership.objects.filter(firm=actor.firm, company=company, member__email__iexact=email).exists():
        raise ThereAlready
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                firm=actor.firm,
                company=company,
                email=email,
                name=name.strip(),
                language=language,
                role=role,
                companies=companies,
                by=actor.member,
                asked_at=timezone.now(),
            )
    except IntegrityError as error:
        raise InvitedAlready from error
    _record(actor, "member-invited", invitation)
    if post:
        queue(actor, [invitation])
    return invitation


def queue(actor: Actor, found: Iterable[Invitation]) -> None:
    """Queue the letters of invitations that were just made or asked for again: one an address."""
    from fatto.portal.flow import tasks

    firsts = {invitation.email: invitation.pk for invitation in found}
    for pk in firsts.values():
        tasks.send_invitation.defer(firm=actor.firm.pk, invitation=pk)


# -- what becomes of one --------------------------------------------------------------------------------------------


@action(Can.PEOPLE_MANAGE)
def send_again(actor: Actor, found: Iterable[Invitation]) -> int:
    """Queue new letters for invitations that are open; how many. Their earlier links end with that."""
    return _ask_again(actor, found)


@action(Can.TEAM_MANAGE)
def send_again_in_team(actor: Actor, found: Iterable[Invitation]) -> int:
    """The same for invitations to the firm's team."""
    return _ask_again(actor, found)


@action(Can.PEOPLE_MANAGE)
def withdraw(actor: Actor, invitation: Invitation) -> None:
    """Take an invitation to a company back: its link opens it no more."""
    _withdraw(actor, invitation)


@action(Can.TEAM_MANAGE)
def withdraw_in_team(actor: Actor, invitation: Invitation) -> None:
    """The same for an invitation to the firm's team."""
    _withdraw(actor, invitation)


def _ask_again(actor: Actor, found: Iterable[Invitation]) -> int:
    now = timezone.now()
    # What was asked for a moment ago is on its way: a second click sends nothing.
    asked = [each for each in found if not (each.asked_at and now - each.asked_at < timedelta(minutes=1))]
    asked = [each for each in asked if each.accepted_at is None and each.withdrawn_at is None]
    Invitation.objects.filter(pk__in=[each.pk for each in asked]).update(asked_at=now, failed_at=None)
    for each in asked:
        _record(actor, "invitation-sent-again", each)
    queue(actor, asked)
    return len({each.email for each in asked})


def _withdraw(actor: Actor, invitation: Invitation) -> None:
    if not invitations.pending().filter(pk=invitation.pk).update(withdrawn_at=timezone.now()):
        raise NoLongerOpen
    _record(actor, "invitation-withdrawn", invitation)


# -- the letter -------------------------------------------------------------------------------------------------------


def send(firm: Firm, pk: int) -> None:
    """Make a new link for all that is open at the invitation's address, and write to it.

    Call it outside a scope: between the two transactions the mail server is spoken to. Called again
    after a failure it makes another link, and the one before leads to a renewal.
    """
    _, letter = _write(firm, pk)
    if letter is None:
        return
    letter.send()
    with scope(system(firm)):
        first = Invitation.objects.get(pk=pk)
        invitations.to_same_address(first).update(sent_at=timezone.now(), failed_at=None, letters=F("letters") + 1)


def failed(firm: Firm, pk: int) -> None:
    """Note that the letter could not be sent, so that somebody looks at the address."""
    with scope(system(firm)):
        first = invitations.pending().filter(pk=pk).first()
        if first is not None:
            invitations.to_same_address(first).update(failed_at=timezone.now())


def hand_over(firm: Firm, pk: int, *, mail: bool) -> tuple[str, bool]:
    """A link to hand over, and whether it was sent by mail as well; earlier links end with that.

    A mail server that cannot be reached is no failure: the link is there to be handed over otherwise.
    """
    link, letter = _write(firm, pk)
    if letter is None:
        return "", False
    if mail:
        try:
            letter.send()
        except OSError:  # smtplib's troubles are among them
            mail = False
    with scope(system(firm)):
        now = timezone.now()
        Invitation.objects.filter(pk=pk).update(asked_at=now, sent_at=now, letters=F("letters") + 1)
    return link, mail


def _write(firm: Firm, pk: int) -> tuple[str, EmailMultiAlternatives | None]:
    """A new link for all that is open at the invitation's address, and the letter that holds it."""
    token = secrets.token_urlsafe(24)
    with scope(system(firm)):
        first = invitations.pending().filter(pk=pk).first()
        if first is None:
            return "", None
        rows = list(invitations.to_same_address(first).select_related("company", "by"))
        known = Member.objects.filter(email__iexact=first.email, is_active=True).exists()
        expires = timezone.now() + LASTS
        for row in rows:
            row.hashes = [invitations.digest(token), *row.hashes][: invitations.KEPT_LINKS]
            row.expires_at = expires
        Invitation.objects.bulk_update(rows, ["hashes", "expires_at"])
        return letters.address(token), letters.invitation(firm, rows, token, known=known)


# -- the link ---------------------------------------------------------------------------------------------------------


def opened(found: list[Invitation]) -> None:
    """Note that the link's page was looked at; only the first time counts."""
    fresh = [row.pk for row in found if row.opened_at is None and row.accepted_at is None]
    if fresh:
        with scope(system(found[0].firm)):
            Invitation.objects.filter(pk__in=fresh, opened_at=None).update(opened_at=timezone.now())


def usable(found: list[Invitation], token: str) -> list[Invitation]:
    """Those of a link's invitations that it still opens: unanswered, in time, and by the latest letter."""
    now, link = timezone.now(), invitations.digest(token)
    return [
        row
        for row in found
        if row.accepted_at is None
        and row.withdrawn_at is None
        and row.expires_at is not None
        and row.expires_at > now
        and row.hashes[0] == link
    ]


def renew(found: list[Invitation]) -> bool:
    """Send a new letter to the address that the old one went to; not too soon after the last, nor without end."""
    now = timezone.now()
    rows = [row for row in found if row.accepted_at is None]
    if not rows or any(row.asked_at and now - row.asked_at < PATIENCE for row in rows):
        return False
    if max(row.letters for row in rows) >= MOST_RENEWED:
        return False
    with scope(system(rows[0].firm)) as actor:
        return send_again(actor, rows) > 0


def accept(member: Member, found: list[Invitation], token: str) -> list[Invitation]:
    """Make the invitations of a link memberships of the person who holds it; gives those that were.

    Raises:
        NoLongerOpen: somebody was quicker, or it expired in this moment.
    """
    rows = usable(found, token)
    if not rows:
        raise NoLongerOpen
    with scope(system(rows[0].firm, member=member)) as actor:
        # Found by the link alone, before a scope in which their companies can be seen.
        here = list(Invitation.objects.filter(pk__in=[row.pk for row in rows]).select_related("company").order_by("pk"))
        return [row for row in here if _join(actor, row, member=member)]


def welcome(found: list[Invitation], token: str, *, name: str, password: str, language: str) -> Member:
    """Make an account for the address that the link went to, and accept with it.

    Raises:
        NoLongerOpen: also when the address got an account in this moment; the page then asks to log in.
    """
    with transaction.atomic():
        try:
            with transaction.atomic():
                member = Member.objects.create_user(found[0].email, password, name=name, language=language)
        except IntegrityError as error:
            raise NoLongerOpen from error
        accept(member, found, token)
    return member


@action(Can.PEOPLE_MANAGE)
def _join(actor: Actor, invitation: Invitation, *, member: Member) -> bool:
    if not invitations.pending().filter(pk=invitation.pk).update(accepted_at=timezone.now(), accepted_by=member):
        raise NoLongerOpen
    Membership.objects.get_or_create(
        member=member,
        firm=actor.firm,
        company=invitation.company,
        defaults={"role": invitation.role, "companies": invitation.companies},
    )
    _record(actor, "member-joined", invitation, member=member.pk, name=str(member))
    return True


def _record(actor: Actor, verb: str, invitation: Invitation, **more: object) -> None:
    data: dict[str, object] = {
        "email": invitation.email,
        "name": invitation.name,
        "role": invitation.role,
        "invitation": invitation.pk,
    }
    trail.record(actor, verb, company_id=invitation.company_id, data=data | more)

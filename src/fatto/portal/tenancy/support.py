"""Support: an operator of the portal asks a firm to look in, the firm grants it for hours, every page is logged.

Without a grant an operator finds no firm's pages at all. With one it reads what the firm's owner may
read, so what waits behind a company's hard gate stays hidden; it changes nothing.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fatto.portal.tenancy import scope, trail
from fatto.portal.tenancy.action import NotAllowed, Refusal, action
from fatto.portal.tenancy.actor import Actor, system
from fatto.portal.tenancy.models import Deed, Firm, Member, SupportGrant
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.states import AlreadyMoved

MOST_HOURS = 72


class AskedAlready(Refusal):
    """One open request a firm."""

    def __init__(self) -> None:
        super().__init__(_("You have asked this firm already; it has not answered yet."))


def ask(operator: Member, firm: Firm, *, reason: str, hours: int) -> SupportGrant:
    """Ask a firm for support access.

    Raises:
        NotAllowed: the person is no operator.
        AskedAlready: a request waits.
    """
    if not operator.operator:
        raise NotAllowed(Can.FIRM_MANAGE)
    actor = system(firm, member=operator)
    with scope.scope(actor):
        try:
            with transaction.atomic():
                grant = SupportGrant.objects.create(
                    firm=firm,
                    operator=operator,
                    reason=reason.strip(),
                    hours=max(1, min(hours, MOST_HOURS)),
                    asked_at=timezone.now(),
                )
        except IntegrityError as error:
            raise AskedAlready from error
        trail.record(actor, "support-asked", data={"grant": grant.pk, "reason": grant.reason, "hours": grant.hours})
    return grant


@action(Can.FIRM_MANAGE)
def grant(actor: Actor, wish: SupportGrant) -> None:
    """The firm's yes: from now on, for the hours asked for.

    Raises:
        AlreadyMoved: it was answered or withdrawn meanwhile.
    """
    now = timezone.now()
    until = now + timedelta(hours=wish.hours)
    rows = SupportGrant.objects.filter(pk=wish.pk, firm=actor.firm, granted_at=None, ended_at=None)
    if not rows.update(granted_at=now, granted_by=actor.member, until=until):
        raise AlreadyMoved
    data = {"grant": wish.pk, "name": str(wish.operator), "until": until.isoformat()}
    trail.record(actor, "support-granted", data=data)


@action(Can.FIRM_MANAGE)
def end(actor: Actor, wish: SupportGrant) -> None:
    """The firm's no, before or after its yes: access ends with this."""
    _end(actor, wish)


def give_back(operator: Member, wish: SupportGrant) -> None:
    """The operator needs it no more, or takes the request back."""
    actor = system(wish.firm, member=operator)
    with scope.scope(actor):
        _end(actor, wish)


def _end(actor: Actor, wish: SupportGrant) -> None:
    rows = SupportGrant.objects.filter(pk=wish.pk, firm=actor.firm, ended_at=None)
    if rows.update(ended_at=timezone.now(), ended_by=actor.member):
        data = {"grant": wish.pk, "name": str(wish.operator), "granted": wish.granted_at is not None}
        trail.record(actor, "support-ended", data=data)


def of_firm(actor: Actor) -> list[SupportGrant]:
    """What was asked of the actor's firm, newest first."""
    rows = SupportGrant.objects.filter(firm=actor.firm).select_related("operator", "granted_by", "ended_by")
    return list(rows.order_by("-pk")[:50])


def live_in(firm: Firm) -> SupportGrant | None:
    """Who of the operators may read in a firm now; inside its scope."""
    return live(SupportGrant.objects.filter(firm=firm)).select_related("operator").order_by("-until").first()


def live(rows: QuerySet[SupportGrant]) -> QuerySet[SupportGrant]:
    """Those that open something now."""
    return rows.filter(granted_at__isnull=False, ended_at=None, until__gt=timezone.now())


def is_live(wish: SupportGrant) -> bool:
    """Does it open something now?"""
    return wish.ended_at is None and wish.until is not None and wish.until > timezone.now()


def asked_by(operator: Member) -> list[SupportGrant]:
    """An operator's own requests, newest first."""
    with scope.roster(member=operator.pk):
        rows = SupportGrant.objects.filter(operator=operator).select_related("firm", "granted_by")
        return list(rows.order_by("-pk")[:100])


def seen(actor: Actor, most: int = 100) -> list[Deed]:
    """The pages that operators opened in the actor's firm, newest first."""
    return list(Deed.objects.filter(verb="support-viewed").order_by("-pk")[:most])

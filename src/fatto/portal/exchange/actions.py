"""What people do with connections: open a way to an authority, say which companies it serves, end it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fatto.channels.channel import Tokens
from fatto.portal.exchange import keys, queries, services
from fatto.portal.exchange.models import Box, Connection, OAuthState, Probe
from fatto.portal.exchange.states import Connected
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import Refusal, action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.states import move

_LOGIN_LASTS = timedelta(minutes=30)
"""How long somebody may take between going to the authority and coming back."""


class NoChannel(Refusal):
    """There is no authority to connect to."""

    status = 403

    def __init__(self) -> None:
        super().__init__(_("In this country there is nothing to connect to."))


class NotSetUp(Refusal):
    """The administrator has not registered the portal."""

    def __init__(self) -> None:
        super().__init__(
            _("The portal is not registered at the authority yet. Its administrator finds what to do in the handbook.")
        )


class Ended(Refusal):
    """It is no connection any more."""

    def __init__(self) -> None:
        super().__init__(_("This connection has ended."))


@action(Can.CONNECTION_MANAGE)
def begin(actor: Actor, *, channel: str, session: str, connection: Connection | None = None) -> str:
    """Somebody goes to the authority to log in; gives the state that must come back in the same session."""
    country = actor.company.country if actor.company else actor.firm.country
    found = services.of_country(country)
    if found is None or found.code != channel:
        raise NoChannel
    if not services.ready(channel):
        raise NotSetUp
    if connection is not None and connection.state == Connected.ENDED:
        raise Ended
    if actor.member is None:
        raise Refusal(_("Only a person can log in."))
    state = secrets.token_urlsafe(32)
    now = timezone.now()
    OAuthState.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()
    OAuthState.objects.create(
        firm=actor.firm,
        company=actor.company,
        member=actor.member,
        channel=channel,
        connection=connection,
        hash=queries.hashed(state),
        session=queries.hashed(session),
        expires_at=now + _LOGIN_LASTS,
    )
    return state


@action(Can.CONNECTION_MANAGE)
def use_state(actor: Actor, state: OAuthState) -> None:
    """Whoever comes first with a state uses it up."""
    if not OAuthState.objects.filter(pk=state.pk, used_at=None).update(used_at=timezone.now()):
        raise Refusal(_("This login was used already. Begin again."))


@action(Can.CONNECTION_MANAGE)
def connect(
    actor: Actor, *, channel: str, tokens: Tokens, connection: Connection | None = None, at: datetime | None = None
) -> Connection:
    """Keep what a login brought: as a new connection, or in the place of what the same one had."""
    now = at or timezone.now()
    told = keys.columns(tokens, now) | {
        "authorised_by": actor.member,
        "authorised_name": actor.name,
        "authorised_at": now,
        "serial": tokens.serial[:100],
        "login_until": keys.login_until(tokens, channel, now),
        "warned": None,
        "state": Connected.ACTIVE,
        "failing_since": None,
        "error_at": None,
        "sealed_before": "",
        **keys.NO_TROUBLE,
    }
    if connection is None:
        connection = Connection(firm=actor.firm, company=actor.company, channel=channel)
        verb = "connection-made"
    else:
        connection = Connection.objects.select_for_update().get(pk=connection.pk)
        if connection.state == Connected.ENDED:
            raise Ended
        connection.generation += 1
        verb = "connection-renewed"
    for name, value in told.items():
        setattr(connection, name, value)
    connection.save()
    trail.record(
        actor,
        verb,
        company_id=connection.company_id,
        data={"connection": connection.pk, "channel": channel, "serial": connection.serial},
    )
    if verb == "connection-renewed":
        Box.objects.filter(connection=connection, paused=False).update(next_run=now, blocked_until=None)
    return connection


@action(Can.CONNECTION_MANAGE)
def probe(actor: Actor, connection: Connection) -> int:
    """Note which companies are to be asked for; gives how many. Those that have a way of their own are left out."""
    found = [
        company
        for company in Company.objects.filter(active=True)
        if (channel := services.of_country(company.country)) is not None
        and channel.code == connection.channel
        and queries.tax_id(company)
    ]
    own = set(Box.objects.filter(connection__company__isnull=False).values_list("company_id", flat=True))
    Probe.objects.bulk_create(
        [Probe(firm=actor.firm, company=each, connection=connection) for each in found if each.pk not in own],
        ignore_conflicts=True,
    )
    return Probe.objects.filter(connection=connection).update(state=Probe.State.WAITING)


@action(Can.CONNECTION_MANAGE)
def serve(actor: Actor, connection: Connection, *, companies: Iterable[Company]) -> list[Box]:
    """Say which companies a connection serves; those that it served and are not named are let go.

    Gives the boxes that it newly serves.
    """
    if connection.state != Connected.ACTIVE:
        raise Ended
    wanted = {each.pk: each for each in companies}
    if connection.company_id is not None and set(wanted) - {connection.company_id}:
        raise Refusal(_("A company’s own connection serves no other company."))
    now = timezone.now()
    fresh: list[Box] = []
    for company in wanted.values():
        number = queries.tax_id(company)
        channel = services.of_country(company.country)
        if not number or channel is None or channel.code != connection.channel:
            raise NoChannel
        box, _made = Box.objects.get_or_create(
            company=company,
            channel=connection.channel,
            defaults={"firm_id": company.firm_id, "tax_id": number},
        )
        if box.connection_id == connection.pk:
            continue
        box.connection, box.tax_id, box.next_run = connection, number, now
        box.rights_lost_at = box.blocked_until = box.failing_since = box.alarmed_at = None
        box.failures, box.error_code, box.error_text, box.error_official = 0, "", "", ""
        box.paused = False
        box.save()
        fresh.append(box)
        trail.record(
            actor,
            "box-connected",
            company_id=company.pk,
            data={"box": box.pk, "connection": connection.pk, "name": connection.authorised_name},
        )
    for box in Box.objects.filter(connection=connection).exclude(company__in=wanted):
        _let_go(actor, box)
    return fresh


@action(Can.CONNECTION_MANAGE)
def end(actor: Actor, connection: Connection) -> None:
    """Forget the tokens of a connection. The companies it served get nothing any more until another serves them."""
    move(
        connection,
        "state",
        Connected.ENDED,
        among=[Connected.ACTIVE, Connected.LOGIN_NEEDED],
        sealed="",
        sealed_before="",
        access_until=None,
        refresh_until=None,
        renew_at=None,
        renewing_until=None,
        generation=F("generation") + 1,  # whoever is renewing it now writes nothing back
        ended_at=timezone.now(),
    )
    for box in Box.objects.filter(connection=connection):
        _let_go(actor, box)
    trail.record(
        actor,
        "connection-ended",
        company_id=connection.company_id,
        data={"connection": connection.pk, "channel": connection.channel},
    )


@action(Can.CONNECTION_MANAGE, verb="box-paused")
def pause(actor: Actor, box: Box, *, on: bool) -> None:
    """Fetch nothing for a company for a while, or again."""
    Box.objects.filter(pk=box.pk).update(paused=on, next_run=None if on else timezone.now())


def _let_go(actor: Actor, box: Box) -> None:
    Box.objects.filter(pk=box.pk).update(connection=None, next_run=None)
    trail.record(actor, "box-let-go", company_id=box.company_id, data={"box": box.pk})

"""Logging in at an authority: going there, coming back, and asking on which companies one has rights.

What waits for the authority stands between scopes.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from fatto.channels.channel import ChannelError, Empty, LoginNeeded, Rights
from fatto.portal.exchange import actions, keys, queries, services
from fatto.portal.exchange.models import Connection, OAuthState, Probe
from fatto.portal.flow import sync
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.action import Refusal
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company, Firm, Member
from fatto.portal.tenancy.scope import scope

_log = logging.getLogger("fatto.exchange")


class LoginNotKnown(Refusal):
    """What came back belongs to no login that was begun here, in this session."""

    status = 400

    def __init__(self) -> None:
        super().__init__(
            _("This login was not begun here, or took too long. Begin again from the page of connections.")
        )


class LoginFailed(Refusal):
    """The authority did not give the permission."""

    def __init__(self, error: ChannelError) -> None:
        self.error = error
        super().__init__(_("The authority did not give the permission. Begin again, and choose the certificate."))


def back_address() -> str:
    """Where the authority sends people back: one address for everybody, registered there."""
    return f"{settings.URL}{reverse('exchange-callback')}"


def go(actor: Actor, channel: str, session: str, connection: Connection | None = None) -> str:
    """Where the person's browser goes to log in. Inside the actor's scope."""
    state = actions.begin(actor, channel=channel, session=session, connection=connection)
    return services.service(channel).login_url(state=state, back=back_address())


def come_back(member: Member, query: Mapping[str, str], session: str, device: str) -> tuple[Actor, Connection]:
    """Finish a login: check who came back, fetch the permission, keep it. Outside a scope."""
    row = queries.came_back(member, query.get("state", ""), session)
    actor = _where(member, row, device) if row is not None else None
    if row is None or actor is None:
        raise LoginNotKnown
    with scope(actor):
        actions.use_state(actor, row)
    service = services.service(row.channel)
    try:
        tokens = service.exchange(code=service.came_back(query), back=back_address())
    except ChannelError as error:
        _log.warning("a login failed", extra={"event": "exchange", "code": error.code})
        raise LoginFailed(error) from error
    with scope(actor):
        before = Connection.objects.get(pk=row.connection_id) if row.connection_id is not None else None
        made = actions.connect(actor, channel=row.channel, tokens=tokens, connection=before)
        if actor.company is not None and before is None:
            # The company's own: it serves this company, and nothing is to be chosen.
            actions.serve(actor, made, companies=[actor.company])
        elif before is None:
            actions.probe(actor, made)
            app.configure_task("fatto.try_companies", queue="sync").defer(firm=actor.firm.pk, connection=made.pk)
    return actor, made


def _where(member: Member, row: OAuthState, device: str) -> Actor | None:
    """The person in the space in which the login was begun, with the role that it has there now."""
    if row.company_id is not None:
        return actors.at_company(member, row.company_id, device)
    firm = Firm.objects.get(pk=row.firm_id)
    return actors.in_firm(member, firm.slug, device)


def probe_again(actor: Actor, connection: Connection) -> None:
    """Ask once more on which companies a connection has rights. Inside the actor's scope."""
    actions.probe(actor, connection)
    app.configure_task("fatto.try_companies", queue="sync").defer(firm=actor.firm.pk, connection=connection.pk)


def try_companies(firm: Firm, connection_id: int) -> None:
    """Ask for each company's list with a connection: the answer says whether it has rights. Safe to call again."""
    actor = actors.system(firm, kind="channel")
    with scope(actor):
        row = Connection.objects.get(pk=connection_id)
        waiting = list(
            Probe.objects.filter(connection=row, state=Probe.State.WAITING)
            .select_related("company")
            .order_by("company__name")
        )
    for each in waiting:
        state, official = _rights(actor, row, each.company)
        with scope(actor):
            Probe.objects.filter(pk=each.pk).update(state=state, official=official[:2000], at=timezone.now())


def _rights(actor: Actor, row: Connection, company: Company) -> tuple[str, str]:
    now = timezone.now()
    service = services.service(row.channel)
    try:
        key = keys.of(actor, row.pk)
        channel = service.channel(key.access, subject=keys.subject(row))
        channel.page(queries.tax_id(company), now - timedelta(days=1), now)
    except Empty:
        return Probe.State.GRANTED, ""
    except Rights as error:
        return Probe.State.REFUSED, error.official
    except LoginNeeded as error:
        return Probe.State.UNKNOWN, error.official
    except ChannelError as error:
        return Probe.State.UNKNOWN, error.official or error.message
    return Probe.State.GRANTED, ""


def serve(actor: Actor, connection: Connection, companies: list[Company]) -> int:
    """Say which companies a connection serves, and look into the new ones at once; gives how many are new."""
    fresh = actions.serve(actor, connection, companies=companies)
    for box in fresh:
        sync.ask(actor, box, among=len(fresh) > 1)
    return len(fresh)

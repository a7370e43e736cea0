"""The pairs of tokens: kept sealed, renewed ahead of time, swapped whole.

    key = keys.of(actor, connection)       # renews when its time has come
    …
    except LoginNeeded:
        key = keys.of(actor, connection, not_this=key)

Only one renews at a time: it takes a lease, asks outside of any transaction, and puts the new pair in the place of
the old one in one UPDATE that holds only while nobody else has. The pair before stays until the new one has worked, so
that a worker killed at any point leaves one that is good, or a person is asked.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from fatto.channels.channel import ChannelError, LoginNeeded, Temporary, Tokens
from fatto.portal.exchange import services
from fatto.portal.exchange.models import Connection
from fatto.portal.exchange.states import Connected
from fatto.portal.tenancy import sealing, trail
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.scope import scope

_PURPOSE = "fatto channel tokens"
_LEASE = timedelta(minutes=3)
_PATIENCE = 20.0
_AGAIN = timedelta(hours=1)
"""After a renewal that failed, the next."""
_log = logging.getLogger("fatto.exchange")


@dataclass(frozen=True, slots=True)
class Key:
    """What opens the boxes of a connection, and which of its pairs it is."""

    access: str = field(repr=False)
    generation: int


def of(actor: Actor, connection: int, *, not_this: Key | None = None, at: datetime | None = None) -> Key:
    """The key of a connection that the actor sees; a new one when the present is `not_this`, or old.

    Waits for the network: called outside a scope. Raises `LoginNeeded` when a person is needed, `Temporary` when no
    new one can be had now.
    """
    ends = time.monotonic() + _PATIENCE
    while True:
        now = at or timezone.now()
        with scope(actor):
            row = Connection.objects.get(pk=connection)
        if row.state != Connected.ACTIVE:
            raise login_needed(row.error_official)
        try:
            pair = _opened(row.sealed)
        except LoginNeeded as error:
            _lost(actor, row, now, error)
            raise
        refused = not_this is not None and row.generation == not_this.generation
        over = row.access_until is not None and row.access_until <= now
        if not refused and not over and (row.renew_at is None or row.renew_at > now):
            return Key(pair.access, row.generation)
        if _lease(actor, row, now):
            try:
                return _renewed(actor, row, now)
            except LoginNeeded as error:
                if refused or over or row.access_until is None:
                    _lost(actor, row, now, error)
                    raise
                # What is there still opens: a person has until its end to log in.
                _postpone(actor, row, now, error, login_until=row.access_until)
                return Key(pair.access, row.generation)
            except ChannelError as error:
                _postpone(actor, row, now, error)
                if refused or over:
                    raise
                return Key(pair.access, row.generation)
        if not refused and not over:
            return Key(pair.access, row.generation)
        if time.monotonic() > ends:
            raise Temporary("renewal-waits", _("The permission is being renewed. It goes on by itself."))
        time.sleep(0.2)


def refused(actor: Actor, connection: int, key: Key, error: ChannelError) -> None:
    """A new key was refused as well: a person is needed."""
    with scope(actor):
        row = Connection.objects.get(pk=connection)
    if row.generation == key.generation:
        _lost(actor, row, timezone.now(), error)


def due(now: datetime) -> Q:
    """Which connections are to be renewed."""
    return Q(state=Connected.ACTIVE, renew_at__lte=now)


def sealed(tokens: Tokens) -> str:
    """A pair as it is kept."""
    return sealing.seal(json.dumps([tokens.access, tokens.refresh]), _PURPOSE)


def columns(tokens: Tokens, now: datetime) -> dict[str, object]:
    """The columns of a connection that follow from a new pair."""
    renew = None
    if tokens.access_until is not None:
        # At two thirds of its life: some weeks are left for whatever may come between.
        renew = now + (tokens.access_until - now) * 2 / 3
    return {
        "sealed": sealed(tokens),
        "access_until": tokens.access_until,
        "refresh_until": tokens.refresh_until,
        "renew_at": renew,
        "renewing_until": None,
    }


def _lease(actor: Actor, row: Connection, now: datetime) -> bool:
    with scope(actor):
        free = Q(renewing_until=None) | Q(renewing_until__lt=now)
        rows = Connection.objects.filter(free, pk=row.pk, generation=row.generation, state=Connected.ACTIVE)
        return bool(rows.update(renewing_until=now + _LEASE))


def _renewed(actor: Actor, row: Connection, now: datetime) -> Key:
    service = services.service(row.channel)
    tokens, refusal = None, login_needed("")
    for sealed_pair in filter(None, (row.sealed, row.sealed_before)):
        try:
            tokens = service.refresh(_opened(sealed_pair).refresh)
            break
        except LoginNeeded as error:
            # The new pair may have been lost on its way while the one before is still good.
            refusal = error
    if tokens is None:
        raise refusal
    with scope(actor):
        rows = Connection.objects.filter(pk=row.pk, generation=row.generation)
        swapped = rows.update(
            sealed_before=row.sealed,
            generation=row.generation + 1,
            error_code="",
            error_text="",
            error_values={},
            error_official="",
            **columns(tokens, now),
        )
    if not swapped:
        raise Temporary("renewal-waits", _("The permission is being renewed. It goes on by itself."))
    return Key(tokens.access, row.generation + 1)


def _postpone(
    actor: Actor, row: Connection, now: datetime, error: ChannelError, login_until: datetime | None = None
) -> None:
    also = {} if login_until is None else {"login_until": login_until}
    with scope(actor):
        Connection.objects.filter(pk=row.pk, generation=row.generation).update(
            renewing_until=None, renew_at=now + _AGAIN, **trouble(error), error_at=now, **also
        )


def _lost(actor: Actor, row: Connection, now: datetime, error: ChannelError) -> None:
    """A person must log in: said once, to those whom it concerns."""
    with scope(actor):
        rows = Connection.objects.filter(pk=row.pk, generation=row.generation, state=Connected.ACTIVE)
        if rows.update(state=Connected.LOGIN_NEEDED, renewing_until=None, **trouble(error), error_at=now):
            trail.record(
                actor,
                "connection-lost",
                company_id=row.company_id,
                data={"connection": row.pk, "channel": row.channel, "name": row.authorised_name},
            )
    _log.warning("a connection needs a login", extra={"event": "exchange", "firm": row.firm_id})


def trouble(error: ChannelError) -> dict[str, object]:
    """An error as the columns that keep it."""
    values = {key: value if isinstance(value, str | int) else str(value) for key, value in error.values.items()}
    return {
        "error_code": error.code[:60],
        "error_text": error.text,
        "error_values": values,
        "error_official": error.official[:4000],
    }


NO_TROUBLE: dict[str, object] = {"error_code": "", "error_text": "", "error_values": {}, "error_official": ""}


def _opened(pair: str) -> Tokens:
    try:
        access, refresh = json.loads(sealing.unseal(pair, _PURPOSE))
    except (sealing.Unsealable, ValueError):
        raise login_needed("") from None
    return Tokens(access=access, refresh=refresh)


def login_needed(official: str) -> LoginNeeded:
    """The error of a connection that a person must renew."""
    return LoginNeeded(
        "login-needed",
        _("The permission has ended: somebody must log in with the certificate again."),
        official=official,
    )

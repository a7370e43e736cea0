"""The pairs of tokens: kept sealed, renewed ahead of time, swapped whole.

    way = keys.Way(actor, box, connection)
    way.call(lambda channel: channel.messages(…))       # renews when its time has come, or when the key is refused

Only one renews at a time: it takes a lease, asks outside of any transaction, and puts the new pair in the place of
the old one in one UPDATE that holds only while nobody else has. The pair before stays until the new one has worked, so
that a worker killed at any point leaves one that is good, or a person is asked.

A pair belongs to its connection and not to the company for which it is renewed: it is written by the firm's own hand,
whoever asked. And a refusal is no proof: authorities refuse for an hour what they take again in the next. A permission
has ended when the authority does not renew it, or when for a day whatever it is used for is refused with new keys.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import Error as DatabaseTrouble
from django.db import connection as database
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from fatto.channels.channel import Channel, ChannelError, LoginNeeded, Temporary, Tokens
from fatto.portal.exchange import services
from fatto.portal.exchange.models import Box, Connection
from fatto.portal.exchange.states import Connected
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy import sealing, trail
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.scope import scope

_PURPOSE = "fatto channel tokens"
_LEASE = timedelta(minutes=10)
"""Longer than two calls and the writing after them may take."""
_PATIENCE = 20.0
_AGAIN = timedelta(hours=1)
"""After a renewal that failed, the next."""
_HOLD = timedelta(hours=1)
"""When a new key was refused as well, no other is fetched for so long."""
_ENDED = timedelta(days=1)
"""When nothing has worked for so long, with new keys either, a person is asked."""
_SEVERAL = 3
"""So many boxes, or all that there are, must have been refused by then."""
_BLIP = 0.2
"""Seconds until a refused call is made once more with the same key."""
_WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds until a new pair is written once more when the database was away: it is nowhere else."""
REFUSED = "refused"
_T = TypeVar("_T")
_log = logging.getLogger("fatto.exchange")


@dataclass(frozen=True, slots=True)
class Key:
    """What opens the boxes of a connection, and which of its pairs it is."""

    access: str = field(repr=False)
    generation: int


def subject(connection: Connection) -> str:
    """Whose key it is, for limits that count by person."""
    return connection.serial or f"connection-{connection.pk}"


@dataclass(slots=True)
class Way:
    """A connection as it is used for one box."""

    actor: Actor
    box: Box
    connection: Connection
    key: Key | None = None
    """Had when it is first needed, and changed when it is refused."""

    def call(self, do: Callable[[Channel], _T]) -> _T:
        """Do something at the authority; once more with the same key when that is refused, then with a new one.

        Waits for the network: called outside a scope. Raises as calls do; `LoginNeeded` only when a person is needed.
        """
        if self.key is None:
            self.key = of(self.actor, self.connection.pk)
        try:
            return self._once(do)
        except LoginNeeded:
            time.sleep(_BLIP)
        try:
            return self._once(do)
        except LoginNeeded as error:
            self.key = of(self.actor, self.connection.pk, not_this=self.key, official=error.official)
        try:
            return self._once(do)
        except LoginNeeded as error:
            raise refused(self.actor, self.box, self.connection.pk, self.key, error) from error

    def _once(self, do: Callable[[Channel], _T]) -> _T:
        assert self.key is not None  # noqa: S101 - `call` has one
        service = services.service(self.connection.channel)
        return do(service.channel(self.key.access, subject=subject(self.connection)))


def of(
    actor: Actor, connection: int, *, not_this: Key | None = None, at: datetime | None = None, official: str = ""
) -> Key:
    """The key of a connection that the actor sees; a new one when the present is `not_this`, or old.

    `official` is what the authority said when it refused that one. Waits for the network: called outside a scope.
    Raises `LoginNeeded` when a person is needed, `Temporary` when no new one can be had now.
    """
    ends = time.monotonic() + _PATIENCE
    while True:
        now = at or timezone.now()
        with scope(actor):
            row = Connection.objects.filter(pk=connection).first()
        if row is None:  # meanwhile the company was let go, or is served by another
            raise Temporary("other-way", _("The company’s connection was changed meanwhile. It goes on by itself."))
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
        if refused and not over and _held(row, now):
            raise refused_for_now(official)
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


def refused(actor: Actor, box: Box, connection: int, key: Key, error: ChannelError) -> ChannelError:
    """A new key was refused as well, for this box: what to raise.

    The authority has just renewed the permission, so it is there, and the box is tried again later. Only when nothing
    has worked for a day, whichever box was tried, somebody must log in.
    """
    now = timezone.now()
    with scope(_everybody(actor)) as everybody:
        rows = Connection.objects.filter(pk=connection, generation=key.generation, state=Connected.ACTIVE)
        if not rows.update(failing_since=Coalesce(F("failing_since"), Value(now)), renewing_until=now + _HOLD):
            return refused_for_now(error.official)  # by now there is another pair
        row = rows.get()
        served = Box.objects.filter(connection=row, paused=False, company__active=True)
        tried = {box.pk, *served.filter(error_code=REFUSED).values_list("pk", flat=True)}
        enough = min(_SEVERAL, served.count())
    if row.failing_since is None or row.failing_since > now - _ENDED or len(tried) < enough:
        return refused_for_now(error.official)
    _lost(everybody, row, now, error)
    return error


def refused_for_now(official: str) -> Temporary:
    """The error of a refusal that proves nothing yet."""
    return Temporary(
        REFUSED,
        _("The authority refuses the permission although it has just been renewed. It is tried again by itself."),
        official=official,
    )


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


def _held(row: Connection, now: datetime) -> bool:
    """Was the last new pair refused as well, a while ago? Then another would be no better."""
    if row.renewing_until is None or row.renewing_until <= now:
        return False
    return row.failing_since is not None or row.renewing_until > now + _LEASE


def login_until(tokens: Tokens, channel: str, authorised_at: datetime) -> datetime | None:
    """By when a person must have logged in again, as the authority's rules and the pair itself say."""
    lasts = services.find(channel).login_lasts
    ends = [each for each in (authorised_at + lasts if lasts else None, tokens.refresh_until) if each is not None]
    return min(ends) if ends else None


def _everybody(actor: Actor) -> Actor:
    """The firm itself: a connection is there for it, whichever companies it serves."""
    return actors.system(actor.firm, kind="channel")


def _lease(actor: Actor, row: Connection, now: datetime) -> bool:
    with scope(_everybody(actor)):
        free = Q(renewing_until=None) | Q(renewing_until__lt=now)
        rows = Connection.objects.filter(free, pk=row.pk, generation=row.generation, state=Connected.ACTIVE)
        return bool(rows.update(renewing_until=now + _LEASE))


def _renewed(actor: Actor, row: Connection, now: datetime) -> Key:
    service, everybody = services.service(row.channel), _everybody(actor)
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
    told = columns(tokens, now)
    until = login_until(tokens, row.channel, row.authorised_at)
    told["login_until"] = until
    if until is None or (row.login_until is not None and until - row.login_until > _AGAIN):
        told["warned"] = None  # a renewal that failed had brought it forward
    swapped = _written(everybody, row, told)
    if not swapped:
        raise Temporary("renewal-waits", _("The permission is being renewed. It goes on by itself."))
    return Key(tokens.access, row.generation + 1)


def _written(everybody: Actor, row: Connection, told: dict[str, object]) -> bool:
    """Put a new pair in the place of the old one; again when the database is away, for nobody else has it."""
    for wait in (*_WAITS, None):
        try:
            with scope(everybody):
                rows = Connection.objects.filter(pk=row.pk, generation=row.generation, state=Connected.ACTIVE)
                return bool(rows.update(sealed_before=row.sealed, generation=row.generation + 1, **NO_TROUBLE, **told))
        except DatabaseTrouble:
            if wait is None:
                raise
            _log.warning("a new pair could not be written yet", extra={"event": "exchange", "firm": row.firm_id})
            if not database.in_atomic_block:
                database.close_if_unusable_or_obsolete()
            time.sleep(wait)
    raise AssertionError("the last try returns or raises")


def _postpone(
    actor: Actor, row: Connection, now: datetime, error: ChannelError, login_until: datetime | None = None
) -> None:
    also = {} if login_until is None else {"login_until": login_until}
    with scope(_everybody(actor)):
        Connection.objects.filter(pk=row.pk, generation=row.generation, state=Connected.ACTIVE).update(
            renewing_until=None, renew_at=now + _AGAIN, **trouble(error), error_at=now, **also
        )


def _lost(actor: Actor, row: Connection, now: datetime, error: ChannelError) -> None:
    """A person must log in: said once, to those whom it concerns."""
    with scope(_everybody(actor)) as everybody:
        rows = Connection.objects.filter(pk=row.pk, generation=row.generation, state=Connected.ACTIVE)
        if rows.update(state=Connected.LOGIN_NEEDED, renewing_until=None, **trouble(error), error_at=now):
            trail.record(
                everybody,
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

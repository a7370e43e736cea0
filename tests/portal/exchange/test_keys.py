"""The pairs of tokens: sealed, renewed ahead, swapped whole, and never lost to a kill."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.portal.exchange.authority import connected
from tests.portal.world import World

from fatto.channels.channel import LoginNeeded, Temporary, Tokens
from fatto.portal.exchange import keys, services
from fatto.portal.exchange.models import Connection
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.models import Deed
from fatto.portal.tenancy.scope import scope

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The worker died here."""


def test_tokens_are_kept_sealed(world: World):
    with connected(world) as there:
        row = there.again(there.connection)
        key = keys.of(actors.system(there.ioana.firm), row.pk)
        assert key.access not in row.sealed
        assert key.access not in repr(key)


def test_a_pair_is_renewed_well_before_it_ends_and_swapped_whole(world: World):
    with connected(world) as there:
        system = actors.system(there.ioana.firm)
        before = keys.of(system, there.connection.pk)
        later = there.again(there.connection).renew_at + timedelta(minutes=1)
        after = keys.of(system, there.connection.pk, at=later)
        row = there.again(there.connection)
        assert (before.generation, after.generation, row.generation) == (1, 2, 2)
        assert after.access != before.access
        assert row.sealed != row.sealed_before != ""
        assert row.renewing_until is None


def test_whoever_comes_second_gets_the_new_pair_and_fetches_none(world: World):
    with connected(world) as there:
        system = actors.system(there.ioana.firm)
        old = keys.of(system, there.connection.pk)
        keys.of(system, there.connection.pk, not_this=old)
        calls = there.anaf.world.calls["token"]
        assert keys.of(system, there.connection.pk, not_this=old).generation == 2
        assert there.anaf.world.calls["token"] == calls


def dying(service, *, after: bool):
    real = service.refresh

    def dies(refresh: str):
        if after:
            real(refresh)  # the authority gave a new pair, and nobody heard of it
        raise Killed

    return dies


def test_a_worker_killed_before_a_renewal_loses_nothing(world: World, monkeypatch):
    with connected(world) as there:
        system = actors.system(there.ioana.firm)
        old = keys.of(system, there.connection.pk)
        service = services.service(there.connection.channel)
        with monkeypatch.context() as patch:
            patch.setattr(service, "refresh", dying(service, after=False))
            with pytest.raises(Killed):
                keys.of(system, there.connection.pk, not_this=old)
        # Nobody else can renew until the lease has run out; what is there goes on opening meanwhile.
        assert keys.of(system, there.connection.pk).access == old.access
        later = timezone.now() + timedelta(minutes=5)
        assert keys.of(system, there.connection.pk, not_this=old, at=later).generation == 2


def test_a_pair_whose_answer_was_lost_with_its_worker_does_not_end_the_connection(world: World, monkeypatch):
    """The access that is here is good for weeks: it is used, and a person is told in time."""
    with connected(world) as there:
        system = actors.system(there.ioana.firm)
        service = services.service(there.connection.channel)
        due = there.again(there.connection).renew_at + timedelta(minutes=1)
        with monkeypatch.context() as patch:
            patch.setattr(service, "refresh", dying(service, after=True))
            with pytest.raises(Killed):
                keys.of(system, there.connection.pk, at=due)
        key = keys.of(system, there.connection.pk, at=due + timedelta(minutes=5))
        row = there.again(there.connection)
        assert (row.state, row.login_until) == ("active", row.access_until)
        now = timezone.now()
        service.channel(key.access).messages(there.box.tax_id, now - timedelta(days=2), now)


def test_the_pair_before_is_tried_when_the_present_one_is_refused(world: World):
    with connected(world) as there:
        system = actors.system(there.ioana.firm)
        good = there.again(there.connection).sealed
        with scope(system):
            broken = keys.sealed(Tokens(access="x", refresh="y"))
            Connection.objects.update(sealed=broken, sealed_before=good)
        first = keys.of(system, there.connection.pk)
        assert keys.of(system, there.connection.pk, not_this=first).generation == 2


def test_while_the_access_is_good_a_refused_renewal_only_warns(world: World):
    with connected(world) as there:
        system = actors.system(there.ioana.firm)
        there.anaf.world.state.refresh.clear()
        row = there.again(there.connection)
        later = row.renew_at + timedelta(minutes=1)
        assert keys.of(system, row.pk, at=later).generation == 1
        row = there.again(row)
        assert (row.state, row.login_until) == ("active", row.access_until)
        assert row.error_code


def test_when_nothing_opens_any_more_a_person_is_asked_once(world: World):
    with connected(world) as there:
        system = actors.system(there.ioana.firm)
        key = keys.of(system, there.connection.pk)
        there.anaf.world.state.refresh.clear()
        for _ in range(2):
            with pytest.raises(LoginNeeded):
                keys.of(system, there.connection.pk, not_this=key)
        row = there.again(there.connection)
        assert row.state == "login-needed"
        with scope(there.ioana):
            assert Deed.objects.filter(verb="connection-lost").count() == 1


def test_while_the_authority_is_away_the_old_key_serves_on(world: World):
    with connected(world) as there:
        system = actors.system(there.ioana.firm)
        row = there.again(there.connection)
        there.anaf.break_next("token", "server_error", times=2)
        later = row.renew_at + timedelta(minutes=1)
        assert keys.of(system, row.pk, at=later).generation == 1
        key = keys.of(system, row.pk, at=later)
        there.anaf.break_next("token", "server_error", times=2)
        with pytest.raises(Temporary):
            keys.of(system, row.pk, not_this=key, at=later + timedelta(minutes=10))
        assert there.again(row).state == "active"


def test_under_another_secret_key_a_login_is_asked_for(world: World, settings):
    with connected(world) as there:
        settings.SECRET_KEY = "another key than before, and long enough for it"
        with pytest.raises(LoginNeeded):
            keys.of(actors.system(there.ioana.firm), there.connection.pk)
        assert there.again(there.connection).state == "login-needed"

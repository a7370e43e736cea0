"""The pairs of tokens: sealed, renewed ahead, swapped whole, and never lost to a kill."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import override_settings
from django.utils import timezone
from tests.portal.exchange.authority import connected
from tests.portal.world import World

from fatto.channels.channel import LoginNeeded, Temporary, Tokens
from fatto.portal.exchange import actions, keys, services
from fatto.portal.exchange.models import Box, Connection, Run
from fatto.portal.flow import sync
from fatto.portal.tenancy import actions as opening
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
        later = timezone.now() + timedelta(minutes=11)
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
        key = keys.of(system, there.connection.pk, at=due + timedelta(minutes=11))
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


def test_under_another_secret_key_a_login_is_asked_for(world: World):
    with connected(world) as there:
        other = override_settings(SECRET_KEY="another key than before, and long enough for it")
        with other, pytest.raises(LoginNeeded):
            keys.of(actors.system(there.ioana.firm), there.connection.pk)
        assert there.again(there.connection).state == "login-needed"


def meanwhile(service, deed):
    """A renewal during which something happens here."""
    real = service.refresh

    def refresh(token: str):
        tokens = real(token)
        deed()
        return tokens

    return refresh


def test_a_new_pair_is_kept_though_the_company_that_renewed_it_is_let_go_meanwhile(world: World, monkeypatch):
    with connected(world) as there:
        alone = sync.alone(there.ioana.firm, there.box.company)
        service = services.service(there.connection.channel)
        old = keys.of(alone, there.connection.pk)

        def let_go() -> None:
            with scope(there.ioana):
                actions.serve(there.ioana, there.again(there.connection), companies=[])

        with monkeypatch.context() as patch:
            patch.setattr(service, "refresh", meanwhile(service, let_go))
            assert keys.of(alone, there.connection.pk, not_this=old).generation == 2
        # The firm's other companies go on with it.
        key = keys.of(actors.system(there.ioana.firm), there.connection.pk)
        assert (key.generation, key.access != old.access) == (2, True)
        with pytest.raises(Temporary) as error:
            keys.of(alone, there.connection.pk)
        assert error.value.code == "other-way", "the company itself has no business with it any more"


def test_a_new_pair_is_written_once_more_when_the_database_was_away(world: World, monkeypatch):
    with connected(world) as there:
        system = actors.system(there.ioana.firm)
        service = services.service(there.connection.channel)
        old = keys.of(system, there.connection.pk)
        away = []

        def scoped(actor):
            if away:
                raise away.pop()
            return scope(actor)

        with monkeypatch.context() as patch:
            patch.setattr(keys, "_WAITS", (0.0, 0.0))
            patch.setattr(keys, "scope", scoped)
            patch.setattr(service, "refresh", meanwhile(service, lambda: away.extend([OperationalError("away")] * 2)))
            assert keys.of(system, there.connection.pk, not_this=old).generation == 2
        assert there.again(there.connection).generation == 2
        assert there.anaf.world.calls["token"] == 2, "the one that connected, and one more"


def test_a_connection_that_was_ended_gets_no_tokens_back(world: World, monkeypatch):
    with connected(world) as there:
        system = actors.system(there.ioana.firm)
        service = services.service(there.connection.channel)
        old = keys.of(system, there.connection.pk)

        def end() -> None:
            with scope(there.ioana):
                actions.end(there.ioana, there.again(there.connection))

        with monkeypatch.context() as patch:
            patch.setattr(service, "refresh", meanwhile(service, end))
            with pytest.raises(Temporary):
                keys.of(system, there.connection.pk, not_this=old)
        row = there.again(there.connection)
        assert (row.state, row.sealed, row.sealed_before, row.renew_at) == ("ended", "", "", None)
        assert row.generation == 2


def test_a_renewal_that_works_again_puts_the_end_of_the_login_back(world: World):
    with connected(world) as there:
        system = actors.system(there.ioana.firm)
        row = there.again(there.connection)
        until, refresh = row.login_until, dict(there.anaf.world.state.refresh)
        there.anaf.world.state.refresh.clear()
        later = row.renew_at + timedelta(minutes=1)
        keys.of(system, row.pk, at=later)
        assert there.again(row).login_until == row.access_until < until
        with scope(system):
            Connection.objects.update(warned=7)
        there.anaf.world.state.refresh.update(refresh)
        keys.of(system, row.pk, at=later + timedelta(hours=2))
        row = there.again(row)
        assert (row.generation, row.warned, row.error_code) == (2, None, "")
        assert abs(row.login_until - until) < timedelta(seconds=2)


# What is refused ------------------------------------------------------------------------------------


def refuse(there, times: int) -> None:
    there.anaf.break_next("listaPaginatie", "forbidden", times)


def lost(there) -> int:
    with scope(there.ioana):
        return Deed.objects.filter(verb="connection-lost").count()


def days_later(there, **also) -> None:
    """As if nothing had worked since yesterday."""
    with scope(actors.system(there.ioana.firm)):
        yesterday = timezone.now() - timedelta(hours=25)
        Connection.objects.update(failing_since=yesterday, renewing_until=None, **also)


def test_one_refusal_changes_nothing(world: World):
    with connected(world, messages=1) as there:
        refuse(there, 1)
        assert there.sync().state == Run.State.DONE
        assert there.again(there.connection).generation == 1


def test_when_a_new_key_is_refused_as_well_the_box_waits_and_the_connection_lives(world: World):
    with connected(world, messages=1) as there:
        refuse(there, 3)
        run = there.sync()
        assert (run.state, run.error_code, run.error_official) == (Run.State.FAILED, "refused", "Forbidden")
        row, box = there.again(there.connection), there.again(there.box)
        assert (row.state, row.generation, row.failing_since is not None) == ("active", 2, True)
        assert timezone.now() < box.next_run < timezone.now() + timedelta(hours=1)
        # However often it is refused in this hour, no other pair is fetched.
        for _ in range(3):
            refuse(there, 2)
            assert there.sync().error_code == "refused"
        assert there.again(row).generation == 2
        assert there.sync().state == Run.State.DONE
        assert there.again(row).failing_since is None
        assert lost(there) == 0


def test_when_nothing_works_for_a_day_with_new_keys_either_a_person_is_asked(world: World):
    with connected(world, messages=1) as there:
        days_later(there)
        refuse(there, 3)
        assert there.sync().state == Run.State.FAILED
        assert there.again(there.connection).state == "login-needed"
        assert sync.due(there.ioana.firm, timezone.now() + timedelta(days=1)) == 0
        assert lost(there) == 1


def test_one_company_that_is_refused_does_not_end_the_connection_of_all(world: World):
    with connected(world, messages=1) as there:
        with scope(there.ioana):
            more = [
                opening.open_company(there.ioana, name=name, country="RO", vat_id=vat_id)
                for name, vat_id in (("Unu SRL", "RO185472903"), ("Doi SRL", "RO40211570"))
            ]
        system = actors.system(there.ioana.firm)
        with scope(system):
            for company in more:
                Box.objects.create(
                    firm=system.firm, company=company, channel="ro-spv", tax_id="1", connection=there.connection
                )
        days_later(there)
        refuse(there, 3)
        there.sync()
        assert there.again(there.connection).state == "active"
        with scope(system):
            Box.objects.exclude(pk=there.box.pk).update(error_code="refused")
        days_later(there)
        refuse(there, 3)
        there.sync()
        assert there.again(there.connection).state == "login-needed"


def test_the_limits_of_a_person_are_counted_under_one_name(world: World):
    with connected(world) as there:
        row = there.again(there.connection)
        assert keys.subject(row) == row.serial == "INS00001"
        row.serial = ""
        assert keys.subject(row) == f"connection-{row.pk}"

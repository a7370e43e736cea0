"""What ends soon, fails, or would be lost is told in time, once, to those who can do something."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.portal.exchange.authority import CIF, connected
from tests.portal.world import World

from fatto.countries.ro import answers
from fatto.portal.exchange import actions, queries
from fatto.portal.exchange.models import Box, Connection, Message, Run
from fatto.portal.exchange.states import Held
from fatto.portal.flow import watch
from fatto.portal.notifications import telling
from fatto.portal.notifications.models import Notice
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.models import Deed
from fatto.portal.tenancy.scope import roster, scope
from fatto.portal.web import exchanging

pytestmark = pytest.mark.django_db


def told(there, verb: str) -> int:
    with scope(there.ioana):
        return Deed.objects.filter(verb=verb).count()


def test_a_login_that_ends_is_told_a_month_two_weeks_a_week_and_a_day_before(world: World):
    with connected(world) as there:
        firm, ends = there.ioana.firm, there.again(there.connection).login_until
        steps = []
        for left in range(40, -1, -1):
            now = ends - timedelta(days=left)
            watch.look(firm, now)
            watch.look(firm, now + timedelta(hours=1))
            steps.append((told(there, "connection-expiring"), told(there, "connection-ending")))
        assert steps[0] == (0, 0)
        assert steps[-1] == (2, 2)
        with scope(there.ioana):
            days = (
                Deed.objects.filter(verb__startswith="connection-e").order_by("pk").values_list("data__days", flat=True)
            )
            assert list(days) == [30, 14, 7, 1]


def test_after_a_new_login_the_year_begins_again(world: World):
    with connected(world) as there:
        row = there.again(there.connection)
        watch.look(there.ioana.firm, row.login_until - timedelta(days=3))
        with scope(there.ioana):
            actions.connect(there.ioana, channel=row.channel, tokens=there.anaf.tokens(), connection=row)
        assert there.again(row).warned is None


def test_three_days_without_a_success_are_told_and_again_while_they_last(world: World):
    with connected(world, messages=1) as there:
        there.sync()
        firm, last = there.ioana.firm, there.again(there.box).last_success
        watch.look(firm, last + timedelta(days=2, hours=23))
        assert told(there, "sync-failing") == 0
        watch.look(firm, last + timedelta(days=3, minutes=1))
        watch.look(firm, last + timedelta(days=4))
        assert told(there, "sync-failing") == 1
        watch.look(firm, last + timedelta(days=6, hours=1))
        assert told(there, "sync-failing") == 2


def test_a_paused_box_is_silent_on_purpose(world: World):
    with connected(world) as there:
        with scope(there.ioana):
            Box.objects.update(paused=True)
        watch.look(there.ioana.firm, timezone.now() + timedelta(days=9))
        assert told(there, "sync-failing") == 0


def test_a_list_that_never_comes_whole_is_told_though_every_look_ends_well(world: World, monkeypatch):
    """One entry that nobody understands: what is missing beside it, nobody knows."""
    with connected(world, messages=5) as there:
        real, strange = answers.incoming, min(there.anaf.ids(CIF))
        monkeypatch.setattr(answers, "incoming", lambda entry: None if entry["id"] == strange else real(entry))
        assert there.sync().state == Run.State.DONE
        assert there.again(there.box).whole_at is None
        firm, first = there.ioana.firm, there.again(there.box).created_at

        def looked(at) -> int:
            with scope(actors.system(firm)):
                Box.objects.update(last_success=at)
            watch.look(firm, at)
            return told(there, "sync-failing")

        assert looked(first + timedelta(days=2, hours=23)) == 0
        assert looked(first + timedelta(days=3, minutes=1)) == 1
        there.sync()
        assert looked(first + timedelta(days=3, hours=5)) == 1, "the looks between do not make it news"
        assert looked(first + timedelta(days=6, hours=1)) == 2
        monkeypatch.undo()
        there.sync()
        watch.look(firm)
        assert there.again(there.box).alarmed_at is None


def test_the_page_says_that_a_list_does_not_come_whole(world: World):
    with connected(world, messages=1) as there:
        there.sync()
        long_ago = timezone.now() - timedelta(days=4)
        with scope(there.ioana):
            assert [each.tone for each in queries.health() if each.box] == ["done"]
        with scope(actors.system(there.ioana.firm)):
            Box.objects.update(whole_at=long_ago, created_at=long_ago)
            Connection.objects.update(authorised_at=long_ago)
        with scope(there.ioana):
            (line,) = [exchanging.line(each) for each in queries.health() if each.box]
            assert (line.chip.tone, line.chip.label) == ("action", "List incomplete for days")
            assert queries.in_trouble() == 1


@pytest.mark.parametrize("how", ["paused", "let go"])
def test_a_box_that_nobody_looks_into_is_told_before_what_came_since_is_deleted(world: World, how: str):
    with connected(world, messages=2) as there:
        there.sync()
        firm, until = there.ioana.firm, there.again(there.box).listed_until
        with scope(there.ioana):
            if how == "paused":
                actions.pause(there.ioana, there.again(there.box), on=True)
            else:
                actions.serve(there.ioana, there.again(there.connection), companies=[])
        watch.look(firm, until + timedelta(days=49))
        assert told(there, "deletion-near") == 0
        watch.look(firm, until + timedelta(days=50, hours=1))
        watch.look(firm, until + timedelta(days=51))
        assert told(there, "deletion-near") == 1
        with scope(there.ioana):
            assert Deed.objects.get(verb="deletion-near").data["days"] == 9
        for day in range(52, 90):
            watch.look(firm, until + timedelta(days=day))
        assert 4 <= told(there, "deletion-near") <= 5, "told until its end, and not for ever"


def test_what_the_authority_deletes_soon_is_told(world: World):
    with connected(world, messages=20, days=56) as there:
        there.sync()
        now = timezone.now()
        watch.look(there.ioana.firm, now)
        assert told(there, "deletion-near") == 0
        with scope(actors.system(there.ioana.firm)):
            Message.objects.update(state=Held.LISTED, document=None)
        watch.look(there.ioana.firm, now)
        watch.look(there.ioana.firm, now + timedelta(hours=1))
        assert told(there, "deletion-near") == 1
        with scope(there.ioana):
            data = Deed.objects.get(verb="deletion-near").data
            assert 0 <= data["days"] <= 9
            assert data["count"] >= 1


def test_those_who_can_log_in_again_are_told(world: World):
    with connected(world) as there:
        ends = there.again(there.connection).login_until
        watch.look(there.ioana.firm, ends - timedelta(days=5))
        with scope(there.ioana):
            deeds = list(Deed.objects.filter(verb="connection-ending").values_list("pk", flat=True))
        telling.tell(there.ioana.firm, deeds)
        assert notices(world, "ioana") == {"connection-ending"}
        assert notices(world, "mihai") == set(), "it is the firm's connection"


def notices(world: World, name: str) -> set[str]:
    member = world.people[name]
    with roster(member=member.pk):
        return set(Notice.objects.filter(member=member).values_list("kind", flat=True))


def test_pairs_that_end_are_found_for_renewal(world: World):
    with connected(world) as there:
        firm = there.ioana.firm
        assert watch.to_renew(firm) == []
        later = there.again(there.connection).renew_at
        assert watch.to_renew(firm, later) == [there.connection.pk]
        with scope(there.ioana):
            Connection.objects.update(state="login-needed")
        assert watch.to_renew(firm, later) == []

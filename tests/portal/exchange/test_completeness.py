"""Nothing is missing: said only of days that were compared to their end, and of which everything is here."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone
from tests.portal.exchange.authority import connected
from tests.portal.world import World

from fatto.portal.exchange import queries
from fatto.portal.exchange.models import Message
from fatto.portal.exchange.states import Held
from fatto.portal.flow import completeness, sync
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.scope import scope

pytestmark = pytest.mark.django_db


def last_month() -> date:
    """The month before this one; on its first days, the 60 days of the authority reach over all of it."""
    return (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)


def of(there, first: date, who=None):
    with scope(who or there.mihai):
        return queries.months(queries.boxes(), first)[0]


def test_a_month_is_complete_when_every_day_was_compared_and_all_of_it_is_here(world: World):
    first = last_month()
    if (timezone.localdate() - first).days > 59:
        pytest.skip("today the authority's 60 days do not reach over the whole month before")
    with connected(world, messages=60, days=59) as there:
        assert not of(there, first).complete, "nothing was compared yet"
        there.sync()
        month = of(there, first)
        assert month.complete, list(month.open)
        assert month.listed == month.held > 0
        with scope(there.mihai):
            sheet = completeness.compose(month, "en")
            assert (sheet.parts[0].rows[3][1], len(sheet.parts[1].rows)) == (str(month.listed), len(month.days))
            for language in ("en", "it", "ro"):
                assert completeness.pdf(month, language).startswith(b"%PDF")


def test_a_message_that_is_not_here_is_missing_by_name_of_its_day(world: World):
    first = last_month()
    with connected(world, messages=60) as there:
        there.sync()
        actor = sync.alone(there.ioana.firm, there.box.company)
        with scope(actor):
            row = Message.objects.filter(at__date__gte=first, at__date__lt=queries.next_month(first)).first()
            Message.objects.filter(pk=row.pk).update(state=Held.LISTED, file=None)
            sync._count_days(there.box, dates=[row.at])
        month = of(there, first)
        assert (month.missing, month.complete) == (1, False)
        with pytest.raises(ValueError, match="missing"):
            completeness.compose(month, "en")


def test_today_is_never_complete(world: World):
    with connected(world, messages=5) as there:
        there.sync()
        month = of(there, timezone.localdate().replace(day=1))
        assert not month.days[-1].ended
        assert not month.complete


def test_days_before_the_list_begins_prove_nothing(world: World):
    with connected(world, messages=5) as there:
        there.sync()
        long_ago = (timezone.localdate() - timedelta(days=120)).replace(day=1)
        month = of(there, long_ago)
        assert not any(day.ended for day in month.days)
        assert not month.complete


def test_the_firm_sees_the_numbers_of_a_company_whose_documents_wait_behind_its_gate(world: World):
    with connected(world, messages=20) as there:
        there.sync()
        first = last_month()
        assert of(there, first, there.ioana).listed == of(there, first).listed
        with scope(there.ioana):
            seen = Message.objects.filter(kind="received", document__isnull=False)
            assert not seen.exists(), "but not what came"


def test_the_backlog_says_how_many_days_are_left(world: World):
    with connected(world, messages=20, days=52) as there:
        there.sync()
        with scope(actors.system(there.ioana.firm)):
            Message.objects.filter(pk=Message.objects.order_by("at")[0].pk).update(state=Held.LISTED)
        with scope(there.ioana):
            backlog = queries.backlogs()[there.box.pk]
        assert backlog.count == 1
        assert 5 <= backlog.left <= 12

"""Fixtures of the portal's tests. Imports stand inside: this is read before Django is set up."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.portal.world import World


@pytest.fixture
def world(db: None) -> World:
    """Two firms, their companies, people in each role."""
    from tests.portal.world import build

    return build()


@pytest.fixture
def do_jobs_now(db: None) -> Callable[[], None]:
    """Writes the letters that wait in the queue, within the test's own transaction."""
    import json

    from django.db import connection

    from fatto.portal.flow import invite
    from fatto.portal.tenancy.models import Firm

    def work() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "delete from procrastinate_jobs where task_name = 'fatto.send_invitation' and status = 'todo' "
                "returning id, args"
            )
            jobs = [json.loads(args) for _, args in sorted(cursor.fetchall())]
        for args in jobs:
            invite.send(Firm.objects.get(pk=args["firm"]), args["invitation"])

    return work

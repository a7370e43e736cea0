"""A delivery that kills its workers ends, says so, and can be tried again; it stops nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from unittest import mock
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from tests.portal import papers
from tests.portal.world import World

from fatto.portal import worker
from fatto.portal.documents.models import Delivery, Document
from fatto.portal.flow import arrive, tasks
from fatto.portal.tenancy.models import Deed
from fatto.portal.tenancy.scope import scope


@pytest.fixture
def world(transactional_db: None) -> World:
    """Committed, for the worker has a connection of its own."""
    from tests.portal.world import build

    return build()


@pytest.fixture
def login(world: World) -> Callable[[str], Client]:
    def browse(name: str) -> Client:
        client = Client()
        client.force_login(world.people[name])
        return client

    return browse


def killed(times: int) -> None:
    """What stays of a job whose worker was killed that often, and nobody is there to go on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update procrastinate_jobs set status = 'doing', attempts = %s where task_name = 'fatto.process_delivery'",
            [times - 1],
        )


def state(world: World, delivery: Delivery) -> str:
    with scope(world.at_company("maria", "rossi")):
        delivery.refresh_from_db()
    return delivery.state


def test_a_delivery_whose_job_was_given_up_is_said_to_have_failed(world: World):
    maria = world.at_company("maria", "rossi")
    delivery = arrive.receive(maria, "a.xml", [papers.fatturapa()], uuid4())
    tasks.end_lost_deliveries(0)
    assert state(world, delivery) == Delivery.State.WAITING
    killed(worker.ATTEMPTS)
    tasks.end_lost_deliveries(0)
    assert state(world, delivery) == Delivery.State.WAITING
    worker.rescue()
    tasks.end_lost_deliveries(0)
    assert state(world, delivery) == Delivery.State.FAILED


def test_a_failed_delivery_is_tried_again_by_whoever_may_add_files(world: World, login, do_jobs: Callable[[], None]):
    maria = world.at_company("maria", "rossi")
    delivery = arrive.receive(maria, "a.xml", [papers.fatturapa()], uuid4())
    killed(worker.ATTEMPTS)
    worker.rescue()
    tasks.end_lost_deliveries(0)
    page = f"/c/{world.companies['rossi'].slug}/upload/{delivery.batch}/"
    form = f'<form method="post" action="{page}">'
    assert form in login("maria").get(page).content.decode()
    assert form not in login("sara").get(page).content.decode()
    assert login("sara").post(page).status_code == 403
    assert login("elena").post(page).status_code == 404
    assert login("maria").post(page).status_code == 303
    assert login("maria").post(page).status_code == 303  # a second click finds nothing left to do
    do_jobs()
    assert state(world, delivery) == Delivery.State.DONE
    with scope(maria):
        assert Document.objects.count() == 1
        assert Deed.objects.filter(verb="tried-again", by=maria.member).count() == 1


def test_an_error_of_ours_ends_one_delivery_and_not_the_next(world: World, do_jobs: Callable[[], None]):
    maria = world.at_company("maria", "rossi")
    bad = arrive.receive(maria, "bad.xml", [papers.fatturapa("BAD")], uuid4())
    good = arrive.receive(maria, "good.xml", [papers.fatturapa("GOOD")], uuid4())
    read = arrive.pipeline.read

    def reading(enclosed):
        if b"BAD" in enclosed.data:
            raise ZeroDivisionError
        return read(enclosed)

    with mock.patch.object(arrive.pipeline, "read", reading):
        for _ in range(8):
            with connection.cursor() as cursor:
                cursor.execute("update procrastinate_jobs set scheduled_at = null where status = 'todo'")
            do_jobs()
    assert (state(world, bad), state(world, good)) == (Delivery.State.FAILED, Delivery.State.DONE)

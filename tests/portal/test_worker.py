"""Jobs survive their worker, and are not taken from one that lives."""

from __future__ import annotations

import psycopg
import pytest
from django.db import DatabaseError, connection
from procrastinate.contrib.django import app

from fatto.portal import worker

pytestmark = pytest.mark.django_db


@app.task(name="tests.note")
def note(text: str) -> None:
    raise AssertionError("nothing runs it here")


def doing(worker_seconds_ago: int | None, attempts: int = 0, lock: str | None = None, only: str | None = None) -> int:
    """A job at work, by a worker that was last heard of so long ago (None: that is no longer known)."""
    job = note.configure(lock=lock, queueing_lock=only or lock).defer(text="a")
    with connection.cursor() as cursor:
        number = None
        if worker_seconds_ago is not None:
            cursor.execute(
                "insert into procrastinate_workers (last_heartbeat)"
                " values (now() - make_interval(secs => %s)) returning id",
                [worker_seconds_ago],
            )
            (number,) = cursor.fetchone()
        cursor.execute(
            "update procrastinate_jobs set status = 'doing', worker_id = %s, attempts = %s where id = %s",
            [number, attempts, job],
        )
    return job


def state(job: int) -> tuple[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("select status::text, attempts from procrastinate_jobs where id = %s", [job])
        return cursor.fetchone()


@pytest.fixture
def some_worker_is_connected():
    parameters = {**connection.get_connection_params(), "application_name": worker.APPLICATION}
    names = ("host", "port", "user", "dbname", "application_name")
    with psycopg.connect(**{name: parameters[name] for name in names}):
        yield


def test_the_job_of_a_worker_that_fell_silent_is_given_back(some_worker_is_connected):
    silent, forgotten, alive = doing(60), doing(None), doing(2)
    assert worker.rescue() == 2
    assert state(silent) == state(forgotten) == ("todo", 1)
    assert state(alive) == ("doing", 0)
    assert worker.rescue() == 0


def test_when_no_worker_is_connected_every_job_at_work_is_given_back_at_once():
    job = doing(1)
    assert worker.rescue() == 1
    assert state(job) == ("todo", 1)


def test_a_job_that_takes_worker_after_worker_with_it_is_not_tried_for_ever(some_worker_is_connected):
    job = doing(60, attempts=worker.ATTEMPTS - 1)
    worker.rescue()
    assert state(job)[0] == "failed"


def test_a_worker_that_is_stopping_is_gone_before_others_take_its_jobs():
    assert worker.BEAT_SECONDS * 2 < worker.STOP_SECONDS < worker.SILENCE_SECONDS


def test_a_dead_job_whose_twin_waits_holds_up_no_other_and_its_twin_does_its_work():
    dead = doing(None, attempts=2, lock="send-1")
    twin = note.configure(lock="send-1", queueing_lock="send-1", schedule_in={"hours": 1}).defer(text="b")
    other = doing(None)
    assert worker.rescue() == 2
    assert (state(dead)[0], state(twin), state(other)) == ("aborted", ("todo", 3), ("todo", 1))
    with connection.cursor() as cursor:
        cursor.execute("select id from procrastinate_fetch_job_v2(null, null)")
        assert cursor.fetchone() == (twin,)  # at once, and nothing stands in its way


def test_of_two_dead_jobs_with_one_queueing_lock_one_is_given_back():
    first, second = doing(None, only="a"), doing(None, only="a")
    assert worker.rescue() == 2
    assert (state(first)[0], state(second)[0]) == ("todo", "aborted")


def test_a_job_that_cannot_be_given_back_holds_up_no_other(monkeypatch: pytest.MonkeyPatch):
    """Somebody queued its twin between two statements."""
    monkeypatch.setattr(worker, "_other_waits", lambda lock, attempts: False)
    dead = doing(None, lock="send-1")
    note.configure(queueing_lock="send-1").defer(text="b")
    other = doing(None)
    assert worker.rescue() == 1
    assert (state(dead)[0], state(other)) == ("doing", ("todo", 1))


def test_no_trouble_with_dead_jobs_keeps_a_worker_from_starting(monkeypatch: pytest.MonkeyPatch):
    def fails() -> int:
        raise DatabaseError

    monkeypatch.setattr(worker, "rescue", fails)
    worker.take_up()

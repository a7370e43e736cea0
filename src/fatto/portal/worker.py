"""Doing the jobs of the queue: `fatto worker`. Any number of workers share the queue, which lives in PostgreSQL.

A job whose worker was killed is taken up again: a worker says every few seconds that it lives, and its jobs are given
back to the queue once it has been silent for `SILENCE_SECONDS`, or at once when no worker is connected at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.db import close_old_connections, connection, transaction
from django.db.utils import DatabaseError
from procrastinate.manager import JobManager

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.connector import BaseConnector
    from procrastinate.jobs import Job

APPLICATION = "fatto worker"
BEAT_SECONDS = 5.0
SILENCE_SECONDS = 20.0
BEHIND_PEOPLE = 5
"""How far a worker stands back when pages want the processor as well: some quarter of it is left to the worker then."""
ATTEMPTS = 8  # a job that has taken this many workers with it is not tried again
KEEP_DAYS = 14  # how long done jobs stay visible
# A worker that was asked to stop says no more that it lives; it must be gone before others take up its jobs.
STOP_SECONDS = 15.0

_log = logging.getLogger("fatto.worker")


def run(jobs: int) -> None:
    """Work until SIGTERM or SIGINT; a job at work is finished first, for at most `STOP_SECONDS`.

    Args:
        jobs: how many are done at a time.
    """
    os.nice(BEHIND_PEOPLE)
    _work_without_page_limits()
    take_up()
    stopping = threading.Event()
    threading.Thread(target=_keep_house, args=[stopping], daemon=True, name="keep-house").start()
    try:
        asyncio.run(_work(jobs))
    finally:
        stopping.set()


def drain() -> None:
    """Do what is due, and return when nothing is."""

    async def work() -> None:
        async with _app().open_async() as working:
            await working.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)

    asyncio.run(work())


def _app() -> App:
    """The portal's tasks with the connector that workers need.

    A copy, so that what tasks defer still goes through Django's connection: it is written with the task's own
    transaction or not at all.
    """
    from procrastinate.contrib.django import DjangoApp, app

    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # it is the Django connector
    working = DjangoApp(connector=connector, import_paths=app.import_paths, periodic_defaults=app.periodic_defaults)
    working.tasks = app.tasks
    working.periodic_registry = app.periodic_registry
    return working


async def _work(jobs: int) -> None:
    from fatto.portal.flow.sync import QUEUE  # models are loaded by now

    async with _app().open_async() as working:
        working.job_manager = Shared(working.connector, slow=QUEUE, most=max(1, jobs - 1), queues=_queues(working))
        work = asyncio.create_task(
            working.run_worker_async(
                concurrency=jobs,
                update_heartbeat_interval=BEAT_SECONDS,
                stalled_worker_timeout=SILENCE_SECONDS,
                fetch_job_polling_interval=5.0,
                install_signal_handlers=False,
                task_middleware=[*(working.worker_defaults.get("task_middleware") or ()), _tell],
            )
        )

        def stop() -> None:
            timer = threading.Timer(STOP_SECONDS, os._exit, [1])
            timer.daemon = True
            timer.start()
            work.cancel()  # the worker takes it as "finish what you are doing"

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        _log.info("worker ready", extra={"event": "worker", "pid": os.getpid()})
        with contextlib.suppress(asyncio.CancelledError):
            await work


def _queues(working: App) -> frozenset[str]:
    return frozenset(task.queue for task in working.tasks.values())


class Shared(JobManager):
    """Takes jobs of the slow queue only while one place stays free for all others.

    What looks into boxes waits for authorities, for minutes, and there may be hundreds of them: nobody who hands in a
    document waits for those.
    """

    def __init__(self, connector: BaseConnector, *, slow: str, most: int, queues: Iterable[str]) -> None:
        super().__init__(connector)
        self._slow, self._most = slow, most
        self._quick = sorted(frozenset(queues) - {slow})
        self._at_work: set[int | None] = set()
        self._wake: Callable[..., Awaitable[Any]] | None = None

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """The next one, or the next one of another queue when enough of the slow ones are at work."""
        if queues is None and self._most <= len(self._at_work):
            return await super().fetch_job(self._quick, worker_id)
        job = await super().fetch_job(queues, worker_id)
        if job is not None and job.queue == self._slow:
            self._at_work.add(job.id)
        return job

    async def finish_job(self, job: Job, *args: Any, **named: Any) -> None:
        try:
            await super().finish_job(job, *args, **named)
        finally:
            await self._leave(job)

    async def retry_job(self, job: Job, *args: Any, **named: Any) -> None:
        try:
            await super().retry_job(job, *args, **named)
        finally:
            await self._leave(job)

    async def listen_for_jobs(self, *, on_notification: Any, queues: Iterable[str] | None = None) -> None:
        self._wake = on_notification
        await super().listen_for_jobs(on_notification=on_notification, queues=queues)

    async def _leave(self, job: Job) -> None:
        """Its place is free: a slow one that was left waiting may take it."""
        if job.id in self._at_work:
            self._at_work.discard(job.id)
            if self._wake is not None:
                await self._wake(channel="", notification={"type": "job_inserted", "job_id": job.id})


def _work_without_page_limits() -> None:
    options = connection.settings_dict["OPTIONS"]
    options["options"] = "-c lock_timeout=30s -c idle_in_transaction_session_timeout=30min"
    options["application_name"] = APPLICATION
    connection.close()


def _tell(call: Any, context: Any, worker: Any) -> Any:
    """A line for every job, with its name, number and time; never its arguments."""
    fields: dict[str, Any] = {"event": "job", "job": context.job.id, "task": context.job.task_name}
    started = time.perf_counter()
    try:
        result = call()
    except Exception:
        fields["ms"] = round((time.perf_counter() - started) * 1000, 1)
        _log.exception("job failed", extra=fields)
        raise
    fields["ms"] = round((time.perf_counter() - started) * 1000, 1)
    _log.info("job done", extra=fields)
    return result


def take_up() -> None:
    """`rescue` at a start, which no trouble with a job may prevent: it is tried again every few seconds."""
    try:
        rescue()
    except DatabaseError as trouble:
        _log.warning("jobs of workers that died could not be taken up: %s", type(trouble).__name__)


def rescue() -> int:
    """Give the jobs of dead workers back to the queue; how many there were.

    A job whose worker died `ATTEMPTS` times is marked as failed instead. Each stands for itself: one that cannot be
    given back holds up no other.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            select j.id, j.attempts, j.queueing_lock
            from procrastinate_jobs j left join procrastinate_workers w on w.id = j.worker_id
            where j.status = 'doing' and (
                w.id is null
                or w.last_heartbeat < now() - make_interval(secs => %s)
                or not exists (select 1 from pg_stat_activity
                               where datname = current_database() and application_name = %s))
            order by j.id
            for update of j skip locked
            """,
            [SILENCE_SECONDS, APPLICATION],
        )
        return sum(_given_back(*each) for each in cursor.fetchall())


def _given_back(job: int, attempts: int, queueing_lock: str | None) -> bool:
    """Give one job back. Where another of its kind waits in the queue already, that one does its work.

    Of a `queueing_lock` only one job may wait: to give back a second is refused by the database.
    """
    fields = {"event": "rescue", "job": job, "count": attempts + 1}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if attempts + 1 >= ATTEMPTS:
                cursor.execute("select procrastinate_finish_job_v1(%s, 'failed', false)", [job])
            elif _other_waits(queueing_lock, attempts + 1):
                cursor.execute("select procrastinate_finish_job_v1(%s, 'aborted', false)", [job])
            else:
                cursor.execute("select procrastinate_retry_job_v1(%s, now(), null, null, null)", [job])
    except DatabaseError as trouble:
        _log.warning("job of a worker that died cannot be taken up: %s", type(trouble).__name__, extra=fields)
        return False
    _log.warning("job of a worker that died is taken up again", extra=fields)
    return True


def _other_waits(queueing_lock: str | None, attempts: int) -> bool:
    """Does another job with this lock wait? Then it is due now, and counts the dead workers on."""
    if queueing_lock is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update procrastinate_jobs set scheduled_at = least(scheduled_at, now()), attempts = greatest(attempts, %s)
            where queueing_lock = %s and status = 'todo'
            """,
            [attempts, queueing_lock],
        )
        return bool(cursor.rowcount)


def _keep_house(stopping: threading.Event) -> None:
    """Every few seconds: rescue; every hour: forget old jobs. Trouble with the database passes by itself."""
    swept = 0.0
    while not stopping.wait(SILENCE_SECONDS / 2):
        try:
            close_old_connections()
            rescue()
            if time.monotonic() - swept > 3600:
                _sweep()
                swept = time.monotonic()
        except DatabaseError as trouble:
            _log.warning("housekeeping failed: %s", type(trouble).__name__)


def _sweep() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            delete from procrastinate_jobs j where j.status in ('succeeded', 'cancelled', 'aborted') and not exists
              (select 1 from procrastinate_events e where e.job_id = j.id and e.at > now() - make_interval(days => %s))
            """,
            [KEEP_DAYS],
        )

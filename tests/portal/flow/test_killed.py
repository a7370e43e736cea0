"""A worker is killed, as by the machine itself, in the middle of a call: another goes on, and one invoice is there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from tests.portal.exchange.posting import posting
from tests.portal.world import build

from fatto.portal.documents.states import Transmission as State
from fatto.portal.exchange.models import Transmission
from fatto.portal.exchange.states import Sending
from fatto.portal.flow import tasks
from fatto.portal.tenancy.scope import scope

ROOT = Path(__file__).parents[3]
WORK = """
import sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from fatto.portal import worker
worker.run(2)
"""


@contextmanager
def working(anaf: Any, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of this test's database, in a process of its own."""
    environment = {
        **os.environ,
        **anaf.variables,
        "FATTO_SECRET_KEY": settings.SECRET_KEY,
        "DJANGO_SETTINGS_MODULE": "settings_for_tests",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests"), str(ROOT)]),
    }
    command = [sys.executable, "-c", WORK, connection.settings_dict["NAME"]]
    with log.open("ab") as out, subprocess.Popen(command, env=environment, stdout=out, stderr=out) as process:
        try:
            yield process
        finally:
            process.kill()


def until(done: Callable[[], bool], log: Path, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < ends, log.read_text()[-5000:]
        time.sleep(0.1)


def jobs(transmission: Transmission) -> list[str]:
    with connection.cursor() as cursor:
        lock = f"fatto.send-{transmission.pk}"
        cursor.execute("select status::text from procrastinate_jobs where lock = %s order by id", [lock])
        return [status for (status,) in cursor.fetchall()]


@pytest.mark.parametrize("taken", [True, False])
def test_killed_in_the_middle_of_a_call_with_its_twin_in_the_queue(
    transactional_db: None, tmp_path: Path, taken: bool
) -> None:
    """The clock queues what is under way once more: the dead job and its twin must not stop the queue."""
    log, began, over = tmp_path / "worker.log", threading.Event(), threading.Event()
    with posting(build()) as post:
        post.now -= timedelta(minutes=5)
        anaf = post.anaf
        upload = anaf.world.upload

        def slow(*given: Any) -> Any:
            made = upload(*given) if taken or began.is_set() else None
            if not began.is_set():
                began.set()
                over.wait(60)
            return made

        anaf.world.upload = slow
        transmission = post.ask(post.issue("B-1"))
        try:
            with working(anaf, log) as first:
                until(began.is_set, log)
                with scope(post.owner):  # the clock comes by while the call is made
                    tasks._queue("fatto.send", transmission.firm_id, transmission.pk)
                assert jobs(transmission) == ["doing", "todo"]
                os.kill(first.pid, signal.SIGKILL)
                first.wait(10)
        finally:
            over.set()
        post.now = timezone.now()
        with scope(post.owner):  # so much time passed
            ago = timezone.now() - (timedelta(minutes=30) if taken else timedelta(hours=25))
            Transmission.objects.filter(pk=transmission.pk).update(started_at=ago, next_check=ago)

        def sent() -> bool:
            with scope(post.owner):
                row = Transmission.objects.get(pk=transmission.pk)
                soon = timezone.now()
                Transmission.objects.filter(pk=row.pk, state=Sending.SENT).update(next_check=soon)
            if row.state == Sending.SENT and "todo" not in jobs(transmission):
                tasks._queue("fatto.send", transmission.firm_id, transmission.pk)
            return row.state == Sending.ACCEPTED

        with working(anaf, log):
            until(lambda: "aborted" in jobs(transmission) and "doing" not in jobs(transmission)[:1], log)
            if taken:
                until(sent, log)
            else:
                until(lambda: len(anaf.uploads()) == 1, log)
        assert len(anaf.uploads()) == 1
        assert anaf.world.calls["upload"] == (1 if taken else 2)
        if taken:
            assert post.again(transmission.document).transmission == State.DELIVERED

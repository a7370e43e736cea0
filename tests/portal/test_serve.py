"""The portal as a program: it starts with one command, stops as a whole, and survives being killed."""

from __future__ import annotations

import os
import signal
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from tests.portal.running import Portal

COUNT = "select count(*) from django_content_type"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def portal(folder: Path) -> Iterator[Portal]:
    with Portal(folder) as running:
        running.wait("worker")
        yield running


def test_serve_brings_up_database_web_and_worker_and_ctrl_c_stops_them_all(portal: Portal):
    state = portal.wait("worker")
    assert state == {"status": "ok", "database": "ok", "migrations": "ok", "storage": "ok", "worker": "ok"}
    assert portal.get("/health/live") == (200, '{"status": "ok"}')
    assert "fatto_workers 1.0" in portal.get("/metrics")[1]
    assert f"Fatto runs at http://localhost:{portal.port}" in portal.log.read_text()
    began = time.monotonic()
    assert portal.interrupt() == 0
    assert time.monotonic() - began < 10
    assert portal.gone()
    assert portal.log.read_text().count("Traceback") == 0


def test_after_everything_is_killed_the_next_start_works_and_nothing_is_lost(portal: Portal):
    made = portal.run(
        "manage",
        "shell",
        "-c",
        "from fatto.portal.tenancy.models import Firm; Firm.objects.create(name='A', slug='a', country='IT')",
    )
    assert made.returncode == 0, made.stderr
    portal.kill_everything()
    assert portal.gone()
    began = time.monotonic()
    with portal.start():
        portal.wait()
        assert time.monotonic() - began < 15
        count = portal.run(
            "manage", "shell", "-c", "from fatto.portal.tenancy.models import Firm; print(Firm.objects.count())"
        )
        assert count.stdout.strip().endswith("1"), count.stderr


def test_when_only_the_supervisor_is_killed_the_others_leave_by_themselves(portal: Portal):
    portal.process.kill()
    portal.process.wait()
    assert portal.gone(40), [process.cmdline() for process in portal.processes()]


def workers(portal: Portal) -> list[int]:
    """The process ids of workers; one that ends while it is looked at is none."""
    found = []
    for process in portal.processes():
        with suppress(psutil.NoSuchProcess):
            if "worker" in process.cmdline():
                found.append(process.pid)
    return found


def test_a_process_that_dies_is_started_again(portal: Portal):
    (worker,) = workers(portal)
    os.kill(worker, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        now = workers(portal)
        if now and now != [worker]:
            break
        time.sleep(0.1)
    else:
        pytest.fail("no new worker")
    servers = [process for process in portal.processes() if process.name() == "postgres" and process.ppid() == 1]
    for server in servers:
        server.kill()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if portal.get("/health/ready")[0] == 200:
            return
        time.sleep(0.2)
    pytest.fail(f"not ready again: {portal.get('/health/ready')}")


def test_web_and_worker_may_run_apart_and_share_the_server(folder: Path):
    first = Portal(folder)
    assert first.run("web").stderr.startswith("The database needs ")
    assert first.run("migrate").returncode == 0
    assert first.gone()
    with Portal(folder, "web", FATTO_PORT=str(first.port)) as web, Portal(folder, "worker") as worker:
        web.wait("worker")
        assert worker.interrupt() == 0
        assert web.get("/health/live")[0] == 200
        assert web.interrupt() == 0
        assert web.gone()


def test_a_taken_port_is_told_with_its_number_and_how_to_choose_another(folder: Path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = Portal(folder, FATTO_PORT=str(port)).run("serve")
    assert done.returncode == 2
    assert done.stderr.startswith(f"Port {port} on 127.0.0.1 cannot be used")
    assert "FATTO_PORT" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_folder_is_told_by_name(tmp_path: Path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    done = Portal(tmp_path / "data").run("serve")
    assert done.returncode == 2
    assert f"The data folder {tmp_path / 'data'} cannot be written to" in done.stderr


def test_a_data_folder_that_is_a_file_is_told_by_name(tmp_path: Path):
    (tmp_path / "data").write_text("")
    done = Portal(tmp_path / "data").run("serve")
    assert done.returncode == 2
    assert f"The data folder {tmp_path / 'data'} cannot be written to" in done.stderr


def test_a_wrong_setting_is_refused_by_name_and_says_what_is_right(folder: Path):
    done = Portal(folder, FATTO_PROT="9", FATTO_WORKERS="many").run("serve")
    assert done.returncode == 2
    assert "FATTO_WORKERS 'many' cannot be used: a whole number from 1 to 64 is needed." in done.stderr
    assert "FATTO_PROT is not a setting of Fatto. Did you mean FATTO_PORT?" in done.stderr
    assert not folder.exists()


def test_the_demo_leaves_a_portal_that_is_not_its_own_alone(folder: Path):
    portal = Portal(folder)
    assert portal.run("migrate").returncode == 0
    done = portal.run("demo")
    assert done.returncode == 2
    assert "holds a portal that is not the demo" in done.stderr


def test_the_demo_makes_its_world_once_and_begins_again_when_that_was_interrupted(folder: Path):
    portal = Portal(folder, "demo").start()
    deadline = time.monotonic() + 60
    while "Making the demo world" not in portal.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)
    portal.kill_everything()
    assert not (folder / "demo-complete").exists()
    with portal.start():
        portal.wait("worker", seconds=240)
        deadline = time.monotonic() + 10
        while "Ctrl-C stops it" not in portal.log.read_text() and time.monotonic() < deadline:
            time.sleep(0.05)
        told = portal.log.read_text()
        assert f"Fatto runs at http://localhost:{portal.port}" in told
        assert told.count("@") >= 5, "who can log in"
        assert portal.interrupt() == 0
    assert portal.gone()
    began = time.monotonic()
    with portal.start():
        portal.wait()
        assert portal.get("/")[0] == 200
        assert time.monotonic() - began < 15  # five on a machine that does nothing else
    assert portal.log.read_text().count("Making the demo world") == 2

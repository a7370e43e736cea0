"""The embedded server: who it lets in, what it survives, when it stops."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from django.db import connection

from fatto.portal import postgres, setup


@pytest.fixture
def server(tmp_path: Path) -> postgres.Server:
    return postgres.Server(folder=tmp_path / "data", durable=False)


def wait_until(true: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return true()


def user_of(server: postgres.Server, seconds: int = 60) -> subprocess.Popen[str]:
    """Another process that uses the server; it says a line once it does."""
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom fatto.portal import postgres\n"
        "with postgres.using(postgres.Server(folder=Path(sys.argv[1]))):\n"
        "    print('uses it', flush=True)\n    time.sleep(float(sys.argv[2]))\n"
    )
    command = [sys.executable, "-c", code, str(server.folder), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "uses it\n"
    return process


def postmaster(server: postgres.Server) -> psutil.Process:
    return psutil.Process(int((server.cluster / "postmaster.pid").read_text().split("\n")[0]))


@pytest.mark.django_db
def test_the_portal_works_as_a_role_that_cannot_pass_row_security():
    with connection.cursor() as cursor:
        cursor.execute("select current_user, rolsuper, rolbypassrls from pg_roles where rolname = current_user")
        assert cursor.fetchone() == ("fatto", False, False)
    setup.refuse_privileged_role()


@pytest.mark.django_db
def test_the_text_search_operators_are_marked_leak_proof_in_the_database_of_the_tests_too():
    with connection.cursor() as cursor:
        cursor.execute("select bool_and(proleakproof) from pg_proc where proname in ('ts_match_vq', 'ts_match_qv')")
        assert cursor.fetchone() == (True,)


def test_a_superuser_and_whoever_may_become_one_are_refused(postgres_server: postgres.Server):
    def first_row_as(role: str) -> Iterator[Callable[[str], object]]:
        with postgres_server.connect() as superuser:
            superuser.execute(f"set role {role}") if role != "postgres" else None
            yield lambda statement: superuser.execute(statement).fetchone()

    with postgres_server.connect() as superuser:
        superuser.execute("create role bypasses nosuperuser bypassrls")
        superuser.execute("create role member nosuperuser nobypassrls in role bypasses")
    try:
        for role, how in (
            ("postgres", "is a superuser"),
            ("bypasses", "bypasses row security"),
            ("member", "may become"),
        ):
            for first_row in first_row_as(role):
                with pytest.raises(postgres.PrivilegedRole, match=how):
                    postgres.refuse_privileged_role(first_row)
        for first_row in first_row_as("fatto"):
            postgres.refuse_privileged_role(first_row)
    finally:
        with postgres_server.connect() as superuser:
            superuser.execute("drop role member")
            superuser.execute("drop role bypasses")


def test_the_last_user_stops_the_server_and_data_stays(server: postgres.Server):
    with postgres.using(server):
        other = user_of(server)
        with server.connect(postgres.ROLE) as role:
            role.execute("create table kept (value text)")
            role.execute("insert into kept values ('once')")
    assert postgres.is_running(server), "another process still uses it"
    other.terminate()
    other.wait()
    assert wait_until(lambda: not postgres.is_running(server))
    with postgres.using(server), server.connect(postgres.ROLE) as role:
        assert role.execute("select value from kept").fetchall() == [("once",)]
    assert not postgres.is_running(server)


def test_a_user_that_is_killed_leaves_no_server_behind(server: postgres.Server):
    process = user_of(server)
    process.kill()
    process.wait()
    assert wait_until(lambda: not postgres.is_running(server))


def test_a_killed_server_recovers_with_what_was_committed(tmp_path: Path):
    server = postgres.Server(folder=tmp_path / "data")
    process = user_of(server)
    with server.connect(postgres.ROLE) as role:
        role.execute("create table kept (value text)")
        role.execute("insert into kept values ('once')")
    process.kill()
    os.kill(postmaster(server).pid, signal.SIGKILL)
    process.wait()
    assert (server.cluster / "postmaster.pid").exists()
    with postgres.using(server), server.connect(postgres.ROLE) as role:
        assert role.execute("select value from kept").fetchall() == [("once",)]


def test_a_server_that_gives_up_on_the_way_says_why(server: postgres.Server):
    with postgres.using(server):
        pass
    for segment in (server.cluster / "pg_wal").iterdir():
        if segment.is_file():
            segment.unlink()
    with pytest.raises(postgres.ServerTrouble, match="checkpoint record"), postgres.using(server):
        pass


def test_a_stale_process_number_that_now_belongs_to_another_process_is_no_hindrance(server: postgres.Server):
    with postgres.using(server):
        lines = (server.cluster / "postmaster.pid").read_text().split("\n")
    (server.cluster / "postmaster.pid").write_text("\n".join([str(os.getppid()), *lines[1:]]))
    (server.socket_folder / ".s.PGSQL.5432").touch()
    with postgres.using(server):
        assert postmaster(server).name() == "postgres"


def test_a_server_that_died_under_its_user_is_started_again(server: postgres.Server):
    with postgres.using(server):
        assert postgres.revive(server) is False
        dead = postmaster(server)
        dead.kill()
        wait_until(lambda: not postgres.is_running(server))
        assert postgres.revive(server) is True
        with server.connect() as connected:
            assert connected.execute("select 1").fetchone() == (1,)


def test_a_second_start_takes_less_than_two_seconds(server: postgres.Server):
    with postgres.using(server):
        pass
    began = time.monotonic()
    with postgres.using(server):
        assert time.monotonic() - began < 2


def test_an_interrupted_first_start_is_begun_again(server: postgres.Server):
    half = server.folder / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with postgres.using(server):
        assert not half.exists()


def test_a_long_path_has_its_socket_elsewhere(tmp_path: Path):
    server = postgres.Server(folder=tmp_path / ("long" * 25), durable=False)
    assert server.socket_folder.parent == Path("/tmp")
    with postgres.using(server):
        assert server.socket_folder.stat().st_mode & 0o777 == 0o700
    server.socket_folder.rmdir()


def test_a_socket_folder_of_somebody_else_is_refused(server: postgres.Server, tmp_path: Path):
    server.folder.mkdir()
    (tmp_path / "elsewhere").mkdir()
    server.socket_folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(postgres.ServerTrouble, match="belongs to somebody else"), postgres.using(server):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user to try with")
def test_no_other_user_of_the_machine_gets_in(server: postgres.Server):
    with postgres.using(server):
        with pytest.raises(psycopg.OperationalError):
            server.connect("somebody")
        psql = postgres.program("psql")
        for role in (postgres.SUPERUSER, postgres.ROLE):
            address = f"host={server.socket_folder} user={role} dbname=fatto"
            stranger = pwd.getpwnam("nobody").pw_uid
            done = subprocess.run(
                [psql, address, "-c", "select 1"], user=stranger, capture_output=True, text=True, cwd="/"
            )
            assert done.returncode != 0
        # Even with the folder opened to all, the server asks the system who is calling.
        for folder in (server.socket_folder, *server.socket_folder.parents[:3]):
            folder.chmod(0o777)
        (server.socket_folder / ".s.PGSQL.5432").chmod(0o777)
        done = subprocess.run([psql, address, "-c", "select 1"], user=stranger, capture_output=True, text=True, cwd="/")
        assert done.returncode != 0
        assert "Peer authentication failed" in done.stderr or "denied" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only for root does another user run the server")
def test_for_root_an_unprivileged_user_runs_the_server_and_may_only_pass_through_closed_folders(tmp_path: Path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = postgres.Server(folder=closed / "data", durable=False)
    with postgres.using(server):
        assert postmaster(server).username() == postgres.SYSTEM_USER
        assert closed.stat().st_mode & 0o007 in (0, 1)  # at most passing through; with access lists not even that
        assert server.folder.stat().st_mode & 0o007 in (0, 1)
    closed.chmod(0o700)  # which takes the right back, access list or not
    with postgres.using(server):
        assert server.cluster.stat().st_mode & 0o077 == 0


def test_a_cluster_of_another_version_is_refused_with_the_way_to_upgrade(server: postgres.Server):
    with postgres.using(server):
        pass
    (server.cluster / "PG_VERSION").write_text("15\n")
    with pytest.raises(postgres.ServerTrouble, match=r"made by PostgreSQL 15.*fatto backup"), postgres.using(server):
        pass

"""A backup holds everything, proves it, and goes into an empty place only."""

from __future__ import annotations

import json
import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.portal.running import Portal

from fatto.portal import backup, postgres

MAKE = """
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from fatto.portal.tenancy.models import Firm, Member
Firm.objects.create(name="Studio Bianchi", slug="bianchi", country="IT")
Member.objects.create_user("ada@example.org", "correct horse", name="Ada")
default_storage.save("ab/abcdef", ContentFile(b"<original/>"))
default_storage.save("cd/cdef01", ContentFile(bytes(range(256)) * 9000))
with connection.cursor() as c:
    c.execute("create table secret_rows (company_id int, value text)")
    c.execute("insert into secret_rows values (1, 'one'), (2, 'two')")
    c.execute("alter table secret_rows enable row level security")
    c.execute("alter table secret_rows force row level security")
    c.execute("create policy none_see on secret_rows using (false)")
"""
LOOK = """
import hashlib, json
from django.core.files.storage import default_storage
from django.db import connection
from fatto.portal.backup import stored_files
from fatto.portal.tenancy.models import Firm, Member
with connection.cursor() as c:
    c.execute("select relforcerowsecurity and relrowsecurity from pg_class where relname = 'secret_rows'")
    forced = c.fetchone()[0]
    c.execute("select count(*) from secret_rows")
    seen = c.fetchone()[0]
    c.execute("alter table secret_rows disable row level security")
    c.execute("select value from secret_rows order by company_id")
    rows = [value for (value,) in c.fetchall()]
    c.execute("alter table secret_rows enable row level security")
    c.execute("select tableowner from pg_tables where tablename = 'secret_rows'")
    owner = c.fetchone()[0]
files = {name: hashlib.sha256(default_storage.open(name).read()).hexdigest() for name in stored_files()}
right = Member.objects.get().check_password("correct horse")
print(json.dumps(dict(firms=[f.slug for f in Firm.objects.all()], right=right,
    forced=forced, seen=seen, rows=rows, owner=owner, files=files)))
"""


def shell(portal: Portal, code: str) -> str:
    done = portal.run("manage", "shell", "--no-imports", "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    portal = Portal(tmp_path_factory.mktemp("first") / "data")
    assert portal.run("migrate").returncode == 0
    shell(portal, MAKE)
    return portal


@pytest.fixture(scope="module")
def archive(portal: Portal) -> Path:
    target = portal.folder.parent / "fatto.backup"
    done = portal.run("backup", str(target))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Backup written to {target}: the database and 2 files")
    return target


def test_what_was_backed_up_comes_back_in_an_empty_place_row_security_included(
    portal: Portal, archive: Path, tmp_path: Path
):
    other = Portal(tmp_path / "data")
    done = other.run("restore", str(archive))
    assert done.returncode == 0, done.stderr
    assert "2 files, each verified" in done.stdout
    before, after = json.loads(shell(portal, LOOK)), json.loads(shell(other, LOOK))
    assert after == before
    assert after["firms"] == ["bianchi"]
    assert after["right"] is True
    assert (after["forced"], after["seen"], after["rows"], after["owner"]) == (True, 0, ["one", "two"], "fatto")
    assert len(after["files"]) == 2
    assert (other.folder / "secret-key").read_text() == (portal.folder / "secret-key").read_text()
    with other:
        assert other.wait("worker")["status"] == "ok"


def test_a_portal_that_is_there_is_never_replaced(portal: Portal, archive: Path):
    done = portal.run("restore", str(archive))
    assert done.returncode == 2
    assert done.stderr.startswith("There is a portal here already")


def test_a_backup_never_replaces_a_file_and_is_for_its_owner_alone(portal: Portal, archive: Path):
    assert archive.stat().st_mode & 0o777 == 0o600
    done = portal.run("backup", str(archive))
    assert done.returncode == 2
    assert "exists already" in done.stderr


def test_a_backup_that_cannot_be_written_leaves_nothing_and_says_where(portal: Portal, tmp_path: Path):
    done = portal.run("backup", str(tmp_path / "nowhere" / "file"))
    assert done.returncode == 2
    assert f"{tmp_path / 'nowhere' / 'file'} could not be written" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_every_part_is_in_the_manifest_with_its_hash(archive: Path):
    with tarfile.open(archive) as parts:
        names = parts.getnames()
        manifest = json.load(parts.extractfile("manifest.json"))
    assert names == ["database.dump", "secret-key", "files/ab/abcdef", "files/cd/cdef01", "manifest.json"]
    assert list(manifest["members"]) == names[:-1]
    assert "tenancy.0001_begin" in manifest["migrations"]


@pytest.mark.parametrize("damage", ["a byte changed", "cut short", "not ours", "escapes"])
def test_a_damaged_backup_is_recognised(archive: Path, tmp_path: Path, damage: str):
    bad = tmp_path / "bad.backup"
    data = bytearray(archive.read_bytes())
    if damage == "a byte changed":
        data[data.index(b"<original/>") + 1] ^= 1
    elif damage == "cut short":
        del data[len(data) // 2 :]
    elif damage == "not ours":
        data[:] = os.urandom(4096)
    bad.write_bytes(data)
    if damage == "escapes":
        with tarfile.open(bad, "w") as parts:
            parts.addfile(tarfile.TarInfo("files/../../etc/passwd"))
    with pytest.raises(backup.BackupTrouble, match=re.escape(str(bad))):
        backup.verify(bad)
    backup.verify(archive)


def test_a_damaged_backup_is_refused_before_anything_is_changed(archive: Path, tmp_path: Path):
    bad = tmp_path / "bad.backup"
    bad.write_bytes(archive.read_bytes().replace(b"<original/>", b"<0riginal/>"))
    other = Portal(tmp_path / "data")
    done = other.run("restore", str(bad))
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(f"{bad} is damaged: files/ab/abcdef is not what its manifest says")
    assert list((other.folder / "files").iterdir()) == []


def external(server: postgres.Server, role: str) -> str:
    return f"postgresql://{role}@/elsewhere?host={server.socket_folder}"


@pytest.fixture
def elsewhere(postgres_server: postgres.Server) -> Iterator[postgres.Server]:
    """A database on a server that the portal does not run itself."""
    with postgres_server.connect() as superuser:
        superuser.execute("create database elsewhere owner fatto")
    yield postgres_server
    with postgres_server.connect() as superuser:
        superuser.execute("drop database elsewhere with (force)")


def test_with_a_server_of_ones_own_a_backup_needs_a_role_that_reads_past_row_security(
    elsewhere: postgres.Server, tmp_path: Path
):
    portal = Portal(tmp_path / "data", DATABASE_URL=external(elsewhere, "fatto"))
    assert portal.run("migrate").returncode == 0
    shell(portal, MAKE)
    target = tmp_path / "fatto.backup"
    done = portal.run("backup", str(target))
    assert done.returncode == 2
    assert "FATTO_BACKUP_DATABASE_URL" in done.stderr
    assert not target.exists()
    portal.environment["FATTO_BACKUP_DATABASE_URL"] = external(elsewhere, "postgres")
    assert portal.run("backup", str(target)).returncode == 0
    before = json.loads(shell(portal, LOOK))
    with elsewhere.connect() as superuser:
        superuser.execute("drop database elsewhere with (force)")
        superuser.execute("create database elsewhere owner fatto")
    other = Portal(tmp_path / "other", DATABASE_URL=external(elsewhere, "fatto"))
    done = other.run("restore", str(target))
    assert done.returncode == 0, done.stderr
    assert json.loads(shell(other, LOOK)) == before
    assert not (other.folder / "postgres").exists()


def test_a_portal_under_a_role_that_passes_row_security_does_not_start(elsewhere: postgres.Server, tmp_path: Path):
    for command in ("serve", "web", "worker", "migrate"):
        done = Portal(tmp_path / "data", DATABASE_URL=external(elsewhere, "postgres")).run(command)
        assert done.returncode == 2
        assert done.stderr.startswith("The database role 'postgres' is a superuser, so the portal will not start")


def test_a_database_that_cannot_be_reached_is_told_in_a_sentence(tmp_path: Path):
    done = Portal(tmp_path / "data", DATABASE_URL="postgresql://fatto:secret@127.0.0.1:1/fatto").run("serve")
    assert done.returncode == 2
    assert done.stderr.startswith("The database cannot be reached")
    assert "secret" not in done.stderr

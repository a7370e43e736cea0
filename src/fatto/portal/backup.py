"""One archive with everything that must be kept, and putting it back into an empty place.

The archive is a tar file: `database.dump` (pg_dump, custom format), `secret-key`, `files/…` as they are stored, and at
its end `manifest.json` with the SHA-256 and size of each. The database is dumped first, from one snapshot; files are
only ever added, never changed, so those copied afterwards hold every file that the snapshot speaks of.

A dump must see all rows, so it runs as a role for which row security does not count: the superuser of the embedded
server, or the role in FATTO_BACKUP_DATABASE_URL. Restoring needs no such role, because PostgreSQL switches row security
on after the rows are in.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg.conninfo import make_conninfo

import fatto
from fatto.portal import config, postgres, setup
from fatto.portal.config import Config

FORMAT = "fatto-backup-1"
DATABASE, KEY, MANIFEST, FILES = "database.dump", "secret-key", "manifest.json", "files/"
_EMPTY_TABLES = ("django_session", "django_cache")  # people log in again


class BackupTrouble(Exception):
    """A backup cannot be written or put back; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One part of the archive, as its manifest tells it."""

    sha256: str
    size: int


# -- writing ---------------------------------------------------------------------------------------


def write(found: Config, target: Path) -> str:
    """Write the archive.

    Args:
        target: a file that does not exist yet.
    Returns:
        A sentence for the person who asked.
    Raises:
        BackupTrouble: it cannot be done; no file is left at `target`.
    """
    if target.exists():
        raise BackupTrouble(f"{target} exists already; a backup never replaces a file. Choose another name.")
    draft = target.with_name(f".{target.name}.part")
    members: dict[str, Member] = {}
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as raw, tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
            with tempfile.TemporaryDirectory(dir=found.data / "tmp") as folder:
                dump = Path(folder) / DATABASE
                _dump(found, dump)
                with dump.open("rb") as stream:
                    members[DATABASE] = _add(archive, DATABASE, stream, dump.stat().st_size)
            key = config.secret_key(found).encode("ascii")
            if not found.secret_key:
                members[KEY] = _add(archive, KEY, io.BytesIO(key), len(key))
            for name in stored_files():
                with default_storage.open(name) as stream:
                    members[FILES + name] = _add(archive, FILES + name, stream, default_storage.size(name))
            manifest = _manifest(members)
            _add(archive, MANIFEST, io.BytesIO(manifest), len(manifest))
            raw.flush()
            os.fsync(raw.fileno())
        draft.replace(target)
    except OSError as trouble:
        raise BackupTrouble(f"{target} could not be written: {trouble.strerror or trouble}.") from trouble
    finally:
        draft.unlink(missing_ok=True)
    size = target.stat().st_size
    files = sum(name.startswith(FILES) for name in members)
    return f"Backup written to {target}: the database and {files} files, {size:,} bytes."


def _manifest(members: Mapping[str, Member]) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("select app, name from django_migrations order by id")
        migrations = [f"{app}.{name}" for app, name in cursor.fetchall()]
    value = {
        "format": FORMAT,
        "fatto": fatto.__version__,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "migrations": migrations,
        "members": {name: {"sha256": member.sha256, "size": member.size} for name, member in members.items()},
    }
    return json.dumps(value, indent=1).encode()


def _add(archive: tarfile.TarFile, name: str, stream: IO[bytes] | File[bytes], size: int) -> Member:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(datetime.now(UTC).timestamp())
    hashing = _Hashing(stream)
    archive.addfile(entry, hashing)
    return Member(sha256=hashing.digest.hexdigest(), size=size)


class _Hashing:
    """A stream that hashes what is read from it."""

    def __init__(self, stream: IO[bytes] | File[bytes]) -> None:
        self.stream = stream
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data: bytes = self.stream.read(size)
        self.digest.update(data)
        return data


def stored_files(folder: str = "") -> Iterator[str]:
    """The names of all stored files, in order; names that begin with a dot are drafts."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(files):
        if name and not name.startswith("."):
            yield f"{folder}/{name}" if folder else name
    for name in sorted(folders):
        if name and not name.startswith(".") and (folder or name != "health"):
            yield from stored_files(f"{folder}/{name}" if folder else name)


def _dump(found: Config, target: Path) -> None:
    if found.database is None:
        reading = postgres.Server(folder=found.data).parameters(postgres.SUPERUSER)
    elif found.backup_database is not None:
        reading = found.backup_database
    else:
        raise BackupTrouble(
            "The role of DATABASE_URL cannot read past row security, so its dump would be empty. Make a role "
            "for backups (docs/operations.md shows how) and set FATTO_BACKUP_DATABASE_URL to the same database "
            "under that role."
        )
    empty = [f"--exclude-table-data=public.{table}" for table in _EMPTY_TABLES]
    command = [
        "pg_dump",
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        "--no-comments",
        f"--file={target}",
        *empty,
    ]
    _postgres_program(command, reading)


def _postgres_program(command: list[str], parameters: Mapping[str, Any]) -> None:
    rest = {key: str(value) for key, value in parameters.items() if key != "password"}
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C"}
    if parameters.get("password"):
        environment["PGPASSWORD"] = str(parameters["password"])
    name, *arguments = command
    done = subprocess.run(  # noqa: S603 - a program of the wheel
        [str(postgres.program(name)), f"--dbname={make_conninfo(**rest)}", "--no-password", *arguments],
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise BackupTrouble(f"{name} failed: {done.stderr.strip()}")


# -- putting back ----------------------------------------------------------------------------------


def read(found: Config, source: Path) -> str:
    """Check an archive and put it into an empty database and an empty place for files.

    Returns:
        A sentence for the person who asked.
    Raises:
        BackupTrouble: the archive is damaged or too new, or something is there already; nothing was changed.
    """
    _refuse_inhabited(found)
    manifest, _ = verify(source)
    _refuse_newer(manifest)
    added: list[str] = []
    try:
        with tarfile.open(source, "r:") as archive, tempfile.TemporaryDirectory(dir=found.data / "tmp") as folder:
            dump = Path(folder) / DATABASE
            for entry in archive:
                stream = archive.extractfile(entry)
                if stream is None:
                    continue
                if entry.name == DATABASE:
                    with dump.open("wb") as target:
                        while block := stream.read(1 << 20):
                            target.write(block)
                elif entry.name.startswith(FILES):
                    name = entry.name.removeprefix(FILES)
                    saved = default_storage.save(name, File(stream, name))
                    added.append(saved)
                    if saved != name:
                        raise BackupTrouble(f"The file {name} could not be put back under its name.")
            _load(found, dump)
            _put_key_back(found, archive)
    except BaseException:
        for name in added:
            default_storage.delete(name)
        raise
    connection.close()
    setup.migrate()
    made = str(manifest.get("made", ""))[:10]
    return f"The backup of {made} is in place: the database and {len(added)} files, each verified."


def _load(found: Config, dump: Path) -> None:
    parameters = found.database or postgres.Server(folder=found.data).parameters()
    command = [
        "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--no-comments",
        "--exit-on-error",
        "--single-transaction",
    ]
    _postgres_program([*command, str(dump)], parameters)


def _put_key_back(found: Config, archive: tarfile.TarFile) -> None:
    if found.secret_key:
        return
    try:
        stream = archive.extractfile(KEY)
    except KeyError:
        return
    if stream is not None:
        path = found.data / "secret-key"
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            target.write(stream.read())


def _refuse_inhabited(found: Config) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_tables where schemaname = 'public'")
        tables = cursor.fetchone()[0]
    if tables or next(stored_files(), None) is not None:
        raise BackupTrouble(
            "There is a portal here already, and restoring never replaces one. Restore into an empty place: an empty "
            "FATTO_DATA (and, with DATABASE_URL, an empty database), then point the portal to it."
        )


def _refuse_newer(manifest: Mapping[str, Any]) -> None:
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    unknown = [name for name in manifest.get("migrations", ()) if name not in known]
    if unknown:
        raise BackupTrouble(
            f"The backup was made by a newer release of Fatto ({manifest.get('fatto')}); this one is "
            f"{fatto.__version__}. Install that release to restore it."
        )


def verify(source: Path) -> tuple[dict[str, Any], dict[str, Member]]:
    """Read the whole archive and compare it with its manifest.

    Returns:
        The manifest, and its members by name.
    Raises:
        BackupTrouble: it is not one of ours, incomplete, or altered; the message names the first member that differs.
    """
    seen: dict[str, Member] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(source, "r:") as archive:
            for entry in archive:
                stream = archive.extractfile(entry) if entry.isfile() else None
                if stream is None or not _safe(entry.name) or entry.name in seen or manifest is not None:
                    raise BackupTrouble(f"{source} holds something that no backup of ours has: {entry.name!r}.")
                if entry.name == MANIFEST:
                    manifest = json.loads(stream.read())
                else:
                    digest = hashlib.sha256()
                    while block := stream.read(1 << 20):
                        digest.update(block)
                    seen[entry.name] = Member(sha256=digest.hexdigest(), size=entry.size)
    except OSError as trouble:
        raise BackupTrouble(f"{source} cannot be read: {trouble.strerror or trouble}.") from trouble
    except (tarfile.TarError, ValueError, EOFError) as trouble:
        raise BackupTrouble(f"{source} is not a backup of Fatto, or it is damaged: {trouble}.") from trouble
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BackupTrouble(f"{source} is not a complete backup of Fatto: its manifest is missing.")
    told = {name: Member(sha256=row["sha256"], size=row["size"]) for name, row in manifest["members"].items()}
    for name in sorted(set(told) | set(seen)):
        if told.get(name) != seen.get(name):
            raise BackupTrouble(f"{source} is damaged: {name} is not what its manifest says. Use another backup.")
    if DATABASE not in told:
        raise BackupTrouble(f"{source} holds no database.")
    return manifest, told


def _safe(name: str) -> bool:
    if name in (DATABASE, KEY, MANIFEST):
        return True
    parts = PurePosixPath(name).parts
    return name.startswith(FILES) and len(parts) > 1 and not name.startswith("/") and ".." not in parts

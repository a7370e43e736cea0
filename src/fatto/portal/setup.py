"""Bringing database and static files to the state that this release needs; doing it again changes nothing."""

from __future__ import annotations

import hashlib
import logging
import time
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

import fatto
from fatto.portal import postgres

_log = logging.getLogger("fatto.setup")
_LOCK = 0x466174746F  # "Fatto": one process migrates at a time
_TRIES = 10


class MigrationsWait(Exception):
    """The database was made by an older release; the message says what to do."""


def refuse_privileged_role() -> None:
    """See that row security binds us.

    Raises:
        fatto.portal.postgres.PrivilegedRole: it does not.
    """

    def first_row(statement: str) -> tuple[object, ...] | None:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            row: tuple[object, ...] | None = cursor.fetchone()
            return row

    postgres.refuse_privileged_role(first_row)


def waiting_migrations() -> list[str]:
    """The names of migrations that this release has and the database has not seen."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def refuse_old_database() -> None:
    """See that the database is as this release needs it.

    Raises:
        MigrationsWait: it is not.
    """
    waiting = waiting_migrations()
    if waiting:
        raise MigrationsWait(
            f"The database needs {len(waiting)} changes before this release can use it, the first being {waiting[0]}. "
            f"Run `fatto migrate`."
        )


def migrate(verbosity: int = 0) -> None:
    """Apply what waits. A change that has to wait for others' locks gives up after 4 seconds and is tried again."""
    options = connection.settings_dict["OPTIONS"]
    usual = options["options"]
    options["options"] = "-c lock_timeout=4s -c statement_timeout=0"
    connection.close()
    try:
        with connection.cursor() as cursor:
            while True:
                cursor.execute("select pg_try_advisory_lock(%s)", [_LOCK])
                if cursor.fetchone()[0]:
                    break
                time.sleep(0.5)
        try:
            if waiting_migrations():
                _migrate_patiently(verbosity)
            call_command("createcachetable", verbosity=0)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [_LOCK])
    finally:
        options["options"] = usual
        connection.close()


def _migrate_patiently(verbosity: int) -> None:
    for turn in range(1, _TRIES + 1):
        try:
            call_command("migrate", interactive=False, verbosity=verbosity)
            return
        except OperationalError as trouble:
            if "lock timeout" not in str(trouble) or turn == _TRIES:
                raise
            _log.warning("a migration waits for others to finish", extra={"event": "migrate", "count": turn})
            time.sleep(turn)


def collect_static() -> None:
    """Copy style sheets, scripts and fonts to where they are served from, compressed, unless they are there already."""
    if settings.DEBUG:
        return
    stamp_file = Path(settings.STATIC_ROOT) / ".stamp"
    stamp = _static_stamp()
    if stamp_file.exists() and stamp_file.read_text() == stamp:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp_file.write_text(stamp)


def _static_stamp() -> str:
    digest = hashlib.sha256(fatto.__version__.encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()

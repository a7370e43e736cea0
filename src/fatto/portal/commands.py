"""The commands that the portal adds to `fatto`: serve, web, worker, migrate, manage, demo, backup, restore.

`fatto.cli` finds `register` through the entry-point group `fatto.commands`. Each command is a function that takes the
parsed arguments and gives the exit status.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from fatto.portal import config, postgres

if TYPE_CHECKING:
    from fatto.portal.config import Config

Command = Callable[[argparse.Namespace], int]


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the portal's commands to the command line."""

    def add(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        parser = subparsers.add_parser(name, help=text, description=text)
        parser.set_defaults(run=plainly(run))
        return parser

    manage_parser = add("manage", manage, "Run a Django management command.")
    manage_parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="COMMAND …")


def plainly(run: Command) -> Command:
    """Troubles that a person can mend are told in a sentence, not in a traceback."""

    def told(arguments: argparse.Namespace) -> int:
        try:
            return run(arguments)
        except (config.WrongSetting, postgres.ServerTrouble, postgres.PrivilegedRole) as trouble:
            print(trouble, file=sys.stderr)  # noqa: T201 - the answer of a command
            return 2

    return told


@contextlib.contextmanager
def prepared() -> Iterator[Config]:
    """Settings read, data folder ready, database server running, Django set up; within the block."""
    found = config.load()
    server = postgres.Server(folder=found.data)
    postgres.prepare_folder(found.data)
    for name in ("tmp", "files", "mail"):
        (found.data / name).mkdir(exist_ok=True, mode=0o700)
    config.secret_key(found, make=True)
    with contextlib.ExitStack() as stack:
        if found.database is None:
            stack.enter_context(postgres.using(server))
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fatto.portal.settings")
        import django

        django.setup()
        yield found


def manage(arguments: argparse.Namespace) -> int:
    """`fatto manage COMMAND …`"""
    with prepared():
        from django.core.management import execute_from_command_line

        execute_from_command_line(["fatto manage", *arguments.rest])
    return 0

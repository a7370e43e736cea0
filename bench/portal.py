"""A portal of its own for measuring: a data folder, the embedded server, Django, firms and companies."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

    from fatto.portal.config import Config
    from fatto.portal.tenancy.actor import Actor
    from fatto.portal.tenancy.models import Company, Firm, Member


@contextlib.contextmanager
def prepared() -> Iterator[Config]:
    """An empty portal in a folder that is removed afterwards; its server is as durable as in production."""
    folder = tempfile.mkdtemp(prefix="fatto-bench-")
    for name in [name for name in os.environ if name.startswith("FATTO_") or name == "DATABASE_URL"]:
        del os.environ[name]
    os.environ["FATTO_DATA"] = folder
    os.environ["FATTO_LOG"] = "warning"
    try:
        from fatto.portal import commands

        with commands.prepared() as found:
            from fatto.portal import setup

            setup.migrate()
            setup.collect_static()
            yield found
            close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def close() -> None:
    from django.db import connections

    connections.close_all()


def superuser() -> psycopg.Connection[tuple[Any, ...]]:
    """An autocommit connection past row security, to the portal's database."""
    from fatto.portal import config, postgres

    return postgres.Server(folder=config.load().data).connect()


def member(email: str, name: str) -> Member:
    from fatto.portal.tenancy.models import Member

    return Member.objects.create(email=email, name=name, language="en", password="!")  # noqa: S106 - nobody logs in


def acting(member: Member, firm: Firm) -> Actor:
    """The member at work in the firm."""
    from fatto.portal.tenancy import actor

    found = actor.in_firm(member, firm.slug)
    if found is None:
        raise LookupError(f"{member} has no role in {firm}")
    return found


def open_firm(name: str, owner: Member) -> Firm:
    from fatto.portal.tenancy import actions

    return actions.open_firm(name=name, country="IT", language="it", owner=owner)


def open_company(firm: Firm, owner: Member, country: str, number: int) -> Company:
    """The company that `bulk.company(country, number)` is."""
    from fatto.portal.demo import bulk
    from fatto.portal.tenancy import actions
    from fatto.portal.tenancy.scope import scope

    party = bulk.company(country, number)
    with scope(acting(owner, firm)) as who:
        return actions.open_company(
            who, name=party.full_name, country=country, vat_id=country + party.vat, tax_id=party.tax, gate="soft"
        )

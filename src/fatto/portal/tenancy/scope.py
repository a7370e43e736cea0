"""The one place that limits what can be read and written to whose it is.

    with scope(actor):
        Document.objects.filter(…)      # only the actor's; outside a scope this raises

Lock one is here: the managers filter by the scope and refuse to work outside one. Lock two is
PostgreSQL's row security, which reads the settings that `scope` makes local to the transaction;
`rls.py` writes its policies. Nothing waits for the network inside a scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import connection, models, transaction

if TYPE_CHECKING:
    from fatto.portal.tenancy.actor import Actor

_Model = TypeVar("_Model", bound=models.Model)

_current: ContextVar[Actor | None] = ContextVar("fatto_scope", default=None)

SETTINGS = (
    "fatto.companies",
    "fatto.firm",
    "fatto.side",
    "fatto.only_by",
    "fatto.directions",
    "fatto.tags",
    "fatto.member",
    "fatto.roster",
    "fatto.link",
    "fatto.token",
)


class OutsideScope(RuntimeError):
    """A row that belongs to somebody was asked for outside `with scope(actor)`."""


def current() -> Actor | None:
    """The actor of the scope we are in."""
    return _current.get()


def _must() -> Actor:
    actor = _current.get()
    if actor is None:
        raise OutsideScope("Rows that belong to a company are read and written inside `with scope(actor):`.")
    return actor


def _set(**values: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select " + ", ".join("set_config(%s, %s, true)" for _ in values),
            [part for name, value in values.items() for part in (f"fatto.{name}", value)],
        )


@contextmanager
def _lent(wanted: dict[str, str], back: dict[str, str]) -> Iterator[None]:
    """Some settings for a while, within a transaction that goes on; one that must be rolled back takes no more."""
    _set(**wanted)
    try:
        yield
    finally:
        if not connection.needs_rollback:
            _set(**back)


@contextmanager
def scope(actor: Actor) -> Iterator[Actor]:
    """Open a transaction in which only what is the actor's exists.

    Scopes do not nest into one another's data: an inner scope replaces the outer one and gives it back.
    """
    outer = _current.get()
    token = _current.set(actor)
    try:
        with transaction.atomic():
            _set(**actor.settings())
            yield actor
            if connection.in_atomic_block and len(connection.savepoint_ids):
                # Within a larger transaction the settings would outlive this block.
                _set(**(outer.settings() if outer is not None else settings_of()))
    finally:
        _current.reset(token)


@contextmanager
def reading(actor: Actor) -> Iterator[Actor]:
    """As `scope`, within another one and for reading alone: without a place in the transaction to go back to."""
    outer = _must()
    token = _current.set(actor)
    try:
        with _lent(actor.settings(), outer.settings()):
            yield actor
    finally:
        _current.reset(token)


@contextmanager
def whole() -> Iterator[None]:
    """Look past hard gates and a person's limits, for counting and for what the company's settings ask for.

    Only numbers, or changes that the company's own settings ask for, may come out of it.
    """
    actor = _must()
    own = actor.settings()
    limits = ("side", "only_by", "directions", "tags")
    _set(side="company", only_by="", directions="", tags="")
    try:
        yield
    finally:
        _set(**{name: own[name] for name in limits})


def also(company_id: int) -> None:
    """Until the scope ends, a company that was opened within it is visible to row security as well."""
    companies = _must().settings()["companies"]
    _set(companies=f"{companies},{company_id}" if companies else str(company_id))


@contextmanager
def roster(
    *, member: int | None = None, firm: int | None = None, companies: Iterable[int] = (), link: str = ""
) -> Iterator[None]:
    """A short transaction that may read who is a member of what: how an actor is found, before its scope.

    Visible are the memberships of `member`, the companies of `firm` or those named, and the invitations
    whose link has the hash `link`.
    """
    wanted = {
        "member": str(member or ""),
        "roster": str(firm or ""),
        "companies": ",".join(map(str, companies)),
        "link": link,
    }
    if not connection.in_atomic_block:
        with transaction.atomic():  # whose end forgets the settings
            _set(**wanted)
            yield
        return
    outer = _current.get()
    with _lent(wanted, outer.settings() if outer else dict.fromkeys(wanted, "")):
        yield


@contextmanager
def entering(token_hash: str) -> Iterator[None]:
    """A short transaction in which the token with this hash exists: how a program is found, before its scope."""
    with transaction.atomic(), _lent({"token": token_hash}, {"token": ""}):
        yield


class ScopedManager(models.Manager[_Model]):
    """For rows with `company_id` and `firm_id`: a company's lists name the company, a firm's the firm.

    Naming both made PostgreSQL choose a slow plan; naming none scans the policy over every row.
    """

    def get_queryset(self) -> models.QuerySet[_Model]:
        actor = _must()
        rows = super().get_queryset()
        if actor.company is not None:
            return rows.filter(company_id=actor.company.pk)
        return rows.filter(firm_id=actor.firm.pk)


class InvitationManager(ScopedManager[_Model]):
    """For invitations: those of the scope."""

    def unscoped(self) -> models.QuerySet[_Model]:
        """For finding one by its link, inside `roster`; row security still holds."""
        return models.QuerySet(self.model, using=self._db)


class CompanyManager(models.Manager[_Model]):
    """For companies themselves: those that the actor of the scope can see."""

    def get_queryset(self) -> models.QuerySet[_Model]:
        actor = _must()
        rows = super().get_queryset()
        if actor.company is not None:
            return rows.filter(pk=actor.company.pk)
        return rows.filter(firm_id=actor.firm.pk)

    def unscoped(self) -> models.QuerySet[_Model]:
        """For finding an actor, inside `roster`; row security still holds."""
        return super().get_queryset()


class RosterManager(models.Manager[_Model]):
    """For memberships: read inside `roster` while an actor is being found, else inside a scope.

    Row security shows a person's own memberships, and those of the scope.
    """

    def get_queryset(self) -> models.QuerySet[_Model]:
        return super().get_queryset()


def settings_of(**values: Any) -> dict[str, str]:
    """All settings of a scope, the unnamed ones empty."""
    names = [name.removeprefix("fatto.") for name in SETTINGS]
    return {name: str(values.get(name) or "") for name in names}

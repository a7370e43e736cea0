"""What people do: functions that change data, checked, in one transaction, with a trace.

    @action(Can.DOCUMENT_DECIDE)
    def approve(actor, document, *, note=""): …

Actor first, subject second, the rest by keyword. The subject, when it has a `company_id`, must be
of the actor's scope. Call actions inside `with scope(actor):`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from fatto.portal.tenancy import scope, trail
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company
from fatto.portal.tenancy.permissions import Can

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Refusal(Exception):
    """A rule of the house says no. `message` is a translatable sentence for the person."""

    status = 409

    def __init__(self, message: Any) -> None:
        self.message = message
        super().__init__(str(message))


class NotAllowed(Refusal):
    """The actor's role does not include it."""

    status = 403

    def __init__(self, permission: Can) -> None:
        self.permission = permission
        super().__init__(_("Your role does not allow this."))


def require(actor: Actor, permission: Can) -> None:
    """Refuse whoever may not do it.

    Raises:
        NotAllowed: the actor's role does not include it.
    """
    if not actor.can(permission):
        raise NotAllowed(permission)


class OnlyLooking(Refusal):
    """Somebody of the firm looks at a company's pages as the company sees them."""

    status = 403

    def __init__(self) -> None:
        super().__init__(_("You are looking as the client sees it: nothing can be changed here."))


def action(
    permission: Can, *, verb: str | None = None
) -> Callable[[Callable[Concatenate[Actor, _P], _R]], Callable[Concatenate[Actor, _P], _R]]:
    """Make a function a deed: permission checked, one transaction, and, with `verb`, a trail row.

    Without `verb` the body writes its own trail (bulk deeds do). The row's data are the keywords
    that are plain values, and the numbers of the rows that took part.
    """

    def decorate(function: Callable[Concatenate[Actor, _P], _R]) -> Callable[Concatenate[Actor, _P], _R]:
        @wraps(function)
        def deed(actor: Actor, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
            if scope.current() is not actor:
                raise scope.OutsideScope(f"{function.__name__} is called inside `with scope(actor):`.")
            if actor.as_client:
                raise OnlyLooking
            require(actor, permission)
            with transaction.atomic():
                result = function(actor, *args, **kwargs)
                if verb is not None:
                    subject = args[0] if args else result
                    trail.record(
                        actor,
                        verb,
                        company_id=_company_id(subject),
                        document_id=_document_id(subject),
                        data=_plain(subject, kwargs),
                    )
            return result

        deed.is_action = True  # type: ignore[attr-defined]
        return deed

    return decorate


def _plain(subject: object, kwargs: dict[str, Any]) -> dict[str, Any]:
    """What a trail row tells: plain keywords, rows by their number, and the subject where no column has it."""
    data = {key: value for key, value in kwargs.items() if isinstance(value, str | int | bool)}
    data |= {key: value.pk for key, value in kwargs.items() if isinstance(value, models.Model)}
    if isinstance(subject, models.Model) and not isinstance(subject, Company) and _document_id(subject) is None:
        data[str(subject._meta.model_name)] = subject.pk
    return data


def _company_id(subject: object) -> int | None:
    found: int | None = getattr(subject, "company_id", None)
    return subject.pk if isinstance(subject, Company) else found


def _document_id(subject: object) -> int | None:
    found: int | None = getattr(subject, "document_id", None)
    if isinstance(subject, models.Model) and subject._meta.model_name == "document":
        return int(subject.pk)
    return found

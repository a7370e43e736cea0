"""Who calls: the token in `Authorization: Bearer …`, and what it may do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from fatto.portal.programs import tokens
from fatto.portal.programs.tokens import Entrance
from fatto.portal.tenancy.action import NotAllowed
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can


class Bearer(HttpBearer):
    """The only way in. Cookies of the pages do not count here, so that no page can be made to use it."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return tokens.enter(token)


def entrance(request: HttpRequest) -> Entrance:
    """The token that let this request in, with its actor."""
    found = request.auth  # type: ignore[attr-defined]  # ninja sets it
    assert isinstance(found, Entrance)  # noqa: S101 - every operation needs the token
    return found


def actor(request: HttpRequest, need: Can) -> Actor:
    """Whom the request acts as; `NotAllowed` when its token lacks the permission."""
    found = entrance(request).actor
    if not found.can(need):
        raise NotAllowed(need)
    return found

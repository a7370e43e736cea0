"""Tokens at the door: whose they are, and how often they may be used.

The count is a bucket that fills evenly, kept on the token's row: all processes share it, and a request costs one
short transaction.
"""

from __future__ import annotations

import hashlib
import math
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from fatto.portal.programs.models import GRANTS, Token
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy import scope
from fatto.portal.tenancy.actor import Actor, Side

PREFIX = "fatto_"
SHOWN = 12
_FORM = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")


class TooMany(Exception):
    """The token was used too often; `seconds` says when it may be used again."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"too many requests; again in {seconds} s")


@dataclass(frozen=True, slots=True)
class Entrance:
    """A program that came in: its token, and whom it acts as."""

    token: Token
    actor: Actor


def make() -> str:
    """A new token as the person sees it, once."""
    return PREFIX + secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def enter(secret: str) -> Entrance | None:
    """Who shows this token; None when it opens nothing (any more).

    Raises:
        TooMany: it is a good token, used too often.
    """
    if not _FORM.fullmatch(secret):
        return None
    now = timezone.now()
    digest = hashed(secret)
    with scope.entering(digest):
        token = Token.entering.select_for_update(of=["self"]).select_related("firm").filter(hash=digest).first()
        if token is None or token.revoked_at is not None or token.expired:
            return None
        wait = _count(token, now)
        token.save(update_fields=["allowance", "counted_at", "last_used_at"])
    if wait:
        raise TooMany(math.ceil(wait))
    side: Side = "firm" if token.side == "firm" else "company"
    permissions = frozenset().union(*(GRANTS.get(each, frozenset()) for each in token.scopes))
    actor = actors.by_token(
        firm=token.firm,
        company_id=token.company_id,
        side=side,
        name=token.name,
        permissions=permissions,
        maker=token.created_by_id,
    )
    return Entrance(token, actor) if actor is not None else None


def _count(token: Token, now: datetime) -> float:
    """Take one request from the token's allowance; gives the seconds to wait when there is none."""
    most: int = settings.CONFIG.api_rate
    passed = max(0.0, (now - token.counted_at).total_seconds()) if token.counted_at else 60.0
    allowance = min(float(most), token.allowance + passed * most / 60)
    token.counted_at = token.last_used_at = now
    token.allowance = allowance - 1 if allowance >= 1 else allowance
    return 0.0 if allowance >= 1 else (1 - allowance) * 60 / most

"""Tokens and webhooks of a space."""

from __future__ import annotations

from django.db.models import F, QuerySet

from fatto.portal.programs.models import Message, Token, Webhook
from fatto.portal.tenancy import scope


def tokens() -> QuerySet[Token]:
    """The tokens of the actor's company, or those for the whole firm; the ones in use first, then newest first."""
    rows = Token.objects.select_related("created_by")
    actor = scope.current()
    if actor is not None and actor.company is None:
        rows = rows.filter(company=None)
    return rows.order_by(F("revoked_at").desc(nulls_first=True), "-id")


def webhooks() -> QuerySet[Webhook]:
    """The webhooks that the actor's side of its space set up, newest first."""
    actor = scope.current()
    rows = Webhook.objects.order_by("-id")
    if actor is None:
        return rows.none()
    return rows.filter(company=actor.company, side=actor.side)


def messages(webhook: Webhook) -> QuerySet[Message]:
    """What was sent to a webhook, newest first."""
    return Message.objects.filter(webhook=webhook).order_by("-id")

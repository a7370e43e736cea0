"""Webhooks: who is told of what, what was sent, and sending it again."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Status

from fatto.portal.api import schemas
from fatto.portal.api.auth import actor
from fatto.portal.programs import actions, queries
from fatto.portal.programs.models import Message, Webhook
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope

router = Router(tags=["webhooks"])
SIZE = 50


@router.get("", response=schemas.Webhooks)
def list_webhooks(request: HttpRequest) -> Any:
    """The webhooks of the token's company or firm."""
    with scope(actor(request, Can.WEBHOOK_MANAGE)):
        return {"webhooks": [_shown(each) for each in queries.webhooks()]}


@router.post("", response={201: schemas.WebhookWithSecret})
def add_webhook(request: HttpRequest, body: schemas.NewWebhook) -> Any:
    """Tell an address of events. The answer holds the secret that signs the messages; it is not shown again."""
    with scope(actor(request, Can.WEBHOOK_MANAGE)) as who:
        added = actions.add_webhook(who, url=body.url, events=list(body.events))
        return Status(201, {**_shown(added.webhook), "secret": added.secret})


@router.get("/{pk}", response=schemas.Webhook)
def get_webhook(request: HttpRequest, pk: Path[schemas.Id]) -> Any:
    """One webhook, and whether anything arrives there."""
    with scope(actor(request, Can.WEBHOOK_MANAGE)):
        return _shown(queries.webhooks().get(pk=pk))


@router.delete("/{pk}", response={204: None})
def remove_webhook(request: HttpRequest, pk: Path[schemas.Id]) -> Any:
    """Forget an address, and what was sent to it."""
    with scope(actor(request, Can.WEBHOOK_MANAGE)) as who:
        actions.remove_webhook(who, queries.webhooks().get(pk=pk))
    return Status(204, None)


@router.post("/{pk}/resume", response=schemas.Webhook)
def resume_webhook(request: HttpRequest, pk: Path[schemas.Id]) -> Any:
    """Switch on again what was switched off because nothing could be delivered."""
    with scope(actor(request, Can.WEBHOOK_MANAGE)) as who:
        actions.resume_webhook(who, queries.webhooks().get(pk=pk))
        return _shown(queries.webhooks().get(pk=pk))


@router.get("/{pk}/messages", response=schemas.SentMessages)
def list_messages(request: HttpRequest, pk: Path[schemas.Id], query: Query[schemas.Before]) -> Any:
    """What was sent to a webhook, newest first; kept for 30 days."""
    with scope(actor(request, Can.WEBHOOK_MANAGE)):
        rows = queries.messages(queries.webhooks().get(pk=pk))
        found = list((rows.filter(pk__lt=query.before) if query.before else rows)[: SIZE + 1])
    more, found = len(found) > SIZE, found[:SIZE]
    return {"messages": [_message(each) for each in found], "next": found[-1].pk if more else None}


@router.post("/{pk}/messages/{number}/replay", response=schemas.SentMessage)
def replay_message(request: HttpRequest, pk: Path[schemas.Id], number: Path[schemas.Id]) -> Any:
    """Send a message once more, with the same number and body."""
    with scope(actor(request, Can.WEBHOOK_MANAGE)) as who:
        message = queries.messages(queries.webhooks().get(pk=pk)).select_related("webhook").get(pk=number)
        actions.replay(who, message)
        return _message(message)


def _shown(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.pk,
        "url": webhook.url,
        "events": webhook.events,
        "active": webhook.active,
        "failing_since": webhook.failing_since,
        "created_at": webhook.created_at,
        "created_by": webhook.created_by_name,
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "id": message.pk,
        "event": message.event,
        "state": message.state,
        "attempts": message.attempts,
        "status": message.status,
        "trouble": message.trouble,
        "created_at": message.created_at,
        "finished_at": message.finished_at,
        "body": json.loads(message.body),
    }

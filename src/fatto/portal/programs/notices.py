"""Telling programs what happened: from deeds of the trail to signed messages, tried until they arrive."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

import fatto
from fatto.portal.documents import queries
from fatto.portal.documents.models import Document
from fatto.portal.programs import outside, shapes
from fatto.portal.programs.models import Message, Webhook
from fatto.portal.programs.outside import Answer
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy import sealing, trail
from fatto.portal.tenancy.actor import Actor, Side
from fatto.portal.tenancy.models import Deed, Firm
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope

WAITS = (10, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400)
"""Seconds from one attempt to the next; after the last there is none."""
PATIENCE = timedelta(days=2)
"""An address that took nothing for so long is switched off."""
KEEP = timedelta(days=30)
"""So long can a message that is done be sent again."""


def tell(firm: Firm, deeds: Sequence[int]) -> list[int]:
    """Make the messages that deeds of the trail call for, and queue them; gives their numbers.

    Each webhook is told what its own side may see: of a document behind a hard gate the firm's learns nothing.
    """
    with scope(actors.system(firm)):
        rows = list(Deed.objects.filter(pk__in=deeds))
        hooks = list(Webhook.objects.filter(active=True))
    made: list[int] = []
    for hook in hooks:
        mine = {
            row.pk: row
            for row in rows
            if f"document.{row.verb}" in hook.events and hook.company_id in (None, row.company_id)
        }
        actor = _reader(firm, hook) if mine else None
        if actor is not None:
            with scope(actor):
                made += _write(firm, hook, mine)
    return made


def _reader(firm: Firm, hook: Webhook) -> Actor | None:
    side: Side = "firm" if hook.side == "firm" else "company"
    return actors.by_token(
        firm=firm, company_id=hook.company_id, side=side, name=hook.url, permissions=[Can.DOCUMENT_READ]
    )


def _write(firm: Firm, hook: Webhook, deeds: dict[int, Deed]) -> list[int]:
    from fatto.portal.programs import tasks

    there = set(Message.objects.filter(webhook=hook, deed_id__in=deeds).values_list("deed_id", flat=True))
    documents = {row.pk: row for row in queries.some(row.document_id for row in deeds.values() if row.document_id)}
    messages = [
        Message(
            firm_id=firm.pk,
            company_id=hook.company_id,
            webhook=hook,
            deed_id=deed.pk,
            event=f"document.{deed.verb}",
            body=_body(deed, documents[deed.document_id]),
        )
        for deed in deeds.values()
        if deed.pk not in there and deed.document_id in documents
    ]
    Message.objects.bulk_create(messages)
    for each in messages:
        tasks.send.configure(lock=f"message-{each.pk}").defer(firm=firm.pk, message=each.pk)
    return [each.pk for each in messages]


def _body(deed: Deed, document: Document) -> str:
    return json.dumps(
        {
            "event": f"document.{deed.verb}",
            "at": deed.at.isoformat(),
            "by": deed.by_name if deed.by_kind in ("person", "api") else "",
            "document": shapes.document(document),
            **({"comment": deed.data["comment"]} if "comment" in deed.data else {}),
        },
        ensure_ascii=False,
    )


def sign(secret: str, at: int, body: bytes) -> str:
    """The header `Fatto-Signature`: when, and HMAC-SHA256 over `<when>.<body>`."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def send(firm: Firm, number: int) -> None:
    """Try to deliver a message; when it does not arrive, queue the next attempt or give up."""
    with scope(actors.system(firm)):
        message = Message.objects.select_related("webhook").filter(pk=number).first()
        if message is None or message.state != Message.State.WAITING:
            return
        hook = message.webhook
    answer = _attempt(message, hook) if hook.active else Answer(None, "switched-off")
    with scope(actors.system(firm)) as actor:
        _note(actor, message, hook, answer)


def _attempt(message: Message, hook: Webhook) -> Answer:
    body = message.body.encode()
    try:
        signature = sign(sealing.unseal(hook.sealed), int(time.time()), body)
    except sealing.Unsealable:
        return Answer(None, "key-changed")
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"Fatto/{fatto.__version__}",
        "Fatto-Event": message.event,
        "Fatto-Message": str(message.pk),
        "Fatto-Signature": signature,
        "Connection": "close",
    }
    return outside.post(hook.url, body, headers)


def _note(actor: Actor, message: Message, hook: Webhook, answer: Answer) -> None:
    from fatto.portal.programs import tasks

    now = timezone.now()
    message.attempts += 1
    message.status, message.trouble = answer.status, answer.trouble
    if answer.good:
        message.state, message.finished_at = Message.State.DELIVERED, now
        if hook.failing_since is not None:
            Webhook.objects.filter(pk=hook.pk).update(failing_since=None)
    elif message.attempts <= len(WAITS) and hook.active:
        again = tasks.send.configure(lock=f"message-{message.pk}", schedule_in={"seconds": WAITS[message.attempts - 1]})
        again.defer(firm=message.firm_id, message=message.pk)
    else:
        message.state, message.finished_at = Message.State.FAILED, now
    message.save(update_fields=["attempts", "status", "trouble", "state", "finished_at"])
    if not answer.good and hook.active:
        _failing(actor, hook)


def _failing(actor: Actor, hook: Webhook) -> None:
    """Remember since when nothing arrives, and switch off what has been so for long."""
    now = timezone.now()
    Webhook.objects.filter(pk=hook.pk, failing_since=None).update(failing_since=now)
    off = Webhook.objects.filter(pk=hook.pk, active=True, failing_since__lt=now - PATIENCE).update(active=False)
    if off:
        trail.record(actor, "webhook-switched-off", company_id=hook.company_id, data={"url": hook.url})


def forget(firm: Firm) -> int:
    """Remove messages that were done long ago; how many."""
    with scope(actors.system(firm)):
        old = Message.objects.exclude(state=Message.State.WAITING).filter(finished_at__lt=timezone.now() - KEEP)
        return old.delete()[0]

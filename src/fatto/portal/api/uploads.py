"""Handing files in: one a request, of any kind that the pages take, archives of thousands included."""

from __future__ import annotations

import datetime
import re
import threading
import time
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from fatto import i18n
from fatto.portal.api import schemas
from fatto.portal.api.auth import actor, entrance
from fatto.portal.api.problems import Trouble, problem
from fatto.portal.documents import queries, vault
from fatto.portal.documents.models import Delivery, DeliveryItem, Paper
from fatto.portal.programs import actions
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope

router = Router(tags=["uploads"])
CHUNK = 1 << 18
SIZE = 200
"""Items in one answer."""
LONGEST_WAIT = 30
_waiting = threading.BoundedSemaphore(2)
"""Who waits holds a thread of the web server: only a few may, the others are answered at once."""

Outcome = DeliveryItem.Outcome
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_DEFAULTS = {
    Outcome.DUPLICATE: ("already-here", "This document is here already."),
    Outcome.ELSEWHERE: ("other-company", "It names other companies than the one of this token."),
    Outcome.QUARANTINED: ("unknown", "No company of the firm is named in it; it waits for a person in quarantine."),
    Outcome.SKIPPED: ("not-an-invoice", "It is not an invoice."),
    Outcome.UNREADABLE: ("unreadable", "It cannot be read."),
}


class Asked(Schema):
    """How a file is handed in."""

    name: schemas.Word = ""
    """What the file is called; in a form, in place of what it says itself."""
    wait: int = Field(0, ge=0, le=LONGEST_WAIT)
    """Seconds that the answer may wait until the file is worked off."""
    kind: Literal[("", *Paper.Kind.values)] = ""  # type: ignore[valid-type]
    """What a supporting document is. This and the following say nothing of electronic invoices."""
    party: schemas.Word = ""
    number: schemas.Word = ""
    date: datetime.date | None = None
    amount: schemas.Amount | None = None
    currency: Annotated[str, Field(max_length=3, pattern=r"^([A-Za-z]{3})?$")] = ""
    """That of the amount."""


class Looked(Schema):
    """What is asked of an upload."""

    wait: int = Field(0, ge=0, le=LONGEST_WAIT)
    after: Annotated[str, Field(max_length=40, pattern=r"^([0-9]{1,9}\.[0-9]{1,9})?$")] = ""


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                }
            },
        },
    },
    "parameters": [
        {
            "in": "header",
            "name": "Idempotency-Key",
            "required": False,
            "description": "Your own key for this file, best its SHA-256: the same again gets the same answer.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
        }
    ],
}


@router.post("", response={201: schemas.Upload, 202: schemas.Upload}, openapi_extra=_BODY)
def upload(request: HttpRequest, response: HttpResponse, query: Query[Asked]) -> Any:
    """Hand in a file: raw bytes with `name` in the address, or multipart with the field `file`.

    201 when it is done, 202 while it is worked on: look again at the address in `Location`, or `wait` some
    seconds. A single document that is here already is a 409 that names it.
    """
    who = actor(request, Can.DOCUMENT_UPLOAD)
    key = request.headers.get("Idempotency-Key", "").strip()
    if key and not _KEY.fullmatch(key):
        raise Trouble(422, "idempotency-key", "An idempotency key has 1 to 200 visible ASCII characters.")
    named, chunks = _file(request, query.name)
    sha256, size = vault.put_stream(who.firm.pk, chunks)
    if not size:
        raise Trouble(422, "empty", "The file is empty.")
    said = {name: getattr(query, name) for name in ("kind", "party", "number", "date", "amount", "currency")}
    details = {name: str(value) for name, value in said.items() if value not in ("", None)}
    delivery = _hand_in(request, who, name=named, sha256=sha256, size=size, key=key, details=details)
    delivery = _finished(who, delivery, query.wait)
    status = 201 if delivery.state == Delivery.State.DONE else 202
    with scope(who):
        shown = _shown(delivery, "")
    address = reverse("api-v1:get_upload", kwargs={"pk": delivery.pk})
    items = shown["items"]
    if status == 201 and len(items) == 1 and items[0]["outcome"] == Outcome.DUPLICATE:
        conflict = problem(
            409, "already-here", _DEFAULTS[Outcome.DUPLICATE][1], document=items[0]["document"], upload=delivery.pk
        )
        conflict["Location"] = address
        return conflict
    response["Location"] = address
    return Status(status, shown)


def _file(request: HttpRequest, name: str) -> tuple[str, Iterator[bytes]]:
    """The file of a request: its name, and its bytes as they come."""
    most: int = settings.CONFIG.api_megabytes * 1_000_000
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Trouble(415)
    try:
        length = int(request.headers.get("Content-Length") or -1)
    except ValueError:
        length = -1
    if length < 0:
        raise Trouble(411)
    multipart = (request.content_type or "") == "multipart/form-data"
    if length > most + (10_000 if multipart else 0):
        raise Trouble(413, largest=most)
    if not multipart:
        return _named(name), iter(lambda: request.read(CHUNK), b"")
    files = [each for key in request.FILES for each in request.FILES.getlist(key)]
    if len(files) != 1:
        raise Trouble(422, "one-file", "Exactly one file is needed, in the field “file”.")
    if (files[0].size or 0) > most:
        raise Trouble(413, largest=most)
    return _named(name or files[0].name or ""), iter(files[0].chunks())


def _named(name: str) -> str:
    name = name.replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in name if char.isprintable())[-255:].strip() or "upload"


def _hand_in(request: HttpRequest, who: Actor, **what: Any) -> Delivery:
    token = entrance(request).token
    for last in (False, True):
        try:
            with scope(who):
                return actions.hand_in(who, token, **what)
        except IntegrityError:
            # The same key came twice in the same moment: the next try finds the other.
            if last:
                raise
    raise AssertionError("unreachable")


def _finished(who: Actor, delivery: Delivery, seconds: int) -> Delivery:
    """The delivery, done if it becomes so within these seconds and a place to wait is free."""
    until = time.monotonic() + seconds
    pause = 0.1
    delivery = _again(who, delivery.pk)
    if delivery.finished_at is None and seconds and _waiting.acquire(blocking=False):
        try:
            while delivery.finished_at is None and time.monotonic() < until:
                time.sleep(min(pause, max(0.0, until - time.monotonic())))
                pause = min(1.0, pause * 1.5)
                delivery = _again(who, delivery.pk)
        finally:
            _waiting.release()
    return delivery


def _again(who: Actor, pk: int) -> Delivery:
    with scope(who):
        return Delivery.objects.get(pk=pk)


@router.get("/{pk}", response=schemas.Upload)
def get_upload(request: HttpRequest, pk: Path[schemas.Id], query: Query[Looked]) -> Any:
    """What became of a file, with up to 200 of its items from `after` on."""
    who = actor(request, Can.DOCUMENT_UPLOAD)
    delivery = _finished(who, _again(who, pk), query.wait)
    with scope(who):
        return _shown(delivery, query.after)


def _shown(delivery: Delivery, after: str) -> dict[str, Any]:
    rows = DeliveryItem.objects.filter(delivery=delivery).order_by("position", "index")
    if after:
        position, index = (int(part) for part in after.split("."))
        rows = rows.filter(Q(position__gt=position) | Q(position=position, index__gt=index))
    items = list(rows[: SIZE + 1])
    more, items = len(items) > SIZE, items[:SIZE]
    visible = {row.pk for row in queries.some(each.document_id for each in items if each.document_id)}
    return {
        "id": delivery.pk,
        "name": delivery.name,
        "state": delivery.state,
        "counts": queries.outcomes(delivery),
        "items": [_item(each, delivery, visible) for each in items],
        "next": f"{items[-1].position}.{items[-1].index}" if more else "",
        "created_at": delivery.created_at,
        "finished_at": delivery.finished_at,
    }


def _item(item: DeliveryItem, delivery: Delivery, visible: set[int]) -> dict[str, Any]:
    code, sentence = _DEFAULTS.get(Outcome(item.outcome), ("", ""))
    language = get_language() or "en"
    values = {
        name: i18n.translate(value, language) if name == "what" and isinstance(value, str) else value
        for name, value in item.values.items()
    }
    return {
        "name": item.member or delivery.name,
        "outcome": item.outcome,
        "code": item.code or code,
        "message": i18n.translate(item.text, language, **values) if item.text else sentence,
        "document": item.document_id if item.document_id in visible else None,
    }

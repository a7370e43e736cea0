"""Comments on a document: what people and programs said, asked and answered."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest
from ninja import Path, Router, Status

from fatto.portal.api import schemas
from fatto.portal.api.auth import actor
from fatto.portal.api.problems import Trouble
from fatto.portal.conversation import actions
from fatto.portal.conversation import queries as conversation
from fatto.portal.conversation.models import Comment, Kind
from fatto.portal.documents import queries
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope

router = Router(tags=["comments"])
_KEY = re.compile(r"[!-~]{1,200}", re.ASCII)
_HEADER = {
    "parameters": [
        {
            "in": "header",
            "name": "Idempotency-Key",
            "required": False,
            "description": "Your own key for this comment: the same again gets the same answer.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
        }
    ],
}


@router.get("/{pk}/comments", response=schemas.Comments)
def list_comments(request: HttpRequest, pk: Path[schemas.Id]) -> Any:
    """Everything that was said about a document, oldest first."""
    with scope(actor(request, Can.DOCUMENT_READ)):
        return {"comments": [_shape(each) for each in conversation.comments(queries.get(pk))]}


@router.post("/{pk}/comments", response={201: schemas.Comment}, openapi_extra=_HEADER)
def add_comment(request: HttpRequest, pk: Path[schemas.Id], body: schemas.NewComment) -> Any:
    """Comment, ask or answer, on the token's side. The same Idempotency-Key again gives the same comment."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if key and not _KEY.fullmatch(key):
        raise Trouble(422, "idempotency-key", "An idempotency key has 1 to 200 visible ASCII characters.")
    with scope(actor(request, Can.DOCUMENT_COMMENT)) as who:
        document = queries.get(pk)
        how: dict[str, Any] = {"text": body.text, "once": key, "channel": "api"}
        if body.kind == Kind.QUESTION:
            said = actions.ask(who, document, to=body.to, **how)
        elif body.kind == Kind.ANSWER:
            question = conversation.question(document, body.question or 0)
            said = actions.answer(who, document, question=question, **how)
        else:
            said = actions.comment(who, document, **how)
        return Status(201, _shape(said))


def _shape(row: Comment) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "text": row.text,
        "by": row.by_name,
        "side": row.side,
        "at": row.at,
        "to": row.to,
        "question": row.question_id,
        "answered_at": row.answered_at,
        "withdrawn_at": row.withdrawn_at,
        "channel": row.channel,
    }

"""Comments on a document: what people and programs said, asked and answered."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Path, Router
from pydantic import StringConstraints

from fatto.portal.api import schemas
from fatto.portal.api.auth import actor
from fatto.portal.conversation import actions
from fatto.portal.conversation import queries as conversation
from fatto.portal.conversation.models import Comment, Kind
from fatto.portal.documents import queries
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope

router = Router(tags=["comments"])
Key = Annotated[str, StringConstraints(max_length=200, pattern=r"^[\x21-\x7e]*$")]


@router.get("/{pk}/comments", response=schemas.Comments)
def list_comments(request: HttpRequest, pk: Path[schemas.Id]) -> Any:
    """Everything that was said about a document, oldest first."""
    with scope(actor(request, Can.DOCUMENT_READ)):
        return {"comments": [_shape(each) for each in conversation.comments(queries.get(pk))]}


@router.post("/{pk}/comments", response={201: schemas.Comment})
def add_comment(
    request: HttpRequest,
    pk: Path[schemas.Id],
    body: schemas.NewComment,
    idempotency_key: Annotated[Key, Header(alias="Idempotency-Key")] = "",
) -> Any:
    """Comment, ask or answer, on the token's side. The same Idempotency-Key again gives the same comment."""
    with scope(actor(request, Can.DOCUMENT_COMMENT)) as who:
        document = queries.get(pk)
        how: dict[str, Any] = {"text": body.text, "once": idempotency_key, "channel": "api"}
        if body.kind == Kind.QUESTION:
            said = actions.ask(who, document, to=body.to, **how)
        elif body.kind == Kind.ANSWER:
            question = conversation.question(document, body.question or 0)
            said = actions.answer(who, document, question=question, **how)
        else:
            said = actions.comment(who, document, **how)
        return 201, _shape(said)


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

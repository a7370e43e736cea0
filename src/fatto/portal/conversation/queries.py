"""What was said about a document, and what was put beside it by hand."""

from __future__ import annotations

import hashlib

from django.db.models import Q

from fatto.portal.conversation.models import Comment, Kind, Relation
from fatto.portal.documents.models import Document
from fatto.portal.tenancy.actor import Actor


def comments(document: Document) -> list[Comment]:
    """Everything that was said about a document, oldest first; what was withdrawn comes without its text."""
    found = list(Comment.objects.filter(document=document).order_by("id"))
    for each in found:
        if each.withdrawn_at is not None:
            each.text = ""
    return found


def open_questions(document: Document) -> list[Comment]:
    """The questions that wait for an answer, oldest first."""
    if not document.question:
        return []
    rows = Comment.objects.filter(document=document, kind=Kind.QUESTION, answered_at=None, withdrawn_at=None)
    return list(rows.order_by("id"))


def question(document: Document, pk: int) -> Comment:
    """One question about the document; `Comment.DoesNotExist` for anything else."""
    return Comment.objects.get(document=document, kind=Kind.QUESTION, pk=pk)


def comment(document: Document, pk: int) -> Comment:
    """One comment on the document; `Comment.DoesNotExist` for anything else."""
    return Comment.objects.get(document=document, pk=pk)


def said_before(document: Document, actor: Actor, once: str, channel: str) -> bool:
    """Was this already said by the same actor on the same way?"""
    return Comment.objects.filter(document=document, once=mark(actor, once, channel)).exists()


def mark(actor: Actor, once: str, channel: str) -> str:
    """What is kept of the mark that tells a second sending: a hash, each actor's own."""
    return hashlib.sha256(f"{actor.name}\n{channel}\n{once}".encode()).hexdigest() if once else ""


def by_hand(document: Document) -> list[Document]:
    """Documents that somebody put beside this one; those that cannot be seen are not there."""
    rows = Relation.objects.filter(Q(document=document) | Q(other=document)).order_by("-id")
    pks = [row.other_id if row.document_id == document.pk else row.document_id for row in rows[:50]]
    found = {row.pk: row for row in Document.objects.filter(pk__in=pks).select_related("company")}
    return [found[pk] for pk in pks if pk in found]

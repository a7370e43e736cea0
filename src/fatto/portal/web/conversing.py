"""What people say and note on a document, for its viewer: questions, comments, tags, what belongs together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from fatto.portal.conversation import actions, people
from fatto.portal.conversation import queries as conversation
from fatto.portal.conversation.models import Comment, Side
from fatto.portal.conversation.people import Person
from fatto.portal.documents import queries
from fatto.portal.documents.models import Document
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import ROLES, Can
from fatto.portal.web import texts, timeline
from fatto.portal.web.listing import Addresses

WHY: dict[str, Any] = {
    "refers-to": _("This document refers to"),
    "referred-by": _("Referred to by"),
    "order": _("Same order"),
    "despatch": _("Same delivery note"),
    "hand": _("Put together by hand"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that waits, and whether the reader may answer it."""

    comment: Comment
    text: SafeString
    of: str
    """From whom an answer is hoped for, in words."""
    url: str
    mine: bool
    may_answer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Documents that belong to this one for the same reason."""

    label: Any
    documents: list[tuple[Document, str]]
    by_hand: bool = False


def context(actor: Actor, document: Document, urls: Addresses, query: str) -> dict[str, Any]:
    """Everything about conversation and notes that the viewer of a document needs."""
    may_comment = actor.can(Can.DOCUMENT_COMMENT)
    may_tag = actor.can(Can.DOCUMENT_TAG)
    # Who there is to be named is looked up for those who can name somebody, or see somebody named.
    around = people.of(document) if may_comment or document.comments else []
    comments = conversation.comments(document) if document.comments or may_comment else []
    return {
        "events": timeline.events(document, actor, comments, around),
        "questions": [
            _asked(actor, document, each, around) for each in (comments if document.question else ()) if each.waits
        ],
        "may_comment": may_comment,
        "may_tag": may_tag,
        "may_relate": may_tag,
        "mention_names": "\n".join(person.name for person in around if not _is(actor, person.member)),
        "sides": _sides(actor, document, around),
        "once": uuid4().hex,
        "comment_url": _url(document, "comment"),
        "ask_url": _url(document, "ask"),
        "tags_url": _url(document, "tags"),
        "center_url": _url(document, "center"),
        "relate_url": _url(document, "relate"),
        "tag_links": [(tag, urls.desk(f"ask=tag:{_quoted(tag)}")) for tag in document.tags],
        "known_tags": [tag for tag in queries.tags() if tag not in document.tags] if may_tag else [],
        "centers": queries.centers(document.company, also=document.cost_center),
        "related": related(document, urls, query),
    }


def related(document: Document, urls: Addresses, query: str = "") -> list[Group]:
    """What belongs to a document: what the documents say, then what people say."""
    groups: dict[str, list[tuple[Document, str]]] = {}
    for each in queries.related(document):
        groups.setdefault(each.why, []).append((each.document, urls.document(each.document.pk)))
    by_hand = [(other, urls.document(other.pk)) for other in conversation.by_hand(document)]
    found = [Group(label=WHY[why], documents=groups[why]) for why in WHY if why in groups]
    return [*found, Group(label=WHY["hand"], documents=by_hand, by_hand=True)] if by_hand else found


def _asked(actor: Actor, document: Document, comment: Comment, around: list[Person]) -> Asked:
    names = {person.member: person.name for person in around}
    known = [names[member] for member in comment.asked if member in names]
    return Asked(
        comment=comment,
        text=texts.said(comment.text, names.values()),
        of=", ".join(known[:3]) + (" …" if len(known) > 3 else "") if known else str(Side(comment.to).label),
        url=reverse(
            "document-answer",
            kwargs={"company": document.company.slug, "pk": document.pk, "comment": comment.pk},
        ),
        mine=_is(actor, comment.by_id),
        may_answer=actions.may_answer(actor, comment),
    )


def _sides(actor: Actor, document: Document, around: list[Person]) -> list[tuple[str, Any, bool, list[Person]]]:
    """The sides that can be asked: value, name, whether it is the likely one, and its people."""
    other = Side.FIRM if actor.side == "company" else Side.COMPANY
    possible = [side for side in (other, Side(actor.side)) if side != Side.FIRM or document.open_to_firm]
    return [
        (
            side.value,
            side.label,
            place == 0,
            [
                person
                for person in around
                if person.side == side and Can.DOCUMENT_COMMENT in ROLES[person.role] and not _is(actor, person.member)
            ],
        )
        for place, side in enumerate(possible)
    ]


def _is(actor: Actor, member: int | None) -> bool:
    return actor.member is not None and actor.member.pk == member


def _url(document: Document, name: str) -> str:
    return reverse(f"document-{name}", kwargs={"company": document.company.slug, "pk": document.pk})


def _quoted(tag: str) -> str:
    return quote(f'"{tag}"' if " " in tag else tag)

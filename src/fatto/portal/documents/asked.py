"""Whose yes a document waits for, as its columns say: for lists, sentences and the deed itself.

`approvals` writes the columns after the company's policies; nothing here changes anything.
"""

from __future__ import annotations

from django.db.models import Q

from fatto.portal.documents.models import Document
from fatto.portal.documents.states import Approval, Booking
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can

ANYBODY = 0
"""The voice of a program, which is nobody in particular."""


def hand(actor: Actor) -> int | None:
    """The member who is behind a deed: the person, or the one who made the program's token."""
    return actor.member.pk if actor.member is not None else actor.maker


def voices(actor: Actor) -> tuple[int, ...]:
    """The members for whom the actor can speak today: itself first, then those who are away."""
    if actor.kind != "person" or actor.member is None:
        return ()
    return (actor.member.pk, *actor.stands_for)


def voice(actor: Actor, asked: list[int], agreed: list[int]) -> int | None:
    """In whose name the actor may say yes: its own where it can be; None where it may not.

    Nobody gives both of two yeses, neither itself nor through another. A program speaks only where
    nobody in particular is asked.
    """
    me = hand(actor)
    if not actor.can(Can.DOCUMENT_DECIDE) or (me is not None and me in agreed):
        return None
    if not asked:
        return me if actor.kind == "person" and me is not None else ANYBODY
    return next((each for each in voices(actor) if each in asked and each not in agreed), None)


def waits(document: Document) -> bool:
    """Does it wait for the company's word?"""
    return document.approval == Approval.TO_APPROVE and document.booking == Booking.TO_BOOK


def may(actor: Actor, document: Document) -> bool:
    """Does it wait for a yes that this actor may give now?"""
    return waits(document) and voice(actor, document.asked, document.agreed) is not None


def mine(actor: Actor | None) -> Q:
    """The same for lists and for the tally, among documents that wait."""
    if actor is None or not actor.can(Can.DOCUMENT_DECIDE):
        return Q(pk__in=[])
    where = Q(asked=[])
    for each in voices(actor):
        where |= Q(asked__contains=[each]) & ~Q(agreed__contains=[each])
    me = hand(actor)
    return where if me is None else where & ~Q(agreed__contains=[me])

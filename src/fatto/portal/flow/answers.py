"""Letters to the portal: which kind of address a message came to, and an answer becoming a comment.

    take(message)       # bytes of one message; gives what became of it, and never raises for what the message holds

Addresses are `kind+key@` under the domain of `FATTO_MAIL_IN_DOMAIN`; `KINDS` says who takes which kind. What is not
taken is told in the log, without names or texts, and forgotten: a message must never make a second one.
"""

from __future__ import annotations

import hashlib
import logging
import re
import uuid
from collections.abc import Callable, Iterable
from typing import Literal

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.utils import translation
from django.utils.translation import gettext as _

from fatto.envelopes import answer as letters
from fatto.envelopes.answer import Answer
from fatto.envelopes.mail import Part
from fatto.portal.conversation import actions, replies
from fatto.portal.conversation import queries as conversation
from fatto.portal.conversation.models import Comment
from fatto.portal.documents import naming, queries
from fatto.portal.documents.models import Document
from fatto.portal.flow import arrive, mailin
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.action import Refusal
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Member
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope

_log = logging.getLogger("fatto.mail")

LARGEST = 30_000_000
"""Bytes of a message."""
MOST_FILES = 20
Fate = Literal["taken", "ignored"]
Taker = Callable[[bytes, Answer, str], "tuple[Fate, str]"]


def take(message: bytes, recipients: Iterable[str] = ()) -> Fate:
    """Take one message. `recipients` are the addresses it was delivered to, where the mail server told them.

    Trouble with the database passes through, so that the message is tried again.
    """
    if len(message) > LARGEST:
        return _told("ignored", "too-large")
    answer = letters.read(message)
    kind, key = _place([*recipients, *answer.recipients])
    if not kind:
        return _told("ignored", "no-address-of-ours")
    return _told(*KINDS[kind](message, answer, key))


def _told(fate: Fate, code: str) -> Fate:
    _log.info("a letter came in: %s", fate, extra={"event": "mail-in", "code": code})
    return fate


def _place(recipients: Iterable[str]) -> tuple[str, str]:
    """The first address of ours, as its kind and its key; empty when there is none."""
    domain: str | None = settings.CONFIG.mail_in_domain
    for address in recipients:
        local, at, where = address.strip().strip("<>").rpartition("@")
        kind, plus, key = local.partition("+")
        if domain and at and plus and key and where.lower() == domain and kind.lower() in KINDS:
            return kind.lower(), key
    return "", ""


# -- answers -------------------------------------------------------------------------------------------------------


def _answer(message: bytes, answer: Answer, key: str) -> tuple[Fate, str]:
    """An answer to a letter about a document: an answer to its question, else a comment, in the person's name."""
    if answer.automatic:
        return "ignored", "automatic"
    place = replies.read(key)
    if place is None:
        return "ignored", "unknown-address"
    member = Member.objects.filter(pk=place.member, is_active=True).first()
    if member is None or not answer.sender or member.email.lower() != answer.sender:
        return "ignored", "another-sender"
    found = _where(member, place.document)
    if found is None:
        return "ignored", "no-longer-there"
    actor, document = found
    if not actor.can(Can.DOCUMENT_COMMENT):
        return "ignored", "not-allowed"
    files = [part for part in answer.attachments[:MOST_FILES] if part.content]
    if not actor.can(Can.DOCUMENT_UPLOAD):
        files = []
    with translation.override(member.language):
        text = _text(answer.text, [naming.safe(part.name) for part in files])
    if not text:
        return "ignored", "empty"
    once = answer.message_id or hashlib.sha256(text.encode()).hexdigest()
    for part in files:
        _keep(actor, part, once)
    with scope(actor):
        try:
            said = _say(actor, document, text, once)
        except Refusal:
            return "ignored", "refused"
    return "taken", str(said.kind)


def _where(member: Member, pk: int) -> tuple[Actor, Document] | None:
    """The person in the company of a document, as their rights are now; None when they see it no more."""
    for space in actors.spaces(member):
        actor = (
            actors.in_company(member, space.company.slug, device="E-mail")
            if space.company
            else actors.in_firm(member, space.firm.slug, device="E-mail")
        )
        if actor is None:
            continue
        with scope(actor):
            try:
                slug = queries.get(pk).company.slug
            except ObjectDoesNotExist:
                continue
        found = actors.in_company(member, slug, device="E-mail")
        if found is None:
            continue
        with scope(found):
            try:
                return found, queries.get(pk)
            except ObjectDoesNotExist:
                continue
    return None


def _text(written: str, names: list[str]) -> str:
    """What is kept: the words, cut where a comment ends, and what was attached."""
    written = re.sub(r"[ \t]+\n", "\n", written).strip()
    added = _("Attached: %(names)s") % {"names": ", ".join(names)[:1000]} if names else ""
    room = actions.LONGEST - len(added) - 10
    if len(written) > room:
        written = f"{written[:room].rstrip()} …"
    return "\n\n".join(filter(None, (written, added)))


def _keep(actor: Actor, part: Part, once: str) -> None:
    """An attachment goes the way of every upload: read, routed, filed, and never twice."""
    batch = uuid.uuid5(uuid.NAMESPACE_URL, f"mail:{once}")
    arrive.receive(actor, naming.safe(part.name) or "attachment", [part.content], batch, channel="mail")


def _say(actor: Actor, document: Document, text: str, once: str) -> Comment:
    """An answer where a question waits for this person's side, the one that asked it by name first; else a comment."""
    waiting = [each for each in conversation.open_questions(document) if each.to == actor.side]
    mine = actor.member.pk if actor.member else 0
    waiting.sort(key=lambda each: (mine in each.asked, each.pk))
    if waiting and not conversation.said_before(document, actor, once, "mail"):
        return actions.answer(actor, document, question=waiting[-1], text=text, once=once, channel="mail")
    return actions.comment(actor, document, text=text, once=once, channel="mail")


def _documents(message: bytes, answer: Answer, key: str) -> tuple[Fate, str]:
    """Documents sent to a company's own address."""
    if answer.automatic:
        return "ignored", "automatic"
    delivery = mailin.take_documents(message, key)
    return ("ignored", "unknown-address") if delivery is None else ("taken", "documents")


KINDS: dict[str, Taker] = {replies.KIND: _answer, mailin.KIND: _documents}
"""Kind of address → who takes what comes to it: the message as it is, what was read of it, and the key; gives what
became of it, and why."""

"""Saying something about a document, asking and answering; tags, cost centres, and documents that belong together."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery
from django.db.models import F, Func, Q, TextField, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fatto.portal.conversation import people, queries
from fatto.portal.conversation.models import Comment, Kind, Relation, Side
from fatto.portal.documents import words
from fatto.portal.documents.models import CostCenter, Document, Tag
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import Refusal, action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company, Deed
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import whole

LONGEST = 4000
"""Characters of a comment."""
GRACE = timedelta(minutes=10)
"""So long can a comment be withdrawn."""
MOST_TAGS = 20
"""Of one document."""
MOST_RELATED = 50
MOST_CENTERS = 1000
"""Of one company."""


class TextMissing(Refusal):
    """Nothing was said."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Write something first."))


class TextTooLong(Refusal):
    """More than a comment holds."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("The text is longer than 4000 characters. Shorten it, or add it as a file."))


class SideMissing(Refusal):
    """A question goes to one of two sides."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Say whom you ask: the company or the accounting firm."))


class FirmCannotSee(Refusal):
    """Behind a hard gate the firm cannot be asked about what it does not see."""

    def __init__(self) -> None:
        super().__init__(
            _("The accounting firm sees this document only after it is approved, so it cannot answer yet.")
        )


class AlreadyAnswered(Refusal):
    """Somebody was quicker, or it was withdrawn."""

    def __init__(self) -> None:
        super().__init__(_("This question is no longer open. Look at the answer, or write a comment."))


class NotAsked(Refusal):
    """Only who was asked, or who asked, ends a question."""

    status = 403

    def __init__(self) -> None:
        super().__init__(_("This question is for the other side. Write a comment instead."))


class TooLate(Refusal):
    """What others may have read stays."""

    def __init__(self) -> None:
        super().__init__(_("A comment can be withdrawn by its author within ten minutes; this one stays."))


class NoTag(Refusal):
    """A tag is a word."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("A tag has letters or digits, and at most 40 characters."))


class NoCenter(Refusal):
    """Only cost centres of the company's list."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("This cost centre is not in the company’s list."))


# -- comments ------------------------------------------------------------------------------------------------------


@action(Can.DOCUMENT_COMMENT)
def comment(
    actor: Actor, document: Document, *, text: str, once: str = "", channel: str = "page", at: datetime | None = None
) -> Comment:
    """Say something about a document. `once` makes a second sending of the same the same comment."""
    row = Comment(kind=Kind.COMMENT)
    return _say(actor, document, row, text=text, once=once, channel=channel, at=at)


@action(Can.DOCUMENT_COMMENT)
def ask(
    actor: Actor,
    document: Document,
    *,
    text: str,
    to: str,
    members: Iterable[int] = (),
    once: str = "",
    channel: str = "page",
    at: datetime | None = None,
) -> Comment:
    """Ask one side something. Without `members` those are asked whose work it is; others of it may answer too."""
    if to not in Side.values:
        raise SideMissing
    if to == Side.FIRM and not document.open_to_firm:
        raise FirmCannotSee
    row = Comment(kind=Kind.QUESTION, to=to)
    row.asked = list(members)
    return _say(actor, document, row, text=text, once=once, channel=channel, at=at)


@action(Can.DOCUMENT_COMMENT)
def answer(
    actor: Actor,
    document: Document,
    *,
    question: Comment,
    text: str,
    once: str = "",
    channel: str = "page",
    at: datetime | None = None,
) -> Comment:
    """Answer a question: as somebody of the side that was asked, or as who asked and found out otherwise."""
    if not may_answer(actor, question):
        raise NotAsked
    row = Comment(kind=Kind.ANSWER, question=question)
    return _say(actor, document, row, text=text, once=once, channel=channel, at=at)


@action(Can.DOCUMENT_COMMENT)
def withdraw(actor: Actor, document: Document, *, comment: Comment, at: datetime | None = None) -> None:
    """Take one's own comment back, within ten minutes. That it was there stays visible, what it said does not."""
    at = at or timezone.now()
    _lock(document)
    comment.refresh_from_db()
    if comment.withdrawn_at is not None:
        return
    if not may_withdraw(actor, comment, at) or comment.document_id != document.pk:
        raise TooLate
    Comment.objects.filter(pk=comment.pk).update(withdrawn_at=at)
    if comment.question_id is not None:
        others = Comment.objects.filter(question_id=comment.question_id, withdrawn_at=None).order_by("id")
        first = others.values_list("at", flat=True).first()
        Comment.objects.filter(pk=comment.question_id).update(answered_at=first)
    _count(document)
    _record(actor, document, "comment-withdrawn", at, comment=comment.pk)


def may_withdraw(actor: Actor, comment: Comment, at: datetime | None = None) -> bool:
    """Is it the actor's own, and fresh?"""
    own = actor.member is not None and comment.by_id == actor.member.pk
    return own and comment.withdrawn_at is None and (at or timezone.now()) - comment.at <= GRACE


may_withdraw.is_action = True  # type: ignore[attr-defined]  # changes nothing


def may_answer(actor: Actor, question: Comment) -> bool:
    """Is the actor on the side that was asked, or the one who asked?"""
    own = actor.member is not None and question.by_id == actor.member.pk
    return actor.can(Can.DOCUMENT_COMMENT) and (actor.side == question.to or own)


may_answer.is_action = True  # type: ignore[attr-defined]  # changes nothing


def _say(
    actor: Actor, document: Document, row: Comment, *, text: str, once: str, channel: str, at: datetime | None
) -> Comment:
    text = cleaned(text)
    mark = queries.mark(actor, once, channel)
    _lock(document)
    there = Comment.objects.filter(document=document, once=mark).first() if mark else None
    if there is not None:
        return there
    if row.kind == Kind.ANSWER:
        assert row.question is not None  # noqa: S101 - `answer` put it there
        row.question.refresh_from_db()
        if not row.question.waits or row.question.document_id != document.pk:
            raise AlreadyAnswered
    around = people.of(document)
    mine = actor.member.pk if actor.member else 0
    row.mentions = [member for member in people.mentioned(text, around) if member != mine]
    if row.kind == Kind.QUESTION:
        named = {*row.asked, *row.mentions}
        row.asked = [member for member in people.asked(around, row.to, named) if member != mine]
    row.firm_id, row.company_id, row.document = document.firm_id, document.company_id, document
    row.by, row.by_name, row.side = actor.member, actor.name, actor.side
    row.at, row.text, row.channel, row.once = at or timezone.now(), text, channel, mark
    row.save(force_insert=True)
    if row.question_id is not None:
        Comment.objects.filter(pk=row.question_id).update(answered_at=row.at)
    _count(document)
    if row.kind == Kind.QUESTION:
        _record(actor, document, "question-asked", row.at, comment=row.pk, to=str(row.to), members=row.asked)
    elif row.kind == Kind.ANSWER:
        _record(actor, document, "question-answered", row.at, comment=row.pk)
    others = [member for member in row.mentions if member not in row.asked]
    if row.kind == Kind.COMMENT or others:
        _record(actor, document, "commented", row.at, comment=row.pk, mentions=others)
    return row


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def cleaned(text: str) -> str:
    """Plain text: line ends as one, nothing that steers a terminal or turns the direction of writing around.

    Raises:
        TextMissing, TextTooLong
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _CONTROL.sub("", text).strip()
    if not text:
        raise TextMissing
    if len(text) > LONGEST:
        raise TextTooLong
    return text


cleaned.is_action = True  # type: ignore[attr-defined]  # changes nothing


def _lock(document: Document) -> None:
    """One after the other, so that a second sending finds the first."""
    list(Document.objects.filter(pk=document.pk).select_for_update(no_key=True).values_list("pk"))


def _count(document: Document) -> None:
    """The number of comments and whether a question is open, on the document itself: lists look there."""
    standing = Comment.objects.filter(document=document, withdrawn_at=None)
    document.comments = min(standing.count(), 32_767)
    document.question = standing.filter(kind=Kind.QUESTION, answered_at=None).exists()
    Document.objects.filter(pk=document.pk).update(comments=document.comments, question=document.question)


def _record(actor: Actor, document: Document, verb: str, at: datetime | None = None, **data: Any) -> None:
    trail.record(actor, verb, company_id=document.company_id, document_id=document.pk, data=data, at=at)


# -- tags ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Noted:
    """What became of writing a tag or a cost centre on documents."""

    documents: list[Document] = field(default_factory=list)
    skipped: list[tuple[Document, Any]] = field(default_factory=list)
    """Documents that were left out, each with the sentence that says why."""

    @property
    def count(self) -> int:
        return len(self.documents)


@action(Can.DOCUMENT_TAG)
def tag(
    actor: Actor,
    documents: Sequence[Document],
    *,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    at: datetime | None = None,
) -> Noted:
    """Put tags on documents and take others off. A tag is spelled in a company as it was the first time.

    Raises:
        NoTag: something to add is no word, or too long.
    """
    adding, taking = [_named(each) for each in add], {words.tag_key(each) for each in remove}
    adding = [each for each in adding if words.tag_key(each) not in taking]
    done = Noted()
    rows = _locked(documents)
    spelled = {company_id: _spelled(actor, company_id, adding) for company_id in {row.company_id for row in rows}}
    changes: dict[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], list[Document]] = defaultdict(list)
    deeds: list[Deed] = []
    for row in rows:
        kept = [each for each in row.tags if words.tag_key(each) not in taking]
        keys = {words.tag_key(each) for each in kept}
        fresh = [each for key, each in spelled[row.company_id].items() if key not in keys]
        gone = [each for each in row.tags if each not in kept]
        if not fresh and not gone:
            done.skipped.append((row, _("It is tagged so already.") if adding else _("It does not have this tag.")))
            continue
        if len(kept) + len(fresh) > MOST_TAGS:
            done.skipped.append((row, _("It would have more than 20 tags.")))
            continue
        tags: list[str] = sorted(map(str, (*kept, *fresh)), key=str.casefold)
        row.tags = tags
        changes[tuple(tags), tuple(fresh), tuple(gone)].append(row)
        done.documents.append(row)
        data = {"added": fresh, "removed": gone}
        deeds.append(trail.deed(actor, "tagged", company_id=row.company_id, document_id=row.pk, data=data, at=at))
    for (all_tags, fresh_tags, gone_tags), those in changes.items():
        Document.objects.filter(pk__in=[row.pk for row in those]).update(
            tags=list(all_tags),
            words=_reworded(
                without=[words.tag_word(each) for each in gone_tags], plus=[words.tag_word(each) for each in fresh_tags]
            ),
        )
    trail.record_all(deeds)
    _forget_unused({row.company_id for row in done.documents}, taking)
    _follow(documents, done)
    return done


def _named(text: str) -> str:
    name = " ".join(_CONTROL.sub("", unicodedata.normalize("NFC", text)).replace(",", " ").split()).lstrip("#").strip()
    if not words.tag_key(name) or len(name) > 40:
        raise NoTag
    return name


def _locked(documents: Iterable[Document]) -> list[Document]:
    """The rows as they are now, held until the transaction ends; always in one order."""
    rows = Document.objects.filter(pk__in=[each.pk for each in documents]).order_by("pk")
    return list(rows.select_for_update(no_key=True).only("pk", "firm", "company", "tags", "cost_center", "name"))


def _follow(documents: Iterable[Document], done: Noted) -> None:
    """The rows that the caller holds say the same, and it is those that are told of."""
    held = {each.pk: each for each in documents}
    for row in done.documents:
        held[row.pk].tags, held[row.pk].cost_center = row.tags, row.cost_center
    done.documents = [held[row.pk] for row in done.documents]
    done.skipped = [(held[row.pk], why) for row, why in done.skipped]


def _spelled(actor: Actor, company_id: int, names: Sequence[str]) -> dict[str, str]:
    """How a company spells these tags, by key; new ones as they were typed."""
    wanted = {words.tag_key(name): name for name in names}
    rows = [Tag(firm_id=actor.firm.pk, company_id=company_id, name=name, key=key) for key, name in wanted.items()]
    Tag.objects.bulk_create(rows, ignore_conflicts=True)
    return dict(Tag.objects.filter(company_id=company_id, key__in=wanted).values_list("key", "name"))


def _forget_unused(companies: Iterable[int], keys: Iterable[str]) -> None:
    """A tag that no document has any more is not suggested. Documents behind a gate count."""
    with whole():
        for company_id in companies:
            for key in keys:
                tsquery = SearchQuery(words.tag_word(key), config="simple", search_type="raw")
                rows = Document._base_manager.filter(company_id=company_id, words=tsquery)
                if key and not rows.exists():
                    Tag.objects.filter(company_id=company_id, key=key).delete()


def _reworded(*, without: list[str], plus: list[str]) -> Func:
    """The words of a document without some and with others; of words that are text, the tsvector keeps its places."""
    texts = ArrayField(TextField())
    empty = Func(F("words"), Value(""), template="coalesce(%(expressions)s::tsvector)")
    gone = Func(empty, Value(without, output_field=texts), function="ts_delete")
    return Func(
        gone,
        Func(Value(plus, output_field=texts), function="array_to_tsvector"),
        template="%(expressions)s",
        arg_joiner=" || ",
    )


# -- cost centres --------------------------------------------------------------------------------------------------


@action(Can.DOCUMENT_TAG)
def set_center(actor: Actor, documents: Sequence[Document], *, code: str, at: datetime | None = None) -> Noted:
    """Write a cost centre on documents; an empty code takes it off.

    Raises:
        NoCenter: a company of one of the documents has none of this code, or it cannot be chosen any more.
    """
    done = Noted()
    rows = _locked(documents)
    key = words.tag_key(code)
    companies = {row.company_id for row in rows}
    known = {
        each.company_id: each for each in CostCenter.objects.filter(company_id__in=companies, key=key, active=True)
    }
    if code.strip() and (not key or companies - known.keys()):
        raise NoCenter
    changes: dict[tuple[str, str], list[Document]] = defaultdict(list)
    deeds: list[Deed] = []
    for row in rows:
        center = known.get(row.company_id) if key else None
        to = center.code if center else ""
        if row.cost_center == to:
            done.skipped.append((row, _("It has this cost centre already.") if to else _("It has no cost centre.")))
            continue
        data = {"center": to, "name": center.name if center else "", "before": row.cost_center}
        changes[row.cost_center, to].append(row)
        row.cost_center = to
        done.documents.append(row)
        verb = "cost-center-set"
        deeds.append(trail.deed(actor, verb, company_id=row.company_id, document_id=row.pk, data=data, at=at))
    for (before, to), those in changes.items():
        Document.objects.filter(pk__in=[row.pk for row in those]).update(
            cost_center=to,
            words=_reworded(
                without=[words.center_word(before)] if before else [], plus=[words.center_word(to)] if to else []
            ),
        )
    trail.record_all(deeds)
    _follow(documents, done)
    return done


@action(Can.COMPANY_MANAGE)
def save_center(actor: Actor, company: Company, *, code: str, name: str = "", active: bool = True) -> CostCenter:
    """Add a cost centre to a company's list, or rename or retire the one with this code."""
    code, name = " ".join(_CONTROL.sub("", code).split()), " ".join(_CONTROL.sub("", name).split())[:100]
    key = words.tag_key(code)
    if not key or len(code) > 20:
        raise Refusal(_("A cost centre has a code of letters or digits, at most 20."))
    rows = CostCenter.objects.filter(company=company)
    center = rows.filter(key=key).first()
    if center is None:
        if rows.count() >= MOST_CENTERS:
            raise Refusal(_("There are as many cost centres as there can be."))
        center = CostCenter(firm_id=company.firm_id, company=company, code=code, key=key)
    elif (center.name, center.active) == (name, active):
        return center
    center.name, center.active = name, active
    center.save()
    data = {"code": center.code, "name": name, "active": active}
    trail.record(actor, "cost-center-saved", company_id=company.pk, data=data)
    return center


# -- documents that belong together --------------------------------------------------------------------------------


@action(Can.DOCUMENT_TAG)
def relate(actor: Actor, document: Document, *, other: Document, at: datetime | None = None) -> Relation:
    """Say that two documents of a company belong together."""
    if other.pk == document.pk or other.company_id != document.company_id:
        raise Refusal(_("Choose another document of the same company."))
    first, second = sorted((document.pk, other.pk))
    either = Q(document=document) | Q(other=document)
    if Relation.objects.filter(either).count() >= MOST_RELATED:
        raise Refusal(_("This document has as many related ones as there can be."))
    row, made = Relation.objects.get_or_create(
        document_id=first,
        other_id=second,
        defaults={
            "firm_id": document.firm_id,
            "company_id": document.company_id,
            "by": actor.member,
            "by_name": actor.name,
            "at": at or timezone.now(),
        },
    )
    if made:
        for one, two in ((document, other), (other, document)):
            _record(actor, one, "related", at, other=two.pk, number=two.number or two.name)
    return row


@action(Can.DOCUMENT_TAG)
def unrelate(actor: Actor, document: Document, *, other: Document) -> None:
    """Take back that two documents belong together."""
    first, second = sorted((document.pk, other.pk))
    gone, _rows = Relation.objects.filter(document_id=first, other_id=second).delete()
    if gone:
        for one, two in ((document, other), (other, document)):
            _record(actor, one, "unrelated", other=two.pk, number=two.number or two.name)

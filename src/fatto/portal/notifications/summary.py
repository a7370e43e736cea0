"""What notices say at the moment they are looked at or sent: counts and rows of what still waits, as their person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import F
from django.urls import reverse

from fatto.portal.documents.models import Document
from fatto.portal.notifications import links
from fatto.portal.notifications.kinds import BY_KEY, Kind
from fatto.portal.notifications.models import Item, Notice
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Firm, Member
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import roster, scope

ROWS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A document in a mail."""

    kind: Kind
    document: Document
    company: str
    url: str
    decide: bool
    """Does the address lead to a page that asks for yes or no?"""


@dataclass(slots=True, kw_only=True)
class Part:
    """What there is of one kind in one place."""

    kind: Kind
    firm: Firm | None
    place: str
    """Where: the company's name, else the firm's."""
    count: int
    text: str
    url: str
    rows: list[Row] = field(default_factory=list)


def parts(member: Member, notices: Iterable[Notice], now: datetime, *, tokens: bool = True) -> list[Part]:
    """What still is to be said, most pressing kinds first. What was done meanwhile, or may not be seen, is left out.

    With `tokens`, documents that wait for a decision get a link of their own; else the addresses of their pages.
    """
    grouped: dict[tuple[str, int | None, int | None], list[Notice]] = {}
    for notice in notices:
        grouped.setdefault((notice.kind, notice.firm_id, notice.company_id), []).append(notice)
    found: list[Part] = []
    left = ROWS
    order = list(BY_KEY)
    for (key, _firm, company_id), mine in sorted(grouped.items(), key=lambda each: order.index(each[0][0])):
        kind = BY_KEY[key]
        if kind.said is not None:
            found += [_said(kind, notice) for notice in mine]
            continue
        firm = mine[0].firm
        actor = None
        if firm is not None:
            actor = actors.at_company(member, company_id) if company_id else actors.in_firm(member, firm.slug)
        if actor is None:
            continue
        with scope(actor):
            part = _part(actor, kind, mine, left, now, tokens)
        if part is not None:
            left -= len(part.rows)
            found.append(part)
    return found


def _said(kind: Kind, notice: Notice) -> Part:
    assert kind.said is not None  # noqa: S101 - asked for by the caller
    url = reverse("me") if kind.key == "device" else reverse("landing")
    name = actors.names([notice.company_id]).get(notice.company_id, "") if notice.company_id else str(notice.firm or "")
    return Part(kind=kind, firm=notice.firm, place=name, count=1, text=kind.said(notice.data), url=absolute(url))


def _part(actor: Actor, kind: Kind, notices: list[Notice], most: int, now: datetime, tokens: bool) -> Part | None:
    items = Item.objects.filter(notice__in=notices)
    rows: list[Row] = []
    count = sum(notice.count for notice in notices)
    if items.filter(document_id__isnull=False).exists():
        if not kind.may(actor):
            return None
        waiting = Document.objects.filter(kind.waits, pk__in=items.values("document_id"))
        count = waiting.count()
        if not count:
            return None
        first = waiting.select_related("company").defer("invoice", "findings", "signers", "words")
        decides = kind.decides and actor.can(Can.DOCUMENT_DECIDE)
        for document in first.order_by(F("due_date").asc(nulls_last=True), "pk")[: max(0, most)]:
            linked = decides and tokens and not document.alerts
            rows.append(
                Row(
                    kind=kind,
                    document=document,
                    company=document.company.name,
                    url=absolute(_address(actor, document, linked, now)),
                    decide=decides,
                )
            )
    return Part(
        kind=kind,
        firm=actor.firm,
        place=str(actor.company or actor.firm),
        count=count,
        text=kind.many(count),
        url=absolute(place(actor, kind)),
        rows=rows,
    )


def _address(actor: Actor, document: Document, linked: bool, now: datetime) -> str:
    if linked:
        return reverse("notice-link", kwargs={"token": links.make(actor, document.pk, now=now)})
    return reverse("document", kwargs={"company": document.company.slug, "pk": document.pk})


def place(actor: Actor, kind: Kind) -> str:
    """The page where all of a kind can be looked after."""
    if actor.company is not None:
        kwargs = {"company": actor.company.slug}
        if kind.at == "connection":
            return reverse("company-connection", kwargs=kwargs)
        if kind.decides and actor.can(Can.DOCUMENT_DECIDE):
            return reverse("company-approve", kwargs=kwargs)
        if kind.key == "disputed":
            return f"{reverse('company-documents', kwargs=kwargs)}?view=disputed"
        return reverse("company-home", kwargs=kwargs)
    return reverse("firm-connections" if kind.at == "connection" else "firm-today", kwargs={"firm": actor.firm.slug})


def absolute(path: str) -> str:
    """The whole address, for mails."""
    return f"{settings.URL.rstrip('/')}{path}"


def waiting_for_digest(member: Member) -> list[Notice]:
    """What the next digest tells of."""
    with roster(member=member.pk):
        rows = Notice.objects.filter(member=member, digest=True, told_at=None).select_related("firm")
        return list(rows.order_by("pk"))


def where(member: Member, notice: Notice) -> str:
    """The page where a notice can be looked after: of one document its own, else the list; else the landing."""
    kind = BY_KEY[notice.kind]
    actor = None
    if notice.firm is not None and kind.said is None:
        number = notice.company_id
        actor = actors.at_company(member, number) if number else actors.in_firm(member, notice.firm.slug)
    if actor is None:
        return reverse("me") if kind.key == "device" else reverse("landing")
    with scope(actor):
        items = Item.objects.filter(notice=notice, document_id__isnull=False)
        documents = Document.objects.filter(pk__in=items.values("document_id")).select_related("company")
        found = list(documents.only("pk", "company__slug")[:2])
        if len(found) == 1 and items.count() == 1:
            return reverse("document", kwargs={"company": found[0].company.slug, "pk": found[0].pk})
        return place(actor, kind)

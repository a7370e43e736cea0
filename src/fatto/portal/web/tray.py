"""What became of files that were handed in: numbers for all, a line for each that needs a person's eye."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import get_language, gettext

from fatto import i18n
from fatto.portal.documents import queries
from fatto.portal.documents.actions import CORRECTED, OTHER_AMOUNT
from fatto.portal.documents.models import Delivery, DeliveryItem, Quarantined
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web import judging

Outcome = DeliveryItem.Outcome
SIZE = 100
FILES = 200
"""Deliveries of a batch that are listed one by one."""
FEW = 60
"""Up to so many results all are listed; beyond, only those that are not simply accepted."""

TONES = {
    Outcome.ACCEPTED: ("done", "circle-check"),
    Outcome.DUPLICATE: ("neutral", "copy"),
    Outcome.ELSEWHERE: ("waiting", "building-2"),
    Outcome.QUARANTINED: ("waiting", "circle-question-mark"),
    Outcome.SKIPPED: ("neutral", "file-minus"),
    Outcome.UNREADABLE: ("action", "triangle-alert"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One result in words."""

    name: str
    tone: str
    icon: str
    label: Any
    text: str = ""
    url: str = ""
    link: str = ""

    @property
    def tone_class(self) -> str:
        return f"tone-{self.tone}"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many results of a kind, with the address that lists them."""

    outcome: str
    label: Any
    tone: str
    icon: str
    count: int
    chosen: bool = False

    @property
    def tone_class(self) -> str:
        return f"tone-{self.tone}"


@dataclass(slots=True, kw_only=True)
class Tray:
    """A batch as it stands."""

    deliveries: list[Delivery]
    more_deliveries: int
    total: int
    waiting: int
    """Files that are not done yet."""
    failed: list[Delivery]
    seen: int
    """Contents that are done."""
    tallies: list[Tally] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    only_problems: bool = False
    outcome: str = ""
    next: str = ""
    issued: judging.Table | None = None
    """What the official rules say of the issued invoices among them."""

    @property
    def finished(self) -> int:
        return self.total - self.waiting

    @property
    def done(self) -> bool:
        return self.waiting == 0


def recent(actor: Actor, limit: int = 8) -> list[tuple[Delivery, str]]:
    """The latest files, each with the address of its batch."""
    return [(each, _address(actor, each.batch)) for each in queries.deliveries(limit=limit)]


def of_batch(
    actor: Actor, batch: UUID, *, outcome: str = "", after: str = "", verdict: str = "", page: int = 1
) -> Tray | None:
    """Everything about the files that were handed in together; None when there are none of the actor's."""
    deliveries = queries.deliveries(batch, limit=10_000)
    if not deliveries:
        return None
    deliveries.reverse()
    kinds = {
        row["outcome"]: row["n"]
        for row in DeliveryItem.objects.filter(delivery__in=[each.pk for each in deliveries])
        .values("outcome")
        .annotate(n=Count("pk"))
    }
    outcome = outcome if outcome in Outcome.values else ""
    total = sum(kinds.values())
    found = Tray(
        deliveries=deliveries[:FILES],
        more_deliveries=max(0, len(deliveries) - FILES),
        total=len(deliveries),
        waiting=sum(each.state in (Delivery.State.WAITING, Delivery.State.RUNNING) for each in deliveries),
        failed=[each for each in deliveries if each.state == Delivery.State.FAILED],
        seen=sum(each.seen for each in deliveries),
        outcome=outcome,
        only_problems=not outcome and total > FEW,
        tallies=[
            Tally(str(kind), kind.label, *TONES[kind], kinds[kind], kind == outcome)
            for kind in Outcome
            if kinds.get(kind)
        ],
    )
    wanted = [outcome] if outcome else [kind for kind in Outcome if kind != Outcome.ACCEPTED or not found.only_problems]
    if not outcome:
        found.issued = judging.issued(deliveries, state=verdict, page=page)
    found.lines, found.next = _lines(actor, deliveries, wanted, after, but_issued=found.issued is not None)
    return found


def _lines(
    actor: Actor, deliveries: list[Delivery], outcomes: list[Any], after: str, *, but_issued: bool
) -> tuple[list[Line], str]:
    names = {each.pk: each for each in deliveries}
    rows = DeliveryItem.objects.filter(delivery__in=names, outcome__in=outcomes)
    if but_issued:  # they stand in a table of their own
        rows = rows.exclude(judging.ISSUED, outcome=Outcome.ACCEPTED)
    if place := _place(after):
        delivery, position, index = place
        rows = rows.filter(
            Q(delivery_id__gt=delivery)
            | Q(delivery_id=delivery, position__gt=position)
            | Q(delivery_id=delivery, position=position, index__gt=index)
        )
    items = list(rows.order_by("delivery_id", "position", "index")[: SIZE + 1])
    more, items = len(items) > SIZE, items[:SIZE]
    visible = {each.pk: each for each in queries.some(each.document_id for each in items if each.document_id)}
    strays = _strays(items, names)
    lines = [_line(actor, item, names[item.delivery_id], visible.get(item.document_id or 0), strays) for item in items]
    last = items[-1] if items else None
    return lines, _cursor(last) if more and last else ""


def _strays(items: list[DeliveryItem], deliveries: dict[int, Delivery]) -> set[tuple[int | None, str, int]]:
    """Those of the items that wait in quarantine now, by company, name and place."""
    places = {(item.company_id, item.member or deliveries[item.delivery_id].name, item.index) for item in items}
    names = {name for _, name, _ in places}
    rows = Quarantined.objects.filter(
        Q(member__in=names) | Q(member="", name__in=names), state=Quarantined.State.OPEN
    ).values_list("company_id", "member", "name", "index")
    return places & {(company, member or name, index) for company, member, name, index in rows}


def _line(
    actor: Actor, item: DeliveryItem, delivery: Delivery, document: Any, strays: set[tuple[int | None, str, int]]
) -> Line:
    tone, icon = TONES[Outcome(item.outcome)]
    name = item.member or delivery.name
    text = i18n.translate(item.text, get_language() or "en", **_values(item)) if item.text else ""
    url = link = ""
    if document is not None:
        url = reverse("document", kwargs={"company": document.company.slug, "pk": document.pk})
        parts = (document.party_name, document.number)
        link = " · ".join(part for part in parts if part) or document.name
        if actor.company is None:
            text = text or document.company.name
    elif item.document_id and item.outcome == Outcome.ACCEPTED:
        text = gettext("You will see it after the company’s approval.")
    elif item.outcome == Outcome.ELSEWHERE and item.code == "moved":
        text = gettext("It was moved to another company.")
    elif item.outcome == Outcome.ELSEWHERE:
        text = text or gettext("It names other companies than this one. It waits for your accountant, who files it.")
    elif item.outcome == Outcome.QUARANTINED:
        text = text or gettext("No company of the firm is named in it.")
    if item.code == OTHER_AMOUNT and document is not None:  # of what cannot be seen no amount is told either
        tone, icon = "action", "triangle-alert"
        text = gettext("Number and date are the same, the amount is not. This file is kept, but not filed: compare.")
    if item.code == CORRECTED and document is not None:
        text = gettext("It replaces the earlier file of this invoice; that one is kept in its history.")
    strayed = (item.company_id, item.member or delivery.name, item.index) in strays
    if strayed and not url and actor.can(Can.QUARANTINE_ROUTE):
        url, link = reverse("firm-quarantine", kwargs={"firm": actor.firm.slug}), gettext("Open the quarantine")
    return Line(name, tone, icon, Outcome(item.outcome).label, text, url, link)


def _values(item: DeliveryItem) -> dict[str, object]:
    values = dict(item.values)
    if isinstance(values.get("what"), str):  # itself a marked text of the library
        values["what"] = i18n.translate(values["what"], get_language() or "en")
    return values


def _address(actor: Actor, batch: UUID) -> str:
    if actor.company is not None:
        return reverse("company-upload-batch", kwargs={"company": actor.company.slug, "batch": batch})
    return reverse("firm-upload-batch", kwargs={"firm": actor.firm.slug, "batch": batch})


def _cursor(item: DeliveryItem) -> str:
    return base64.urlsafe_b64encode(json.dumps([item.delivery_id, item.position, item.index]).encode()).decode()


def _place(cursor: str) -> tuple[int, int, int] | None:
    try:
        delivery, position, index = json.loads(base64.urlsafe_b64decode(cursor)) if cursor else (None, 0, 0)
        return (int(delivery), int(position), int(index)) if delivery is not None else None
    except (ValueError, TypeError):
        return None

"""From deeds of the trail to notices: who is concerned, may see it now, and was not told yet.

Whether somebody is told is asked as that person: its actor in the company, under its row security. Hard gates,
assigned companies, and what an employee sees are thereby what they are everywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from fatto.portal.documents.models import Document
from fatto.portal.notifications import hours, kinds, outbox
from fatto.portal.notifications.kinds import BY_KEY, BY_VERB, Kind
from fatto.portal.notifications.models import Item, Notice, Seen
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Deed, Firm, Member, Membership
from fatto.portal.tenancy.permissions import Role
from fatto.portal.tenancy.scope import roster, scope


def tell(firm: Firm, numbers: Sequence[int], *, at: datetime | None = None) -> None:
    """Make the notices that deeds call for, and put on their way what goes out. Again, it makes nothing new."""
    now = at or timezone.now()
    with scope(actors.system(firm)):
        deeds = list(Deed.objects.filter(pk__in=numbers, verb__in=BY_VERB).order_by("pk"))
        _who_asked(deeds)
        deeds = _without_those_asked_by_name(deeds)
        companies = {deed.company_id for deed in deeds if deed.company_id is not None}
        seats = list(
            Membership.objects.filter(firm=firm, member__is_active=True)
            .filter(Q(company_id__in=companies) | Q(company=None))
            .select_related("member")
        )
        persons = {number for deed in deeds for number in BY_VERB[deed.verb].persons(deed)}
        members = {seat.member_id: seat.member for seat in seats}
        members |= Member.objects.filter(is_active=True).in_bulk(persons - set(members))
    concerned: dict[tuple[int, int | None], list[Deed]] = defaultdict(list)
    for deed in deeds:
        kind = BY_VERB[deed.verb]
        for number in kind.persons(deed):
            concerned[(number, deed.company_id)].append(deed)
        found = {seat.member_id for seat in seats if _sits(seat, deed.company_id) and kind.who(deed, seat)}
        for number in found:
            concerned[(number, deed.company_id)].append(deed)
    for (number, company_id), mine in concerned.items():
        if number in members:
            _tell_one(members[number], firm, company_id, mine, now)


def login(member: Member, device: str, *, at: datetime | None = None) -> None:
    """Somebody logged in: from a device never seen before it is told, but for the very first."""
    now = at or timezone.now()
    kind = BY_KEY["device"]
    with transaction.atomic():
        with roster(member=member.pk):
            known = set(Seen.objects.filter(member=member).values_list("device", flat=True))
            if device in known:
                return
            row = Seen.objects.create(member=member, device=device)
        notice = _alone(member, None, None, kind, {"device": device}, f"seen-{row.pk}", now) if known else None
        if notice is not None:
            outbox.plan(member, notice, kind, hours.of(member), now)


def _who_asked(deeds: Iterable[Deed]) -> None:
    """Beside each answer, who asked: it is not in the answer's own row."""
    for deed in deeds:
        before = kinds.ASKED_BEFORE.get(deed.verb)
        if before is None:
            continue
        rows = Deed.objects.filter(verb=before, company=deed.company_id, pk__lt=deed.pk)
        if deed.document_id is not None:
            rows = rows.filter(document_id=deed.document_id)
        if "export" in deed.data:
            rows = rows.filter(data__export=deed.data["export"])
        asked = rows.order_by("-pk").values_list("by_id", flat=True).first()
        deed.data = deed.data | {"asked-by": [asked] if asked else []}


def _without_those_asked_by_name(deeds: list[Deed]) -> list[Deed]:
    """Arrivals, but for documents whose approval certain people were asked for: those alone are told then."""
    arrived = [deed.document_id for deed in deeds if deed.verb == "arrived"]
    companies = {deed.company_id for deed in deeds if deed.verb == "arrived" and deed.company_id}
    named = set(
        Deed.objects.filter(company_id__in=companies, document_id__in=arrived, verb="approval-asked").values_list(
            "document_id", flat=True
        )
    )
    return [deed for deed in deeds if deed.verb != "arrived" or deed.document_id not in named]


def _sits(seat: Membership, company_id: int | None) -> bool:
    """Does the seat look on that company, or on the firm itself?"""
    if seat.company_id is not None:
        return seat.company_id == company_id
    return company_id is None or seat.role == Role.FIRM_OWNER or company_id in seat.companies


def _tell_one(member: Member, firm: Firm, company_id: int | None, deeds: list[Deed], now: datetime) -> None:
    by_kind: dict[str, list[Deed]] = defaultdict(list)
    for deed in deeds:
        by_kind[BY_VERB[deed.verb].key].append(deed)
    for key, mine in by_kind.items():
        kind = BY_KEY[key]
        if kind.must:
            _tell_of_oneself(member, firm, company_id, kind, mine, now)
            continue
        actor = actor_of(member, firm, company_id)
        if actor is None or not kind.may(actor):
            continue
        with scope(actor):
            _tell_here(actor, member, kind, mine, now)


def actor_of(member: Member, firm: Firm, company_id: int | None) -> Actor | None:
    """Whom a person acts as, now, where something happened."""
    if company_id is not None:
        return actors.at_company(member, company_id)
    return actors.in_firm(member, firm.slug)


def _tell_of_oneself(
    member: Member, firm: Firm, company_id: int | None, kind: Kind, deeds: list[Deed], now: datetime
) -> None:
    """Of what concerns the person itself: each deed is a notice, whatever role is left."""
    for deed in deeds:
        with transaction.atomic():
            data = {"verb": deed.verb, "role": deed.data.get("role")}
            notice = _alone(member, firm, company_id, kind, data, f"deed-{deed.pk}", now)
            if notice is not None:
                outbox.plan(member, notice, kind, hours.of(member), now)


def _alone(
    member: Member,
    firm: Firm | None,
    company_id: int | None,
    kind: Kind,
    data: dict[str, Any],
    source: str,
    now: datetime,
) -> Notice | None:
    """A notice of its own for one deed; None when it was told before."""
    with roster(member=member.pk):
        if Item.objects.filter(member=member, kind=kind.key, source=source).exists():
            return None
        notice = Notice.objects.create(
            member=member,
            firm=firm,
            company_id=company_id,
            kind=kind.key,
            count=1,
            data=data,
            at=now,
            last_at=now,
            closed_at=now,
        )
        Item.objects.create(notice=notice, member=member, kind=kind.key, source=source)
        return notice


def _tell_here(actor: Actor, member: Member, kind: Kind, deeds: list[Deed], now: datetime) -> None:
    """Within the person's scope: those of the deeds that it may see and that are still true."""
    told = Item.objects.filter(member=member, kind=kind.key, source__in=[f"deed-{deed.pk}" for deed in deeds])
    there = set(told.values_list("source", flat=True))
    fresh = [deed for deed in deeds if f"deed-{deed.pk}" not in there]
    wanted = [deed.document_id for deed in fresh if deed.document_id is not None]
    due = dict(Document.objects.filter(kind.waits, pk__in=wanted).values_list("pk", "due_date"))
    clock = hours.of(member)
    today = now.astimezone(clock.zone).date()
    soon = today + timedelta(days=kinds.URGENT_DAYS)
    by_urgency: dict[bool, list[Deed]] = defaultdict(list)
    for deed in fresh:
        if deed.document_id is None:
            by_urgency[False].append(deed)
        elif deed.document_id in due:
            day = due[deed.document_id]
            by_urgency[kind.decides and day is not None and today <= day <= soon].append(deed)
    for urgent, mine in by_urgency.items():
        notice = _add(actor, member, kind, urgent, mine, now)
        if notice is not None:
            outbox.plan(member, notice, kind, clock, now)


def _add(actor: Actor, member: Member, kind: Kind, urgent: bool, deeds: list[Deed], now: datetime) -> Notice | None:
    """Count deeds into the notice that is open, or into a new one."""
    company_id = actor.company.pk if actor.company else None
    alike = Notice.objects.filter(
        member=member, firm=actor.firm, company=company_id, kind=kind.key, urgent=urgent, closed_at=None
    )
    notice = alike.select_for_update(of=["self"]).first()
    known: set[int] = set()
    if notice is not None:
        found = Item.objects.filter(notice=notice).values_list("document_id", flat=True)
        known = {number for number in found if number is not None}
    items = []
    for deed in deeds:
        if deed.document_id is not None and deed.document_id in known:
            continue  # it stands there already and was not told yet
        if deed.document_id is not None:
            known.add(deed.document_id)
        items.append(Item(member=member, kind=kind.key, source=f"deed-{deed.pk}", document_id=deed.document_id))
    if not items:
        return None
    if notice is None:
        notice = Notice.objects.create(
            member=member, firm=actor.firm, company_id=company_id, kind=kind.key, urgent=urgent, at=now, last_at=now
        )
    for item in items:
        item.notice = notice
    Item.objects.bulk_create(items, batch_size=500)
    notice.count += len(items)
    notice.last_at = now
    notice.save(update_fields=["count", "last_at"])
    return notice

"""Watching over connections and boxes: what ends soon, what fails, what would be lost. Told as deeds, each in time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from fatto.portal.exchange import keys, queries, services
from fatto.portal.exchange.models import Box, Connection, Message
from fatto.portal.exchange.states import Held
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Firm
from fatto.portal.tenancy.scope import scope

WARNINGS = (30, 14, 7, 1)
"""Days before a login ends."""
SOON = 7
"""From so many days on it is pressing."""
AGAIN = timedelta(days=3)
"""So often one is told of the same trouble while it lasts."""
AHEAD = timedelta(hours=1)


def look(firm: Firm, now: datetime | None = None) -> None:
    """All of it for a firm. Again in the same hour, it tells nothing twice."""
    now = now or timezone.now()
    with scope(actors.system(firm)) as actor:
        _logins(actor, now)
        _silence(actor, now)
        _deletions(actor, now)


def to_renew(firm: Firm, now: datetime | None = None) -> list[int]:
    """Connections whose pair of tokens should be renewed."""
    with scope(actors.system(firm, kind="channel")):
        return list(Connection.objects.filter(keys.due(now or timezone.now())).values_list("pk", flat=True))


def _logins(actor: Actor, now: datetime) -> None:
    for row in Connection.objects.filter(queries.to_warn(now)):
        assert row.login_until is not None  # noqa: S101 - the query asks for it
        left = max(0, (row.login_until - now).days)
        step = min(each for each in WARNINGS if left <= each)
        if row.warned is not None and row.warned <= step:
            continue
        Connection.objects.filter(pk=row.pk).update(warned=step)
        trail.record(
            actor,
            "connection-expiring" if left > SOON else "connection-ending",
            company_id=row.company_id,
            data={
                "connection": row.pk,
                "channel": row.channel,
                "name": row.authorised_name,
                "days": left,
                "until": row.login_until.isoformat(),
            },
            at=now,
        )


def _silence(actor: Actor, now: datetime) -> None:
    """Nothing succeeded for days, something that is listed does not come, or the list itself does not come whole."""
    boxes = Box.objects.filter(paused=False, connection__isnull=False, company__active=True)
    long_ago = now - queries.SILENT
    silent = boxes.annotate(since=Greatest("last_success", "created_at", "connection__authorised_at"))
    gaps = boxes.annotate(since=queries.WHOLE_SINCE)
    stuck = boxes.filter(pk__in=Message.objects.filter(state=Held.LISTED, found_at__lte=long_ago).values("box_id"))
    found: dict[int, tuple[Box, datetime | None]] = {box.pk: (box, None) for box in stuck}
    found |= {box.pk: (box, box.since) for box in gaps.filter(since__lte=long_ago)}
    found |= {box.pk: (box, box.since) for box in silent.filter(since__lte=long_ago)}
    # What is well again is told anew when it fails anew.
    Box.objects.filter(alarmed_at__isnull=False).exclude(pk__in=found).update(alarmed_at=None)
    for box, since in found.values():
        # A moment that is yet to come was written when the clock was wrong.
        if box.alarmed_at is not None and now - AGAIN < box.alarmed_at <= now + AHEAD:
            continue
        Box.objects.filter(pk=box.pk).update(alarmed_at=now)
        trail.record(
            actor,
            "sync-failing",
            company_id=box.company_id,
            data={
                "box": box.pk,
                "channel": box.channel,
                "since": since.isoformat() if since else "",
                "code": box.error_code,
            },
            at=now,
        )


def _deletions(actor: Actor, now: datetime) -> None:
    """What the authority will delete soon and is not here."""
    for channel, keeps in ((each.code, each.keeps) for _country, each in services.types()):
        if keeps is None:
            continue
        rows = (
            Message.objects.filter(box__channel=channel, state=Held.LISTED, at__lte=now - keeps + queries.NEAR)
            .filter(Q(box__warned_at=None) | Q(box__warned_at__lte=now - AGAIN) | Q(box__warned_at__gt=now + AHEAD))
            .values("box_id", "company_id")
            .annotate(n=Count("pk"), oldest=Min("at"))
            .order_by("box_id")
        )
        for row in list(rows):
            told = {"channel": channel, "count": row["n"]}
            _tell_of_deletion(actor, row["box_id"], row["company_id"], told, row["oldest"] + keeps, now)
        _unseen(actor, channel, keeps, now)


def _unseen(actor: Actor, channel: str, keeps: timedelta, now: datetime) -> None:
    """A box that nobody looks into any more, paused or let go: what came since is deleted soon, and nobody knows it.

    Told while the authority still keeps what came first, so that going on closes the gap.
    """
    near = now - keeps + queries.NEAR
    boxes = (
        Box.objects.filter(Q(paused=True) | Q(connection=None), channel=channel, company__active=True)
        .filter(Q(warned_at=None) | Q(warned_at__lte=now - AGAIN))
        .annotate(seen=Coalesce("listed_until", "created_at"))
        .filter(seen__lte=near, seen__gt=now - keeps - AGAIN)
        .order_by("pk")
    )
    for box in list(boxes):
        told = {"channel": channel, "count": 0, "paused": box.paused}
        _tell_of_deletion(actor, box.pk, box.company_id, told, box.seen + keeps, now)


def _tell_of_deletion(
    actor: Actor, box: int, company: int, told: dict[str, object], gone: datetime, now: datetime
) -> None:
    """Of a box's messages the first is `gone` from the authority then."""
    Box.objects.filter(pk=box).update(warned_at=now)
    days = max(0, (gone - now).days)
    trail.record(actor, "deletion-near", company_id=company, data={"box": box, **told, "days": days}, at=now)

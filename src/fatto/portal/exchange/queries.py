"""What can be asked of connections, boxes and messages."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from fatto import countries
from fatto.portal.exchange import services
from fatto.portal.exchange.models import Box, Connection, Day, Message, OAuthState, Probe, Receipt, Run
from fatto.portal.exchange.states import ANOTHER, Connected, Held
from fatto.portal.tenancy.models import Company, Member
from fatto.portal.tenancy.scope import entering, whole

LATE = timedelta(hours=1)
"""So long after its end a day is looked at once more: messages are listed late."""
SILENT = timedelta(days=3)
"""After so long without a success people are told."""
NEAR = timedelta(days=10)
"""What the authority deletes within so long, and is not here, people are told of."""


def hashed(text: str) -> str:
    """What is kept of a secret that is only compared."""
    return hashlib.sha256(text.encode()).hexdigest()


def tax_id(company: Company) -> str:
    """What an authority knows a company by: the digits of its VAT number, else of its tax number."""
    for text in (company.vat_id, company.tax_id):
        if digits := re.sub(r"\D", "", text or ""):
            return digits
    return ""


def came_back(member: Member, state: str, session: str) -> OAuthState | None:
    """The login that a state belongs to: this person's, begun in this session, not over, not used.

    Called outside a scope.
    """
    with entering(hashed(state)):
        return OAuthState.entering.filter(
            hash=hashed(state),
            session=hashed(session),
            member=member,
            used_at=None,
            expires_at__gt=timezone.now(),
        ).first()


def connections() -> list[Connection]:
    """Those of the space that are not ended, newest last."""
    return list(Connection.objects.exclude(state=Connected.ENDED).order_by("pk"))


def boxes() -> list[Box]:
    """The boxes of the space, by the company's name."""
    return list(Box.objects.select_related("company", "connection").order_by("company__name", "pk"))


def connectable() -> list[Company]:
    """Companies of the space whose country has a channel."""
    countries_with = {country.code for country, _ in services.types()}
    return list(Company.objects.filter(active=True, country__in=countries_with).order_by("name"))


def probes(connection: Connection) -> list[Probe]:
    """What was found out about rights, by the company's name."""
    return list(Probe.objects.filter(connection=connection).select_related("company").order_by("company__name"))


def run_at_work(box: Box) -> Run | None:
    """The run of a box that is not over."""
    return Run.objects.filter(box=box, state__in=[Run.State.WAITING, Run.State.RUNNING]).first()


def last_runs(boxes: Iterable[Box]) -> dict[int, Run]:
    """The last run of each box."""
    rows = Run.objects.filter(box__in=[box.pk for box in boxes]).order_by("box_id", "-pk").distinct("box_id")
    return {row.box_id: row for row in rows}


def parked() -> int:
    """How many messages need a look."""
    return Message.objects.filter(state=Held.PARKED).count()


def messages(state: str = "", before: int = 0, limit: int = 100) -> list[Message]:
    """The messages of the space, newest first; `before` is the last one of the page before."""
    rows = Message.objects.select_related("document", "company", "file").defer("document__invoice", "document__words")
    if state in Held.values:
        rows = rows.filter(state=state)
    last = Message.objects.filter(pk=before).first() if before else None
    if last is not None:
        rows = rows.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    return list(rows.order_by("-at", "-pk")[:limit])


def receipts(document_id: int) -> list[Receipt]:
    """The files that prove something about a document, oldest first."""
    return list(Receipt.objects.filter(document_id=document_id).select_related("file", "message").order_by("at", "pk"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What was listed and is not here yet."""

    count: int = 0
    oldest: datetime | None = None
    left: int | None = None
    """Whole days until the authority deletes the oldest."""


def backlogs(now: datetime | None = None) -> dict[int, Backlog]:
    """By box; boxes without one are not in it."""
    now = now or timezone.now()
    with whole():
        rows = list(
            Message.objects.filter(state=Held.LISTED)
            .values("box_id", "box__channel")
            .annotate(n=Count("pk"), oldest=Min("at"))
        )
    found = {}
    for row in rows:
        keeps = services.find(row["box__channel"]).keeps
        left = max(0, (row["oldest"] + keeps - now).days) if keeps else None
        found[row["box_id"]] = Backlog(count=row["n"], oldest=row["oldest"], left=left)
    return found


# Completeness -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One day: what the authority listed, what is held, and whether the day was looked at to its end."""

    date: date
    listed: int = 0
    held: int = 0
    lost: int = 0
    looked_at: datetime | None = None
    ended: bool = False
    """Was the whole day, and a while after, compared with the authority's list?"""

    @property
    def missing(self) -> int:
        return self.listed - self.held

    @property
    def complete(self) -> bool:
        return self.ended and self.missing == 0

    @property
    def light(self) -> str:
        """`done`, `waiting` for a day not proved yet, `action` where something is missing."""
        if self.missing:
            return "action"
        return "done" if self.ended else "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month of a box, day by day up to today."""

    box: Box
    first: date
    days: tuple[Proof, ...]
    over: bool
    parked: int = 0
    """Of what is held, messages that are not filed, for somebody should look at them."""

    @property
    def listed(self) -> int:
        return sum(day.listed for day in self.days)

    @property
    def held(self) -> int:
        return sum(day.held for day in self.days)

    @property
    def lost(self) -> int:
        return sum(day.lost for day in self.days)

    @property
    def open(self) -> tuple[Proof, ...]:
        """Days that are not proved, or of which something is missing."""
        return tuple(day for day in self.days if not day.complete)

    @property
    def complete(self) -> bool:
        """Is nothing missing in it? Only of a month that is over."""
        return self.over and bool(self.days) and not self.open

    @property
    def missing(self) -> int:
        return self.listed - self.held

    @property
    def light(self) -> str:
        if self.missing:
            return "action"
        return "done" if not [day for day in self.days if not day.ended] else "waiting"


def months(boxes: Iterable[Box], first: date, now: datetime | None = None) -> list[Month]:
    """The same month of several boxes. Counts alone: gates hide contents, not that something is complete."""
    now = now or timezone.now()
    after = next_month(first)
    rows: dict[int, dict[date, Day]] = defaultdict(dict)
    boxes = list(boxes)
    for day in Day.objects.filter(box__in=[box.pk for box in boxes], date__gte=first, date__lt=after):
        rows[day.box_id][day.date] = day
    parked = _parked(boxes, first, after)
    found = []
    for box in boxes:
        zone = ZoneInfo(countries.find(box.company.country).time_zone)
        today = now.astimezone(zone).date()
        days = []
        each = first
        while each < after and each <= today:
            row = rows[box.pk].get(each)
            days.append(_proof(each, row, zone) if row is not None else Proof(date=each))
            each += timedelta(days=1)
        found.append(Month(box=box, first=first, days=tuple(days), over=after <= today, parked=parked[box.pk]))
    return found


def _parked(boxes: Iterable[Box], first: date, after: date) -> Counter[int]:
    """By box: messages of the month that are held and not filed."""
    zones: dict[ZoneInfo, list[int]] = defaultdict(list)
    for box in boxes:
        zones[ZoneInfo(countries.find(box.company.country).time_zone)].append(box.pk)
    found: Counter[int] = Counter()
    with whole():
        for zone, pks in zones.items():
            begins, ends = (datetime.combine(each, datetime.min.time(), zone) for each in (first, after))
            rows = Message.objects.filter(
                box__in=pks, state=Held.PARKED, file__isnull=False, at__gte=begins, at__lt=ends
            )
            rows = rows.exclude(error_code=ANOTHER)
            found.update(dict(rows.values("box_id").annotate(n=Count("pk")).values_list("box_id", "n")))
    return found


def next_month(first: date) -> date:
    """The first day of the month after."""
    return (first + timedelta(days=32)).replace(day=1)


def _proof(day: date, row: Day, zone: ZoneInfo) -> Proof:
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
    return Proof(
        date=day,
        listed=row.listed,
        held=row.held,
        lost=row.lost,
        looked_at=row.looked_at,
        ended=row.looked_at is not None and row.looked_at >= end + LATE,
    )


# Health -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A company's box as it does."""

    company: Company
    box: Box | None
    connection: Connection | None = None
    run: Run | None = None
    backlog: Backlog = field(default_factory=Backlog)

    @property
    def tone(self) -> str:
        """`done`, `progress`, `waiting` for what needs no hand yet, `action` for what does, `neutral` for none."""
        if self.box is None or self.box.connection_id is None:
            return "neutral"
        if self.box.paused:
            return "neutral"
        trouble = self.box.rights_lost_at or (self.connection and self.connection.state != Connected.ACTIVE)
        if trouble or self.silent or self.gap:
            return "action"
        if self.run is not None and self.run.state in (Run.State.WAITING, Run.State.RUNNING):
            return "progress"
        if self.box.error_code:
            return "waiting"
        return "done" if self.box.last_success else "progress"

    @property
    def silent(self) -> bool:
        """Did nothing succeed for days?"""
        assert self.box is not None  # noqa: S101 - only asked where there is one
        since = self.box.last_success or self.box.created_at
        return timezone.now() - since >= SILENT

    @property
    def gap(self) -> bool:
        """Was all that the authority keeps not listed for days, so that nobody knows what may be missing?"""
        assert self.box is not None  # noqa: S101 - only asked where there is one
        since = [self.box.whole_at, self.box.created_at, self.connection.authorised_at if self.connection else None]
        return timezone.now() - max(each for each in since if each is not None) >= SILENT


def health() -> list[Health]:
    """Every company of the space that could have a box, by name."""
    by_company = {box.company_id: box for box in boxes()}
    runs = last_runs(by_company.values())
    found = backlogs()
    rows: list[Health] = []
    for company in connectable():
        box = by_company.get(company.pk)
        rows.append(
            Health(
                company=company,
                box=box,
                connection=box.connection if box else None,
                run=runs.get(box.pk) if box else None,
                backlog=found.get(box.pk, Backlog()) if box else Backlog(),
            )
        )
    return rows


WHOLE_SINCE = Greatest("whole_at", "created_at", "connection__authorised_at")
"""Of a connected box: since when all that the authority keeps is listed, or might have been. See `Health.gap`."""


def in_trouble(now: datetime | None = None) -> int:
    """How many boxes of the space bring nothing until somebody does something."""
    now = now or timezone.now()
    rows = Box.objects.filter(paused=False, connection__isnull=False, company__active=True)
    rows = rows.annotate(
        since=Greatest("last_success", "created_at"),
        whole_since=WHOLE_SINCE,
    )
    stuck = Q(rights_lost_at__isnull=False) | ~Q(connection__state=Connected.ACTIVE) | Q(since__lte=now - SILENT)
    stuck |= Q(whole_since__lte=now - SILENT)
    return rows.filter(stuck).count()


def ending(now: datetime | None = None) -> int:
    """How many logins of the space end within a month."""
    return Connection.objects.filter(to_warn(now or timezone.now())).count()


def to_warn(now: datetime) -> Q:
    """Connections whose login ends within the longest warning."""
    return Q(state=Connected.ACTIVE, login_until__lte=now + timedelta(days=30))

"""Looking into a company's box at its authority: list, fetch, keep, open, file, say what came of it.

    with a run noted:  list → note each message once → fetch → vault → open → file → attach

Everything between two calls is a transaction of its own, and nothing waits for the network inside one. What was done
is read from the rows themselves, so a worker may be killed anywhere: the run that takes over finds messages listed,
stored or opened, and goes on. The connection decides which boxes there are; what is done happens in a scope that holds
the box's company alone.
"""

from __future__ import annotations

import hashlib
import json
import logging
import random
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

import fatto
from fatto import countries, envelopes
from fatto.channels.channel import (
    Channel,
    ChannelError,
    ChannelType,
    Damaged,
    Expired,
    Incoming,
    Kind,
    Limit,
    Listing,
    LoginNeeded,
    Rights,
    Temporary,
)
from fatto.channels.channel import Message as Opened
from fatto.channels.seal import Seal
from fatto.country import Country
from fatto.envelopes.enclosed import Enclosed
from fatto.errors import FattoError
from fatto.portal.documents import vault
from fatto.portal.documents.actions import OTHER_AMOUNT, Filed
from fatto.portal.documents.models import Delivery, Document, File
from fatto.portal.documents.routing import Register
from fatto.portal.documents.states import Transmission as DocumentState
from fatto.portal.exchange import keys, services
from fatto.portal.exchange.models import Box, Connection, Message, Note, Receipt, Run, Transmission
from fatto.portal.exchange.states import ANOTHER, LIVE, Connected, Held, Written
from fatto.portal.flow import arrive, issue
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import Refusal, action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company, Firm
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope

_T = TypeVar("_T")

QUEUE = "sync"
"""Of these jobs a worker does one less at a time than it could; see `worker.Shared`."""
SLICE = 30.0
"""Seconds that a run works at a time; then others have their turn."""
GROUP = 25
GROUP_BYTES = 16 << 20
WRITERS = 4
"""Files are flushed to the disk beside one another: each waits for it, and nothing else does."""
NOTED = 500
FARTHEST = timedelta(days=2)
"""Further off no rule of ours puts a next try: such a moment was written when the clock was wrong."""
WHOLE = timedelta(hours=20)
"""So often all that the authority keeps is listed, which closes every gap."""
GIVES_UP = 3
"""After so many failures one after another, the authority is not well: later."""
JUST_NOW = timedelta(seconds=30)
_log = logging.getLogger("fatto.exchange")

INVOICES = frozenset({Kind.RECEIVED, Kind.ISSUED})
LETTERS = frozenset({Kind.BUYER_MESSAGE_RECEIVED, Kind.BUYER_MESSAGE_SENT})


# Asking for a run ---------------------------------------------------------------------------------


class Blocked(Refusal):
    """The authority takes no more calls for now."""

    def __init__(self, until: datetime) -> None:
        moment = timezone.localtime(until)
        super().__init__(
            gettext_lazy("The authority’s limit is reached. It goes on by itself at %(time)s.")
            % {"time": f"{moment:%H:%M}"}
        )


class NotConnected(Refusal):
    """There is no way into the box."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("This company is not connected: somebody must log in at the authority first."))


class LookedJustNow(Refusal):
    """It was looked into a moment ago."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("It was looked into a moment ago. Everything that was there is here."))


class Paused(Refusal):
    """Somebody wants nothing to be fetched for now."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("Fetching is paused for this company."))


@action(Can.CONNECTION_SYNC)
def ask(actor: Actor, box: Box, *, among: bool = False) -> Run:
    """Look into a box now, because a person wants to; gives the run that is at work, or a new one.

    Before all others, unless it is one `among` many: nobody waits for those.
    """
    box = Box.objects.select_related("connection").get(pk=box.pk)
    if box.paused:
        raise Paused
    if box.connection is None or box.connection.state != Connected.ACTIVE:
        raise NotConnected
    now = timezone.now()
    if box.blocked_until is not None and now < box.blocked_until < now + FARTHEST:
        raise Blocked(box.blocked_until)
    run, made = _wanted(box, actor, urgent=not among)
    if made and box.last_success is not None and now - box.last_success < JUST_NOW:
        run.delete()
        raise LookedJustNow
    return run


def due(firm: Firm, now: datetime | None = None) -> int:
    """Queue a run for every box of a firm whose time has come; gives how many.

    A time that no rule of ours gives was written when the clock was wrong, and none at all by a release before.
    """
    now = now or timezone.now()
    never = now + max(FARTHEST, timedelta(hours=2 * settings.CONFIG.sync_hours))
    blocked = Q(blocked_until__gt=now, blocked_until__lte=never)
    wanted = Q(next_run__lte=now) | Q(next_run=None) | (Q(next_run__gt=never) & ~blocked)
    with scope(actors.system(firm, kind="channel")) as actor:
        rows = Box.objects.filter(wanted, paused=False, connection__state=Connected.ACTIVE, company__active=True)
        rows = rows.order_by(F("next_run").asc(nulls_first=True))
        return sum(_wanted(box, actor)[1] for box in rows.select_related("company"))


def _wanted(box: Box, actor: Actor, *, urgent: bool = False) -> tuple[Run, bool]:
    """The run of a box that is not over, made and queued when there is none."""
    for last in (False, False, True):
        found = Run.objects.filter(box=box, state__in=[Run.State.WAITING, Run.State.RUNNING]).first()
        if found is not None:
            if urgent:
                _hurry(found)
            return found, False
        try:
            with transaction.atomic():
                run = Run.objects.create(firm_id=box.firm_id, company_id=box.company_id, box=box, by=actor.member)
        except IntegrityError:  # another made one in the same moment, which may be over by now
            if last:
                raise
            continue
        queue(run, urgent=urgent)
        return run, True
    raise AssertionError("the last try returns or raises")


NOW, LATER = 0, -10
"""Priorities on the queue: everything else has `NOW`, and what nobody waits for comes after it."""


def queue(run: Run, *, urgent: bool = False) -> None:
    """Have a run done, in the transaction that is open. What somebody waits for comes first, but only its beginning."""
    app.configure_task(
        "fatto.sync_box", queue=QUEUE, lock=f"box-{run.box_id}", priority=NOW if urgent else LATER
    ).defer(firm=run.firm_id, run=run.pk)


def _hurry(run: Run) -> None:
    """Somebody waits for a run that was queued for later."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update procrastinate_jobs set priority = %s where task_name = 'fatto.sync_box' and status = 'todo'"
            " and priority < %s and args ->> 'run' = %s",
            [NOW, NOW, str(run.pk)],
        )


# One run ------------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Work:
    """A run at work: whose box, by which way, until when."""

    actor: Actor
    run: Run
    box: Box
    company: Company
    way: keys.Way | None
    """To the authority; None where only what is here already is opened."""
    country: Country
    type: ChannelType
    ends: float
    """By the monotonic clock: then it is another's turn."""
    anchors: Sequence[bytes] | None = None
    """Read when the first seal is looked at."""
    failures: int = 0
    """Messages that could not be fetched, one after another."""
    doubts: int = 0
    """Of these, those that had not failed before."""

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.ends


def work(firm: Firm, run_id: int, *, seconds: float = SLICE) -> bool:
    """Do a run, or a slice of it; False when there is more to do. Safe to call again, or after a kill."""
    found = _begin(firm, run_id, seconds)
    if found is None:
        return True
    try:
        if found.run.listed_at is None:
            _list(found)
        _verify_again(found)
        whole = _open_stored(found) and _fetch(found)
    except ChannelError as error:
        _failed(found, error)
        return True
    if not whole:
        with scope(found.actor):
            queue(found.run)
        return False
    _done(found)
    return True


def alone(firm: Firm, company: Company) -> Actor:
    """The portal at work for one company: nothing of any other exists for it."""
    everybody = actors.system(firm, kind="channel")
    return replace(everybody, company=company, companies=(company.pk,))


def _begin(firm: Firm, run_id: int, seconds: float) -> Work | None:
    with scope(actors.system(firm, kind="channel")):
        run = Run.objects.select_related("box__company", "box__connection").get(pk=run_id)
    if run.state in (Run.State.DONE, Run.State.FAILED):
        return None
    box, way = run.box, run.box.connection
    actor = alone(firm, box.company)
    now = timezone.now()
    with scope(actor):
        if box.paused:
            Run.objects.filter(pk=run.pk).update(
                state=Run.State.FAILED, finished_at=now, error_code="paused", error_text=_PAUSED
            )
            Box.objects.filter(pk=box.pk, paused=True).update(next_run=None)
            return None
        if way is None or way.state != Connected.ACTIVE or way.firm_id != firm.pk:
            error: ChannelError = keys.login_needed("")
            Run.objects.filter(pk=run.pk).update(state=Run.State.FAILED, finished_at=now, **keys.trouble(error))
            Box.objects.filter(pk=box.pk).update(next_run=None if way is None else now + _interval())
            return None
        Run.objects.filter(pk=run.pk).update(state=Run.State.RUNNING, started_at=Coalesce(F("started_at"), Value(now)))
        Box.objects.filter(pk=box.pk).update(last_run=now)
    return _work_on(box, run, actor, keys.Way(actor, box, way), seconds)


def _work_on(box: Box, run: Run, actor: Actor, way: keys.Way | None, seconds: float) -> Work:
    return Work(
        actor=actor,
        run=run,
        box=box,
        company=box.company,
        way=way,
        country=services.country_of(box.channel),
        type=services.find(box.channel),
        ends=time.monotonic() + seconds,
    )


_PAUSED = _("Fetching was paused. What came before that is here.")


def _call(work: Work, call: Callable[[Channel], _T]) -> _T:
    """One call with the connection's key; with a new one when it is refused."""
    assert work.way is not None  # noqa: S101 - who calls the authority has one
    return work.way.call(call)


# Listing ------------------------------------------------------------------------------------------


def _list(work: Work) -> None:
    now = timezone.now()
    box, keeps = work.box, work.type.keeps or timedelta(days=60)
    start = now - keeps
    # A time that is yet to come was written when the clock was wrong: it says nothing.
    known = box.listed_until if box.listed_until is not None and box.listed_until <= now else None
    if known is not None and box.whole_at is not None and timedelta(0) <= now - box.whole_at < WHOLE:
        start = max(start, known - work.type.overlap)
    listing = _call(work, lambda channel: channel.messages(box.tax_id, start, now))
    entries = [*listing.messages, *_unreadable(listing)]
    with scope(work.actor):
        # What became of it when the run was killed before: noted anew.
        fresh = sum(_note(work, entries[at : at + NOTED]) for at in range(0, len(entries), NOTED))
        _count_days(work.box, listing)
        seen: dict[str, Any] = {"rights_lost_at": None}
        if listing.complete:
            seen["listed_until"] = listing.end
            if listing.start <= now - keeps + timedelta(hours=1):
                seen["whole_at"] = now
        Box.objects.filter(pk=box.pk).update(**seen)
        # The numbers of a run are added to, for it may be noted in several lives.
        Run.objects.filter(pk=work.run.pk).update(
            listed=len(entries), fresh=F("fresh") + fresh, errors=len(listing.unreadable), listed_at=now
        )


def _note(work: Work, entries: Sequence[Incoming]) -> int:
    """Write down messages that were not known; gives how many."""
    known = set(
        Message.objects.filter(box=work.box, number__in=[each.id for each in entries]).values_list("number", flat=True)
    )
    rows = [
        Message(
            firm_id=work.box.firm_id,
            company_id=work.box.company_id,
            box=work.box,
            number=each.id[:60],
            kind=each.kind,
            reference=_plain(each.reference)[:60],
            at=each.at,
            label=_plain(each.label)[:100],
            official=_plain(each.official)[:2000],
        )
        for each in {each.id: each for each in entries}.values()
        if each.id not in known
    ]
    for row in rows:
        if row.number.startswith(_STRANGE):
            row.state, row.error_code, row.error_text = Held.PARKED, "not-understood", _NOT_UNDERSTOOD
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _plain(text: str) -> str:
    """A text as PostgreSQL takes it: without NUL, and without halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _trouble(error: ChannelError) -> dict[str, object]:
    """As `keys.trouble`, of whatever the authority wrote."""
    found = keys.trouble(error)
    values = found["error_values"]
    assert isinstance(values, dict)  # noqa: S101 - it makes one
    found["error_values"] = {name: _plain(each) if isinstance(each, str) else each for name, each in values.items()}
    found["error_official"] = _plain(error.official)[:4000]
    return found


_STRANGE = "?"
_NOT_UNDERSTOOD = _("The authority lists something that Fatto does not understand. The administrator has been told.")


def _unreadable(listing: Listing) -> list[Incoming]:
    """Entries that nobody understands, as messages that are parked at once."""
    found = []
    for entry in listing.unreadable:
        _log.error("an entry of a list is not understood", extra={"event": "exchange"})
        digest = hashlib.sha256(entry.encode("utf-8", "replace")).hexdigest()
        found.append(
            Incoming(id=f"{_STRANGE}{digest[:40]}", kind=Kind.UNKNOWN, reference="", at=listing.end, official=entry)
        )
    return found


def _count_days(box: Box, listing: Listing | None = None, dates: Iterable[datetime] = ()) -> None:
    """Bring the days of a box up to date: those of a list that was read, or those on which `dates` fall."""
    zone_name = countries.find(box.company.country).time_zone
    zone = ZoneInfo(zone_name)
    moments = [listing.start, listing.end] if listing is not None else list(dates)
    if not moments:
        return
    first = min(moments).astimezone(zone).date()
    last = max(moments).astimezone(zone).date()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into exchange_day (firm_id, company_id, box_id, date, listed, held, lost)
            select %(firm)s, %(company)s, %(box)s, day.date, count(m.id),
                   count(m.id) filter (where m.state in ('stored', 'opened', 'parked') and m.file_id is not null
                                             and (m.state <> 'parked' or m.error_code <> %(another)s)),
                   count(m.id) filter (where m.state = 'expired')
            from (select generate_series(%(first)s::date, %(last)s::date, '1 day')::date as date) day
            left join exchange_message m on m.box_id = %(box)s and m.company_id = %(company)s
                 and m.at >= day.date::timestamp at time zone %(zone)s
                 and m.at < (day.date + 1)::timestamp at time zone %(zone)s
                 and not starts_with(m.number, %(strange)s)
            group by day.date
            on conflict (company_id, box_id, date)
            do update set listed = excluded.listed, held = excluded.held, lost = excluded.lost
            """,
            {
                "firm": box.firm_id,
                "company": box.company_id,
                "box": box.pk,
                "first": first,
                "last": last,
                "zone": zone_name,
                "strange": _STRANGE,
                "another": ANOTHER,
            },
        )
        if listing is None or not listing.complete:
            return
        # A day is proved up to the end of this list when the list holds all of it, or goes on where one before ended.
        cursor.execute(
            """
            update exchange_day set looked_at = greatest(looked_at, %(end)s)
            where company_id = %(company)s and box_id = %(box)s and date between %(first)s and %(last)s
              and (date::timestamp at time zone %(zone)s >= %(start)s or looked_at >= %(start)s)
            """,
            {
                "end": listing.end,
                "start": listing.start,
                "company": box.company_id,
                "box": box.pk,
                "first": first,
                "last": last,
                "zone": zone_name,
            },
        )


# Fetching -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Group:
    """Messages that were fetched, and whose bytes are on their way into the vault."""

    rows: list[tuple[Message, bytes, Future[str]]] = field(default_factory=list)
    size: int = 0

    @property
    def full(self) -> bool:
        return len(self.rows) >= GROUP or self.size >= GROUP_BYTES


class _Enough(Exception):
    """What is left failed before, and fails again: for now it is tried no more."""


def _fetch(work: Work) -> bool:
    """Fetch what is listed; False when time was up.

    The oldest first, for the authority deletes them in that order; but what failed before comes after what did not,
    or a few that never come would keep all others from coming.
    """
    while True:
        with scope(work.actor):
            rows = list(_to_fetch(work).order_by("tries", "at", "pk")[: 4 * GROUP])
        if not rows:
            return True
        group = Group()
        with ThreadPoolExecutor(WRITERS, "vault") as writers:
            try:
                for row in rows:
                    data = _fetched(work, row)
                    if data is not None:
                        group.rows.append((row, data, writers.submit(vault.put, work.actor.firm.pk, data)))
                        group.size += len(data)
                    if group.full:
                        _keep(work, group, writers)
                        group = Group()
                    if work.over:
                        break
            except _Enough:
                return True
            finally:
                _keep(work, group, writers)
        if work.over:
            with scope(work.actor):
                return not _to_fetch(work).exists()


def _to_fetch(work: Work) -> Any:
    return Message.objects.filter(_its_time(), box=work.box, state=Held.LISTED)


def _its_time() -> Q:
    """Messages that may be tried again; a moment further off than any of ours was written by a wrong clock."""
    now = timezone.now()
    return Q(next_try=None) | Q(next_try__lte=now) | Q(next_try__gt=now + FARTHEST)


def _fetched(work: Work, row: Message) -> bytes | None:
    """A message's file; None when it cannot be had, which is noted on it."""
    now = timezone.now()
    try:
        data = _call(work, lambda channel: channel.fetch(row.number))
    except LoginNeeded:
        raise
    except Expired as error:
        _note_trouble(work, row, error, state=Held.EXPIRED)
        return None
    except Limit as error:
        _note_trouble(work, row, error, next_try=error.until)
        if error.alone:  # the others may well be had
            return None
        work.failures += 1
        if work.failures >= GIVES_UP:
            raise
        return None
    except Damaged as error:  # the others may well be whole
        _note_trouble(work, row, error, next_try=now + _later(row.tries))
        return None
    except Temporary as error:
        _note_trouble(work, row, error, next_try=now + _later(row.tries))
        work.failures += 1
        work.doubts += row.tries == 0
        if work.failures < GIVES_UP:
            return None
        if work.doubts:
            raise
        raise _Enough from error
    except ChannelError as error:
        _note_trouble(work, row, error, next_try=now + timedelta(days=1))
        return None
    work.failures = work.doubts = 0
    return data


def _later(tries: int) -> timedelta:
    """Longer and longer: a message can be fetched ten times a day, no more."""
    minutes: float = min(5 * 4**tries, 12 * 60) * random.uniform(0.9, 1.1)  # noqa: S311 - no secret
    return timedelta(minutes=minutes)


def _gone(work: Work, row: Message, error: ChannelError) -> bool:
    """Was it tried again and again, and is it older than anything that the authority keeps?"""
    keeps = work.type.keeps
    if keeps is None or isinstance(error, Limit):
        return False
    return row.tries >= GIVES_UP and row.at < timezone.now() - keeps - timedelta(days=1)


def _note_trouble(
    work: Work, row: Message, error: ChannelError, *, state: str = Held.LISTED, next_try: datetime | None = None
) -> None:
    if state == Held.LISTED and _gone(work, row, error):
        state, next_try = Held.EXPIRED, None
    also: dict[str, Any] = {}
    kept = vault.put(work.actor.firm.pk, error.data) if isinstance(error, Damaged) and error.data else ""
    with scope(work.actor):
        if isinstance(error, Damaged) and kept:
            # What came may be all that ever comes. It is not counted as held.
            also["file"] = _files(work, {kept: len(error.data)})[kept]
        Message.objects.filter(pk=row.pk, state=Held.LISTED).update(
            state=state, next_try=next_try, tries=F("tries") + 1, **_trouble(error), **also
        )
        Run.objects.filter(pk=work.run.pk).update(errors=F("errors") + 1)
        if state == Held.EXPIRED:
            _count_days(work.box, dates=[row.at])
            trail.record(
                work.actor,
                "message-lost",
                company_id=row.company_id,
                data={"message": row.pk, "number": row.number, "reference": row.reference},
            )


def _keep(work: Work, group: Group, writers: ThreadPoolExecutor) -> None:
    """Note that files are held once they are, then open them."""
    kept = [(row, data, put.result()) for row, data, put in group.rows]
    if not kept:
        return
    with scope(work.actor):
        files = _files(work, {sha256: len(data) for _row, data, sha256 in kept})
        with connection.cursor() as cursor:
            # Only what nobody else stored meanwhile: whoever did has opened it too.
            cursor.execute(
                """
                update exchange_message m set state = 'stored', file_id = u.file, stored_at = %s, next_try = null,
                       tries = case when m.error_code = %s then m.tries else 0 end,
                       error_code = '', error_text = '', error_values = '{}', error_official = ''
                from unnest(%s::bigint[], %s::bigint[]) as u (id, file)
                where m.id = u.id and m.company_id = %s and m.state = 'listed'
                returning m.id, m.tries
                """,
                [
                    timezone.now(),
                    ANOTHER,
                    [row.pk for row, _data, _sha256 in kept],
                    [files[sha256].pk for _row, _data, sha256 in kept],
                    work.company.pk,
                ],
            )
            moved: dict[int, int] = dict(cursor.fetchall())
        kept = [each for each in kept if each[0].pk in moved]
        for row, _data, sha256 in kept:
            row.file, row.state, row.tries = files[sha256], Held.STORED, moved[row.pk]
            row.error_code = row.error_text = row.error_official = ""
        _count_days(work.box, dates=[row.at for row, _data, _sha256 in kept])
        Run.objects.filter(pk=work.run.pk).update(fetched=F("fetched") + len(kept))
    if kept:
        open_all(work, [(row, data) for row, data, _sha256 in kept], writers)


def _files(work: Work, sizes: dict[str, int]) -> dict[str, File]:
    rows = [
        File(firm_id=work.box.firm_id, company_id=work.box.company_id, sha256=sha256, size=size)
        for sha256, size in sizes.items()
    ]
    File.objects.bulk_create(rows, ignore_conflicts=True)
    return {each.sha256: each for each in File.objects.filter(company=work.company, sha256__in=sizes)}


# Opening ------------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Read:
    """A message, opened and not yet filed."""

    row: Message
    data: bytes
    opened: Opened | None = None
    seal: Seal | None = None
    enclosed: Enclosed | None = None
    error: FattoError | None = None
    unverified: bool = False
    """The seal could not be looked at, for a reason that is not the message's."""
    another: bool = False
    """What came is the file of another message."""


@dataclass(slots=True, kw_only=True)
class Mail:
    """Messages that are opened together: what is known here of the sendings they speak of, and what is to be written.

    Looked up once for all of them, and written at once.
    """

    work: Work
    now: datetime
    sent: dict[str, Transmission] = field(default_factory=dict)
    """By reference: what went out from here."""
    came: dict[str, Document] = field(default_factory=dict)
    """By reference: what came in."""
    waiting: dict[str, list[Message]] = field(default_factory=dict)
    """By what they speak of: messages that came before it."""
    changed: list[Message] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)


OPENINGS, WAITS = 3, 8
"""So often a message is opened that ended its worker each time, and one that could only not be filed just then."""
_PASSING = (OSError, OperationalError, InterfaceError)
"""The disk, the database, a lock: what is not the message's fault, and may be gone the next time."""


class StorageAway(OSError):
    """Where files are kept cannot be reached."""


def _kept(call: Callable[..., _T], *arguments: Any) -> _T:
    """A call to the vault, which may be anybody's: all that goes wrong there is of one kind."""
    try:
        return call(*arguments)
    except (OSError, vault.Damaged):
        raise
    except Exception as error:
        raise StorageAway(str(error)) from error


def open_waiting(firm: Firm, box_id: int) -> bool:
    """Open what lies in a box unopened, without asking the authority; False when there is more. Safe to call again."""
    with scope(actors.system(firm, kind="channel")):
        box = Box.objects.select_related("company", "connection").get(pk=box_id)
    of_none = Run()
    return _open_stored(_work_on(box, of_none, alone(firm, box.company), None, SLICE))


def _open_stored(work: Work) -> bool:
    """What is here and was not opened, one after another: one of them may be why; False when time was up."""
    with scope(work.actor):
        _forgive(work)
    last = 0
    with ThreadPoolExecutor(WRITERS, "vault") as writers:
        while True:
            with scope(work.actor):
                stored = Message.objects.filter(_its_time(), box=work.box, state=Held.STORED, pk__gt=last)
                rows = list(stored.select_related("file").order_by("pk")[:GROUP])
            if not rows:
                return True
            for row in rows:
                if work.over:
                    return False
                last = row.pk
                _open_one(work, row, writers)


def _forgive(work: Work) -> None:
    """Have what an error of an earlier release parked opened by this one, once."""
    parked = Message.objects.filter(box=work.box, state=Held.PARKED, error_code=INTERNAL, file__isnull=False)
    other = Q(error_values__release__isnull=True) | ~Q(error_values__release=fatto.__version__)
    parked.filter(other).update(**_AGAIN)


_AGAIN: dict[str, Any] = {"state": Held.STORED, "tries": 0, "next_try": None, **keys.NO_TROUBLE}


def _open_one(work: Work, row: Message, writers: ThreadPoolExecutor) -> None:
    """Open what was stored before. It is counted first, so that what ends the worker each time is known by that."""
    with scope(work.actor):
        mine = Message.objects.filter(pk=row.pk, state=Held.STORED, tries=row.tries)
        if row.tries >= (WAITS if row.error_code else OPENINGS):
            _log.error("a message was opened again and again in vain", extra={"event": "exchange"})
            _stumbled_on(work, row)
            return
        if not mine.update(tries=F("tries") + 1):
            return
    row.tries += 1
    if row.file is None:
        _fetch_again(work, row)
        return
    try:
        data = _kept(vault.get, work.actor.firm.pk, row.file.sha256)
    except (FileNotFoundError, vault.Damaged):
        _log.error("a stored message is not in the vault, or damaged there", extra={"event": "exchange"})
        _fetch_again(work, row)
    except OSError:
        _wait(work, row)
    else:
        open_all(work, [(row, data)], writers)


def _fetch_again(work: Work, row: Message) -> None:
    """Its bytes are gone: the authority may have them still. Until then it is not held, and said to be missing."""
    with scope(work.actor):
        Message.objects.filter(pk=row.pk, state=Held.STORED).update(
            state=Held.LISTED, file=None, stored_at=None, tries=0, next_try=None, **keys.NO_TROUBLE
        )
        _count_days(work.box, dates=[row.at])


def _wait(work: Work, row: Message) -> None:
    """What is in the way is not the message's fault: it stays as it is until a later run."""
    _log.warning("a message could not be filed now", extra={"event": "exchange"}, exc_info=True)
    with scope(work.actor):
        Message.objects.filter(pk=row.pk, state=Held.STORED).update(
            next_try=timezone.now() + _later(row.tries), error_code="waits", error_text=_WAITS
        )


_WAITS = _("It could not be filed just now. It is tried again by itself.")
_INTERNAL = _("An error of ours stopped it. The administrator has been told.")
INTERNAL = "internal"


def _stumbled_on(work: Work, row: Message) -> None:
    """An error of ours: it is parked, until somebody or another release has it opened again. Inside a scope."""
    _park(row, INTERNAL, _INTERNAL, {"release": fatto.__version__})
    Message.objects.filter(pk=row.pk, state=Held.STORED).update(
        state=row.state, error_code=row.error_code, error_text=row.error_text, error_values=row.error_values
    )
    Run.objects.filter(pk=work.run.pk).update(errors=F("errors") + 1)


def open_all(work: Work, rows: Sequence[tuple[Message, bytes]], writers: ThreadPoolExecutor) -> None:
    """Open messages and file what is in them; one on which we stumble is parked, and holds no other."""
    try:
        _open_together(work, rows, writers)
    except Exception as error:
        if len(rows) > 1:
            for each in rows:
                open_all(work, [each], writers)
            return
        row = rows[0][0]
        if isinstance(error, _PASSING):
            _wait(work, row)
            return
        _log.exception("a message could not be filed", extra={"event": "exchange"})
        with scope(work.actor):
            _stumbled_on(work, row)


class NotParked(Refusal):
    """It is no longer waiting for a look, or there is nothing to open."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("There is nothing to open again: the message does not wait for a look."))


@action(Can.CONNECTION_SYNC, verb="message-opened-again")
def open_again(actor: Actor, message: Message) -> None:
    """Open a parked message once more: what was in the way may be gone. One that is not here is fetched again."""
    parked = Message.objects.filter(pk=message.pk, state=Held.PARKED, file__isnull=False)
    if parked.filter(error_code=ANOTHER).update(**_AGAIN | {"state": Held.LISTED}):
        return
    if not parked.update(**_AGAIN):
        raise NotParked
    queue_opening(message.firm_id, message.box_id)


def queue_opening(firm: int, box: int) -> None:
    """Have what lies in a box opened, in the transaction that is open."""
    app.configure_task("fatto.open_messages", queue="arrive", lock=f"box-{box}").defer(firm=firm, box=box)


def _open_together(work: Work, rows: Sequence[tuple[Message, bytes]], writers: ThreadPoolExecutor) -> None:
    found = [_read(work, row, data) for row, data in rows]
    for read in found:
        if read.another:
            _put_back(work, read)
    found = [read for read in found if not read.another]
    if not found:
        return
    chunk = [(at, each.enclosed) for at, each in enumerate(found) if each.enclosed is not None]
    sha256, size = "", 0
    if chunk:
        firm = work.actor.firm
        puts = [writers.submit(_kept, arrive.keep_originals, firm, [enclosed]) for _at, enclosed in chunk]
        # What brought them: the list of these messages, kept like any file that was handed in.
        listed = [
            {"message": each.row.number, "reference": each.row.reference, "sha256": each.row.file.sha256}
            for each in found
            if each.enclosed is not None and each.row.file is not None
        ]
        manifest = json.dumps(listed, indent=1).encode()
        sha256, size = _kept(vault.put, firm.pk, manifest), len(manifest)
        for put in puts:
            put.result()
    now = timezone.now()
    with scope(work.actor):
        # A worker that was thought dead, and wakes up, finds that another has opened them.
        ours = Message.objects.select_for_update().filter(pk__in=[each.row.pk for each in found], state=Held.STORED)
        ids = set(ours.values_list("pk", flat=True))
        chunk = [(at, enclosed) for at, enclosed in chunk if found[at].row.pk in ids]
        filed: dict[int, list[Filed]] = {}
        if chunk:
            delivery = _delivery(work, sha256, size, now)
            for each in arrive.file_chunk(work.actor, delivery, Register([work.company]), chunk, now):
                filed.setdefault(each.position, []).append(each)
        mail = _mail(work, found, now)
        opened = sum(_attach(mail, each, filed.get(at, [])) for at, each in enumerate(found) if each.row.pk in ids)
        _write(mail)
        Run.objects.filter(pk=work.run.pk).update(opened=F("opened") + opened, errors=F("errors") + len(ids) - opened)


def _put_back(work: Work, read: Read) -> None:
    """What came belongs to another message: it is fetched again, and in the end parked as one that is not here."""
    row, opened = read.row, read.opened
    assert opened is not None  # noqa: S101 - that is how it was seen
    tries = row.tries + 1
    _log.error("the authority gave the file of another message", extra={"event": "exchange"})
    with scope(work.actor):
        Message.objects.filter(pk=row.pk, state=Held.STORED).update(
            state=Held.LISTED if tries < GIVES_UP else Held.PARKED,
            tries=tries,
            next_try=timezone.now() + _later(tries) if tries < GIVES_UP else None,
            error_code=ANOTHER,
            error_text=_ANOTHER,
            error_values={"wanted": row.reference, "came": opened.reference[:60]},
        )
        _count_days(work.box, dates=[row.at])
        Run.objects.filter(pk=work.run.pk).update(errors=F("errors") + 1)


_ANOTHER = _("The authority gave another file: it belongs to {came}, not to {wanted}.")


def _is_another(row: Message, opened: Opened) -> bool:
    """Does the file belong to another sending than the list says?

    An invoice's file is named after its own; what the file of a buyer's message is named after, nobody has said.
    """
    if not row.reference or not opened.reference or row.reference == opened.reference[:60]:
        return False
    return row.kind in INVOICES or (row.kind == Kind.ERRORS and opened.about[:60] not in ("", row.reference))


def _verify_again(work: Work) -> None:
    """Seals that could not be looked at when their message was opened."""
    last = 0
    while not work.over:
        with scope(work.actor):
            rows = Message.objects.filter(box=work.box, seal="", seal_facts__unverified=True, file__isnull=False)
            row = rows.filter(pk__gt=last).select_related("file").order_by("pk").first()
        if row is None or row.file is None:
            return
        last = row.pk
        try:
            seal = _verified(work, vault.get(work.actor.firm.pk, row.file.sha256))
        except Exception:
            _log.warning("a seal could not be looked at", extra={"event": "exchange"}, exc_info=True)
            return
        with scope(work.actor):
            Message.objects.filter(pk=row.pk, seal="").update(
                seal=seal.verdict if seal is not None else "", seal_facts=_facts(seal) if seal is not None else {}
            )


def _mail(work: Work, found: Sequence[Read], now: datetime) -> Mail:
    mail = Mail(work=work, now=now)
    spoken = {each.row.reference for each in found} | {each.opened.about for each in found if each.opened is not None}
    spoken.discard("")
    sent = Transmission.objects.filter(company=work.company, reference__in=spoken).select_related("document")
    mail.sent = {each.reference: each for each in sent.order_by("-pk")}
    came = Message.objects.filter(
        company=work.company, reference__in=spoken, document__isnull=False, kind__in=INVOICES
    ).select_related("document")
    mail.came = {each.reference: each.document for each in came if each.document is not None}
    waiting = Message.objects.filter(
        company=work.company, about__in=spoken, document=None, state=Held.PARKED, error_code=ABOUT_UNKNOWN
    )
    for each in waiting.select_related("file"):
        mail.waiting.setdefault(each.about, []).append(each)
    return mail


def _write(mail: Mail) -> None:
    rows = {
        row.pk: {
            "id": row.pk,
            "kind": row.kind,
            "reference": row.reference,
            "about": row.about,
            "state": row.state,
            "document": row.document_id,
            "code": row.error_code,
            "text": row.error_text,
            "values": row.error_values,
            "seal": row.seal,
            "facts": row.seal_facts,
        }
        for row in mail.changed
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update exchange_message m
            set kind = u.kind, reference = u.reference, about = u.about, state = u.state, document_id = u.document,
                error_code = u.code, error_text = u.text, error_values = u.values, seal = u.seal,
                seal_facts = u.facts, opened_at = %s
            from jsonb_to_recordset(%s::jsonb) as u (id bigint, kind text, reference text, about text, state text,
                document bigint, code text, text text, values jsonb, seal text, facts jsonb)
            where m.id = u.id and m.company_id = %s
            """,
            [mail.now, json.dumps(list(rows.values())), mail.work.company.pk],
        )
    Receipt.objects.bulk_create(mail.receipts, ignore_conflicts=True)
    spoken = {each.reference for each in mail.changed} | {each.about for each in mail.changed}
    ours = [each.pk for reference, each in mail.sent.items() if reference in spoken]
    if ours:
        Transmission.objects.filter(pk__in=ours, state__in=LIVE).update(next_check=mail.now)


def _delivery(work: Work, sha256: str, size: int, now: datetime) -> Delivery:
    file = _files(work, {sha256: size})[sha256]
    return Delivery.objects.create(
        firm_id=work.box.firm_id,
        company_id=work.box.company_id,
        file=file,
        name=f"{work.type.code}-{timezone.localtime(now):%Y-%m-%d-%H%M%S}.json",
        batch=uuid4(),
        channel=work.type.code,
        state=Delivery.State.DONE,
        finished_at=now,
    )


def _read(work: Work, row: Message, data: bytes) -> Read:
    read = Read(row=row, data=data)
    try:
        opened = work.type.read(data)
        if opened.kind in INVOICES:
            # The document as the sender made it: the same bytes by whatever way they come.
            read.enclosed = next(iter(envelopes.open(opened.document, opened.name)), None)
        read.opened = opened
    except FattoError as error:
        read.error = error
        return read
    read.another = _is_another(row, opened)
    try:
        read.seal = _verified(work, data)
    except Exception:
        # What is in the way is ours, most often a certificate that was set here, and says nothing about the seal.
        _log.exception("a seal could not be looked at", extra={"event": "exchange"})
        read.unverified = True
    return read


def _verified(work: Work, data: bytes) -> Seal | None:
    if work.anchors is None:
        work.anchors = services.anchors()
    return work.country.verify(data, work.anchors)


def _attach(mail: Mail, read: Read, filed: list[Filed]) -> bool:
    """Bring a message to the document that came in it, or that it speaks of; False when it is parked."""
    row, opened = read.row, read.opened
    mail.changed.append(row)
    if opened is None:
        assert read.error is not None  # noqa: S101 - it is one or the other
        return _park(row, read.error.code, read.error.text, read.error.values)
    row.about = opened.about[:60]
    row.reference = row.reference or opened.reference[:60]
    if read.seal is not None:
        row.seal, row.seal_facts = read.seal.verdict, _facts(read.seal)
    elif read.unverified:
        row.seal, row.seal_facts = "", {"unverified": True}
    if opened.kind in INVOICES:
        return _attach_invoice(mail, row, opened, filed)
    kind = row.kind if row.kind in LETTERS else opened.kind
    if kind != Kind.ERRORS and kind not in LETTERS:
        return _park(row, "unknown-kind", _UNKNOWN_KIND)
    row.kind = kind
    sent = mail.sent.get(row.about)
    document = sent.document if sent is not None else mail.came.get(row.about)
    if document is None:
        mail.waiting.setdefault(row.about, []).append(row)
        return _park(row, ABOUT_UNKNOWN, _ABOUT_UNKNOWN, {"reference": row.about})
    _belongs(mail, row, document, opened)
    return True


ABOUT_UNKNOWN = "about-unknown"
_ABOUT_UNKNOWN = _("It speaks of {reference}, which did not pass through here.")
_UNKNOWN_KIND = _("A kind of message that Fatto does not know. It is kept; look at it.")
_OTHER_COMPANY = _("The document in it names other companies than this one. It waits in quarantine.")
_SAME_NUMBER = _("Number and date are those of another document, the amount is not. Compare the two.")


def _attach_invoice(mail: Mail, row: Message, opened: Opened, filed: list[Filed]) -> bool:
    documents = [document for each in filed for document in each.documents]
    wanted = "issued" if row.kind == Kind.ISSUED else "received"
    document = next((each for each in documents if each.direction == wanted), None) or next(iter(documents), None)
    code = next((each.code for each in filed if each.code), "")
    if document is None:
        first = next(iter(filed), None)
        text = first.text if first is not None and first.text else _OTHER_COMPANY
        return _park(row, code or "not-filed", text, first.values if first is not None else {})
    if code == OTHER_AMOUNT:
        row.document = document
        return _park(row, code, _SAME_NUMBER)
    _mark(row, document)
    _receipt(mail, row, document, Receipt.Kind.SEALED)
    if row.reference in mail.sent or document.transmission not in (DocumentState.DELIVERED, DocumentState.RECEIVED):
        issue.told(mail.work.actor, row, opened, at=mail.now)
    if not row.reference:
        return True
    mail.came[row.reference] = document
    for each in mail.waiting.pop(row.reference, []):  # what came before it and speaks of it
        if each.file is None:
            continue
        try:
            told = mail.work.type.read(_kept(vault.get, mail.work.actor.firm.pk, each.file.sha256))
        except (FattoError, OSError, vault.Damaged):  # not the invoice's fault; it waits on
            _log.exception("a message that waits cannot be read", extra={"event": "exchange"})
            continue
        mail.changed.append(each)
        _belongs(mail, each, document, told)
    return True


def _belongs(mail: Mail, row: Message, document: Document, opened: Opened) -> None:
    """A message that speaks of a document stands on it from now on."""
    _mark(row, document)
    actor = mail.work.actor
    ours = issue.told(actor, row, opened, at=mail.now)
    if row.kind == Kind.ERRORS:
        _receipt(mail, row, document, Receipt.Kind.ERRORS)
        if ours:
            return
        data = {"message": row.pk, "note": "\n".join(each.official for each in opened.complaints)[:2000]}
        trail.record(actor, "authority-refused", company_id=row.company_id, document_id=document.pk, data=data)
        return
    _receipt(mail, row, document, Receipt.Kind.MESSAGE)
    if ours:
        return
    received = row.kind == Kind.BUYER_MESSAGE_RECEIVED
    _note_row, made = Note.objects.get_or_create(
        document=document,
        message=row,
        defaults={
            "firm_id": row.firm_id,
            "company_id": row.company_id,
            "box_id": row.box_id,
            "direction": Note.Direction.RECEIVED if received else Note.Direction.SENT,
            "text": opened.text,
            "state": Written.RECEIVED if received else Written.DELIVERED,
            "reference": row.reference,
            "at": row.at,
        },
    )
    if made and received:
        data = {"message": row.pk, "note": opened.text[:2000]}
        trail.record(actor, "buyer-message-received", company_id=row.company_id, document_id=document.pk, data=data)


def _mark(row: Message, document: Document) -> None:
    row.document, row.state = document, Held.OPENED
    row.error_code, row.error_text, row.error_values = "", "", {}


def _park(row: Message, code: str, text: str, values: dict[str, Any] | None = None) -> bool:
    """Somebody should look at it; it holds up nothing else. Gives False."""
    row.state, row.error_code, row.error_text = Held.PARKED, code[:60], text
    plain = (values or {}).items()
    row.error_values = {key: value if isinstance(value, str | int) else str(value) for key, value in plain}
    return False


def _receipt(mail: Mail, row: Message, document: Document, kind: str) -> None:
    if row.file_id is None:
        return
    mail.receipts.append(
        Receipt(
            firm_id=row.firm_id,
            company_id=row.company_id,
            document=document,
            transmission=mail.sent.get(row.about or row.reference),
            message=row,
            file_id=row.file_id,
            kind=kind,
            name=f"{row.reference or row.number}.zip",
            at=row.at,
        )
    )


def _facts(seal: Seal) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in asdict(seal).items()}


# The end of a run ---------------------------------------------------------------------------------


def _done(work: Work) -> None:
    now = timezone.now()
    with scope(work.actor):
        Run.objects.filter(pk=work.run.pk).update(state=Run.State.DONE, finished_at=now)
        Box.objects.filter(pk=work.box.pk).update(
            last_success=now,
            next_run=Case(When(Exact(F("paused"), Value(True)), then=Value(None)), default=Value(now + _interval())),
            failures=0,
            failing_since=None,
            blocked_until=None,
            **keys.NO_TROUBLE,
        )
        if work.way is not None and work.way.key is not None:
            # The present pair has worked: the one before is needed no more.
            Connection.objects.filter(pk=work.way.connection.pk, generation=work.way.key.generation).update(
                last_success=now, sealed_before="", failing_since=None
            )


def _failed(work: Work, error: ChannelError) -> None:
    """Say on the run and on the box why it stopped, and when it goes on."""
    now = timezone.now()
    trouble = _trouble(error)
    later = now + _backoff(work.box.failures)
    also: dict[str, Any] = {"failures": F("failures") + 1, "failing_since": Coalesce(F("failing_since"), Value(now))}
    lost = False
    with scope(work.actor):
        if isinstance(error, Limit):
            later = max(error.until, now) + timedelta(minutes=random.uniform(0, 10))  # noqa: S311 - no secret
            also = {"blocked_until": error.until}
        elif isinstance(error, Rights):
            later = now + timedelta(days=1)
            lost = bool(Box.objects.filter(pk=work.box.pk, rights_lost_at=None).update(rights_lost_at=now))
        Run.objects.filter(pk=work.run.pk).update(state=Run.State.FAILED, finished_at=now, **trouble)
        Box.objects.filter(pk=work.box.pk).update(next_run=later, **also, **trouble)
        if lost and work.way is not None:
            trail.record(
                work.actor,
                "connection-lost",
                company_id=work.box.company_id,
                data={
                    "box": work.box.pk,
                    "connection": work.way.connection.pk,
                    "channel": work.box.channel,
                    "name": work.way.connection.authorised_name,
                    "rights": True,
                },
            )
    _log.warning("a box could not be looked into", extra={"event": "exchange", "code": error.code})


def stumbled(firm: Firm, run_id: int) -> None:
    """A run stopped by an error of ours."""
    error = FattoError(INTERNAL, _INTERNAL)
    now = timezone.now()
    with scope(actors.system(firm, kind="channel")):
        run = Run.objects.select_related("box").filter(pk=run_id).first()
        if run is None or run.state in (Run.State.DONE, Run.State.FAILED):
            return
        Run.objects.filter(pk=run.pk).update(
            state=Run.State.FAILED, finished_at=now, error_code=error.code, error_text=error.text
        )
        Box.objects.filter(pk=run.box_id).update(
            next_run=now + _backoff(run.box.failures),
            failures=F("failures") + 1,
            failing_since=Coalesce(F("failing_since"), Value(now)),
            error_code=error.code,
            error_text=error.text,
            error_values={},
            error_official="",
        )


def lost(firm: Firm, now: datetime | None = None) -> list[int]:
    """Runs that nothing works on any more: their job was given up."""
    at_work = (
        ProcrastinateJob.objects.filter(task_name="fatto.sync_box", status__in=["todo", "doing"])
        .annotate(run=Cast(KeyTextTransform("run", "args"), Run._meta.pk))
        .values("run")
    )
    with scope(actors.system(firm, kind="channel")):
        unfinished = Run.objects.filter(state__in=[Run.State.WAITING, Run.State.RUNNING])
        return list(unfinished.exclude(pk__in=at_work).values_list("pk", flat=True))


def forget(firm: Firm, now: datetime | None = None) -> None:
    """Runs of long ago; what came of them stands on the messages."""
    before = (now or timezone.now()) - timedelta(days=30)
    with scope(actors.system(firm, kind="channel")):
        Run.objects.filter(finished_at__lt=before).delete()


def _interval() -> timedelta:
    """Until the next look, each box a little apart from the others."""
    hours: float = settings.CONFIG.sync_hours * random.uniform(0.9, 1.1)  # noqa: S311 - no secret
    return timedelta(hours=hours)


def _backoff(failures: int) -> timedelta:
    minutes: float = 10 * 2 ** min(failures, 5) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
    return min(timedelta(minutes=minutes), _interval())

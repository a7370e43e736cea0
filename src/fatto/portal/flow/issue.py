"""What a company issues on its way to the authority: checked, asked for, sent once, followed to the end.

    fit(…)                              what arrives: would the authority take it?
    ask(actor, document)                a person's word; nothing leaves without one
    step(firm, transmission)            the job: one step further, as far as it is time for it

Each step reads where the transmission stands, makes at most one call, and writes down what came of it; `sending` has
the states. What must never happen is a second upload in ignorance of the first: ANAF takes the same bytes again while
it works on them, and other bytes always. So `begin` is committed before the call, and from then on whoever comes
after looks (`Channel.find`: lists and bytes) until it is proved that nothing arrived. No call is made within a scope.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from time import monotonic
from time import time as wall
from typing import TypeVar
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from fatto import countries, envelopes, pipeline
from fatto.channels.channel import (
    Channel,
    ChannelError,
    ChannelType,
    Duplicate,
    Empty,
    Expired,
    Kind,
    Limit,
    LoginNeeded,
    Parcel,
    Permanent,
    Progress,
    Rights,
    Temporary,
    Uncertain,
)
from fatto.channels.channel import Message as Opened
from fatto.channels.channel import Receipt as Said
from fatto.envelopes.enclosed import Enclosed
from fatto.errors import FattoError
from fatto.formats.format import Reading
from fatto.portal.documents import queries, vault
from fatto.portal.documents.models import Direction, Document, File
from fatto.portal.documents.states import UNSENT
from fatto.portal.documents.states import Transmission as State
from fatto.portal.exchange import keys, sending, services
from fatto.portal.exchange.models import LAST_DAY, Box, Message, Note, Receipt, Transmission
from fatto.portal.exchange.sending import Attempt
from fatto.portal.exchange.states import ANOTHER, HELD, LIVE, Held, Sending
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.action import Refusal
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Firm
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope
from fatto.rules.verdict import Verdict

LOOKS = tuple(timedelta(minutes=each) for each in (2, 10, 15, 30, 60, 120, 240))
"""When to look for what may have arrived: waits one after another, the last one again and again."""
SURE = timedelta(hours=24)
"""Not found for so long after the call, in complete lists: it never arrived.

ANAF lists in minutes, but in hours on bad days, and takes the same bytes twice while it has not worked off the first.
Where the law's last day does not leave so much time, people are told, and one of them decides (`again`).
"""
UNREAD = timedelta(hours=24)
"""So long a refusal counts as none while its reasons cannot be read: they may say that the authority has it."""
STUCK = timedelta(hours=4)
"""What should have left, or been understood, so long ago: people are told."""
SLOW = timedelta(hours=24)
"""What the authority has had for so long without an answer: people are told."""
READ_FIRST = timedelta(minutes=5)
"""When to try again what waits for the company's box to be read."""
AGAIN = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60))
"""When to try again what the authority could not do."""
PERSON = timedelta(hours=1)
"""When to try again what waits for a person: a login, rights."""
MORNING = time(9)
"""On the last day that the law leaves, sending begins."""
FRESH = 60.0
"""Seconds: a call is made at once after `begin`, or not any more."""
LEFT = timedelta(hours=2)
"""So long after the last morning, what waited for it has left."""

_log = logging.getLogger("fatto.exchange")

_READ_FIRST = gettext_noop(
    "The company’s box at the authority is read first: this invoice may lie there already. It goes on by itself."
)
_PARKED = gettext_noop(
    "In the company’s box lies a message that may be this invoice and could not be filed. Somebody must look at it."
)
_STUMBLED = gettext_noop("An error of ours stopped it. The administrator has been told. It is tried again.")
_UNREADABLE = gettext_noop("The file that the authority gave as its answer cannot be read. It is kept as it came.")
_CHANGED = gettext_noop("The file that was to be sent can no longer be read as it was. Nothing has been sent.")


class Faulty(Refusal):
    """The authority would refuse it."""

    status = 422

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        super().__init__(_("The authority would refuse this invoice. Correct it first: what is wrong stands with it."))


class Unsuitable(Refusal):
    """The authority takes no such file."""

    status = 422

    def __init__(self, error: Permanent) -> None:
        self.error = error
        super().__init__(_("The authority takes no file of this kind."))


# -- before ---------------------------------------------------------------------------------------------------------


def fit(tax_id: str, channel: ChannelType, enclosed: Enclosed, reading: Reading, now: datetime) -> str:
    """The state of something issued that was handed in, where we know what the authority has.

    What is older than the authority remembers was sent with other software, as far as anybody can tell.
    """
    issued = reading.invoice.issue_date
    if issued is None or (channel.keeps is not None and issued < (now - channel.keeps).date()):
        return State.ELSEWHERE
    try:
        channel.prepare(enclosed.data, reading.format, reading.invoice, tax_id)
    except Permanent:
        return State.ELSEWHERE
    return State.CHECKED if pipeline.check(enclosed).accepted else State.DRAFT


def boxes(companies: list[int]) -> dict[int, Box]:
    """The boxes of companies that can send now. Called within a scope."""
    rows = Box.objects.filter(company_id__in=companies, connection__isnull=False, rights_lost_at=None)
    return {box.company_id: box for box in rows.select_related("company").order_by("-pk")}


def box_of(document: Document) -> Box | None:
    """The way that a company's documents take; None where there is none. Called within a scope."""
    return boxes([document.company_id]).get(document.company_id)


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of a document before it is sent."""

    verdict: Verdict
    parcel: Parcel | None
    error: Permanent | None = None


def check(document: Document, box: Box) -> Checked | None:
    """The official rules over a document, and what would be sent; None for what is no invoice any more."""
    content = queries.content(document)
    if content.reading is None:
        return None
    verdict = pipeline.check(content.enclosed)
    try:
        kind = services.find(box.channel)
        parcel = kind.prepare(content.enclosed.data, content.reading.format, content.reading.invoice, box.tax_id)
    except Permanent as error:
        return Checked(verdict, None, error)
    return Checked(verdict, parcel)


def due(box: Box, document: Document, at: datetime) -> datetime | None:
    """When the company's delay lets a document go; None for at once. Never after the law's last morning."""
    if box.delay_hours is None:
        return None
    last = None
    if document.hand_in_by is not None:
        zone = ZoneInfo(countries.find(box.company.country).time_zone)
        last = datetime.combine(document.hand_in_by, MORNING, zone)
    if box.delay_hours == LAST_DAY:
        wanted = last or at
    else:
        wanted = at + timedelta(hours=box.delay_hours)
        wanted = min(wanted, last) if last is not None else wanted
    return wanted if wanted > at else None


def possible(actor: Actor, document: Document, box: Box | None) -> bool:
    """Is there a button for it?"""
    return (
        document.direction == Direction.ISSUED
        and document.transmission in (*UNSENT, State.ELSEWHERE)
        and sending.may(actor, box)
        and (document.transmission != State.ELSEWHERE or _surely_not_sent(document, box))
    )


def _surely_not_sent(document: Document, box: Box | None) -> bool:
    """It came before the company was connected, and its box, looked through since, does not hold it."""
    if box is None or box.listed_until is None or document.issue_date is None:
        return False
    keeps = services.find(box.channel).keeps
    kept = keeps is None or document.issue_date >= (timezone.now() - keeps).date()
    return (
        kept
        and document.received_at < box.listed_until
        and not sending.unread(box, document)
        and not _lies_parked(box, document, list(_parked(box, document)))
    )


def _parked(box: Box, document: Document) -> QuerySet[Message]:
    rows = sending.may_be(box, document, Held.PARKED).filter(file__isnull=False)
    return rows.select_related("file").order_by("-at")[:MOST_PARKED]


MOST_PARKED = 200


def _lies_parked(box: Box, document: Document, messages: list[Message]) -> bool:
    """Is the document, or another of its number, among messages that could not be filed? What is unreadable may be."""
    kind, number = services.find(box.channel), document.number.strip().encode()
    for message in messages:
        assert message.file is not None  # noqa: S101 - only those are asked for
        opened = _opened(kind, vault.get(document.firm_id, message.file.sha256))
        if opened is None or number in opened.document:
            return True
    return False


def ask(actor: Actor, document: Document, *, now: bool = False, at: datetime | None = None) -> Transmission:
    """A person wants it sent: after the company's delay, or `now`. Called within a scope.

    Raises:
        NoBox, NotForTheFirm, NotIssued, SentAlready, Faulty, Unsuitable
    """
    from fatto.portal.flow import tasks

    at = at or timezone.now()
    box = box_of(document)
    if box is None:
        raise sending.NoBox
    if not sending.may(actor, box):
        raise sending.NotForTheFirm
    if document.transmission == State.ELSEWHERE and not _surely_not_sent(document, box):
        raise sending.SentAlready
    checked = check(document, box)
    if checked is None:
        raise sending.NotIssued
    if checked.error is not None or checked.parcel is None:
        raise Unsuitable(checked.error or Permanent("unsuitable", ""))
    if not checked.verdict.accepted:
        raise Faulty(checked.verdict)
    due_at = None if now else due(box, document, at)
    transmission = sending.ask(
        actor,
        document,
        box=box,
        standard=checked.parcel.standard,
        options=checked.parcel.options,
        due_at=due_at,
        at=at,
    )
    if due_at is None:
        tasks.send_on(transmission)
    return transmission


def cancel(actor: Actor, transmission: Transmission, *, at: datetime | None = None) -> None:
    """Call back what waits. Called within a scope."""
    sending.cancel(actor, transmission, at=at or timezone.now())


def again(actor: Actor, transmission: Transmission, *, at: datetime | None = None) -> None:
    """A person has it sent again though nobody knows whether it arrived. Called within a scope.

    Raises:
        NotForTheFirm, NotYet
    """
    from fatto.portal.flow import tasks

    sending.again(actor, transmission, at=at or timezone.now())
    tasks.send_on(transmission)


def cancel_all(actor: Actor, document: Document) -> None:
    """Call back whatever of a document waits. Called within a scope."""
    for transmission in Transmission.objects.filter(document=document, state__in=[Sending.QUEUED, Sending.WAITING]):
        cancel(actor, transmission)


def sends(actor: Actor) -> bool:
    """Is there a company in this space for which the actor may send? Called within a scope."""
    if not actor.can(Can.DOCUMENT_SEND):
        return False
    rows = Box.objects.filter(connection__isnull=False, rights_lost_at=None)
    return (rows if actor.side == "company" else rows.filter(firm_sends=True)).exists()


def say(actor: Actor, document: Document, *, text: str, at: datetime | None = None) -> Note:
    """Write to the seller of a received invoice by way of the authority. Called within a scope.

    Raises:
        Refusal: there is no way, or the authority does not know the invoice
    """
    from fatto.portal.flow import tasks

    at = at or timezone.now()
    box = box_of(document)
    text = text.replace("\0", "").strip()
    if not text:
        raise Wordless
    parcel = _letter(document, box, text)
    if box is None or parcel is None:
        raise Unreachable
    note = sending.write(actor, document, box=box, text=text, sha256=hashlib.sha256(parcel.data).hexdigest(), at=at)
    tasks.send_note_on(note)
    return note


class Wordless(Refusal):
    """A message says something."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Write what the seller should know."))


class Unreachable(Refusal):
    """Its seller cannot be written to by way of the authority."""

    def __init__(self) -> None:
        super().__init__(_("The seller cannot be reached through the authority: the invoice did not come from there."))


def reachable(document: Document, box: Box | None) -> bool:
    """Can the seller of this document be written to by way of the authority?"""
    return document.direction == Direction.RECEIVED and _letter(document, box, "?") is not None


def _letter(document: Document, box: Box | None, text: str) -> Parcel | None:
    kind = services.find(box.channel) if box is not None else None
    if box is None or kind is None or kind.reply is None or document.direction != Direction.RECEIVED:
        return None
    reference = reference_of(document)
    if not reference:
        return None
    try:
        return kind.reply(reference, box.tax_id, text)
    except Permanent:
        return None


def reference_of(document: Document) -> str:
    """The authority's number of a document that came from there; empty when none did."""
    rows = Message.objects.filter(document=document, kind__in=[Kind.RECEIVED, Kind.ISSUED]).exclude(reference="")
    return rows.order_by("-id").values_list("reference", flat=True).first() or ""


# -- the way --------------------------------------------------------------------------------------------------------


def waiting(firm: Firm, at: datetime) -> tuple[list[int], list[int]]:
    """The transmissions and notes for which it is time to do something."""
    with scope(actors.system(firm)):
        transmissions = Transmission.objects.filter(next_check__lte=at).order_by("next_check")
        notes = Note.objects.filter(next_check__lte=at).order_by("next_check")
        return list(transmissions.values_list("pk", flat=True)[:500]), list(notes.values_list("pk", flat=True)[:500])


def step(firm: Firm, pk: int, *, at: datetime | None = None) -> None:
    """One step of a transmission, if it is time for one. Called outside a scope; killed anywhere, it goes on later."""
    _step(Post(firm, Transmission, pk, at or timezone.now()))


def next_check(firm: Firm, model: type[Transmission] | type[Note], pk: int) -> datetime | None:
    """When there is something to do about it again."""
    with scope(actors.system(firm)):
        found: datetime | None = model.objects.values_list("next_check", flat=True).get(pk=pk)
        return found


def note_step(firm: Firm, pk: int, *, at: datetime | None = None) -> None:
    """The same for a message to a seller."""
    _step(Post(firm, Note, pk, at or timezone.now()))


class Post:
    """One attempt at one moment, with what its steps need."""

    def __init__(self, firm: Firm, model: type[Transmission] | type[Note], pk: int, at: datetime) -> None:
        self.firm, self.at = firm, at
        self.begun = 0.0
        """When `begin` was called, by a clock that never jumps, and stands still while the machine sleeps."""
        self.begun_wall = 0.0
        """The same by the clock on the wall, which goes on."""
        self.actor = actors.system(firm)
        with scope(self.actor):
            along = ("box__company", "box__connection", "document")
            self.attempt: Attempt
            if model is Transmission:
                self.attempt = Transmission.objects.select_related(*along, "file").get(pk=pk)
            else:
                self.attempt = Note.objects.select_related(*along).get(pk=pk)
        self.kind: ChannelType = services.find(self.attempt.box.channel)

    def known(self) -> set[str]:
        """The references that belong to other sendings: what is found under them is not ours."""
        with scope(self.actor):
            return self._known()

    def held(self, number: str) -> bytes | None:
        """A message's file, where it was fetched before."""
        with scope(self.actor):
            here = Message.objects.filter(box=self.attempt.box, number=number, state__in=HELD)
            row = here.exclude(error_code=ANOTHER).select_related("file").first()
        return vault.get(self.firm.pk, row.file.sha256) if row is not None and row.file is not None else None

    def _known(self) -> set[str]:
        box = self.attempt.box
        mine = Q(pk=self.attempt.pk)
        others = Transmission.objects.filter(box=box).exclude(reference="")
        notes = Note.objects.filter(box=box).exclude(reference="")
        if isinstance(self.attempt, Transmission):
            others = others.exclude(mine)
        else:
            notes = notes.exclude(mine)
        # What was opened and is another document.
        seen = Message.objects.filter(box=box, state=Held.OPENED, document__isnull=False, kind__in=_INVOICES)
        if self.attempt.started_at is not None:
            seen = seen.filter(at__gte=self.attempt.started_at - timedelta(days=3))
        seen = seen.exclude(document=self.attempt.document_id).exclude(reference="")
        found: set[str] = set()
        for rows in (others, notes, seen):
            found.update(rows.values_list("reference", flat=True))
        return found

    def parcel(self) -> Parcel:
        """What is sent: made again from the original, and the same to the last byte."""
        attempt, box = self.attempt, self.attempt.box
        if isinstance(attempt, Note):
            with scope(self.actor):
                reference = reference_of(attempt.document)
            assert self.kind.reply is not None  # noqa: S101 - else it would not have been written
            parcel = self.kind.reply(reference, box.tax_id, attempt.text)
            if hashlib.sha256(parcel.data).hexdigest() != attempt.sha256:
                raise Permanent("changed", _CHANGED)
            return parcel
        assert attempt.file is not None  # noqa: S101 - every attempt of ours has one
        for each in envelopes.open(vault.get(self.firm.pk, attempt.file.sha256), attempt.name):
            if hashlib.sha256(each.data).hexdigest() == attempt.sha256:
                return Parcel(
                    data=each.data, company=box.tax_id, standard=attempt.standard, options=frozenset(attempt.options)
                )
        raise Permanent("changed", _CHANGED)


_INVOICES = (Kind.ISSUED, Kind.RECEIVED)
_T = TypeVar("_T")


def _through(post: Post, do: Callable[[Channel], _T]) -> _T:
    """Do something by the company's way in; once more when its key turned old meanwhile. Raises as calls do."""
    box = post.attempt.box
    if box.connection is None or box.rights_lost_at is not None:
        raise LoginNeeded("no-way", gettext_noop("The company is not connected any more: somebody must connect it."))
    return keys.Way(post.actor, box, box.connection).call(do)


def _step(post: Post) -> None:
    attempt, at = post.attempt, post.at
    if attempt.next_check is None or attempt.next_check > at:
        return
    state = attempt.state
    try:
        _go(post)
    except Exception:
        if attempt.state == state:  # else something was begun, and whoever comes after looks
            _put_off(post, Temporary("internal", _STUMBLED))
        raise


def _go(post: Post) -> None:
    attempt = post.attempt
    if attempt.state in (Sending.QUEUED, Sending.WAITING):
        _send(post)
    elif attempt.state == Sending.SENDING:
        note_lost(post, None)  # whoever began it is no more
        _look(post)
    elif attempt.state == Sending.UNCERTAIN:
        _look(post)
    elif attempt.state == Sending.SENT:
        _follow(post)
    elif isinstance(attempt, Transmission) and attempt.answer:
        _fetch(post)


def _send(post: Post) -> None:
    try:
        parcel = post.parcel()
        _through(post, lambda channel: None)  # whoever has no key yet should not begin
        waits = _waits_for_the_box(post)
    except ChannelError as error:
        _put_off(post, error)
        return
    if waits is not None:
        with scope(post.actor):
            sending.put_off(post.actor, post.attempt, error=waits, check=post.at + READ_FIRST)
    elif begin(post):
        try:
            said = call(post, parcel)
        except ChannelError as error:
            note_trouble(post, error)
        else:
            note_handed_in(post, said)


def _waits_for_the_box(post: Post) -> Temporary | None:
    """Why it does not leave yet: something in the company's box may be this invoice, sent with other software."""
    box, document = post.attempt.box, post.attempt.document
    if not isinstance(post.attempt, Transmission):
        return None
    with scope(post.actor):
        if sending.at_the_authority(document):
            return None  # which ends it
        if sending.unread(box, document):
            return Temporary("box-unread", _READ_FIRST)
        parked = list(_parked(box, document))
    return Temporary("box-parked", _PARKED) if _lies_parked(box, document, parked) else None


def begin(post: Post) -> bool:
    """Write down that the call is about to be made; False where it is not to be made."""
    attempt = post.attempt
    with scope(post.actor):
        if isinstance(attempt, Transmission) and sending.at_the_authority(attempt.document):
            sending.call_off(post.actor, attempt, at=post.at)
            return False
        post.begun, post.begun_wall = monotonic(), wall()
        return sending.begin(post.actor, attempt, token=uuid4(), at=post.at)


def call(post: Post, parcel: Parcel) -> Said:
    """The one call that is never made twice in ignorance. Whoever slept since `begin` may not make it any more."""

    def at_once(channel: Channel) -> Said:
        # By both clocks: one stands still while the machine sleeps, the other may be set.
        if monotonic() - post.begun > FRESH or abs(wall() - post.begun_wall) > FRESH:
            raise Temporary(
                "too-late", gettext_noop("The sending was interrupted before anything left. It goes on by itself.")
            )
        return channel.send(parcel)

    return _through(post, at_once)


def note_handed_in(post: Post, said: Said) -> None:
    """The authority has it."""
    check = post.at + post.kind.follow[0]
    with scope(post.actor):
        if sending.handed_in(
            post.actor,
            post.attempt,
            reference=said.reference,
            official=said.official,
            at=post.at,
            check=check,
            token=post.attempt.token,
        ):
            return
        twice = sending.astray(
            post.actor, post.attempt, reference=said.reference, official=said.official, at=post.at, check=check
        )
    level = logging.ERROR if twice else logging.WARNING
    fields = {"event": "exchange", "code": "sent-twice" if twice else "sent-late"}
    _log.log(level, "an answer came after its call had been given up", extra=fields)


def note_trouble(post: Post, error: ChannelError) -> None:
    """What the call came to, when not to an answer."""
    attempt, at = post.attempt, post.at
    if isinstance(error, Uncertain):
        note_lost(post, error)
        return
    with scope(post.actor):
        if isinstance(error, Duplicate) and error.reference:
            _taken_over(post.actor, attempt, error.reference, error.official, at)
        elif isinstance(error, Temporary | LoginNeeded | Rights):
            sending.put_off(post.actor, attempt, error=error, check=_next_try(post, error), unsent=True)
        else:
            sending.refused(post.actor, attempt, error=error, at=at)


def note_lost(post: Post, error: ChannelError | None) -> None:
    """Nobody knows whether it arrived."""
    with scope(post.actor):
        sending.lost(post.actor, post.attempt, error=error, at=post.at, check=post.at + LOOKS[0])


def _look(post: Post) -> None:
    """Is it there after all? Only a complete look, long enough after the call, says that it is not."""
    attempt, at = post.attempt, post.at
    if attempt.state != Sending.UNCERTAIN or attempt.started_at is None:
        return
    try:
        parcel, since = post.parcel(), attempt.started_at
        known = post.known()
        found = _through(post, lambda channel: channel.find(parcel, since, known, post.held))
    except ChannelError as error:
        _put_off(post, error)
        return
    if found.receipt is not None:
        _found(post, found.receipt)
        return
    # A list of errors does not say what about; but what failed is no invoice, and may be sent again.
    strangers = [each for each in found.unexplained if each.kind is not Kind.ERRORS]
    with scope(post.actor):
        if found.complete and not strangers and at - attempt.started_at >= SURE:
            sending.not_there(post.actor, attempt, at=at)
        else:
            wait = LOOKS[min(attempt.checks + 1, len(LOOKS) - 1)]
            sending.put_off(post.actor, attempt, error=None, check=at + wait)


def _found(post: Post, receipt: Said) -> None:
    with scope(post.actor):
        if sending.handed_in(
            post.actor,
            post.attempt,
            reference=receipt.reference,
            official=receipt.official,
            at=post.at,
            check=post.at,
            token=None,
        ):
            sending.answered(
                post.actor,
                post.attempt,
                good=receipt.progress is Progress.ACCEPTED,
                official=receipt.official,
                answer=receipt.message,
                at=receipt.at or post.at,
                check=post.at if receipt.message and isinstance(post.attempt, Transmission) else None,
            )


def _had_before(attempt: Attempt, opened: Opened) -> bool:
    """Does a refusal say that the authority took the same bytes before, under another number?"""
    return opened.duplicate_of not in ("", attempt.reference)


def _taken_over(actor: Actor, attempt: Attempt, reference: str, official: str, at: datetime) -> None:
    """The same bytes were taken before, under another number: that one is followed."""
    sending.handed_in(actor, attempt, reference=reference, official=official, at=at, check=at, token=None)


def _follow(post: Post) -> None:
    """How far has it come? With the answer, the file that proves it is fetched in the same step if possible."""
    attempt, at = post.attempt, post.at
    try:
        said = _through(post, lambda channel: channel.state(attempt.reference))
    except ChannelError as error:
        _put_off(post, error)
        return
    if said.progress is Progress.WORKING:
        with scope(post.actor):
            waits = post.kind.follow
            wait = waits[min(attempt.checks + 1, len(waits) - 1)]
            sending.put_off(post.actor, attempt, error=None, check=at + wait)
        return
    data, trouble = None, None
    if said.message and isinstance(attempt, Transmission):
        try:
            data = _file_of(post, said.message)
        except ChannelError as error:
            trouble = error  # of an acceptance the state is what matters; the file is fetched later
    conclude(post, said, data, trouble)


def conclude(post: Post, said: Said, data: bytes | None, trouble: ChannelError | None = None) -> None:
    """Write the answer down, with its file when it is there.

    A refusal whose file cannot be read yet (`trouble` says why) is none for a while: it may say that the authority has
    had the same before, and then nothing failed.
    """
    attempt = post.attempt
    opened = _opened(post.kind, data) if data is not None else None
    good = said.progress is Progress.ACCEPTED
    if not good and opened is not None and _had_before(attempt, opened):
        with scope(post.actor):
            _taken_over(post.actor, attempt, opened.duplicate_of, opened.complaints[0].official, post.at)
        return
    if not good and opened is None and said.message and isinstance(attempt, Transmission):
        heard = attempt.answered_at or post.at
        if post.at - heard < UNREAD and not isinstance(trouble, Expired | Empty):
            wait = AGAIN[0] if attempt.answered_at is None else AGAIN[min(attempt.checks, len(AGAIN) - 1)]
            until = trouble.until if isinstance(trouble, Limit) else post.at
            with scope(post.actor):
                sending.refusal_heard(
                    post.actor,
                    attempt,
                    official=said.official,
                    answer=said.message,
                    error=trouble or Permanent("answer-unreadable", _UNREADABLE),
                    at=post.at,
                    check=min(max(until, post.at + wait), heard + UNREAD),
                )
            return
    with scope(post.actor):
        sending.answered(
            post.actor,
            attempt,
            good=good,
            official=said.official,
            answer=said.message,
            at=said.at or post.at,
            check=post.at + AGAIN[0] if said.message and isinstance(attempt, Transmission) else None,
        )
    if data is not None:
        _keep(post, said.message, data, opened)


def _fetch(post: Post) -> None:
    """The file that proves the answer, where it could not be had at once. It may have come with others meanwhile."""
    attempt = post.attempt
    assert isinstance(attempt, Transmission)  # noqa: S101 - notes have none
    try:
        data = _file_of(post, attempt.answer)
    except (Expired, Empty) as error:
        with scope(post.actor):
            sending.give_up_receipt(post.actor, attempt, error=error)
        return
    except ChannelError as error:
        _put_off(post, error)
        return
    opened = _opened(post.kind, data)
    if opened is not None and attempt.state == Sending.FAILED and _had_before(attempt, opened):
        with scope(post.actor):
            _taken_over(post.actor, attempt, opened.duplicate_of, opened.complaints[0].official, post.at)
            post.attempt.refresh_from_db(fields=["state"])
        if post.attempt.state != Sending.FAILED:
            return
    _keep(post, attempt.answer, data, opened)


def _file_of(post: Post, number: str) -> bytes:
    """A message's file: as it was fetched with others, else from the authority."""
    data = post.held(number)
    return data if data is not None else _through(post, lambda channel: channel.fetch(number))


def _opened(kind: ChannelType, data: bytes) -> Opened | None:
    try:
        return kind.read(data)
    except FattoError:
        return None


def _keep(post: Post, number: str, data: bytes, opened: Opened | None) -> None:
    """Store the file first, then say whose it is; what cannot be read is kept as it came, and not fetched again."""
    attempt = post.attempt
    assert isinstance(attempt, Transmission)  # noqa: S101 - notes have none
    errors = attempt.state == Sending.FAILED if opened is None else opened.kind is Kind.ERRORS
    sha256 = vault.put(post.firm.pk, data)
    with scope(post.actor):
        file, _new = File.objects.get_or_create(
            firm_id=attempt.firm_id, company_id=attempt.company_id, sha256=sha256, defaults={"size": len(data)}
        )
        sending.keep_receipt(
            post.actor,
            attempt,
            file=file,
            kind=Receipt.Kind.ERRORS if errors else Receipt.Kind.SEALED,
            name=f"{number}.zip",
            complaints=opened.complaints if opened is not None else (),
            at=attempt.answered_at or post.at,
        )
        if opened is None:
            sending.give_up_receipt(post.actor, attempt, error=Permanent("answer-unreadable", _UNREADABLE))


def _put_off(post: Post, error: ChannelError) -> None:
    with scope(post.actor):
        sending.put_off(post.actor, post.attempt, error=error, check=_next_try(post, error))


def _next_try(post: Post, error: ChannelError) -> datetime:
    if isinstance(error, Limit):
        return max(error.until, post.at + timedelta(seconds=5))
    if isinstance(error, Permanent):
        return post.at + PERSON
    return post.at + AGAIN[min(post.attempt.checks, len(AGAIN) - 1)]


def warn(firm: Firm, at: datetime) -> int:
    """Say of invoices whose last day begins, or has passed, that they are not sent; of each once. Gives how many.

    Also of those that wait, or of which nobody knows: from the hour on when they should have left.
    """
    with scope(actors.system(firm)) as actor:
        zone = ZoneInfo(countries.find(firm.country).time_zone)
        day, left = timezone.localdate(at, zone), days_left_by(at, zone)
        rows = Document.objects.filter(late_told=False).only("pk", "company_id", "hand_in_by")
        late: list[Document] = []
        for last, states in (  # each has an index of its own
            (day, [State.DRAFT, State.CHECKED]),
            (day, [State.FAILED]),
            (left, [State.WAITING, State.SENDING]),
        ):
            late += rows.filter(hand_in_by__lte=last, transmission__in=states).order_by("pk")[:200]
        return sending.warn(actor, late, at=at) if late else 0


def days_left_by(at: datetime, zone: tzinfo) -> date:
    """The last day whose invoices have left by now, where all is well: a delay ends on its morning at the latest."""
    return timezone.localdate(at - timedelta(hours=MORNING.hour) - LEFT, zone)


def alarm(firm: Firm, at: datetime) -> int:
    """Say of attempts that do not get on that somebody should look at them; of each once. Gives how many.

    What should have left, what is being looked for, a refusal whose reasons cannot be read: after `STUCK`. What the
    authority has and says nothing about: after `SLOW`.
    """
    with scope(actors.system(firm)) as actor:
        here = [Sending.QUEUED, Sending.WAITING, Sending.SENDING, Sending.UNCERTAIN]
        rows = Transmission.objects.filter(next_check__isnull=False, state__in=LIVE, warned_at=None)
        rows = rows.annotate(wanted_at=Coalesce(F("due_at"), F("asked_at"))).filter(
            Q(state__in=here, wanted_at__lte=at - STUCK)
            | Q(state=Sending.SENT, answered_at__lte=at - STUCK)
            | Q(state=Sending.SENT, answered_at=None, sent_at__lte=at - SLOW)
        )
        found = list(rows.order_by("pk")[:200])
        return sending.stuck(actor, found, at=at) if found else 0


# -- what comes by itself -------------------------------------------------------------------------------------------


def told(actor: Actor, message: Message, opened: Opened, *, at: datetime) -> bool:
    """A message of a box was stored, opened, and tied to its document: what does it say of what was sent from here?

    Called within the portal's own scope; again for the same message, it changes nothing. True when it was about
    something of ours.
    """
    kind = Kind(message.kind)
    if kind is Kind.BUYER_MESSAGE_SENT:
        sha256 = hashlib.sha256(opened.document).hexdigest()
        ours = Note.objects.filter(company_id=message.company_id, sha256=sha256, message=None).first()
        if ours is not None:
            sending.note_delivered(actor, ours, message=message, at=message.at)
        return ours is not None
    attempt: Transmission | None = None
    if kind is Kind.ERRORS:
        attempt = _of_reference(message, opened.about or message.reference)
        if attempt is not None:
            _answer_came(actor, attempt, message, opened, good=False, at=at)
    elif kind is Kind.ISSUED and message.document is not None and message.document.direction == Direction.ISSUED:
        attempt = _of_reference(message, message.reference) or _looked_for(message, opened)
        if attempt is not None:
            _answer_came(actor, attempt, message, opened, good=True, at=at)
        else:
            sending.sent_elsewhere(actor, message.document, reference=message.reference, at=at)
    return attempt is not None


def _of_reference(message: Message, reference: str) -> Transmission | None:
    if not reference:
        return None
    rows = Transmission.objects.filter(company_id=message.company_id, reference=reference)
    return rows.select_related("box__company", "document").order_by("-id").first()


def _looked_for(message: Message, opened: Opened) -> Transmission | None:
    """An attempt whose call was made once, when the message holds its very bytes: whatever was thought of it since."""
    rows = Transmission.objects.filter(
        document=message.document, sha256=hashlib.sha256(opened.document).hexdigest(), state__in=LIVE
    ).exclude(state__in=[Sending.QUEUED, Sending.WAITING], token=None)
    return rows.select_related("box__company", "document").first()


def _answer_came(
    actor: Actor, attempt: Transmission, message: Message, opened: Opened, *, good: bool, at: datetime
) -> None:
    if not good and _had_before(attempt, opened):
        _taken_over(actor, attempt, opened.duplicate_of, opened.complaints[0].official, at)
        return
    if attempt.reference != message.reference if good else not attempt.reference:
        sending.handed_in(
            actor, attempt, reference=message.reference, official=message.official, at=at, check=at, token=None
        )
    sending.answered(
        actor, attempt, good=good, official=message.official, answer=message.number, at=message.at, check=None
    )
    if message.file is not None:
        sending.keep_receipt(
            actor,
            attempt,
            file=message.file,
            kind=Receipt.Kind.SEALED if good else Receipt.Kind.ERRORS,
            name=f"{message.number}.zip",
            complaints=opened.complaints,
            message=message,
            at=message.at,
        )

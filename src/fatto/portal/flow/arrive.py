"""Something came in: store, open, read, route, file, tell what became of it.

`receive` stores the bytes and queues the rest; `process` does the rest, in chunks, each chunk one
transaction that also says how far it came. A job killed between chunks goes on where it was; one
killed within a chunk has written nothing of it. Either way the result is the same as without.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import groupby, islice
from uuid import UUID, uuid4

from django.db import IntegrityError, OperationalError
from django.db.models import BigIntegerField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django.models import ProcrastinateJob

from fatto import envelopes, pipeline
from fatto.envelopes.enclosed import Enclosed
from fatto.errors import FattoError
from fatto.formats.format import Reading
from fatto.portal.approvals import actions as approvals
from fatto.portal.documents import actions, filing, routing, vault, words
from fatto.portal.documents import papers as paper_columns
from fatto.portal.documents.actions import Filed
from fatto.portal.documents.models import Delivery, DeliveryItem, Direction, Document, File, Quarantined
from fatto.portal.documents.routing import Place, Register
from fatto.portal.documents.states import Transmission
from fatto.portal.documents.verdicts import Judge
from fatto.portal.exchange import services
from fatto.portal.exchange.models import Box
from fatto.portal.flow import guard, issue, papers, rules
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import Refusal, action, require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company, Firm
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope, whole
from fatto.portal.tenancy.states import move

CHUNK = 200
CHUNK_BYTES = 32 << 20
Outcome = DeliveryItem.Outcome


def receive(
    actor: Actor,
    name: str,
    chunks: Iterable[bytes],
    batch: UUID,
    *,
    channel: str = "upload",
    details: dict[str, str] | None = None,
    at: datetime | None = None,
) -> Delivery:
    """Take a file of any size: its bytes are safe, and its processing queued, when this returns.

    `details` are what is said of supporting documents in it, by the names of `papers.Details`.

    Called outside a scope, since storing waits for the disk or the network.
    """
    require(actor, Can.DOCUMENT_UPLOAD)
    sha256, size = vault.put_stream(actor.firm.pk, chunks)
    with scope(actor):
        return accept(actor, name=name, sha256=sha256, size=size, batch=batch, channel=channel, details=details, at=at)


@action(Can.DOCUMENT_UPLOAD)
def accept(
    actor: Actor,
    *,
    name: str,
    sha256: str,
    size: int,
    batch: UUID,
    channel: str,
    details: dict[str, str] | None = None,
    at: datetime | None = None,
) -> Delivery:
    """Note a delivery whose bytes are in the vault, and queue its processing in the same transaction."""
    from fatto.portal.flow import tasks

    company_id = actor.company.pk if actor.company else None
    file, _ = File.objects.get_or_create(firm=actor.firm, company=actor.company, sha256=sha256, defaults={"size": size})
    delivery = Delivery.objects.create(
        firm_id=actor.firm.pk,
        company_id=company_id,
        file=file,
        name=name[-255:],
        batch=batch,
        channel=channel,
        by=actor.member,
        details=details or {},
    )
    tasks.queue(delivery)
    return delivery


@action(Can.DOCUMENT_UPLOAD, verb="tried-again")
def again(actor: Actor, delivery: Delivery) -> None:
    """Queue a delivery that stopped by an error once more; it goes on after what it has filed already."""
    from fatto.portal.flow import tasks

    move(delivery, "state", Delivery.State.WAITING, among=[Delivery.State.FAILED], finished_at=None)
    tasks.queue(delivery)


def process(firm: Firm, delivery_id: int, *, at: datetime | None = None) -> None:
    """Do a delivery to its end, from where it stands. Safe to call again, or after a kill."""
    received = at or timezone.now()
    actor = actors.system(firm)
    with scope(actor):
        delivery = Delivery.objects.select_related("file", "by").get(pk=delivery_id)
        if delivery.state == Delivery.State.DONE:
            return
        Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.RUNNING)
        register = Register(Company.objects.filter(active=True))
    with vault.open_stream(firm.pk, delivery.file.sha256) as stream:
        found = enumerate(envelopes.open(stream, delivery.name))
        for chunk in _chunks(islice(found, delivery.seen, None)):
            keep_originals(firm, (enclosed for _, enclosed in chunk))
            file_chunk(actor, delivery, register, chunk, received)
    with scope(actor):
        Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.DONE, finished_at=timezone.now())


def failed(firm: Firm, delivery_id: int) -> None:
    """Say on a delivery that its processing stopped by an error of ours; its bytes are kept."""
    with scope(actors.system(firm)):
        Delivery.objects.filter(pk=delivery_id).exclude(state=Delivery.State.DONE).update(
            state=Delivery.State.FAILED, finished_at=timezone.now()
        )


def lost(firm: Firm) -> list[int]:
    """Deliveries that nothing works on any more: their job took too many workers with it and was given up."""
    at_work = (
        ProcrastinateJob.objects.filter(task_name="fatto.process_delivery", status__in=["todo", "doing"])
        .annotate(delivery=Cast(KeyTextTransform("delivery", "args"), BigIntegerField()))
        .values("delivery")
    )
    with scope(actors.system(firm)):
        unfinished = Delivery.objects.filter(state__in=[Delivery.State.WAITING, Delivery.State.RUNNING])
        # In one statement: a job that ends meanwhile has said so on its delivery before.
        return list(unfinished.exclude(pk__in=at_work).values_list("pk", flat=True))


def _chunks(found: Iterable[tuple[int, Enclosed]]) -> Iterator[list[tuple[int, Enclosed]]]:
    """Pieces of work of bounded size; the invoices of one PDF are never parted."""
    chunk: list[tuple[int, Enclosed]] = []
    size = 0
    for position, enclosed in found:
        if (len(chunk) >= CHUNK or size >= CHUNK_BYTES) and enclosed.file is not chunk[-1][1].file:
            yield chunk
            chunk, size = [], 0
        chunk.append((position, enclosed))
        size += len(enclosed.file) + len(enclosed.data)
    if chunk:
        yield chunk


def keep_originals(firm: Firm, found: Iterable[Enclosed]) -> None:
    """Put the bytes of what was found into the vault, before any of it is filed. Outside a scope."""
    for enclosed in found:
        if enclosed.file:
            vault.put(firm.pk, enclosed.file)


def file_chunk(
    actor: Actor, delivery: Delivery, register: Register, chunk: list[tuple[int, Enclosed]], received: datetime
) -> list[Filed]:
    """Route and file what was found, by its position in the delivery; its originals are in the vault.

    One transaction: what becomes of each is returned when all of it is written.
    """
    with scope(actor):
        boxes = _sending(delivery, register)
    for last in (False, False, True):
        filed: list[Filed] = []
        for _, group in groupby(chunk, key=lambda each: id(each[1].file)):
            together = [
                (enclosed, each)
                for position, enclosed in group
                for each in _file(position, enclosed, delivery, register, received)
            ]
            for enclosed, each in together:
                _to_send(enclosed, each.documents, delivery, boxes, received)
            filed += _kept_apart(together, delivery, register)
        try:
            with scope(actor):
                fresh = actions.file(actor, delivery, filed=filed, seen=chunk[-1][0] + 1, at=received)
                papers.begin(fresh, delivery.details)
                guard.look(actor, fresh, at=received)
                _arrived(actor, fresh, received)
            return filed
        except (IntegrityError, OperationalError):
            # Another worker filed some of these in the same moment, or waited for us as we for it: the next
            # try finds them.
            if last:
                raise
    raise AssertionError("the last try returns or raises")


def _sending(delivery: Delivery, register: Register) -> dict[int, Box]:
    """The companies for whom something issued may be meant for sending: those whose box at the authority we see."""
    if _from_authority(delivery):
        return {}
    return issue.boxes([company.pk for company in register.companies])


def _from_authority(delivery: Delivery) -> bool:
    return any(delivery.channel == each.code for _, each in services.types())


def _to_send(
    enclosed: Enclosed, documents: Iterable[Document], delivery: Delivery, boxes: Mapping[int, Box], received: datetime
) -> None:
    """What is issued by a company that sends from here is a draft, checked at once by the official rules.

    What came out of the authority's box is there already.
    """
    for document in documents:
        box = boxes.get(document.company_id)
        if document.direction != Direction.ISSUED:
            continue
        if _from_authority(delivery):
            document.transmission = Transmission.DELIVERED
        elif box is not None:
            reading = next((each for each in pipeline.read(enclosed) if each.index == document.index), None)
            if reading is not None:
                channel = services.find(box.channel)
                document.transmission = issue.fit(box.tax_id, channel, enclosed, reading, received)


def _arrived(actor: Actor, documents: list[Document], at: datetime) -> None:
    """What becomes of new documents in the transaction that filed them: whom they wait for, then the rules.

    Guards come before the rules: a document with an alert is left to people.
    """
    approvals.ask(actor, documents, at=at)
    rules.apply(actor, documents, at=at)


def _kept_apart(together: list[tuple[Enclosed, Filed]], delivery: Delivery, register: Register) -> list[Filed]:
    """What is to become of one file, all its invoices looked at together.

    A file is kept whole, and whoever may see a document may see its file. So a PDF that carries the
    invoices of several companies is filed with none of them: it waits for a person. What a company
    handed in itself it knows already.
    """
    filed = [each for _, each in together]
    owners = {frozenset(document.company_id for document in each.documents) for each in filed}
    if delivery.company_id is not None or len(owners) == 1:
        return filed
    apart = []
    for enclosed, each in together:
        if each.documents:
            reason = Quarantined.Reason.SEVERAL
            reading = next(found for found in pipeline.read(enclosed) if found.index == each.index)
            data_sha256 = hashlib.sha256(enclosed.data).hexdigest()
            stray = _stray(enclosed, delivery, data_sha256, reason, reading, register)
            each = replace(each, outcome=Outcome.QUARANTINED, documents=[], quarantined=stray, code=reason)
        apart.append(each)
    return apart


def _file(
    position: int, enclosed: Enclosed, delivery: Delivery, register: Register, received: datetime
) -> Iterator[Filed]:
    """What is to become of one file found in a delivery."""
    base = Filed(
        position=position,
        member=enclosed.member or "",
        sha256=hashlib.sha256(enclosed.file).hexdigest() if enclosed.file else "",
        size=len(enclosed.file),
        outcome=Outcome.ACCEPTED,
    )
    data_sha256 = hashlib.sha256(enclosed.data).hexdigest()
    if enclosed.error is not None and enclosed.error.code == "mail-without-attachment" and enclosed.member is None:
        # The message itself is the document: many a receipt is one.
        yield _paper(base, enclosed, delivery, register, base.sha256, received)
        return
    if enclosed.error is not None:
        yield _unreadable(base, enclosed, enclosed.error, delivery, data_sha256)
        return
    try:
        readings = pipeline.read(enclosed)
    except FattoError as error:
        if error.code == "not-an-invoice":
            values = _plain(error.values)
            yield replace(base, outcome=Outcome.SKIPPED, code=error.code, text=error.text, values=values)
        elif enclosed.kind in ("pdf", "image"):
            yield _paper(base, enclosed, delivery, register, data_sha256, received)
        else:
            yield _unreadable(base, enclosed, error, delivery, data_sha256)
        return
    judge = Judge(enclosed)
    for reading in readings:
        filed = replace(base, index=reading.index)
        yield _invoice(filed, enclosed, reading, delivery, register, data_sha256, received, judge)


def _invoice(
    base: Filed,
    enclosed: Enclosed,
    reading: Reading,
    delivery: Delivery,
    register: Register,
    data_sha256: str,
    received: datetime,
    judge: Judge,
) -> Filed:
    places = register.places(reading.invoice)
    if delivery.company_id is not None:
        here = [place for place in places if place.company.pk == delivery.company_id]
        if not here:
            reason = Quarantined.Reason.OTHER_COMPANY
            stray = _stray(enclosed, delivery, data_sha256, reason, reading, register, places)
            return replace(base, outcome=Outcome.ELSEWHERE, quarantined=stray, code=reason)
        places = here
    if not places:
        parties = (reading.invoice.seller, reading.invoice.buyer)
        named = any(routing.ids(party) for party in parties)
        reason = Quarantined.Reason.UNKNOWN_PARTIES if named else Quarantined.Reason.NO_IDS
        stray = _stray(enclosed, delivery, data_sha256, reason, reading, register, places)
        return replace(base, outcome=Outcome.QUARANTINED, quarantined=stray, code=reason)
    documents = [filing.of_reading(enclosed, reading, place, data_sha256, received, judge) for place in places]
    return replace(base, documents=documents)


def _paper(
    base: Filed, enclosed: Enclosed, delivery: Delivery, register: Register, data_sha256: str, received: datetime
) -> Filed:
    company = next((each for each in register.companies if each.pk == delivery.company_id), None)
    if company is None:
        reason = Quarantined.Reason.NO_COMPANY
        stray = _stray(enclosed, delivery, data_sha256, reason)
        return replace(base, outcome=Outcome.QUARANTINED, quarantined=stray, code=reason)
    document = filing.of_paper(enclosed, company, data_sha256, received)
    if delivery.details:
        told = paper_columns.from_plain(delivery.details)
        paper_columns.fill(document, told)
        document.words = paper_columns.searchable(document, "", told)
    return replace(base, documents=[document])


def _unreadable(base: Filed, enclosed: Enclosed, error: FattoError, delivery: Delivery, data_sha256: str) -> Filed:
    values = _plain(error.values)
    stray = None
    if enclosed.file:
        stray = _stray(enclosed, delivery, data_sha256, Quarantined.Reason.UNREADABLE)
        stray.code, stray.text, stray.values = error.code, error.text, values
    return replace(base, outcome=Outcome.UNREADABLE, quarantined=stray, code=error.code, text=error.text, values=values)


def _stray(
    enclosed: Enclosed,
    delivery: Delivery,
    data_sha256: str,
    reason: str,
    reading: Reading | None = None,
    register: Register | None = None,
    places: Iterable[Place] = (),
) -> Quarantined:
    invoice = reading.invoice if reading else None
    index = reading.index if reading else 0
    file_sha256 = hashlib.sha256(enclosed.file).hexdigest()
    stray = Quarantined(
        firm_id=delivery.firm_id,
        company_id=delivery.company_id,
        name=enclosed.name[-255:],
        member=(enclosed.member or "")[-1000:],
        index=index,
        identity=filing.identity(invoice, data_sha256 if enclosed.data else file_sha256, index),
        reason=reason,
    )
    if invoice is not None and register is not None:
        stray.seller_name = (invoice.seller.name or "")[:300]
        stray.seller_id = next(iter(routing.ids(invoice.seller)), "")[:60]
        stray.buyer_name = (invoice.buyer.name or "")[:300]
        stray.buyer_id = next(iter(routing.ids(invoice.buyer)), "")[:60]
        stray.number = (invoice.number or "")[:100]
        stray.issue_date = invoice.issue_date
        suggestion = next((place.company for place in places), None) or register.nearest(invoice)
        stray.suggestion_id = suggestion.pk if suggestion else None
    return stray


def _plain(values: dict[str, object]) -> dict[str, object]:
    return {key: value if isinstance(value, int | float | bool) else str(value) for key, value in values.items()}


def route(actor: Actor, quarantined: Quarantined, company: Company, *, at: datetime | None = None) -> None:
    """File something from quarantine with a company that a person chose.

    An invoice goes to the side on which the company's name stands; what is no invoice, to "Others".
    Called inside the actor's scope.
    """
    if quarantined.reason == Quarantined.Reason.UNKNOWN_SENDER:
        _admit(actor, quarantined, company=company)
        return
    received = at or timezone.now()
    data = vault.get(actor.firm.pk, quarantined.file.sha256)
    found = list(envelopes.open(data, quarantined.name))
    if quarantined.code.startswith("zip-") or any(each.file != data for each in found):
        raise HoldsSeveral
    enclosed = _looked_at(found, quarantined, company)
    _route(actor, quarantined, company=company, filed=_chosen(enclosed, quarantined, company, received))


class HoldsSeveral(Refusal):
    """A file is kept whole: one that may hold what is others' is filed with nobody."""

    def __init__(self) -> None:
        super().__init__(
            gettext_lazy(
                "This file may hold documents of several companies, and a company sees its files whole."
                " Add its documents one by one."
            )
        )


def _looked_at(found: list[Enclosed], quarantined: Quarantined, company: Company) -> Enclosed:
    """The one of the file's invoices that stands in quarantine; the others must be the same company's."""
    chosen = found[0]
    if len(found) == 1:
        return chosen
    read: list[tuple[Enclosed, Reading]] = []
    for enclosed in found:
        with suppress(FattoError):
            read += [(enclosed, reading) for reading in pipeline.read(enclosed)]
    for enclosed, reading in read:
        data_sha256 = hashlib.sha256(enclosed.data).hexdigest()
        if filing.identity(reading.invoice, data_sha256, reading.index) == quarantined.identity:
            chosen = enclosed
    theirs = Register([company])
    parties = {
        (routing.ids(each.invoice.seller), routing.ids(each.invoice.buyer))
        for _, each in read
        if not theirs.places(each.invoice)
    }
    # Of several parties, or some with the company's number and some without: not surely one company's.
    if len(parties) > 1 or (parties and any(theirs.places(each.invoice) for _, each in read)):
        raise HoldsSeveral
    return chosen


def _chosen(enclosed: Enclosed, quarantined: Quarantined, company: Company, received: datetime) -> Filed:
    data_sha256 = hashlib.sha256(enclosed.data or enclosed.file).hexdigest()
    try:
        reading = next(each for each in pipeline.read(enclosed) if each.index == quarantined.index)
    except (FattoError, StopIteration):
        document = filing.of_paper(enclosed, company, data_sha256, received)
    else:
        places = Register([company]).places(reading.invoice)
        near = Register([company]).nearest(reading.invoice)
        side = Direction.RECEIVED
        if not places and near is not None and (reading.invoice.seller.name or "") and near is company:
            folded = words.fold
            seller = folded(reading.invoice.seller.name or "") == folded(company.name)
            side = Direction.ISSUED if seller else Direction.RECEIVED
        place = places[0] if places else Place(company, side)
        document = filing.of_reading(enclosed, reading, place, data_sha256, received, Judge(enclosed))
    return Filed(
        position=0,
        sha256=quarantined.file.sha256,
        size=quarantined.file.size,
        outcome=Outcome.ACCEPTED,
        documents=[document],
    )


@action(Can.QUARANTINE_ROUTE)
def _admit(actor: Actor, quarantined: Quarantined, *, company: Company) -> None:
    """A message from somebody unknown is let in: it goes the way of any message to the company it was sent to."""
    from fatto.portal.flow import tasks

    if company.pk != quarantined.company_id:
        raise SentElsewhere
    move(quarantined, "state", Quarantined.State.ROUTED, among=[Quarantined.State.OPEN])
    with whole():
        delivery = Delivery.objects.create(
            firm_id=actor.firm.pk,
            company=company,
            file=quarantined.file,
            name=quarantined.name,
            batch=uuid4(),
            channel="mail",
            by=actor.member,
        )
        tasks.queue(delivery)
        trail.record(
            actor, "admitted", company_id=company.pk, data={"quarantined": quarantined.pk, "delivery": delivery.pk}
        )


class SentElsewhere(Refusal):
    """Whoever wrote chose the company."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("This message was sent to another company. File it there, or discard it."))


@action(Can.QUARANTINE_ROUTE)
def _route(actor: Actor, quarantined: Quarantined, *, company: Company, filed: Filed) -> None:
    move(quarantined, "state", Quarantined.State.ROUTED, among=[Quarantined.State.OPEN])
    with whole():
        delivery = Delivery.objects.create(
            firm_id=actor.firm.pk,
            company=company,
            file=papers.file_of(company, quarantined.file.sha256, quarantined.file.size),
            name=quarantined.name,
            batch=quarantined.delivery.batch,
            channel=quarantined.delivery.channel,
            by=actor.member,
            state=Delivery.State.DONE,
            finished_at=timezone.now(),
        )
        fresh = actions.file(actor, delivery, filed=[filed], seen=1)
        papers.begin(fresh)
        trail.record(
            actor,
            "routed",
            company_id=company.pk,
            document_id=filed.documents[0].pk,
            data={"quarantined": quarantined.pk, "name": quarantined.name, "sha256": quarantined.file.sha256},
        )
    guard.look(actor, fresh)
    with whole():
        _arrived(actor, fresh, timezone.now())


@action(Can.QUARANTINE_ROUTE, verb="discarded")
def discard(actor: Actor, quarantined: Quarantined) -> None:
    """Put something out of the quarantine's list; its bytes stay with the delivery that brought it."""
    move(quarantined, "state", Quarantined.State.DISCARDED, among=[Quarantined.State.OPEN])

"""Putting documents into archives, a chunk at a time, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import F, Func, TextField, Value
from django.utils.translation import gettext_lazy as _

from fatto import countries
from fatto.portal.documents import asking, filing, naming, references, verdicts
from fatto.portal.documents.models import Delivery, DeliveryItem, Direction, Document, File, Quarantined, SavedView
from fatto.portal.documents.states import UNSENT, Booking, Transmission
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import NotAllowed, Refusal, action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.gates import hold
from fatto.portal.tenancy.models import Deed, Firm
from fatto.portal.tenancy.permissions import Can

OTHER_AMOUNT = "other-amount"
"""The code of a result: a document of this number and date is here already, with another amount."""


CORRECTED = "corrected"
"""The code of a result: the file took the place of an earlier one of the same invoice, which was not sent or failed."""


@dataclass(slots=True, kw_only=True)
class Filed:
    """One thing of a delivery on its way into the archive: what it is, and what is to become of it."""

    position: int
    index: int = 0
    member: str = ""
    sha256: str = ""
    size: int = 0
    outcome: str
    documents: list[Document] = field(default_factory=list)
    """Rows not yet written: usually one, two when both parties are companies of the firm."""
    quarantined: Quarantined | None = None
    code: str = ""
    text: str = ""
    values: dict[str, Any] = field(default_factory=dict)


@action(Can.DOCUMENT_UPLOAD)
def file(
    actor: Actor, delivery: Delivery, *, filed: Sequence[Filed], seen: int, at: datetime | None = None
) -> list[Document]:
    """Write a chunk of a delivery: files, documents, what is in quarantine, and the result of each.

    `seen` says how far the delivery is done afterwards. Documents already there are not written
    again: their item points at the one that is. The caller repeats the chunk when two writers met
    on the same document (`IntegrityError`); the second time it is found. Gives those that are new.
    """
    files = _files(delivery, filed)
    there = _already_there([document for each in filed for document in each.documents])
    fresh: dict[tuple[int, str], Document] = {}
    corrected: list[tuple[Document, dict[str, Any]]] = []
    for each in filed:
        for position, document in enumerate(each.documents):
            key = (document.company_id, document.identity)
            known = there.get(key) or fresh.get(key)
            if known is None:
                known = _failed_before(document)
            if known is not None:
                each.documents[position] = known
                if known.pk is not None and _corrects(document, known):
                    before = _replace(known, document, files[(document.company_id, each.sha256)])
                    if before is not None:
                        corrected.append((known, before))
                        each.code = CORRECTED
                        continue
                if (known.amount, known.currency) != (document.amount, document.currency):
                    each.code = OTHER_AMOUNT
                continue
            document.file = files[(document.company_id, each.sha256)]
            document.channel = delivery.channel
            document.uploaded_by_id = delivery.by_id
            fresh[key] = document
    gates = hold(document.company_id for document in fresh.values())
    for document in fresh.values():
        filing.at_gate(document, gates[document.company_id])
    Document.objects.bulk_create(fresh.values(), batch_size=200)
    verdicts.keep(fresh.values())
    new = {id(document) for document in fresh.values()}
    for each in filed:
        if each.code == CORRECTED:
            continue
        if each.documents and not any(id(document) in new for document in each.documents):
            each.outcome = DeliveryItem.Outcome.DUPLICATE
        # The same one twice in a file: the second is the duplicate.
        new -= {id(document) for document in each.documents}
    strays = [each.quarantined for each in filed if each.quarantined is not None]
    for each in filed:
        if each.quarantined is not None:
            each.quarantined.delivery = delivery
            each.quarantined.file = files[(delivery.company_id, each.sha256)]
            each.quarantined.uploaded_by_id = delivery.by_id
    Quarantined.objects.bulk_create(strays, ignore_conflicts=True)
    _reopen(delivery, strays)
    DeliveryItem.objects.bulk_create(_items(delivery, filed))
    trail.record_all(_arrival(actor, delivery, document, at) for document in fresh.values())
    trail.record_all(_correction(actor, delivery, document, before, at) for document, before in corrected)
    Delivery.objects.filter(pk=delivery.pk).update(seen=seen, accepted=delivery.accepted + len(fresh))
    delivery.seen, delivery.accepted = seen, delivery.accepted + len(fresh)
    return list(fresh.values())


@action(Can.DOCUMENT_UPLOAD)
def compact(actor: Actor) -> int:
    """Add up the tally of the actor's firm; gives how many rows are left. Counting stays exact meanwhile."""
    keys = ("firm_id", "company_id", "direction", "approval", "booking", "open_to_firm", "asked", "agreed")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            with gone as (delete from documents_tally where firm_id = %s returning *)
            insert into documents_tally ({", ".join(keys)}, n, arrived_at)
            select {", ".join(keys)}, sum(n), max(arrived_at) from gone group by {", ".join(keys)}
            """,  # noqa: S608 - nothing from outside is in it
            [actor.firm.pk],
        )
        return int(cursor.rowcount)


@action(Can.DOCUMENT_UPLOAD)
def note_references(actor: Actor, *, after: int, most: int) -> int:
    """Mark the references of documents that were filed before there were such marks, after a number and in order.

    Gives the number of the last one looked at, 0 when there are no more. Doing it twice changes nothing.
    """
    rows = list(Document.objects.filter(pk__gt=after).order_by("pk").values_list("pk", "invoice")[:most])
    for pk, text in rows:
        marks = references.of_invoice(countries.decode(text)).marks() if text else []
        if marks:
            plus = Func(Value(marks, output_field=ArrayField(TextField())), function="array_to_tsvector")
            words = Func(F("words"), plus, template="%(expressions)s", arg_joiner=" || ")
            Document.objects.filter(pk=pk, words__isnull=False).update(words=words)
    return rows[-1][0] if rows else 0


@action(Can.DOCUMENT_UPLOAD)
def compact_months(actor: Actor) -> int:
    """The same for the tally by months; of months in which nothing changed, nothing is written."""
    keys = "firm_id, company_id, month, direction, booked, open_to_firm"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            with loose as (
              select {keys} from documents_monthtally where firm_id = %s group by {keys} having count(*) > 1
            ), gone as (
              delete from documents_monthtally t using loose
              where (t.firm_id, t.company_id, t.month, t.direction, t.booked, t.open_to_firm)
                  = (loose.firm_id, loose.company_id, loose.month, loose.direction, loose.booked, loose.open_to_firm)
              returning t.*
            )
            insert into documents_monthtally ({keys}, n)
            select {keys}, sum(n) from gone group by {keys} having sum(n) <> 0
            """,  # noqa: S608 - nothing from outside is in it
            [actor.firm.pk],
        )
        return int(cursor.rowcount)


def _reopen(delivery: Delivery, strays: Sequence[Quarantined]) -> None:
    """What was discarded and is handed in once more waits for a person again: no file vanishes in silence."""
    keys = {(each.identity, each.index) for each in strays}
    gone = Quarantined.objects.filter(
        company=delivery.company, state=Quarantined.State.DISCARDED, identity__in={key for key, _ in keys}
    )
    again = [each.pk for each in gone if (each.identity, each.index) in keys]
    gone.filter(pk__in=again).update(state=Quarantined.State.OPEN)


def _arrival(actor: Actor, delivery: Delivery, document: Document, at: datetime | None) -> Deed:
    """The first row of a document's history: who brought it, where a person did."""
    deed = trail.deed(
        actor,
        "arrived",
        company_id=document.company_id,
        document_id=document.pk,
        data={"channel": delivery.channel, "name": document.name, "sha256": document.data_sha256},
        at=at or document.received_at,
    )
    if delivery.by is not None:
        deed.by, deed.by_name, deed.by_kind = delivery.by, str(delivery.by), "person"
    return deed


def _files(delivery: Delivery, filed: Sequence[Filed]) -> dict[tuple[int | None, str], File]:
    """The File rows that the chunk needs, written where missing, by owner and hash."""
    wanted: dict[tuple[int | None, str], int] = {}
    for each in filed:
        for document in each.documents:
            wanted[(document.company_id, each.sha256)] = each.size
        if each.quarantined is not None:
            wanted[(delivery.company_id, each.sha256)] = each.size
    rows = [
        File(firm_id=delivery.firm_id, company_id=company_id, sha256=sha256, size=size)
        for (company_id, sha256), size in sorted(wanted.items(), key=str)  # two who write the same never wait in a ring
    ]
    File.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    found = File.objects.filter(sha256__in={sha256 for _, sha256 in wanted})
    return {(row.company_id, row.sha256): row for row in found}


def _already_there(documents: Sequence[Document]) -> dict[tuple[int, str], Document]:
    rows = Document.objects.filter(
        company_id__in={document.company_id for document in documents},
        identity__in={document.identity for document in documents},
    ).only(*_KNOWN)
    return {(row.company_id, row.identity): row for row in rows}


_KNOWN = (
    *("id", "company_id", "identity", "amount", "currency", "direction", "transmission", "booking", "data_sha256"),
    *("number", "number_key", "issue_date", "file", "name"),
)


def _failed_before(document: Document) -> Document | None:
    """The invoice of the same number and year that the authority refused: what comes now corrects it, even its date."""
    correcting = (*UNSENT, Transmission.DELIVERED)
    if document.direction != Direction.ISSUED or document.transmission not in correcting or document.issue_date is None:
        return None
    rows = Document.objects.filter(
        company_id=document.company_id,
        direction=Direction.ISSUED,
        transmission=Transmission.FAILED,
        number_key=document.number_key,
        issue_date__year=document.issue_date.year,
        credit=document.credit,
    ).only(*_KNOWN)
    return next((row for row in rows if row.number.strip().casefold() == document.number.strip().casefold()), None)


def _corrects(document: Document, known: Document) -> bool:
    """Is this another file of an invoice that is not sent yet, or was refused? What the authority has counts."""
    return (
        document.direction == known.direction == Direction.ISSUED
        and document.transmission in (*UNSENT, Transmission.DELIVERED)
        and known.transmission in UNSENT
        and known.booking == Booking.TO_BOOK
        and document.data_sha256 != known.data_sha256
    )


_READ = (
    *("member", "index", "data_sha256", "identity", "format", "reader", "invoice", "findings", "signers", "name"),
    *("party_name", "party_id", "party_key", "number", "number_key", "issue_date", "due_date", "hand_in_by"),
    *("type_code", "credit", "currency", "amount", "attachments", "words", "sort_date", "transmission", "settlement"),
)
"""What another file of the same invoice says anew."""


def _replace(known: Document, document: Document, file: File) -> dict[str, Any] | None:
    """Put another file in the place of one that was not sent; what it replaced. None when that has left meanwhile."""
    before = {"before": known.data_sha256, "before_name": known.name, "file": known.file_id}
    rows = Document.objects.filter(
        pk=known.pk, transmission__in=UNSENT, booking=Booking.TO_BOOK, data_sha256=known.data_sha256
    )
    if not rows.update(file=file, late_told=False, **{name: getattr(document, name) for name in _READ}):
        return None
    for name in _READ:
        if name != "words":
            setattr(known, name, getattr(document, name))
    known.file = file
    return before


def _correction(
    actor: Actor, delivery: Delivery, document: Document, before: dict[str, Any], at: datetime | None
) -> Deed:
    deed = trail.deed(
        actor,
        "corrected",
        company_id=document.company_id,
        document_id=document.pk,
        data={"channel": delivery.channel, "name": document.name, "sha256": document.data_sha256, **before},
        at=at,
    )
    if delivery.by is not None:
        deed.by, deed.by_name, deed.by_kind = delivery.by, str(delivery.by), "person"
    return deed


def _items(delivery: Delivery, filed: Sequence[Filed]) -> list[DeliveryItem]:
    return [
        DeliveryItem(
            delivery=delivery,
            firm_id=delivery.firm_id,
            company_id=delivery.company_id,
            position=each.position,
            index=each.index,
            member=each.member[-1000:],
            outcome=each.outcome,
            document_id=each.documents[0].pk if each.documents else None,
            code=each.code,
            text=each.text,
            values=each.values,
        )
        for each in filed
    ]


# -- saved views: a person's own things, not deeds on documents, so they leave no trail --------------------------

MOST_VIEWS = 50
"""Of one person in one space."""


@action(Can.DOCUMENT_READ)
def save_view(actor: Actor, *, name: str, query: str, shared: bool = False) -> SavedView:
    """Keep a question under a name in the space we are in; the same name again replaces the question."""
    if actor.member is None:
        raise NotAllowed(Can.DOCUMENT_READ)
    name = _named(name)
    mine = SavedView.objects.filter(company=actor.company, member=actor.member)
    if mine.exclude(name=name).count() >= MOST_VIEWS:
        raise Refusal(_("You have saved as many views as there can be. Remove one that you no longer need."))
    view, _new = SavedView.objects.update_or_create(
        firm=actor.firm,
        company=actor.company,
        member=actor.member,
        name=name,
        defaults={"query": query[: asking.LONGEST * 3], "shared": shared},
    )
    return view


@action(Can.DOCUMENT_READ)
def change_view(actor: Actor, view: SavedView, *, name: str, shared: bool) -> None:
    """Another name, or shared or no longer; one's own only."""
    if actor.member is None or view.member_id != actor.member.pk:
        raise Refusal(_("Only the person who saved this view can change it."))
    name = _named(name)
    others = SavedView.objects.filter(company=actor.company, member=actor.member, name=name).exclude(pk=view.pk)
    if others.exists():
        raise Refusal(_("You already have a view with this name."))
    SavedView.objects.filter(pk=view.pk).update(name=name, shared=shared)


@action(Can.DOCUMENT_READ)
def forget_view(actor: Actor, view: SavedView) -> None:
    """Remove a view: one's own; a shared one also for those who manage the space."""
    manages = actor.can(Can.COMPANY_MANAGE if actor.company is not None else Can.FIRM_MANAGE)
    if not (view.shared and manages) and (actor.member is None or view.member_id != actor.member.pk):
        raise Refusal(_("Only the person who saved this view can remove it."))
    view.delete()


def _named(name: str) -> str:
    name = " ".join(name.split())[:60]
    if not name:
        raise Refusal(_("Give the view a name."))
    return name


@action(Can.FIRM_MANAGE)
def name_folders(actor: Actor, *, pattern: str) -> None:
    """Call folders by another pattern from now on; those that are there keep their names."""
    if not naming.valid(pattern) or len(pattern) > naming.LONGEST:
        raise Refusal(_("This pattern cannot be used."))
    trail.record(actor, "folders-named", data={"pattern": pattern, "before": actor.firm.naming})
    Firm.objects.filter(pk=actor.firm.pk).update(naming=pattern)

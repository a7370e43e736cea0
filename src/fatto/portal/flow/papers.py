"""Supporting documents on their way in: photographed, made into pages, told what they are.

The files stay as they came, always; what is shown is made of them by a job. What a person says of a document
goes into the columns that lists and searches read, and what was said before stays in the trail.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from fatto.envelopes.enclosed import Enclosed
from fatto.portal.approvals import actions as approvals
from fatto.portal.documents import filing, guessing, papers, vault, words
from fatto.portal.documents import pages as making
from fatto.portal.documents.models import Delivery, DeliveryItem, Direction, Document, File, Page, Paper
from fatto.portal.documents.papers import Details
from fatto.portal.documents.states import Approval, Booking
from fatto.portal.flow import guard
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import Refusal, action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.gates import hold
from fatto.portal.tenancy.models import Company, Firm
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope, whole
from fatto.portal.tenancy.states import AlreadyMoved

LARGEST = 200_000_000
"""Bytes of all files of a document that pages are made of."""
_DECIDED = (Approval.APPROVED, Approval.DISPUTED)
_AGREED_TO = frozenset({"party", "amount", "currency"})
"""Details by which people decide: when one changes, a first yes was to something else."""


class NotAPaper(Refusal):
    """What an electronic invoice says is not ours to change."""

    def __init__(self) -> None:
        super().__init__(_("This is an electronic invoice: its data and its folder follow from its content."))


class Booked(Refusal):
    """What the firm has booked stays as it was booked."""

    def __init__(self) -> None:
        super().__init__(_("This document is booked. The booking must be taken back first."))


class Replaced(Refusal):
    """Others stand in its place."""

    def __init__(self) -> None:
        super().__init__(_("Other documents stand in the place of this one. Restore it first."))


class Decided(Refusal):
    """The company has spoken on what it saw."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            _("The company has decided on this document: only those who decide or book can change it now.")
        )


class TooLong(Refusal):
    """As many pages as can be looked at."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("All together these are too many pages for one document."))


class Unshown(Refusal):
    """A photograph is a picture."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Only pictures and PDFs can be pages of a document."))


# -- arriving -----------------------------------------------------------------------------------------------------


def begin(documents: Iterable[Document], told: dict[str, Any] | None = None) -> None:
    """New documents that are none that was read: note them as papers, and have their pages made.

    In the transaction that files them. `told` is what whoever handed them in said of them.
    """
    fresh = [each for each in documents if papers.is_paper(each)]
    said = papers.from_plain(told or {})
    Paper.objects.bulk_create(
        [
            Paper(
                firm_id=each.firm_id,
                company_id=each.company_id,
                document=each,
                told=bool(told),
                payer=said.payer,
                method=said.method,
                note=said.note,
            )
            for each in fresh
        ],
        ignore_conflicts=True,
    )
    for each in fresh:
        queue(each)


def queue(document: Document) -> None:
    """Have a document's pages made, in the transaction that is open. Two at a time, so that memory lasts."""
    number: Any = document.pk
    job = app.configure_task("fatto.make_pages", queue="pages", lock=f"pages-{number % 2}")
    job.defer(firm=document.firm_id, document=number)


def prepare(firm: Firm, document_id: int) -> None:
    """Make the pages of a document: pictures and a PDF in the vault, and what its text says for sure."""
    actor = actors.system(firm)
    with scope(actor):
        document = Document.objects.select_related("company", "file").get(pk=document_id)
        paper, _new = Paper.objects.get_or_create(
            document=document, defaults={"firm_id": firm.pk, "company_id": document.company_id}
        )
        rows = papers.pages(document)
    parts: list[tuple[File, str, tuple[int, ...] | None]] = [(document.file, document.name, None)]
    if rows:
        parts = []
        for _key, group in groupby(rows, key=lambda row: (row.file_id, row.on > 0)):
            together = list(group)
            only = tuple(row.on for row in together) if together[0].on else None
            parts.append((together[0].file, together[0].name, only))
    view = _made(firm, parts)
    pictures = [vault.put(firm.pk, picture) if picture else "" for _made_page, picture in view.pages]
    pdf = vault.put(firm.pk, view.pdf) if view.pdf else ""
    with scope(actor):
        _keep(document, paper, parts, view, pictures, pdf)


def _made(firm: Firm, parts: list[tuple[File, str, tuple[int, ...] | None]]) -> making.View:
    if sum(file.size for file, _name, _only in parts) > LARGEST:
        return making.View(trouble="too-large")
    kept: dict[str, bytes] = {}
    try:
        for file, _name, _only in parts:
            if file.sha256 not in kept:
                kept[file.sha256] = vault.get(firm.pk, file.sha256)
    except (vault.Damaged, FileNotFoundError):
        return making.View(trouble="lost")
    sources = [making.Source(name=name, data=kept[file.sha256], only=only) for file, name, only in parts]
    return making.make(sources, folder=settings.FILE_UPLOAD_TEMP_DIR)


def _keep(
    document: Document,
    paper: Paper,
    parts: list[tuple[File, str, tuple[int, ...] | None]],
    view: making.View,
    pictures: list[str],
    pdf: str,
) -> None:
    if view.trouble:
        Paper.objects.filter(pk=paper.pk).update(state=Paper.State.FAILED, trouble=view.trouble)
        return
    Page.objects.filter(document_id=document.pk).delete()
    Page.objects.bulk_create(
        Page(
            firm_id=document.firm_id,
            company_id=document.company_id,
            document=document,
            number=number,
            file=parts[made.source][0],
            name=parts[made.source][1],
            on=made.on,
            image_sha256=picture,
        )
        for number, ((made, _data), picture) in enumerate(zip(view.pages, pictures, strict=True), 1)
    )
    # What somebody has said meanwhile counts: so it is read again.
    now = Paper.objects.select_related("document").get(pk=paper.pk)
    Paper.objects.filter(pk=paper.pk).update(
        state=Paper.State.READY,
        trouble="",
        text=view.text,
        guess=guessing.guess(view.text, document.company),
        view_sha256=pdf,
        view_size=len(view.pdf),
    )
    told = papers.details(now.document, now)
    Document.objects.filter(pk=document.pk).update(words=papers.searchable(document, view.text, told))


def failed(firm: Firm, document_id: int) -> None:
    """Say that a document's pages could not be made by an error of ours; its files are kept."""
    with scope(actors.system(firm)):
        Paper.objects.filter(document_id=document_id, state=Paper.State.WAITING).update(
            state=Paper.State.FAILED, trouble="error"
        )


def unprepared(firm: Firm, most: int = 50) -> list[int]:
    """Supporting documents without pages that nothing works on: those of before there were papers."""
    with scope(actors.system(firm)):
        rows = Document.objects.filter(direction=Direction.OTHER, format="", paper__isnull=True)
        return list(rows.order_by("-id").values_list("pk", flat=True)[:most])


# -- photographed -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shot:
    """One file of a document that is made of several, its bytes in the vault already."""

    name: str
    sha256: str
    size: int


@action(Can.DOCUMENT_UPLOAD)
def capture(
    actor: Actor, *, shots: Sequence[Shot], batch: uuid.UUID, channel: str = "upload", at: datetime | None = None
) -> list[Delivery]:
    """Make one document of several files in their order. The same `batch` again gives what it gave before.

    `batch` is chosen by whoever sends, so that a sending whose answer was lost can be repeated.
    """
    company = actor.company
    if company is None or not shots:
        raise Unshown
    if len(shots) > making.MOST_FILES:
        raise TooLong
    at = at or timezone.now()
    with connection.cursor() as cursor:
        # The same sending twice in one moment: the second waits, and finds what the first did.
        cursor.execute("select pg_advisory_xact_lock(%s)", [batch.int % (1 << 62)])
    with whole():
        before = list(Delivery.objects.filter(batch=batch, by=actor.member).order_by("id"))
        if before:
            return before
        files = [file_of(company, shot.sha256, shot.size) for shot in shots]
        document, new = _photographed(actor, company, shots, files, channel, at)
        deliveries = []
        outcome = DeliveryItem.Outcome.ACCEPTED if new else DeliveryItem.Outcome.DUPLICATE
        for shot, file in zip(shots, files, strict=True):
            delivery = Delivery.objects.create(
                firm_id=company.firm_id,
                company=company,
                file=file,
                name=shot.name[-255:],
                batch=batch,
                channel=channel,
                by=actor.member,
                state=Delivery.State.DONE,
                seen=1,
                accepted=int(new),
                finished_at=at,
            )
            DeliveryItem.objects.create(
                delivery=delivery,
                firm_id=company.firm_id,
                company=company,
                position=0,
                outcome=outcome,
                document=document,
            )
            deliveries.append(delivery)
    return deliveries


def _photographed(
    actor: Actor, company: Company, shots: Sequence[Shot], files: list[File], channel: str, at: datetime
) -> tuple[Document, bool]:
    """The document of these files, and whether it is new."""
    if len(shots) == 1:
        data_sha256 = shots[0].sha256
        identity = filing.identity(None, data_sha256)
    else:
        data_sha256 = identity = papers.fingerprint((shot.sha256, 0) for shot in shots)
    known = Document.objects.filter(company=company, identity=identity).first()
    if known is not None:
        return known, False
    document = filing.of_paper(Enclosed(name=shots[0].name), company, data_sha256, at)
    document.identity = identity
    document.file = files[0]
    document.channel = channel
    document.uploaded_by = actor.member
    filing.at_gate(document, hold([company.pk])[company.pk])
    document.save(force_insert=True)
    if len(shots) > 1:
        paged(document, [(file, shot.name, 0) for shot, file in zip(shots, files, strict=True)])
    begin([document])
    arrived(actor, document, at, files=len(shots))
    asked(actor, [document], at=at)
    return document, True


def asked(
    actor: Actor, documents: Iterable[Document], at: datetime | None = None, *, changed: int | None = None
) -> None:
    """Ask for the company's word on documents that wait now, as its policies say: new ones, and those that changed."""
    waiting = [each for each in documents if each.approval == Approval.TO_APPROVE]
    if not waiting:
        return
    with scope(actors.system(actor.firm)) as system:
        hold({each.company_id for each in waiting})
        approvals.ask_again(system, waiting, changed=changed)


def arrived(actor: Actor, document: Document, at: datetime | None = None, **also_told: Any) -> None:
    """The first row of a new document's history."""
    trail.record(
        actor,
        "arrived",
        company_id=document.company_id,
        document_id=document.pk,
        data={"channel": document.channel, "name": document.name, "sha256": document.data_sha256, **also_told},
        at=at or timezone.now(),
    )


def paged(document: Document, parts: Iterable[tuple[File, str, int]]) -> None:
    """Write down which pages a document has; page 0 stands for all of a file."""
    Page.objects.bulk_create(
        Page(
            firm_id=document.firm_id,
            company_id=document.company_id,
            document=document,
            number=number,
            file=file,
            name=name,
            on=on,
        )
        for number, (file, name, on) in enumerate(parts, 1)
    )


def file_of(company: Company, sha256: str, size: int) -> File:
    """The company's row for bytes that are in the vault; not limited to the scope's own company."""
    found = File._base_manager.filter(company=company, sha256=sha256).first()
    return found or File.objects.create(firm_id=company.firm_id, company=company, sha256=sha256, size=size)


# -- told what it is ----------------------------------------------------------------------------------------------


@action(Can.DOCUMENT_UPLOAD)
def set_details(actor: Actor, document: Document, *, details: Details) -> None:
    """Say what a supporting document is. Earlier values stay in the trail."""
    is_open(document)
    decided = document.approval in _DECIDED
    if decided and not (actor.can(Can.DOCUMENT_DECIDE) or actor.can(Can.DOCUMENT_BOOK)):
        raise Decided
    paper = paper_of(document)
    old, new = papers.details(document, paper).plain(), details.plain()
    changed = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    columns = papers.fill(document, details)
    columns["party_id"] = document.party_id = _known(document, details.party)
    columns["words"] = papers.searchable(document, paper.text, details)
    if _AGREED_TO & set(changed):
        columns |= {"step": 1, "agreed": []}  # a first yes was to what it said before
    # A booking in the same moment wins.
    if not Document.objects.filter(pk=document.pk, booking=Booking.TO_BOOK).update(**columns):
        raise AlreadyMoved
    Paper.objects.filter(pk=paper.pk).update(told=True, payer=details.payer, method=details.method, note=details.note)
    if changed:
        trail.record(
            actor,
            "details-set",
            company_id=document.company_id,
            document_id=document.pk,
            data={
                "old": {name: old[name] for name in changed if name in old},
                "new": {name: new[name] for name in changed if name in new},
            },
        )
        row = Document.objects.select_related("company").get(pk=document.pk)
        guard.look(actor, [row])
        asked(actor, [row])


def _known(document: Document, party: str) -> str:
    """The tax number of a party of this name, as another document of the company has it."""
    query = words.party_query(party)
    if not query:
        return ""
    rows = Document.objects.filter(
        company_id=document.company_id,
        words=SearchQuery(query, config="simple", search_type="raw"),
        party_key__startswith=words.fold(party),
        party_name__iexact=party,
    )
    return rows.exclude(party_id="").order_by("-id").values_list("party_id", flat=True).first() or ""


def is_open(document: Document) -> None:
    """Refuse what may not be changed at all: invoices, what is booked, what others stand for."""
    if not papers.is_paper(document):
        raise NotAPaper
    if document.booking == Booking.BOOKED:
        raise Booked
    if document.booking == Booking.EXCLUDED:
        raise Replaced


def paper_of(document: Document) -> Paper:
    """What is known of it beyond its columns."""
    paper, _new = Paper.objects.get_or_create(
        document_id=document.pk, defaults={"firm_id": document.firm_id, "company_id": document.company_id}
    )
    return paper

"""Splitting, merging and moving supporting documents, and taking each of it back.

Which pages of which files make a document is a row of `Page` each. Splitting and merging make new documents
and exclude those in whose place they stand; restoring excludes the new ones and brings the old ones back.
Nothing is removed, the files stay as they came, and each step is in the trail.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from fatto.portal.approvals import actions as approvals
from fatto.portal.approvals import twins
from fatto.portal.approvals.models import Alert
from fatto.portal.documents import filing, papers
from fatto.portal.documents import pages as making
from fatto.portal.documents.models import Delivery, DeliveryItem, Direction, Document, File, Page, Paper
from fatto.portal.documents.papers import Details
from fatto.portal.documents.states import Approval, Booking, Settlement, Transmission
from fatto.portal.flow import guard
from fatto.portal.flow.papers import TooLong, arrived, asked, file_of, is_open, paged, paper_of, queue
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import Refusal, action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.gates import hold
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import also, scope, whole
from fatto.portal.tenancy.states import AlreadyMoved, move

_DECIDED = (Approval.APPROVED, Approval.DISPUTED)


class NotReady(Refusal):
    """Pages are needed for it."""

    def __init__(self) -> None:
        super().__init__(_("The pages of this document are not ready, or cannot be shown. Look again in a moment."))


class WrongPages(Refusal):
    """Every page goes into one document at most, and at least one document has some."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Choose at least one page for each document, each page once."))


class NothingToMerge(Refusal):
    """One is one already."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Choose at least two supporting documents of the same company."))


class MadeOfOthers(Refusal):
    """Its pages are in files that stay."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Its pages come from files that other documents of this company use as well."
                " Restore what was split or merged first, and move the whole."
            )
        )


class OthersRest(Refusal):
    """What rests beside it would be left with nothing that goes on."""

    def __init__(self) -> None:
        super().__init__(_("Another document of this company is the same as this one. Part the two before moving it."))


class AlreadyThere(Refusal):
    """Each document is in a company's archive once."""

    def __init__(self) -> None:
        super().__init__(_("The other company has this document already."))


class NotThere(Refusal):
    """Whoever moves a document may put it where it goes."""

    status = 403

    def __init__(self) -> None:
        super().__init__(_("You cannot file documents with that company."))


class NothingToRestore(Refusal):
    """It was neither split, nor merged, nor moved."""

    def __init__(self) -> None:
        super().__init__(_("There is nothing to restore here, or what was made of it is booked or changed again."))


# -- split and merged ---------------------------------------------------------------------------------------------


@action(Can.DOCUMENT_ARRANGE)
def split(actor: Actor, document: Document, *, groups: Sequence[Sequence[int]]) -> list[Document]:
    """Make several documents of one, each of some of its pages in the order given; pages may be left out.

    The document itself stays, excluded, with its file: what was made says where it comes from.
    """
    is_open(document)
    rows = {row.number: row for row in _ready(document)}
    chosen = [number for group in groups for number in group]
    if not all(groups) or len(groups) < 1 or len(set(chosen)) != len(chosen) or not set(chosen) <= rows.keys():
        raise WrongPages
    if len(groups) == 1 and len(chosen) == len(rows):
        raise WrongPages
    with whole():
        made = []
        for number, group in enumerate(groups, 1):
            name = _numbered(document.name, number)
            parts = [(rows[each].file, rows[each].name, rows[each].on) for each in group]
            child = _made_of([document], parts, name)
            arrived(actor, child, split_from=document.pk, pages=papers.numbers(group))
            made.append(child)
        _retire(document, [child.pk for child in made])
        asked(actor, made)
        trail.record(
            actor,
            "split",
            company_id=document.company_id,
            document_id=document.pk,
            data={"into": [child.pk for child in made], "pages": "; ".join(papers.numbers(each) for each in groups)},
        )
    return made


@action(Can.DOCUMENT_ARRANGE)
def merge(actor: Actor, documents: Sequence[Document]) -> Document:
    """Make one document of several, their pages in the order given. Those stay, excluded."""
    if len(documents) < 2 or len({each.pk for each in documents}) < len(documents):
        raise NothingToMerge
    if len({(each.company_id, each.direction) for each in documents}) > 1:
        raise NothingToMerge
    parts: list[tuple[File, str, int]] = []
    for each in documents:
        is_open(each)
        parts += [(row.file, row.name, row.on) for row in _ready(each)]
    if len(parts) > making.MOST_PAGES or len({file.pk for file, _name, _on in parts}) > making.MOST_FILES:
        raise TooLong
    with whole():
        made = _made_of(documents, parts, documents[0].name)
        arrived(actor, made, merged_from=[each.pk for each in documents])
        for each in documents:
            _retire(each, [made.pk])
            trail.record(actor, "merged", company_id=each.company_id, document_id=each.pk, data={"into": [made.pk]})
        trail.record(
            actor,
            "merged",
            company_id=made.company_id,
            document_id=made.pk,
            data={"from": [each.pk for each in documents], "names": [each.name for each in documents]},
        )
        asked(actor, [made])
    return made


def _ready(document: Document) -> list[Page]:
    rows = papers.pages(document)
    if not rows or any(not row.on for row in rows):
        raise NotReady
    return rows


def _made_of(sources: Sequence[Document], parts: list[tuple[File, str, int]], name: str) -> Document:
    """A new document of pages of these. What was said of them goes along where it can only mean the whole."""
    first = sources[0]
    company = first.company
    document = Document(
        firm_id=first.firm_id,
        company=company,
        direction=first.direction,
        file=parts[0][0],
        name=name[-255:],
        data_sha256=papers.fingerprint((file.sha256, on) for file, _name, on in parts),
        identity=papers.fingerprint([(uuid.uuid4().hex, 0)]),
        channel=first.channel,
        uploaded_by_id=first.uploaded_by_id,
        received_at=min(each.received_at for each in sources),
        transmission=first.transmission,
        settlement=first.settlement,
    )
    told = _common(sources)
    papers.fill(document, told)
    document.words = papers.searchable(document, "", told)
    filing.at_gate(document, hold([company.pk])[company.pk])
    document.save(force_insert=True)
    paged(document, parts)
    Paper.objects.create(
        firm_id=document.firm_id,
        company=company,
        document=document,
        payer=told.payer,
        method=told.method,
        note=told.note,
        told=len(sources) > 1 and bool(told.plain()),
        made_from=[each.pk for each in sources],
    )
    queue(document)
    return document


def _common(sources: Sequence[Document]) -> Details:
    """Of several documents, what only one of them says, or all that say it say alike. A part says nothing yet."""
    if len(sources) == 1:
        return Details()
    said = [papers.details(each, papers.of(each)) for each in sources]
    values: dict[str, Any] = {}
    for name in Details.__dataclass_fields__:
        found = {getattr(each, name) for each in said} - {"", None}
        if len(found) == 1:
            values[name] = found.pop()
    return Details(**values)


def _retire(document: Document, into: list[int]) -> None:
    """Others stand in its place: it waits for nobody any more."""
    # As it is now and stays: a decision of this moment is the one to come back to.
    before = Document.objects.select_for_update().values_list("approval", flat=True).get(pk=document.pk)
    move(document, "booking", Booking.EXCLUDED, among=[Booking.TO_BOOK], approval=Approval.NOT_REQUIRED)
    if into:
        paper = paper_of(document)
        Paper.objects.filter(pk=paper.pk).update(made_into=into, approval_before=before)


def _numbered(name: str, number: int) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem} ({number}).{ending}" if dot and len(ending) <= 5 else f"{name} ({number})"


# -- restored -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """A splitting or merging: what it was made of, and what was made."""

    sources: list[Document]
    results: list[Document]


def step(document: Document) -> Step | None:
    """The last splitting or merging that this document was part of and that still holds."""
    paper = papers.of(document)
    if paper is None:
        return None
    if paper.made_into:
        results = _documents(paper.made_into)
        sources = _documents({each for row in _papers(results) for each in row.made_from})
    elif paper.made_from and document.booking != Booking.EXCLUDED:
        sources = _documents(paper.made_from)
        results = _documents({each for row in _papers(sources) for each in row.made_into})
    else:
        return None
    if not sources or document.pk not in {each.pk for each in (*sources, *results)}:
        return None
    return Step(sources, results)


def _documents(pks: Iterable[int]) -> list[Document]:
    order = list(pks)
    rows = Document.objects.filter(pk__in=order).select_related("company", "file")
    return sorted(rows, key=lambda each: order.index(each.pk))


def _papers(documents: Iterable[Document]) -> list[Paper]:
    return list(Paper.objects.filter(document_id__in=[each.pk for each in documents]))


@action(Can.DOCUMENT_ARRANGE)
def restore(actor: Actor, document: Document) -> list[Document]:
    """Take back the splitting or merging that a document comes from or went into; gives those that are back.

    Refused once one of those that were made is booked, or was split or merged itself.
    """
    with whole():
        taken = step(document)
        if taken is None:
            raise NothingToRestore
        rows = {row.document_id: row for row in _papers([*taken.sources, *taken.results])}
        for each in taken.results:
            if each.booking != Booking.TO_BOOK or rows[each.pk].made_into:
                raise NothingToRestore
        gate = hold([document.company_id])[document.company_id]
        for each in taken.results:
            _retire(each, [])
        for each in taken.sources:
            _bring_back(each, rows[each.pk], gate)
        for each in (*taken.sources, *taken.results):
            trail.record(
                actor,
                "restored",
                company_id=each.company_id,
                document_id=each.pk,
                data={"back": [row.pk for row in taken.sources], "gone": [row.pk for row in taken.results]},
            )
        asked(actor, taken.sources)
    return taken.sources


def _bring_back(document: Document, paper: Paper, gate: str) -> None:
    """With the decision that stood before; without one, as the company's gate says now."""
    fresh = _as_new(document, gate)
    if paper.approval_before in _DECIDED:
        fresh = (paper.approval_before, fresh[1] or paper.approval_before == Approval.APPROVED)
    move(document, "booking", Booking.TO_BOOK, among=[Booking.EXCLUDED], approval=fresh[0], open_to_firm=fresh[1])
    Paper.objects.filter(pk=paper.pk).update(made_into=[], approval_before="")


def _as_new(document: Document, gate: str) -> tuple[str, bool]:
    """Approval and openness to the firm as for a new document."""
    fresh = Document(direction=document.direction)
    filing.at_gate(fresh, gate)
    return fresh.approval, fresh.open_to_firm


# -- moved --------------------------------------------------------------------------------------------------------


@action(Can.DOCUMENT_ARRANGE)
def move_to_folder(actor: Actor, document: Document, *, direction: str) -> None:
    """Put a supporting document among the received or issued ones, or back. A new folder asks the gate anew."""
    is_open(document)
    to = Direction(direction)
    if to == document.direction:
        return
    other = to == Direction.OTHER
    before = document.direction
    with whole():
        fresh = Document(direction=to)
        filing.at_gate(fresh, hold([document.company_id])[document.company_id])
        decided = document.approval in _DECIDED and to != Direction.ISSUED
        move(
            document,
            "booking",
            Booking.TO_BOOK,
            among=[Booking.TO_BOOK],
            direction=to,
            approval=document.approval if decided else fresh.approval,
            open_to_firm=document.open_to_firm if decided else fresh.open_to_firm,
            transmission=Transmission.NOT_APPLICABLE,
            settlement=Settlement.NOT_APPLICABLE if other else Settlement.OPEN,
        )
        trail.record(
            actor,
            "moved",
            company_id=document.company_id,
            document_id=document.pk,
            data={"from_folder": before, "to_folder": str(to)},
        )
        asked(actor, [document])


@action(Can.DOCUMENT_ARRANGE)
def move_to_company(actor: Actor, document: Document, *, there: Actor, back: bool = False) -> None:
    """Put a supporting document into the archive of another company of the firm.

    `there` is the same person in the other company. In the first one nothing is left of it but the trail: no
    name, no amount, no page. The other company's gate asks anew.
    """
    is_open(document)
    company = there.company
    same_person = there.member is not None and there.member == actor.member
    if company is None or not same_person or company.firm_id != document.firm_id or not there.can(Can.DOCUMENT_ARRANGE):
        raise NotThere
    if company.pk == document.company_id:
        return
    if twins.of_document(document):
        raise OthersRest
    paper = paper_of(document)
    made = paper.made_into or any(row.made_into for row in _papers(_documents(paper.made_from)))
    if made:
        raise MadeOfOthers
    first = document.company_id
    with whole():
        also(company.pk)
        if Document._base_manager.filter(company_id=company.pk, identity=document.identity).exists():
            raise AlreadyThere
        fresh = Document(direction=document.direction)
        filing.at_gate(fresh, hold([company.pk])[company.pk])
        file = file_of(company, document.file.sha256, document.file.size)
        for _name, each in papers.originals(document):
            own = file_of(company, each.sha256, each.size)
            Page._base_manager.filter(document_id=document.pk, file_id=each.pk).update(file=own)
        # In the old place, while it is still visible there: what its arrival told of it.
        _forget(document)
        Page._base_manager.filter(document_id=document.pk).update(company_id=company.pk)
        Paper._base_manager.filter(pk=paper.pk).update(
            company_id=company.pk, moved_from=None if back else first, made_from=[]
        )
        # What was odd among the first company's documents says nothing here; the trail keeps that it was.
        Alert._base_manager.filter(document_id=document.pk).delete()
        moved = Document._base_manager.filter(pk=document.pk, company_id=first, booking=Booking.TO_BOOK).update(
            company_id=company.pk,
            file=file,
            uploaded_by=actor.member,
            approval=fresh.approval,
            approval_at=None,
            open_to_firm=fresh.open_to_firm,
            by_rule=False,
            alerts=[],
            tags=[],
            cost_center="",
            question=False,
            comments=0,
            policy=None,
            **approvals.NOBODY,
        )
        if not moved:
            raise AlreadyMoved
        document.company, document.company_id, document.file = company, company.pk, file
        trail.record(
            actor, "moved" if not back else "restored", company_id=first, document_id=document.pk, data={"away": True}
        )
        arrived(actor, document, moved_from=first)
        trail.record(
            actor,
            "moved" if not back else "restored",
            company_id=company.pk,
            document_id=document.pk,
            data={"from": first},
        )
    with scope(actors.system(actor.firm)) as system:
        guard.look(system, [Document.objects.select_related("company").get(pk=document.pk)])
    asked(actor, [document])


def _forget(document: Document) -> None:
    """The lists of what was handed in name no longer what is another company's."""
    items = DeliveryItem._base_manager.filter(document_id=document.pk, company_id=document.company_id)
    for item in items.select_related("delivery"):
        alone = not DeliveryItem._base_manager.filter(delivery_id=item.delivery_id).exclude(pk=item.pk).exists()
        if alone:
            Delivery._base_manager.filter(pk=item.delivery_id).update(name="…", details={})
    items.update(document=None, outcome=DeliveryItem.Outcome.ELSEWHERE, member="", code="moved", text="", values={})

"""Supporting documents on a page: their pages, what is said of them, and what may be done with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from fatto import i18n, money
from fatto.portal.documents import papers
from fatto.portal.documents.models import DeliveryItem, Direction, Document, Paper
from fatto.portal.documents.states import Booking
from fatto.portal.flow import arranging, mailin
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope

SHOWN = 60
"""Pages whose pictures stand in the viewer; the PDF has them all."""

TROUBLES: dict[str, Any] = {
    "damaged": _("The file is damaged or incomplete. Take the picture again, or ask for a new copy."),
    "protected": _("This PDF is locked with a password. Add a copy without one to see it here."),
    "too-large": _("The picture is larger than can be shown."),
    "too-many-pages": _("It has more pages than can be shown."),
    "too-much-work": _("Showing it would take more time or memory than is safe."),
    "unknown": _("Files of this kind are kept, but cannot be shown."),
    "lost": _("Its file cannot be read at the moment. The administrator has been told."),
    "error": _("Making its pages stopped by an error of ours. The administrator has been told."),
}

LABELS: dict[str, Any] = {
    "kind": _("Kind"),
    "party": _("Counterparty"),
    "number": _("Number"),
    "date": _("Date"),
    "amount": _("Amount"),
    "currency": _("Currency"),
    "payer": _("Paid by"),
    "method": _("Means of payment"),
    "note": _("Note"),
}


@dataclass(frozen=True, slots=True)
class Original:
    """A file that a document consists of."""

    name: str
    size: int
    url: str


def context(actor: Actor, document: Document, query: str = "") -> dict[str, Any]:
    """What the viewer shows of a supporting document; nothing of an invoice."""
    if not papers.is_paper(document):
        return {}
    paper = papers.of(document)
    rows = papers.pages(document)
    unbooked = document.booking == Booking.TO_BOOK
    arranges = actor.can(Can.DOCUMENT_ARRANGE) and unbooked
    return {
        "is_paper": True,
        "paper_row": paper,
        "paper_waiting": paper is None or paper.state == Paper.State.WAITING,
        "paper_trouble": TROUBLES.get(paper.trouble, "") if paper is not None else "",
        "paper_pages": [
            (row.number, address(document, "page", number=row.number) if row.image_sha256 else "")
            for row in rows[:SHOWN]
        ],
        "paper_more": max(0, len(rows) - SHOWN),
        "paper_facts": facts(papers.details(document, paper)),
        "originals": [
            Original(name, file.size, address(document, "file", n=number))
            for number, (name, file) in enumerate(papers.originals(document), 1)
        ],
        "paper_step": _step(actor, document),
        "may_tell": actor.can(Can.DOCUMENT_UPLOAD) and unbooked,
        "may_split": arranges and len(rows) > 1,
        "may_arrange": arranges,
        "may_move_back": bool(arranges and paper is not None and paper.moved_from),
        "paper_urls": {name: address(document, name) for name in ("details", "split", "move", "restore")},
        "merge_url": f"{reverse('company-merge', kwargs={'company': document.company.slug})}?document={document.pk}",
    }


def address(document: Document, what: str, **kwargs: int) -> str:
    """Where a part of a document, or a deed on it, is."""
    return reverse(f"document-{what}", kwargs={"company": document.company.slug, "pk": document.pk, **kwargs})


@dataclass(frozen=True, slots=True)
class Step:
    """What a document was made of or into, with links."""

    made: bool
    """Is it one of those that were made?"""
    split: bool
    others: list[tuple[str, str]]
    may_restore: bool


def _step(actor: Actor, document: Document) -> Step | None:
    found = arranging.step(document)
    if found is None:
        return None
    made = document.pk in {each.pk for each in found.results}
    others = found.sources if made else found.results
    return Step(
        made=made,
        split=len(found.sources) == 1,
        others=[
            (each.party_name or each.name, reverse("document", kwargs={"company": each.company.slug, "pk": each.pk}))
            for each in others
        ],
        may_restore=actor.can(Can.DOCUMENT_ARRANGE) and all(each.booking == Booking.TO_BOOK for each in found.results),
    )


def facts(told: papers.Details) -> list[tuple[Any, str]]:
    """What is said, as a list of labels and values."""
    return [(LABELS[name], word(name, value)) for name, value in told.plain().items() if name != "currency"] + (
        [(LABELS["currency"], told.currency)] if told.currency else []
    )


def word(name: str, value: str) -> str:
    """A value as it was kept, in the reader's words."""
    language = get_language() or "en"
    try:
        if name == "kind":
            return str(Paper.Kind(value).label)
        if name == "method":
            return str(Paper.Method(value).label)
        if name == "date":
            return i18n.day(date.fromisoformat(value), language)
        if name == "amount":
            return money.amount(Decimal(value), language)
    except (ValueError, InvalidOperation):
        pass
    return value


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What changed, a line for each value: what it was, and what it is."""
    lines = []
    for name in LABELS:
        before, after = old.get(name), new.get(name)
        if before is None and after is None:
            continue
        values = [word(name, str(each)) if each is not None else "—" for each in (before, after)]
        lines.append(
            f"{LABELS[name]}: {values[0]} → {values[1]}" if before is not None else f"{LABELS[name]}: {values[1]}"
        )
    return lines


def adding(actor: Actor) -> dict[str, Any]:
    """What the page for adding offers beside files: the camera, and the address for mail."""
    if actor.company is None:
        return {}
    box = mailin.mailbox() if mailin.domain() else None
    kwargs = {"company": actor.company.slug}
    return {
        "capture_url": reverse("company-capture-upload", kwargs=kwargs),
        "mail_address": mailin.address(box),
        "mail_url": reverse("company-mail", kwargs=kwargs) if mailin.domain() and actor.can(Can.COMPANY_MANAGE) else "",
    }


def untold(actor: Actor, batch: UUID, after: int = 0) -> str:
    """The form of the next supporting document of a batch of which nobody has said what it is; empty at the end."""
    if actor.company is None or not actor.can(Can.DOCUMENT_UPLOAD):
        return ""
    rows = DeliveryItem.objects.filter(
        delivery__batch=batch, outcome=DeliveryItem.Outcome.ACCEPTED, document_id__gt=after
    ).values("document_id")
    waiting = Document.objects.filter(pk__in=rows, direction=Direction.OTHER, paper__told=False)
    pk = waiting.filter(booking=Booking.TO_BOOK).order_by("pk").values_list("pk", flat=True).first()
    if pk is None:
        return ""
    url = reverse("document-details", kwargs={"company": actor.company.slug, "pk": pk})
    return f"{url}?batch={batch}"


def targets(actor: Actor) -> list[Company]:
    """The other companies of the firm where this person may file documents, by name."""
    if actor.member is None:
        return []
    found: dict[int, Company] = {}
    for space in actors.spaces(actor.member):
        if space.firm.pk != actor.firm.pk:
            continue
        if space.company is not None:
            found[space.company.pk] = space.company
        elif (inside := actors.in_firm(actor.member, space.firm.slug)) is not None:
            with scope(inside):
                found |= {each.pk: each for each in Company.objects.filter(active=True, pk__in=inside.companies)}
    here = actor.company.pk if actor.company else None
    rows = [each for pk, each in found.items() if pk != here and _may_file(actor, each)]
    return sorted(rows, key=lambda each: each.name.casefold())


def _may_file(actor: Actor, company: Company) -> bool:
    assert actor.member is not None  # noqa: S101 - `targets` saw to it
    there = actors.in_company(actor.member, company.slug)
    return there is not None and there.can(Can.DOCUMENT_ARRANGE)

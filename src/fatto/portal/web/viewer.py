"""One document as a person sees it: the sentence, the paper, the data beside it, and what happened to it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from fatto import countries, i18n, pipeline
from fatto import render as sheets
from fatto.country import Instalment
from fatto.errors import FattoError
from fatto.invoice.model import Attachment, Invoice, Line
from fatto.portal.approvals import queries as approvals
from fatto.portal.approvals import twins
from fatto.portal.approvals.models import Reason
from fatto.portal.documents import papers, queries, vault
from fatto.portal.documents.models import Document
from fatto.portal.documents.queries import Content, Filters, Neighbours
from fatto.portal.documents.sentence import chips, sentence
from fatto.portal.documents.states import Approval, Booking
from fatto.portal.flow import guard, objection
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web import conversing, exchanging, judging, listing, papering, transmitting, xml
from fatto.portal.web.listing import Addresses, Row, Tab
from fatto.rules import messages
from fatto.rules.finding import Finding

_log = logging.getLogger("fatto.web")

TABS: dict[str, Any] = {
    "readable": _("Readable"),
    "xml": _("XML"),
    "pdf": _("PDF"),
    "attachments": _("Attachments"),
    "approval": _("Approval sheet"),
    "original": _("Original"),
}


LINES = 25
"""So many lines of an invoice stand in the data pane."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """An attachment with where to see or save it."""

    attachment: Attachment
    name: str
    url: str
    shown: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A finding in the reader's language."""

    tone: str
    text: str
    code: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """What we read of the document, beside the paper."""

    invoice: Invoice | None
    kind: str = ""
    instalments: tuple[Instalment, ...] = ()
    lines: tuple[Line, ...] = ()
    """The first ones; the paper has them all."""
    more_lines: int = 0
    findings: list[Said] = field(default_factory=list)


def context(
    request: HttpRequest, actor: Actor, document: Document, filters: Filters, urls: Addresses
) -> dict[str, Any]:
    """Everything that the viewer of a document needs."""
    query = filters.to_query()
    invoice = queries.invoice(document)
    beside = queries.neighbours(document, filters)
    here = urls.document(document.pk, query)
    attached = attachments(document, invoice)
    tabs = _tabs(document, invoice, attached, here, request.GET.get("tab", ""))
    tab = next(each.name for each in tabs if each.chosen)
    may = _may(actor, document)
    rests_beside, resting = twins.beside(document)
    return {
        "alerts": approvals.alerts(document),
        "may_confirm": guard.may(actor, document),
        "twins": resting,
        "rests_beside": rests_beside,
        "may_part": rests_beside is not None and guard.may_part(actor, rests_beside),
        "document": document,
        "company": document.company,
        "space_is_firm": actor.company is None,
        "sentence": sentence(document, actor),
        "chips_of_document": chips(document),
        "previous_document_url": urls.document(beside.previous, query) if beside.previous else "",
        "next_document_url": urls.document(beside.next, query) if beside.next else "",
        "here_url": here,
        "after_url": _after(document, filters, urls, beside) if may["may_approve"] else here,
        "tabs": tabs,
        "tab": tab,
        "paper": paper(document) if tab == "readable" else "",
        "xml": xml_of(document) if tab == "xml" else "",
        "xml_url": next((each.url for each in tabs if each.name == "xml"), ""),
        "opinion": judging.opinion(document),
        "data": data(document, invoice),
        "attachments": attached,
        "format_title": i18n.translate(pipeline.format_title(document.format), get_language() or "en"),
        "signers": queries.signers(document),
        "objection": objection.draft(actor, document, invoice),
        "reasons": Reason.choices,
        "permalink": request.build_absolute_uri(reverse("document-permalink", kwargs={"pk": document.pk})),
        "urls": {name: _url(document, name) for name in _ADDRESSES},
        **may,
        **conversing.context(actor, document, urls, query),
        **papering.context(actor, document, query),
        **transmitting.context(actor, document),
        "proven": exchanging.of_document(document),
    }


_ADDRESSES = (
    *("sheet", "xml", "pdf", "original", "approval_sheet"),
    *("approve", "dispute", "undo", "book", "take_back", "confirm", "part"),
)


def _url(document: Document, name: str) -> str:
    kwargs = {"company": document.company.slug, "pk": document.pk}
    return reverse(f"document-{name.replace('_', '-')}", kwargs=kwargs)


def _may(actor: Actor, document: Document) -> dict[str, bool]:
    """Which buttons are shown; the deeds themselves check again."""
    unbooked = document.booking != Booking.BOOKED
    decides = approvals.may_decide(actor, document) and unbooked
    books = actor.can(Can.DOCUMENT_BOOK)
    return {
        "may_approve": decides and document.approval in (Approval.TO_APPROVE, Approval.DISPUTED),
        "may_dispute": decides and document.approval in (Approval.TO_APPROVE, Approval.APPROVED),
        "may_undo": approvals.may_undo(actor, document),
        "may_book": books and document.booking == Booking.TO_BOOK and document.approval != Approval.DISPUTED,
        "may_take_back": books and document.booking == Booking.BOOKED,
    }


def _tabs(document: Document, invoice: Invoice | None, attached: list[Enclosure], here: str, wanted: str) -> list[Tab]:
    """The faces that this document has; the first one is chosen when the wanted one is not among them."""
    names = [name for name in TABS if name not in _OF_INVOICES or invoice is not None]
    if not attached:
        names = [name for name in names if name != "attachments"]
    if invoice is None and not papers.is_paper(document):
        names = [name for name in names if name != "pdf"]
    chosen = wanted if wanted in names else names[0]
    return [
        Tab(
            name,
            _("Document") if name == "pdf" and invoice is None else TABS[name],
            f"{here}{'&' if '?' in here else '?'}tab={name}",
            name == chosen,
            len(attached) if name == "attachments" else None,
        )
        for name in names
    ]


_OF_INVOICES = ("readable", "xml", "attachments")


def _after(document: Document, filters: Filters, urls: Addresses, beside: Neighbours) -> str:
    """Where a decision leads: the next document that waits, else the same one."""
    if filters.view == "mine":
        next_one = beside.next or beside.previous
    else:
        next_one = queries.nearest(document, replace(filters, view="mine"))
    return urls.document(next_one or document.pk, filters.to_query())


def changed(pks: list[int], chosen: Document, urls: Addresses, query: str) -> list[Row]:
    """Lines of the list that look different now: what was decided on, and the one that is opened."""
    found = {each.pk: each for each in queries.some(pk for pk in pks if pk != chosen.pk)}
    return [listing.row(each, urls, query, chosen.pk) for each in (*found.values(), chosen)]


def lines(documents: list[Document], urls: Addresses, query: str, chosen: int | None) -> list[Row]:
    """Lines of the list as they are now."""
    return [listing.row(each, urls, query, chosen) for each in documents]


def paper(document: Document) -> SafeString:
    """The readable page, made from the original bytes; nothing when they hold no invoice, or are damaged."""
    content = _content(document)
    if content is None or content.reading is None:
        return SafeString()
    html = sheets.html(
        content.reading,
        content.enclosed,
        get_language() or "en",
        country=countries.of(content.reading.invoice),
        standalone=False,
        link=lambda index: reverse(
            "document-attachment", kwargs={"company": document.company.slug, "pk": document.pk, "n": index}
        ),
    )
    return mark_safe(html)  # noqa: S308 - the library escapes every value of the document


def xml_of(document: Document, link: str = "") -> SafeString:
    """The XML, indented and coloured, with what the official rules say of it; nothing when there is none.

    `link` is the document's page, where this is not on it.
    """
    content = _content(document)
    try:
        return xml.highlighted(content.enclosed.data, judging.marks(document), link) if content else SafeString()
    except FattoError:
        return SafeString()


def _content(document: Document) -> Content | None:
    """The original read again; None when the vault has lost or damaged it: the data stay readable, and it is told."""
    try:
        return queries.content(document)
    except (vault.Damaged, FileNotFoundError):
        _log.exception("an original cannot be had", extra={"document": document.pk})
        return None


def data(document: Document, invoice: Invoice | None) -> Data:
    """The data pane."""
    if invoice is None:
        return Data(invoice=None)
    pack = countries.of(invoice)
    language = get_language() or "en"
    kind = pack.type_name(invoice)
    return Data(
        invoice=invoice,
        kind=i18n.translate(kind, language) if kind else "",
        instalments=pack.instalments(invoice),
        lines=invoice.lines[:LINES],
        more_lines=max(0, len(invoice.lines) - LINES),
        findings=[_said(each, language) for each in queries.findings(document)],
    )


def _said(finding: Finding, language: str) -> Said:
    text = messages.say(finding, language).message if finding.text else gettext("Something in the document is unusual.")
    tone = {"fatal": "action", "warning": "waiting"}.get(finding.severity, "neutral")
    return Said(tone, text, finding.code, finding.path)


def attachments(document: Document, invoice: Invoice | None) -> list[Enclosure]:
    """The supporting documents with their addresses; one that is only a link has none."""
    return [
        Enclosure(
            attachment=each,
            name=each.filename or each.reference or each.description or gettext("Attachment {n}").format(n=n),
            url=reverse(
                "document-attachment", kwargs={"company": document.company.slug, "pk": document.pk, "n": each.index}
            )
            if each.size
            else "",
            shown=(each.filename or "").lower().endswith((".pdf", ".png", ".jpg", ".jpeg", ".txt"))
            or (each.mime or "").lower() in ("application/pdf", "image/png", "image/jpeg"),
        )
        for n, each in enumerate(invoice.attachments if invoice else (), start=1)
    ]

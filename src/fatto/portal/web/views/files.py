"""The faces of one document: readable page, XML, PDF, original, attachments, approval sheet."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import cache_control

from fatto import pipeline
from fatto import render as sheets
from fatto.errors import FattoError
from fatto.portal.documents import papers, queries, vault
from fatto.portal.documents.models import Document
from fatto.portal.documents.queries import Content
from fatto.portal.flow import approval_sheet as sheets_of_approval
from fatto.portal.flow import printing
from fatto.portal.tenancy.actor import Actor
from fatto.portal.web import downloads, viewer
from fatto.portal.web.space import in_company


@cache_control(public=True, max_age=3600)
def sheet_css(request: HttpRequest) -> HttpResponse:
    """The style of the readable page, which comes with the library."""
    return HttpResponse(sheets.CSS, content_type="text/css; charset=utf-8")


@in_company
def sheet(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """The readable page alone: for reading on a phone, and for printing."""
    document = queries.get(pk)
    return render(
        request, "documents/sheet.html", {"actor": actor, "document": document, "paper": viewer.paper(document)}
    )


@in_company
def xml(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """The XML alone, indented and coloured."""
    document = queries.get(pk)
    here = reverse("document", kwargs={"company": document.company.slug, "pk": document.pk})
    found = viewer.xml_of(document, here)
    if not found:
        raise Http404
    return render(request, "documents/xml.html", {"actor": actor, "document": document, "xml": found})


@in_company
def pdf(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """The document as a PDF in the reader's language; what came as a PDF or a picture, as it came."""
    document = queries.get(pk)
    if papers.is_paper(document):
        return _view(document)
    content = queries.content(document)
    name = stem(document)
    if content.reading is None:
        media = downloads.kind(content.original, document.name)
        if media not in downloads.SHOWN:
            raise Http404
        return downloads.show(content.original, document.name, media)
    made = printing.pdf(content, get_language() or "en", archive="archive" in request.GET)
    if "download" in request.GET:
        return downloads.download(made, f"{name}.pdf", "application/pdf")
    return downloads.show(made, f"{name}.pdf", "application/pdf")


def _view(document: Document) -> HttpResponseBase:
    """The PDF that was made of a supporting document; its original is only ever saved, never shown."""
    paper = papers.of(document)
    if paper is None or not paper.view_sha256:
        raise Http404
    return downloads.show(vault.get(document.firm_id, paper.view_sha256), papers.view_name(document), "application/pdf")


@in_company
def original(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """The legal original, byte for byte as it came; bytes that the disk has damaged are not handed out as such."""
    document = queries.get(pk)
    response = downloads.download(queries.original(document), document.name)
    response["Last-Modified"] = http_date(document.received_at.timestamp())
    return downloads.immutable(response, document.file.sha256)


@in_company
def attachment(request: HttpRequest, actor: Actor, pk: int, n: int) -> HttpResponseBase:
    """A supporting document out of the original: shown where that is safe, else saved."""
    document = queries.get(pk)
    content = queries.content(document)
    invoice = content.reading.invoice if content.reading else None
    listed = next((each for each in invoice.attachments if each.index == n), None) if invoice else None
    data = _attached(content, n)
    if listed is None or data is None:
        raise Http404
    name = listed.filename or listed.reference or gettext("attachment-%(n)s") % {"n": n + 1}
    media = downloads.kind(data, name)
    if media == "application/octet-stream" or "download" in request.GET:
        return downloads.download(data, name)
    return downloads.show(data, name, media)


def _attached(content: Content, n: int) -> bytes | None:
    try:
        return pipeline.attachment(content.enclosed, content.document.index, n)
    except FattoError:
        return None


@in_company
def approval_sheet(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Who approved or disputed it, when, and on exactly which bytes: as a PDF."""
    document = queries.get(pk)
    made = sheets_of_approval.pdf(document, get_language() or "en")
    name = f"{stem(document)}-approval.pdf"
    if "download" in request.GET:
        return downloads.download(made, name, "application/pdf")
    return downloads.show(made, name, "application/pdf")


def stem(document: Document) -> str:
    """What files made from a document are called, without their ending."""
    parts = (document.sort_date.isoformat(), document.party_name, document.number)
    return downloads.safe_name("_".join(part for part in parts if part), f"document-{document.pk}")[:120]

"""Documents: lists, one in full, its files, and what is decided and booked."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from ninja import Path, Query, Router

from fatto import countries, i18n, render
from fatto.portal.api import schemas
from fatto.portal.api.auth import actor
from fatto.portal.api.problems import Trouble
from fatto.portal.approvals import queries as approvals
from fatto.portal.documents import asking, naming, queries, vault, verdicts
from fatto.portal.documents.asking import Term
from fatto.portal.documents.models import Document
from fatto.portal.documents.queries import Content, Filters
from fatto.portal.documents.states import Approval, Booking
from fatto.portal.exchange.models import Transmission
from fatto.portal.flow import approval_sheet as sheets
from fatto.portal.flow import decide, issue, keep
from fatto.portal.programs import shapes
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope
from fatto.rules import messages
from fatto.rules.finding import Finding

router = Router(tags=["documents"])
CHUNK = 1 << 18


def binary(*media: str) -> dict[str, Any]:
    """For the description: an answer that is a file."""
    schema = {"schema": {"type": "string", "format": "binary"}}
    return {"responses": {200: {"description": "The file", "content": dict.fromkeys(media, schema)}}}


@router.get("", response=schemas.DocumentPage)
def list_documents(request: HttpRequest, query: Query[schemas.DocumentQuery]) -> Any:
    """Documents by the same filters as the pages; `next` goes into `cursor`."""
    asked = query.model_dump()
    cursor, size, verdict = asked.pop("cursor"), asked.pop("size"), asked.pop("verdict")
    if verdict:
        asked["ask"] = asking.write([Term("verdict", verdict)])
    with scope(actor(request, Can.DOCUMENT_READ)):
        page = queries.page(Filters(**asked), cursor=cursor, size=size)
        rows = [shapes.document(row) for row in page.rows]
    return {"documents": rows, "next": page.next, "previous": page.previous}


@router.get("/{pk}", response=schemas.DocumentInFull)
def get_document(request: HttpRequest, pk: Path[schemas.Id]) -> Any:
    """A document with all that was read in it, and who decided what."""
    with scope(actor(request, Can.DOCUMENT_READ)):
        return _in_full(queries.get(pk))


def _waiting_for(row: Document) -> str:
    """What it waits for, for programs: nothing, the first yes, or the second of two."""
    if row.approval != Approval.TO_APPROVE or row.booking == Booking.BOOKED:
        return ""
    return "second-approval" if row.step > 1 else "approval"


_TEMPLATES = frozenset(("text", "fix", "words", "kinds"))


def _finding(finding: Finding, language: str) -> dict[str, Any]:
    said = messages.say(finding, language)
    plain = {name: value for name, value in msgspec.to_builtins(finding).items() if name not in _TEMPLATES}
    fix = {"fix": said.fix} if said.fix else {}
    return {**plain, "severity": finding.severity, "message": said.message, **fix}


def _in_full(row: Document) -> dict[str, Any]:
    findings = queries.findings(row)
    language = get_language() or "en"
    return {
        **shapes.document(row),
        "sha256": row.file.sha256,
        "size": row.file.size,
        "waiting_for": _waiting_for(row),
        "invoice": msgspec.json.decode(row.invoice) if row.invoice else None,
        "findings": [_finding(each, language) for each in findings],
        "verdict": _verdict(row, language),
        "signers": msgspec.to_builtins(queries.signers(row)),
        "decisions": [
            {
                "verdict": each.verdict,
                "reason": each.reason,
                "note": each.note,
                "by": each.by_name,
                "step": each.step,
                "in_place_of": each.instead_of_name,
                "rule": each.by_name if each.rule_id else "",
                "rule_made_by": each.rule_by,
                "at": each.at,
                "on_sha256": each.on_sha256,
            }
            for each in approvals.decisions(row)
        ],
        "alerts_in_full": [
            {
                "kind": each.kind,
                "why": each.why,
                "raised_at": each.raised_at,
                "confirmed_at": each.confirmed_at,
                "confirmed_by": each.by_name,
                "note": each.note,
            }
            for each in approvals.alerts(row)
        ],
        "transmissions": [
            {
                "attempt": each.attempt,
                "state": each.state,
                "sha256": each.sha256,
                "reference": each.reference,
                "asked_at": each.asked_at,
                "asked_by": each.by_name,
                "due_at": each.due_at,
                "sent_at": each.sent_at,
                "answered_at": each.answered_at,
                "official": each.official,
                "complaints": each.complaints,
                "message": i18n.translate(each.error_text, language, **each.error_values) if each.error_text else "",
            }
            for each in Transmission.objects.filter(document=row).order_by("attempt")
        ],
    }


def _verdict(row: Document, language: str) -> dict[str, Any]:
    found = verdicts.of(row)
    listed = []
    for each in verdicts.findings(found):
        said = verdicts.said(each, language)
        names = ("code", "severity", "set", "path", "line", "found", "expected")
        listed.append({**{name: getattr(each, name) for name in names}, "message": said.message, "fix": said.fix})
    return {
        "state": row.verdict,
        "sets": {
            name: {"version": each["version"], "applies_from": each["from"]}
            for name, each in (found.sets if found else {}).items()
        },
        "errors": found.errors if found else 0,
        "warnings": found.warnings if found else 0,
        "findings": listed,
    }


# -- files ---------------------------------------------------------------------------------------------------------


@router.get("/{pk}/original", openapi_extra=binary("application/octet-stream"))
def get_original(request: HttpRequest, pk: Path[schemas.Id]) -> HttpResponseBase:
    """The original file, byte for byte as it came. Its ETag is its SHA-256."""
    with scope(actor(request, Can.DOCUMENT_READ)):
        row = queries.get(pk)
    etag = f'"{row.file.sha256}"'
    if etag in (each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(",")):
        response: HttpResponseBase = HttpResponseNotModified()
    else:
        stream = vault.open_stream(row.firm_id, row.file.sha256)
        response = StreamingHttpResponse(iter(lambda: stream.read(CHUNK), b""), content_type="application/octet-stream")
        response._resource_closers.append(stream.close)  # type: ignore[attr-defined]  # closed with the answer
        response["Content-Length"] = str(row.file.size)
        _named(response, row.name)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


@router.get("/{pk}/xml", openapi_extra=binary("application/xml"))
def get_xml(request: HttpRequest, pk: Path[schemas.Id]) -> HttpResponseBase:
    """The electronic invoice as it was read, without signature or envelope; 404 for what is none."""
    with scope(actor(request, Can.DOCUMENT_READ)):
        row = queries.get(pk)
    content = queries.content(row)
    if content.reading is None:
        raise Trouble(404, "no-invoice", "This document is no electronic invoice.")
    return _file(content.enclosed.data, f"{_stem(row)}.xml", "application/xml")


@router.get("/{pk}/pdf", openapi_extra=binary("application/pdf"))
def get_pdf(request: HttpRequest, pk: Path[schemas.Id], archive: bool = False) -> HttpResponseBase:
    """A readable PDF in the language of `Accept-Language`; with `archive`, PDF/A-3 with the original inside."""
    with scope(actor(request, Can.DOCUMENT_READ)):
        row = queries.get(pk)
    content = queries.content(row)
    return _file(_pdf(content, archive), f"{_stem(row)}.pdf", "application/pdf")


def _pdf(content: Content, archive: bool) -> bytes:
    if content.reading is not None:
        country = countries.of(content.reading.invoice)
        return render.pdf(content.reading, content.enclosed, get_language() or "en", country=country, archive=archive)
    if content.original.lstrip()[:5] == b"%PDF-":
        return content.original
    raise Trouble(404, "no-pdf", "There is no PDF of this document.")


@router.get("/{pk}/approval-sheet", openapi_extra=binary("application/pdf"))
def get_approval_sheet(request: HttpRequest, pk: Path[schemas.Id]) -> HttpResponseBase:
    """Who decided what, when, and on exactly which bytes: as a PDF."""
    with scope(actor(request, Can.DOCUMENT_READ)):
        row = queries.get(pk)
        made = sheets.pdf(row, get_language() or "en")
    return _file(made, f"{_stem(row)}-approval.pdf", "application/pdf")


def _stem(row: Document) -> str:
    parts = (row.sort_date.isoformat(), row.party_name, row.number)
    return naming.safe("_".join(part for part in parts if part))[:120] or f"document-{row.pk}"


def _file(data: bytes, name: str, media: str) -> HttpResponse:
    response = HttpResponse(data, content_type=media)
    response["Cache-Control"] = "private, no-store"
    _named(response, name)
    return response


def _named(response: HttpResponseBase, name: str) -> None:
    safe = naming.safe(name) or "document"
    response["Content-Disposition"] = content_disposition_header(True, safe) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"


# -- deeds ---------------------------------------------------------------------------------------------------------


@router.post("/{pk}/approve", response=schemas.DocumentInFull)
def approve_document(request: HttpRequest, pk: Path[schemas.Id], body: schemas.Approve | None = None) -> Any:
    """Approve it, with a company's token. A document with alerts wants them named: else 409, with the `kinds`.

    Where two people must agree, `waiting_for` is then `second-approval`.
    """
    body = body or schemas.Approve()
    with scope(actor(request, Can.DOCUMENT_DECIDE)) as who:
        decide.approve(who, queries.get(pk), note=body.note, confirmed=body.confirmed)
        return _in_full(queries.get(pk))


@router.post("/{pk}/dispute", response=schemas.DocumentInFull)
def dispute_document(request: HttpRequest, pk: Path[schemas.Id], body: schemas.Dispute) -> Any:
    """Dispute it, with a company's token: it is not booked."""
    with scope(actor(request, Can.DOCUMENT_DECIDE)) as who:
        decide.dispute(who, queries.get(pk), reason=body.reason, note=body.note)
        return _in_full(queries.get(pk))


@router.post("/{pk}/undo", response=schemas.DocumentInFull)
def undo_decision(request: HttpRequest, pk: Path[schemas.Id]) -> Any:
    """Take the decision back: it waits again. Possible until it is booked."""
    with scope(actor(request, Can.DOCUMENT_DECIDE)) as who:
        decide.undo(who, queries.get(pk))
        return _in_full(queries.get(pk))


@router.post("/{pk}/book", response=schemas.DocumentInFull)
def book_document(request: HttpRequest, pk: Path[schemas.Id]) -> Any:
    """Mark it as booked, with a firm's token: it goes into the archive."""
    with scope(actor(request, Can.DOCUMENT_BOOK)) as who:
        done = keep.book(who, [queries.get(pk)])
        if done.skipped:
            raise Trouble(409, "not-bookable", str(done.skipped[0][1]))
        return _in_full(queries.get(pk))


@router.post("/{pk}/send", response=schemas.DocumentInFull)
def send_document(request: HttpRequest, pk: Path[schemas.Id], body: schemas.Send | None = None) -> Any:
    """Send an issued invoice to the authority: after the company's delay, or `now`. Asked twice, it is sent once.

    What the authority would refuse is refused here with 422, and `findings` say why. A firm's token sends only for
    companies that allow it.
    """
    with scope(actor(request, Can.DOCUMENT_SEND)) as who:
        issue.ask(who, queries.get(pk), now=body.now if body is not None else False)
        return _in_full(queries.get(pk))


@router.post("/{pk}/send/cancel", response=schemas.DocumentInFull)
def cancel_sending(request: HttpRequest, pk: Path[schemas.Id]) -> Any:
    """Call back what has not left yet; 409 when it has."""
    with scope(actor(request, Can.DOCUMENT_SEND)) as who:
        row = queries.get(pk)
        latest = Transmission.objects.select_related("box").filter(document=row).order_by("-attempt").first()
        if latest is None:
            raise Trouble(409, "nothing-to-cancel", "Nothing was to be sent.")
        issue.cancel(who, latest)
        return _in_full(queries.get(pk))


@router.post("/{pk}/take-back", response=schemas.DocumentInFull)
def take_booking_back(request: HttpRequest, pk: Path[schemas.Id], body: schemas.TakeBack) -> Any:
    """Take a booking back, with the reason."""
    with scope(actor(request, Can.DOCUMENT_BOOK)) as who:
        keep.take_back(who, queries.get(pk), reason=body.reason)
        return _in_full(queries.get(pk))

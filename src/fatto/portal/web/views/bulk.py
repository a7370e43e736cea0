"""Doing something with many documents: choosing it, looking at the summary, doing it, the report, taking it back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from fatto.portal.approvals.models import Reason
from fatto.portal.documents import queries
from fatto.portal.documents.models import Batch, BatchItem
from fatto.portal.documents.queries import Filters
from fatto.portal.flow import bulk, export, originals
from fatto.portal.flow.export import Export
from fatto.portal.tenancy.action import Refusal, require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web import bulk as words
from fatto.portal.web import desk, downloads
from fatto.portal.web.listing import Addresses
from fatto.portal.web.space import SeeOther, back, in_company, in_firm, partial
from fatto.portal.web.views.lists import CSV, XLSX, parsed

SIZE = 100
MOST_TICKED = 500
"""Ticked documents of one page, that are read."""

Outcome = BatchItem.Outcome
State = Batch.State


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def company(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What the person did with many documents of a company; POST begins something."""
    return _bulk(request, actor)


@require_http_methods(["GET", "HEAD", "POST"])
@in_firm
def firm(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The same over all companies of a firm."""
    return _bulk(request, actor)


@require_safe
@in_company
def company_count(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """How many documents a company's list has on all its pages."""
    return _count(request)


@require_safe
@in_firm
def firm_count(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """How many documents a firm's list has."""
    return _count(request)


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def company_batch(request: HttpRequest, actor: Actor, bulk: int) -> HttpResponseBase:
    """The summary or the report of a batch in a company; POST does it, takes it back, or tries again."""
    return _batch(request, actor, bulk)


@require_http_methods(["GET", "HEAD", "POST"])
@in_firm
def firm_batch(request: HttpRequest, actor: Actor, bulk: int) -> HttpResponseBase:
    """The same over all companies of a firm."""
    return _batch(request, actor, bulk)


def _bulk(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    urls = Addresses(actor)
    if request.method != "POST":
        rows = [
            (each, words.title(each), words.corner(each, words.address(actor, each))) for each in bulk.recent(actor)
        ]
        context = {"actor": actor, "section": "documents", "batches": rows, "documents_url": urls.desk()}
        return render(request, "bulk/recent.html", context)
    do, whole = request.POST.get("do", ""), "all" in request.POST
    filters = Filters.from_query(parsed(request.POST.get("query", "")))
    ticked = [int(pk) for pk in request.POST.getlist("document") if pk.isascii() and pk.isdigit()][:MOST_TICKED]
    if do in _FILES:
        if not whole and not queries.ticked(ticked).exists():
            raise bulk.NothingChosen
        return _file(actor, do, filters, () if whole else tuple(ticked))
    if do not in bulk.NEEDS:
        raise bulk.NothingChosen
    documents = queries.whole_list(filters) if whole else queries.ticked(ticked)
    batch = bulk.propose(actor, documents, verb=do, query=filters.to_query() if whole else "")
    url = words.address(actor, batch)
    return SeeOther(f"{url}?{_next(back(request, urls.desk(filters.to_query())))}")


def _next(address: str) -> str:
    return urlencode({"next": address})


_FILES: dict[str, tuple[Any, str]] = {
    "csv": (export.csv, CSV),
    "xlsx": (export.xlsx, XLSX),
    "zip": (originals.stream, "application/zip"),
}


def _file(actor: Actor, do: str, filters: Filters, pks: tuple[int, ...]) -> HttpResponseBase:
    require(actor, Can.DOCUMENT_READ)
    write, media = _FILES[do]
    wanted = Export(
        actor=actor,
        filters=filters,
        language=get_language() or "en",
        zone=timezone.get_current_timezone(),
        pks=pks,
        names=desk.of(actor.member).chosen,
    )
    space = actor.company.slug if actor.company is not None else actor.firm.slug
    return downloads.chunked(write(wanted), f"{space}-{timezone.localdate():%Y-%m-%d}.{do}", media)


def _count(request: HttpRequest) -> HttpResponse:
    return render(request, "bulk/count.html", {"count": queries.count(Filters.from_query(request.GET))})


def _batch(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    batch, here = bulk.get(actor, pk), request.path
    after = back(request, Addresses(actor).desk())
    error: Refusal | None = None
    if request.method == "POST":
        try:
            return _do(request, actor, batch, after)
        except Refusal as refusal:
            if refusal.status != 422:
                raise
            error = refusal
    if "corner" in request.GET:
        return render(request, "bulk/corner.html", {"corner": words.corner(batch, here, after)})
    if batch.state == State.SHOWN:
        first = Outcome.READY if batch.verb == Batch.Verb.SEND else Outcome.SKIPPED
        chosen = request.GET.get("outcome") or first
    else:
        chosen = request.GET.get("outcome", "")
    outcome = chosen if chosen in Outcome.values else ""
    why = request.GET.get("why", "")[:20]
    after_item = request.GET.get("after", "")
    rows = bulk.items(batch, outcome, why, int(after_item) if after_item.isdecimal() else 0, SIZE + 1)
    more, rows = len(rows) > SIZE, rows[:SIZE]
    found = words.parts(batch, here, outcome if request.GET.get("outcome") else "", why)
    context = {
        "actor": actor,
        "section": "documents",
        "batch": batch,
        "title": words.title(batch),
        "parts": [_kept_next(part, after) for part in found] if batch.state == State.SHOWN else found,
        "corner": words.corner(batch, here, after),
        "ready": bulk.outcomes(batch).get(Outcome.READY, 0),
        "items": [_line(actor, item) for item in rows],
        "listed": outcome,
        "more_url": _more(request, rows[-1].pk) if more else "",
        "here": here,
        "after": after,
        "recipients": bulk.recipients(batch) if batch.verb == Batch.Verb.SEND else 0,
        "reasons": Reason.choices,
        "reason": request.POST.get("reason", "") or batch.reason,
        "note": request.POST.get("note", "") or batch.note,
        "reason_label": dict(Reason.choices).get(batch.reason, ""),
        "error": error.message if error else "",
        "chosen_list": Addresses(actor).desk(batch.query) if batch.query else "",
    }
    page = "bulk/batch.html#batch" if partial(request, "batch") else "bulk/batch.html"
    return render(request, page, context, status=error.status if error else 200)


def _do(request: HttpRequest, actor: Actor, batch: Batch, after: str) -> HttpResponseBase:
    do = request.POST.get("do", "")
    if do == "undo":
        bulk.take_back(actor, batch)
    elif do == "again":
        bulk.again(actor, batch)
        return SeeOther(request.path)
    else:
        bulk.start(actor, batch, reason=request.POST.get("reason", ""), note=request.POST.get("note", ""))
    words.remember(request, batch)
    return SeeOther(after)


def _kept_next(part: words.Part, after: str) -> words.Part:
    """Looking at what is left out does not forget where the summary was opened from."""
    inner = tuple(replace(each, url=f"{each.url}&{_next(after)}") for each in part.why)
    return replace(part, url=f"{part.url}&{_next(after)}", why=inner)


def _more(request: HttpRequest, last: int) -> str:
    query = request.GET.copy()
    query["after"] = str(last)
    return f"{request.path}?{query.urlencode()}"


def _line(actor: Actor, item: BatchItem) -> dict[str, Any]:
    """One document of the batch, with what became of it."""
    document = item.seen  # type: ignore[attr-defined]  # bulk.items sets it
    tone, icon = words.TONES[Outcome(item.outcome)]
    return {
        "document": document,
        "url": Addresses(actor).document(document.pk) if document else "",
        "company": document.company.name if document and actor.company is None else "",
        "outcome": item.get_outcome_display(),
        "tone": tone,
        "tone_class": f"tone-{tone}",
        "icon": icon,
        "why": bulk.WHY.get(item.why) or item.note,
    }

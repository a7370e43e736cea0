"""The desk: a list of documents beside the one that is looked at."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse

from fatto.portal.documents import queries, unread
from fatto.portal.documents.models import Direction, Document
from fatto.portal.documents.queries import Filters
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company
from fatto.portal.tenancy.scope import scope
from fatto.portal.web import bulk, listing, suggesting, undo, viewer
from fatto.portal.web import desk as desks
from fatto.portal.web.listing import Addresses
from fatto.portal.web.space import in_company, in_firm, kept_private, partial
from fatto.portal.web.views import sending


@in_company
def desk(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The documents of a company."""
    return _desk(request, actor)


@in_company
def document(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """One document of a company, beside the list it was opened from."""
    return _desk(request, actor, queries.get(pk))


@in_firm
def firm_desk(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The documents of all companies of a firm."""
    return _desk(request, actor)


@in_firm
def firm_document(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """One document beside the list over all companies."""
    return _desk(request, actor, queries.get(pk))


@in_company
def suggest(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What the search box of a company's desk could go on with."""
    return _suggest(request)


@in_firm
def firm_suggest(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The same for a firm's."""
    return _suggest(request)


@kept_private
@login_required
def permalink(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A document by its number alone: to its company's desk, wherever the reader may see it."""
    for space in actors.spaces(request.user):  # type: ignore[arg-type]  # login_required saw to it
        find, slug = (actors.in_company, space.company.slug) if space.company else (actors.in_firm, space.firm.slug)
        actor = find(request.user, slug)  # type: ignore[arg-type]
        if actor is None:
            continue
        with scope(actor):
            try:
                found = queries.get(pk)
                company = found.company.slug
            except ObjectDoesNotExist:
                continue
        return redirect("document", company=company, pk=pk)
    raise Http404


def _desk(request: HttpRequest, actor: Actor, chosen: Document | None = None) -> HttpResponse:
    filters = Filters.from_query(request.GET)
    urls = Addresses(actor)
    query = filters.to_query()
    look = desks.of(actor.member)
    context: dict[str, Any] = {
        "actor": actor,
        "section": "documents",
        "filters": filters,
        "desk_url": urls.desk(query),
        "look": look,
        "ticks": True,
    }
    # What is fetched before anybody asked for it is not read yet; once it is shown, the page says so.
    prefetched = bool(request.headers.get("X-Prefetch"))
    if chosen is not None and request.headers.get("X-Shown"):
        unread.opened(chosen)
        return HttpResponse(status=204)
    if chosen is not None:
        context |= viewer.context(request, actor, chosen, filters, urls)
        opened = not prefetched and unread.opened(chosen)
    if chosen is not None and partial(request, "tab"):
        return render(request, "documents/tab.html", context)
    for piece in ("conversation", "notes"):
        if chosen is not None and partial(request, piece):
            context |= {"changed_rows": viewer.changed([], chosen, urls, query), "alone": True}
            return render(request, f"documents/{piece}.html", context)
    context["undo"] = None if prefetched else undo.take(request)
    if chosen is not None and partial(request, "viewer"):
        if request.headers.get("X-List") == "follow":
            told = context["undo"]
            pks = _left(request) + ([told.document] if told and told.document else [])
            # A table is not beside the viewer: it is made anew when one goes back to it.
            rows = [] if look.table else viewer.changed(pks, chosen, urls, query)
            context |= {"follow": True, "changed_rows": rows}
        elif opened and not look.table:
            # Its line in the list is no longer bold.
            context["changed_rows"] = viewer.changed([], chosen, urls, query)
        return render(request, "documents/desk.html#viewer", context)
    page = queries.page(filters, cursor=request.GET.get("cursor", ""))
    companies = list(Company.objects.filter(active=True).order_by("name")) if actor.company is None else []
    saved = queries.views()
    chips = listing.limits(filters, urls, companies)
    kept = listing.neutral(filters).to_query()
    around = listing.around(page, filters, urls.desk())
    shown = {row.pk: row for row in (*page.rows, *([chosen] if chosen is not None else []))}
    context |= {
        "watch": sending.watch(
            actor, list(shown.values()), chosen.pk if chosen else None, query, "table" if look.table else ""
        ),
        "bulk": bulk.bar(actor, filters, after=urls.desk(query), more=bool(page.next or page.previous)),
        "corner": bulk.take(request, actor),
        "batches_url": urls.of_list("bulk"),
        "headings": [(each, urls.desk(each.query)) for each in desks.headings(look, filters, actor.company is None)],
        "columns": [
            (name, label, name in look.columns(actor.company is None))
            for name, label in desks.COLUMNS.items()
            if name != "company"
        ],
        "here_url": request.get_full_path(),
        "rows": [listing.row(each, urls, query, chosen.pk if chosen else None) for each in page.rows],
        "views": listing.tabs(listing.neutral(filters), urls, saved),
        "saved": [(view, urls.desk(view.query), view.query == kept) for view in saved],
        "views_url": urls.of_list("views"),
        "read_url": urls.of_list("read"),
        "kept": kept,
        "suggest_url": urls.of_list("suggest"),
        "csv_url": urls.of_list("csv", query),
        "xlsx_url": urls.of_list("xlsx", query),
        "box": listing.box(filters),
        "chips": chips,
        "last_url": chips[-1].url if chips else "",
        "wider_url": _everywhere(actor, kept),
        "directions": Direction.choices,
        "view_labels": listing.VIEWS.items(),
        "sorts": listing.SORTS.items(),
        "companies": companies,
        "clear_url": urls.desk(),
        "upload_url": urls.upload(),
        **around,
    }
    return render(request, "documents/desk.html", context)


def _everywhere(actor: Actor, query: str) -> str:
    """The same question over all companies of the firm, for its people."""
    if actor.company is None or actor.side != "firm":
        return ""
    return f"{reverse('firm-documents', kwargs={'firm': actor.firm.slug})}?{query}"


def _suggest(request: HttpRequest) -> HttpResponse:
    return render(request, "documents/suggest.html", {"found": suggesting.suggest(request.GET.get("ask", ""))})


def _left(request: HttpRequest) -> list[int]:
    """The document that the browser shows now: its line in the list is no longer the chosen one."""
    try:
        match = resolve(urlsplit(request.headers.get("HX-Current-URL", "")).path)
    except Resolver404:
        return []
    return [match.kwargs["pk"]] if match.url_name in ("document", "firm-document") else []

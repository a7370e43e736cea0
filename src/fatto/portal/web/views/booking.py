"""What the firm may book, over all its companies; marking it booked, and taking that back."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from fatto.portal.documents import queries
from fatto.portal.documents.models import Document
from fatto.portal.documents.queries import MINE, Filters, Standing
from fatto.portal.flow import keep
from fatto.portal.tenancy.action import Refusal
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web import listing
from fatto.portal.web.listing import Addresses
from fatto.portal.web.space import SeeOther, back, in_company, in_firm

VIEWS = ("to-book", "unconfirmed", "booked")
SIZE = 100


@require_http_methods(["GET", "POST"])
@in_firm
def ready(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Ready to book, by company; ticked ones are marked booked together."""
    url = reverse("firm-booking", kwargs={"firm": actor.firm.slug})
    if request.method == "POST":
        chosen = [int(pk) for pk in request.POST.getlist("document") if pk.isascii() and pk.isdigit()][:1000]
        done = keep.book(actor, queries.some(chosen))
        _tell(request, done)
        return SeeOther(back(request, url))
    asked = Filters.from_query(request.GET)
    view = asked.view if asked.view in VIEWS else "to-book"
    sort = "-date" if view == "booked" else "date"
    filters = Filters(view=view, company=asked.company, words=asked.words, sort=sort)
    page = queries.page(filters, cursor=request.GET.get("cursor", ""), size=SIZE)
    standings = queries.standings()
    if filters.company == MINE:
        mine = set(queries.looked_after())
        standings = [each for each in standings if each.company.pk in mine]
    urls = Addresses(actor)
    rows = [listing.row(each, urls, filters.to_query()) for each in page.rows]
    rows.sort(key=lambda row: (row.document.company.name.casefold(), row.document.company_id))
    query = filters.to_query()
    counts = {
        "to-book": sum(each.to_book for each in standings),
        "unconfirmed": sum(each.unconfirmed for each in standings),
    }
    context = {
        "actor": actor,
        "section": "booking",
        "filters": filters,
        "view": view,
        "groups": [(company, list(group)) for company, group in groupby(rows, key=lambda row: row.document.company)],
        "standings": _by_company(standings, view, url),
        "company_name": _company_name(filters.company, standings),
        "hidden": sum(each.hidden for each in standings),
        "tabs": [
            listing.Tab(
                name, listing.VIEWS[name], f"{url}?{_query(name, filters.company)}", name == view, counts.get(name)
            )
            for name in VIEWS
        ],
        "here": f"{url}?{query}",
        "all_url": f"{url}?{_query(view, '')}",
        "may_book": actor.can(Can.DOCUMENT_BOOK),
        **listing.around(page, filters, url),
    }
    return render(request, "booking/ready.html", context)


def _company_name(slug: str, standings: list[Standing]) -> str:
    if slug == MINE:
        return gettext("My clients")
    return next((each.company.name for each in standings if each.company.slug == slug), "")


def _by_company(standings: list[Standing], view: str, url: str) -> list[dict[str, Any]]:
    """The companies that have something in a view, with the address of their part of it."""
    numbers = [(each.company, each.unconfirmed if view == "unconfirmed" else each.to_book) for each in standings]
    return [
        {"name": company.name, "count": count, "url": f"{url}?{_query(view, company.slug)}"}
        for company, count in numbers
        if count
    ]


def _query(view: str, company: str) -> str:
    return Filters(view=view, company=company).to_query()


def _tell(request: HttpRequest, done: keep.Booked) -> None:
    if done.count:
        text = ngettext("%(count)s document booked.", "%(count)s documents booked.", done.count)
        messages.success(request, text % {"count": done.count})
    for document, why in done.skipped[:20]:
        messages.warning(request, f"{document.party_name or document.name} {document.number}: {why}")


@require_POST
@in_company
def book(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Mark one document booked."""
    document = queries.get(pk)
    done = keep.book(actor, [document])
    if done.skipped:
        raise Refusal(done.skipped[0][1])
    _tell(request, done)
    return SeeOther(back(request, _page(document)))


@require_http_methods(["GET", "POST"])
@in_company
def take_back(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Take a booking back; a reason is asked, in a form of its own where there is no script."""
    document = queries.get(pk)
    after = back(request, _page(document))
    error = None
    if request.method == "POST":
        try:
            keep.take_back(actor, document, reason=request.POST.get("reason", ""))
            return SeeOther(after)
        except Refusal as refusal:
            if refusal.status != 422:
                raise
            error = refusal
    context = {
        "actor": actor,
        "section": "booking",
        "document": document,
        "error": error.message if error else "",
        "after": after,
        "take_back_url": reverse("document-take-back", kwargs={"company": document.company.slug, "pk": pk}),
    }
    return render(request, "booking/take_back.html", context, status=error.status if error else 200)


def _page(document: Document) -> str:
    return reverse("document", kwargs={"company": document.company.slug, "pk": document.pk})

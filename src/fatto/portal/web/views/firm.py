"""A firm's first pages: what needs it today, and its clients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fatto.portal.documents import queries
from fatto.portal.documents.queries import Standing
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Gate
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web.space import in_firm

SORTS: dict[str, Callable[[Standing], Any]] = {
    "name": lambda each: each.company.name.casefold(),
    "to_approve": lambda each: -each.to_approve,
    "disputed": lambda each: -each.disputed,
    "to_book": lambda each: -each.to_book,
    "last": lambda each: -(each.last_arrival.timestamp() if each.last_arrival else 0),
}
COLUMNS: list[dict[str, Any]] = [
    {"name": "name", "label": _("Company"), "number": False},
    {"name": "to_approve", "label": _("To approve"), "number": True},
    {"name": "disputed", "label": pgettext_lazy("list", "Disputed"), "number": True},
    {"name": "to_book", "label": _("To book"), "number": True},
    {"name": "last", "label": _("Last files added"), "number": False},
    {"name": "", "label": _("Approval"), "number": False},
]
GATES = {
    Gate.NONE: pgettext_lazy("approval", "Not asked"),
    Gate.SOFT: pgettext_lazy("approval", "Asked"),
    Gate.HARD: pgettext_lazy("approval", "Before the firm sees it"),
}
FIRST = 12
"""Companies that the first page lists; the others are one link away."""


@in_firm
def today(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Numbers that open exactly the lists they count, and where to begin booking."""
    counts = queries.counts()
    standings = queries.standings()
    bookable = sorted((each for each in standings if each.to_book), key=lambda each: -each.to_book)
    waiting = sorted((each for each in standings if each.to_approve), key=lambda each: -each.to_approve)
    context = {
        "actor": actor,
        "section": "home",
        "counts": counts,
        "hidden": sum(each.hidden for each in standings),
        "bookable": bookable[:FIRST],
        "more_bookable": max(0, len(bookable) - FIRST),
        "waiting": waiting[:FIRST],
        "companies": len(standings),
        "may_open": actor.can(Can.FIRM_MANAGE),
        "urls": {
            name: reverse(f"firm-{name}", kwargs={"firm": actor.firm.slug})
            for name in ("documents", "booking", "quarantine", "clients", "upload")
        },
    }
    return render(request, "firm/today.html", context)


@in_firm
def clients(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Every company with its numbers."""
    words = request.GET.get("words", "").strip()[:100]
    sort = request.GET.get("sort", "name")
    sort = sort if sort in SORTS else "name"
    standings = queries.standings()
    total = len(standings)
    if words:
        plain = words.casefold()
        standings = [
            each
            for each in standings
            if plain in each.company.name.casefold() or any(plain in number.casefold() for number in each.company.ids)
        ]
    context = {
        "actor": actor,
        "section": "clients",
        "standings": [(each, GATES[Gate(each.company.gate)]) for each in sorted(standings, key=SORTS[sort])],
        "columns": COLUMNS,
        "may_manage": actor.can(Can.COMPANY_MANAGE),
        "may_open": actor.can(Can.FIRM_MANAGE),
        "total": total,
        "words": words,
        "sort": sort,
        "here": request.path,
        "documents_url": reverse("firm-documents", kwargs={"firm": actor.firm.slug}),
        "booking_url": reverse("firm-booking", kwargs={"firm": actor.firm.slug}),
    }
    return render(request, "firm/clients.html", context)

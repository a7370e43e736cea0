"""What fits no company of the firm: why, whose it may be, and putting it where it belongs."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST

from fatto import i18n
from fatto.portal.documents import queries, vault
from fatto.portal.documents.models import Quarantined
from fatto.portal.flow import arrive
from fatto.portal.tenancy.action import require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web import downloads
from fatto.portal.web.space import SeeOther, back, in_firm

SIZE = 50


@dataclass(frozen=True, slots=True)
class Stray:
    """One file in quarantine with its reason in words and the company it may belong to."""

    row: Quarantined
    why: str
    suggestion: Company | None
    chosen: bool


@in_firm
def quarantine(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The list, newest first."""
    before, choose = request.GET.get("before", ""), request.GET.get("choose", "")
    only = Company.objects.filter(slug=request.GET.get("company", "")).first()
    rows = queries.quarantine(company=only)
    if before.isascii() and before.isdigit():
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: SIZE + 1])
    more, found = len(found) > SIZE, found[:SIZE]
    companies = list(Company.objects.filter(active=True).order_by("name"))
    by_id = {each.pk: each for each in companies}
    context = {
        "actor": actor,
        "section": "quarantine",
        "strays": [Stray(row, _why(row), by_id.get(row.suggestion_id or 0), str(row.pk) == choose) for row in found],
        "companies": companies,
        "may_route": actor.can(Can.QUARANTINE_ROUTE),
        "here": request.path,
        "before": before,
        "only": only,
        "next_url": f"{request.path}?before={found[-1].pk}{f'&company={only.slug}' if only else ''}" if more else "",
    }
    return render(request, "quarantine/quarantine.html", context)


def _why(row: Quarantined) -> str:
    if not row.text:
        return ""
    language = get_language() or "en"
    values = {key: i18n.translate(value, language) if key == "what" else value for key, value in row.values.items()}
    return i18n.translate(row.text, language, **values)


@in_firm
def file(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Its bytes, to be saved."""
    row = _get(pk)
    source = vault.open_stream(row.firm_id, row.file.sha256)
    return downloads.stream(source, row.name, row.file.size)


@require_POST
@in_firm
def route(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """File it with a company."""
    _allowed(actor)
    row = _get(pk)
    company = Company.objects.filter(active=True).get(slug=request.POST.get("company", ""))
    arrive.route(actor, row, company)
    messages.success(request, gettext("%(name)s is filed with %(company)s.") % {"name": row.name, "company": company})
    return SeeOther(back(request, _list(actor)))


@require_POST
@in_firm
def discard(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Take it off the list."""
    _allowed(actor)
    row = _get(pk)
    arrive.discard(actor, row)
    messages.success(request, gettext("%(name)s is discarded.") % {"name": row.name})
    return SeeOther(back(request, _list(actor)))


def _allowed(actor: Actor) -> None:
    require(actor, Can.QUARANTINE_ROUTE)


def _list(actor: Actor) -> str:
    return reverse("firm-quarantine", kwargs={"firm": actor.firm.slug})


def _get(pk: int) -> Quarantined:
    return Quarantined.objects.select_related("file", "company", "delivery").get(pk=pk)

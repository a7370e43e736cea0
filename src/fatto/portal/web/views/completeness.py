"""The proof that nothing is missing: day by day, what the authority listed and what is held."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from fatto.portal.exchange import queries, services
from fatto.portal.exchange.models import Box
from fatto.portal.exchange.states import Held
from fatto.portal.flow import completeness
from fatto.portal.tenancy.actor import Actor
from fatto.portal.web import downloads, exchanging
from fatto.portal.web.space import in_company, in_firm


@require_http_methods(["GET", "HEAD"])
@in_company
def of_company(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """A month of a company, day by day."""
    company = exchanging.company(actor)
    first = _month(request)
    box = Box.objects.select_related("company").order_by("pk").first()
    month = next(iter(queries.months([box], first)), None) if box is not None else None
    here = reverse("company-completeness", kwargs={"company": company.slug})
    backlog = queries.backlogs().get(box.pk) if box is not None else None
    context = {
        "actor": actor,
        "section": "connections",
        "box": box,
        "month": month,
        "backlog": backlog,
        "pdf_url": reverse(
            "company-completeness-pdf",
            kwargs={"company": company.slug, "year": first.year, "month": first.month},
        )
        if month is not None and month.complete
        else "",
        "parked_url": reverse("company-messages", kwargs={"company": company.slug}) + f"?state={Held.PARKED.value}",
        "back_url": reverse("company-connection", kwargs={"company": company.slug}),
        **_beside(here, first),
    }
    return render(request, "exchange/completeness.html", context)


@require_http_methods(["GET", "HEAD"])
@in_company
def pdf(request: HttpRequest, actor: Actor, year: int, month: int) -> HttpResponseBase:
    """The sheet that says that nothing of a month is missing; there is none while something is."""
    company = exchanging.company(actor)
    if not 1 <= month <= 12 or not 2000 <= year <= 2100:
        raise Http404
    box = Box.objects.select_related("company__firm", "connection").order_by("pk").get()
    found = queries.months([box], date(year, month, 1))[0]
    if not found.complete:
        raise Http404
    data = completeness.pdf(found, get_language() or "en")
    return downloads.download(data, f"{company.slug}-{year}-{month:02}.pdf", "application/pdf")


@require_http_methods(["GET", "HEAD"])
@in_firm
def of_firm(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """A month of all companies."""
    first = _month(request)
    months = queries.months(queries.boxes(), first)
    backlogs = queries.backlogs()
    here = reverse("firm-completeness", kwargs={"firm": actor.firm.slug})
    rows = [
        (
            each,
            backlogs.get(each.box.pk),
            reverse("company-completeness", kwargs={"company": each.box.company.slug}) + f"?month={first:%Y-%m}",
        )
        for each in months
    ]
    context = {
        "actor": actor,
        "section": "connections",
        "rows": rows,
        "complete": sum(each.complete for each in months),
        "back_url": reverse("firm-connections", kwargs={"firm": actor.firm.slug}),
        **_beside(here, first),
    }
    return render(request, "exchange/completeness_firm.html", context)


def _month(request: HttpRequest) -> date:
    """The month that is asked for; without one, the last that is over."""
    today = timezone.localdate()
    wanted = request.GET.get("month", "")
    try:
        first = date.fromisoformat(f"{wanted}-01")
    except ValueError:
        return (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return min(first, today.replace(day=1))


def _beside(here: str, first: date) -> dict[str, object]:
    today = timezone.localdate().replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    after = queries.next_month(first)
    return {
        "first": first,
        "before_url": f"{here}?month={before:%Y-%m}",
        "after_url": f"{here}?month={after:%Y-%m}" if after <= today else "",
        "keeps": max((each.keeps.days for _country, each in services.types() if each.keeps), default=0),
    }

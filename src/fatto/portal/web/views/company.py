"""A company's first page, and the few things that are set for it."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from fatto.portal.documents import queries
from fatto.portal.documents.models import Direction, Document
from fatto.portal.documents.queries import Filters
from fatto.portal.flow import gate as gates
from fatto.portal.tenancy.action import NotAllowed
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.middleware import AS_CLIENT
from fatto.portal.tenancy.models import Gate
from fatto.portal.tenancy.permissions import SUPPORT, Can
from fatto.portal.web import listing
from fatto.portal.web.listing import Addresses
from fatto.portal.web.space import SeeOther, in_company


@in_company
def home(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What needs the company now, then what arrived this month."""
    assert actor.company is not None  # noqa: S101 - the decorator saw to it
    urls = Addresses(actor)
    month = timezone.localdate().replace(day=1)
    latest = queries.page(Filters(sort="-received"), size=8)
    waiting = queries.page(Filters(view="to-approve", sort="date"), size=1)
    arrived = Filters(date_from=month)
    counts, hidden = queries.counts(), _hidden(actor)
    books = actor.can(Can.DOCUMENT_BOOK)
    context = {
        "actor": actor,
        "section": "home",
        "company": actor.company,
        "counts": counts,
        "may_decide": actor.can(Can.DOCUMENT_DECIDE),
        "may_book": books,
        "may_manage": actor.can(Can.COMPANY_MANAGE),
        "may_upload": actor.can(Can.DOCUMENT_UPLOAD),
        "nothing": not (counts.to_approve or counts.disputed or hidden or (books and counts.to_book)),
        "oldest": waiting.rows[0] if waiting.rows else None,
        "rows": [listing.row(each, urls) for each in latest.rows],
        "month": month,
        "figures": [
            (direction, label, count, urls.desk(replace(arrived, direction=direction).to_query()))
            for direction, label, count in _dated_since(month)
        ],
        "hidden": hidden,
        "urls": {
            "approve": reverse("company-approve", kwargs={"company": actor.company.slug}),
            "upload": reverse("company-upload", kwargs={"company": actor.company.slug}),
            "archive": reverse("company-archive", kwargs={"company": actor.company.slug}),
            "settings": reverse("company-settings", kwargs={"company": actor.company.slug}),
            "documents": urls.desk(),
            "to_approve": urls.desk("view=to-approve"),
            "disputed": urls.desk("view=disputed"),
            "to_book": urls.desk("view=to-book"),
        },
    }
    return render(request, "company/home.html", context)


def _dated_since(day: object) -> list[tuple[str, object, int]]:
    """How many documents of each folder are dated since a day."""
    rows = dict(Document.objects.filter(sort_date__gte=day).values_list("direction").annotate(n=Count("pk")).order_by())
    return [(each.value, each.label, rows.get(each.value, 0)) for each in Direction]


def _hidden(actor: Actor) -> int:
    """For the firm's people under a hard gate: how many documents wait that they may not see yet."""
    if actor.side != "firm" or actor.company is None or actor.company.gate != Gate.HARD:
        return 0
    return next((each.hidden for each in queries.standings() if each.company.pk == actor.company.pk), 0)


@require_POST
@in_company
def view_as(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Somebody of the firm looks as the company does, or no longer."""
    assert actor.company is not None  # noqa: S101 - the decorator saw to it
    if actor.side != "firm" or actor.role == SUPPORT:
        raise NotAllowed(Can.DOCUMENT_READ)
    if "stop" in request.POST:
        request.session.pop(AS_CLIENT, None)
    else:
        request.session[AS_CLIENT] = actor.company.slug
    return SeeOther(reverse("company-home", kwargs={"company": actor.company.slug}))


@require_http_methods(["GET", "POST"])
@in_company
def settings(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Whether the company's yes comes before the accountant's work."""
    company = actor.company
    assert company is not None  # noqa: S101 - the decorator saw to it
    if not actor.can(Can.COMPANY_MANAGE):
        raise NotAllowed(Can.COMPANY_MANAGE)
    chosen = request.POST.get("gate", company.gate)
    wrong = chosen not in Gate.values
    if request.method == "POST" and not wrong:
        if chosen != company.gate:
            gates.set_gate(actor, company, gate=chosen)
            messages.success(request, gettext("Saved."))
        return SeeOther(request.path)
    context = {
        "actor": actor,
        "section": "settings",
        "company": company,
        "may_invite": actor.can(Can.PEOPLE_MANAGE),
        "gates": Gate.choices,
        "gate": company.gate,
        "may_tokens": actor.can(Can.TOKEN_MANAGE),
        "may_export": actor.can(Can.DATA_EXPORT),
        "error": gettext("Choose one of the three.") if wrong else "",
    }
    return render(request, "company/settings.html", context, status=422 if wrong else 200)

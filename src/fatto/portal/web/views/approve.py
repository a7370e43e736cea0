"""The company's yes or no: cards for the phone, and the three deeds."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from fatto.portal.approvals import queries as approvals
from fatto.portal.approvals.models import Alert, Reason, Verdict
from fatto.portal.documents import queries, usual
from fatto.portal.documents.models import Document
from fatto.portal.documents.queries import Filters
from fatto.portal.documents.usual import Usual
from fatto.portal.flow import decide
from fatto.portal.tenancy.action import Refusal
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web import bulk, listing, sitting
from fatto.portal.web import undo as bar
from fatto.portal.web.space import SeeOther, back, in_company

SIZE = 20


@dataclass(frozen=True, slots=True)
class Card:
    """One document to decide on: who, how much, and what for."""

    document: Document
    purpose: str
    more: int
    """Lines after the one that says what it is for."""
    url: str
    approve_url: str
    dispute_url: str
    alerts: list[Alert]
    usual: Usual | None = None
    """What the supplier asked for in the months before, when this is like it."""


@in_company
def waiting(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What waits for the company's word, oldest first."""
    assert actor.company is not None  # noqa: S101 - the decorator saw to it
    waiting_list = Filters(view="mine", sort="date")
    page = queries.page(waiting_list, cursor=request.GET.get("cursor", ""), size=SIZE)
    whole = {each.pk: each for each in queries.some(each.pk for each in page.rows)}
    like = usual.usual(page.rows)
    alerts = approvals.alerts_of(whole.values())
    url = reverse("company-approve", kwargs={"company": actor.company.slug})
    context = {
        "actor": actor,
        "section": "approve",
        "cards": [_card(whole.get(each.pk, each), alerts.get(each.pk, []), like.get(each.pk)) for each in page.rows],
        "may_decide": actor.can(Can.DOCUMENT_DECIDE),
        "reasons": Reason.choices,
        "here": url,
        **listing.around(page, Filters(), url),
        "all_url": reverse("company-documents", kwargs={"company": actor.company.slug}),
        "counts": queries.counts(),
        "desk_url": reverse("company-documents", kwargs={"company": actor.company.slug}) + "?view=mine",
        "undo": bar.take(request),
        "bulk": bulk.bar(actor, waiting_list, after=url, more=bool(page.next or page.previous)),
        "corner": bulk.take(request, actor),
        "done": None if page.rows else sitting.of(request, actor.company),
    }
    return render(request, "approve/waiting.html", context)


def _card(document: Document, alerts: list[Alert], like: Usual | None) -> Card:
    invoice = queries.invoice(document)
    purpose = ""
    if invoice is not None:
        for line in invoice.lines:
            purpose = (line.item.name or line.item.description or "") if line.item else ""
            if purpose:
                break
    kwargs = {"company": document.company.slug, "pk": document.pk}
    return Card(
        document,
        purpose[:160],
        len(invoice.lines) - 1 if invoice else 0,
        f"{reverse('document', kwargs=kwargs)}?view=mine&sort=date",
        reverse("document-approve", kwargs=kwargs),
        reverse("document-dispute", kwargs=kwargs),
        alerts,
        like,
    )


@require_POST
@in_company
def approve(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Yes."""
    document = queries.get(pk)
    before = document.approval
    confirmed = " ".join(request.POST.getlist("confirmed")).split()
    decision = decide.approve(actor, document, note=request.POST.get("note", ""), confirmed=confirmed)
    sitting.count(request, document.company, before, document.approval)
    bar.remember(request, document, "agreed" if decision.verdict == Verdict.AGREED else "approved")
    return SeeOther(back(request, _page(document)))


@require_http_methods(["GET", "POST"])
@in_company
def dispute(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """No, with the reason. The form stands alone for a browser without script, and when something is missing."""
    document = queries.get(pk)
    after = back(request, _page(document))
    if request.method == "GET":
        return _form(request, actor, document, after)
    reason, note = request.POST.get("reason", ""), request.POST.get("note", "")
    before = document.approval
    try:
        decide.dispute(actor, document, reason=reason, note=note)
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        return _form(request, actor, document, after, refusal)
    sitting.count(request, document.company, before, document.approval)
    bar.remember(request, document, "disputed")
    return SeeOther(after)


@require_POST
@in_company
def undo(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Back to waiting."""
    document = queries.get(pk)
    before = document.approval
    decide.undo(actor, document)
    sitting.count(request, document.company, before, document.approval)
    bar.remember(request, document, "undone")
    return SeeOther(back(request, _page(document)))


def _page(document: Document) -> str:
    return reverse("document", kwargs={"company": document.company.slug, "pk": document.pk})


def _form(
    request: HttpRequest, actor: Actor, document: Document, after: str, refusal: Refusal | None = None
) -> HttpResponse:
    context = {
        "actor": actor,
        "section": "approve",
        "document": document,
        "reasons": Reason.choices,
        "reason": request.POST.get("reason", ""),
        "note": request.POST.get("note", ""),
        "error": refusal.message if refusal else "",
        "after": after,
        "dispute_url": reverse("document-dispute", kwargs={"company": document.company.slug, "pk": document.pk}),
    }
    piece = "#form" if refusal and request.headers.get("HX-Request") else ""
    return render(request, f"approve/dispute.html{piece}", context, status=refusal.status if refusal else 200)

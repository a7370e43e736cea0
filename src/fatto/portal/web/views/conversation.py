"""Commenting, asking, answering; tags, cost centres, what belongs together; marking everything as read."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fatto.portal.conversation import actions
from fatto.portal.conversation import queries as said
from fatto.portal.documents import queries, unread
from fatto.portal.documents.models import Document
from fatto.portal.documents.queries import Filters
from fatto.portal.flow import tagging
from fatto.portal.tenancy.action import require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web.listing import Addresses
from fatto.portal.web.space import SeeOther, back, in_company, in_firm

FOUND = 20
"""Documents that a search for one to put beside this shows."""


@require_POST
@in_company
def comment(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Say something."""
    document = queries.get(pk)
    actions.comment(actor, document, text=request.POST.get("text", ""), once=_once(request))
    return SeeOther(back(request, _page(document)))


@require_POST
@in_company
def ask(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Ask a side, or some of its people."""
    document = queries.get(pk)
    members = [int(each) for each in request.POST.getlist("member") if each.isascii() and each.isdigit()][:50]
    actions.ask(
        actor,
        document,
        text=request.POST.get("text", ""),
        to=request.POST.get("to", ""),
        members=members,
        once=_once(request),
    )
    return SeeOther(back(request, _page(document)))


@require_POST
@in_company
def answer(request: HttpRequest, actor: Actor, pk: int, comment: int) -> HttpResponseBase:
    """Answer a question."""
    document = queries.get(pk)
    question = said.question(document, comment)
    actions.answer(actor, document, question=question, text=request.POST.get("text", ""), once=_once(request))
    messages.success(request, _("Answered."))
    return SeeOther(back(request, _page(document)))


@require_POST
@in_company
def withdraw(request: HttpRequest, actor: Actor, pk: int, comment: int) -> HttpResponseBase:
    """Take one's own fresh comment back."""
    document = queries.get(pk)
    actions.withdraw(actor, document, comment=said.comment(document, comment))
    return SeeOther(back(request, _page(document)))


@require_POST
@in_company
def tags(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Put tags on it (several between commas), or take one off."""
    document = queries.get(pk)
    add = [each for each in request.POST.get("add", "")[:1000].split(",") if each.strip()]
    tagging.tag(actor, [document], add=add, remove=filter(None, [request.POST.get("remove", "")[:100]]))
    return SeeOther(back(request, _page(document)))


@require_POST
@in_company
def center(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Write the cost centre on it."""
    document = queries.get(pk)
    actions.set_center(actor, [document], code=request.POST.get("center", "")[:100])
    return SeeOther(back(request, _page(document)))


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def relate(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Look for another document and put it beside this one, or take one away."""
    document = queries.get(pk)
    require(actor, Can.DOCUMENT_TAG)
    if request.method == "POST":
        wanted = request.POST.get("other", "")
        other = queries.get(int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 16 else 0)
        if "remove" in request.POST:
            actions.unrelate(actor, document, other=other)
        else:
            actions.relate(actor, document, other=other)
        return SeeOther(back(request, _page(document)))
    ask_text = request.GET.get("ask", "").strip()
    filters = Filters(ask=ask_text) if ask_text else Filters(party=document.party_name)
    beside = {other.pk for other in said.by_hand(document)}
    urls = Addresses(actor)
    context = {
        "actor": actor,
        "section": "documents",
        "document": document,
        "document_url": _page(document),
        "ask": ask_text,
        "found": [
            (row, urls.document(row.pk), row.pk in beside)
            for row in queries.page(filters, size=FOUND + 1).rows
            if row.pk != document.pk
        ][:FOUND],
    }
    return render(request, "documents/relate.html", context)


@require_POST
@in_company
def read_all(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Everything in the company counts as read."""
    return _read_all(request, actor)


@require_POST
@in_firm
def firm_read_all(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Everything in all companies of the firm counts as read."""
    return _read_all(request, actor)


def _read_all(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    unread.read_all()
    messages.success(request, _("Everything is marked as read."))
    return SeeOther(back(request, Addresses(actor).desk()))


def _once(request: HttpRequest) -> str:
    """The mark of the form: pressed twice, it is said once."""
    return request.POST.get("once", "")[:64]


def _page(document: Document) -> str:
    return reverse("document", kwargs={"company": document.company.slug, "pk": document.pk})

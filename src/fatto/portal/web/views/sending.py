"""Sending what a company issued: the question before, calling back, its files; writing to sellers; settings."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fatto.portal.documents import queries, vault
from fatto.portal.documents.models import Document
from fatto.portal.exchange import sending as deeds
from fatto.portal.exchange.models import LAST_DAY, Box, Transmission
from fatto.portal.exchange.states import Sending
from fatto.portal.flow import issue, official
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.action import NotAllowed, Refusal
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.middleware import AS_CLIENT, device_of
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope
from fatto.portal.web import downloads, transmitting, viewer
from fatto.portal.web.listing import Addresses
from fatto.portal.web.space import SeeOther, back, in_company, in_firm, kept_private, refused

DELAYS = (1, 2, 4, 8, 24, 48)
MOST_WATCHED = 100


def _page(document: Document) -> str:
    return reverse("document", kwargs={"company": document.company.slug, "pk": document.pk})


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def send(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """The question before something leaves that cannot be called back; POST is the answer."""
    document = queries.get(pk)
    box = issue.box_of(document)
    if box is None:
        if request.method != "POST":
            return redirect(_page(document))
        raise deeds.NoBox
    if not deeds.may(actor, box):
        raise deeds.NotForTheFirm if actor.can(Can.DOCUMENT_SEND) else NotAllowed(Can.DOCUMENT_SEND)
    if not issue.possible(actor, document, box):
        if request.method != "POST":
            return redirect(_page(document))
        raise deeds.SentAlready
    error: Refusal | None = None
    if request.method == "POST":
        try:
            transmission = issue.ask(actor, document, now=request.POST.get("when") == "now")
        except (issue.Faulty, issue.Unsuitable) as refusal:
            error = refusal
        else:
            waits = transmission.state == Sending.WAITING
            text = gettext("It waits for its time. Until then it can be called back.") if waits else ""
            messages.success(request, text or gettext("It is being sent."))
            return SeeOther(back(request, _page(document)))
    now = timezone.now()
    checked = issue.check(document, box)
    faults = []
    if checked is not None and not checked.verdict.accepted:
        faults = transmitting.of_findings(each for each in checked.verdict.findings if each.severity == "fatal")
    context = {
        "actor": actor,
        "section": "documents",
        "document": document,
        "company": document.company,
        "here": request.path,
        "after": back(request, _page(document)),
        "due_at": issue.due(box, document, now),
        "attempt": Transmission.objects.filter(document=document).count() + 1,
        "faults": faults,
        "unsuitable": checked is None or checked.error is not None,
        "error": error.message if error else "",
        "in_the_firms_name": actor.side == "firm",
    }
    return render(request, "sending/send.html", context, status=error.status if error else 200)


@require_POST
@in_company
def cancel(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Call back what waits."""
    document = queries.get(pk)
    issue.cancel(actor, _latest(document))
    messages.success(request, gettext("It was called back: nothing has been sent."))
    return SeeOther(back(request, _page(document)))


@require_POST
@in_company
def again(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Send again what was not found, without waiting for the proof that it never arrived."""
    document = queries.get(pk)
    issue.again(actor, _latest(document))
    messages.success(request, gettext("It is being sent."))
    return SeeOther(back(request, _page(document)))


def _latest(document: Document) -> Transmission:
    """The last attempt to send it; else 404."""
    rows = Transmission.objects.select_related("box", "document").filter(document=document).order_by("-attempt")
    transmission = rows.first()
    if transmission is None:
        raise Http404
    return transmission


@require_safe
@in_company
def attempt(request: HttpRequest, actor: Actor, pk: int, number: int) -> HttpResponseBase:
    """The file that an attempt sent, byte for byte."""
    document = queries.get(pk)
    row = Transmission.objects.select_related("file").get(document=document, attempt=number)
    if row.file is None:
        raise Http404
    data = vault.get(document.firm_id, row.file.sha256)
    return downloads.immutable(downloads.download(data, row.name or document.name), row.file.sha256)


@require_POST
@kept_private
@login_required
def official_paper(request: HttpRequest, company: str, pk: int) -> HttpResponseBase:
    """Fetch the authority's own PDF. Its server is waited for outside of any scope."""
    actor = actors.in_company(request.user, company, device_of(request))  # type: ignore[arg-type]  # login_required
    if actor is None or request.session.get(AS_CLIENT) == company:
        raise Http404
    request.actor = actor  # type: ignore[attr-defined]
    with scope(actor):
        try:
            document = Document.objects.select_related("company", "file").get(pk=pk)
        except Document.DoesNotExist:
            raise Http404 from None
        allowed = actor.can(Can.DOCUMENT_UPLOAD) and official.offered(document)
    try:
        if not allowed:
            raise NotAllowed(Can.DOCUMENT_UPLOAD)
        official.fetch(actor, document)
    except Refusal as refusal:
        with scope(actor):
            return refused(request, actor, refusal)
    messages.success(request, gettext("The authority’s PDF is kept with the document."))
    return SeeOther(back(request, _page(document)))


official_paper.space = "company"  # type: ignore[attr-defined]  # it opens its scopes itself, around the waiting


@require_POST
@in_company
def to_seller(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Write to the seller of a disputed invoice by way of the authority."""
    document = queries.get(pk)
    issue.say(actor, document, text=request.POST.get("text", "")[:1000])
    messages.success(request, gettext("The message is on its way to the seller."))
    return SeeOther(back(request, _page(document)))


@require_safe
@in_company
def live(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What changed of documents on their way that a page shows."""
    return _live(request, actor)


@require_safe
@in_firm
def firm_live(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The same over all companies of a firm."""
    return _live(request, actor)


def _live(request: HttpRequest, actor: Actor) -> HttpResponse:
    known = dict(_pairs(request.GET.get("on", "")))
    opened = request.GET.get("open", "")
    chosen = int(opened) if opened.isascii() and opened.isdigit() and len(opened) < 16 else None
    rows = {row.pk: row for row in queries.some(list(known))}
    moved = [row for row in rows.values() if row.transmission != known[row.pk]]
    urls = Addresses(actor)
    query = request.GET.get("list", "")[:2000]
    lines = request.GET.get("lines")  # those that the page has; without script nobody says
    shown = [row for row in moved if lines is None or str(row.pk) in lines.split(".")]
    context = {
        "rows": viewer.lines(shown if request.GET.get("look") != "table" else [], urls, query, chosen),
        "watch": watch(actor, list(rows.values()), chosen, query, request.GET.get("look", "")),
    }
    response = render(request, "sending/live.html", context)
    if chosen is not None and any(row.pk == chosen for row in moved):
        response["HX-Trigger"] = "document-moved"
    return response


def _pairs(text: str) -> list[tuple[int, str]]:
    found = []
    for each in text.split(",")[:MOST_WATCHED]:
        number, _colon, state = each.partition(":")
        if number.isascii() and number.isdigit() and len(number) < 16:
            found.append((int(number), state))
    return found


def watch(actor: Actor, documents: list[Document], chosen: int | None, query: str = "", look: str = "") -> str:
    """The address that tells what changed of these; empty when none is on its way."""
    moving = [each for each in documents if each.transmission in transmitting.MOVING][:MOST_WATCHED]
    if not moving:
        return ""
    asked: dict[str, Any] = {"on": ",".join(f"{each.pk}:{each.transmission}" for each in moving)}
    asked |= {"open": chosen} if chosen is not None else {}
    asked |= {"list": query} if query else {}
    asked |= {"look": look} if look else {}
    return Addresses(actor).of_list("live", urlencode(asked))


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def settings(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """How long the company lets its invoices wait, and whether its firm may send them."""
    company = actor.company
    assert company is not None  # noqa: S101 - the decorator saw to it
    if not actor.can(Can.COMPANY_MANAGE):
        raise NotAllowed(Can.COMPANY_MANAGE)
    box = Box.objects.filter(company=company).order_by("-pk").first()
    if box is None:
        raise Http404
    may_change = actor.side == "company" and not actor.as_client
    if request.method == "POST":
        deeds.set_up(
            actor, box, delay_hours=_delay(request.POST.get("delay", "")), firm_sends="firm_sends" in request.POST
        )
        messages.success(request, gettext("Saved."))
        return SeeOther(request.path)
    options: list[tuple[str, Any, bool]] = [("", gettext("At once"), box.delay_hours is None)]
    for hours in DELAYS:
        options.append((str(hours), _hours(hours), box.delay_hours == hours))
    options.append((str(LAST_DAY), gettext("On the last day that the law leaves"), box.delay_hours == LAST_DAY))
    context = {
        "actor": actor,
        "section": "settings",
        "company": company,
        "box": box,
        "options": options,
        "may_change": may_change,
    }
    return render(request, "sending/settings.html", context)


def _delay(text: str) -> int | None:
    return int(text) if text in {str(each) for each in (*DELAYS, LAST_DAY)} else None


def _hours(hours: int) -> str:
    if hours % 24 == 0:
        days = hours // 24
        return gettext("After one day") if days == 1 else gettext("After %(n)s days") % {"n": days}
    return gettext("After one hour") if hours == 1 else gettext("After %(n)s hours") % {"n": hours}

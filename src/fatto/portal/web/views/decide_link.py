"""The page behind a link in a mail: one person, one document, one decision. Looking at it changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from allauth.core.internal import ratelimit
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fatto import countries
from fatto.portal.approvals.models import Kind, Reason
from fatto.portal.documents import queries
from fatto.portal.documents.models import Document
from fatto.portal.documents.sentence import headline
from fatto.portal.documents.states import Approval
from fatto.portal.flow import decide
from fatto.portal.notifications import links
from fatto.portal.notifications.models import Link
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.action import Refusal
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.middleware import device_of
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope
from fatto.portal.web import viewer
from fatto.portal.web.space import hidden, kept_private

View = Callable[[HttpRequest, Actor, Link, Document], HttpResponseBase]
_RATE = {"notice_link": "60/m/ip"}
BY_MAIL = "mail"
"""What the decision log adds to the kind of device."""


class _LinkSpent(Exception):
    """Somebody was quicker with the same link."""


def _behind_link(view: View) -> Callable[..., HttpResponseBase]:
    """Find whose link it is, and open that person's scope, if it has one there (any more)."""

    @kept_private
    @wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponseBase:
        if not ratelimit.consume(request, app="allauth.account", action="notice_link", config=_RATE, limit_get=True):
            response: HttpResponse = ratelimit.respond_429(request)
            return response
        link = links.find(token)
        if link is None:
            return _dead(request, "unknown", 404)
        _speak(request, link)
        if link.used_at is not None:
            return _dead(request, "used", 410, link)
        if link.expires_at <= timezone.now():
            return _dead(request, "expired", 410, link)
        here = request.user
        if here.is_authenticated and here.pk != link.member_id:
            return _dead(request, "somebody-else", 403, link)
        device = f"{device_of(request)} · {BY_MAIL}"
        actor = actors.at_company(link.member, link.company_id, device) if link.member.is_active else None
        if actor is None or actor.company is None or not actor.can(Can.DOCUMENT_DECIDE):
            return _dead(request, "no-right", 410, link)
        zone = ZoneInfo(countries.find(actor.company.country).time_zone)
        try:
            with scope(actor), timezone.override(zone):
                try:
                    document = queries.get(link.document_id)
                except Document.DoesNotExist:
                    return _dead(request, "no-right", 410, link)
                return _hide(view(request, actor, link, document))
        except _LinkSpent:
            return _dead(request, "used", 410, link)

    return wrapped


def _hide(response: HttpResponseBase) -> HttpResponseBase:
    return hidden(response) if isinstance(response, HttpResponse) else response


@require_http_methods(["GET", "HEAD", "POST"])
@_behind_link
def ask(request: HttpRequest, actor: Actor, link: Link, document: Document) -> HttpResponseBase:
    """The document's main facts, and yes or no. A POST says yes."""
    if request.method != "POST":
        return _page(request, link, document)
    return _decided(request, link, document, lambda: decide.approve(actor, document))


@require_POST
@_behind_link
def dispute(request: HttpRequest, actor: Actor, link: Link, document: Document) -> HttpResponseBase:
    """No, with the reason."""
    reason, note = request.POST.get("reason", ""), request.POST.get("note", "")
    return _decided(request, link, document, lambda: decide.dispute(actor, document, reason=reason, note=note))


@require_safe
@_behind_link
def sheet(request: HttpRequest, actor: Actor, link: Link, document: Document) -> HttpResponseBase:
    """The readable page of the document that the link is about."""
    context = {"document": document, "paper": viewer.paper(document), "back_url": _url(request)}
    return render(request, "notices/sheet.html", context)


def _decided(request: HttpRequest, link: Link, document: Document, deed: Callable[[], Any]) -> HttpResponseBase:
    """Decide as the person, and spend the link with it; what the house refuses leaves the link good."""
    if document.alerts or document.approval != Approval.TO_APPROVE:
        return _page(request, link, document, status=409)
    try:
        with transaction.atomic():
            deed()
            if not links.use(link):
                raise _LinkSpent
    except Refusal as refusal:
        document.refresh_from_db(fields=["approval", "booking", "alerts"])
        return _page(request, link, document, refusal=refusal, status=refusal.status)
    document.refresh_from_db(fields=["approval", "booking", "alerts"])
    return render(request, "notices/decided.html", _facts(request, document))


def _page(
    request: HttpRequest, link: Link, document: Document, *, refusal: Refusal | None = None, status: int = 200
) -> HttpResponse:
    context = _facts(request, document) | {
        "waits": document.approval == Approval.TO_APPROVE,
        "alerts": [str(Kind(each).label) for each in document.alerts if each in Kind.values],
        "expires": link.expires_at,
        "member": link.member,
        "error": refusal.message if refusal else "",
        "reasons": Reason.choices,
        "reason": request.POST.get("reason", ""),
        "note": request.POST.get("note", ""),
        "dispute_url": f"{_url(request)}dispute/",
        "sheet_url": f"{_url(request)}sheet/",
    }
    return render(request, "notices/decide.html", context, status=status)


def _facts(request: HttpRequest, document: Document) -> dict[str, Any]:
    page = reverse("document", kwargs={"company": document.company.slug, "pk": document.pk})
    return {"document": document, "chip": headline(document), "page_url": page, "decide_url": _url(request)}


def _url(request: HttpRequest) -> str:
    """The link's own address, from whichever of its pages."""
    parts = request.path.split("/")
    return "/".join([*parts[:3], ""])


def _dead(request: HttpRequest, why: str, status: int, link: Link | None = None) -> HttpResponse:
    """The link opens nothing (any more): say why, and offer the way that always works."""
    target = reverse("document-permalink", kwargs={"pk": link.document_id}) if link is not None else reverse("landing")
    login = f"{reverse('account_login')}?{urlencode({'next': target})}"
    go = target if request.user.is_authenticated and why != "somebody-else" else login
    context = {"why": why, "url": go, "here": request.user, "path": _url(request)}
    return hidden(render(request, "notices/dead.html", context, status=status))


def _speak(request: HttpRequest, link: Link) -> None:
    """In the person's language, unless whoever reads chose one."""
    if not request.user.is_authenticated and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(link.member.language)
        request.LANGUAGE_CODE = link.member.language

"""Handing files in: any number at once, each a delivery, and a tray that says what became of every one."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from fatto.portal.flow import arrive
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.action import NotAllowed, Refusal
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.middleware import device_of
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope
from fatto.portal.web import papering, tray
from fatto.portal.web.space import SeeOther, in_company, in_firm, kept_private, partial, refused


@kept_private
@login_required
def of_company(request: HttpRequest, company: str) -> HttpResponseBase:
    """Files for one company."""
    return _upload(request, company, "company", actors.in_company, _company_form)


@kept_private
@login_required
def of_firm(request: HttpRequest, firm: str) -> HttpResponseBase:
    """Files for whichever company of the firm they name."""
    return _upload(request, firm, "firm", actors.in_firm, _firm_form)


def _upload(
    request: HttpRequest,
    slug: str,
    word: str,
    find: Callable[..., Actor | None],
    form: Callable[..., HttpResponseBase],
) -> HttpResponseBase:
    """The form, or the files. They are stored before any scope opens: storing waits for the disk or the network."""
    if request.method != "POST":
        return form(request, **{word: slug})
    actor = find(request.user, slug, device=device_of(request))
    if actor is None:
        raise Http404
    files = request.FILES.getlist("files")
    if not files:
        return form(request, missing=True, **{word: slug})
    batch = uuid.uuid4()
    try:
        for file in files:
            arrive.receive(actor, file.name or "", file.chunks(), batch)
    except Refusal as refusal:
        request.actor = actor  # type: ignore[attr-defined]
        with scope(actor):
            return refused(request, actor, refusal)
    return SeeOther(reverse(f"{word}-upload-batch", kwargs={word: slug, "batch": batch}))


@in_company
def _company_form(request: HttpRequest, actor: Actor, missing: bool = False) -> HttpResponseBase:
    return _form(request, actor, missing)


@in_firm
def _firm_form(request: HttpRequest, actor: Actor, missing: bool = False) -> HttpResponseBase:
    return _form(request, actor, missing)


def _form(request: HttpRequest, actor: Actor, missing: bool) -> HttpResponseBase:
    if not actor.can(Can.DOCUMENT_UPLOAD):
        raise NotAllowed(Can.DOCUMENT_UPLOAD)
    if missing and partial(request, "tray"):
        text = {"tone": "action", "text": gettext("No file was chosen.")}
        return render(request, "components/alert.html", text, status=422)
    context = {
        "actor": actor,
        "section": "upload",
        "missing": missing,
        "upload_url": request.path,
        "recent": tray.recent(actor),
        **papering.adding(actor),
    }
    return render(request, "upload/upload.html", context, status=422 if missing else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def company_batch(request: HttpRequest, actor: Actor, batch: uuid.UUID) -> HttpResponseBase:
    """What became of files handed in for a company; a POST tries those again that an error stopped."""
    return _batch(request, actor, batch)


@require_http_methods(["GET", "HEAD", "POST"])
@in_firm
def firm_batch(request: HttpRequest, actor: Actor, batch: uuid.UUID) -> HttpResponseBase:
    """What became of files handed in for the firm."""
    return _batch(request, actor, batch)


def _batch(request: HttpRequest, actor: Actor, batch: uuid.UUID) -> HttpResponseBase:
    asked = {name: request.GET.get(name, "") for name in ("outcome", "after", "verdict")}
    number = request.GET.get("page", "")
    page = int(number) if number.isascii() and number.isdecimal() and 0 < len(number) < 6 else 1
    found = tray.of_batch(actor, batch, page=max(1, page), **asked)
    if found is None:
        raise Http404
    if request.method == "POST":
        for delivery in found.failed:
            arrive.again(actor, delivery)
        return SeeOther(request.path)
    wait = request.GET.get("wait", "1")
    if partial(request, "tray") or "tray" in request.GET:
        return render(request, "upload/corner.html", {"tray": found, "here": request.path})
    context = {
        "actor": actor,
        "section": "upload",
        "tray": found,
        "here": request.path,
        "may_upload": actor.can(Can.DOCUMENT_UPLOAD),
        "untold_url": papering.untold(actor, batch) if found.done else "",
        "wait": int(wait) if wait in ("1", "2", "4", "8") else 1,
        "next_wait": min(8, 2 * int(wait)) if wait in ("1", "2", "4", "8") else 2,
        "upload_url": reverse(
            "company-upload" if actor.company else "firm-upload",
            kwargs={"company": actor.company.slug} if actor.company else {"firm": actor.firm.slug},
        ),
    }
    return render(request, "upload/batch.html#batch" if partial(request, "batch") else "upload/batch.html", context)

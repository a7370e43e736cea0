"""What is kept, in one's own hands: everything as one file, and the proof that nothing of the trail was changed."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from fatto.portal.archive.models import Export
from fatto.portal.flow import takeout, trust
from fatto.portal.tenancy import seals
from fatto.portal.tenancy.action import Refusal, require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web import downloads
from fatto.portal.web.space import SeeOther, in_company, in_firm

_LARGEST = 4 << 20
"""Bytes of a file of hashes."""


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def of_company(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The data of a company."""
    return _data(request, actor)


@require_http_methods(["GET", "HEAD", "POST"])
@in_firm
def of_firm(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The data of a firm and its companies."""
    return _data(request, actor)


@in_company
def companys_file(request: HttpRequest, actor: Actor, export: int) -> HttpResponseBase:
    """A finished export of a company."""
    return _file(actor, export)


@in_firm
def firms_file(request: HttpRequest, actor: Actor, export: int) -> HttpResponseBase:
    """A finished export of a firm."""
    return _file(actor, export)


@in_company
def companys_anchor(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The latest hash of a company's chain."""
    return _anchor(actor)


@in_firm
def firms_anchor(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The latest hashes of a firm's chains."""
    return _anchor(actor)


def _data(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    _allowed(actor)
    error = ""
    if request.method == "POST":
        try:
            if "check" in request.POST:
                trust.ask(actor, noted=_noted(request, actor))
                messages.success(request, gettext("The trail is being checked. The result appears here."))
            else:
                takeout.ask(actor, language=get_language() or "en")
                messages.success(request, gettext("The export is being made. It appears here when it is done."))
            return SeeOther(request.path)
        except trust.NoAnchor:
            error = gettext("This is not a file of hashes that was saved from here.")
        except Refusal as refusal:
            error = str(refusal.message)
    exports = takeout.of(actor)
    busy = any(each.state in (Export.State.WAITING, Export.State.RUNNING) for each in exports)
    context = {
        "actor": actor,
        "section": "settings",
        "place": actor.company or actor.firm,
        "back_url": reverse("company-settings", kwargs={"company": actor.company.slug})
        if actor.company
        else reverse("firm-settings", kwargs={"firm": actor.firm.slug}),
        "exports": [(each, _url(actor, "export", export=each.pk)) for each in exports],
        "busy": busy,
        "days": takeout.KEEP.days,
        "checked": trust.last(actor),
        "anchor_url": _url(actor, "anchor"),
        "error": error,
    }
    return render(request, "data/data.html", context, status=422 if error else 200)


def _noted(request: HttpRequest, actor: Actor) -> list[dict[str, object]]:
    """The hashes of a file that was handed in, as far as they are about this space."""
    file = request.FILES.get("anchor")
    if file is None:
        return []
    if file.size is None or file.size > _LARGEST:
        raise trust.NoAnchor
    noted = trust.parse_anchors(file.read()).get(actor.firm.slug)
    if noted is None:
        raise trust.NoAnchor
    mine = {actor.company.pk} if actor.company else None
    return [each for each in noted if mine is None or each["company"] in mine]


def _file(actor: Actor, pk: int) -> HttpResponseBase:
    _allowed(actor)
    row = takeout.get(actor, pk)
    day = timezone.localdate(row.created_at)
    slug = actor.company.slug if actor.company else actor.firm.slug
    return downloads.stream(takeout.open_stream(row), f"{slug}-{day}.zip", row.size, "application/zip")


def _anchor(actor: Actor) -> HttpResponseBase:
    _allowed(actor)
    found = seals.anchor(actor)
    slug = actor.company.slug if actor.company else actor.firm.slug
    response = HttpResponse(json.dumps(found, indent=1) + "\n", content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="trail-{slug}-{timezone.localdate()}.json"'
    return response


def _allowed(actor: Actor) -> None:
    require(actor, Can.DATA_EXPORT)


def _url(actor: Actor, what: str, **more: object) -> str:
    if actor.company is not None:
        return reverse(f"company-data-{what}", kwargs={"company": actor.company.slug, **more})
    return reverse(f"firm-data-{what}", kwargs={"firm": actor.firm.slug, **more})

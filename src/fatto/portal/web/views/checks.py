"""The official rules that this release knows, and how far the archive is judged by them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from fatto.portal.documents.models import Recheck
from fatto.portal.flow import recheck
from fatto.portal.tenancy.action import NotAllowed
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web import judging
from fatto.portal.web.space import SeeOther, in_firm, partial


@require_http_methods(["GET", "HEAD", "POST"])
@in_firm
def of_firm(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The rules and the progress; a POST goes on where an error stopped it."""
    if not actor.can(Can.FIRM_MANAGE):
        raise NotAllowed(Can.FIRM_MANAGE)
    row = recheck.progress()
    if request.method == "POST":
        if row is not None and row.failed_at is not None:
            recheck.again(actor, row)
        return SeeOther(request.path)
    context = {
        "actor": actor,
        "section": "settings",
        "known": judging.known(),
        "recheck": row,
        "busy": row is not None and row.state == Recheck.State.RUNNING and row.failed_at is None,
        "here": request.path,
        "invalid_url": f"{reverse('firm-documents', kwargs={'firm': actor.firm.slug})}?view=invalid",
    }
    return render(request, "firm/checks.html#progress" if partial(request, "progress") else "firm/checks.html", context)

"""The list of a company's cost centres."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fatto.portal.conversation import actions
from fatto.portal.documents.models import CostCenter
from fatto.portal.tenancy.action import require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web.listing import Addresses
from fatto.portal.web.space import SeeOther, in_company


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def of_company(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """See the list; add one, rename one, retire one."""
    company = actor.company
    assert company is not None  # noqa: S101 - the decorator saw to it
    require(actor, Can.COMPANY_MANAGE)
    if request.method == "POST":
        actions.save_center(
            actor,
            company,
            code=request.POST.get("code", "")[:100],
            name=request.POST.get("name", "")[:200],
            active="active" in request.POST,
        )
        messages.success(request, _("Saved."))
        return SeeOther(request.path)
    urls = Addresses(actor)
    context = {
        "actor": actor,
        "section": "settings",
        "company": company,
        "centers": [
            (each, urls.desk(f"ask=center:{each.code}")) for each in CostCenter.objects.order_by("-active", "code")
        ],
    }
    return render(request, "company/centers.html", context)

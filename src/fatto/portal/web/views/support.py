"""Support in a firm's eyes: who asks to look in, the answer, and every page that was looked at."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from fatto.portal.tenancy import support
from fatto.portal.tenancy.action import require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web.space import SeeOther, in_firm


@require_http_methods(["GET", "HEAD", "POST"])
@in_firm
def of_firm(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Requests of operators, the firm's yes or no, and the log."""
    require(actor, Can.FIRM_MANAGE)
    grants = support.of_firm(actor)
    if request.method == "POST":
        for each in grants:
            if str(each.pk) == request.POST.get("grant"):
                support.grant(actor, each)
                messages.success(request, gettext("Granted. You can end it at any moment."))
            elif str(each.pk) == request.POST.get("end"):
                support.end(actor, each)
                messages.success(request, gettext("Ended."))
        return SeeOther(request.path)
    context = {
        "actor": actor,
        "section": "settings",
        "grants": [(each, support.is_live(each)) for each in grants],
        "seen": support.seen(actor),
    }
    return render(request, "operator/support.html", context)

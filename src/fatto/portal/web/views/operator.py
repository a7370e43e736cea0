"""Pages of who runs the portal: the firms in numbers, opening one, and asking for support access."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from fatto.portal.flow import firm as firms
from fatto.portal.flow import operating
from fatto.portal.settings import CONFIG
from fatto.portal.tenancy import support
from fatto.portal.tenancy.action import Refusal
from fatto.portal.tenancy.models import Firm, Member
from fatto.portal.web.forms.support import AskSupport, NewFirm
from fatto.portal.web.space import SeeOther, kept_private


def for_operators(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page that exists for operators alone: `view(request, operator, …)`."""

    @kept_private
    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, Member) or not request.user.operator:
            raise Http404
        return view(request, request.user, *args, **kwargs)

    return wrapped


@require_http_methods(["GET", "HEAD", "POST"])
@for_operators
def overview(request: HttpRequest, operator: Member) -> HttpResponseBase:
    """All firms in numbers; opening one more."""
    form = NewFirm(request.POST or None, initial={"country": "IT", "language": operator.language})
    opening = None
    if request.method == "POST" and form.is_valid():
        try:
            opening = firms.open_firm(**form.cleaned_data, mail=CONFIG.email.kind == "smtp")
        except firms.CannotOpen as trouble:
            form.add_error(None, str(trouble))
        else:
            form = NewFirm(initial={"country": opening.firm.country, "language": operator.language})
    context = {
        "sizes": operating.sizes(),
        "form": form,
        "opening": opening,
        "grants": {each.firm_id: each for each in reversed(support.asked_by(operator))},
    }
    return render(request, "operator/overview.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_operators
def firm(request: HttpRequest, operator: Member, slug: str) -> HttpResponseBase:
    """One firm in numbers, and the support asked of it."""
    here = get_object_or_404(Firm, slug=slug)
    form = AskSupport(request.POST if "reason" in request.POST else None, initial={"hours": 4})
    grants = [each for each in support.asked_by(operator) if each.firm_id == here.pk]
    error = ""
    if request.method == "POST":
        try:
            if "end" in request.POST:
                for each in grants:
                    if str(each.pk) == request.POST["end"]:
                        support.give_back(operator, each)
                return SeeOther(request.path)
            if form.is_valid():
                support.ask(operator, here, **form.cleaned_data)
                messages.success(request, gettext("Asked. The owners of the firm decide; the answer appears here."))
                return SeeOther(request.path)
        except Refusal as refusal:
            error = str(refusal.message)
    context = {
        "size": operating.size(here),
        "firm": here,
        "form": form,
        "grants": grants,
        "live": {each.pk for each in grants if support.is_live(each)},
        "error": error,
    }
    return render(request, "operator/firm.html", context, status=409 if error else 422 if form.errors else 200)

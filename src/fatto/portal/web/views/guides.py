"""Help: the guides, in the reader's language, before and after logging in."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from fatto.portal.web import guides


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Which guides there are."""
    context = {"guides": guides.every(get_language() or guides.OTHERWISE), "frame": _frame(request)}
    return render(request, "guides/index.html", context)


@require_safe
def guide(request: HttpRequest, name: str) -> HttpResponse:
    """One of them."""
    if name not in guides.NAMES:
        raise Http404
    context = {"guide": guides.read(name, get_language() or guides.OTHERWISE), "frame": _frame(request)}
    return render(request, "guides/guide.html", context)


def _frame(request: HttpRequest) -> str:
    return "base.html" if request.user.is_authenticated else "door.html"

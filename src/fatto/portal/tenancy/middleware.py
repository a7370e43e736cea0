"""One scope per request: finds the actor for the space in the URL and opens its scope around the view."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone, translation

from fatto import countries
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import SUPPORT
from fatto.portal.tenancy.scope import scope

View = Callable[..., HttpResponseBase]
AS_CLIENT = "as_client"
"""Where the session keeps which company somebody of the firm looks at as the company does."""


class LanguageMiddleware:
    """The reader's language: the person's own once logged in, else what the browser asks for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = getattr(request, "user", None)
        language = user.language if user is not None and user.is_authenticated else ""
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or "en")
        return response


def of_company(view: View) -> View:
    """A view of a company's space: `view(request, actor, …)`, in the actor's scope; else 404."""
    return _spaced(view, "company", actors.in_company)


def of_firm(view: View) -> View:
    """A view of a firm's space: `view(request, actor, …)`, in the actor's scope; else 404."""
    return _spaced(view, "firm", actors.in_firm)


def _spaced(view: View, word: str, find: Callable[..., Actor | None]) -> View:
    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        actor = find(request.user, kwargs.pop(word), device=device_of(request))
        if actor is None:
            raise Http404
        if actor.company is not None and actor.side == "firm" and actor.role != SUPPORT:  # noqa: SIM102 - two thoughts
            if request.session.get(AS_CLIENT) == actor.company.slug:
                actor = actors.as_client(actor)
        request.actor = actor  # type: ignore[attr-defined]
        country = actor.company.country if actor.company else actor.firm.country
        zone = ZoneInfo(countries.find(country).time_zone)
        if actor.role == SUPPORT:
            _log_visit(actor, request)
        with scope(actor), timezone.override(zone):
            response = view(request, actor, *args, **kwargs)
            render = getattr(response, "render", None)
            if callable(render):
                response = render()
        return response

    wrapped.space = word  # type: ignore[attr-defined]
    return wrapped


def _log_visit(actor: Actor, request: HttpRequest) -> None:
    """Every page that support opens, written before it is shown, and whatever becomes of it."""
    with scope(actor):
        company_id = actor.company.pk if actor.company else None
        trail.record(actor, "support-viewed", company_id=company_id, data={"path": request.path[:500]})


def device_of(request: HttpRequest) -> str:
    """The kind of device, for the decision log: never more than family and form."""
    agent = request.headers.get("User-Agent", "")
    family = next((name for name in ("Edg", "Firefox", "Chrome", "Safari") if name in agent), "")
    form = "phone" if "Mobile" in agent else "desktop"
    return f"{family.replace('Edg', 'Edge') or 'other'} · {form}"

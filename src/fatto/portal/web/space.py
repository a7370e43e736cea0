"""What every page of a company's or a firm's space has in common: whose it is, what it refuses, how it is kept.

    @in_company
    def home(request, actor): …

The decorators of `tenancy.middleware` find the actor and open its scope; around them stand here: a row
that is not the actor's is a 404, a Refusal is a sentence with its status, and no shared cache keeps a page.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from fatto.portal.tenancy.action import Refusal
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.middleware import of_company, of_firm

View = Callable[..., HttpResponseBase]


def in_company(view: View) -> View:
    """A page of a company's space: `view(request, actor, …)` for a URL with `<slug:company>`."""
    return kept_private(of_company(_answering(view)))


def in_firm(view: View) -> View:
    """A page of a firm's space: `view(request, actor, …)` for a URL with `<slug:firm>`."""
    return kept_private(of_firm(_answering(view)))


def kept_private(view: View) -> View:
    """Pages belong to one person: nobody between keeps them, and a shared computer does not either."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if "Cache-Control" not in response:
            patch_cache_control(response, private=True, no_store=True)
        patch_vary_headers(response, ["HX-Request", "Cookie"])
        return response

    return wrapped


def _answering(view: View) -> View:
    @wraps(view)
    def wrapped(request: HttpRequest, actor: Actor, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, actor, *args, **kwargs)
        except ObjectDoesNotExist as error:
            raise Http404 from error
        except Refusal as refusal:
            return refused(request, actor, refusal)

    return wrapped


def refused(request: HttpRequest, actor: Actor, refusal: Refusal) -> HttpResponse:
    """A rule of the house said no: its sentence and where to go on, with the refusal's status."""
    context = {"actor": actor, "message": refusal.message, "back": back(request, home(actor))}
    if request.headers.get("HX-Request"):
        response = render(request, "documents/refused.html#refusal", context, status=refusal.status)
        response["HX-Retarget"] = "#notices"
        response["HX-Reswap"] = "innerHTML"
        response["HX-Push-Url"] = "false"
        return response
    return render(request, "documents/refused.html", context, status=refusal.status)


def home(actor: Actor) -> str:
    """The landing page of the space that the actor is in."""
    if actor.company is not None:
        return reverse("company-home", kwargs={"company": actor.company.slug})
    return reverse("firm-today", kwargs={"firm": actor.firm.slug})


def back(request: HttpRequest, otherwise: str) -> str:
    """Where a form asked to go afterwards (`next`), when that is an address of ours; else `otherwise`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return otherwise


def partial(request: HttpRequest, target: str) -> bool:
    """Does htmx ask for this piece of the page alone? Going back in history wants the whole page."""
    return (
        request.headers.get("HX-Request") == "true"
        and request.headers.get("HX-History-Restore-Request") != "true"
        and request.headers.get("HX-Target") == target
    )


class SeeOther(HttpResponseRedirect):
    """After a deed: look there. 303, so that going back or reloading does not repeat it."""

    status_code = 303


def hidden(response: HttpResponse) -> HttpResponse:
    """A page whose address is the secret: nobody else is told it, and nobody indexes it.

    Not `no-referrer`: browsers would then send the form without its origin, which the CSRF check refuses.
    """
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response

"""The portal as an app on a phone: its worker, what it shows without a network, what is shared with it, the guide."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

import fatto
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.models import Member
from fatto.portal.tenancy.permissions import ROLES, Can
from fatto.portal.web import devices
from fatto.portal.web.space import SeeOther, kept_private
from fatto.portal.web.views import brand as brands

_STYLES = ("fatto", "documents", "desk", "conversation", "guards", "papers", "app")
_SCRIPTS = ("fatto", "app", "capture")
_SHELL = (
    *(f"fatto/{name}.css" for name in _STYLES),
    *(f"fatto/{name}.js" for name in _SCRIPTS),
    "fatto/icon.svg",
)
_PUSH = "fatto/worker-push.js"
"""What a worker does with notices, when they are there."""


@require_safe
def worker(request: HttpRequest) -> HttpResponseBase:
    """The service worker, with what it must know of this release: a changed byte, and browsers take the new one."""
    response = HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["Service-Worker-Allowed"] = "/"
    response["Content-Security-Policy"] = "default-src 'none'; script-src 'self'; connect-src 'self'"
    return response


def _worker() -> str:
    return _worker_of_this_release() if not settings.DEBUG else _written()


@lru_cache(maxsize=1)
def _worker_of_this_release() -> str:
    return _written()


def _written() -> str:
    shell = [static(name) for name in _SHELL] + [reverse("sheet-css"), reverse("offline")]
    own = _source("fatto/worker.js")
    facts: dict[str, Any] = {
        "release": _release(own),
        "shell": shell,
        "offline": reverse("offline"),
        "share": reverse("share"),
        "login": reverse("account_login"),
        "header": devices.HEADER,
        "nobody": devices.NOBODY,
    }
    push = f"importScripts({json.dumps(static(_PUSH))});\n" if finders.find(_PUSH) else ""
    return f"const FATTO = {json.dumps(facts)};\n{own}\n{push}"


def _source(name: str) -> str:
    found = finders.find(name)
    assert isinstance(found, str)  # noqa: S101 - it is in our package
    return Path(found).read_text(encoding="utf-8")


def _release(own: str) -> str:
    """What tells one release from the next: its version, and what the pages of the shell are made of."""
    digest = hashlib.sha256(f"{fatto.__version__}\n{own}".encode())
    for name in _SHELL:
        digest.update(_source(name).encode())
    return digest.hexdigest()[:16]


@require_safe
def offline(request: HttpRequest) -> HttpResponseBase:
    """What the worker shows without a network; it fills in what was opened before. Holds nobody's data."""
    response = render(
        request, "app/offline.html", {"styles": [static(name) for name in _SHELL if name.endswith("css")]}
    )
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def manifest(request: HttpRequest) -> HttpResponseBase:
    """The manifest where no firm is known: the house's own."""
    icons = [
        {"src": static(f"fatto/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in brands.SIZES
        for purpose in ("any", "maskable")
    ]
    response = JsonResponse(
        brands.manifest(name="Fatto", short="Fatto", icons=icons, colour="#0b6b50", app="/?app"),
        content_type="application/manifest+json",
    )
    response["Cache-Control"] = "no-cache"
    return response


@csrf_exempt
@kept_private
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest) -> HttpResponseBase:
    """Files that another app shared with this one. The worker holds them until the person says whose they are.

    A POST reaches the server only where no worker runs: nothing is taken from it, as it carries no proof that the
    person meant it.
    """
    if request.method == "POST":
        return SeeOther(f"{request.path}?none")
    assert isinstance(request.user, Member)  # noqa: S101 - login_required
    places = [
        (
            str(space.company or space.firm),
            reverse("company-upload", kwargs={"company": space.company.slug})
            if space.company
            else reverse("firm-upload", kwargs={"firm": space.firm.slug}),
        )
        for space in actors.spaces(request.user)
        if Can.DOCUMENT_UPLOAD in ROLES[space.role]
    ]
    return render(request, "app/share.html", {"places": places, "none": "none" in request.GET})


@require_safe
def guide(request: HttpRequest) -> HttpResponseBase:
    """How to put the portal on a phone's home screen."""
    return render(request, "app/guide.html" if request.user.is_authenticated else "app/guide_door.html")


@require_safe
def favicon(request: HttpRequest) -> HttpResponseBase:
    """The icon, for what has no page to name it: a PDF in a tab of its own, a file."""
    return redirect(static("fatto/icon.svg"))

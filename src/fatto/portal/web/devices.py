"""What a browser is told beside the page: whose it is, which firm's door it came through, and when to forget.

The service worker keeps opened documents for reading without a network. By the header `Fatto-Reader` it knows whose
they are, and drops them as soon as somebody else, or nobody, is logged in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from time import monotonic

from allauth.usersessions.middleware import UserSessionsMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

HEADER = "Fatto-Reader"
NOBODY = "nobody"
COOKIE = "fatto-firm"
_YEAR = 365 * 86400
_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,80}")


class Devices:
    """Says with each page whose it is, remembers the firm, and clears the browser when somebody logs out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        leaving = request.method == "POST" and request.path_info == "/accounts/logout/"
        response = self.get_response(request)
        if response.get("Content-Type", "").startswith("text/html") or hasattr(request, "actor"):
            response[HEADER] = reader(request)
        if leaving and not request.user.is_authenticated:
            response["Clear-Site-Data"] = '"cache", "storage"'
        firm = _firm(request)
        if firm and firm != request.COOKIES.get(COOKIE):
            response.set_cookie(COOKIE, firm, max_age=_YEAR, httponly=True, samesite="Lax", secure=settings.SECURE)
        return response


class LastSeen(UserSessionsMiddleware):  # type: ignore[misc]  # allauth has no types
    """When somebody was last seen, from where, with what: written at most once a minute and process, not every time.

    What has changed is written at once.
    """

    SECONDS = 60.0
    _MOST = 10_000
    _WHENCE = ("REMOTE_ADDR", "HTTP_X_FORWARDED_FOR", "HTTP_USER_AGENT")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self._known: dict[str, tuple[tuple[str, ...], float]] = {}
        """By session: from where and with what, and when that was written."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = request.session.session_key or ""
        whence = tuple(
            request.META.get(name, "") for name in ("REMOTE_ADDR", "HTTP_X_FORWARDED_FOR", "HTTP_USER_AGENT")
        )
        now = monotonic()
        before, written = self._known.get(key, ((), 0.0))
        if before == whence and now - written < self.SECONDS:
            known: HttpResponseBase = self.get_response(request)
            return known
        response: HttpResponseBase = super().__call__(request)
        if key and key == request.session.session_key:
            if len(self._known) >= self._MOST:
                self._known.clear()
            self._known[key] = (whence, now)
        return response


def reader(request: HttpRequest) -> str:
    """A key that stands for the person in the browser's own store, and says nothing of it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return NOBODY
    return salted_hmac("fatto.reader", str(user.pk), algorithm="sha256").hexdigest()[:24]


def remembered(request: HttpRequest) -> str:
    """The address of the firm whose door this browser came through."""
    asked = request.GET.get("firm") or request.COOKIES.get(COOKIE, "")
    return asked if _SLUG.fullmatch(asked) else ""


def _firm(request: HttpRequest) -> str:
    actor = getattr(request, "actor", None)
    if actor is not None and actor.kind == "person":
        return str(actor.firm.slug)
    if request.path_info.startswith("/accounts/") and _SLUG.fullmatch(request.GET.get("firm", "")):
        return request.GET["firm"]
    return ""

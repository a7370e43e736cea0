"""Times outside any company or firm are those of who reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from fatto.portal.notifications import hours


class Clock:
    """Shows pages that belong to no space (notices, the account, the operator's) in their reader's own time zone.

    A space has the time of its country (`tenancy.middleware`); its views say so by their `space`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Set the clock where a person reads a page outside any space."""
        if hasattr(view, "space") or "text/html" not in request.headers.get("Accept", ""):
            return
        if request.user.is_authenticated:
            timezone.activate(hours.of(request.user).zone)

"""What the portal tells of itself: a log line and metrics for every request, without saying who or what.

A request is known by the name of its route (`web:document`), never by its path, which holds ids and search words.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from prometheus_client import Counter, Histogram

from fatto.portal import logs

REQUESTS = Counter("fatto_requests", "Requests answered", ["route", "method", "status"])
SECONDS = Histogram(
    "fatto_request_seconds",
    "Time to the first byte of the answer",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8),
)

_log = logging.getLogger("fatto.web")
_SENT_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Observe:
    """The outermost middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = request.headers.get("X-Request-Id", "")
        token = logs.REQUEST.set(sent if _SENT_ID.fullmatch(sent) else uuid.uuid4().hex)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            response.headers["X-Request-Id"] = logs.REQUEST.get()
            self._tell(request, response.status_code, time.perf_counter() - started)
            return response
        finally:
            logs.REQUEST.reset(token)

    def _tell(self, request: HttpRequest, status: int, seconds: float) -> None:
        match = request.resolver_match
        route = match.view_name if match and match.view_name else "static" if status < 400 else "none"
        method = request.method if request.method in _METHODS else "OTHER"
        REQUESTS.labels(route, method, status).inc()
        SECONDS.labels(route).observe(seconds)
        if route.startswith("health:") and status < 400:
            return
        level = logging.ERROR if status >= 500 else logging.INFO
        fields = {
            "event": "request",
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
        }
        _log.log(level, "request", extra=fields)

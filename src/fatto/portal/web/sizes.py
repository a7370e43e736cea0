"""How much may be sent to us, decided before any of it is read."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

MB = 1024 * 1024
FORM = 10 * MB
"""The most that a page without files sends; the fields themselves are limited by Django's settings."""
LEFT = 1024 * MB
"""What stays free on the disk, for the database that lies on it."""


class Sizes:
    """Large requests are for people who are logged in, at the addresses that take files, while there is room.

    Without it, anybody could have the disk filled by sending a file without end to the page of the login.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            size = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            size = 0  # Django reads nothing then
        if size > FORM:
            if not (request.user.is_authenticated and _takes_files(request)):
                return HttpResponse(status=413)
            most = settings.CONFIG.upload_mb
            if size > most * MB:
                text = _("These are more than %(most)s MB. Add them in smaller portions.") % {"most": most}
                return _refused(request, text, 413)
            # Once as it arrives and once in the vault, each archive's contents beside it.
            if shutil.disk_usage(settings.DATA).free < 3 * size + LEFT:
                text = _("There is not enough room on the server for these files. Tell its administrator.")
                return _refused(request, text, 507)
        return self.get_response(request)


def _takes_files(request: HttpRequest) -> bool:
    try:
        return (resolve(request.path_info).url_name or "").endswith("-upload")
    except Resolver404:
        return False


def _refused(request: HttpRequest, text: str, status: int) -> HttpResponse:
    if request.headers.get("HX-Request"):
        # 409 is what the pages show; the number that says more would be swallowed by them.
        answer = render(request, "components/alert.html", {"tone": "action", "text": text}, status=409)
        answer["HX-Retarget"], answer["HX-Reswap"] = "#notices", "innerHTML"
        return answer
    return render(request, "too_large.html", {"text": text, "status": status}, status=status)

"""How django-allauth behaves here: nobody signs up alone, people are invited."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse
from procrastinate.contrib.django import app


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts come from invitations and from the command line only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse:
        """Somebody is in: whether it is from a device that was not seen before is found out afterwards."""
        agent = request.headers.get("User-Agent", "")[:400].replace("\0", "")
        # By its name: who is told of new devices is known further up.
        app.configure_task("fatto.note_login", queue="tell").defer(member=user.pk, agent=agent)
        response: HttpResponse = super().post_login(request, user, **more)
        return response

"""A person's own pages: name, language, and how it logs in."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fatto.portal.flow import leaving
from fatto.portal.tenancy import actions
from fatto.portal.tenancy.action import Refusal
from fatto.portal.tenancy.models import Member
from fatto.portal.web import desk
from fatto.portal.web.forms.me import Profile
from fatto.portal.web.space import SeeOther, back, kept_private


@kept_private
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """What the person says of itself, and what protects its account."""
    assert isinstance(request.user, Member)  # noqa: S101 - login_required
    form = Profile.of(request.user)
    if request.method == "POST":
        form = Profile(request.POST)
        if form.is_valid():
            actions.change_profile(request.user, **form.cleaned_data)
            with translation.override(form.cleaned_data["language"]):
                messages.success(request, _("Saved."))
            return redirect("me")
    return render(
        request,
        "me/me.html",
        {"form": form, "authenticators": _authenticators(request.user)},
        status=422 if form.errors else 200,
    )


@kept_private
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest) -> HttpResponse:
    """The way out for good: what goes, what stays, and the password once more."""
    member = request.user
    assert isinstance(member, Member)  # noqa: S101 - login_required
    error = ""
    if request.method == "POST":
        if not member.check_password(request.POST.get("password", "")):
            error = _("This is not your password.")
        else:
            try:
                leaving.erase(member)
            except Refusal as refusal:
                error = str(refusal.message)
            else:
                logout(request)
                return render(request, "me/removed.html")
    return render(request, "me/remove.html", {"error": error}, status=422 if error else 200)


@kept_private
@login_required
@require_POST
def lists(request: HttpRequest) -> HttpResponse:
    """How the person wants lists of documents to look."""
    assert isinstance(request.user, Member)  # noqa: S101 - login_required
    wanted = desk.typed(request.POST.dict(), request.POST.getlist("columns"))
    if "usual" in request.POST:
        wanted = desk.Desk()
    actions.prefer(request.user, place=desk.PLACE, values=wanted.values())
    return SeeOther(back(request, reverse("me")))


def _authenticators(member: Member) -> dict[str, Any]:
    """What the person logs in with beside the password, by kind."""
    found: dict[str, Any] = {}
    for row in Authenticator.objects.filter(user=member):
        if row.type == Authenticator.Type.WEBAUTHN:
            found.setdefault(row.type, []).append(row)
        else:
            found[row.type] = row
    return found

"""The page behind an invitation's link: looking at it changes nothing but that it was looked at."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fatto.portal.flow import invite
from fatto.portal.tenancy import invitations
from fatto.portal.tenancy.action import Refusal
from fatto.portal.tenancy.actor import system
from fatto.portal.tenancy.models import Company, Invitation, Member
from fatto.portal.tenancy.scope import scope
from fatto.portal.web.forms.people import SENTENCES, Welcome
from fatto.portal.web.space import SeeOther, hidden, kept_private


@kept_private
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Whoever holds a fresh link chooses a password, or accepts as the person that the address belongs to."""
    found = invitations.by_token(token)
    _speak(request, found)
    rows = invite.usable(found, token)
    if not rows:
        return _closed(request, found, token)
    invite.opened(rows)
    email = rows[0].email
    known = Member.objects.filter(email__iexact=email).first()
    here = request.user if isinstance(request.user, Member) else None
    form = None
    if known is None and here is None:
        form = Welcome(request.POST or None, email=email, initial={"name": next((r.name for r in rows if r.name), "")})
    if request.method == "POST":
        try:
            if known is not None and here == known:
                invite.accept(known, rows, token)
                return _in(known)
            if form is not None and form.is_valid():
                member = invite.welcome(
                    rows,
                    token,
                    name=form.cleaned_data["name"],
                    password=form.cleaned_data["password1"],
                    language=translation.get_language() or rows[0].language,
                )
                login(request, member, backend=settings.AUTHENTICATION_BACKENDS[0])
                _offer_passkey(request)
                return _in(member)
        except Refusal:
            return SeeOther(request.path)
    context = {
        "firm": rows[0].firm,
        "by": rows[0].by,
        "email": email,
        "offers": _offers(rows),
        "known": known,
        "here": here,
        "form": form,
        "login_url": f"{reverse('account_login')}?next={request.path}",
    }
    return hidden(render(request, "invitation/invitation.html", context, status=422 if form and form.errors else 200))


@kept_private
@require_POST
def renew(request: HttpRequest, token: str) -> HttpResponseBase:
    """A new letter to the address that the old one went to, whoever asks; the answer is always the same."""
    found = invitations.by_token(token)
    _speak(request, found)
    if not found:
        return _closed(request, found, token)
    invite.renew(found)
    return hidden(render(request, "invitation/renewed.html", {"firm": found[0].firm}))


def _closed(request: HttpRequest, found: list[Invitation], token: str) -> HttpResponse:
    """The link opens nothing: unknown, used, or no longer good."""
    if not found:
        return hidden(render(request, "invitation/unknown.html", status=404))
    if all(row.accepted_at for row in found):
        if request.user.is_authenticated:
            return redirect("landing")
        return hidden(render(request, "invitation/used.html", {"firm": found[0].firm}, status=410))
    context = {"firm": found[0].firm, "renew_url": reverse("invitation-renew", kwargs={"token": token})}
    return hidden(render(request, "invitation/expired.html", context, status=410))


def _offers(rows: list[Invitation]) -> list[tuple[str, str, str]]:
    """Each place with the role in it and what that role may."""
    with scope(system(rows[0].firm)):
        companies = Company.objects.in_bulk([row.company_id for row in rows if row.company_id])
    return [
        (
            companies[row.company_id].name if row.company_id else row.firm.name,
            row.get_role_display(),
            str(SENTENCES[row.role]),  # type: ignore[index]
        )
        for row in rows
    ]


def _in(member: Member) -> HttpResponseBase:
    """The link came by mail, so the address is the person's."""
    EmailAddress.objects.update_or_create(user=member, email=member.email, defaults={"verified": True, "primary": True})
    return SeeOther(reverse("landing"))


def _offer_passkey(request: HttpRequest) -> None:
    """Stands on the first page until the next one is opened."""
    messages.info(
        request,
        format_html(
            '{} <a href="{}">{}</a>',
            _("Log in with fingerprint, face or PIN of your device."),
            reverse("mfa_add_webauthn"),
            _("Add a passkey"),
        ),
        extra_tags="stays",
    )


def _speak(request: HttpRequest, found: list[Invitation]) -> None:
    """In the letter's language, unless the reader chose one."""
    if found and not request.user.is_authenticated and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(found[0].language)
        request.LANGUAGE_CODE = found[0].language

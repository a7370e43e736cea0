"""Tokens of programs: which there are, a new one shown once, and revoking."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from fatto.portal.programs import actions, queries
from fatto.portal.programs.models import Scope
from fatto.portal.tenancy.action import require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web.forms.tokens import NewToken
from fatto.portal.web.space import SeeOther, in_company, in_firm


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def of_company(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The tokens of a company."""
    return _tokens(request, actor)


@require_http_methods(["GET", "HEAD", "POST"])
@in_firm
def of_firm(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The tokens for all companies of a firm."""
    return _tokens(request, actor)


@require_POST
@in_company
def revoke_companys(request: HttpRequest, actor: Actor, token: int) -> HttpResponseBase:
    """A company's token opens nothing any more."""
    return _revoke(request, actor, token)


@require_POST
@in_firm
def revoke_firms(request: HttpRequest, actor: Actor, token: int) -> HttpResponseBase:
    """A firm's token opens nothing any more."""
    return _revoke(request, actor, token)


@sensitive_variables()
def _tokens(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    require(actor, Can.TOKEN_MANAGE)
    possible = actions.possible_scopes(actor)
    form = NewToken(request.POST or None, possible=possible)
    issued = None
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            issued = actions.issue_token(actor, **form.values())
            form, status = NewToken(possible=possible), 201
    labels = dict(Scope.choices)
    context = {
        "actor": actor,
        "section": "settings" if actor.company else "programs",
        "form": form,
        "issued": issued,
        "tokens": [
            (each, [labels[name] for name in each.scopes if name in labels], _revoke_url(actor, each.pk))
            for each in queries.tokens()[:200]
        ],
        "api_url": request.build_absolute_uri(reverse("api-v1:openapi-json")),
    }
    return render(request, "programs/tokens.html", context, status=status)


def _revoke(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    require(actor, Can.TOKEN_MANAGE)
    token = queries.tokens().get(pk=pk)
    actions.revoke_token(actor, token)
    messages.success(request, gettext("Revoked: %(name)s") % {"name": token.name})
    return SeeOther(_url(actor))


def _url(actor: Actor) -> str:
    if actor.company is not None:
        return reverse("company-tokens", kwargs={"company": actor.company.slug})
    return reverse("firm-tokens", kwargs={"firm": actor.firm.slug})


def _revoke_url(actor: Actor, pk: int) -> str:
    return f"{_url(actor)}{pk}/revoke/"

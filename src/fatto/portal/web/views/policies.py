"""How a company approves, in sentences: who must say yes, from which amount on two people, and by when."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fatto.portal.approvals import actions, queries
from fatto.portal.approvals.models import Policy
from fatto.portal.approvals.policies import DECIDING
from fatto.portal.documents import queries as documents
from fatto.portal.tenancy import people
from fatto.portal.tenancy.action import Refusal, require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company, Gate, Member
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web import phrasing
from fatto.portal.web.forms.policies import PolicyForm
from fatto.portal.web.space import SeeOther, in_company


@require_http_methods(["GET", "HEAD"])
@in_company
def policies(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The sentences of a company, in the order in which they are looked at."""
    here = _company(actor)
    names = {each.pk: str(each) for each in _deciders(here)}
    context = {
        "actor": actor,
        "section": "settings",
        "company": here,
        "sentences": [(row, phrasing.policy(row, names), _url(here, row)) for row in queries.policies(here)],
        "asked": here.gate != Gate.NONE,
        "add_url": reverse("company-policy-add", kwargs={"company": here.slug}),
        "back_url": reverse("company-settings", kwargs={"company": here.slug}),
    }
    return render(request, "policies/policies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def add(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """One more sentence."""
    return _edit(request, actor, _company(actor), None)


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def policy(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Rewriting a sentence, or taking it away."""
    here = _company(actor)
    row = Policy.objects.select_related("company", "escalate_to").get(company=here, pk=pk)
    if request.method == "POST" and "remove" in request.POST:
        actions.remove_policy(actor, row)
        messages.success(request, _("Removed."))
        return SeeOther(reverse("company-policies", kwargs={"company": here.slug}))
    return _edit(request, actor, here, row)


def _edit(request: HttpRequest, actor: Actor, here: Company, row: Policy | None) -> HttpResponseBase:
    list_url = reverse("company-policies", kwargs={"company": here.slug})
    known = documents.suppliers()
    if row is not None and row.party_id:
        known.setdefault(row.party_id, row.party_name)
    form = PolicyForm(
        request.POST or None, suppliers=known, people=_deciders(here), initial=_initial(row) if row else None
    )
    if request.method == "POST" and form.is_valid():
        try:
            if row is None:
                actions.add_policy(actor, here, **form.fields_of())
            else:
                actions.change_policy(actor, row, **form.fields_of())
        except Refusal as refusal:
            if refusal.status != 422:
                raise
            form.add_error("second_from", str(refusal.message))
        else:
            messages.success(request, _("Saved. It holds at once for everything that is not decided yet."))
            return SeeOther(list_url)
    context = {
        "actor": actor,
        "section": "settings",
        "company": here,
        "row": row,
        "form": form,
        "back_url": list_url,
    }
    return render(request, "policies/policy.html", context, status=422 if form.errors else 200)


def _initial(row: Policy) -> dict[str, Any]:
    return {
        "supplier": f"{row.party_name} · {row.party_id}" if row.party_id else "",
        "direction": row.direction,
        "tag": row.tag,
        "people": [str(each) for each in row.people],
        "second_from": row.second_from,
        "second_people": [str(each) for each in row.second_people],
        "days": row.days,
        "escalate_to": str(row.escalate_to_id or ""),
    }


def _deciders(company: Company) -> list[Member]:
    return [row.member for row in people.of_company(company) if row.role in DECIDING]


def _url(company: Company, row: Policy) -> str:
    return reverse("company-policy", kwargs={"company": company.slug, "pk": row.pk})


def _company(actor: Actor) -> Company:
    assert actor.company is not None  # noqa: S101 - the decorator saw to it
    require(actor, Can.COMPANY_MANAGE)
    return actor.company

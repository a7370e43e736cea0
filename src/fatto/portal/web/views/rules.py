"""Rules that approve: the list with what they did, writing one, trying it on the past, switching it on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fatto.portal.approvals import actions, queries
from fatto.portal.approvals.models import Deviation, Rule
from fatto.portal.documents import queries as documents
from fatto.portal.flow import rules as flow
from fatto.portal.tenancy.action import require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web import phrasing
from fatto.portal.web.forms.policies import RuleForm
from fatto.portal.web.listing import Addresses
from fatto.portal.web.space import SeeOther, in_company


@require_http_methods(["GET", "HEAD"])
@in_company
def rules(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Which rules there are, how often each said yes, and what it left to people last."""
    here = _company(actor)
    hits = flow.hits(here)
    urls = Addresses(actor)
    found = queries.rules(here)
    seen = {each.pk: each for each in documents.some(row.deviation_document_id or 0 for row in found)}
    context = {
        "actor": actor,
        "section": "settings",
        "company": here,
        "rules": [
            {
                "row": row,
                "sentence": phrasing.rule(row),
                "hits": hits.get(row.pk, 0),
                "url": _url(here, row),
                "why": Deviation(row.deviation).label if row.deviation else "",
                "document": seen.get(row.deviation_document_id or 0),
                "document_url": urls.document(row.deviation_document_id) if row.deviation_document_id else "",
            }
            for row in found
        ],
        "add_url": reverse("company-rule-add", kwargs={"company": here.slug}),
        "back_url": reverse("company-settings", kwargs={"company": here.slug}),
    }
    return render(request, "policies/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def add(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Writing a rule; what it would have done is shown next."""
    here = _company(actor)
    form = RuleForm(request.POST or None, suppliers=documents.suppliers(), initial={"same_account": True})
    if request.method == "POST" and form.is_valid():
        row = actions.add_rule(actor, here, **form.fields_of())
        flow.try_out(actor, row)
        return SeeOther(_url(here, row))
    context = {"actor": actor, "section": "settings", "company": here, "form": form, "back_url": _list(here)}
    return render(request, "policies/rule_add.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def rule(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """One rule: what it would have approved, switching it on and off, rewriting, removing."""
    here = _company(actor)
    row = Rule.objects.select_related("company", "made_by").get(company=here, removed_at=None, pk=pk)
    form = RuleForm(suppliers=_known(row), initial=_initial(row))
    if request.method == "POST":
        if "try" in request.POST:
            flow.try_out(actor, row)
            return SeeOther(request.path)
        if "on" in request.POST:
            actions.switch_on(actor, row)
            messages.success(request, _("The rule is on: it approves what arrives from now on."))
            return SeeOther(request.path)
        if "off" in request.POST:
            actions.switch_off(actor, row)
            messages.success(request, _("The rule is off: people decide again."))
            return SeeOther(request.path)
        if "remove" in request.POST:
            actions.remove_rule(actor, row)
            messages.success(request, _("Removed. What the rule decided keeps its name."))
            return SeeOther(_list(here))
        form = RuleForm(request.POST, suppliers=_known(row), initial=_initial(row))
        if form.is_valid():
            actions.change_rule(actor, row, **form.fields_of())
            flow.try_out(actor, row)
            return SeeOther(request.path)
    tried = row.tried_at is not None and row.tried_as == queries.fingerprint(row)
    urls = Addresses(actor)
    trial = flow.trial(row) if tried else None
    context = {
        "actor": actor,
        "section": "settings",
        "company": here,
        "row": row,
        "sentence": phrasing.rule(row),
        "form": form,
        "tried": tried,
        "trial": trial,
        "lines": [(each, urls.document(each.document.pk)) for each in trial.hits] if trial else [],
        "days": flow.DAYS,
        "back_url": _list(here),
    }
    return render(request, "policies/rule.html", context, status=422 if form.errors else 200)


def _known(row: Rule) -> dict[str, str]:
    known = documents.suppliers()
    known.setdefault(row.party_id, row.party_name)
    return known


def _initial(row: Rule) -> dict[str, Any]:
    return {
        "name": row.name,
        "supplier": f"{row.party_name} · {row.party_id}",
        "amount_min": row.amount_min or "",
        "amount_max": row.amount_max,
        "same_account": row.same_account,
        "direction": row.direction,
        "tag": row.tag,
    }


def _list(company: Company) -> str:
    return reverse("company-rules", kwargs={"company": company.slug})


def _url(company: Company, row: Rule) -> str:
    return reverse("company-rule", kwargs={"company": company.slug, "pk": row.pk})


def _company(actor: Actor) -> Company:
    assert actor.company is not None  # noqa: S101 - the decorator saw to it
    require(actor, Can.RULE_MANAGE)
    return actor.company

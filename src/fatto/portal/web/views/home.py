"""Where one arrives: the only space there is, else the choice among several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.actor import Space
from fatto.portal.tenancy.models import Company, Firm, Member
from fatto.portal.tenancy.permissions import Role
from fatto.portal.tenancy.scope import scope
from fatto.portal.web.shell import STRIPES, tax_ids
from fatto.portal.web.space import kept_private

MANY = 100
"""Companies of a firm that the switcher lists; the others are found by name."""
IN_MENU = 12


@dataclass(frozen=True, slots=True)
class Place:
    """A firm or company as the switcher shows it."""

    name: str
    ids: str
    url: str
    role: str
    is_firm: bool = False
    stripe: int = 0


@kept_private
@login_required
@require_safe
def landing(request: HttpRequest) -> HttpResponseBase:
    """One space: go there. Several or none: say which."""
    assert isinstance(request.user, Member)  # noqa: S101 - login_required
    found = actors.spaces(request.user)
    if not found and request.user.operator:
        return redirect("operator")
    if len(found) == 1:
        return redirect(_url(found[0].company or found[0].firm))
    return spaces(request)


@kept_private
@login_required
@require_safe
def spaces(request: HttpRequest) -> HttpResponse:
    """The switcher: a page, its list while somebody types, or the menu in the bar on top."""
    assert isinstance(request.user, Member)  # noqa: S101 - login_required
    query = request.GET.get("q", "").strip()[:100]
    found = actors.spaces(request.user)
    places = list(_places(request.user, found, query))
    context = {
        "spaces": places,
        "query": query,
        "searchable": len(places) > 5 or bool(query),
    }
    if request.headers.get("HX-Request") != "true" or request.headers.get("HX-History-Restore-Request") == "true":
        return render(request, "me/spaces.html", context)
    if request.headers.get("HX-Target") == "spaces":
        return render(request, "me/spaces_list.html", context)
    return render(request, "me/spaces_menu.html", {"spaces": places[:IN_MENU]})


def _places(member: Member, found: list[Space], query: str) -> Iterator[Place]:
    """The member's firms with their companies, then the companies it belongs to itself."""
    for space in found:
        if space.company is None:
            if not query or query.lower() in space.firm.name.lower():
                yield _place(space.firm, str(Role(space.role).label))
            yield from _of_firm(member, space.firm, query)
        elif not query or _fits(space.company, query):
            yield _place(space.company, str(Role(space.role).label))


def _of_firm(member: Member, firm: Firm, query: str) -> Iterator[Place]:
    actor = actors.in_firm(member, firm.slug)
    if actor is None:
        return
    with scope(actor):
        rows = Company.objects.filter(active=True, pk__in=actor.companies).order_by("name")
        for word in query.split():
            rows = rows.filter(Q(name__icontains=word) | Q(vat_id__icontains=word) | Q(tax_id__icontains=word))
        companies = list(rows[:MANY])
    for company in companies:
        yield _place(company, _("Client"))


def _fits(company: Company, query: str) -> bool:
    text = f"{company.name} {company.vat_id} {company.tax_id}".lower()
    return all(word in text for word in query.lower().split())


def _place(of: Firm | Company, role: str) -> Place:
    if isinstance(of, Company):
        return Place(name=of.name, ids=tax_ids(of), url=_url(of), role=role, stripe=of.pk % STRIPES)
    return Place(name=of.name, ids=_("Accounting firm"), url=_url(of), role=role, is_firm=True)


def _url(of: Firm | Company) -> str:
    if isinstance(of, Company):
        return reverse("company-home", kwargs={"company": of.slug})
    return reverse("firm-today", kwargs={"firm": of.slug})

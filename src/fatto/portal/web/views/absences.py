"""Being away: one's own days in each place, and those of others for who manages the people."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fatto.portal.tenancy import absences, people
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.action import Refusal, require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Absence, Member, Membership
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope
from fatto.portal.web.forms.policies import AbsenceForm
from fatto.portal.web.space import SeeOther, in_company, in_firm, kept_private
from fatto.portal.web.views.opening import numbered


@kept_private
@login_required
@require_http_methods(["GET", "HEAD"])
def mine(request: HttpRequest) -> HttpResponse:
    """The places where the person has a role, with the days it is away from each."""
    assert isinstance(request.user, Member)  # noqa: S101 - login_required
    places = []
    for space in actors.spaces(request.user):
        if space.company is not None:
            actor = actors.in_company(request.user, space.company.slug)
            url = reverse("company-away", kwargs={"company": space.company.slug})
        else:
            actor = actors.in_firm(request.user, space.firm.slug)
            url = reverse("firm-away", kwargs={"firm": space.firm.slug})
        if actor is None:
            continue
        with scope(actor):
            rows = list(absences.here(actor).filter(member=request.user))
        places.append({"name": str(space.company or space.firm), "absences": rows, "url": url})
    return render(request, "me/absences.html", {"places": places})


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def of_company(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """One's own absences from a company; the firm's people have theirs in the firm."""
    assert actor.company is not None  # noqa: S101 - the decorator saw to it
    row = people.of_company(actor.company).get(member=actor.member)
    return _away(request, actor, row, reverse("me-absences"))


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def of_person(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """The absences of somebody of the company, for who manages its people."""
    assert actor.company is not None  # noqa: S101 - the decorator saw to it
    require(actor, Can.PEOPLE_MANAGE)
    row = people.of_company(actor.company).get(pk=pk)
    back = reverse("company-person", kwargs={"company": actor.company.slug, "pk": pk})
    return _away(request, actor, row, back)


@require_http_methods(["GET", "HEAD", "POST"])
@in_firm
def of_firm(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """One's own absences from the firm's team."""
    row = people.of_team(actor).get(member=actor.member)
    return _away(request, actor, row, reverse("me-absences"))


@require_http_methods(["GET", "HEAD", "POST"])
@in_firm
def of_colleague(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """The absences of somebody of the team, for who manages it."""
    require(actor, Can.TEAM_MANAGE)
    row = people.of_team(actor).get(pk=pk)
    return _away(request, actor, row, reverse("firm-team-person", kwargs={"firm": actor.firm.slug, "pk": pk}))


def _away(request: HttpRequest, actor: Actor, row: Membership, back: str) -> HttpResponse:
    offered = absences.substitutes(actor, row)
    form = AbsenceForm(people=offered)
    if request.method == "POST" and "end" in request.POST:
        found: Absence = absences.here(actor).get(numbered(request.POST["end"]), member=row.member_id)
        absences.end_absence(actor, found)
        messages.success(request, _("The absence is ended."))
        return SeeOther(request.path)
    if request.method == "POST":
        form = AbsenceForm(request.POST, people=offered)
        if form.is_valid():
            try:
                absence = absences.set_absence(actor, row, **form.cleaned_data)
            except Refusal as refusal:
                if refusal.status != 422:
                    raise
                form.add_error(None, str(refusal.message))
            else:
                _tell(request, actor, absence)
                return SeeOther(request.path)
    context = {
        "actor": actor,
        "section": "settings",
        "row": row,
        "myself": row.member == actor.member,
        "place": str(actor.company or actor.firm),
        "absences": absences.of(actor, row),
        "today": absences.today(actor),
        "offered": offered,
        "form": form,
        "back_url": back,
    }
    return render(request, "policies/away.html", context, status=422 if form.errors else 200)


def _tell(request: HttpRequest, actor: Actor, absence: Absence) -> None:
    messages.success(request, _("Saved. %(name)s stands in.") % {"name": absence.substitute})
    alone = absences.left_alone(actor, absence)
    if alone:
        text = _("In these days %(who)s is also to stand in for %(absent)s: for them nobody stands in now.")
        values = {"who": absence.member, "absent": ", ".join(str(each) for each in alone)}
        messages.warning(request, text % values)

"""The people of a company and of a firm's team: who is in, what each may, letting in, changing, removing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fatto.portal.flow import invite
from fatto.portal.flow import people as flow
from fatto.portal.tenancy import invitations, people
from fatto.portal.tenancy.action import require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company, Deed, Invitation, Membership
from fatto.portal.tenancy.permissions import ROLES, Can, Role
from fatto.portal.web.forms.people import SENTENCES, Invite, Limited, Standing, TeamInvite, TeamStanding
from fatto.portal.web.space import SeeOther, in_company, in_firm
from fatto.portal.web.views.opening import numbered, sent_again

SHOWN = 20
"""Changes that a page tells of."""


# -- a company ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@in_company
def company(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Who is in the company and who is invited; letting in one more."""
    here = _company(actor)
    form = Invite(initial={"role": Role.APPROVER.value, "language": here.language})
    waiting = invitations.of_place(actor.firm, here)
    if request.method == "POST":
        if "again" in request.POST:
            row = waiting.get(numbered(request.POST["again"]))
            messages.success(request, sent_again(invite.send_again(actor, [row])))
            return SeeOther(request.path)
        if "withdraw" in request.POST:
            invite.withdraw(actor, waiting.get(numbered(request.POST["withdraw"])))
            messages.success(request, _("The invitation is withdrawn; its link opens nothing any more."))
            return SeeOther(request.path)
        form = Invite(request.POST)
        if form.is_valid():
            try:
                invite.invite(actor, here, **form.cleaned_data)
            except (invite.ThereAlready, invite.InvitedAlready) as refusal:
                form.add_error("email", str(refusal.message))
            else:
                return _invited(request, form.cleaned_data["email"])
    context = {
        "actor": actor,
        "section": "settings",
        "title": _("People"),
        "place": here.name,
        "back_url": reverse("company-settings", kwargs={"company": here.slug}),
        "back": _("Settings"),
        "people": [
            _person(row, reverse("company-person", kwargs={"company": here.slug, "pk": row.pk}))
            for row in people.of_company(here)
        ],
        "waiting": _waiting(waiting),
        "form": form,
        "history": _history(Deed.objects.filter(company=here)),
    }
    return render(request, "people/people.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@in_company
def company_person(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Another role for somebody of the company, or the way out."""
    here = _company(actor)
    row = people.of_company(here).get(pk=pk)
    back = reverse("company-people", kwargs={"company": here.slug})
    initial = {"role": row.role, "directions": row.directions, "tags": ", ".join(row.tags)}
    form = Limited(request.POST if _changes(request) else None, initial=initial)
    error = ""
    if request.method == "POST":
        try:
            if "remove" in request.POST:
                flow.remove(actor, row)
                return _removed(request, actor, row, back)
            if form.is_valid():
                flow.change_role(actor, row, **form.cleaned_data)
                messages.success(request, _("Saved."))
                return SeeOther(_still(request, row, back, Can.PEOPLE_MANAGE))
        except people.LastOwner as refusal:
            error = str(refusal.message)
    away = reverse("company-person-away", kwargs={"company": here.slug, "pk": row.pk})
    return _one(request, actor, row, form, back=back, place=here.name, section="settings", error=error, away=away)


def _company(actor: Actor) -> Company:
    assert actor.company is not None  # noqa: S101 - the decorator saw to it
    require(actor, Can.PEOPLE_MANAGE)
    return actor.company


# -- a firm's team --------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@in_firm
def team(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Who is in the firm's team, with which companies; letting in one more."""
    offered = _offered(actor)
    form = TeamInvite(offered=offered, initial={"role": Role.ACCOUNTANT.value, "language": actor.firm.language})
    waiting = invitations.of_place(actor.firm, None)
    if request.method == "POST":
        if "again" in request.POST:
            row = waiting.get(numbered(request.POST["again"]))
            messages.success(request, sent_again(invite.send_again_in_team(actor, [row])))
            return SeeOther(request.path)
        if "withdraw" in request.POST:
            invite.withdraw_in_team(actor, waiting.get(numbered(request.POST["withdraw"])))
            messages.success(request, _("The invitation is withdrawn; its link opens nothing any more."))
            return SeeOther(request.path)
        form = TeamInvite(request.POST, offered=offered)
        if form.is_valid():
            try:
                invite.invite_to_team(actor, **form.cleaned_data)
            except (invite.ThereAlready, invite.InvitedAlready) as refusal:
                form.add_error("email", str(refusal.message))
            else:
                return _invited(request, form.cleaned_data["email"])
    names = {each.pk: each.name for each in offered}
    context = {
        "actor": actor,
        "section": "team",
        "title": _("Team"),
        "place": actor.firm.name,
        "people": [
            _person(row, reverse("firm-team-person", kwargs={"firm": actor.firm.slug, "pk": row.pk}), names)
            for row in people.of_team(actor)
        ],
        "waiting": _waiting(waiting),
        "form": form,
        "picks": _picks(offered, form["companies"].value() or ()),
        "history": _history(Deed.objects.filter(company=None)),
    }
    return render(request, "people/people.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@in_firm
def team_person(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Another role or other companies for somebody of the team, or the way out."""
    offered = _offered(actor)
    row = people.of_team(actor).get(pk=pk)
    back = reverse("firm-team", kwargs={"firm": actor.firm.slug})
    initial = {"role": row.role, "companies": row.companies}
    form = TeamStanding(request.POST if _changes(request) else None, offered=offered, initial=initial)
    error = ""
    if request.method == "POST":
        try:
            if "remove" in request.POST:
                people.remove_from_team(actor, row)
                return _removed(request, actor, row, back)
            if form.is_valid():
                people.change_in_team(actor, row, **form.cleaned_data)
                messages.success(request, _("Saved."))
                return SeeOther(_still(request, row, back, Can.TEAM_MANAGE))
        except people.LastOwner as refusal:
            error = str(refusal.message)
    picks = _picks(offered, form["companies"].value() or ())
    away = reverse("firm-team-person-away", kwargs={"firm": actor.firm.slug, "pk": row.pk})
    return _one(
        request, actor, row, form, back=back, place=actor.firm.name, section="team", error=error, away=away, picks=picks
    )


def _offered(actor: Actor) -> list[Company]:
    require(actor, Can.TEAM_MANAGE)
    return list(Company.objects.filter(active=True).order_by("name"))


def _picks(offered: list[Company], picked: Iterable[object]) -> list[tuple[Company, bool]]:
    wanted = {str(each) for each in picked}
    return [(company, str(company.pk) in wanted) for company in offered]


# -- both -----------------------------------------------------------------------------------------------------------


def _changes(request: HttpRequest) -> bool:
    return request.method == "POST" and "remove" not in request.POST


def _invited(request: HttpRequest, email: str) -> HttpResponseBase:
    messages.success(request, _("%(email)s is invited; the mail is on its way.") % {"email": email})
    return SeeOther(request.path)


def _removed(request: HttpRequest, actor: Actor, row: Membership, back: str) -> HttpResponseBase:
    messages.success(request, _("%(name)s is removed.") % {"name": row.member})
    return SeeOther(reverse("landing") if row.member == actor.member else back)


def _still(request: HttpRequest, row: Membership, back: str, needed: Can) -> str:
    """Who gave up its own right to this page goes to the start page."""
    return back if row.member != request.user or needed in ROLES[row.role] else reverse("landing")


def _one(
    request: HttpRequest,
    actor: Actor,
    row: Membership,
    form: Standing,
    *,
    back: str,
    place: str,
    section: str,
    error: str,
    away: str,
    picks: list[tuple[Company, bool]] | None = None,
) -> HttpResponse:
    context = {
        "actor": actor,
        "section": section,
        "row": row,
        "form": form,
        "back_url": back,
        "place": place,
        "error": error,
        "picks": picks,
        "away_url": away,
        "limits": picks is None,
        "myself": row.member == actor.member,
    }
    return render(request, "people/person.html", context, status=409 if error else 422 if form.errors else 200)


def _person(row: Membership, url: str, names: dict[int, str] | None = None) -> dict[str, Any]:
    """A person with the sentence about it; `names` are the firm's companies."""
    assigned = sorted(names[pk] for pk in row.companies if pk in names) if names else []
    return {
        "row": row,
        "url": url,
        "may": SENTENCES[Role(row.role)],
        "assigned": assigned if row.role != Role.FIRM_OWNER else [],
        "unassigned": names is not None and row.role != Role.FIRM_OWNER and not assigned,
    }


def _waiting(rows: Iterable[Invitation]) -> list[dict[str, Any]]:
    return [
        {"row": row, "state": invitations.state(row), "may": SENTENCES[Role(row.role)], "expires": row.expires_at}
        for row in rows
    ]


def _history(deeds: Any) -> list[dict[str, Any]]:
    """The latest changes of people, in words."""
    texts = {
        "member-invited": (_("%(who)s was invited"), "mail"),
        "invitation-sent-again": (_("%(who)s was written to again"), "mail"),
        "invitation-withdrawn": (_("The invitation of %(who)s was withdrawn"), "mail-x"),
        "member-joined": (_("%(who)s came in"), "user-plus"),
        "member-role-changed": (_("%(who)s got another role: %(role)s"), "user-cog"),
        "companies-assigned": (_("%(who)s got other companies assigned"), "building-2"),
        "member-removed": (_("%(who)s was removed"), "user-minus"),
        "member-limited": (_("Which documents %(who)s sees was changed"), "user-cog"),
        "absence-set": (_("%(who)s is away; a substitute is named"), "calendar-x"),
        "absence-ended": (_("The absence of %(who)s ended"), "calendar-check"),
    }
    labels = {role.value: str(role.label) for role in Role}
    found = []
    for deed in deeds.filter(document_id=None, verb__in=texts).order_by("-id")[:SHOWN]:
        text, icon = texts[deed.verb]
        who = deed.data.get("name") or deed.data.get("email") or deed.by_name
        role = labels.get(deed.data.get("role", ""), "")
        found.append({"text": text % {"who": who, "role": role}, "icon": icon, "by_name": deed.by_name, "at": deed.at})
    return found

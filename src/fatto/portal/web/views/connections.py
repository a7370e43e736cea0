"""The ways into authorities' boxes: who opened them, until when, for which companies, and how they do."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from fatto.channels.channel import ChannelError
from fatto.portal.exchange import actions, queries, services
from fatto.portal.exchange.models import Box, Connection, Probe, Run
from fatto.portal.exchange.states import Connected
from fatto.portal.flow import connecting, sync
from fatto.portal.tenancy.action import NotAllowed, Refusal
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.middleware import device_of
from fatto.portal.tenancy.models import Company
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web import exchanging
from fatto.portal.web.space import SeeOther, in_company, in_firm, kept_private, partial

# The firm's -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@in_firm
def of_firm(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """How every company's box does, and the connections that the firm has."""
    if request.method == "POST":
        return _sync_many(request, actor)
    rows = queries.health()
    lines = [exchanging.line(each) for each in rows]
    wanted = request.GET.get("show", "")
    shown = [each for each in lines if not wanted or _shows(each, wanted)]
    context = {
        "actor": actor,
        "section": "connections",
        "lines": shown,
        "wanted": wanted,
        "tallies": _tallies(lines),
        "total": len(lines),
        "connections": [_card(actor, each) for each in queries.connections() if each.company_id is None],
        "parked": queries.parked(),
        "may_manage": actor.can(Can.CONNECTION_MANAGE),
        "may_sync": actor.can(Can.CONNECTION_SYNC),
        "new_url": reverse("firm-connection-new", kwargs={"firm": actor.firm.slug}),
        "completeness_url": reverse("firm-completeness", kwargs={"firm": actor.firm.slug}),
        "here": request.path,
        **_training(services.of_country(actor.firm.country)),
    }
    return render(request, "exchange/firm.html", context)


def _sync_many(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Look into all boxes now; those that cannot be are left out, and their line says why."""
    asked = 0
    for each in queries.health():
        if each.box is None or each.box.paused:
            continue
        try:
            sync.ask(actor, each.box, among=True)
            asked += 1
        except NotAllowed:
            raise
        except Refusal:
            continue
    text = ngettext("%(n)s company is being looked into.", "%(n)s companies are being looked into.", asked)
    messages.success(request, text % {"n": asked})
    return SeeOther(request.path)


def _shows(each: exchanging.Line, wanted: str) -> bool:
    return each.chip.tone == wanted


def _tallies(lines: list[exchanging.Line]) -> list[tuple[str, str, int]]:
    labels = {
        "action": _("need you"),
        "waiting": _("tried again by themselves"),
        "progress": _("being looked into"),
        "done": _("work"),
        "neutral": _("not connected"),
    }
    counted = [(tone, label, sum(each.chip.tone == tone for each in lines)) for tone, label in labels.items()]
    return [each for each in counted if each[2]]


def _card(actor: Actor, row: Connection) -> dict[str, Any]:
    left = (row.login_until - timezone.now()).days if row.login_until else None
    return {
        "row": row,
        "channel": exchanging.channel_name(row.channel),
        "trouble": exchanging.trouble(row),
        "works": row.state == Connected.ACTIVE,
        "left": max(0, left) if left is not None else None,
        "soon": left is not None and left <= 30,
        "serves": Box.objects.filter(connection=row).count(),
        "url": reverse("firm-connection", kwargs={"firm": actor.firm.slug, "connection": row.pk})
        if row.company_id is None and actor.company is None
        else "",
    }


def _training(channel: Any) -> dict[str, Any]:
    return {"training": channel is not None and services.training(channel.code)}


@require_http_methods(["GET", "HEAD", "POST"])
@in_firm
def firm_new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Connecting with the firm's certificate: what is needed, what happens, and the way to the authority."""
    return _new(request, actor, reverse("firm-connections", kwargs={"firm": actor.firm.slug}))


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def company_new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Connecting with the company's own certificate."""
    company = exchanging.company(actor)
    return _new(request, actor, reverse("company-connection", kwargs={"company": company.slug}))


def _new(request: HttpRequest, actor: Actor, back_url: str) -> HttpResponseBase:
    if not actor.can(Can.CONNECTION_MANAGE):
        raise NotAllowed(Can.CONNECTION_MANAGE)
    channel = services.of_country(actor.company.country if actor.company else actor.firm.country)
    if channel is None:
        raise actions.NoChannel
    renewed = request.GET.get("renew", "")
    before = Connection.objects.get(pk=int(renewed)) if renewed.isdecimal() and len(renewed) < 10 else None
    if before is not None and before.company_id != (actor.company.pk if actor.company else None):
        raise Connection.DoesNotExist
    login_url = ""
    if request.method == "POST":
        login_url = connecting.go(actor, channel.code, _session(request), before)
    context = {
        "actor": actor,
        "section": "connections",
        "channel": exchanging.words(channel.name),
        "ready": services.ready(channel.code),
        "settings_wanted": [each.variable for each in channel.settings if not each.default],
        "callback": connecting.back_address(),
        "login_url": login_url,
        "before": before,
        "back_url": back_url,
        "lasts": channel.login_lasts.days if channel.login_lasts else None,
        "keeps": channel.keeps.days if channel.keeps else None,
        "operator": bool(actor.member and actor.member.operator),
        **_training(channel),
    }
    return render(request, "exchange/new.html", context)


def _session(request: HttpRequest) -> str:
    """What the session is known by; it lasts as long as the login, which another browser does not share."""
    if not request.session.session_key:
        request.session.create()
    return request.session.session_key or ""


@require_http_methods(["GET", "HEAD"])
@kept_private
@login_required
def callback(request: HttpRequest) -> HttpResponseBase:
    """Whoever comes back from an authority: the state says from which space, and that it is the same person."""
    try:
        actor, made = connecting.come_back(request.user, request.GET.dict(), _session(request), device_of(request))  # type: ignore[arg-type]  # logged in
    except Refusal as refusal:
        error = getattr(refusal, "error", None)
        context = {
            "message": refusal.message,
            "detail": exchanging.words(error.text, error.values) if isinstance(error, ChannelError) else "",
            "official": error.official if isinstance(error, ChannelError) else "",
        }
        return render(request, "exchange/failed.html", context, status=refusal.status)
    if actor.company is not None:
        messages.success(request, _("Connected. What lies in the box is being fetched."))
        return SeeOther(reverse("company-connection", kwargs={"company": actor.company.slug}))
    messages.success(request, _("Connected. Now say which companies this certificate serves."))
    return SeeOther(reverse("firm-connection", kwargs={"firm": actor.firm.slug, "connection": made.pk}))


@require_http_methods(["GET", "HEAD", "POST"])
@in_firm
def firm_connection(request: HttpRequest, actor: Actor, connection: int) -> HttpResponseBase:
    """One of the firm's connections: which companies it serves, as the authority's answers suggest."""
    row = Connection.objects.get(pk=connection, company=None)
    here = reverse("firm-connection", kwargs={"firm": actor.firm.slug, "connection": row.pk})
    list_url = reverse("firm-connections", kwargs={"firm": actor.firm.slug})
    if request.method == "POST":
        if "end" in request.POST:
            actions.end(actor, row)
            messages.success(request, _("The connection has ended, and its permission is forgotten."))
            return SeeOther(list_url)
        if "again" in request.POST:
            connecting.probe_again(actor, row)
            return SeeOther(here)
        chosen = [int(each) for each in request.POST.getlist("company") if each.isdecimal() and len(each) < 10]
        companies = list(Company.objects.filter(pk__in=chosen, active=True))
        fresh = connecting.serve(actor, row, companies)
        text = ngettext(
            "Saved. %(n)s company more is being fetched for.",
            "Saved. %(n)s companies more are being fetched for.",
            fresh,
        )
        messages.success(request, text % {"n": fresh} if fresh else _("Saved."))
        return SeeOther(list_url)
    rows = exchanging.probes(actor, row)
    waiting = sum(each.state == Probe.State.WAITING for each, *_rest in rows)
    context = {
        "actor": actor,
        "section": "connections",
        "card": _card(actor, row),
        "row": row,
        "rows": rows,
        "waiting": waiting,
        "done": len(rows) - waiting,
        "may_manage": actor.can(Can.CONNECTION_MANAGE) and row.state == Connected.ACTIVE,
        "may_end": actor.can(Can.CONNECTION_MANAGE) and row.state != Connected.ENDED,
        "renew_url": reverse("firm-connection-new", kwargs={"firm": actor.firm.slug}) + f"?renew={row.pk}",
        "back_url": list_url,
        "here": here,
        **_training(services.find(row.channel)),
    }
    return render(
        request,
        "exchange/connection.html#companies" if partial(request, "companies") else "exchange/connection.html",
        context,
    )


# A company's ------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def of_company(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """How a company's box does, and by which way it is reached."""
    company = exchanging.company(actor)
    box = Box.objects.select_related("company", "connection").order_by("pk").first()
    channel = services.find(box.channel) if box is not None else services.of_country(company.country)
    if channel is None:
        raise actions.NoChannel
    if request.method == "POST":
        return _company_deed(request, actor, box)
    way = box.connection if box is not None else None
    runs = list(Run.objects.filter(box=box).select_related("by").order_by("-pk")[:8]) if box is not None else []
    health = next(iter(queries.health()), None)
    own = way is not None and way.company_id == company.pk
    context = {
        "actor": actor,
        "section": "connections",
        "company": company,
        "channel": exchanging.words(channel.name),
        "box": box,
        "line": exchanging.line(health) if health is not None else None,
        "way": way,
        "card": _card(actor, way) if way is not None else None,
        "own": own,
        "trouble": exchanging.trouble(box) if box is not None else None,
        "runs": [(each, exchanging.result(each)) for each in runs if each.finished_at],
        "at_work": next((each for each in runs if each.finished_at is None), None),
        "backlog": health.backlog if health is not None else None,
        "parked": queries.parked(),
        "keeps": channel.keeps.days if channel.keeps else None,
        "may_manage": actor.can(Can.CONNECTION_MANAGE),
        "may_sync": actor.can(Can.CONNECTION_SYNC) and way is not None and way.state == Connected.ACTIVE,
        "new_url": reverse("company-connection-new", kwargs={"company": company.slug}),
        "sync_url": reverse("company-sync", kwargs={"company": company.slug}),
        "messages_url": reverse("company-messages", kwargs={"company": company.slug}),
        "completeness_url": reverse("company-completeness", kwargs={"company": company.slug}),
        "firm_url": reverse("firm-connections", kwargs={"firm": actor.firm.slug}) if actor.side == "firm" else "",
        **_training(channel),
    }
    return render(request, "exchange/company.html", context)


def _company_deed(request: HttpRequest, actor: Actor, box: Box | None) -> HttpResponseBase:
    if box is None:
        raise sync.NotConnected
    if "pause" in request.POST or "go-on" in request.POST:
        actions.pause(actor, box, on="pause" in request.POST)
        messages.success(request, _("Paused.") if "pause" in request.POST else _("It goes on."))
    elif "end" in request.POST:
        way = box.connection
        if way is None or way.company_id != box.company_id:
            raise sync.NotConnected
        actions.end(actor, way)
        messages.success(request, _("The connection has ended, and its permission is forgotten."))
    return SeeOther(request.path)


@require_http_methods(["POST"])
@in_company
def sync_now(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Look into the box because a person wants to."""
    company = exchanging.company(actor)
    box = Box.objects.filter(company=company).order_by("pk").first()
    if box is None:
        raise sync.NotConnected
    found = sync.ask(actor, box)
    return SeeOther(reverse("company-sync-run", kwargs={"company": company.slug, "run": found.pk}))


@require_http_methods(["GET", "HEAD"])
@in_company
def run(request: HttpRequest, actor: Actor, run: int) -> HttpResponseBase:
    """A look into the box as it goes on, and what came of it."""
    company = exchanging.company(actor)
    row = Run.objects.select_related("box").get(pk=run, company=company)
    wait = request.GET.get("wait", "1")
    left = 0 if row.finished_at else max(0, row.fresh - row.fetched)
    context = {
        "actor": actor,
        "section": "connections",
        "run": row,
        "over": row.finished_at is not None,
        "failed": row.state == Run.State.FAILED,
        "result": exchanging.result(row),
        "trouble": exchanging.trouble(row),
        "left": left,
        "parked": queries.parked(),
        "here": request.path,
        "wait": int(wait) if wait in ("1", "2", "4", "8") else 1,
        "next_wait": min(8, 2 * int(wait)) if wait in ("1", "2", "4", "8") else 2,
        "back_url": reverse("company-connection", kwargs={"company": company.slug}),
        "messages_url": reverse("company-messages", kwargs={"company": company.slug}),
        "documents_url": reverse("company-documents", kwargs={"company": company.slug}),
        "approve_url": reverse("company-approve", kwargs={"company": company.slug})
        if actor.can(Can.DOCUMENT_DECIDE)
        else "",
    }
    return render(request, "exchange/run.html#run" if partial(request, "run") else "exchange/run.html", context)

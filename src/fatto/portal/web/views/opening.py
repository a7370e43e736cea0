"""A firm opens its companies by the list, and sees who has come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from fatto import countries, i18n
from fatto.portal.flow import invite, opening, sheets
from fatto.portal.flow.opening import Candidate
from fatto.portal.tenancy import invitations
from fatto.portal.tenancy.action import Refusal, require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.invitations import State
from fatto.portal.tenancy.models import LANGUAGES, Invitation
from fatto.portal.tenancy.people import COMPANY_ROLES
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web.space import SeeOther, in_firm

SIZE = 100
"""Invitations on a page."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of a row in the table."""

    name: str
    label: str
    value: str
    error: str
    warning: str
    options: list[tuple[str, str]] | None = None


@require_http_methods(["GET", "POST"])
@in_firm
def add(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Paste or hand in a list, look at every row and correct it, then open all with one click."""
    require(actor, Can.FIRM_MANAGE)
    step = request.POST.get("step", "")
    if request.method == "GET" or step not in ("read", "check", "open"):
        return _form(request, actor)
    if step == "read":
        file = request.FILES.get("file")
        try:
            typed = request.POST.get("list", "")
            rows = opening.read(sheets.of_file(file.read(sheets.MAX_BYTES + 1)) if file else sheets.of_text(typed))
        except Refusal as refusal:
            return _form(request, actor, error=str(refusal.message), status=refusal.status)
        opening.check(actor, rows)
        return _table(request, actor, rows)
    rows = _typed(request.POST)
    if not rows:
        return SeeOther(request.path)
    if step == "check":
        opening.check(actor, rows)
        return _table(request, actor, rows)
    done = opening.open_all(actor, rows)
    left = [row for row in rows if row.fate == "wrong"]
    said = _said(done)
    if left:
        return _table(request, actor, left, said=said)
    messages.success(request, said)
    return SeeOther(reverse("firm-invitations", kwargs={"firm": actor.firm.slug}))


def _typed(data: QueryDict) -> list[Candidate]:
    """The rows as they come back from the table, those left out aside."""
    columns = [data.getlist(name) for name in ("number", *opening.FIELDS)]
    skipped = set(data.getlist("skip"))
    found = []
    for number, *cells in list(zip(*columns, strict=False))[: sheets.MAX_ROWS]:
        if number not in skipped:
            words = (" ".join(text.split())[: sheets.MAX_CELL] for text in cells)
            row = int(number) if number.isdecimal() and len(number) < 6 else 0
            found.append(Candidate.of(row, dict(zip(opening.FIELDS, words, strict=True))))
    return found


def _said(done: opening.Opened) -> str:
    if done.companies:
        opened = ngettext("%(n)s company opened.", "%(n)s companies opened.", done.companies) % {"n": done.companies}
    elif done.people:
        opened = ""
    else:
        return _("Nothing new in the list: everything was there already.")
    invited = ngettext("%(n)s person is invited.", "%(n)s people are invited.", done.people) % {"n": done.people}
    return f"{opened} {invited}".strip()


def _form(request: HttpRequest, actor: Actor, *, error: str = "", status: int = 200) -> HttpResponse:
    pack = countries.find(actor.firm.country)
    number = pack.identifiers[0].example if pack.identifiers else ""
    context = {
        "actor": actor,
        "section": "clients",
        "error": error,
        "typed": request.POST.get("list", ""),
        "example": f"{number}; Alfa; maria@alfa.example",
    }
    return render(request, "firm/add.html", context, status=status)


def _table(request: HttpRequest, actor: Actor, rows: list[Candidate], *, said: str = "") -> HttpResponse:
    counts = {fate: sum(row.fate == fate for row in rows) for fate in ("open", "join", "there", "wrong")}
    options = _options()
    labels = {
        "tax_id": _("Tax number"),
        "name": _("Name"),
        "email": _("E-mail"),
        "country": _("Country"),
        "language": _("Language"),
        "role": _("Role"),
    }
    # Rows that need the person come first.
    shown = [
        {
            "number": row.number,
            "fate": row.fate,
            "note": row.note,
            "cells": [
                Cell(
                    name,
                    labels[name],
                    getattr(row, name),
                    row.errors.get(name, ""),
                    row.warnings.get(name, ""),
                    options.get(name),
                )
                for name in opening.FIELDS
            ],
        }
        for row in sorted(rows, key=lambda row: row.fate != "wrong")
    ]
    context = {
        "actor": actor,
        "section": "clients",
        "rows": shown,
        "counts": counts,
        "ready": counts["open"] + counts["join"],
        "companies": len({row.ids[0] for row in rows if row.fate == "open"}),
        "said": said,
    }
    return render(request, "firm/add.html", context)


def _options() -> dict[str, list[tuple[str, str]]]:
    language = translation.get_language() or "en"
    return {
        "country": [(pack.code, i18n.translate(pack.name, language)) for pack in countries.every()],
        "language": LANGUAGES,
        "role": [(role.value, str(role.label)) for role in COMPANY_ROLES],
    }


# -- who has come in ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@in_firm
def invited(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """How far everybody is who was invited to a company, and writing again to who has not come in."""
    require(actor, Can.PEOPLE_MANAGE)
    if request.method == "POST":
        _answer(request, actor)
        return SeeOther(request.get_full_path())
    now = timezone.now()
    rows = list(invitations.of_clients().defer("hashes"))
    states = {row.pk: invitations.state(row, now) for row in rows}
    figures = [
        {
            "name": name,
            "label": label,
            "tone": tone,
            "count": sum(state in within for state in states.values()),
            "within": within,
        }
        for name, label, tone, within in (
            ("invited", _("not opened yet"), "", (State.QUEUED, State.INVITED)),
            ("opened", _("opened"), "", (State.OPENED,)),
            ("active", _("active"), "", (State.ACTIVE,)),
            ("trouble", _("expired or not sent"), "waiting", (State.EXPIRED, State.FAILED)),
        )
    ]
    for figure in figures:
        if not figure["count"]:
            figure["tone"] = ""
    view = request.GET.get("view", "")
    within = next((figure["within"] for figure in figures if figure["name"] == view), tuple(State))
    some = [row for row in rows if states[row.pk] in within]  # type: ignore[operator]
    page = int(request.GET["page"]) if request.GET.get("page", "").isdecimal() else 1
    page = max(1, min(page, (len(some) + SIZE - 1) // SIZE))
    context = {
        "actor": actor,
        "section": "clients",
        "total": len(rows),
        "pending": sum(state in invitations.PENDING for state in states.values()),
        "figures": figures,
        "view": view,
        "here": request.path,
        "rows": [_shown(row, states[row.pk]) for row in some[(page - 1) * SIZE : page * SIZE]],
        "previous_url": f"?view={view}&page={page - 1}" if page > 1 else "",
        "next_url": f"?view={view}&page={page + 1}" if page * SIZE < len(some) else "",
    }
    return render(request, "firm/invitations.html", context)


def _shown(row: Invitation, state: State) -> dict[str, Any]:
    since = (
        {
            State.ACTIVE: row.accepted_at,
            State.OPENED: row.opened_at,
            State.EXPIRED: row.expires_at,
            State.FAILED: row.failed_at,
        }.get(state)
        or row.sent_at
        or row.created_at
    )
    return {"row": row, "state": state, "since": since, "open": state in invitations.PENDING}


def _answer(request: HttpRequest, actor: Actor) -> None:
    """Send again to one or to all who have not come in, or withdraw one."""
    found = invitations.pending().filter(company__isnull=False)
    withdrawn, again = request.POST.get("withdraw", ""), request.POST.get("again", "")
    if withdrawn:
        invite.withdraw(actor, found.get(numbered(withdrawn)))
        messages.success(request, _("The invitation is withdrawn; its link opens nothing any more."))
    elif again:
        rows = list(found if again == "all" else [found.get(numbered(again))])
        sent = invite.send_again(actor, rows)
        messages.success(request, sent_again(sent))


def numbered(text: str) -> Q:
    """The row that a button names."""
    return Q(pk=int(text) if text.isdecimal() and len(text) < 10 else 0)


def sent_again(count: int) -> str:
    """What is said after letters were asked for again."""
    if not count:
        return _("A mail went out a moment ago; nothing more was sent.")
    return ngettext("%(n)s mail is on its way.", "%(n)s mails are on their way.", count) % {"n": count}

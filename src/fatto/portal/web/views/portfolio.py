"""A firm's clients: every company with its numbers, its people and who looks after it; on a page, or as CSV."""

from __future__ import annotations

import csv as tables
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from fatto import countries, i18n
from fatto.portal.documents import queries
from fatto.portal.documents.queries import MINE, Standing
from fatto.portal.flow import export, invite
from fatto.portal.tenancy import clients as people
from fatto.portal.tenancy import people as team
from fatto.portal.tenancy.action import NotAllowed
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.clients import Client
from fatto.portal.tenancy.models import Gate
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web import downloads
from fatto.portal.web.shell import tax_ids
from fatto.portal.web.space import SeeOther, back, in_firm
from fatto.portal.web.views.opening import numbered, sent_again

GATES = {
    Gate.NONE: pgettext_lazy("approval", "Not asked"),
    Gate.SOFT: pgettext_lazy("approval", "Asked"),
    Gate.HARD: pgettext_lazy("approval", "Before the firm sees it"),
}
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One company of the portfolio."""

    standing: Standing
    client: Client

    @property
    def assigned(self) -> str:
        return ", ".join(str(each.member) for each in self.client.assigned)

    @property
    def tone(self) -> str:
        return {"active": "done", "invited": "progress", "trouble": "waiting"}.get(self.client.standing, "neutral")


@dataclass(frozen=True, slots=True)
class Column:
    """A column with how rows are ordered by it: numbers and moments begin with the largest."""

    name: str
    label: Any
    key: Callable[[Row], Any]
    number: bool = False
    down: bool = False


COLUMNS: tuple[Column, ...] = (
    Column("name", _("Company"), lambda row: row.standing.company.name.casefold()),
    Column("country", _("Country"), lambda row: row.standing.company.country),
    Column("assigned", _("Looked after by"), lambda row: (not row.assigned, row.assigned.casefold())),
    Column("to_approve", _("To approve"), lambda row: row.standing.to_approve, True, True),
    Column("waiting", _("Oldest to approve"), lambda row: row.standing.oldest_waiting or date.max),
    Column("disputed", pgettext_lazy("list", "Disputed"), lambda row: row.standing.disputed, True, True),
    Column("to_book", _("To book"), lambda row: row.standing.to_book, True, True),
    Column("unbooked", pgettext_lazy("list", "Not booked yet"), lambda row: row.standing.unbooked, True, True),
    Column("quarantine", _("Quarantine"), lambda row: row.standing.quarantine, True, True),
    Column("last", _("Last files added"), lambda row: row.standing.last_arrival or _LONG_AGO, False, True),
    Column("seen", _("Client last active"), lambda row: row.client.last_deed or _LONG_AGO, False, True),
    Column("people", _("People"), lambda row: list(people.Standing).index(row.client.standing)),
    Column("gate", _("Approval"), lambda row: row.standing.company.gate),
)
_BY_NAME = {column.name: column for column in COLUMNS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which companies, in which order: all of it is in the address."""

    words: str = ""
    country: str = ""
    of: str = ""
    """`MINE`, or the number of a membership of the team, or `nobody`."""
    people: str = ""
    sort: str = "name"

    @classmethod
    def of_query(cls, request: HttpRequest) -> Asked:
        values = {name: request.GET.get(name, "").strip()[:100] for name in ("words", "country", "of", "people")}
        sort = request.GET.get("sort", "")
        return cls(**values, sort=sort if sort.removeprefix("-") in _BY_NAME else "name")

    def query(self, **changes: str) -> str:
        asked = replace(self, **changes)
        pairs = {name: getattr(asked, name) for name in ("words", "country", "of", "people", "sort")}
        return urlencode({name: value for name, value in pairs.items() if value and (name, value) != ("sort", "name")})


@require_http_methods(["GET", "HEAD", "POST"])
@in_firm
def clients(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Every company with its numbers; POST assigns those ticked, or writes to their people again."""
    if request.method == "POST":
        return _change(request, actor)
    asked = Asked.of_query(request)
    every = _rows(actor)
    rows = _ordered(_asked(every, asked, actor), asked.sort)
    path = request.path
    offered = people.team(actor)
    context = {
        "actor": actor,
        "section": "clients",
        "rows": [(row, GATES[Gate(row.standing.company.gate)]) for row in rows],
        "columns": [_head(column, asked, path) for column in COLUMNS],
        "asked": asked,
        "limited": bool(asked.query(sort="name")),
        "countries": sorted({row.standing.company.country for row in every}),
        "team": offered,
        "mine": MINE,
        "standings": people.Standing.choices,
        "may_assign": actor.can(Can.TEAM_MANAGE),
        "may_invite": actor.can(Can.PEOPLE_MANAGE),
        "may_manage": actor.can(Can.COMPANY_MANAGE),
        "may_open": actor.can(Can.FIRM_MANAGE),
        "may_route": actor.can(Can.QUARANTINE_ROUTE),
        "total": len(every),
        "shown": len(rows),
        "here": path,
        "here_url": request.get_full_path(),
        "csv_url": f"{reverse('firm-clients-csv', kwargs={'firm': actor.firm.slug})}?{asked.query()}",
        "urls": {name: reverse(f"firm-{name}", kwargs={"firm": actor.firm.slug}) for name in _ADDRESSES},
    }
    return render(request, "firm/clients.html", context)


_ADDRESSES = ("documents", "booking", "quarantine")


def _head(column: Column, asked: Asked, path: str) -> dict[str, Any]:
    """The head of a column; pressed again, the order turns round."""
    sort = f"-{column.name}" if asked.sort == column.name else column.name
    down = column.down != asked.sort.startswith("-")
    current = asked.sort.removeprefix("-") == column.name
    return {
        "label": column.label,
        "number": column.number,
        "url": f"{path}?{asked.query(sort=sort)}",
        "sorted": ("descending" if down else "ascending") if current else "",
    }


def _rows(actor: Actor) -> list[Row]:
    around = people.clients(actor)
    return [Row(standing, around.get(standing.company.pk) or Client()) for standing in queries.standings()]


def _asked(rows: list[Row], asked: Asked, actor: Actor) -> list[Row]:
    wanted = asked.words.casefold()
    if wanted:
        rows = [row for row in rows if _fits(row, wanted)]
    if asked.country:
        rows = [row for row in rows if row.standing.company.country == asked.country]
    if asked.people:
        rows = [row for row in rows if row.client.standing == asked.people]
    if asked.of == MINE:
        mine = set(queries.looked_after())
        rows = [row for row in rows if row.standing.company.pk in mine]
    elif asked.of == "nobody":
        rows = [row for row in rows if not row.client.assigned]
    elif asked.of:
        rows = [row for row in rows if asked.of in {str(each.pk) for each in row.client.assigned}]
    return rows


def _fits(row: Row, wanted: str) -> bool:
    company = row.standing.company
    return wanted in company.name.casefold() or any(wanted in number.casefold() for number in company.ids)


def _ordered(rows: list[Row], sort: str) -> list[Row]:
    """By name where all else is the same."""
    column = _BY_NAME[sort.removeprefix("-")]
    return sorted(rows, key=column.key, reverse=column.down != sort.startswith("-"))


# -- changing many --------------------------------------------------------------------------------------------------


def _change(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    chosen = [int(pk) for pk in request.POST.getlist("company") if pk.isascii() and pk.isdigit() and len(pk) < 10]
    do = request.POST.get("do", "")
    if not chosen:
        messages.warning(request, now("Choose at least one company."))
    elif do in ("assign", "take"):
        if not actor.can(Can.TEAM_MANAGE):
            raise NotAllowed(Can.TEAM_MANAGE)
        membership = team.of_team(actor).get(numbered(request.POST.get("member", "")))
        count = team.assign(actor, membership, companies=chosen, give=do == "assign")
        text = (
            ngettext("%(n)s company assigned to %(name)s.", "%(n)s companies assigned to %(name)s.", count)
            if do == "assign"
            else ngettext("%(n)s company taken from %(name)s.", "%(n)s companies taken from %(name)s.", count)
        )
        messages.success(request, text % {"n": count, "name": membership.member})
    elif do == "again":
        sent = invite.send_again(actor, list(people.unanswered(chosen)))
        messages.success(request, sent_again(sent))
    return SeeOther(back(request, request.path))


# -- as a file ------------------------------------------------------------------------------------------------------


@require_safe
@in_firm
def csv(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The same list, for a spreadsheet program."""
    asked = Asked.of_query(request)
    language = get_language() or "en"
    buffer = io.StringIO(newline="")
    buffer.write("\ufeff")
    writer = tables.writer(buffer, delimiter="," if language == "en" else ";", lineterminator="\r\n")
    first, *others = [str(column.label) for column in COLUMNS]
    writer.writerow([first, now("Tax number"), *others])
    for row in _ordered(_asked(_rows(actor), asked, actor), asked.sort):
        writer.writerow([export.plain(cell, language) for cell in _cells(row, language)])
    name = f"{actor.firm.slug}-{timezone.localdate():%Y-%m-%d}.csv"
    return downloads.download(buffer.getvalue().encode(), name, "text/csv; charset=utf-8")


def _cells(row: Row, language: str) -> list[Any]:
    standing, client, company = row.standing, row.client, row.standing.company
    return [
        company.name,
        tax_ids(company),
        i18n.translate(countries.find(company.country).name, language),
        row.assigned,
        str(standing.to_approve),
        standing.oldest_waiting,
        str(standing.disputed),
        str(standing.to_book),
        str(standing.unbooked),
        str(standing.quarantine),
        timezone.localtime(standing.last_arrival) if standing.last_arrival else None,
        timezone.localtime(client.last_deed) if client.last_deed else None,
        str(client.standing.label),
        str(GATES[Gate(company.gate)]),
    ]

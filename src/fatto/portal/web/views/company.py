"""A company's first page, and the few things that are set for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from fatto.portal.documents import queries
from fatto.portal.documents.models import Direction
from fatto.portal.documents.queries import Counts, Filters, Standing
from fatto.portal.exchange.models import Box
from fatto.portal.flow import gate as gates
from fatto.portal.flow import mailin
from fatto.portal.tenancy import clients
from fatto.portal.tenancy.action import NotAllowed, require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.middleware import AS_CLIENT
from fatto.portal.tenancy.models import Company, Gate
from fatto.portal.tenancy.permissions import SUPPORT, Can, Role
from fatto.portal.web import exchanging, listing, transmitting
from fatto.portal.web.listing import Addresses
from fatto.portal.web.space import SeeOther, in_company


@in_company
def home(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What needs the company now, then what came and went this week; for its accountants, how the client stands."""
    assert actor.company is not None  # noqa: S101 - the decorator saw to it
    urls, counts = Addresses(actor), queries.counts()
    firm_side = actor.side == "firm" and not actor.as_client
    standing = _standing(actor.company) if actor.side == "firm" else None
    todo = _todo(actor, counts, urls)
    latest = queries.page(Filters(sort="-received"), size=8).rows
    month = Filters(ask="received:this-month")
    context = {
        "actor": actor,
        "section": "home",
        "company": actor.company,
        "todo": todo[:MOST_CARDS],
        "more_todo": todo[MOST_CARDS:],
        "things": sum(not each.others for each in todo),
        "hidden": standing.hidden if standing else 0,
        "week": [] if firm_side else _week(urls),
        "figures": _figures(actor, standing, counts, urls) if standing and firm_side else [],
        "months": _months(urls) if actor.only_by is None and (firm_side or actor.role == Role.AUDITOR) else [],
        "people": clients.people(actor.company) if firm_side else [],
        "month_url": urls.desk(month.to_query()) if latest else "",
        "month_count": queries.count(month) if latest and not todo else 0,
        "incoming": exchanging.incoming(actor),
        "empty": not latest and not todo and not (standing and standing.hidden),
        "rows": [listing.row(each, urls) for each in latest],
        "may_upload": actor.can(Can.DOCUMENT_UPLOAD),
        "may_invite": actor.can(Can.PEOPLE_MANAGE),
        "may_connect": actor.can(Can.TOKEN_MANAGE),
        "may_archive": actor.can(Can.ARCHIVE_READ),
        "urls": {
            name: reverse(f"company-{name}", kwargs={"company": actor.company.slug})
            for name in ("upload", "archive", "documents", "people", "tokens")
        },
    }
    return render(request, "company/home.html", context)


MOST_CARDS = 3
"""Things to do that a phone's screen has room for; the others follow as lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """One thing to do: what, since when, and the button that leads to exactly those documents."""

    text: str
    url: str
    action: str
    detail: str = ""
    first: bool = False
    others: bool = False
    """Somebody else's to do: said, not counted."""


def _todo(actor: Actor, counts: Counts, urls: Addresses) -> list[Todo]:
    """What waits for this person. It vanishes when it is done; what nobody here can do is not asked."""
    found = _sending(actor, urls)
    if counts.mine and actor.can(Can.DOCUMENT_DECIDE):
        assert actor.company is not None  # noqa: S101 - a company's page
        oldest = next(iter(queries.page(Filters(view="mine", sort="received"), size=1).rows), None)
        days = (timezone.now() - oldest.received_at).days if oldest else 0
        text = ngettext("%(n)s document to approve", "%(n)s documents to approve", counts.mine)
        since = ngettext("the oldest for %(n)s day", "the oldest for %(n)s days", days) % {"n": days} if days else ""
        found.append(
            Todo(
                text=text % {"n": counts.mine},
                detail=since,
                url=reverse("company-approve", kwargs={"company": actor.company.slug}),
                action=gettext("Approve"),
                first=True,
            )
        )
    elif counts.to_approve and actor.side == "company":
        text = ngettext(
            "%(n)s document waits for somebody else’s approval",
            "%(n)s documents wait for somebody else’s approval",
            counts.to_approve,
        )
        url = urls.desk("view=to-approve")
        found.append(Todo(text=text % {"n": counts.to_approve}, url=url, action=gettext("Show"), others=True))
    if counts.disputed and actor.can(Can.DOCUMENT_DECIDE):
        text = ngettext("%(n)s disputed document", "%(n)s disputed documents", counts.disputed)
        found.append(Todo(text=text % {"n": counts.disputed}, url=urls.desk("view=disputed"), action=gettext("Show")))
    if counts.to_book and actor.can(Can.DOCUMENT_BOOK):
        text = ngettext("%(n)s document ready to book", "%(n)s documents ready to book", counts.to_book)
        found.append(
            Todo(
                text=text % {"n": counts.to_book},
                url=urls.desk("view=to-book"),
                action=pgettext("verb", "Book"),
                first=True,
            )
        )
    return found


def _sending(actor: Actor, urls: Addresses) -> list[Todo]:
    """Invoices that failed come before everything else, with the first one's cause; then those whose day has come."""
    found = []
    failed = transmitting.failed()
    if failed.count and actor.can(Can.DOCUMENT_SEND):
        text = ngettext("%(n)s invoice failed", "%(n)s invoices failed", failed.count) % {"n": failed.count}
        if failed.cause:
            text = f"{text}: {failed.cause}"
        url = urls.document(failed.only) if failed.only else urls.desk("view=failed")
        found.append(Todo(text=text, url=url, action=pgettext("a failed invoice", "Fix"), first=True))
    if actor.can(Can.DOCUMENT_SEND) and (unsent := transmitting.unsent()).count:
        text = ngettext("%(n)s invoice is not sent yet", "%(n)s invoices are not sent yet", unsent.count)
        url = urls.document(unsent.only) if unsent.only else urls.desk("view=to-send")
        found.append(
            Todo(
                text=text % {"n": unsent.count},
                detail=unsent.cause,
                url=url,
                action=pgettext("invoice", "Send"),
                first=True,
            )
        )
    return found


def _week(urls: Addresses) -> list[tuple[Any, int, str]]:
    """What arrived and what was issued, of all that came in this week."""
    found = []
    for direction, label in (
        (Direction.RECEIVED, pgettext("this week", "Arrived")),
        (Direction.ISSUED, pgettext("this week", "Issued")),
        (Direction.OTHER, pgettext("documents", "Others")),
    ):
        filters = Filters(direction=direction, ask="received:this-week")
        count = queries.count(filters)
        if count or direction != Direction.OTHER:
            found.append((label, count, urls.desk(filters.to_query())))
    return found


def _figures(actor: Actor, standing: Standing, counts: Counts, urls: Addresses) -> list[dict[str, Any]]:
    """The four numbers of a client."""
    quarantine = reverse("firm-quarantine", kwargs={"firm": actor.firm.slug}) + f"?company={standing.company.slug}"
    found = [
        (gettext("to approve"), counts.to_approve, urls.desk("view=to-approve"), "waiting"),
        (gettext("disputed"), counts.disputed, urls.desk("view=disputed"), "action"),
        (gettext("ready to book"), counts.to_book, urls.desk("view=to-book"), ""),
        (
            gettext("in quarantine"),
            standing.quarantine,
            quarantine if actor.can(Can.QUARANTINE_ROUTE) else "",
            "waiting",
        ),
    ]
    return [{"label": label, "n": n, "url": url, "tone": tone} for label, n, url, tone in found]


def _months(urls: Addresses) -> list[dict[str, Any]]:
    """Twelve months, each number with the list that it counts."""
    found = queries.months(timezone.localdate())
    if not any(each.total for each in found):
        return []
    most = max(each.total for each in found)
    rows = []
    for each in found:
        dated = Filters(date_from=each.first, date_to=each.last)
        rows.append(
            {
                "month": each,
                "bar": round(100 * each.total / most, 1),
                "done": round(100 * each.booked / most, 1),
                "top": round(100 - 100 * each.total / most, 1),
                "done_top": round(100 - 100 * each.booked / most, 1),
                "numbers": [
                    (each.received, urls.desk(replace(dated, direction=Direction.RECEIVED).to_query())),
                    (each.issued, urls.desk(replace(dated, direction=Direction.ISSUED).to_query())),
                    (each.booked, urls.desk(replace(dated, view="booked").to_query())),
                ],
            }
        )
    return rows


def _standing(company: Company) -> Standing | None:
    return next((each for each in queries.standings() if each.company.pk == company.pk), None)


@require_POST
@in_company
def view_as(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Somebody of the firm looks as the company does, or no longer."""
    assert actor.company is not None  # noqa: S101 - the decorator saw to it
    if actor.side != "firm" or actor.role == SUPPORT:
        raise NotAllowed(Can.DOCUMENT_READ)
    if "stop" in request.POST:
        request.session.pop(AS_CLIENT, None)
    else:
        request.session[AS_CLIENT] = actor.company.slug
    return SeeOther(reverse("company-home", kwargs={"company": actor.company.slug}))


@require_http_methods(["GET", "POST"])
@in_company
def settings(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Whether the company's yes comes before the accountant's work."""
    company = actor.company
    assert company is not None  # noqa: S101 - the decorator saw to it
    require(actor, Can.COMPANY_MANAGE)
    chosen = request.POST.get("gate", company.gate)
    wrong = chosen not in Gate.values
    if request.method == "POST" and not wrong:
        if chosen != company.gate:
            gates.set_gate(actor, company, gate=chosen)
            messages.success(request, gettext("Saved."))
        return SeeOther(request.path)
    context = {
        "actor": actor,
        "section": "settings",
        "company": company,
        "may_invite": actor.can(Can.PEOPLE_MANAGE),
        "gates": Gate.choices,
        "gate": company.gate,
        "may_rules": actor.can(Can.RULE_MANAGE),
        "mail_in": bool(mailin.domain()),
        "may_set_sending": Box.objects.filter(company=company).exists(),
        "may_tokens": actor.can(Can.TOKEN_MANAGE),
        "may_export": actor.can(Can.DATA_EXPORT),
        "error": gettext("Choose one of the three.") if wrong else "",
    }
    return render(request, "company/settings.html", context, status=422 if wrong else 200)

"""A firm's first page: what needs it now, what it waits for, and where to begin booking."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from fatto.portal.documents import queries
from fatto.portal.documents.queries import MINE, Standing
from fatto.portal.exchange import queries as exchange
from fatto.portal.tenancy import invitations
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web import transmitting
from fatto.portal.web.space import in_firm

FIRST = 12
"""Companies that the page lists; the others are one link away."""


@in_firm
def today(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Numbers that open exactly the lists they count. `?of=mine` is for the companies one looks after oneself."""
    every = queries.standings()
    looked_after = set(queries.looked_after()) & {each.company.pk for each in every}
    choice = bool(looked_after) and len(looked_after) < len(every)
    mine = choice and request.GET.get("of") == "mine"
    standings = [each for each in every if each.company.pk in looked_after] if mine else every
    bookable = sorted((each for each in standings if each.to_book), key=lambda each: -each.to_book)
    waiting = sorted((each for each in standings if each.to_approve), key=lambda each: -each.to_approve)
    company = f"&company={MINE}" if mine else ""
    urls = {name: reverse(f"firm-{name}", kwargs={"firm": actor.firm.slug}) for name in _ADDRESSES}
    quarantine = queries.counts().quarantine if actor.can(Can.QUARANTINE_ROUTE) else 0
    trouble = _trouble(actor)
    stuck, ending = exchange.in_trouble(), exchange.ending()
    disputes = sum(each.disputes for each in standings)
    looked_at = [each.company.pk for each in standings] if mine else None
    failed, late = transmitting.failed(looked_at), transmitting.late(looked_at)
    context = {
        "actor": actor,
        "section": "home",
        "name": actor.member.get_short_name() if actor.member else "",
        "part": _part_of_day(),
        "choice": choice,
        "mine": mine,
        "here": request.path,
        "needing": sum(1 for each in standings if each.to_book or each.disputes),
        "disputes": disputes,
        "quarantine": quarantine,
        "trouble": trouble,
        "stuck": stuck,
        "ending": ending,
        "connections_url": reverse("firm-connections", kwargs={"firm": actor.firm.slug}),
        "calm": not (disputes or quarantine or trouble or stuck or ending or failed.count or late),
        "failed": failed,
        "failed_url": f"{urls['documents']}?view=failed{company}",
        "late": late,
        "late_url": f"{urls['documents']}?view=to-send{company}",
        "to_book": sum(each.to_book for each in standings),
        "unconfirmed": sum(each.unconfirmed for each in standings),
        "asked": sum(1 for each in standings if each.unconfirmed),
        "oldest": _oldest(standings),
        "hidden": sum(each.hidden for each in standings),
        "bookable": bookable[:FIRST],
        "more_bookable": max(0, len(bookable) - FIRST),
        "waiting": waiting[:FIRST],
        "more_waiting": max(0, len(waiting) - FIRST),
        "companies": len(every),
        "may_open": actor.can(Can.FIRM_MANAGE),
        "may_book": actor.can(Can.DOCUMENT_BOOK),
        "urls": urls,
        "to_book_url": f"{urls['booking']}?view=to-book{company}",
        "disputes_url": f"{urls['documents']}?view=disputed{company}",
        "unconfirmed_url": f"{urls['documents']}?view=unconfirmed{company}",
        "more_query": f"of={MINE}&" if mine else "",
    }
    return render(request, "firm/today.html", context)


_ADDRESSES = ("documents", "booking", "quarantine", "clients", "upload", "invitations")


def _oldest(standings: list[Standing]) -> dict[str, Any] | None:
    """The company that has let a document wait longest, and for how many days."""
    late = [(each.oldest_waiting, each.company) for each in standings if each.oldest_waiting and each.unconfirmed]
    if not late:
        return None
    day, company = min(late, key=lambda each: each[0] or date.max)
    assert day is not None  # noqa: S101 - left out above
    return {"company": company, "days": max(0, (timezone.localdate() - day).days)}


def _trouble(actor: Actor) -> int:
    """Invitations of clients that expired or could not be sent."""
    if not actor.can(Can.PEOPLE_MANAGE):
        return 0
    now = timezone.now()
    stopped = (invitations.State.EXPIRED, invitations.State.FAILED)
    rows = invitations.pending().filter(company__isnull=False).defer("hashes")
    return sum(invitations.state(row, now) in stopped for row in rows)


def _part_of_day() -> str:
    hour = timezone.localtime().hour
    return "morning" if 4 <= hour < 12 else "day" if hour < 18 else "evening"

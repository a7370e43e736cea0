"""Deadlines of approvals that have passed, and people who were asked and are there no more."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone

from fatto.portal.approvals import actions
from fatto.portal.approvals.models import Policy
from fatto.portal.approvals.policies import Ways
from fatto.portal.documents.models import Document, Tally
from fatto.portal.documents.states import Approval, Booking
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.models import Company, Firm
from fatto.portal.tenancy.scope import scope

_STEP = 200


def escalate(firm: Firm) -> int:
    """Ask others where a deadline has passed, a few at a time; gives of how many. Once each, however often called."""
    done, after = 0, 0
    while True:
        with scope(actors.system(firm)) as system:
            # One day too many for lands further east; the deed looks at the company's own day.
            late = Document.objects.filter(asked_until__lte=timezone.now().date() + timedelta(days=1), pk__gt=after)
            rows = list(late.only("pk").order_by("pk")[:_STEP])
            done += sum(actions.escalate(system, row) for row in rows)
        if len(rows) < _STEP:
            return done
        after = rows[-1].pk


def ask_those_who_are_there(firm: Firm) -> int:
    """Ask anew where a document waits for somebody who may no longer decide; gives for how many."""
    done = 0
    with scope(actors.system(firm)) as system:
        companies = set(Policy.objects.values_list("company_id", flat=True))
        for company in Company.objects.filter(pk__in=companies):
            ways = Ways(company)
            sums = Tally.objects.filter(company=company, approval=Approval.TO_APPROVE).exclude(asked=[])
            waiting = sums.values_list("asked").annotate(n=Sum("n")).order_by()
            for asked in [whom for whom, n in waiting if n and not set(whom) <= set(ways.deciders)]:
                rows = Document.objects.filter(
                    company=company, approval=Approval.TO_APPROVE, booking=Booking.TO_BOOK, asked=asked
                )
                done += actions.ask_again(system, list(rows.only("pk")))
    return done

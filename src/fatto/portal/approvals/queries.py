"""What was decided, and what asks for a second look first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Q

from fatto.portal.approvals import reasons
from fatto.portal.approvals.models import Alert, Decision, Kind
from fatto.portal.documents import queries as documents
from fatto.portal.documents.models import Document
from fatto.portal.documents.states import Approval, Booking
from fatto.portal.tenancy import scope


def decisions(document: Document) -> list[Decision]:
    """All decisions on a document, oldest first."""
    return list(
        Decision.objects.filter(company_id=document.company_id, document=document).select_related("by").order_by("id")
    )


def last(document: Document) -> Decision | None:
    """The decision that stands."""
    return (
        Decision.objects.filter(company_id=document.company_id, document=document)
        .select_related("by")
        .order_by("-id")
        .first()
    )


def alerts(document: Document) -> list[Alert]:
    """The alerts of a document, each with its `label` and its `why`; those that nobody confirmed yet come first."""
    return alerts_of([document])[document.pk]


def alerts_of(rows: Iterable[Document]) -> dict[int, list[Alert]]:
    """The same for several documents, by their numbers."""
    by_pk = {each.pk: each for each in rows}
    found: dict[int, list[Alert]] = {pk: [] for pk in by_pk}
    order = list(Kind.values)
    raised = sorted(
        Alert.objects.filter(document__in=by_pk).select_related("by"),
        key=lambda each: (each.confirmed_at is not None, order.index(each.kind)),
    )
    named = {pk for each in raised for pk in each.values.get("documents", [])}
    seen = {each.pk: each for each in documents.some(named)} if named else {}
    actor = scope.current()
    own_only = actor is not None and actor.only_by is not None
    for alert in raised:
        alert.others = [seen[pk] for pk in alert.values.get("documents", []) if pk in seen]  # type: ignore[misc]
        alert.why = reasons.why(alert, by_pk[alert.document_id], alert.others, own_only=own_only)
        found[alert.document_id].append(alert)
    return found


ALERTED = "has:alert is:unbooked -is:disputed"
"""The question whose answer is the list that `alert_counts` counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCounts:
    """How many documents on their way have alerts that nobody confirmed: in all, by kind, by company."""

    documents: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    companies: dict[int, int] = field(default_factory=dict)


def alert_counts() -> AlertCounts:
    """For the first pages. Of the scope, and without what a hard gate hides; see `ALERTED` for the list."""
    rows = (
        Document.objects.filter(~Q(alerts=[]), booking=Booking.TO_BOOK)
        .exclude(approval=Approval.DISPUTED)
        .order_by()
        .values_list("company_id", "alerts")
        .annotate(n=Count("pk"))
    )
    kinds: Counter[str] = Counter()
    companies: Counter[int] = Counter()
    for company, raised, n in rows:
        companies[company] += n
        kinds.update(dict.fromkeys(raised, n))
    return AlertCounts(documents=companies.total(), kinds=dict(kinds), companies=dict(companies))

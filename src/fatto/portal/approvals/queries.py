"""What was decided, and what asks for a second look first."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from fatto.portal.approvals import reasons
from fatto.portal.approvals.models import Alert, Decision, Kind, Policy, Rule, Verdict
from fatto.portal.approvals.policies import Need, Ways
from fatto.portal.documents import asked
from fatto.portal.documents import queries as documents
from fatto.portal.documents.models import Document
from fatto.portal.documents.states import Approval, Booking
from fatto.portal.tenancy import scope
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company
from fatto.portal.tenancy.permissions import Can


def decisions(document: Document) -> list[Decision]:
    """All decisions on a document, oldest first."""
    return list(
        Decision.objects.filter(company_id=document.company_id, document=document)
        .select_related("by", "rule")
        .order_by("id")
    )


def last(document: Document) -> Decision | None:
    """The decision that stands."""
    return (
        Decision.objects.filter(company_id=document.company_id, document=document)
        .select_related("by")
        .order_by("-id")
        .first()
    )


def standing(document: Document) -> list[Decision]:
    """The yeses that hold now, the first one first: none taken back, none before a dispute."""
    return _standing(decisions(document))


def _standing(every: Iterable[Decision]) -> list[Decision]:
    found: list[Decision] = []
    for each in every:
        if each.verdict == Verdict.DISPUTED or (each.verdict == Verdict.UNDONE and each.step == 1):
            found = []
        elif each.verdict == Verdict.UNDONE:
            found = found[:1]
        else:
            found.append(each)
    return found


def deciding(rows: Iterable[Document]) -> dict[int, list[Decision]]:
    """What made each of these documents approved or disputed: the yeses that hold, or the no. One query."""
    decided = {row.pk: row for row in rows if row.approval in (Approval.APPROVED, Approval.DISPUTED)}
    every: dict[int, list[Decision]] = {}
    companies = {row.company_id for row in decided.values()}
    for each in Decision.objects.filter(company_id__in=companies, document__in=decided).order_by("id"):
        every.setdefault(each.document_id, []).append(each)
    return {
        pk: _standing(found) if decided[pk].approval == Approval.APPROVED else found[-1:] for pk, found in every.items()
    }


def may_decide(actor: Actor, document: Document) -> bool:
    """May this actor say yes or no to the document now? Out of its columns alone; the deed looks again."""
    if document.approval == Approval.TO_APPROVE:
        return asked.may(actor, document)
    return actor.can(Can.DOCUMENT_DECIDE) and document.booking != Booking.BOOKED


def may_undo(actor: Actor, document: Document) -> bool:
    """May this actor take something back, as far as the columns tell?"""
    if not actor.can(Can.DOCUMENT_DECIDE) or document.booking == Booking.BOOKED:
        return False
    if document.approval == Approval.TO_APPROVE:
        return document.step == 2 and asked.hand(actor) in document.agreed
    if document.approval == Approval.APPROVED and document.policy is not None and not document.by_rule:
        me = asked.hand(actor)
        return any(me in (each.by_id, each.instead_of_id) for each in standing(document))
    return document.approval in (Approval.APPROVED, Approval.DISPUTED)


def need(document: Document) -> Need:
    """What the company's policies ask for the document."""
    return Ways(document.company).need(document)


def policies(company: Company) -> list[Policy]:
    """The sentences of how a company approves, in the order in which they are looked at."""
    rows = Policy.objects.filter(company=company).select_related("escalate_to", "company")
    return list(rows.order_by("position", "pk"))


def rules(company: Company) -> list[Rule]:
    """The rules of a company, by name."""
    rows = Rule.objects.filter(company=company, removed_at=None).select_related("company", "made_by")
    return list(rows.order_by("name", "pk"))


def fingerprint(rule: Rule) -> str:
    """What a rule says, in one word: another one when anything of it changes."""
    said = [
        rule.party_id,
        f"{rule.amount_min:.2f}",
        f"{rule.amount_max:.2f}",
        rule.same_account,
        rule.direction,
        rule.tag,
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def who(decision: Decision) -> str:
    """Who decided, in words: a person, one in place of another, or a rule and its maker."""
    if decision.rule_id is not None:
        return _("rule “%(rule)s” made by %(name)s") % {"rule": decision.by_name, "name": decision.rule_by}
    if decision.instead_of_name:
        return _("%(name)s for %(absent)s") % {"name": decision.by_name, "absent": decision.instead_of_name}
    return decision.by_name


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

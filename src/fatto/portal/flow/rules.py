"""Rules that approve: trying one on the past, and what they do when something arrives.

Both ask the same question of a document as it arrived, `_Eye.deviation`: what a trial shows is what would
have happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Min
from django.utils import timezone

from fatto import countries
from fatto.portal.approvals import actions
from fatto.portal.approvals.models import Decision, Deviation, Rule, Verdict
from fatto.portal.approvals.policies import Need, Ways, sees
from fatto.portal.documents import filing, queries
from fatto.portal.documents.models import Direction, Document
from fatto.portal.documents.states import Approval, Booking
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.action import action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company, Deed
from fatto.portal.tenancy.permissions import ROLES, Can
from fatto.portal.tenancy.scope import scope

DAYS = 90
"""So far back a rule is tried, and its hits are counted."""
MOST = 2000
"""Documents of one supplier in that time that are looked at, the latest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A document that the rule would have approved, and what people made of it."""

    document: Document
    first_of_two: bool
    """Its policy asks two people: the rule would have been the first."""
    disputed: bool
    """Did a person dispute it at any time?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a rule would have done in the last 90 days."""

    hits: list[Hit] = field(default_factory=list)
    looked_at: int = 0
    """Documents of the supplier in that time."""

    @property
    def disputed(self) -> int:
        return sum(1 for each in self.hits if each.disputed)

    @property
    def total(self) -> Decimal:
        return sum((each.document.amount or Decimal(0) for each in self.hits), Decimal(0))


class _Eye:
    """Looks at documents of a company with a rule, as they were when they arrived."""

    def __init__(self, ways: Ways) -> None:
        self.ways = ways
        self._trusted: dict[tuple[str, str], datetime | None] = {}

    def deviation(self, rule: Rule, document: Document, *, alert: bool) -> tuple[str, Need]:
        """Why the rule leaves the document to people; empty when it approves it. And what its policy asks."""
        need = self.ways.need(document)
        amount = document.amount
        if rule.direction not in ("", document.direction) or (rule.tag and rule.tag not in document.tags):
            return Deviation.ELSEWHERE, need
        if document.currency != self.ways.company.currency:
            return Deviation.CURRENCY, need
        if amount is None or document.credit or not rule.amount_min <= amount <= rule.amount_max:
            return Deviation.AMOUNT, need
        if alert:
            return Deviation.ALERT, need
        maker = self.ways.deciders.get(rule.made_by_id)
        if maker is None or not sees(maker, document) or (need.first and rule.made_by_id not in need.first):
            return Deviation.POLICY, need
        if rule.same_account and not self._same_account(document):
            return Deviation.ACCOUNT, need
        return "", need

    def _same_account(self, document: Document) -> bool:
        """Did a person approve an invoice of this supplier with each of its accounts before it came?

        One that names no account sends the money nowhere new.
        """
        invoice = queries.invoice(document)
        if invoice is None:
            return False
        accounts = filing.accounts(invoice, countries.of(invoice).instalments(invoice))
        since = [self._since(document.party_id, each) for each in accounts]
        return all(each is not None and each < document.received_at for each in since)

    def _since(self, party_id: str, account: str) -> datetime | None:
        key = (party_id, account)
        if key not in self._trusted:
            rows = Document.objects.filter(
                company=self.ways.company,
                party_id=party_id,
                approval=Approval.APPROVED,
                by_rule=False,
                words=SearchQuery(f"{account}:A", config="simple", search_type="raw"),
            )
            self._trusted[key] = rows.exclude(direction=Direction.ISSUED).aggregate(at=Min("approval_at"))["at"]
        return self._trusted[key]


def trial(rule: Rule, *, now: datetime | None = None) -> Trial:
    """What the rule as it is written would have approved in the last 90 days. Changes nothing. Inside a scope."""
    since = (now or timezone.now()) - timedelta(days=DAYS)
    rows = list(
        Document.objects.filter(company=rule.company, party_id=rule.party_id, received_at__gte=since)
        .exclude(direction=Direction.ISSUED)
        .exclude(approval=Approval.NOT_REQUIRED)
        .select_related("company")
        .defer("findings", "signers", "words")
        .order_by("-received_at", "-pk")[:MOST]
    )
    pks = [row.pk for row in rows]
    company = rule.company_id
    alerted = set(
        Deed.objects.filter(company_id=company, document_id__in=pks, verb="alert-raised").values_list(
            "document_id", flat=True
        )
    )
    disputed = set(
        Decision.objects.filter(company_id=company, document_id__in=pks, verdict=Verdict.DISPUTED).values_list(
            "document_id", flat=True
        )
    )
    eye = _Eye(Ways(rule.company))
    hits = []
    for row in rows:
        why, need = eye.deviation(rule, row, alert=row.pk in alerted or bool(row.alerts))
        if not why:
            hits.append(Hit(document=row, first_of_two=need.two, disputed=row.pk in disputed))
    return Trial(hits=hits, looked_at=len(rows))


@action(Can.RULE_MANAGE)
def try_out(actor: Actor, rule: Rule) -> Trial:
    """Try a rule on the past, and remember that it was tried as it stands: then it can be switched on."""
    found = trial(rule)
    actions.note_trial(actor, rule, found=len(found.hits), disputed=found.disputed, total=found.total)
    return found


def apply(actor: Actor, documents: Iterable[Document], *, at: datetime | None = None) -> int:
    """Let the rules say yes to documents that wait for the first one; gives to how many.

    Called in the transaction in which they arrive, after the guards looked at them: a document with an
    alert is never approved here. Called again it finds nothing more to do.
    """
    waiting = [each for each in documents if each.approval == Approval.TO_APPROVE and each.party_id]
    companies = {each.company_id for each in waiting}
    suppliers = {each.party_id for each in waiting}
    if not waiting or not Rule.objects.filter(company_id__in=companies, active=True, party_id__in=suppliers).exists():
        return 0
    with scope(actors.system(actor.firm)) as system:
        return _apply(system, waiting, at or timezone.now())


def _apply(system: Actor, waiting: Sequence[Document], at: datetime) -> int:
    done = 0
    rules = list(Rule.objects.filter(company_id__in={each.company_id for each in waiting}, active=True).order_by("pk"))
    rows = Document.objects.filter(
        pk__in=[each.pk for each in waiting],
        party_id__in={rule.party_id for rule in rules},
        approval=Approval.TO_APPROVE,
        booking=Booking.TO_BOOK,
        step=1,
    ).select_related("company")
    eyes: dict[int, _Eye] = {}
    kept = {each.pk: each for each in waiting}
    for row in rows.defer("findings", "signers", "words").order_by("pk"):
        if row.company_id not in eyes:
            eyes[row.company_id] = _Eye(Ways(row.company))
        eye = eyes[row.company_id]
        for rule in rules:
            if (rule.company_id, rule.party_id) != (row.company_id, row.party_id):
                continue
            if not _answered_for(system, rule, eye.ways):
                continue
            why, _need = eye.deviation(rule, row, alert=bool(row.alerts))
            if why:
                actions.note_deviation(system, rule, document=row, why=why, at=at)
                continue
            actions.decide(system, row, verdict=Verdict.APPROVED, rule=rule, at=at)
            follow(kept[row.pk], row)
            done += 1
            break
    return done


def follow(document: Document, row: Document) -> None:
    """Make a document in memory say what was written about it."""
    for name in ("approval", "approval_at", "open_to_firm", "by_rule", "policy", "step", "asked", "agreed"):
        setattr(document, name, getattr(row, name))


def _answered_for(system: Actor, rule: Rule, ways: Ways) -> bool:
    """Is somebody there who answers for the rule? Where its maker lost the right to make rules, it is switched off."""
    if not rule.active:
        return False
    maker = ways.deciders.get(rule.made_by_id)
    if maker is not None and Can.RULE_MANAGE in ROLES[maker.role]:
        return True
    actions.switch_off(system, rule, why="maker")
    return False


def hits(company: Company, *, now: datetime | None = None) -> dict[int, int]:
    """How many documents each rule of a company said yes to in the last 90 days, by rule."""
    since = (now or timezone.now()) - timedelta(days=DAYS)
    rows = Decision.objects.filter(company=company, rule__isnull=False, at__gte=since)
    rows = rows.filter(verdict__in=[Verdict.APPROVED, Verdict.AGREED])
    return dict(rows.values_list("rule").annotate(n=Count("document", distinct=True)))

"""How the demo world's builders approve: two people above 5.000 €, and one rule that was tried and switched on."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from fatto.portal.approvals import actions
from fatto.portal.approvals.models import Policy, Rule
from fatto.portal.documents.models import Direction, Document
from fatto.portal.documents.states import Approval
from fatto.portal.flow import rules
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.scope import scope

COMPANY = "costruzioni-adigetto"
_FROM = Decimal(5000)


def agree(owner: Actor) -> None:
    """Write the policy and the rule, as the owner would; what is there already is left."""
    company = owner.company
    assert company is not None  # noqa: S101 - an owner acts in a company
    with scope(owner):
        if not Policy.objects.filter(company=company).exists():
            actions.add_policy(owner, company, second_from=_FROM, days=3)
        if not Rule.objects.filter(company=company).exists():
            found = _usual()
            if found is None:
                return
            party_id, name, most = found
            rule = actions.add_rule(
                owner, company, name=name[:80], party_id=party_id, party_name=name, amount_max=most, same_account=True
            )
            rules.try_out(owner, rule)
            actions.switch_on(owner, rule)


def _usual() -> tuple[str, str, Decimal] | None:
    """The supplier of whom most was approved lately, and an amount that holds all of it but what is far out."""
    since = timezone.now() - timedelta(days=rules.DAYS)
    rows = Document.objects.filter(direction=Direction.RECEIVED, approval=Approval.APPROVED, credit=False)
    rows = rows.filter(received_at__gte=since)
    bills = list(
        rows.filter(amount__gt=0, amount__lt=_FROM).exclude(party_id="").values_list("party_id", "party_name", "amount")
    )
    if not bills:
        return None
    party_id = Counter(each[0] for each in bills).most_common(1)[0][0]
    amounts = sorted(amount for one, _, amount in bills if one == party_id and amount is not None)
    usual = amounts[len(amounts) * 9 // 10]
    most = (usual / 50).to_integral_value(rounding="ROUND_CEILING") * 50
    return party_id, next(name for one, name, _ in bills if one == party_id), most

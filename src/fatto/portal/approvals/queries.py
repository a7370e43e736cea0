"""What was decided."""

from __future__ import annotations

import hashlib
import json

from django.utils.translation import gettext as _

from fatto.portal.approvals.models import Decision, Policy, Rule, Verdict
from fatto.portal.approvals.policies import Need, Ways
from fatto.portal.documents import asked
from fatto.portal.documents.models import Document
from fatto.portal.documents.states import Approval, Booking
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
    found: list[Decision] = []
    for each in decisions(document):
        if each.verdict == Verdict.DISPUTED or (each.verdict == Verdict.UNDONE and each.step == 1):
            found = []
        elif each.verdict == Verdict.UNDONE:
            found = found[:1]
        else:
            found.append(each)
    return found


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

"""Deciding on a document, and the second look that an alert asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fatto.portal.approvals import alerts, queries, twins
from fatto.portal.approvals.models import Alert, Decision, Kind, Policy, Reason, Rule, Verdict
from fatto.portal.approvals.policies import Need, Ways
from fatto.portal.approvals.states import MOVES
from fatto.portal.documents import asked
from fatto.portal.documents.models import Document
from fatto.portal.documents.states import Approval, Booking
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import NotAllowed, Refusal, action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.gates import hold
from fatto.portal.tenancy.models import Company, Gate, Member
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import whole
from fatto.portal.tenancy.states import move


class AlreadyBooked(Refusal):
    """Booked documents keep their decision until the firm takes the booking back."""

    def __init__(self) -> None:
        super().__init__(_("This document is booked. Ask your accountant to take the booking back first."))


class ReasonMissing(Refusal):
    """A dispute says why."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Say why: choose a reason."))


class NoteMissing(Refusal):
    """`Other` alone says nothing."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Write a few words: “Other” alone does not help whoever reads it."))


class NotAsked(Refusal):
    """The company's policy asks somebody else."""

    status = 403

    def __init__(self) -> None:
        super().__init__(_("The approval policy of the company asks somebody else for this document."))


class AgreedAlready(Refusal):
    """Two yeses come from two people."""

    def __init__(self) -> None:
        super().__init__(_("You have agreed already. A second person must agree as well."))


class NotYours(Refusal):
    """Whoever took a step takes it back."""

    status = 403

    def __init__(self) -> None:
        super().__init__(_("Only the person who decided can take that back. You can dispute the document instead."))


NOBODY: dict[str, Any] = {"step": 1, "asked": [], "agreed": [], "asked_at": None, "asked_until": None}
"""The columns of a document that waits for nobody."""


@dataclass(slots=True, kw_only=True)
class _Table:
    """What a decision is taken on: the document as it stands under the lock, and what its policy asks."""

    row: Document
    ways: Ways
    need: Need
    step: int = 1
    asked: Sequence[int] = ()
    agreed: Sequence[int] = ()

    @classmethod
    def of(cls, document: Document) -> _Table:
        """The document locked until the transaction ends: of two who decide at once, one comes second."""
        row = Document.objects.select_for_update(of=("self",)).select_related("company").get(pk=document.pk)
        ways = Ways(row.company)
        need = ways.need(row)
        table = cls(row=row, ways=ways, need=need, asked=need.first)
        if row.approval == Approval.TO_APPROVE:
            table.step = 2 if row.step == 2 and need.two else 1
            table.agreed = row.agreed if table.step == 2 else []
            if row.policy == need.policy and row.step == table.step:
                table.asked = row.asked  # with whom was asked since
            else:
                table.asked = ways.asked(need, table.step, table.agreed)
        return table

    def whose(self, actor: Actor, rule: Rule | None) -> int:
        """In whose name the actor says yes; refused where it may not."""
        if rule is not None:
            return rule.made_by_id
        found = asked.voice(actor, list(self.asked), list(self.agreed))
        if found is None:
            raise AgreedAlready if asked.hand(actor) in self.agreed else NotAsked
        if self.asked and found not in self.ways.deciders:
            raise NotAsked  # lost its right since it was asked
        return found

    def waiting(self, step: int, agreed: Sequence[int], at: datetime) -> dict[str, Any]:
        """The columns of a document that waits for the yes of this step."""
        return {
            "policy": self.need.policy,
            "step": step,
            "asked": self.ways.asked(self.need, step, agreed),
            "agreed": list(agreed),
            "asked_at": at if self.need.policy is not None else None,
            "asked_until": self.ways.until(self.need, at),
        }

    def has_a_word(self, actor: Actor) -> bool:
        """May the actor say no to it, or take back what a rule said?"""
        people = [*self.need.people(), *self.asked] if self.need.people() else []
        mine = set(asked.voices(actor)) | {asked.hand(actor)}
        return not people or bool(mine & {*people, *self.agreed})


class SecondLook(Refusal):
    """Something in the document asks for a second look, and whoever approves has not said that it was taken."""

    def __init__(self, kinds: Collection[str]) -> None:
        self.kinds = [kind for kind in Kind.values if kind in kinds]
        words = ", ".join(str(Kind(kind).label) for kind in self.kinds)
        text = _("This document needs a second look before it is approved: %(what)s. Open it and confirm.")
        super().__init__(text % {"what": words})


@action(Can.DOCUMENT_DECIDE)
def decide(
    actor: Actor,
    document: Document,
    *,
    verdict: str,
    reason: str = "",
    note: str = "",
    confirmed: Collection[str] = (),
    at: datetime | None = None,
    rule: Rule | None = None,
) -> Decision:
    """Record the company's word. Under a hard gate only a yes lets the firm see the document.

    A document with alerts is approved only when `confirmed` names the kind of each. The first yes of two
    leaves the document waiting: the decision says `AGREED`. With `rule`, it is the rule that says yes, in
    the name of its maker.
    """
    note = note.replace("\0", "").strip()
    if verdict == Verdict.DISPUTED:
        if reason not in Reason.values:
            raise ReasonMissing
        if reason == Reason.OTHER and not note:
            raise NoteMissing
    if document.booking == Booking.BOOKED:
        raise AlreadyBooked
    at = at or timezone.now()
    gate = hold([document.company_id])[document.company_id]
    table = _Table.of(document)
    if table.row.booking == Booking.BOOKED:
        raise AlreadyBooked
    to, among = MOVES[verdict]
    step, whose, columns = 1, None, dict(NOBODY)
    if verdict == Verdict.APPROVED:
        _second_look(actor, document, table.row.alerts, confirmed, at)
    if verdict == Verdict.APPROVED and table.row.approval in among:
        whose = table.whose(actor, rule)
        step = table.step
        if table.need.two and step == 1:
            verdict, to = Verdict.AGREED, Approval.TO_APPROVE
            hand = rule.made_by_id if rule is not None else asked.hand(actor)
            agreed = list(dict.fromkeys(each for each in (hand, whose) if each))
            columns = table.waiting(2, agreed, at)
    elif verdict == Verdict.DISPUTED and table.row.approval in among and not table.has_a_word(actor):
        raise NotAsked
    elif verdict == Verdict.UNDONE:
        step, columns, among = _taken_back(actor, table, at)
    yes = verdict == Verdict.APPROVED
    move(
        document,
        "approval",
        to,
        among=among,
        approval_at=at if to != Approval.TO_APPROVE else None,
        open_to_firm=yes or gate != Gate.HARD,
        by_rule=rule is not None and yes,
        **columns,
    )
    if gate == Gate.HARD:
        twins.follow(document.company_id)
    absent = None
    if rule is None and whose and whose != asked.hand(actor):
        absent = Member.objects.get(pk=whose)
    decision = Decision.objects.create(
        firm_id=document.firm_id,
        company_id=document.company_id,
        document=document,
        verdict=verdict,
        reason=reason if verdict == Verdict.DISPUTED else "",
        note=note,
        by=actor.member,
        by_name=rule.name if rule is not None else actor.name,
        step=step,
        instead_of=absent,
        instead_of_name=str(absent or ""),
        rule=rule,
        rule_by=rule.made_by_name if rule is not None else "",
        at=at,
        device=actor.device,
        on_sha256=document.data_sha256,
    )
    data: dict[str, Any] = {"reason": decision.reason, "note": note, "sha256": document.data_sha256}
    if table.need.two or step > 1:
        data["step"] = step
    if absent is not None:
        data |= {"for": absent.pk, "for_name": str(absent)}
    if rule is not None:
        data |= {"rule": rule.pk, "rule_name": rule.name, "rule_by": rule.made_by_name}
    about: dict[str, Any] = {"company_id": document.company_id, "document_id": document.pk, "at": at}
    trail.record(actor, verdict, data=data, **about)
    if verdict == Verdict.AGREED:
        trail.record(actor, "approval-asked", data={"members": columns["asked"], "step": 2}, **about)
    return decision


def _taken_back(actor: Actor, table: _Table, at: datetime) -> tuple[int, dict[str, Any], tuple[Approval, ...]]:
    """Which step is taken back, what the document then waits for, and from which states that is possible."""
    row = table.row
    me = asked.hand(actor)
    among = MOVES[Verdict.UNDONE][1]
    if row.approval == Approval.TO_APPROVE and table.step == 2:
        if me not in table.agreed:
            raise NotYours
        return 1, table.waiting(1, [], at), (Approval.TO_APPROVE,)
    if row.approval == Approval.DISPUTED and not table.has_a_word(actor):
        raise NotYours
    given = queries.standing(row) if row.approval == Approval.APPROVED else []
    if given and given[-1].step == 2:
        first, second = given[0], given[-1]
        if me in (second.by_id, second.instead_of_id):
            who = [first.rule.made_by_id] if first.rule is not None else [first.by_id, first.instead_of_id]
            agreed = [each for each in who if each] if table.need.two else []
            step = 2 if table.need.two else 1
            return step, table.waiting(step, agreed, at), among
        if me not in (first.by_id, first.instead_of_id):
            raise NotYours
    elif given and table.need.policy is not None and given[0].rule_id is None:
        if me not in (given[0].by_id, given[0].instead_of_id) and not (actor.kind == "api" and given[0].by_id is None):
            raise NotYours
    elif given and not table.has_a_word(actor):
        raise NotYours
    return 1, table.waiting(1, [], at), among


# -- whom documents wait for ---------------------------------------------------------------------------------------


@action(Can.DOCUMENT_UPLOAD)
def ask(actor: Actor, documents: Iterable[Document], *, at: datetime | None = None) -> None:
    """Ask for the approval of new documents, as the policies of their companies say. Within `hold`.

    Where a company has no policy, nothing is written: anybody who may decide is asked.
    """
    at = at or timezone.now()
    ways: dict[int, Ways] = {}
    groups: dict[tuple[Any, ...], list[Document]] = {}
    deeds = []
    for document in documents:
        if document.approval != Approval.TO_APPROVE:
            continue
        if document.company_id not in ways:
            ways[document.company_id] = Ways(document.company)
        way = ways[document.company_id]
        need = way.need(document)
        if need.policy is None:
            continue
        document.policy, document.asked = need.policy, need.first
        document.asked_at, document.asked_until = at, way.until(need, at)
        groups.setdefault((need.policy, tuple(need.first), document.asked_until), []).append(document)
        deeds.append(
            trail.deed(
                actor,
                "approval-asked",
                company_id=document.company_id,
                document_id=document.pk,
                data={"members": need.first or list(way.deciders), "step": 1},
                at=at,
            )
        )
    for (policy, people, until), those in groups.items():
        Document.objects.filter(pk__in=[each.pk for each in those]).update(
            policy=policy, asked=list(people), asked_at=at, asked_until=until
        )
    if deeds:
        trail.record_all(deeds)


@action(Can.DOCUMENT_READ)
def ask_again(actor: Actor, documents: Iterable[Document], *, changed: int | None = None) -> int:
    """Ask anew where the policies say something else than was asked: after a policy, a role or a tag changed.

    A first yes that was given stays, where two are still asked. `changed` is a policy that was rewritten:
    what follows it begins again, deadline included. Gives how many documents wait for others now.
    """
    at = timezone.now()
    pks = [each.pk for each in documents]
    done = 0
    ways: dict[int, Ways] = {}
    for start in range(0, len(pks), 1000):
        rows = Document.objects.filter(pk__in=pks[start : start + 1000], approval=Approval.TO_APPROVE)
        rows = rows.select_related("company").defer("invoice", "findings", "signers", "words")
        groups: dict[tuple[Any, ...], list[int]] = {}
        deeds = []
        for row in rows.select_for_update(of=("self",)).order_by("pk"):
            if row.company_id not in ways:
                ways[row.company_id] = Ways(row.company)
            way = ways[row.company_id]
            need = way.need(row)
            step = 2 if row.step == 2 and need.two else 1
            agreed = tuple(row.agreed) if step == 2 else ()
            whom = way.asked(need, step, agreed)
            if changed is None or changed != need.policy:
                escalated = need.days is not None and row.asked_until is None and set(row.asked) <= set(way.deciders)
                as_asked = whom == row.asked or (escalated and bool(whom) and set(whom) <= set(row.asked))
                if (row.policy, row.step) == (need.policy, step) and as_asked:
                    continue
            until = way.until(need, at)
            groups.setdefault((need.policy, step, tuple(whom), agreed, until), []).append(row.pk)
            if set(whom) != set(row.asked) or step != row.step:
                deeds.append(
                    trail.deed(
                        actor,
                        "approval-asked",
                        company_id=row.company_id,
                        document_id=row.pk,
                        data={"members": whom or [each for each in way.deciders if each not in agreed], "step": step},
                        at=at,
                    )
                )
        for (policy, step, people, gave, until), those in groups.items():
            done += Document.objects.filter(pk__in=those).update(
                policy=policy,
                step=step,
                asked=list(people),
                agreed=list(gave),
                asked_at=at if policy is not None else None,
                asked_until=until,
            )
        if deeds:
            trail.record_all(deeds)
    return done


@action(Can.DOCUMENT_READ)
def ask_all_again(actor: Actor, company: int, *, changed: int | None = None) -> int:
    """The same for all that waits in a company, also for what the actor does not see."""
    with whole():
        waiting = Document.objects.filter(company=company, approval=Approval.TO_APPROVE, booking=Booking.TO_BOOK)
        return ask_again(actor, list(waiting.only("pk")), changed=changed)


@action(Can.DOCUMENT_DECIDE)
def escalate(actor: Actor, document: Document) -> bool:
    """Ask others as well, the deadline having passed. Once: whoever comes second finds it done."""
    table = _Table.of(document)
    row = table.row
    if row.asked_until is None or not asked.waits(row) or row.asked_until >= table.ways.today():
        return False
    more = table.ways.escalated(table.need, row.agreed)
    whom = list(dict.fromkeys([*row.asked, *more])) if row.asked else []
    Document.objects.filter(pk=row.pk).update(asked=whom, asked_until=None)
    trail.record(
        actor,
        "approval-escalated",
        company_id=row.company_id,
        document_id=row.pk,
        data={"members": more, "days": table.need.days or 0},
    )
    return True


# -- policies ------------------------------------------------------------------------------------------------------


class OnePersonOnly(Refusal):
    """Two yeses need two people."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Two people must be able to decide here before two can be asked. Let somebody in first."))


@action(Can.COMPANY_MANAGE)
def add_policy(actor: Actor, company: Company, /, **fields: Any) -> Policy:
    """Write a sentence of how the company approves, after those that are there; the general one stays last.

    The fields are those of `Policy`. It holds at once, for what is not decided yet as well.
    """
    _hold(company)
    last = Policy.objects.filter(company=company).aggregate(last=Max("position"))["last"] or 0
    policy = Policy(firm_id=company.firm_id, company=company, position=last + 1, **_sound(company, fields))
    policy.save(force_insert=True)
    _sort(company)
    _policies_changed(actor, company, "policy-added", policy, changed=policy.pk)
    return policy


@action(Can.COMPANY_MANAGE)
def change_policy(actor: Actor, policy: Policy, /, **fields: Any) -> None:
    """Rewrite a sentence. What was agreed stays agreed."""
    company = policy.company
    _hold(company)
    for name, value in _sound(company, fields).items():
        setattr(policy, name, value)
    policy.save()
    _sort(company)
    _policies_changed(actor, company, "policy-changed", policy, changed=policy.pk)


@action(Can.COMPANY_MANAGE)
def remove_policy(actor: Actor, policy: Policy) -> None:
    """Take a sentence away."""
    company, pk = policy.company, policy.pk
    _hold(company)
    policy.delete()
    policy.pk = pk
    _policies_changed(actor, company, "policy-removed", policy, changed=None)


def _hold(company: Company) -> None:
    """Nothing arrives or is decided in the company until the policies and what they ask for agree again."""
    list(Company.objects.select_for_update().filter(pk=company.pk))


def _sort(company: Company) -> None:
    """The narrower sentence is looked at first: supplier, then tag, then direction, then all documents."""
    rows = list(Policy.objects.filter(company=company))
    rows.sort(key=lambda each: (not each.party_id, not each.tag, not each.direction, each.position, each.pk))
    for position, row in enumerate(rows, 1):
        if row.position != position:
            Policy.objects.filter(pk=row.pk).update(position=position)


def _sound(company: Company, fields: dict[str, Any]) -> dict[str, Any]:
    deciders = set(Ways(company).deciders)
    found = dict(fields)
    for name in ("people", "second_people"):
        found[name] = sorted(set(found.get(name) or ()) & deciders)
    first, second = set(found["people"]) or deciders, set(found["second_people"]) or deciders
    if found.get("second_from") is not None and len(first | second) < 2:
        raise OnePersonOnly
    if found.get("second_from") is None:
        found["second_people"] = []
    return found


def _policies_changed(actor: Actor, company: Company, verb: str, policy: Policy, *, changed: int | None) -> None:
    data = {
        "policy": policy.pk,
        "direction": policy.direction,
        "party_id": policy.party_id,
        "tag": policy.tag,
        "people": policy.people,
        "second_from": str(policy.second_from) if policy.second_from is not None else None,
        "second_people": policy.second_people,
        "days": policy.days,
        "escalate_to": policy.escalate_to_id,
    }
    trail.record(actor, verb, company_id=company.pk, data=data)
    ask_all_again(actor, company.pk, changed=changed)


# -- rules ---------------------------------------------------------------------------------------------------------


class NotTried(Refusal):
    """First look what it would have done."""

    def __init__(self) -> None:
        super().__init__(_("Try the rule on the last 90 days first, as it is written now."))


@action(Can.RULE_MANAGE)
def add_rule(actor: Actor, company: Company, /, **fields: Any) -> Rule:
    """Write a rule, switched off; its maker answers for what it approves."""
    assert actor.member is not None  # noqa: S101 - only people have the permission in a company
    rule = Rule(
        firm_id=company.firm_id,
        company=company,
        made_by=actor.member,
        made_by_name=actor.name,
        made_at=timezone.now(),
        **fields,
    )
    rule.save(force_insert=True)
    _rule_deed(actor, "rule-made", rule)
    return rule


@action(Can.RULE_MANAGE)
def change_rule(actor: Actor, rule: Rule, /, **fields: Any) -> None:
    """Rewrite a rule: it is switched off until it is tried again, and answered for by whoever changed it."""
    assert actor.member is not None  # noqa: S101 - as above
    for name, value in fields.items():
        setattr(rule, name, value)
    rule.active, rule.tried_at, rule.tried_as = False, None, ""
    rule.made_by, rule.made_by_name, rule.made_at = actor.member, actor.name, timezone.now()
    rule.save()
    _rule_deed(actor, "rule-changed", rule)


@action(Can.RULE_MANAGE)
def note_trial(actor: Actor, rule: Rule, *, found: int, disputed: int, total: Decimal) -> None:
    """Remember that the rule was tried as it stands, and what came out."""
    rule.tried_at, rule.tried_as = timezone.now(), queries.fingerprint(rule)
    rule.save(update_fields=["tried_at", "tried_as"])
    _rule_deed(actor, "rule-tried", rule, found=found, disputed=disputed, total=str(total))


@action(Can.RULE_MANAGE)
def switch_on(actor: Actor, rule: Rule) -> None:
    """Let the rule approve what arrives from now on. Its maker is then whoever switched it on."""
    assert actor.member is not None  # noqa: S101 - as above
    if rule.removed_at is not None or rule.tried_as != queries.fingerprint(rule):
        raise NotTried
    rule.active, rule.switched_on_at = True, timezone.now()
    rule.made_by, rule.made_by_name = actor.member, actor.name
    rule.save(update_fields=["active", "switched_on_at", "made_by", "made_by_name"])
    _rule_deed(actor, "rule-switched-on", rule)


@action(Can.RULE_MANAGE)
def switch_off(actor: Actor, rule: Rule, *, why: str = "") -> None:
    """Let people decide again."""
    if Rule.objects.filter(pk=rule.pk, active=True).update(active=False):
        _rule_deed(actor, "rule-switched-off", rule, why=why)
    rule.active = False


@action(Can.RULE_MANAGE)
def remove_rule(actor: Actor, rule: Rule) -> None:
    """Take a rule out of the list. What it decided keeps its name."""
    rule.active, rule.removed_at = False, timezone.now()
    rule.save(update_fields=["active", "removed_at"])
    _rule_deed(actor, "rule-removed", rule)


@action(Can.RULE_MANAGE)
def note_deviation(actor: Actor, rule: Rule, *, document: Document, why: str, at: datetime) -> None:
    """Remember the last document of the rule's supplier that it left to people. No deed: nothing was decided."""
    Rule.objects.filter(pk=rule.pk).update(deviation=why, deviation_at=at, deviation_document_id=document.pk)


def _rule_deed(actor: Actor, verb: str, rule: Rule, **more: Any) -> None:
    data = {
        "rule": rule.pk,
        "name": rule.name,
        "party_id": rule.party_id,
        "amount_min": str(rule.amount_min),
        "amount_max": str(rule.amount_max),
        "same_account": rule.same_account,
        "direction": rule.direction,
        "tag": rule.tag,
    }
    trail.record(actor, verb, company_id=rule.company_id, data=data | more)


# -- the second look ------------------------------------------------------------------------------------------------


def _second_look(
    actor: Actor, document: Document, raised: Collection[str], confirmed: Collection[str], at: datetime
) -> None:
    """Refuse while an alert is not confirmed. `raised` are those of the locked row: one may have come since."""
    missing = set(raised) - set(confirmed)
    if missing:
        raise SecondLook(missing)
    if raised:
        alerts.settle(actor, document, raised, "", at)


@action(Can.DOCUMENT_DECIDE)
def confirm(
    actor: Actor, document: Document, *, kinds: Collection[str], note: str = "", at: datetime | None = None
) -> list[Alert]:
    """Say of some of a document's alerts that somebody looked and it is right; a new account is trusted from now on."""
    return alerts.settle(actor, document, kinds, note, at or timezone.now())


@action(Can.DOCUMENT_BOOK)
def check(
    actor: Actor, document: Document, *, kinds: Collection[str], note: str = "", at: datetime | None = None
) -> list[Alert]:
    """The same by the firm, where the company is not asked for its approval."""
    if document.approval != Approval.NOT_REQUIRED:
        raise NotAllowed(Can.DOCUMENT_DECIDE)
    return alerts.settle(actor, document, kinds, note, at or timezone.now())

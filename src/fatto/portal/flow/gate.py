"""A company's gate: changing it, and what that opens and closes."""

from __future__ import annotations

from fatto.portal.approvals import actions as approvals
from fatto.portal.approvals import twins
from fatto.portal.documents.models import Direction, Document
from fatto.portal.documents.states import Approval, Booking
from fatto.portal.tenancy.action import action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company, Gate
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import whole


@action(Can.COMPANY_MANAGE, verb="gate-changed")
def set_gate(actor: Actor, company: Company, *, gate: str) -> None:
    """Change whether approval is asked, for what is not booked yet as well. Decisions stay."""
    Company.objects.filter(pk=company.pk).update(gate=Gate(gate))
    company.gate = Gate(gate)
    with whole():
        unbooked = Document.objects.filter(company=company, booking=Booking.TO_BOOK).exclude(direction=Direction.ISSUED)
        if gate == Gate.NONE:
            unbooked.filter(approval=Approval.TO_APPROVE).update(approval=Approval.NOT_REQUIRED)
        else:
            unbooked.filter(approval=Approval.NOT_REQUIRED).update(approval=Approval.TO_APPROVE)
        closed = unbooked.filter(approval__in=[Approval.TO_APPROVE, Approval.DISPUTED])
        closed.update(open_to_firm=gate != Gate.HARD)
        unbooked.filter(approval__in=[Approval.APPROVED, Approval.NOT_REQUIRED]).update(open_to_firm=True)
        approvals.ask_again(actor, list(unbooked.filter(approval=Approval.TO_APPROVE).only("pk")))
    twins.follow(company.pk)

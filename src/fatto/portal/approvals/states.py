"""The moves of a document's approval. Nothing moves once the document is booked."""

from fatto.portal.approvals.models import Verdict
from fatto.portal.documents.states import Approval

MOVES: dict[str, tuple[Approval, tuple[Approval, ...]]] = {
    Verdict.APPROVED: (Approval.APPROVED, (Approval.TO_APPROVE, Approval.DISPUTED)),
    Verdict.DISPUTED: (Approval.DISPUTED, (Approval.TO_APPROVE, Approval.APPROVED)),
    Verdict.AGREED: (Approval.TO_APPROVE, (Approval.TO_APPROVE, Approval.DISPUTED)),
    Verdict.UNDONE: (Approval.TO_APPROVE, (Approval.APPROVED, Approval.DISPUTED)),
}
"""Verdict → the state it leads to, and the states it may come from."""

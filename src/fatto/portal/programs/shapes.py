"""Documents as programs see them: the same in answers of the API and in what webhooks send."""

from __future__ import annotations

from typing import Any

from fatto.portal.documents.models import Document


def document(row: Document) -> dict[str, Any]:
    """What lists and webhooks say of a document. Inside a scope; amounts are texts, so that nothing rounds them."""
    return {
        "id": row.pk,
        "company": row.company.slug,
        "direction": row.direction,
        "number": row.number,
        "type_code": row.type_code,
        "issue_date": row.issue_date.isoformat() if row.issue_date else None,
        "due_date": row.due_date.isoformat() if row.due_date else None,
        "hand_in_by": row.hand_in_by.isoformat() if row.hand_in_by else None,
        "party": {"name": row.party_name, "tax_id": row.party_id},
        "amount": str(row.amount) if row.amount is not None else None,
        "currency": row.currency,
        "credit": row.credit,
        "transmission": row.transmission,
        "approval": row.approval,
        "booking": row.booking,
        "alerts": list(row.alerts),
        "settlement": row.settlement,
        "file_name": row.name,
        "format": row.format,
        "sha256_read": row.data_sha256,
        "tags": list(row.tags),
        "cost_center": row.cost_center,
        "question": row.question,
        "comments": row.comments,
        "channel": row.channel,
        "received_at": row.received_at.isoformat(),
        "decided_at": row.approval_at.isoformat() if row.approval_at else None,
        "booked_at": row.booked_at.isoformat() if row.booked_at else None,
    }

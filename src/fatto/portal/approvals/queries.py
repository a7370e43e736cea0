"""What was decided."""

from __future__ import annotations

from fatto.portal.approvals.models import Decision
from fatto.portal.documents.models import Document


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

"""The trail: who did what to which document. Append-only; shown as a document's timeline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Deed


def deed(
    actor: Actor,
    verb: str,
    *,
    company_id: int | None = None,
    document_id: int | None = None,
    data: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> Deed:
    """One row of the trail, not yet written: for bulk writing."""
    return Deed(
        firm_id=actor.firm.pk,
        company_id=company_id,
        document_id=document_id,
        verb=verb,
        by=actor.member,
        by_name=actor.name,
        by_kind=actor.kind,
        side=actor.side,
        data=data or {},
        at=at or timezone.now(),
    )


def record(actor: Actor, verb: str, **fields: Any) -> None:
    """Write one row of the trail; the fields are those of `deed`."""
    deed(actor, verb, **fields).save(force_insert=True)


def record_all(deeds: Iterable[Deed]) -> None:
    """Write many rows at once."""
    Deed.objects.bulk_create(deeds)


def of_document(company_id: int, document_id: int) -> list[Deed]:
    """The timeline of a document, oldest first."""
    return list(Deed.objects.filter(company_id=company_id, document_id=document_id).select_related("by").order_by("id"))

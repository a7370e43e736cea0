"""The trail: who did what to which document. Append-only; shown as a document's timeline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from procrastinate.contrib.django import app

from fatto.portal.tenancy import scope
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
    row = deed(actor, verb, **fields)
    row.save(force_insert=True)
    _tell([row])


def record_all(deeds: Iterable[Deed]) -> None:
    """Write many rows at once."""
    _tell(Deed.objects.bulk_create(deeds))


TOLD = frozenset({"arrived", "approved", "disputed", "booked", "commented", "question-asked", "question-answered"})
"""Deeds that programs can be told of."""


def _tell(deeds: list[Deed]) -> None:
    """Queue the news for programs, in the transaction of the deed itself: told if it happened, and only then."""
    actor = scope.current()
    numbers: list[Any] = [each.pk for each in deeds if each.verb in TOLD and each.document_id is not None]
    if actor is not None and actor.firm.hooked and numbers:
        # By its name: who is told is known further up.
        app.configure_task("fatto.tell_webhooks", queue="tell").defer(firm=actor.firm.pk, deeds=numbers)


def of_document(company_id: int, document_id: int) -> list[Deed]:
    """The timeline of a document, oldest first."""
    return list(Deed.objects.filter(company_id=company_id, document_id=document_id).select_related("by").order_by("id"))

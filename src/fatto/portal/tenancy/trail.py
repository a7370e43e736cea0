"""The trail: who did what to which document. Append-only; shown as a document's timeline."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from procrastinate.contrib.django import app

from fatto.portal.tenancy import scope
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Deed, Firm


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


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody further up who is told of deeds: by a job that is known here by its name alone."""

    job: str
    """Takes `firm` and `deeds`, the numbers of both."""
    verbs: frozenset[str]
    wanted: Callable[[Firm], bool]
    in_turn: bool
    """One job of a firm at a time, in the order of the deeds."""


_listeners: dict[str, Listener] = {}


def listen(
    job: str, verbs: Iterable[str], *, wanted: Callable[[Firm], bool] = lambda firm: True, in_turn: bool = False
) -> None:
    """Have a job queued for deeds with these verbs, in firms where it is wanted. Apps call it once, when loaded."""
    _listeners[job] = Listener(job, frozenset(verbs), wanted, in_turn)


def _tell(deeds: list[Deed]) -> None:
    """Queue the news for whoever listens, in the transaction of the deed itself: told if it happened, and only then."""
    actor = scope.current()
    if actor is None:
        return
    firm = actor.firm
    for each in _listeners.values():
        numbers: list[Any] = [deed.pk for deed in deeds if deed.verb in each.verbs]
        if numbers and each.wanted(firm):
            lock = f"{each.job}-{firm.pk}" if each.in_turn else None
            app.configure_task(each.job, queue="tell", lock=lock).defer(firm=firm.pk, deeds=numbers)


def of_document(company_id: int, document_id: int) -> list[Deed]:
    """The timeline of a document, oldest first."""
    return list(Deed.objects.filter(company_id=company_id, document_id=document_id).select_related("by").order_by("id"))

"""What becomes of an alert when somebody took the second look; used by the actions around it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from fatto.portal.approvals.models import Account, Alert, Kind
from fatto.portal.documents.models import Document
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.scope import whole


def settle(actor: Actor, document: Document, kinds: Collection[str], note: str, at: datetime) -> list[Alert]:
    """Note who confirmed which kinds, in the trail as well; gives the alerts. A confirmed account is trusted."""
    note = note.replace("\0", "").strip()[:4000]
    rows = Alert.objects.filter(document=document, confirmed_at=None, kind__in=list(kinds))
    found = list(rows.select_for_update().order_by("id"))
    if not found:
        return []
    rows.filter(pk__in=[each.pk for each in found]).update(
        confirmed_at=at, by=actor.member, by_name=actor.name, note=note
    )
    left = Alert.objects.filter(document=document, confirmed_at=None).values_list("kind", flat=True)
    document.alerts = [kind for kind in Kind.values if kind in set(left)]
    Document.objects.filter(pk=document.pk).update(alerts=document.alerts)
    for each in found:
        if each.kind == Kind.IBAN:
            with whole():
                # By this document's supplier: its row in the history was written when the alert was raised.
                Account.objects.filter(
                    company_id=document.company_id,
                    supplier=each.values.get("supplier", ""),
                    account__in=each.values.get("new", []),
                    trusted_at=None,
                ).update(trusted_at=at, trusted_by=actor.name)
    trail.record(
        actor,
        "alert-confirmed",
        company_id=document.company_id,
        document_id=document.pk,
        data={"kinds": [kind for kind in Kind.values if kind in {each.kind for each in found}], "note": note},
        at=at,
    )
    return found

"""A connection and a box with something in it, without an authority."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from fatto.portal.documents.models import Document
from fatto.portal.exchange.models import Box, Connection, Day, Message, Receipt, Run
from fatto.portal.tenancy.actor import Actor, system
from fatto.portal.tenancy.scope import scope


def exchanged(owner: Actor, document: Document) -> dict[str, int]:
    """A connection of the owner's firm, and what lies in the box of a document's company: the numbers of each.

    Of October 2026 nothing is missing.
    """
    now = timezone.now()
    with scope(system(owner.firm)):
        way = Connection.objects.create(
            firm=owner.firm,
            channel="ro-spv",
            authorised_by=owner.member,
            authorised_name=str(owner.member),
            authorised_at=now,
        )
        mine = {"firm": owner.firm, "company": document.company}
        box = Box.objects.create(**mine, channel="ro-spv", tax_id="1", connection=way)
        run = Run.objects.create(**mine, box=box, state=Run.State.DONE, finished_at=now)
        told = Message.objects.create(
            **mine, box=box, number="1", kind="received", at=now, state="opened", file=document.file, document=document
        )
        proof = Receipt.objects.create(
            **mine, document=document, message=told, file=document.file, kind="sealed", name="1.zip", at=now
        )
        for number in range(31):
            Day.objects.create(**mine, box=box, date=date(2026, 10, 1 + number), looked_at=now)
    return {"connection": way.pk, "run": run.pk, "message": told.pk, "receipt": proof.pk}

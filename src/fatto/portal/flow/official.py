"""The authority's own PDF of an invoice: an extra beside ours, fetched on request; its failure harms nothing."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fatto import countries
from fatto.channels.channel import ChannelError
from fatto.portal.documents import queries, vault
from fatto.portal.documents.models import Document, File
from fatto.portal.exchange import sending, services
from fatto.portal.exchange.models import Receipt
from fatto.portal.tenancy.action import Refusal
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.scope import scope


class NotHad(Refusal):
    """The authority does not give it now."""

    status = 502

    def __init__(self, error: ChannelError | None = None) -> None:
        self.error = error
        super().__init__(
            _("The authority’s own PDF cannot be had now. Ours shows the same invoice; nothing else is affected.")
        )


def offered(document: Document) -> bool:
    """Does an authority make PDFs of such documents?"""
    return services.of_country(document.company.country) is not None and document.format.startswith("ubl")


def fetch(actor: Actor, document: Document, *, at: datetime | None = None) -> Receipt:
    """Ask the authority for its PDF and keep it with the document. Called outside a scope.

    Raises:
        NotHad: it refuses, is away, or gives something else
    """
    channel = services.of_country(document.company.country)
    content = queries.content(document)
    if channel is None or content.reading is None:
        raise NotHad
    try:
        invoice = content.reading.invoice
        # As its seller would send it: what was received is printed too.
        ids = countries.find(document.company.country).party_ids(invoice.seller) or document.company.ids
        tax_id = "".join(char for char in next(iter(ids), "") if char.isdigit())
        parcel = channel.prepare(content.enclosed.data, content.reading.format, invoice, tax_id)
        made = services.service(channel.code).paper(parcel.data, parcel.standard)
    except ChannelError as error:
        raise NotHad(error) from error
    if not made.startswith(b"%PDF-"):
        raise NotHad
    sha256 = vault.put(actor.firm.pk, made)
    with scope(actor):
        file, _new = File.objects.get_or_create(
            firm_id=document.firm_id, company_id=document.company_id, sha256=sha256, defaults={"size": len(made)}
        )
        name = f"{document.number or document.pk}.pdf"
        return sending.keep_paper(actor, document, file=file, name=name, at=at or timezone.now())

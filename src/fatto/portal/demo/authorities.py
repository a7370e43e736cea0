"""The demo's firms connected to the stand-ins for their authorities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from django.utils import timezone

from fatto.channels.channel import ChannelType, Training
from fatto.portal.documents import vault
from fatto.portal.documents.models import Document
from fatto.portal.exchange import actions, queries, services
from fatto.portal.exchange.models import Connection
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.models import Company, Firm, Membership
from fatto.portal.tenancy.permissions import Role
from fatto.portal.tenancy.scope import scope

MESSAGES = 24
"""Invented ones in each company's box."""


def connect(trainings: Mapping[str, Training], progress: Callable[[str], None]) -> None:
    """Connect the firms of a country with its stand-in, once, and put into it what the demo's companies have."""
    for firm in Firm.objects.order_by("pk"):
        channel = services.of_country(firm.country)
        if channel is None or channel.code not in trainings:
            continue
        with scope(actors.system(firm)):
            if Connection.objects.exists():
                continue
            owner = Membership.objects.filter(firm=firm, company=None, role=Role.FIRM_OWNER).select_related("member")
            member = owner[0].member
            companies = [each for each in Company.objects.order_by("name") if each.country == firm.country]
            documents = _recent(companies, channel)
        training = trainings[channel.code]
        training.fill({queries.tax_id(each): each.name for each in companies}, MESSAGES)
        for document in documents:
            _deliver(training, document)
        # Renewed at once: only so it is told until when the pair is good.
        tokens = services.service(channel.code).refresh(training.tokens().refresh)
        actor = actors.in_firm(member, firm.slug)
        assert actor is not None  # noqa: S101 - the owner of its firm
        with scope(actor):
            connection = actions.connect(actor, channel=channel.code, tokens=tokens)
            actions.serve(actor, connection, companies=companies)
        progress(f"{firm.name}: connected to {training.url}, for training ({len(documents)} documents in its boxes)")


def _recent(companies: list[Company], channel: ChannelType) -> list[Document]:
    """Invoices of the last weeks, which an authority would have as well."""
    since = timezone.now() - (channel.keeps or timedelta(days=60)) + timedelta(days=5)
    rows = Document.objects.filter(
        company__in=companies, direction__in=["received", "issued"], issue_date__gte=since.date(), member="", index=0
    )
    return list(rows.select_related("company", "file").order_by("pk"))


def _deliver(training: Training, document: Document) -> None:
    """Its bytes into the box of its company, as the authority would have put them there."""
    own = queries.tax_id(document.company)
    data = vault.get(document.firm_id, document.file.sha256)
    parties = (own, "") if document.direction == "issued" else ("", own)
    at = min(document.received_at, timezone.now() - timedelta(minutes=5))
    training.receive(data, *parties, at=at)

"""Where a program is: its token, and the companies that it sees."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Router

from fatto.portal.api import schemas
from fatto.portal.api.auth import actor, entrance
from fatto.portal.documents import queries
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope

router = Router(tags=["spaces"])


@router.get("/token", response=schemas.Token)
def get_token(request: HttpRequest) -> Any:
    """The token in use: what it is good for, and its limits."""
    found = entrance(request)
    return {
        "name": found.token.name,
        "prefix": found.token.prefix,
        "side": found.token.side,
        "firm": found.actor.firm.slug,
        "company": found.actor.company.slug if found.actor.company else None,
        "scopes": found.token.scopes,
        "expires_at": found.token.expires_at,
        "requests_per_minute": settings.CONFIG.api_rate,
        "largest_upload": settings.CONFIG.api_megabytes * 1_000_000,
    }


@router.get("/companies", response=schemas.Companies)
def list_companies(request: HttpRequest) -> Any:
    """The companies that the token sees, with numbers of what waits there. A company's token sees its own."""
    with scope(actor(request, Can.DOCUMENT_READ)):
        return {
            "companies": [
                {
                    "slug": each.company.slug,
                    "name": each.company.name,
                    "country": each.company.country,
                    "currency": each.company.currency,
                    "vat_id": each.company.vat_id,
                    "tax_id": each.company.tax_id,
                    "gate": each.company.gate,
                    "to_approve": each.to_approve,
                    "disputed": each.disputed,
                    "to_book": each.to_book,
                }
                for each in queries.standings()
            ]
        }

"""How the firm of a page looks: its own when it published something, else the house's."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse

from fatto.portal.tenancy import brands
from fatto.portal.tenancy.brands import Look
from fatto.portal.tenancy.models import Firm
from fatto.portal.web import devices

register = template.Library()


@register.simple_tag(takes_context=True)
def brand_here(context: Context) -> Look | None:
    """The looks for the page: of the firm whose space it is, of the firm it speaks of, else of the one remembered.

    None where there is no firm, and for strangers when it published nothing.
    """
    request: HttpRequest | None = context.get("request")
    actor = getattr(request, "actor", None)
    if actor is not None:
        return brands.of(actor.firm)
    firm = context.get("firm")
    if isinstance(firm, Firm):
        return brands.of(firm)
    slug = devices.remembered(request) if request is not None else ""
    return brands.published(slug) if slug else None


@register.simple_tag(takes_context=True)
def brand_of(context: Context, firm: Firm | object) -> Look:
    """The looks of a letter: those handed in with it, else what its firm published, or the house's own."""
    look: Look | None = context.get("brand") or None
    if look is not None:
        return look
    return brands.of(firm) if isinstance(firm, Firm) else brands.look(Firm(name="Fatto"), None)


@register.simple_tag
def brand_url(look: Look, what: str, whole: bool = False) -> str:
    """The address of something of the looks: `style.css`, `logo.png`, `icon-192.png`, `manifest.webmanifest` …"""
    path = reverse("brand-resource", kwargs={"of": look.slug, "code": look.code, "what": what})
    return f"{settings.URL.rstrip('/')}{path}" if whole else path


@register.filter
def extent(picture: Any, high: int) -> int:
    """How wide a picture is at so many pixels of height."""
    return max(1, round(int(picture.width) * high / int(picture.height)))


@register.filter
def get(table: dict[str, str], key: str) -> str:
    """What a table has under a name that templates cannot write, such as `logo.png`."""
    return table[key]


@register.simple_tag(takes_context=True)
def reader_here(context: Context) -> str:
    """The key under which the browser keeps what this person opened; empty for nobody."""
    request = context.get("request")
    key = devices.reader(request) if request is not None else devices.NOBODY
    return "" if key == devices.NOBODY else key

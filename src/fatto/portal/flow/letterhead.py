"""Whose letter it is: the head of what is printed in a firm's name, as the firm published it."""

from __future__ import annotations

from fatto.portal.tenancy import brands, pictures
from fatto.portal.tenancy.brands import Look
from fatto.portal.tenancy.models import Firm
from fatto.render.letter import Head


def of(firm: Firm) -> Head | None:
    """The head of a firm's letters; None when it published nothing of its own."""
    look = brands.of(firm)
    return head(look) if look.branded else None


def head(look: Look) -> Head:
    """A head that looks so."""
    logo = brands.picture(look, pictures.Use.LOGO)
    return Head(
        name=look.name, accent=look.accent, logo=tuple(pictures.scaled(logo, (600, 160))) if logo is not None else ()
    )

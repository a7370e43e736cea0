"""An invoice as a page for people: HTML and PDF that say the same."""

from __future__ import annotations

from fatto.country import Country
from fatto.envelopes.enclosed import Enclosed
from fatto.formats.format import Reading
from fatto.render import page, paper
from fatto.render.page import CSS, Link
from fatto.render.sheet import Sheet, compose

__all__ = ["CSS", "Link", "Sheet", "compose", "html", "pdf"]


def html(
    reading: Reading,
    enclosed: Enclosed | None,
    language: str,
    *,
    country: Country | None = None,
    standalone: bool = True,
    link: Link | None = None,
) -> str:
    """An invoice as HTML in a language (`it`, `ro`, `en`).

    Standalone it is a whole document with its style; else `<article class="sheet">` for a page that
    has `CSS`. `link` gives the address of an attachment by its index; without it none is linked.
    """
    sheet = compose(reading, enclosed, language, country)
    return page.document(sheet) if standalone else page.fragment(sheet, link=link)


def pdf(
    reading: Reading,
    enclosed: Enclosed | None,
    language: str,
    *,
    country: Country | None = None,
    archive: bool = False,
) -> bytes:
    """An invoice as PDF in a language; the same input gives the same bytes.

    With `archive` it is PDF/A-3b and carries `enclosed.file`, the document as received, as an attachment.
    """
    if archive and enclosed is None:
        raise ValueError("an archive copy needs the enclosed file")
    sheet = compose(reading, enclosed, language, country)
    return paper.pdf(sheet, original=enclosed if archive else None)

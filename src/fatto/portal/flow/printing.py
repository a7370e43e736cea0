"""Documents as PDF, within what the machine can bear.

Setting a page takes memory for all of its lines at once, about 50 KB each: one long invoice that several
people open at the same time must not take the server down.
"""

from __future__ import annotations

import threading

from django.utils.translation import ngettext_lazy

from fatto import countries, render
from fatto.portal.documents.queries import Content
from fatto.portal.tenancy.action import Refusal

MOST = 10_000
"""Lines of an invoice that is made into a PDF."""
LONG = 1_000
"""From so many lines on, one at a time is set in each process."""
_one_at_a_time = threading.Lock()


class TooLong(Refusal):
    """The invoice is too long for paper."""

    def __init__(self, lines: int) -> None:
        text = ngettext_lazy(
            "This invoice has %(lines)s line, too many for a PDF. The readable page and the original show them all.",
            "This invoice has %(lines)s lines, too many for a PDF. The readable page and the original show them all.",
            lines,
        )
        super().__init__(text % {"lines": lines})


def printable(content: Content) -> bool:
    """Can what was read be made into a PDF?"""
    return content.reading is not None and len(content.reading.invoice.lines) <= MOST


def pdf(content: Content, language: str, *, archive: bool = False) -> bytes:
    """What was read as a PDF in a language; `TooLong` when it has too many lines."""
    assert content.reading is not None  # noqa: S101 - asked only for what was read
    lines = len(content.reading.invoice.lines)
    if lines > MOST:
        raise TooLong(lines)
    country = countries.of(content.reading.invoice)
    if lines < LONG:
        return render.pdf(content.reading, content.enclosed, language, country=country, archive=archive)
    with _one_at_a_time:
        return render.pdf(content.reading, content.enclosed, language, country=country, archive=archive)

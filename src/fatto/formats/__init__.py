"""Bytes ↔ invoice. `read` finds the format of a file among those offered and reads it.

The formats of the whole world (UBL, CII) are `international()`; those of one country belong to its
pack and come in as an argument, so that this package knows no country.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Protocol

import msgspec

from fatto.errors import FattoError, Unreadable
from fatto.formats import repair, xml
from fatto.formats.format import Element, Format, Notice, Reading, find
from fatto.i18n import _
from fatto.rules.finding import Finding

__all__ = ["Format", "Notice", "Reading", "attachment", "international", "read"]


class Opened(Protocol):
    """What `read` needs of a file that came out of an envelope (`fatto.envelopes.Enclosed`)."""

    @property
    def data(self) -> bytes: ...
    @property
    def kind(self) -> str: ...
    @property
    def error(self) -> FattoError | None: ...


@cache
def international() -> tuple[Format, ...]:
    """UBL invoice and credit note, CII: the syntaxes of EN 16931, which belong to no country."""
    found: list[Format] = []
    for name in ("ubl", "cii"):
        found += import_module(f"{__name__}.{name}").FORMATS
    return tuple(found)


def read(enclosed: Opened, among: Iterable[Format], notices: Iterable[Notice] = ()) -> tuple[Reading, ...]:
    """The invoices of a file: one, or several when it carries a lot.

    Raises `Unreadable` when there is none, with one of the codes of `xml.parse` or `not-an-invoice`
    (a known official message; `what` says which), `unknown-format` (XML of another kind),
    `pdf-without-invoice`, `image`, `no-invoice` (the root is right and holds nothing).
    What could not be opened raises the error that opening recorded.
    What is wrong within an invoice is in the findings of its reading.
    """
    root, repairs, syntax = _recognised(enclosed, among, notices)
    readings = tuple(syntax.read(root))
    if not readings:
        raise Unreadable("no-invoice", _("The file is a {format} file without any invoice in it."), format=syntax.title)
    if repairs:
        return tuple(msgspec.structs.replace(each, findings=(*repairs, *each.findings)) for each in readings)
    return readings


def attachment(enclosed: Opened, among: Iterable[Format], invoice: int, index: int) -> bytes | None:
    """The decoded content of an attachment: by the invoice's index in the file and `Attachment.index`.

    None when the attachment is only a link or cannot be decoded. Raises as `read`.
    """
    root, _repairs, syntax = _recognised(enclosed, among, ())
    return syntax.attachment(root, invoice, index)


def _recognised(
    enclosed: Opened, among: Iterable[Format], notices: Iterable[Notice]
) -> tuple[Element, tuple[Finding, ...], Format]:
    if enclosed.error is not None:
        raise enclosed.error
    if enclosed.kind == "pdf":
        raise Unreadable(
            "pdf-without-invoice", _("The PDF carries no electronic invoice inside; it is only a picture of one.")
        )
    if enclosed.kind == "image":
        raise Unreadable("image", _("The file is a picture, not an electronic invoice."))
    root, repairs = xml.parse(enclosed.data)
    # Notices first: a seal of ANAF's test environment is a copy of the invoice with the signature inside.
    for notice in notices:
        if notice.recognise(root):
            raise Unreadable(
                "not-an-invoice", _("This is no invoice but {what}."), what=notice.what, notice=notice.code
            )
    syntax = find(root, among)
    if syntax is not None:
        return root, repairs, syntax
    raise Unreadable(
        "unknown-format",
        _("The file is XML, but no invoice: its outermost element is {root}."),
        root=repair.shorten(xml.local(root), 100),
    )

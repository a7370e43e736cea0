"""What a format is, and finding the format of a document among those offered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lxml import etree
from msgspec import Struct

from fatto.invoice.model import Invoice
from fatto.rules.finding import Finding

Element = etree._Element


class Reading(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One invoice read from a file; a lot gives several, told apart by `index` (from 0)."""

    invoice: Invoice
    format: str
    index: int = 0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A syntax that invoices are written in.

    `recognise` looks at the root element only and must be cheap; it also accepts roots whose
    namespace is damaged or missing. `read` gives one Reading per invoice and never raises for what
    is wrong inside the document: that becomes findings. `attachment` decodes one attachment by its
    `Attachment.index` from the root (None when it is only a link).
    """

    name: str
    title: str
    recognise: Callable[[Element], bool]
    read: Callable[[Element], Iterator[Reading]]
    attachment: Callable[[Element, int, int], bytes | None]
    """(root, index of the invoice in the file, index of the attachment) → bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An official XML that is known and is no invoice: a receipt, a signature, a message.

    `what` says in English, marked for translation, what it is.
    """

    code: str
    what: str
    recognise: Callable[[Element], bool]


def find(root: Element, among: Iterable[Format]) -> Format | None:
    """The first format that knows this root."""
    return next((each for each in among if each.recognise(root)), None)

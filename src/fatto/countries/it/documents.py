"""Italian kinds of documents: what they are called, who issues them, which way they count."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from fatto.countries.it import identifiers
from fatto.countries.it.fatturapa import codes
from fatto.countries.it.fatturapa.parts import ItalianParts
from fatto.invoice.model import Invoice

_CREDIT_TYPES = frozenset({"381", "396", "261", "81", "83", "532"})


def parts_of(invoice: Invoice) -> ItalianParts | None:
    """The national parts; None for an Italian invoice in UBL or CII."""
    return invoice.parts if isinstance(invoice.parts, ItalianParts) else None


def kind_of(invoice: Invoice) -> str | None:
    """TipoDocumento."""
    parts = parts_of(invoice)
    return parts.document_type if parts else None


def self_issued(invoice: Invoice) -> bool:
    """Does a company send it about its own purchase or about itself?

    TD16 … TD23, TD27, TD28, TD29 always; TD26 when it is an internal transfer, seller and buyer
    being the same (a sale of assets to somebody else is an ordinary sale).
    """
    kind = kind_of(invoice)
    if kind in codes.SELF_ISSUED:
        return True
    if kind == "TD26":
        return not set(identifiers.of_party(invoice.seller)).isdisjoint(identifiers.of_party(invoice.buyer))
    return False


def line_vat(invoice: Invoice, position: int) -> str | None:
    """Natura, where a line has one: it stands in place of the rate (N2.2, N6.3 …)."""
    parts = parts_of(invoice)
    return parts.lines[position].nature if parts and position < len(parts.lines) else None


def credit(invoice: Invoice) -> bool:
    """Does it reduce what is owed? TD04, TD08; in UBL and CII the type code says so."""
    kind = kind_of(invoice)
    return kind in codes.CREDIT if kind else invoice.type_code in _CREDIT_TYPES


def type_name(invoice: Invoice) -> str | None:
    """The kind in national words, a marked text: `TD04 · credit note`."""
    return codes.label(codes.DOCUMENT_TYPES, kind_of(invoice))


def orders(invoice: Invoice) -> tuple[str, ...]:
    """Numbers of the orders (DatiOrdineAcquisto), of which an invoice may name several."""
    parts = parts_of(invoice)
    if parts is None:
        return tuple(filter(None, (invoice.purchase_order,)))
    return _each(reference.number for reference in parts.references if reference.kind == "order")


def despatches(invoice: Invoice) -> tuple[str, ...]:
    """Numbers of the delivery notes (DatiDDT)."""
    parts = parts_of(invoice)
    if parts is None:
        return tuple(filter(None, (invoice.despatch_advice,)))
    return _each(note.number for note in parts.delivery_notes)


def _each(numbers: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, numbers)))


def beside_total(invoice: Invoice) -> tuple[Decimal, ...] | None:
    """What ImportoTotaleDocumento holds or leaves out beside the riepiloghi, as it is met in real documents.

    SDI checks no arithmetic of the total: writers put the stamp duty in or not, and some write it less
    what is withheld or less split VAT. Discounts on the whole document stand in it and not in the
    riepiloghi; one in percent of an unwritten amount leaves nothing to check.
    """
    parts = parts_of(invoice)
    if parts is None:
        return ()
    if any(each.amount is None for each in parts.discounts):
        return None
    found = [
        each.amount or Decimal(0) if each.kind == "MG" else -(each.amount or Decimal(0)) for each in parts.discounts
    ]
    found += [-each.amount for each in parts.withholdings if each.amount]
    if parts.stamp_duty is not None:
        found.append(parts.stamp_duty.amount or _STAMP)
    split = [row.tax for row, extra in zip(invoice.vat_breakdown, parts.vat, strict=False) if extra.due == "S"]
    found += [-tax for tax in split if tax]
    return tuple(found)


_STAMP = Decimal("2.00")
"""Imposta di bollo on invoices without VAT (art. 13 of the tariff, DPR 642/1972)."""

"""What documents say of one another: by words of their own in the index of words, so that both ways are quick.

An invoice that refers to others (BG-3), to orders (BT-13) or to delivery notes (BT-16, a DDT in Italy) carries a
marked word for each number. A credit note finds its invoice by the number, and the invoice finds its credit notes by
the mark: one index serves, which row security allows, where an index of arrays would not be used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fatto import countries
from fatto.invoice.model import Invoice
from fatto.portal.documents import words

_INVOICE, _ORDER, _DESPATCH = "xqr", "xqo", "xqd"
_MOST = 60
"""References of one kind that are kept of a document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """Numbers that a document names, as numbers are compared (`words.number_key`)."""

    invoices: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    despatches: tuple[str, ...] = ()

    def marks(self) -> list[str]:
        """The words that stand for them in the index."""
        return [
            f"{mark}{number.lower()}"
            for mark, numbers in ((_INVOICE, self.invoices), (_ORDER, self.orders), (_DESPATCH, self.despatches))
            for number in numbers
        ]

    def orders_query(self) -> str:
        """A tsquery for documents about one of the same orders; empty when there is none."""
        return _any(_ORDER, self.orders)

    def despatches_query(self) -> str:
        """The same for delivery notes."""
        return _any(_DESPATCH, self.despatches)


def of_invoice(invoice: Invoice) -> References:
    """The references of an invoice. What holds no digit is a word (`verbale`, `as agreed`) and joins nothing."""
    pack = countries.of(invoice)
    return References(
        invoices=_keys(each.number for each in invoice.preceding_invoices),
        orders=_keys(pack.orders(invoice)),
        despatches=_keys(pack.despatches(invoice)),
    )


def referring_query(number_key: str) -> str:
    """A tsquery for documents that refer to an invoice of this number; empty when it has none."""
    return _any(_INVOICE, _keys([number_key]))


def _keys(numbers: Iterable[str]) -> tuple[str, ...]:
    keys = (words.number_key(number)[:60] for number in numbers)
    return tuple(dict.fromkeys(key for key in keys if any(char.isdigit() for char in key)))[:_MOST]


def _any(mark: str, keys: Iterable[str]) -> str:
    return " | ".join(f"{mark}{key.lower()}" for key in keys)

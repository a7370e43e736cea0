"""What asks for a second look in the demo world: a new account, an odd amount, and a paper copy of an invoice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from fatto.portal.demo import identifiers, pdf, sheet, trade
from fatto.portal.demo.sheet import Sheet, row

HELD = "second look"
"""Marks sheets on which nobody in the world decides: they wait for whoever looks around."""
_COPIED = "a copy on paper"


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote beside a scan."""

    party: str
    number: str
    issued: date
    amount: Decimal
    currency: str


def mark(sheets: Sequence[Sheet], today: date) -> None:
    """The last invoice of one supplier names an account never seen before; one of another is twelve times the usual;
    one of a third was scanned as well."""
    other = [each for each in sheets if each.seller.key == "utensili" and each.iban][-1]
    other.iban = identifiers.italian_iban("utensili, somebody else")
    odd = [each for each in sheets if (each.seller.key, each.buyer.key) == ("someselectric", "verde")][-1]
    odd.rows = tuple(
        row(each.name, each.quantity * 12, each.unit, each.price, each.vat, code=each.code) for each in odd.rows
    )
    trade.pay(odd, (15,))
    known = ("utensili", "brenta")
    copied = [
        each
        for each in sheets
        if (today - each.issued).days > 4  # it has arrived since
        and each.buyer.key == "ferramenta"
        and each.kind == "TD01"
        and each.seller.key not in known
    ][-1]
    for each in (other, odd, copied):
        each.tags |= {HELD}
    copied.tags |= {_COPIED}


def copied(sheets: Sequence[Sheet]) -> Sheet:
    """The invoice of which a scan was handed in, before the electronic one came."""
    return next(each for each in sheets if _COPIED in each.tags)


def scan(invoice: Sheet) -> bytes:
    """That scan."""
    lines = [
        invoice.seller.full_name,
        f"Fattura n. {invoice.number} del {invoice.issued:%d/%m/%Y}",
        *(f"{each.name}  {each.net}" for each in invoice.rows[:20]),
        f"Totale EUR {sheet.sums(invoice).with_vat}",
    ]
    return pdf.page("Copia di cortesia", lines)


def written(invoice: Sheet) -> Written:
    """What was written beside it."""
    total = sheet.sums(invoice).with_vat
    return Written(invoice.seller.full_name, invoice.number, invoice.issued, total, invoice.currency)

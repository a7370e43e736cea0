"""What is due when, as an Italian document says.

`Instalment.origin` tells how far the date is the document's own: `document` (written), `terms` (days
counted from a written date), `issue` (cash and cards: the document's date), `undated` (the
document says how much and not when), `total` (no payment data: the whole, no date).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import msgspec

from fatto.countries.it import documents
from fatto.countries.it.fatturapa import codes
from fatto.countries.it.fatturapa.parts import PaymentDetail
from fatto.country import Instalment
from fatto.invoice.model import Invoice

ZERO = Decimal(0)


def instalments(invoice: Invoice) -> tuple[Instalment, ...]:
    """The instalments in the order of the document; a credit note's are negative.

    Self-issued documents (TD16 …) owe nothing: the supplier's own invoice does. Several payments
    that each ask for the whole amount are alternatives (cash or transfer); the first counts. A
    single payment without amount is about the whole.
    """
    parts = documents.parts_of(invoice)
    if parts is None or documents.self_issued(invoice):
        return ()
    payable = invoice.totals.payable
    credit = documents.credit(invoice)
    written = [detail for block in parts.payments for detail in block.details]
    if len(written) == 1 and written[0].amount is None:
        written = [msgspec.structs.replace(written[0], amount=payable)]
    details = [detail for detail in written if detail.amount is not None]
    if not details:
        if payable is None:
            return ()
        return (Instalment(amount=-abs(payable) if credit else payable, due_date=None, origin="total"),)
    if len(details) > 1 and payable and all(detail.amount == payable for detail in details):
        details = details[:1]
    amounts = [detail.amount for detail in details if detail.amount is not None]
    turn = -1 if credit and sum(amounts, ZERO) > 0 else 1
    return tuple(
        _instalment(detail, turn * amount, invoice.issue_date) for detail, amount in zip(details, amounts, strict=True)
    )


def _instalment(detail: PaymentDetail, amount: Decimal, issued: date | None) -> Instalment:
    due, origin = _due(detail, issued)
    return Instalment(
        amount=amount,
        due_date=due,
        means=codes.MEANS_CODES.get(detail.means or "", detail.means),
        account=detail.iban,
        origin=origin,
    )


def _due(detail: PaymentDetail, issued: date | None) -> tuple[date | None, str]:
    """The written date wins over days; days count on the calendar."""
    if detail.due_date is not None:
        return detail.due_date, "document"
    start = detail.terms_from or issued
    if detail.terms_days is not None and start is not None and 0 <= detail.terms_days <= 3650:
        try:
            return start + timedelta(days=detail.terms_days), "terms"
        except OverflowError:
            return None, "undated"
    if detail.means in codes.AT_ISSUE and issued is not None:
        return issued, "issue"
    return None, "undated"

"""From what was read to a row: the searchable columns of a document, computed once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

import msgspec
from django.contrib.postgres.search import SearchVector
from django.db.models import Value
from django.db.models.expressions import CombinedExpression

import fatto
from fatto import countries
from fatto.country import Instalment
from fatto.envelopes.enclosed import Enclosed
from fatto.formats.format import Reading
from fatto.invoice.model import Invoice
from fatto.money import round_cents
from fatto.portal.documents import references, routing, words
from fatto.portal.documents.models import Direction, Document
from fatto.portal.documents.routing import Place
from fatto.portal.documents.states import Approval, Settlement, Transmission
from fatto.portal.documents.verdicts import Judge
from fatto.portal.tenancy.models import Company, Gate

_encoder = msgspec.json.Encoder()
_LARGEST = Decimal(10) ** 17


def identity(invoice: Invoice | None, data_sha256: str, index: int = 0) -> str:
    """What makes a document the same one, whatever file brings it.

    Seller, number, date and kind; where one of them is missing, the bytes and the place in them.
    """
    if invoice is not None and invoice.number and invoice.issue_date:
        seller = next(iter(routing.ids(invoice.seller)), "")
        if seller:
            text = "\n".join((seller, invoice.number.strip().casefold(), str(invoice.issue_date), _kind(invoice)))
            return hashlib.sha256(text.encode()).hexdigest()
    return hashlib.sha256(f"{data_sha256}\n{index}".encode()).hexdigest()


def _kind(invoice: Invoice) -> str:
    """The kind in the country's own code where it has one (TD04), else in the standard's (381)."""
    kind: str = getattr(invoice.parts, "document_type", None) or invoice.type_code or ""
    return kind


def of_reading(
    enclosed: Enclosed, reading: Reading, place: Place, data_sha256: str, received: datetime, judge: Judge
) -> Document:
    """The row of an invoice in a company's archive, all but its file and who brought it."""
    invoice = reading.invoice
    pack = countries.of(invoice)
    credit = pack.credit(invoice)
    mirror = pack.self_issued(invoice)
    party = invoice.buyer if place.direction == Direction.ISSUED and not mirror else invoice.seller
    name = party.name or party.trading_name or ""
    ids = routing.ids(party)
    party_id = next(iter(ids), "")
    instalments = pack.instalments(invoice)
    document = Document(
        direction=place.direction,
        data_sha256=data_sha256,
        index=reading.index,
        identity=identity(invoice, data_sha256, reading.index),
        format=reading.format,
        reader=fatto.__version__,
        invoice=_encoder.encode(invoice).decode(),
        findings=_encoder.encode(reading.findings).decode() if reading.findings else "",
        signers=_encoder.encode(enclosed.signers).decode() if enclosed.signers else "",
        party_name=name[:300],
        party_id=party_id[:60],
        party_key=words.fold(f"{name} {party_id}")[:380],
        number=(invoice.number or "")[:100],
        number_key=words.number_key(invoice.number or ""),
        issue_date=_plausible(invoice.issue_date),
        due_date=_plausible(first_due(invoice, instalments)),
        hand_in_by=pack.hand_in_by(invoice) if place.direction == Direction.ISSUED else None,
        type_code=_kind(invoice)[:10],
        credit=credit,
        currency=(invoice.currency or "")[:3],
        amount=signed(invoice, credit),
        words=_searchable(invoice, name, ids, instalments),
        attachments=min(len(invoice.attachments), 32767),
        settlement=Settlement.NOT_APPLICABLE if mirror else Settlement.CREDIT if credit else Settlement.OPEN,
    )
    _placed(document, enclosed, place.company, received)
    document.judged = judge.of(document)
    if document.judged is not None:
        document.verdict = document.judged.state
    return document


def accounts(invoice: Invoice, instalments: Iterable[Instalment]) -> list[str]:
    """The accounts that an invoice names, to pay to or from, each once, as `words.account` compares them."""
    found = [each.account for each in instalments]
    for payment in invoice.payment:
        found += [transfer.account for transfer in payment.credit_transfers]
        found += [payment.direct_debit.account] if payment.direct_debit else []
    return list(dict.fromkeys(filter(None, (words.account(each or "") for each in found))))[:100]


def _searchable(
    invoice: Invoice, name: str, ids: Iterable[str], instalments: Iterable[Instalment]
) -> CombinedExpression:
    """All words of an invoice; accounts weigh `A`, so that they can be asked for alone."""
    keys = [words.number_key(each).lower() for each in ids]
    named = words.party_words(" ".join((name, *keys)))
    text = " ".join((words.of_invoice(invoice), *keys, named, *references.of_invoice(invoice).marks()))
    return SearchVector(Value(text), config="simple") + SearchVector(
        Value(" ".join(accounts(invoice, instalments))), config="simple", weight="A"
    )


def of_paper(enclosed: Enclosed, company: Company, data_sha256: str, received: datetime) -> Document:
    """The row of a document that is no e-invoice: a PDF or a picture, kept under "Others"."""
    document = Document(
        direction=Direction.OTHER,
        data_sha256=data_sha256,
        identity=identity(None, data_sha256),
        party_name="",
        words=SearchVector(Value(" ".join(words.tokens(enclosed.name))), config="simple"),
        settlement=Settlement.NOT_APPLICABLE,
    )
    return _placed(document, enclosed, company, received)


def _placed(document: Document, enclosed: Enclosed, company: Company, received: datetime) -> Document:
    document.firm_id = company.firm_id
    document.company = company
    document.name = enclosed.name[-255:]
    document.received_at = received
    document.sort_date = document.issue_date or received.date()
    document.transmission = {
        Direction.RECEIVED: Transmission.RECEIVED,
        Direction.ISSUED: Transmission.ELSEWHERE,
    }.get(Direction(document.direction), Transmission.NOT_APPLICABLE)
    at_gate(document, company.gate)
    return document


def at_gate(document: Document, gate: str) -> None:
    """Whether a new document waits for its company's word, and whether the firm sees it meanwhile."""
    asked = document.direction != Direction.ISSUED and gate != Gate.NONE
    document.approval = Approval.TO_APPROVE if asked else Approval.NOT_REQUIRED
    document.open_to_firm = not (asked and gate == Gate.HARD)


def signed(invoice: Invoice, credit: bool) -> Decimal | None:
    """The total with VAT as a person counts it: what reduces is negative, whatever signs were written."""
    total = invoice.totals.with_vat if invoice.totals.with_vat is not None else invoice.totals.payable
    if total is None or abs(total) >= _LARGEST:
        return None
    total = round_cents(total)
    return -abs(total) if credit else total


def first_due(invoice: Invoice, instalments: Iterable[Instalment]) -> date | None:
    """The first date on which something is due, as the document says."""
    dates = [each.due_date for each in instalments if isinstance(each.due_date, date)]
    return min(dates) if dates else invoice.due_date


def _plausible(day: date | None) -> date | None:
    """A date that lists can be ordered by; a year outside 1970–2999 is a slip of the pen."""
    return day if day is not None and 1970 <= day.year < 3000 else None

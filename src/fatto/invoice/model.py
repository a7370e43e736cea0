"""The EN 16931 invoice, whatever syntax it came in. Names and numbers of terms are the standard's.

Reading never invents: what the document does not say is `None` or an empty tuple. Nothing here is
validated, because real invoices are wrong and must still be readable; rules speak of the XML.
Amounts are `Decimal` with the digits that the document wrote. Credit notes keep the signs of the
document; `documents` decides the sign a person sees.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from msgspec import Struct

from fatto.invoice.terms import term


class _Value(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A frozen value of the invoice; compares by content."""


class Identifier(_Value, frozen=True):
    """An identifier and the scheme it belongs to (ISO 6523 ICD, EAS or a national word)."""

    value: str
    scheme: str | None = None


class Address(_Value, frozen=True):
    """A postal address: BG-5, BG-8, BG-12, BG-15."""

    line1: Annotated[str | None, term("BT-35")] = None
    line2: Annotated[str | None, term("BT-36")] = None
    line3: Annotated[str | None, term("BT-162")] = None
    city: Annotated[str | None, term("BT-37")] = None
    post_code: Annotated[str | None, term("BT-38")] = None
    subdivision: Annotated[str | None, term("BT-39")] = None
    country: Annotated[str | None, term("BT-40")] = None


class Contact(_Value, frozen=True):
    """Whom to speak to: BG-6, BG-9."""

    name: Annotated[str | None, term("BT-41")] = None
    phone: Annotated[str | None, term("BT-42")] = None
    email: Annotated[str | None, term("BT-43")] = None


class Party(_Value, frozen=True):
    """A party of the invoice: seller BG-4, buyer BG-7, payee BG-10, tax representative BG-11."""

    name: Annotated[str | None, term("BT-27")] = None
    trading_name: Annotated[str | None, term("BT-28")] = None
    identifiers: Annotated[tuple[Identifier, ...], term("BT-29")] = ()
    legal_id: Annotated[Identifier | None, term("BT-30")] = None
    vat_id: Annotated[str | None, term("BT-31")] = None
    """With its country prefix when the document gives one: `IT01234567890`, `RO12345674`."""
    tax_id: Annotated[str | None, term("BT-32")] = None
    """The local tax number that is not a VAT number (codice fiscale; a CUI without the RO prefix)."""
    legal_form: Annotated[str | None, term("BT-33")] = None
    electronic_address: Annotated[Identifier | None, term("BT-34")] = None
    address: Address | None = None
    contact: Contact | None = None


class Note(_Value, frozen=True):
    """BG-1."""

    text: Annotated[str, term("BT-22")]
    subject: Annotated[str | None, term("BT-21")] = None


class Process(_Value, frozen=True):
    """BG-2: which business process and specification the document claims to follow."""

    type: Annotated[str | None, term("BT-23")] = None
    specification: Annotated[str | None, term("BT-24")] = None


class Reference(_Value, frozen=True):
    """A document referred to, with its date when given (BG-3, and others with a date)."""

    number: Annotated[str, term("BT-25")]
    issue_date: Annotated[date | None, term("BT-26")] = None


class Period(_Value, frozen=True):
    """BG-14 and BG-26."""

    start: Annotated[date | None, term("BT-73")] = None
    end: Annotated[date | None, term("BT-74")] = None


class Delivery(_Value, frozen=True):
    """BG-13."""

    name: Annotated[str | None, term("BT-70")] = None
    location: Annotated[Identifier | None, term("BT-71")] = None
    date: Annotated[date | None, term("BT-72")] = None
    address: Address | None = None


class CreditTransfer(_Value, frozen=True):
    """BG-17: an account to pay to."""

    account: Annotated[str | None, term("BT-84")] = None
    account_name: Annotated[str | None, term("BT-85")] = None
    bic: Annotated[str | None, term("BT-86")] = None


class PaymentCard(_Value, frozen=True):
    """BG-18."""

    number: Annotated[str | None, term("BT-87")] = None
    holder: Annotated[str | None, term("BT-88")] = None


class DirectDebit(_Value, frozen=True):
    """BG-19."""

    mandate: Annotated[str | None, term("BT-89")] = None
    creditor_id: Annotated[str | None, term("BT-90")] = None
    account: Annotated[str | None, term("BT-91")] = None


class Payment(_Value, frozen=True):
    """BG-16: how to pay."""

    means_code: Annotated[str | None, term("BT-81")] = None
    means_text: Annotated[str | None, term("BT-82")] = None
    remittance: Annotated[str | None, term("BT-83")] = None
    credit_transfers: tuple[CreditTransfer, ...] = ()
    card: PaymentCard | None = None
    direct_debit: DirectDebit | None = None


class VatCategory(_Value, frozen=True):
    """A VAT category and rate (BT-95/96, BT-102/103, BG-30)."""

    category: str | None = None
    rate: Decimal | None = None


class AllowanceCharge(_Value, frozen=True):
    """A reduction (BG-20, BG-27) or an addition (BG-21, BG-28); which of the two, the field tells."""

    amount: Annotated[Decimal | None, term("BT-92")] = None
    base: Annotated[Decimal | None, term("BT-93")] = None
    percent: Annotated[Decimal | None, term("BT-94")] = None
    vat: VatCategory | None = None
    reason: Annotated[str | None, term("BT-97")] = None
    reason_code: Annotated[str | None, term("BT-98")] = None


class Totals(_Value, frozen=True):
    """BG-22."""

    lines: Annotated[Decimal | None, term("BT-106")] = None
    allowances: Annotated[Decimal | None, term("BT-107")] = None
    charges: Annotated[Decimal | None, term("BT-108")] = None
    without_vat: Annotated[Decimal | None, term("BT-109")] = None
    vat: Annotated[Decimal | None, term("BT-110")] = None
    vat_in_vat_currency: Annotated[Decimal | None, term("BT-111")] = None
    with_vat: Annotated[Decimal | None, term("BT-112")] = None
    paid: Annotated[Decimal | None, term("BT-113")] = None
    rounding: Annotated[Decimal | None, term("BT-114")] = None
    payable: Annotated[Decimal | None, term("BT-115")] = None


class VatBreakdown(_Value, frozen=True):
    """BG-23: one row per category and rate."""

    taxable: Annotated[Decimal | None, term("BT-116")] = None
    tax: Annotated[Decimal | None, term("BT-117")] = None
    category: Annotated[str | None, term("BT-118")] = None
    rate: Annotated[Decimal | None, term("BT-119")] = None
    exemption_text: Annotated[str | None, term("BT-120")] = None
    exemption_code: Annotated[str | None, term("BT-121")] = None


class Attachment(_Value, frozen=True):
    """BG-24: a supporting document. The content stays in the original bytes, named by `index`.

    `size` counts the decoded bytes; `formats.attachment(…)` fetches them from the original.
    """

    index: int
    reference: Annotated[str | None, term("BT-122")] = None
    description: Annotated[str | None, term("BT-123")] = None
    location: Annotated[str | None, term("BT-124")] = None
    filename: str | None = None
    mime: str | None = None
    size: int | None = None


class ItemAttribute(_Value, frozen=True):
    """BG-32."""

    name: Annotated[str, term("BT-160")]
    value: Annotated[str | None, term("BT-161")] = None


class Classification(_Value, frozen=True):
    """BT-158 with its scheme."""

    code: Annotated[str, term("BT-158")]
    scheme: str | None = None
    version: str | None = None


class Item(_Value, frozen=True):
    """BG-31."""

    name: Annotated[str | None, term("BT-153")] = None
    description: Annotated[str | None, term("BT-154")] = None
    seller_id: Annotated[str | None, term("BT-155")] = None
    buyer_id: Annotated[str | None, term("BT-156")] = None
    standard_id: Annotated[Identifier | None, term("BT-157")] = None
    classifications: tuple[Classification, ...] = ()
    origin: Annotated[str | None, term("BT-159")] = None
    attributes: tuple[ItemAttribute, ...] = ()


class Price(_Value, frozen=True):
    """BG-29."""

    net: Annotated[Decimal | None, term("BT-146")] = None
    discount: Annotated[Decimal | None, term("BT-147")] = None
    gross: Annotated[Decimal | None, term("BT-148")] = None
    base_quantity: Annotated[Decimal | None, term("BT-149")] = None
    base_unit: Annotated[str | None, term("BT-150")] = None


class Line(_Value, frozen=True):
    """BG-25."""

    id: Annotated[str | None, term("BT-126")] = None
    note: Annotated[str | None, term("BT-127")] = None
    object_id: Annotated[Identifier | None, term("BT-128")] = None
    quantity: Annotated[Decimal | None, term("BT-129")] = None
    unit: Annotated[str | None, term("BT-130")] = None
    """UN/ECE Rec 20 code where the syntax asks for one, else the words of the document."""
    net: Annotated[Decimal | None, term("BT-131")] = None
    order_line: Annotated[str | None, term("BT-132")] = None
    accounting_reference: Annotated[str | None, term("BT-133")] = None
    period: Period | None = None
    allowances: tuple[AllowanceCharge, ...] = ()
    charges: tuple[AllowanceCharge, ...] = ()
    price: Price | None = None
    vat: VatCategory | None = None
    item: Item | None = None


class Invoice(_Value, frozen=True):
    """One invoice or credit note."""

    number: Annotated[str | None, term("BT-1")] = None
    issue_date: Annotated[date | None, term("BT-2")] = None
    type_code: Annotated[str | None, term("BT-3")] = None
    """UNTDID 1001: 380 invoice, 381 credit note, 383 debit note, 386 prepayment, 389 self-billed …"""
    currency: Annotated[str | None, term("BT-5")] = None
    vat_currency: Annotated[str | None, term("BT-6")] = None
    tax_point_date: Annotated[date | None, term("BT-7")] = None
    tax_point_code: Annotated[str | None, term("BT-8")] = None
    due_date: Annotated[date | None, term("BT-9")] = None
    buyer_reference: Annotated[str | None, term("BT-10")] = None
    project: Annotated[str | None, term("BT-11")] = None
    contract: Annotated[str | None, term("BT-12")] = None
    purchase_order: Annotated[str | None, term("BT-13")] = None
    sales_order: Annotated[str | None, term("BT-14")] = None
    receiving_advice: Annotated[str | None, term("BT-15")] = None
    despatch_advice: Annotated[str | None, term("BT-16")] = None
    tender: Annotated[str | None, term("BT-17")] = None
    object_id: Annotated[Identifier | None, term("BT-18")] = None
    accounting_reference: Annotated[str | None, term("BT-19")] = None
    payment_terms: Annotated[str | None, term("BT-20")] = None
    notes: Annotated[tuple[Note, ...], term("BG-1")] = ()
    process: Annotated[Process | None, term("BG-2")] = None
    preceding_invoices: Annotated[tuple[Reference, ...], term("BG-3")] = ()
    seller: Annotated[Party, term("BG-4")] = Party()
    buyer: Annotated[Party, term("BG-7")] = Party()
    payee: Annotated[Party | None, term("BG-10")] = None
    tax_representative: Annotated[Party | None, term("BG-11")] = None
    delivery: Annotated[Delivery | None, term("BG-13")] = None
    period: Annotated[Period | None, term("BG-14")] = None
    payment: Annotated[tuple[Payment, ...], term("BG-16")] = ()
    allowances: Annotated[tuple[AllowanceCharge, ...], term("BG-20")] = ()
    charges: Annotated[tuple[AllowanceCharge, ...], term("BG-21")] = ()
    totals: Annotated[Totals, term("BG-22")] = Totals()
    vat_breakdown: Annotated[tuple[VatBreakdown, ...], term("BG-23")] = ()
    attachments: Annotated[tuple[Attachment, ...], term("BG-24")] = ()
    lines: Annotated[tuple[Line, ...], term("BG-25")] = ()
    parts: Any = None
    """A typed national extra (`fatto.country.Country.parts`) for what EN 16931 has no term for.

    It is a Struct tagged with the country (`type: "it"`). Decode through
    `fatto.countries.decode`, which gives it its type back; plain decoding leaves a dict.
    """

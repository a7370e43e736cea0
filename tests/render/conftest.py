"""An invoice that says something in nearly every place of the sheet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal as D

import msgspec
import pytest

from fatto.country import Country, Instalment, Percent, Section
from fatto.envelopes.enclosed import Enclosed, Signer
from fatto.formats.format import Reading
from fatto.invoice.model import (
    Address,
    AllowanceCharge,
    Attachment,
    Classification,
    Contact,
    CreditTransfer,
    Delivery,
    DirectDebit,
    Identifier,
    Invoice,
    Item,
    ItemAttribute,
    Line,
    Note,
    Party,
    Payment,
    PaymentCard,
    Period,
    Price,
    Process,
    Reference,
    Totals,
    VatBreakdown,
    VatCategory,
)

JANUARY = Period(start=date(2026, 1, 1), end=date(2026, 1, 31))

INVOICE = Invoice(
    number="VR-2026/17",
    issue_date=date(2026, 3, 31),
    type_code="380",
    currency="USD",
    vat_currency="RON",
    tax_point_date=date(2026, 3, 30),
    tax_point_code="432",
    due_date=date(2026, 4, 30),
    buyer_reference="REF-BUYER",
    project="PROJECT-7",
    contract="CONTRACT-9",
    purchase_order="PO-55",
    sales_order="SO-66",
    receiving_advice="RA-77",
    despatch_advice="DA-88",
    tender="TENDER-3",
    object_id=Identifier(value="METER-1", scheme="AWV"),
    accounting_reference="COST-4000",
    payment_terms="Within 30 days, then 0.1 % a day",
    notes=(Note(text="First note"), Note(text="Second note", subject="AAI")),
    process=Process(type="P-PROCESS", specification="urn:example:spec"),
    preceding_invoices=(Reference(number="VR-2025/99", issue_date=date(2025, 12, 31)), Reference(number="VR-2025/98")),
    seller=Party(
        name="Țevi și Construcții Dâmbovița SRL",
        trading_name="Țevi Bune",
        identifiers=(Identifier(value="ID-SELLER", scheme="0088"),),
        legal_id=Identifier(value="J15/123/2010"),
        vat_id="RO12345674",
        tax_id="12345674",
        legal_form="Capital social 200 lei",
        electronic_address=Identifier(value="seller@example.ro", scheme="EM"),
        address=Address(
            line1="Str. Știrbei 5",
            line2="Bloc A",
            line3="Etaj 2",
            city="Târgoviște",
            post_code="130010",
            subdivision="RO-DB",
            country="RO",
        ),
        contact=Contact(name="Ana Ionescu", phone="+40 245 000 000", email="ana@example.ro"),
    ),
    buyer=Party(name="Perché no? S.r.l.", vat_id="IT01234567890", address=Address(city="Città di Castello")),
    payee=Party(name="Factoring Payee"),
    tax_representative=Party(name="Fiscal Representative", vat_id="RO99999999"),
    delivery=Delivery(
        name="Warehouse North",
        location=Identifier(value="LOC-1", scheme="0088"),
        date=date(2026, 3, 15),
        address=Address(line1="Dock 9", country="RO"),
    ),
    period=Period(start=date(2026, 1, 1)),
    payment=(
        Payment(
            means_code="30",
            means_text="Bank transfer please",
            remittance="REMIT-1",
            credit_transfers=(
                CreditTransfer(account="RO51BTRLRONCRT0000000000", account_name="HOLDER", bic="BTRLRO22"),
            ),
        ),
        Payment(
            means_code="59",
            card=PaymentCard(number="XXXX1234", holder="CARDHOLDER"),
            direct_debit=DirectDebit(mandate="MANDATE-1", creditor_id="CREDITOR-1", account="NOT-IBAN"),
        ),
    ),
    allowances=(
        AllowanceCharge(
            amount=D("50.00"),
            base=D("1000.00"),
            percent=D("5"),
            reason_code="95",
            vat=VatCategory(category="S", rate=D("21")),
        ),
    ),
    charges=(AllowanceCharge(amount=D("15.00"), reason="Freight north"),),
    totals=Totals(
        lines=D("1234567.80"),
        allowances=D("50.00"),
        charges=D("15.00"),
        without_vat=D("1234532.80"),
        vat=D("210.00"),
        vat_in_vat_currency=D("966.00"),
        with_vat=D("1234742.80"),
        paid=D("100.00"),
        rounding=D("0.02"),
        payable=D("1234642.82"),
    ),
    vat_breakdown=(
        VatBreakdown(taxable=D("1000.00"), tax=D("210.00"), category="S", rate=D("21.00")),
        VatBreakdown(
            taxable=D("233.00"),
            tax=D("0"),
            category="AE",
            rate=D("0"),
            exemption_text="Reverse charge, art. 331",
            exemption_code="VATEX-EU-AE",
        ),
    ),
    attachments=(
        Attachment(
            index=0,
            reference="ATT-1",
            description="Work report",
            filename="report.pdf",
            mime="application/pdf",
            size=184233,
        ),
        Attachment(index=1, reference="ATT-2", location="https://example.org/photo"),
    ),
    lines=(
        Line(
            id="1",
            note="Line note",
            object_id=Identifier(value="LINE-OBJECT"),
            quantity=D("2.50000000"),
            unit="KGM",
            net=D("1000.00"),
            order_line="ORDER-LINE-4",
            accounting_reference="LINE-ACCOUNT",
            period=JANUARY,
            allowances=(
                AllowanceCharge(amount=D("12.30"), base=D("123.00"), percent=D("10"), reason="Loyal customer"),
            ),
            charges=(AllowanceCharge(amount=D("3.33"), reason_code="FC"),),
            price=Price(
                net=D("0.12345678"), gross=D("0.20"), discount=D("0.07654322"), base_quantity=D("100"), base_unit="KGM"
            ),
            vat=VatCategory(category="S", rate=D("21.00")),
            item=Item(
                name="Copper wire",
                description="Tinned, on reels",
                seller_id="ART-1",
                buyer_id="BUY-1",
                standard_id=Identifier(value="5941234567899", scheme="0160"),
                classifications=(Classification(code="24440000", scheme="STI"),),
                origin="DE",
                attributes=(ItemAttribute(name="Colour", value="red"),),
            ),
        ),
        Line(
            id="2",
            quantity=D("1"),
            unit="QQQ",
            net=D("233.00"),
            vat=VatCategory(category="AE", rate=D("0")),
            item=Item(name="Scrap"),
        ),
    ),
)

CODES = """
VR-2026/17 380 USD RON REF-BUYER PROJECT-7 CONTRACT-9 PO-55 SO-66 RA-77 DA-88 TENDER-3 METER-1 COST-4000
VR-2025/99 VR-2025/98 ID-SELLER J15/123/2010 RO12345674 12345674 seller@example.ro 130010 RO-DB IT01234567890
RO99999999 LOC-1 REMIT-1 HOLDER BTRLRO22 XXXX1234 CARDHOLDER MANDATE-1 CREDITOR-1 NOT-IBAN ATT-1 ATT-2 report.pdf
application/pdf https://example.org/photo VATEX-EU-AE ART-1 BUY-1 5941234567899 24440000 LINE-OBJECT ORDER-LINE-4
LINE-ACCOUNT QQQ P-PROCESS urn:example:spec AE
"""

PRINTED = [
    *CODES.split(),
    "Țevi și Construcții Dâmbovița SRL",
    "Țevi Bune",
    "Capital social 200 lei",
    "Str. Știrbei 5",
    "Bloc A",
    "Etaj 2",
    "Târgoviște",
    "Ana Ionescu",
    "+40 245 000 000",
    "ana@example.ro",
    "Perché no? S.r.l.",
    "Città di Castello",
    "Factoring Payee",
    "Fiscal Representative",
    "Warehouse North",
    "Dock 9",
    "Within 30 days, then 0.1 % a day",
    "First note",
    "Second note",
    "Bank transfer please",
    "RO51 BTRL RONC RT00 0000 0000",
    "Freight north",
    "Reverse charge, art. 331",
    "Work report",
    "Line note",
    "Loyal customer",
    "Copper wire",
    "Tinned, on reels",
    "Colour: red",
    "Scrap",
    # Dates, amounts and codes in the English reader's form.
    "31 Mar 2026",
    "30 Mar 2026",
    "30 Apr 2026",
    "15 Mar 2026",
    "31 Dec 2025",
    "1 Jan 2026 to 31 Jan 2026",
    "from 1 Jan 2026",
    "Date of payment (432)",
    "Credit transfer (30)",
    "SEPA direct debit (59)",
    "Reverse charge (AE)",
    "Discount (95)",
    "Freight (FC)",
    "0.12345678",
    "2.5",
    "100 kg",
    "10% of 123.00 = 12.30",
    "21%",
    "1,234,567.80",
    "-50.00",
    "1,234,532.80",
    "210.00",
    "966.00",
    "1,234,742.80",
    "-100.00",
    "0.02",
    "1,234,642.82",
    "184.2 kB",
]
"""Every text of `INVOICE` as an English reader finds it on the sheet."""

ENCLOSED = Enclosed(
    name="RO12345674_17.xml.p7m",
    kind="xml",
    file=b"\x30\x80 the file as it came \xff\x00",
    data=b"<Invoice/>",
    peeled=("cms",),
    signers=(Signer(name="ION POPESCU", tax_id="VATRO-12345674", signed_at=datetime(2026, 3, 31, 9, tzinfo=UTC)),),
)

COUNTRY = Country(
    code="XX",
    name="Nowhere",
    currency="USD",
    type_name=lambda invoice: "XX04 · credit note of nowhere",
    instalments=lambda invoice: (
        Instalment(amount=D("600.00"), due_date=date(2026, 5, 1), means="30", account="RO51BTRLRONCRT0000000000"),
        Instalment(amount=D("634.64"), due_date=date(2026, 6, 1)),
        Instalment(amount=D("77.77"), due_date=date(2026, 7, 1), origin="terms"),
    ),
    sections=lambda invoice: (
        Section(title="Stamps", rows=(("Stamp duty", D("2.00")), ("Nothing", None)), place="totals"),
        Section(
            title="Withholding",
            columns=("Kind", "Rate", "Withheld"),
            rows=(("W1 natural person", Percent("20.00"), D("200")), ("W2", None, D("1.5"))),
            place="totals",
        ),
        Section(title="Of old", columns=("Day",), rows=((date(2020, 2, 29),),), place="header"),
    ),
)


@pytest.fixture
def reading() -> Reading:
    return Reading(invoice=INVOICE, format="ubl-invoice")


@pytest.fixture
def change() -> Callable[..., Reading]:
    """The same reading with other values in its invoice."""
    return lambda **values: Reading(invoice=msgspec.structs.replace(INVOICE, **values), format="ubl-invoice")


@pytest.fixture
def printed() -> list[str]:
    return PRINTED


@pytest.fixture
def enclosed() -> Enclosed:
    return ENCLOSED


@pytest.fixture
def country() -> Country:
    return COUNTRY


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '#import "x": * #panic() $x^2$ @ref <label> `raw` *b* _i_ \\ // /* = h',
    "{0} {name} %s %(x)s",
    "W" * 3000,
    "word " * 2000,
    "漢字かな 한국어",
    "عربي עברית हिन्दी ไทย",
    "\U0001f600\U0001f468‍\U0001f469‍\U0001f467 \U0010ffff \ue000 \u0301\u0301\u0301",
    "a\x00b\x1b[31m\x85\u202egnp.exe\u202c\u2066x\u2069",
    "lines\nof\r\ntext\ttabs\u2028\u2029",
    "\ud800 alone",
    "",
    " ",
)


@pytest.fixture(params=HOSTILE, ids=range(len(HOSTILE)))
def hostile(request: pytest.FixtureRequest) -> Reading:
    """The invoice with one text, written by somebody who means harm, in every place that holds words."""
    return Reading(invoice=_filled(INVOICE, request.param), format="ubl-invoice")


def _filled(value: object, text: str) -> object:
    """A value with every string in it, and in what it holds, replaced by `text`."""
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(_filled(each, text) for each in value)
    if isinstance(value, msgspec.Struct):
        return type(value)(**{name: _filled(getattr(value, name), text) for name in value.__struct_fields__})
    return value

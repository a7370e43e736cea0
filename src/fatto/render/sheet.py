"""Everything that is printed of one invoice, in order and in the reader's words.

`compose` turns a reading into a `Sheet` of plain strings; `page` writes it as HTML and `paper` as PDF,
so both say the same. Amounts, dates and codes are put into words here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from fatto import i18n, money
from fatto.codes import documents, payments, reasons, units, vat
from fatto.country import Country, Instalment, Percent
from fatto.envelopes.enclosed import Enclosed, Signer
from fatto.formats.format import Reading
from fatto.invoice.model import (
    Address,
    AllowanceCharge,
    Attachment,
    Contact,
    Delivery,
    DirectDebit,
    Identifier,
    Invoice,
    Item,
    Line,
    Party,
    Payment,
    PaymentCard,
    Period,
    Price,
    Process,
    Reference,
    VatCategory,
)
from fatto.render import labels


class Fact(Struct, frozen=True):
    """A label and its value; several lines are divided by line feeds."""

    label: str
    value: str


class Box(Struct, frozen=True):
    """A party or a place, framed."""

    title: str
    name: str
    lines: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()


class Column(Struct, frozen=True):
    """The head of a column; `unit` is a currency printed smaller beside the label."""

    label: str
    unit: str = ""
    numeric: bool = False


class Row(Struct, frozen=True):
    """One row; `details` are further lines under the text of the table's wide column."""

    cells: tuple[str, ...]
    details: tuple[str, ...] = ()


class Table(Struct, frozen=True):
    """Rows under columns; `wide` is the column that takes the room the others leave."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    wide: int = 0


class Total(Struct, frozen=True):
    """One line of the totals."""

    label: str
    value: str
    currency: str
    strong: bool = False


class File(Struct, frozen=True):
    """An attachment, listed."""

    index: int
    name: str
    type: str = ""
    size: str = ""
    details: tuple[str, ...] = ()


class Part(Struct, frozen=True):
    """A titled piece of the sheet; what it has is printed in the order of the attributes."""

    name: str
    title: str
    texts: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    table: Table | None = None
    totals: tuple[Total, ...] = ()
    files: tuple[File, ...] = ()


class Sheet(Struct, frozen=True):
    """One invoice as it is printed."""

    language: str
    kind: str
    code: str
    number: str
    day: str
    seller: Box
    buyer: Box
    boxes: tuple[Box, ...]
    parts: tuple[Part, ...]
    technical: tuple[Fact, ...]
    footer: str
    file_columns: tuple[str, str, str]
    page_of: str
    """The sentence of the page number with `{page}` and `{pages}` to be filled in."""
    issue_date: date | None = None

    @property
    def title(self) -> str:
        """What a window or a file manager calls the document."""
        words = f"{self.kind} {self.number}".strip()
        return f"{words} – {self.seller.name}" if self.seller.name else words


def compose(reading: Reading, enclosed: Enclosed | None, language: str, country: Country | None = None) -> Sheet:
    """One reading → its sheet in `language`.

    `enclosed` gives the file's name and who signed it; `country` the national words, sections and
    instalments (None: only what EN 16931 knows).
    """
    return _Composer(reading.invoice, enclosed, language, country or _NOWHERE).sheet()


_NOWHERE = Country(code="", name="", currency="")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_KIND = re.compile(r"(?:([A-Z]{0,3}\d{1,4})\s+(?:·\s+)?)?(.*)", re.DOTALL)
"""A country's word for a kind of document: `TD04 · credit note`, `381 credit note`, `credit note`."""
_WRITTEN = frozenset({"document", "undated"})
"""Instalments that the document itself lists; others are reckoned, and reckoning is not printed."""
_MOST_DIGITS = 24
"""Longer numbers are no amounts; they are printed as the document wrote them."""


class _Composer:
    """The words of one invoice in one language."""

    def __init__(self, invoice: Invoice, enclosed: Enclosed | None, language: str, country: Country) -> None:
        self.invoice = invoice
        self.enclosed = enclosed
        self.language = language
        self.country = country
        self.currency = _short(invoice.currency)
        self.sections = country.sections(invoice)
        self.replaced = {section.replaces for section in self.sections}

    def sheet(self) -> Sheet:
        invoice = self.invoice
        kind, code = self.kind()
        process = invoice.process or Process()
        return Sheet(
            language=self.language,
            kind=kind,
            code=code,
            number=invoice.number or self.say(labels.UNNUMBERED),
            day=self.day(invoice.issue_date) or self.say(labels.UNDATED),
            seller=self.party(labels.SELLER, invoice.seller),
            buyer=self.party(labels.BUYER, invoice.buyer),
            boxes=tuple(self.other_boxes()),
            parts=tuple(self.parts()),
            technical=self.facts(
                (labels.PROCESS, process.type),
                (labels.SPECIFICATION, process.specification),
            ),
            footer=self.say(labels.COPY_OF, file=self.enclosed.name[-120:])
            if self.enclosed and self.enclosed.name
            else "",
            file_columns=(self.say(labels.FILE), self.say(labels.TYPE), self.say(labels.SIZE)),
            page_of=self.say(labels.PAGE_OF),
            issue_date=invoice.issue_date,
        )

    # Words.

    def say(self, text: str, **values: object) -> str:
        return i18n.translate(text, self.language, **values)

    def day(self, value: date | None) -> str:
        return i18n.day(value, self.language) if value else ""

    def amount(self, value: Decimal | None) -> str:
        if value is None:
            return ""
        return money.amount(value, self.language) if _printable(value) else str(value)

    def number(self, value: Decimal | None) -> str:
        if value is None:
            return ""
        return money.number(value, self.language) if _printable(value) else str(value)

    def percent(self, value: Decimal | None) -> str:
        return f"{self.number(value)}%" if value is not None else ""

    def unit(self, code: str | None) -> str:
        return self.say(units.NAMES[code]) if code in units.NAMES else code or ""

    def coded(self, code: str | None, names: dict[str, str]) -> str:
        """A code in words, the code itself in brackets; only the code when it has no words here."""
        if code and code in names:
            return f"{self.say(names[code])} ({code})"
        return code or ""

    def period(self, period: Period | None) -> str:
        if period is None or not (period.start or period.end):
            return ""
        start, end = self.day(period.start), self.day(period.end)
        if start and end:
            return self.say(labels.FROM_TO, start=start, end=end)
        return self.say(labels.FROM, start=start) if start else self.say(labels.UNTIL, end=end)

    def reference(self, reference: Reference) -> str:
        if reference.issue_date is None:
            return reference.number
        return self.say(labels.REFERENCE_DATED, number=reference.number, date=self.day(reference.issue_date))

    def vat(self, category: VatCategory | None) -> str:
        """The rate where there is one, else the category: `22%`, `AE`."""
        if category is None:
            return ""
        if category.category in (None, "S", "Z"):
            return self.percent(category.rate) or category.category or ""
        return f"{self.percent(category.rate)} {category.category}" if category.rate else category.category or ""

    def size(self, count: int | None) -> str:
        if count is None:
            return ""
        for step, name in ((1_000_000, "MB"), (1_000, "kB")):
            if count >= step:
                return f"{money.number(Decimal(count) / step, self.language, 1)} {name}"
        return f"{count} B"

    def value(self, value: object) -> str:
        """A value of a national section; a word that is marked somewhere is translated."""
        if isinstance(value, Percent):
            return self.percent(value)
        if isinstance(value, Decimal):
            return self.amount(value)
        if isinstance(value, datetime):
            return self.day(value.date())
        if isinstance(value, date):
            return self.day(value)
        return "" if value is None else self.say(str(value))

    def facts(self, *pairs: tuple[str, str | None]) -> tuple[Fact, ...]:
        return tuple(Fact(self.say(label), value) for label, value in pairs if value)

    # Parties.

    def kind(self) -> tuple[str, str]:
        """The document's kind in words, and its code: the country's own where it has one."""
        code = self.invoice.type_code or ""
        national = self.country.type_name(self.invoice)
        if national:
            number, name = _KIND.fullmatch(self.say(national)).groups()  # type: ignore[union-attr]  # it always matches
            return name[:1].upper() + name[1:], number or code
        if code in documents.NAMES:
            return self.say(documents.NAMES[code]), code
        return self.say(labels.CREDIT_NOTE if self.country.credit(self.invoice) else labels.DOCUMENT), code

    def party(self, title: str, party: Party) -> Box:
        contact = party.contact or Contact()
        return Box(
            self.say(title),
            party.name or party.trading_name or "",
            (*address_lines(party.address), *([party.legal_form] if party.legal_form else [])),
            self.facts(
                (labels.TRADING_NAME, party.trading_name if party.name and party.trading_name != party.name else None),
                (labels.VAT_ID, party.vat_id),
                (labels.TAX_ID, party.tax_id),
                (labels.LEGAL_ID, identifier(party.legal_id)),
                (labels.IDENTIFIER, "\n".join(identifier(each) for each in party.identifiers)),
                (labels.ELECTRONIC_ADDRESS, identifier(party.electronic_address)),
                (labels.CONTACT, contact.name),
                (labels.PHONE, contact.phone),
                (labels.EMAIL, contact.email),
            ),
        )

    def other_boxes(self) -> Iterator[Box]:
        if self.invoice.payee:
            yield self.party(labels.PAYEE, self.invoice.payee)
        if self.invoice.tax_representative:
            yield self.party(labels.TAX_REPRESENTATIVE, self.invoice.tax_representative)
        if self.invoice.delivery:
            yield self.delivery(self.invoice.delivery)

    def delivery(self, delivery: Delivery) -> Box:
        return Box(
            self.say(labels.DELIVERY),
            delivery.name or "",
            address_lines(delivery.address),
            self.facts(
                (labels.DELIVERY_DATE, self.day(delivery.date)), (labels.LOCATION, identifier(delivery.location))
            ),
        )

    # Parts, in the order of the sheet.

    def parts(self) -> Iterator[Part]:
        invoice = self.invoice
        if facts := self.document_facts():
            yield Part("document", "", facts=facts)
        yield from self.national("header")
        if invoice.notes:
            texts = (f"{note.subject}: {note.text}" if note.subject else note.text for note in invoice.notes)
            yield Part("notes", self.say(labels.NOTES), texts=tuple(texts))
        if invoice.lines:
            yield Part("lines", self.say(labels.LINES), table=self.lines(invoice.lines))
        yield from self.national("lines")
        if invoice.allowances or invoice.charges:
            yield Part("allowances", self.say(labels.ALLOWANCES_CHARGES), table=self.allowances())
        yield from self.national("vat")
        if invoice.vat_breakdown and "vat" not in self.replaced:
            yield Part("vat", self.say(labels.VAT_BREAKDOWN), table=self.vat_breakdown())
        if totals := self.totals():
            yield Part("totals", self.say(labels.TOTALS), totals=totals)
        yield from self.national("totals")
        yield from self.payment_parts()
        yield from self.national("payment")
        if invoice.attachments:
            files = tuple(self.file(each) for each in invoice.attachments)
            yield Part("attachments", self.say(labels.ATTACHMENTS), files=files)
        if self.enclosed and self.enclosed.signers:
            texts = (self.signer(each) for each in self.enclosed.signers)
            yield Part("signatures", self.say(labels.SIGNATURES), texts=tuple(texts))
        yield from self.national("end")

    def national(self, place: str) -> Iterator[Part]:
        for section in self.sections:
            # What replaces a general part stands where that part would.
            if (section.replaces or section.place) != place:
                continue
            title = self.say(section.title)
            if not section.columns:
                pairs = ((str(row[0]), self.value(row[1])) for row in section.rows if len(row) > 1)
                yield Part("national", title, facts=self.facts(*pairs))
                continue
            columns = [Column(self.say(each)) for each in section.columns]
            words = [0] * len(columns)
            for position in range(len(columns)):
                cells = [row[position] for row in section.rows if position < len(row) and row[position] is not None]
                if cells and all(isinstance(cell, Decimal) for cell in cells):
                    columns[position] = Column(columns[position].label, numeric=True)
                words[position] = max((len(cell) for cell in cells if isinstance(cell, str)), default=0)
            blank = [""] * len(columns)
            rows = tuple(
                Row(tuple([*(self.value(cell) for cell in row), *blank][: len(columns)])) for row in section.rows
            )
            yield Part("national", title, table=Table(tuple(columns), rows, words.index(max(words))))

    def document_facts(self) -> tuple[Fact, ...]:
        """The currency is not among them: it stands beside every amount."""
        invoice = self.invoice
        return self.facts(
            (labels.CURRENCY, invoice.currency if invoice.currency != self.currency else None),
            (labels.VAT_CURRENCY, invoice.vat_currency if invoice.vat_currency != invoice.currency else None),
            (labels.PERIOD, self.period(invoice.period)),
            (labels.TAX_POINT_DATE, self.day(invoice.tax_point_date)),
            (labels.TAX_POINT, self.coded(invoice.tax_point_code, vat.TAX_POINTS)),
            (labels.BUYER_REFERENCE, invoice.buyer_reference),
            (labels.PURCHASE_ORDER, invoice.purchase_order),
            (labels.SALES_ORDER, invoice.sales_order),
            (labels.CONTRACT, invoice.contract),
            (labels.PROJECT, invoice.project),
            (labels.TENDER, invoice.tender),
            (labels.DESPATCH_ADVICE, invoice.despatch_advice),
            (labels.RECEIVING_ADVICE, invoice.receiving_advice),
            (labels.OBJECT, identifier(invoice.object_id)),
            (labels.ACCOUNTING_REFERENCE, invoice.accounting_reference),
            (labels.PRECEDING_INVOICE, "\n".join(self.reference(each) for each in invoice.preceding_invoices)),
        )

    def lines(self, lines: Sequence[Line]) -> Table:
        """Columns that no line fills are left out."""
        columns = (
            Column(self.say(labels.LINE_ID), numeric=True),
            Column(self.say(labels.CODE)),
            Column(self.say(labels.DESCRIPTION)),
            Column(self.say(labels.QUANTITY), numeric=True),
            Column(self.say(labels.UNIT)),
            Column(self.say(labels.UNIT_PRICE), self.currency, numeric=True),
            Column(self.say(labels.DISCOUNT), numeric=True),
            Column(self.say(labels.VAT_RATE), numeric=True),
            Column(self.say(labels.NET), self.currency, numeric=True),
        )
        rows = [self.line(position, each) for position, each in enumerate(lines)]
        return _without_empty(Table(columns, tuple(rows), 2))

    def line(self, position: int, line: Line) -> Row:
        item, price = line.item or Item(), line.price or Price()
        name = item.name or item.description or ""
        cells = (
            line.id or "",
            item.seller_id or "",
            name,
            self.number(line.quantity),
            self.unit(line.unit),
            self.amount(price.net if price.net is not None else price.gross),
            " ".join([*map(self.reduction, line.allowances), *map(self.addition, line.charges)]),
            self.country.line_vat(self.invoice, position) or self.vat(line.vat),
            self.amount(line.net),
        )
        return Row(cells, tuple(self.line_details(line, item, price, name)))

    def reduction(self, each: AllowanceCharge) -> str:
        """`-10%`, or the amount where there is no percentage."""
        if each.percent is not None:
            return self.percent(_negative(each.percent))
        return self.amount(_negative(each.amount))

    def addition(self, each: AllowanceCharge) -> str:
        text = self.percent(each.percent) if each.percent is not None else self.amount(each.amount)
        return text if text.startswith("-") or not text else f"+{text}"

    def line_details(self, line: Line, item: Item, price: Price, name: str) -> Iterator[str]:
        if item.description and item.description != name:
            yield item.description
        if line.note:
            yield line.note
        facts = []
        for label, value in (
            (labels.LINE_PERIOD, self.period(line.period)),
            (labels.LINE_ORDER, line.order_line),
            (labels.LINE_OBJECT, identifier(line.object_id)),
            (labels.LINE_ACCOUNTING, line.accounting_reference),
            (labels.LINE_BUYER_ID, item.buyer_id),
            (labels.LINE_STANDARD_ID, identifier(item.standard_id)),
            (labels.LINE_ORIGIN, item.origin),
        ):
            if value:
                facts.append(self.say(label, value=value))
        for classified in item.classifications:
            scheme = " ".join(filter(None, (classified.scheme, classified.version)))
            facts.append(self.say(labels.LINE_CLASSIFICATION, value=_bracketed(classified.code, scheme)))
        facts.extend(f"{each.name}: {each.value}" if each.value else each.name for each in item.attributes)
        facts.extend(self.price_details(price))
        facts.extend(self.line_adjustments(labels.LINE_ALLOWANCE, line.allowances, reasons.ALLOWANCES))
        facts.extend(self.line_adjustments(labels.LINE_CHARGE, line.charges, reasons.CHARGES))
        if facts:
            yield " · ".join(facts)

    def price_details(self, price: Price) -> Iterator[str]:
        if price.base_quantity is not None and price.base_quantity != 1:
            quantity = f"{self.number(price.base_quantity)} {self.unit(price.base_unit)}".strip()
            yield self.say(labels.LINE_PRICE_BASE, quantity=quantity)
        if price.gross is not None and price.net not in (None, price.gross):
            yield self.say(labels.LINE_GROSS_PRICE, value=self.amount(price.gross))
        if price.discount:
            yield self.say(labels.LINE_PRICE_DISCOUNT, value=self.amount(price.discount))

    def line_adjustments(self, label: str, several: Iterable[AllowanceCharge], names: dict[str, str]) -> Iterator[str]:
        """What the discount column has no room for: reason, base, and the amount beside the percentage."""
        for each in several:
            words = [self.reason(each, names)] if each.reason or each.reason_code else []
            if each.percent is not None and each.amount is not None:
                if each.base is not None:
                    words.append(
                        self.say(
                            labels.LINE_OF_BASE,
                            percent=self.percent(each.percent),
                            base=self.amount(each.base),
                            amount=self.amount(each.amount),
                        )
                    )
                else:
                    words.append(f"{self.percent(each.percent)} = {self.amount(each.amount)}")
            elif words:
                words.append(self.amount(each.amount))
            if words:
                yield self.say(label, value=", ".join(filter(None, words)))

    def reason(self, each: AllowanceCharge, names: dict[str, str]) -> str:
        return each.reason or self.coded(each.reason_code, names)

    def allowances(self) -> Table:
        columns = (
            Column(self.say(labels.REASON)),
            Column(self.say(labels.BASE), self.currency, numeric=True),
            Column(self.say(labels.PERCENT), numeric=True),
            Column(self.say(labels.VAT_RATE), numeric=True),
            Column(self.say(labels.AMOUNT), self.currency, numeric=True),
        )
        rows = []
        for label, sign, several, names in (
            (labels.ALLOWANCE, -1, self.invoice.allowances, reasons.ALLOWANCES),
            (labels.CHARGE, 1, self.invoice.charges, reasons.CHARGES),
        ):
            for each in several:
                reason = self.reason(each, names)
                rows.append(
                    Row(
                        (
                            _titled(self.say(label), reason),
                            self.amount(each.base),
                            self.percent(each.percent),
                            self.vat(each.vat),
                            self.amount(_negative(each.amount) if sign < 0 else each.amount),
                        )
                    )
                )
        return _without_empty(Table(columns, tuple(rows), 0))

    def vat_breakdown(self) -> Table:
        columns = (
            Column(self.say(labels.VAT_CATEGORY)),
            Column(self.say(labels.RATE), numeric=True),
            Column(self.say(labels.TAXABLE), self.currency, numeric=True),
            Column(self.say(labels.VAT_AMOUNT), self.currency, numeric=True),
        )
        rows = []
        for each in self.invoice.vat_breakdown:
            cells = (
                self.coded(each.category, vat.CATEGORIES),
                self.percent(each.rate),
                self.amount(each.taxable),
                self.amount(each.tax),
            )
            details = (each.exemption_text, each.exemption_code)
            rows.append(Row(cells, tuple(text for text in details if text)))
        return Table(columns, tuple(rows), 0)

    def totals(self) -> tuple[Total, ...]:
        totals = self.invoice.totals
        own, accounting = self.currency, _short(self.invoice.vat_currency)
        rows = (
            (labels.TOTAL_LINES, totals.lines, own, False),
            (labels.TOTAL_ALLOWANCES, _negative(totals.allowances) or None, own, False),
            (labels.TOTAL_CHARGES, totals.charges or None, own, False),
            (labels.TOTAL_WITHOUT_VAT, totals.without_vat, own, False),
            (labels.TOTAL_VAT, totals.vat, own, False),
            (labels.TOTAL_VAT_ACCOUNTING, totals.vat_in_vat_currency, accounting, False),
            (labels.TOTAL_WITH_VAT, totals.with_vat, own, totals.payable is None),
            (labels.TOTAL_PAID, _negative(totals.paid) or None, own, False),
            (labels.TOTAL_ROUNDING, totals.rounding or None, own, False),
            (labels.TOTAL_PAYABLE, totals.payable, own, True),
        )
        return tuple(
            Total(self.say(label), self.amount(value), currency, strong)
            for label, value, currency, strong in rows
            if value is not None
        )

    # Payment.

    def payment_parts(self) -> Iterator[Part]:
        invoice = self.invoice
        if "payment" in self.replaced:
            if terms := self.facts((labels.TERMS, invoice.payment_terms)):
                yield Part("payment", self.say(labels.PAYMENT), facts=terms)
            return
        instalments = tuple(each for each in self.country.instalments(invoice) if each.origin in _WRITTEN)
        general = self.facts(
            (labels.DUE_DATE, self.day(invoice.due_date) if not instalments else None),
            (labels.TERMS, invoice.payment_terms),
        )
        groups = [facts for facts in map(self.payment_facts, invoice.payment) if facts]
        if general:
            groups[:1] = [general + groups[0]] if groups else [general]
        title = self.say(labels.PAYMENT)
        table = self.instalments(instalments) if instalments else None
        if not groups and table:
            groups = [()]
        for position, facts in enumerate(groups):
            last = position == len(groups) - 1
            yield Part("payment", title if position == 0 else "", facts=facts, table=table if last else None)

    def payment_facts(self, payment: Payment) -> tuple[Fact, ...]:
        means = self.coded(payment.means_code, payments.NAMES)
        if payment.means_text and payment.means_text != payment.means_code:
            means = f"{payment.means_text} – {means}" if means else payment.means_text
        card, debit = payment.card or PaymentCard(), payment.direct_debit or DirectDebit()
        transfers = (
            pair
            for each in payment.credit_transfers
            for pair in (
                (_account_label(each.account), account(each.account)),
                (labels.BIC, each.bic),
                (labels.ACCOUNT_NAME, each.account_name),
            )
        )
        return self.facts(
            (labels.MEANS, means),
            *transfers,
            (labels.REMITTANCE, payment.remittance),
            (labels.CARD, card.number),
            (labels.CARD_HOLDER, card.holder),
            (labels.MANDATE, debit.mandate),
            (labels.CREDITOR_ID, debit.creditor_id),
            (labels.DEBITED_ACCOUNT, account(debit.account)),
        )

    def instalments(self, instalments: Iterable[Instalment]) -> Table:
        columns = (
            Column(self.say(labels.DUE_DATE)),
            Column(self.say(labels.MEANS)),
            Column(self.say(labels.ACCOUNT)),
            Column(self.say(labels.AMOUNT), self.currency, numeric=True),
        )
        rows = tuple(
            Row(
                (
                    self.value(each.due_date),
                    self.coded(each.means, payments.NAMES),
                    account(each.account),
                    self.value(each.amount),
                )
            )
            for each in instalments
        )
        return _without_empty(Table(columns, rows, 1))

    # What came with it.

    def file(self, attachment: Attachment) -> File:
        name = attachment.filename or attachment.reference or attachment.location or str(attachment.index + 1)
        details = (attachment.reference, attachment.description, attachment.location)
        return File(
            attachment.index,
            name,
            attachment.mime or "",
            self.size(attachment.size),
            tuple(dict.fromkeys(text for text in details if text and text != name)),
        )

    def signer(self, signer: Signer) -> str:
        name = _bracketed(signer.name or "", signer.tax_id or "") or self.say(labels.UNNAMED_SIGNER)
        if signer.signed_at is None:
            return self.say(labels.SIGNED, name=name)
        return self.say(labels.SIGNED_ON, name=name, date=self.day(signer.signed_at.date()))


def address_lines(address: Address | None) -> tuple[str, ...]:
    """An address as on an envelope: streets, then post code and town, then country."""
    if address is None:
        return ()
    town = " ".join(filter(None, (address.post_code, address.city)))
    town = _bracketed(town, address.subdivision or "")
    town = ", ".join(filter(None, (town, address.country)))
    return tuple(line for line in (address.line1, address.line2, address.line3, town) if line)


def identifier(each: Identifier | None) -> str:
    """An identifier, its scheme in brackets."""
    return _bracketed(each.value, each.scheme or "") if each else ""


def account(text: str | None) -> str:
    """An IBAN in groups of four, anything else as it is."""
    bare = (text or "").replace(" ", "").upper()
    if _IBAN.fullmatch(bare):
        return " ".join(bare[start : start + 4] for start in range(0, len(bare), 4))
    return text or ""


def _account_label(text: str | None) -> str:
    return labels.IBAN if _IBAN.fullmatch((text or "").replace(" ", "").upper()) else labels.ACCOUNT


def _bracketed(text: str, more: str) -> str:
    return f"{text} ({more})" if text and more else text or more


def _negative(value: Decimal | None) -> Decimal | None:
    """The value with the other sign; zero stays as it is."""
    return value.copy_negate() if value else value


def _short(code: str | None) -> str:
    """A currency beside every amount must be one; what else stands in its place is cut."""
    return code if code and len(code) <= 8 else f"{code[:7]}…" if code else ""


def _titled(title: str, text: str) -> str:
    """`title: text`, without saying the same word twice."""
    return text if text.startswith(title) else f"{title}: {text}" if text else title


def _printable(value: Decimal) -> bool:
    """Can it be an amount of this world? Formatting hostile exponents would cost memory and time."""
    return value.is_finite() and abs(value.adjusted()) < _MOST_DIGITS and len(value.as_tuple().digits) < _MOST_DIGITS


def _without_empty(table: Table) -> Table:
    """The table less the columns in which no row has anything; the wide one always stays."""
    kept = [
        position
        for position in range(len(table.columns))
        if position == table.wide or any(row.cells[position] for row in table.rows)
    ]
    if len(kept) == len(table.columns):
        return table
    rows = tuple(Row(tuple(row.cells[position] for position in kept), row.details) for row in table.rows)
    return Table(tuple(table.columns[position] for position in kept), rows, kept.index(table.wide))

"""What a printed Italian invoice shows beyond EN 16931, in the order that accountants know.

Titles, columns, labels and code names are marked texts; the page translates and formats them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from fatto.countries.it import documents
from fatto.countries.it.fatturapa import codes
from fatto.countries.it.fatturapa.codes import label
from fatto.countries.it.fatturapa.parts import ItalianParts, PartyParts, PaymentDetail, Person
from fatto.country import Percent, Section
from fatto.i18n import _
from fatto.invoice.model import Address, Invoice

Row = tuple[object, ...]
_HIDDEN = frozenset({"AswRelStd"})
"""Kinds of AltriDatiGestionali that say something about the file, not about the goods."""


def sections(invoice: Invoice) -> tuple[Section, ...]:
    """The national tables of a document; empty ones are left out, and so are columns without any value."""
    parts = documents.parts_of(invoice)
    if parts is None:
        return ()
    made = (
        _section(_("Document"), _document(parts), place="header"),
        _section(_("Seller: further particulars"), _party(parts.seller), place="header"),
        _section(_("Buyer: further particulars"), _party(parts.buyer), place="header"),
        _section(_("Intermediary or issuer"), _person(parts.third_party), place="header"),
        _references(parts),
        _delivery_notes(parts),
        _line_details(invoice, parts),
        _funds(parts),
        _vat(invoice, parts),
        _section(_("Stamp duty and discounts"), _totals(parts), place="totals"),
        _withholdings(parts),
        _payments(parts),
        _payment_terms(parts),
        _section(_("Transport"), _transport(parts)),
        _section(_("Other particulars"), _others(parts)),
    )
    return tuple(each for each in made if each is not None)


def _section(title: str, pairs: Iterable[tuple[str, object]], place: str = "end") -> Section | None:
    """A table of labels and values; pairs without value are left out."""
    rows = tuple((name, value) for name, value in pairs if value not in (None, "", ()))
    return Section(title=title, rows=rows, place=place) if rows else None


def _table(title: str, columns: tuple[str, ...], rows: Iterable[Row], place: str, replaces: str = "") -> Section | None:
    """A table with columns; those that no row fills are left out."""
    found = [row for row in rows if any(cell is not None for cell in row)]
    if not found:
        return None
    kept = [index for index in range(len(columns)) if any(row[index] is not None for row in found)]
    return Section(
        title=title,
        columns=tuple(columns[index] for index in kept),
        rows=tuple(tuple(row[index] for index in kept) for row in found),
        place=place,
        replaces=replaces,
    )


def _document(parts: ItalianParts) -> Iterator[tuple[str, object]]:
    sent = parts.transmission
    if sent is not None:
        yield _("Recipient code"), sent.recipient_code
        yield _("Recipient's PEC"), sent.recipient_pec
        yield _("Transmission format"), sent.format
        yield _("Transmission number"), sent.progressive
        yield _("Sent by"), f"{sent.sender_country or ''}{sent.sender_id or ''}"
    yield _("Issued by"), label(codes.ISSUERS, parts.issuer)
    yield _("Art. 73 DPR 633/72"), parts.art73
    if parts.corrected is not None:
        yield _("Corrected invoice"), parts.corrected.number
        yield _("Date of the corrected invoice"), parts.corrected.date
        yield _("What is corrected"), parts.corrected.elements


def _party(party: PartyParts | None) -> Iterator[tuple[str, object]]:
    if party is None:
        return
    yield _("Title"), party.title
    yield _("Tax regime"), label(codes.REGIMES, party.regime)
    entry = party.registration
    if entry is not None:
        yield _("Companies register (REA)"), " ".join(each for each in (entry.office, entry.number) if each)
        yield _("Share capital"), entry.share_capital
        yield _("Shareholders"), label(codes.SHAREHOLDERS, entry.shareholders)
        yield _("Liquidation"), label(codes.LIQUIDATION, entry.liquidation)
    yield _("Professional register"), party.register
    yield _("Province of the register"), party.register_province
    yield _("Number in the register"), party.register_number
    yield _("Registered on"), party.register_date
    yield _("Fixed establishment"), _place(party.establishment)
    if party.representative is not None:
        yield _("Tax representative"), _name(party.representative)
        yield _("VAT number of the representative"), party.representative.vat_id
    yield _("Fax"), party.fax
    yield _("Administrative reference"), party.reference


def _person(person: Person | None) -> Iterator[tuple[str, object]]:
    if person is not None:
        yield _("Name"), _name(person)
        yield _("VAT number"), person.vat_id
        yield _("Tax number"), person.tax_id
        yield _("EORI"), person.eori
        yield _("Driving licence number"), person.licence


def _name(person: Person) -> str:
    return person.name or " ".join(each for each in (person.title, person.first_name, person.last_name) if each)


def _place(address: Address | None) -> str | None:
    if address is None:
        return None
    town = " ".join(each for each in (address.post_code, address.city, address.subdivision) if each)
    return ", ".join(each for each in (address.line1, town, address.country) if each)


def _numbers(lines: tuple[int, ...]) -> str | None:
    return ", ".join(str(line) for line in lines) or None


def _references(parts: ItalianParts) -> Section | None:
    return _table(
        _("References"),
        (_("Kind"), _("Number"), _("Date"), _("Lines"), _("Item"), _("Job or agreement"), _("CUP"), _("CIG")),
        (
            (
                label(codes.REFERENCES, each.kind),
                each.number,
                each.date,
                _numbers(each.lines),
                each.item,
                each.job,
                each.cup,
                each.cig,
            )
            for each in parts.references
        ),
        "header",
    )


def _delivery_notes(parts: ItalianParts) -> Section | None:
    return _table(
        _("Delivery notes (DDT)"),
        (_("Number"), _("Date"), _("Lines")),
        ((each.number, each.date, _numbers(each.lines)) for each in parts.delivery_notes),
        "header",
    )


def _line_details(invoice: Invoice, parts: ItalianParts) -> Section | None:
    rows: list[Row] = []
    for index, extra in enumerate(parts.lines):
        number = (invoice.lines[index].id if index < len(invoice.lines) else None) or str(index + 1)
        if extra.kind:
            rows.append((number, _("Kind of supply"), label(codes.LINE_KINDS, extra.kind), None, None))
        if extra.nature:
            rows.append((number, _("Nature"), label(codes.NATURES, extra.nature), None, None))
        if extra.legal_reference:
            rows.append((number, _("Legal reference"), extra.legal_reference, None, None))
        if extra.withheld:
            rows.append((number, _("Subject to withholding"), "SI", None, None))
        for code in extra.codes[1:]:
            rows.append((number, code.kind, code.value, None, None))
        for discount in extra.discounts:
            name = label(codes.DISCOUNTS, discount.kind)
            if discount.percent is not None:
                rows.append((number, name, _percent(discount.percent), None, None))
            if discount.amount is not None:
                rows.append((number, name, None, discount.amount, None))
        for other in extra.other:
            if other.kind not in _HIDDEN:
                rows.append((number, other.kind, other.text, other.number, other.date))
    return _table(_("Line particulars"), (_("Line"), _("What"), _("Text"), _("Number"), _("Date")), rows, "lines")


def _percent(value: Decimal | None) -> Percent | None:
    return None if value is None else Percent(value)


def _funds(parts: ItalianParts) -> Section | None:
    return _table(
        _("Social security funds"),
        (_("Fund"), _("Base"), _("Rate"), _("Withholding"), _("VAT"), _("Amount")),
        (
            (
                label(codes.FUNDS, each.kind),
                each.base,
                _percent(each.rate),
                "SI" if each.withheld else None,
                label(codes.NATURES, each.nature) or _percent(each.vat_rate),
                each.amount,
            )
            for each in parts.funds
        ),
        "totals",
    )


def _vat(invoice: Invoice, parts: ItalianParts) -> Section | None:
    """Only what the general VAT table cannot say: when VAT is due, accessory costs, rounding, Natura, law."""
    if not any(
        row.due or row.nature or row.accessory_costs or row.rounding or row.legal_reference for row in parts.vat
    ):
        return None
    rows = (
        (
            label(codes.NATURES, row.nature) or _percent(row.rate),
            label(codes.VAT_DUE, row.due) or codes.NOT_DECLARED,
            row.legal_reference,
            row.accessory_costs,
            row.rounding,
            total.taxable,
            total.tax,
        )
        for row, total in zip(parts.vat, invoice.vat_breakdown, strict=False)
    )
    return _table(
        _("VAT summary"),
        (
            _("VAT"),
            _("VAT due"),
            _("Legal reference"),
            _("Accessory costs"),
            _("Rounding"),
            _("Taxable amount"),
            _("Tax"),
        ),
        rows,
        "totals",
        replaces="vat",
    )


def _totals(parts: ItalianParts) -> Iterator[tuple[str, object]]:
    if parts.stamp_duty is not None:
        yield _("Virtual stamp duty"), parts.stamp_duty.virtual
        yield _("Stamp duty"), parts.stamp_duty.amount
    for each in parts.discounts:
        if each.kind == "MG":
            yield _("Surcharge on the document"), _percent(each.percent)
            yield _("Surcharge on the document"), each.amount
        else:
            yield _("Discount on the document"), _percent(each.percent)
            yield _("Discount on the document"), each.amount


def _withholdings(parts: ItalianParts) -> Section | None:
    return _table(
        _("Withholding"),
        (_("Kind"), _("Rate"), _("Reason"), _("Amount")),
        (
            (
                label(codes.WITHHOLDINGS, each.kind),
                _percent(each.rate),
                label(codes.WITHHOLDING_REASONS, each.reason),
                each.amount,
            )
            for each in parts.withholdings
        ),
        "totals",
    )


def _payments(parts: ItalianParts) -> Section | None:
    return _table(
        _("Payment"),
        (_("Conditions"), _("Means"), _("Bank and account"), _("Due date"), _("Days"), _("Counted from"), _("Amount")),
        (
            (
                label(codes.PAYMENT_CONDITIONS, block.conditions),
                label(codes.PAYMENT_MEANS, detail.means),
                _account(detail),
                detail.due_date,
                None if detail.terms_days is None else str(detail.terms_days),
                detail.terms_from,
                detail.amount,
            )
            for block in parts.payments
            for detail in block.details
        ),
        "payment",
        replaces="payment",
    )


def _account(detail: PaymentDetail) -> str | None:
    named = (("IBAN", detail.iban), ("ABI", detail.abi), ("CAB", detail.cab), ("BIC", detail.bic))
    words = [detail.beneficiary, detail.bank, *(f"{name} {value}" for name, value in named if value)]
    return " · ".join(word for word in words if word) or None


def _payment_terms(parts: ItalianParts) -> Section | None:
    def rows() -> Iterator[Row]:
        for block in parts.payments:
            for detail in block.details:
                receiver = " ".join(
                    each
                    for each in (detail.receiver_title, detail.receiver_first_name, detail.receiver_last_name)
                    if each
                )
                for name, text, amount, day in (
                    (_("Receipt signed by"), receiver or None, None, None),
                    (_("Tax number of who signs"), detail.receiver_tax_id, None, None),
                    (_("Post office"), detail.post_office, None, None),
                    (_("Discount for early payment"), None, detail.early_discount, detail.early_until),
                    (_("Penalty for late payment"), None, detail.late_penalty, detail.penalty_from),
                    (_("Payment code"), detail.code, None, None),
                ):
                    if text is not None or amount is not None or day is not None:
                        yield name, text, amount, day

    return _table(_("Payment particulars"), (_("What"), _("Text"), _("Amount"), _("Date")), rows(), "payment")


def _transport(parts: ItalianParts) -> Iterator[tuple[str, object]]:
    found = parts.transport
    if found is None:
        return
    if found.carrier is not None:
        yield _("Carrier"), _name(found.carrier)
        yield _("VAT number of the carrier"), found.carrier.vat_id
        yield _("Tax number of the carrier"), found.carrier.tax_id
        yield _("Driving licence number"), found.carrier.licence
    yield _("Vehicle"), found.vehicle
    yield _("Reason for transport"), found.reason
    yield _("Number of packages"), None if found.packages is None else str(found.packages)
    yield _("Description of the goods"), found.description
    unit = f" {found.weight_unit}" if found.weight_unit else ""
    yield _("Gross weight"), None if found.gross_weight is None else f"{found.gross_weight}{unit}"
    yield _("Net weight"), None if found.net_weight is None else f"{found.net_weight}{unit}"
    yield _("Collected on"), found.collected
    yield _("Transport began on"), found.started
    yield _("Terms of delivery"), found.terms
    yield _("Place of delivery"), _place(found.address)
    yield _("Delivered on"), found.delivered


def _others(parts: ItalianParts) -> Iterator[tuple[str, object]]:
    yield _("Phases of the works (SAL)"), _numbers(parts.phases)
    if parts.main_invoice is not None:
        yield _("Main invoice"), parts.main_invoice.number
        yield _("Date of the main invoice"), parts.main_invoice.date
    if parts.vehicle is not None:
        yield _("First registration of the vehicle"), parts.vehicle.date
        yield _("Distance or hours of the vehicle"), parts.vehicle.distance

"""The simplified FatturaPA (FSM10) → invoices, one per body.

Its amounts (Importo) include VAT. The net of a line is Importo less Imposta; where only a rate is
written, Importo / (1 + rate / 100) rounded to cents, which is how the format defines it. The
breakdown adds up the lines by rate and Natura; `totals.with_vat` is the sum of the Importo.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from fatto.countries.it.fatturapa import attachments, codes, parties
from fatto.countries.it.fatturapa.parties import need
from fatto.countries.it.fatturapa.parts import (
    CorrectedInvoice,
    ItalianParts,
    LineParts,
    PartyParts,
    StampDuty,
    Transmission,
    VatRow,
)
from fatto.countries.it.fatturapa.read import vat_category
from fatto.formats.format import Element, Format, Reading
from fatto.formats.xml import Nodes, Reader, children, content, local, many, one
from fatto.i18n import _
from fatto.invoice.model import (
    Invoice,
    Item,
    Line,
    Party,
    Process,
    Reference,
    Totals,
    VatBreakdown,
    VatCategory,
)
from fatto.money import round_cents

ZERO = Decimal(0)
_HEADER = frozenset({"DatiTrasmissione", "CedentePrestatore", "CessionarioCommittente"})
_BODY = frozenset({"DatiGenerali", "DatiBeniServizi"})
_SELLER = frozenset({"IdFiscaleIVA", "Sede", "RegimeFiscale"})
_LINE = frozenset({"Descrizione", "Importo", "DatiIVA"})


def recognise(root: Element) -> bool:
    """Is it a simplified FatturaPA? By the root's name, whatever became of its namespace."""
    return local(root) == "FatturaElettronicaSemplificata"


def read(root: Element) -> Iterator[Reading]:
    """One reading per FatturaElettronicaBody; each has the shared header and its findings."""
    top = children(root)
    header = _Header(Reader(), root, one(top, "FatturaElettronicaHeader"))
    for index, body in enumerate(many(top, "FatturaElettronicaBody")):
        yield _body(header, body, index)


class _Header:
    """FatturaElettronicaHeader, read once for all bodies."""

    __slots__ = (
        "buyer",
        "buyer_parts",
        "findings",
        "issuer",
        "seller",
        "seller_parts",
        "system",
        "transmission",
        "version",
    )

    def __init__(self, reader: Reader, root: Element, element: Element | None) -> None:
        self.version = root.get("versione")
        self.system = root.get("SistemaEmittente")
        self.transmission: Transmission | None = None
        self.seller, self.buyer = Party(), Party()
        self.seller_parts: PartyParts | None = None
        self.buyer_parts: PartyParts | None = None
        nodes = children(element)
        if element is None:
            reader.missing(root, "FatturaElettronicaHeader")
        else:
            need(reader, element, nodes, _HEADER)
        sent = one(nodes, "DatiTrasmissione")
        seller = one(nodes, "CedentePrestatore")
        buyer = one(nodes, "CessionarioCommittente")
        if sent is not None:
            self.transmission = parties.transmission(reader, sent)
        if seller is not None:
            self.seller, self.seller_parts = _seller(reader, seller)
        if buyer is not None:
            self.buyer, self.buyer_parts = _buyer(reader, buyer, self.transmission)
        self.issuer = reader.text(nodes, "SoggettoEmittente")
        self.findings = tuple(reader.findings)


def _seller(reader: Reader, element: Element) -> tuple[Party, PartyParts]:
    """CedentePrestatore."""
    nodes = children(element)
    need(reader, element, nodes, _SELLER)
    name = parties.full_name(reader, nodes)
    if name is None:
        reader.missing(element, "Denominazione")
    entry = parties.registration(reader, one(nodes, "IscrizioneREA"))
    party = Party(
        name=name,
        legal_id=parties.register_number(entry),
        vat_id=parties.vat_id(reader, one(nodes, "IdFiscaleIVA")),
        tax_id=reader.text(nodes, "CodiceFiscale"),
        address=parties.address(reader, one(nodes, "Sede")),
    )
    return party, PartyParts(
        first_name=reader.text(nodes, "Nome"),
        last_name=reader.text(nodes, "Cognome"),
        regime=reader.text(nodes, "RegimeFiscale"),
        registration=entry,
        establishment=parties.address(reader, one(nodes, "StabileOrganizzazione")),
        representative=parties.person(reader, one(nodes, "RappresentanteFiscale")),
    )


def _buyer(reader: Reader, element: Element, sent: Transmission | None) -> tuple[Party, PartyParts | None]:
    """CessionarioCommittente: often no more than a tax number."""
    nodes = children(element)
    ids = children(one(nodes, "IdentificativiFiscali"))
    if "IdentificativiFiscali" not in nodes:
        reader.missing(element, "IdentificativiFiscali")
    more = children(one(nodes, "AltriDatiIdentificativi"))
    party = Party(
        name=parties.full_name(reader, more),
        vat_id=parties.vat_id(reader, one(ids, "IdFiscaleIVA")),
        tax_id=reader.text(ids, "CodiceFiscale"),
        electronic_address=parties.electronic_address(sent),
        address=parties.address(reader, one(more, "Sede")),
    )
    parts = PartyParts(
        first_name=reader.text(more, "Nome"),
        last_name=reader.text(more, "Cognome"),
        establishment=parties.address(reader, one(more, "StabileOrganizzazione")),
        representative=parties.person(reader, one(more, "RappresentanteFiscale")),
    )
    return party, parts if parts != PartyParts() else None


def _body(header: _Header, body: Element, index: int) -> Reading:
    reader = Reader(header.findings)
    nodes = children(body)
    need(reader, body, nodes, _BODY)
    general_element = one(nodes, "DatiGenerali")
    general = children(general_element)
    document_element = one(general, "DatiGeneraliDocumento")
    if document_element is None and general_element is not None:
        reader.missing(general_element, "DatiGeneraliDocumento")
    document = children(document_element)
    number, kind, currency = (reader.text(document, name) for name in ("Numero", "TipoDocumento", "Divisa"))
    if document_element is not None:
        for name in ("TipoDocumento", "Divisa", "Data", "Numero"):
            if content(one(document, name)) is None:
                reader.missing(document_element, name)
    corrected = _corrected(reader, general)
    lines, line_parts = _lines(reader, many(nodes, "DatiBeniServizi"))
    breakdown, rows = _breakdown(lines, line_parts)
    files, file_parts = attachments.read(reader, many(nodes, "Allegati"))
    stamp = reader.text(document, "BolloVirtuale")
    gross = _sum(part.gross for part in line_parts)
    invoice = Invoice(
        number=number,
        issue_date=reader.day(document, "Data"),
        type_code=codes.TYPE_CODES.get(kind or ""),
        currency=currency,
        process=Process(specification=header.version) if header.version else None,
        preceding_invoices=(Reference(number=corrected.number, issue_date=corrected.date),)
        if corrected and corrected.number
        else (),
        seller=header.seller,
        buyer=header.buyer,
        tax_representative=parties.as_party(header.seller_parts.representative) if header.seller_parts else None,
        totals=Totals(
            without_vat=_sum(row.taxable for row in breakdown),
            vat=_sum(row.tax for row in breakdown),
            with_vat=gross,
            payable=gross,
        ),
        vat_breakdown=breakdown,
        attachments=files,
        lines=lines,
        parts=ItalianParts(
            document_type=kind,
            version=header.version,
            system=header.system,
            transmission=header.transmission,
            seller=header.seller_parts,
            buyer=header.buyer_parts,
            issuer=header.issuer,
            stamp_duty=StampDuty(virtual=stamp) if stamp else None,
            vat=rows,
            lines=line_parts,
            attachments=file_parts,
            corrected=corrected,
        ),
    )
    return Reading(invoice=invoice, format="fatturapa-simplified", index=index, findings=tuple(reader.findings))


def _corrected(reader: Reader, general: Nodes) -> CorrectedInvoice | None:
    """DatiFatturaRettificata: the invoice that this one corrects."""
    element = one(general, "DatiFatturaRettificata")
    if element is None:
        return None
    nodes = children(element)
    return CorrectedInvoice(
        number=reader.text(nodes, "NumeroFR"),
        date=reader.day(nodes, "DataFR"),
        elements=reader.text(nodes, "ElementiRettificati"),
    )


def _lines(reader: Reader, elements: list[Element]) -> tuple[tuple[Line, ...], tuple[LineParts, ...]]:
    lines: list[Line] = []
    parts: list[LineParts] = []
    for element in elements:
        nodes = children(element)
        need(reader, element, nodes, _LINE)
        vat = children(one(nodes, "DatiIVA"))
        gross = reader.decimal(nodes, "Importo")
        tax, rate = reader.decimal(vat, "Imposta"), reader.decimal(vat, "Aliquota")
        nature = reader.text(nodes, "Natura")
        lines.append(
            Line(
                net=net(gross, tax, rate),
                vat=VatCategory(category=_category(tax, rate, nature), rate=rate),
                item=Item(name=reader.text(nodes, "Descrizione")),
            )
        )
        parts.append(
            LineParts(nature=nature, gross=gross, tax=tax, legal_reference=reader.text(nodes, "RiferimentoNormativo"))
        )
    return tuple(lines), tuple(parts)


def net(gross: Decimal | None, tax: Decimal | None, rate: Decimal | None) -> Decimal | None:
    """The amount without VAT: by the written tax, else by the rate; None when neither is written."""
    if gross is None:
        return None
    if tax is not None:
        return gross - tax
    if rate is None or rate < 0:
        return None
    return round_cents(gross / (1 + rate / 100))


def _category(tax: Decimal | None, rate: Decimal | None, nature: str | None) -> str | None:
    if rate is None and nature is None and tax:
        return "S"
    return vat_category(rate, nature, split=False)[0]


def _breakdown(
    lines: tuple[Line, ...], parts: tuple[LineParts, ...]
) -> tuple[tuple[VatBreakdown, ...], tuple[VatRow, ...]]:
    """The lines by rate and Natura, in the order in which they appear."""
    groups: dict[tuple[Decimal | None, str | None], list[tuple[Line, LineParts]]] = {}
    for line, part in zip(lines, parts, strict=True):
        groups.setdefault((line.vat.rate if line.vat else None, part.nature), []).append((line, part))
    breakdown: list[VatBreakdown] = []
    rows: list[VatRow] = []
    for (rate, nature), members in groups.items():
        taxable = _sum(line.net for line, _part in members)
        gross = _sum(part.gross for _line, part in members)
        first, part = members[0]
        category = first.vat.category if first.vat else None
        breakdown.append(
            VatBreakdown(
                taxable=taxable,
                tax=gross - taxable if gross is not None and taxable is not None else None,
                category=category,
                rate=rate,
                exemption_text=part.legal_reference if category != "S" else None,
                exemption_code=vat_category(rate, nature, split=False)[1],
            )
        )
        rows.append(VatRow(rate=rate, nature=nature, legal_reference=part.legal_reference))
    return tuple(breakdown), tuple(rows)


def _sum(amounts: Iterator[Decimal | None]) -> Decimal | None:
    found = list(amounts)
    return sum((each for each in found if each is not None), ZERO) if found and None not in found else None


FORMAT = Format(
    name="fatturapa-simplified",
    title=_("Simplified FatturaPA"),
    recognise=recognise,
    read=read,
    attachment=attachments.fetch,
)

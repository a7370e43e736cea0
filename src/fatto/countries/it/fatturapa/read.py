"""The ordinary FatturaPA (FPA12, FPR12, and 1.0, 1.1 of the old archives) → invoices, one per body.

How the canonical amounts come about, since the format writes few totals:

- `totals.without_vat` and `totals.vat` are the sums of the breakdown's written amounts (the
  breakdown is the truth for VAT; lines are never added up).
- `totals.with_vat` is ImportoTotaleDocumento; when that is absent, the sum of the breakdown, of the
  document's rounding and of its discounts in money. A discount in percent of an unwritten total
  leaves it empty.
- `totals.payable` is what the buyer owes the seller: `with_vat` less the VAT of split payment and
  less what is withheld. A total that was already written net of the withholding is not lowered twice.

Signs stay as written: credit notes are usually positive, some are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from fatto.countries.it.fatturapa import attachments, codes, parties
from fatto.countries.it.fatturapa.parties import need
from fatto.countries.it.fatturapa.parts import (
    ArticleCode,
    DeliveryNote,
    Discount,
    DocumentReference,
    FundContribution,
    ItalianParts,
    LineParts,
    MainInvoice,
    OtherData,
    PartyParts,
    PaymentBlock,
    PaymentDetail,
    Person,
    StampDuty,
    Transmission,
    Transport,
    VatRow,
    Vehicle,
    Withholding,
)
from fatto.formats.format import Element, Format, Reading
from fatto.formats.xml import Nodes, Reader, children, content, local, many, one
from fatto.i18n import _
from fatto.invoice.model import (
    AllowanceCharge,
    Classification,
    CreditTransfer,
    Delivery,
    DirectDebit,
    Identifier,
    Invoice,
    Item,
    Line,
    Note,
    Party,
    Payment,
    Period,
    Price,
    Process,
    Reference,
    Totals,
    VatBreakdown,
    VatCategory,
)
from fatto.rules.finding import Finding

ZERO = Decimal(0)
_HEADER = frozenset({"DatiTrasmissione", "CedentePrestatore", "CessionarioCommittente"})
_BODY = frozenset({"DatiGenerali", "DatiBeniServizi"})
_DOCUMENT = frozenset({"TipoDocumento", "Divisa", "Data", "Numero"})
_LINE = frozenset({"NumeroLinea", "Descrizione", "PrezzoUnitario", "PrezzoTotale", "AliquotaIVA"})
_ROW = frozenset({"AliquotaIVA", "ImponibileImporto", "Imposta"})
_REFERENCES = (
    ("DatiOrdineAcquisto", "order"),
    ("DatiContratto", "contract"),
    ("DatiConvenzione", "convention"),
    ("DatiRicezione", "receipt"),
    ("DatiFattureCollegate", "invoice"),
)
_GLOBAL_CODES = frozenset({"EAN", "EAN13", "EAN-13", "EAN8", "GTIN", "GTIN13", "GTIN-13", "BARCODE", "UPC"})
_CLASSIFYING = frozenset({"CPV", "TARIC", "NC", "SSC", "ATECO", "UNSPSC", "ECLASS", "CARB"})
_PLAIN = LineParts()


def recognise(root: Element) -> bool:
    """Is it an ordinary FatturaPA? By the root's name, whatever became of its namespace."""
    return local(root) == "FatturaElettronica"


def read(root: Element) -> Iterator[Reading]:
    """One reading per FatturaElettronicaBody; each has the shared header and its findings."""
    top = children(root)
    reader = Reader()
    header = _Header(reader, root, one(top, "FatturaElettronicaHeader"))
    shared = tuple(reader.findings)
    for index, body in enumerate(many(top, "FatturaElettronicaBody")):
        yield _Body(header, body, shared).reading(index)


class _Header:
    """FatturaElettronicaHeader, read once for all bodies."""

    __slots__ = (
        "buyer",
        "buyer_parts",
        "issuer",
        "representative",
        "seller",
        "seller_parts",
        "system",
        "third",
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
        self.representative: Party | None = None
        self.third: Person | None = None
        self.issuer: str | None = None
        if element is None:
            reader.missing(root, "FatturaElettronicaHeader")
            return
        nodes = children(element)
        if not nodes.keys() >= _HEADER:
            need(reader, element, nodes, _HEADER)
        sent = one(nodes, "DatiTrasmissione")
        if sent is not None:
            self.transmission = parties.transmission(reader, sent)
        seller = one(nodes, "CedentePrestatore")
        if seller is not None:
            self.seller, self.seller_parts = parties.seller(reader, seller)
        buyer = one(nodes, "CessionarioCommittente")
        if buyer is not None:
            self.buyer, self.buyer_parts = parties.buyer(reader, buyer, self.transmission)
        if "RappresentanteFiscale" in nodes:
            self.representative = parties.as_party(parties.person(reader, one(nodes, "RappresentanteFiscale")))
        if "TerzoIntermediarioOSoggettoEmittente" in nodes:
            self.third = parties.person(reader, one(nodes, "TerzoIntermediarioOSoggettoEmittente"))
        self.issuer = reader.text(nodes, "SoggettoEmittente")


class _Body:
    """One FatturaElettronicaBody on its way to an invoice: a method per block, in the document's order."""

    __slots__ = ("body", "header", "nodes", "reader")

    def __init__(self, header: _Header, body: Element, findings: tuple[Finding, ...]) -> None:
        self.header = header
        self.body = body
        self.nodes = children(body)
        self.reader = Reader(findings)

    def reading(self, index: int) -> Reading:
        reader, nodes, header = self.reader, self.nodes, self.header
        if not nodes.keys() >= _BODY:
            need(reader, self.body, nodes, _BODY)
        general_element = one(nodes, "DatiGenerali")
        general = children(general_element)
        document_element = one(general, "DatiGeneraliDocumento")
        if document_element is None and general_element is not None:
            reader.missing(general_element, "DatiGeneraliDocumento")
        document = children(document_element)
        number = reader.text(document, "Numero")
        kind = reader.text(document, "TipoDocumento")
        currency = reader.text(document, "Divisa")
        issued = reader.day(document, "Data")
        if document_element is not None:
            for name, value in (("TipoDocumento", kind), ("Divisa", currency), ("Numero", number)):
                if value is None:
                    reader.missing(document_element, name)
            if issued is None and not content(one(document, "Data")):
                reader.missing(document_element, "Data")
        withholdings = self.withholdings(document)
        funds = self.funds(document)
        discounts = self.discounts(document)
        stamp_duty = self.stamp_duty(document)
        total = reader.decimal(document, "ImportoTotaleDocumento")
        goods_element = one(nodes, "DatiBeniServizi")
        goods = children(goods_element)
        rows, breakdown = self.vat(goods, goods_element)
        lines, line_parts = self.lines(goods, goods_element, rows)
        payments, blocks = self.payments()
        references = self.references(general)
        notes_of_delivery = self.delivery_notes(general)
        transport, delivery = self.transport(general)
        files, file_parts = attachments.read(reader, many(nodes, "Allegati")) if "Allegati" in nodes else ((), ())
        due_dates = {detail.due_date for block in blocks for detail in block.details if detail.due_date}
        invoice = Invoice(
            number=number,
            issue_date=issued,
            type_code=codes.TYPE_CODES.get(kind or ""),
            currency=currency,
            due_date=due_dates.pop() if len(due_dates) == 1 else None,
            project=_only(each.cup for each in references),
            contract=_only(each.number for each in references if each.kind == "contract"),
            purchase_order=_only(each.number for each in references if each.kind == "order"),
            receiving_advice=_only(each.number for each in references if each.kind == "receipt"),
            despatch_advice=_only(each.number for each in notes_of_delivery),
            tender=_only(each.cig for each in references),
            accounting_reference=header.seller_parts.reference if header.seller_parts else None,
            notes=tuple(Note(text=text) for text in reader.texts(document, "Causale")),
            process=Process(specification=header.version) if header.version else None,
            preceding_invoices=tuple(
                Reference(number=each.number, issue_date=each.date)
                for each in references
                if each.kind == "invoice" and each.number
            ),
            seller=header.seller,
            buyer=header.buyer,
            tax_representative=header.representative,
            delivery=delivery,
            payment=payments,
            charges=tuple(_charge(each) for each in funds),
            totals=_totals(
                total,
                reader.decimal(document, "Arrotondamento"),
                breakdown,
                rows,
                discounts,
                stamp_duty.amount if stamp_duty else None,
                withholdings,
                blocks,
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
                third_party=header.third,
                issuer=header.issuer,
                withholdings=withholdings,
                stamp_duty=stamp_duty,
                funds=funds,
                discounts=discounts,
                document_total=total,
                art73=reader.text(document, "Art73"),
                vat=rows,
                references=references,
                phases=self.phases(general),
                delivery_notes=notes_of_delivery,
                transport=transport,
                main_invoice=self.main_invoice(general),
                vehicle=self.vehicle(),
                payments=blocks,
                lines=line_parts,
                attachments=file_parts,
            ),
        )
        return Reading(invoice=invoice, format="fatturapa", index=index, findings=tuple(reader.findings))

    # DatiGeneraliDocumento

    def withholdings(self, document: Nodes) -> tuple[Withholding, ...]:
        if "DatiRitenuta" not in document:
            return ()
        reader = self.reader
        return tuple(
            Withholding(
                kind=reader.text(nodes, "TipoRitenuta"),
                amount=reader.decimal(nodes, "ImportoRitenuta"),
                rate=reader.decimal(nodes, "AliquotaRitenuta"),
                reason=reader.text(nodes, "CausalePagamento"),
            )
            for nodes in map(children, many(document, "DatiRitenuta"))
        )

    def stamp_duty(self, document: Nodes) -> StampDuty | None:
        if "DatiBollo" not in document:
            return None
        nodes = children(one(document, "DatiBollo"))
        return StampDuty(
            virtual=self.reader.text(nodes, "BolloVirtuale"), amount=self.reader.decimal(nodes, "ImportoBollo")
        )

    def funds(self, document: Nodes) -> tuple[FundContribution, ...]:
        if "DatiCassaPrevidenziale" not in document:
            return ()
        reader = self.reader
        return tuple(
            FundContribution(
                kind=reader.text(nodes, "TipoCassa"),
                rate=reader.decimal(nodes, "AlCassa"),
                amount=reader.decimal(nodes, "ImportoContributoCassa"),
                base=reader.decimal(nodes, "ImponibileCassa"),
                vat_rate=reader.decimal(nodes, "AliquotaIVA"),
                withheld=reader.text(nodes, "Ritenuta") == "SI",
                nature=reader.text(nodes, "Natura"),
                reference=reader.text(nodes, "RiferimentoAmministrazione"),
            )
            for nodes in map(children, many(document, "DatiCassaPrevidenziale"))
        )

    def discounts(self, parent: Nodes) -> tuple[Discount, ...]:
        if "ScontoMaggiorazione" not in parent:
            return ()
        reader = self.reader
        return tuple(
            Discount(
                kind=reader.text(nodes, "Tipo"),
                percent=reader.decimal(nodes, "Percentuale"),
                amount=reader.decimal(nodes, "Importo"),
            )
            for nodes in map(children, many(parent, "ScontoMaggiorazione"))
            if nodes
        )

    # DatiGenerali

    def references(self, general: Nodes) -> tuple[DocumentReference, ...]:
        reader = self.reader
        return tuple(
            DocumentReference(
                kind=kind,
                number=reader.text(nodes, "IdDocumento"),
                date=reader.day(nodes, "Data"),
                lines=self.numbers(nodes, "RiferimentoNumeroLinea"),
                item=reader.text(nodes, "NumItem"),
                job=reader.text(nodes, "CodiceCommessaConvenzione"),
                cup=reader.text(nodes, "CodiceCUP"),
                cig=reader.text(nodes, "CodiceCIG"),
            )
            for name, kind in _REFERENCES
            if name in general
            for nodes in map(children, many(general, name))
        )

    def numbers(self, nodes: Nodes, name: str) -> tuple[int, ...]:
        """Line numbers that a reference points to; zero is often written for none."""
        if name not in nodes:
            return ()
        found = []
        for element in many(nodes, name):
            value = self.reader.decimal_of(element)
            if value is not None and 0 < value < 10**9 and value == int(value):
                found.append(int(value))
        return tuple(found)

    def phases(self, general: Nodes) -> tuple[int, ...]:
        if "DatiSAL" not in general:
            return ()
        blocks = map(children, many(general, "DatiSAL"))
        return tuple(phase for nodes in blocks for phase in self.numbers(nodes, "RiferimentoFase"))

    def delivery_notes(self, general: Nodes) -> tuple[DeliveryNote, ...]:
        if "DatiDDT" not in general:
            return ()
        reader = self.reader
        return tuple(
            DeliveryNote(
                number=reader.text(nodes, "NumeroDDT"),
                date=reader.day(nodes, "DataDDT"),
                lines=self.numbers(nodes, "RiferimentoNumeroLinea"),
            )
            for nodes in map(children, many(general, "DatiDDT"))
        )

    def transport(self, general: Nodes) -> tuple[Transport | None, Delivery | None]:
        if "DatiTrasporto" not in general:
            return None, None
        reader = self.reader
        nodes = children(one(general, "DatiTrasporto"))
        delivered = self.moment(nodes, "DataOraConsegna")
        address = parties.address(reader, one(nodes, "IndirizzoResa"))
        found = Transport(
            carrier=parties.person(reader, one(nodes, "DatiAnagraficiVettore")),
            vehicle=reader.text(nodes, "MezzoTrasporto"),
            reason=reader.text(nodes, "CausaleTrasporto"),
            packages=reader.integer(nodes, "NumeroColli"),
            description=reader.text(nodes, "Descrizione"),
            weight_unit=reader.text(nodes, "UnitaMisuraPeso"),
            gross_weight=reader.decimal(nodes, "PesoLordo"),
            net_weight=reader.decimal(nodes, "PesoNetto"),
            collected=self.moment(nodes, "DataOraRitiro"),
            started=reader.day(nodes, "DataInizioTrasporto"),
            terms=reader.text(nodes, "TipoResa"),
            address=address,
            delivered=delivered,
        )
        day = delivered.date() if delivered else None
        return found, Delivery(date=day, address=address) if day or address else None

    def moment(self, nodes: Nodes, name: str) -> datetime | None:
        """A date with a time (xs:dateTime); a bare date counts as its midnight."""
        text = self.reader.text(nodes, name)
        if text is None:
            return None
        if _MOMENT.fullmatch(text):
            try:
                return datetime.fromisoformat(text)
            except ValueError:
                pass
        day = self.reader.day(nodes, name)
        return datetime(day.year, day.month, day.day) if day else None  # noqa: DTZ001  the document gives no zone

    def main_invoice(self, general: Nodes) -> MainInvoice | None:
        if "FatturaPrincipale" not in general:
            return None
        nodes = children(one(general, "FatturaPrincipale"))
        return MainInvoice(
            number=self.reader.text(nodes, "NumeroFatturaPrincipale"),
            date=self.reader.day(nodes, "DataFatturaPrincipale"),
        )

    def vehicle(self) -> Vehicle | None:
        if "DatiVeicoli" not in self.nodes:
            return None
        nodes = children(one(self.nodes, "DatiVeicoli"))
        return Vehicle(date=self.reader.day(nodes, "Data"), distance=self.reader.text(nodes, "TotalePercorso"))

    # DatiBeniServizi

    def vat(self, goods: Nodes, element: Element | None) -> tuple[tuple[VatRow, ...], tuple[VatBreakdown, ...]]:
        reader = self.reader
        rows: list[VatRow] = []
        breakdown: list[VatBreakdown] = []
        if element is not None and "DatiRiepilogo" not in goods:
            reader.missing(element, "DatiRiepilogo")
        for row in many(goods, "DatiRiepilogo"):
            nodes = children(row)
            if not nodes.keys() >= _ROW:
                need(reader, row, nodes, _ROW)
            rate = reader.decimal(nodes, "AliquotaIVA")
            nature = reader.text(nodes, "Natura")
            due = reader.text(nodes, "EsigibilitaIVA")
            law = reader.text(nodes, "RiferimentoNormativo")
            rows.append(
                VatRow(
                    rate=rate,
                    nature=nature,
                    accessory_costs=reader.decimal(nodes, "SpeseAccessorie"),
                    rounding=reader.decimal(nodes, "Arrotondamento"),
                    due=due,
                    legal_reference=law,
                )
            )
            category, exemption = vat_category(rate, nature, split=due == "S")
            breakdown.append(
                VatBreakdown(
                    taxable=reader.decimal(nodes, "ImponibileImporto"),
                    tax=reader.decimal(nodes, "Imposta"),
                    category=category,
                    rate=rate,
                    exemption_text=law if category not in ("S", "B") else None,
                    exemption_code=exemption,
                )
            )
        return tuple(rows), tuple(breakdown)

    def lines(
        self, goods: Nodes, element: Element | None, rows: tuple[VatRow, ...]
    ) -> tuple[tuple[Line, ...], tuple[LineParts, ...]]:
        reader = self.reader
        text, decimal = reader.text, reader.decimal
        if element is not None and "DettaglioLinee" not in goods:
            reader.missing(element, "DettaglioLinee")
        split = {row.rate for row in rows if row.due == "S"} - {row.rate for row in rows if row.due != "S"}
        lines: list[Line] = []
        parts: list[LineParts] = []
        categories: dict[tuple[Decimal | None, str | None], VatCategory] = {}
        for each in many(goods, "DettaglioLinee"):
            nodes = children(each)
            if not nodes.keys() >= _LINE:
                need(reader, each, nodes, _LINE)
            rate = decimal(nodes, "AliquotaIVA")
            nature = text(nodes, "Natura") if "Natura" in nodes else None
            vat = categories.get((rate, nature))
            if vat is None:
                category = vat_category(rate, nature, split=rate in split)[0]
                vat = categories[rate, nature] = VatCategory(category=category, rate=rate)
            article = self.article_codes(nodes) if "CodiceArticolo" in nodes else ()
            discounts = self.discounts(nodes) if "ScontoMaggiorazione" in nodes else ()
            quantity = decimal(nodes, "Quantita")
            price = decimal(nodes, "PrezzoUnitario")
            lines.append(
                Line(
                    id=text(nodes, "NumeroLinea"),
                    quantity=quantity,
                    unit=text(nodes, "UnitaMisura"),
                    net=decimal(nodes, "PrezzoTotale"),
                    accounting_reference=(
                        text(nodes, "RiferimentoAmministrazione") if "RiferimentoAmministrazione" in nodes else None
                    ),
                    period=self.period(nodes) if "DataInizioPeriodo" in nodes or "DataFinePeriodo" in nodes else None,
                    allowances=_reductions(discounts, quantity, charges=False) if discounts else (),
                    charges=_reductions(discounts, quantity, charges=True) if discounts else (),
                    price=None if price is None else Price(gross=price) if discounts else Price(net=price),
                    vat=vat,
                    item=_item(text(nodes, "Descrizione"), article),
                )
            )
            if nature or article or discounts or "AltriDatiGestionali" in nodes or not _EXTRA.isdisjoint(nodes):
                parts.append(
                    LineParts(
                        kind=text(nodes, "TipoCessionePrestazione"),
                        codes=article,
                        nature=nature,
                        withheld=text(nodes, "Ritenuta") == "SI",
                        discounts=discounts,
                        other=self.other_data(nodes),
                    )
                )
            else:
                parts.append(_PLAIN)
        return tuple(lines), tuple(parts)

    def article_codes(self, nodes: Nodes) -> tuple[ArticleCode, ...]:
        text = self.reader.text
        found = []
        for each in many(nodes, "CodiceArticolo"):
            inside = children(each)
            kind, value = text(inside, "CodiceTipo"), text(inside, "CodiceValore")
            if kind or value:
                found.append(ArticleCode(kind=kind, value=value))
        return tuple(found)

    def period(self, nodes: Nodes) -> Period | None:
        start, end = self.reader.day(nodes, "DataInizioPeriodo"), self.reader.day(nodes, "DataFinePeriodo")
        return Period(start=start, end=end) if start or end else None

    def other_data(self, nodes: Nodes) -> tuple[OtherData, ...]:
        if "AltriDatiGestionali" not in nodes:
            return ()
        reader = self.reader
        return tuple(
            OtherData(
                kind=reader.text(inside, "TipoDato"),
                text=reader.text(inside, "RiferimentoTesto"),
                number=reader.decimal(inside, "RiferimentoNumero"),
                date=reader.day(inside, "RiferimentoData"),
            )
            for inside in map(children, many(nodes, "AltriDatiGestionali"))
            if inside
        )

    # DatiPagamento

    def payments(self) -> tuple[tuple[Payment, ...], tuple[PaymentBlock, ...]]:
        """How to pay (each way once), and the instalments as written."""
        reader = self.reader
        text, decimal, day = reader.text, reader.decimal, reader.day
        ways: dict[Payment, None] = {}
        blocks: list[PaymentBlock] = []
        for element in many(self.nodes, "DatiPagamento"):
            block = children(element)
            details: list[PaymentDetail] = []
            for nodes in map(children, many(block, "DettaglioPagamento")):
                means, code = text(nodes, "ModalitaPagamento"), text(nodes, "CodicePagamento")
                beneficiary, iban, bic = text(nodes, "Beneficiario"), text(nodes, "IBAN"), text(nodes, "BIC")
                if iban is not None and not iban.isalnum():
                    iban = "".join(iban.split())
                detail = PaymentDetail(
                    beneficiary=beneficiary,
                    means=means,
                    terms_from=day(nodes, "DataRiferimentoTerminiPagamento"),
                    terms_days=reader.integer(nodes, "GiorniTerminiPagamento"),
                    due_date=day(nodes, "DataScadenzaPagamento"),
                    amount=decimal(nodes, "ImportoPagamento"),
                    post_office=text(nodes, "CodUfficioPostale"),
                    receiver_last_name=text(nodes, "CognomeQuietanzante"),
                    receiver_first_name=text(nodes, "NomeQuietanzante"),
                    receiver_tax_id=text(nodes, "CFQuietanzante"),
                    receiver_title=text(nodes, "TitoloQuietanzante"),
                    bank=text(nodes, "IstitutoFinanziario"),
                    iban=iban,
                    abi=text(nodes, "ABI"),
                    cab=text(nodes, "CAB"),
                    bic=bic,
                    early_discount=decimal(nodes, "ScontoPagamentoAnticipato"),
                    early_until=day(nodes, "DataLimitePagamentoAnticipato"),
                    late_penalty=decimal(nodes, "PenalitaPagamentiRitardati"),
                    penalty_from=day(nodes, "DataDecorrenzaPenale"),
                    code=code,
                )
                details.append(detail)
                way = Payment(
                    means_code=codes.MEANS_CODES.get(means or ""),
                    means_text=means,
                    remittance=code,
                    credit_transfers=(CreditTransfer(account=iban, account_name=beneficiary, bic=bic),)
                    if iban and means not in codes.DEBITED
                    else (),
                    direct_debit=DirectDebit(account=iban) if iban and means in codes.DEBITED else None,
                )
                ways[way] = None
            blocks.append(PaymentBlock(conditions=text(block, "CondizioniPagamento"), details=tuple(details)))
        return tuple(ways), tuple(blocks)


_EXTRA = frozenset({"TipoCessionePrestazione", "Ritenuta"})
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)


def vat_category(rate: Decimal | None, nature: str | None, *, split: bool) -> tuple[str | None, str | None]:
    """Rate, Natura and split payment → VAT category and exemption code of EN 16931."""
    if nature is not None:
        return codes.VAT_CATEGORIES.get(nature, (None, None))
    if rate is None or rate == 0:
        return None, None
    return ("B" if split else "S"), None


def _only(values: Iterator[str | None]) -> str | None:
    """The value, when all that are given say the same."""
    found = {value for value in values if value}
    return found.pop() if len(found) == 1 else None


def _charge(fund: FundContribution) -> AllowanceCharge:
    """A fund's contribution as the document charge that it is for EN 16931; the reason is its code."""
    category = vat_category(fund.vat_rate, fund.nature, split=False)[0]
    return AllowanceCharge(
        amount=fund.amount,
        base=fund.base,
        percent=fund.rate,
        vat=VatCategory(category=category, rate=fund.vat_rate),
        reason=fund.kind,
    )


def _reductions(
    discounts: tuple[Discount, ...], quantity: Decimal | None, *, charges: bool
) -> tuple[AllowanceCharge, ...]:
    """The discounts of a line (SC), or what is added to it (MG)."""
    return tuple(_reduction(each, quantity) for each in discounts if (each.kind == "MG") is charges)


def _reduction(discount: Discount, quantity: Decimal | None) -> AllowanceCharge:
    """ScontoMaggiorazione of a line counts per unit, the EN term per line: an amount is multiplied."""
    amount = discount.amount
    if amount is not None and quantity is not None:
        amount *= quantity
    return AllowanceCharge(amount=amount, percent=discount.percent)


def _item(description: str | None, article: tuple[ArticleCode, ...]) -> Item:
    """The description is the name; codes are the seller's, unless their kind says otherwise."""
    seller_id: str | None = None
    standard: Identifier | None = None
    classes: list[Classification] = []
    for each in article:
        if each.value is None:
            continue
        kind = (each.kind or "").upper()
        if kind in _GLOBAL_CODES and standard is None:
            standard = Identifier(value=each.value, scheme="0160")
        elif seller_id is None and kind not in _CLASSIFYING:
            seller_id = each.value
        else:
            classes.append(Classification(code=each.value, scheme=each.kind))
    return Item(name=description, seller_id=seller_id, standard_id=standard, classifications=tuple(classes))


def _totals(
    written: Decimal | None,
    rounding: Decimal | None,
    breakdown: tuple[VatBreakdown, ...],
    rows: tuple[VatRow, ...],
    discounts: tuple[Discount, ...],
    stamp: Decimal | None,
    withholdings: tuple[Withholding, ...],
    blocks: tuple[PaymentBlock, ...],
) -> Totals:
    """The totals, as the head of this file says."""
    taxable = _sum(row.taxable for row in breakdown)
    tax = _sum(row.tax for row in breakdown)
    gross: Decimal | None = None
    if taxable is not None and tax is not None:
        gross = taxable + tax + (rounding or ZERO)
        for each in discounts:
            if each.amount is None:
                gross = None
                break
            gross = gross + each.amount if each.kind == "MG" else gross - each.amount
    with_vat = gross if written is None else written
    payable = with_vat
    if payable is not None and (withholdings or any(row.due == "S" for row in rows)):
        split = _sum(row.tax for row, extra in zip(breakdown, rows, strict=True) if extra.due == "S") or ZERO
        payable = _payable(payable, gross, split, stamp or ZERO, withholdings, blocks)
    return Totals(without_vat=taxable, vat=tax, with_vat=with_vat, rounding=rounding, payable=payable)


def _payable(
    total: Decimal,
    gross: Decimal | None,
    split: Decimal,
    stamp: Decimal,
    withholdings: tuple[Withholding, ...],
    blocks: tuple[PaymentBlock, ...],
) -> Decimal:
    """The total less split VAT and withholdings, unless the writer took them off already.

    Whether he did shows by what the parts add up to, with or without the stamp duty.

    Contributions (RT03 … RT06) are taken off like tax, except when only the sum of the payments
    without them makes sense.
    """
    tax = _sum(each.amount for each in withholdings if each.kind in ("RT01", "RT02")) or ZERO
    all_of_it = sum((each.amount for each in withholdings if each.amount is not None), ZERO)
    for whole in () if gross is None else (gross, gross + stamp):
        if total == whole:
            break
        for taken in (split + all_of_it, split + tax, all_of_it, tax, split):
            if taken and total == whole - taken:
                return total if taken == split + tax else whole - split - all_of_it
    payable = total - split - all_of_it
    if all_of_it != tax:
        asked = _sum(detail.amount for block in blocks for detail in block.details)
        if asked is not None and asked != payable and asked == total - split - tax:
            return asked
    return payable


def _sum(amounts: Iterator[Decimal | None]) -> Decimal | None:
    """The sum; None when there is nothing to add or one amount is missing."""
    total: Decimal | None = None
    for amount in amounts:
        if amount is None:
            return None
        total = amount if total is None else total + amount
    return total


FORMAT = Format(
    name="fatturapa",
    title=_("FatturaPA"),
    recognise=recognise,
    read=read,
    attachment=attachments.fetch,
)

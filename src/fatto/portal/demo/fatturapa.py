"""Writes sheets as FatturaPA 1.2.3: ordinary (FPR12 to privates, FPA12 to public offices) and simplified (FSM10).

Several sheets of one seller to one buyer make a lot: one file with several bodies.
"""

from __future__ import annotations

from base64 import b64encode
from decimal import Decimal
from functools import lru_cache

from fatto.money import round_cents
from fatto.portal.demo.sheet import (
    HUNDRED,
    Enclosure,
    Fund,
    Group,
    Order,
    Party,
    Row,
    Sheet,
    Sums,
    Withholding,
    sums,
    text,
)

ORDINARY = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"
SIMPLIFIED = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.0"
FOREIGN_OFFICE = "XXXXXXX"
NO_OFFICE = "0000000"


def write(*sheets: Sheet, transmitter: str, progressive: str) -> bytes:
    """An ordinary file. `transmitter` is the tax code of the intermediary that sends it."""
    first = sheets[0]
    version = "FPA12" if len(first.buyer.office) == 6 else "FPR12"
    issuer = "<SoggettoEmittente>CC</SoggettoEmittente>" if first.by_buyer else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<p:FatturaElettronica versione="{version}" xmlns:p="{ORDINARY}">'
        f"<FatturaElettronicaHeader>{_transmission(first.buyer, transmitter, progressive, version)}"
        f"<CedentePrestatore>{_seller(first.seller)}</CedentePrestatore>"
        f"<CessionarioCommittente>{_buyer(first.buyer)}</CessionarioCommittente>{issuer}"
        f"</FatturaElettronicaHeader>{''.join(_body(sheet) for sheet in sheets)}</p:FatturaElettronica>\n"
    ).encode()


def write_simplified(sheet: Sheet, *, transmitter: str, progressive: str) -> bytes:
    """A simplified invoice: amounts are told with VAT included."""
    rows = "".join(_gross(line) for line in sheet.rows)
    buyer = sheet.buyer
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<p:FatturaElettronicaSemplificata versione="FSM10" xmlns:p="{SIMPLIFIED}">'
        f"<FatturaElettronicaHeader>{_transmission(buyer, transmitter, progressive, 'FSM10')}"
        f"<CedentePrestatore>{_vat_id(sheet.seller)}{_name(sheet.seller)}{_seat(sheet.seller)}"
        f"<RegimeFiscale>{sheet.seller.regime}</RegimeFiscale></CedentePrestatore>"
        f"<CessionarioCommittente><IdentificativiFiscali>{_vat_id(buyer)}{_tax_code(buyer)}</IdentificativiFiscali>"
        f"<AltriDatiIdentificativi>{_name(buyer)}{_seat(buyer)}</AltriDatiIdentificativi></CessionarioCommittente>"
        "</FatturaElettronicaHeader><FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento>"
        f"<TipoDocumento>{sheet.kind}</TipoDocumento><Divisa>{sheet.currency}</Divisa>"
        f"<Data>{sheet.issued}</Data><Numero>{text(sheet.number)}</Numero></DatiGeneraliDocumento></DatiGenerali>"
        f"{rows}</FatturaElettronicaBody></p:FatturaElettronicaSemplificata>\n"
    ).encode()


def _gross(line: Row) -> str:
    tax = round_cents(line.net * line.vat.rate / HUNDRED)
    return (
        f"<DatiBeniServizi><Descrizione>{text(line.name)}</Descrizione><Importo>{line.net + tax}</Importo>"
        f"<DatiIVA><Imposta>{tax}</Imposta><Aliquota>{line.vat.rate}</Aliquota></DatiIVA></DatiBeniServizi>"
    )


def _transmission(buyer: Party, transmitter: str, progressive: str, version: str) -> str:
    office = buyer.office or (NO_OFFICE if buyer.country == "IT" else FOREIGN_OFFICE)
    pec = f"<PECDestinatario>{buyer.pec}</PECDestinatario>" if office == NO_OFFICE and buyer.pec else ""
    return (
        f"<DatiTrasmissione><IdTrasmittente><IdPaese>IT</IdPaese><IdCodice>{transmitter}</IdCodice></IdTrasmittente>"
        f"<ProgressivoInvio>{progressive}</ProgressivoInvio><FormatoTrasmissione>{version}</FormatoTrasmissione>"
        f"<CodiceDestinatario>{office}</CodiceDestinatario>{pec}</DatiTrasmissione>"
    )


def _vat_id(party: Party) -> str:
    if not party.vat:
        return ""
    return f"<IdFiscaleIVA><IdPaese>{party.country}</IdPaese><IdCodice>{party.vat}</IdCodice></IdFiscaleIVA>"


def _tax_code(party: Party) -> str:
    return f"<CodiceFiscale>{party.tax}</CodiceFiscale>" if party.tax and party.country == "IT" else ""


def _name(party: Party) -> str:
    if party.name:
        return f"<Denominazione>{text(party.name)}</Denominazione>"
    return f"<Nome>{text(party.first_name)}</Nome><Cognome>{text(party.last_name)}</Cognome>"


def _seat(party: Party) -> str:
    house = f"<NumeroCivico>{text(party.house)}</NumeroCivico>" if party.house else ""
    italian = party.country == "IT"
    province = f"<Provincia>{party.province}</Provincia>" if italian and party.province else ""
    return (
        f"<Sede><Indirizzo>{text(party.street)}</Indirizzo>{house}<CAP>{party.post_code if italian else '00000'}</CAP>"
        f"<Comune>{text(party.city)}</Comune>{province}<Nazione>{party.country}</Nazione></Sede>"
    )


def _person(party: Party, regime: str = "") -> str:
    return (
        f"<DatiAnagrafici>{_vat_id(party)}{_tax_code(party)}<Anagrafica>{_name(party)}</Anagrafica>{regime}"
        f"</DatiAnagrafici>{_seat(party)}"
    )


@lru_cache(maxsize=20_000)
def _seller(party: Party) -> str:
    register = contacts = ""
    if party.register and party.country == "IT":
        office, _, number = party.register.partition("-")
        capital = f"<CapitaleSociale>{party.capital}</CapitaleSociale>" if party.capital else ""
        register = (
            f"<IscrizioneREA><Ufficio>{office}</Ufficio><NumeroREA>{number}</NumeroREA>{capital}"
            "<StatoLiquidazione>LN</StatoLiquidazione></IscrizioneREA>"
        )
    if party.phone or party.email:
        phone = f"<Telefono>{party.phone}</Telefono>" if party.phone else ""
        email = f"<Email>{party.email}</Email>" if party.email else ""
        contacts = f"<Contatti>{phone}{email}</Contatti>"
    return _person(party, f"<RegimeFiscale>{party.regime}</RegimeFiscale>") + register + contacts


@lru_cache(maxsize=20_000)
def _buyer(party: Party) -> str:
    return _person(party)


def _body(sheet: Sheet) -> str:
    total = sums(sheet)
    parts = [
        "<FatturaElettronicaBody><DatiGenerali>",
        _document(sheet, total),
        *(_order(order) for order in sheet.orders),
        *(
            f"<DatiFattureCollegate><IdDocumento>{text(each.number)}</IdDocumento><Data>{each.issued}</Data>"
            "</DatiFattureCollegate>"
            for each in sheet.refers
        ),
        *_deliveries(sheet),
        "</DatiGenerali><DatiBeniServizi>",
        *(_line(number, line, sheet) for number, line in enumerate(sheet.rows, 1)),
        *(_summary(group) for group in total.groups),
        "</DatiBeniServizi>",
        _payment(sheet, total),
        *(_enclosure(each) for each in sheet.enclosures),
        "</FatturaElettronicaBody>",
    ]
    return "".join(parts)


def _document(sheet: Sheet, total: Sums) -> str:
    withheld = _withholding(sheet.withholding, total) if sheet.withholding else ""
    stamp = ""
    if sheet.stamp is not None:
        stamp = (
            f"<DatiBollo><BolloVirtuale>SI</BolloVirtuale><ImportoBollo>{sheet.stamp:.2f}</ImportoBollo></DatiBollo>"
        )
    fund = _fund(sheet.fund, total) if sheet.fund else ""
    causes = "".join(f"<Causale>{text(note)}</Causale>" for note in sheet.notes)
    return (
        f"<DatiGeneraliDocumento><TipoDocumento>{sheet.kind}</TipoDocumento><Divisa>{sheet.currency}</Divisa>"
        f"<Data>{sheet.issued}</Data><Numero>{text(sheet.number)}</Numero>{withheld}{stamp}{fund}"
        f"<ImportoTotaleDocumento>{total.with_vat}</ImportoTotaleDocumento>{causes}</DatiGeneraliDocumento>"
    )


def _withholding(withholding: Withholding, total: Sums) -> str:
    return (
        f"<DatiRitenuta><TipoRitenuta>{withholding.kind}</TipoRitenuta>"
        f"<ImportoRitenuta>{total.withheld}</ImportoRitenuta><AliquotaRitenuta>{withholding.percent:.2f}"
        f"</AliquotaRitenuta><CausalePagamento>{withholding.cause}</CausalePagamento></DatiRitenuta>"
    )


def _fund(fund: Fund, total: Sums) -> str:
    withheld = "<Ritenuta>SI</Ritenuta>" if fund.withheld else ""
    nature = f"<Natura>{fund.vat.nature}</Natura>" if fund.vat.nature else ""
    return (
        f"<DatiCassaPrevidenziale><TipoCassa>{fund.kind}</TipoCassa><AlCassa>{fund.percent:.2f}</AlCassa>"
        f"<ImportoContributoCassa>{total.fund}</ImportoContributoCassa><ImponibileCassa>{total.lines}"
        f"</ImponibileCassa><AliquotaIVA>{fund.vat.rate:.2f}</AliquotaIVA>{withheld}{nature}</DatiCassaPrevidenziale>"
    )


def _order(order: Order) -> str:
    issued = f"<Data>{order.issued}</Data>" if order.issued else ""
    cup = f"<CodiceCUP>{order.cup}</CodiceCUP>" if order.cup else ""
    cig = f"<CodiceCIG>{order.cig}</CodiceCIG>" if order.cig else ""
    return f"<DatiOrdineAcquisto><IdDocumento>{text(order.number)}</IdDocumento>{issued}{cup}{cig}</DatiOrdineAcquisto>"


def _deliveries(sheet: Sheet) -> list[str]:
    found = []
    for number, each in enumerate(sheet.deliveries, 1):
        lines = "".join(
            f"<RiferimentoNumeroLinea>{index}</RiferimentoNumeroLinea>"
            for index, line in enumerate(sheet.rows, 1)
            if line.delivery == number
        )
        found.append(
            f"<DatiDDT><NumeroDDT>{text(each.number)}</NumeroDDT><DataDDT>{each.issued}</DataDDT>{lines}</DatiDDT>"
        )
    return found


def _line(number: int, line: Row, sheet: Sheet) -> str:
    vat = line.vat
    code = ""
    if line.code:
        code = (
            f"<CodiceArticolo><CodiceTipo>INTERNO</CodiceTipo><CodiceValore>{line.code}</CodiceValore></CodiceArticolo>"
        )
    discount = ""
    if line.discount:
        discount = (
            f"<ScontoMaggiorazione><Tipo>SC</Tipo><Percentuale>{line.discount:.2f}</Percentuale></ScontoMaggiorazione>"
        )
    period = ""
    if sheet.period is not None:
        start, end = sheet.period
        period = f"<DataInizioPeriodo>{start}</DataInizioPeriodo><DataFinePeriodo>{end}</DataFinePeriodo>"
    withheld = "<Ritenuta>SI</Ritenuta>" if sheet.withholding else ""
    nature = f"<Natura>{vat.nature}</Natura>" if vat.nature else ""
    unit = f"<UnitaMisura>{line.unit}</UnitaMisura>" if line.unit else ""
    return (
        f"<DettaglioLinee><NumeroLinea>{number}</NumeroLinea>{code}<Descrizione>{text(line.name)}</Descrizione>"
        f"<Quantita>{_decimals(line.quantity)}</Quantita>{unit}{period}<PrezzoUnitario>{_decimals(line.price)}"
        f"</PrezzoUnitario>{discount}<PrezzoTotale>{line.net}</PrezzoTotale><AliquotaIVA>{vat.rate}</AliquotaIVA>"
        f"{withheld}{nature}</DettaglioLinee>"
    )


def _decimals(value: Decimal) -> str:
    """With at least the two decimals that the schema asks for."""
    written = str(value)
    point = written.find(".")
    if point < 0:
        return written + ".00"
    return written if len(written) - point > 2 else written + "0"


def _summary(group: Group) -> str:
    vat = group.vat
    nature = f"<Natura>{vat.nature}</Natura>" if vat.nature else ""
    due = "S" if vat.split else "I"
    reason = f"<RiferimentoNormativo>{text(vat.reason)}</RiferimentoNormativo>" if vat.reason else ""
    # exempt operations carry no word on when the VAT falls due
    when = "" if vat.nature and not vat.rate else f"<EsigibilitaIVA>{due}</EsigibilitaIVA>"
    return (
        f"<DatiRiepilogo><AliquotaIVA>{vat.rate}</AliquotaIVA>{nature}<ImponibileImporto>{group.taxable}"
        f"</ImponibileImporto><Imposta>{group.tax}</Imposta>{when}{reason}</DatiRiepilogo>"
    )


def _payment(sheet: Sheet, total: Sums) -> str:
    if not sheet.means:
        return ""
    terms = "TP01" if len(sheet.instalments) > 1 else "TP02"
    account = f"<IBAN>{sheet.iban}</IBAN>" if sheet.iban else ""
    details = "".join(
        f"<DettaglioPagamento><ModalitaPagamento>{sheet.means}</ModalitaPagamento>"
        f"<DataScadenzaPagamento>{each.due}</DataScadenzaPagamento><ImportoPagamento>{each.amount}</ImportoPagamento>"
        f"{account}</DettaglioPagamento>"
        for each in sheet.instalments
    ) or (
        f"<DettaglioPagamento><ModalitaPagamento>{sheet.means}</ModalitaPagamento>"
        f"<ImportoPagamento>{total.payable}</ImportoPagamento>{account}</DettaglioPagamento>"
    )
    return f"<DatiPagamento><CondizioniPagamento>{terms}</CondizioniPagamento>{details}</DatiPagamento>"


def _enclosure(each: Enclosure) -> str:
    return (
        f"<Allegati><NomeAttachment>{text(each.name)}</NomeAttachment>"
        f"<FormatoAttachment>{each.name.rpartition('.')[2].upper()}</FormatoAttachment>"
        f"<DescrizioneAttachment>{text(each.description)}</DescrizioneAttachment>"
        f"<Attachment>{b64encode(each.data).decode()}</Attachment></Allegati>"
    )

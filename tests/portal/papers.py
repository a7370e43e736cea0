# ruff: noqa: E501  documents are easier to read as they are
"""Small invoices for tests, made on the spot: only what a test speaks of is varied."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal


def ubl(
    number: str = "F-1",
    *,
    seller: str = "Furnizor Test SRL",
    seller_id: str = "RO14399840",
    buyer: str = "Brutăria Dunării SRL",
    buyer_id: str = "RO12345674",
    day: str = "2026-10-05",
    due: str = "2026-11-04",
    net: str = "100.00",
    kind: str = "380",
    text: str = "Făină albă",
) -> bytes:
    """A Romanian invoice (or, with kind 381, credit note) of one line at 21 %."""
    vat = (Decimal(net) * Decimal("0.21")).quantize(Decimal("0.01"))
    total = Decimal(net) + vat
    credit = kind == "381"
    root, line, quantity = (
        ("CreditNote", "CreditNoteLine", "CreditedQuantity")
        if credit
        else ("Invoice", "InvoiceLine", "InvoicedQuantity")
    )
    due_date = "" if credit else f"<cbc:DueDate>{due}</cbc:DueDate>"

    def party(role: str, name: str, vat_id: str) -> str:
        return f"""<cac:{role}><cac:Party><cac:PostalAddress><cbc:StreetName>Str. Morii 1</cbc:StreetName>
<cbc:CityName>Brăila</cbc:CityName><cbc:CountrySubentity>RO-BR</cbc:CountrySubentity>
<cac:Country><cbc:IdentificationCode>RO</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
<cac:PartyTaxScheme><cbc:CompanyID>{vat_id}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
<cac:PartyLegalEntity><cbc:RegistrationName>{name}</cbc:RegistrationName><cbc:CompanyID>{vat_id[2:]}</cbc:CompanyID></cac:PartyLegalEntity>
</cac:Party></cac:{role}>"""

    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:efactura.mfinante.ro:CIUS-RO:1.0.1</cbc:CustomizationID>
<cbc:ID>{number}</cbc:ID><cbc:IssueDate>{day}</cbc:IssueDate>{due_date}
<cbc:{root}TypeCode>{kind}</cbc:{root}TypeCode><cbc:DocumentCurrencyCode>RON</cbc:DocumentCurrencyCode>
{party("AccountingSupplierParty", seller, seller_id)}{party("AccountingCustomerParty", buyer, buyer_id)}
<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cac:PayeeFinancialAccount>
<cbc:ID>RO49AAAA1B31007593840000</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
<cac:TaxTotal><cbc:TaxAmount currencyID="RON">{vat}</cbc:TaxAmount><cac:TaxSubtotal>
<cbc:TaxableAmount currencyID="RON">{net}</cbc:TaxableAmount><cbc:TaxAmount currencyID="RON">{vat}</cbc:TaxAmount>
<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>21</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory>
</cac:TaxSubtotal></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="RON">{net}</cbc:LineExtensionAmount>
<cbc:TaxExclusiveAmount currencyID="RON">{net}</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount currencyID="RON">{total}</cbc:TaxInclusiveAmount>
<cbc:PayableAmount currencyID="RON">{total}</cbc:PayableAmount></cac:LegalMonetaryTotal>
<cac:{line}><cbc:ID>1</cbc:ID><cbc:{quantity} unitCode="KGM">10</cbc:{quantity}>
<cbc:LineExtensionAmount currencyID="RON">{net}</cbc:LineExtensionAmount>
<cac:Item><cbc:Name>{text}</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>21</cbc:Percent>
<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item>
<cac:Price><cbc:PriceAmount currencyID="RON">{Decimal(net) / 10}</cbc:PriceAmount></cac:Price></cac:{line}>
</{root}>""".encode()


def adds_up_wrong(data: bytes) -> bytes:
    """A `ubl` of 100.00 whose sum of lines is not that of its lines: BR-CO-10, BR-CO-13."""
    before = b'<cbc:LineExtensionAmount currencyID="RON">100.00</cbc:LineExtensionAmount>\n<cbc:TaxExclusive'
    assert before in data
    return data.replace(before, before.replace(b"100.00", b"90.00"))


def says_too_much(data: bytes) -> bytes:
    """A `ubl` with an element that is not of the standard: the warning UBL-CR-005."""
    return data.replace(b"<cbc:IssueDate>", b"<cbc:UUID>1</cbc:UUID><cbc:IssueDate>", 1)


def fatturapa(
    number: str = "1/A",
    *,
    seller: str = "Energia Esempio S.p.A.",
    seller_id: str = "01234567897",
    seller_country: str = "IT",
    buyer: str = "Panificio Rossi S.r.l.",
    buyer_id: str = "12345678903",
    day: str = "2026-10-05",
    due: str = "2026-11-04",
    net: str = "100.00",
    kind: str = "TD01",
    text: str = "Fornitura di energia elettrica",
) -> bytes:
    """An Italian invoice of one line at 22 %."""
    vat = (Decimal(net) * Decimal("0.22")).quantize(Decimal("0.01"))
    total = Decimal(net) + vat

    def party(tag: str, name: str, code: str, country: str, regime: str) -> str:
        return f"""<{tag}><DatiAnagrafici><IdFiscaleIVA><IdPaese>{country}</IdPaese><IdCodice>{code}</IdCodice></IdFiscaleIVA>
<Anagrafica><Denominazione>{name}</Denominazione></Anagrafica>{regime}</DatiAnagrafici>
<Sede><Indirizzo>Via Roma 1</Indirizzo><CAP>00100</CAP><Comune>Roma</Comune><Provincia>RM</Provincia><Nazione>{country}</Nazione></Sede></{tag}>"""

    return f"""<?xml version="1.0" encoding="UTF-8"?>
<p:FatturaElettronica versione="FPR12" xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2">
<FatturaElettronicaHeader><DatiTrasmissione><IdTrasmittente><IdPaese>IT</IdPaese><IdCodice>{seller_id}</IdCodice></IdTrasmittente>
<ProgressivoInvio>1</ProgressivoInvio><FormatoTrasmissione>FPR12</FormatoTrasmissione><CodiceDestinatario>0000000</CodiceDestinatario></DatiTrasmissione>
{party("CedentePrestatore", seller, seller_id, seller_country, "<RegimeFiscale>RF01</RegimeFiscale>")}
{party("CessionarioCommittente", buyer, buyer_id, "IT", "")}</FatturaElettronicaHeader>
<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento><TipoDocumento>{kind}</TipoDocumento><Divisa>EUR</Divisa>
<Data>{day}</Data><Numero>{number}</Numero><ImportoTotaleDocumento>{total}</ImportoTotaleDocumento></DatiGeneraliDocumento></DatiGenerali>
<DatiBeniServizi><DettaglioLinee><NumeroLinea>1</NumeroLinea><Descrizione>{text}</Descrizione><Quantita>1.00</Quantita>
<PrezzoUnitario>{net}</PrezzoUnitario><PrezzoTotale>{net}</PrezzoTotale><AliquotaIVA>22.00</AliquotaIVA></DettaglioLinee>
<DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>{net}</ImponibileImporto><Imposta>{vat}</Imposta>
<EsigibilitaIVA>I</EsigibilitaIVA></DatiRiepilogo></DatiBeniServizi>
<DatiPagamento><CondizioniPagamento>TP02</CondizioniPagamento><DettaglioPagamento><ModalitaPagamento>MP05</ModalitaPagamento>
<DataScadenzaPagamento>{due}</DataScadenzaPagamento><ImportoPagamento>{total}</ImportoPagamento>
<IBAN>IT60X0542811101000000123456</IBAN></DettaglioPagamento></DatiPagamento></FatturaElettronicaBody></p:FatturaElettronica>""".encode()


def zipped(members: dict[str, bytes]) -> bytes:
    """A ZIP of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()

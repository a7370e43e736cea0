"""Writes sheets as UBL 2.1 Invoice and CreditNote after CIUS-RO 1.0.1."""

from __future__ import annotations

from base64 import b64encode
from datetime import date
from decimal import Decimal
from functools import lru_cache

from fatto.money import round_cents
from fatto.portal.demo.sheet import NO_NUMBER, Enclosure, Group, Party, Row, Sheet, Sums, sums, text

_NAMES = "urn:oasis:names:specification:ubl:schema:xsd:"
_PREFIXES = f'xmlns:cac="{_NAMES}CommonAggregateComponents-2" xmlns:cbc="{_NAMES}CommonBasicComponents-2"'
_CIUS = "urn:cen.eu:en16931:2017#compliant#urn:efactura.mfinante.ro:CIUS-RO:1.0.1"
_VAT_SCHEME = "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"


def write(sheet: Sheet) -> bytes:
    """The document: a CreditNote for 381, else an Invoice."""
    total = sums(sheet)
    credit = sheet.kind == "381"
    root = "CreditNote" if credit else "Invoice"
    currency = sheet.currency
    parts = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_NAMES}{root}-2" {_PREFIXES}>',
        f"<cbc:CustomizationID>{_CIUS}</cbc:CustomizationID><cbc:ID>{text(sheet.number)}</cbc:ID>",
        f"<cbc:IssueDate>{sheet.issued}</cbc:IssueDate>",
        _due(sheet) if not credit else "",
        f"<cbc:{root}TypeCode>{sheet.kind}</cbc:{root}TypeCode>",
        *(f"<cbc:Note>{text(note)}</cbc:Note>" for note in sheet.notes),
        f"<cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>",
        "<cbc:TaxCurrencyCode>RON</cbc:TaxCurrencyCode>" if currency != "RON" else "",
        _period(sheet.period) if sheet.period else "",
        *(
            f"<cac:OrderReference><cbc:ID>{text(order.number)}</cbc:ID></cac:OrderReference>"
            for order in sheet.orders[:1]
        ),
        *(
            f"<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>{text(each.number)}</cbc:ID>"
            f"<cbc:IssueDate>{each.issued}</cbc:IssueDate></cac:InvoiceDocumentReference></cac:BillingReference>"
            for each in sheet.refers
        ),
        *(
            f"<cac:DespatchDocumentReference><cbc:ID>{text(each.number)}</cbc:ID></cac:DespatchDocumentReference>"
            for each in sheet.deliveries[:1]
        ),
        *(_enclosure(each) for each in sheet.enclosures),
        f"<cac:AccountingSupplierParty>{_party(sheet.seller, told=True, seller=True)}</cac:AccountingSupplierParty>",
        (
            f"<cac:AccountingCustomerParty>{_party(sheet.buyer, told=bool(sheet.seller.vat), seller=False)}"
            "</cac:AccountingCustomerParty>"
        ),
        _means(sheet, credit=credit),
        *_taxes(sheet, total),
        _totals(total, currency),
        *(
            _line(number, line, currency, "CreditNoteLine" if credit else "InvoiceLine", credit=credit)
            for number, line in enumerate(sheet.rows, 1)
        ),
        f"</{root}>\n",
    ]
    return "".join(parts).encode()


def _due(sheet: Sheet) -> str:
    return f"<cbc:DueDate>{sheet.instalments[-1].due}</cbc:DueDate>" if sheet.instalments else ""


def _period(period: tuple[date, date]) -> str:
    start, end = period
    return (
        f"<cac:InvoicePeriod><cbc:StartDate>{start}</cbc:StartDate><cbc:EndDate>{end}</cbc:EndDate></cac:InvoicePeriod>"
    )


def _enclosure(each: Enclosure) -> str:
    mime = "application/pdf" if each.name.endswith(".pdf") else "text/csv"
    return (
        f"<cac:AdditionalDocumentReference><cbc:ID>{text(each.name)}</cbc:ID>"
        f"<cbc:DocumentDescription>{text(each.description)}</cbc:DocumentDescription><cac:Attachment>"
        f'<cbc:EmbeddedDocumentBinaryObject mimeCode="{mime}" filename="{text(each.name)}">'
        f"{b64encode(each.data).decode()}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>"
        "</cac:AdditionalDocumentReference>"
    )


@lru_cache(maxsize=20_000)
def _party(party: Party, *, told: bool, seller: bool) -> str:
    """A party. `told`: who does not pay VAT must not tell the buyer's VAT number either (BR-O-02)."""
    county = f"<cbc:CountrySubentity>{party.province}</cbc:CountrySubentity>" if party.country == "RO" else ""
    tax = ""
    if party.vat and told and party.vat != NO_NUMBER:
        tax = (
            f"<cac:PartyTaxScheme><cbc:CompanyID>{party.country}{party.vat}</cbc:CompanyID>{_VAT_SCHEME}"
            "</cac:PartyTaxScheme>"
        )
    legal = party.tax or party.vat
    form = f"<cbc:CompanyLegalForm>{text(party.register)}</cbc:CompanyLegalForm>" if seller and party.register else ""
    contact = ""
    if party.phone or party.email:
        phone = f"<cbc:Telephone>{party.phone}</cbc:Telephone>" if party.phone else ""
        email = f"<cbc:ElectronicMail>{party.email}</cbc:ElectronicMail>" if party.email else ""
        contact = f"<cac:Contact>{phone}{email}</cac:Contact>"
    street = f"{party.street} {party.house}".strip()
    return (
        f"<cac:Party><cac:PostalAddress><cbc:StreetName>{text(street)}</cbc:StreetName>"
        f"<cbc:CityName>{text(party.city)}</cbc:CityName><cbc:PostalZone>{party.post_code}</cbc:PostalZone>{county}"
        f"<cac:Country><cbc:IdentificationCode>{party.country}</cbc:IdentificationCode></cac:Country>"
        f"</cac:PostalAddress>{tax}<cac:PartyLegalEntity><cbc:RegistrationName>{text(party.full_name)}"
        f"</cbc:RegistrationName><cbc:CompanyID>{legal}</cbc:CompanyID>{form}</cac:PartyLegalEntity>{contact}"
        "</cac:Party>"
    )


def _means(sheet: Sheet, *, credit: bool) -> str:
    if not sheet.means:
        return ""
    due = ""
    if credit and sheet.instalments:
        due = f"<cbc:PaymentDueDate>{sheet.instalments[-1].due}</cbc:PaymentDueDate>"
    account = ""
    if sheet.iban:
        account = f"<cac:PayeeFinancialAccount><cbc:ID>{sheet.iban}</cbc:ID></cac:PayeeFinancialAccount>"
    return (
        f"<cac:PaymentMeans><cbc:PaymentMeansCode>{sheet.means}</cbc:PaymentMeansCode>{due}{account}</cac:PaymentMeans>"
    )


def _taxes(sheet: Sheet, total: Sums) -> list[str]:
    """The VAT in the document's currency by category; in lei when that is another (BT-111)."""
    currency = sheet.currency
    found = [
        (
            f'<cac:TaxTotal><cbc:TaxAmount currencyID="{currency}">{total.vat}</cbc:TaxAmount>'
            f"{''.join(_subtotal(group, currency) for group in total.groups)}</cac:TaxTotal>"
        )
    ]
    if currency != "RON":
        lei = round_cents(total.vat * (sheet.exchange or Decimal(1)))
        found.append(f'<cac:TaxTotal><cbc:TaxAmount currencyID="RON">{lei}</cbc:TaxAmount></cac:TaxTotal>')
    return found


def _subtotal(group: Group, currency: str) -> str:
    vat = group.vat
    percent = f"<cbc:Percent>{vat.rate}</cbc:Percent>" if vat.category != "O" else ""
    code = f"<cbc:TaxExemptionReasonCode>{vat.code}</cbc:TaxExemptionReasonCode>" if vat.code else ""
    reason = f"<cbc:TaxExemptionReason>{text(vat.reason)}</cbc:TaxExemptionReason>" if vat.reason else ""
    return (
        f'<cac:TaxSubtotal><cbc:TaxableAmount currencyID="{currency}">{group.taxable}</cbc:TaxableAmount>'
        f'<cbc:TaxAmount currencyID="{currency}">{group.tax}</cbc:TaxAmount><cac:TaxCategory><cbc:ID>{vat.category}'
        f"</cbc:ID>{percent}{code}{reason}{_VAT_SCHEME}</cac:TaxCategory></cac:TaxSubtotal>"
    )


def _totals(total: Sums, currency: str) -> str:
    money = f'currencyID="{currency}"'
    return (
        f"<cac:LegalMonetaryTotal><cbc:LineExtensionAmount {money}>{total.lines}</cbc:LineExtensionAmount>"
        f"<cbc:TaxExclusiveAmount {money}>{total.without_vat}</cbc:TaxExclusiveAmount>"
        f"<cbc:TaxInclusiveAmount {money}>{total.with_vat}</cbc:TaxInclusiveAmount>"
        f"<cbc:PayableAmount {money}>{total.payable}</cbc:PayableAmount></cac:LegalMonetaryTotal>"
    )


def _line(number: int, line: Row, currency: str, element: str, *, credit: bool) -> str:
    vat = line.vat
    quantity = "CreditedQuantity" if credit else "InvoicedQuantity"
    percent = f"<cbc:Percent>{vat.rate}</cbc:Percent>" if vat.category != "O" else ""
    code = ""
    if line.code:
        code = f"<cac:SellersItemIdentification><cbc:ID>{line.code}</cbc:ID></cac:SellersItemIdentification>"
    discount = ""
    if line.discount:
        gross = round_cents(line.quantity * line.price)
        discount = (
            "<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>"
            "<cbc:AllowanceChargeReasonCode>95</cbc:AllowanceChargeReasonCode>"
            f"<cbc:MultiplierFactorNumeric>{line.discount}</cbc:MultiplierFactorNumeric>"
            f'<cbc:Amount currencyID="{currency}">{gross - line.net}</cbc:Amount>'
            f'<cbc:BaseAmount currencyID="{currency}">{gross}</cbc:BaseAmount></cac:AllowanceCharge>'
        )
    return (
        f'<cac:{element}><cbc:ID>{number}</cbc:ID><cbc:{quantity} unitCode="{line.unit}">{line.quantity}'
        f'</cbc:{quantity}><cbc:LineExtensionAmount currencyID="{currency}">{line.net}</cbc:LineExtensionAmount>'
        f"{discount}<cac:Item><cbc:Name>{text(line.name)}</cbc:Name>{code}<cac:ClassifiedTaxCategory>"
        f"<cbc:ID>{vat.category}</cbc:ID>{percent}{_VAT_SCHEME}</cac:ClassifiedTaxCategory></cac:Item>"
        f'<cac:Price><cbc:PriceAmount currencyID="{currency}">{line.price}</cbc:PriceAmount></cac:Price>'
        f"</cac:{element}>"
    )

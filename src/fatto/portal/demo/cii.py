"""Writes sheets as UN/CEFACT CII D16B, the other syntax of EN 16931."""

from __future__ import annotations

from functools import lru_cache

from fatto.portal.demo.sheet import Group, Party, Row, Sheet, Sums, sums, text

_NAMES = "urn:un:unece:uncefact:data:standard:"


def write(sheet: Sheet) -> bytes:
    """A CrossIndustryInvoice with the elements that EN 16931 asks for."""
    total = sums(sheet)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<rsm:CrossIndustryInvoice xmlns:rsm="{_NAMES}CrossIndustryInvoice:100" '
        f'xmlns:ram="{_NAMES}ReusableAggregateBusinessInformationEntity:100" '
        f'xmlns:udt="{_NAMES}UnqualifiedDataType:100"><rsm:ExchangedDocumentContext>'
        "<ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>urn:cen.eu:en16931:2017</ram:ID>"
        "</ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>"
        f"<rsm:ExchangedDocument><ram:ID>{text(sheet.number)}</ram:ID><ram:TypeCode>{sheet.kind}</ram:TypeCode>"
        f"<ram:IssueDateTime>{_day(sheet)}</ram:IssueDateTime>"
        f"{''.join(map(_note, sheet.notes))}</rsm:ExchangedDocument><rsm:SupplyChainTradeTransaction>"
        f"{''.join(_line(number, line) for number, line in enumerate(sheet.rows, 1))}"
        f"<ram:ApplicableHeaderTradeAgreement><ram:SellerTradeParty>{_party(sheet.seller)}</ram:SellerTradeParty>"
        f"<ram:BuyerTradeParty>{_party(sheet.buyer)}</ram:BuyerTradeParty></ram:ApplicableHeaderTradeAgreement>"
        f"<ram:ApplicableHeaderTradeDelivery/>{_settlement(sheet, total)}"
        "</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>\n"
    ).encode()


def _note(note: str) -> str:
    return f"<ram:IncludedNote><ram:Content>{text(note)}</ram:Content></ram:IncludedNote>"


def _day(sheet: Sheet) -> str:
    return f'<udt:DateTimeString format="102">{sheet.issued:%Y%m%d}</udt:DateTimeString>'


@lru_cache(maxsize=20_000)
def _party(party: Party) -> str:
    tax = ""
    if party.vat:
        tax = (
            f'<ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">{party.country}{party.vat}</ram:ID>'
            "</ram:SpecifiedTaxRegistration>"
        )
    return (
        f"<ram:Name>{text(party.full_name)}</ram:Name><ram:SpecifiedLegalOrganization><ram:ID>{party.tax or party.vat}"
        f"</ram:ID></ram:SpecifiedLegalOrganization><ram:PostalTradeAddress><ram:PostcodeCode>{party.post_code}"
        f"</ram:PostcodeCode><ram:LineOne>{text(f'{party.street} {party.house}'.strip())}</ram:LineOne><ram:CityName>"
        f"{text(party.city)}</ram:CityName><ram:CountryID>{party.country}</ram:CountryID></ram:PostalTradeAddress>{tax}"
    )


def _line(number: int, line: Row) -> str:
    return (
        f"<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument><ram:LineID>{number}</ram:LineID>"
        f"</ram:AssociatedDocumentLineDocument><ram:SpecifiedTradeProduct><ram:Name>{text(line.name)}</ram:Name>"
        "</ram:SpecifiedTradeProduct><ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>"
        f"{line.price}</ram:ChargeAmount></ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>"
        f'<ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="{line.unit}">{line.quantity}'
        "</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery><ram:SpecifiedLineTradeSettlement>"
        f"<ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode><ram:CategoryCode>{line.vat.category}"
        f"</ram:CategoryCode><ram:RateApplicablePercent>{line.vat.rate}</ram:RateApplicablePercent>"
        "</ram:ApplicableTradeTax><ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>"
        f"{line.net}</ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation>"
        "</ram:SpecifiedLineTradeSettlement></ram:IncludedSupplyChainTradeLineItem>"
    )


def _settlement(sheet: Sheet, total: Sums) -> str:
    account = due = ""
    if sheet.iban:
        account = (
            f"<ram:PayeePartyCreditorFinancialAccount><ram:IBANID>{sheet.iban}</ram:IBANID>"
            "</ram:PayeePartyCreditorFinancialAccount>"
        )
    if sheet.instalments:
        due = (
            '<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime><udt:DateTimeString format="102">'
            f"{sheet.instalments[-1].due:%Y%m%d}</udt:DateTimeString></ram:DueDateDateTime>"
            "</ram:SpecifiedTradePaymentTerms>"
        )
    return (
        f"<ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>{sheet.currency}</ram:InvoiceCurrencyCode>"
        f"<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>30</ram:TypeCode>{account}"
        f"</ram:SpecifiedTradeSettlementPaymentMeans>{''.join(_tax(group) for group in total.groups)}{due}"
        "<ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        f"<ram:LineTotalAmount>{total.lines}</ram:LineTotalAmount><ram:TaxBasisTotalAmount>{total.without_vat}"
        f'</ram:TaxBasisTotalAmount><ram:TaxTotalAmount currencyID="{sheet.currency}">{total.vat}</ram:TaxTotalAmount>'
        f"<ram:GrandTotalAmount>{total.with_vat}</ram:GrandTotalAmount><ram:DuePayableAmount>{total.payable}"
        "</ram:DuePayableAmount></ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        "</ram:ApplicableHeaderTradeSettlement>"
    )


def _tax(group: Group) -> str:
    vat = group.vat
    reason = f"<ram:ExemptionReason>{text(vat.reason)}</ram:ExemptionReason>" if vat.reason else ""
    code = f"<ram:ExemptionReasonCode>{vat.code}</ram:ExemptionReasonCode>" if vat.code else ""
    return (
        f"<ram:ApplicableTradeTax><ram:CalculatedAmount>{group.tax}</ram:CalculatedAmount><ram:TypeCode>VAT"
        f"</ram:TypeCode>{reason}<ram:BasisAmount>{group.taxable}</ram:BasisAmount><ram:CategoryCode>{vat.category}"
        f"</ram:CategoryCode>{code}<ram:RateApplicablePercent>{vat.rate}</ram:RateApplicablePercent>"
        "</ram:ApplicableTradeTax>"
    )

"""Where a finding is, in a reader's terms: which part of the invoice, which line, which business term.

    place = of("/Invoice/cac:InvoiceLine[3]/cbc:LineExtensionAmount")
    place.part, place.number, place.term, place.label      # "lines", 3, "BT-131", "Net amount"

Of UBL and CII; the packs of the countries know the paths of their own formats (`Country.place`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fatto.i18n import _

PARTS = ("parties", "lines", "totals", "vat", "payment", "other")
"""The parts of an invoice, in the order in which people read them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Part of the invoice, and what it is called there."""

    part: str
    """One of `PARTS`."""
    number: int | None = None
    """Of a line, from 1 on."""
    who: str = ""
    """Of a party: its role, marked for translation."""
    label: str = ""
    """The particular in words, marked for translation; empty where it has no name of its own."""
    term: str = ""
    """Its business term (BT) or group (BG)."""


_STEP = re.compile(r"/(\{[^{}]*\}[^/\[]+|[^/\[]+)(?:\[(\d+)\])?")


def steps(path: str) -> list[tuple[str, int]]:
    """A path as names with their numbers among like siblings (1 where none is written)."""
    return [(name, int(number or 1)) for name, number in _STEP.findall(path)]


class Table:
    """The places of one syntax: the parts by an element on the way, the particulars by the end of the path."""

    def __init__(
        self,
        roots: Iterable[str],
        parts: Mapping[str, str | tuple[str, str]],
        labels: Mapping[str, tuple[str, str]],
    ) -> None:
        self.roots = frozenset(roots)
        """Names of root elements, without prefix or namespace."""
        self.parts = parts
        """Element → part of the invoice, for a party with its role; the first on the way counts."""
        self.labels = labels
        """Element, or `parent/element`, or `part:element` → business term and label; the more exact one counts."""

    def of(self, path: str) -> Place | None:
        """The place of a path; None for one of another syntax."""
        found = steps(path)
        if not found or found[0][0].rpartition("}")[2].rpartition(":")[2] not in self.roots:
            return None
        part, who, number = "other", "", None
        for name, position in found[1:]:
            known = self.parts.get(name)
            if known is not None:
                part, who = known if isinstance(known, tuple) else (known, "")
                number = position if part == "lines" else None
                break
        names = [name for name, _position in found[1:] if not name.startswith("@")]
        term, label = self._named(part, names)
        return Place(part=part, number=number, who=who, label=label, term=term)

    def _named(self, part: str, names: list[str]) -> tuple[str, str]:
        """By the last element; of one that has no name of its own, by the nearest around it."""
        for last in range(len(names), 0, -1):
            for key in (
                "/".join(names[max(0, last - 3) : last]),
                "/".join(names[max(0, last - 2) : last]),
                f"{part}:{names[last - 1]}",
                names[last - 1],
            ):
                if key in self.labels:
                    return self.labels[key]
        return "", ""


def of(path: str) -> Place | None:
    """The place of a path of UBL or CII; None for any other."""
    for table in (UBL, CII):
        place = table.of(path)
        if place is not None:
            return place
    return None


_VAT_ID = _("VAT number")
_LEGAL_ID = _("Registration number")
_ADDRESS = _("Address")
_NET = _("Net amount")
_QUANTITY = _("Quantity")
_PRICE = _("Unit price")
_DUE = _("Due date")
_MEANS = _("Means of payment")
_ACCOUNT = _("Account")
_CATEGORY = _("VAT category")

UBL = Table(
    ("Invoice", "CreditNote"),
    {
        "cac:AccountingSupplierParty": ("parties", _("Seller")),
        "cac:AccountingCustomerParty": ("parties", _("Buyer")),
        "cac:PayeeParty": ("parties", _("Payee")),
        "cac:TaxRepresentativeParty": ("parties", _("Seller's tax representative")),
        "cac:Delivery": ("parties", _("Delivery")),
        "cac:InvoiceLine": "lines",
        "cac:CreditNoteLine": "lines",
        "cac:TaxTotal": "vat",
        "cac:LegalMonetaryTotal": "totals",
        "cac:AllowanceCharge": "totals",
        "cac:PaymentMeans": "payment",
        "cac:PaymentTerms": "payment",
        "cac:PrepaidPayment": "payment",
        "cbc:DueDate": "payment",
    },
    {
        "cbc:CustomizationID": ("BT-24", _("Specification")),
        "cbc:ProfileID": ("BT-23", _("Business process")),
        "other:cbc:ID": ("BT-1", _("Number")),
        "cbc:IssueDate": ("BT-2", _("Date")),
        "cbc:InvoiceTypeCode": ("BT-3", _("Type")),
        "cbc:CreditNoteTypeCode": ("BT-3", _("Type")),
        "cbc:DocumentCurrencyCode": ("BT-5", _("Currency")),
        "cbc:TaxCurrencyCode": ("BT-6", _("VAT accounting currency")),
        "cbc:TaxPointDate": ("BT-7", _("VAT point date")),
        "cbc:DueDate": ("BT-9", _DUE),
        "cbc:PaymentDueDate": ("BT-9", _DUE),
        "cbc:BuyerReference": ("BT-10", _("Buyer reference")),
        "cac:ProjectReference": ("BT-11", _("Project")),
        "cac:ContractDocumentReference": ("BT-12", _("Contract")),
        "cac:OrderReference": ("BT-13", _("Purchase order")),
        "cac:ReceiptDocumentReference": ("BT-15", _("Receiving advice")),
        "cac:DespatchDocumentReference": ("BT-16", _("Despatch advice")),
        "cac:OriginatorDocumentReference": ("BT-17", _("Tender or lot")),
        "other:cbc:AccountingCost": ("BT-19", _("Buyer accounting reference")),
        "cbc:Note": ("BT-22", _("Notes")),
        "cac:BillingReference": ("BG-3", _("Preceding invoice")),
        "cac:AdditionalDocumentReference": ("BG-24", _("Attachments")),
        "cac:InvoicePeriod": ("BG-14", _("Period")),
        "cac:InvoicePeriod/cbc:DescriptionCode": ("BT-8", _("VAT falls due")),
        "cac:PartyLegalEntity/cbc:RegistrationName": ("", _("Name")),
        "cac:PartyName": ("", _("Trading as")),
        "cac:PartyTaxScheme": ("", _VAT_ID),
        "cac:PartyLegalEntity/cbc:CompanyID": ("", _LEGAL_ID),
        "cac:PartyIdentification": ("", _("Identifier")),
        "cbc:EndpointID": ("", _("Electronic address")),
        "cac:Contact": ("", _("Contact")),
        "cac:PostalAddress": ("", _ADDRESS),
        "cac:Address": ("", _ADDRESS),
        "cbc:ActualDeliveryDate": ("BT-72", _("Delivered on")),
        "totals:cbc:LineExtensionAmount": ("BT-106", _("Sum of the lines")),
        "cbc:AllowanceTotalAmount": ("BT-107", _("Discounts")),
        "cbc:ChargeTotalAmount": ("BT-108", _("Charges")),
        "cbc:TaxExclusiveAmount": ("BT-109", _("Total without VAT")),
        "cac:TaxTotal/cbc:TaxAmount": ("BT-110", _("VAT")),
        "cbc:TaxInclusiveAmount": ("BT-112", _("Total with VAT")),
        "cbc:PrepaidAmount": ("BT-113", _("Already paid")),
        "cbc:PayableRoundingAmount": ("BT-114", _("Rounding")),
        "cbc:PayableAmount": ("BT-115", _("Amount due")),
        "totals:cac:AllowanceCharge": ("", _("Discounts and charges on the document")),
        "lines:cac:AllowanceCharge": ("", _("Discount")),
        "cbc:TaxableAmount": ("BT-116", _("Taxable amount")),
        "cac:TaxSubtotal/cbc:TaxAmount": ("BT-117", _("VAT amount")),
        "cac:TaxCategory/cbc:ID": ("", _CATEGORY),
        "cac:TaxCategory/cbc:Percent": ("", _("Rate")),
        "cbc:TaxExemptionReason": ("BT-120", _("Reason")),
        "cbc:TaxExemptionReasonCode": ("BT-121", _("Reason")),
        "cbc:PaymentMeansCode": ("BT-81", _MEANS),
        "cbc:PaymentID": ("BT-83", _("Payment reference")),
        "cac:PayeeFinancialAccount": ("BT-84", _ACCOUNT),
        "cac:PaymentMandate": ("BT-89", _("Direct debit mandate")),
        "cac:CardAccount": ("BT-87", _("Card")),
        "cac:PaymentTerms": ("BT-20", _("Payment terms")),
        "cac:InvoiceLine/cbc:ID": ("BT-126", _("No.")),
        "cac:CreditNoteLine/cbc:ID": ("BT-126", _("No.")),
        "cbc:InvoicedQuantity": ("BT-129", _QUANTITY),
        "cbc:CreditedQuantity": ("BT-129", _QUANTITY),
        "lines:cbc:LineExtensionAmount": ("BT-131", _NET),
        "cac:Item/cbc:Name": ("BT-153", _("Description")),
        "cbc:Description": ("BT-154", _("Description")),
        "cac:CommodityClassification": ("BT-158", _("Code")),
        "cac:StandardItemIdentification": ("BT-157", _("Code")),
        "cac:SellersItemIdentification": ("BT-155", _("Code")),
        "cbc:PriceAmount": ("BT-146", _PRICE),
        "cac:Price": ("BG-29", _PRICE),
        "cac:ClassifiedTaxCategory": ("BT-151", _CATEGORY),
        "cac:ClassifiedTaxCategory/cbc:Percent": ("BT-152", _("Rate")),
    },
)

CII = Table(
    ("CrossIndustryInvoice",),
    {
        "ram:IncludedSupplyChainTradeLineItem": "lines",
        "ram:SellerTradeParty": ("parties", _("Seller")),
        "ram:BuyerTradeParty": ("parties", _("Buyer")),
        "ram:PayeeTradeParty": ("parties", _("Payee")),
        "ram:SellerTaxRepresentativeTradeParty": ("parties", _("Seller's tax representative")),
        "ram:ShipToTradeParty": ("parties", _("Delivery")),
        "ram:ActualDeliverySupplyChainEvent": ("parties", _("Delivery")),
        "ram:ApplicableTradeTax": "vat",
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation": "totals",
        "ram:SpecifiedTradeAllowanceCharge": "totals",
        "ram:SpecifiedTradeSettlementPaymentMeans": "payment",
        "ram:SpecifiedTradePaymentTerms": "payment",
        "ram:PaymentReference": "payment",
        "ram:CreditorReferenceID": "payment",
    },
    {
        "ram:GuidelineSpecifiedDocumentContextParameter": ("BT-24", _("Specification")),
        "ram:BusinessProcessSpecifiedDocumentContextParameter": ("BT-23", _("Business process")),
        "rsm:ExchangedDocument/ram:ID": ("BT-1", _("Number")),
        "ram:IssueDateTime": ("BT-2", _("Date")),
        "rsm:ExchangedDocument/ram:TypeCode": ("BT-3", _("Type")),
        "ram:InvoiceCurrencyCode": ("BT-5", _("Currency")),
        "ram:TaxCurrencyCode": ("BT-6", _("VAT accounting currency")),
        "ram:TaxPointDate": ("BT-7", _("VAT point date")),
        "ram:DueDateTypeCode": ("BT-8", _("VAT falls due")),
        "ram:DueDateDateTime": ("BT-9", _DUE),
        "ram:BuyerReference": ("BT-10", _("Buyer reference")),
        "ram:SpecifiedProcuringProject": ("BT-11", _("Project")),
        "ram:ContractReferencedDocument": ("BT-12", _("Contract")),
        "ram:BuyerOrderReferencedDocument": ("BT-13", _("Purchase order")),
        "ram:SellerOrderReferencedDocument": ("BT-14", _("Sales order")),
        "ram:ReceivingAdviceReferencedDocument": ("BT-15", _("Receiving advice")),
        "ram:DespatchAdviceReferencedDocument": ("BT-16", _("Despatch advice")),
        "ram:AdditionalReferencedDocument": ("BG-24", _("Attachments")),
        "ram:InvoiceReferencedDocument": ("BG-3", _("Preceding invoice")),
        "ram:IncludedNote": ("BT-22", _("Notes")),
        "ram:BillingSpecifiedPeriod": ("BG-14", _("Period")),
        "parties:ram:Name": ("", _("Name")),
        "parties:ram:TradingBusinessName": ("", _("Trading as")),
        "ram:SpecifiedLegalOrganization": ("", _LEGAL_ID),
        "ram:SpecifiedTaxRegistration": ("", _VAT_ID),
        "ram:GlobalID": ("", _("Identifier")),
        "parties:ram:ID": ("", _("Identifier")),
        "ram:URIUniversalCommunication": ("", _("Electronic address")),
        "ram:DefinedTradeContact": ("", _("Contact")),
        "ram:PostalTradeAddress": ("", _ADDRESS),
        "ram:ActualDeliverySupplyChainEvent": ("BT-72", _("Delivered on")),
        "totals:ram:LineTotalAmount": ("BT-106", _("Sum of the lines")),
        "ram:AllowanceTotalAmount": ("BT-107", _("Discounts")),
        "ram:ChargeTotalAmount": ("BT-108", _("Charges")),
        "ram:TaxBasisTotalAmount": ("BT-109", _("Total without VAT")),
        "ram:TaxTotalAmount": ("BT-110", _("VAT")),
        "ram:GrandTotalAmount": ("BT-112", _("Total with VAT")),
        "ram:TotalPrepaidAmount": ("BT-113", _("Already paid")),
        "ram:RoundingAmount": ("BT-114", _("Rounding")),
        "ram:DuePayableAmount": ("BT-115", _("Amount due")),
        "totals:ram:SpecifiedTradeAllowanceCharge": ("", _("Discounts and charges on the document")),
        "ram:BasisAmount": ("BT-116", _("Taxable amount")),
        "ram:CalculatedAmount": ("BT-117", _("VAT amount")),
        "ram:CategoryCode": ("", _CATEGORY),
        "ram:RateApplicablePercent": ("", _("Rate")),
        "ram:ExemptionReason": ("BT-120", _("Reason")),
        "ram:ExemptionReasonCode": ("BT-121", _("Reason")),
        "payment:ram:TypeCode": ("BT-81", _MEANS),
        "ram:PaymentReference": ("BT-83", _("Payment reference")),
        "ram:CreditorReferenceID": ("BT-90", _("Creditor identifier")),
        "ram:PayeePartyCreditorFinancialAccount": ("BT-84", _ACCOUNT),
        "ram:DirectDebitMandateID": ("BT-89", _("Direct debit mandate")),
        "ram:ApplicableTradeSettlementFinancialCard": ("BT-87", _("Card")),
        "ram:SpecifiedTradePaymentTerms": ("BT-20", _("Payment terms")),
        "ram:LineID": ("BT-126", _("No.")),
        "ram:BilledQuantity": ("BT-129", _QUANTITY),
        "lines:ram:ApplicableTradeTax": ("BT-151", _CATEGORY),
        "lines:ram:RateApplicablePercent": ("BT-152", _("Rate")),
        "lines:ram:SpecifiedTradeAllowanceCharge": ("", _("Discount")),
        "lines:ram:LineTotalAmount": ("BT-131", _NET),
        "lines:ram:Name": ("BT-153", _("Description")),
        "lines:ram:Description": ("BT-154", _("Description")),
        "ram:NetPriceProductTradePrice": ("BT-146", _PRICE),
        "ram:GrossPriceProductTradePrice": ("BT-148", _PRICE),
    },
)

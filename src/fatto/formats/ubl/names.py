"""The names of UBL: namespaces, and the few elements that invoice and credit note call differently."""

from __future__ import annotations

from dataclasses import dataclass

CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What differs between the two documents."""

    format: str
    root: str
    namespace: str
    type_code: str
    line: str
    quantity: str
    project_code: str | None
    """UNTDID 1001 code of the additional reference that is a project (BT-11), where UBL has no own element."""


INVOICE = Names(
    format="ubl-invoice",
    root="Invoice",
    namespace="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    type_code="InvoiceTypeCode",
    line="InvoiceLine",
    quantity="InvoicedQuantity",
    project_code=None,
)
CREDIT_NOTE = Names(
    format="ubl-creditnote",
    root="CreditNote",
    namespace="urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
    type_code="CreditNoteTypeCode",
    line="CreditNoteLine",
    quantity="CreditedQuantity",
    project_code="50",
)

TELLING = {
    "CustomizationID",
    "DocumentCurrencyCode",
    "AccountingSupplierParty",
    "AccountingCustomerParty",
    "LegalMonetaryTotal",
    "TaxTotal",
    "InvoiceTypeCode",
    "CreditNoteTypeCode",
    "InvoiceLine",
    "CreditNoteLine",
}
"""Children by which a root with a damaged namespace is still known as UBL."""

REPEATABLE = {
    "Note",
    "BillingReference",
    "DespatchDocumentReference",
    "ReceiptDocumentReference",
    "StatementDocumentReference",
    "OriginatorDocumentReference",
    "ContractDocumentReference",
    "AdditionalDocumentReference",
    "ProjectReference",
    "Signature",
    "InvoicePeriod",
    "Delivery",
    "PaymentMeans",
    "PaymentTerms",
    "PrepaidPayment",
    "AllowanceCharge",
    "TaxTotal",
    "WithholdingTaxTotal",
    "InvoiceLine",
    "CreditNoteLine",
}
"""Children of the root that the UBL schema allows more than once."""

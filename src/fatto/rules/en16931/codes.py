"""BR-CL-nn: codes are those of their lists.

Most tests read `not(contains(normalize-space(x), ' ')) and contains(LIST, concat(' ', normalize-space(x), ' '))`,
which is to be a member of the list after trimming. Source: CEN validation artefacts 1.3.16, patterns
Codesmodel (UBL) and EN16931-Codes (CII).
"""

from __future__ import annotations

from collections.abc import Set

from fatto.rules.en16931 import lists
from fatto.rules.en16931.views import CiiView, Hit, UblView, charge, indicated
from fatto.rules.tree import NOTHING, Node, Tree
from fatto.rules.xpath import normal

AMOUNTS = (
    *("cbc:Amount", "cbc:BaseAmount", "cbc:PriceAmount", "cbc:TaxAmount", "cbc:TaxableAmount"),
    *("cbc:LineExtensionAmount", "cbc:TaxExclusiveAmount", "cbc:TaxInclusiveAmount", "cbc:AllowanceTotalAmount"),
    *("cbc:ChargeTotalAmount", "cbc:PrepaidAmount", "cbc:PayableRoundingAmount", "cbc:PayableAmount"),
)
"""BR-CL-03 in UBL looks at the currency of these."""

UBL = (
    # code, element, list: the text of every such element
    ("BR-CL-01", "cbc:InvoiceTypeCode", lists.INVOICE_TYPES),
    ("BR-CL-01", "cbc:CreditNoteTypeCode", lists.CREDIT_NOTE_TYPES),
    ("BR-CL-04", "cbc:DocumentCurrencyCode", lists.CURRENCIES),
    ("BR-CL-05", "cbc:TaxCurrencyCode", lists.CURRENCIES),
)
UBL_WITHIN = (
    # code, parent, element, list: its text
    ("BR-CL-06", "cac:InvoicePeriod", "cbc:DescriptionCode", lists.TAX_POINTS),
    ("BR-CL-14", "cac:Country", "cbc:IdentificationCode", lists.COUNTRIES),
    ("BR-CL-15", "cac:OriginCountry", "cbc:IdentificationCode", lists.COUNTRIES),
    ("BR-CL-16", "cac:PaymentMeans", "cbc:PaymentMeansCode", lists.PAYMENT_MEANS),
    ("BR-CL-17", "cac:TaxCategory", "cbc:ID", lists.VAT_CATEGORIES),
    ("BR-CL-18", "cac:ClassifiedTaxCategory", "cbc:ID", lists.VAT_CATEGORIES),
)
UBL_ATTRIBUTES = (
    # code, parent (any when empty), element, attribute, list: where the attribute is written
    ("BR-CL-11", "cac:PartyLegalEntity", "cbc:CompanyID", "schemeID", lists.ICD),
    ("BR-CL-13", "cac:CommodityClassification", "cbc:ItemClassificationCode", "listID", lists.ITEM_CLASSES),
    ("BR-CL-21", "cac:StandardItemIdentification", "cbc:ID", "schemeID", lists.ICD),
    ("BR-CL-23", "", "cbc:InvoicedQuantity", "unitCode", lists.UNITS),
    ("BR-CL-23", "", "cbc:BaseQuantity", "unitCode", lists.UNITS),
    ("BR-CL-23", "", "cbc:CreditedQuantity", "unitCode", lists.UNITS),
    ("BR-CL-25", "", "cbc:EndpointID", "schemeID", lists.ENDPOINT_SCHEMES),
    ("BR-CL-26", "cac:DeliveryLocation", "cbc:ID", "schemeID", lists.ICD),
)

CII = (
    ("BR-CL-04", "ram:InvoiceCurrencyCode", lists.CURRENCIES),
    ("BR-CL-05", "ram:TaxCurrencyCode", lists.CURRENCIES),
    ("BR-CL-06", "ram:DueDateTypeCode", lists.TAX_POINTS_CII),
    ("BR-CL-07", "ram:ReferenceTypeCode", lists.REFERENCE_TYPES),
    ("BR-CL-08", "ram:SubjectCode", lists.NOTE_SUBJECTS_CII),
    ("BR-CL-14", "ram:CountryID", lists.COUNTRIES_CII),
)
CII_WITHIN = (
    ("BR-CL-01", "rsm:ExchangedDocument", "ram:TypeCode", lists.TYPES_CII),
    ("BR-CL-16", "ram:SpecifiedTradeSettlementPaymentMeans", "ram:TypeCode", lists.PAYMENT_MEANS),
    ("BR-CL-17", "ram:CategoryTradeTax", "ram:CategoryCode", lists.VAT_CATEGORIES),
    ("BR-CL-18", "ram:ApplicableTradeTax", "ram:CategoryCode", lists.VAT_CATEGORIES),
)
CII_ATTRIBUTES = (
    ("BR-CL-03", "", "ram:TaxTotalAmount", "currencyID", lists.CURRENCIES),
    ("BR-CL-13", "", "ram:ClassCode", "listID", lists.ITEM_CLASSES),
    ("BR-CL-21", "ram:SpecifiedTradeProduct", "ram:GlobalID", "schemeID", lists.ICD),
    ("BR-CL-23", "", "ram:BasisQuantity", "unitCode", lists.UNITS),
    ("BR-CL-23", "", "ram:BilledQuantity", "unitCode", lists.UNITS),
    ("BR-CL-25", "ram:URIUniversalCommunication", "ram:URIID", "schemeID", lists.ENDPOINT_SCHEMES),
)


def listed(text: str, codes: Set[str]) -> bool:
    """Is the trimmed text a code of the list? Nearly always it needs no trimming."""
    return text in codes or normal(text) in codes


def _texts(
    tree: Tree,
    anywhere: tuple[tuple[str, str, Set[str]], ...],
    within: tuple[tuple[str, str, str, Set[str]], ...],
    hit: Hit,
) -> None:
    for code, name, codes in anywhere:
        for node in tree.every(name):
            if node.text not in codes and normal(node.text) not in codes:
                hit(code, node, found=node.text)
    for code, parent, name, codes in within:
        for node in tree.every(parent):
            for kid in node.kids.get(name, NOTHING):
                if kid.text not in codes and normal(kid.text) not in codes:
                    hit(code, kid, found=kid.text)


def _attributes(tree: Tree, rows: tuple[tuple[str, str, str, str, Set[str]], ...], hit: Hit) -> None:
    for code, parent, name, attribute, codes in rows:
        if parent:
            nodes = [kid for node in tree.every(parent) for kid in node.kids.get(name, NOTHING)]
        else:
            nodes = tree.every(name)  # type: ignore[assignment]
        for node in nodes:
            text = node.attributes.get(attribute)
            if text is not None and not listed(text, codes):
                hit(code, node, found=text)


def _reasons(nodes: list[tuple[bool | None, Node]], name: str, hit: Hit) -> None:
    """BR-CL-19, BR-CL-20: reasons of allowances and of charges have different lists."""
    for is_charge, node in nodes:
        for kid in node.kids.get(name, NOTHING):
            if is_charge is False and not listed(kid.text, lists.ALLOWANCE_REASONS):
                hit("BR-CL-19", kid, found=kid.text)
            elif is_charge and not listed(kid.text, lists.CHARGE_REASONS):
                hit("BR-CL-20", kid, found=kid.text)


def _exemptions(tree: Tree, name: str, hit: Hit) -> None:
    """BR-CL-22: in capitals or not."""
    for node in tree.every(name):
        if normal(node.text.upper()) not in lists.EXEMPTIONS:
            hit("BR-CL-22", node, found=node.text)


def _files(tree: Tree, name: str, hit: Hit) -> None:
    """BR-CL-24: kinds of attached files, untrimmed."""
    for node in tree.every(name):
        kind = node.attributes.get("mimeCode")
        if kind is not None and kind not in lists.MIME_TYPES:
            hit("BR-CL-24", node, found=kind)


def judge_ubl(view: UblView, hit: Hit) -> None:
    """The code lists in UBL."""
    tree = view.tree
    _texts(tree, UBL, UBL_WITHIN, hit)
    _attributes(tree, UBL_ATTRIBUTES, hit)
    for name in AMOUNTS:  # BR-CL-03
        for node in tree.every(name):
            currency = node.attributes.get("currencyID", "")
            if currency not in lists.CURRENCIES and normal(currency) not in lists.CURRENCIES:
                hit("BR-CL-03", node, found=currency)
    for name in ("cac:AdditionalDocumentReference", "cac:DocumentReference"):
        for node in tree.every(name):  # BR-CL-07: the scheme of an invoiced object
            if any(kid.text == "130" for kid in node.kids.get("cbc:DocumentTypeCode", NOTHING)):
                for kid in node.kids.get("cbc:ID", NOTHING):
                    scheme = kid.attributes.get("schemeID")
                    if scheme is not None and not listed(scheme, lists.REFERENCE_TYPES):
                        hit("BR-CL-07", kid, found=scheme)
    for node in tree.every("cac:PartyIdentification"):  # BR-CL-10: SEPA only for seller and payee
        for kid in node.kids.get("cbc:ID", NOTHING):
            scheme = kid.attributes.get("schemeID")
            if scheme is None or listed(scheme, lists.ICD):
                continue
            if normal(scheme) == "SEPA" and any(
                str(up.tag).endswith(("}AccountingSupplierParty", "}PayeeParty")) for up in kid.element.iterancestors()
            ):
                continue
            hit("BR-CL-10", kid, found=scheme)
    _reasons([(charge(node), node) for node in tree.every("cac:AllowanceCharge")], "cbc:AllowanceChargeReasonCode", hit)
    _exemptions(tree, "cbc:TaxExemptionReasonCode", hit)
    _files(tree, "cbc:EmbeddedDocumentBinaryObject", hit)


def judge_cii(view: CiiView, hit: Hit) -> None:
    """The code lists in CII."""
    tree = view.tree
    _texts(tree, CII, CII_WITHIN, hit)
    _attributes(tree, CII_ATTRIBUTES, hit)
    for node in tree.every("ram:OriginTradeCountry"):  # BR-CL-15; with a scheme BR-CL-11 takes the node first
        for kid in node.kids.get("ram:ID", NOTHING):
            if "schemeID" not in kid.attributes and not listed(kid.text, lists.COUNTRIES_CII):
                hit("BR-CL-15", kid, found=kid.text)
    for name, kid in tree.attributed:
        if name not in ("ram:GlobalID", "ram:ID"):
            continue
        scheme = kid.attributes.get("schemeID")
        if scheme is None or listed(scheme, lists.ICD):
            continue
        ups = [str(up.tag).rpartition("}")[2] for up in kid.element.iterancestors()]
        if name == "ram:ID":  # BR-CL-11
            if "SpecifiedTaxRegistration" not in ups:
                hit("BR-CL-11", kid, found=scheme)
        elif "SpecifiedTradeProduct" not in ups and "ShipToTradeParty" not in ups:
            hit("BR-CL-10", kid, found=scheme)
        elif ups[:2] == ["ShipToTradeParty", "ApplicableHeaderTradeDelivery"]:
            hit("BR-CL-26", kid, found=scheme)
    _reasons(
        [(indicated(node), node) for node in tree.every("ram:SpecifiedTradeAllowanceCharge")], "ram:ReasonCode", hit
    )
    _exemptions(tree, "ram:ExemptionReasonCode", hit)
    _files(tree, "ram:AttachmentBinaryObject", hit)

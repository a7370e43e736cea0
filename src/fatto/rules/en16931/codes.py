"""BR-CL-nn: codes are those of their lists.

Most tests read `not(contains(normalize-space(x), ' ')) and contains(LIST, concat(' ', normalize-space(x), ' '))`,
which is to be a member of the list after trimming. Source: CEN validation artefacts 1.3.16, patterns
Codesmodel (UBL) and EN16931-Codes (CII).
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from fatto.rules.en16931 import lists
from fatto.rules.en16931.views import CiiView, Hit, UblView, charge, indicated
from fatto.rules.tree import NOTHING, Node, Tree
from fatto.rules.xpath import normal

AMOUNTS: Mapping[str, None] = dict.fromkeys(
    (
        *("cbc:Amount", "cbc:BaseAmount", "cbc:PriceAmount", "cbc:TaxAmount", "cbc:TaxableAmount"),
        *("cbc:LineExtensionAmount", "cbc:TaxExclusiveAmount", "cbc:TaxInclusiveAmount", "cbc:AllowanceTotalAmount"),
        *("cbc:ChargeTotalAmount", "cbc:PrepaidAmount", "cbc:PayableRoundingAmount", "cbc:PayableAmount"),
    )
)
"""BR-CL-03 in UBL looks at the currency of these."""

UBL: Mapping[str, tuple[str, Set[str]]] = {
    # element: code, list: the text of every such element
    "cbc:InvoiceTypeCode": ("BR-CL-01", lists.INVOICE_TYPES),
    "cbc:CreditNoteTypeCode": ("BR-CL-01", lists.CREDIT_NOTE_TYPES),
    "cbc:DocumentCurrencyCode": ("BR-CL-04", lists.CURRENCIES),
    "cbc:TaxCurrencyCode": ("BR-CL-05", lists.CURRENCIES),
}
UBL_WITHIN: Mapping[str, tuple[str, str, Set[str]]] = {
    # parent: code, element, list: its text
    "cac:InvoicePeriod": ("BR-CL-06", "cbc:DescriptionCode", lists.TAX_POINTS),
    "cac:Country": ("BR-CL-14", "cbc:IdentificationCode", lists.COUNTRIES),
    "cac:OriginCountry": ("BR-CL-15", "cbc:IdentificationCode", lists.COUNTRIES),
    "cac:PaymentMeans": ("BR-CL-16", "cbc:PaymentMeansCode", lists.PAYMENT_MEANS),
    "cac:TaxCategory": ("BR-CL-17", "cbc:ID", lists.VAT_CATEGORIES),
    "cac:ClassifiedTaxCategory": ("BR-CL-18", "cbc:ID", lists.VAT_CATEGORIES),
}
UBL_ATTRIBUTES: Mapping[str, tuple[str, str, str, Set[str]]] = {
    # parent: code, element (empty: that one itself), attribute, list: where the attribute is written
    "cac:PartyLegalEntity": ("BR-CL-11", "cbc:CompanyID", "schemeID", lists.ICD),
    "cac:CommodityClassification": ("BR-CL-13", "cbc:ItemClassificationCode", "listID", lists.ITEM_CLASSES),
    "cac:StandardItemIdentification": ("BR-CL-21", "cbc:ID", "schemeID", lists.ICD),
    "cbc:InvoicedQuantity": ("BR-CL-23", "", "unitCode", lists.UNITS),
    "cbc:BaseQuantity": ("BR-CL-23", "", "unitCode", lists.UNITS),
    "cbc:CreditedQuantity": ("BR-CL-23", "", "unitCode", lists.UNITS),
    "cbc:EndpointID": ("BR-CL-25", "", "schemeID", lists.ENDPOINT_SCHEMES),
    "cac:DeliveryLocation": ("BR-CL-26", "cbc:ID", "schemeID", lists.ICD),
}

CII: Mapping[str, tuple[str, Set[str]]] = {
    "ram:InvoiceCurrencyCode": ("BR-CL-04", lists.CURRENCIES),
    "ram:TaxCurrencyCode": ("BR-CL-05", lists.CURRENCIES),
    "ram:DueDateTypeCode": ("BR-CL-06", lists.TAX_POINTS_CII),
    "ram:ReferenceTypeCode": ("BR-CL-07", lists.REFERENCE_TYPES),
    "ram:SubjectCode": ("BR-CL-08", lists.NOTE_SUBJECTS_CII),
    "ram:CountryID": ("BR-CL-14", lists.COUNTRIES_CII),
}
CII_WITHIN: Mapping[str, tuple[str, str, Set[str]]] = {
    "rsm:ExchangedDocument": ("BR-CL-01", "ram:TypeCode", lists.TYPES_CII),
    "ram:SpecifiedTradeSettlementPaymentMeans": ("BR-CL-16", "ram:TypeCode", lists.PAYMENT_MEANS),
    "ram:CategoryTradeTax": ("BR-CL-17", "ram:CategoryCode", lists.VAT_CATEGORIES),
    "ram:ApplicableTradeTax": ("BR-CL-18", "ram:CategoryCode", lists.VAT_CATEGORIES),
}
CII_ATTRIBUTES: Mapping[str, tuple[str, str, str, Set[str]]] = {
    "ram:TaxTotalAmount": ("BR-CL-03", "", "currencyID", lists.CURRENCIES),
    "ram:ClassCode": ("BR-CL-13", "", "listID", lists.ITEM_CLASSES),
    "ram:SpecifiedTradeProduct": ("BR-CL-21", "ram:GlobalID", "schemeID", lists.ICD),
    "ram:BasisQuantity": ("BR-CL-23", "", "unitCode", lists.UNITS),
    "ram:BilledQuantity": ("BR-CL-23", "", "unitCode", lists.UNITS),
    "ram:URIUniversalCommunication": ("BR-CL-25", "ram:URIID", "schemeID", lists.ENDPOINT_SCHEMES),
}


def listed(text: str, codes: Set[str]) -> bool:
    """Is the trimmed text a code of the list? Nearly always it needs no trimming."""
    return text in codes or normal(text) in codes


def _texts(
    tree: Tree,
    anywhere: Mapping[str, tuple[str, Set[str]]],
    within: Mapping[str, tuple[str, str, Set[str]]],
    hit: Hit,
) -> None:
    for (code, codes), nodes in tree.found(anywhere):
        for node in nodes:
            if node.text not in codes and normal(node.text) not in codes:
                hit(code, node, found=node.text)
    for (code, name, codes), nodes in tree.found(within):
        for node in nodes:
            for kid in node.kids.get(name, NOTHING):
                if kid.text not in codes and normal(kid.text) not in codes:
                    hit(code, kid, found=kid.text)


def _attributes(tree: Tree, rows: Mapping[str, tuple[str, str, str, Set[str]]], hit: Hit) -> None:
    for (code, name, attribute, codes), nodes in tree.found(rows):
        for node in nodes if not name else [kid for each in nodes for kid in each.kids.get(name, NOTHING)]:
            text = node.attributes.get(attribute)
            if text is not None and text not in codes and normal(text) not in codes:
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
    for _row, nodes in tree.found(AMOUNTS):  # BR-CL-03
        for node in nodes:
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

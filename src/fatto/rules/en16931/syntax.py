"""UBL-CR, UBL-SR, UBL-DT, CII-SR and CII-DT: what the model of EN 16931 has no place for, and how often.

Nearly all say "this path must not be there". They are tables (`ubl_elements`, `cii_elements`) made
into a `Plan`, which the one walk over the document follows. The rest count or compare, below.
Source: CEN validation artefacts 1.3.16, patterns UBL-syntax and EN16931-CII-Syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from fatto.rules.en16931 import cii_elements, ubl_elements
from fatto.rules.en16931.model import Finder, finder
from fatto.rules.en16931.views import CiiView, Hit, UblView, indicated
from fatto.rules.tree import NOTHING, Node, Plan
from fatto.rules.xpath import Paths, differ, normal, path, texts, value

# The tables


@cache
def ubl_plan() -> Plan:
    """The forbidden paths of UBL."""
    plan = Plan()
    for row in ubl_elements.FORBIDDEN.splitlines():
        number, steps = row.split()
        if steps.startswith("LINE"):
            plan.forbid(steps.replace("LINE", "cac:InvoiceLine"), f"UBL-CR-{number}")
            plan.forbid(steps.replace("LINE", "cac:CreditNoteLine"), f"UBL-CR-{number}")
        else:
            plan.forbid(steps, f"UBL-CR-{number}")
    return plan


def _sections(table: str) -> list[tuple[str, str, str]]:
    """(place, code, path) of each row."""
    found = []
    place = ""
    for row in table.splitlines():
        if row.startswith("["):
            place = row[1:-1]
        else:
            code, steps = row.split()
            found.append((place, f"CII-{code}", steps))
    return found


@cache
def cii_plan() -> Plan:
    """The forbidden paths of CII that have one place."""
    plan = Plan()
    for place, code, steps in _sections(cii_elements.FORBIDDEN):
        plan.forbid(f"{place}/{steps}".lstrip("/"), code)
    return plan


@cache
def _cii_anywhere() -> tuple[dict[str, tuple[tuple[str, str, Finder], ...]], tuple[str, ...]]:
    """Rows below any element of a name, as (code, first step, finder); and the endings that stand for many names."""
    rows: dict[str, list[tuple[str, str, Finder]]] = {}
    for place, code, steps in _sections(cii_elements.FORBIDDEN_ANYWHERE):
        rows.setdefault(place, []).append((code, steps.partition("/")[0], finder(steps)))
    return {name: tuple(each) for name, each in rows.items()}, tuple(name[1:] for name in rows if name.startswith("*"))


@lru_cache(4096)
def _kind(name: str) -> str:
    """Which of the families of CII names an element belongs to, by the end of its name; empty for none."""
    if name.startswith("ram:"):
        for ending in ("ReferencedDocument", "TradeTax", "ID", "Amount", "Quantity"):
            if name.endswith(ending):
                return ending
    return ""


@lru_cache(4096)
def _rows_of(name: str) -> dict[str, tuple[tuple[str, Finder], ...]]:
    """The rows for elements of one name, by the first step."""
    rows, endings = _cii_anywhere()
    found: dict[str, list[tuple[str, Finder]]] = {}
    for each in (name, *(f"*{ending}" for ending in endings if name.endswith(ending))):
        for code, first, find in rows.get(each, ()):
            found.setdefault(first, []).append((code, find))
    return {first: tuple(each) for first, each in found.items()}


# UBL


def _by_name(rows: Iterable[tuple[str, str, str]]) -> dict[str, list[tuple[str, Finder]]]:
    """(code, name of an element, steps below it) → by name."""
    found: dict[str, list[tuple[str, Finder]]] = {}
    for code, name, steps in rows:
        found.setdefault(name, []).append((code, finder(steps)))
    return found


UBL_ATTRIBUTES = {
    # an attribute that must not be anywhere
    "schemeName": "UBL-DT-08",
    "schemeAgencyName": "UBL-DT-09",
    "schemeDataURI": "UBL-DT-10",
    "schemeURI": "UBL-DT-11",
    "format": "UBL-DT-12",
    "unitCodeListIdentifier": "UBL-DT-13",
    "unitCodeListAgencyIdentifier": "UBL-DT-14",
    "unitCodeListAgencyName": "UBL-DT-15",
    "listAgencyName": "UBL-DT-16",
    "listName": "UBL-DT-17",
    "name": "UBL-DT-18",  # except at cbc:PaymentMeansCode
    "languageID": "UBL-DT-19",
    "listURI": "UBL-DT-20",
    "listSchemeURI": "UBL-DT-21",
    "languageLocaleID": "UBL-DT-22",
    "uri": "UBL-DT-23",
    "currencyCodeListVersionID": "UBL-DT-24",
    "characterSetCode": "UBL-DT-25",
    "encodingCode": "UBL-DT-26",
    "schemeAgencyID": "UBL-DT-27",
    "listAgencyID": "UBL-DT-28",
    "unitCodeListID": "UBL-CR-663",
}

UBL_ANYWHERE = (
    # code, an element of any place, and what must not be below it
    ("UBL-CR-652", "cac:PartyTaxScheme", "cbc:CompanyID/@schemeID"),
    ("UBL-CR-660", "cac:Country", "cbc:IdentificationCode/@listID"),
    ("UBL-CR-662", "cbc:AllowanceChargeReasonCode", "@listID"),
    ("UBL-CR-667", "cac:BuyersItemIdentification", "cbc:ID/@schemeID"),
    ("UBL-CR-668", "cac:SellersItemIdentification", "cbc:ID/@schemeID"),
    ("UBL-CR-669", "cac:Price", "cac:AllowanceCharge/cbc:AllowanceChargeReasonCode"),
    ("UBL-CR-670", "cac:Price", "cac:AllowanceCharge/cbc:AllowanceChargeReason"),
    ("UBL-CR-671", "cac:Price", "cac:AllowanceCharge/cbc:MultiplierFactorNumeric"),
    ("UBL-CR-674", "cbc:PrimaryAccountNumberID", "@schemeID"),
    ("UBL-CR-675", "cac:CardAccount", "cbc:NetworkID/@schemeID"),
    ("UBL-CR-676", "cac:PaymentMandate", "cbc:ID/@schemeID"),
    ("UBL-CR-677", "cac:PaymentMandate", "cac:PayerFinancialAccount/cbc:ID/@schemeID"),
    ("UBL-CR-678", "cac:TaxCategory", "cbc:ID/@schemeID"),
    ("UBL-CR-679", "cac:ClassifiedTaxCategory", "cbc:ID/@schemeID"),
    ("UBL-CR-680", "cac:PaymentMeans", "cac:PayerFinancialAccount"),
)

_SELLER = "cac:AccountingSupplierParty/cac:Party/"
_BUYER = "cac:AccountingCustomerParty/cac:Party/"

UBL_AT_MOST_ONE = (
    # code, from the root: at most one
    ("UBL-SR-01", "cac:ContractDocumentReference/cbc:ID"),
    ("UBL-SR-02", "cac:ReceiptDocumentReference/cbc:ID"),
    ("UBL-SR-03", "cac:DespatchDocumentReference/cbc:ID"),
    ("UBL-SR-05", "cac:PaymentTerms/cbc:Note"),
    ("UBL-SR-08", "cac:InvoicePeriod"),
    ("UBL-SR-09", f"{_SELLER}cac:PartyLegalEntity/cbc:RegistrationName"),
    ("UBL-SR-10", f"{_SELLER}cac:PartyName/cbc:Name"),
    ("UBL-SR-11", f"{_SELLER}cac:PartyLegalEntity/cbc:CompanyID"),
    ("UBL-SR-14", f"{_SELLER}cac:PartyLegalEntity/cbc:CompanyLegalForm"),
    ("UBL-SR-15", f"{_BUYER}cac:PartyLegalEntity/cbc:RegistrationName"),
    ("UBL-SR-16", f"{_BUYER}cac:PartyIdentification/cbc:ID"),
    ("UBL-SR-17", f"{_BUYER}cac:PartyLegalEntity/cbc:CompanyID"),
    ("UBL-SR-24", "cac:Delivery"),
    ("UBL-SR-39", "cac:ProjectReference/cbc:ID"),
    ("UBL-SR-40", f"{_BUYER}cac:PartyName/cbc:Name"),
    ("UBL-SR-45", "cac:PaymentMeans/cbc:PaymentDueDate"),
    ("UBL-SR-49", "cac:InvoicePeriod/cbc:DescriptionCode"),
    ("UBL-SR-54", "cac:PaymentMeans/cac:CardAccount"),
    ("UBL-SR-55", "cac:PaymentMeans/cac:PaymentMandate"),
    ("UBL-SR-56", "cac:OriginatorDocumentReference/cbc:ID"),
)
UBL_AT_MOST_ONE_IN = (
    # code, at each element of that name, below it: at most one
    ("UBL-SR-06", "cac:BillingReference", "cac:InvoiceDocumentReference"),
    ("UBL-SR-22", "cac:TaxRepresentativeParty", "cac:PartyName/cbc:Name"),
    ("UBL-SR-23", "cac:TaxRepresentativeParty", "cac:PartyTaxScheme/cbc:CompanyID"),
    ("UBL-SR-25", "cac:Delivery", "cac:DeliveryParty/cac:PartyName/cbc:Name"),
    ("UBL-SR-26", "cac:PaymentMeans", "cbc:PaymentID"),
    ("UBL-SR-27", "cac:PaymentMeans", "cbc:PaymentMeansCode"),
    ("UBL-SR-28", "cac:PaymentMeans", "cac:PaymentMandate/cbc:ID"),
    ("UBL-SR-32", "cac:TaxSubtotal", "cac:TaxCategory/cbc:TaxExemptionReason"),
    ("UBL-SR-33", "cac:AdditionalDocumentReference", "cbc:DocumentDescription"),
    ("UBL-SR-51", "cac:PostalAddress", "cac:AddressLine"),
    ("UBL-SR-51", "cac:Address", "cac:AddressLine"),
)
UBL_AT_MOST_ONE_IN_LINES = (
    ("UBL-SR-34", "cbc:Note"),
    ("UBL-SR-35", "cac:OrderLineReference/cbc:LineID"),
    ("UBL-SR-36", "cac:InvoicePeriod"),
    ("UBL-SR-37", "cac:Price/cac:AllowanceCharge/cbc:Amount"),
    ("UBL-SR-50", "cac:Item/cbc:Description"),
    ("UBL-SR-52", "cac:DocumentReference"),
)

_ubl_anywhere = _by_name(UBL_ANYWHERE)
_ubl_at_most_one = Paths((steps, code) for code, steps in UBL_AT_MOST_ONE)
_ubl_at_most_one_in = _by_name(UBL_AT_MOST_ONE_IN)
_ubl_lines = tuple((steps.partition("/")[0], code, finder(steps)) for code, steps in UBL_AT_MOST_ONE_IN_LINES)
_means_codes = path("cac:PaymentMeans/cbc:PaymentMeansCode")
_item_categories = path("cac:Item/cac:ClassifiedTaxCategory")
_preceding = path("cac:InvoiceDocumentReference/cbc:ID")
_scheme_ids = path("cac:TaxScheme/cbc:ID")
_due_dates = path("cac:PaymentMeans/cbc:PaymentDueDate")
_party_schemes = path("cac:Party/cac:PartyTaxScheme")
_party_names = path("cac:PartyName/cbc:Name")
_party_ids = path("cac:PartyIdentification/cbc:ID")
_legal_ids = path("cac:PartyLegalEntity/cbc:CompanyID")
_seller_names = path(f"{_SELLER}cac:PartyLegalEntity/cbc:RegistrationName")


def judge_ubl(view: UblView, hit: Hit) -> None:
    """The syntax rules of UBL, the plan's catch included."""
    tree, root = view.tree, view.root
    for codes, node in tree.caught:
        for code in codes:
            hit(code, node)
    for name, node in tree.attributed:
        for attribute in node.attributes:
            forbidden = UBL_ATTRIBUTES.get(attribute)
            if forbidden and not (attribute == "name" and name == "cbc:PaymentMeansCode"):
                hit(forbidden, node, found=attribute)
    for forbidden_below, places in tree.found(_ubl_anywhere):
        for code, find in forbidden_below:
            for node in places:
                if nodes := find(node):
                    hit(code, nodes[0])
    for code, nodes in _ubl_at_most_one.present(root):
        if len(nodes) > 1:
            hit(code, nodes[1], found=len(nodes), expected=1)
    for once_below, places in tree.found(_ubl_at_most_one_in):
        for code, find in once_below:
            for node in places:
                if len(nodes := find(node)) > 1:
                    hit(code, nodes[1], found=len(nodes), expected=1)
    _ubl_elements(view, hit)
    _ubl_parties(view, hit)
    _ubl_references(view, hit)
    _ubl_amounts(view, hit)
    for line, categories in zip(view.lines, view.line_categories, strict=True):
        kids = line.kids
        for first, code, find in _ubl_lines:
            if first in kids and len(nodes := find(line)) > 1:
                hit(code, nodes[1], found=len(nodes), expected=1)
        if len(categories) != 1:
            hit("UBL-SR-48", line, found=len(categories), expected=1)


def _ubl_elements(view: UblView, hit: Hit) -> None:
    """Elements that are forbidden on a condition, or must be of one value throughout."""
    tree, root = view.tree, view.root
    versions = root.kids.get("cbc:UBLVersionID", NOTHING)
    if versions and "2.1" not in texts(versions):
        hit("UBL-CR-002", versions[0], found=versions[0].text, expected="2.1")
    if not view.credit_note and (dates := _due_dates(root)):
        hit("UBL-CR-412", dates[0])
    for node in tree.every("cac:FinancialInstitution"):
        hit("UBL-CR-664", node)
    for code, name in (("UBL-SR-44", "cbc:PaymentID"), ("UBL-SR-47", "cbc:PaymentMeansCode")):
        if len(nodes := tree.every(name)) > 1 and len(texts(nodes)) > 1:
            hit(code, nodes[1], found=nodes[1].text, expected=nodes[0].text)
    means = [kid for kid in _means_codes(root) if "name" in kid.attributes]
    if len(means) > 1:
        hit("UBL-SR-46", means[1], found=len(means), expected=1)
    for code, nodes in (("UBL-SR-30", view.all_allowances), ("UBL-SR-31", view.all_charges)):
        for node in nodes:
            if len(reasons := node.kids.get("cbc:AllowanceChargeReason", NOTHING)) > 1:
                hit(code, reasons[1], found=len(reasons), expected=1)


def _ubl_parties(view: UblView, hit: Hit) -> None:
    tree, root = view.tree, view.root
    for code, other, side in (
        ("UBL-SR-12", "UBL-SR-13", "cac:AccountingSupplierParty"),
        ("UBL-SR-18", "", "cac:AccountingCustomerParty"),
    ):
        counts = {True: 0, False: 0}
        for party in root.kids.get(side, NOTHING):
            for scheme in _party_schemes(party):
                # upper-case(cbc:ID), untrimmed; a scheme without ID is another one than VAT
                for tax_scheme in scheme.kids.get("cac:TaxScheme", NOTHING):
                    is_vat = value(tax_scheme.kids.get("cbc:ID", NOTHING)).upper() == "VAT"
                    counts[is_vat] += len(scheme.kids.get("cbc:CompanyID", NOTHING))
        if counts[True] > 1:
            hit(code, root.kids[side][0], found=counts[True], expected=1)
        if counts[False] > 1 and other:
            hit(other, root.kids[side][0], found=counts[False], expected=1)
    sepa = [
        kid
        for node in tree.every("cac:PartyIdentification")
        for kid in node.kids.get("cbc:ID", NOTHING)
        if kid.attributes.get("schemeID", "").upper() == "SEPA"
    ]
    if len(sepa) > 1:
        hit("UBL-SR-29", sepa[1], found=len(sepa), expected=1)
    for node in tree.every("cac:AccountingSupplierParty"):
        for party in node.kids.get("cac:Party", NOTHING):
            if len(schemes := party.kids.get("cac:PartyTaxScheme", NOTHING)) > 2:
                hit("UBL-SR-42", schemes[2], found=len(schemes), expected=2)
    for node in tree.every("cac:PartyTaxScheme"):
        if not (_scheme_ids(node) and "cbc:CompanyID" in node.kids):
            hit("UBL-SR-53", node)
    # UBL-SR-19 to -21 also want a name that differs from the seller's, and so fire together without one
    for payee in tree.every("cac:PayeeParty"):
        names = _party_names(payee)
        named = differ(texts(names), texts(_seller_names(root)))
        ids = [kid for kid in _party_ids(payee) if kid.attributes.get("schemeID", "").upper() != "SEPA"]
        for code, nodes in (("UBL-SR-19", names), ("UBL-SR-20", ids), ("UBL-SR-21", _legal_ids(payee))):
            if not named or len(nodes) > 1:
                hit(code, payee)


def _ubl_references(view: UblView, hit: Hit) -> None:
    tree, root = view.tree, view.root
    objects = 0
    for node in tree.every("cac:AdditionalDocumentReference"):
        kinds = texts(node.kids.get("cbc:DocumentTypeCode", NOTHING))
        schemes = [kid for kid in node.kids.get("cbc:ID", NOTHING) if "schemeID" in kid.attributes]
        if schemes and kinds != {"130"}:
            hit("UBL-CR-665", schemes[0])
        if "130" in kinds:
            if "cac:Attachment" in node.kids:
                hit("UBL-CR-666", node.kids["cac:Attachment"][0])
            if "cbc:DocumentDescription" in node.kids:
                hit("UBL-CR-673", node.kids["cbc:DocumentDescription"][0])
        elif not (view.credit_note and "50" in kinds) and (schemes or kinds):
            hit("UBL-SR-43", node, found=next(iter(kinds), None))
    for node in root.kids.get("cac:AdditionalDocumentReference", NOTHING):
        if "130" in texts(node.kids.get("cbc:DocumentTypeCode", NOTHING)):
            objects += len(node.kids.get("cbc:ID", NOTHING))
    if objects > 1:
        hit("UBL-SR-04", root, found=objects, expected=1)
    for node in tree.every("cac:BillingReference"):
        if not _preceding(node):
            hit("UBL-SR-07", node)


def _ubl_amounts(view: UblView, hit: Hit) -> None:
    """UBL-DT-01: two decimals, but not in prices; UBL-DT-06, -07: an attachment says what it is."""
    if amounts := view.tree.long_amounts():
        discounted = {
            id(amount)
            for price in view.tree.every("cac:Price")
            if "cac:AllowanceCharge" in price.kids
            for amount in _below(price)
        }
        for node in amounts:
            if id(node) not in discounted:
                hit("UBL-DT-01", node, found=node.text)
    for _name, nodes in view.tree.called("BinaryObject"):
        for node in nodes:
            if "mimeCode" not in node.attributes:
                hit("UBL-DT-06", node)
            if "filename" not in node.attributes:
                hit("UBL-DT-07", node)


def _below(node: Node) -> list[Node]:
    """All elements under a node."""
    found: list[Node] = []
    for kids in node.kids.values():
        for kid in kids:
            found.append(kid)
            if kid.kids:
                found += _below(kid)
    return found


# CII

_T = "rsm:SupplyChainTradeTransaction/"
_CONTEXT = "rsm:ExchangedDocumentContext"
_LINES = f"{_T}ram:IncludedSupplyChainTradeLineItem"
_PRODUCTS = f"{_LINES}/ram:SpecifiedTradeProduct"
_PROPERTIES = f"{_PRODUCTS}/ram:ApplicableProductCharacteristic"
_LINE_NOTES = f"{_LINES}/ram:AssociatedDocumentLineDocument"
_LINE_AGREEMENT = f"{_LINES}/ram:SpecifiedLineTradeAgreement"
_LINE_SETTLEMENT = f"{_LINES}/ram:SpecifiedLineTradeSettlement"
_AGREEMENT = f"{_T}ram:ApplicableHeaderTradeAgreement"
_SETTLEMENT = f"{_T}ram:ApplicableHeaderTradeSettlement"
_DELIVERY = f"{_T}ram:ApplicableHeaderTradeDelivery"
_SUMMATION = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_NET_PRICE = "ram:NetPriceProductTradePrice/ram:ChargeAmount"
_GUIDELINE = "ram:GuidelineSpecifiedDocumentContextParameter"

CII_COUNTS = (
    # code, place, below each: least, most
    ("CII-SR-003", _CONTEXT, "ram:BusinessProcessSpecifiedDocumentContextParameter", 0, 1),
    ("CII-SR-009", _CONTEXT, _GUIDELINE, 1, 1),
    ("CII-SR-010", _CONTEXT, f"{_GUIDELINE}/ram:ID", 1, 1),
    ("CII-SR-014", "rsm:ExchangedDocument", "ram:TypeCode", 1, 1),
    ("CII-SR-030", "rsm:ExchangedDocument/ram:IncludedNote", "ram:Content", 0, 1),
    ("CII-SR-039", _LINE_NOTES, "ram:IncludedNote", 0, 1),
    ("CII-SR-040", _LINE_NOTES, "ram:IncludedNote/ram:Content", 0, 1),
    ("CII-SR-069", _PROPERTIES, "ram:Description", 1, 1),
    ("CII-SR-072", _PROPERTIES, "ram:Value", 1, 1),
    ("CII-SR-439", _LINE_AGREEMENT, _NET_PRICE, 1, 1),
    ("CII-SR-441", _LINE_AGREEMENT, _NET_PRICE, 0, 1),
    ("CII-SR-454", _LINE_SETTLEMENT, "ram:ApplicableTradeTax", 1, 1),
    ("CII-SR-455", _AGREEMENT, "ram:SellerTradeParty/ram:DefinedTradeContact", 0, 1),
    ("CII-SR-456", _AGREEMENT, "ram:BuyerTradeParty/ram:DefinedTradeContact", 0, 1),
    ("CII-SR-459", _AGREEMENT, "ram:SellerTradeParty/ram:URIUniversalCommunication", 0, 1),
    ("CII-SR-460", _AGREEMENT, "ram:BuyerTradeParty/ram:URIUniversalCommunication", 0, 1),
    ("CII-SR-452", _SETTLEMENT, "ram:SpecifiedTradePaymentTerms", 0, 1),
    ("CII-SR-453", _SETTLEMENT, "ram:SpecifiedTradePaymentTerms/ram:Description", 0, 1),
    ("CII-SR-461", _SETTLEMENT, "ram:ApplicableTradeTax/ram:TaxPointDate", 0, 1),
    ("CII-SR-477", _SUMMATION, "ram:LineTotalAmount", 0, 1),
    ("CII-SR-478", _SUMMATION, "ram:ChargeTotalAmount", 0, 1),
    ("CII-SR-479", _SUMMATION, "ram:AllowanceTotalAmount", 0, 1),
    ("CII-SR-480", _SUMMATION, "ram:TaxBasisTotalAmount", 0, 1),
    ("CII-SR-481", _SUMMATION, "ram:RoundingAmount", 0, 1),
    ("CII-SR-482", _SUMMATION, "ram:GrandTotalAmount", 0, 1),
    ("CII-SR-483", _SUMMATION, "ram:InformationAmount", 0, 1),
    ("CII-SR-484", _SUMMATION, "ram:TotalPrepaidAmount", 0, 1),
    ("CII-SR-485", _SUMMATION, "ram:TotalDiscountAmount", 0, 1),
    ("CII-SR-486", _SUMMATION, "ram:TotalAllowanceChargeAmount", 0, 1),
    ("CII-SR-487", _SUMMATION, "ram:DuePayableAmount", 0, 1),
    ("CII-SR-488", _SUMMATION, "ram:RetailValueExcludingTaxInformationAmount", 0, 1),
    ("CII-SR-489", _SUMMATION, "ram:TotalDepositFeeInformationAmount", 0, 1),
    ("CII-SR-490", _SUMMATION, "ram:ProductValueExcludingTobaccoTaxInformationAmount", 0, 1),
    ("CII-SR-491", _SUMMATION, "ram:TotalRetailValueInformationAmount", 0, 1),
    ("CII-SR-492", _SUMMATION, "ram:GrossLineTotalAmount", 0, 1),
    ("CII-SR-493", _SUMMATION, "ram:NetLineTotalAmount", 0, 1),
    ("CII-SR-494", _SUMMATION, "ram:NetIncludingTaxesLineTotalAmount", 0, 1),
)
CII_COUNTS_ANYWHERE = (
    # code, element of any place, below each: least, most
    ("CII-SR-463", "ram:SpecifiedTradeAllowanceCharge", "ram:ChargeIndicator", 1, 1),
    ("CII-SR-471", "ram:SpecifiedTradeAllowanceCharge", "ram:RateApplicablePercent", 0, 1),
    ("CII-SR-472", "ram:SpecifiedTradeAllowanceCharge", "ram:CategoryTradeTax", 0, 1),
    ("CII-SR-473", "ram:SpecifiedTradeAllowanceCharge", "ram:ActualAmount", 0, 1),
)


Counts = tuple["Paths[tuple[str, int]]", tuple[tuple[str, Finder, int], ...]]


def _by_place(rows: tuple[tuple[str, str, str, int, int], ...]) -> dict[str, Counts]:
    """For each place, what may be there so often at most, and what must be there exactly so often."""
    places = {place: (Paths[tuple[str, int]](()), []) for _code, place, *_rest in rows}  # type: ignore[var-annotated]
    for code, place, steps, least, most in rows:
        if least:
            places[place][1].append((code, finder(steps), most))
        else:
            places[place][0].add(steps, (code, most))
    return {place: (at_most, tuple(exactly)) for place, (at_most, exactly) in places.items()}


_cii_counts = tuple((path(place), rows) for place, rows in _by_place(CII_COUNTS).items())
_cii_counts_anywhere = _by_place(CII_COUNTS_ANYWHERE)
_products = path(_PRODUCTS)
_line_agreements = path(_LINE_AGREEMENT)
_line_settlements = path(_LINE_SETTLEMENT)
_deliveries = path(_DELIVERY)
_origin_ids = path("ram:OriginTradeCountry/ram:ID")
_price_charges = path("ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge")
_billed = path(f"{_LINES}/ram:SpecifiedLineTradeDelivery/ram:BilledQuantity")
_accounts = path("ram:PayeePartyCreditorFinancialAccount")


def judge_cii(view: CiiView, hit: Hit) -> None:
    """The syntax rules of CII, the plan's catch included."""
    tree, root = view.tree, view.root
    for codes, node in tree.caught:
        for code in codes:
            hit(code, node)
    for price in tree.every("ram:GrossPriceProductTradePrice"):
        for node in price.kids.get("ram:AppliedTradeAllowanceCharge", NOTHING):
            if len(found := node.kids.get("ram:ActualAmount", NOTHING)) > 1:
                hit("CII-SR-440", found[1], found=len(found), expected=1)
    for find_place, rows in _cii_counts:
        for node in find_place(root):
            _cii_count(node, rows, hit)
    for rows, nodes in tree.found(_cii_counts_anywhere):
        for node in nodes:
            _cii_count(node, rows, hit)
    for name in tree.names():
        if by_step := _rows_of(name):
            for node in tree.every(name):
                for kid in node.kids.keys() & by_step.keys():
                    for code, find in by_step[kid]:
                        if found := find(node):
                            hit(code, found[0])
    _cii_lines(view, hit)
    _cii_agreement(view, hit)
    _cii_settlement(view, hit)
    _cii_types(view, hit)
    _cii_attributes(view, hit)


def _cii_count(node: Node, rows: Counts, hit: Hit) -> None:
    at_most, exactly = rows
    for (code, most), found in at_most.present(node):
        if len(found) > most:
            hit(code, found[most], found=len(found), expected=most)
    for code, find, wanted in exactly:
        if len(nodes := find(node)) != wanted:
            hit(code, nodes[wanted] if len(nodes) > wanted else node, found=len(nodes), expected=wanted)


def _cii_lines(view: CiiView, hit: Hit) -> None:
    root = view.root
    for node in _products(root):
        ids = node.kids.get("ram:GlobalID", NOTHING)
        if ids and not any("schemeID" in kid.attributes for kid in ids):
            hit("CII-SR-046", ids[0])
        if "ram:OriginTradeCountry" in node.kids and len(_origin_ids(node)) != 1:
            hit("CII-SR-090", node.kids["ram:OriginTradeCountry"][0])
    for node in _line_agreements(root):
        # CII-SR-119: a price has an allowance with its amount, or none of both
        parts = _price_charges(node)
        indicators = [part for part in parts if "ram:ChargeIndicator" in part.kids]
        amounts = [part for part in parts if "ram:ActualAmount" in part.kids]
        if (indicators or amounts) and not (amounts and any(indicated(part) is False for part in indicators)):
            hit("CII-SR-119", node)
    for node in _line_settlements(root):
        objects = node.kids.get("ram:AdditionalReferencedDocument", NOTHING)
        if len(objects) > 1 and len(_of_type(objects, "130")) > 1:
            hit("CII-SR-474", objects[1], found=len(objects), expected=1)


def _of_type(nodes: Sequence[Node], *codes: str) -> list[Node]:
    """Those whose ram:TypeCode, trimmed, is one of the codes."""
    return [node for node in nodes if normal(value(node.kids.get("ram:TypeCode", NOTHING))) in codes]


def _cii_agreement(view: CiiView, hit: Hit) -> None:
    for node in view.agreements:
        for code, name in (("CII-SR-465", "ram:SellerTradeParty"), ("CII-SR-466", "ram:BuyerTradeParty")):
            contacts = [
                kid for party in node.kids.get(name, NOTHING) for kid in party.kids.get("ram:DefinedTradeContact", ())
            ]
            if any("ram:PersonName" in kid.kids for kid in contacts) and any(
                "ram:DepartmentName" in kid.kids for kid in contacts
            ):
                hit(code, contacts[0])
        _cii_one_identifier("CII-SR-450", node, "ram:BuyerTradeParty", hit)
        documents = node.kids.get("ram:AdditionalReferencedDocument", NOTHING)
        for code, kind in (("CII-SR-457", "50"), ("CII-SR-458", "130")):
            same = [each for each in documents if kind in texts(each.kids.get("ram:TypeCode", NOTHING))]
            if len(same) > 1:
                hit(code, same[1], found=len(same), expected=1)
        supporting = _of_type(documents, "916")
        for code, name in (("CII-SR-475", "ram:Name"), ("CII-SR-476", "ram:AttachmentBinaryObject")):
            found = [kid for each in supporting for kid in each.kids.get(name, NOTHING)]
            if len(found) > 1:
                hit(code, found[1], found=len(found), expected=1)
    for node in _deliveries(view.root):
        _cii_one_identifier("CII-SR-449", node, "ram:ShipToTradeParty", hit)


def _cii_one_identifier(code: str, node: Node, name: str, hit: Hit) -> None:
    """A party has an ID or a GlobalID, not both."""
    parties = node.kids.get(name, NOTHING)
    if any("ram:ID" in party.kids for party in parties) and any("ram:GlobalID" in party.kids for party in parties):
        hit(code, parties[0])


def _cii_settlement(view: CiiView, hit: Hit) -> None:
    tree = view.tree
    for node in view.settlements:
        _cii_one_identifier("CII-SR-451", node, "ram:PayeeTradeParty", hit)
        for transfer in _of_type(node.kids.get("ram:SpecifiedTradeSettlementPaymentMeans", NOTHING), "30", "58"):
            if not any("ram:IBANID" in kid.kids or "ram:ProprietaryID" in kid.kids for kid in _accounts(transfer)):
                hit("CII-SR-470", transfer)
    points = [kid for node in tree.every("ram:ApplicableTradeTax") for kid in node.kids.get("ram:DueDateTypeCode", ())]
    if points and len(texts(points)) > 1:
        hit("CII-SR-462", points[1], found=points[1].text, expected=points[0].text)
    means = tree.every("ram:SpecifiedTradeSettlementPaymentMeans")
    for code, name in (("CII-SR-467", "ram:TypeCode"), ("CII-SR-468", "ram:Information")):
        found = [kid for node in means for kid in node.kids.get(name, NOTHING)]
        if len(found) > 1 and len({normal(kid.text) for kid in found}) > 1:
            hit(code, found[1], found=found[1].text, expected=found[0].text)
    references = [
        kid
        for node in tree.every("ram:ApplicableHeaderTradeSettlement")
        for kid in node.kids.get("ram:PaymentReference", ())
    ]
    if len(references) > 1:
        hit("CII-SR-469", references[1], found=len(references), expected=1)


_DATE_102 = re.compile(r"[ \t\r\n]*\d{4}(?:1[0-2]|0[1-9])(?:3[01]|[12][0-9]|0[1-9])[ \t\r\n]*")


def _cii_types(view: CiiView, hit: Hit) -> None:
    """CII-DT rules that look at an element's own kind, or at where it stands."""
    tree = view.tree
    header = {id(node) for node in view.taxes}
    for name in tree.names():
        kind = _kind(name)
        if kind == "ReferencedDocument":
            additional = name == "ram:AdditionalReferencedDocument"
            for node in tree.every(name):
                _cii_reference(node, hit, additional=additional, invoice=name == "ram:InvoiceReferencedDocument")
        elif kind == "TradeTax":
            own = name == "ram:ApplicableTradeTax"
            for node in tree.every(name):
                _cii_tax(node, hit, own=own, header=own and id(node) in header)
    for node in tree.every("udt:DateTimeString"):
        if node.attributes.get("format") == "102" and not _DATE_102.fullmatch(node.text):
            hit("CII-DT-097", node, found=node.text)


def _cii_reference(node: Node, hit: Hit, *, additional: bool, invoice: bool) -> None:
    kids = node.kids
    kinds = texts(kids.get("ram:TypeCode", NOTHING)) if additional else set()
    for code, name, allowed in (
        ("CII-DT-015", "ram:URIID", {"916"}),
        ("CII-DT-018", "ram:TypeCode", {"50", "130", "916"}),
        ("CII-DT-021", "ram:Name", {"916"}),
        ("CII-DT-022", "ram:AttachmentBinaryObject", {"916"}),
        ("CII-DT-024", "ram:ReferenceTypeCode", {"130"}),
    ):
        if name in kids and kinds.isdisjoint(allowed):
            hit(code, kids[name][0])
    if "ram:FormattedIssueDateTime" in kids and not invoice:
        hit("CII-DT-027", kids["ram:FormattedIssueDateTime"][0])


def _cii_tax(node: Node, hit: Hit, *, own: bool, header: bool) -> None:
    kids = node.kids
    if "ram:TypeCode" in kids and "VAT" not in texts(kids["ram:TypeCode"]):
        hit("CII-DT-037", kids["ram:TypeCode"][0], found=kids["ram:TypeCode"][0].text, expected="VAT")
    if not own:
        for code, name in (("CII-DT-052", "ram:ExemptionReasonCode"), ("CII-DT-098", "ram:ExemptionReason")):
            if name in kids:
                hit(code, kids[name][0])
    if header:
        return
    for code, name in (
        ("CII-DT-041", "ram:BasisAmount"),
        ("CII-DT-054", "ram:TaxPointDate"),
        ("CII-DT-058", "ram:DueDateTypeCode"),
    ):
        if name in kids and not any(
            str(up.tag).endswith("}ApplicableHeaderTradeSettlement") for up in node.element.iterancestors()
        ):
            hit(code, kids[name][0])


CII_IDENTIFIER_ATTRIBUTES = {
    "schemeName": ("CII-DT-001", "CII-DT-101"),
    "schemeAgencyName": ("CII-DT-002", "CII-DT-102"),
    "schemeDataURI": ("CII-DT-003", "CII-DT-103"),
    "schemeURI": ("CII-DT-004", "CII-DT-104"),
    "schemeID": ("CII-DT-005", None),
    "schemeAgencyID": ("CII-DT-006", None),
    "schemeVersionID": ("CII-DT-007", None),
}
"""Forbidden at the four plain identifiers of `CII_PLAIN`, and at all others."""
CII_PLAIN = (
    f"{_CONTEXT}/{_GUIDELINE}/ram:ID",
    "rsm:ExchangedDocument/ram:ID",
    f"{_LINE_NOTES}/ram:LineID",
    f"{_PRODUCTS}/ram:SellerAssignedID",
)
_cii_plain = tuple(path(steps) for steps in CII_PLAIN)
CII_ATTRIBUTES = {
    # ending of the name: attribute → code
    "TypeCode": {"name": "CII-DT-008", "listURI": "CII-DT-009"},
    "Amount": {"currencyID": "CII-DT-031", "currencyCodeListVersionID": "CII-DT-032"},
    "Quantity": {
        "unitCodeListID": "CII-DT-034",
        "unitCodeListAgencyID": "CII-DT-035",
        "unitCodeListAgencyName": "CII-DT-036",
    },
}
CATEGORY_ATTRIBUTES = {
    "listID": "CII-DT-045",
    "listAgencyID": "CII-DT-046",
    "listVersionID": "CII-DT-047",
    "listURI": "CII-DT-048",
}
_line_codes = path(f"{_LINE_SETTLEMENT}/ram:ApplicableTradeTax/ram:CategoryCode")


def _cii_attributes(view: CiiView, hit: Hit) -> None:
    """Attributes, at all elements of a kind."""
    root = view.root
    for attribute, code in (("languageID", "CII-DT-013"), ("languageLocaleID", "CII-DT-014")):
        if attribute in root.attributes:
            hit(code, root, found=attribute)
    plain: set[int] | None = None
    billed_in_units: bool | None = None  # asked once: at every quantity it cost the square of the lines
    for name, node in view.tree.attributed:
        kind = _kind(name)
        codes: dict[str, str] = {}
        if kind == "ID":
            if node.attributes.keys() & CII_IDENTIFIER_ATTRIBUTES.keys():
                if plain is None:
                    plain = {id(kid) for find in _cii_plain for kid in find(root)}
                for attribute in node.attributes:
                    pair = CII_IDENTIFIER_ATTRIBUTES.get(attribute)
                    code_here = pair[0 if id(node) in plain else 1] if pair else None
                    if code_here:
                        hit(code_here, node, found=attribute)
            continue
        if name == "ram:TypeCode":
            codes = CII_ATTRIBUTES["TypeCode"]
        elif kind == "Amount":
            if name != "ram:TaxTotalAmount":
                codes = CII_ATTRIBUTES["Amount"]
        elif kind == "Quantity":
            codes = CII_ATTRIBUTES["Quantity"]
            # CII-DT-033: a unit only at the billed quantity, or with it
            if "unitCode" in node.attributes:
                if billed_in_units is None:
                    billed_in_units = any("unitCode" in kid.attributes for kid in _billed(root))
                if not billed_in_units:
                    hit("CII-DT-033", node)
        for attribute in node.attributes:
            if attribute in codes:
                hit(codes[attribute], node, found=attribute)
    for node in _line_codes(root):
        for attribute in node.attributes:
            if attribute in CATEGORY_ATTRIBUTES:
                hit(CATEGORY_ATTRIBUTES[attribute], node, found=attribute)

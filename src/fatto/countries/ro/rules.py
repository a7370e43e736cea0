"""CIUS-RO: the rules that ANAF adds to EN 16931, all fatal.

What counts is what ANAF answers, so its oddities are kept and named. Nodes are handled once: the first
rule whose context matches keeps them, which makes some rules dead (`NEVER`). Prefix `ubl` is the
namespace of the invoice there, so rules for `/ubl:CreditNote/…` never match a credit note.
Source: ANAF, ROeFactura-UBL-validation 1.0.9 of 5 June 2024.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from fatto.countries.ro import cius, messages
from fatto.i18n import _
from fatto.rules import en16931
from fatto.rules.ruleset import Heading, Hit, Profile, RuleSet
from fatto.rules.tree import NOTHING, Node, Tree
from fatto.rules.xpath import Abort, Paths, blank, double, is_date, normal, path, truth, two_decimals, value

VERSION = "1.0.9"
APPLIES_FROM = date(2024, 6, 5)

DATES = {
    # BR-RO-DT: ten characters and a real date, anywhere in the document
    "cbc:IssueDate": "BR-RO-DT001",
    "cbc:TaxPointDate": "BR-RO-DT002",
    "cbc:DueDate": "BR-RO-DT003",
    "cbc:PaymentDueDate": "BR-RO-DT003_CN",
    "cbc:ActualDeliveryDate": "BR-RO-DT004",
    "cbc:StartDate": "BR-RO-DT005",
    "cbc:EndDate": "BR-RO-DT006",
}

_SELLER = "cac:AccountingSupplierParty/cac:Party/"
_BUYER = "cac:AccountingCustomerParty/cac:Party/"
_REPRESENTATIVE = "cac:TaxRepresentativeParty/"
_DELIVERY = "cac:Delivery/"
_PLACE = "cac:Delivery/cac:DeliveryLocation/cac:Address/"

LENGTHS = (
    # BR-RO-L: code, most characters after trimming, path from the root
    ("BR-RO-L0201", 20, f"{_SELLER}cac:PostalAddress/cbc:PostalZone"),
    ("BR-RO-L0202", 20, f"{_BUYER}cac:PostalAddress/cbc:PostalZone"),
    ("BR-RO-L0203", 20, f"{_REPRESENTATIVE}cac:PostalAddress/cbc:PostalZone"),
    ("BR-RO-L0204", 20, f"{_PLACE}cbc:PostalZone"),
    ("BR-RO-L155", 200, "cbc:ID"),
    ("BR-RO-L0302", 200, "cac:ContractDocumentReference/cbc:ID"),
    ("BR-RO-L0303", 200, "cac:OrderReference/cbc:ID"),
    ("BR-RO-L0304", 200, "cac:OrderReference/cbc:SalesOrderID"),
    ("BR-RO-L0305", 200, "cac:ReceiptDocumentReference/cbc:ID"),
    ("BR-RO-L0306", 200, "cac:DespatchDocumentReference/cbc:ID"),
    ("BR-RO-L0307", 200, "cac:OriginatorDocumentReference/cbc:ID"),
    ("BR-RO-L0501", 50, f"{_SELLER}cac:PostalAddress/cbc:CityName"),
    ("BR-RO-L0502", 50, f"{_BUYER}cac:PostalAddress/cbc:CityName"),
    ("BR-RO-L0503", 50, f"{_REPRESENTATIVE}cac:PostalAddress/cbc:CityName"),
    ("BR-RO-L0504", 50, f"{_PLACE}cbc:CityName"),
    ("BR-RO-L1001", 100, "cbc:AccountingCost"),
    ("BR-RO-L1002", 100, f"{_SELLER}cac:PostalAddress/cbc:AdditionalStreetName"),
    ("BR-RO-L1003", 100, f"{_SELLER}cac:PostalAddress/cac:AddressLine/cbc:Line"),
    ("BR-RO-L1004", 100, f"{_SELLER}cac:Contact/cbc:Name"),
    ("BR-RO-L1005", 100, f"{_SELLER}cac:Contact/cbc:Telephone"),
    ("BR-RO-L1006", 100, f"{_SELLER}cac:Contact/cbc:ElectronicMail"),
    ("BR-RO-L1007", 100, f"{_BUYER}cac:PostalAddress/cbc:AdditionalStreetName"),
    ("BR-RO-L1008", 100, f"{_BUYER}cac:PostalAddress/cac:AddressLine/cbc:Line"),
    ("BR-RO-L1009", 100, f"{_BUYER}cac:Contact/cbc:Name"),
    ("BR-RO-L1010", 100, f"{_BUYER}cac:Contact/cbc:Telephone"),
    ("BR-RO-L1011", 100, f"{_BUYER}cac:Contact/cbc:ElectronicMail"),
    ("BR-RO-L1012", 100, f"{_REPRESENTATIVE}cac:PostalAddress/cbc:AdditionalStreetName"),
    ("BR-RO-L1013", 100, f"{_REPRESENTATIVE}cac:PostalAddress/cac:AddressLine/cbc:Line"),
    ("BR-RO-L1014", 100, f"{_PLACE}cbc:AdditionalStreetName"),
    ("BR-RO-L1015", 100, f"{_PLACE}cac:AddressLine/cbc:Line"),
    ("BR-RO-L151", 150, f"{_SELLER}cac:PostalAddress/cbc:StreetName"),
    ("BR-RO-L152", 150, f"{_BUYER}cac:PostalAddress/cbc:StreetName"),
    ("BR-RO-L153", 150, f"{_REPRESENTATIVE}cac:PostalAddress/cbc:StreetName"),
    ("BR-RO-L154", 150, f"{_PLACE}cbc:StreetName"),
    ("BR-RO-L201", 200, f"{_SELLER}cac:PartyLegalEntity/cbc:RegistrationName"),
    ("BR-RO-L202", 200, f"{_SELLER}cac:PartyName/cbc:Name"),
    ("BR-RO-L203", 200, f"{_BUYER}cac:PartyLegalEntity/cbc:RegistrationName"),
    ("BR-RO-L204", 200, f"{_BUYER}cac:PartyName/cbc:Name"),
    ("BR-RO-L205", 200, "cac:PayeeParty/cac:PartyName/cbc:Name"),
    ("BR-RO-L206", 200, f"{_REPRESENTATIVE}cac:PartyName/cbc:Name"),
    ("BR-RO-L207", 200, f"{_DELIVERY}cac:DeliveryParty/cac:PartyName/cbc:Name"),
    ("BR-RO-L301", 300, "cac:PaymentTerms/cbc:Note"),
    ("BR-RO-L1000", 1000, f"{_SELLER}cac:PartyLegalEntity/cbc:CompanyLegalForm"),
)
LENGTHS_IN = (
    # the same, below each element of a name
    ("BR-RO-L208", 200, "cac:PaymentMeans", "cac:PayeeFinancialAccount/cbc:Name"),
    ("BR-RO-L209", 200, "cac:PaymentMeans", "cac:CardAccount/cbc:HolderName"),
    ("BR-RO-L140", 140, "cac:PaymentMeans", "cbc:PaymentID"),
    ("BR-RO-L0308", 200, "cac:AdditionalDocumentReference", "cbc:ID"),
    ("BR-RO-L1020", 100, "cac:AdditionalDocumentReference", "cbc:DocumentDescription"),
    ("BR-RO-L210", 200, "cac:AdditionalDocumentReference", "cac:Attachment/cac:ExternalReference/cbc:URI"),
    ("BR-RO-L156", 200, "cac:BillingReference", "cac:InvoiceDocumentReference/cbc:ID"),
)
LENGTHS_IN_LINES = (
    ("BR-RO-L1024", 100, "cac:Item/cbc:Name"),
    ("BR-RO-L1021", 100, "cbc:AccountingCost"),
    ("BR-RO-L212", 200, "cac:Item/cbc:Description"),
    ("BR-RO-L303", 300, "cbc:Note"),
)
TOTALS = (
    # BR-DEC-RO: two decimals, by text
    ("BR-DEC-RO-09", "cbc:LineExtensionAmount"),
    ("BR-DEC-RO-10", "cbc:AllowanceTotalAmount"),
    ("BR-DEC-RO-11", "cbc:ChargeTotalAmount"),
    ("BR-DEC-RO-12", "cbc:TaxExclusiveAmount"),
    ("BR-DEC-RO-14", "cbc:TaxInclusiveAmount"),
    ("BR-DEC-RO-16", "cbc:PrepaidAmount"),
    ("BR-DEC-RO-17", "cbc:PayableRoundingAmount"),
    ("BR-DEC-RO-18", "cbc:PayableAmount"),
)
ALLOWANCES = (
    # is it a charge, at a line: two decimals of the amount, of the base; and the length of a text
    (False, False, "BR-DEC-RO-01", "BR-DEC-RO-02", "BR-RO-L1017", "cbc:AllowanceChargeReasonCode"),
    (True, False, "BR-DEC-RO-05", "BR-DEC-RO-06", "BR-RO-L1018", "cbc:AllowanceChargeReasonCode"),
    (False, True, "BR-DEC-RO-24", "BR-DEC-RO-25", "BR-RO-L1022", "cbc:AllowanceChargeReason"),
    (True, True, "BR-DEC-RO-27", "BR-DEC-RO-28", "BR-RO-L1023", "cbc:AllowanceChargeReason"),
)
ADDRESSES = (
    # path, street, city, sector of Bucharest, county
    (f"{_SELLER}cac:PostalAddress", "BR-RO-081", "BR-RO-091", "BR-RO-100", "BR-RO-110"),
    (f"{_BUYER}cac:PostalAddress", "BR-RO-082", "BR-RO-092", "BR-RO-101", "BR-RO-111"),
)
ADDRESSES_OF_INVOICES = (
    # only where there is such an address, and never in a credit note
    (f"{_REPRESENTATIVE}cac:PostalAddress", "BR-RO-140", "BR-RO-150", "BR-RO-160", "BR-RO-170"),
    (_PLACE.rstrip("/"), "BR-RO-180", "BR-RO-201", "BR-RO-202", "BR-RO-212"),
)
SECTORS = frozenset(("SECTOR1", "SECTOR2", "SECTOR3", "SECTOR4", "SECTOR5", "SECTOR6"))
TAXED = frozenset(("S", "Z", "E", "AE", "K", "G", "L", "M"))
INVOICE_TYPES = frozenset(("380", "384", "389", "751"))
CREDIT_NOTE_TYPES = frozenset(("381",))
TAX_POINTS = frozenset(("3", "35", "432"))

NEVER = {
    "BR-DEC-RO-13": "The root is kept by the rule of BR-RO-001; and a child of an amount is asked for.",
    "BR-DEC-RO-15": "The root is kept by the rule of BR-RO-001; and a child of an amount is asked for.",
    "BR-DEC-RO-23": "Lines are kept by the rule of BR-RO-L1024.",
    "BR-RO-L1019": "Breakdown entries are kept by the rule of BR-DEC-RO-1009.",
    "BR-RO-A500": "Two references in one place end the official run in BR-RO-L156 first.",
    "BR-RO-A051": "count(.) of one node is never above 50.",
    "BR-RO-A052": "count(.) of one node is never above 50.",
}
"""Codes that fire in no document at all, and why."""

CODES = (
    *dict.fromkeys(DATES.values()),
    *("BR-27", "BR-RO-001", "BR-RO-010", "BR-RO-020_1", "BR-RO-020_2", "BR-RO-030", "BR-RO-040", "BR-RO-065"),
    *("BR-RO-120", "BR-RO-211", "BR-RO-A020", "BR-RO-L302", "BR-RO-L0505", "BR-RO-L1025"),
    *("BR-RO-L1016", "BR-RO-L211", "BR-DEC-RO-1009", "BR-DEC-RO-1010"),
    *(row[0] for row in (*LENGTHS, *LENGTHS_IN, *LENGTHS_IN_LINES, *TOTALS)),
    *(code for row in (*ADDRESSES, *ADDRESSES_OF_INVOICES) for code in row[1:]),
    *(code for row in ALLOWANCES for code in row[2:5]),
    *NEVER,
)

_lengths = Paths((steps, (code, most)) for code, most, steps in LENGTHS)
_lengths_in = {
    place: [(code, most, path(steps)) for code, most, name, steps in LENGTHS_IN if name == place]
    for _code, _most, place, _steps in LENGTHS_IN
}
_lengths_in_lines = tuple((code, most, path(steps)) for code, most, steps in LENGTHS_IN_LINES)
_addresses = tuple((path(steps), codes) for steps, *codes in ADDRESSES)
_addresses_of_invoices = tuple((path(steps), codes) for steps, *codes in ADDRESSES_OF_INVOICES)
_country = path("cac:Country/cbc:IdentificationCode")
_street = path("cbc:StreetName")
_city = path("cbc:CityName")
_county = path("cbc:CountrySubentity")
_schemes = path("cac:TaxScheme/cbc:ID")
_item_codes = path("cac:Item/cac:ClassifiedTaxCategory/cbc:ID")
_representative_ids = path("cac:TaxRepresentativeParty/cac:PartyTaxScheme/cbc:CompanyID")
_seller_ids = path(f"{_SELLER}cac:PartyTaxScheme/cbc:CompanyID")
_buyer_legal_ids = path(f"{_BUYER}cac:PartyLegalEntity/cbc:CompanyID")
_buyer_ids = path(f"{_BUYER}cac:PartyTaxScheme/cbc:CompanyID")
_embedded = path("cac:Attachment/cbc:EmbeddedDocumentBinaryObject")


def judge(tree: Tree, hit: Hit) -> None:
    """All rules of CIUS-RO over a UBL invoice or credit note."""
    lines = [*tree.every("cac:InvoiceLine"), *tree.every("cac:CreditNoteLine")]
    _texts(tree, lines, hit)
    _document(tree, hit)
    _identifiers(tree, hit)
    _places(tree, hit)
    _amounts(tree, lines, hit)


def _short(code: str, most: int, nodes: Sequence[Node], hit: Hit) -> None:
    """string-length(normalize-space(x)) <= most: ends the run when there are two."""
    if not nodes:
        return
    text = value(nodes)
    if len(text) > most and len(normal(text)) > most:
        hit(code, nodes[0], found=len(normal(text)), expected=most)


def _texts(tree: Tree, lines: Sequence[Node], hit: Hit) -> None:
    """BR-RO-DT, BR-RO-L, BR-RO-A: dates, lengths, numbers of things."""
    for name, code in DATES.items():
        for node in tree.every(name):
            if len(node.text) != 10 or not is_date(node.text):
                hit(code, node, found=node.text)
    for (code, most), nodes in _lengths.present(tree.root):
        _short(code, most, nodes, hit)
    for limits, nodes in tree.found(_lengths_in):
        for node in nodes:
            for code, most, find in limits:
                _short(code, most, find(node), hit)
    for line in lines:
        for code, most, find in _lengths_in_lines:
            _short(code, most, find(line), hit)
    for node in tree.every("cac:PaymentMeans"):
        for kid in node.kids.get("cbc:PaymentMeansCode", NOTHING):
            if len(normal(kid.attributes.get("name", ""))) > 100:
                hit("BR-RO-L1016", kid, found=len(normal(kid.attributes["name"])), expected=100)
    for item in tree.every("cac:Item"):
        for node in item.kids.get("cac:AdditionalItemProperty", NOTHING):
            _short("BR-RO-L0505", 50, node.kids.get("cbc:Name", NOTHING), hit)
            _short("BR-RO-L1025", 100, node.kids.get("cbc:Value", NOTHING), hit)
    for node in tree.every("cbc:Note"):
        _short("BR-RO-L302", 300, (node,), hit)
    for node in tree.every("cac:AdditionalDocumentReference"):
        names = [kid.attributes["filename"] for kid in _embedded(node) if "filename" in kid.attributes]
        if len(names) > 1:
            raise Abort
        if names and len(normal(names[0])) > 200:
            hit("BR-RO-L211", node, found=len(normal(names[0])), expected=200)
    notes = tree.root.kids.get("cbc:Note", NOTHING)
    if len(notes) > 20:
        hit("BR-RO-A020", notes[20], found=len(notes), expected=20)
    for node in tree.every("cac:BillingReference"):
        references = node.kids.get("cac:InvoiceDocumentReference", NOTHING)
        if len(references) > 500:
            hit("BR-RO-A500", references[500], found=len(references), expected=500)


def _document(tree: Tree, hit: Hit) -> None:
    """BR-RO-001 to BR-RO-040 and BR-27: identifier, types, currencies, codes, prices."""
    kids = tree.root.kids
    customizations = kids.get("cbc:CustomizationID", NOTHING)
    if not any(node.text == cius.CUSTOMIZATION for node in customizations):
        hit("BR-RO-001", tree.root, found=value(customizations), expected=cius.CUSTOMIZATION)
    number = normal(value(kids.get("cbc:ID", NOTHING)))
    if not any("0" <= letter <= "9" for letter in number):
        hit("BR-RO-010", tree.root, found=number)
    for code, name, allowed in (
        ("BR-RO-020_1", "cbc:InvoiceTypeCode", INVOICE_TYPES),
        ("BR-RO-020_2", "cbc:CreditNoteTypeCode", CREDIT_NOTE_TYPES),
    ):
        for node in tree.every(name):
            if normal(node.text) not in allowed:
                hit(code, node, found=node.text)
    accounting = kids.get("cbc:TaxCurrencyCode", NOTHING)
    currencies = [normal(value(accounting)), normal(value(kids.get("cbc:DocumentCurrencyCode", NOTHING)))]
    if "RON" not in currencies:
        hit("BR-RO-030", tree.root, found=currencies[1], expected="RON")
    for node in tree.every("cac:InvoicePeriod"):
        for kid in node.kids.get("cbc:DescriptionCode", NOTHING):
            if normal(kid.text) not in TAX_POINTS:
                hit("BR-RO-040", kid, found=kid.text)
    for node in tree.every("cbc:PriceAmount"):
        if not double(node.text) >= 0:
            hit("BR-27", node, found=node.text)


def _identifiers(tree: Tree, hit: Hit) -> None:
    """BR-RO-065, BR-RO-120: with a taxed category the parties have identifiers; lines of credit notes do not count."""
    root = tree.root
    if not _taxed(root):
        return
    # An element that is there and blank is enough in the first half, by an oversight.
    if not _representative_ids(root) and all(blank(node.text) for node in _seller_ids(root)):
        hit("BR-RO-065", root)
    if not _buyer_legal_ids(root) and all(blank(node.text) for node in _buyer_ids(root)):
        hit("BR-RO-120", root)


def _taxed(root: Node) -> bool:
    """Is there a category of `TAXED` at an allowance, charge or invoice line? Untrimmed."""
    for line in root.kids.get("cac:InvoiceLine", NOTHING):
        if any(node.text in TAXED for node in _item_codes(line)):
            return True
    for node in root.kids.get("cac:AllowanceCharge", NOTHING):
        indicators = {kid.text for kid in node.kids.get("cbc:ChargeIndicator", NOTHING)}
        for category in node.kids.get("cac:TaxCategory", NOTHING):
            taxed = any(kid.text in TAXED for kid in category.kids.get("cbc:ID", NOTHING))
            of_vat = any(kid.text == "VAT" for kid in _schemes(category))
            if taxed and ("true" in indicators or ("false" in indicators and of_vat)):
                return True
    return False


def _places(tree: Tree, hit: Hit) -> None:
    """BR-RO-081 to BR-RO-212: streets, cities, counties and sectors."""
    root = tree.root
    for find, (street, city, sector, county) in _addresses:
        nodes = find(root)
        if all(blank(kid.text) for node in nodes for kid in _street(node)):
            hit(street, nodes[0] if nodes else root)
        if all(blank(kid.text) for node in nodes for kid in _city(node)):
            hit(city, nodes[0] if nodes else root)
        if nodes:
            _romanian(nodes, sector, county, hit)
    if tree.name != "ubl:Invoice":
        return
    for find, (street, city, sector, county) in _addresses_of_invoices:
        for node in find(root):
            if all(blank(kid.text) for kid in _street(node)):
                hit(street, node)
            if all(blank(kid.text) for kid in _city(node)):
                hit(city, node)
            if county == "BR-RO-212" and all(blank(kid.text) for kid in _county(node)):
                hit("BR-RO-211", node)
            _romanian((node,), sector, county, hit)


def _romanian(nodes: Sequence[Node], sector: str, county: str, hit: Hit) -> None:
    """In Romania a county by its code; in Bucharest the sector as the city."""
    country = normal(value([kid for node in nodes for kid in _country(node)]))
    if country != "RO":
        return
    code = normal(value([kid for node in nodes for kid in _county(node)]))
    if code == "RO-B":
        city = normal(value([kid for node in nodes for kid in _city(node)]))
        if city not in SECTORS:
            hit(sector, nodes[0], found=city)
    elif code not in cius.COUNTIES:
        hit(county, nodes[0], found=code)


def _amounts(tree: Tree, lines: Sequence[Node], hit: Hit) -> None:
    """BR-DEC-RO: at most two decimals, by text; and the lengths of reasons."""
    if tree.long_amounts():
        for node in tree.every("cac:LegalMonetaryTotal"):
            for code, name in TOTALS:
                _decimals(code, node.kids.get(name, NOTHING), hit)
        for total in tree.every("cac:TaxTotal"):
            for node in total.kids.get("cac:TaxSubtotal", NOTHING):
                _decimals("BR-DEC-RO-1009", node.kids.get("cbc:TaxableAmount", NOTHING), hit)
                _decimals("BR-DEC-RO-1010", node.kids.get("cbc:TaxAmount", NOTHING), hit)
    own = tree.root.kids.get("cac:AllowanceCharge", NOTHING) if tree.name == "ubl:Invoice" else NOTHING
    in_lines = [kid for line in lines for kid in line.kids.get("cac:AllowanceCharge", NOTHING)]
    for at_line, nodes in ((False, own), (True, in_lines)):
        for node in nodes:
            is_charge = any(truth(kid.text) for kid in node.kids.get("cbc:ChargeIndicator", NOTHING))
            for wanted, place, amount, base, length, text in ALLOWANCES:
                if wanted is is_charge and place is at_line:
                    _decimals(amount, node.kids.get("cbc:Amount", NOTHING), hit)
                    _decimals(base, node.kids.get("cbc:BaseAmount", NOTHING), hit)
                    _short(length, 100, node.kids.get(text, NOTHING), hit)


def _decimals(code: str, nodes: Sequence[Node], hit: Hit) -> None:
    if nodes and not two_decimals(value(nodes)):
        hit(code, nodes[0], found=nodes[0].text)


def concerns(heading: Heading) -> bool:
    """UBL whose BT-24 names CIUS-RO in any version; there are no such rules for CII."""
    return en16931.is_ubl(heading) and "CIUS-RO" in heading.customization


PROFILE = Profile(
    name="cius-ro",
    title=_("Romanian rules CIUS-RO (RO e-Factura)"),
    concerns=concerns,
    versions=(
        RuleSet(
            version=VERSION,
            applies_from=APPLIES_FROM,
            severities=dict.fromkeys(CODES, "fatal"),
            judge=judge,
            messages=messages.all_codes,
            never=NEVER,
        ),
    ),
)

"""The rules of EN 16931 that ask more than one thing, as CII states them.

Source: CEN validation artefacts 1.3.16, pattern EN16931-CII-Model. Texts are untyped here: beside a
number they are doubles, beside each other texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from fatto.rules.en16931 import lists, model
from fatto.rules.en16931.views import CiiView, Hit, indicated, vat_type
from fatto.rules.tree import NOTHING, Node
from fatto.rules.xpath import (
    Abort,
    amount,
    blank,
    cents,
    decimal,
    double,
    double_rounded,
    normal,
    path,
    rounded,
    texts,
    value,
)

_SETTLEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/"
_delivery = path("rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeDelivery")
_currencies = path(f"{_SETTLEMENT}ram:InvoiceCurrencyCode")
_tax_currencies = path(f"{_SETTLEMENT}ram:TaxCurrencyCode")
_header_summations = path(f"{_SETTLEMENT}ram:SpecifiedTradeSettlementHeaderMonetarySummation")
_invoice_references = path(f"{_SETTLEMENT}ram:InvoiceReferencedDocument")
_ship_to_addresses = path("ram:ShipToTradeParty/ram:PostalTradeAddress")
_legal_ids = path("ram:SpecifiedLegalOrganization/ram:ID")
_registrations = path("ram:SpecifiedTaxRegistration/ram:ID")
_line_amounts = path(
    "ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
)
_transaction_lines = path("rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem")
_line_taxes = path("ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax")
_products = path("ram:SpecifiedTradeProduct/ram:GlobalID")
_starts = path("ram:StartDateTime/udt:DateTimeString")
_ends = path("ram:EndDateTime/udt:DateTimeString")
_issue_dates = path("rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString")


def contexts(view: CiiView) -> dict[str, Sequence[Node]]:
    """The places of the rows in `model`."""
    every = view.tree.every
    return {
        "document": (view.root,),
        "totals": every("ram:SpecifiedTradeSettlementHeaderMonetarySummation"),
        "lines": view.lines,
        "properties": every("ram:ApplicableProductCharacteristic"),
        "allowances": view.allowances,
        "charges": view.charges,
        "line allowances": view.line_allowances,
        "line charges": view.line_charges,
        # The first rule that matches a node keeps it: entries with L, M or O do not come to these rules.
        "breakdown": [
            node
            for node in view.taxes
            if not (value(node.kids.get("ram:CategoryCode", NOTHING)) in ("L", "M", "O") and vat_type(node))
        ],
        "periods": [kid for node in view.settlements for kid in node.kids.get("ram:BillingSpecifiedPeriod", NOTHING)],
        "line periods": [
            kid
            for node in every("ram:SpecifiedLineTradeSettlement")
            for kid in node.kids.get("ram:BillingSpecifiedPeriod", NOTHING)
        ],
        "representatives": every("ram:SellerTaxRepresentativeTradeParty"),
        "means": every("ram:SpecifiedTradeSettlementPaymentMeans"),
        "transfer accounts": [
            kid
            for node in every("ram:SpecifiedTradeSettlementPaymentMeans")
            if not texts(node.kids.get("ram:TypeCode", NOTHING)).isdisjoint(("30", "58"))
            for kid in node.kids.get("ram:PayeePartyCreditorFinancialAccount", NOTHING)
        ],
        "supporting documents": every("ram:AdditionalReferencedDocument"),
        "preceding invoices": _invoice_references(view.root),
    }


Places = dict[str, Sequence[Node]]


def judge(view: CiiView, hit: Hit) -> None:
    """All rules of the model in CII, apart from those on VAT categories."""
    places = contexts(view)
    model.rows(model.table("cii", True), places, hit)
    for rule in (document, totals, gross, lines, charges, breakdown, periods, parties, payment, identifiers):
        rule(view, places, hit)


def document(view: CiiView, places: Places, hit: Hit) -> None:
    """BR-03, BR-16, BR-57."""
    root = view.root
    # BR-03: an issue date in format 102
    if blank(value([node for node in _issue_dates(root) if node.attributes.get("format") == "102"])):
        hit("BR-03", root)
    if not view.lines:
        hit("BR-16", root)
    # BR-57: an address of delivery has a country
    for node in _delivery(root):
        addresses = _ship_to_addresses(node)
        if addresses and blank(value([kid for each in addresses for kid in each.kids.get("ram:CountryID", NOTHING)])):
            hit("BR-57", addresses[0])


def _first(node: Node, name: str) -> Decimal | None:
    """xs:decimal(x[1])"""
    nodes = node.kids.get(name)
    return decimal(nodes[0].text) if nodes else None


def totals(view: CiiView, places: Places, hit: Hit) -> None:
    """BR-53, BR-CO-10 to BR-CO-14, BR-CO-16, BR-DEC-13, BR-DEC-15."""
    currencies = texts(_currencies(view.root))
    tax_currencies = texts(_tax_currencies(view.root))
    for node in places["totals"]:
        kids = node.kids
        taxes = kids.get("ram:TaxTotalAmount", NOTHING)
        # BR-53: a VAT total in the accounting currency, which is another one than the invoice's
        if tax_currencies and (
            tax_currencies.isdisjoint(tax.attributes.get("currencyID", None) for tax in taxes)
            or not tax_currencies.isdisjoint(currencies)
        ):
            hit("BR-53", node, expected=next(iter(tax_currencies)))
        # BR-CO-10: sum of the line amounts; added in doubles, then exact
        added = sum(
            (double(kid.text) for line in _transaction_lines(view.root) for kid in _line_amounts(line)),
            0.0,
        )
        expected = cents(_exactly(added))
        found = amount(kids.get("ram:LineTotalAmount", NOTHING))
        if found != expected:
            hit("BR-CO-10", node, found=found, expected=expected)
        # BR-CO-11, BR-CO-12: sum of the allowances, of the charges; in doubles
        for code, name, is_charge in (
            ("BR-CO-11", "ram:AllowanceTotalAmount", False),
            ("BR-CO-12", "ram:ChargeTotalAmount", True),
        ):
            parts = [each for each in view.heading if indicated(each) is is_charge]
            stated = kids.get(name, NOTHING)
            if parts or stated:
                amounts = [each.kids["ram:ActualAmount"][0] for each in parts if "ram:ActualAmount" in each.kids]
                wanted = _cents(sum((double(each.text) for each in amounts), 0.0))
                if not any(double(each.text) == wanted for each in stated):
                    hit(code, node, found=stated[0].text if stated else None, expected=_readable(wanted))
        net_of_lines, net = _first(node, "ram:LineTotalAmount"), _first(node, "ram:TaxBasisTotalAmount")
        allowances, charges = _first(node, "ram:AllowanceTotalAmount"), _first(node, "ram:ChargeTotalAmount")
        # BR-CO-13: total without VAT
        expected_net = None
        if net_of_lines is not None:
            expected_net = cents(net_of_lines - (allowances or 0) + (charges or 0))
        if net is None or net != expected_net:
            hit("BR-CO-13", node, found=net, expected=expected_net)
        # BR-CO-16: amount due, exact
        gross, payable = _first(node, "ram:GrandTotalAmount"), _first(node, "ram:DuePayableAmount")
        paid, rounding = _first(node, "ram:TotalPrepaidAmount"), _first(node, "ram:RoundingAmount")
        due = None if gross is None else gross - (paid or 0) + (rounding or 0)
        if payable is None or payable != due:
            hit("BR-CO-16", node, found=payable, expected=due)
        # BR-CO-14: VAT total in the invoice's currency = sum of the breakdown, in doubles
        for tax in taxes:
            if tax.attributes.get("currencyID") in currencies:
                parts = [kid for each in view.taxes for kid in each.kids.get("ram:CalculatedAmount", NOTHING)]
                wanted = _cents(sum((double(each.text) for each in parts), 0.0))
                if double(tax.text) != wanted:
                    hit("BR-CO-14", tax, found=tax.text, expected=_readable(wanted))
        # BR-DEC-13, BR-DEC-15: two decimals by value, and only if no other VAT total saves it
        if taxes:
            if not any(tax.attributes.get("currencyID") not in currencies or _in_cents(tax) for tax in taxes):
                hit("BR-DEC-13", taxes[0], found=taxes[0].text)
            if tax_currencies and not any(
                tax.attributes.get("currencyID") in tax_currencies and _in_cents(tax) for tax in taxes
            ):
                hit("BR-DEC-15", taxes[0], found=taxes[0].text)


def _exactly(number: float) -> Decimal:
    """xs:decimal of a double: what it is in binary, to the last digit."""
    if number - number != 0:
        raise Abort
    return Decimal(number)


def _cents(number: float) -> float:
    """round(x * 10 * 10) div 100 in doubles."""
    return double_rounded(number * 10 * 10) / 100


def _in_cents(node: Node) -> bool:
    """. = round(. * 100) div 100 in doubles."""
    number = double(node.text)
    return number == double_rounded(number * 100) / 100


def _readable(number: float) -> Decimal:
    return Decimal(repr(number))


def gross(view: CiiView, places: Places, hit: Hit) -> None:
    """BR-CO-15: total with VAT = total without + VAT, of which there is one in the invoice's currency; or no VAT."""
    summations = _header_summations(view.root)
    every_gross = [kid for node in summations for kid in node.kids.get("ram:GrandTotalAmount", NOTHING)]
    every_net = [kid for node in summations for kid in node.kids.get("ram:TaxBasisTotalAmount", NOTHING)]
    for currency in _currencies(view.root):
        taxes = [
            kid
            for node in summations
            for kid in node.kids.get("ram:TaxTotalAmount", NOTHING)
            if kid.attributes.get("currencyID") == currency.text
        ]
        found = expected = None
        if every_gross and every_net:
            found, net = decimal(every_gross[0].text), decimal(every_net[0].text)
            expected = net
            if len(taxes) == 1:
                expected = cents(net + decimal(taxes[0].text))
            if found in (expected, net):
                continue
        hit("BR-CO-15", summations[0] if summations else view.root, found=found, expected=expected)


def lines(view: CiiView, places: Places, hit: Hit) -> None:
    """BR-64, BR-65, BR-CO-04, BR-CO-18."""
    for line in view.lines:
        # BR-64: a standard item identifier has a scheme
        ids = _products(line)
        if ids and blank("".join(_schemes(ids, "schemeID"))):
            hit("BR-64", ids[0])
        if not any(vat_type(tax) and "ram:CategoryCode" in tax.kids for tax in _line_taxes(line)):
            hit("BR-CO-04", line)
        # BR-CO-18: there is a VAT breakdown; asked at each line
        if not view.taxes:
            hit("BR-CO-18", line)
    # BR-65: an item class has a scheme
    for node in view.tree.every("ram:DesignatedProductClassification"):
        codes = node.kids.get("ram:ClassCode", NOTHING)
        if codes and blank("".join(_schemes(codes, "listID"))):
            hit("BR-65", node)


def _schemes(nodes: Sequence[Node], name: str) -> list[str]:
    """The values of an attribute, for normalize-space(): more than one ends the run."""
    found = [node.attributes[name] for node in nodes if name in node.attributes]
    if len(found) > 1:
        raise Abort
    return found


def charges(view: CiiView, places: Places, hit: Hit) -> None:
    """BR-32, BR-37: an allowance or charge of the document has a VAT category."""
    for code, nodes in (("BR-32", view.allowances), ("BR-37", view.charges)):
        for node in nodes:
            if not any(
                vat_type(tax) and "ram:CategoryCode" in tax.kids for tax in node.kids.get("ram:CategoryTradeTax", ())
            ):
                hit(code, node)


def breakdown(view: CiiView, places: Places, hit: Hit) -> None:
    """BR-47, BR-48, BR-CO-03, BR-CO-17."""
    nodes = places["breakdown"]
    for node in nodes:
        kids = node.kids
        vat = vat_type(node)
        codes = kids.get("ram:CategoryCode", NOTHING)
        rates = kids.get("ram:RateApplicablePercent", NOTHING)
        if not (vat and codes):
            hit("BR-47", node)
        if not (vat and (rates or any(code.text == "O" for code in codes))):
            hit("BR-48", node)
        # BR-CO-17: tax = base times rate within one unit, the unit included; here the type of tax is trimmed
        tax = amount(kids.get("ram:CalculatedAmount", NOTHING))
        taxable = amount(kids.get("ram:BasisAmount", NOTHING))
        trimmed = normal(value(kids.get("ram:TypeCode", NOTHING)).upper()) == "VAT"
        rate = amount(rates) if trimmed else None
        if rate is None or rounded(rate) == 0:
            if tax is None or rounded(tax) != 0:
                hit("BR-CO-17", node, found=tax, expected=0, rate=rate, taxable=taxable)
        elif tax is None or taxable is None:
            hit("BR-CO-17", node, found=tax, rate=rate, taxable=taxable)
        else:
            expected = cents(abs(taxable) * rate / 100)
            if not abs(tax) - 1 <= expected <= abs(tax) + 1:
                hit("BR-CO-17", node, found=tax, expected=expected, rate=rate, taxable=taxable)
    # BR-CO-03: the tax point is a date or a code, not both
    if nodes and view.tree.every("ram:TaxPointDate") and view.tree.every("ram:DueDateTypeCode"):
        hit("BR-CO-03", view.tree.every("ram:TaxPointDate")[0])


def periods(view: CiiView, places: Places, hit: Hit) -> None:
    """BR-29, BR-30: a period does not end before it begins; dates in format 102, compared as texts."""
    for code, context in (("BR-29", "periods"), ("BR-30", "line periods")):
        for node in places[context]:
            if "ram:StartDateTime" in node.kids and "ram:EndDateTime" in node.kids:
                starts = [kid.text for kid in _starts(node) if kid.attributes.get("format") == "102"]
                ends = [kid.text for kid in _ends(node) if kid.attributes.get("format") == "102"]
                if not any(end >= start for end in ends for start in starts):
                    hit(code, node, found=next(iter(ends), None), expected=next(iter(starts), None))


def parties(view: CiiView, places: Places, hit: Hit) -> None:
    """BR-17, BR-56, BR-62, BR-63, BR-CO-26."""
    sellers = [kid for node in view.agreements for kid in node.kids.get("ram:SellerTradeParty", NOTHING)]
    buyers = [kid for node in view.agreements for kid in node.kids.get("ram:BuyerTradeParty", NOTHING)]
    # BR-17: a payee has a name, and is not the seller
    own = {id(kid) for node in view.settlements for kid in node.kids.get("ram:PayeeTradeParty", NOTHING)}
    for payee in view.tree.every("ram:PayeeTradeParty"):
        names = texts(payee.kids.get("ram:Name", NOTHING))
        ids, legal = texts(payee.kids.get("ram:ID", NOTHING)), texts(_legal_ids(payee))
        beside = sellers if id(payee) in own else []
        if not names or any(
            not names.isdisjoint(texts(seller.kids.get("ram:Name", NOTHING)))
            or not ids.isdisjoint(texts(seller.kids.get("ram:ID", NOTHING)))
            or not legal.isdisjoint(texts(_legal_ids(seller)))
            for seller in beside
        ):
            hit("BR-17", payee)
    # BR-56: a tax representative has a VAT identifier
    for node in places["representatives"]:
        if blank(value([kid for kid in _registrations(node) if kid.attributes.get("schemeID") == "VA"])):
            hit("BR-56", node)
    # BR-62, BR-63: an electronic address has a scheme; only the first counts
    for code, nodes in (("BR-62", sellers), ("BR-63", buyers)):
        addresses = [
            node.kids["ram:URIUniversalCommunication"][0]
            for node in nodes
            if "ram:URIUniversalCommunication" in node.kids
        ]
        uris = [kid for address in addresses for kid in address.kids.get("ram:URIID", NOTHING)]
        if addresses and blank("".join(_schemes(uris, "schemeID"))):
            hit(code, addresses[0])
    # BR-CO-26: the seller can be identified
    for seller in view.tree.every("ram:SellerTradeParty"):
        if not (
            "ram:ID" in seller.kids
            or "ram:GlobalID" in seller.kids
            or _legal_ids(seller)
            or any(kid.attributes.get("schemeID") == "VA" for kid in _registrations(seller))
        ):
            hit("BR-CO-26", seller)


def payment(view: CiiView, places: Places, hit: Hit) -> None:
    """BR-50, BR-51."""
    for node in places["transfer accounts"]:
        if blank(value(node.kids.get("ram:IBANID", NOTHING))) and blank(
            value(node.kids.get("ram:ProprietaryID", NOTHING))
        ):
            hit("BR-50", node)
    for card in view.tree.every("ram:ApplicableTradeSettlementFinancialCard"):
        number = normal(value(card.kids.get("ram:ID", NOTHING)))
        if len(number) > 10:
            hit("BR-51", card, found=len(number), expected=10)


def identifiers(view: CiiView, places: Places, hit: Hit) -> None:
    """BR-CO-09: a VAT identifier begins with a country."""
    for node in view.tree.every("ram:SpecifiedTaxRegistration"):
        for kid in node.kids.get("ram:ID", NOTHING):
            if kid.attributes.get("schemeID") == "VA" and f" {kid.text[:2]} " not in lists.VAT_PREFIXES_CII_TEXT:
                hit("BR-CO-09", kid, found=kid.text[:2])

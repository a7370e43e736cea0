"""The rules of EN 16931 that ask more than one thing, as UBL states them.

Source: CEN validation artefacts 1.3.16, patterns UBL-model and UBL-syntax.
"""

from __future__ import annotations

from collections.abc import Sequence

from fatto.rules.en16931 import lists, model
from fatto.rules.en16931.views import Hit, UblView, vat_scheme
from fatto.rules.tree import NOTHING, Node
from fatto.rules.xpath import (
    amount,
    cents,
    date,
    decimal,
    normal,
    path,
    rounded,
    texts,
    total,
    value,
)

_party_names = path("cac:PartyName/cbc:Name")
_party_ids = path("cac:PartyIdentification/cbc:ID")
_legal_ids = path("cac:PartyLegalEntity/cbc:CompanyID")
_payee_account_ids = path("cac:PayeeFinancialAccount/cbc:ID")
_addresses = path("cac:Party/cac:PostalAddress")
_endpoints = path("cac:Party/cbc:EndpointID")
_delivery_addresses = path("cac:DeliveryLocation/cac:Address")
_item_categories = path("cac:Item/cac:ClassifiedTaxCategory")
_period_codes = path("cac:InvoicePeriod/cbc:DescriptionCode")


def contexts(view: UblView) -> dict[str, Sequence[Node]]:
    """The places of the rows in `model`."""
    every = view.tree.every
    periods = every("cac:InvoicePeriod")
    line_periods = [kid for line in view.lines for kid in line.kids.get("cac:InvoicePeriod", NOTHING)]
    if line_periods:  # the first rule that matches a node keeps it: a line's period is no longer the document's
        taken = {id(node) for node in line_periods}
        periods = [node for node in periods if id(node) not in taken]
    representatives = every("cac:TaxRepresentativeParty")
    items = [item for line in view.lines for item in line.kids.get("cac:Item", NOTHING)]
    return {
        "document": (view.root,),
        "totals": every("cac:LegalMonetaryTotal"),
        "lines": view.lines,
        "properties": every("cac:AdditionalItemProperty"),
        "standard item ids": [
            kid
            for item in items
            for standard in item.kids.get("cac:StandardItemIdentification", NOTHING)
            for kid in standard.kids.get("cbc:ID", NOTHING)
        ],
        "item classes": [
            kid
            for item in items
            for group in item.kids.get("cac:CommodityClassification", NOTHING)
            for kid in group.kids.get("cbc:ItemClassificationCode", NOTHING)
        ],
        "allowances": view.allowances,
        "charges": view.charges,
        "line allowances": view.line_allowances,
        "line charges": view.line_charges,
        "breakdown": view.subtotals,
        "periods": periods,
        "line periods": line_periods,
        "representatives": representatives,
        "representative address": [kid for node in representatives for kid in node.kids.get("cac:PostalAddress", ())],
        "seller address": [kid for node in every("cac:AccountingSupplierParty") for kid in _addresses(node)],
        "buyer address": [kid for node in every("cac:AccountingCustomerParty") for kid in _addresses(node)],
        "delivery address": [kid for node in every("cac:Delivery") for kid in _delivery_addresses(node)],
        "seller endpoint": [kid for node in every("cac:AccountingSupplierParty") for kid in _endpoints(node)],
        "buyer endpoint": [kid for node in every("cac:AccountingCustomerParty") for kid in _endpoints(node)],
        "means": every("cac:PaymentMeans"),
        "transfer accounts": [
            kid
            for node in every("cac:PaymentMeans")
            if not texts(node.kids.get("cbc:PaymentMeansCode", NOTHING)).isdisjoint(("30", "58"))
            for kid in node.kids.get("cac:PayeeFinancialAccount", NOTHING)
        ],
        "supporting documents": every("cac:AdditionalDocumentReference"),
        "preceding invoices": every("cac:BillingReference"),
    }


def judge(view: UblView, hit: Hit) -> None:
    """All rules of the model in UBL, apart from those on VAT categories."""
    places = contexts(view)
    # No amount can be there twice, so where none has a third decimal the rows that count them need not be asked.
    model.rows(model.table("ubl", bool(view.tree.long_amounts())), places, hit)
    for rule in (document, totals, lines, charges, breakdown, periods, parties, payment, identifiers, notes):
        rule(view, places, hit)


Places = dict[str, Sequence[Node]]


def document(view: UblView, places: Places, hit: Hit) -> None:
    """BR-04, BR-53, BR-CO-03, BR-CO-14, BR-CO-15."""
    root = view.root
    kids = root.kids
    # BR-04: a type code
    if not (
        normal(value(kids.get("cbc:InvoiceTypeCode", NOTHING)))
        or normal(value(kids.get("cbc:CreditNoteTypeCode", NOTHING)))
    ):
        hit("BR-04", root)
    # BR-53: a VAT total in the accounting currency
    for currency in kids.get("cbc:TaxCurrencyCode", NOTHING):
        if not any(
            tax.attributes.get("currencyID") == currency.text
            for tax_total in view.tree.every("cac:TaxTotal")
            for tax in tax_total.kids.get("cbc:TaxAmount", NOTHING)
        ):
            hit("BR-53", currency, expected=currency.text)
    # BR-CO-03: the tax point is a date or a code, not both
    if "cbc:TaxPointDate" in kids and _period_codes(root):
        hit("BR-CO-03", kids["cbc:TaxPointDate"][0])
    # BR-CO-14: VAT total = sum of the breakdown
    for tax_total in view.root_totals:
        if subtotals := tax_total.kids.get("cac:TaxSubtotal"):
            found = amount(tax_total.kids.get("cbc:TaxAmount", NOTHING))
            expected = cents(
                total(decimal(tax.text) for part in subtotals for tax in part.kids.get("cbc:TaxAmount", NOTHING))
            )
            if found != expected:
                hit("BR-CO-14", tax_total, found=found, expected=expected)
    # BR-CO-15: total with VAT = total without + VAT, of which there is one in the currency of the document
    for currency in kids.get("cbc:DocumentCurrencyCode", NOTHING):
        taxes = [
            decimal(tax.text)
            for tax_total in view.root_totals
            for tax in tax_total.kids.get("cbc:TaxAmount", NOTHING)
            if tax.attributes.get("currencyID") == currency.text
        ]
        if len(taxes) != 1:
            hit("BR-CO-15", root, found=len(taxes), currency=currency.text)
            continue
        for sums in kids.get("cac:LegalMonetaryTotal", NOTHING):
            gross = amount(sums.kids.get("cbc:TaxInclusiveAmount", NOTHING))
            net = amount(sums.kids.get("cbc:TaxExclusiveAmount", NOTHING))
            expected_gross = None if net is None else cents(net + taxes[0])
            if gross is None or gross != expected_gross:
                hit("BR-CO-15", sums, found=gross, expected=expected_gross, net=net, vat=taxes[0])


def totals(view: UblView, places: Places, hit: Hit) -> None:
    """BR-CO-10 to BR-CO-13 and BR-CO-16: the totals follow from each other."""
    for node in places["totals"]:
        kids = node.kids
        net_of_lines = amount(kids.get("cbc:LineExtensionAmount", NOTHING))
        allowances = amount(kids.get("cbc:AllowanceTotalAmount", NOTHING))
        charges = amount(kids.get("cbc:ChargeTotalAmount", NOTHING))
        net = amount(kids.get("cbc:TaxExclusiveAmount", NOTHING))
        gross = amount(kids.get("cbc:TaxInclusiveAmount", NOTHING))
        paid = amount(kids.get("cbc:PrepaidAmount", NOTHING))
        rounding = amount(kids.get("cbc:PayableRoundingAmount", NOTHING))
        payable = amount(kids.get("cbc:PayableAmount", NOTHING))
        # BR-CO-10: sum of the line amounts
        expected = cents(
            total(decimal(value(kid)) for line in view.lines if (kid := line.kids.get("cbc:LineExtensionAmount")))
        )
        if net_of_lines != expected:
            hit("BR-CO-10", node, found=net_of_lines, expected=expected)
        # BR-CO-11, BR-CO-12: sum of the allowances, of the charges
        for code, found, parts in (("BR-CO-11", allowances, view.allowances), ("BR-CO-12", charges, view.charges)):
            if found is not None or parts:
                expected = cents(total(decimal(kid.text) for part in parts for kid in part.kids.get("cbc:Amount", ())))
                if found != expected:
                    hit(code, node, found=found, expected=expected)
        # BR-CO-13: total without VAT
        expected_net = None
        if net_of_lines is not None:
            expected_net = net_of_lines - (allowances or 0) + (charges or 0)
            if allowances is not None or charges is not None:
                expected_net = cents(expected_net)
        if net is None or net != expected_net:
            hit("BR-CO-13", node, found=net, expected=expected_net)
        # BR-CO-16: amount due
        due = None
        if gross is not None and payable is not None:
            due = gross if paid is None else cents(gross - paid)
            if rounding is not None and cents(payable - rounding) == due:
                continue
            if rounding is None and payable == due:
                continue
        hit("BR-CO-16", node, found=payable, expected=None if due is None else due + (rounding or 0))


def lines(view: UblView, places: Places, hit: Hit) -> None:
    """BR-CO-04: each line has a VAT category."""
    for line, categories in zip(view.lines, view.line_categories, strict=True):
        for each in categories:
            if "cbc:ID" in each.kids and view.vat(each):
                break
        else:
            hit("BR-CO-04", line)


def charges(view: UblView, places: Places, hit: Hit) -> None:
    """BR-32, BR-37: an allowance or charge of the document has a VAT category."""
    for code, nodes in (("BR-32", view.allowances), ("BR-37", view.charges)):
        for node in nodes:
            if not any(vat_scheme(each) and "cbc:ID" in each.kids for each in node.kids.get("cac:TaxCategory", ())):
                hit(code, node)


def breakdown(view: UblView, places: Places, hit: Hit) -> None:
    """BR-47, BR-48, BR-CO-17: category, rate and amount of each entry of the VAT breakdown."""
    for node in view.subtotals:
        categories = [each for each in node.kids.get("cac:TaxCategory", NOTHING) if vat_scheme(each)]
        if not any("cbc:ID" in each.kids for each in categories):
            hit("BR-47", node)
        rates = [kid for each in categories for kid in each.kids.get("cbc:Percent", NOTHING)]
        if not rates and not any(normal(value(each.kids.get("cbc:ID", NOTHING))) == "O" for each in categories):
            hit("BR-48", node)
        taxes = node.kids.get("cbc:TaxAmount", NOTHING)
        tax = amount(taxes)
        taxable = amount(node.kids.get("cbc:TaxableAmount", NOTHING))
        rate = amount(rates)
        if rate is None or rounded(rate) == 0:
            # a tax below fifty cents is taken for none
            if tax is None or rounded(tax) != 0:
                hit("BR-CO-17", node, found=tax, expected=0, rate=rate, taxable=taxable)
        elif tax is None or taxable is None:
            hit("BR-CO-17", node, found=tax, rate=rate, taxable=taxable)
        else:
            expected = cents(abs(taxable) * rate / 100)
            if not abs(tax) - 1 < expected < abs(tax) + 1:
                hit("BR-CO-17", node, found=tax, expected=expected, rate=rate, taxable=taxable)


def periods(view: UblView, places: Places, hit: Hit) -> None:
    """BR-29, BR-30: a period does not end before it begins."""
    for code, context in (("BR-29", "periods"), ("BR-30", "line periods")):
        for node in places[context]:
            starts, ends = node.kids.get("cbc:StartDate"), node.kids.get("cbc:EndDate")
            if starts and ends and date(value(ends)) < date(value(starts)):
                hit(code, node, found=ends[0].text, expected=starts[0].text)


def parties(view: UblView, places: Places, hit: Hit) -> None:
    """BR-17, BR-56, BR-CO-26."""
    sellers = [
        party
        for node in view.root.kids.get("cac:AccountingSupplierParty", NOTHING)
        for party in node.kids.get("cac:Party", NOTHING)
    ]
    # BR-17: a payee has a name, and is not the seller
    for payee in view.tree.every("cac:PayeeParty"):
        names, ids = texts(_party_names(payee)), texts(_party_ids(payee))
        beside = sellers if payee in view.root.kids.get("cac:PayeeParty", NOTHING) else []
        if (
            not names
            or any(not names.isdisjoint(texts(_party_names(seller))) for seller in beside)
            or any(not ids.isdisjoint(texts(_party_ids(seller))) for seller in beside)
        ):
            hit("BR-17", payee)
    # BR-56: a tax representative has a VAT identifier
    for node in places["representatives"]:
        schemes = node.kids.get("cac:PartyTaxScheme", NOTHING)
        if not any(vat_scheme(each) and "cbc:CompanyID" in each.kids for each in schemes):
            hit("BR-56", node)
    # BR-CO-26: the seller can be identified
    for node in view.tree.every("cac:AccountingSupplierParty"):
        own = node.kids.get("cac:Party", NOTHING)
        if not any(
            any(
                vat_scheme(each) and "cbc:CompanyID" in each.kids
                for each in party.kids.get("cac:PartyTaxScheme", NOTHING)
            )
            or any(kid.attributes.get("schemeID") != "SEPA" for kid in _party_ids(party))
            or _legal_ids(party)
            for party in own
        ):
            hit("BR-CO-26", node)


def payment(view: UblView, places: Places, hit: Hit) -> None:
    """BR-51, BR-61."""
    for node in view.tree.every("cac:PaymentMeans"):
        # BR-51: of a card number only the last digits
        for card in node.kids.get("cac:CardAccount", NOTHING):
            for number in card.kids.get("cbc:PrimaryAccountNumberID", NOTHING):
                if len(normal(number.text)) > 10:
                    hit("BR-51", number, found=len(normal(number.text)), expected=10)
        # BR-61: a transfer needs an account
        code = normal(value(node.kids.get("cbc:PaymentMeansCode", NOTHING)))
        if code in ("30", "58") and not _payee_account_ids(node):
            hit("BR-61", node)


def identifiers(view: UblView, places: Places, hit: Hit) -> None:
    """BR-CO-09: a VAT identifier begins with a country; a bare search in the list, so `A ` will do as well."""
    for node in view.tree.every("cac:PartyTaxScheme"):
        if vat_scheme(node):
            start = value(node.kids.get("cbc:CompanyID", NOTHING))[:2]
            if start not in lists.VAT_PREFIXES_TEXT:
                hit("BR-CO-09", node, found=start)


def notes(view: UblView, places: Places, hit: Hit) -> None:
    """BR-CL-08: the subject of a note between two # is a code of UNTDID 4451; looked up as a bare substring."""
    for node in view.root.kids.get("cbc:Note", NOTHING):
        _before, mark, after = node.text.partition("#")
        subject = after.partition("#")[0] if "#" in after else ""
        if mark and len(subject) == 3 and subject not in lists.NOTE_SUBJECTS_TEXT:
            hit("BR-CL-08", node, found=subject)

"""One face over UBL invoice, UBL credit note and CII: the places that the rules of EN 16931 speak of.

A place that exists in both syntaxes has one name here, so that a rule that is the same in both is
written once. How a text is read belongs to the view as well, because the official rules differ:
UBL trims a category code, CII takes it as it stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from decimal import Decimal

from msgspec import Struct

from fatto.rules.tree import NOTHING, Node, Tree
from fatto.rules.xpath import Abort, decimal, normal, path, text, truth, value

Sums = dict[object, Decimal]
"""Amounts by category code, and by (category code, rate)."""


class Use(Struct, gc=False, eq=False):
    """A VAT category written at a line, an allowance or a charge."""

    kind: str
    """`line`, `allowance` or `charge`."""
    node: Node
    code: str
    vat: bool
    """Is its tax scheme VAT? Others are no business of the category rules."""
    rates: Sequence[Node]
    rated: bool = True
    """Does the rule about the rate look at this place? (UBL: not at lines within lines.)"""
    heading: bool = False
    """Is it an allowance or charge of the whole document?"""


class Tax(Struct, gc=False, eq=False):
    """One entry of the VAT breakdown (BG-23)."""

    node: Node
    code: str
    vat: bool
    taxable: Sequence[Node]
    amounts: Sequence[Node]
    rates: Sequence[Node]
    explained: bool
    """Has it an exemption reason, in words or as a code?"""


def _gather(sums: Sums, codes: Iterable[str], rates: Iterable[Decimal], amount: Decimal) -> None:
    """Add an amount under each of its codes, and each pair of code and rate.

    The official tests ask `category = X` and `rate = Y` apart, so with two categories in one place
    every pair counts. Lines that are alike are added up before: a number is a slow key.
    """
    for code in codes:
        sums[code] = sums.get(code, _ZERO) + amount
        for rate in rates:
            sums[code, rate] = sums.get((code, rate), _ZERO) + amount


_ZERO = Decimal(0)


# UBL

_scheme = path("cac:TaxScheme/cbc:ID")
_company = path("cac:Party/cac:PartyTaxScheme/cbc:CompanyID")
_legal = path("cac:Party/cac:PartyLegalEntity/cbc:CompanyID")
_schemes = path("cac:Party/cac:PartyTaxScheme")
_line_categories = path("cac:Item/cac:ClassifiedTaxCategory")


def vat_scheme(node: Node) -> bool:
    """cac:TaxScheme/normalize-space(upper-case(cbc:ID)) = 'VAT'."""
    for scheme in node.kids.get("cac:TaxScheme", NOTHING):
        name = text(scheme, "cbc:ID")
        if name == "VAT" or normal(name.upper()) == "VAT":
            return True
    return False


def charge(node: Node) -> bool | None:
    """cbc:ChargeIndicator as a boolean; None without one."""
    indicators = node.kids.get("cbc:ChargeIndicator")
    if not indicators:
        return None
    return truth(indicators[0].text)


class UblView:
    """A UBL invoice or credit note."""

    credit_note: bool

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.root = tree.root
        self.credit_note = tree.name == "cn:CreditNote"
        every = tree.every
        self.lines = [*every("cac:InvoiceLine"), *every("cac:CreditNoteLine")]
        """Anywhere in the document."""
        self.line_categories = [_line_categories(line) for line in self.lines]
        """The VAT categories of each of the lines."""
        self._vat: dict[int, bool] = {}
        self.root_lines = {
            "cac:InvoiceLine": self.root.kids.get("cac:InvoiceLine", NOTHING),
            "cac:CreditNoteLine": self.root.kids.get("cac:CreditNoteLine", NOTHING),
        }
        marked = [(node, charge(node)) for node in every("cac:AllowanceCharge")]
        self.all_allowances = [node for node, is_charge in marked if is_charge is False]
        self.all_charges = [node for node, is_charge in marked if is_charge is True]
        own = self.root.kids.get("cac:AllowanceCharge", NOTHING) if marked else NOTHING
        self.allowances = [node for node in own if charge(node) is False]
        self.charges = [node for node in own if charge(node) is True]
        in_lines = [node for line in self.lines for node in line.kids.get("cac:AllowanceCharge", NOTHING)]
        self.line_allowances = [node for node in in_lines if charge(node) is False]
        self.line_charges = [node for node in in_lines if charge(node) is True]
        self.subtotals = [kid for total in every("cac:TaxTotal") for kid in total.kids.get("cac:TaxSubtotal", NOTHING)]
        self.root_totals: Sequence[Node] = self.root.kids.get("cac:TaxTotal", NOTHING)

    def vat(self, category: Node) -> bool:
        """Is the tax scheme of a category VAT?"""
        known = self._vat.get(id(category))
        if known is None:
            known = self._vat[id(category)] = vat_scheme(category)
        return known

    # Who is who: lists of identifiers, empty where there are none.

    def seller_tax_ids(self) -> list[Node]:
        """In any tax scheme."""
        return [kid for party in self.tree.every("cac:AccountingSupplierParty") for kid in _company(party)]

    def seller_vat_ids(self) -> list[Node]:
        return self._vat_ids("cac:AccountingSupplierParty")

    def buyer_vat_ids(self) -> list[Node]:
        return self._vat_ids("cac:AccountingCustomerParty")

    def buyer_legal_ids(self) -> list[Node]:
        return [kid for party in self.tree.every("cac:AccountingCustomerParty") for kid in _legal(party)]

    def representative_vat_ids(self) -> list[Node]:
        return [
            kid
            for party in self.tree.every("cac:TaxRepresentativeParty")
            for scheme in party.kids.get("cac:PartyTaxScheme", NOTHING)
            if vat_scheme(scheme)
            for kid in scheme.kids.get("cbc:CompanyID", NOTHING)
        ]

    def _vat_ids(self, name: str) -> list[Node]:
        return [
            kid
            for party in self.tree.every(name)
            for scheme in _schemes(party)
            if vat_scheme(scheme)
            for kid in scheme.kids.get("cbc:CompanyID", NOTHING)
        ]

    # VAT

    def uses(self) -> list[Use]:
        rated = {id(category) for categories in self.line_categories for category in categories}
        found = [
            self._use("line", category, rated=id(category) in rated)
            for category in self.tree.every("cac:ClassifiedTaxCategory")
        ]
        heading = {id(node) for node in self.root.kids.get("cac:AllowanceCharge", NOTHING)}
        for kind, nodes in (("allowance", self.all_allowances), ("charge", self.all_charges)):
            for node in nodes:
                for category in node.kids.get("cac:TaxCategory", NOTHING):
                    found.append(self._use(kind, category, heading=id(node) in heading))
        return found

    def _use(self, kind: str, node: Node, *, rated: bool = True, heading: bool = False) -> Use:
        code = normal(text(node, "cbc:ID"))
        return Use(kind, node, code, self.vat(node), node.kids.get("cbc:Percent", NOTHING), rated, heading)

    def breakdown(self) -> list[Tax]:
        return [
            Tax(
                category,
                normal(text(category, "cbc:ID")),
                vat_scheme(category),
                subtotal.kids.get("cbc:TaxableAmount", NOTHING),
                subtotal.kids.get("cbc:TaxAmount", NOTHING),
                category.kids.get("cbc:Percent", NOTHING),
                "cbc:TaxExemptionReason" in category.kids or "cbc:TaxExemptionReasonCode" in category.kids,
            )
            for total in self.root_totals
            for subtotal in total.kids.get("cac:TaxSubtotal", NOTHING)
            for category in subtotal.kids.get("cac:TaxCategory", NOTHING)
        ]

    def line_sums(self, name: str) -> Sums:
        """Net amounts of the document's own lines of that name, by category and rate."""
        sums: Sums = {}
        alike: dict[tuple[str, str], Decimal] = {}
        for line in self.root_lines[name]:
            categories = _line_categories(line)
            amounts = line.kids.get("cbc:LineExtensionAmount")
            if len(categories) == 1 and amounts and "cbc:Percent" in categories[0].kids:
                key = text(categories[0], "cbc:ID"), text(categories[0], "cbc:Percent")
                alike[key] = alike.get(key, _ZERO) + decimal(value(amounts))
                continue
            codes, rates = self._categories(categories)
            if amounts:
                _gather(sums, codes, rates, decimal(value(amounts)))
        for (code, rate), amount in alike.items():
            _gather(sums, (normal(code),), (decimal(rate),), amount)
        return sums

    def charge_sums(self, nodes: Iterable[Node]) -> Sums:
        """Amounts of allowances or charges by category and rate."""
        sums: Sums = {}
        for node in nodes:
            codes, rates = self._categories(node.kids.get("cac:TaxCategory", NOTHING))
            if amounts := node.kids.get("cbc:Amount"):
                _gather(sums, codes, rates, decimal(value(amounts)))
        return sums

    @staticmethod
    def _categories(nodes: Sequence[Node]) -> tuple[Collection[str], Collection[Decimal]]:
        codes = [normal(text(node, "cbc:ID")) for node in nodes]
        rates = [decimal(value(percent)) for node in nodes if (percent := node.kids.get("cbc:Percent"))]
        return (codes, rates) if len(nodes) < 2 else (set(codes), set(rates))


# CII

_lines = path("rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem")
_settlement = path("rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement")
_agreement = path("rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement")
_registrations = path("ram:SpecifiedTaxRegistration/ram:ID")
_legal_id = path("ram:SpecifiedLegalOrganization/ram:ID")
_indicator = path("ram:ChargeIndicator/udt:Indicator")
_line_amounts = "ram:SpecifiedTradeSettlementLineMonetarySummation"
_line_totals = path(f"{_line_amounts}/ram:LineTotalAmount")


def vat_type(node: Node) -> bool:
    """upper-case(ram:TypeCode) = 'VAT', untrimmed."""
    return value(node.kids.get("ram:TypeCode", NOTHING)).upper() == "VAT"


def indicated(node: Node) -> bool | None:
    """ram:ChargeIndicator/udt:Indicator as a boolean; None without one."""
    indicators = _indicator(node)
    return truth(indicators[0].text) if indicators else None


class CiiView:
    """A CII invoice."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.root = tree.root
        every = tree.every
        self.lines = every("ram:IncludedSupplyChainTradeLineItem")
        self.settlements = _settlement(self.root)
        self.agreements = _agreement(self.root)
        own = [kid for node in self.settlements for kid in node.kids.get("ram:SpecifiedTradeAllowanceCharge", NOTHING)]
        self.heading = own
        """Allowances and charges of the document, with or without an indicator."""
        self.allowances = [node for node in own if self._says(node, "false")]
        self.charges = [node for node in own if self._says(node, "true")]
        in_lines = [
            kid
            for node in every("ram:SpecifiedLineTradeSettlement")
            for kid in node.kids.get("ram:SpecifiedTradeAllowanceCharge", NOTHING)
        ]
        self.line_allowances = [node for node in in_lines if self._says(node, "false")]
        self.line_charges = [node for node in in_lines if self._says(node, "true")]
        self.taxes = [kid for node in self.settlements for kid in node.kids.get("ram:ApplicableTradeTax", NOTHING)]

    @staticmethod
    def _says(node: Node, word: str) -> bool:
        """The indicator as a text: `0` is not `false` here."""
        return any(indicator.text == word for indicator in _indicator(node))

    # Who is who

    def seller_tax_ids(self) -> list[Node]:
        return self._ids("ram:SellerTradeParty", ("VA", "FC"))

    def seller_vat_ids(self) -> list[Node]:
        return self._ids("ram:SellerTradeParty", ("VA",))

    def buyer_vat_ids(self) -> list[Node]:
        return self._ids("ram:BuyerTradeParty", ("VA",))

    def buyer_legal_ids(self) -> list[Node]:
        return [kid for party in self.tree.every("ram:BuyerTradeParty") for kid in _legal_id(party)]

    def representative_vat_ids(self) -> list[Node]:
        return self._ids("ram:SellerTaxRepresentativeTradeParty", ("VA",))

    def _ids(self, name: str, schemes: tuple[str, ...]) -> list[Node]:
        return [
            kid
            for party in self.tree.every(name)
            for kid in _registrations(party)
            if kid.attributes.get("schemeID") in schemes
        ]

    # VAT

    def uses(self) -> list[Use]:
        found = [
            self._use("line", tax)
            for line in _lines(self.root)
            for settlement in line.kids.get("ram:SpecifiedLineTradeSettlement", NOTHING)
            for tax in settlement.kids.get("ram:ApplicableTradeTax", NOTHING)
        ]
        for node in self.tree.every("ram:SpecifiedTradeAllowanceCharge"):
            is_charge = indicated(node)
            if is_charge is not None:
                kind = "charge" if is_charge else "allowance"
                found += [self._use(kind, tax) for tax in node.kids.get("ram:CategoryTradeTax", NOTHING)]
        return found

    @staticmethod
    def _use(kind: str, node: Node) -> Use:
        code = value(node.kids.get("ram:CategoryCode", NOTHING))
        return Use(kind, node, code, vat_type(node), node.kids.get("ram:RateApplicablePercent", NOTHING))

    def breakdown(self) -> list[Tax]:
        return [
            Tax(
                tax,
                value(tax.kids.get("ram:CategoryCode", NOTHING)),
                vat_type(tax),
                tax.kids.get("ram:BasisAmount", NOTHING),
                tax.kids.get("ram:CalculatedAmount", NOTHING),
                tax.kids.get("ram:RateApplicablePercent", NOTHING),
                "ram:ExemptionReason" in tax.kids or "ram:ExemptionReasonCode" in tax.kids,
            )
            for tax in self.taxes
        ]

    def line_sums(self) -> Sums:
        """Net amounts of the lines by category and rate."""
        sums: Sums = {}
        alike: dict[tuple[str, str], Decimal] = {}
        for line in _lines(self.root):
            for settlement in line.kids.get("ram:SpecifiedLineTradeSettlement", NOTHING):
                categories = settlement.kids.get("ram:ApplicableTradeTax", NOTHING)
                amounts = _line_totals(settlement)
                if len(categories) == 1 == len(amounts) and len(kids := categories[0].kids) > 2:
                    codes_here = kids.get("ram:CategoryCode", NOTHING)
                    rates_here = kids.get("ram:RateApplicablePercent", NOTHING)
                    if len(codes_here) == 1 == len(rates_here):
                        key = codes_here[0].text, rates_here[0].text
                        alike[key] = alike.get(key, _ZERO) + decimal(amounts[0].text)
                        continue
                codes, rates = self._categories(categories)
                for summation in settlement.kids.get(_line_amounts, NOTHING):
                    if several := summation.kids.get("ram:LineTotalAmount"):
                        _gather(sums, codes, rates, decimal(value(several)))
        for (code, rate), amount in alike.items():
            _gather(sums, (code,), (decimal(rate),), amount)
        return sums

    def charge_sums(self, is_charge: bool) -> Sums:
        """Amounts of the document's allowances or charges by category and rate; of several amounts the first."""
        sums: Sums = {}
        for node in self.heading:
            if indicated(node) is is_charge and (amounts := node.kids.get("ram:ActualAmount")):
                codes, rates = self._categories(node.kids.get("ram:CategoryTradeTax", NOTHING))
                _gather(sums, codes, rates, decimal(amounts[0].text))
        return sums

    def all_indicated(self, code: str) -> None:
        """`cast as xs:boolean` of an indicator that is not there ends the run, at a node of that category.

        At others the second half of the test is false, which the processor looks at first.
        """
        for node in self.heading:
            if len(_indicator(node)) != 1 and code in self._categories(node.kids.get("ram:CategoryTradeTax", ()))[0]:
                raise Abort

    @staticmethod
    def _categories(nodes: Iterable[Node]) -> tuple[set[str], set[Decimal]]:
        codes: set[str] = set()
        rates: set[Decimal] = set()
        for node in nodes:
            codes.update(kid.text for kid in node.kids.get("ram:CategoryCode", NOTHING))
            if percent := node.kids.get("ram:RateApplicablePercent"):
                rates.add(decimal(value(percent)))
        return codes, rates


View = UblView | CiiView
Hit = Callable[..., None]
"""hit(code, node, found=…, expected=…, **values): a rule that fired, and where."""


def by_text(nodes: Iterable[Node], name: str) -> defaultdict[str, int]:
    """How often each value of a child occurs among some nodes."""
    counted: defaultdict[str, int] = defaultdict(int)
    for node in nodes:
        for kid in node.kids.get(name, NOTHING):
            counted[kid.text] += 1
    return counted

"""BR-nn, BR-CO-nn and BR-DEC-nn: what an invoice must hold, and what must add up.

A rule that asks one thing of one place is a row of `ROWS`, with the place in UBL and in CII. A rule
that asks more is a function of `ubl` or `cii`. Source of all: CEN validation artefacts 1.3.16.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from msgspec import Struct

from fatto.rules.en16931.views import Hit
from fatto.rules.tree import NOTHING, Node
from fatto.rules.xpath import Abort, blank, double, path, two_decimals, value


def present(nodes: Sequence[Node]) -> bool:
    """exists(x)"""
    return bool(nodes)


def absent(nodes: Sequence[Node]) -> bool:
    """not(x)"""
    return not nodes


def filled(nodes: Sequence[Node]) -> bool:
    """normalize-space(x) != '': ends the run when there are two."""
    if len(nodes) == 1:
        return not blank(nodes[0].text)
    if nodes:
        raise Abort
    return False


def at_most_two_decimals(nodes: Sequence[Node]) -> bool:
    """string-length(substring-after(x, '.')) <= 2: ends the run when there are two."""
    return not nodes or two_decimals(value(nodes))


def first_at_most_two_decimals(nodes: Sequence[Node]) -> bool:
    """The same of x[1]."""
    return not nodes or two_decimals(nodes[0].text)


def not_negative(nodes: Sequence[Node]) -> bool:
    """x >= 0, true of any."""
    if len(nodes) == 1:
        return double(nodes[0].text) >= 0
    return any(double(node.text) >= 0 for node in nodes)


def absent_or_not_negative(nodes: Sequence[Node]) -> bool:
    """x >= 0 or not(x)"""
    return not nodes or not_negative(nodes)


Test = Callable[[Sequence[Node]], bool]
Finder = Callable[[Node], Sequence[Node]]


class Row(Struct, frozen=True):
    """A rule of one test at one place: `context: path`, several paths with ` | ` between them."""

    code: str
    test: Test
    ubl: str | None = None
    cii: str | None = None


_A = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement/"
_S = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/"
_LINE_TOTAL = "ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
_SELLER = "cac:AccountingSupplierParty/cac:Party/"
_BUYER = "cac:AccountingCustomerParty/cac:Party/"
_REASON = "cbc:AllowanceChargeReason | cbc:AllowanceChargeReasonCode"
_CII_REASON = "ram:Reason | ram:ReasonCode"
_TERMS = "ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"

ROWS = (
    # The document
    Row("BR-01", filled, "document: cbc:CustomizationID", f"document: rsm:ExchangedDocumentContext/{_TERMS}"),
    Row("BR-02", filled, "document: cbc:ID", "document: rsm:ExchangedDocument/ram:ID"),
    Row("BR-03", filled, "document: cbc:IssueDate"),
    Row("BR-04", filled, None, "document: rsm:ExchangedDocument/ram:TypeCode"),
    Row("BR-05", filled, "document: cbc:DocumentCurrencyCode", f"document: {_S}ram:InvoiceCurrencyCode"),
    Row(
        "BR-06",
        filled,
        f"document: {_SELLER}cac:PartyLegalEntity/cbc:RegistrationName",
        f"document: {_A}ram:SellerTradeParty/ram:Name",
    ),
    Row(
        "BR-07",
        filled,
        f"document: {_BUYER}cac:PartyLegalEntity/cbc:RegistrationName",
        f"document: {_A}ram:BuyerTradeParty/ram:Name",
    ),
    Row(
        "BR-08",
        present,
        f"document: {_SELLER}cac:PostalAddress",
        f"document: {_A}ram:SellerTradeParty/ram:PostalTradeAddress",
    ),
    Row(
        "BR-10",
        present,
        f"document: {_BUYER}cac:PostalAddress",
        f"document: {_A}ram:BuyerTradeParty/ram:PostalTradeAddress",
    ),
    Row("BR-09", filled, None, f"document: {_A}ram:SellerTradeParty/ram:PostalTradeAddress/ram:CountryID"),
    Row("BR-11", filled, None, f"document: {_A}ram:BuyerTradeParty/ram:PostalTradeAddress/ram:CountryID"),
    Row("BR-09", filled, "seller address: cac:Country/cbc:IdentificationCode"),
    Row("BR-11", filled, "buyer address: cac:Country/cbc:IdentificationCode"),
    Row("BR-16", present, "document: cac:InvoiceLine | cac:CreditNoteLine"),
    Row("BR-CO-18", present, "document: cac:TaxTotal/cac:TaxSubtotal"),
    # Totals (BG-22)
    Row("BR-12", present, "totals: cbc:LineExtensionAmount", "totals: ram:LineTotalAmount"),
    Row("BR-13", present, "totals: cbc:TaxExclusiveAmount", "totals: ram:TaxBasisTotalAmount"),
    Row("BR-14", present, "totals: cbc:TaxInclusiveAmount", "totals: ram:GrandTotalAmount"),
    Row("BR-15", present, "totals: cbc:PayableAmount", "totals: ram:DuePayableAmount"),
    Row("BR-DEC-09", at_most_two_decimals, "totals: cbc:LineExtensionAmount", "totals: ram:LineTotalAmount"),
    Row("BR-DEC-10", at_most_two_decimals, "totals: cbc:AllowanceTotalAmount", "totals: ram:AllowanceTotalAmount"),
    Row("BR-DEC-11", at_most_two_decimals, "totals: cbc:ChargeTotalAmount", "totals: ram:ChargeTotalAmount"),
    Row("BR-DEC-12", at_most_two_decimals, "totals: cbc:TaxExclusiveAmount", "totals: ram:TaxBasisTotalAmount"),
    Row("BR-DEC-14", at_most_two_decimals, "totals: cbc:TaxInclusiveAmount", "totals: ram:GrandTotalAmount"),
    Row("BR-DEC-16", at_most_two_decimals, "totals: cbc:PrepaidAmount", "totals: ram:TotalPrepaidAmount"),
    Row("BR-DEC-17", at_most_two_decimals, "totals: cbc:PayableRoundingAmount", "totals: ram:RoundingAmount"),
    Row("BR-DEC-18", at_most_two_decimals, "totals: cbc:PayableAmount", "totals: ram:DuePayableAmount"),
    # Lines (BG-25)
    Row("BR-21", filled, "lines: cbc:ID", "lines: ram:AssociatedDocumentLineDocument/ram:LineID"),
    Row(
        "BR-22",
        present,
        "lines: cbc:InvoicedQuantity | cbc:CreditedQuantity",
        "lines: ram:SpecifiedLineTradeDelivery/ram:BilledQuantity",
    ),
    Row(
        "BR-23",
        present,
        "lines: cbc:InvoicedQuantity/@unitCode | cbc:CreditedQuantity/@unitCode",
        "lines: ram:SpecifiedLineTradeDelivery/ram:BilledQuantity/@unitCode",
    ),
    Row("BR-24", present, "lines: cbc:LineExtensionAmount", f"lines: {_LINE_TOTAL}"),
    Row("BR-25", filled, "lines: cac:Item/cbc:Name", "lines: ram:SpecifiedTradeProduct/ram:Name"),
    Row(
        "BR-26",
        present,
        "lines: cac:Price/cbc:PriceAmount",
        "lines: ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount",
    ),
    Row(
        "BR-27",
        not_negative,
        "lines: cac:Price/cbc:PriceAmount",
        "lines: ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount",
    ),
    Row(
        "BR-28",
        absent_or_not_negative,
        "lines: cac:Price/cac:AllowanceCharge/cbc:BaseAmount",
        "lines: ram:SpecifiedLineTradeAgreement/ram:GrossPriceProductTradePrice/ram:ChargeAmount",
    ),
    Row("BR-DEC-23", at_most_two_decimals, "lines: cbc:LineExtensionAmount", f"lines: {_LINE_TOTAL}"),
    Row("BR-54", present, "properties: cbc:Name", "properties: ram:Description"),
    Row("BR-54", present, "properties: cbc:Value", "properties: ram:Value"),
    Row("BR-64", present, "standard item ids: @schemeID"),
    Row("BR-65", present, "item classes: @listID"),
    # Allowances and charges of the document (BG-20, BG-21)
    Row("BR-31", present, "allowances: cbc:Amount", "allowances: ram:ActualAmount"),
    Row("BR-33", present, f"allowances: {_REASON}", f"allowances: {_CII_REASON}"),
    Row("BR-CO-21", present, f"allowances: {_REASON}", f"allowances: {_CII_REASON}"),
    Row("BR-DEC-01", at_most_two_decimals, "allowances: cbc:Amount"),
    Row("BR-DEC-01", first_at_most_two_decimals, None, "allowances: ram:ActualAmount"),
    Row("BR-DEC-02", at_most_two_decimals, "allowances: cbc:BaseAmount", "allowances: ram:BasisAmount"),
    Row("BR-36", present, "charges: cbc:Amount", "charges: ram:ActualAmount"),
    Row("BR-38", present, f"charges: {_REASON}", f"charges: {_CII_REASON}"),
    Row("BR-CO-22", present, f"charges: {_REASON}", f"charges: {_CII_REASON}"),
    Row("BR-DEC-05", at_most_two_decimals, "charges: cbc:Amount"),
    Row("BR-DEC-05", first_at_most_two_decimals, None, "charges: ram:ActualAmount"),
    Row("BR-DEC-06", at_most_two_decimals, "charges: cbc:BaseAmount", "charges: ram:BasisAmount"),
    # Allowances and charges of a line (BG-27, BG-28)
    Row("BR-41", present, "line allowances: cbc:Amount", "line allowances: ram:ActualAmount"),
    Row("BR-42", present, f"line allowances: {_REASON}", f"line allowances: {_CII_REASON}"),
    Row("BR-CO-23", present, f"line allowances: {_REASON}", f"line allowances: {_CII_REASON}"),
    Row("BR-DEC-24", at_most_two_decimals, "line allowances: cbc:Amount"),
    Row("BR-DEC-24", first_at_most_two_decimals, None, "line allowances: ram:ActualAmount"),
    Row("BR-DEC-25", at_most_two_decimals, "line allowances: cbc:BaseAmount", "line allowances: ram:BasisAmount"),
    Row("BR-43", present, "line charges: cbc:Amount", "line charges: ram:ActualAmount"),
    Row("BR-44", present, f"line charges: {_REASON}", f"line charges: {_CII_REASON}"),
    Row("BR-CO-24", present, f"line charges: {_REASON}", f"line charges: {_CII_REASON}"),
    Row("BR-DEC-27", at_most_two_decimals, "line charges: cbc:Amount"),
    Row("BR-DEC-27", first_at_most_two_decimals, None, "line charges: ram:ActualAmount"),
    Row("BR-DEC-28", at_most_two_decimals, "line charges: cbc:BaseAmount", "line charges: ram:BasisAmount"),
    # The VAT breakdown (BG-23)
    Row("BR-45", present, "breakdown: cbc:TaxableAmount", "breakdown: ram:BasisAmount"),
    Row("BR-46", present, "breakdown: cbc:TaxAmount", "breakdown: ram:CalculatedAmount"),
    Row("BR-DEC-19", at_most_two_decimals, "breakdown: cbc:TaxableAmount", "breakdown: ram:BasisAmount"),
    Row("BR-DEC-20", at_most_two_decimals, "breakdown: cbc:TaxAmount", "breakdown: ram:CalculatedAmount"),
    # Periods
    Row("BR-CO-19", present, "periods: cbc:StartDate | cbc:EndDate | cbc:DescriptionCode"),
    Row("BR-CO-19", present, None, "periods: ram:StartDateTime | ram:EndDateTime"),
    Row(
        "BR-CO-20",
        present,
        "line periods: cbc:StartDate | cbc:EndDate",
        "line periods: ram:StartDateTime | ram:EndDateTime",
    ),
    # Other parties
    Row("BR-18", filled, "representatives: cac:PartyName/cbc:Name", "representatives: ram:Name"),
    Row("BR-19", present, "representatives: cac:PostalAddress", "representatives: ram:PostalTradeAddress"),
    Row("BR-20", filled, "representative address: cac:Country/cbc:IdentificationCode"),
    Row("BR-20", filled, None, "representatives: ram:PostalTradeAddress/ram:CountryID"),
    Row("BR-57", present, "delivery address: cac:Country/cbc:IdentificationCode"),
    Row("BR-62", present, "seller endpoint: @schemeID"),
    Row("BR-63", present, "buyer endpoint: @schemeID"),
    # Payment
    Row("BR-49", present, "means: cbc:PaymentMeansCode", "means: ram:TypeCode"),
    Row("BR-50", filled, "transfer accounts: cbc:ID"),
    Row("BR-61", present, None, "transfer accounts: ram:IBANID | ram:ProprietaryID"),
    # References
    Row("BR-52", filled, "supporting documents: cbc:ID", "supporting documents: ram:IssuerAssignedID"),
    Row("BR-55", present, "preceding invoices: cac:InvoiceDocumentReference/cbc:ID"),
    Row("BR-55", filled, None, "preceding invoices: ram:IssuerAssignedID"),
)


def _attribute(steps: str, name: str) -> Finder:
    """The nodes at the end of a path that have an attribute; the node itself for no steps."""
    if not steps:
        return lambda node: (node,) if name in node.attributes else NOTHING
    if _simple(steps):

        def with_it(node: Node) -> Sequence[Node]:
            nodes = node.kids.get(steps, NOTHING)
            if len(nodes) == 1:
                return nodes if name in nodes[0].attributes else NOTHING
            return [each for each in nodes if name in each.attributes]

        return with_it
    follow = path(steps)
    return lambda node: [each for each in follow(node) if name in each.attributes]


def _finder(text: str) -> Finder:
    steps, _slash, last = text.rpartition("/")
    return _attribute(steps, last[1:]) if last.startswith("@") else path(text)


def finder(text: str) -> Finder:
    """`cbc:A | cbc:B` → all nodes of either; `cbc:A/@b` → the nodes with that attribute."""
    ways = text.split(" | ")
    if len(ways) == 2 and all(map(_simple, ways)):
        one, other = ways
        return lambda node: node.kids.get(one) or node.kids.get(other, NOTHING)
    finders = [_finder(each) for each in ways]
    if len(finders) == 1:
        return finders[0]
    if len(finders) == 2:
        first, second = finders
        return lambda node: first(node) or second(node)
    return lambda node: next((found for find in finders if (found := find(node))), NOTHING)


Check = Callable[[Node], bool]


def _check(test: Test, steps: str) -> Check:
    """Test and path in one; the three that are asked at every line without a call within a call."""
    if _simple(steps) and test is at_most_two_decimals:
        return lambda node: steps not in node.kids or at_most_two_decimals(node.kids[steps])
    find = finder(steps)
    if test is present:
        return find  # type: ignore[return-value]  # nodes are true, none is false
    if test is filled:

        def is_filled(node: Node) -> bool:
            nodes = find(node)
            return not blank(nodes[0].text) if len(nodes) == 1 else filled(nodes)

        return is_filled
    return lambda node: test(find(node))


def _simple(steps: str) -> bool:
    """Is it a child's name and no more?"""
    return "/" not in steps and "|" not in steps and "@" not in steps


class _Context:
    """The rows of one context. What must be there by its mere name is asked for all rows at once."""

    __slots__ = ("needed", "others", "rows")

    def __init__(self) -> None:
        self.rows: list[tuple[str, Check, Finder]] = []
        self.others: list[tuple[str, Check, Finder]] = []
        self.needed: set[str] = set()

    def add(self, row: Row, steps: str) -> None:
        made = (row.code, _check(row.test, steps), finder(steps))
        self.rows.append(made)
        if row.test is present and _simple(steps):
            self.needed.add(steps)
        else:
            self.others.append(made)


Rows = tuple[tuple[str, _Context], ...]


@cache
def table(syntax: str, decimals: bool) -> Rows:
    """The rows of a syntax (`ubl` or `cii`), by context; with or without those that count decimals."""
    contexts: dict[str, _Context] = {}
    for row in ROWS:
        where = row.ubl if syntax == "ubl" else row.cii
        if where is not None and (decimals or row.test is not at_most_two_decimals):
            context, _colon, steps = where.partition(": ")
            contexts.setdefault(context, _Context()).add(row, steps)
    return tuple(contexts.items())


def rows(table: Rows, contexts: dict[str, Sequence[Node]], hit: Hit) -> None:
    """Go through the rows: each context's nodes, each of its rules."""
    for name, context in table:
        for node in contexts[name]:
            for code, check, find in context.others if context.needed <= node.kids.keys() else context.rows:
                if not check(node):
                    found = find(node)
                    hit(code, found[0] if found else node, found=found[0].text if found else None)

"""The rules of each VAT category: BR-S, BR-Z, BR-E, BR-AE, BR-IC, BR-G, BR-O, BR-AF, BR-AG, BR-B.

What a category demands is a row of `CATEGORIES`; the ten rules of a category are the columns. Where
UBL and CII demand different things of one category, there are two columns. The official rules are
not consistent with each other, and what counts is what they say: oddities have a comment.
Source: CEN validation artefacts 1.3.16, patterns UBL-model and EN16931-CII-Model.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from fatto.rules.en16931.views import CiiView, Hit, Sums, Tax, UblView, Use, by_text, vat_scheme
from fatto.rules.tree import NOTHING, Node
from fatto.rules.xpath import Abort, amount, cents, decimal, double, double_rounded, normal, path, value


class Category(Struct, frozen=True):
    """What the rules of one VAT category ask."""

    rules: str
    """The beginning of their codes."""
    seller: str
    """-02 to -04: `tax` wants any tax identifier of the seller, `vat` one of VAT, `none` forbids it."""
    rate: str
    """-05 to -07: `zero`, `positive`, `not negative` or `none`."""
    rate_cii: str
    per_rate: bool
    """-08: is there a breakdown entry for each rate?"""
    near: bool
    """-08 in UBL: is less than one unit of difference let pass?"""
    near_cii: bool
    taxed: bool
    """-09: base times rate, or nothing?"""
    explained: bool
    """-10: is an exemption reason required, or forbidden?"""
    buyer: str = ""
    """-02 to -04: `vat` wants a VAT identifier of the buyer too, `vat or legal` that or a legal one."""


_row = Category
CATEGORIES = {
    #      code        seller  rate            rate in CII    per rate  near UBL  near CII  taxed  explained
    "S": _row("BR-S", "tax", "positive", "positive", True, True, False, True, False),
    "Z": _row("BR-Z", "tax", "zero", "zero", False, False, True, False, False),
    "E": _row("BR-E", "tax", "zero", "zero", False, False, True, False, True),
    "AE": _row("BR-AE", "tax", "zero", "zero", False, False, True, False, True, "vat or legal"),
    "K": _row("BR-IC", "vat", "zero", "zero", False, False, True, False, True, "vat"),
    "G": _row("BR-G", "vat", "zero", "zero", False, False, True, False, True),
    "O": _row("BR-O", "none", "none", "none", False, False, False, False, True),
    "L": _row("BR-AF", "tax", "not negative", "positive", True, True, False, True, False),
    "M": _row("BR-AG", "tax", "not negative", "not negative", True, True, False, True, False),
}
"""By the category code of UNTDID 5305. B (split payment, Italy) has only BR-B-01 and -02."""

_KINDS = {"line": 0, "allowance": 1, "charge": 2}


class _Parties:
    """Which identifiers are there: looked up once a document, when the first category asks."""

    def __init__(self, view: UblView | CiiView) -> None:
        self.tax = bool(view.seller_tax_ids())
        self.vat = bool(view.seller_vat_ids())
        self.representative = bool(view.representative_vat_ids())
        self.buyer = bool(view.buyer_vat_ids())
        self.buyer_legal = bool(view.buyer_legal_ids())

    def satisfy(self, category: Category) -> bool:
        """-02 to -04"""
        if category.seller == "none":
            return not (self.vat or self.representative or self.buyer)
        if not ((self.tax if category.seller == "tax" else self.vat) or self.representative):
            return False
        if category.buyer == "vat":
            return self.buyer
        return not category.buyer or self.buyer or self.buyer_legal


def _rate_fits(rates: Sequence[Node], wanted: str) -> bool:
    """-05 to -07: true of any rate, of which there is at most one."""
    if wanted == "none":
        return not rates
    for node in rates:
        rate = double(node.text)
        if rate == 0 if wanted == "zero" else rate > 0 if wanted == "positive" else rate >= 0:
            return True
    return False


def _uses(uses: list[Use], parties: _Parties, hit: Hit, *, ubl: bool) -> None:
    """-02 to -07, at each line, allowance and charge with a category."""
    right: set[tuple[object, ...]] = set()  # most are alike, and asked once
    for use in uses:
        category = CATEGORIES.get(use.code) if use.vat else None
        if category is None:
            continue
        alike = (use.kind, use.code, use.rated, use.heading, *[node.text for node in use.rates])
        if alike in right and use.code != "L":  # of which one rule looks at the blanks around it
            continue
        kind = _KINDS[use.kind]
        right.add(alike)
        if (
            not parties.satisfy(category)
            # In UBL BR-O-03 and -04 look at the document's own allowances and charges only,
            and not (ubl and use.code == "O" and kind and not use.heading)
            # and BR-AF-04 at an L that is written without blanks.
            and not (ubl and use.code == "L" and kind == 2 and value(use.node.kids["cbc:ID"]) != "L")
        ):
            right.discard(alike)
            hit(f"{category.rules}-0{2 + kind}", use.node, category=use.code)
        if use.rated and not _rate_fits(use.rates, category.rate if ubl else category.rate_cii):
            found = use.rates[0].text if use.rates else None
            right.discard(alike)
            hit(f"{category.rules}-0{5 + kind}", use.node, found=found, category=use.code)


def _explained(tax: Tax, category: Category, hit: Hit) -> None:
    """-10: exemption reason"""
    if tax.explained is not category.explained:
        hit(f"{category.rules}-10", tax.node, category=tax.code)


# UBL

_sub_categories = path("cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory")


def judge_ubl(view: UblView, hit: Hit) -> None:
    """The category rules in UBL."""
    uses, breakdown = view.uses(), view.breakdown()
    codes_written = {use.code for use in uses} | {tax.code for tax in breakdown}
    _uses(uses, _Parties(view), hit, ubl=True)
    _ubl_entries(view, uses, breakdown, codes_written, hit)
    # BR-S-02: a line with S whose tax scheme is not VAT breaks it unless there is one with VAT, too
    standard = [use for use in uses if use.kind == "line" and use.code == "S"]
    if standard and not any(use.vat for use in standard):
        hit("BR-S-02", standard[0].node, category="S")
    if breakdown:
        _ubl_sums(view, breakdown, hit)
    if "O" in codes_written:
        _ubl_not_subject(view, uses, breakdown, hit)
    if "K" in codes_written:
        _ubl_intra_community(view, breakdown, hit)
    if "B" in codes_written or any(
        value(node.kids.get("cbc:ID", ())) == "B" for node in view.tree.every("cac:TaxCategory")
    ):
        _ubl_split_payment(view, hit)


def _ubl_entries(view: UblView, uses: list[Use], breakdown: list[Tax], written: set[str], hit: Hit) -> None:
    """-01: a category that is used has an entry in the breakdown."""
    root = view.root
    others = {
        normal(value(node.kids.get("cbc:ID", NOTHING)))
        for node in view.tree.every("cac:TaxCategory")
        if vat_scheme(node)
    }
    in_lines = {use.code for use in uses if use.kind == "line" and use.vat}
    entries: dict[str, int] = {}
    for tax in breakdown:
        if tax.vat:
            entries[tax.code] = entries.get(tax.code, 0) + 1
    for code in ("AE", "E", "G", "K", "O", "Z"):
        if (code in others or code in in_lines) and entries.get(code, 0) != 1:
            hit(f"{CATEGORIES[code].rules}-01", root, category=code)
    # BR-S-01, BR-AF-01, BR-AG-01: one entry or more, and none without use
    if "S" in written:
        used = any(use.code == "S" for use in uses)
        entered = any(tax.code == "S" for tax in breakdown)  # whatever the scheme
        if used is not entered:
            hit("BR-S-01", root, category="S")
    for code in ("L", "M"):
        if code in written:
            used = any(use.code == code and use.vat for use in uses)
            if used:  # with a use only an untrimmed entry counts; for L whatever its scheme
                entered = any(
                    value(tax.node.kids.get("cbc:ID", NOTHING)) == code and (tax.vat or code == "L")
                    for tax in breakdown
                )
            else:
                entered = entries.get(code, 0) > 0
            if used is not entered:
                hit(f"{CATEGORIES[code].rules}-01", root, category=code)


def _ubl_sums(view: UblView, breakdown: list[Tax], hit: Hit) -> None:
    """-08: taxable amount = lines + charges - allowances of the category; -09: tax; -10: reason."""
    charges, allowances = view.charge_sums(view.charges), view.charge_sums(view.allowances)
    lines = {name: view.line_sums(name) for name in view.root_lines}
    anywhere: Sums | None = None
    for tax in breakdown:
        category = CATEGORIES.get(tax.code) if tax.vat else None
        if category is None:
            continue
        rate = amount(tax.rates)
        taxable = amount(tax.taxable)
        tax_amount = amount(tax.amounts)
        key: object = (tax.code, rate) if category.per_rate else tax.code
        if not category.per_rate or rate is not None:  # `every $rate in ()` is true
            apart = charges.get(key, _ZERO) - allowances.get(key, _ZERO)
            expected = None
            fits = False
            for name, sums in lines.items():
                wanted = sums.get(key, _ZERO) + apart
                # A branch of the test counts when there are lines of that name; for S, when a line of that
                # name or any allowance or charge has category and rate.
                if tax.code == "S":
                    if anywhere is None:
                        anywhere = view.charge_sums(view.tree.every("cac:AllowanceCharge"))
                    if key not in sums and key not in anywhere:
                        continue
                elif not view.root_lines[name]:
                    continue
                expected = wanted if expected is None or sums.get(key) else expected
                fits = fits or _ubl_fits(tax.taxable, taxable, wanted, near=category.near)
            if not fits:
                hit(f"{category.rules}-08", tax.node, found=taxable, expected=expected, category=tax.code, rate=rate)
        if not category.taxed:
            if tax_amount != 0:
                hit(f"{category.rules}-09", tax.node, found=tax_amount, expected=0, category=tax.code)
        elif tax_amount is None or taxable is None or rate is None:
            hit(f"{category.rules}-09", tax.node, found=tax_amount, category=tax.code)
        else:
            product = cents(abs(taxable) * rate / 100)
            if not abs(tax_amount) - 1 < product < abs(tax_amount) + 1:
                hit(f"{category.rules}-09", tax.node, found=tax_amount, expected=product, category=tax.code, rate=rate)
        _explained(tax, category, hit)


_ZERO = Decimal(0)


def _ubl_fits(nodes: Sequence[Node], taxable: Decimal | None, wanted: Decimal, *, near: bool) -> bool:
    if taxable is None:
        return False
    if not near:
        return taxable == wanted
    if abs(taxable) < _PRECISE and not _NEARLY_ONE < abs(taxable - wanted) < _BARELY_MORE:
        return abs(taxable - wanted) < 1
    # xs:decimal(cbc:TaxableAmount - 1): the difference is made in doubles, then taken as it is in binary
    number = double(value(nodes))
    return Decimal(number - 1) < wanted < Decimal(number + 1)


_NEARLY_ONE, _BARELY_MORE, _PRECISE = Decimal("0.99"), Decimal("1.01"), Decimal(10**12)
"""Only within these bounds, or above that amount, can it matter that the official test uses doubles."""


def _ubl_not_subject(view: UblView, uses: list[Use], breakdown: list[Tax], hit: Hit) -> None:
    """BR-O-11 to -14: what is not subject to VAT stands alone."""
    if not any(tax.vat and tax.code == "O" and "cbc:ID" in tax.node.kids for tax in breakdown):
        return
    for tax in breakdown:
        if tax.vat and tax.code != "O":
            hit("BR-O-11", tax.node, found=tax.code)
    for use in uses:
        if use.vat and use.code != "O":
            hit(f"BR-O-1{2 + _KINDS[use.kind]}", use.node, found=use.code)


_delivery_dates = path("cac:Delivery/cbc:ActualDeliveryDate")
_delivery_countries = path("cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode")


def _ubl_intra_community(view: UblView, breakdown: list[Tax], hit: Hit) -> None:
    """BR-IC-11, BR-IC-12: when and where it was delivered."""
    root = view.root
    if not any(tax.vat and tax.code == "K" for tax in breakdown):
        return
    if len(value(_delivery_dates(root))) <= 1 and not any(node.kids for node in root.kids.get("cac:InvoicePeriod", ())):
        hit("BR-IC-11", root)
    if len(value(_delivery_countries(root))) <= 1:
        hit("BR-IC-12", root)


def _ubl_split_payment(view: UblView, hit: Hit) -> None:
    """BR-B-01, BR-B-02: split payment is Italian, and never beside the standard rate. Any tax scheme, untrimmed."""
    every, root = view.tree.every, view.root
    anywhere = by_text(every("cac:TaxCategory"), "cbc:ID")
    in_lines = by_text(every("cac:ClassifiedTaxCategory"), "cbc:ID")
    if (anywhere["B"] or in_lines["B"]) and any(node.text != "IT" for node in every("cbc:IdentificationCode")):
        hit("BR-B-01", root)
    own = by_text(
        [
            *_sub_categories(root),
            *(kid for node in root.kids.get("cac:AllowanceCharge", ()) for kid in node.kids.get("cac:TaxCategory", ())),
        ],
        "cbc:ID",
    )
    if (own["B"] or in_lines["B"]) and (own["S"] or in_lines["S"]):
        hit("BR-B-02", root)


# CII


def judge_cii(view: CiiView, hit: Hit) -> None:
    """The category rules in CII."""
    uses, breakdown = view.uses(), view.breakdown()
    if uses:
        _uses(uses, _Parties(view), hit, ubl=False)
    _cii_entries(view, breakdown, hit)
    if breakdown:
        _cii_sums(view, breakdown, hit)


def _cii_entries(view: CiiView, breakdown: list[Tax], hit: Hit) -> None:
    """-01: a category that is used has an entry; BR-B-01, BR-B-02. Whatever the type of tax, untrimmed."""
    every, root = view.tree.every, view.root
    header = by_text(view.taxes, "ram:CategoryCode")
    in_lines = by_text(
        [
            tax
            for node in every("ram:SpecifiedLineTradeSettlement")
            for tax in node.kids.get("ram:ApplicableTradeTax", NOTHING)
        ],
        "ram:CategoryCode",
    )
    elsewhere = by_text(every("ram:CategoryTradeTax"), "ram:CategoryCode")
    for code in ("Z", "E", "AE", "K", "G", "O"):
        used = in_lines[code] or elsewhere[code]
        if not (header[code] == 1 and used) and (header[code] or (used and code != "O")):
            hit(f"{CATEGORIES[code].rules}-01", root, category=code)
    for code in ("S", "L", "M"):
        for used in (in_lines[code], elsewhere[code]):
            if used and used + header[code] < 2:
                hit(f"{CATEGORIES[code].rules}-01", root, category=code)
    codes = {node.text for node in every("ram:CategoryCode")}
    if "B" in codes:
        if any(node.text != "IT" for node in every("ram:CountryID")):
            hit("BR-B-01", root)
        if "S" in codes:
            hit("BR-B-02", root)


_one = Decimal(1)
_delivered = path(
    "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeDelivery/"
    "ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/udt:DateTimeString"
)
_delivered_to = path(
    "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeDelivery/"
    "ram:ShipToTradeParty/ram:PostalTradeAddress/ram:CountryID"
)


def _cii_sums(view: CiiView, breakdown: list[Tax], hit: Hit) -> None:
    """-08 to -14 at each entry of the breakdown."""
    lines = charges = allowances = None
    for tax in breakdown:
        category = CATEGORIES.get(tax.code)
        if category is None or not (tax.vat or tax.code in ("S", "Z")):  # BR-S and BR-Z take any type of tax
            continue
        if lines is None or charges is None or allowances is None:
            lines, charges, allowances = view.line_sums(), view.charge_sums(True), view.charge_sums(False)
        if tax.code in ("O", "Z"):
            view.all_indicated(tax.code)
        rates = [decimal(node.text) for node in tax.rates]
        # BR-AF-08 and BR-AG-08 look for the rate in a place where it never is: always true
        if tax.code not in ("L", "M"):
            for key in [(tax.code, rate) for rate in rates] if category.per_rate else [tax.code]:
                expected = (
                    cents(lines.get(key, _ZERO)) + cents(charges.get(key, _ZERO)) - cents(allowances.get(key, _ZERO))
                )
                if not _cii_fits(tax.taxable, float(expected), near=category.near_cii):
                    found = tax.taxable[0].text if tax.taxable else None
                    rate = key[1] if category.per_rate else None
                    hit(f"{category.rules}-08", tax.node, found=found, expected=expected, category=tax.code, rate=rate)
        if not category.taxed:
            if not any(double(node.text) == 0 for node in tax.amounts):
                found = tax.amounts[0].text if tax.amounts else None
                hit(f"{category.rules}-09", tax.node, found=found, expected=0, category=tax.code)
        elif tax.code == "S":  # BR-AF-09 and BR-AG-09 are true()
            _cii_standard_tax(tax, hit)
        _explained(tax, category, hit)
        if tax.code == "K":
            periods = [kid for node in view.settlements for kid in node.kids.get("ram:BillingSpecifiedPeriod", NOTHING)]
            if not _delivered(view.root) and not any(
                "ram:StartDateTime" in node.kids or "ram:EndDateTime" in node.kids for node in periods
            ):
                hit("BR-IC-11", tax.node)
            if not _delivered_to(view.root):
                hit("BR-IC-12", tax.node)
        elif tax.code == "O":
            _cii_not_subject(view, hit)


def _cii_fits(nodes: Sequence[Node], wanted: float, *, near: bool) -> bool:
    """Doubles: the amount is an untyped text beside a number."""
    if near:
        if len(nodes) > 1:
            raise Abort
        return any(double(node.text) - 1 < wanted < double(node.text) + 1 for node in nodes)
    return any(double(node.text) == wanted for node in nodes)


def _cii_standard_tax(tax: Tax, hit: Hit) -> None:
    """BR-S-09: rate times base in doubles, rounded as a whole number and divided by 100."""
    taxed, base = amount(tax.amounts), amount(tax.taxable)
    if len(tax.rates) > 1:
        raise Abort
    if taxed is not None and base is not None and tax.rates:
        product = double_rounded(float(abs(base)) * double(tax.rates[0].text)) / 100
        if float(abs(taxed) - _one) < product < float(abs(taxed) + _one):
            return
        hit("BR-S-09", tax.node, found=taxed, expected=Decimal(str(product)), category="S")
        return
    hit("BR-S-09", tax.node, found=taxed, category="S")


def _cii_not_subject(view: CiiView, hit: Hit) -> None:
    """BR-O-11 to -14: what is not subject to VAT stands alone. Two tests, each under two codes."""
    for name, codes in (
        ("ram:ApplicableTradeTax", ("BR-O-11", "BR-O-12")),
        ("ram:CategoryTradeTax", ("BR-O-13", "BR-O-14")),
    ):
        for node in view.tree.every(name):
            for kid in node.kids.get("ram:CategoryCode", NOTHING):
                if kid.text != "O":
                    for code in codes:
                        hit(code, node, found=kid.text)

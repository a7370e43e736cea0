"""What the rules of EN 16931 say to people: what is wrong, and how to mend it.

Rules of one kind share a template, filled with the name of a business term, a code list, a VAT category
or an element; sums and conditions have sentences of their own. The sentences are ours, not those of the
standard; the official code stands beside them. Of several texts the first is said whose values are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from fatto.codes.vat import CATEGORIES as CATEGORY_NAMES
from fatto.i18n import _
from fatto.invoice.names import NAMES
from fatto.rules.en16931 import catalogue, cii_elements, syntax, ubl_elements, vat
from fatto.rules.finding import Severity
from fatto.rules.messages import Message

Messages = dict[str, Message]


@cache
def ubl() -> Mapping[str, Message]:
    """Every code of EN 16931 in UBL."""
    return {**_model("ubl"), **_ubl_syntax(catalogue.ubl())}


@cache
def cii() -> Mapping[str, Message]:
    """Every code of EN 16931 in CII."""
    return {**_model("cii"), **_cii_syntax(catalogue.cii())}


def _model(syntax_name: str) -> Messages:
    return {
        **{code: missing(NAMES[term]) for code, term in MISSING.items()},
        **{code: decimals(NAMES[term]) for code, term in DECIMALS.items()},
        **{code: _unscheme(NAMES[term], example) for code, (term, example) in SCHEMES.items()},
        **_lists(syntax_name),
        **{code: _sum(parts, NAMES[term]) for code, (parts, term) in SUMS.items()},
        **OWN,
        **_categories(syntax_name),
    }


# What must be there


def missing(term: str) -> Message:
    """A business term that must be there."""
    return Message((_("{term} is missing."),), (_("Enter {term}."),), {"term": term})


MISSING = {
    "BR-01": "BT-24",
    "BR-02": "BT-1",
    "BR-03": "BT-2",
    "BR-04": "BT-3",
    "BR-05": "BT-5",
    "BR-06": "BT-27",
    "BR-07": "BT-44",
    "BR-08": "BG-5",
    "BR-09": "BT-40",
    "BR-10": "BG-8",
    "BR-11": "BT-55",
    "BR-12": "BT-106",
    "BR-13": "BT-109",
    "BR-14": "BT-112",
    "BR-15": "BT-115",
    "BR-18": "BT-62",
    "BR-19": "BG-12",
    "BR-20": "BT-69",
    "BR-21": "BT-126",
    "BR-22": "BT-129",
    "BR-23": "BT-130",
    "BR-24": "BT-131",
    "BR-25": "BT-153",
    "BR-26": "BT-146",
    "BR-31": "BT-92",
    "BR-32": "BT-95",
    "BR-36": "BT-99",
    "BR-37": "BT-102",
    "BR-41": "BT-136",
    "BR-43": "BT-141",
    "BR-45": "BT-116",
    "BR-46": "BT-117",
    "BR-47": "BT-118",
    "BR-48": "BT-119",
    "BR-49": "BT-81",
    "BR-52": "BT-122",
    "BR-55": "BT-25",
    "BR-56": "BT-63",
    "BR-57": "BT-80",
    "BR-CO-04": "BT-151",
    "BR-CO-18": "BG-23",
}


def _unscheme(term: str, example: str) -> Message:
    return Message(
        (_("The scheme identifier is missing for {term}."),),
        (_("State which scheme it is of (attribute {attribute}), for example {example}."),),
        {"term": term, "example": example, "attribute": "listID" if "BT-158" in term else "schemeID"},
    )


SCHEMES = {
    "BR-62": ("BT-34", "0211, 9947"),
    "BR-63": ("BT-49", "0211, 9947"),
    "BR-64": ("BT-157", "0160"),
    "BR-65": ("BT-158", "STI, HS"),
}


# Amounts


def decimals(term: str) -> Message:
    """An amount with too many decimals."""
    return Message(
        (
            _("{term} has more than two decimals: {found}."),
            _("{term} has more than two decimals."),
        ),
        (_("Round {term} to two decimals."),),
        {"term": term},
    )


DECIMALS = {
    "BR-DEC-01": "BT-92",
    "BR-DEC-02": "BT-93",
    "BR-DEC-05": "BT-99",
    "BR-DEC-06": "BT-100",
    "BR-DEC-09": "BT-106",
    "BR-DEC-10": "BT-107",
    "BR-DEC-11": "BT-108",
    "BR-DEC-12": "BT-109",
    "BR-DEC-13": "BT-110",
    "BR-DEC-14": "BT-112",
    "BR-DEC-15": "BT-111",
    "BR-DEC-16": "BT-113",
    "BR-DEC-17": "BT-114",
    "BR-DEC-18": "BT-115",
    "BR-DEC-19": "BT-116",
    "BR-DEC-20": "BT-117",
    "BR-DEC-23": "BT-131",
    "BR-DEC-24": "BT-136",
    "BR-DEC-25": "BT-137",
    "BR-DEC-27": "BT-141",
    "BR-DEC-28": "BT-142",
}


def _sum(parts: str, term: str) -> Message:
    return Message(
        (
            _("{parts} add up to {expected:amount}, but the invoice says {found:amount} for {term}."),
            _("{parts} add up to {expected:amount}, but the invoice lacks {term}."),
            _("{parts} do not add up to {term}."),
        ),
        (
            _("Enter {expected:amount} for {term}, or correct the amounts it is the sum of."),
            _("Correct {term} or the amounts it is the sum of."),
        ),
        {"parts": parts, "term": term},
    )


SUMS = {
    "BR-CO-10": (_("The line amounts"), "BT-106"),
    "BR-CO-11": (_("The allowances of the document"), "BT-107"),
    "BR-CO-12": (_("The charges of the document"), "BT-108"),
    "BR-CO-14": (_("The VAT amounts of the breakdown"), "BT-110"),
}


# Code lists


def not_listed(term: str, codes: str, example: str) -> Message:
    """A code that is not of its list."""
    return Message(
        (
            _("“{found}” is not a code of the list {list} for {term}."),
            _("A code of the list {list} is missing for {term}."),
        ),
        (_("Use a code of the list {list}, for example {example}."),),
        {"term": term, "list": codes, "example": example},
    )


_SCHEME = _("the scheme of an identifier")
_LISTS = {
    "BR-CL-01": (NAMES["BT-3"], "UNTDID 1001", "380, 381"),
    "BR-CL-03": (_("the currency of an amount"), "ISO 4217", "EUR, RON"),
    "BR-CL-04": (NAMES["BT-5"], "ISO 4217", "EUR, RON"),
    "BR-CL-05": (NAMES["BT-6"], "ISO 4217", "EUR, RON"),
    "BR-CL-06": (NAMES["BT-8"], "UNTDID 2005", "3, 35, 432"),
    "BR-CL-07": (NAMES["BT-18"], "UNTDID 1153", "ABZ, MG"),
    "BR-CL-08": (NAMES["BT-21"], "UNTDID 4451", "AAI, REG"),
    "BR-CL-10": (_SCHEME, "ISO 6523", "0088, 0211"),
    "BR-CL-11": (_SCHEME, "ISO 6523", "0088, 0211"),
    "BR-CL-13": (NAMES["BT-158"], "UNTDID 7143", "STI, HS"),
    "BR-CL-14": (_("the country of an address"), "ISO 3166-1", "IT, RO"),
    "BR-CL-15": (NAMES["BT-159"], "ISO 3166-1", "IT, RO"),
    "BR-CL-16": (NAMES["BT-81"], "UNTDID 4461", "30, 48, 58"),
    "BR-CL-17": (_("the VAT category"), "UNTDID 5305", "S, Z, E, AE, K, G, O"),
    "BR-CL-18": (NAMES["BT-151"], "UNTDID 5305", "S, Z, E, AE, K, G, O"),
    "BR-CL-19": (_("the reason code of an allowance"), "UNTDID 5189", "95, 100"),
    "BR-CL-20": (_("the reason code of a charge"), "UNTDID 7161", "FC, PC"),
    "BR-CL-21": (NAMES["BT-157"], "ISO 6523", "0160, 0088"),
    "BR-CL-22": (NAMES["BT-121"], "VATEX", "VATEX-EU-AE, VATEX-EU-IC"),
    "BR-CL-23": (_("the unit of measure"), "UN/ECE Rec 20 + 21", "C62, H87, KGM, HUR"),
    "BR-CL-24": (NAMES["BT-125"], "MIME", "application/pdf, image/png, text/csv"),
    "BR-CL-25": (_("the scheme of an electronic address"), "EAS", "0211, 9947"),
    "BR-CL-26": (NAMES["BT-71"], "ISO 6523", "0088"),
}


def _lists(syntax_name: str) -> Messages:
    rows = dict(_LISTS)
    if syntax_name == "cii":
        rows["BR-CL-06"] = (NAMES["BT-8"], "UNTDID 2475", "5, 29, 72")
    return {code: not_listed(*row) for code, row in rows.items()}


# Rules with sentences of their own

_REASON = (_("An allowance of the document has no reason: neither text (BT-97) nor code (BT-98)."),)
_CHARGE_REASON = (_("A charge of the document has no reason: neither text (BT-104) nor code (BT-105)."),)
_LINE_REASON = (_("An allowance on a line has no reason: neither text (BT-139) nor code (BT-140)."),)
_LINE_CHARGE_REASON = (_("A charge on a line has no reason: neither text (BT-144) nor code (BT-145)."),)
_GIVE_REASON = (_("Enter a reason, as text or as code."),)
_SAME_REASON = (_("The reason and its code do not say the same."),)
_ONE_REASON = (_("Let text and code give the same reason, or keep one of the two."),)
_ACCOUNT = Message(
    (_("The invoice is to be paid by transfer, but {term} is missing."),),
    (_("Enter {term}, or choose another means of payment."),),
    {"term": NAMES["BT-84"]},
)

OWN: Messages = {
    "BR-16": Message((_("The invoice has no line."),), (_("Enter at least one line."),)),
    "BR-17": Message(
        (_("The payee (BG-10) has no name, or is the seller."),),
        (_("Enter a payee only when somebody other than the seller is to be paid, and then with a name (BT-59)."),),
    ),
    "BR-27": Message(
        (_("The price {found:amount} is negative (BT-146)."), _("The price is negative (BT-146).")),
        (_("Make the price positive, and the quantity negative where something is taken back."),),
    ),
    "BR-28": Message(
        (_("The gross price {found:amount} is negative (BT-148)."), _("The gross price is negative (BT-148).")),
        (_("Make the price positive, and the quantity negative where something is taken back."),),
    ),
    "BR-29": Message(
        (
            _("The invoicing period (BG-14) ends on {found:day}, before it begins on {expected:day}."),
            _("The dates of the invoicing period (BG-14) are not in order."),
        ),
        (_("Correct the start date or the end date."),),
    ),
    "BR-30": Message(
        (
            _("The period of the line (BG-26) ends on {found:day}, before it begins on {expected:day}."),
            _("The dates of the period of the line (BG-26) are not in order."),
        ),
        (_("Correct the start date or the end date."),),
    ),
    "BR-33": Message(_REASON, _GIVE_REASON),
    "BR-38": Message(_CHARGE_REASON, _GIVE_REASON),
    "BR-42": Message(_LINE_REASON, _GIVE_REASON),
    "BR-44": Message(_LINE_CHARGE_REASON, _GIVE_REASON),
    "BR-50": _ACCOUNT,
    "BR-51": Message(
        (
            _("The card number (BT-87) has {found} characters; no more than {expected} may be shown."),
            _("The card number (BT-87) is too long."),
        ),
        (_("State only the last four to six digits of the card, never the whole number."),),
    ),
    "BR-53": Message(
        (
            _("VAT is accounted for in {expected} (BT-6), but the VAT total in that currency (BT-111) is missing."),
            _("The VAT total in the accounting currency (BT-111) is missing."),
        ),
        (
            _("Enter the VAT total in {expected}, too. Leave BT-6 out when it is the currency of the invoice."),
            _("Enter the VAT total in that currency, too. Leave BT-6 out when it is the currency of the invoice."),
        ),
    ),
    "BR-54": Message(
        (_("An attribute of the item lacks its name (BT-160) or its value (BT-161)."),),
        (_("Enter both, or leave the attribute out."),),
    ),
    "BR-61": _ACCOUNT,
    "BR-CO-03": Message(
        (_("The invoice gives both a VAT point date (BT-7) and a code for it (BT-8)."),),
        (_("Keep one of the two."),),
    ),
    "BR-CO-05": Message(_SAME_REASON, _ONE_REASON),
    "BR-CO-06": Message(_SAME_REASON, _ONE_REASON),
    "BR-CO-07": Message(_SAME_REASON, _ONE_REASON),
    "BR-CO-08": Message(_SAME_REASON, _ONE_REASON),
    "BR-CO-09": Message(
        (
            _("The VAT number begins with “{found}”, which is no country."),
            _("The VAT number does not begin with a country."),
        ),
        (_("Begin the VAT number with the letters of its country, for example IT or RO; Greece is EL."),),
    ),
    "BR-CO-13": Message(
        (
            _(
                "The lines less allowances plus charges make {expected:amount}, but the invoice says "
                "{found:amount} for the total without VAT (BT-109)."
            ),
            _(
                "The lines less allowances plus charges make {expected:amount}, but the invoice lacks the total "
                "without VAT (BT-109)."
            ),
            _("The total without VAT (BT-109) is not that of the lines less allowances plus charges."),
        ),
        (
            _("Enter {expected:amount} as the total without VAT, or correct the amounts it is made of."),
            _("Correct the total without VAT or the amounts it is made of."),
        ),
    ),
    "BR-CO-15": Message(
        (
            _(
                "{net:amount} without VAT and {vat:amount} VAT make {expected:amount}, but the invoice says "
                "{found:amount} for the total with VAT (BT-112)."
            ),
            _(
                "Total without VAT and VAT make {expected:amount}, but the invoice says {found:amount} for the "
                "total with VAT (BT-112)."
            ),
            _("The invoice has {found} VAT totals in {currency} (BT-110), where there must be one."),
            _("The total with VAT (BT-112) is not the total without VAT plus VAT."),
        ),
        (
            _("Enter {expected:amount} as the total with VAT, or correct the total without VAT or the VAT."),
            _("State exactly one VAT total in {currency}."),
            _("Correct the total with VAT, the total without VAT or the VAT."),
        ),
    ),
    "BR-CO-16": Message(
        (
            _(
                "The total with VAT less what is paid plus rounding makes {expected:amount}, but the invoice says "
                "{found:amount} for the amount due (BT-115)."
            ),
            _("The amount due (BT-115) is not the total with VAT less what is paid plus rounding."),
        ),
        (
            _("Enter {expected:amount} as the amount due, or correct the total, the amount paid or the rounding."),
            _("Correct the amount due, the total, the amount paid or the rounding."),
        ),
    ),
    "BR-CO-17": Message(
        (
            _(
                "{taxable:amount} at {rate:percent} % make {expected:amount} of VAT, but the breakdown says "
                "{found:amount} (BT-117)."
            ),
            _("Without a rate the VAT of a breakdown entry must be {expected:amount}, but it is {found:amount}."),
            _("The VAT of a breakdown entry (BT-117) is not its taxable amount times its rate."),
        ),
        (_("Correct taxable amount, rate or VAT of the breakdown entry: they must agree to within one unit."),),
    ),
    "BR-CO-19": Message(
        (_("The invoicing period (BG-14) has neither start nor end."),),
        (_("Enter the start date, the end date or both, or leave the period out."),),
    ),
    "BR-CO-20": Message(
        (_("The period of the line (BG-26) has neither start nor end."),),
        (_("Enter the start date, the end date or both, or leave the period out."),),
    ),
    "BR-CO-21": Message(_REASON, _GIVE_REASON),
    "BR-CO-22": Message(_CHARGE_REASON, _GIVE_REASON),
    "BR-CO-23": Message(_LINE_REASON, _GIVE_REASON),
    "BR-CO-24": Message(_LINE_CHARGE_REASON, _GIVE_REASON),
    "BR-CO-26": Message(
        (_("The seller has neither VAT number (BT-31) nor registration number (BT-30) nor identifier (BT-29)."),),
        (_("Enter at least one of them, best the VAT number."),),
    ),
    "BR-B-01": Message(
        (_("Split payment (VAT category B) is only for invoices within Italy, but another country is named."),),
        (_("Choose another VAT category, or correct the countries."),),
    ),
    "BR-B-02": Message(
        (_("Split payment (VAT category B) and the standard rate (S) may not stand in one invoice."),),
        (_("Make two invoices, or choose one of the two categories."),),
    ),
}


# VAT categories

_WHERE = (_("a line"), _("an allowance"), _("a charge"))
_ONE_ENTRY = _(
    "The VAT breakdown must have exactly one entry of the VAT category {letter} ({category}) if lines, allowances or "
    "charges use it, and none if they do not."
)
_SOME_ENTRY = _(
    "The VAT breakdown must have an entry of the VAT category {letter} ({category}) for each rate if lines, allowances "
    "or charges use it, and none if they do not."
)
_PARTIES = {
    # what -02 to -04 ask of seller and buyer
    ("tax", ""): (
        _("With the VAT category {letter} ({category}) at {where}, the seller must have a VAT number or tax number."),
        _("Enter the seller’s VAT number (BT-31) or tax number (BT-32), or the VAT number of its representative."),
    ),
    ("vat", ""): (
        _("With the VAT category {letter} ({category}) at {where}, the seller must have a VAT number."),
        _("Enter the seller’s VAT number (BT-31) or that of its tax representative (BT-63)."),
    ),
    ("vat", "vat"): (
        _("With the VAT category {letter} ({category}) at {where}, seller and buyer must have a VAT number."),
        _("Enter the VAT numbers of seller (BT-31) and buyer (BT-48)."),
    ),
    ("tax", "vat or legal"): (
        _(
            "With the VAT category {letter} ({category}) at {where}, the seller must have a VAT number or tax number, "
            "and the buyer a VAT number or registration number."
        ),
        _("Enter the numbers of seller (BT-31 or BT-32) and buyer (BT-48 or BT-47)."),
    ),
    ("none", ""): (
        _("With the VAT category {letter} ({category}) at {where}, nobody in the invoice may have a VAT number."),
        _(
            "Leave out the VAT numbers of seller (BT-31), representative (BT-63) and buyer (BT-48), or choose another "
            "category."
        ),
    ),
}
_RATES = {
    # what -05 to -07 ask of the rate
    "zero": (
        (
            _(
                "With the VAT category {letter} ({category}) the rate must be 0, but it is {found:percent} % at "
                "{where}."
            ),
            _("With the VAT category {letter} ({category}) the rate must be 0, but it is missing at {where}."),
        ),
        _("Enter the rate 0, or choose the category of the rate that is meant."),
    ),
    "positive": (
        (
            _(
                "With the VAT category {letter} ({category}) the rate must be above 0, but it is {found:percent} % at "
                "{where}."
            ),
            _("With the VAT category {letter} ({category}) the rate must be above 0, but it is missing at {where}."),
        ),
        _("Enter the rate, or choose a category without VAT: Z, E, AE, K, G, O."),
    ),
    "not negative": (
        (
            _(
                "With the VAT category {letter} ({category}) the rate must be 0 or more, but it is {found:percent} % "
                "at {where}."
            ),
            _("With the VAT category {letter} ({category}) the rate is missing at {where}."),
        ),
        _("Enter the rate."),
    ),
    "none": (
        (
            _(
                "With the VAT category {letter} ({category}) there may be no rate, but there is {found:percent} % at "
                "{where}."
            ),
            _("With the VAT category {letter} ({category}) there may be no rate at {where}."),
        ),
        _("Leave the rate out, even 0."),
    ),
}
_TAXABLE = (
    _(
        "Lines, charges and allowances of the VAT category {letter} ({category}) at {rate:percent} % make "
        "{expected:amount}, but the breakdown says {found:amount} (BT-116)."
    ),
    _(
        "Lines, charges and allowances of the VAT category {letter} ({category}) make {expected:amount}, but the "
        "breakdown says {found:amount} (BT-116)."
    ),
    _(
        "The taxable amount of the VAT category {letter} ({category}) in the breakdown (BT-116) is not that of its "
        "lines, charges and allowances."
    ),
)
_FIX_TAXABLE = (_("Correct the taxable amount of the breakdown entry, or category and rate of the lines."),)
_TAXED = (
    _(
        "The VAT of the category {letter} ({category}) at {rate:percent} % should be {expected:amount}, but the "
        "breakdown says {found:amount} (BT-117)."
    ),
    _(
        "The VAT of the category {letter} ({category}) should be {expected:amount}, but the breakdown says "
        "{found:amount} (BT-117)."
    ),
    _(
        "The VAT of the category {letter} ({category}) in the breakdown (BT-117) is not its taxable amount times its "
        "rate."
    ),
)
_UNTAXED = (
    _("The VAT of the category {letter} ({category}) must be 0, but the breakdown says {found:amount} (BT-117)."),
    _("The VAT of the category {letter} ({category}) must be 0 (BT-117)."),
)
_UNEXPLAINED = (
    _("The VAT category {letter} ({category}) needs a reason for exemption in the breakdown (BT-120 or BT-121)."),
)
_EXPLAINED = (
    _("The VAT category {letter} ({category}) may have no reason for exemption in the breakdown (BT-120, BT-121)."),
)
_EXAMPLES = {"E": "VATEX-EU-132", "AE": "VATEX-EU-AE", "K": "VATEX-EU-IC", "G": "VATEX-EU-G", "O": "VATEX-EU-O"}


def _categories(syntax_name: str) -> Messages:
    found: Messages = {}
    for letter, row in vat.CATEGORIES.items():
        words = {"letter": letter, "category": CATEGORY_NAMES[letter]}
        found[f"{row.rules}-01"] = Message(
            (_SOME_ENTRY if row.per_rate else _ONE_ENTRY,),
            (_("Bring the VAT breakdown in line with the categories of lines, allowances and charges."),),
            words,
        )
        text, fix = _PARTIES[row.seller, row.buyer]
        texts, fix_rate = _RATES[row.rate if syntax_name == "ubl" else row.rate_cii]
        for number, where in enumerate(_WHERE):
            found[f"{row.rules}-0{2 + number}"] = Message((text,), (fix,), {**words, "where": where})
            found[f"{row.rules}-0{5 + number}"] = Message(texts, (fix_rate,), {**words, "where": where})
        found[f"{row.rules}-08"] = Message(_TAXABLE, _FIX_TAXABLE, words)
        found[f"{row.rules}-09"] = (
            Message(_TAXED, (_("Correct taxable amount, rate or VAT of the breakdown entry."),), words)
            if row.taxed
            else Message(_UNTAXED, (_("Enter 0 as the VAT of this category."),), words)
        )
        found[f"{row.rules}-10"] = (
            Message(
                _UNEXPLAINED,
                (_("Enter the reason, as text or as code, for example {example}."),),
                {**words, "example": _EXAMPLES[letter]},
            )
            if row.explained
            else Message(_EXPLAINED, (_("Leave the reason out, or choose a category without VAT."),), words)
        )
    found["BR-IC-11"] = Message(
        (_("For an intra-Community supply the delivery date (BT-72) or the invoicing period (BG-14) is missing."),),
        (_("Enter the delivery date or the invoicing period."),),
    )
    found["BR-IC-12"] = Message(
        (_("For an intra-Community supply the country of delivery (BT-80) is missing."),),
        (_("Enter the country of the delivery address."),),
    )
    alone = _("What is outside the scope of VAT (category O) stands alone, but {found} stands beside it: {where}.")
    for code, where in (("BR-O-11", NAMES["BG-23"]), *zip(("BR-O-12", "BR-O-13", "BR-O-14"), _WHERE, strict=True)):
        found[code] = Message(
            (alone, _("What is outside the scope of VAT (category O) stands alone, but another category is used.")),
            (_("Make two invoices, or choose another category for what is outside the scope of VAT."),),
            {"where": where},
        )
    return found


# Syntax: what the model has no place for, and how often things may be there

_UNKNOWN = (_("The element {name} has no place in an invoice of the European standard."),)
_UNKNOWN_ATTRIBUTE = (_("The attribute {name} at {element} has no place in an invoice of the European standard."),)
_OUT = (_("Leave it out."),)
_MAY_STAY = (_("The invoice counts as right nevertheless. Better leave it out where your program lets you."),)
_TOO_MANY = (
    _("{name} stands there {found} times; no more than {expected} may be there."),
    _("{name} stands there more often than it may."),
)
_KEEP = (_("Keep one of them."),)
_EXACTLY = (
    _("{name} must stand there exactly once, but it does so {found} times."),
    _("{name} must stand there exactly once."),
)


def _forbidden(name: str, severity: Severity) -> Message:
    """An element, or an attribute with @, that must not be there."""
    attribute = name.rpartition("@")[2] if "@" in name else ""
    return Message(
        _UNKNOWN_ATTRIBUTE if attribute else _UNKNOWN,
        _OUT if severity == "fatal" else _MAY_STAY,
        {"name": attribute or name},
    )


def _at_most_one(name: str) -> Message:
    return Message(_TOO_MANY, _KEEP, {"name": name})


def _exactly_one(name: str) -> Message:
    return Message(_EXACTLY, (_("Let it stand there once."),), {"name": name})


def last(steps: str) -> str:
    """The end of a path, as much of it as says what is meant: `cac:PartyName/cbc:Name`."""
    return "/".join(steps.split("/")[-2:])


def _all_equal(name: str) -> Message:
    return Message(
        (
            _("{name} must be the same throughout, but is “{found}” here and “{expected}” elsewhere."),
            _("{name} must be the same throughout."),
        ),
        (_("Let it be the same everywhere."),),
        {"name": name},
    )


_VAT_TWICE = Message(
    (_("{term} is there {found} times; it may be there once."), _("{term} is there more than once.")),
    _KEEP,
    {"term": _("the seller’s VAT number (BT-31)")},
)
_NO_OBJECT = (_("A document type is given with a reference that is no invoiced object (BT-18)."),)
_PAYEE = Message(
    (_("The payee (BG-10) has no name, has the name of the seller, or is identified more than once."),),
    (_("Enter a payee only when somebody other than the seller is to be paid, with one name and one identifier."),),
)
_ID_TWICE = Message(
    (_("A party is identified twice, by ram:ID and by ram:GlobalID."),),
    _KEEP,
)
_CONTACT = Message(
    (_("The contact has both a person and a department; the standard has room for one of them."),),
    _KEEP,
)
_ONLY_OBJECT = Message(
    (_("{element} may stand here only where the reference is of the kind that has it."),),
    (_("Leave it out, or correct the type of the reference: 50, 130 or 916."),),
)
_ONLY_HEADER = Message(
    (_("{element} may stand only in the VAT breakdown of the document."),),
    _OUT,
)

UBL_OWN: Messages = {
    "UBL-CR-002": Message(
        (_("The document says it is UBL {found}; it must be {expected}."), _("The document is not UBL 2.1.")),
        (_("Correct cbc:UBLVersionID to 2.1, or leave it out."),),
    ),
    "UBL-CR-412": Message(
        (_("In an invoice the due date (BT-9) does not stand with the means of payment."),),
        (_("Put it into cbc:DueDate of the invoice."),),
    ),
    "UBL-CR-665": Message(
        (_("A supporting document has an identifier with a scheme, which only an invoiced object (BT-18) has."),),
        _MAY_STAY,
    ),
    "UBL-CR-666": Message((_("An invoiced object (BT-18) has an attachment."),), _OUT),
    "UBL-CR-673": Message((_("An invoiced object (BT-18) has a description."),), _OUT),
    "UBL-DT-01": Message(
        (_("The amount {found} has more than two decimals."), _("An amount has more than two decimals.")),
        (_("Round it to two decimals."),),
    ),
    "UBL-DT-06": Message(
        (_("The attached file does not say of what kind it is (mimeCode)."),),
        (_("State the kind of the file, for example application/pdf."),),
    ),
    "UBL-DT-07": Message(
        (_("The attached file has no name (filename)."),),
        (_("State the name of the file."),),
    ),
    "UBL-SR-04": _at_most_one("cac:AdditionalDocumentReference[130]/cbc:ID"),
    "UBL-SR-07": missing(NAMES["BT-25"]),
    "UBL-SR-12": _VAT_TWICE,
    "UBL-SR-13": Message(_VAT_TWICE.texts, _KEEP, {"term": _("the seller’s tax number (BT-32)")}),
    "UBL-SR-18": Message(_VAT_TWICE.texts, _KEEP, {"term": _("the buyer’s VAT number (BT-48)")}),
    "UBL-SR-19": _PAYEE,
    "UBL-SR-20": _PAYEE,
    "UBL-SR-21": _PAYEE,
    "UBL-SR-29": Message(_VAT_TWICE.texts, _KEEP, {"term": _("the creditor identifier (BT-90)")}),
    "UBL-SR-30": _at_most_one("cac:AllowanceCharge/cbc:AllowanceChargeReason"),
    "UBL-SR-31": _at_most_one("cac:AllowanceCharge/cbc:AllowanceChargeReason"),
    "UBL-SR-42": Message(
        (
            _("The seller has {found} tax numbers; no more than {expected} may be there: one for VAT, one other."),
            _("The seller has more than two tax numbers."),
        ),
        (_("Keep one VAT number (BT-31) and at most one other tax number (BT-32)."),),
    ),
    "UBL-SR-43": Message(_NO_OBJECT, (_("Leave type and scheme out, or enter the type 130 for an invoiced object."),)),
    "UBL-SR-44": _all_equal("cbc:PaymentID"),
    "UBL-SR-46": _at_most_one("cbc:PaymentMeansCode/@name"),
    "UBL-SR-47": _all_equal("cbc:PaymentMeansCode"),
    "UBL-SR-48": Message(
        (
            _("The line has {found} VAT categories; it must have exactly one."),
            _("The line must have one VAT category."),
        ),
        (_("Give each line one VAT category."),),
    ),
    "UBL-SR-53": Message(
        (_("A tax registration has no number, or does not say of which tax it is."),),
        (_("Enter number and kind of tax (cbc:CompanyID, cac:TaxScheme), or leave the registration out."),),
    ),
}


def _ubl_syntax(severities: Mapping[str, Severity]) -> Messages:
    forbidden: Iterable[tuple[str, str]] = (
        *((f"UBL-CR-{row.split()[0]}", row.split()[1]) for row in ubl_elements.FORBIDDEN.splitlines()),
        *((code, f"@{name}") for name, code in syntax.UBL_ATTRIBUTES.items()),
        *((code, f"{name}/{steps}") for code, name, steps in syntax.UBL_ANYWHERE),
        ("UBL-CR-664", "cac:FinancialInstitution"),
    )
    found = {code: _forbidden(last(steps).removeprefix("LINE/"), severities[code]) for code, steps in forbidden}
    found |= {code: _at_most_one(last(steps)) for code, steps in syntax.UBL_AT_MOST_ONE}
    found |= {code: _at_most_one(last(f"{name}/{steps}")) for code, name, steps in syntax.UBL_AT_MOST_ONE_IN}
    found |= {code: _at_most_one(last(steps)) for code, steps in syntax.UBL_AT_MOST_ONE_IN_LINES}
    return {**found, **UBL_OWN}


CII_OWN: Messages = {
    "CII-SR-046": _unscheme(NAMES["BT-157"], "0160"),
    "CII-SR-090": missing(NAMES["BT-159"]),
    "CII-SR-119": Message(
        (_("A price discount must have both its mark as allowance and its amount (BT-147)."),),
        (_("Enter both, or leave the discount out."),),
    ),
    "CII-SR-440": _at_most_one("ram:AppliedTradeAllowanceCharge/ram:ActualAmount"),
    "CII-SR-449": _ID_TWICE,
    "CII-SR-450": _ID_TWICE,
    "CII-SR-451": _ID_TWICE,
    "CII-SR-457": _at_most_one("ram:AdditionalReferencedDocument[50]"),
    "CII-SR-458": _at_most_one("ram:AdditionalReferencedDocument[130]"),
    "CII-SR-462": _all_equal("ram:DueDateTypeCode"),
    "CII-SR-465": _CONTACT,
    "CII-SR-466": _CONTACT,
    "CII-SR-467": _all_equal("ram:TypeCode"),
    "CII-SR-468": _all_equal("ram:Information"),
    "CII-SR-469": _at_most_one("ram:PaymentReference"),
    "CII-SR-470": _ACCOUNT,
    "CII-SR-474": _at_most_one("ram:AdditionalReferencedDocument[130]"),
    "CII-SR-475": _at_most_one("ram:AdditionalReferencedDocument[916]/ram:Name"),
    "CII-SR-476": _at_most_one("ram:AdditionalReferencedDocument[916]/ram:AttachmentBinaryObject"),
    **dict.fromkeys(("CII-DT-015", "CII-DT-018", "CII-DT-021", "CII-DT-022", "CII-DT-024"), _ONLY_OBJECT),
    "CII-DT-027": Message(
        (_("Only a preceding invoice (BG-3) has a date with its reference."),),
        _OUT,
    ),
    "CII-DT-033": Message(
        (_("A unit of measure stands at another quantity than the invoiced one, which has none."),),
        (_("State the unit of the invoiced quantity (BT-130)."),),
    ),
    "CII-DT-037": Message(
        (_("The kind of tax is “{found}”; only {expected} may stand there."), _("The kind of tax is not VAT.")),
        (_("Write VAT, and leave other taxes out."),),
    ),
    "CII-DT-052": _ONLY_HEADER,
    "CII-DT-098": _ONLY_HEADER,
    "CII-DT-041": _ONLY_HEADER,
    "CII-DT-054": _ONLY_HEADER,
    "CII-DT-058": _ONLY_HEADER,
    "CII-DT-097": Message(
        (
            _("“{found}” is no date of the form year, month, day without anything between."),
            _("A date is not of the form year, month, day without anything between."),
        ),
        (_("Write the date as 20261231."),),
    ),
}


def _cii_syntax(severities: Mapping[str, Severity]) -> Messages:
    kinds = (*syntax.CII_ATTRIBUTES.values(), syntax.CATEGORY_ATTRIBUTES)
    forbidden = [
        *((f"CII-{row.split()[0]}", row.split()[1]) for row in _rows(cii_elements.FORBIDDEN)),
        *((f"CII-{row.split()[0]}", row.split()[1]) for row in _rows(cii_elements.FORBIDDEN_ANYWHERE)),
        *((code, f"@{name}") for each in kinds for name, code in each.items()),
        *(
            (code, f"@{name}")
            for name, pair in syntax.CII_IDENTIFIER_ATTRIBUTES.items()
            for code in pair
            if code is not None
        ),
        *(("CII-DT-010", "@listID"), ("CII-DT-011", "@listAgencyID"), ("CII-DT-012", "@listVersionID")),
        *(("CII-DT-013", "@languageID"), ("CII-DT-014", "@languageLocaleID")),
    ]
    found = {code: _forbidden(last(steps), severities[code]) for code, steps in forbidden}
    counts = (*syntax.CII_COUNTS, *syntax.CII_COUNTS_ANYWHERE)
    found |= {
        code: (_exactly_one if least else _at_most_one)(last(steps)) for code, _place, steps, least, _most in counts
    }
    return {**found, **CII_OWN}


def _rows(table: str) -> list[str]:
    return [row for row in table.splitlines() if not row.startswith("[")]

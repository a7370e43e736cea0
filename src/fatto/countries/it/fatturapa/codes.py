"""The code lists of FatturaPA: what each code means to a person, and to EN 16931.

Labels hold the official code, so that a page shows both: `TD04 · credit note`. The lists are those
of the format's edition 1.2.3 (in force since 1 April 2025) with the codes of older editions, since
archives hold them. An unknown code is shown as it is.
"""

from __future__ import annotations

from fatto.i18n import _

DOCUMENT_TYPES = {
    "TD01": _("TD01 · invoice"),
    "TD02": _("TD02 · advance on an invoice"),
    "TD03": _("TD03 · advance on a professional fee"),
    "TD04": _("TD04 · credit note"),
    "TD05": _("TD05 · debit note"),
    "TD06": _("TD06 · professional fee note"),
    "TD07": _("TD07 · simplified invoice"),
    "TD08": _("TD08 · simplified credit note"),
    "TD09": _("TD09 · simplified debit note"),
    "TD16": _("TD16 · integration for domestic reverse charge"),
    "TD17": _("TD17 · integration or self-invoice for services from abroad"),
    "TD18": _("TD18 · integration for goods from the EU"),
    "TD19": _("TD19 · integration or self-invoice for goods, art. 17(2)"),
    "TD20": _("TD20 · self-invoice to regularise a purchase"),
    "TD21": _("TD21 · self-invoice for exceeding the export ceiling"),
    "TD22": _("TD22 · goods taken from a VAT warehouse"),
    "TD23": _("TD23 · goods taken from a VAT warehouse, VAT paid"),
    "TD24": _("TD24 · deferred invoice, art. 21(4) letter a"),
    "TD25": _("TD25 · deferred invoice, art. 21(4) letter b"),
    "TD26": _("TD26 · sale of depreciable assets, internal transfers"),
    "TD27": _("TD27 · self-consumption or free supply"),
    "TD28": _("TD28 · purchases from San Marino with VAT"),
    "TD29": _("TD29 · report of a missing or irregular invoice"),
}

SELF_ISSUED = frozenset({"TD16", "TD17", "TD18", "TD19", "TD20", "TD21", "TD22", "TD23", "TD27", "TD28", "TD29"})
"""Documents that a company sends about its own purchases or about itself; TD26 may be one, too."""

CREDIT = frozenset({"TD04", "TD08"})
"""Documents that reduce what is owed."""

TYPE_CODES = {
    "TD01": "380",
    "TD02": "386",
    "TD03": "386",
    "TD04": "381",
    "TD05": "383",
    "TD06": "380",
    "TD07": "380",
    "TD08": "381",
    "TD09": "383",
    "TD16": "389",
    "TD17": "389",
    "TD18": "389",
    "TD19": "389",
    "TD20": "389",
    "TD21": "389",
    "TD22": "389",
    "TD23": "389",
    "TD24": "380",
    "TD25": "380",
    "TD26": "380",
    "TD27": "389",
    "TD28": "389",
    "TD29": "751",
}
"""TipoDocumento → UNTDID 1001. TD29 reports to the tax office and is no invoice: information for accounting."""

REGIMES = {
    "RF01": _("RF01 · ordinary"),
    "RF02": _("RF02 · minimum taxpayers"),
    "RF03": _("RF03 · new productive initiatives"),
    "RF04": _("RF04 · farming and fishing"),
    "RF05": _("RF05 · salts and tobaccos"),
    "RF06": _("RF06 · matches"),
    "RF07": _("RF07 · publishing"),
    "RF08": _("RF08 · public telephony"),
    "RF09": _("RF09 · transport and parking documents"),
    "RF10": _("RF10 · entertainment and games"),
    "RF11": _("RF11 · travel agencies"),
    "RF12": _("RF12 · agritourism"),
    "RF13": _("RF13 · door-to-door sales"),
    "RF14": _("RF14 · second-hand goods, art, antiques"),
    "RF15": _("RF15 · auctions of art and antiques"),
    "RF16": _("RF16 · VAT on a cash basis, public administration"),
    "RF17": _("RF17 · VAT on a cash basis"),
    "RF18": _("RF18 · other"),
    "RF19": _("RF19 · flat rate (forfettario)"),
    "RF20": _("RF20 · cross-border exemption for small enterprises"),
}

NATURES = {
    "N1": _("N1 · excluded, art. 15"),
    "N2": _("N2 · not subject"),
    "N2.1": _("N2.1 · not subject, arts. 7 to 7-septies"),
    "N2.2": _("N2.2 · not subject, other cases"),
    "N3": _("N3 · not taxable"),
    "N3.1": _("N3.1 · not taxable, exports"),
    "N3.2": _("N3.2 · not taxable, intra-Community supplies"),
    "N3.3": _("N3.3 · not taxable, supplies to San Marino"),
    "N3.4": _("N3.4 · not taxable, treated as exports"),
    "N3.5": _("N3.5 · not taxable, declaration of intent"),
    "N3.6": _("N3.6 · not taxable, other operations outside the ceiling"),
    "N4": _("N4 · exempt"),
    "N5": _("N5 · margin scheme, VAT not shown"),
    "N6": _("N6 · reverse charge"),
    "N6.1": _("N6.1 · reverse charge, scrap"),
    "N6.2": _("N6.2 · reverse charge, gold and silver"),
    "N6.3": _("N6.3 · reverse charge, subcontracting in construction"),
    "N6.4": _("N6.4 · reverse charge, buildings"),
    "N6.5": _("N6.5 · reverse charge, mobile phones"),
    "N6.6": _("N6.6 · reverse charge, electronic products"),
    "N6.7": _("N6.7 · reverse charge, construction and related sectors"),
    "N6.8": _("N6.8 · reverse charge, energy sector"),
    "N6.9": _("N6.9 · reverse charge, other cases"),
    "N7": _("N7 · VAT paid in another EU state"),
}

VAT_CATEGORIES: dict[str, tuple[str, str | None]] = {
    "N1": ("O", None),
    "N2": ("O", "VATEX-EU-O"),
    "N2.1": ("O", "VATEX-EU-O"),
    "N2.2": ("O", "VATEX-EU-O"),
    "N3": ("E", None),
    "N3.1": ("G", "VATEX-EU-G"),
    "N3.2": ("K", "VATEX-EU-IC"),
    "N3.3": ("G", "VATEX-EU-G"),
    "N3.4": ("E", None),
    "N3.5": ("E", None),
    "N3.6": ("E", None),
    "N4": ("E", None),
    "N5": ("E", None),
    "N6": ("AE", "VATEX-EU-AE"),
    "N6.1": ("AE", "VATEX-EU-AE"),
    "N6.2": ("AE", "VATEX-EU-AE"),
    "N6.3": ("AE", "VATEX-EU-AE"),
    "N6.4": ("AE", "VATEX-EU-AE"),
    "N6.5": ("AE", "VATEX-EU-AE"),
    "N6.6": ("AE", "VATEX-EU-AE"),
    "N6.7": ("AE", "VATEX-EU-AE"),
    "N6.8": ("AE", "VATEX-EU-AE"),
    "N6.9": ("AE", "VATEX-EU-AE"),
    "N7": ("O", None),
}
"""Natura → VAT category (UNTDID 5305) and exemption code (VATEX), by meaning.

What lies outside the tax (N1, N2, N7) is O; exports and supplies to San Marino, which leave the EU's
VAT area like exports, are G; supplies within the EU are K; what is within the tax and relieved
(the other N3, N4, and the margin of N5, which shows no tax) is E; N6 is AE. A VATEX code is given
only where one covers the whole Natura.
"""

PAYMENT_MEANS = {
    "MP01": _("MP01 · cash"),
    "MP02": _("MP02 · cheque"),
    "MP03": _("MP03 · banker's draft"),
    "MP04": _("MP04 · cash at the Treasury"),
    "MP05": _("MP05 · bank transfer"),
    "MP06": _("MP06 · promissory note"),
    "MP07": _("MP07 · bank payment slip"),
    "MP08": _("MP08 · payment card"),
    "MP09": _("MP09 · direct debit (RID)"),
    "MP10": _("MP10 · direct debit for utilities (RID utenze)"),
    "MP11": _("MP11 · fast direct debit (RID veloce)"),
    "MP12": _("MP12 · bank collection order (RIBA)"),
    "MP13": _("MP13 · payment on notice (MAV)"),
    "MP14": _("MP14 · tax office receipt"),
    "MP15": _("MP15 · transfer between special accounts"),
    "MP16": _("MP16 · standing order at a bank"),
    "MP17": _("MP17 · standing order at the post office"),
    "MP18": _("MP18 · postal account slip"),
    "MP19": _("MP19 · SEPA direct debit"),
    "MP20": _("MP20 · SEPA direct debit CORE"),
    "MP21": _("MP21 · SEPA direct debit B2B"),
    "MP22": _("MP22 · deducted from sums already collected"),
    "MP23": _("MP23 · PagoPA"),
}

MEANS_CODES = {
    "MP01": "10",
    "MP02": "20",
    "MP03": "23",
    "MP04": "10",
    "MP05": "30",
    "MP06": "60",
    "MP07": "56",
    "MP08": "48",
    "MP09": "49",
    "MP10": "49",
    "MP11": "49",
    "MP12": "70",
    "MP13": "56",
    "MP14": "ZZZ",
    "MP15": "15",
    "MP16": "49",
    "MP17": "49",
    "MP18": "50",
    "MP19": "59",
    "MP20": "59",
    "MP21": "59",
    "MP22": "97",
    "MP23": "68",
}
"""ModalitaPagamento → UNTDID 4461, by meaning; the national code stays in the parts."""

DEBITED = frozenset({"MP09", "MP10", "MP11", "MP16", "MP17", "MP19", "MP20", "MP21"})
"""Means by which the seller collects: the IBAN is the buyer's."""

AT_ISSUE = frozenset({"MP01", "MP08"})
"""Means that are used up when the document is made out: cash and cards."""

PAYMENT_CONDITIONS = {
    "TP01": _("TP01 · in instalments"),
    "TP02": _("TP02 · in full"),
    "TP03": _("TP03 · in advance"),
}

VAT_DUE = {
    "I": _("I · due at once"),
    "D": _("D · due when paid"),
    "S": _("S · split payment"),
}
NOT_DECLARED = _("not declared (presumed due at once)")

WITHHOLDINGS = {
    "RT01": _("RT01 · withholding tax, natural persons"),
    "RT02": _("RT02 · withholding tax, legal persons"),
    "RT03": _("RT03 · INPS contribution"),
    "RT04": _("RT04 · ENASARCO contribution"),
    "RT05": _("RT05 · ENPAM contribution"),
    "RT06": _("RT06 · other social security contribution"),
}

FUNDS = {
    "TC01": _("TC01 · lawyers"),
    "TC02": _("TC02 · chartered accountants"),
    "TC03": _("TC03 · surveyors"),
    "TC04": _("TC04 · engineers and architects (Inarcassa)"),
    "TC05": _("TC05 · notaries"),
    "TC06": _("TC06 · accountants (ragionieri)"),
    "TC07": _("TC07 · sales agents (ENASARCO)"),
    "TC08": _("TC08 · employment consultants (ENPACL)"),
    "TC09": _("TC09 · doctors (ENPAM)"),
    "TC10": _("TC10 · pharmacists (ENPAF)"),
    "TC11": _("TC11 · veterinarians (ENPAV)"),
    "TC12": _("TC12 · agricultural employees (ENPAIA)"),
    "TC13": _("TC13 · shipping agents"),
    "TC14": _("TC14 · journalists (INPGI)"),
    "TC15": _("TC15 · health workers' orphans (ONAOSI)"),
    "TC16": _("TC16 · journalists' health fund (CASAGIT)"),
    "TC17": _("TC17 · industrial experts (EPPI)"),
    "TC18": _("TC18 · several professions (EPAP)"),
    "TC19": _("TC19 · biologists (ENPAB)"),
    "TC20": _("TC20 · nurses (ENPAPI)"),
    "TC21": _("TC21 · psychologists (ENPAP)"),
    "TC22": _("TC22 · INPS"),
}

WITHHOLDING_REASONS = {
    "A": _("A · habitual self-employment"),
    "B": _("B · use of works of the mind, by the author"),
    "C": _("C · profits of partners contributing work only"),
    "D": _("D · profits of promoters and founders"),
    "E": _("E · protests of bills by municipal secretaries"),
    "G": _("G · end of a sports career"),
    "H": _("H · end of an agency"),
    "I": _("I · end of a notary's office"),
    "L": _("L · use of works of the mind, not by the author"),
    "L1": _("L1 · use of works of the mind, by a buyer of the rights"),
    "M": _("M · occasional self-employment"),
    "M1": _("M1 · obligations to do, not to do or to permit"),
    "M2": _("M2 · occasional self-employment, INPS separate scheme"),
    "N": _("N · amateur sport"),
    "O": _("O · occasional self-employment, no INPS separate scheme"),
    "O1": _("O1 · obligations to do or permit, no INPS separate scheme"),
    "P": _("P · paid to non-residents for the use of equipment"),
    "Q": _("Q · agent of one principal"),
    "R": _("R · agent of several principals"),
    "S": _("S · commission agent"),
    "T": _("T · broker"),
    "U": _("U · business finder"),
    "V": _("V · door-to-door sales"),
    "V1": _("V1 · occasional commercial activity"),
    "V2": _("V2 · occasional direct sales"),
    "W": _("W · works for a condominium"),
    "X": _("X · fees within an EU group, 2004"),
    "Y": _("Y · fees within an EU group, 2005"),
    "Z": _("Z · other"),
    "ZO": _("ZO · other"),
}

LINE_KINDS = {
    "SC": _("SC · discount"),
    "PR": _("PR · premium"),
    "AB": _("AB · rebate"),
    "AC": _("AC · accessory charge"),
}

DISCOUNTS = {"SC": _("SC · discount"), "MG": _("MG · surcharge")}

ISSUERS = {"CC": _("CC · the buyer"), "TZ": _("TZ · a third party")}

SHAREHOLDERS = {"SU": _("SU · sole shareholder"), "SM": _("SM · several shareholders")}

LIQUIDATION = {"LS": _("LS · in liquidation"), "LN": _("LN · not in liquidation")}

REFERENCES = {
    "order": _("Purchase order"),
    "contract": _("Contract"),
    "convention": _("Framework agreement"),
    "receipt": _("Goods receipt"),
    "invoice": _("Linked invoice"),
}


def label(table: dict[str, str], code: str | None) -> str | None:
    """The marked text of a code, the code itself when the list does not have it."""
    return None if code is None else table.get(code, code)

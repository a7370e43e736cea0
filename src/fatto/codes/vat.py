"""UNTDID 5305: the VAT category (BT-118 and its kin), and UNTDID 2475 / 2005: when VAT falls due (BT-8)."""

from __future__ import annotations

from fatto.i18n import _

CATEGORIES = {
    "S": _("Standard rated"),
    "Z": _("Zero rated"),
    "E": _("Exempt from VAT"),
    "AE": _("Reverse charge"),
    "K": _("Intra-Community supply"),
    "G": _("Export outside the EU"),
    "O": _("Outside the scope of VAT"),
    "L": _("Canary Islands general indirect tax"),
    "M": _("Tax of Ceuta and Melilla"),
    "B": _("VAT split payment"),
}

TAX_POINTS = {
    # UBL (UNTDID 2005) and CII (UNTDID 2475) number the same three moments differently.
    "3": _("Issue date of the invoice"),
    "35": _("Date of delivery"),
    "432": _("Date of payment"),
    "5": _("Issue date of the invoice"),
    "29": _("Date of delivery"),
    "72": _("Date of payment"),
}

"""Why a price is reduced (UNTDID 5189, BT-98) or raised (UNTDID 7161, BT-105)."""

from __future__ import annotations

from fatto.i18n import _

ALLOWANCES = {
    "41": _("Bonus for works ahead of schedule"),
    "42": _("Other bonus"),
    "60": _("Manufacturer's consumer discount"),
    "62": _("Due to military status"),
    "63": _("Due to work accident"),
    "64": _("Special agreement"),
    "65": _("Production error discount"),
    "66": _("New outlet discount"),
    "67": _("Sample discount"),
    "68": _("End of range discount"),
    "70": _("Incoterm discount"),
    "71": _("Point of sale threshold allowance"),
    "88": _("Material surcharge or deduction"),
    "95": _("Discount"),
    "100": _("Special rebate"),
    "102": _("Fixed long term"),
    "103": _("Temporary"),
    "104": _("Standard allowance"),
    "105": _("Yearly turnover"),
}

CHARGES = {
    "AA": _("Advertising"),
    "ABL": _("Additional packaging"),
    "ADR": _("Other services"),
    "ADT": _("Pick-up"),
    "DL": _("Delivery"),
    "FC": _("Freight"),
    "FI": _("Financing"),
    "HD": _("Handling"),
    "LA": _("Labelling"),
    "PC": _("Packing"),
    "SH": _("Special handling"),
}

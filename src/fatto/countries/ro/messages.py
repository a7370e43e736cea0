"""What the rules of CIUS-RO say to people. Sentences of ours; templates are shared with EN 16931."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from fatto.i18n import _
from fatto.invoice.names import NAMES
from fatto.rules.en16931 import messages
from fatto.rules.messages import Message

LENGTHS = {
    # code: the term that is too long
    "BR-RO-L0201": "BT-38",
    "BR-RO-L0202": "BT-53",
    "BR-RO-L0203": "BT-67",
    "BR-RO-L0204": "BT-78",
    "BR-RO-L155": "BT-1",
    "BR-RO-L0302": "BT-12",
    "BR-RO-L0303": "BT-13",
    "BR-RO-L0304": "BT-14",
    "BR-RO-L0305": "BT-15",
    "BR-RO-L0306": "BT-16",
    "BR-RO-L0307": "BT-17",
    "BR-RO-L0308": "BT-122",
    "BR-RO-L0501": "BT-37",
    "BR-RO-L0502": "BT-52",
    "BR-RO-L0503": "BT-66",
    "BR-RO-L0504": "BT-77",
    "BR-RO-L0505": "BT-160",
    "BR-RO-L1000": "BT-33",
    "BR-RO-L1001": "BT-19",
    "BR-RO-L1002": "BT-36",
    "BR-RO-L1003": "BT-162",
    "BR-RO-L1004": "BT-41",
    "BR-RO-L1005": "BT-42",
    "BR-RO-L1006": "BT-43",
    "BR-RO-L1007": "BT-51",
    "BR-RO-L1008": "BT-163",
    "BR-RO-L1009": "BT-56",
    "BR-RO-L1010": "BT-57",
    "BR-RO-L1011": "BT-58",
    "BR-RO-L1012": "BT-65",
    "BR-RO-L1013": "BT-164",
    "BR-RO-L1014": "BT-76",
    "BR-RO-L1015": "BT-165",
    "BR-RO-L1016": "BT-82",
    "BR-RO-L1017": "BT-98",  # the official text speaks of the reason, the test looks at its code
    "BR-RO-L1018": "BT-105",
    "BR-RO-L1019": "BT-120",
    "BR-RO-L1020": "BT-123",
    "BR-RO-L1021": "BT-133",
    "BR-RO-L1022": "BT-139",
    "BR-RO-L1023": "BT-144",
    "BR-RO-L1024": "BT-153",
    "BR-RO-L1025": "BT-161",
    "BR-RO-L140": "BT-83",
    "BR-RO-L151": "BT-35",
    "BR-RO-L152": "BT-50",
    "BR-RO-L153": "BT-64",
    "BR-RO-L154": "BT-75",
    "BR-RO-L156": "BT-25",
    "BR-RO-L201": "BT-27",
    "BR-RO-L202": "BT-28",
    "BR-RO-L203": "BT-44",
    "BR-RO-L204": "BT-45",
    "BR-RO-L205": "BT-59",
    "BR-RO-L206": "BT-62",
    "BR-RO-L207": "BT-70",
    "BR-RO-L208": "BT-85",
    "BR-RO-L209": "BT-88",
    "BR-RO-L210": "BT-124",
    "BR-RO-L211": "BT-125-2",
    "BR-RO-L212": "BT-154",
    "BR-RO-L301": "BT-20",
    "BR-RO-L302": "BT-22",
    "BR-RO-L303": "BT-127",
}
DATES = {
    "BR-RO-DT001": "BT-2",
    "BR-RO-DT002": "BT-7",
    "BR-RO-DT003": "BT-9",
    "BR-RO-DT003_CN": "BT-9",
    "BR-RO-DT004": "BT-72",
    "BR-RO-DT005": "BT-73",
    "BR-RO-DT006": "BT-74",
}
DECIMALS = {
    **{f"BR-DEC-RO-{code[-2:]}": term for code, term in messages.DECIMALS.items() if code[-2:] not in ("19", "20")},
    "BR-DEC-RO-1009": "BT-116",
    "BR-DEC-RO-1010": "BT-117",
}
MISSING = {
    "BR-RO-081": "BT-35",
    "BR-RO-082": "BT-50",
    "BR-RO-091": "BT-37",
    "BR-RO-092": "BT-52",
    "BR-RO-140": "BT-64",
    "BR-RO-150": "BT-66",
    "BR-RO-180": "BT-75",
    "BR-RO-201": "BT-77",
    "BR-RO-211": "BT-79",
}
SECTORS = {"BR-RO-100": "BT-37", "BR-RO-101": "BT-52", "BR-RO-160": "BT-66", "BR-RO-202": "BT-77"}
COUNTIES = {"BR-RO-110": "BT-39", "BR-RO-111": "BT-54", "BR-RO-170": "BT-68", "BR-RO-212": "BT-79"}


def _length(term: str) -> Message:
    return Message(
        (
            _("{term} has {found} characters; no more than {expected} may be there."),
            _("{term} is too long."),
        ),
        (_("Shorten {term} to {expected} characters."), _("Shorten {term}.")),
        {"term": term},
    )


def _date(term: str) -> Message:
    return Message(
        (_("“{found}” is not a date of the form that is asked for {term}."), _("{term} is not a date.")),
        (_("Write the date as 2026-12-31, without time and time zone."),),
        {"term": term},
    )


def _sector(term: str) -> Message:
    return Message(
        (
            _("In Bucharest a sector is asked for {term}, but it is “{found}”."),
            _("In Bucharest a sector is asked for {term}."),
        ),
        (_("Write SECTOR1, SECTOR2, SECTOR3, SECTOR4, SECTOR5 or SECTOR6, in capitals and without blank."),),
        {"term": term},
    )


def _county(term: str) -> Message:
    return Message(
        (
            _("In Romania a code of a county is asked for {term}, but it is “{found}”."),
            _("In Romania a code of a county is asked for {term}."),
        ),
        (_("Write the code of the county, for example RO-CJ; RO-B is Bucharest."),),
        {"term": term},
    )


def _kind(types: str) -> Message:
    return Message(
        (
            _("The type of document {found} (BT-3) is not taken by RO e-Factura; here it takes {types}."),
            _("The type of document (BT-3) is not taken by RO e-Factura; here it takes {types}."),
        ),
        (_("Choose one of these types: {types}."),),
        {"types": types},
    )


def _many(text: str) -> Message:
    return Message((text,), (_("Leave some out, or make several invoices."),))


_OWN = {
    "BR-27": messages.OWN["BR-27"],
    "BR-RO-001": Message(
        (_("The specification identifier (BT-24) is not that of CIUS-RO, but “{found}”."),
         _("The specification identifier (BT-24) is not that of CIUS-RO.")),
        (_("Write exactly {expected}, without blanks."), _("Write the identifier of CIUS-RO exactly.")),
    ),
    "BR-RO-010": Message(
        (_("The invoice number (BT-1) “{found}” has no digit."), _("The invoice number (BT-1) has no digit.")),
        (_("Give the invoice a number with at least one digit."),),
    ),
    "BR-RO-020_1": _kind("380, 384, 389, 751"),
    "BR-RO-020_2": _kind("381"),
    "BR-RO-030": Message(
        (_("The invoice is in {found} and names no VAT accounting currency in RON (BT-6)."),
         _("Neither the currency of the invoice (BT-5) nor the VAT accounting currency (BT-6) is RON.")),
        (_("Enter RON as the VAT accounting currency (BT-6), and the VAT total in RON (BT-111)."),),
    ),
    "BR-RO-040": messages.not_listed(NAMES["BT-8"], "UNTDID 2005", "3, 35, 432"),
    "BR-RO-065": Message(
        (_("The seller has neither VAT number (BT-31) nor tax number (BT-32), and no tax representative has one."),),
        (_("Enter the seller’s VAT number (RO and the CUI), or the CUI alone if it is no VAT payer."),),
    ),
    "BR-RO-120": Message(
        (_("The buyer has neither registration number (BT-47) nor VAT number (BT-48)."),),
        (_("Enter the buyer’s CUI or VAT number; for a private person the CNP, or thirteen zeros without it."),),
    ),
    "BR-RO-A020": Message(
        (_("The invoice has {found} notes (BT-22); no more than {expected} may be there."),
         _("The invoice has too many notes (BT-22).")),
        (_("Put several remarks into one note."),),
    ),
    "BR-RO-A051": _many(_("The invoice has more than 50 attachments (BG-24).")),
    "BR-RO-A052": _many(_("An item has more than 50 attributes (BG-32).")),
    "BR-RO-A500": _many(_("The invoice names more than 500 preceding invoices (BG-3).")),
}  # fmt: skip


@cache
def all_codes() -> Mapping[str, Message]:
    """Every code of CIUS-RO."""
    return {
        **{code: _length(NAMES[term]) for code, term in LENGTHS.items()},
        **{code: _date(NAMES[term]) for code, term in DATES.items()},
        **{code: messages.decimals(NAMES[term]) for code, term in DECIMALS.items()},
        **{code: messages.missing(NAMES[term]) for code, term in MISSING.items()},
        **{code: _sector(NAMES[term]) for code, term in SECTORS.items()},
        **{code: _county(NAMES[term]) for code, term in COUNTIES.items()},
        **_OWN,
    }

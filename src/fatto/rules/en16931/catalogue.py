"""Every official code of EN 16931 with its severity, by rule set, and the codes that cannot fire.

Severity belongs to the set: BR-51 is a warning in UBL and fatal in CII. Source: CEN validation
artefacts 1.3.16.
"""

from __future__ import annotations

from functools import cache

from fatto.rules.finding import Severity

_BOTH = """
    BR-01..33 BR-36..38 BR-41..50 BR-52..57 BR-61..65 BR-CO-03..24 BR-CO-26 BR-DEC-01..02 BR-DEC-05..06 BR-DEC-09..20
    BR-DEC-23..25 BR-DEC-27..28 BR-AE-01..10 BR-E-01..10 BR-G-01..10 BR-IC-01..12 BR-AF-01..10 BR-AG-01..10
    BR-O-01..14 BR-S-01..10 BR-Z-01..10 BR-B-01..02 BR-CL-01 BR-CL-03..08 BR-CL-10..11 BR-CL-13..26
"""
_UBL_FATAL = """
    UBL-SR-01..37 UBL-SR-39..40 UBL-SR-42..56 UBL-DT-01 UBL-DT-06..07 UBL-CR-666 UBL-CR-673
"""
_UBL_WARNINGS = """
    BR-51 UBL-CR-001..119 UBL-CR-121..422 UBL-CR-424..535 UBL-CR-537..630 UBL-CR-632..665 UBL-CR-667..672
    UBL-CR-674..682 UBL-DT-08..28
"""
_CII_FATAL = """
    BR-51 CII-SR-009..010 CII-SR-014 CII-SR-046 CII-SR-069 CII-SR-072 CII-SR-090 CII-SR-439..441 CII-SR-455..456
    CII-SR-459..463 CII-SR-467..473 CII-SR-477..494 CII-DT-001..037 CII-DT-068..084 CII-DT-086..097 CII-DT-101..104
"""
_CII_WARNINGS = """
    CII-SR-04..05 CII-SR-001..003 CII-SR-006..008 CII-SR-011..013 CII-SR-015..028 CII-SR-030 CII-SR-032..045
    CII-SR-048..068 CII-SR-070..071 CII-SR-073..089 CII-SR-091..136 CII-SR-138..210 CII-SR-212..252 CII-SR-254..342
    CII-SR-344..373 CII-SR-375..382 CII-SR-384..386 CII-SR-388..402 CII-SR-404..409 CII-SR-411..438 CII-SR-442..454
    CII-SR-457..458 CII-SR-464..466 CII-SR-474..476 CII-DT-038..067 CII-DT-098
"""


def codes(text: str) -> list[str]:
    """`BR-01..03 BR-51` → BR-01, BR-02, BR-03, BR-51."""
    found = []
    for word in text.split():
        first, _dots, last = word.partition("..")
        family, _dash, number = first.rpartition("-")
        for each in range(int(number), int(last or number) + 1):
            found.append(f"{family}-{each:0{len(number)}}")
    return found


@cache
def ubl() -> dict[str, Severity]:
    """The 979 codes of EN 16931 in UBL."""
    return _catalogue(_BOTH + _UBL_FATAL, _UBL_WARNINGS)


@cache
def cii() -> dict[str, Severity]:
    """The 806 codes of EN 16931 in CII."""
    return _catalogue(_BOTH + _CII_FATAL, _CII_WARNINGS)


def _catalogue(fatal: str, warnings: str) -> dict[str, Severity]:
    found: dict[str, Severity] = dict.fromkeys(codes(fatal), "fatal")
    found.update(dict.fromkeys(codes(warnings), "warning"))
    return found


_TRUE = "The official test is true()."
_CHILD = "The official test looks for a child of an amount, where there never is one."
_BREAKS = "The same double element ends the official run in another rule first."
_TAKEN = "An earlier rule of the pattern takes the element."
_ASTRAY = "The official test looks for the rate where it never is, and so is true."
NEVER_UBL = {
    **dict.fromkeys(codes("BR-CO-05..08"), _TRUE),
    **dict.fromkeys(codes("BR-DEC-13 BR-DEC-15"), _CHILD),
    **dict.fromkeys(codes("UBL-SR-09 UBL-SR-15 UBL-SR-22 UBL-SR-27"), _BREAKS),
}
"""Codes that fire in no document at all, and why. The schema keeps some more from firing."""
NEVER_CII = {
    **dict.fromkeys(codes("BR-CO-05..08 BR-AF-09 BR-AG-09"), _TRUE),
    **dict.fromkeys(codes("BR-AF-08 BR-AG-08"), _ASTRAY),
    **dict.fromkeys(codes("CII-DT-010..012"), _TAKEN),
    **dict.fromkeys(codes("CII-SR-477..482 CII-SR-484 CII-SR-487"), _BREAKS),
}

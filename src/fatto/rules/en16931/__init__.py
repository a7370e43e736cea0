"""EN 16931 in both syntaxes: the rules of the CEN validation artefacts 1.3.16 of 30 March 2026."""

from __future__ import annotations

from datetime import date
from functools import cache

from fatto.i18n import _
from fatto.rules import structure
from fatto.rules.en16931 import catalogue, cii, codes, messages, syntax, ubl, vat
from fatto.rules.en16931.views import CiiView, UblView
from fatto.rules.ruleset import Heading, Hit, Profile, RuleSet
from fatto.rules.tree import Tree


def _judge_ubl(tree: Tree, hit: Hit) -> None:
    view = UblView(tree)
    ubl.judge(view, hit)
    vat.judge_ubl(view, hit)
    codes.judge_ubl(view, hit)
    syntax.judge_ubl(view, hit)


def _judge_cii(tree: Tree, hit: Hit) -> None:
    view = CiiView(tree)
    cii.judge(view, hit)
    vat.judge_cii(view, hit)
    codes.judge_cii(view, hit)
    syntax.judge_cii(view, hit)


UBL_ROOTS = frozenset(("ubl:Invoice", "cn:CreditNote"))
CII_ROOT = "rsm:CrossIndustryInvoice"


def is_ubl(heading: Heading) -> bool:
    """A UBL 2 invoice or credit note."""
    return heading.root in UBL_ROOTS


@cache
def profiles() -> tuple[Profile, ...]:
    """What concerns documents of every country."""
    return (
        Profile(
            name="ubl-invoice",
            title=_("Structure of the UBL invoice"),
            concerns=lambda heading: heading.root == "ubl:Invoice",
            structure=structure.ubl_invoice,
        ),
        Profile(
            name="ubl-creditnote",
            title=_("Structure of the UBL credit note"),
            concerns=lambda heading: heading.root == "cn:CreditNote",
            structure=structure.ubl_credit_note,
        ),
        Profile(
            name="en16931-ubl",
            title=_("European standard EN 16931"),
            concerns=is_ubl,
            versions=(
                RuleSet(
                    version="1.3.16",
                    applies_from=date(2026, 3, 30),
                    severities=catalogue.ubl(),
                    judge=_judge_ubl,
                    plan=syntax.ubl_plan,
                    messages=messages.ubl,
                    never=catalogue.NEVER_UBL,
                ),
            ),
        ),
        Profile(
            name="en16931-cii",
            title=_("European standard EN 16931"),
            concerns=lambda heading: heading.root == CII_ROOT,
            structure=structure.cii,
            versions=(
                RuleSet(
                    version="1.3.16",
                    applies_from=date(2026, 3, 30),
                    severities=catalogue.cii(),
                    judge=_judge_cii,
                    plan=syntax.cii_plan,
                    messages=messages.cii,
                    never=catalogue.NEVER_CII,
                ),
            ),
        ),
    )

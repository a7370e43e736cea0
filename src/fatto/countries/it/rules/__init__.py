"""What SDI would say of a FatturaPA, as far as the file alone tells; and what we would ask beside.

    verdict.check(data, PROFILES, day)      # structure, `sdi`, `fatto`
    envelope.check(root, name=…, signed=…)  # name, size, signature

Nobody but SDI can say that it accepts a file: `NOT_CHECKED_HERE` names the checks that need its registers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from lxml import etree

from fatto.countries.it.fatturapa import structure
from fatto.countries.it.rules import envelope, own, sdi, view
from fatto.countries.it.rules.elsewhere import NOT_CHECKED_HERE
from fatto.countries.it.rules.texts import TEXTS, Advice
from fatto.i18n import _
from fatto.rules.finding import Severity
from fatto.rules.messages import Message
from fatto.rules.ruleset import Heading, Hit, Profile, RuleSet
from fatto.rules.tree import Node, Tree

MOST = 50
"""Findings of one code in a file: who reads more?"""
_FATAL: dict[str, Severity] = dict.fromkeys(sdi.CODES, "fatal")


def concerns(heading: Heading) -> bool:
    """The formats in force; older ones are in archives, and were judged by other rules."""
    return structure.schema_of(heading.element) is not None


def _asked(file: view.Document, hit: Hit) -> sdi.Hit:
    """Findings of a lot say of which invoice they are; the same thing is not said more than `MOST` times."""
    several = len(file.bodies) > 1
    times: dict[str, int] = defaultdict(int)

    def fired(code: str, at: etree._Element, /, **values: object) -> None:
        times[code] += 1
        if times[code] > MOST:
            return
        if several:
            body = next((each for each in (at, *at.iterancestors()) if each.tag == "FatturaElettronicaBody"), None)
            number = next((each for each in file.bodies if each.element is body), None)
            if number is not None:
                values = {"body": number.number, "of": number.code, **values}
        hit(code, Node("", at), **values)

    return fired


def _messages() -> Mapping[str, Message]:
    return {code: Message((advice.text,), (advice.fix,)) for code, advice in TEXTS.items()}


def _rule_set(edition: sdi.Edition) -> RuleSet:
    def judge(tree: Tree, hit: Hit) -> None:
        file = view.of(tree)
        edition.check(file, _asked(file, hit))

    return RuleSet(
        version=edition.version, applies_from=edition.applies_from, severities=_FATAL, judge=judge, messages=_messages
    )


def _judge_own(tree: Tree, hit: Hit) -> None:
    file = view.of(tree)
    own.check(file, _asked(file, hit))


SDI = Profile(
    name="sdi",
    title=_("Checks of SDI"),
    concerns=concerns,
    versions=tuple(_rule_set(edition) for edition in sdi.EDITIONS),
    structure=structure.check,
    around=envelope.as_sent,
)
OWN = Profile(
    name="fatto",
    title=_("Checks of Fatto"),
    concerns=concerns,
    versions=(
        RuleSet(
            version="1",
            applies_from=date(2019, 1, 1),
            severities=own.SEVERITIES,
            judge=_judge_own,
            messages=_messages,
        ),
    ),
)
PROFILES = (SDI, OWN)

__all__ = ["NOT_CHECKED_HERE", "OWN", "PROFILES", "SDI", "TEXTS", "Advice", "concerns"]

"""What a rule set and a profile are: official rules of one version, and which documents they concern."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from lxml import etree

from fatto.rules.finding import Finding, Severity
from fatto.rules.messages import Message
from fatto.rules.tree import Plan, Tree

Hit = Callable[..., None]
"""hit(code, node, found=…, expected=…, **values): a rule that fired, where, and the values behind it.

Called only for what is wrong; values may be anything that prints, and None where there is none.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """The rules of one body in one version."""

    version: str
    applies_from: date
    """The first day on which documents are judged by it."""
    severities: Mapping[str, Severity]
    """Every official code of the set, with its severity in this set."""
    judge: Callable[[Tree, Hit], None]
    """Reports each rule that fires; raises `xpath.Abort` where the official run gives no report."""
    plan: Callable[[], Plan] | None = None
    """Forbidden paths that the walk over the document looks for; at most one set of a document has one."""
    messages: Callable[[], Mapping[str, Message]] = dict
    """By code, what is said to people; asked only when somebody reads a finding."""
    never: Mapping[str, str] = field(default_factory=dict)
    """Codes that fire in no document at all, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The file around a document, as somebody is about to send it."""

    name: str
    """Without folders; empty when it has none."""
    size: int
    """In bytes, signature included."""
    signed: bool
    """Does the document lie in a signature? One within the document is for the rules to see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a profile is chosen by."""

    root: str
    """Name of the root element, with the prefix of the official rules where it has one: `ubl:Invoice`."""
    customization: str
    """BT-24 as it is written; empty without one."""
    element: etree._Element


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A rule set in all its versions, and the documents it concerns. Country packs declare their own."""

    name: str
    """Stable, for programs: `en16931-ubl`, `cius-ro`."""
    title: str
    """For people; marked for translation."""
    concerns: Callable[[Heading], bool]
    versions: tuple[RuleSet, ...] = ()
    """By date, the newest last. None: the profile only judges the structure."""
    structure: Callable[[etree._Element], Iterable[Finding]] | None = None
    """What the official schema refuses. Of the profiles that concern a document, the first that has one is asked."""
    around: Callable[[etree._Element, Sent], Iterable[Finding]] | None = None
    """What the authority would say of the file around it; advice, since it may yet be sent as another file."""

    def version(self, day: date | None) -> RuleSet | None:
        """The rules of a day; today's for None; of days before the first version, the first."""
        if not self.versions:
            return None
        if day is None:
            return self.versions[-1]
        return next((each for each in reversed(self.versions) if each.applies_from <= day), self.versions[0])

"""Is a document right? The official verdict over the XML as it was received.

    verdict = check(data, (*en16931.profiles(), *countries.profiles()))
    verdict.accepted, verdict.sets["en16931-ubl"].fired, verdict.findings

The structure first: what the schema refuses is judged by no rule, as at the authorities. Then every
rule set that concerns the document. A rule that fires costs; one that does not costs next to nothing,
and findings are made only when somebody looks at them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import date
from decimal import Decimal
from functools import cached_property

from lxml import etree

from fatto.i18n import _
from fatto.rules import xpath
from fatto.rules.finding import Finding, Severity
from fatto.rules.messages import Message
from fatto.rules.ruleset import Heading, Profile, RuleSet, Sent
from fatto.rules.tree import Node, Tree, place, short

ABORTED = "official-run-aborts"
"""Our code for documents over which the official rules end in an error instead of a report."""
UNKNOWN = "unknown-format"
"""Our code for documents that no profile concerns."""


def _parser(*, huge: bool) -> etree.XMLParser[etree._Element]:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,  # else a comment inside a value would cut it
        remove_pis=True,
        collect_ids=False,
        huge_tree=huge,
    )


_PARSER = _parser(huge=False)
_HUGE = _parser(huge=True)  # for very long texts, as attachments are

_Fired = tuple[str, Node, Mapping[str, object]]


class SetResult:
    """What one rule set says: its version, since when it applies, and the codes that fired with their severities."""

    __slots__ = ("_around", "_hits", "_rules", "aborted", "applies_from", "fired", "name", "version")

    def __init__(
        self, name: str, rules: RuleSet, hits: Sequence[_Fired], *, aborted: bool, around: Iterable[Finding] = ()
    ) -> None:
        self.name = name
        self.version = rules.version
        self.applies_from = rules.applies_from
        self.aborted = aborted
        """The official run over this document ends in an error: no report, and no acceptance."""
        self._hits = hits
        self._rules = rules
        self._around = list(around)
        self.fired: dict[str, Severity] = {} if aborted else {hit[0]: rules.severities[hit[0]] for hit in hits}
        self.fired |= {each.code: each.severity for each in self._around}

    @property
    def findings(self) -> list[Finding]:
        """A finding a place, in the order of the document."""
        if self.aborted:
            return [
                *self._around,
                Finding(
                    code=ABORTED,
                    severity="fatal",
                    set=self.name,
                    text=_(
                        "The official check breaks off with an error over this document, because something is there "
                        "twice that may be there once. It counts as refused."
                    ),
                    fix=_("Look for a party, an identifier or a code that is given twice, and leave one out."),
                ),
            ]
        messages = self._rules.messages()
        return self._around + [
            self._finding(code, node, values, messages.get(code)) for code, node, values in self._hits
        ]

    def _finding(self, code: str, node: Node, values: Mapping[str, object], message: Message | None) -> Finding:
        known = {name: text for name, value in values.items() if (text := _text(value)) is not None}
        said = message.choose(known.keys()) if message is not None else None
        return Finding(
            code=code,
            severity=self.fired[code],
            set=self.name,
            path=place(node.element),
            line=node.element.sourceline,
            found=known.pop("found", None),
            expected=known.pop("expected", None),
            values=known,
            text=said[0] if said else "",
            fix=said[1] if said else "",
            words=message.words if message is not None else {},
            kinds={name: _KINDS[type(value)] for name, value in values.items() if type(value) in _KINDS},
        )

    def count(self, severity: Severity) -> int:
        """How many findings there are of a severity."""
        around = sum(each.severity == severity for each in self._around)
        if self.aborted:
            return around + int(severity == "fatal")
        return around + sum(self.fired[hit[0]] == severity for hit in self._hits)

    def worst(self, most: int) -> list[Finding]:
        """At most so many of the findings, fatal ones first; those left out cost nothing."""
        cut = copy(self)
        cut._hits = sorted(self._hits, key=lambda hit: self.fired.get(hit[0]) != "fatal")[:most]
        return cut.findings


class Verdict:
    """What the official checks say of a document."""

    def __init__(self, structure: Sequence[Finding], sets: Mapping[str, SetResult]) -> None:
        self.structure = tuple(structure)
        """What the schema refuses; while there is any, no rules are asked and `sets` is empty."""
        self.sets = sets
        """By the name of the profile."""

    @cached_property
    def accepted(self) -> bool:
        """Nothing fatal: the structure is right, and no rule of severity fatal fired."""
        return not any(each.severity == "fatal" for each in self.structure) and not any(
            result.aborted or "fatal" in result.fired.values() for result in self.sets.values()
        )

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All of it, the structure first, each rule set by lines of the document."""
        rules = [finding for result in self.sets.values() for finding in result.findings]
        return (*self.structure, *sorted(rules, key=lambda finding: finding.line or 0))

    def count(self, severity: Severity) -> int:
        """How many findings there are of a severity."""
        return sum(each.severity == severity for each in self.structure) + sum(
            result.count(severity) for result in self.sets.values()
        )

    def worst(self, most: int) -> tuple[Finding, ...]:
        """At most so many of the findings, fatal ones first, else as in `findings`: a document may have millions."""
        rules = [finding for result in self.sets.values() for finding in result.worst(most)]
        found = (*self.structure, *sorted(rules, key=lambda finding: finding.line or 0))
        return tuple(sorted(found, key=lambda finding: finding.severity != "fatal")[:most])


def check(
    document: bytes | etree._Element, profiles: Iterable[Profile], day: date | None = None, sent: Sent | None = None
) -> Verdict:
    """Judge a document by the profiles that concern it.

    `document` is the XML as received, or its parsed root. `day` chooses the versions of the rules: those
    that applied then; today's for None. `sent` is the file around it, where that is to be judged as well.
    Never raises for what is in a document.
    """
    if isinstance(document, bytes):
        root = _parse(document)
        if isinstance(root, Finding):
            return Verdict((root,), {})
    else:
        root = _without_comments(document)
    heading = Heading(root=short(str(root.tag)), customization=customization(root), element=root)
    concerned = [profile for profile in profiles if profile.concerns(heading)]
    if not concerned:
        return Verdict((_unknown(root),), {})
    judge = next((profile.structure for profile in concerned if profile.structure is not None), None)
    structure = tuple(judge(root)) if judge is not None else ()
    if any(finding.severity == "fatal" for finding in structure):
        return Verdict(structure, {})
    chosen = [(profile, rules) for profile in concerned if (rules := profile.version(day)) is not None]
    plan = next((rules.plan for _profile, rules in chosen if rules.plan is not None), None)
    tree = Tree(root, plan() if plan is not None else None)
    with xpath.exact():
        return Verdict(
            structure,
            {profile.name: _run(profile.name, rules, tree, _around(profile, root, sent)) for profile, rules in chosen},
        )


def _around(profile: Profile, root: etree._Element, sent: Sent | None) -> Iterable[Finding]:
    return profile.around(root, sent) if profile.around is not None and sent is not None else ()


def _run(name: str, rules: RuleSet, tree: Tree, around: Iterable[Finding] = ()) -> SetResult:
    hits: list[_Fired] = []

    def hit(code: str, node: Node, **values: object) -> None:
        hits.append((code, node, values))

    try:
        rules.judge(tree, hit)
    except xpath.Abort:
        return SetResult(name, rules, hits, aborted=True, around=around)
    return SetResult(name, rules, hits, aborted=False, around=around)


_RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"
_RSM = "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}"
_CUSTOMIZATION = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}CustomizationID"
_CONTEXT = f"{_RSM}ExchangedDocumentContext"
_GUIDELINE = f"{_RAM}GuidelineSpecifiedDocumentContextParameter/{_RAM}ID"


def customization(root: etree._Element) -> str:
    """BT-24 as it is written; empty without one."""
    for kid in root.iterchildren(_CUSTOMIZATION, _CONTEXT):  # among the first
        found = kid if kid.tag == _CUSTOMIZATION else kid.find(_GUIDELINE)
        if found is not None:
            return found.text or ""
    return ""


def _parse(data: bytes) -> etree._Element | Finding:
    try:
        try:
            root = etree.fromstring(data, _PARSER)
        except etree.XMLSyntaxError as error:
            if error.code != etree.ErrorTypes.ERR_RESOURCE_LIMIT or "depth" in str(error.msg):
                raise
            root = etree.fromstring(data, _HUGE)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        return Finding(
            code="xml-broken",
            severity="fatal",
            set="structure",
            line=getattr(error, "lineno", None),
            found=str(error)[:200],
            text=_("The file is no well-formed XML: {found}"),
        )
    if root.getroottree().docinfo.doctype:
        return Finding(
            code="xml-doctype",
            severity="fatal",
            set="structure",
            text=_("The file declares a document type (DOCTYPE), which invoices never do."),
        )
    return root


def _without_comments(root: etree._Element) -> etree._Element:
    """A tree that was parsed with comments or instructions is made anew without."""
    if next(root.iter(etree.Comment, etree.ProcessingInstruction), None) is None:
        return root
    return etree.fromstring(etree.tostring(root), _HUGE)


def _unknown(root: etree._Element) -> Finding:
    return Finding(
        code=UNKNOWN,
        severity="fatal",
        set="structure",
        path=place(root),
        line=root.sourceline,
        found=short(str(root.tag))[:200],
        text=_("No rules are known for a document that begins with {found}."),
    )


_LONGEST = 500
_KINDS: Mapping[type, str] = {Decimal: "amount", date: "day"}


def _text(value: object) -> str | None:
    """A value behind a finding; of a very long text the beginning."""
    return None if value is None else str(value)[:_LONGEST]

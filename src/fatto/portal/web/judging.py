"""What the official rules say of documents, for their pages: findings in words at their places, tables of invoices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models import Count as Number
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from fatto import countries, i18n, pipeline
from fatto.portal.documents import verdicts
from fatto.portal.documents.models import Delivery, DeliveryItem, Direction, Document, Verdict
from fatto.portal.documents.states import Check
from fatto.portal.web.xml import Mark
from fatto.rules.finding import Finding
from fatto.rules.messages import Said
from fatto.rules.places import PARTS

TONES: dict[str, tuple[str, str]] = {
    Check.ACCEPTED: ("done", "circle-check"),
    Check.WARNINGS: ("waiting", "triangle-alert"),
    Check.FAILED: ("action", "circle-x"),
    Check.NOT_JUDGED: ("neutral", "circle-dashed"),
}
"""Colour and picture of what was found; the word is the state's own."""

_SEVERITIES: dict[str, tuple[str, str, Any]] = {
    "fatal": ("action", "circle-x", _("Error")),
    "warning": ("waiting", "triangle-alert", _("Warning")),
    "info": ("neutral", "info", _("Note")),
}

SCHEMA = "structure"
"""The set of what the official schemas refuse."""


def said(finding: Finding) -> Said:
    """A finding in the reader's language."""
    return verdicts.said(finding, get_language() or "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A finding as it stands beside what it speaks of."""

    n: int
    """Its number on the page, from 1 on."""
    tone: str
    icon: str
    severity: Any
    where: str
    """Which line, whose particular, in words; empty when the part says it all."""
    message: str
    fix: str
    code: str
    official: str
    """The rule set, by name and version."""
    term: str
    path: str
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What the rules say of a document, in words and by parts of the invoice."""

    tone: str
    icon: str
    headline: str
    sets: list[str]
    """Rule sets with their versions."""
    parts: dict[str, list[Shown]] = field(default_factory=dict)
    more: int = 0
    """Findings that are not shown one by one."""
    elsewhere: dict[str, list[str]] = field(default_factory=dict)
    """Checks that only the authority can make: why → their codes."""

    @property
    def shown(self) -> list[Shown]:
        """All of them, in the order of the parts."""
        return [each for part in self.parts.values() for each in part]


def opinion(document: Document) -> Opinion | None:
    """For the page of a document; None for what was not judged."""
    verdict = verdicts.of(document)
    if verdict is None or document.verdict == Check.NOT_JUDGED:
        return None
    language = get_language() or "en"
    tone, icon = TONES[document.verdict]
    found = verdicts.findings(verdict)
    parts: dict[str, list[Shown]] = {name: [] for name in PARTS}
    places = [countries.place(each.path) for each in found]
    order = sorted(range(len(found)), key=lambda at: (PARTS.index(places[at].part), places[at].number or 0))
    titles = verdicts.titles(verdict, language)
    for n, at in enumerate(order, start=1):
        parts[places[at].part].append(_shown(n, found[at], places[at], titles, language))
    return Opinion(
        tone=tone,
        icon=icon,
        headline=headline(verdict),
        sets=list(titles.values()),
        parts={name: each for name, each in parts.items() if each},
        more=max(0, verdict.errors + verdict.warnings - sum(each.severity != "info" for each in found)),
        elsewhere=_elsewhere(verdict, language),
    )


def _elsewhere(verdict: Verdict, language: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code, why in countries.not_checked_here(verdict.sets).items():
        found.setdefault(i18n.translate(why, language), []).append(code)
    return found


def marks(document: Document) -> list[Mark]:
    """For the document's XML: what is said of which element."""
    found = opinion(document)
    return [
        Mark(n=each.n, path=each.path, tone=each.tone, text=f"{each.severity}: {each.message}")
        for each in (found.shown if found else ())
    ]


def headline(verdict: Verdict) -> str:
    """How much was found, in words."""
    parts = []
    if verdict.errors:
        parts.append(ngettext("%(n)s error", "%(n)s errors", verdict.errors) % {"n": verdict.errors})
    if verdict.warnings:
        parts.append(ngettext("%(n)s warning", "%(n)s warnings", verdict.warnings) % {"n": verdict.warnings})
    return ", ".join(parts) or gettext("Nothing found by the checks that can be made here")


def _shown(n: int, finding: Finding, place: Any, titles: dict[str, str], language: str) -> Shown:
    tone, icon, severity = _SEVERITIES[finding.severity]
    words = said(finding)
    label = i18n.translate(place.label, language) if place.label else ""
    first = i18n.translate(place.who, language) if place.who else ""
    if place.number is not None:
        first = gettext("Line %(n)s") % {"n": place.number}
    return Shown(
        n=n,
        tone=tone,
        icon=icon,
        severity=severity,
        where=" · ".join(filter(None, (first, label))),
        message=words.message,
        fix=words.fix,
        code=finding.code,
        official=gettext("Official structure (schema)")
        if finding.set == SCHEMA
        else titles.get(finding.set, finding.set),
        term=place.term,
        path=finding.path,
        line=finding.line,
    )


# -- the table of issued invoices ------------------------------------------------------------------------------------

SIZE = 100
ISSUED = Q(document__direction=Direction.ISSUED) & ~Q(document__format="")
_ORDER = (Check.FAILED, Check.WARNINGS, Check.NOT_JUDGED, Check.ACCEPTED)
"""What needs a hand stands first."""


@dataclass(frozen=True, slots=True)
class Line:
    """An issued invoice and what the rules say of it."""

    document: Document
    url: str
    tone: str
    icon: str
    label: Any
    words: str
    """How much was found."""
    first: Said | None
    """The first error, else the first warning."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many invoices the rules say the same of."""

    state: str
    label: Any
    tone: str
    icon: str
    count: int
    chosen: bool

    @property
    def tone_class(self) -> str:
        return f"tone-{self.tone}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The issued invoices of some deliveries."""

    counts: list[Count]
    lines: list[Line]
    state: str
    next: int
    """The page after this one; 0 when there is none."""

    @property
    def total(self) -> int:
        return sum(each.count for each in self.counts)


def issued(deliveries: Iterable[Delivery], *, state: str = "", page: int = 1) -> Table | None:
    """What the rules say of the issued invoices that came with these files; None when there are none.

    Of those alone that the reader sees: row security holds within.
    """
    rows = DeliveryItem.objects.filter(
        ISSUED, outcome=DeliveryItem.Outcome.ACCEPTED, delivery__in=[each.pk for each in deliveries]
    )
    numbers = {
        row["document__verdict"]: row["n"]
        for row in rows.order_by().values("document__verdict").annotate(n=Number("document"))
    }
    if not numbers:
        return None
    state = state if state in Check.values else ""
    if state:
        rows = rows.filter(document__verdict=state)
    rank = Case(
        *(When(document__verdict=each, then=Value(at)) for at, each in enumerate(_ORDER)), output_field=IntegerField()
    )
    start = (page - 1) * SIZE
    ordered = rows.annotate(rank=rank).order_by("rank", "delivery_id", "position", "index")
    pks = list(ordered.values_list("document_id", flat=True)[start : start + SIZE + 1])
    more, pks = len(pks) > SIZE, pks[:SIZE]
    found = {each.pk: each for each in Document.objects.filter(pk__in=pks).select_related("company")}
    judged = verdicts.of_all(pks)
    return Table(
        counts=[
            Count(str(each), each.label, *TONES[each], numbers[each], each == state)
            for each in _ORDER
            if numbers.get(each)
        ],
        lines=[_line(found[pk], judged.get(pk)) for pk in pks if pk in found],
        state=state,
        next=page + 1 if more else 0,
    )


def _line(document: Document, verdict: Verdict | None) -> Line:
    tone, icon = TONES[document.verdict]
    found = verdicts.findings(verdict)
    return Line(
        document=document,
        url=reverse("document", kwargs={"company": document.company.slug, "pk": document.pk}),
        tone=tone,
        icon=icon,
        label=Check(document.verdict).label,
        words=headline(verdict) if verdict is not None and document.verdict != Check.NOT_JUDGED else "",
        first=said(found[0]) if found else None,
    )


# -- the rules that this release knows ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """A rule set in its newest version."""

    title: str
    version: str
    applies_from: Any


def known() -> list[Known]:
    """The rule sets of this release, by title."""
    language = get_language() or "en"
    found = {
        (i18n.translate(profile.title, language), profile.versions[-1].version): profile.versions[-1].applies_from
        for profile in pipeline.profiles()
        if profile.versions
    }
    return [Known(title, version, day) for (title, version), day in sorted(found.items())]

"""What the official rules say of documents: judging a file, keeping the verdict, reading it again.

    judge = Judge(enclosed)
    document.judged = judge.of(document)        # before it is written
    keep([document])                            # in the transaction that writes it

A verdict is information: it decides nothing, and nothing that arrives waits for it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

import msgspec
from django.utils import timezone

from fatto import i18n, pipeline
from fatto.envelopes.enclosed import Enclosed
from fatto.portal.documents.models import Direction, Document, Verdict
from fatto.portal.documents.states import Check
from fatto.rules import messages
from fatto.rules import verdict as rules
from fatto.rules.finding import Finding
from fatto.rules.messages import Said

_log = logging.getLogger("fatto.documents")

MOST = 200
"""Findings of a document that are kept; how many there are besides is counted."""
MAY_BE_SENT = timedelta(days=45)
"""An issued invoice that is not older than this may be one that is yet to be sent (deferred invoices of a month
are sent until the 15th of the next)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the rules said of a file."""

    state: Check
    sets: Mapping[str, Any] = field(default_factory=dict)
    errors: int = 0
    warnings: int = 0
    findings: str = ""


@cache
def edition() -> str:
    """All rule sets of this release with all their versions, in a few letters: other letters, other rules."""
    known = (f"{profile.name} {each.version}" for profile in pipeline.profiles() for each in profile.versions)
    return hashlib.sha256("\n".join(sorted(known)).encode()).hexdigest()[:16]


def day(document: Document) -> date:
    """The day whose rules count: its own; of an issued one that may yet be sent, the day it was handed in."""
    arrived = document.received_at.date()
    own = document.issue_date or arrived
    if document.direction == Direction.ISSUED and own >= arrived - MAY_BE_SENT:
        return max(own, arrived)
    return own


class Judge:
    """The verdict over one file, found once for all the invoices in it: it is accepted or refused as a whole."""

    def __init__(self, enclosed: Enclosed) -> None:
        self._enclosed = enclosed
        self._found: dict[tuple[str, ...], Judged] = {}

    def of(self, document: Document) -> Judged | None:
        """The verdict by the rules of the document's day; None when an error of ours came between."""
        on = day(document)
        versions = tuple(pipeline.rules(on).values())
        if versions not in self._found:
            try:
                self._found[versions] = judged(pipeline.check(self._enclosed, on))
            except Exception:
                # Whatever happens here, the document is filed; it is judged again with the next rules.
                _log.exception("a document could not be judged", extra={"event": "verdict"})
                return None
        return self._found[versions]


def judged(found: rules.Verdict) -> Judged:
    """A verdict of the library as it is kept."""
    if any(each.code == rules.UNKNOWN for each in found.structure):
        return Judged(state=Check.NOT_JUDGED)
    errors, warnings = found.count("fatal"), found.count("warning")
    findings = found.worst(MOST)
    return Judged(
        state=Check.ACCEPTED if found.accepted and not warnings else Check.WARNINGS if found.accepted else Check.FAILED,
        sets={
            name: {"version": each.version, "from": each.applies_from.isoformat()} for name, each in found.sets.items()
        },
        errors=errors,
        warnings=warnings,
        findings=msgspec.json.encode(findings).decode() if findings else "",
    )


def keep(documents: Iterable[Document]) -> None:
    """Write the verdicts of documents that were just written."""
    now = timezone.now()
    Verdict.objects.bulk_create(
        [_row(each, each.judged, now) for each in documents if each.judged is not None], batch_size=200
    )


def replace(document: Document, found: Judged | None) -> None:
    """Write another verdict in place of the one there is; nothing else of the document changes."""
    state = found.state if found is not None else Check.NOT_JUDGED
    if document.verdict != state:
        Document.objects.filter(pk=document.pk).update(verdict=state)
    if found is None:
        Verdict.objects.filter(document=document).delete()
        return
    row = _row(document, found, timezone.now())
    names = ("edition", "sets", "errors", "warnings", "findings", "judged_at")
    values = {name: getattr(row, name) for name in names}
    if not Verdict.objects.filter(document=document).update(**values):
        row.save(force_insert=True)


def _row(document: Document, found: Judged, now: Any) -> Verdict:
    return Verdict(
        firm_id=document.firm_id,
        company_id=document.company_id,
        document=document,
        edition=edition(),
        sets=dict(found.sets),
        errors=found.errors,
        warnings=found.warnings,
        findings=found.findings,
        judged_at=now,
    )


# -- reading ------------------------------------------------------------------------------------------------------


def of(document: Document) -> Verdict | None:
    """The verdict over a document of the scope; None while it was not judged."""
    return Verdict.objects.filter(document=document).first()


def of_all(documents: Sequence[int]) -> dict[int, Verdict]:
    """The verdicts over several, by the documents' numbers."""
    return {each.document_id: each for each in Verdict.objects.filter(document__in=documents)}


def findings(verdict: Verdict | None) -> list[Finding]:
    """What was found, errors before warnings, as it stands in the document."""
    return msgspec.json.decode(verdict.findings, type=list[Finding]) if verdict and verdict.findings else []


def titles(verdict: Verdict, language: str) -> dict[str, str]:
    """The rule sets that were asked, with their versions, those of Europe first: name → `CIUS-RO 1.0.9`."""
    order = [profile.name for profile in pipeline.profiles()]
    known = sorted(verdict.sets, key=lambda name: (order.index(name) if name in order else len(order), name))
    return {
        name: f"{i18n.translate(pipeline.rules_title(name), language)} {verdict.sets[name]['version']}"
        for name in known
    }


def said(finding: Finding, language: str) -> Said:
    """What is wrong, and how to mend it."""
    return messages.say(finding, language)

"""The verbs in their order: open, read, check. The file to read first.

    for enclosed in pipeline.open(path):                # peel mails, archives, signatures
        for reading in pipeline.read(enclosed):         # bytes → invoices
            print(reading.invoice.number)
        print(pipeline.check(enclosed).accepted)        # the official rules over the XML as received

Each step takes a value and gives a new one; none reaches back. Only here do the formats of the
countries meet the layers below, which know no country.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import BinaryIO

from fatto import countries, envelopes, formats
from fatto.envelopes import Enclosed, Limits
from fatto.errors import FattoError
from fatto.formats import Format, Reading
from fatto.rules import en16931, verdict
from fatto.rules.ruleset import Profile, Sent
from fatto.rules.verdict import Verdict


def open(  # noqa: A001  # reads as `pipeline.open`
    source: bytes | BinaryIO | Path, name: str | None = None, limits: Limits | None = None
) -> Iterator[Enclosed]:
    """A file as it arrived → the files in it, one at a time: archives, mails and signatures are peeled.

    `source` is a path, the bytes, or an open binary file; `name` is what to call it (a path has one).
    What cannot be peeled comes out as an `Enclosed` with an `error`; nothing raises for what is inside.
    Memory stays that of the largest member, as long as the caller lets go of what it was given.
    """
    if isinstance(source, Path):
        with builtins.open(source, "rb") as file:
            yield from open(file, name or source.name, limits)
        return
    yield from envelopes.open(source, name or "", limits or Limits())


def read(enclosed: Enclosed) -> tuple[Reading, ...]:
    """A file out of an envelope → its invoices: one, or several when it carries a lot.

    Raises `FattoError` when there is none: with the reason for which opening failed, with the reason
    why the bytes are unreadable, or with `not-an-invoice` for a receipt, seal or message that is known.
    What is wrong within an invoice is in the findings of its reading.
    """
    return formats.read(enclosed, _formats(), countries.notices())


def check(enclosed: Enclosed, day: date | None = None, *, as_sent: bool = False) -> Verdict:
    """A file out of an envelope → the official verdict over it: structure, EN 16931, rules of its country.

    `day` chooses the versions of the rules: those that applied then; today's for None. With `as_sent` also the
    file around it is judged: its name, its size, whether it is signed. Raises `FattoError` as `read` does for
    what could not be opened or is no invoice; what is wrong in it is in the verdict.
    """
    if enclosed.error is not None or enclosed.kind != "xml":
        read(enclosed)
    sent = None
    if as_sent:
        signed = bool(enclosed.signers) or "cms" in enclosed.peeled
        sent = Sent(name=enclosed.name.rpartition("/")[2], size=len(enclosed.file), signed=signed)
    found = verdict.check(enclosed.data, profiles(), day, sent)
    if any(each.code == verdict.UNKNOWN for each in found.structure):
        read(enclosed)
    return found


@lru_cache(1024)
def rules(day: date | None = None) -> Mapping[str, str]:
    """The rule sets that this release knows: name → version, as they apply on a day; today's for None."""
    found = ((profile.name, profile.version(day)) for profile in profiles())
    return {name: each.version for name, each in found if each is not None}


@cache
def profiles() -> tuple[Profile, ...]:
    """The rule sets themselves, with their titles and all their versions: those of Europe, then of each country."""
    return (*en16931.profiles(), *countries.profiles())


def attachment(enclosed: Enclosed, reading_index: int, attachment_index: int) -> bytes | None:
    """The content of a supporting document: `Reading.index`, then `Attachment.index`.

    None when the document only names or links it, or when its content is damaged. Raises as `read`.
    """
    return formats.attachment(enclosed, _formats(), reading_index, attachment_index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file out of an envelope with what was read in it, or with the reason why nothing was."""

    enclosed: Enclosed
    readings: tuple[Reading, ...] = ()
    error: FattoError | None = None


def documents(
    source: bytes | BinaryIO | Path, name: str | None = None, limits: Limits | None = None
) -> Iterator[Document]:
    """Both steps at once, nothing raised for what is inside: every file of the source with its invoices."""
    for enclosed in open(source, name, limits):
        try:
            yield Document(enclosed=enclosed, readings=read(enclosed))
        except FattoError as error:
            yield Document(enclosed=enclosed, error=error)


def format_title(name: str) -> str:
    """What a format is called by people, marked for translation; the name itself when no format has it."""
    return next((each.title for each in _formats() if each.name == name), name)


def rules_title(name: str) -> str:
    """What a rule set is called by people, marked for translation; the name itself when no profile has it."""
    return next((each.title for each in profiles() if each.name == name), name)


@cache
def _formats() -> tuple[Format, ...]:
    """All that is offered: the international syntaxes, then those of one country."""
    return (*formats.international(), *countries.formats())

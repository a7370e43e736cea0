"""Many documents together: the bar under a list, the summary before, the report after, and the corner meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from fatto.portal.documents.models import Batch, BatchItem
from fatto.portal.documents.queries import Filters
from fatto.portal.flow import bulk, issue
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web.listing import Addresses

_KEY = "bulk"
Outcome = BatchItem.Outcome
State = Batch.State
Verb = Batch.Verb

TONES = {
    Outcome.READY: ("progress", "hourglass"),
    Outcome.DONE: ("done", "circle-check"),
    Outcome.ASKED: ("waiting", "user-check"),
    Outcome.SKIPPED: ("waiting", "circle-minus"),
    Outcome.UNDONE: ("neutral", "undo-2"),
    Outcome.KEPT: ("waiting", "circle-minus"),
}


@dataclass(frozen=True, slots=True)
class Deed:
    """A button of the bar. `key` is the key that presses it."""

    do: str
    label: Any
    icon: str
    key: str = ""
    first: bool = False


DEEDS: tuple[tuple[Can, Deed], ...] = (
    (Can.DOCUMENT_DECIDE, Deed(Verb.APPROVE, pgettext_lazy("many documents", "Approve"), "check", "a", True)),
    (Can.DOCUMENT_DECIDE, Deed(Verb.DISPUTE, pgettext_lazy("many documents", "Dispute"), "message-circle-x", "d")),
    (Can.DOCUMENT_BOOK, Deed(Verb.BOOK, pgettext_lazy("many documents", "Mark as booked"), "book-check", "e", True)),
    (Can.DOCUMENT_SEND, Deed(Verb.SEND, pgettext_lazy("many documents", "Send"), "send")),
)
"""What can be done with many, each with the right it needs. A deed of another kind is one line more."""

FILES: tuple[Deed, ...] = (
    Deed("zip", _("Originals (ZIP)"), "file-archive"),
    Deed("xlsx", _("Excel (XLSX)"), "file-spreadsheet"),
    Deed("csv", _("Text table (CSV)"), "file-text"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """The bar of a list: where its form leads, what its buttons are, and which list "all" means."""

    url: str
    count_url: str
    query: str
    after: str
    deeds: list[Deed]
    files: tuple[Deed, ...] = FILES
    more: bool = False
    """Are there further pages? Then "all" is more than what is ticked here."""


def bar(actor: Actor, filters: Filters, *, after: str, more: bool) -> Bar | None:
    """The bar for what this actor may do with the list; None for programs and where nothing may be read."""
    if actor.member is None or not actor.can(Can.DOCUMENT_READ):
        return None
    urls, query = Addresses(actor), filters.to_query()
    return Bar(
        url=urls.of_list("bulk"),
        count_url=urls.of_list("bulk-count", query),
        query=query,
        after=after,
        deeds=[deed for can, deed in DEEDS if actor.can(can) and (deed.do != Verb.SEND or issue.sends(actor))],
        more=more,
    )


# -- in words -----------------------------------------------------------------------------------------------------


def title(batch: Batch) -> str:
    """What the batch is, as a heading."""
    return {
        Verb.APPROVE: _("Approve several documents"),
        Verb.DISPUTE: _("Dispute several documents"),
        Verb.BOOK: _("Mark several documents as booked"),
        Verb.SEND: _("Send several invoices"),
    }[Verb(batch.verb)]


def will(verb: str, n: int) -> str:
    """What is about to happen."""
    text = {
        Verb.APPROVE: lambda: ngettext("%(n)s will be approved", "%(n)s will be approved", n),
        Verb.DISPUTE: lambda: ngettext("%(n)s will be disputed", "%(n)s will be disputed", n),
        Verb.BOOK: lambda: ngettext("%(n)s will be marked as booked", "%(n)s will be marked as booked", n),
        Verb.SEND: lambda: ngettext("%(n)s will be sent", "%(n)s will be sent", n),
    }[Verb(verb)]()
    return text % {"n": n}


def was(verb: str, n: int) -> str:
    """What happened."""
    text = {
        Verb.APPROVE: lambda: ngettext("%(n)s approved", "%(n)s approved", n),
        Verb.DISPUTE: lambda: ngettext("%(n)s disputed", "%(n)s disputed", n),
        Verb.BOOK: lambda: ngettext("%(n)s marked as booked", "%(n)s marked as booked", n),
        Verb.SEND: lambda: ngettext("%(n)s to be sent", "%(n)s to be sent", n),
    }[Verb(verb)]()
    return text % {"n": n}


def outcome_text(batch: Batch, outcome: str, n: int) -> str:
    """A number of documents with what became of them."""
    if outcome == Outcome.READY:
        return will(batch.verb, n)
    if outcome == Outcome.DONE:
        return was(batch.verb, n)
    text = {
        Outcome.ASKED: lambda: ngettext("%(n)s waits for another person", "%(n)s wait for another person", n),
        Outcome.SKIPPED: lambda: ngettext("%(n)s left out", "%(n)s left out", n),
        Outcome.UNDONE: lambda: ngettext("%(n)s taken back", "%(n)s taken back", n),
        Outcome.KEPT: lambda: ngettext("%(n)s not taken back", "%(n)s not taken back", n),
    }[Outcome(outcome)]()
    return text % {"n": n}


def why_text(why: str, note: str, n: int) -> str:
    """A number of documents with why they were left out or kept."""
    text = {
        "alerts": lambda: ngettext("%(n)s needs a second look", "%(n)s need a second look", n),
        "booked": lambda: ngettext("%(n)s is booked already", "%(n)s are booked already", n),
        "excluded": lambda: ngettext("%(n)s is not meant to be booked", "%(n)s are not meant to be booked", n),
        "approved": lambda: ngettext("%(n)s is approved already", "%(n)s are approved already", n),
        "disputed": lambda: ngettext("%(n)s is disputed", "%(n)s are disputed", n),
        "not-asked": lambda: ngettext("%(n)s needs no approval", "%(n)s need no approval", n),
        "gone": lambda: ngettext("%(n)s cannot be seen any more", "%(n)s cannot be seen any more", n),
        "moved": lambda: ngettext("%(n)s was changed since", "%(n)s were changed since", n),
        "faults": lambda: ngettext("%(n)s would be refused as it is", "%(n)s would be refused as they are", n),
        "failed": lambda: ngettext("%(n)s was refused before", "%(n)s were refused before", n),
        "on-its-way": lambda: ngettext("%(n)s is on its way already", "%(n)s are on their way already", n),
        "not-to-send": lambda: ngettext("%(n)s is nothing to be sent", "%(n)s are nothing to be sent", n),
        "left": lambda: ngettext("%(n)s has left already", "%(n)s have left already", n),
        "not-allowed": lambda: ngettext(
            "%(n)s because your role does not allow it any more",
            "%(n)s because your role does not allow it any more",
            n,
        ),
    }.get(why)
    return text() % {"n": n} if text is not None else f"{n}: {note}"


@dataclass(frozen=True, slots=True)
class Part:
    """Some documents of a batch, in words, with the address that lists them."""

    text: str
    count: int
    tone: str
    icon: str
    url: str
    chosen: bool = False
    why: tuple[Part, ...] = ()

    @property
    def tone_class(self) -> str:
        return f"tone-{self.tone}"


def parts(batch: Batch, here: str, outcome: str = "", why: str = "") -> list[Part]:
    """What became, or will become, of the documents: each outcome, and why some were left out."""
    numbers = bulk.outcomes(batch)
    found = []
    for kind in Outcome:
        count = numbers.get(kind, 0)
        if not count:
            continue
        inner: list[Part] = []
        if kind in (Outcome.SKIPPED, Outcome.KEPT):
            inner = [
                Part(
                    why_text(word, note, n),
                    n,
                    "action" if word == "alerts" else "neutral",
                    "",
                    f"{here}?outcome={kind}" + (f"&why={word}" if word else ""),
                    outcome == kind and bool(word) and why == word,
                )
                for (word, note), n in bulk.reasons(batch, kind).items()
            ]
        tone, icon = TONES[kind]
        found.append(
            Part(
                outcome_text(batch, kind, count),
                count,
                tone,
                icon,
                f"{here}?outcome={kind}",
                outcome == kind and not why,
                tuple(inner),
            )
        )
    return found


def in_short(batch: Batch, numbers: dict[str, int]) -> str:
    """`117 approved, 11 left out`: for the bar in the corner."""
    kinds: Iterable[Outcome] = (
        (Outcome.UNDONE, Outcome.KEPT)
        if batch.state in (State.UNDOING, State.UNDONE)
        else (Outcome.DONE, Outcome.ASKED, Outcome.SKIPPED)
    )
    texts = [outcome_text(batch, kind, numbers[kind]) for kind in kinds if numbers.get(kind)]
    return ", ".join(texts) or was(batch.verb, 0)


# -- the corner ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Corner:
    """A batch as the corner of any page shows it."""

    batch: Batch
    url: str
    text: str
    done: int
    total: int
    after: str = ""

    @property
    def running(self) -> bool:
        return self.batch.state in (State.RUNNING, State.UNDOING) and self.batch.failed_at is None

    @property
    def undoable(self) -> bool:
        return self.batch.state == State.DONE and self.done > 0

    @property
    def left(self) -> bool:
        """Is there anything in its report that the sentence does not say?"""
        return self.done < self.total


def corner(batch: Batch, url: str, after: str = "") -> Corner:
    """How far a batch is."""
    numbers = bulk.outcomes(batch)
    total = sum(numbers.values())
    if batch.state == State.RUNNING:
        done = total - numbers.get(Outcome.READY, 0)
    elif batch.state == State.UNDOING:
        done = numbers.get(Outcome.UNDONE, 0) + numbers.get(Outcome.KEPT, 0)
        total = done + numbers.get(Outcome.DONE, 0) + numbers.get(Outcome.ASKED, 0)
    else:
        done = numbers.get(Outcome.DONE, 0) + numbers.get(Outcome.ASKED, 0)
    return Corner(batch=batch, url=url, text=in_short(batch, numbers), done=done, total=total, after=after)


def remember(request: HttpRequest, batch: Batch) -> None:
    """The next list that this person opens tells of the batch."""
    request.session[_KEY] = batch.pk


def take(request: HttpRequest, actor: Actor) -> Corner | None:
    """What the corner tells; once."""
    pk = request.session.pop(_KEY, None)
    if not isinstance(pk, int):
        return None
    try:
        batch = bulk.get(actor, pk)
    except Batch.DoesNotExist:
        return None
    return corner(batch, address(actor, batch), request.get_full_path())


def address(actor: Actor, batch: Batch) -> str:
    """The page of a batch: its summary, later its report."""
    if actor.company is not None:
        return reverse("company-documents-batch", kwargs={"company": actor.company.slug, "bulk": batch.pk})
    return reverse("firm-documents-batch", kwargs={"firm": actor.firm.slug, "bulk": batch.pk})

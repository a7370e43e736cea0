"""A list of documents: its addresses, its rows, its standing views, and its filters in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from fatto import i18n, money
from fatto.portal.approvals.models import Kind
from fatto.portal.documents import asking
from fatto.portal.documents.asking import Amounts, Days, Named, Near, Term
from fatto.portal.documents.models import Direction, Document, SavedView
from fatto.portal.documents.queries import MINE, Filters, Page
from fatto.portal.documents.sentence import Chip, chips, headline
from fatto.portal.documents.states import Check
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company

VIEWS: dict[str, Any] = {
    "to-approve": _("To approve"),
    "mine": _("For you to approve"),
    "approved": pgettext_lazy("list", "Approved"),
    "disputed": pgettext_lazy("list", "Disputed"),
    "to-book": _("Ready to book"),
    "unconfirmed": _("Not approved yet"),
    "booked": pgettext_lazy("list", "Booked"),
    "question": _("Open questions"),
    "invalid": _("With errors"),
    "credit": _("Credit notes"),
    "failed": pgettext_lazy("list", "Failed"),
    "to-send": _("Not sent yet"),
    "on-its-way": _("On the way"),
}
"""The named states of `queries.VIEWS` in words."""

SORTS: dict[str, Any] = {
    "-date": _("Newest date first"),
    "date": _("Oldest date first"),
    "-received": _("Last arrived first"),
    "received": _("First arrived first"),
    "-amount": _("Largest amount first"),
    "amount": _("Smallest amount first"),
    "due": _("Due first"),
    "-due": _("Due last"),
    "party": _("Party, from A to Z"),
    "-party": _("Party, from Z to A"),
}

LABELS: dict[str, Any] = {
    "direction": _("Direction"),
    "view": _("State"),
    "words": _("Text"),
    "party": _("Party"),
    "number": _("Number"),
    "date_from": _("Dated from"),
    "date_to": _("Dated to"),
    "amount_min": _("Amount from"),
    "amount_max": _("Amount to"),
    "company": _("Company"),
}


FIELDS: dict[str, Any] = {
    "supplier": _("Supplier"),
    "customer": _("Customer"),
    "party": _("Party"),
    "number": _("Number"),
    "vat": _("Tax number"),
    "iban": _("IBAN"),
    "amount": _("Amount"),
    "date": _("Date"),
    "due": _("Due date"),
    "received": pgettext_lazy("column", "Received"),
    "is": _("State"),
    "has": pgettext_lazy("search", "With"),
    "verdict": _("Official check"),
    "alert": pgettext_lazy("search", "Alert"),
    "direction": _("Direction"),
    "tag": _("Tag"),
    "center": _("Cost centre"),
    "channel": _("Channel"),
    "by": _("Brought in by"),
    "company": _("Company"),
    asking.WORDS: _("Text"),
    asking.EXACT: _("Exact text"),
    asking.MISREAD: _("Not understood"),
}
"""What can be asked for, in words."""

STATES: dict[str, Any] = VIEWS | {
    "unbooked": pgettext_lazy("list", "Not booked yet"),
    "excluded": pgettext_lazy("list", "Excluded"),
    "unread": pgettext_lazy("list", "Unread"),
}

THINGS: dict[str, Any] = {
    "attachment": _("attachments"),
    "alert": pgettext_lazy("search", "alerts"),
    "comment": _("comments"),
}

PERIODS: dict[str, Any] = {
    "today": _("today"),
    "yesterday": _("yesterday"),
    "this-week": _("this week"),
    "last-week": _("last week"),
    "this-month": _("this month"),
    "last-month": _("last month"),
    "next-month": _("next month"),
    "this-year": _("this year"),
    "last-year": _("last year"),
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the desk of a space is: the same list and the same viewer serve a company and a firm."""

    actor: Actor

    def desk(self, query: str = "") -> str:
        """The list."""
        if self.actor.company is not None:
            url = reverse("company-documents", kwargs={"company": self.actor.company.slug})
        else:
            url = reverse("firm-documents", kwargs={"firm": self.actor.firm.slug})
        return f"{url}?{query}" if query else url

    def document(self, pk: int, query: str = "") -> str:
        """A document beside the list."""
        if self.actor.company is not None:
            url = reverse("document", kwargs={"company": self.actor.company.slug, "pk": pk})
        else:
            url = reverse("firm-document", kwargs={"firm": self.actor.firm.slug, "pk": pk})
        return f"{url}?{query}" if query else url

    def of_list(self, what: str, query: str = "", **kwargs: int) -> str:
        """What belongs to the list: `suggest`, `csv`, `xlsx`, `views`, `view`, `read`, `bulk`, `bulk-count`."""
        if self.actor.company is not None:
            url = reverse(f"company-documents-{what}", kwargs={"company": self.actor.company.slug, **kwargs})
        else:
            url = reverse(f"firm-documents-{what}", kwargs={"firm": self.actor.firm.slug, **kwargs})
        return f"{url}?{query}" if query else url

    def upload(self) -> str:
        """Where files are added."""
        if self.actor.company is not None:
            return reverse("company-upload", kwargs={"company": self.actor.company.slug})
        return reverse("firm-upload", kwargs={"firm": self.actor.firm.slug})


@dataclass(frozen=True, slots=True)
class Row:
    """A document in a list: its headline chip, and dots for the other states."""

    document: Document
    url: str
    chip: Chip
    dots: list[Chip]
    chosen: bool = False
    with_company: bool = False

    @property
    def alerts(self) -> list[Any]:
        """What the guards found and nobody confirmed, in words."""
        return [Kind(kind).label for kind in self.document.alerts if kind in Kind.values]

    @property
    def approval(self) -> Chip:
        """What the company says of it, in a list where all else is the same."""
        return self._of("approval")

    @property
    def booking(self) -> Chip:
        """Where the firm's work on it stands."""
        return self._of("booking")

    @property
    def transmission(self) -> Chip:
        """Its way through the authority's exchange."""
        return self._of("transmission")

    def _of(self, axis: str) -> Chip:
        return next(chip for chip in (self.chip, *self.dots) if chip.axis == axis)


@dataclass(frozen=True, slots=True)
class Tab:
    """One of several ways to look, as a link that works without script."""

    name: str
    label: Any
    url: str
    chosen: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A filter that is on, in words, with the address of the list without it."""

    label: Any
    value: Any
    url: str
    negated: bool = False
    misread: bool = False
    """Not understood, and looked for as words."""


def row(document: Document, urls: Addresses, query: str = "", chosen: int | None = None) -> Row:
    """A line of the list. The state on which something waits is told in a word, the others by dots."""
    first = headline(document)
    return Row(
        document=document,
        url=urls.document(document.pk, query),
        chip=first,
        dots=[chip for chip in chips(document) if chip.axis != first.axis],
        chosen=document.pk == chosen,
        with_company=urls.actor.company is None,
    )


def tabs(filters: Filters, urls: Addresses, saved: list[SavedView] | None = None) -> list[Tab]:
    """The standing views over the list: the three folders, what waits for whom; then those that were saved."""
    found = [Tab("", pgettext_lazy("documents", "All"), urls.desk(), not filters.active())]
    found += [
        Tab(
            each.value,
            each.label,
            urls.desk(f"direction={each.value}"),
            filters.active() == [("direction", each.value)],
        )
        for each in Direction
    ]
    found += [
        Tab(name, VIEWS[name], urls.desk(f"view={name}"), filters.active() == [("view", name)])
        for name in ("to-approve", "disputed", "question", "invalid", "to-book", "booked")
    ]
    here = filters.to_query()
    found += [Tab(f"view-{view.pk}", view.name, urls.desk(view.query), view.query == here) for view in saved or []]
    return found


def box(filters: Filters) -> str:
    """What stands in the search box: the question in the reader's language, and the words of older addresses."""
    return asking.write((*asking.of_text(filters.words), *asking.read(filters.ask)), get_language() or "en")


def neutral(filters: Filters) -> Filters:
    """The same filters with the question in English: how they are kept for readers of any language."""
    terms = (*asking.of_text(filters.words), *asking.read(filters.ask))
    return replace(filters, words="", ask=asking.write(terms))


def limits(filters: Filters, urls: Addresses, companies: list[Company]) -> list[Limit]:
    """The filters that are on."""
    empty = Filters()
    found = [
        Limit(
            LABELS[name],
            _in_words(name, value, companies),
            urls.desk(filters.to_query(**{name: getattr(empty, name)})),
        )
        for name, value in filters.active()
        if name != "ask"
    ]
    terms = asking.read(filters.ask)
    language = get_language() or "en"
    for place, term in enumerate(terms):
        rest = asking.write((*terms[:place], *terms[place + 1 :]), language)
        url = urls.desk(filters.to_query(ask=rest))
        found.append(
            Limit(FIELDS[term.field], term_in_words(term, language), url, term.negated, term.field == asking.MISREAD)
        )
    return found


def term_in_words(term: Term, language: str) -> Any:
    """The value of a term as a person says it."""
    value = term.value
    if isinstance(value, Amounts):
        low, high = (money.amount(each, language) if each is not None else "" for each in (value.low, value.high))
        return _range(low, high, value.low_open, value.high_open)
    if isinstance(value, Days):
        short = asking.value_text(term, language)
        if len(short) < 8 and short[:1].isdigit():
            return short
        first, last = (i18n.day(each, language) if each else "" for each in (value.first, value.last))
        return _range(first, last)
    if isinstance(value, Named):
        return PERIODS[value.name]
    if isinstance(value, Near):
        return _near(term.field, value)
    if term.field == "is":
        return STATES[value]
    if term.field == "verdict":
        return Check(value).label
    if term.field == "direction":
        return Direction(value).label
    if term.field == "has":
        return THINGS[value]
    if term.field == "alert":
        return Kind(value).label
    if term.field == "by" and value == "me":
        return _("me")
    return value


def _range(low: str, high: str, low_open: bool = False, high_open: bool = False) -> str:
    if low == high:
        return low
    if low and high:
        return f"{low} – {high}"
    text = (
        (gettext("more than %(value)s") if low_open else gettext("from %(value)s"))
        if low
        else (gettext("less than %(value)s") if high_open else gettext("up to %(value)s"))
    )
    return text % {"value": low or high}


def _near(field: str, value: Near) -> str:
    n = value.days
    if field == "due" and value.side == "<":
        text = ngettext("within %(n)s day", "within %(n)s days", n)
    elif field == "due":
        text = ngettext("in more than %(n)s day", "in more than %(n)s days", n)
    elif value.side == "<":
        text = ngettext("in the last %(n)s day", "in the last %(n)s days", n)
    else:
        text = ngettext("more than %(n)s day ago", "more than %(n)s days ago", n)
    return text % {"n": n}


def around(page: Page, filters: Filters, url: str) -> dict[str, str]:
    """The addresses of the pages before and after."""
    query = filters.to_query()

    def at(cursor: str) -> str:
        return f"{url}?{'&'.join(part for part in (query, urlencode({'cursor': cursor})) if part)}" if cursor else ""

    return {"next_url": at(page.next), "previous_url": at(page.previous)}


def _in_words(name: str, value: Any, companies: list[Company]) -> Any:
    language = get_language() or "en"
    if name == "direction":
        return Direction(value).label
    if name == "view":
        return VIEWS.get(value, value)
    if name == "company" and value == MINE:
        return _("My clients")
    if name == "company":
        return next((each.name for each in companies if each.slug == value), value)
    if isinstance(value, date):
        return i18n.day(value, language)
    if isinstance(value, Decimal):
        return money.amount(value, language)
    return value

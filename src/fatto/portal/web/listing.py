"""A list of documents: its addresses, its rows, its standing views, and its filters in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from fatto import i18n, money
from fatto.portal.documents.models import Direction, Document
from fatto.portal.documents.queries import Filters, Page
from fatto.portal.documents.sentence import Chip, chips, headline
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company

VIEWS: dict[str, Any] = {
    "to-approve": _("To approve"),
    "approved": pgettext_lazy("list", "Approved"),
    "disputed": pgettext_lazy("list", "Disputed"),
    "to-book": _("Ready to book"),
    "unconfirmed": _("Not approved yet"),
    "booked": pgettext_lazy("list", "Booked"),
    "credit": _("Credit notes"),
}
"""The named states of `queries.VIEWS` in words."""

SORTS: dict[str, Any] = {
    "-date": _("Newest date first"),
    "date": _("Oldest date first"),
    "-received": _("Last arrived first"),
    "-amount": _("Largest amount first"),
    "amount": _("Smallest amount first"),
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
    def approval(self) -> Chip:
        """What the company says of it, in a list where all else is the same."""
        return next(chip for chip in (self.chip, *self.dots) if chip.axis == "approval")


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


def tabs(filters: Filters, urls: Addresses) -> list[Tab]:
    """The standing views over the list: the three folders, and what waits for whom."""
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
        for name in ("to-approve", "disputed", "to-book", "booked")
    ]
    return found


def limits(filters: Filters, urls: Addresses, companies: list[Company]) -> list[Limit]:
    """The filters that are on."""
    empty = Filters()
    return [
        Limit(
            LABELS[name],
            _in_words(name, value, companies),
            urls.desk(filters.to_query(**{name: getattr(empty, name)})),
        )
        for name, value in filters.active()
    ]


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
    if name == "company":
        return next((each.name for each in companies if each.slug == value), value)
    if isinstance(value, date):
        return i18n.day(value, language)
    if isinstance(value, Decimal):
        return money.amount(value, language)
    return value

"""Reading documents: lists with filters and cursors, one document, its neighbours, counts, contents.

Every filter is in the URL. Lists name the company or the firm, never both, and carry an index for
each order; see `docs/performance.md` for what was measured.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from fatto import countries, envelopes, pipeline
from fatto.envelopes.enclosed import Enclosed, Signer
from fatto.errors import FattoError
from fatto.formats.format import Reading
from fatto.invoice.model import Invoice
from fatto.portal.documents import vault, words
from fatto.portal.documents.models import Delivery, DeliveryItem, Direction, Document, Quarantined, Tally
from fatto.portal.documents.states import Approval, Booking
from fatto.portal.tenancy import scope
from fatto.portal.tenancy.models import Company
from fatto.rules.finding import Finding

SIZE = 50
_HEAVY = ("invoice", "findings", "signers", "words")

VIEWS: dict[str, Q] = {
    "to-approve": Q(booking=Booking.TO_BOOK, approval=Approval.TO_APPROVE),
    "approved": Q(approval=Approval.APPROVED),
    "disputed": Q(approval=Approval.DISPUTED),
    "to-book": Q(booking=Booking.TO_BOOK, approval__in=[Approval.APPROVED, Approval.NOT_REQUIRED]),
    "booked": Q(booking=Booking.BOOKED),
    "credit": Q(credit=True),
}
"""The named states that lists can be limited to."""

SORTS: dict[str, tuple[str, bool]] = {
    "-date": ("sort_date", True),
    "date": ("sort_date", False),
    "-amount": ("amount", True),
    "amount": ("amount", False),
    "-received": ("received_at", True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is limited to. Empty means everything; it comes from the URL and goes back into it."""

    direction: str = ""
    view: str = ""
    words: str = ""
    party: str = ""
    number: str = ""
    date_from: date | None = None
    date_to: date | None = None
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    company: str = ""
    """A company's slug; in a firm's space only."""
    sort: str = "-date"

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Filters:
        """From the URL; what makes no sense is left out, so that an old bookmark still opens."""
        values: dict[str, Any] = {
            name: (query.get(name) or "").strip()[:200]
            for name in ("direction", "view", "words", "party", "number", "company")
        }
        if values["direction"] not in Direction.values:
            values["direction"] = ""
        if values["view"] not in VIEWS:
            values["view"] = ""
        sort = query.get("sort") or "-date"
        return cls(
            **values,
            date_from=_day(query.get("date_from")),
            date_to=_day(query.get("date_to")),
            amount_min=_number(query.get("amount_min")),
            amount_max=_number(query.get("amount_max")),
            sort=sort if sort in SORTS else "-date",
        )

    def to_query(self, **changes: Any) -> str:
        """The query string of these filters, with changes; empty ones are left out."""
        changed = replace(self, **changes) if changes else self
        pairs = []
        for each in fields(changed):
            value = getattr(changed, each.name)
            if value not in ("", None) and not (each.name == "sort" and value == "-date"):
                pairs.append((each.name, str(value)))
        return urlencode(pairs)

    def active(self) -> list[tuple[str, Any]]:
        """The filters that limit something, by name."""
        return [
            (each.name, getattr(self, each.name))
            for each in fields(self)
            if each.name != "sort" and getattr(self, each.name) not in ("", None)
        ]


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, and the cursors to go on from; empty ones at the ends."""

    rows: list[Document]
    next: str
    previous: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The documents before and after one, in the order of a list."""

    previous: int | None
    next: int | None


def _rows(filters: Filters) -> QuerySet[Document]:
    rows = Document.objects.defer(*_HEAVY)
    if filters.company:
        # Named by its company alone: naming the firm as well made PostgreSQL choose a slow plan.
        company = Company.objects.filter(slug=filters.company).first()
        rows = Document._base_manager.defer(*_HEAVY).filter(company=company) if company else rows.none()
    if filters.direction:
        rows = rows.filter(direction=filters.direction)
    if filters.view:
        rows = rows.filter(VIEWS[filters.view])
    if filters.words:
        asked = words.query(filters.words)
        rows = rows.filter(pk__in=[]) if not asked else _matching(rows, asked)
    if filters.party:
        asked = words.query(filters.party)
        # The words find the rows by their index; the key makes sure that they stand in the party.
        found = _matching(rows, asked) if asked else rows.none()
        for token in words.tokens(filters.party):
            found = found.filter(party_key__contains=token)
        rows = found
    if filters.number:
        asked = words.number_query(filters.number)
        key = words.number_key(filters.number)
        rows = _matching(rows, asked).filter(number_key__contains=key) if asked else rows.none()
    if filters.date_from:
        rows = rows.filter(sort_date__gte=filters.date_from)
    if filters.date_to:
        rows = rows.filter(sort_date__lte=filters.date_to)
    if filters.amount_min is not None:
        rows = rows.filter(amount__gte=filters.amount_min)
    if filters.amount_max is not None:
        rows = rows.filter(amount__lte=filters.amount_max)
    return rows


def _matching(rows: QuerySet[Document], asked: str) -> QuerySet[Document]:
    return rows.filter(words=SearchQuery(asked, config="simple", search_type="raw"))


def page(filters: Filters, cursor: str = "", size: int = SIZE) -> Page:
    """A page of a list, from a cursor on. Documents of the scope only."""
    name, down = SORTS[filters.sort]
    rows = _rows(filters)
    if name == "amount":
        rows = rows.filter(amount__isnull=False)
    backwards, place = _from_cursor(cursor, name)
    if place is not None:
        rows = rows.filter(_beyond(name, down != backwards, *place))
    # Companies are fetched after: joined, they made PostgreSQL look for the words company by company.
    found = list(_ordered(rows, name, down != backwards).prefetch_related("company")[: size + 1])
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    further = bool(found) and (more or backwards)
    earlier = bool(found) and (place is not None if not backwards else more)
    return Page(
        rows=found,
        next=_to_cursor(found[-1], name, False) if further else "",
        previous=_to_cursor(found[0], name, True) if earlier else "",
    )


def neighbours(document: Document, filters: Filters) -> Neighbours:
    """What stands before and after a document in a list."""
    name, down = SORTS[filters.sort]
    if getattr(document, name) is None:
        return Neighbours(None, None)
    place = (getattr(document, name), document.pk)
    after = _ordered(_rows(filters).filter(_beyond(name, down, *place)), name, down)
    before = _ordered(_rows(filters).filter(_beyond(name, not down, *place)), name, not down)
    return Neighbours(
        before.values_list("pk", flat=True).first(),
        after.values_list("pk", flat=True).first(),
    )


def _ordered(rows: QuerySet[Document], name: str, down: bool) -> QuerySet[Document]:
    sign = "-" if down else ""
    return rows.order_by(f"{sign}{name}", f"{sign}id")


def _beyond(name: str, down: bool, value: Any, pk: int) -> Q:
    """Rows after (value, id). The first condition alone lets the index be entered at the right place."""
    side = "lt" if down else "gt"
    return Q(**{f"{name}__{side}e": value}) & (Q(**{f"{name}__{side}": value}) | Q(**{f"pk__{side}": pk}))


def _to_cursor(document: Document, name: str, backwards: bool) -> str:
    text = json.dumps([backwards, str(getattr(document, name)), document.pk])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _from_cursor(cursor: str, name: str) -> tuple[bool, tuple[Any, int] | None]:
    if not cursor:
        return False, None
    try:
        backwards, value, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        parse: dict[str, Callable[[str], Any]] = {
            "sort_date": date.fromisoformat,
            "amount": Decimal,
            "received_at": datetime.fromisoformat,
        }
        parsed = parse[name](value)
        if isinstance(parsed, Decimal) and not parsed.is_finite():
            return False, None
        return bool(backwards), (parsed, int(pk))
    except (ValueError, TypeError, InvalidOperation):
        return False, None


def get(pk: int) -> Document:
    """One document of the scope; `Document.DoesNotExist` for any other."""
    return Document.objects.select_related("company", "file", "uploaded_by").get(pk=pk)


def some(pks: Iterable[int]) -> list[Document]:
    """Several documents of the scope, in no order; others are simply not there."""
    return list(Document.objects.filter(pk__in=list(pks)).select_related("company", "file"))


# -- counts -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Numbers for the menu and the first page; each is the length of a list that can be opened."""

    to_approve: int = 0
    disputed: int = 0
    to_book: int = 0
    quarantine: int = 0


_WAITING = {"to_approve": VIEWS["to-approve"], "disputed": VIEWS["disputed"], "to_book": VIEWS["to-book"]}


def counts() -> Counts:
    """The numbers of the scope, out of the tally; those of an employee are counted one by one, being few."""
    actor = scope.current()
    if actor is not None and actor.only_by is not None:
        found = Document.objects.aggregate(**{name: Count("pk", filter=where) for name, where in _WAITING.items()})
    else:
        found = _seen(Tally.objects.all()).aggregate(**_sums(_WAITING))
    quarantine = Quarantined.objects.filter(state=Quarantined.State.OPEN).count()
    return Counts(**found, quarantine=quarantine)


def _seen(tally: QuerySet[Tally]) -> QuerySet[Tally]:
    """Without what a hard gate hides from the firm."""
    actor = scope.current()
    return tally.filter(open_to_firm=True) if actor is not None and actor.side == "firm" else tally


def _sums(views: Mapping[str, Q]) -> dict[str, Any]:
    return {name: Coalesce(Sum("n", filter=where), 0) for name, where in views.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a company stands, for the firm's portfolio."""

    company: Company
    to_approve: int = 0
    """Waiting for the company, those included that the firm may not see."""
    disputed: int = 0
    hidden: int = 0
    """Waiting or disputed behind a hard gate: told as a number only."""
    to_book: int = 0
    unconfirmed: int = 0
    """Waiting for the company, and visible to the firm."""
    oldest: date | None = None
    """The oldest that is ready to book."""
    last_arrival: datetime | None = None


def standings() -> list[Standing]:
    """Every company of the scope with its numbers, by name. Past hard gates only numbers are told."""
    ready = Document._base_manager.filter(VIEWS["to-book"], company=OuterRef("pk")).order_by("sort_date")
    companies = Company.objects.filter(active=True).annotate(oldest_to_book=Subquery(ready.values("sort_date")[:1]))
    rows = Tally.objects.values("company_id").annotate(
        **_sums(_WAITING),
        hidden=Coalesce(Sum("n", filter=Q(open_to_firm=False, booking=Booking.TO_BOOK)), 0),
        unconfirmed=Coalesce(Sum("n", filter=VIEWS["to-approve"] & Q(open_to_firm=True)), 0),
        last_arrival=Max("arrived_at"),
    )
    numbers: dict[int, dict[str, Any]] = {}
    for row in rows:
        values: dict[str, Any] = dict(row)
        numbers[values.pop("company_id")] = values
    return [
        Standing(company=company, oldest=company.oldest_to_book, **numbers.get(company.pk, {}))
        for company in companies.order_by("name")
    ]


# -- contents -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Content:
    """A document as its original bytes say, read anew."""

    document: Document
    original: bytes
    enclosed: Enclosed
    reading: Reading | None
    trouble: FattoError | None = field(default=None)


def invoice(document: Document) -> Invoice | None:
    """The canonical invoice as it was read on arrival; None for what is no invoice."""
    return countries.decode(document.invoice) if document.invoice else None


def findings(document: Document) -> list[Finding]:
    """What was found odd when it was read."""
    return msgspec.json.decode(document.findings, type=list[Finding]) if document.findings else []


def signers(document: Document) -> list[Signer]:
    """Who signed the original; not verified."""
    return msgspec.json.decode(document.signers, type=list[Signer]) if document.signers else []


def original(document: Document) -> bytes:
    """The original bytes, checked against their hash."""
    return vault.get(document.firm_id, document.file.sha256)


def content(document: Document) -> Content:
    """The original, opened and read again: what pages and PDFs are made from."""
    data = original(document)
    enclosed = next(iter(envelopes.open(data, document.name)))
    try:
        readings = pipeline.read(enclosed) if enclosed.error is None else ()
    except FattoError as error:
        return Content(document, data, enclosed, None, error)
    reading = next((each for each in readings if each.index == document.index), None)
    return Content(document, data, enclosed, reading, enclosed.error)


# -- deliveries ---------------------------------------------------------------------------------------------------


def deliveries(batch: Any = None, limit: int = 50) -> list[Delivery]:
    """Deliveries of a batch, or the latest of the scope's person."""
    rows = Delivery.objects.select_related("company", "by")
    if batch is not None:
        rows = rows.filter(batch=batch)
    actor = scope.current()
    if actor is not None and actor.only_by:
        rows = rows.filter(by_id=actor.only_by)
    return list(rows.order_by("-id")[:limit])


def items(delivery: Delivery, outcomes: Iterable[str] = (), after: int = -1, limit: int = 100) -> list[DeliveryItem]:
    """What became of the contents of a delivery, in order; a document that cannot be seen is not named."""
    rows = DeliveryItem.objects.filter(delivery=delivery, position__gt=after).order_by("position", "index")
    if outcomes:
        rows = rows.filter(outcome__in=list(outcomes))
    found = list(rows[:limit])
    visible = {row.pk: row for row in some(item.document_id for item in found if item.document_id)}
    for item in found:
        item.document = visible.get(item.document_id or 0)
    return found


def outcomes(delivery: Delivery) -> dict[str, int]:
    """How many of each outcome a delivery has."""
    rows = DeliveryItem.objects.filter(delivery=delivery).values_list("outcome").annotate(n=Count("pk"))
    return dict(rows)


def quarantine(state: str = Quarantined.State.OPEN) -> QuerySet[Quarantined]:
    """What fits no company, newest first."""
    return Quarantined.objects.filter(state=state).select_related("file", "company", "delivery").order_by("-id")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _number(text: str | None) -> Decimal | None:
    """An amount as typed, with comma or point: the last of the two is the decimal mark."""
    plain = (text or "").replace(" ", "").replace("\u00a0", "")
    if "," in plain and plain.rfind(",") > plain.rfind("."):
        plain = plain.replace(".", "").replace(",", ".")
    else:
        plain = plain.replace(",", "")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < 10**17 else None

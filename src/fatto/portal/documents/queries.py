"""Reading documents: lists with filters and cursors, one document, its neighbours, counts, contents.

Every filter is in the URL. Lists name the company or the firm, never both, and carry an index for
each order; see `docs/performance.md` for what was measured.
"""

from __future__ import annotations

import base64
import hashlib
import json
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import reduce
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.contrib.postgres.search import SearchQuery
from django.db.models import BooleanField, Count, ExpressionWrapper, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from fatto import countries, envelopes, pipeline
from fatto.envelopes.enclosed import Enclosed, Signer
from fatto.errors import FattoError
from fatto.formats.format import Reading
from fatto.invoice.model import Invoice
from fatto.portal.documents import asked, asking, references, unread, vault, words
from fatto.portal.documents.asking import Amounts, Days, Named, Near, Term
from fatto.portal.documents.models import (
    CostCenter,
    Delivery,
    DeliveryItem,
    Direction,
    Document,
    MonthTally,
    Quarantined,
    SavedView,
    Tag,
    Tally,
)
from fatto.portal.documents.states import Approval, Booking, Check, Transmission
from fatto.portal.tenancy import scope
from fatto.portal.tenancy.models import Company, Gate, Membership
from fatto.portal.tenancy.permissions import Can, Role
from fatto.rules.finding import Finding

SIZE = 50
_HEAVY = ("invoice", "findings", "signers", "words")

_UNDECIDED = Q(booking=Booking.TO_BOOK, approval=Approval.TO_APPROVE)
VIEWS: dict[str, Q] = {
    "to-approve": _UNDECIDED,
    "mine": _UNDECIDED,  # and of these what the person may decide now: see `_is`
    "approved": Q(approval=Approval.APPROVED),
    "disputed": Q(approval=Approval.DISPUTED),
    "to-book": Q(booking=Booking.TO_BOOK, approval__in=[Approval.APPROVED, Approval.NOT_REQUIRED]),
    "unconfirmed": _UNDECIDED,  # the same, as the firm calls it
    "booked": Q(booking=Booking.BOOKED),
    "question": Q(question=True),
    "invalid": Q(verdict=Check.FAILED),
    "credit": Q(credit=True),
    "failed": Q(transmission=Transmission.FAILED),
    "to-send": Q(transmission__in=[Transmission.DRAFT, Transmission.CHECKED]),
    "on-its-way": Q(transmission__in=[Transmission.WAITING, Transmission.SENDING, Transmission.ACCEPTED]),
}
"""The named states that lists can be limited to."""

STATES: dict[str, Q] = VIEWS | {
    "unbooked": Q(booking=Booking.TO_BOOK),
    "excluded": Q(booking=Booking.EXCLUDED),
}
"""Those that can be asked for by name: `is:unbooked`. `is:unread` depends on who asks: `unread.condition`."""

SORTS: dict[str, tuple[str, bool]] = {
    "-date": ("sort_date", True),
    "date": ("sort_date", False),
    "-amount": ("amount", True),
    "amount": ("amount", False),
    "-received": ("received_at", True),
    "received": ("received_at", False),
    "party": ("party_key", False),
    "-party": ("party_key", True),
    "due": ("due_date", False),
    "-due": ("due_date", True),
}
_MISSING = ("amount", "due_date")
"""Columns that not every document has: lists ordered by one leave out those without it."""
MINE = "@mine"
"""In place of a company's slug: the companies that the person of the firm looks after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is limited to. Empty means everything; it comes from the URL and goes back into it.

    `ask` is the search language (`asking`); the others are the fields of the filter panel and of older
    addresses. Both limit together: `terms` turns all of them into the same conditions.
    """

    ask: str = ""
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
    """A company's slug, or `MINE`; in a firm's space only."""
    sort: str = "-date"

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Filters:
        """From the URL; what makes no sense is left out, so that an old bookmark still opens."""
        values: dict[str, Any] = {
            name: (query.get(name) or "").replace("\0", "").strip()[:200]
            for name in ("direction", "view", "words", "party", "number", "company")
        }
        values["ask"] = (query.get("ask") or "").strip()[: asking.LONGEST]
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

    def terms(self) -> list[Term]:
        """Every condition, the panel's first. The company of a slug is not among them: it decides where to look."""
        found = []
        if self.direction:
            found.append(Term("direction", self.direction))
        if self.view:
            found.append(Term("is", self.view))
        found += [Term(name, getattr(self, name)) for name in ("words", "party", "number") if getattr(self, name)]
        if self.date_from or self.date_to:
            found.append(Term("date", Days(first=self.date_from, last=self.date_to)))
        if self.amount_min is not None or self.amount_max is not None:
            found.append(Term("amount", Amounts(low=self.amount_min, high=self.amount_max)))
        return [*found, *asking.read(self.ask)]

    def active(self) -> list[tuple[str, Any]]:
        """The filters that limit something, by name; the question comes last, when it asks anything."""
        found = [
            (each.name, getattr(self, each.name))
            for each in fields(self)
            if each.name not in ("sort", "ask") and getattr(self, each.name) not in ("", None)
        ]
        return [*found, ("ask", self.ask)] if asking.read(self.ask) else found


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
    """The list, unordered. All words of all terms go into one tsquery: the index is entered once."""
    rows = _own(Document.objects.defer(*_HEAVY))
    terms = filters.terms()
    only: list[int] | None = None
    if filters.company == MINE:
        only = looked_after()
    elif filters.company:
        only = list(Company.objects.filter(slug=filters.company).values_list("pk", flat=True)[:1])
    else:
        named = next((term for term in terms if term.field == "company" and not term.negated), None)
        if named is not None:
            only = _companies(str(named.value))
            terms.remove(named)
    if only is not None and len(only) == 1:
        # Named by its company alone: naming the firm as well made PostgreSQL choose a slow plan.
        rows = Document._base_manager.defer(*_HEAVY).filter(company_id=only[0])
    elif only is not None:
        rows = rows.filter(company_id__in=only)
    wanted: list[str] = []
    if not any(term.field == "is" for term in terms):
        # What others stand in the place of is told of there; asked for by name it is found.
        rows = rows.exclude(booking=Booking.EXCLUDED)
    for term in terms:
        tsquery, where = _meaning(term)
        if term.negated:
            rows = rows.exclude(Q(words=_search(tsquery)) & where if tsquery else where)
            continue
        if tsquery:
            wanted.append(f"({tsquery})")
        if where:
            rows = rows.filter(where)
    return rows.filter(words=_search(" & ".join(wanted))) if wanted else rows


def _own(rows: QuerySet[Document]) -> QuerySet[Document]:
    """For who sees only what it brought in: named, since row security alone walks through all of the company's."""
    actor = scope.current()
    return rows.filter(uploaded_by=actor.only_by) if actor is not None and actor.only_by is not None else rows


_NOTHING = Q(pk__in=[])


def _meaning(term: Term) -> tuple[str, Q]:
    """A term, unnegated, as a tsquery (or "") and a condition. What words find, columns make sure of."""
    value = term.value
    if isinstance(value, Amounts):
        return "", _between("amount", value.low, value.high, value.low_open, value.high_open)
    if isinstance(value, Days | Named | Near):
        return "", _on(term.field, asking.when(term.field, value, timezone.localdate()))
    find, sure = _TEXT.get(term.field, (words.query, None))
    if term.field in _TEXT:
        tsquery = find(value)
        return (tsquery, sure(value) if sure else Q()) if tsquery else ("", _NOTHING)
    return "", _CHOICES[term.field](value)


def _search(tsquery: str) -> SearchQuery:
    return SearchQuery(tsquery, config="simple", search_type="raw")


def _of_party(text: str) -> Q:
    return reduce(operator.and_, (Q(party_key__contains=token) for token in words.tokens(text)), Q())


_TEXT: dict[str, tuple[Callable[[str], str], Callable[[str], Q] | None]] = {
    asking.WORDS: (words.query, None),
    asking.EXACT: (words.exactly, None),
    asking.MISREAD: (words.query, None),
    "party": (words.party_query, _of_party),
    "supplier": (words.party_query, lambda text: _of_party(text) & ~Q(direction=Direction.ISSUED)),
    "customer": (words.party_query, lambda text: _of_party(text) & Q(direction=Direction.ISSUED)),
    "number": (words.number_query, lambda text: Q(number_key__contains=words.number_key(text))),
    "vat": (
        words.id_query,
        lambda text: Q(party_id__contains=words.number_key(text)) | Q(party_id__startswith=words.bare_id(text)),
    ),
    "iban": (words.account_query, None),
    "tag": (words.tag_query, None),
    "center": (lambda text: _center_query(text), None),
}
"""How each field that holds text is looked for: by the index of words, then by the column itself."""

_CHOICES: dict[str, Callable[[str], Q]] = {
    "is": lambda value: _is(value),
    "verdict": lambda value: Q(verdict=value),
    "has": lambda value: _has(value),
    "alert": lambda value: ~Q(alerts=[]) & Q(alerts__contains=[value]),  # by the small index over those with any
    "direction": lambda value: Q(direction=value),
    "channel": lambda value: Q(channel=value),
    "by": lambda value: _brought_by(value),
    "company": lambda value: Q(company_id__in=_companies(value)),
}


def _has(thing: str) -> Q:
    return {"attachment": Q(attachments__gt=0), "comment": Q(comments__gt=0), "alert": ~Q(alerts=[])}[thing]


def _is(state: str) -> Q:
    if state == "unread":
        return unread.condition()
    return STATES[state] & asked.mine(scope.current()) if state == "mine" else STATES[state]


def _brought_by(name: str) -> Q:
    """By name, never by address: a part of one must not tell whether somebody has it."""
    if name == "me":
        actor = scope.current()
        return Q(uploaded_by=actor.member) if actor is not None and actor.member else _NOTHING
    return Q(uploaded_by__name__icontains=name)


def _center_query(text: str) -> str:
    """Cost centres by their code or by words of their name → a tsquery for their documents."""
    wanted = words.tokens(text)
    key = words.tag_key(text)
    found = {
        each.code
        for each in CostCenter.objects.all()
        if each.key == key or (wanted and all(word in words.tokens(each.name) for word in wanted))
    }
    return " | ".join(dict.fromkeys(words.center_word(code) for code in (text, *sorted(found)) if words.tag_key(code)))


def _companies(text: str) -> list[int]:
    """The companies of the scope in whose name or tax ids all these words stand, or whose slug it is."""
    wanted = words.tokens(text)
    return [
        company.pk
        for company in Company.objects.all()
        if company.slug == text
        or (wanted and all(word in words.fold(f"{company.name} {' '.join(company.ids)}") for word in wanted))
    ]


def _between(name: str, low: Any, high: Any, low_open: bool = False, high_open: bool = False) -> Q:
    where = Q()
    if low is not None:
        where &= Q(**{f"{name}__{'gt' if low_open else 'gte'}": low})
    if high is not None:
        where &= Q(**{f"{name}__{'lt' if high_open else 'lte'}": high})
    return where


def _on(name: str, days: Days) -> Q:
    """Days of a column; of a moment, in the time zone of the space."""
    if name != "received":
        return _between({"date": "sort_date", "due": "due_date"}[name], days.first, days.last)
    zone = timezone.get_current_timezone()
    after = days.last + timedelta(days=1) if days.last else None
    return _between(
        "received_at",
        datetime.combine(days.first, time.min, zone) if days.first else None,
        datetime.combine(after, time.min, zone) if after else None,
        high_open=True,
    )


def parties(beginning: str, most: int = 8) -> list[str]:
    """Names of parties in which these beginnings of words stand, for suggesting; some of them, not all."""
    wanted = words.tokens(beginning)
    if not wanted or len(wanted[-1]) < 2:
        return []
    rows = _rows(Filters(party=beginning)).order_by().values_list("party_name", flat=True)[:400]
    return sorted(set(rows))[:most]


def suppliers(latest: int = 3000) -> dict[str, str]:
    """Suppliers among what arrived last, for choosing one: tax id → name, by name."""
    rows = Document.objects.exclude(direction=Direction.ISSUED).exclude(party_id="").order_by("-received_at", "-pk")
    found: dict[str, str] = {}
    for party_id, name in rows.values_list("party_id", "party_name")[:latest]:
        found.setdefault(party_id, name)
    return dict(sorted(found.items(), key=lambda each: each[1].casefold()))


def page(filters: Filters, cursor: str = "", size: int = SIZE) -> Page:
    """A page of a list, from a cursor on. Documents of the scope only."""
    name, down = SORTS[filters.sort]
    rows = _listed(filters)
    backwards, place = _from_cursor(cursor, name)
    if place is not None:
        rows = rows.filter(_beyond(name, down != backwards, *place))
    # Companies are fetched after: joined, they made PostgreSQL look for the words company by company.
    found = list(_ordered(rows, name, down != backwards).prefetch_related("company")[: size + 1])
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    unread.mark(found)
    further = bool(found) and (more or backwards)
    earlier = bool(found) and (place is not None if not backwards else more)
    return Page(
        rows=found,
        next=_to_cursor(found[-1], name, False) if further else "",
        previous=_to_cursor(found[0], name, True) if earlier else "",
    )


def _listed(filters: Filters) -> QuerySet[Document]:
    """All that a list shows on its pages, unordered."""
    name, _down = SORTS[filters.sort]
    rows = _rows(filters)
    return rows.filter(**{f"{name}__isnull": False}) if name in _MISSING else rows


def count(filters: Filters) -> int:
    """How many documents a list shows on all its pages."""
    return _listed(filters).count()


def whole_list(filters: Filters) -> QuerySet[Document]:
    """Everything a list shows, in its order: for doing something with all of it."""
    name, down = SORTS[filters.sort]
    return _ordered(_listed(filters), name, down)


def ticked(pks: Iterable[int]) -> QuerySet[Document]:
    """Some documents of the scope; others are simply not there."""
    return Document.objects.defer(*_HEAVY).filter(pk__in=list(pks)).order_by("-sort_date", "-id")


def looked_after() -> list[int]:
    """The companies that the person of the firm looks after: those assigned, which an owner may have as well."""
    actor = scope.current()
    if actor is None or actor.member is None or actor.side != "firm":
        return []
    rows = Membership.objects.filter(member=actor.member, firm=actor.firm, company=None)
    found: list[int] = next(iter(rows.values_list("companies", flat=True)), [])
    return found


def neighbours(document: Document, filters: Filters) -> Neighbours:
    """What stands before and after a document in a list."""
    return Neighbours(_beside(document, filters, after=False), _beside(document, filters, after=True))


def nearest(document: Document, filters: Filters) -> int | None:
    """What stands after a document in a list, or else before it."""
    return _beside(document, filters, after=True) or _beside(document, filters, after=False)


def _beside(document: Document, filters: Filters, *, after: bool) -> int | None:
    name, down = SORTS[filters.sort]
    place = getattr(document, name)
    if place is None:
        return None
    down = down is after
    rows = _ordered(_listed(filters).filter(_beyond(name, down, place, document.pk)), name, down)
    return rows.values_list("pk", flat=True).first()


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
            "due_date": date.fromisoformat,
            "party_key": _key,
        }
        parsed = parse[name](value)
        if isinstance(parsed, Decimal) and not parsed.is_finite():
            return False, None
        if isinstance(parsed, datetime) and (parsed.tzinfo is None or not 1970 <= parsed.year < 3000):
            return False, None
        return bool(backwards), (parsed, int(pk))
    except (ValueError, TypeError, KeyError, InvalidOperation):
        return False, None


def _key(text: Any) -> str:
    if not isinstance(text, str) or "\0" in text:
        raise ValueError(text)
    return text


def get(pk: int) -> Document:
    """One document of the scope; `Document.DoesNotExist` for any other."""
    return Document.objects.select_related("company", "file", "uploaded_by").get(pk=pk)


def some(pks: Iterable[int]) -> list[Document]:
    """Several documents of the scope, in no order; others are simply not there."""
    return list(Document.objects.filter(pk__in=list(pks)).select_related("company", "file"))


def views() -> list[SavedView]:
    """The saved views of the space we are in: one's own and those shared, by name."""
    actor = scope.current()
    rows = SavedView.objects.select_related("member")
    if actor is None or actor.company is None:
        rows = rows.filter(company=None)
    return sorted(rows, key=lambda view: (view.name.casefold(), view.pk))


def view(pk: int) -> SavedView:
    """One of `views`; `SavedView.DoesNotExist` for any other."""
    for each in views():
        if each.pk == pk:
            return each
    raise SavedView.DoesNotExist


# -- what people note on documents ----------------------------------------------------------------------------------


def tags(beginning: str = "", most: int = 200) -> list[str]:
    """Tags that are in use, by name; those of all companies in a firm's space.

    A tag tells what is going on: one that is on hidden documents alone is not named.
    """
    key = words.tag_key(beginning)
    rows = Tag.objects.filter(key__startswith=key) if key else Tag.objects.all()
    unsure = rows.none()
    actor = scope.current()
    if actor is not None and actor.limited:
        rows, unsure = rows.none(), rows
    elif actor is not None and actor.side == "firm":
        rows, unsure = rows.exclude(company__gate=Gate.HARD), rows.filter(company__gate=Gate.HARD)
    found = set(rows.values_list("name", flat=True))
    for tag in unsure.exclude(name__in=found).order_by("name")[:_MOST_LOOKED_FOR]:
        on = Document._base_manager.filter(company_id=tag.company_id, words=_search(words.tag_word(tag.key)))
        if tag.name not in found and on.exists():
            found.add(tag.name)
    return sorted(found, key=str.casefold)[:most]


_MOST_LOOKED_FOR = 200
"""Tags of which it is looked up whether a document has them that may be seen."""


def centers(company: Company | None = None, *, also: str = "") -> list[CostCenter]:
    """The cost centres that can be chosen, by code, and the one with the code `also`."""
    rows = CostCenter.objects.filter(company=company) if company is not None else CostCenter.objects.all()
    return list(rows.filter(Q(active=True) | Q(code=also)).order_by("code"))


@dataclass(frozen=True, slots=True)
class Related:
    """Another document of the same company that belongs to one, and why."""

    document: Document
    why: str
    """`refers-to`, `referred-by`, `order` or `despatch`."""


RELATED = 12
"""So many related documents are shown."""


def related(document: Document) -> list[Related]:
    """What belongs to a document by what they say: its credit notes or its invoice, the same order or delivery note.

    Of the same company and the same party only: numbers are a party's own. Two queries, each by an index.
    """
    found: dict[int, Related] = {}
    read = invoice(document)
    if read is None or not document.party_id:
        return []
    said = references.of_invoice(read)
    rows = (
        Document._base_manager.filter(
            company_id=document.company_id, party_id=document.party_id, direction=document.direction
        )
        .exclude(pk=document.pk)
        .defer(*_HEAVY)
        .select_related("company")
        .order_by("-sort_date", "-pk")
    )
    if said.invoices:
        named = rows.filter(firm_id=document.firm_id, number_key__in=said.invoices)
        for row in named[:RELATED]:
            found[row.pk] = Related(row, "refers-to")
    marks = {
        "referred-by": references.referring_query(document.number_key),
        "order": said.orders_query(),
        "despatch": said.despatches_query(),
    }
    asked = {why: tsquery for why, tsquery in marks.items() if tsquery}
    if asked:
        whys = {f"by_{place}": why for place, why in enumerate(asked)}
        flags = {
            name: ExpressionWrapper(Q(words=_search(asked[why])), output_field=BooleanField())
            for name, why in whys.items()
        }
        together = rows.filter(words=_search(" | ".join(f"({each})" for each in asked.values()))).annotate(**flags)
        for row in together[:RELATED]:
            why = next((why for name, why in whys.items() if getattr(row, name)), "order")
            found.setdefault(row.pk, Related(row, why))
    return list(found.values())[:RELATED]


# -- counts -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Numbers for the menu and the first page; each is the length of a list that can be opened."""

    to_approve: int = 0
    mine: int = 0
    """Of those to approve, what the person may decide now."""
    disputed: int = 0
    to_book: int = 0
    quarantine: int = 0


_WAITING = {"to_approve": VIEWS["to-approve"], "disputed": VIEWS["disputed"], "to_book": VIEWS["to-book"]}


def counts() -> Counts:
    """The numbers of the scope, out of the tally; for who sees only some documents they are counted one by one."""
    actor = scope.current()
    wanted = _WAITING
    if actor is not None and actor.can(Can.DOCUMENT_DECIDE):
        wanted = _WAITING | {"mine": _UNDECIDED & asked.mine(actor)}
    if actor is not None and (actor.directions or actor.tags):
        # One after the other: each has an index over what waits.
        found = {name: _own(Document.objects.filter(where)).count() for name, where in wanted.items()}
    elif actor is not None and actor.only_by is not None:
        found = _own(Document.objects.all()).aggregate(
            **{name: Count("pk", filter=where) for name, where in wanted.items()}
        )
    else:
        found = _seen(Tally.objects.all()).aggregate(**_sums(wanted))
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
    disputes: int = 0
    """Disputed, and visible to the firm."""
    unbooked: int = 0
    """Not booked, and visible to the firm."""
    quarantine: int = 0
    """Handed in for the company, and in quarantine."""
    oldest: date | None = None
    """The oldest that is ready to book."""
    oldest_waiting: date | None = None
    """The oldest that waits for the company, among those visible to the firm."""
    last_arrival: datetime | None = None


_SEEN = {"unconfirmed": VIEWS["to-approve"], "disputes": VIEWS["disputed"], "unbooked": STATES["unbooked"]}


def standings() -> list[Standing]:
    """Every company of the scope with its numbers, by name. Past hard gates only numbers are told."""
    ready = Document._base_manager.filter(VIEWS["to-book"], company=OuterRef("pk")).order_by("sort_date")
    waiting = Document._base_manager.filter(VIEWS["to-approve"], company=OuterRef("pk")).order_by("sort_date")
    companies = Company.objects.filter(active=True).annotate(
        oldest_to_book=Subquery(ready.values("sort_date")[:1]),
        oldest_to_approve=Subquery(waiting.values("sort_date")[:1]),
    )
    strays = dict(
        Quarantined.objects.filter(state=Quarantined.State.OPEN, company__isnull=False)
        .order_by()
        .values_list("company_id")
        .annotate(n=Count("pk"))
    )
    rows = Tally.objects.values("company_id").annotate(
        **_sums(_WAITING),
        hidden=Coalesce(Sum("n", filter=Q(open_to_firm=False, booking=Booking.TO_BOOK)), 0),
        **_sums({name: where & Q(open_to_firm=True) for name, where in _SEEN.items()}),
        last_arrival=Max("arrived_at"),
    )
    numbers: dict[int, dict[str, Any]] = {}
    for row in rows:
        values: dict[str, Any] = dict(row)
        numbers[values.pop("company_id")] = values
    return [
        Standing(
            company=company,
            oldest=company.oldest_to_book,
            oldest_waiting=company.oldest_to_approve,
            quarantine=strays.get(company.pk, 0),
            **numbers.get(company.pk, {}),
        )
        for company in companies.order_by("name")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The documents that a company has dated in a month."""

    first: date
    last: date
    received: int = 0
    issued: int = 0
    other: int = 0
    booked: int = 0

    @property
    def total(self) -> int:
        return self.received + self.issued + self.other


def months(today: date, count: int = 12) -> list[Month]:
    """The last months of the company we are in, this one last; out of the months' tally."""
    first = today.replace(day=1)
    starts = [first]
    while len(starts) < count:
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    actor = scope.current()
    seen = Q(open_to_firm=True) if actor is not None and actor.side == "firm" else Q()
    rows = (
        MonthTally.objects.filter(seen, month__gte=starts[-1], month__lte=first)
        .values("month")
        .annotate(
            **{each.value: Coalesce(Sum("n", filter=Q(direction=each)), 0) for each in Direction},
            in_archive=Coalesce(Sum("n", filter=Q(booked=True)), 0),
        )
    )
    found = {row["month"]: row for row in rows}
    return [_month(start, found.get(start, {})) for start in reversed(starts)]


def _month(first: date, row: Mapping[str, Any]) -> Month:
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    numbers = {each.value: row.get(each.value, 0) for each in Direction}
    return Month(first=first, last=last, booked=row.get("in_archive", 0), **numbers)


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
    enclosed = _opened(document, data)
    try:
        readings = pipeline.read(enclosed) if enclosed.error is None else ()
    except FattoError as error:
        return Content(document, data, enclosed, None, error)
    reading = next((each for each in readings if each.index == document.index), None)
    return Content(document, data, enclosed, reading, enclosed.error)


def enclosed(document: Document) -> Enclosed:
    """What the document was read from, opened again out of the vault: no database is needed when its file is there."""
    return _opened(document, original(document))


def _opened(document: Document, data: bytes) -> Enclosed:
    return _read_once(document, list(envelopes.open(data, document.name)))


def _read_once(document: Document, found: list[Enclosed]) -> Enclosed:
    """What the document was read from. One PDF can carry the invoices of several documents: the hash tells which."""
    for each in found:
        if hashlib.sha256(each.data).hexdigest() == document.data_sha256:
            return each
    # A later release may peel an original further; where there is a choice, showing none is safe.
    return found[0] if len(found) == 1 else Enclosed(name=document.name)


# -- deliveries ---------------------------------------------------------------------------------------------------


def deliveries(batch: Any = None, limit: int = 50) -> list[Delivery]:
    """Deliveries of a batch, or the latest of the scope's person."""
    rows = seen_deliveries(Delivery.objects.select_related("company", "by"))
    if batch is not None:
        rows = rows.filter(batch=batch)
    return list(rows.order_by("-id")[:limit])


def seen_deliveries(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """What the person may know of what others handed in: file names tell of documents before they are seen.

    Behind a hard gate the firm's people know of their own files alone, as do those who look after some of
    the firm's companies of what was handed in for all of them.
    """
    actor = scope.current()
    if actor is None or actor.kind != "person":
        return rows
    if actor.limited:
        return rows.filter(by=actor.member)
    if actor.side == "firm":
        seen = Q(by=actor.member) | (Q(company__isnull=False) & ~Q(company__gate=Gate.HARD))
        if actor.role == Role.FIRM_OWNER:
            seen |= Q(company__isnull=True)
        return rows.filter(seen)
    return rows


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


def quarantine(state: str = Quarantined.State.OPEN, company: Company | None = None) -> QuerySet[Quarantined]:
    """What fits no company, newest first; with a company, what was handed in for it."""
    rows = Quarantined.objects.filter(state=state)
    if company is not None:
        rows = rows.filter(company=company)
    return rows.select_related("file", "company", "delivery").order_by("-id")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _number(text: str | None) -> Decimal | None:
    """An amount as typed in the panel, or as `to_query` wrote it."""
    return asking.number(text or "")

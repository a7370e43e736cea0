"""The guards: what asks for a second look among documents that were filed just now.

`look` takes a chunk and asks the database a handful of questions about all of it, never one a document.
It runs in the transaction that files the chunk. What was raised once is not raised again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from fatto import countries
from fatto.invoice.model import Invoice
from fatto.portal.approvals import habits, oddities, payees
from fatto.portal.approvals.models import Alert, Kind
from fatto.portal.documents.models import Direction, Document
from fatto.portal.documents.states import Approval, Booking
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Deed
from fatto.portal.tenancy.permissions import Can

_Found = dict[tuple[int, str], dict[str, Any]]
"""(document, kind) → the values of an alert."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A document with what the guards ask of it."""

    document: Document
    invoice: Invoice | None
    supplier: str = ""
    accounts: list[str] = field(default_factory=list)


@action(Can.DOCUMENT_UPLOAD)
def look(actor: Actor, documents: Sequence[Document], *, at: datetime, settled: bool = False) -> list[Alert]:
    """Look at documents with their invoices; gives the alerts that were raised.

    Issued ones are left alone: nobody approves them. With `settled`, as for documents of earlier times,
    only what waits to be approved gets alerts, and accounts of what was approved or booked are trusted.
    """
    ours = [each for each in documents if each.direction != Direction.ISSUED]
    if not ours:
        return []
    cases = [_case(each) for each in sorted(ours, key=lambda each: (each.sort_date, each.pk))]
    found = _odd(cases) | _new_accounts(cases, at, settled) | _duplicates(cases) | _unusual(cases)
    if settled:
        waiting = {each.pk for each in ours if _waits(each)}
        found = {key: values for key, values in found.items() if key[0] in waiting}
    return _raise(actor, ours, found, at) if found else []


def _waits(document: Document) -> bool:
    return document.approval == Approval.TO_APPROVE and document.booking == Booking.TO_BOOK


def _case(document: Document) -> _Case:
    if not document.invoice:
        return _Case(document, None)
    invoice = countries.decode(document.invoice)
    payable = document.direction == Direction.RECEIVED and not document.credit
    return _Case(
        document,
        invoice,
        payees.supplier(invoice.seller) if payable else "",
        payees.accounts(invoice) if payable else [],
    )


def _raise(actor: Actor, documents: Sequence[Document], found: _Found, at: datetime) -> list[Alert]:
    there = set(Alert.objects.filter(document__in={pk for pk, _ in found}).values_list("document_id", "kind"))
    by_pk = {each.pk: each for each in documents}
    fresh = [
        Alert(
            firm_id=by_pk[pk].firm_id,
            company_id=by_pk[pk].company_id,
            document=by_pk[pk],
            kind=kind,
            values=values,
            raised_at=at,
        )
        for (pk, kind), values in sorted(found.items())
        if (pk, kind) not in there
    ]
    Alert.objects.bulk_create(fresh)
    kinds: dict[int, list[str]] = defaultdict(list)
    for alert in fresh:
        kinds[alert.document_id].append(alert.kind)
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for pk, new in kinds.items():
        document = by_pk[pk]
        document.alerts = [kind for kind in Kind.values if kind in {*document.alerts, *new}]
        alike[tuple(document.alerts)].append(pk)
    for alerts, pks in alike.items():
        Document.objects.filter(pk__in=pks).update(alerts=list(alerts))
    trail.record_all(_deed(actor, by_pk[pk], new, at) for pk, new in kinds.items())
    return fresh


def _deed(actor: Actor, document: Document, kinds: list[str], at: datetime) -> Deed:
    """Whoever brought the document: it is the portal that raises alerts."""
    deed = trail.deed(
        actor,
        "alert-raised",
        company_id=document.company_id,
        document_id=document.pk,
        data={"kinds": [kind for kind in Kind.values if kind in kinds]},
        at=at,
    )
    deed.by, deed.by_name, deed.by_kind = None, "Fatto", "system"
    return deed


# -- within one document ------------------------------------------------------------------------------------------


def _odd(cases: Iterable[_Case]) -> _Found:
    found: _Found = {}
    for case in cases:
        if case.invoice is None:
            continue
        if values := oddities.sign(case.invoice, case.document.credit):
            found[case.document.pk, Kind.SIGN] = values
        if values := oddities.arithmetic(case.invoice):
            found[case.document.pk, Kind.ARITHMETIC] = values
    return found


# -- accounts -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Known:
    """An account of a supplier as the history has it, and what this chunk adds."""

    name: str
    name_key: str
    first: date
    last: date
    documents: int = 0
    trusted: bool = False
    added: int = 0


_History = dict[tuple[int, str], dict[str, _Known]]
"""(company, supplier) → account → what is known of it."""


def _new_accounts(cases: Iterable[_Case], at: datetime, settled: bool) -> _Found:
    """Accounts that are new for their supplier; the history is written as well."""
    payable = [case for case in cases if case.supplier and case.accounts]
    if not payable:
        return {}
    history = _history({(case.document.company_id, case.supplier) for case in payable})
    strangers = [
        case
        for case in payable
        if not any(each.trusted for each in history.get((case.document.company_id, case.supplier), {}).values())
    ]
    similar = _similar(strangers)
    found: _Found = {}
    for case in payable:
        document = case.document
        known = history.setdefault((document.company_id, case.supplier), {})
        trusted = [account for account, each in known.items() if each.trusted]
        new = [account for account in case.accounts if account not in trusted]
        values: dict[str, Any] | None = None
        if new and trusted:
            first = sorted(trusted, key=lambda account: (known[account].documents, known[account].last), reverse=True)
            before = sum(known[account].documents for account in trusted)
            values = {"new": new, "known": first[:3], "count": before, "supplier": case.supplier}
        elif new:
            like = _look_alike(case, similar)
            if like is not None and not set(case.accounts) <= set(like[1]):
                values = {"new": new, "known": like[1][:3], "like": like[0], "supplier": case.supplier}
            elif known:  # seen, and never trusted
                values = {"new": new, "known": [], "count": 0, "supplier": case.supplier}
        if settled and not _waits(document):
            values = None
        if values is not None:
            found[document.pk, Kind.IBAN] = values
        for account in case.accounts:
            _note(known, account, document, trusted=values is None)
            if known[account].trusted and account in new:
                # Those that came in this very chunk are not in the table yet.
                key = payees.name_key(document.party_name)
                _resembles(similar, document.company_id, case.supplier, document.party_name, key, account)
    _write(payable, history, at)
    return found


def _note(known: dict[str, _Known], account: str, document: Document, *, trusted: bool) -> None:
    day = document.sort_date
    each = known.get(account)
    if each is None:
        key = payees.name_key(document.party_name)
        each = known[account] = _Known(document.party_name, key, day, day, trusted=trusted)
    each.documents += 1
    each.added += 1
    each.first = min(each.first, day)
    each.trusted = each.trusted or trusted
    if day >= each.last:
        each.name, each.name_key, each.last = document.party_name, payees.name_key(document.party_name), day


def _history(suppliers: set[tuple[int, str]]) -> _History:
    pairs = sorted(suppliers)
    history: _History = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select a.company_id, a.supplier, a.account, a.name, a.name_key, a.first_seen, a.last_seen, a.documents,
                   a.trusted_at is not null
            from unnest(%s::bigint[], %s::text[]) as w(company, supplier)
            join approvals_account a on a.company_id = w.company and a.supplier = w.supplier
            """,
            [[company for company, _ in pairs], [supplier for _, supplier in pairs]],
        )
        for company, supplier, account, *rest in cursor.fetchall():
            history[company, supplier][account] = _Known(*rest)
    return dict(history)


_Similar = dict[tuple[int, int, str], dict[str, tuple[str, str, set[str]]]]
"""(company, which end of the name, its letters) → supplier → name, name key, trusted accounts."""


def _similar(strangers: Iterable[_Case]) -> _Similar:
    """For suppliers without a trusted account: others of their companies whose names begin or end as theirs do."""
    ends = {
        (case.document.company_id, *payees.ends(key))
        for case in strangers
        if (key := payees.name_key(case.document.party_name))
    }
    found: _Similar = defaultdict(dict)
    if not ends:
        return found
    columns = list(zip(*sorted(ends), strict=True))
    with connection.cursor() as cursor:
        for column in ("name_head", "name_tail"):  # apart, so that each has its index
            cursor.execute(
                f"""
                select a.company_id, a.supplier, a.name, a.name_key, a.account
                from unnest(%s::bigint[], %s::text[]) as w(company, letters)
                join approvals_account a on a.company_id = w.company and a.{column} = w.letters
                where a.trusted_at is not null
                """,  # noqa: S608 - nothing from outside is in it
                [list(columns[0]), list(columns[1 if column == "name_head" else 2])],
            )
            for row in cursor.fetchall():
                _resembles(found, *row)
    return found


def _resembles(similar: _Similar, company: int, supplier: str, name: str, key: str, account: str) -> None:
    for place, end in enumerate(payees.ends(key)):
        similar[company, place, end].setdefault(supplier, (name, key, set()))[2].add(account)


def _look_alike(case: _Case, similar: _Similar) -> tuple[str, list[str]] | None:
    """Another supplier of the company with nearly the same name: its name and accounts."""
    key = payees.name_key(case.document.party_name)
    near = [similar[case.document.company_id, place, end] for place, end in enumerate(payees.ends(key))]
    for supplier in sorted({*near[0], *near[1]}):
        name, other, accounts = near[0].get(supplier) or near[1][supplier]
        if supplier != case.supplier and payees.alike(key, other):
            return name, sorted(accounts)
    return None


def _write(cases: Iterable[_Case], history: _History, at: datetime) -> None:
    """Add what the chunk showed to the history, in one order, so that two who write never wait in a ring."""
    firms = {case.document.company_id: case.document.firm_id for case in cases}
    rows = [
        (
            firms[company],
            company,
            supplier,
            each.name,
            each.name_key,
            *payees.ends(each.name_key),
            account,
            each.first,
            each.last,
            each.added,
            at if each.trusted else None,
        )
        for (company, supplier), accounts in sorted(history.items())
        for account, each in sorted(accounts.items())
        if each.added
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into approvals_account as a (firm_id, company_id, supplier, name, name_key, name_head, name_tail,
              account, first_seen, last_seen, documents, trusted_at, trusted_by)
            select *, '' from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[],
              %s::text[], %s::text[], %s::date[], %s::date[], %s::int[], %s::timestamptz[])
            on conflict (company_id, supplier, account) do update set
              name = excluded.name, name_key = excluded.name_key,
              name_head = excluded.name_head, name_tail = excluded.name_tail,
              first_seen = least(a.first_seen, excluded.first_seen),
              last_seen = greatest(a.last_seen, excluded.last_seen),
              documents = a.documents + excluded.documents,
              trusted_at = coalesce(a.trusted_at, excluded.trusted_at)
            """,
            [list(column) for column in zip(*rows, strict=True)],
        )


# -- the same document once more ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Other:
    """A document that may be the same one."""

    pk: int
    company: int
    direction: str
    party_id: str
    party_name: str
    number_key: str
    amount: Decimal
    currency: str


_PREFIX = re.compile(r"^(?:FATTURA|FATT|FACTURA|FACT|FT|INVOICE|INV|SERIA|NR|NO|N)(?=\d)")
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


def number(key: str) -> str:
    """A document number as copies of one document are compared: `FT 0012/A`, `12-a` → `12A`."""
    return _ZEROS.sub("", _PREFIX.sub("", key))


def _duplicates(cases: Iterable[_Case]) -> _Found:
    """Documents of the same party, number and amount that came before, by whatever way."""
    numbered = [case.document for case in cases if case.document.number_key and case.document.amount is not None]
    if not numbered:
        return {}
    others = {each.pk: each for each in (*_of_same_parties(numbered), *_papers(numbered))}
    by_amount: dict[tuple[int, Decimal], list[_Other]] = defaultdict(list)
    for other in others.values():
        by_amount[other.company, other.amount].append(other)
    found: _Found = {}
    for document in numbered:
        assert document.amount is not None  # noqa: S101 - chosen for it
        same = [
            other.pk
            for other in by_amount[document.company_id, document.amount]
            # Of two that came in time, the later one is the copy; what a person wrote on a paper came later still.
            if (other.pk < document.pk or not document.invoice) and other.pk != document.pk and _same(document, other)
        ]
        if same:
            found[document.pk, Kind.DUPLICATE] = {"documents": sorted(same)[:10]}
    return found


def _same(document: Document, other: _Other) -> bool:
    if number(document.number_key) != number(other.number_key):
        return False
    if document.currency and other.currency and document.currency != other.currency:
        return False
    if document.party_id and other.party_id and not payees.nobody(document.party_id):
        return document.party_id == other.party_id
    one, two = payees.name_key(document.party_name), payees.name_key(other.party_name)
    return bool(one) and (one == two or payees.alike(one, two))


_OTHER = (
    "d.id, d.company_id, d.direction, d.party_id, d.party_name, d.number_key, d.amount, d.currency"
    " from documents_document d"
)
_STANDS = "d.direction <> 'issued' and d.booking <> 'excluded'"


def _of_same_parties(documents: Iterable[Document]) -> list[_Other]:
    """What the parties of these documents sent to the same companies, with one of their amounts."""
    pairs = sorted({(each.company_id, each.party_id) for each in documents if each.party_id})
    amounts = sorted({each.amount for each in documents if each.party_id and each.amount is not None})
    return _others(
        f"""
        select {_OTHER} join unnest(%s::bigint[], %s::text[]) as w(company, party)
          on d.company_id = w.company and d.party_id = w.party
        where d.amount = any(%s::numeric[]) and d.number_key <> '' and {_STANDS}
        """,
        [[company for company, _ in pairs], [party for _, party in pairs], amounts],
    )


def _papers(documents: Sequence[Document]) -> list[_Other]:
    """PDFs and pictures on which somebody wrote one of these numbers; for such a one, everything of its number."""
    keys = sorted({key for each in documents for key in (each.number_key, number(each.number_key))})
    companies = sorted({each.company_id for each in documents})
    of_number = (
        f"select {_OTHER} where d.company_id = any(%s::bigint[]) and d.number_key = any(%s::text[])"
        f" and d.amount is not null and {_STANDS}"
    )
    found = _others(f"{of_number} and d.direction = 'other' and d.number_key <> ''", [companies, keys])
    papers = [each for each in documents if not each.invoice]
    if papers:
        firms = sorted({each.firm_id for each in papers})
        found += _others(f"{of_number} and d.firm_id = any(%s::bigint[])", [companies, keys, firms])
    return found


def _others(sql: str, values: list[Any]) -> list[_Other]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [_Other(*row) for row in cursor.fetchall()]


# -- amounts ------------------------------------------------------------------------------------------------------


def _unusual(cases: Iterable[_Case]) -> _Found:
    """Amounts far above what their suppliers usually ask for."""
    asked = [
        case.document
        for case in cases
        if case.supplier and case.document.amount is not None and case.document.amount > 0
        if case.document.party_id and not payees.nobody(case.document.party_id)
    ]
    if not asked:
        return {}
    pairs = sorted({(each.company_id, each.party_id) for each in asked})
    before: dict[tuple[int, str, str], list[tuple[int, Decimal]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select w.company, w.party, d.id, d.amount, d.currency
            from unnest(%s::bigint[], %s::text[]) as w(company, party), lateral (
              select d.id, d.amount, d.currency from documents_document d
              where d.company_id = w.company and d.party_id = w.party and d.direction = 'received'
                and not d.credit and d.amount > 0 and d.approval <> 'disputed' and d.booking <> 'excluded'
              order by d.id desc limit %s
            ) d
            """,
            [[company for company, _ in pairs], [party for _, party in pairs], habits.MOST * 2],
        )
        for company, party, pk, amount, currency in cursor.fetchall():
            before[company, party, currency].append((pk, amount))
    found: _Found = {}
    for document in asked:
        assert document.amount is not None  # noqa: S101 - chosen for it
        others = before[document.company_id, document.party_id, document.currency]
        habit = habits.outside(document.amount, [amount for pk, amount in sorted(others, reverse=True)
                                                 if pk != document.pk])  # fmt: skip
        if habit is not None:
            found[document.pk, Kind.AMOUNT] = {
                "amount": str(document.amount),
                "low": str(habit.low.quantize(Decimal("0.01"))),
                "high": str(habit.high.quantize(Decimal("0.01"))),
                "count": habit.count,
                "currency": document.currency,
            }
    return found

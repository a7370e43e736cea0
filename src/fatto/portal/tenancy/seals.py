"""The chain over the trail: sealing what was done, and checking that nothing of it was changed since.

A deed is sealed within minutes by a job, not by its writer: writers would wait for one another at the
chain's end. What a seal hashes is the seal before it and its deeds, each as one line of JSON with sorted
keys; anybody can reckon it anew from an export. Who holds a copy of the latest hashes (an anchor) can
prove later that nothing before them was changed, not even by whoever runs the server.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any, Literal

from django.db import connection, transaction
from django.utils import timezone

from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Deed, Seal

GRACE = timedelta(hours=1)
"""No transaction that writes deeds lasts so long: after it, all deeds up to a number are there to be sealed."""
MOST = 5_000
"""Deeds of one seal."""
BEGIN = "0" * 64
"""What stands before the first seal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that is not as it was sealed."""

    kind: Literal["changed", "missing", "broken", "unsealed", "anchor"]
    """`changed`: a sealed deed reads otherwise now; `missing`: a sealed deed is gone; `broken`: a seal is
    missing or was made otherwise; `unsealed`: a deed that should be sealed long since; `anchor`: the chain
    does not lead through what was noted elsewhere."""
    company: int | None
    number: int = 0
    """Of the seal."""
    deeds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What checking found: how much was checked, and every trouble."""

    seals: int
    deeds: int
    waiting: int
    """Deeds so young that no seal covers them yet."""
    troubles: tuple[Trouble, ...]

    @property
    def sound(self) -> bool:
        return not self.troubles


def line(deed: Deed) -> str:
    """A deed as it is hashed: all of its columns, keys sorted, time in UTC."""
    return json.dumps(
        {
            "id": deed.pk,
            "firm": deed.firm_id,
            "company": deed.company_id,
            "document": deed.document_id,
            "verb": deed.verb,
            "by": deed.by_id,
            "by_name": deed.by_name,
            "by_kind": deed.by_kind,
            "side": deed.side,
            "data": deed.data,
            "at": deed.at.astimezone(UTC).isoformat(timespec="microseconds"),
        },
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )


def link(before: str, lines: Iterable[str]) -> str:
    """The hash of a seal: SHA-256 over the hash before it and the lines of its deeds, each ended by a line feed."""
    digest = hashlib.sha256(f"{before}\n".encode())
    for each in lines:
        digest.update(f"{each}\n".encode())
    return digest.hexdigest()


def seal(actor: Actor) -> int:
    """Seal all deeds of the firm that no seal covers yet; how many. Call it as the system, inside its scope."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two at once would make the same link twice; the second would be refused by the unique key.
            cursor.execute("select pg_advisory_xact_lock(hashtext('fatto.seal'), %s)", [actor.firm.pk])
        loose = _loose(actor)
        if not loose:
            return 0
        upto = max(pk for rows in loose.values() for pk in rows)
        heads = {each.company_id: each for each in heads_of(actor)}
        now = timezone.now()
        for company_id, numbers in loose.items():
            head = heads.get(company_id)
            before, number = (head.sha256, head.number) if head else (BEGIN, 0)
            for start in range(0, len(numbers), MOST):
                some = numbers[start : start + MOST]
                before, number = link(before, map(line, _rows(some))), number + 1
                Seal.objects.create(
                    firm=actor.firm,
                    company_id=company_id,
                    number=number,
                    deeds=some,
                    upto=upto,
                    sha256=before,
                    at=now,
                )
        return sum(map(len, loose.values()))


def heads_of(actor: Actor) -> list[Seal]:
    """The latest seal of each chain that the scope can see, the firm's own first."""
    rows = Seal.objects.order_by("company", "-number").distinct("company").defer("deeds")
    return sorted(rows, key=lambda each: each.company_id or 0)


def anchor(actor: Actor) -> dict[str, Any]:
    """The latest hash of each chain, to be kept elsewhere."""
    return {
        "fatto": "trail anchor",
        "firm": actor.firm.slug,
        "at": timezone.now().astimezone(UTC).isoformat(timespec="seconds"),
        "heads": [
            {"company": each.company_id, "number": each.number, "sha256": each.sha256} for each in heads_of(actor)
        ],
    }


def check(actor: Actor, noted: Iterable[dict[str, Any]] = ()) -> Check:
    """Reckon every chain of the scope anew, from its deeds, and compare.

    Args:
        noted: heads out of anchors that were kept elsewhere.
    """
    troubles: list[Trouble] = []
    seen: set[int] = set()
    before: dict[int | None, tuple[int, str]] = {}
    count = 0
    known = {(each.get("company"), each.get("number")): str(each.get("sha256", "")) for each in noted}
    for each in _seals():
        count += 1
        number, previous = before.get(each.company_id, (0, BEGIN))
        rows = {row.pk: row for row in _rows(each.deeds)}
        gone = tuple(pk for pk in each.deeds if pk not in rows)
        twice = tuple(pk for pk in each.deeds if pk in seen)
        strange = tuple(pk for pk, row in rows.items() if row.company_id != each.company_id)
        if each.number != number + 1 or twice:
            troubles.append(Trouble(kind="broken", company=each.company_id, number=number + 1, deeds=twice))
        if gone:
            troubles.append(Trouble(kind="missing", company=each.company_id, number=each.number, deeds=gone))
        elif strange or link(previous, (line(rows[pk]) for pk in each.deeds)) != each.sha256:
            troubles.append(Trouble(kind="changed", company=each.company_id, number=each.number, deeds=strange))
        noted_hash = known.pop((each.company_id, each.number), "")
        if noted_hash and noted_hash != each.sha256:
            troubles.append(Trouble(kind="anchor", company=each.company_id, number=each.number))
        seen.update(each.deeds)
        before[each.company_id] = (each.number, each.sha256)
    mine = {actor.company.pk} if actor.company else {None, *actor.companies}
    troubles += [
        Trouble(kind="anchor", company=company, number=int(number or 0)) for company, number in known if company in mine
    ]
    late, waiting = _unsealed(seen)
    troubles += [
        Trouble(kind="unsealed", company=company, deeds=tuple(numbers)) for company, numbers in _by_company(late)
    ]
    return Check(seals=count, deeds=len(seen), waiting=waiting, troubles=tuple(troubles))


def _loose(actor: Actor) -> dict[int | None, list[int]]:
    """The deeds that no seal covers, by company, in order.

    Numbers are given before rows appear: a slow transaction's deeds may turn up below ones already sealed.
    So everything above where the firm stood an hour ago is looked at, and the seals since say what is done.
    """
    recent = Seal.objects.filter(at__gte=timezone.now() - GRACE).values_list("deeds", flat=True)
    done = {pk for numbers in recent for pk in numbers}
    found: dict[int | None, list[int]] = defaultdict(list)
    rows = Deed.objects.filter(pk__gt=_edge() or 0).order_by("pk").values_list("pk", "company_id")
    for pk, company_id in rows.iterator(chunk_size=10_000):
        if pk not in done:
            found[company_id].append(pk)
    return found


def _edge() -> int | None:
    """The youngest deed of the firm an hour ago or more: all up to it should be sealed. None before the first seal."""
    rows = Seal.objects.filter(at__lt=timezone.now() - GRACE).order_by("-id")
    return rows.values_list("upto", flat=True).first()


def _unsealed(sealed: set[int]) -> tuple[dict[int | None, list[int]], int]:
    """Deeds that no seal covers: those that should be long since, by company, and how many are just young."""
    late: dict[int | None, list[int]] = defaultdict(list)
    waiting = 0
    edge = _edge()
    for pk, company_id in Deed.objects.order_by("pk").values_list("pk", "company_id").iterator(chunk_size=10_000):
        if pk in sealed:
            continue
        if edge is not None and pk <= edge:
            late[company_id].append(pk)
        else:
            waiting += 1
    return late, waiting


def _by_company(found: dict[int | None, list[int]]) -> list[tuple[int | None, list[int]]]:
    """By company, the firm's own first."""
    return sorted(found.items(), key=lambda pair: pair[0] or 0)


def _seals() -> Iterator[Seal]:
    return Seal.objects.order_by("company", "number").iterator(chunk_size=20)


def _rows(numbers: Sequence[int]) -> list[Deed]:
    """Deeds in the order asked for; what is not there is left out."""
    found = Deed.objects.in_bulk(list(numbers))
    return [found[pk] for pk in numbers if pk in found]

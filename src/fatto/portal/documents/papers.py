"""Supporting documents: what is known of them, in columns that lists and searches read, and their pages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib.postgres.search import SearchVector
from django.db.models import Value

from fatto.portal.documents import naming, words
from fatto.portal.documents.models import Document, File, Page, Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a person says of a supporting document. Empty means unknown."""

    kind: str = ""
    party: str = ""
    number: str = ""
    date: date | None = None
    amount: Decimal | None = None
    currency: str = ""
    payer: str = ""
    method: str = ""
    note: str = ""

    def plain(self) -> dict[str, str]:
        """As texts, for the trail and for keeping; the empty ones left out."""
        return {name: str(value) for name, value in asdict(self).items() if value not in ("", None)}


def from_plain(values: dict[str, Any]) -> Details:
    """What `Details.plain` gave, or a program sent; what makes no sense is left out."""
    texts = {
        name: " ".join(str(values.get(name) or "").replace("\0", "").split()) for name in ("party", "number", "payer")
    }
    day: date | None = None
    amount: Decimal | None = None
    try:
        day = date.fromisoformat(str(values["date"])) if values.get("date") else None
    except ValueError:
        day = None
    try:
        amount = Decimal(str(values["amount"])) if values.get("amount") not in (None, "") else None
    except InvalidOperation:
        amount = None
    kind, method = str(values.get("kind") or ""), str(values.get("method") or "")
    currency = str(values.get("currency") or "").upper()
    return Details(
        kind=kind if kind in Paper.Kind.values else "",
        party=texts["party"][:300],
        number=texts["number"][:100],
        date=day if day is not None and 1970 <= day.year < 3000 else None,
        amount=amount.quantize(Decimal("0.01")) if amount is not None and _possible(amount) else None,
        currency=currency if len(currency) == 3 and currency.isascii() and currency.isalpha() else "",
        payer=texts["payer"][:200],
        method=method if method in Paper.Method.values else "",
        note=str(values.get("note") or "").replace("\0", "").strip()[:4000],
    )


def _possible(amount: Decimal) -> bool:
    return amount.is_finite() and abs(amount) < 10**15


def is_paper(document: Document) -> bool:
    """Is it a supporting document? Nothing was read of it but pages."""
    return not document.format


def of(document: Document) -> Paper | None:
    """What is known of it; None of an invoice, and of what came before there were papers."""
    return Paper.objects.filter(document_id=document.pk).first()


def details(document: Document, paper: Paper | None) -> Details:
    """What is known of it now."""
    return Details(
        kind=document.type_code if document.type_code in Paper.Kind.values else "",
        party=document.party_name,
        number=document.number,
        date=document.issue_date,
        amount=document.amount,
        currency=document.currency,
        payer=paper.payer if paper else "",
        method=paper.method if paper else "",
        note=paper.note if paper else "",
    )


def fill(document: Document, told: Details) -> dict[str, Any]:
    """Set the columns of every document to what is said; gives their names and values. Words are set apart."""
    columns: dict[str, Any] = {
        "type_code": told.kind,
        "party_name": told.party,
        "party_key": words.fold(told.party)[:380],
        "number": told.number,
        "number_key": words.number_key(told.number),
        "issue_date": told.date,
        "sort_date": told.date or document.received_at.date(),
        "amount": told.amount,
        "currency": told.currency if told.amount is not None else "",
    }
    for name, value in columns.items():
        setattr(document, name, value)
    return columns


def searchable(document: Document, text: str, told: Details) -> SearchVector:
    """All words by which people look for it: its names, what is said of it, its tags, and its own text."""
    said = " ".join((document.name, told.party, told.number, told.payer, told.note))
    parts = [
        " ".join(words.tokens(said)),
        " ".join(words.number_words(told.number)) if told.number else "",
        words.party_words(told.party),
        " ".join(map(words.tag_word, document.tags)),
        words.center_word(document.cost_center) if document.cost_center else "",
        " ".join(words.tokens(text)),
    ]
    return SearchVector(Value(" ".join(filter(None, parts))[: words.LIMIT]), config="simple")


def pages(document: Document) -> list[Page]:
    """Its pages in order; none before they were made."""
    return list(Page.objects.filter(document_id=document.pk).select_related("file").order_by("number"))


def originals(document: Document) -> list[tuple[str, File]]:
    """The files it consists of, each once, in the order of its pages; the first is the document's own."""
    found: dict[int, tuple[str, File]] = {}
    for page in pages(document):
        found.setdefault(page.file_id, (page.name, page.file))
    return list(found.values()) or [(document.name, document.file)]


def fingerprint(parts: Iterable[tuple[str, int]]) -> str:
    """The hash of a document made of pages: of the lines `SHA-256 of the file`, space, `page`, one a page."""
    return hashlib.sha256("".join(f"{sha256} {on}\n" for sha256, on in parts).encode()).hexdigest()


def numbers(chosen: Sequence[int]) -> str:
    """Page numbers as people write them: 1, 2, 3, 5 → `1–3, 5`."""
    parts: list[list[int]] = []
    for each in chosen:
        if parts and each == parts[-1][-1] + 1:
            parts[-1].append(each)
        else:
            parts.append([each])
    return ", ".join(str(part[0]) if len(part) == 1 else f"{part[0]}–{part[-1]}" for part in parts)


def view_name(document: Document, number: int = 0) -> str:
    """What the view of a document, or of one of its pages, is called as a file."""
    safe = naming.safe(document.name) or "document"
    stem = safe.rpartition(".")[0] or safe
    return f"{stem}-{number}.jpg" if number else f"{stem}.pdf"

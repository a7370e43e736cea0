"""Walking the archive tree."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from fatto.portal.archive.models import Record


@dataclass(frozen=True, slots=True)
class Branch:
    """A folder of the tree and how many documents lie under it."""

    name: str
    count: int


def years() -> list[Branch]:
    """The years of the scope's archive, newest first."""
    rows = Record.objects.values("year").annotate(n=Count("pk")).order_by("-year")
    return [Branch(str(row["year"]), row["n"]) for row in rows]


def months(year: int) -> list[Branch]:
    """The months of a year, in order."""
    rows = Record.objects.filter(year=year).values("month").annotate(n=Count("pk")).order_by("month")
    return [Branch(f"{row['month']:02}", row["n"]) for row in rows]


def sections(year: int, month: int) -> list[Branch]:
    """Issued, received, others: those that hold something."""
    rows = Record.objects.filter(year=year, month=month).values("section").annotate(n=Count("pk")).order_by("section")
    return [Branch(row["section"], row["n"]) for row in rows]


def records(year: int, month: int, section: str) -> list[Record]:
    """The folders of a section, by name."""
    found = Record.objects.filter(year=year, month=month, section=section)
    return list(found.select_related("document", "document__file").order_by("folder"))


def below(year: int | None = None, month: int | None = None, section: str | None = None) -> list[Record]:
    """All folders under a branch, in the order of the tree."""
    found = Record.objects.all()
    if year is not None:
        found = found.filter(year=year)
    if month is not None:
        found = found.filter(month=month)
    if section is not None:
        found = found.filter(section=section)
    return list(
        found.select_related("document", "document__file", "document__company")
        .defer("document__invoice", "document__words")
        .order_by("year", "month", "section", "folder")
    )


def of_document(document_id: int) -> Record | None:
    """The folder of a document, when it is booked."""
    return Record.objects.filter(document_id=document_id).first()

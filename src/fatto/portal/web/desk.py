"""How a person wants lists of documents to look: beside the viewer or as a table, with which columns, how dense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fatto.portal.documents.queries import SORTS, Filters
from fatto.portal.tenancy.models import Member

PLACE = "desk"
"""Under which name it is kept among a person's preferences."""

COLUMNS: dict[str, Any] = {
    "company": _("Company"),
    "date": _("Document date"),
    "received": pgettext_lazy("column", "Received"),
    "party": _("Party"),
    "party_id": _("Tax number"),
    "number": _("Number"),
    "direction": _("Direction"),
    "type": _("Document type"),
    "amount": _("Amount"),
    "due": _("Due date"),
    "transmission": _("Transmission"),
    "approval": _("Approval"),
    "booking": _("Booking"),
    "verdict": _("Official check"),
    "tags": _("Tags"),
    "center": _("Cost centre"),
    "comments": _("Comments"),
    "file": _("File"),
}
"""What a table of documents can show, in its order. The names are those of `flow.export.columns`."""

USUAL = ("company", "date", "party", "number", "amount", "due", "approval", "booking")
_ORDERED = {"date": "date", "received": "received", "party": "party", "amount": "amount", "due": "due"}
"""Columns by which lists can be ordered, with the name of the order."""
_DOWN_FIRST = ("date", "received", "amount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a person chose; `chosen` columns are empty until it did."""

    table: bool = False
    dense: bool = False
    chosen: tuple[str, ...] = ()

    def columns(self, with_company: bool) -> list[str]:
        """The columns of a table, in their order; a firm's lists name the company."""
        wanted = {*(self.chosen or USUAL), "company"} if with_company else {*(self.chosen or USUAL)} - {"company"}
        return [name for name in COLUMNS if name in wanted]

    def values(self) -> dict[str, Any]:
        """As it is kept."""
        return {"table": self.table, "dense": self.dense, "columns": list(self.chosen)}


def of(member: Member | None) -> Desk:
    """What the person chose; the usual, where nothing sensible is kept."""
    kept = member.preferences.get(PLACE) if member is not None and isinstance(member.preferences, dict) else None
    if not isinstance(kept, dict):
        return Desk()
    columns = kept.get("columns")
    return Desk(
        table=kept.get("table") is True,
        dense=kept.get("dense") is True,
        chosen=_known(columns if isinstance(columns, list) else []),
    )


def typed(values: Mapping[str, Any], columns: list[str]) -> Desk:
    """Out of the form. No column ticked, or just the usual ones: the usual."""
    chosen = _known(columns)
    usual = {name for name in USUAL if name != "company"}
    return Desk(
        table=values.get("layout") == "table",
        dense=values.get("density") == "dense",
        chosen=() if {*chosen} - {"company"} == usual else chosen,
    )


def _known(columns: list[Any]) -> tuple[str, ...]:
    return tuple(name for name in COLUMNS if name in columns)


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a column; `query` orders the list by it, `sorted` says how it is now."""

    name: str
    label: Any
    query: str = ""
    sorted: str = ""


def headings(desk: Desk, filters: Filters, with_company: bool) -> list[Heading]:
    """The columns' heads. Pressed again, the order turns round."""
    return [_heading(name, filters) for name in desk.columns(with_company)]


def _heading(name: str, filters: Filters) -> Heading:
    order = _ORDERED.get(name)
    if order is None:
        return Heading(name, COLUMNS[name])
    up, down = order, f"-{order}"
    now = {up: "ascending", down: "descending"}.get(filters.sort, "")
    first, second = (down, up) if name in _DOWN_FIRST else (up, down)
    wanted = second if filters.sort == first else first
    assert wanted in SORTS  # noqa: S101 - the two tables belong together
    return Heading(name, COLUMNS[name], filters.to_query(sort=wanted), now)

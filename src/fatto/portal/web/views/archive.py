"""What is kept of a company: year, month, section, one folder a document; and the same tree as a ZIP."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.dates import MONTHS
from django.utils.translation import get_language

from fatto.portal.archive import queries
from fatto.portal.documents.models import Direction
from fatto.portal.flow import bundle as bundles
from fatto.portal.tenancy.action import require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web import downloads
from fatto.portal.web.space import in_company


@dataclass(frozen=True, slots=True)
class Folder:
    """A branch of the tree to enter or to take as a ZIP."""

    name: object
    count: int
    url: str
    zip_url: str


@in_company
def tree(
    request: HttpRequest, actor: Actor, year: int | None = None, month: int | None = None, section: str | None = None
) -> HttpResponseBase:
    """One level of the tree, with the way back up."""
    _allowed(actor)
    _sensible(month, section)
    path = [part for part in (year, month, section) if part is not None]
    context = {
        "actor": actor,
        "section": "archive",
        "crumbs": [(_name(path[: n + 1]), _url(actor, "company-archive", path[: n + 1])) for n in range(len(path))],
        "root_url": _url(actor, "company-archive", []),
        "zip_url": _url(actor, "company-archive-zip", path) if path else "",
        "folders": [],
        "records": [],
    }
    if year is None:
        context["folders"] = [_folder(actor, [int(each.name)], each) for each in queries.years()]
    elif month is None:
        context["folders"] = [_folder(actor, [year, int(each.name)], each) for each in queries.months(year)]
    elif section is None:
        context["folders"] = [_folder(actor, [year, month, each.name], each) for each in queries.sections(year, month)]
    else:
        context["records"] = queries.records(year, month, section)
    if path and not context["folders"] and not context["records"]:
        raise Http404
    return render(request, "archive/tree.html", context)


@in_company
def bundle(
    request: HttpRequest, actor: Actor, year: int, month: int | None = None, section: str | None = None
) -> HttpResponseBase:
    """A branch of the tree as a ZIP, made while it is sent."""
    _allowed(actor)
    _sensible(month, section)
    assert actor.company is not None  # noqa: S101 - the decorator saw to it
    if not _holds(year, month, section):
        raise Http404
    chunks = bundles.stream(actor, get_language() or "en", year=year, month=month, section=section)
    parts = [actor.company.slug, f"{year}"] + ([f"{month:02}"] if month else []) + ([section] if section else [])
    return downloads.chunked(chunks, f"{'-'.join(parts)}.zip", "application/zip")


def _allowed(actor: Actor) -> None:
    require(actor, Can.ARCHIVE_READ)


def _holds(year: int, month: int | None, section: str | None) -> bool:
    """Is there anything under a branch?"""
    if month is None:
        return any(each.name == str(year) for each in queries.years())
    found = queries.sections(year, month)
    return any(section in (None, each.name) for each in found)


def _sensible(month: int | None, section: str | None) -> None:
    if (month is not None and not 1 <= month <= 12) or (section is not None and section not in Direction.values):
        raise Http404


def _folder(actor: Actor, path: list[int | str], branch: queries.Branch) -> Folder:
    return Folder(
        _name(path), branch.count, _url(actor, "company-archive", path), _url(actor, "company-archive-zip", path)
    )


def _name(path: list[int | str]) -> object:
    if len(path) == 1:
        return str(path[0])
    if len(path) == 2:
        return MONTHS[int(path[1])]
    return Direction(str(path[2])).label


def _url(actor: Actor, name: str, path: list[int | str]) -> str:
    assert actor.company is not None  # noqa: S101 - the decorator saw to it
    kwargs = dict(zip(("year", "month", "section"), path, strict=False))
    return reverse(name, kwargs={"company": actor.company.slug, **kwargs})

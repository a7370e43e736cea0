"""What is done with a whole list: taking it along as a file, and keeping its question under a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fatto.portal.documents import actions, queries
from fatto.portal.documents.queries import Filters
from fatto.portal.flow import export
from fatto.portal.flow.export import Export
from fatto.portal.tenancy.action import require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web import desk, downloads, listing
from fatto.portal.web.listing import Addresses
from fatto.portal.web.space import SeeOther, back, in_company, in_firm

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@in_company
def csv(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """A company's list as CSV."""
    return _file(request, actor, export.csv, "csv", CSV)


@in_company
def xlsx(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """A company's list as a workbook."""
    return _file(request, actor, export.xlsx, "xlsx", XLSX)


@in_firm
def firm_csv(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """A firm's list as CSV."""
    return _file(request, actor, export.csv, "csv", CSV)


@in_firm
def firm_xlsx(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """A firm's list as a workbook."""
    return _file(request, actor, export.xlsx, "xlsx", XLSX)


@require_http_methods(["GET", "POST"])
@in_company
def views(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The saved views of a company's space; POST saves one."""
    return _views(request, actor)


@require_http_methods(["GET", "POST"])
@in_firm
def firm_views(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The saved views of a firm's space; POST saves one."""
    return _views(request, actor)


@require_POST
@in_company
def view(request: HttpRequest, actor: Actor, view: int) -> HttpResponseBase:
    """Rename, share or remove a saved view of a company's space."""
    return _view(request, actor, view)


@require_POST
@in_firm
def firm_view(request: HttpRequest, actor: Actor, view: int) -> HttpResponseBase:
    """Rename, share or remove a saved view of a firm's space."""
    return _view(request, actor, view)


def _file(
    request: HttpRequest, actor: Actor, write: Callable[[Export], Iterator[bytes]], ending: str, media: str
) -> HttpResponseBase:
    require(actor, Can.DOCUMENT_READ)
    wanted = Export(
        actor=actor,
        filters=Filters.from_query(request.GET),
        language=get_language() or "en",
        zone=timezone.get_current_timezone(),
        names=desk.of(actor.member).chosen,
    )
    space = actor.company.slug if actor.company is not None else actor.firm.slug
    return downloads.chunked(write(wanted), f"{space}-{timezone.localdate():%Y-%m-%d}.{ending}", media)


def _views(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    urls = Addresses(actor)
    if request.method == "POST":
        # Read and written again: what is kept is a list of ours, whatever was sent.
        filters = listing.neutral(Filters.from_query(parsed(request.POST.get("query", ""))))
        saved = actions.save_view(
            actor, name=request.POST.get("name", ""), query=filters.to_query(), shared="shared" in request.POST
        )
        messages.success(request, _("Saved: %(name)s") % {"name": saved.name})
        return SeeOther(urls.desk(saved.query))
    manages = actor.can(Can.COMPANY_MANAGE if actor.company is not None else Can.FIRM_MANAGE)
    rows = [
        {
            "view": each,
            "own": actor.member is not None and each.member_id == actor.member.pk,
            "removable": manages or (actor.member is not None and each.member_id == actor.member.pk),
            "open_url": urls.desk(each.query),
            "url": urls.of_list("view", view=each.pk),
            "limits": listing.limits(Filters.from_query(parsed(each.query)), urls, []),
        }
        for each in queries.views()
    ]
    context = {"actor": actor, "section": "documents", "saved": rows, "desk_url": urls.desk()}
    return render(request, "documents/views.html", context)


def _view(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    found = queries.view(pk)
    if request.POST.get("do") == "remove":
        actions.forget_view(actor, found)
        messages.success(request, _("Removed: %(name)s") % {"name": found.name})
    else:
        actions.change_view(actor, found, name=request.POST.get("name", ""), shared="shared" in request.POST)
        messages.success(request, _("Saved."))
    return SeeOther(back(request, Addresses(actor).of_list("views")))


def parsed(query: str) -> dict[str, str]:
    """The values of a list's address after its question mark."""
    return {name: str(value) for name, value in QueryDict(query[:20_000]).items()}

"""Splitting, merging, moving and restoring supporting documents."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from fatto.portal.documents import papers, queries
from fatto.portal.documents.models import Direction, Document
from fatto.portal.documents.states import Booking
from fatto.portal.flow import arranging
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.action import require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.middleware import device_of
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web import papering
from fatto.portal.web.space import SeeOther, back, in_company

OFFERED = 60
"""So many documents are offered for merging; others are found by a search on the page."""


def _allowed(actor: Actor) -> None:
    require(actor, Can.DOCUMENT_ARRANGE)


def _paper(pk: int) -> Document:
    document = queries.get(pk)
    if not papers.is_paper(document):
        raise Http404
    return document


def _shown(document: Document) -> str:
    return reverse("document", kwargs={"company": document.company.slug, "pk": document.pk})


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def split(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """The pages one below the other, with a box between them for each place to cut."""
    _allowed(actor)
    document = _paper(pk)
    rows = papers.pages(document)
    if request.method == "POST":
        made = arranging.split(actor, document, groups=_groups(request, [row.number for row in rows]))
        text = ngettext("%(n)s document was made.", "%(n)s documents were made.", len(made)) % {"n": len(made)}
        messages.success(request, text)
        return SeeOther(_shown(document))
    context = {
        "actor": actor,
        "section": "documents",
        "document": document,
        "pages": [
            (row.number, papering.address(document, "page", number=row.number) if row.image_sha256 else "")
            for row in rows
        ],
        "back_url": _shown(document),
    }
    return render(request, "papers/split.html", context)


def _groups(request: HttpRequest, numbers: list[int]) -> list[list[int]]:
    """The pages in the order they stand: a `cut` before one begins the next document, `out` leaves one out."""
    cuts, out = set(request.POST.getlist("cut")), set(request.POST.getlist("out"))
    groups: list[list[int]] = [[]]
    for number in numbers:
        if str(number) in cuts and groups[-1]:
            groups.append([])
        if str(number) not in out:
            groups[-1].append(number)
    return [group for group in groups if group]


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def merge(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Several documents as one: which, and in which order."""
    _allowed(actor)
    company = actor.company
    assert company is not None  # noqa: S101 - the decorator saw to it
    if request.method == "POST":
        made = arranging.merge(actor, _chosen(request))
        messages.success(request, _("They are one document now."))
        return SeeOther(_shown(made))
    first = [int(pk) for pk in request.GET.getlist("document") if pk.isascii() and pk.isdigit()][:OFFERED]
    words = request.GET.get("words", "").strip()[:200]
    rows = {each.pk: each for each in queries.some(first)}
    ahead = [rows[pk] for pk in first if pk in rows and _mergeable(rows[pk])]
    direction = ahead[0].direction if ahead else Direction.OTHER
    page = queries.page(queries.Filters(direction=direction, words=words, sort="-received"), size=OFFERED)
    offered = [each for each in page.rows if each.pk not in {row.pk for row in ahead} and _mergeable(each)]
    context = {
        "actor": actor,
        "section": "documents",
        "rows": [(each, place, True) for place, each in enumerate(ahead, 1)] + [(each, "", False) for each in offered],
        "words": words,
        "first": [each.pk for each in ahead],
        "back_url": _shown(ahead[0]) if ahead else reverse("company-documents", kwargs={"company": company.slug}),
    }
    return render(request, "papers/merge.html", context)


def _mergeable(document: Document) -> bool:
    return papers.is_paper(document) and document.booking == Booking.TO_BOOK


def _chosen(request: HttpRequest) -> list[Document]:
    """The ticked documents, by the number beside each; those without one follow as they stood."""
    ticked = [int(pk) for pk in request.POST.getlist("document") if pk.isascii() and pk.isdigit()][:OFFERED]

    def place(pk: int) -> int:
        text = request.POST.get(f"place-{pk}", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 100_000

    rows = {each.pk: each for each in queries.some(ticked)}
    return [rows[pk] for pk in sorted(dict.fromkeys(ticked), key=place) if pk in rows]


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def move(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """To another folder of this company, or to another company of the firm."""
    _allowed(actor)
    document = _paper(pk)
    if request.method == "POST":
        if "direction" in request.POST:
            if request.POST["direction"] not in Direction.values:
                raise Http404
            arranging.move_to_folder(actor, document, direction=request.POST["direction"])
            messages.success(request, _("Moved."))
            return SeeOther(_shown(document))
        return _moved(request, actor, document, request.POST.get("company", ""), back_again=False)
    context = {
        "actor": actor,
        "section": "documents",
        "document": document,
        "directions": [each for each in Direction.choices if each[0] != document.direction],
        "companies": papering.targets(actor),
        "back_url": _shown(document),
    }
    return render(request, "papers/move.html", context)


def _moved(request: HttpRequest, actor: Actor, document: Document, slug: str, *, back_again: bool) -> HttpResponseBase:
    there = actors.in_company(actor.member, slug, device=device_of(request)) if actor.member and slug else None
    if there is None or there.company is None:
        raise arranging.NotThere
    home = reverse("company-documents", kwargs={"company": document.company.slug})
    name = there.company.name
    arranging.move_to_company(actor, document, there=there, back=back_again)
    messages.success(request, _("It is with %(company)s now.") % {"company": name})
    return SeeOther(home)


@require_POST
@in_company
def restore(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Take back what was split, merged or moved."""
    _allowed(actor)
    document = _paper(pk)
    paper = papers.of(document)
    if "moved" in request.POST and paper is not None and paper.moved_from:
        company = next((each for each in papering.targets(actor) if each.pk == paper.moved_from), None)
        return _moved(request, actor, document, company.slug if company else "", back_again=True)
    restored = arranging.restore(actor, document)
    messages.success(request, _("Restored."))
    return SeeOther(back(request, _shown(restored[0])))

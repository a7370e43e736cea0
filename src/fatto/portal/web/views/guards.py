"""The second look at a document: it is right, it is another one, or it is the same one twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from fatto.portal.approvals import twins
from fatto.portal.approvals.models import Kind
from fatto.portal.documents import queries
from fatto.portal.documents.models import Document
from fatto.portal.flow import guard
from fatto.portal.tenancy.actor import Actor
from fatto.portal.web.space import SeeOther, back, in_company
from fatto.portal.web.templatetags.fatto import amount, day, format_title, moment


@dataclass(frozen=True, slots=True)
class Side:
    """One of two documents that may be the same."""

    document: Document
    url: str
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that both say, or one of them."""

    label: str
    values: tuple[Any, Any]

    @property
    def differs(self) -> bool:
        return str(self.values[0] or "") != str(self.values[1] or "")


@require_POST
@in_company
def confirm(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Somebody looked: what the guards found is right."""
    document = queries.get(pk)
    kinds = [kind for kind in request.POST.getlist("kinds") if kind in Kind.values]
    guard.confirm(actor, document, kinds, note=request.POST.get("note", ""))
    return SeeOther(back(request, _page(document)))


@require_http_methods(["GET", "POST"])
@in_company
def same(request: HttpRequest, actor: Actor, pk: int, other: int) -> HttpResponseBase:
    """Two documents side by side, and the question whether they are one."""
    document, second = queries.get(pk), queries.get(other)
    after = back(request, _page(document))
    if request.method == "POST":
        if request.POST.get("answer") == "same":
            twin = guard.join(actor, document, second)
            return SeeOther(_page(twin.document))
        guard.confirm(actor, document, [Kind.DUPLICATE])
        return SeeOther(after)
    goes_on, _rests = twins.kept(document, second)
    both = (document, second)
    context = {
        "actor": actor,
        "section": "documents",
        "document": document,
        "sides": [Side(each, _page(each), each.pk == goes_on.pk) for each in both],
        "facts": [Fact(label, (one, two)) for (label, one), (_label, two) in zip(*map(_facts, both), strict=True)],
        "after": after,
    }
    return render(request, "documents/same.html", context)


def _facts(document: Document) -> list[tuple[str, Any]]:
    """What there is to compare, in words."""
    return [
        (_("Party"), document.party_name),
        (_("Tax number"), document.party_id),
        (_("Number"), document.number),
        (_("Date"), day(document.issue_date)),
        (_("Amount"), amount(document.amount, document.currency)),
        (_("Due date"), day(document.due_date)),
        (_("Format"), format_title(document.format) or document.name.rpartition(".")[2].upper()),
        (_("Channel"), {"upload": _("Portal"), "mail": _("Mail")}.get(document.channel, document.channel)),
        (pgettext("column", "Received"), moment(document.received_at)),
        (_("Brought in by"), document.uploaded_by.name if document.uploaded_by else ""),
    ]


@require_POST
@in_company
def part(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """They are two documents after all."""
    document = queries.get(pk)
    guard.part(actor, document)
    return SeeOther(_page(document))


def _page(document: Document) -> str:
    return reverse("document", kwargs={"company": document.company.slug, "pk": document.pk})

"""What is set for a firm: the list of it, and how archived folders are called."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from fatto.portal.documents import actions, naming, queries
from fatto.portal.documents.queries import Filters
from fatto.portal.tenancy.action import require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web.space import SeeOther, in_firm, partial

EXAMPLES = 5
FIELDS = {
    "issue_date": _("date of the document, 2026-10-31"),
    "party": _("the other side's name"),
    "number": _("its number"),
    "type": _("code of its type, TD01 or 380"),
    "amount": _("total with VAT"),
    "direction": _("received or issued"),
}


@dataclass(frozen=True, slots=True)
class Example:
    """A real document and what its folder would be called."""

    party: str
    company: str
    folder: str


@require_safe
@in_firm
def settings(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Everything that is set for the firm."""
    _managing(actor)
    return render(request, "firm/settings.html", {"actor": actor, "section": "settings", "naming": actor.firm.naming})


@require_http_methods(["GET", "POST"])
@in_firm
def folders(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The pattern of folder names, with what it makes of the latest documents."""
    _managing(actor)
    typed = request.POST if request.method == "POST" else request.GET
    pattern = typed.get("pattern", actor.firm.naming).strip()
    trouble = _trouble(pattern)
    if request.method == "POST" and not trouble:
        if pattern != actor.firm.naming:
            actions.name_folders(actor, pattern=pattern)
            messages.success(request, gettext("Saved. It holds for what is booked from now on."))
        return SeeOther(request.path)
    context = {
        "actor": actor,
        "section": "settings",
        "pattern": pattern,
        "trouble": trouble,
        "examples": [] if trouble else _examples(pattern),
        "fields": [(f"{{{name}}}", label) for name, label in FIELDS.items()],
        "usual": naming.DEFAULT,
        "here": reverse("firm-naming", kwargs={"firm": actor.firm.slug}),
    }
    piece = "#preview" if partial(request, "naming-preview") else ""
    status = 422 if trouble and request.method == "POST" else 200
    return render(request, f"firm/naming.html{piece}", context, status=status)


def _trouble(pattern: str) -> str:
    if not pattern or (naming.valid(pattern) and len(pattern) <= naming.LONGEST):
        return "" if pattern else gettext("Write a pattern with at least one field, such as {number}.")
    if len(pattern) > naming.LONGEST:
        return gettext("The pattern is too long: at most %(most)s characters.") % {"most": naming.LONGEST}
    strange = naming.unknown(pattern)
    if strange:
        return gettext("There is no field {%(name)s}.") % {"name": strange}
    return gettext("Write fields in braces, such as {number}; a brace of its own is written twice.")


def _examples(pattern: str) -> list[Example]:
    rows = queries.page(Filters(sort="-received"), size=EXAMPLES).rows
    return [Example(row.party_name or row.name, row.company.name, naming.folder(row, pattern)) for row in rows]


def _managing(actor: Actor) -> None:
    require(actor, Can.FIRM_MANAGE)

"""The last decision of a person, kept in the session until the next page shows the bar that takes it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from fatto.portal.documents.models import Document

_KEY = "undo"


@dataclass(frozen=True, slots=True)
class Undo:
    """What was done, in a sentence, and the address that takes it back."""

    document: int | None
    text: str
    url: str
    next: str
    """Where taking back leads: the page that shows the bar."""


def remember(request: HttpRequest, document: Document, verb: str) -> None:
    """A document was `approved`, `agreed`, `disputed` or `undone`: the next page says so."""
    request.session[_KEY] = {
        "document": document.pk,
        "company": document.company.slug,
        "verb": verb,
        "what": document.party_name or document.name,
    }


def take(request: HttpRequest) -> Undo | None:
    """What the bar shows; it is shown once."""
    kept: dict[str, Any] | None = request.session.pop(_KEY, None)
    if kept is None:
        return None
    text = {
        "approved": _("Approved: %(what)s"),
        "agreed": _("Agreed, a second person is asked: %(what)s"),
        "disputed": _("Disputed: %(what)s"),
        "undone": _("Waiting again: %(what)s"),
    }[kept["verb"]]
    url = reverse("document-undo", kwargs={"company": kept["company"], "pk": kept["document"]})
    undoable = kept["verb"] != "undone"
    return Undo(kept["document"], text % kept, url if undoable else "", request.get_full_path())

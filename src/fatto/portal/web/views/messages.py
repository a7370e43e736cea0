"""What lies in a company's box at its authority, message by message, and the files that prove something."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fatto.portal.documents import vault
from fatto.portal.exchange import queries
from fatto.portal.exchange.models import Message, Receipt
from fatto.portal.exchange.states import Held
from fatto.portal.flow import sync
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.permissions import Can
from fatto.portal.web import downloads, exchanging
from fatto.portal.web.space import SeeOther, in_company

SIZE = 100


@require_http_methods(["GET", "HEAD"])
@in_company
def of_company(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Every message that the authority listed, newest first."""
    company = exchanging.company(actor)
    state = request.GET.get("state", "")
    before = request.GET.get("before", "")
    number = int(before) if before.isdecimal() and len(before) < 15 else 0
    found = queries.messages(state, number, SIZE + 1)
    rows, more = found[:SIZE], len(found) > SIZE
    here = reverse("company-messages", kwargs={"company": company.slug})
    query: dict[str, str | int] = {"state": state} if state in Held.values else {}
    context = {
        "actor": actor,
        "section": "connections",
        "lines": [exchanging.message(each) for each in rows],
        "may_sync": actor.can(Can.CONNECTION_SYNC),
        "states": [(each.value, each.label) for each in Held],
        "state": state,
        "here": here,
        "next_url": f"{here}?{urlencode({**query, 'before': rows[-1].pk})}" if more else "",
        "back_url": reverse("company-connection", kwargs={"company": company.slug}),
    }
    return render(request, "exchange/messages.html", context)


@require_http_methods(["POST"])
@in_company
def again(request: HttpRequest, actor: Actor, message: int) -> HttpResponseBase:
    """Open a message that waits for a look once more."""
    company = exchanging.company(actor)
    sync.open_again(actor, Message.objects.get(pk=message))
    messages.success(request, _("It is taken up again; what comes of it stands here."))
    return SeeOther(reverse("company-messages", kwargs={"company": company.slug}))


@require_http_methods(["GET", "HEAD"])
@in_company
def file(request: HttpRequest, actor: Actor, message: int) -> HttpResponseBase:
    """A message's file as the authority gave it."""
    exchanging.company(actor)
    row = Message.objects.select_related("file").get(pk=message)
    if row.file is None or row.state not in (Held.OPENED, Held.PARKED):
        raise Http404  # whose eyes it is for is known once it is opened
    data = vault.get(actor.firm.pk, row.file.sha256)
    return downloads.download(data, f"{row.reference or row.number}.zip", "application/zip")


@require_http_methods(["GET", "HEAD"])
@in_company
def receipt(request: HttpRequest, actor: Actor, pk: int, receipt: int) -> HttpResponseBase:
    """A file that proves something about a document."""
    row = Receipt.objects.select_related("file").get(pk=receipt, document_id=pk)
    media = "application/pdf" if row.kind == Receipt.Kind.PAPER else "application/zip"
    return downloads.download(vault.get(actor.firm.pk, row.file.sha256), row.name, media)

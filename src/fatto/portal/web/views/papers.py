"""Supporting documents: their pages, saying what they are, photographing them, and mailing them in."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from fatto.portal.documents import pages as making
from fatto.portal.documents import papers as columns
from fatto.portal.documents import queries, vault
from fatto.portal.documents.models import Document, Page
from fatto.portal.flow import mailin
from fatto.portal.flow import papers as flow
from fatto.portal.flow.papers import Shot
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.action import Refusal, require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.middleware import device_of
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope
from fatto.portal.web import downloads, papering
from fatto.portal.web.forms.papers import DetailsForm, initial
from fatto.portal.web.space import SeeOther, back, in_company, kept_private, refused

HEAD = 4096
"""Bytes of a file from which its kind is told."""


@require_safe
@in_company
def page(request: HttpRequest, actor: Actor, pk: int, number: int) -> HttpResponseBase:
    """The picture of one page: a copy that holds nothing but what is seen."""
    document = queries.get(pk)
    row = Page.objects.get(document_id=document.pk, number=number)
    if not row.image_sha256:
        raise Http404
    shown = downloads.show(
        vault.get(document.firm_id, row.image_sha256), columns.view_name(document, number), "image/jpeg"
    )
    return downloads.immutable(shown, row.image_sha256)


@require_safe
@in_company
def file(request: HttpRequest, actor: Actor, pk: int, n: int) -> HttpResponseBase:
    """One of the originals that a document consists of, byte for byte as it came."""
    document = queries.get(pk)
    originals = columns.originals(document)
    if not 1 <= n <= len(originals):
        raise Http404
    name, row = originals[n - 1]
    return downloads.immutable(downloads.download(vault.get(document.firm_id, row.sha256), name), row.sha256)


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def details(request: HttpRequest, actor: Actor, pk: int) -> HttpResponseBase:
    """Say what it is; in a row, for all of a batch, when the address names one."""
    require(actor, Can.DOCUMENT_UPLOAD)
    document = queries.get(pk)
    if not columns.is_paper(document):
        raise Http404
    paper = columns.of(document)
    batch = _uuid(request.GET.get("batch", ""))
    known = columns.details(document, paper)
    guessed = paper is not None and not paper.told and bool(paper.guess) and not known.plain()
    if guessed and paper is not None:
        known = columns.from_plain(paper.guess)
    currency = document.company.currency
    form = DetailsForm(request.POST or None, initial=initial(known) | {"currency": known.currency or currency})
    if request.method == "POST" and form.is_valid():
        flow.set_details(actor, document, details=form.details(currency))
        messages.success(request, _("Saved."))
        return SeeOther(_onward(request, actor, document, batch))
    context = {
        "actor": actor,
        "section": "upload" if batch else "documents",
        "document": document,
        "form": form,
        "guessed": guessed,
        "batch": batch,
        "skip_url": _onward(request, actor, document, batch),
        **papering.context(actor, document),
    }
    return render(request, "papers/details.html", context, status=422 if form.errors else 200)


def _onward(request: HttpRequest, actor: Actor, document: Document, batch: uuid.UUID | None) -> str:
    """After saving or skipping: the next of the batch, then its list; else the document."""
    here = reverse("document", kwargs={"company": document.company.slug, "pk": document.pk})
    if batch is None:
        return back(request, here)
    following = papering.untold(actor, batch, after=document.pk)
    return following or reverse("company-upload-batch", kwargs={"company": document.company.slug, "batch": batch})


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


# -- photographs --------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@kept_private
@login_required
def capture(request: HttpRequest, company: str) -> HttpResponseBase:
    """Files that are the pages of one document, in their order.

    Scripts send with `Accept: application/json`, and ask beforehand who is logged in: what was kept while
    nobody was on line must go out in the name of whoever took it. `batch` makes sending twice harmless.
    """
    actor = actors.in_company(request.user, company, device=device_of(request))  # type: ignore[arg-type]
    if actor is None:
        raise Http404
    spoken = "application/json" in request.headers.get("Accept", "")
    if request.method != "POST":
        if spoken:
            return JsonResponse({"member": request.user.pk, "token": get_token(request)})
        return redirect("company-upload", company=company)
    batch = _uuid(request.POST.get("batch", "")) or uuid.uuid4()
    try:
        document = _captured(request, actor, batch)
    except Refusal as refusal:
        if spoken:
            return JsonResponse({"message": str(refusal.message)}, status=refusal.status)
        request.actor = actor  # type: ignore[attr-defined]
        with scope(actor):
            return refused(request, actor, refusal)
    url = reverse("company-upload-batch", kwargs={"company": company, "batch": batch})
    if document is not None:
        url = f"{reverse('document-details', kwargs={'company': company, 'pk': document})}?batch={batch}"
    return JsonResponse({"url": url}, status=201) if spoken else SeeOther(url)


def _captured(request: HttpRequest, actor: Actor, batch: uuid.UUID) -> int | None:
    """The number of the new document; None when it was there already, or is not to be seen yet."""
    require(actor, Can.DOCUMENT_UPLOAD)
    files = [each for each in request.FILES.getlist("pages") if each.size]
    if not files or len(files) > making.MOST_FILES:
        raise flow.Unshown if not files else flow.TooLong
    for each in files:
        head = each.read(HEAD)
        each.seek(0)
        if not making.showable(head):
            raise flow.Unshown
    shots = [Shot((each.name or "photo")[-255:], *vault.put_stream(actor.firm.pk, each.chunks())) for each in files]
    with scope(actor):
        done = flow.capture(actor, shots=shots, batch=batch)
        item = done[0].items.filter(outcome="accepted").first()
        number: int | None = item.document_id if item is not None else None
        return number if number is not None and Document.objects.filter(pk=number).exists() else None


# -- mail ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@in_company
def mail(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The company's own address for documents, and who may write to it."""
    company = actor.company
    assert company is not None  # noqa: S101 - the decorator saw to it
    require(actor, Can.COMPANY_MANAGE)
    box = mailin.mailbox()
    wrong = ""
    senders = "\n".join(box.senders) if box is not None else ""
    if request.method == "POST":
        if "renew" in request.POST:
            mailin.renew(actor, company)
            messages.success(request, _("This is the address from now on."))
            return SeeOther(request.path)
        senders = request.POST.get("senders", "")[:30_000]
        try:
            mailin.allow(actor, company, senders=senders.replace(",", "\n").split("\n"))
        except (mailin.NoAddress, mailin.TooManySenders) as refusal:
            wrong = str(refusal.message)
        else:
            messages.success(request, _("Saved."))
            return SeeOther(request.path)
    context = {
        "actor": actor,
        "section": "settings",
        "company": company,
        "domain": mailin.domain(),
        "box": box,
        "mail_address": mailin.address(box),
        "senders": senders,
        "wrong": wrong,
    }
    return render(request, "papers/mail.html", context, status=422 if wrong else 200)

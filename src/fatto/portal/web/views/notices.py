"""A person's notices, how it is told, and the browsers that take its pushes."""

from __future__ import annotations

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fatto.portal.notifications import actions, choices, devices, hours, links, push, queries, summary
from fatto.portal.notifications.kinds import BY_KEY
from fatto.portal.tenancy.models import Member
from fatto.portal.web.forms.notices import KindForm, WishesForm
from fatto.portal.web.space import SeeOther, hidden, kept_private

_MOST_BYTES = 4_000


def _person(request: HttpRequest) -> Member:
    assert isinstance(request.user, Member)  # noqa: S101 - login_required
    return request.user


@kept_private
@login_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """What the person was told of lately, wherever it was."""
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else None
    lines, after = queries.page(_person(request), before)
    older = f"{reverse('notices')}?before={after}" if after else ""
    unread = any(line.notice.read_at is None for line in lines)
    return render(request, "notices/notices.html", {"lines": lines, "older_url": older, "unread": unread})


@kept_private
@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponseBase:
    """All was looked at."""
    actions.mark_read(_person(request))
    return SeeOther(reverse("notices"))


@kept_private
@login_required
@require_POST
def show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One was looked at: go where it can be looked after."""
    member = _person(request)
    notice = queries.get(member, pk)
    if notice is None or notice.kind not in BY_KEY:
        raise Http404
    actions.mark_read(member, pk)
    return SeeOther(summary.where(member, notice))


@kept_private
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponseBase:
    """Per kind: push, mail at once, digest, off; and the hours for all of them."""
    member = _person(request)
    chosen = choices.all_of(member)
    data = request.POST if request.method == "POST" else None
    form = WishesForm(data) if data is not None else WishesForm.of(hours.wishes_of(member))
    kinds = [KindForm(each, data) for each in chosen if not each.kind.must]
    if data is not None and not any(each.errors for each in (form, *kinds)):
        actions.choose(
            member, {each.kind.key: (each.cleaned_data["mail"], each.cleaned_data["push"]) for each in kinds}
        )
        actions.wish(member, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return SeeOther(reverse("notice-settings"))
    context = {
        "form": form,
        "kinds": kinds,
        "musts": [each.kind for each in chosen if each.kind.must],
        "devices": push.devices(member),
        "push_key": push.key().public if push.switched_on() else "",
        "zone": hours.of(member).zone.key.replace("_", " "),
    }
    return render(request, "notices/settings.html", context, status=422 if data is not None else 200)


@kept_private
@login_required
@require_POST
def add_device(request: HttpRequest) -> HttpResponseBase:
    """A browser asks for pushes: it sends its subscription as JSON."""
    if not push.switched_on():
        raise Http404
    if len(request.body) > _MOST_BYTES:
        return JsonResponse({}, status=413)
    try:
        sent = json.loads(request.body)
        values = {"endpoint": sent["endpoint"], "p256dh": sent["keys"]["p256dh"], "auth": sent["keys"]["auth"]}
        if not all(isinstance(value, str) for value in values.values()):
            raise TypeError
        name = devices.called(request.headers.get("User-Agent", ""))
        push.subscribe(_person(request), **values, name=name)
    except (ValueError, TypeError, KeyError, RecursionError):
        return JsonResponse({}, status=422)
    return JsonResponse({}, status=201)


@kept_private
@login_required
@require_POST
def remove_device(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Nothing is pushed there any more."""
    if not push.forget(_person(request), pk):
        raise Http404
    messages.success(request, _("Nothing is pushed to that device any more."))
    return SeeOther(reverse("notice-settings"))


@csrf_exempt
@kept_private
@require_http_methods(["GET", "HEAD", "POST"])
def digest_off(request: HttpRequest, token: str) -> HttpResponseBase:
    """The digest's own way out: mail programs post here by themselves (RFC 8058), people see a button first."""
    member = links.off_for(token)
    if member is None:
        return hidden(render(request, "notices/dead.html", {"why": "unknown"}, status=404))
    if request.method == "POST":
        actions.wish(member, digest=False)
    off = not hours.wishes_of(member).digest
    return hidden(render(request, "notices/digest_off.html", {"off": off}))

"""How a firm looks: the page that changes it, and the style, pictures, icons and manifest that pages refer to."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_noop
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_safe

from fatto.portal.flow import letterhead, letters
from fatto.portal.tenancy import brands, contrast, pictures
from fatto.portal.tenancy.action import Refusal, require
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.brands import Look
from fatto.portal.tenancy.models import Brand, Company, Deed, Firm, Invitation
from fatto.portal.tenancy.permissions import Can, Role
from fatto.portal.web.forms.brand import BrandForm
from fatto.portal.web.space import SeeOther, in_firm
from fatto.render.letter import Letter, Part
from fatto.render.letter import picture as letter_picture

SIZES = (192, 512)
TOUCH = 180
"""What phones by Apple take."""


# -- for everybody --------------------------------------------------------------------------------------------------


@require_safe
def resource(request: HttpRequest, of: str, code: str, what: str) -> HttpResponseBase:
    """Something of a firm's looks. The code is another one with every change, so that it is kept for good."""
    firm = Firm.objects.filter(slug=of).first()
    look = brands.of(firm) if firm is not None else None
    if look is None or look.code != code:
        raise Http404
    response = _resource(look, what, ":root")
    asked_anew = what.endswith(".webmanifest")
    response["Cache-Control"] = "no-cache" if asked_anew else "public, max-age=31536000, immutable"
    return response


def _resource(look: Look, what: str, root: str) -> HttpResponseBase:
    make = _WHATS.get(what)
    if make is None:
        raise Http404
    response = make(look, root)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"  # mail programs show the logo, too
    return response


def _style(look: Look, root: str) -> HttpResponseBase:
    light = _variables(look.accent, look.on_accent, "#000000")
    dark = _variables(look.dark, look.on_dark, "#ffffff")
    if root == ":root":
        text = (
            f":root{{{light}}}\n"
            f'@media (prefers-color-scheme: dark){{:root:not([data-theme="light"]){{{dark}}}}}\n'
            f':root[data-theme="dark"]{{{dark}}}\n'
        )
    else:
        text = f"{root}{{{light}}}\n{root}.is-dark{{{dark}}}\n"
    return HttpResponse(text, content_type="text/css; charset=utf-8")


def _variables(colour: str, on: str, towards: str) -> str:
    return f"--brand:{colour};--on-brand:{on};--brand-press:{contrast.mixed(colour, towards, 0.85)};"


def _picture(use: pictures.Use) -> Callable[[Look, str], HttpResponseBase]:
    def show(look: Look, root: str) -> HttpResponseBase:
        data = brands.picture(look, use)
        row = look.logo if use is pictures.Use.LOGO else look.cover
        if data is None or row is None:
            raise Http404
        return HttpResponse(data, content_type=row.media)

    return show


def _icon(size: int, full: bool) -> Callable[[Look, str], HttpResponseBase]:
    def show(look: Look, root: str) -> HttpResponseBase:
        logo = brands.picture(look, pictures.Use.LOGO)
        return HttpResponse(_drawn(logo, look.name, look.accent, size, full), content_type="image/png")

    return show


@lru_cache(maxsize=64)
def _drawn(logo: bytes | None, name: str, accent: str, size: int, full: bool) -> bytes:
    return pictures.icon(logo, name, accent, size, full=full)


def _manifest(look: Look, root: str) -> HttpResponseBase:
    def url(what: str) -> str:
        return reverse("brand-resource", kwargs={"of": look.slug, "code": look.code, "what": what})

    icons = [
        {"src": url(f"{kind}-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for kind, purpose in (("icon", "any"), ("maskable", "maskable"))
        for size in SIZES
    ]
    return JsonResponse(
        manifest(name=look.name, short=look.short, icons=icons, colour=look.accent, app=f"/?app={look.slug}"),
        content_type="application/manifest+json",
    )


def manifest(*, name: str, short: str, icons: list[dict[str, str]], colour: str, app: str) -> dict[str, Any]:
    """A web app's manifest (W3C, Web Application Manifest)."""
    return {
        "id": app,
        "name": name,
        "short_name": short,
        "lang": get_language() or "en",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": colour,
        "background_color": "#f3f2ee",
        "icons": icons,
        "share_target": {
            "action": reverse("share"),
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {
                "files": [
                    {
                        "name": "files",
                        "accept": [
                            "application/pdf",
                            "application/xml",
                            "text/xml",
                            "application/zip",
                            "application/pkcs7-mime",
                            "message/rfc822",
                            "image/*",
                            ".xml",
                            ".p7m",
                            ".zip",
                            ".eml",
                            ".pdf",
                        ],
                    }
                ]
            },
        },
    }


_WHATS: dict[str, Callable[[Look, str], HttpResponseBase]] = {
    "style.css": _style,
    "logo.png": _picture(pictures.Use.LOGO),
    "cover.jpg": _picture(pictures.Use.COVER),
    "manifest.webmanifest": _manifest,
    f"touch-{TOUCH}.png": _icon(TOUCH, True),
    **{f"icon-{size}.png": _icon(size, False) for size in SIZES},
    **{f"maskable-{size}.png": _icon(size, True) for size in SIZES},
}


# -- for the firm ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@in_firm
def brand(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Change the draft, look at it, publish it, go back."""
    _managing(actor)
    found = brands.every(actor)
    base = found.get(Brand.State.DRAFT) or found.get(Brand.State.PUBLISHED)
    form = BrandForm(
        initial={"name": base.name if base else "", "accent": base.accent if base else brands.ACCENT}, label_suffix=""
    )
    proposal = ""
    if request.method == "POST":
        verb = request.POST.get("do", "save")
        if verb in _DEEDS:
            deed, said = _DEEDS[verb]
            deed(actor)
            messages.success(request, gettext(said))
            return SeeOther(request.path)
        form = BrandForm(request.POST, request.FILES, label_suffix="")
        if form.is_valid():
            try:
                brands.save(actor, **form.deed())
            except brands.Unreadable as refusal:
                proposal = refusal.verdict.nearest
                form.add_error("accent", str(refusal.message))
            except pictures.Unfit as refusal:
                form.add_error(form.culprit(refusal), str(refusal.message))
            except Refusal as refusal:
                form.add_error("accent", str(refusal.message))
            else:
                messages.success(request, gettext("Kept as a draft. Look at it below, then publish it."))
                return SeeOther(f"{request.path}#preview")
    draft = found.get(Brand.State.DRAFT)
    shown = brands.look(actor.firm, draft or found.get(Brand.State.PUBLISHED))
    context = {
        "actor": actor,
        "section": "settings",
        "form": form,
        "proposal": proposal,
        "draft": draft,
        "published": found.get(Brand.State.PUBLISHED),
        "before": found.get(Brand.State.BEFORE),
        "look": shown,
        "urls": {what: _draft_url(actor, what, shown) for what in ("style.css", "logo.png", "cover.jpg", "mail.html")}
        | {"letter": _draft_url(actor, "letter.png", shown)},
        "login_url": request.build_absolute_uri(reverse("login-of-firm", kwargs={"of": actor.firm.slug})),
        "history": _history(actor),
    }
    return render(request, "firm/brand.html", context, status=422 if form.errors else 200)


_DEEDS: dict[str, tuple[Callable[[Actor], object], str]] = {
    "publish": (brands.publish, gettext_noop("Published: everybody sees it now.")),
    "back": (brands.go_back, gettext_noop("What was shown before is shown again.")),
    "discard": (brands.discard, gettext_noop("The draft is dropped.")),
}


@require_safe
@xframe_options_sameorigin
@in_firm
def draft(request: HttpRequest, actor: Actor, what: str) -> HttpResponseBase:
    """A piece of the preview: what is published, when there is no draft."""
    _managing(actor)
    found = brands.every(actor)
    look = brands.look(actor.firm, found.get(Brand.State.DRAFT) or found.get(Brand.State.PUBLISHED))
    if what == "mail.html":
        return _mail(actor, look)
    if what == "letter.png":
        return HttpResponse(letter_picture(_letter(actor, look)), content_type="image/png")
    return _resource(look, what, ".brand-draft")


def _mail(actor: Actor, look: Look) -> HttpResponseBase:
    """A mail as it would be, in a frame in which nothing can act."""
    response = HttpResponse(_letter_by_mail(actor, look))
    response["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'"
    )
    return response


def _letter_by_mail(actor: Actor, look: Look) -> str:
    firm = actor.firm
    company = Company.objects.order_by("name").first() or Company(firm=firm, name=gettext("A company"))
    sample = Invitation(
        firm=firm,
        company=company,
        email="name@example.org",
        name="",
        language=get_language() or firm.language,
        role=Role.OWNER,
        by=actor.member,
        expires_at=timezone.now(),
    )
    # The frame is nobody's page, so that nothing in it can act: it brings no cookies, and the logo comes within it.
    data = brands.picture(look, pictures.Use.LOGO)
    logo = f"data:image/png;base64,{base64.b64encode(pictures.scaled(data, (480, 96))).decode()}" if data else ""
    letter = letters.invitation(firm, [sample], "example", known=False, look=look, logo=logo)
    return str(letter.alternatives[0][0])


def _letter(actor: Actor, look: Look) -> Letter:
    """A page in the firm's name with a few facts of the firm itself."""
    return Letter(
        title=gettext("Approval sheet"),
        parts=(
            Part(
                title=gettext("Document"),
                rows=(
                    (gettext("Company"), gettext("A company")),
                    (gettext("Document"), "FT 12/A"),
                    (gettext("Approval"), gettext("Approved")),
                ),
            ),
        ),
        lang=get_language() or "en",
        head=letterhead.head(look),
        at=timezone.now(),
    )


def _draft_url(actor: Actor, what: str, look: Look) -> str:
    return f"{reverse('firm-brand-draft', kwargs={'firm': actor.firm.slug, 'what': what})}?{look.code}"


def _managing(actor: Actor) -> None:
    require(actor, Can.FIRM_MANAGE)


def _history(actor: Actor) -> list[Deed]:
    rows = Deed.objects.filter(company=None, verb__in=("brand-published", "brand-taken-back"))
    return list(rows.order_by("-id")[:10])


@require_safe
def login(request: HttpRequest, of: str) -> HttpResponseBase:
    """The door of one firm: its own address for the page of the login, which then looks like the firm."""
    return redirect(f"{reverse('account_login')}?firm={of}")

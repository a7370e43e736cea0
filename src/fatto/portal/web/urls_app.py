"""Addresses of a firm's looks, of its settings, and of the portal as an app."""

from __future__ import annotations

from django.urls import path

from fatto.portal.web.views import app, brand, guides, settings

_F = "f/<slug:firm>/"

urlpatterns = [
    # For everybody
    path("login/<slug:of>/", brand.login, name="login-of-firm"),
    path("brand/<slug:of>/<slug:code>/<str:what>", brand.resource, name="brand-resource"),
    path("app.webmanifest", app.manifest, name="manifest"),
    path("worker.js", app.worker, name="worker"),
    path("offline/", app.offline, name="offline"),
    path("favicon.ico", app.favicon, name="favicon"),
    path("help/", guides.index, name="help"),
    path("help/home-screen/", app.guide, name="help-home-screen"),
    path("help/<slug:name>/", guides.guide, name="help-guide"),
    # For whoever is logged in
    path("share/", app.share, name="share"),
    # A firm
    path(f"{_F}settings/", settings.settings, name="firm-settings"),
    path(f"{_F}settings/folders/", settings.folders, name="firm-naming"),
    path(f"{_F}brand/", brand.brand, name="firm-brand"),
    path(f"{_F}brand/draft/<str:what>", brand.draft, name="firm-brand-draft"),
]

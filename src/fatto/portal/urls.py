"""Every address of the portal."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import include, path

from fatto.portal import health, metrics

urlpatterns = [
    path("health/", include(health)),
    path("metrics", metrics.show, name="metrics"),
    path("accounts/", include("allauth.urls")),
]
if find_spec("fatto.portal.web") and find_spec("fatto.portal.web.urls"):
    urlpatterns.append(path("", include("fatto.portal.web.urls")))

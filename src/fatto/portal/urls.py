"""Every address of the portal."""

from __future__ import annotations

from django.urls import include, path

from fatto.portal import health, metrics
from fatto.portal.api import v1

urlpatterns = [
    path("health/", include(health)),
    path("metrics", metrics.show, name="metrics"),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", v1.api.urls),
    path("", include("fatto.portal.web.urls")),
]

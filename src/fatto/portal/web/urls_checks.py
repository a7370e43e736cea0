"""Addresses of the official rules and of judging the archive by them."""

from __future__ import annotations

from django.urls import path

from fatto.portal.web.views import checks

urlpatterns = [path("f/<slug:firm>/settings/checks/", checks.of_firm, name="firm-checks")]

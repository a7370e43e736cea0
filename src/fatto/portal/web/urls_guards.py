"""Addresses of the second look: confirming what the guards found, and telling two documents from one."""

from __future__ import annotations

from django.urls import path

from fatto.portal.web.views import guards

_D = "c/<slug:company>/documents/<int:pk>/"

urlpatterns = [
    path(f"{_D}confirm/", guards.confirm, name="document-confirm"),
    path(f"{_D}same/<int:other>/", guards.same, name="document-same"),
    path(f"{_D}part/", guards.part, name="document-part"),
]

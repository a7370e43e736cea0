"""Addresses of supporting documents: their pages and details, splitting, merging, moving, and how they get in."""

from __future__ import annotations

from django.urls import path

from fatto.portal.web.views import arranging, papers

_C = "c/<slug:company>/"
_D = "c/<slug:company>/documents/<int:pk>/"

urlpatterns = [
    path(f"{_C}photographs/", papers.capture, name="company-capture-upload"),
    path(f"{_C}mail/", papers.mail, name="company-mail"),
    path(f"{_C}documents/merge/", arranging.merge, name="company-merge"),
    path(f"{_D}page/<int:number>/", papers.page, name="document-page"),
    path(f"{_D}file/<int:n>/", papers.file, name="document-file"),
    path(f"{_D}details/", papers.details, name="document-details"),
    path(f"{_D}split/", arranging.split, name="document-split"),
    path(f"{_D}move/", arranging.move, name="document-move"),
    path(f"{_D}restore/", arranging.restore, name="document-restore"),
]

"""Addresses of what is done with many documents, and of how a person wants lists to look."""

from __future__ import annotations

from django.urls import path

from fatto.portal.web.views import bulk, me, portfolio

_C = "c/<slug:company>/documents/bulk/"
_F = "f/<slug:firm>/documents/bulk/"

urlpatterns = [
    path("me/lists/", me.lists, name="me-lists"),
    path(_C, bulk.company, name="company-documents-bulk"),
    path(f"{_C}count/", bulk.company_count, name="company-documents-bulk-count"),
    path(f"{_C}<int:bulk>/", bulk.company_batch, name="company-documents-batch"),
    path(_F, bulk.firm, name="firm-documents-bulk"),
    path(f"{_F}count/", bulk.firm_count, name="firm-documents-bulk-count"),
    path(f"{_F}<int:bulk>/", bulk.firm_batch, name="firm-documents-batch"),
    path("f/<slug:firm>/clients/list.csv", portfolio.csv, name="firm-clients-csv"),
]

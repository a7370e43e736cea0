"""Addresses of one's own data (exports, the proof of the trail), of support, and of who runs the portal."""

from __future__ import annotations

from django.urls import path

from fatto.portal.web.views import company, data, operator, support

_C = "c/<slug:company>/data/"
_F = "f/<slug:firm>/data/"

urlpatterns = [
    path(_C, data.of_company, name="company-data"),
    path(f"{_C}trail.json", data.companys_anchor, name="company-data-anchor"),
    path(f"{_C}<int:export>.zip", data.companys_file, name="company-data-export"),
    path("c/<slug:company>/view-as/", company.view_as, name="company-view-as"),
    path(_F, data.of_firm, name="firm-data"),
    path(f"{_F}trail.json", data.firms_anchor, name="firm-data-anchor"),
    path(f"{_F}<int:export>.zip", data.firms_file, name="firm-data-export"),
    path("f/<slug:firm>/support/", support.of_firm, name="firm-support"),
    path("op/", operator.overview, name="operator"),
    path("op/<slug:slug>/", operator.firm, name="operator-firm"),
]

"""Addresses of how a company approves: its policy, its rules; and of absences."""

from __future__ import annotations

from django.urls import path

from fatto.portal.web.views import absences, policies, rules

_C = "c/<slug:company>/"
_F = "f/<slug:firm>/"

urlpatterns = [
    path(f"{_C}policy/", policies.policies, name="company-policies"),
    path(f"{_C}policy/add/", policies.add, name="company-policy-add"),
    path(f"{_C}policy/<int:pk>/", policies.policy, name="company-policy"),
    path(f"{_C}rules/", rules.rules, name="company-rules"),
    path(f"{_C}rules/add/", rules.add, name="company-rule-add"),
    path(f"{_C}rules/<int:pk>/", rules.rule, name="company-rule"),
    path("me/absences/", absences.mine, name="me-absences"),
    path(f"{_C}away/", absences.of_company, name="company-away"),
    path(f"{_C}people/<int:pk>/away/", absences.of_person, name="company-person-away"),
    path(f"{_F}away/", absences.of_firm, name="firm-away"),
    path(f"{_F}team/<int:pk>/away/", absences.of_colleague, name="firm-team-person-away"),
]

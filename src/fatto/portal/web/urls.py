"""Addresses of the pages: the landing, a person's own, and those of documents."""

from __future__ import annotations

from django.urls import include, path
from django.views.i18n import set_language

from fatto.portal.web.views import home, invitation, me

urlpatterns = [
    path("", home.landing, name="landing"),
    path("spaces/", home.spaces, name="spaces"),
    path("me/", me.me, name="me"),
    path("me/remove/", me.remove, name="me-remove"),
    path("l/<str:token>/", invitation.invitation, name="invitation"),
    path("l/<str:token>/renew/", invitation.renew, name="invitation-renew"),
    path("language/", set_language, name="set_language"),
    path("", include("fatto.portal.web.urls_conversation")),
    path("", include("fatto.portal.web.urls_desk")),
    path("", include("fatto.portal.web.urls_app")),
    path("", include("fatto.portal.web.urls_policies")),
    path("", include("fatto.portal.web.urls_papers")),
    path("", include("fatto.portal.web.urls_checks")),
    path("", include("fatto.portal.web.urls_documents")),
    path("", include("fatto.portal.web.urls_sending")),
    path("", include("fatto.portal.web.urls_trust")),
    path("", include("fatto.portal.web.urls_notices")),
    path("", include("fatto.portal.web.urls_guards")),
    path("", include("fatto.portal.web.urls_exchange")),
]

"""Addresses of the pages: the landing, a person's own, and those of documents."""

from __future__ import annotations

from django.urls import include, path
from django.views.i18n import set_language

from fatto.portal.web.views import home, invitation, me

urlpatterns = [
    path("", home.landing, name="landing"),
    path("spaces/", home.spaces, name="spaces"),
    path("me/", me.me, name="me"),
    path("l/<str:token>/", invitation.invitation, name="invitation"),
    path("l/<str:token>/renew/", invitation.renew, name="invitation-renew"),
    path("language/", set_language, name="set_language"),
    path("", include("fatto.portal.web.urls_documents")),
    path("", include("fatto.portal.web.urls_guards")),
]

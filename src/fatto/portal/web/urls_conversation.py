"""Addresses of what people say and note on documents."""

from __future__ import annotations

from django.urls import path

from fatto.portal.web.views import centers, conversation

_C = "c/<slug:company>/"
_D = "c/<slug:company>/documents/<int:pk>/"
_F = "f/<slug:firm>/"

urlpatterns = [
    path(f"{_D}comment/", conversation.comment, name="document-comment"),
    path(f"{_D}ask/", conversation.ask, name="document-ask"),
    path(f"{_D}comments/<int:comment>/answer/", conversation.answer, name="document-answer"),
    path(f"{_D}comments/<int:comment>/withdraw/", conversation.withdraw, name="document-comment-withdraw"),
    path(f"{_D}tags/", conversation.tags, name="document-tags"),
    path(f"{_D}center/", conversation.center, name="document-center"),
    path(f"{_D}relate/", conversation.relate, name="document-relate"),
    path(f"{_C}documents/read/", conversation.read_all, name="company-documents-read"),
    path(f"{_F}documents/read/", conversation.firm_read_all, name="firm-documents-read"),
    path(f"{_C}settings/centers/", centers.of_company, name="company-centers"),
]

"""Addresses of sending: the question before, calling back, receipts, messages to sellers, news, the settings."""

from __future__ import annotations

from django.urls import path

from fatto.portal.web.views import sending

_C = "c/<slug:company>/"
_D = "c/<slug:company>/documents/<int:pk>/"
_F = "f/<slug:firm>/"

urlpatterns = [
    path(f"{_C}sending/", sending.settings, name="company-sending"),
    path(f"{_C}documents/live/", sending.live, name="company-documents-live"),
    path(f"{_F}documents/live/", sending.firm_live, name="firm-documents-live"),
    path(f"{_D}send/", sending.send, name="document-send"),
    path(f"{_D}send/cancel/", sending.cancel, name="document-send-cancel"),
    path(f"{_D}send/again/", sending.again, name="document-send-again"),
    path(f"{_D}attempts/<int:number>/", sending.attempt, name="document-attempt"),
    path(f"{_D}official-pdf/", sending.official_paper, name="document-official-paper"),
    path(f"{_D}to-seller/", sending.to_seller, name="document-to-seller"),
]

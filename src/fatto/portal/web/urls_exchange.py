"""Addresses of connections to authorities, of what comes through them, and of the proof that nothing is missing."""

from __future__ import annotations

from django.urls import path

from fatto.portal.web.views import completeness, connections, messages

_C = "c/<slug:company>/"
_F = "f/<slug:firm>/"

urlpatterns = [
    path("spv/callback/", connections.callback, name="exchange-callback"),
    path(f"{_F}connections/", connections.of_firm, name="firm-connections"),
    path(f"{_F}connections/new/", connections.firm_new, name="firm-connection-new"),
    path(f"{_F}connections/<int:connection>/", connections.firm_connection, name="firm-connection"),
    path(f"{_F}connections/completeness/", completeness.of_firm, name="firm-completeness"),
    path(f"{_C}connection/", connections.of_company, name="company-connection"),
    path(f"{_C}connection/new/", connections.company_new, name="company-connection-new"),
    path(f"{_C}connection/sync/", connections.sync_now, name="company-sync"),
    path(f"{_C}connection/sync/<int:run>/", connections.run, name="company-sync-run"),
    path(f"{_C}connection/messages/", messages.of_company, name="company-messages"),
    path(f"{_C}connection/messages/<int:message>/file/", messages.file, name="company-message-file"),
    path(f"{_C}connection/messages/<int:message>/again/", messages.again, name="company-message-again"),
    path(f"{_C}connection/completeness/", completeness.of_company, name="company-completeness"),
    path(f"{_C}connection/completeness/<int:year>-<int:month>.pdf", completeness.pdf, name="company-completeness-pdf"),
    path(f"{_C}documents/<int:pk>/receipts/<int:receipt>/", messages.receipt, name="document-receipt"),
]

"""Addresses of documents: desk, approving, uploading, quarantine, booking, archive, and the landing pages."""

from __future__ import annotations

from django.urls import path

from fatto.portal.web.views import (
    approve,
    archive,
    booking,
    company,
    documents,
    files,
    firm,
    lists,
    opening,
    people,
    portfolio,
    quarantine,
    tokens,
    upload,
)

_C = "c/<slug:company>/"
_D = "c/<slug:company>/documents/<int:pk>/"
_A = "c/<slug:company>/archive/"
_F = "f/<slug:firm>/"

urlpatterns = [
    # A company
    path(_C, company.home, name="company-home"),
    path(f"{_C}settings/", company.settings, name="company-settings"),
    path(f"{_C}people/", people.company, name="company-people"),
    path(f"{_C}people/<int:pk>/", people.company_person, name="company-person"),
    path(f"{_C}programs/", tokens.of_company, name="company-tokens"),
    path(f"{_C}programs/<int:token>/revoke/", tokens.revoke_companys, name="company-tokens-revoke"),
    path(f"{_C}approve/", approve.waiting, name="company-approve"),
    path(f"{_C}upload/", upload.of_company, name="company-upload"),
    path(f"{_C}upload/<uuid:batch>/", upload.company_batch, name="company-upload-batch"),
    path(f"{_C}documents/", documents.desk, name="company-documents"),
    path(f"{_C}documents/suggest/", documents.suggest, name="company-documents-suggest"),
    path(f"{_C}documents/list.csv", lists.csv, name="company-documents-csv"),
    path(f"{_C}documents/list.xlsx", lists.xlsx, name="company-documents-xlsx"),
    path(f"{_C}documents/views/", lists.views, name="company-documents-views"),
    path(f"{_C}documents/views/<int:view>/", lists.view, name="company-documents-view"),
    # One document
    path("sheet.css", files.sheet_css, name="sheet-css"),
    path(_D, documents.document, name="document"),
    path(f"{_D}sheet/", files.sheet, name="document-sheet"),
    path(f"{_D}xml/", files.xml, name="document-xml"),
    path(f"{_D}pdf/", files.pdf, name="document-pdf"),
    path(f"{_D}original/", files.original, name="document-original"),
    path(f"{_D}attachment/<int:n>/", files.attachment, name="document-attachment"),
    path(f"{_D}approval-sheet/", files.approval_sheet, name="document-approval-sheet"),
    path(f"{_D}approve/", approve.approve, name="document-approve"),
    path(f"{_D}dispute/", approve.dispute, name="document-dispute"),
    path(f"{_D}undo/", approve.undo, name="document-undo"),
    path(f"{_D}book/", booking.book, name="document-book"),
    path(f"{_D}take-back/", booking.take_back, name="document-take-back"),
    path("d/<int:pk>/", documents.permalink, name="document-permalink"),
    # What is kept of a company
    path(_A, archive.tree, name="company-archive"),
    path(f"{_A}<int:year>/", archive.tree, name="company-archive"),
    path(f"{_A}<int:year>/<int:month>/", archive.tree, name="company-archive"),
    path(f"{_A}<int:year>/<int:month>/<slug:section>/", archive.tree, name="company-archive"),
    path(f"{_A}zip/<int:year>/", archive.bundle, name="company-archive-zip"),
    path(f"{_A}zip/<int:year>/<int:month>/", archive.bundle, name="company-archive-zip"),
    path(f"{_A}zip/<int:year>/<int:month>/<slug:section>/", archive.bundle, name="company-archive-zip"),
    # A firm
    path(_F, firm.today, name="firm-today"),
    path(f"{_F}clients/", portfolio.clients, name="firm-clients"),
    path(f"{_F}clients/add/", opening.add, name="firm-clients-add"),
    path(f"{_F}invitations/", opening.invited, name="firm-invitations"),
    path(f"{_F}documents/", documents.firm_desk, name="firm-documents"),
    path(f"{_F}documents/<int:pk>/", documents.firm_document, name="firm-document"),
    path(f"{_F}documents/suggest/", documents.firm_suggest, name="firm-documents-suggest"),
    path(f"{_F}documents/list.csv", lists.firm_csv, name="firm-documents-csv"),
    path(f"{_F}documents/list.xlsx", lists.firm_xlsx, name="firm-documents-xlsx"),
    path(f"{_F}documents/views/", lists.firm_views, name="firm-documents-views"),
    path(f"{_F}documents/views/<int:view>/", lists.firm_view, name="firm-documents-view"),
    path(f"{_F}upload/", upload.of_firm, name="firm-upload"),
    path(f"{_F}upload/<uuid:batch>/", upload.firm_batch, name="firm-upload-batch"),
    path(f"{_F}programs/", tokens.of_firm, name="firm-tokens"),
    path(f"{_F}programs/<int:token>/revoke/", tokens.revoke_firms, name="firm-tokens-revoke"),
    path(f"{_F}booking/", booking.ready, name="firm-booking"),
    path(f"{_F}quarantine/", quarantine.quarantine, name="firm-quarantine"),
    path(f"{_F}quarantine/<int:pk>/file/", quarantine.file, name="firm-quarantine-file"),
    path(f"{_F}quarantine/<int:pk>/route/", quarantine.route, name="firm-quarantine-route"),
    path(f"{_F}quarantine/<int:pk>/discard/", quarantine.discard, name="firm-quarantine-discard"),
    path(f"{_F}team/", people.team, name="firm-team"),
    path(f"{_F}team/<int:pk>/", people.team_person, name="firm-team-person"),
]

"""Row security: a firm's connection is the firm's, and seen where it serves; what is of a document goes with it."""

from django.db import migrations

from fatto.portal.tenancy.rls import (
    COMPANY_SIDE,
    FIRM,
    OF_COMPANY,
    OF_COMPANY_OR_FIRM,
    OF_COMPANY_UNGUESSED,
    SEES_ALL,
    TOKEN,
    Protect,
)

SERVED = (
    f"{OF_COMPANY} or (company_id is null and (firm_id = {FIRM}"
    " or exists (select from exchange_box box where box.connection_id = exchange_connection.id)))"
)
"""The policy of boxes holds within: a company sees the firm's connection that serves it."""
SEES_DOCUMENT = "exists (select from documents_document d where d.id = document_id)"
"""The policy of documents holds within: gates and people's limits are theirs."""
WITH_DOCUMENT = f"{OF_COMPANY_UNGUESSED} and case when {SEES_ALL} and {COMPANY_SIDE} then true else {SEES_DOCUMENT} end"
MESSAGE_SEEN = (
    f"{OF_COMPANY_UNGUESSED} and case when {SEES_ALL} and {COMPANY_SIDE} then true"
    f" when document_id is null then {SEES_ALL} else {SEES_DOCUMENT} end"
)
"""What belongs to no document is seen by those who see the whole company."""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_begin"), ("documents", "0012_find_what_a_supplier_sent")]

    operations = [
        Protect("exchange_box"),
        Protect("exchange_connection", see=SERVED, write=OF_COMPANY_OR_FIRM),
        Protect("exchange_oauthstate", see=f"{OF_COMPANY_OR_FIRM} or hash = {TOKEN}", write=OF_COMPANY_OR_FIRM),
        Protect("exchange_message", see=MESSAGE_SEEN, write=OF_COMPANY),
        Protect("exchange_run"),
        Protect("exchange_day"),
        Protect("exchange_transmission", see=WITH_DOCUMENT, write=OF_COMPANY),
        Protect("exchange_receipt", see=WITH_DOCUMENT, write=OF_COMPANY),
        Protect("exchange_note", see=WITH_DOCUMENT, write=OF_COMPANY),
    ]

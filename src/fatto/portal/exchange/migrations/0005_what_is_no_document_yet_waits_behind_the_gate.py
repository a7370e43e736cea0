"""Row security: what lies in the box of a hard-gated company and is no document (yet) is the company's alone.

A message that could not be filed, or is not fetched yet, may hold what the gate hides: who invoices whom, and all of
the invoice. Once there is a document, the message is seen with it, as before.
"""

from django.db import migrations

from fatto.portal.tenancy.rls import COMPANY_SIDE, OF_COMPANY_UNGUESSED, SEES_ALL

SEES_DOCUMENT = "exists (select from documents_document d where d.id = document_id)"
UNGATED = "exists (select from tenancy_company c where c.id = company_id and c.gate <> 'hard')"


def _policies(without_document: str) -> str:
    see = (
        f"{OF_COMPANY_UNGUESSED} and case when {SEES_ALL} and {COMPANY_SIDE} then true"
        f" when document_id is null then {without_document} else {SEES_DOCUMENT} end"
    )
    return "; ".join(
        f"alter policy exchange_message_{name} on exchange_message using ({see})"
        for name in ("see", "change", "remove")
    )


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0004_sending"),
        ("tenancy", "0009_absences_and_limits"),
    ]

    operations = [migrations.RunSQL(_policies(f"({SEES_ALL} and {UNGATED})"), _policies(SEES_ALL))]

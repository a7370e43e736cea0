"""What happened to a document behind a hard gate is hidden from the firm as the document is: in the second lock too.

The folders of the archive are left as they are: what is booked is open to the firm, and looking it up for each of a
hundred thousand folders took a second.
"""

from django.db import migrations

from fatto.portal.tenancy.rls import OF_COMPANY, OF_COMPANY_OR_FIRM, OF_DOCUMENT_IN_SIGHT, OF_SEEN_DOCUMENT

_TABLES = {
    "approvals_decision": OF_COMPANY,
    "tenancy_deed": OF_COMPANY_OR_FIRM,
}


def _policies(about: str) -> str:
    return "; ".join(
        f"alter policy {table}_see on {table} using ({whose} and {about})" for table, whose in _TABLES.items()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0004_alerts"),
        ("tenancy", "0009_absences_and_limits"),
    ]

    operations = [migrations.RunSQL(_policies(OF_DOCUMENT_IN_SIGHT), _policies(OF_SEEN_DOCUMENT))]

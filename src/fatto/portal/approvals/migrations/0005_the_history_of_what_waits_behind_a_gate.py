"""What happened to a document behind a hard gate is hidden from the firm as the document is: in the second lock too."""

from django.db import migrations

from fatto.portal.tenancy.rls import OF_COMPANY, OF_COMPANY_OR_FIRM, OF_DOCUMENT_IN_SIGHT, OF_SEEN_DOCUMENT

_TABLES = {
    "approvals_decision": (OF_COMPANY, ("see",)),
    "tenancy_deed": (OF_COMPANY_OR_FIRM, ("see",)),
    "archive_record": (OF_COMPANY, ("see", "change", "remove")),
}


def _policies(about: str) -> str:
    return "; ".join(
        f"alter policy {table}_{name} on {table} using ({whose} and {about})"
        for table, (whose, names) in _TABLES.items()
        for name in names
    )


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0004_alerts"),
        ("archive", "0004_for_those_who_see_the_document"),
        ("tenancy", "0009_absences_and_limits"),
    ]

    operations = [migrations.RunSQL(_policies(OF_DOCUMENT_IN_SIGHT), _policies(OF_SEEN_DOCUMENT))]

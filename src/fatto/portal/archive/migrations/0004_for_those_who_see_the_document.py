"""The archive's folders are there for those who see their document."""

from django.db import migrations

from fatto.portal.tenancy.rls import OF_COMPANY, OF_SEEN_DOCUMENT


def _policies(see: str) -> str:
    return "; ".join(
        f"alter policy archive_record_{name} on archive_record using ({see})" for name in ("see", "change", "remove")
    )


class Migration(migrations.Migration):
    dependencies = [("archive", "0003_export"), ("tenancy", "0009_absences_and_limits")]

    operations = [migrations.RunSQL(_policies(f"{OF_COMPANY} and {OF_SEEN_DOCUMENT}"), _policies(OF_COMPANY))]

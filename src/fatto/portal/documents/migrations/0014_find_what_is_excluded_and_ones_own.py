"""Indexes for `is:excluded`, few rows, for which the whole of a firm was read; and for what an employee brought in."""

from django.db import migrations, models
from django.db.models import F, Q


def _index(owner: str, name: str) -> migrations.AddIndex:
    return migrations.AddIndex(
        "document",
        models.Index(F(owner), F("sort_date").desc(), F("id").desc(), condition=Q(booking="excluded"), name=name),
    )


class Migration(migrations.Migration):
    dependencies = [("documents", "0013_verdicts")]

    operations = [
        _index("company", "document_excluded"),
        _index("firm", "document_excluded_of_firm"),
        migrations.AddIndex("document", models.Index(fields=["company", "uploaded_by"], name="document_brought_by")),
    ]

"""Indexes for the guards: what a supplier sent to a company, papers with a number, and what has an alert.

The firm's index over parties goes: nothing asks by it.
"""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0011_papers"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="document", name="document_party"),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["company", "party_id", "id"], name="document_party_of_company"),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                condition=Q(("direction", "other"), models.Q(("number_key", ""), _negated=True)),
                fields=["company", "number_key"],
                name="document_paper_number",
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                F("company"),
                F("sort_date").desc(),
                F("id").desc(),
                condition=Q(("alerts", []), _negated=True),
                name="document_alerted",
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                F("firm"),
                F("sort_date").desc(),
                F("id").desc(),
                condition=Q(("alerts", []), _negated=True),
                name="document_alerted_of_firm",
            ),
        ),
    ]

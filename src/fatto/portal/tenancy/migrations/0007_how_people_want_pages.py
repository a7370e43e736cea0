"""What each person prefers, and the last deed of a company's people at hand."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tenancy", "0006_operator_and_support"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="preferences",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddIndex(
            model_name="deed",
            index=models.Index(
                condition=models.Q(("by_kind", "person"), ("side", "company")),
                fields=["company", "-at"],
                name="deed_of_clients",
            ),
        ),
    ]

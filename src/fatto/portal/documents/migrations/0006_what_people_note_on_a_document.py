"""What people and guards note on a document: alerts, tags, a cost centre, an open question, a rule's mark."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0005_find_by_account"),
    ]

    operations = [
        migrations.AddField(
            model_name="document",
            name="alerts",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="document",
            name="by_rule",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="document",
            name="cost_center",
            field=models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
        migrations.AddField(
            model_name="document",
            name="question",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="document",
            name="tags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), db_default=[], default=list, size=None
            ),
        ),
    ]

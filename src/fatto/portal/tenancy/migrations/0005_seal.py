"""The chain over the trail."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from fatto.portal.tenancy.rls import OF_COMPANY_OR_FIRM, Protect


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0004_firm_hooked")]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                (
                    "deeds",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("upto", models.BigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.company",
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.firm",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["firm", "-id"], name="seal_of_firm")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("firm", "company", "number"), name="seal_once", nulls_distinct=False
                    )
                ],
            },
        ),
        Protect("tenancy_seal", see=OF_COMPANY_OR_FIRM, append_only=True),
    ]

"""What the official rules say of documents, and the judging of older ones by newer rules."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from fatto.portal.tenancy.rls import FIRM, OF_COMPANY, OF_COMPANY_UNGUESSED, Protect

WITH_DOCUMENT = f"{OF_COMPANY_UNGUESSED} and exists (select from documents_document d where d.id = document_id)"
"""Seen by whoever sees the document: its policy, with hard gates and what is one's own, holds within."""
STATES = [
    ("accepted", "Nothing found"),
    ("warnings", "Warnings"),
    ("failed", "Errors"),
    ("not-judged", "Not checked"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0012_find_what_a_supplier_sent"),
        ("tenancy", "0009_absences_and_limits"),
    ]

    operations = [
        migrations.AddField(
            model_name="document",
            name="verdict",
            field=models.CharField(choices=STATES, db_default="not-judged", default="not-judged", max_length=10),
        ),
        migrations.CreateModel(
            name="Recheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("edition", models.CharField(max_length=16)),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "Running"), ("done", "Done")], default="running", max_length=8
                    ),
                ),
                ("after", models.BigIntegerField(default=0)),
                ("upto", models.BigIntegerField()),
                ("total", models.IntegerField()),
                ("seen", models.IntegerField(default=0)),
                ("worse", models.IntegerField(default=0)),
                ("better", models.IntegerField(default=0)),
                ("missed", models.IntegerField(default=0)),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                (
                    "firm",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.firm"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Verdict",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("edition", models.CharField(max_length=16)),
                ("sets", models.JSONField(default=dict)),
                ("errors", models.IntegerField(default=0)),
                ("warnings", models.IntegerField(default=0)),
                ("findings", models.TextField(blank=True)),
                ("judged_at", models.DateTimeField()),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.company",
                    ),
                ),
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="documents.document"
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.firm"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="recheck",
            constraint=models.UniqueConstraint(fields=("firm", "edition"), name="recheck_once"),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                F("company"),
                F("sort_date").desc(),
                F("id").desc(),
                condition=Q(verdict="failed"),
                name="document_invalid",
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                F("firm"),
                F("sort_date").desc(),
                F("id").desc(),
                condition=Q(verdict="failed"),
                name="document_invalid_of_firm",
            ),
        ),
        Protect("documents_verdict", see=WITH_DOCUMENT, write=OF_COMPANY),
        Protect("documents_recheck", see=f"firm_id = {FIRM}"),
    ]

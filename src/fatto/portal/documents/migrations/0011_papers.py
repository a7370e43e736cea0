"""Supporting documents: what is known of them, their pages, and the addresses that take them by mail."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from fatto.portal.tenancy.rls import OF_COMPANY, OF_COMPANY_UNGUESSED, TOKEN, Protect

WITH_DOCUMENT = f"{OF_COMPANY_UNGUESSED} and exists (select from documents_document d where d.id = document_id)"
"""Seen by whoever sees the document: its policy, with hard gates and what is one's own, holds within."""


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0010_whom_a_document_waits_for"),
        ("tenancy", "0009_absences_and_limits"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="details",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name="quarantined",
            name="reason",
            field=models.CharField(
                choices=[
                    ("unknown", "Neither party is one of your companies"),
                    ("other-company", "It belongs to another company than the one it was added for"),
                    ("no-ids", "It names no tax number"),
                    ("unreadable", "It cannot be read"),
                    ("no-company", "Nothing in it says whose it is"),
                    ("several", "It holds invoices of several companies"),
                    ("unknown-sender", "It was mailed by somebody who is not on the company’s list"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="Mailbox",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40, unique=True)),
                (
                    "senders",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=254), default=list, size=None
                    ),
                ),
                ("made_at", models.DateTimeField()),
                (
                    "company",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.company"
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.firm"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Paper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("payer", models.CharField(blank=True, max_length=200)),
                (
                    "method",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("cash", "Cash"),
                            ("card", "Card"),
                            ("transfer", "Bank transfer"),
                            ("debit", "Direct debit"),
                            ("other", "Other"),
                        ],
                        max_length=10,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("told", models.BooleanField(default=False)),
                ("guess", models.JSONField(default=dict)),
                ("text", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("ready", "Ready"), ("failed", "Cannot be shown")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("trouble", models.CharField(blank=True, max_length=40)),
                ("view_sha256", models.CharField(blank=True, max_length=64)),
                ("view_size", models.BigIntegerField(default=0)),
                (
                    "made_from",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "made_into",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("approval_before", models.CharField(blank=True, max_length=16)),
                ("moved_from", models.IntegerField(null=True)),
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="paper", to="documents.document"
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
        migrations.CreateModel(
            name="Page",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("name", models.CharField(max_length=255)),
                ("on", models.IntegerField(default=1)),
                ("image_sha256", models.CharField(blank=True, max_length=64)),
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
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pages",
                        to="documents.document",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.file",
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.firm"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("document", "number"), name="page_once")],
            },
        ),
        Protect("documents_paper", see=WITH_DOCUMENT, write=OF_COMPANY),
        Protect("documents_page", see=WITH_DOCUMENT, write=OF_COMPANY),
        Protect("documents_mailbox", see=f"{OF_COMPANY} or key = {TOKEN}", write=OF_COMPANY),
    ]

"""Invitations: a role offered to an e-mail address."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from fatto.portal.tenancy.rls import LINK, OF_COMPANY_OR_FIRM, Protect


class Migration(migrations.Migration):
    dependencies = [
        ("tenancy", "0002_row_security"),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="name")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("it", "Italiano"), ("ro", "Română")],
                        default="en",
                        max_length=5,
                        verbose_name="language",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("firm_owner", "Firm owner"),
                            ("accountant", "Accountant"),
                            ("assistant", "Assistant"),
                            ("owner", "Owner"),
                            ("approver", "Approver"),
                            ("in_house", "In-house accountant"),
                            ("employee", "Employee"),
                            ("auditor", "Auditor"),
                        ],
                        max_length=12,
                        verbose_name="role",
                    ),
                ),
                (
                    "companies",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "hashes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), blank=True, default=list, size=None
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("asked_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("letters", models.SmallIntegerField(default=0)),
                ("expires_at", models.DateTimeField(null=True)),
                ("opened_at", models.DateTimeField(null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.company",
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.firm"),
                ),
            ],
            options={
                "indexes": [django.contrib.postgres.indexes.GinIndex(fields=["hashes"], name="invitation_by_link")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at", None), ("company__isnull", False), ("withdrawn_at", None)),
                        fields=("company", "email"),
                        name="invitation_once_a_company",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at", None), ("company", None), ("withdrawn_at", None)),
                        fields=("firm", "email"),
                        name="invitation_once_a_firm",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("company", None), ("role__in", frozenset(["accountant", "assistant", "firm_owner"]))
                            ),
                            models.Q(
                                ("company__isnull", False),
                                models.Q(
                                    ("role__in", frozenset(["accountant", "assistant", "firm_owner"])), _negated=True
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="invitation_role_fits_its_place",
                    ),
                ],
            },
        ),
        Protect(
            "tenancy_invitation",
            see=f"{OF_COMPANY_OR_FIRM} or hashes @> array[{LINK}::varchar]",
            write=OF_COMPANY_OR_FIRM,
        ),
    ]

"""Policies: whose yes is asked. Rules: what is approved without a person. Decisions that know of both."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from fatto.portal.tenancy.rls import OF_COMPANY, OF_SEEN_DOCUMENT, Protect

DECISIONS = "alter policy approvals_decision_see on approvals_decision using ({see})"


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0002_row_security"),
        ("documents", "0010_whom_a_document_waits_for"),
        ("tenancy", "0009_absences_and_limits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="instead_of",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="instead_of_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="decision",
            name="rule_by",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="decision",
            name="step",
            field=models.SmallIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="decision",
            name="verdict",
            field=models.CharField(
                choices=[
                    ("approved", "Approved"),
                    ("disputed", "Disputed"),
                    ("agreed", "Agreed, the first of two"),
                    ("undone", "Decision taken back"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="Policy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.IntegerField()),
                (
                    "direction",
                    models.CharField(
                        blank=True,
                        choices=[("received", "Received"), ("issued", "Issued"), ("other", "Others")],
                        max_length=8,
                    ),
                ),
                ("party_id", models.CharField(blank=True, max_length=60)),
                ("party_name", models.CharField(blank=True, max_length=300)),
                ("tag", models.CharField(blank=True, max_length=40)),
                (
                    "people",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("second_from", models.DecimalField(blank=True, decimal_places=2, max_digits=20, null=True)),
                (
                    "second_people",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("days", models.SmallIntegerField(blank=True, null=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.company"
                    ),
                ),
                (
                    "escalate_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.firm"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Rule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("party_id", models.CharField(max_length=60)),
                ("party_name", models.CharField(blank=True, max_length=300)),
                ("amount_min", models.DecimalField(decimal_places=2, default=0, max_digits=20)),
                ("amount_max", models.DecimalField(decimal_places=2, max_digits=20)),
                ("same_account", models.BooleanField(default=True)),
                (
                    "direction",
                    models.CharField(
                        blank=True,
                        choices=[("received", "Received"), ("issued", "Issued"), ("other", "Others")],
                        max_length=8,
                    ),
                ),
                ("tag", models.CharField(blank=True, max_length=40)),
                ("active", models.BooleanField(default=False)),
                ("made_by_name", models.CharField(max_length=200)),
                ("made_at", models.DateTimeField()),
                ("tried_at", models.DateTimeField(null=True)),
                ("tried_as", models.CharField(blank=True, max_length=64)),
                ("switched_on_at", models.DateTimeField(null=True)),
                (
                    "deviation",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("amount", "the amount is outside the band"),
                            ("currency", "it is in another currency"),
                            ("account", "it names an account that no approved invoice of this supplier named before"),
                            ("alert", "it has an alert"),
                            ("elsewhere", "its direction or tag is another"),
                            ("policy", "the approval policy asks other people than the one who made the rule"),
                        ],
                        max_length=10,
                    ),
                ),
                ("deviation_at", models.DateTimeField(null=True)),
                ("deviation_document_id", models.BigIntegerField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.company"
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.firm"),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="decision",
            name="rule",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="approvals.rule"
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("rule__isnull", False)), fields=["rule", "at"], name="decision_by_rule"
            ),
        ),
        migrations.AddIndex(
            model_name="policy",
            index=models.Index(fields=["company", "position"], name="policy_of_company"),
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(("days", None), models.Q(("days__gte", 1), ("days__lte", 90)), _connector="OR"),
                name="policy_days_sensible",
            ),
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(("second_from", None), ("second_from__gte", 0), _connector="OR"),
                name="policy_amount_positive",
            ),
        ),
        migrations.AddIndex(
            model_name="rule",
            index=models.Index(fields=["company", "party_id"], name="rule_of_supplier"),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_max__gte", models.F("amount_min")), ("amount_min__gte", 0)),
                name="rule_band_sensible",
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("active", False),
                    models.Q(
                        ("removed_at", None), ("tried_at__isnull", False), models.Q(("tried_as", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="rule_was_tried",
            ),
        ),
        Protect("approvals_policy", see=OF_COMPANY),
        Protect("approvals_rule", see=OF_COMPANY),
        migrations.RunSQL(
            DECISIONS.format(see=f"{OF_COMPANY} and {OF_SEEN_DOCUMENT}"), DECISIONS.format(see=OF_COMPANY)
        ),
    ]

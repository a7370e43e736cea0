"""Operators of the portal, and the support that firms grant them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from fatto.portal.tenancy.rls import FIRM, MEMBER, Protect


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0005_seal")]

    operations = [
        migrations.AddField("member", "operator", models.BooleanField(default=False)),
        migrations.CreateModel(
            name="SupportGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("hours", models.SmallIntegerField()),
                ("asked_at", models.DateTimeField()),
                ("granted_at", models.DateTimeField(null=True)),
                ("until", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "firm",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.firm"),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(hours__gte=1, hours__lte=72), name="support_for_hours"),
                    models.CheckConstraint(
                        condition=Q(granted_at=None, until=None, granted_by=None)
                        | Q(granted_at__isnull=False, until__isnull=False, granted_by__isnull=False),
                        name="support_granted_by_somebody",
                    ),
                    models.UniqueConstraint(
                        fields=["firm", "operator"],
                        condition=Q(granted_at=None, ended_at=None),
                        name="support_asked_once",
                    ),
                ],
            },
        ),
        Protect("tenancy_supportgrant", see=f"firm_id = {FIRM} or operator_id = {MEMBER}"),
    ]

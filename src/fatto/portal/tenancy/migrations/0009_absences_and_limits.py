"""Absences with a substitute; memberships limited to directions or tags; and a trail that follows the limits."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from fatto.portal.tenancy.rls import MEMBER, OF_COMPANY_OR_FIRM, OF_SEEN_DOCUMENT, Protect

TRAIL = "alter policy tenancy_deed_see on tenancy_deed using ({see})"


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0008_brand"), ("documents", "0002_row_security")]

    operations = [
        migrations.AddField(
            "membership",
            "directions",
            django.contrib.postgres.fields.ArrayField(
                models.CharField(max_length=8), blank=True, db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            "membership",
            "tags",
            django.contrib.postgres.fields.ArrayField(
                models.CharField(max_length=40), blank=True, db_default=[], default=list, size=None
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("directions", []), ("tags", []))
                | models.Q(("role__in", frozenset({"approver", "in_house", "employee", "auditor"}))),
                name="membership_limits_fit_its_role",
            ),
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "substitute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.firm"),
                ),
                (
                    "company",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.company"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["substitute", "last"], name="absence_by_substitute")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last__gte", models.F("first"))), name="absence_ends_after_it_begins"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("member", models.F("substitute")), _negated=True),
                        name="absence_substituted_by_another",
                    ),
                ],
            },
        ),
        Protect(
            "tenancy_absence",
            see=f"member_id = {MEMBER} or substitute_id = {MEMBER} or {OF_COMPANY_OR_FIRM}",
            write=OF_COMPANY_OR_FIRM,
        ),
        migrations.RunSQL(
            TRAIL.format(see=f"{OF_COMPANY_OR_FIRM} and {OF_SEEN_DOCUMENT}"), TRAIL.format(see=OF_COMPANY_OR_FIRM)
        ),
    ]

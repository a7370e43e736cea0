"""The states of what a company sends by itself, by when it must, and indexes over what waits."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0014_find_what_is_excluded_and_ones_own"),
        ("tenancy", "0009_absences_and_limits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="batch",
            name="verb",
            field=models.CharField(
                choices=[
                    ("approve", "Approve"),
                    ("dispute", "Dispute"),
                    ("book", "Mark as booked"),
                    ("send", "Send"),
                ],
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint(
            model_name="document",
            name="document_transmission_known",
        ),
        migrations.AddField(
            model_name="document",
            name="hand_in_by",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="document",
            name="late_told",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="document",
            name="transmission",
            field=models.CharField(
                choices=[
                    ("received", "Received"),
                    ("draft", "Draft"),
                    ("checked", "Checked, not sent"),
                    ("waiting", "Waiting to be sent"),
                    ("sending", "Sending"),
                    ("accepted", "Accepted, being worked on"),
                    ("delivered", "Delivered"),
                    ("failed", "Failed"),
                    ("elsewhere", "Sent with other software"),
                    ("none", "Not transmitted"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                models.F("company"),
                models.OrderBy(models.F("sort_date"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("transmission", "failed")),
                name="document_failed",
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                models.F("firm"),
                models.OrderBy(models.F("sort_date"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("transmission", "failed")),
                name="document_failed_of_firm",
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                models.F("company"),
                models.OrderBy(models.F("sort_date"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("transmission__in", ["draft", "checked"])),
                name="document_to_send",
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                models.F("firm"),
                models.OrderBy(models.F("sort_date"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("transmission__in", ["draft", "checked"])),
                name="document_to_send_of_firm",
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                models.F("company"),
                models.OrderBy(models.F("sort_date"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("transmission__in", ["waiting", "sending", "accepted"])),
                name="document_on_its_way",
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                models.F("firm"),
                models.OrderBy(models.F("sort_date"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("transmission__in", ["waiting", "sending", "accepted"])),
                name="document_on_its_way_of_firm",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "transmission__in",
                        [
                            "received",
                            "draft",
                            "checked",
                            "waiting",
                            "sending",
                            "accepted",
                            "delivered",
                            "failed",
                            "elsewhere",
                            "none",
                        ],
                    )
                ),
                name="document_transmission_known",
            ),
        ),
    ]

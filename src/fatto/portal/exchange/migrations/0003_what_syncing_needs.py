"""What renewing, listing and asking for rights need to remember."""

import django.db.models.deletion
from django.db import migrations, models

from fatto.portal.tenancy.rls import Protect


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0012_find_what_a_supplier_sent"),
        ("exchange", "0002_row_security"),
        ("tenancy", "0009_absences_and_limits"),
    ]

    operations = [
        migrations.CreateModel(
            name="Probe",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Being asked"),
                            ("granted", "Has rights"),
                            ("refused", "No rights"),
                            ("unknown", "No answer"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("official", models.TextField(blank=True)),
                ("at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="box",
            name="blocked_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="box",
            name="whole_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="connection",
            name="renew_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="about",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="run",
            name="listed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("document", None), ("state", "parked")),
                fields=["company", "about"],
                name="message_that_waits",
            ),
        ),
        migrations.AddField(
            model_name="probe",
            name="company",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.company"
            ),
        ),
        migrations.AddField(
            model_name="probe",
            name="connection",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="exchange.connection"
            ),
        ),
        migrations.AddField(
            model_name="probe",
            name="firm",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.firm"
            ),
        ),
        migrations.AddConstraint(
            model_name="probe",
            constraint=models.UniqueConstraint(fields=("connection", "company"), name="probe_once"),
        ),
        Protect("exchange_probe"),
    ]

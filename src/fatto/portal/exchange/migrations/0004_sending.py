"""What sending needs to know: the attempt's file, its call, its answer; and whether the firm may send."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0015_sending"),
        ("exchange", "0003_what_syncing_needs"),
        ("tenancy", "0009_absences_and_limits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="transmission",
            name="transmission_live_once",
        ),
        migrations.RemoveIndex(
            model_name="transmission",
            name="transmission_to_check",
        ),
        migrations.AddField(
            model_name="box",
            name="firm_sends",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="note",
            name="token",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="transmission",
            name="answer",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="transmission",
            name="file",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="documents.file",
            ),
        ),
        migrations.AddField(
            model_name="transmission",
            name="name",
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.AddField(
            model_name="transmission",
            name="token",
            field=models.UUIDField(null=True),
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(
                condition=models.Q(("next_check__isnull", False)), fields=["firm", "next_check"], name="note_to_check"
            ),
        ),
        migrations.AddIndex(
            model_name="transmission",
            index=models.Index(
                condition=models.Q(("next_check__isnull", False)),
                fields=["firm", "next_check"],
                name="transmission_to_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="transmission",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("queued", "waiting", "sending", "uncertain", "sent"))),
                fields=("document",),
                name="transmission_live_once",
            ),
        ),
    ]

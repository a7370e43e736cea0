"""Programs may send invoices, and can be told what became of them."""

import django.contrib.postgres.fields
from django.db import migrations, models

EVENTS = [
    ("document.arrived", "A document arrived"),
    ("document.approved", "A document was approved"),
    ("document.disputed", "A document was disputed"),
    ("document.booked", "A document was booked"),
    ("document.commented", "A document was commented on"),
    ("document.question-asked", "A question about a document was asked"),
    ("document.question-answered", "A question about a document was answered"),
    ("document.transmission-accepted", "The authority accepted an invoice"),
    ("document.transmission-failed", "The authority refused an invoice"),
]
SCOPES = [
    ("read", "Read documents"),
    ("upload", "Hand in files"),
    ("decide", "Approve and dispute"),
    ("book", "Mark as booked"),
    ("comment", "Comment, ask and answer"),
    ("send", "Send invoices to the authority"),
    ("webhooks", "Set up notices to other programs (webhooks)"),
]


class Migration(migrations.Migration):
    dependencies = [("programs", "0003_told_of_comments")]

    operations = [
        migrations.AlterField("message", "event", models.CharField(choices=EVENTS, max_length=30)),
        migrations.AlterField(
            "webhook",
            "events",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=EVENTS, max_length=30), size=None
            ),
        ),
        migrations.AlterField(
            "token",
            "scopes",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=SCOPES, max_length=12), default=list, size=None
            ),
        ),
    ]

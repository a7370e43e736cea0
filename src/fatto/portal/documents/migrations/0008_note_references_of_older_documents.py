"""Have the references of documents that are already there noted by jobs, a firm at a time; new ones have them."""

from typing import Any

from django.db import migrations


def queue(apps: Any, schema_editor: Any) -> None:
    from procrastinate.contrib.django import app

    for firm in apps.get_model("tenancy", "Firm").objects.values_list("pk", flat=True):
        # By its name: the work itself is known further up.
        app.configure_task("fatto.note_references", queue="house").defer(firm=firm, after=0)


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0007_tags_cost_centers_and_reading"),
        ("procrastinate", "0041_post_retry_failed_job"),
        ("tenancy", "0004_firm_hooked"),
    ]

    operations = [migrations.RunPython(queue, migrations.RunPython.noop)]

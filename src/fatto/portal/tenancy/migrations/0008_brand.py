"""How a firm looks, and the pictures for it: what is published may be seen by everybody, drafts by the firm alone."""

import django.db.models.deletion
from django.db import migrations, models

from fatto.portal.tenancy.rls import FIRM, Protect

_SHOWN = (
    "exists (select from tenancy_brand b where b.state = 'published' and tenancy_picture.id in (b.logo_id, b.cover_id))"
)


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0007_how_people_want_pages")]

    operations = [
        migrations.CreateModel(
            name="Picture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64)),
                ("media", models.CharField(max_length=20)),
                ("width", models.IntegerField()),
                ("height", models.IntegerField()),
                ("data", models.BinaryField()),
                (
                    "firm",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.firm"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("firm", "sha256"), name="picture_once")],
            },
        ),
        migrations.CreateModel(
            name="Brand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("before", "Before")],
                        default="draft",
                        max_length=9,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=45, verbose_name="name of the app")),
                ("accent", models.CharField(max_length=7, verbose_name="accent colour")),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "cover",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.picture"
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.firm"),
                ),
                (
                    "logo",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.picture"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("firm", "state"), name="brand_once_a_state")],
            },
        ),
        Protect("tenancy_brand", see=f"state = 'published' or firm_id = {FIRM}", write=f"firm_id = {FIRM}"),
        Protect("tenancy_picture", see=f"firm_id = {FIRM} or {_SHOWN}", write=f"firm_id = {FIRM}"),
    ]

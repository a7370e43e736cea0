"""Whether programs want to be told of what happens in a firm."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0003_invitation")]

    operations = [
        migrations.AddField("firm", "hooked", models.BooleanField(default=False)),
    ]

"""Finding what nothing works on any more, however long the archive has grown."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_row_security")]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "running"])),
                fields=["firm"],
                name="delivery_unfinished",
            ),
        ),
    ]

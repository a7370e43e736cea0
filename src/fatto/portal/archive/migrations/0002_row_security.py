"""Force row security on the archive's folders."""

from django.db import migrations

from fatto.portal.tenancy.rls import OF_COMPANY, Protect


class Migration(migrations.Migration):
    dependencies = [("archive", "0001_begin"), ("documents", "0002_row_security")]

    operations = [Protect("archive_record", see=OF_COMPANY)]

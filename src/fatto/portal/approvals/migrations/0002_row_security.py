"""Force row security; decisions are never changed."""

from django.db import migrations

from fatto.portal.tenancy.rls import OF_COMPANY, Protect


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_begin"), ("documents", "0002_row_security")]

    operations = [Protect("approvals_decision", see=OF_COMPANY, append_only=True)]

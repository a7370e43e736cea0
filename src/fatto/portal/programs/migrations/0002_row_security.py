"""Row security: what programs have belongs to their company or firm; a token is also found by its hash."""

from django.db import migrations

from fatto.portal.tenancy.rls import OF_COMPANY_OR_FIRM, TOKEN, Protect


class Migration(migrations.Migration):
    dependencies = [("programs", "0001_begin")]

    operations = [
        Protect("programs_token", see=f"{OF_COMPANY_OR_FIRM} or hash = {TOKEN}"),
        Protect("programs_upload", see=OF_COMPANY_OR_FIRM),
        Protect("programs_webhook", see=OF_COMPANY_OR_FIRM),
        Protect("programs_message", see=OF_COMPANY_OR_FIRM),
    ]

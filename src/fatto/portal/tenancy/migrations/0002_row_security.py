"""Force row security on what belongs to a company or to a firm."""

from django.db import migrations

from fatto.portal.tenancy.rls import COMPANIES, MEMBER, OF_COMPANY_OR_FIRM, ROSTER, Protect


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0001_begin")]

    operations = [
        Protect("tenancy_company", see=f"id = any({COMPANIES}) or firm_id = {ROSTER}"),
        Protect(
            "tenancy_membership",
            see=f"member_id = {MEMBER} or {OF_COMPANY_OR_FIRM}",
            write=OF_COMPANY_OR_FIRM,
        ),
        Protect("tenancy_deed", see=OF_COMPANY_OR_FIRM, append_only=True),
    ]

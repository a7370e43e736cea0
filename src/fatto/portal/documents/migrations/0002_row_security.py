"""Force row security: whose it is, what a hard gate hides from the firm, what an employee brought in."""

from django.db import migrations

from fatto.portal.tenancy.rls import COMPANY_SIDE, OF_COMPANY, OF_COMPANY_OR_FIRM, ONLY_BY, Protect


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_begin"), ("tenancy", "0002_row_security")]

    operations = [
        Protect("documents_file", see=OF_COMPANY_OR_FIRM),
        Protect(
            "documents_delivery",
            see=f"{OF_COMPANY_OR_FIRM} and {ONLY_BY} in (0, by_id)",
            write=OF_COMPANY_OR_FIRM,
        ),
        Protect("documents_deliveryitem", see=OF_COMPANY_OR_FIRM),
        Protect(
            "documents_document",
            see=f"{OF_COMPANY} and (open_to_firm or {COMPANY_SIDE}) and {ONLY_BY} in (0, uploaded_by_id)",
            write=OF_COMPANY,
        ),
        Protect(
            "documents_quarantined",
            see=f"{OF_COMPANY_OR_FIRM} and {ONLY_BY} in (0, uploaded_by_id)",
            write=OF_COMPANY_OR_FIRM,
        ),
    ]

"""Row security: whose it is, what a hard gate hides, what an employee brought in. And the tally's trigger."""

from django.db import migrations

from fatto.portal.tenancy.rls import (
    ANYBODYS,
    COMPANY_SIDE,
    OF_COMPANY,
    OF_COMPANY_OR_FIRM,
    OF_COMPANY_UNGUESSED,
    ONLY_BY,
    Protect,
)

TALLY = """
create function documents_tally_up() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into documents_tally (firm_id, company_id, direction, approval, booking, open_to_firm, n, arrived_at)
    select firm_id, company_id, direction, approval, booking, open_to_firm, count(*), max(received_at)
    from fresh group by firm_id, company_id, direction, approval, booking, open_to_firm;
  elsif tg_op = 'UPDATE' then
    insert into documents_tally (firm_id, company_id, direction, approval, booking, open_to_firm, n)
    select firm_id, company_id, direction, approval, booking, open_to_firm, sum(d) from (
      select firm_id, company_id, direction, approval, booking, open_to_firm, 1 as d from fresh
      union all
      select firm_id, company_id, direction, approval, booking, open_to_firm, -1 from stale
    ) changes group by firm_id, company_id, direction, approval, booking, open_to_firm having sum(d) <> 0;
  else
    insert into documents_tally (firm_id, company_id, direction, approval, booking, open_to_firm, n)
    select firm_id, company_id, direction, approval, booking, open_to_firm, -count(*)
    from stale group by firm_id, company_id, direction, approval, booking, open_to_firm;
  end if;
  return null;
end $$;
create trigger documents_tally_insert after insert on documents_document
  referencing new table as fresh for each statement execute function documents_tally_up();
create trigger documents_tally_update after update on documents_document
  referencing old table as stale new table as fresh for each statement execute function documents_tally_up();
create trigger documents_tally_delete after delete on documents_document
  referencing old table as stale for each statement execute function documents_tally_up();
"""
NO_TALLY = """
drop trigger documents_tally_insert on documents_document;
drop trigger documents_tally_update on documents_document;
drop trigger documents_tally_delete on documents_document;
drop function documents_tally_up;
"""


def own(column: str) -> str:
    """What a person limited to their own may see."""
    return f"({ANYBODYS} or {column} = {ONLY_BY})"


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_begin"), ("tenancy", "0002_row_security")]

    operations = [
        Protect("documents_file", see=OF_COMPANY_OR_FIRM),
        Protect("documents_delivery", see=f"{OF_COMPANY_OR_FIRM} and {own('by_id')}", write=OF_COMPANY_OR_FIRM),
        Protect("documents_deliveryitem", see=OF_COMPANY_OR_FIRM),
        Protect(
            "documents_document",
            see=f"{OF_COMPANY_UNGUESSED} and (open_to_firm or {COMPANY_SIDE}) and {own('uploaded_by_id')}",
            write=OF_COMPANY,
        ),
        Protect(
            "documents_quarantined",
            see=f"{OF_COMPANY_OR_FIRM} and {own('uploaded_by_id')}",
            write=OF_COMPANY_OR_FIRM,
        ),
        Protect("documents_tally", see=OF_COMPANY),
        migrations.RunSQL(TALLY, NO_TALLY),
    ]

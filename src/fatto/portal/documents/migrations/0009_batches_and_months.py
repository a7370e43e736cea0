"""Things done with many documents together; documents counted by month; lists ordered by party and by due date."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from fatto.portal.tenancy.rls import MEMBER, OF_COMPANY, OF_COMPANY_OR_FIRM, Protect

MONTHS = """
create function documents_months_up() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into documents_monthtally (firm_id, company_id, month, direction, booked, open_to_firm, n)
    select firm_id, company_id, date_trunc('month', sort_date), direction, booking = 'booked', open_to_firm, count(*)
    from fresh group by 1, 2, 3, 4, 5, 6;
  elsif tg_op = 'UPDATE' then
    insert into documents_monthtally (firm_id, company_id, month, direction, booked, open_to_firm, n)
    select firm_id, company_id, month, direction, booked, open_to_firm, sum(d) from (
      select firm_id, company_id, date_trunc('month', sort_date) as month, direction, booking = 'booked' as booked,
             open_to_firm, 1 as d from fresh
      union all
      select firm_id, company_id, date_trunc('month', sort_date), direction, booking = 'booked', open_to_firm, -1
      from stale
    ) changes group by 1, 2, 3, 4, 5, 6 having sum(d) <> 0;
  else
    insert into documents_monthtally (firm_id, company_id, month, direction, booked, open_to_firm, n)
    select firm_id, company_id, date_trunc('month', sort_date), direction, booking = 'booked', open_to_firm, -count(*)
    from stale group by 1, 2, 3, 4, 5, 6;
  end if;
  return null;
end $$;
create trigger documents_months_insert after insert on documents_document
  referencing new table as fresh for each statement execute function documents_months_up();
create trigger documents_months_update after update on documents_document
  referencing old table as stale new table as fresh for each statement execute function documents_months_up();
create trigger documents_months_delete after delete on documents_document
  referencing old table as stale for each statement execute function documents_months_up();
"""
NO_MONTHS = """
drop trigger documents_months_insert on documents_document;
drop trigger documents_months_update on documents_document;
drop trigger documents_months_delete on documents_document;
drop function documents_months_up;
"""
# What is there already is counted past row security, which its owner may lift for a moment.
FILL = """
alter table documents_document no force row level security;
insert into documents_monthtally (firm_id, company_id, month, direction, booked, open_to_firm, n)
select firm_id, company_id, date_trunc('month', sort_date), direction, booking = 'booked', open_to_firm, count(*)
from documents_document group by 1, 2, 3, 4, 5, 6;
set constraints all immediate;
alter table documents_document force row level security;
"""
OWN = f"({MEMBER} is null or member_id = {MEMBER})"
"""A person's own, and the portal's at work."""


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0008_note_references_of_older_documents"),
        ("tenancy", "0007_how_people_want_pages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verb",
                    models.CharField(
                        choices=[("approve", "Approve"), ("dispute", "Dispute"), ("book", "Mark as booked")],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("shown", "Not confirmed yet"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("undoing", "Being taken back"),
                            ("undone", "Taken back"),
                        ],
                        default="shown",
                        max_length=8,
                    ),
                ),
                ("query", models.TextField(blank=True)),
                ("reason", models.CharField(blank=True, max_length=20)),
                ("note", models.TextField(blank=True)),
                ("device", models.CharField(blank=True, max_length=60)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="BatchItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("ready", "Will be done"),
                            ("done", "Done"),
                            ("asked", "Waits for another person"),
                            ("skipped", "Left out"),
                            ("undone", "Taken back"),
                            ("kept", "Not taken back"),
                        ],
                        default="ready",
                        max_length=8,
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=20)),
                ("note", models.TextField(blank=True)),
                ("at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="MonthTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("direction", models.CharField(max_length=8)),
                ("booked", models.BooleanField()),
                ("open_to_firm", models.BooleanField()),
                ("n", models.BigIntegerField()),
            ],
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                models.F("firm"), models.F("party_key"), models.F("id"), name="document_by_party_of_firm"
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(models.F("company"), models.F("party_key"), models.F("id"), name="document_by_party"),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                models.F("firm"),
                models.F("due_date"),
                models.F("id"),
                condition=models.Q(("due_date__isnull", False)),
                name="document_by_due_of_firm",
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                models.F("company"),
                models.F("due_date"),
                models.F("id"),
                condition=models.Q(("due_date__isnull", False)),
                name="document_by_due",
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="company",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenancy.company",
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="firm",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.firm"
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="member",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="batchitem",
            name="batch",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="items", to="documents.batch"
            ),
        ),
        migrations.AddField(
            model_name="batchitem",
            name="company",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.company"
            ),
        ),
        migrations.AddField(
            model_name="batchitem",
            name="document",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.document"
            ),
        ),
        migrations.AddField(
            model_name="batchitem",
            name="firm",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.firm"
            ),
        ),
        migrations.AddField(
            model_name="monthtally",
            name="company",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.company"
            ),
        ),
        migrations.AddField(
            model_name="monthtally",
            name="firm",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.firm"
            ),
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(fields=["member", "-id"], name="batch_of_member"),
        ),
        migrations.AddIndex(
            model_name="batchitem",
            index=models.Index(fields=["batch", "outcome", "id"], name="batch_item_by_outcome"),
        ),
        migrations.AddConstraint(
            model_name="batchitem",
            constraint=models.UniqueConstraint(fields=("batch", "document"), name="batch_item_once"),
        ),
        migrations.AddIndex(
            model_name="monthtally",
            index=models.Index(fields=["company", "month"], name="month_tally_of_company"),
        ),
        migrations.AddIndex(
            model_name="monthtally",
            index=models.Index(fields=["firm"], name="month_tally_of_firm"),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        Protect("documents_monthtally", see=OF_COMPANY),
        Protect("documents_batch", see=f"{OF_COMPANY_OR_FIRM} and {OWN}"),
        Protect("documents_batchitem", see=OF_COMPANY),
        migrations.RunSQL(MONTHS, NO_MONTHS),
    ]

"""Whom a document waits for; a tally that counts by it; and row security that knows a person's limits."""

import django.contrib.postgres.fields
from django.db import migrations, models

from fatto.portal.tenancy.rls import (
    ANYBODYS,
    COMPANY_SIDE,
    DIRECTIONS,
    MEMBER,
    OF_COMPANY_OR_FIRM,
    OF_COMPANY_UNGUESSED,
    ONLY_BY,
    TAGS,
    UNLIMITED,
)

_KEYS = "firm_id, company_id, direction, approval, booking, open_to_firm"
_WAITS = "approval = 'to_approve' and booking = 'to_book'"
_WHOM = (
    f"case when {_WAITS} then asked else '{{}}' end as asked, case when {_WAITS} then agreed else '{{}}' end as agreed"
)

TALLY = f"""
create or replace function documents_tally_up() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into documents_tally ({_KEYS}, asked, agreed, n, arrived_at)
    select {_KEYS}, asked, agreed, count(*), max(received_at)
    from (select {_KEYS}, {_WHOM}, received_at from fresh) news
    group by {_KEYS}, asked, agreed;
  elsif tg_op = 'UPDATE' then
    insert into documents_tally ({_KEYS}, asked, agreed, n)
    select {_KEYS}, asked, agreed, sum(d) from (
      select {_KEYS}, {_WHOM}, 1 as d from fresh
      union all
      select {_KEYS}, {_WHOM}, -1 from stale
    ) changes group by {_KEYS}, asked, agreed having sum(d) <> 0;
  else
    insert into documents_tally ({_KEYS}, asked, agreed, n)
    select {_KEYS}, asked, agreed, -count(*)
    from (select {_KEYS}, {_WHOM} from stale) gone group by {_KEYS}, asked, agreed;
  end if;
  return null;
end $$;
"""  # noqa: S608 - nothing from outside is in it
OLD_TALLY = f"""
create or replace function documents_tally_up() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into documents_tally ({_KEYS}, n, arrived_at)
    select {_KEYS}, count(*), max(received_at) from fresh group by {_KEYS};
  elsif tg_op = 'UPDATE' then
    insert into documents_tally ({_KEYS}, n)
    select {_KEYS}, sum(d) from (
      select {_KEYS}, 1 as d from fresh union all select {_KEYS}, -1 from stale
    ) changes group by {_KEYS} having sum(d) <> 0;
  else
    insert into documents_tally ({_KEYS}, n) select {_KEYS}, -count(*) from stale group by {_KEYS};
  end if;
  return null;
end $$;
"""  # noqa: S608 - nothing from outside is in it

WITHIN_LIMITS = (
    f"(case when {UNLIMITED} then true"
    f" else ({DIRECTIONS} is null or direction = any({DIRECTIONS}::text[]))"
    f" and ({TAGS} is null or tags::text[] && {TAGS}::text[]) end)"
)


def _own(column: str) -> str:
    return f"({ANYBODYS} or {column} = {ONLY_BY})"


def _mine(column: str) -> str:
    """Who sees a part of a company's documents sees its own deliveries: names of files tell of the others."""
    return f"({UNLIMITED} or {column} = {MEMBER})"


_DOCUMENT = f"{OF_COMPANY_UNGUESSED} and (open_to_firm or {COMPANY_SIDE}) and {_own('uploaded_by_id')}"
_DELIVERY = f"{OF_COMPANY_OR_FIRM} and {_own('by_id')}"
_QUARANTINED = f"{OF_COMPANY_OR_FIRM} and {_own('uploaded_by_id')}"


def _policies(table: str, see: str) -> str:
    return "; ".join(f"alter policy {table}_{name} on {table} using ({see})" for name in ("see", "change", "remove"))


class Migration(migrations.Migration):
    dependencies = [("documents", "0009_batches_and_months")]

    operations = [
        migrations.AddField("document", "policy", models.BigIntegerField(null=True)),
        migrations.AddField("document", "step", models.SmallIntegerField(db_default=1, default=1)),
        migrations.AddField(
            "document",
            "asked",
            django.contrib.postgres.fields.ArrayField(models.IntegerField(), db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            "document",
            "agreed",
            django.contrib.postgres.fields.ArrayField(models.IntegerField(), db_default=[], default=list, size=None),
        ),
        migrations.AddField("document", "asked_at", models.DateTimeField(null=True)),
        migrations.AddField("document", "asked_until", models.DateField(null=True)),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                condition=models.Q(("asked_until__isnull", False)),
                fields=["firm", "asked_until"],
                name="document_asked_until",
            ),
        ),
        migrations.AddField(
            "tally",
            "asked",
            django.contrib.postgres.fields.ArrayField(models.IntegerField(), db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            "tally",
            "agreed",
            django.contrib.postgres.fields.ArrayField(models.IntegerField(), db_default=[], default=list, size=None),
        ),
        migrations.RunSQL(TALLY, OLD_TALLY),
        migrations.RunSQL(
            _policies("documents_document", f"{_DOCUMENT} and {WITHIN_LIMITS}"),
            _policies("documents_document", _DOCUMENT),
        ),
        migrations.RunSQL(
            _policies("documents_delivery", f"{_DELIVERY} and {_mine('by_id')}"),
            _policies("documents_delivery", _DELIVERY),
        ),
        migrations.RunSQL(
            _policies("documents_quarantined", f"{_QUARANTINED} and {_mine('uploaded_by_id')}"),
            _policies("documents_quarantined", _QUARANTINED),
        ),
    ]

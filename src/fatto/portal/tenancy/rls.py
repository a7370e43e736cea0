"""Row security: lock two. The migration operation that writes the policies, and the start-up check.

The setting's array stands in a scalar sub-select, or it would be parsed again for every row; see
`docs/decisions/0003-row-security-behind-the-scope.md` for what was measured.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.migrations.operations.base import Operation

COMPANIES = "(select string_to_array(nullif(current_setting('fatto.companies', true), ''), ',')::int[])::int[]"
FIRM = "(select nullif(current_setting('fatto.firm', true), '')::int)"
MEMBER = "(select nullif(current_setting('fatto.member', true), '')::int)"
ROSTER = "(select nullif(current_setting('fatto.roster', true), '')::int)"
LINK = "(select nullif(current_setting('fatto.link', true), ''))"
TOKEN = "(select nullif(current_setting('fatto.token', true), ''))"  # noqa: S105 - SQL, not a secret
ONLY_BY = "(select nullif(current_setting('fatto.only_by', true), '')::int)"
ANYBODYS = "(select coalesce(current_setting('fatto.only_by', true), '') = '')"
OF_MEMBER = f"member_id = {MEMBER}"
"""A person's own, wherever it is about."""
DIRECTIONS = "(select string_to_array(nullif(current_setting('fatto.directions', true), ''), E'\\x1f'))"
TAGS = "(select string_to_array(nullif(current_setting('fatto.tags', true), ''), E'\\x1f'))"
UNLIMITED = (
    "(select coalesce(current_setting('fatto.directions', true), '') = ''"
    " and coalesce(current_setting('fatto.tags', true), '') = '')"
)
"""Does the actor see every direction and every tag?"""
SEES_ALL = f"({UNLIMITED} and {ANYBODYS})"
OF_SEEN_DOCUMENT = (
    f"(case when {SEES_ALL} or document_id is null then true"
    " else exists (select from documents_document seen where seen.id = document_id) end)"
)
"""For what is about a document: it is there for those who see the document."""
COMPANY_SIDE = "(select current_setting('fatto.side', true) = 'company')"
OF_DOCUMENT_IN_SIGHT = (
    f"(case when document_id is null or ({SEES_ALL} and {COMPANY_SIDE}) then true"
    " else exists (select from documents_document seen where seen.id = document_id) end)"
)
"""The same, and behind a hard gate it is not there for the firm either."""

SAME_SIDE = "side = (select current_setting('fatto.side', true))"

OF_COMPANY = f"company_id = any({COMPANIES})"
OF_COMPANY_UNGUESSED = f"case when {OF_COMPANY} then true else false end"
"""The same for a large table. Written plainly, the planner guesses that a policy leaves a handful of
rows, and sorts a firm's half million instead of walking the index in order. Queries name their
company or firm themselves, so the policy needs no index."""
OF_COMPANY_OR_FIRM = f"({OF_COMPANY} or (company_id is null and firm_id = {FIRM}))"


class Protect(Operation):
    """Force row security on a table: what may be seen, what may be written.

    `see` and `write` are SQL conditions; `write` defaults to `see`. An `append_only` table gets
    policies for reading and adding alone, and a trigger that refuses the rest by name.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, table: str, see: str = OF_COMPANY, write: str = "", append_only: bool = False) -> None:
        self.table, self.see, self.write, self.append_only = table, see, write or see, append_only

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (
            type(self).__name__,
            [self.table],
            {"see": self.see, "write": self.write, "append_only": self.append_only},
        )

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models stay as they are."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = self.table
        run = schema_editor.execute
        run(f"alter table {table} enable row level security")
        run(f"alter table {table} force row level security")
        run(f"create policy {table}_see on {table} for select using ({self.see})")
        run(f"create policy {table}_add on {table} for insert with check ({self.write})")
        if self.append_only:
            run(
                "create or replace function fatto_append_only() returns trigger language plpgsql as "
                "$$begin raise exception 'rows of %% are never changed', tg_table_name; end$$"
            )
            run(
                f"create trigger {table}_append_only before update or delete on {table} "
                "for each statement execute function fatto_append_only()"
            )
            run(
                f"create trigger {table}_never_empty before truncate on {table} "
                "for each statement execute function fatto_append_only()"
            )
        else:
            run(f"create policy {table}_change on {table} for update using ({self.see}) with check ({self.write})")
            run(f"create policy {table}_remove on {table} for delete using ({self.see})")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for name in ("see", "add", "change", "remove"):
            schema_editor.execute(f"drop policy if exists {self.table}_{name} on {self.table}")
        for name in ("append_only", "never_empty"):
            schema_editor.execute(f"drop trigger if exists {self.table}_{name} on {self.table}")
        schema_editor.execute(f"alter table {self.table} disable row level security")

    def describe(self) -> str:
        return f"Force row security on {self.table}"


def unprotected() -> list[str]:
    """Tables with `company_id` and without forced row security: there must be none."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and n.nspname = 'public'
              and exists (select from pg_attribute a
                          where a.attrelid = c.oid and a.attname = 'company_id' and not a.attisdropped)
              and not (c.relrowsecurity and c.relforcerowsecurity
                       and exists (select from pg_policy p where p.polrelid = c.oid))
            order by 1
            """
        )
        return [name for (name,) in cursor.fetchall()]

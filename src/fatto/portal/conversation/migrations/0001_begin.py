"""Comments, and relations made by hand: seen by who sees the documents; comments are never changed."""

from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from fatto.portal.tenancy.rls import OF_COMPANY, Protect

SEES = "exists (select from documents_document d where d.id = {})"
"""The policy of documents holds within: gates and employees' limits are theirs."""
COMMENTS_SEEN = f"{OF_COMPANY} and {SEES.format('document_id')}"
RELATIONS_SEEN = f"{OF_COMPANY} and {SEES.format('document_id')} and {SEES.format('other_id')}"

GUARD = """
create function conversation_comment_kept() returns trigger language plpgsql as $$
declare
  same conversation_comment;
begin
  if tg_op <> 'UPDATE' then
    raise exception 'rows of % are never removed', tg_table_name;
  end if;
  same := new;
  same.answered_at := old.answered_at;
  if old.withdrawn_at is null then same.withdrawn_at := null; end if;
  if same is distinct from old then
    raise exception 'rows of % are never changed', tg_table_name;
  end if;
  return new;
end $$;
create trigger conversation_comment_kept before update or delete on conversation_comment
  for each row execute function conversation_comment_kept();
create trigger conversation_comment_never_empty before truncate on conversation_comment
  for each statement execute function conversation_comment_kept();
"""
NO_GUARD = """
drop trigger conversation_comment_never_empty on conversation_comment;
drop trigger conversation_comment_kept on conversation_comment;
drop function conversation_comment_kept;
"""


def _id() -> tuple[str, Any]:
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def _to(where: str, **more: Any) -> Any:
    more = {"db_index": False} | more
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=where, **more)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("documents", "0007_tags_cost_centers_and_reading"),
        ("tenancy", "0002_row_security"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Comment",
            fields=[
                _id(),
                (
                    "kind",
                    models.CharField(
                        choices=[("comment", "Comment"), ("question", "Question"), ("answer", "Answer")],
                        default="comment",
                        max_length=8,
                    ),
                ),
                ("by_name", models.CharField(max_length=200)),
                ("side", models.CharField(max_length=8)),
                ("at", models.DateTimeField()),
                ("text", models.TextField()),
                (
                    "mentions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, size=None
                    ),
                ),
                (
                    "to",
                    models.CharField(
                        blank=True,
                        choices=[("company", "The company"), ("firm", "The accounting firm")],
                        max_length=8,
                    ),
                ),
                (
                    "asked",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, size=None
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("channel", models.CharField(default="page", max_length=8)),
                ("once", models.CharField(blank=True, max_length=64)),
                ("by", _to(settings.AUTH_USER_MODEL, null=True)),
                ("company", _to("tenancy.company")),
                ("document", _to("documents.document")),
                ("firm", _to("tenancy.firm")),
                ("question", _to("conversation.comment", null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("once", ""), _negated=True),
                        fields=("document", "once"),
                        name="comment_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["comment", "question", "answer"]),
                            models.Q(
                                models.Q(("kind", "question"), ("to__in", ["company", "firm"])),
                                models.Q(models.Q(("kind", "question"), _negated=True), ("to", "")),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(("kind", "answer"), ("question__isnull", False)),
                                models.Q(models.Q(("kind", "answer"), _negated=True), ("question", None)),
                                _connector="OR",
                            ),
                        ),
                        name="comment_kind_fits",
                    ),
                ],
                "indexes": [models.Index(fields=["document", "id"], name="comment_of_document")],
            },
        ),
        migrations.CreateModel(
            name="Relation",
            fields=[
                _id(),
                ("by_name", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                ("by", _to(settings.AUTH_USER_MODEL, null=True)),
                ("company", _to("tenancy.company")),
                ("document", _to("documents.document")),
                ("firm", _to("tenancy.firm")),
                ("other", _to("documents.document", db_index=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("document", "other"), name="relation_once"),
                    models.CheckConstraint(
                        condition=models.Q(("document__lt", models.F("other"))), name="relation_in_order"
                    ),
                ],
            },
        ),
        Protect("conversation_comment", see=COMMENTS_SEEN),
        Protect("conversation_relation", see=RELATIONS_SEEN),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]

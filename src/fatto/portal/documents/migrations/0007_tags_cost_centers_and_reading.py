"""Tags and cost centres of companies, how many comments stand on a document, and what each person has read."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from fatto.portal.tenancy.rls import MEMBER, OF_COMPANY, OF_COMPANY_OR_FIRM, Protect


def _belonging(company_null: bool = False) -> list[tuple[str, Any]]:
    """Whose a row is."""

    def to(where: str, **more: Any) -> Any:
        return models.ForeignKey(
            db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=where, **more
        )

    return [
        ("firm", to("tenancy.firm")),
        ("company", to("tenancy.company", **({"null": True} if company_null else {}))),
    ]


def _id() -> tuple[str, Any]:
    return (
        "id",
        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
    )


def _of(where: str) -> Any:
    return models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=where)


def _waiting(name: str, condition: models.Q) -> list[migrations.AddIndex]:
    order = (models.F("sort_date").desc(), models.F("id").desc())
    return [
        migrations.AddIndex(
            "document", models.Index(models.F(owner), *order, condition=condition, name=f"document_{name}{end}")
        )
        for owner, end in (("company", ""), ("firm", "_of_firm"))
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0006_what_people_note_on_a_document"),
        ("tenancy", "0002_row_security"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("document", "comments", models.SmallIntegerField(db_default=0, default=0)),
        *_waiting("question", models.Q(question=True)),
        *_waiting("commented", models.Q(comments__gt=0)),
        migrations.CreateModel(
            name="Tag",
            fields=[
                _id(),
                *_belonging(),
                ("name", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=100)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("company", "key"), name="tag_once")]},
        ),
        migrations.CreateModel(
            name="CostCenter",
            fields=[
                _id(),
                *_belonging(),
                ("code", models.CharField(max_length=20, verbose_name="code")),
                ("key", models.CharField(max_length=100)),
                ("name", models.CharField(blank=True, max_length=100, verbose_name="name")),
                ("active", models.BooleanField(default=True)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("company", "key"), name="cost_center_once")]},
        ),
        migrations.CreateModel(
            name="Opened",
            fields=[
                _id(),
                *_belonging(),
                ("member", _of(settings.AUTH_USER_MODEL)),
                ("document", _of("documents.document")),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("member", "document"), name="opened_once")]},
        ),
        migrations.CreateModel(
            name="ReadMark",
            fields=[
                _id(),
                *_belonging(company_null=True),
                ("member", _of(settings.AUTH_USER_MODEL)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("member", "firm", "company"), name="read_mark_once", nulls_distinct=False
                    )
                ]
            },
        ),
        Protect("documents_tag", see=OF_COMPANY),
        Protect("documents_costcenter", see=OF_COMPANY),
        Protect("documents_opened", see=f"{OF_COMPANY} and member_id = {MEMBER}"),
        Protect("documents_readmark", see=f"{OF_COMPANY_OR_FIRM} and member_id = {MEMBER}"),
    ]

"""Alerts, the accounts of suppliers, twins, and what the guards have not looked at yet.

An alert and a twin are seen exactly where their documents are, by the documents' own policy; the
history of accounts by the company's side alone, so that nothing shines through a hard gate.
"""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from fatto.portal.tenancy.rls import ANYBODYS, COMPANY_SIDE, OF_COMPANY, Protect


def of(model: str, *, null: bool = False, db_index: bool = True) -> Any:
    return models.ForeignKey(
        null=null, db_index=db_index, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=model
    )


def seen(column: str) -> str:
    return f"exists (select from documents_document seen where seen.id = {column})"


NUMBER = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))
KINDS = [
    ("iban", "New IBAN"),
    ("duplicate", "Duplicate?"),
    ("sign", "Odd sign"),
    ("arithmetic", "Does not add up"),
    ("amount", "Unusual amount"),
]

WAITING_FOR_THE_GUARDS = """
alter table documents_document no force row level security;
insert into approvals_backlog (firm_id, company_id, last)
select firm_id, company_id, max(id) from documents_document group by firm_id, company_id;
alter table documents_document force row level security;
"""
"""Documents of before are looked at by a job. The owner looks past row security, as in documents' 0005."""


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0003_policies_and_rules"),
        ("documents", "0012_find_what_a_supplier_sent"),
        ("tenancy", "0002_row_security"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Alert",
            fields=[
                NUMBER,
                ("kind", models.CharField(choices=KINDS, max_length=20)),
                ("values", models.JSONField(default=dict)),
                ("raised_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("by_name", models.CharField(blank=True, max_length=200)),
                ("note", models.TextField(blank=True)),
                ("by", of(settings.AUTH_USER_MODEL, null=True, db_index=False)),
                ("company", of("tenancy.company", db_index=False)),
                ("document", of("documents.document", db_index=False)),
                ("firm", of("tenancy.firm", db_index=False)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("document", "kind"), name="alert_once")]},
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                NUMBER,
                ("supplier", models.CharField(max_length=120)),
                ("name", models.CharField(blank=True, max_length=300)),
                ("name_key", models.CharField(blank=True, max_length=120)),
                ("name_head", models.CharField(blank=True, max_length=5)),
                ("name_tail", models.CharField(blank=True, max_length=5)),
                ("account", models.CharField(max_length=40)),
                ("first_seen", models.DateField()),
                ("last_seen", models.DateField()),
                ("documents", models.IntegerField(default=0)),
                ("trusted_at", models.DateTimeField(null=True)),
                ("trusted_by", models.CharField(blank=True, max_length=200)),
                ("company", of("tenancy.company", db_index=False)),
                ("firm", of("tenancy.firm", db_index=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("company", "supplier", "account"), name="account_once")
                ],
                "indexes": [
                    models.Index(fields=["company", "name_head"], name="account_head"),
                    models.Index(fields=["company", "name_tail"], name="account_tail"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Twin",
            fields=[
                NUMBER,
                ("approval", models.CharField(max_length=16)),
                ("settlement", models.CharField(max_length=16)),
                ("at", models.DateTimeField()),
                ("by_name", models.CharField(max_length=200)),
                ("parted_at", models.DateTimeField(null=True)),
                ("by", of(settings.AUTH_USER_MODEL, null=True, db_index=False)),
                ("company", of("tenancy.company", db_index=False)),
                ("document", of("documents.document")),
                ("firm", of("tenancy.firm", db_index=False)),
                ("twin", of("documents.document")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("parted_at", None)), fields=("twin",), name="twin_of_one"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="Backlog",
            fields=[
                NUMBER,
                ("last", models.BigIntegerField()),
                (
                    "company",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.company"
                    ),
                ),
                ("firm", of("tenancy.firm", db_index=False)),
            ],
        ),
        migrations.RunSQL(WAITING_FOR_THE_GUARDS, migrations.RunSQL.noop),
        Protect("approvals_alert", see=f"{OF_COMPANY} and {seen('document_id')}", write=OF_COMPANY),
        Protect("approvals_account", see=f"{OF_COMPANY} and {COMPANY_SIDE} and {ANYBODYS}"),
        Protect(
            "approvals_twin",
            see=f"{OF_COMPANY} and {seen('document_id')} and {seen('twin_id')}",
            write=OF_COMPANY,
        ),
        Protect("approvals_backlog", see=OF_COMPANY),
    ]

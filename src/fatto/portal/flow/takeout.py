"""Everything of a company or a firm in one file of open formats, to take along: nobody is kept here by their data.

`ask` queues it; `make` writes it, in constant memory, with the rights of the person who asked. The file is a
ZIP: `documents/` with the original bytes in folders that people understand, `tables/` with every row as one
JSON object a line, `schema/` with a JSON Schema for each, `documents.csv` for a spreadsheet program, and a
README in the reader's language. A job that was killed begins again and ends in the same file.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import IO, Any, BinaryIO, cast
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.core.files.base import File as DjangoFile
from django.core.files.storage import Storage, storages
from django.db import IntegrityError, models, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from fatto.portal.archive.models import Export
from fatto.portal.documents import naming, queries, vault
from fatto.portal.documents.models import Delivery, DeliveryItem, Document, File, Page, Quarantined, Tag
from fatto.portal.documents.queries import Filters
from fatto.portal.exchange.models import Message, Receipt, Transmission
from fatto.portal.flow import export as lists
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import Refusal, action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Company, Firm, Gate, Member, Membership
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope

KEEP = timedelta(days=7)
"""So long can a finished file be fetched."""
PAGE = 500
FORMAT = "fatto-export-1"

LEFT_OUT: dict[str, str] = {
    "exchange.oauthstate": "logins at an authority that were begun",
    "documents.tally": "sums of what documents-document holds",
    "notifications.link": "links that open nothing elsewhere",
}
"""Tables that are not in the file, and why."""

SECRET = frozenset(
    {"hash", "hashes", "sealed", "sealed_before", "token_hash", "key_hash", "password", "secret", "session"}
)
"""Columns that would open something; they stay here."""


class UnderWay(Refusal):
    """One at a time."""

    def __init__(self) -> None:
        super().__init__(_("An export is being made already. It can be fetched as soon as it is done."))


@action(Can.DATA_EXPORT)
def ask(actor: Actor, *, language: str) -> Export:
    """Queue an export of all that the actor sees in the space it is in.

    Raises:
        UnderWay: one is being made for the same person in the same space.
    """
    from fatto.portal.flow import tasks

    assert actor.member is not None  # noqa: S101 - pages alone call it
    try:
        with transaction.atomic():
            row = Export.objects.create(
                firm=actor.firm, company=actor.company, side=actor.side, by=actor.member, language=language
            )
    except IntegrityError as error:
        raise UnderWay from error
    trail.record(actor, "export-asked", company_id=row.company_id, data={"export": row.pk})
    tasks.take_out.configure(lock=f"export-{row.pk}").defer(
        firm=actor.firm.pk,
        export=row.pk,
        member=actor.member.pk,
        company=actor.company.slug if actor.company else "",
    )
    return row


def of(actor: Actor) -> list[Export]:
    """What the actor asked for in this space, newest first."""
    return list(Export.objects.filter(by=actor.member, company=actor.company).order_by("-id")[:10])


def get(actor: Actor, pk: int) -> Export:
    """One of them, with its bytes still there; `Export.DoesNotExist` otherwise."""
    return Export.objects.get(pk=pk, by=actor.member, company=actor.company, state=Export.State.DONE, removed_at=None)


def open_stream(row: Export) -> BinaryIO:
    """The bytes of a finished export."""
    return cast(BinaryIO, _storage().open(_name(row), "rb"))


def make(firm: Firm, export: int, member: int, company: str) -> None:
    """Write the file and say so. When the person lost the right meanwhile it fails; a file that is done stays."""
    actor = _asker(firm, member, company)
    if actor is None:
        failed(firm, export)
        return
    with scope(actor):
        row = Export.objects.filter(pk=export, by=member).exclude(state=Export.State.DONE).first()
        if row is None:
            return
        total = File.objects.count()
        Export.objects.filter(pk=row.pk).update(state=Export.State.RUNNING, total=total, done=0)
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as spool:
        damaged = _Writer(actor, row, spool).write()
        size = spool.tell()
        spool.seek(0)
        sha256 = hashlib.file_digest(spool, "sha256").hexdigest()
        spool.seek(0)
        _storage().delete(_name(row))
        _storage().save(_name(row), DjangoFile(spool))
    with scope(actor):
        Export.objects.filter(pk=row.pk).update(
            state=Export.State.DONE, size=size, sha256=sha256, damaged=damaged, finished_at=timezone.now()
        )
        data = {"export": row.pk, "sha256": sha256, "damaged": damaged}
        trail.record(actor, "export-finished", company_id=row.company_id, data=data)


def failed(firm: Firm, export: int) -> None:
    """Say that an export stopped."""
    for actor in _both_sides(firm):
        with scope(actor):
            row = Export.objects.filter(pk=export).exclude(state=Export.State.DONE).first()
            if row is not None:
                Export.objects.filter(pk=export).update(state=Export.State.FAILED, finished_at=timezone.now())
                trail.record(actor, "export-failed", company_id=row.company_id, data={"export": export})


def _both_sides(firm: Firm) -> list[Actor]:
    """The portal itself with the eyes of companies, and with those of the firm."""
    found = actors.system(firm)
    return [found, replace(found, side="firm")]


def forget(firm: Firm) -> int:
    """Remove the bytes of old exports; how many."""
    count = 0
    for actor in _both_sides(firm):
        with scope(actor):
            done = Export.objects.filter(state=Export.State.DONE, removed_at=None)
            old = list(done.filter(finished_at__lt=timezone.now() - KEEP))
        for row in old:
            _storage().delete(_name(row))
        with scope(actor):
            count += Export.objects.filter(pk__in=[row.pk for row in old]).update(removed_at=timezone.now())
    return count


def _asker(firm: Firm, member: int, company: str) -> Actor | None:
    person = Member.objects.filter(pk=member, is_active=True).first()
    if person is None:
        return None
    found = actors.in_company(person, company) if company else actors.in_firm(person, firm.slug)
    if found is None or found.firm != firm or not found.can(Can.DATA_EXPORT):
        return None
    return found


def _storage() -> Storage:
    return storages["exports"]


def _name(row: Export) -> str:
    return f"{row.firm_id}/export-{row.pk}.zip"


# -- tables ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the export: its name there, and the columns that go along."""

    name: str
    model: type[models.Model]

    @property
    def columns(self) -> list[models.Field[Any, Any]]:
        return [
            field
            for field in self.model._meta.concrete_fields
            if field.name not in SECRET and not isinstance(field, SearchVectorField)
        ]

    @property
    def personal(self) -> bool:
        """Are its rows one person's own, like saved views and notices? Then others' are nobody's business."""
        field = next((each for each in self.model._meta.concrete_fields if each.name == "member"), None)
        return isinstance(field, models.ForeignKey) and self.model is not Membership

    def rows(self, actor: Actor, after: int) -> list[models.Model]:
        """The next rows of the actor's, inside its scope."""
        found = self.model._default_manager.filter(pk__gt=after)
        if self.model is Company:
            pass
        elif self.model is Firm:
            found = found.filter(pk=actor.firm.pk)
        elif actor.company is not None:
            if not any(field.name == "company" for field in self.columns):
                return []  # the firm's own
            found = found.filter(company_id=actor.company.pk)
        else:
            found = found.filter(firm_id=actor.firm.pk)
        if self.personal:
            found = found.filter(member=actor.member)
        found = _in_sight(actor, found)
        return list(found.order_by("pk")[:PAGE])

    def schema(self) -> dict[str, Any]:
        """A JSON Schema of one row."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.name,
            "description": " ".join((self.model.__doc__ or "").split()),
            "type": "object",
            "properties": {field.name: _type(field) for field in self.columns} | EXTRA_SCHEMA.get(self.name, {}),
            "required": [field.name for field in self.columns],
        }


def _in_sight(actor: Actor, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """What row security leaves to the pages: names, bytes and messages that tell of documents behind a gate."""
    if rows.model is Delivery:
        return queries.seen_deliveries(rows)
    if rows.model is DeliveryItem:
        return rows.filter(delivery__in=queries.seen_deliveries(Delivery.objects.all()).order_by())
    if rows.model._meta.label == "programs.Message":
        return rows.filter(webhook__side=actor.side)
    if rows.model is Tag and actor.side == "firm":
        return rows.exclude(company__gate=Gate.HARD)  # those of visible documents stand with them
    if rows.model is File and actor.side == "firm":
        there = (
            *(Document.objects, Page.objects, Quarantined.objects, queries.seen_deliveries(Delivery.objects.all())),
            *(Message.objects, Receipt.objects, Transmission.objects),
        )
        seen = models.Q()
        for each in there:
            seen |= models.Q(models.Exists(each.filter(file=models.OuterRef("pk"))))
        return rows.filter(seen)
    return rows


def tables() -> list[Table]:
    """Every table whose rows belong to a firm or a company, so that none is forgotten when one is added."""
    found = []
    for model in apps.get_models():
        label = f"{model._meta.app_label}.{model._meta.model_name}"
        names = {field.name for field in model._meta.concrete_fields}
        ours = model.__module__.startswith("fatto.portal.")
        if ours and label not in LEFT_OUT and (model in (Firm, Company) or {"firm", "company"} & names):
            found.append(Table(label.replace(".", "-"), model))
    return sorted(found, key=lambda table: table.name)


EXTRA_SCHEMA: dict[str, dict[str, Any]] = {
    "documents-document": {
        "path": {"type": ["string", "null"], "description": "The original in this export."},
        "invoice": {"type": ["object", "null"], "description": "What was read, in the words of EN 16931."},
        "findings": {"type": ["array", "null"]},
        "signers": {"type": ["array", "null"]},
    },
}
_EMBEDDED = frozenset({("documents-document", name) for name in ("invoice", "findings", "signers")})
"""Columns that hold JSON as text: in the export they are JSON."""


def _type(field: models.Field[Any, Any]) -> dict[str, Any]:
    found = _plain_type(field)
    if field.null and "type" in found:
        kinds = found["type"] if isinstance(found["type"], list) else [found["type"]]
        found["type"] = [*kinds, "null"]
    return found


def _plain_type(field: models.Field[Any, Any]) -> dict[str, Any]:
    if isinstance(field, ArrayField):
        return {"type": "array", "items": _plain_type(field.base_field)}
    if isinstance(field, models.ForeignKey):
        return {"type": "integer", "description": f"id in {field.related_model._meta.label_lower.replace('.', '-')}"}
    if isinstance(field, models.BooleanField):
        return {"type": "boolean"}
    if isinstance(field, models.DecimalField):
        return {"type": "string", "description": "decimal number"}
    if isinstance(field, models.IntegerField | models.AutoField):
        return {"type": "integer"}
    if isinstance(field, models.FloatField):
        return {"type": "number"}
    if isinstance(field, models.DateTimeField):
        return {"type": "string", "format": "date-time"}
    if isinstance(field, models.DateField):
        return {"type": "string", "format": "date"}
    if isinstance(field, models.JSONField):
        return {}
    return {"type": "string"}


def _value(value: object) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, list | tuple):
        return [_value(each) for each in value]
    return value


# -- the file -------------------------------------------------------------------------------------------------------


class _Writer:
    """Writes one export. Rows are read a page at a time, each page in a scope of its own; bytes outside of any."""

    def __init__(self, actor: Actor, row: Export, target: IO[bytes]) -> None:
        self.actor, self.row, self.target = actor, row, target
        self.taken: set[str] = set()
        self.paths: dict[int, str] = {}
        self.damaged: list[str] = []

    def write(self) -> int:
        """The whole file; gives how many originals were damaged."""
        counts: dict[str, int] = {}
        with zipfile.ZipFile(self.target, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            self._originals(archive)
            for table in tables():
                counts[table.name] = self._table(archive, table)
                archive.writestr(f"schema/{table.name}.schema.json", _pretty(table.schema()))
            self._people(archive)
            self._list(archive)
            archive.writestr("manifest.json", _pretty(self._manifest(counts)))
            archive.writestr("README.txt", self._readme())
        return len(self.damaged)

    def _originals(self, archive: zipfile.ZipFile) -> None:
        """Each original once: under the first document that came out of it, else under what was handed in."""
        for document in self._pages(lambda: Document.objects.select_related("file")):
            if document.file_id not in self.paths:
                day = document.sort_date
                folder = naming.folder(document, self.actor.firm.naming)
                name = naming.safe(document.name) or "original"
                where = f"documents/{self._of(document.company_id)}{day.year}/{day.month:02}/{document.direction}/"
                self._add(archive, document.file, f"{where}{folder}", name)
        for file in self._pages(lambda: _in_sight(self.actor, File.objects.all())):
            if file.pk not in self.paths:
                self._add(archive, file, f"deliveries/{self._of(file.company_id)}{file.sha256[:2]}", file.sha256)

    def _of(self, company_id: int | None) -> str:
        """The folder of a company, in an export of a firm."""
        return "" if self.actor.company is not None else f"{company_id or 'firm'}/"

    def _pages(self, rows: Callable[[], models.QuerySet[Any]]) -> Iterator[Any]:
        """All rows of a question, read a page at a time in scopes of their own."""
        after = 0
        while True:
            with scope(self.actor):
                page = list(rows().filter(pk__gt=after).order_by("pk")[:PAGE])
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].pk

    def _add(self, archive: zipfile.ZipFile, file: File, folder: str, name: str) -> None:
        path = self._free(folder, name)
        self.paths[file.pk] = path
        digest = hashlib.sha256()
        try:
            source = vault.open_stream(file.firm_id, file.sha256)
        except OSError:
            self.damaged.append(path)
            return
        with source, archive.open(path, "w", force_zip64=True) as target:
            while chunk := source.read(vault.CHUNK):
                digest.update(chunk)
                target.write(chunk)
        if digest.hexdigest() != file.sha256:
            self.damaged.append(path)
        if len(self.paths) % PAGE == 0:
            with scope(self.actor):
                Export.objects.filter(pk=self.row.pk).update(done=len(self.paths))

    def _free(self, folder: str, name: str) -> str:
        """A path not used yet: documents of the same party, number and day get numbered folders."""
        number, path = 1, f"{folder}/{name}"
        while path.casefold() in self.taken:
            number += 1
            path = f"{folder} ({number})/{name}"
        self.taken.add(path.casefold())
        return path

    def _table(self, archive: zipfile.ZipFile, table: Table) -> int:
        count, after = 0, 0
        with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as target:
            while True:
                with scope(self.actor):
                    page = table.rows(self.actor, after)
                    lines = [self._line(table, row) for row in page]
                target.writelines(lines)
                count += len(page)
                if len(page) < PAGE:
                    return count
                after = page[-1].pk

    def _line(self, table: Table, row: models.Model) -> bytes:
        found: dict[str, Any] = {}
        for field in table.columns:
            value = getattr(row, field.attname)
            if (table.name, field.name) in _EMBEDDED:
                value = json.loads(value) if value else None
            found[field.name] = _value(value)
        if isinstance(row, Document):
            found["path"] = self.paths.get(row.file_id)
        return json.dumps(found, ensure_ascii=False).encode() + b"\n"

    def _people(self, archive: zipfile.ZipFile) -> None:
        """Who the numbers of people in the tables are: those with a role here now. Others' names stand in the trail."""
        with scope(self.actor):
            rows = Membership.objects.filter(firm=self.actor.firm).select_related("member")
            if self.actor.company is not None:
                rows = rows.filter(company=self.actor.company)
            people = {row.member_id: row.member for row in rows}
        lines = [
            json.dumps({"id": pk, "name": each.name, "email": each.email}, ensure_ascii=False) + "\n"
            for pk, each in sorted(people.items())
        ]
        archive.writestr("tables/people.jsonl", "".join(lines))

    def _list(self, archive: zipfile.ZipFile) -> None:
        table = lists.Export(
            actor=self.actor,
            filters=Filters(),
            language=self.row.language,
            zone=timezone.get_current_timezone(),
        )
        with archive.open("documents.csv", "w", force_zip64=True) as target:
            target.writelines(lists.csv(table))

    def _manifest(self, counts: dict[str, int]) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "made_at": timezone.now().astimezone(UTC).isoformat(timespec="seconds"),
            "firm": self.actor.firm.name,
            "company": self.actor.company.name if self.actor.company else None,
            "seen_as": self.actor.side,
            "originals": len(self.paths),
            "damaged": self.damaged,
            "rows": counts,
            "left_out": LEFT_OUT,
        }

    def _readme(self) -> str:
        with translation.override(self.row.language):
            return render_to_string(
                "takeout/readme.txt",
                {
                    "firm": self.actor.firm,
                    "company": self.actor.company,
                    "side": self.actor.side,
                    "damaged": self.damaged,
                    "originals": len(self.paths),
                },
            )


def _pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"

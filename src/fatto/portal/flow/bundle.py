"""The archive tree as a ZIP, streamed: it is never whole in memory, however many documents it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from zipstream import ZIP_DEFLATED, ZipStream

from fatto import pipeline
from fatto.errors import FattoError
from fatto.portal.approvals import twins
from fatto.portal.archive import queries
from fatto.portal.archive.models import Record
from fatto.portal.documents import naming, papers, vault
from fatto.portal.documents import queries as documents
from fatto.portal.documents.queries import Content
from fatto.portal.exchange import queries as exchange
from fatto.portal.flow import approval_sheet, printing
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.scope import scope


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in a document's folder: its name, and how to get its bytes."""

    name: str
    make: Callable[[], bytes]


def files(actor: Actor, record: Record, language: str) -> list[Kept]:
    """What lies in a document's folder: original, what was read, PDF, attachments, its twins, what the authority
    gave, approval sheet.

    The names are known after reading the original; bytes are made when asked for. Called, and its
    results used, outside a scope: reading the vault may wait.
    """
    document = record.document
    if papers.is_paper(document):
        return _of_paper(actor, record, language)
    content = documents.content(document)
    taken: set[str] = set()
    found = [Kept(naming.free(naming.safe(document.name) or "original", taken), lambda: content.original)]
    if content.reading is not None:
        if content.enclosed.data != content.original:
            found.append(Kept(naming.free(f"{_stem(document.name)}.xml", taken), lambda: content.enclosed.data))
        if printing.printable(content):
            found.append(
                Kept(naming.free(f"{_stem(document.name)}.pdf", taken), lambda: printing.pdf(content, language))
            )
        for attachment in content.reading.invoice.attachments:
            name = (
                naming.safe(attachment.filename or attachment.reference or "") or f"attachment-{attachment.index + 1}"
            )
            if attachment.size:
                found.append(Kept(naming.free(name, taken), _attachment(content, attachment.index)))
    with scope(actor):
        resting = [(each.twin.name, each.twin) for each in twins.of_document(document)]
        proofs = exchange.receipts(document.pk)
    for name, twin in resting:
        found.append(Kept(naming.free(naming.safe(name) or "original", taken), partial(documents.original, twin)))
    for proof in proofs:  # what the authority gave, with its seal, as it came
        name = naming.free(naming.safe(proof.name) or "receipt", taken)
        found.append(Kept(name, _from_vault(document.firm_id, proof.file.sha256)))
    sheet = naming.free("approval-sheet.pdf", taken)
    found.append(Kept(sheet, lambda: _sheet(actor, record, language)))
    return found


def _of_paper(actor: Actor, record: Record, language: str) -> list[Kept]:
    """Of a supporting document: each original as it came, the PDF of its pages, the approval sheet."""
    document = record.document
    taken: set[str] = set()
    with scope(actor):
        originals = papers.originals(document)
        paper = papers.of(document)
    found = [
        Kept(naming.free(naming.safe(name) or "original", taken), _from_vault(document.firm_id, file.sha256))
        for name, file in originals
    ]
    view = paper.view_sha256 if paper is not None else ""
    if view and view not in {file.sha256 for _, file in originals}:
        found.append(Kept(naming.free(papers.view_name(document), taken), _from_vault(document.firm_id, view)))
    found.append(Kept(naming.free("approval-sheet.pdf", taken), lambda: _sheet(actor, record, language)))
    return found


def _from_vault(firm_id: int, sha256: str) -> Callable[[], bytes]:
    return lambda: vault.get(firm_id, sha256)


def stream(
    actor: Actor, language: str, year: int | None = None, month: int | None = None, section: str | None = None
) -> Iterator[bytes]:
    """A branch of the tree as the bytes of a ZIP. Call it inside a scope; iterate it anywhere."""
    records = queries.below(year, month, section)
    return _zip(actor, records, language)


def _zip(actor: Actor, records: list[Record], language: str) -> Iterator[bytes]:
    archive = ZipStream(compress_type=ZIP_DEFLATED)
    for record in records:
        folder = f"{record.year}/{record.month:02}/{record.section}/{record.folder}"
        for kept in files(actor, record, language):
            archive.add(kept.make(), f"{folder}/{kept.name}")
        yield from archive.all_files()
    yield from archive.finalize()


def _attachment(content: Content, index: int) -> Callable[[], bytes]:
    def make() -> bytes:
        assert content.reading is not None  # noqa: S101 - asked only for what was read
        try:
            return pipeline.attachment(content.enclosed, content.reading.index, index) or b""
        except FattoError:
            return b""

    return make


def _sheet(actor: Actor, record: Record, language: str) -> bytes:
    with scope(actor):
        return approval_sheet.pdf(record.document, language, record)


def _stem(name: str) -> str:
    stem = naming.safe(name) or "document"
    for ending in (".p7m", ".xml", ".pdf"):
        if stem.lower().endswith(ending):
            stem = stem[: -len(ending)]
    return stem

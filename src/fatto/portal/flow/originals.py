"""The originals of a list of documents as a ZIP, streamed: exactly the bytes that came, under the names they had."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext
from zipstream import ZIP_DEFLATED, ZipStream

from fatto.portal.documents import naming, queries, vault
from fatto.portal.flow.export import Export

LOST = "not-available.txt"


def stream(export: Export) -> Iterator[bytes]:
    """The bytes of a ZIP; in a firm's space with a folder for each company. A file of several documents is once in it.

    Called and iterated outside a scope: reading the vault may wait. An original that cannot be had is
    named in a text of its own, and the others are there all the same.
    """
    archive = ZipStream(compress_type=ZIP_DEFLATED)
    there: set[int] = set()
    taken: dict[str, set[str]] = {}
    lost: list[str] = []
    for documents in export.pages(files=True):
        for document in documents:
            if document.file_id in there:
                continue
            there.add(document.file_id)
            folder = naming.safe(document.company.name) if export.actor.company is None else ""
            name = naming.free(naming.safe(document.name) or "original", taken.setdefault(folder, set()))
            path = f"{folder}/{name}" if folder else name
            try:
                archive.add(queries.original(document), path)
            except (vault.Damaged, FileNotFoundError):
                lost.append(path)
            yield from archive.all_files()
    if lost:
        with export.spoken():
            head = gettext("These originals could not be read. The administrator has been told.")
        archive.add("\r\n".join([head, "", *lost, ""]).encode(), LOST)
    yield from archive.finalize()

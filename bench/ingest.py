"""A ZIP handed in → every invoice stored, searchable and waiting for approval; by a real worker process."""

from __future__ import annotations

import subprocess
import sys
import time
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING
from uuid import uuid4

from bench import portal
from bench.table import Row, Section
from fatto import pipeline
from fatto.errors import FattoError
from fatto.portal.demo import bulk

if TYPE_CHECKING:
    from fatto.portal.tenancy.actor import Actor

RATE = 100
MEMORY = 400
_COMPANIES = 20
_PATIENCE = 1800


def run(few: int, many: int) -> Section:
    """Measure with a ZIP of `few` members, then memory with one of `many`; each with a worker of its own."""
    section = Section(
        "Bringing in",
        "A ZIP of mixed invoices (FatturaPA, UBL, CII, credit notes) dropped on a firm of 20 companies; one worker "
        "process on the embedded server, synchronous commits, every original flushed to disk. Until all are stored, "
        "searchable and wait for approval. The floor is opening and reading the same ZIP, nothing stored.",
    )
    with portal.prepared(), TemporaryDirectory() as folder:
        who = _people()
        peaks = []
        for turn, count in enumerate((few, many)):
            packed = Path(folder) / f"{count}.zip"
            size = _pack(packed, count, seed=100 + turn)
            floor = _read_only(packed) if turn == 0 else 0.0
            seconds, peak, waiting = _through_worker(who, packed)
            peaks.append(peak)
            if waiting != count:
                raise AssertionError(f"{waiting} of {count} wait for approval")
            rate = count / seconds
            section.rows.append(
                Row(
                    what=f"{count:,} members, {size / 1e6:.1f} MB packed",
                    measured=f"{rate:.0f} documents/s, {seconds:.1f} s",
                    goal=f"≥ {RATE}/s",
                    floor=f"{count / floor:,.0f}/s read only" if floor else "",
                    met=rate >= RATE,
                )
            )
        section.rows.append(
            Row(
                what=f"worker's memory at its peak, {many:,} members",
                measured=f"{peaks[1]:.0f} MB",
                goal=f"≤ {MEMORY} MB",
                floor=f"{peaks[0]:.0f} MB with {few:,}",
                met=peaks[1] <= MEMORY,
            )
        )
        section.rows.append(_search(who))
    return section


def _people() -> Actor:
    owner = portal.member("owner@bench.example", "Bench Owner")
    firm = portal.open_firm("Bench", owner)
    for number in range(_COMPANIES):
        portal.open_company(firm, owner, ("IT", "RO")[number % 2], number // 2)
    return portal.acting(owner, firm)


def _pack(path: Path, count: int, seed: int) -> int:
    buyers = {country: [bulk.company(country, number) for number in range(_COMPANIES // 2)] for country in ("IT", "RO")}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for made in bulk.papers(count, seed=seed, buyers=buyers):
            archive.writestr(f"{seed}/{made.name}", made.data)
    return path.stat().st_size


def _read_only(path: Path) -> float:
    start = perf_counter()
    with path.open("rb") as stream:
        for enclosed in pipeline.open(stream, path.name):
            try:
                pipeline.read(enclosed)
            except FattoError as trouble:
                raise AssertionError(f"{enclosed.member}: {trouble}") from trouble
    return perf_counter() - start


def _through_worker(who: Actor, path: Path) -> tuple[float, float, int]:
    """Seconds from handing in to the last document, the worker's peak in MB, and how many wait."""
    from fatto.portal.documents.models import Delivery, Document
    from fatto.portal.documents.states import Approval
    from fatto.portal.flow import arrive
    from fatto.portal.tenancy import actor
    from fatto.portal.tenancy.scope import scope

    worker = subprocess.Popen([sys.executable, "-m", "fatto", "worker"], stdout=subprocess.DEVNULL)
    try:
        time.sleep(3)  # it is up, as it would be in production
        start = perf_counter()
        with path.open("rb") as stream:
            delivery = arrive.receive(who, path.name, iter(lambda: stream.read(1 << 20), b""), uuid4())
        while True:
            if worker.poll() is not None:
                raise AssertionError("the worker stopped")
            with scope(who):
                state = Delivery.objects.values_list("state", flat=True).get(pk=delivery.pk)
            if state == Delivery.State.DONE:
                break
            if state == Delivery.State.FAILED or perf_counter() - start > _PATIENCE:
                raise AssertionError(f"the delivery is {state}")
            time.sleep(0.05)
        seconds = perf_counter() - start
        peak = _peak(worker.pid)
    finally:
        worker.terminate()
        worker.wait(30)
    with scope(actor.system(who.firm)):
        new = Document.objects.filter(received_at__gte=delivery.created_at, words__isnull=False)
        waiting = new.filter(approval=Approval.TO_APPROVE).count()
    return seconds, peak, waiting


def _peak(pid: int) -> float:
    """The most memory a process has had, in MB."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return float("nan")
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024


def _search(who: Actor) -> Row:
    """That what came in is found: the words of one line, over the whole firm."""
    from fatto.portal.documents import queries
    from fatto.portal.tenancy.scope import scope

    with scope(who):
        start = perf_counter()
        page = queries.page(queries.Filters(words="meccanica brenta"))
        seconds = perf_counter() - start
    if not page.rows:
        raise AssertionError("what came in is not found")
    return Row(what="first search over what came in", measured=f"{seconds * 1000:.0f} ms")

"""Older documents judged again when the release knows other rules than the one that judged them.

One `Recheck` a firm and edition of the rules. It goes over the archive in chunks, each one transaction that
also says how far it came, so that a job killed anywhere goes on and ends the same. Only the verdict changes:
what was decided, booked and kept stays as it is.
"""

from __future__ import annotations

import logging
from time import monotonic

from django.db.models import F, Max
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from fatto.portal.documents import queries, vault, verdicts
from fatto.portal.documents.models import Document, Recheck, Verdict
from fatto.portal.documents.states import Check
from fatto.portal.documents.verdicts import Judge, Judged
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.action import action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Firm
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope

_log = logging.getLogger("fatto.flow")

CHUNK = 50
SPELL = 20.0
"""So many seconds a job works before it lets others have their turn."""
TASK = "fatto.judge_again"


def look(firm: Firm) -> None:
    """Begin where the release knows other rules than before; say so where a job took too many workers with it."""
    from fatto.portal.flow import tasks

    edition = verdicts.edition()
    with scope(actors.system(firm)) as actor:
        row = Recheck.objects.filter(edition=edition).first()
        if row is None:
            row = begin(actor, edition=edition)
            if row.state == Recheck.State.RUNNING:
                tasks.queue_recheck(firm.pk, row.pk)
        elif row.state == Recheck.State.RUNNING and row.failed_at is None and not _at_work(row):
            _log.error("a recheck was given up", extra={"event": "lost", "firm": firm.pk, "count": 1})
            Recheck.objects.filter(pk=row.pk).update(failed_at=timezone.now())


def _at_work(row: Recheck) -> bool:
    jobs = ProcrastinateJob.objects.filter(task_name=TASK, status__in=["todo", "doing"])
    return jobs.filter(args__recheck=row.pk).exists()


@action(Can.DOCUMENT_UPLOAD)
def begin(actor: Actor, *, edition: str) -> Recheck:
    """Note that everything there is now is to be judged by these rules."""
    documents = Document.objects.exclude(format="")
    total, upto = documents.count(), documents.aggregate(last=Max("pk"))["last"] or 0
    now = timezone.now()
    return Recheck.objects.create(
        firm=actor.firm,
        edition=edition,
        upto=upto,
        total=total,
        started_at=now,
        state=Recheck.State.RUNNING if total else Recheck.State.DONE,
        finished_at=None if total else now,
    )


def work(firm: Firm, recheck_id: int, seconds: float = SPELL) -> bool:
    """Go on with a recheck for some seconds; gives whether there is more to do. Safe to call again, or after a kill."""
    end = monotonic() + seconds
    actor = actors.system(firm)
    more = True
    while more and monotonic() < end:
        with scope(actor):
            row = Recheck.objects.get(pk=recheck_id)
            if row.state == Recheck.State.DONE or row.edition != verdicts.edition():
                return False  # an older edition's: the new one has a recheck of its own
            chunk = _next(row)
        # The vault may wait for the network, so the originals are read outside.
        found = _judge(chunk)
        with scope(actor):
            more = note(actor, row, chunk=chunk, found=found)
    return more


def _next(row: Recheck) -> list[Document]:
    rows = Document.objects.filter(pk__gt=row.after, pk__lte=row.upto).exclude(format="").order_by("pk")
    return list(rows.defer("invoice", "findings", "signers", "words").select_related("file")[:CHUNK])


def _judge(chunk: list[Document]) -> dict[int, Judged | None]:
    """The new verdicts; None where the original cannot be had, or an error of ours came between."""
    found: dict[int, Judged | None] = {}
    sha256, judge = "", None
    for document in chunk:
        if judge is None or sha256 != document.data_sha256:  # a lot is several documents of the same bytes
            try:
                judge = Judge(queries.enclosed(document))
            except (vault.Damaged, FileNotFoundError):
                _log.exception("an original cannot be had", extra={"document": document.pk})
                found[document.pk] = None
                continue
            sha256 = document.data_sha256
        found[document.pk] = judge.of(document)
    return found


@action(Can.DOCUMENT_UPLOAD)
def note(actor: Actor, row: Recheck, *, chunk: list[Document], found: dict[int, Judged | None]) -> bool:
    """Write the verdicts of a chunk and how far it came; False at the end. What another job did meanwhile stays."""
    now = Recheck.objects.select_for_update(no_key=True).get(pk=row.pk)
    if now.after != row.after or now.state == Recheck.State.DONE:
        return now.state != Recheck.State.DONE
    if not chunk:
        Recheck.objects.filter(pk=row.pk).update(
            state=Recheck.State.DONE, finished_at=timezone.now(), seen=F("total"), failed_at=None
        )
        return False
    current = set(Verdict.objects.filter(document__in=found, edition=now.edition).values_list("document_id", flat=True))
    counts = {"worse": 0, "better": 0, "missed": 0}
    for document in chunk:
        judged = found[document.pk]
        if judged is None:
            counts["missed"] += 1  # the verdict that it had stays: it was true of the rules it names
        elif document.pk not in current:
            counts["worse"] += judged.state == Check.FAILED != document.verdict
            counts["better"] += document.verdict == Check.FAILED != judged.state
            verdicts.replace(document, judged)
    Recheck.objects.filter(pk=row.pk).update(
        after=chunk[-1].pk,
        seen=F("seen") + len(chunk),
        **{name: F(name) + count for name, count in counts.items()},
    )
    return True


def failed(firm: Firm, recheck_id: int) -> None:
    """Say that an error of ours stopped it; what is done stays done, and it can go on."""
    with scope(actors.system(firm)):
        Recheck.objects.filter(pk=recheck_id, state=Recheck.State.RUNNING).update(failed_at=timezone.now())


@action(Can.FIRM_MANAGE, verb="rules-checked-again")
def again(actor: Actor, recheck: Recheck) -> None:
    """Go on with one that an error stopped."""
    from fatto.portal.flow import tasks

    if Recheck.objects.filter(pk=recheck.pk, failed_at__isnull=False).update(failed_at=None):
        tasks.queue_recheck(actor.firm.pk, recheck.pk)


def progress() -> Recheck | None:
    """The recheck of the scope's firm by the rules of this release; None while it has not begun."""
    return Recheck.objects.filter(edition=verdicts.edition()).first()

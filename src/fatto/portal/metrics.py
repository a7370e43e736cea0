"""`/metrics` for Prometheus: what `observe` counted in every web process, and the state of the job queue.

With several web processes each writes its counts into small files of one folder (`PROMETHEUS_MULTIPROC_DIR`, set by
`fatto web`), and whichever process is asked adds them up.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class Queue(Collector):
    """The job queue, counted when asked."""

    def collect(self) -> Iterator[Metric]:
        jobs = GaugeMetricFamily("fatto_jobs", "Jobs by state", labels=["state"])
        age = GaugeMetricFamily("fatto_oldest_job_seconds", "How long the oldest due job has waited")
        workers = GaugeMetricFamily("fatto_workers", "Workers heard of in the last minute")
        with connection.cursor() as cursor:
            cursor.execute("select status::text, count(*) from procrastinate_jobs group by 1")
            counted = dict(cursor.fetchall())
            for state in ("todo", "doing", "failed", "succeeded", "cancelled", "aborted"):
                jobs.add_metric([state], counted.get(state, 0))
            cursor.execute(
                "select coalesce(extract(epoch from now() - min(coalesce(j.scheduled_at, e.at))), 0)"
                " from procrastinate_jobs j left join lateral"
                " (select min(at) as at from procrastinate_events where job_id = j.id and type = 'deferred') e on true"
                " where j.status = 'todo' and (j.scheduled_at is null or j.scheduled_at <= now())"
            )
            age.add_metric([], float(cursor.fetchone()[0]))
            cursor.execute(
                "select count(*) from procrastinate_workers where last_heartbeat > now() - interval '1 minute'"
            )
            workers.add_metric([], cursor.fetchone()[0])
        yield jobs
        yield age
        yield workers


class Outbox(Collector):
    """Notices on their way to people, counted when asked."""

    def collect(self) -> Iterator[Metric]:
        posts = GaugeMetricFamily("fatto_notices", "Notices sent or on their way, by state", labels=["state"])
        age = GaugeMetricFamily("fatto_oldest_notice_seconds", "How long the oldest due notice has waited")
        with connection.cursor() as cursor:
            cursor.execute("select state, count(*) from notifications_post group by 1")
            counted = dict(cursor.fetchall())
            for state in ("waiting", "sending", "sent", "dropped", "failed", "unsure"):
                posts.add_metric([state], counted.get(state, 0))
            cursor.execute(
                "select coalesce(extract(epoch from now() - min(due_at)), 0)"
                " from notifications_post where state in ('waiting', 'sending') and due_at <= now()"
            )
            age.add_metric([], float(cursor.fetchone()[0]))
        yield posts
        yield age


def _may_read(request: HttpRequest) -> bool:
    token = settings.CONFIG.metrics_token
    if token:
        return secrets.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    if "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META:
        return False  # the neighbour is a proxy; who asks is somewhere else
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The metrics as text; for whoever shows the token, or without a token for this machine only. Others see a 404."""
    if not _may_read(request):
        return HttpResponse(status=404)
    registry = CollectorRegistry()
    registry.register(Queue())
    registry.register(Outbox())
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        body = generate_latest(registry)
    else:
        body = generate_latest(registry) + generate_latest(REGISTRY)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)

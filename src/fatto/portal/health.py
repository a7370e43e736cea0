"""Whether the portal lives, and whether it can work: for load balancers, containers and people who watch it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

WORKER_SECONDS = 60  # a worker says every ten seconds that it lives


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return ""


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return f"{waiting} migrations wait; run `fatto migrate`" if waiting else ""


def _storage() -> str:
    if not settings.CONFIG.files:
        folder = Path(settings.STORAGES["default"]["OPTIONS"]["location"])
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / f".probe-{uuid4().hex}"
        probe.write_bytes(b"")
        probe.unlink()
        return ""
    name = default_storage.save(f"health/{uuid4().hex}", ContentFile(b"probe"))
    default_storage.delete(name)
    return ""


def _worker() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from procrastinate_workers where last_heartbeat > now() - make_interval(secs => %s)",
            [WORKER_SECONDS],
        )
        row = cursor.fetchone()
    return "" if row and row[0] else "no worker was heard of in the last minute; run `fatto worker`"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "migrations": _migrations,
    "storage": _storage,
    "worker": _worker,
}


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers at all."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when every check passes, else 503; each check by name is `ok` or what is wrong, without inner details."""
    found: dict[str, str] = {}
    for name, check in CHECKS.items():
        try:
            found[name] = check() or "ok"
        except Exception as trouble:  # whatever it is, the answer is the same: not ready
            found[name] = f"failed ({type(trouble).__name__})"
    healthy = all(value == "ok" for value in found.values())
    return JsonResponse({"status": "ok" if healthy else "trouble", **found}, status=200 if healthy else 503)


app_name = "health"
urlpatterns = [
    path("live", live, name="live"),
    path("ready", ready, name="ready"),
]

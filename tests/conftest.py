"""What all tests share: a real PostgreSQL in a folder of its own, used under the role that production uses.

Tests of the library run without Django: it is set up only when something else than the library is asked for.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

TESTS = Path(__file__).parent
LIBRARY = {
    "bookkeeping",
    "channels",
    "cli",
    "codes",
    "countries",
    "envelopes",
    "formats",
    "fuzz",
    "invoice",
    "preservation",
    "render",
    "rules",
}


def _only_library(arguments: list[str]) -> bool:
    """Does the command line name nothing but tests of the library?"""
    named = [Path(word.split("::")[0]).absolute() for word in arguments if "tests" in word and not word.startswith("-")]
    parts = [path.relative_to(TESTS).parts[:1] for path in named if path.is_relative_to(TESTS)]
    return bool(parts) and all(part and part[0] in LIBRARY for part in parts)


# Nothing of the developer's own settings reaches the tests, and theirs reach no data of his.
for name in [
    name for name in os.environ if (name.startswith("FATTO_") and name != "FATTO_CHROMIUM") or name == "DATABASE_URL"
]:
    del os.environ[name]
DATA = Path(tempfile.mkdtemp(prefix="fatto-tests-"))
os.environ["FATTO_DATA"] = str(DATA)
(DATA / "tmp").mkdir()
if not _only_library(sys.argv[1:]):
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings_for_tests"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "story: a story told in a real browser")
    if "DJANGO_SETTINGS_MODULE" in os.environ:
        from django.conf import settings

        assert settings.INSTALLED_APPS  # loads them; pytest-django then sets Django up


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(DATA, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[object]:
    """An embedded server; its role `fatto` is the restricted one, and may here also create the test database."""
    from fatto.portal import postgres

    with postgres.using(postgres.Server(folder=DATA, durable=False)) as server:
        with server.connect() as connection:
            connection.execute(f"alter role {postgres.ROLE} createdb")
        yield server


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres_server: object) -> None:
    """pytest-django calls this before it makes the test database."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any, postgres_server: Any) -> Iterator[None]:
    """After a test that commits, all tables are emptied; the append-only ones must be told to let that happen.

    At the end, sessions that threads of jobs and of the live server left open are ended, or the database could not be
    removed.
    """
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("select tgrelid::regclass::text, tgname from pg_trigger where tgname like '%\\_never\\_empty'")
        for table, guard in cursor.fetchall():
            cursor.execute(f"alter table {table} disable trigger {guard}")
    yield
    with postgres_server.connect() as superuser:
        superuser.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s",
            [connection.settings_dict["NAME"]],
        )


@pytest.fixture
def transactional_db(transactional_db: None, django_db_blocker: Any) -> None:
    """As pytest-django has it, with an empty queue: its tables are not among those emptied after a test that commits.

    A job left by another test would fail, wait for its next try, and keep those of the same lock waiting with it.
    """
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")


@pytest.fixture(autouse=True)
def _marked_tests_that_commit(request: pytest.FixtureRequest) -> None:
    """They begin with an empty queue as well."""
    marker = request.node.get_closest_marker("django_db")
    if marker is not None and marker.kwargs.get("transaction"):
        request.getfixturevalue("transactional_db")


@pytest.fixture
def do_jobs(transactional_db: None) -> Callable[[], None]:
    """Does what waits in the queue, as a worker would, and returns when nothing is due."""
    from django.db import connections

    from fatto.portal import worker

    def work() -> None:
        try:
            worker.drain()
        finally:
            connections.close_all()

    def do() -> None:
        # In a thread: the browser of a story keeps an event loop in this one.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(work).result()

    return do


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium for the stories. Without one they are skipped; in CI they fail."""
    path = _tool("browser").chromium()
    if path is None:
        trouble = "no Chromium; python tools/browser.py says more"
        if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
            pytest.fail(trouble)
        pytest.skip(trouble)
    # Playwright runs an event loop in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-dev-shm-usage"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


def _tool(name: str) -> Any:
    """A program of the folder tools, as a module."""
    spec = importlib.util.spec_from_file_location(f"tools_{name}", TESTS.parent / "tools" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

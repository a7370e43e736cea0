"""What all tests share: a real PostgreSQL in a folder of its own, used under the role that production uses.

Tests of the library run without Django: it is set up only when something else than the library is asked for.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LIBRARY = {
    "bookkeeping",
    "channels",
    "cli",
    "codes",
    "countries",
    "envelopes",
    "formats",
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

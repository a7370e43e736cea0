"""The embedded server: who it lets in, what it survives, when it stops."""

from __future__ import annotations

import pytest
from django.db import connection


@pytest.mark.django_db
def test_tests_run_as_the_restricted_role():
    with connection.cursor() as cursor:
        cursor.execute("select current_user, rolsuper, rolbypassrls from pg_roles where rolname = current_user")
        assert cursor.fetchone() == ("fatto", False, False)
        cursor.execute("select bool_and(proleakproof) from pg_proc where proname in ('ts_match_vq', 'ts_match_qv')")
        assert cursor.fetchone() == (True,)

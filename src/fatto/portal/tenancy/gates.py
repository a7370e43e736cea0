"""Reading a company's gate so that it cannot change before what depends on it is written."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection


def hold(companies: Iterable[int]) -> dict[int, str]:
    """The gate of each company, as it will stay until the transaction ends.

    Whoever changes a gate waits for those who hold it, and then changes their documents as well; whoever
    comes after reads the new one. Without it, a document that arrives while a gate is being closed would
    stay visible to the firm.
    """
    with connection.cursor() as cursor:
        # In one order, so that two who hold several never wait for one another.
        cursor.execute(
            "select id, gate from tenancy_company where id = any(%s) order by id for share", [sorted(set(companies))]
        )
        return dict(cursor.fetchall())

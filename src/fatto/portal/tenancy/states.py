"""Moving a row from state to state, in a way that two clicks cannot both win."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from fatto.portal.tenancy.action import Refusal


class AlreadyMoved(Refusal):
    """Somebody else was quicker, or the state does not allow it."""

    def __init__(self) -> None:
        super().__init__(_("This was changed in the meantime. Look at it again."))


def move(row: models.Model, field: str, to: str, *, among: Iterable[str], **also: Any) -> None:
    """Set `field` to `to` where it is one of `among`, in one UPDATE; refuse when no row was touched.

    `also` are further columns set in the same UPDATE. The row in memory follows.
    """
    changed = (
        type(row)._default_manager.filter(pk=row.pk, **{f"{field}__in": list(among)}).update(**{field: to}, **also)
    )
    if not changed:
        raise AlreadyMoved
    setattr(row, field, to)
    for name, value in also.items():
        if not hasattr(value, "resolve_expression"):
            setattr(row, name, value)

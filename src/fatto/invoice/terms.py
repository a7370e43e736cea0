"""Which EN 16931 business term (BT) or group (BG) each attribute of the invoice is."""

from __future__ import annotations

import typing
from functools import cache

import msgspec
from msgspec import Meta, Struct


def term(code: str) -> Meta:
    """Tie an attribute to its business term: `number: Annotated[str | None, term("BT-1")] = None`."""
    return Meta(extra={"term": code})


@cache
def terms_of(struct: type[Struct]) -> dict[str, str]:
    """Attribute name → BT or BG code, for one of the Structs of `invoice.model`."""
    found: dict[str, str] = {}
    for name, hint in typing.get_type_hints(struct, include_extras=True).items():
        for meta in getattr(hint, "__metadata__", ()):
            if isinstance(meta, msgspec.Meta) and meta.extra and "term" in meta.extra:
                found[name] = meta.extra["term"]
    return found

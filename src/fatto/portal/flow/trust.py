"""Checking the trail of every firm, against itself and against hashes that were kept elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from fatto.portal.tenancy import seals
from fatto.portal.tenancy.actor import system
from fatto.portal.tenancy.models import Firm
from fatto.portal.tenancy.scope import scope
from fatto.portal.tenancy.seals import Check, Trouble

Anchors = dict[str, list[dict[str, Any]]]
"""Slug of a firm → the heads of its chains."""


class NoAnchor(Exception):
    """A file does not hold what `fatto check-trail --anchor` or the portal wrote."""


def check_all(noted: Anchors) -> Iterator[tuple[Firm, Check]]:
    """Check the chains of every firm; a firm that is only in the anchors is told by the next line."""
    firms = list(Firm.objects.order_by("slug"))
    gone = set(noted) - {firm.slug for firm in firms}
    if gone:
        raise NoAnchor(f"The file speaks of firms that are not here: {', '.join(sorted(gone))}.")
    for firm in firms:
        with scope(system(firm)) as actor:
            yield firm, seals.check(actor, noted.get(firm.slug, ()))


def anchors() -> str:
    """The latest hashes of every firm, as the text of a file."""
    found = []
    for firm in Firm.objects.order_by("slug"):
        with scope(system(firm)) as actor:
            found.append(seals.anchor(actor))
    return json.dumps(found, indent=1) + "\n"


def read_anchors(path: Path) -> Anchors:
    """What a file of hashes says, of one firm or of several.

    Raises:
        NoAnchor: it cannot be read, or is something else.
    """
    try:
        return parse_anchors(path.read_bytes())
    except OSError as trouble:
        raise NoAnchor(f"{path} cannot be read: {trouble.strerror}.") from trouble


def parse_anchors(data: bytes) -> Anchors:
    """The same from bytes.

    Raises:
        NoAnchor: it is something else.
    """
    try:
        found = json.loads(data)
        rows = found if isinstance(found, list) else [found]
        return {
            str(row["firm"]): [
                {
                    "company": None if head["company"] is None else int(head["company"]),
                    "number": int(head["number"]),
                    "sha256": str(head["sha256"]),
                }
                for head in row["heads"]
            ]
            for row in rows
        }
    except (ValueError, TypeError, KeyError) as trouble:
        raise NoAnchor("The file is not one of hashes that Fatto wrote.") from trouble


def in_words(trouble: Trouble) -> str:
    """A trouble as a sentence."""
    values = {
        "chain": _("company %(number)s") % {"number": trouble.company} if trouble.company else _("the firm itself"),
        "number": trouble.number,
        "deeds": ", ".join(map(str, trouble.deeds[:20])) + (" …" if len(trouble.deeds) > 20 else ""),
    }
    texts = {
        "changed": _("Chain of %(chain)s: under seal %(number)s something reads otherwise than when it was sealed."),
        "missing": _("Chain of %(chain)s: under seal %(number)s entries are missing: %(deeds)s."),
        "broken": _("Chain of %(chain)s: seal %(number)s is missing or was made again."),
        "unsealed": _("Chain of %(chain)s: entries were put in afterwards: %(deeds)s."),
        "anchor": _("Chain of %(chain)s: seal %(number)s is not the one that was noted elsewhere."),
    }
    return texts[trouble.kind] % values

"""Checking the trail, against itself and against hashes that were kept elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.exceptions import AlreadyEnqueued

from fatto.portal.tenancy import seals, trail
from fatto.portal.tenancy.action import Refusal, action
from fatto.portal.tenancy.actor import Actor, system
from fatto.portal.tenancy.models import Company, Deed, Firm, Member
from fatto.portal.tenancy.permissions import Can
from fatto.portal.tenancy.scope import scope
from fatto.portal.tenancy.seals import Check, Trouble

Anchors = dict[str, list[dict[str, Any]]]
"""Slug of a firm → the heads of its chains."""


class NotChecked(Refusal):
    """A check waits already."""

    def __init__(self) -> None:
        super().__init__(_("The trail is being checked already."))


@action(Can.DATA_EXPORT)
def ask(actor: Actor, *, noted: list[Any]) -> None:
    """Queue a check of the space's chains, also against hashes that were kept.

    Raises:
        NotChecked: one waits already.
    """
    from fatto.portal.flow import tasks

    company_id = actor.company.pk if actor.company else None
    lock = f"check-trail-{actor.firm.pk}-{company_id or ''}"
    try:
        with transaction.atomic():
            tasks.check_trail.configure(queueing_lock=lock).defer(
                firm=actor.firm.pk,
                company=company_id,
                noted=noted,
                by=actor.member.pk if actor.member else None,
            )
    except AlreadyEnqueued as error:
        raise NotChecked from error


def check(firm: Firm, company_id: int | None, noted: list[dict[str, Any]], by: int | None) -> Check:
    """Check the chains of a firm, or of one of its companies, and note what was found in the trail itself."""
    person = Member.objects.filter(pk=by).first() if by else None
    actor = system(firm, member=person)
    with scope(actor):
        company = Company.objects.filter(pk=company_id).first() if company_id else None
    if company is not None:
        actor = replace(actor, company=company, companies=(company.pk,))
    with scope(actor):
        found = seals.check(actor, noted)
        trail.record(
            actor,
            "trail-checked",
            company_id=company_id,
            data={
                "sound": found.sound,
                "seals": found.seals,
                "deeds": found.deeds,
                "waiting": found.waiting,
                "noted": len(noted),
                "troubles": [asdict(each) for each in found.troubles[:100]],
            },
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the last check of a space found."""

    at: datetime
    sound: bool
    seals: int
    deeds: int
    noted: int
    by_name: str
    troubles: tuple[str, ...]


def last(actor: Actor) -> Checked | None:
    """The last check of the space that the actor is in."""
    row = Deed.objects.filter(verb="trail-checked", company=actor.company, document_id=None).order_by("-pk").first()
    if row is None:
        return None
    troubles = tuple(in_words(Trouble(**(each | {"deeds": tuple(each["deeds"])}))) for each in row.data["troubles"])
    return Checked(
        at=row.at,
        sound=row.data["sound"],
        seals=row.data["seals"],
        deeds=row.data["deeds"],
        noted=row.data["noted"],
        by_name=row.by_name,
        troubles=troubles,
    )


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

"""What people change about how they are told. Each changes only what is its own."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from fatto.portal.notifications import hours, outbox, summary
from fatto.portal.notifications.kinds import BY_KEY
from fatto.portal.notifications.models import Choice, Notice, Post, Wishes
from fatto.portal.tenancy.models import Member
from fatto.portal.tenancy.scope import roster


def wish(member: Member, **values: Any) -> None:
    """Change the person's wishes; a digest that waits moves to the new hour."""
    with roster(member=member.pk):
        Wishes.objects.update_or_create(member=member, defaults=values)
    Post.objects.filter(member=member, channel=Post.Channel.DIGEST, state=Post.State.WAITING).delete()
    if summary.waiting_for_digest(member):
        outbox.plan_digest(member, hours.of(member), timezone.now())


def choose(member: Member, chosen: dict[str, tuple[str, str]]) -> None:
    """How kinds are told: key → mail, push. What is the default again needs no row."""
    with roster(member=member.pk):
        for key, (mail, push) in chosen.items():
            kind = BY_KEY[key]
            if kind.must:
                continue
            if (mail, push) == (kind.mail, kind.push):
                Choice.objects.filter(member=member, kind=key).delete()
            else:
                Choice.objects.update_or_create(member=member, kind=key, defaults={"mail": mail, "push": push})


def mark_read(member: Member, pk: int | None = None) -> None:
    """One notice, or all, were looked at: what is alike and comes after is told anew."""
    now = timezone.now()
    with roster(member=member.pk):
        rows = Notice.objects.filter(member=member, read_at=None)
        if pk is not None:
            rows = rows.filter(pk=pk)
        numbers = list(rows.values_list("pk", flat=True))
        Notice.objects.filter(pk__in=numbers, closed_at=None).update(closed_at=now)
        Notice.objects.filter(pk__in=numbers).update(read_at=now)


# People change only themselves; the views hand in who is logged in.
wish.is_action = True  # type: ignore[attr-defined]
choose.is_action = True  # type: ignore[attr-defined]
mark_read.is_action = True  # type: ignore[attr-defined]

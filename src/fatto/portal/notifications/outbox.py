"""What goes out for a notice, when, and what became of it.

A row is written before anything is sent, in the transaction of the notice. Whoever sends takes the row first
(`waiting` → `sending`, committed) and only then speaks to the network. So a message goes out at most once: one whose
sender died, or whose server never answered, stays `unsure` and is not repeated; one that was surely refused is tried
again, less and less often.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from fatto.portal.notifications import choices
from fatto.portal.notifications.hours import Hours
from fatto.portal.notifications.kinds import Kind
from fatto.portal.notifications.models import Device, Mail, Notice, Post, Push
from fatto.portal.tenancy.models import Member
from fatto.portal.tenancy.scope import roster

GATHER = timedelta(seconds=60)
"""What comes within so long of one another goes out as one."""
GATHER_MOST = timedelta(minutes=10)
WAITS = (60, 300, 1_800, 7_200, 21_600)
"""Seconds from one attempt to the next; after the last there is none."""
LOST = timedelta(minutes=10)
"""A message that was taken so long ago has lost its sender."""
LATE = timedelta(minutes=2)
"""A message that is overdue for so long has lost its job."""


def plan(member: Member, notice: Notice, kind: Kind, clock: Hours, now: datetime) -> None:
    """Put on its way what this notice asks for, as its person wishes; what is on its way already stays."""
    chosen = choices.of(member, kind)
    pushed = False
    if chosen.push == Push.ALL or (chosen.push == Push.URGENT and notice.urgent):
        with roster(member=member.pk):
            devices = list(Device.objects.filter(member=member).values_list("pk", flat=True))
        due = clock.allowed(now + GATHER)
        for device in devices:
            _queue(Post(member=member, channel=Post.Channel.PUSH, notice=notice, device_id=device, due_at=due))
            pushed = True
    if chosen.mail == Mail.NOW or (chosen.mail == Mail.UNLESS_PUSHED and not pushed):
        due = now if kind.must else clock.allowed(now + GATHER)
        _queue(Post(member=member, channel=Post.Channel.MAIL, notice=notice, due_at=due))
    elif chosen.mail == Mail.DIGEST:
        if not notice.digest:
            with roster(member=member.pk):
                Notice.objects.filter(pk=notice.pk).update(digest=True)
            notice.digest = True
        plan_digest(member, clock, now)


def plan_digest(member: Member, clock: Hours, now: datetime, after: date | None = None) -> None:
    """See that a digest is on its way to the person: the next of its days that had none."""
    if not clock.wishes.digest:
        return
    waiting = Post.objects.filter(member=member, channel=Post.Channel.DIGEST, state=Post.State.WAITING)
    if waiting.exists():
        return
    last = Post.objects.filter(member=member, channel=Post.Channel.DIGEST).order_by("-day").first()
    after = max((each for each in (after, last.day if last else None) if each is not None), default=None)
    day, due = clock.next_digest(now, after)
    _queue(Post(member=member, channel=Post.Channel.DIGEST, day=day, due_at=due))


def _queue(post: Post) -> None:
    try:
        with transaction.atomic():
            post.save(force_insert=True)
    except IntegrityError:
        return  # it is on its way
    defer(post)


def defer(post: Post) -> None:
    """Have a job look after it when it is due."""
    from fatto.portal.notifications import tasks

    tasks.send.configure(schedule_at=post.due_at, lock=f"notice-{post.pk}").defer(post=post.pk)


def take(number: int, now: datetime) -> Post | None:
    """A message that is due, locked until the transaction ends; None when others have it or it is done."""
    post = (
        Post.objects.select_for_update(of=["self"], skip_locked=True)
        .select_related("member")
        .filter(pk=number, state=Post.State.WAITING, due_at__lte=now)
        .first()
    )
    if post is not None:
        post.state, post.taken_at = Post.State.SENDING, now
        post.attempts += 1
        post.save(update_fields=["state", "taken_at", "attempts"])
    return post


def note(post: Post, state: str, *, trouble: str = "", now: datetime | None = None) -> None:
    """Write what became of a message."""
    post.state, post.trouble, post.finished_at = state, trouble[:60], now or timezone.now()
    post.save(update_fields=["state", "trouble", "attempts", "taken_at", "finished_at"])


def again(post: Post, *, trouble: str, now: datetime | None = None) -> bool:
    """It was surely not taken: try later. False when it was tried often enough, and is given up."""
    now = now or timezone.now()
    if post.attempts > len(WAITS):
        note(post, Post.State.FAILED, trouble=trouble, now=now)
        return False
    post.state, post.trouble = Post.State.WAITING, trouble[:60]
    post.due_at = now + timedelta(seconds=WAITS[post.attempts - 1])
    post.save(update_fields=["state", "trouble", "attempts", "taken_at", "due_at"])
    defer(post)
    return True


def postpone(post: Post, until: datetime) -> None:
    """Not yet: more of it is coming in, or the hour is not right."""
    post.state, post.due_at = Post.State.WAITING, until
    post.attempts -= 1
    post.save(update_fields=["state", "due_at", "attempts"])
    defer(post)


def overdue(*, at: datetime | None = None) -> list[int]:
    """Messages that should have left a while ago: their job was lost, or the queue is long."""
    rows = Post.objects.filter(state=Post.State.WAITING, due_at__lt=(at or timezone.now()) - LATE)
    return list(rows.order_by("due_at").values_list("pk", flat=True)[:500])


def give_up_lost(*, at: datetime | None = None) -> int:
    """Say of messages whose sender died that nobody knows what became of them; how many."""
    now = at or timezone.now()
    return Post.objects.filter(state=Post.State.SENDING, taken_at__lt=now - LOST).update(
        state=Post.State.UNSURE, trouble="sender-lost", finished_at=now
    )


def mail_instead(member: Member, notice: Notice, clock: Hours, now: datetime) -> None:
    """No push got through: the mail that would have gone without one."""
    _queue(Post(member=member, channel=Post.Channel.MAIL, notice=notice, due_at=clock.allowed(now)))

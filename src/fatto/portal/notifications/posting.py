"""Sending what is in the outbox: taken first, then sent, then noted. What nobody needs any more is dropped."""

from __future__ import annotations

import logging
import smtplib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.utils import timezone, translation

from fatto.portal.notifications import choices, hours, letters, outbox, push, summary
from fatto.portal.notifications.hours import Hours
from fatto.portal.notifications.kinds import BY_KEY
from fatto.portal.notifications.models import Device, Link, Mail, Notice, Post, Push
from fatto.portal.tenancy.models import Member
from fatto.portal.tenancy.scope import roster

_log = logging.getLogger("fatto.notices")
_REFUSED = (
    smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPNotSupportedError,
)
"""The server said no, in words: nothing was taken."""


class _Unsure(Exception):
    """The message was on its way when the line went dead: it may have arrived."""


class _Refused(Exception):
    """Surely not taken; `for_good` says that trying again is no use."""

    def __init__(self, trouble: str, *, for_good: bool = False) -> None:
        self.trouble, self.for_good = trouble, for_good
        super().__init__(trouble)


@dataclass(slots=True)
class _Ready:
    """A message that is taken and made: what goes out, and what it tells of."""

    post: Post
    notices: list[Notice]
    mail: EmailMultiAlternatives | None = None
    device: Device | None = None
    payload: dict[str, Any] | None = None


def send(number: int, *, at: datetime | None = None) -> None:
    """Send one message of the outbox, if it is due and nobody else does. Called outside a transaction."""
    now = at or timezone.now()
    with transaction.atomic():
        post = outbox.take(number, now)
        ready = _make(post, now) if post is not None else None
    if ready is None:
        return
    try:
        _hand_over(ready)
    except _Unsure:
        _log.warning("what became of a notice is not known", extra={"event": "notice"})
        _told(ready, Post.State.UNSURE, now, trouble="no-answer")
    except _Refused as no:
        with transaction.atomic():
            if no.for_good:
                outbox.note(ready.post, Post.State.FAILED, trouble=no.trouble, now=now)
            if no.for_good or not outbox.again(ready.post, trouble=no.trouble, now=now):
                _given_up(ready.post, ready.notices, now)
    else:
        _told(ready, Post.State.SENT, now)


# -- making ---------------------------------------------------------------------------------------------------------


def _make(post: Post, now: datetime) -> _Ready | None:
    """What the message says now; None when it is not the time, or there is nothing to say any more."""
    member = post.member
    clock = hours.of(member)
    if not member.is_active:
        outbox.note(post, Post.State.DROPPED, trouble="no-account", now=now)
        return None
    notices = summary.waiting_for_digest(member) if post.channel == Post.Channel.DIGEST else _of(post)
    if _not_yet(post, notices, clock, now):
        return None
    if not _wanted(post, notices, clock):
        outbox.note(post, Post.State.DROPPED, trouble="not-wanted", now=now)
        return None
    device = None
    if post.channel == Post.Channel.PUSH:
        with roster(member=member.pk):
            device = Device.objects.select_related("key").filter(pk=post.device_id or 0, member=member).first()
        if device is None:
            outbox.note(post, Post.State.DROPPED, trouble="no-device", now=now)
            _given_up(post, notices, now)
            return None
    with translation.override(member.language):
        parts = summary.parts(member, notices, now, tokens=clock.wishes.links)
        if not parts:
            _nothing(post, notices, now)
            return None
        with roster(member=member.pk):
            Notice.objects.filter(pk__in=[each.pk for each in notices], closed_at=None).update(closed_at=now)
        if device is not None:
            return _Ready(post, notices, device=device, payload=letters.payload(post, parts, named=clock.wishes.named))
        return _Ready(post, notices, mail=letters.letter(post, member, parts, clock))


def _of(post: Post) -> list[Notice]:
    with roster(member=post.member_id):
        rows = Notice.objects.select_related("firm").filter(pk=post.notice_id or 0, member=post.member)
        return list(rows)


def _not_yet(post: Post, notices: list[Notice], clock: Hours, now: datetime) -> bool:
    """Is more of it coming in, or is the hour a quiet one? Then it waits."""
    if post.channel == Post.Channel.DIGEST or not notices or BY_KEY[notices[0].kind].must:
        return False
    notice = notices[0]
    until = clock.allowed(now)
    if notice.closed_at is None and until <= now:
        until = max(now, min(notice.last_at + outbox.GATHER, notice.at + outbox.GATHER_MOST))
    if until <= now:
        return False
    outbox.postpone(post, until)
    return True


def _wanted(post: Post, notices: list[Notice], clock: Hours) -> bool:
    """Does its person still wish for it? What was read meanwhile, or told otherwise, is not sent after it."""
    if post.channel == Post.Channel.DIGEST:
        return clock.wishes.digest
    if not notices:
        return False
    kind = BY_KEY[notices[0].kind]
    chosen = choices.of(post.member, kind)
    if kind.must:
        return True
    if notices[0].read_at is not None:
        return False
    if post.channel == Post.Channel.PUSH:
        return push.switched_on() and chosen.push != Push.OFF
    return chosen.mail in (Mail.NOW, Mail.UNLESS_PUSHED)


def _nothing(post: Post, notices: list[Notice], now: datetime) -> None:
    """All of it was done meanwhile: it counts as told, and nobody is written to."""
    outbox.note(post, Post.State.DROPPED, trouble="nothing-left", now=now)
    with roster(member=post.member_id):
        rows = Notice.objects.filter(pk__in=[each.pk for each in notices])
        rows.filter(closed_at=None).update(closed_at=now)
        rows.filter(told_at=None).update(told_at=now)


# -- handing over ---------------------------------------------------------------------------------------------------


def _hand_over(ready: _Ready) -> None:
    if ready.device is not None:
        _push(ready.device, ready.payload or {}, urgent=any(each.urgent for each in ready.notices))
    elif ready.mail is not None:
        _mail(ready.mail)


def _mail(letter: EmailMultiAlternatives) -> None:
    connection = get_connection()
    try:
        connection.open()
    except OSError as error:  # smtplib's troubles are among them
        raise _Refused(f"connect: {type(error).__name__}") from error
    try:
        connection.send_messages([letter])
    except _REFUSED as error:
        raise _Refused(type(error).__name__, for_good=_for_good(error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise _Unsure from error
    finally:
        try:
            connection.close()
        except (OSError, smtplib.SMTPException):
            _log.info("the mail server did not say goodbye", extra={"event": "notice"})


def _for_good(error: Exception) -> bool:
    """Does the server's answer begin with a 5?"""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return 500 <= error.smtp_code < 600
    return True


def _push(device: Device, payload: dict[str, Any], *, urgent: bool) -> None:
    answer = push.send(device, payload, urgent=urgent)
    if answer.good:
        with roster(member=device.member_id):
            Device.objects.filter(pk=device.pk).update(used_at=timezone.now())
        return
    if push.gone(answer):
        push.forget(device.member, device.pk)
        raise _Refused("gone", for_good=True)
    if answer.trouble == "too-slow":
        raise _Unsure
    trouble = str(answer.status) if answer.status is not None else answer.trouble
    for_good = answer.status is not None and 400 <= answer.status < 500 and answer.status not in (408, 425, 429)
    raise _Refused(trouble, for_good=for_good or answer.trouble in ("not-public", "not-an-address", "https-needed"))


# -- noting ---------------------------------------------------------------------------------------------------------


def _told(ready: _Ready, state: str, now: datetime, *, trouble: str = "") -> None:
    with transaction.atomic():
        outbox.note(ready.post, state, trouble=trouble, now=now)
        with roster(member=ready.post.member_id):
            Notice.objects.filter(pk__in=[each.pk for each in ready.notices], told_at=None).update(told_at=now)


def _given_up(post: Post, notices: list[Notice], now: datetime) -> None:
    """What this message could not tell, another may: a mail instead of a push, tomorrow's digest instead of today's."""
    member = post.member
    clock = hours.of(member)
    if post.channel == Post.Channel.DIGEST:
        outbox.plan_digest(member, clock, now, after=post.day)
        return
    if post.channel == Post.Channel.PUSH and notices:
        others = Post.objects.filter(notice=post.notice_id).exclude(pk=post.pk)
        if others.filter(state__in=[Post.State.WAITING, Post.State.SENDING, Post.State.SENT]).exists():
            return
        chosen = choices.of(member, BY_KEY[notices[0].kind])
        if chosen.mail == Mail.UNLESS_PUSHED:
            outbox.mail_instead(member, notices[0], clock, now)


def forget(member: Member, *, before: datetime) -> int:
    """Remove a person's notices and links from before a moment; how many notices."""
    with roster(member=member.pk):
        Link.objects.filter(member=member, expires_at__lt=before).delete()
        old = Notice.objects.filter(member=member, last_at__lt=before)
        return old.delete()[1].get("notifications.Notice", 0)

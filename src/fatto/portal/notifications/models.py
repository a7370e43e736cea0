"""What people are told, how each wants to be told, and what is on its way to them.

All of it is one person's own, across firms and companies: row security shows it to that person alone. Only the
outbox holds no content and is everybody's, so that it can be worked off and watched.
"""

from __future__ import annotations

from datetime import time
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fatto.portal.tenancy.models import Company, Firm, Member
from fatto.portal.tenancy.scope import RosterManager


class Mail(models.TextChoices):
    """What mail does for a kind of event."""

    NOW = "now", _("At once")
    UNLESS_PUSHED = "unless", _("At once, where no push goes out")
    DIGEST = "digest", _("In the daily digest")
    OFF = "off", pgettext_lazy("mail", "No mail")


class Push(models.TextChoices):
    """What push does for a kind of event."""

    ALL = "all", pgettext_lazy("push", "At once")
    URGENT = "urgent", _("At once, if due within three days")
    OFF = "off", pgettext_lazy("push", "No push")


class Wishes(models.Model):
    """How a person wants to be told, whatever it is. Without a row, the defaults hold."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="+")
    digest = models.BooleanField(default=True)
    digest_at = models.TimeField(default=time(8))
    working_days = models.BooleanField(default=False)
    """No digest on Saturdays, Sundays and holidays."""
    time_zone = models.CharField(max_length=40, blank=True)
    """Empty: that of the country of the person's first company or firm."""
    quiet = models.BooleanField(default=True)
    quiet_from = models.TimeField(default=time(21))
    quiet_to = models.TimeField(default=time(7))
    named = models.BooleanField(default=False)
    """May a push show names and amounts?"""
    links = models.BooleanField(default=True)
    """Do mails hold links that decide on one document without logging in?"""

    objects: ClassVar[RosterManager[Self]] = RosterManager()


class Choice(models.Model):
    """What a person chose for a kind of event, where it is not the default."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    mail = models.CharField(max_length=8, choices=Mail.choices)
    push = models.CharField(max_length=8, choices=Push.choices)

    objects: ClassVar[RosterManager[Self]] = RosterManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "kind"], name="choice_once")]


class Key(models.Model):
    """The portal's own pair of keys, by which push services know who sends (VAPID)."""

    public = models.CharField(max_length=120)
    """As browsers take it: the uncompressed point in base64url."""
    sealed = models.TextField()
    """The private one in PEM, encrypted under the portal's key."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["public"], name="push_key_once")]


class Device(models.Model):
    """A browser that takes pushes for a person."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    hash = models.CharField(max_length=64, unique=True)
    """SHA-256 of the address: by it a browser finds its row again, whoever uses it now."""
    endpoint = models.CharField(max_length=1000)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    key = models.ForeignKey(Key, on_delete=models.CASCADE, related_name="+")
    """The key that the browser was given: it takes nothing under another."""
    name = models.CharField(max_length=60)
    """Kind of browser and machine."""
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)

    objects: ClassVar[RosterManager[Self]] = RosterManager()


class Seen(models.Model):
    """A kind of browser and machine with which a person has logged in before."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    device = models.CharField(max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[RosterManager[Self]] = RosterManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "device"], name="seen_once")]


class Notice(models.Model):
    """One thing that a person is told. What is alike and comes together is one notice with a count."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    urgent = models.BooleanField(default=False)
    count = models.IntegerField(default=0)
    data = models.JSONField(default=dict)
    """What the sentence of a notice without documents needs."""
    at = models.DateTimeField()
    """When the first of it was told of."""
    last_at = models.DateTimeField()
    digest = models.BooleanField(default=False)
    """Does it stand in the next digest, unless it was told before?"""
    closed_at = models.DateTimeField(null=True)
    """From now on another like it is another notice: this one was sent or read."""
    told_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    objects: ClassVar[RosterManager[Self]] = RosterManager()

    class Meta:
        indexes = [
            models.Index(fields=["member", "-id"], name="notice_of_member"),
            models.Index(fields=["member"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(fields=["member", "kind", "company"], condition=Q(closed_at=None), name="notice_open"),
        ]


class Item(models.Model):
    """One deed within a notice. Nobody is told of the same deed twice under the same kind."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="items")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    source = models.CharField(max_length=40)
    """`deed-17`: what it is told of."""
    document_id = models.BigIntegerField(null=True)

    objects: ClassVar[RosterManager[Self]] = RosterManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "kind", "source"], name="told_once")]


class Post(models.Model):
    """One message on its way to one person, by one channel. It holds no content: that is made when it leaves.

    It is taken (`sending`) and that is written before anything goes out. What became of a message whose
    sender died, or whose server never answered, is not known, and it is not sent again.
    """

    class Channel(models.TextChoices):
        PUSH = "push"
        MAIL = "mail"
        DIGEST = "digest"

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        DROPPED = "dropped"
        """When it was to leave there was nothing to say any more, or it was no longer wanted."""
        FAILED = "failed"
        UNSURE = "unsure"

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    channel = models.CharField(max_length=6, choices=Channel.choices)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, null=True, related_name="+")
    """None for a digest, which tells of all that waits for it."""
    device_id = models.BigIntegerField(null=True)
    """The number of the device of a push; the device may be gone."""
    day = models.DateField(null=True)
    """Of a digest: the person's own day. There is one a day."""
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    due_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    trouble = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    taken_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "day"], condition=Q(channel="digest"), name="digest_once_a_day"),
            models.UniqueConstraint(
                fields=["notice", "channel", "device_id"],
                condition=Q(notice__isnull=False),
                name="post_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=["waiting", "sending"]), name="post_on_its_way")
        ]


class Link(models.Model):
    """The right of one person to decide on one document without logging in, for a short time, once.

    Only the hash of what stands in the mail is kept.
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+", db_index=False)
    document_id = models.BigIntegerField()
    hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    objects: ClassVar[RosterManager[Self]] = RosterManager()

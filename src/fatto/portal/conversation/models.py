"""What people say to one another about a document, and which documents they say belong together."""

from __future__ import annotations

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fatto.portal.documents.models import Document
from fatto.portal.tenancy.models import Company, Firm, Member
from fatto.portal.tenancy.scope import ScopedManager


class Kind(models.TextChoices):
    """What a comment is for."""

    COMMENT = "comment", _("Comment")
    QUESTION = "question", _("Question")
    ANSWER = "answer", _("Answer")


class Side(models.TextChoices):
    """Who is spoken to."""

    COMPANY = "company", _("The company")
    FIRM = "firm", pgettext_lazy("asking", "The accounting firm")


class Comment(models.Model):
    """Something that somebody said of a document: plain text, seen by exactly those who see the document.

    Never changed and never removed: a trigger lets only the two moments be set, that of withdrawing once.
    """

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.COMMENT)
    by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    by_name = models.CharField(max_length=200)
    """The name at the time: it outlives the person's account."""
    side = models.CharField(max_length=8)
    """On which side the author acted."""
    at = models.DateTimeField()
    text = models.TextField()
    mentions = ArrayField(models.IntegerField(), default=list)
    """Members who were named with an @."""
    to = models.CharField(max_length=8, choices=Side.choices, blank=True)
    """Of a question: which side is asked."""
    asked = ArrayField(models.IntegerField(), default=list)
    """Of a question: the members from whom an answer is hoped for."""
    question = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    """Of an answer: what it answers."""
    answered_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    channel = models.CharField(max_length=8, default="page")
    """`page`, `mail` or `api`."""
    once = models.CharField(max_length=64, blank=True)
    """What makes a second sending of the same the same: a form's, a mail's or a program's own mark, hashed."""

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "once"], condition=~Q(once=""), name="comment_once"),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values)
                & (Q(kind=Kind.QUESTION, to__in=Side.values) | (~Q(kind=Kind.QUESTION) & Q(to="")))
                & (Q(kind=Kind.ANSWER, question__isnull=False) | (~Q(kind=Kind.ANSWER) & Q(question=None))),
                name="comment_kind_fits",
            ),
        ]
        indexes = [models.Index(fields=["document", "id"], name="comment_of_document")]

    @property
    def waits(self) -> bool:
        """Is it a question that nobody has answered yet?"""
        return self.kind == Kind.QUESTION and self.answered_at is None and self.withdrawn_at is None


class Relation(models.Model):
    """Two documents of one company that somebody said belong together; the one with the lower number first."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "other"], name="relation_once"),
            models.CheckConstraint(condition=Q(document__lt=F("other")), name="relation_in_order"),
        ]

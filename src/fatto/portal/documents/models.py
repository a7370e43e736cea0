"""What came in: original bytes by their hash, deliveries, documents, and what fits no company."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fatto.portal.documents.states import Approval, Booking, Check, Settlement, Transmission
from fatto.portal.tenancy.models import Company, Firm, Member
from fatto.portal.tenancy.scope import ScopedManager

if TYPE_CHECKING:
    from fatto.portal.documents.verdicts import Judged


class Direction(models.TextChoices):
    """The three folders, as the company sees them."""

    RECEIVED = "received", pgettext_lazy("invoices", "Received")
    ISSUED = "issued", pgettext_lazy("invoices", "Issued")
    OTHER = "other", pgettext_lazy("documents", "Others")


class File(models.Model):
    """Original bytes, kept once per owner under their SHA-256. Never changed, never overwritten."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "firm", "sha256"], name="file_once", nulls_distinct=False),
        ]


class Delivery(models.Model):
    """One file that somebody or something handed in; it may hold thousands of documents."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Stopped by an error")

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="+")
    """Where it was dropped; None for the firm. Routing by tax id decides where its documents go."""
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    batch = models.UUIDField()
    """Files handed in together."""
    channel = models.CharField(max_length=20, default="upload")
    by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    seen = models.IntegerField(default=0)
    """How many of its contents are done: where a restarted job goes on."""
    accepted = models.IntegerField(default=0)
    details = models.JSONField(default=dict, db_default={})
    """What whoever handed it in said of the supporting documents in it, by the names of `papers.Details`."""
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["firm", "-id"], name="delivery_of_firm"),
            models.Index(fields=["company", "-id"], name="delivery_of_company"),
            models.Index(fields=["batch"], name="delivery_batch"),
            models.Index(fields=["firm"], condition=Q(state__in=["waiting", "running"]), name="delivery_unfinished"),
        ]


def _waiting(name: str, condition: Q) -> list[models.Index]:
    """Small indexes over what waits for somebody: it stays few, however long the archive grows."""
    order = (F("sort_date").desc(), F("id").desc())
    return [
        models.Index(F("company"), *order, condition=condition, name=f"document_{name}"),
        models.Index(F("firm"), *order, condition=condition, name=f"document_{name}_of_firm"),
    ]


class Document(models.Model):
    """One invoice or other document of one company.

    Foreign keys have no indexes of their own: the composite ones below serve, and each more costs every upload.
    """

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    direction = models.CharField(max_length=8, choices=Direction.choices)

    # Where it came from
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+", db_index=False)
    """The legal original: the file as it lay in its archive or mail, signatures and all."""
    name = models.CharField(max_length=255)
    """The original file name."""
    member = models.CharField(max_length=1000, blank=True)
    """Path inside the file itself, when the file is an envelope that was kept whole (a mail, a PDF)."""
    index = models.IntegerField(default=0)
    """Which invoice of the file, when it is a lot."""
    data_sha256 = models.CharField(max_length=64)
    """Hash of the bytes that were read, after signatures were peeled: what a decision is about."""
    identity = models.CharField(max_length=64)
    """The same for the same document, whatever file or channel brings it."""
    channel = models.CharField(max_length=20)
    uploaded_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    received_at = models.DateTimeField()

    # What was read
    format = models.CharField(max_length=30, blank=True)
    reader = models.CharField(max_length=20, blank=True)
    """Version of the reader, so that a better one can read again."""
    invoice = models.TextField(blank=True)
    """The canonical invoice as JSON."""
    findings = models.TextField(blank=True)
    signers = models.TextField(blank=True)
    party_name = models.CharField(max_length=300, blank=True)
    """The other side: the seller of what was received, the buyer of what was issued."""
    party_id = models.CharField(max_length=60, blank=True)
    """Its tax id, normalised."""
    party_key = models.CharField(max_length=380, blank=True)
    """Name and tax id, folded as words are for searching."""
    number = models.CharField(max_length=100, blank=True)
    number_key = models.CharField(max_length=100, blank=True)
    """Letters and digits only, upper case: `FT 12/A` and `12-A` are found by either spelling."""
    issue_date = models.DateField(null=True)
    due_date = models.DateField(null=True)
    """The first date on which something is due."""
    hand_in_by = models.DateField(null=True)
    """Of what is issued: the last day for handing it in to the authority, where there is one."""
    late_told = models.BooleanField(default=False, db_default=False)
    """Were people told that this day has come, and it is not sent?"""
    type_code = models.CharField(max_length=10, blank=True)
    credit = models.BooleanField(default=False)
    """Reduces what is owed: its amounts are negative here, whatever the document's signs."""
    currency = models.CharField(max_length=3, blank=True)
    amount = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    """Total with VAT, signed."""
    attachments = models.SmallIntegerField(default=0, db_default=0)
    """How many supporting files it carries within."""
    words = SearchVectorField(null=True)
    sort_date = models.DateField()
    """Issue date, else the day it arrived: what lists are ordered by."""

    # The four states
    transmission = models.CharField(max_length=16, choices=Transmission.choices)
    approval = models.CharField(max_length=16, choices=Approval.choices)
    booking = models.CharField(max_length=16, choices=Booking.choices, default=Booking.TO_BOOK)
    settlement = models.CharField(max_length=16, choices=Settlement.choices, default=Settlement.OPEN)
    approval_at = models.DateTimeField(null=True)
    booked_at = models.DateTimeField(null=True)
    open_to_firm = models.BooleanField()
    """May the firm's people see it? A hard gate says no until the company approved."""
    by_rule = models.BooleanField(default=False, db_default=False)
    """Did a rule of the company approve it, and no person?"""

    # Whom it waits for, as the company's policies ask; all of it empty where nobody in particular is asked
    policy = models.BigIntegerField(null=True)
    """The policy that was followed."""
    step = models.SmallIntegerField(default=1, db_default=1)
    """Which yes it waits for: the first, or the second of two."""
    asked = ArrayField(models.IntegerField(), default=list, db_default=[])
    """The members whose yes is waited for; empty for anybody who may decide."""
    agreed = ArrayField(models.IntegerField(), default=list, db_default=[])
    """While it waits for the second yes: who gave the first, and in whose stead. None of them gives the second."""
    asked_at = models.DateTimeField(null=True)
    asked_until = models.DateField(null=True)
    """The last day for deciding; after it others are asked as well."""

    # What people and guards noted on it
    alerts = ArrayField(models.CharField(max_length=20), default=list, db_default=[])
    """Kinds of alerts that nobody has confirmed yet: a second look is due, and nothing decides it in bulk."""
    tags = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    cost_center = models.CharField(max_length=60, blank=True, default="", db_default="")
    question = models.BooleanField(default=False, db_default=False)
    """Does a question about it wait for an answer?"""
    comments = models.SmallIntegerField(default=0, db_default=0)
    """How many comments and questions stand on it, those withdrawn not counted."""

    # What the official rules say of it; the rest is in `Verdict`
    verdict = models.CharField(
        max_length=10, choices=Check.choices, default=Check.NOT_JUDGED, db_default=Check.NOT_JUDGED
    )

    judged: Judged | None = None
    """On its way in: what the rules said of it, to be written with it."""
    unread = False
    """Has the reader of a list not opened it yet? `unread.mark` says so on each row."""

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "identity"], name="document_once"),
            models.CheckConstraint(condition=Q(approval__in=Approval.values), name="document_approval_known"),
            models.CheckConstraint(condition=Q(booking__in=Booking.values), name="document_booking_known"),
            models.CheckConstraint(
                condition=Q(transmission__in=Transmission.values), name="document_transmission_known"
            ),
            models.CheckConstraint(condition=Q(settlement__in=Settlement.values), name="document_settlement_known"),
        ]
        indexes = [
            models.Index(F("company"), F("sort_date").desc(), F("id").desc(), name="document_of_company"),
            models.Index(
                F("company"), F("direction"), F("sort_date").desc(), F("id").desc(), name="document_of_folder"
            ),
            models.Index(F("firm"), F("sort_date").desc(), F("id").desc(), name="document_of_firm"),
            models.Index(
                F("firm"), F("direction"), F("sort_date").desc(), F("id").desc(), name="document_of_firm_folder"
            ),
            models.Index(F("firm"), F("amount"), F("id"), name="document_amount_of_firm"),
            models.Index(F("company"), F("amount"), F("id"), name="document_amount"),
            models.Index(F("firm"), F("party_key"), F("id"), name="document_by_party_of_firm"),
            models.Index(F("company"), F("party_key"), F("id"), name="document_by_party"),
            models.Index(
                F("firm"), F("due_date"), F("id"), condition=Q(due_date__isnull=False), name="document_by_due_of_firm"
            ),
            models.Index(
                F("company"), F("due_date"), F("id"), condition=Q(due_date__isnull=False), name="document_by_due"
            ),
            models.Index(F("firm"), F("received_at"), F("id"), name="document_received_by_firm"),
            models.Index(F("company"), F("received_at"), F("id"), name="document_received_by_company"),
            *_waiting("to_approve", Q(approval="to_approve", booking="to_book")),
            models.Index(
                fields=["firm", "asked_until"], condition=Q(asked_until__isnull=False), name="document_asked_until"
            ),
            *_waiting("disputed", Q(approval="disputed")),
            *_waiting("excluded", Q(booking="excluded")),
            models.Index(fields=["company", "uploaded_by"], name="document_brought_by"),
            *_waiting("failed", Q(transmission="failed")),
            *_waiting("to_send", Q(transmission__in=["draft", "checked"])),
            *_waiting("on_its_way", Q(transmission__in=["waiting", "sending", "accepted"])),
            *_waiting("to_book", Q(booking="to_book")),
            *_waiting("question", Q(question=True)),
            *_waiting("commented", Q(comments__gt=0)),
            *_waiting("invalid", Q(verdict="failed")),
            models.Index(fields=["firm", "number_key"], name="document_number"),
            models.Index(fields=["company", "party_id", "id"], name="document_party_of_company"),
            models.Index(
                fields=["company", "number_key"],
                condition=Q(direction="other") & ~Q(number_key=""),
                name="document_paper_number",
            ),
            *_waiting("alerted", ~Q(alerts=[])),
            models.Index(fields=["company", "uploaded_by"], name="document_uploader"),
            GinIndex(fields=["words"], name="document_words", fastupdate=False),
        ]


class Tally(models.Model):
    """How many documents a company has in each combination of states: sums of `n`.

    A trigger adds rows (never changes them, so that nobody waits for anybody) with every change of
    documents; `actions.compact` adds them up now and then. Counting documents themselves on each
    page was what made pages of large firms slow.
    """

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    direction = models.CharField(max_length=8)
    approval = models.CharField(max_length=16)
    booking = models.CharField(max_length=16)
    open_to_firm = models.BooleanField()
    asked = ArrayField(models.IntegerField(), default=list, db_default=[])
    agreed = ArrayField(models.IntegerField(), default=list, db_default=[])
    """As on documents, of those that wait: how many each person may decide is a sum as well."""
    n = models.BigIntegerField()
    arrived_at = models.DateTimeField(null=True)
    """The last arrival among the documents that were added."""

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["company"], name="tally_of_company"),
            models.Index(fields=["firm"], name="tally_of_firm"),
        ]


class MonthTally(models.Model):
    """How many documents a company has dated in each month: sums of `n`, written by a trigger as those of `Tally`.

    Apart from it, so that the numbers on every page stay sums over a few rows.
    """

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    """Its first day."""
    direction = models.CharField(max_length=8)
    booked = models.BooleanField()
    open_to_firm = models.BooleanField()
    n = models.BigIntegerField()

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["company", "month"], name="month_tally_of_company"),
            models.Index(fields=["firm"], name="month_tally_of_firm"),
        ]


class Batch(models.Model):
    """Something that a person does with many documents together.

    Its documents are fixed when its summary is shown: what arrives meanwhile is not among them.
    """

    class Verb(models.TextChoices):
        APPROVE = "approve", pgettext_lazy("many documents", "Approve")
        DISPUTE = "dispute", pgettext_lazy("many documents", "Dispute")
        BOOK = "book", pgettext_lazy("many documents", "Mark as booked")
        SEND = "send", pgettext_lazy("many documents", "Send")

    class State(models.TextChoices):
        SHOWN = "shown", _("Not confirmed yet")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        UNDOING = "undoing", _("Being taken back")
        UNDONE = "undone", _("Taken back")

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    """The company in whose space it is done; None for the firm's."""
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    """Who does it, and alone sees it."""
    verb = models.CharField(max_length=10, choices=Verb.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.SHOWN)
    query = models.TextField(blank=True)
    """The list that all of was chosen, as `queries.Filters` writes it; empty for ticked documents."""
    reason = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    device = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    """When an error of ours stopped it; trying again goes on where it stood."""

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["member", "-id"], name="batch_of_member")]


class BatchItem(models.Model):
    """One document of a batch, and what became of it."""

    class Outcome(models.TextChoices):
        READY = "ready", pgettext_lazy("many documents", "Will be done")
        DONE = "done", pgettext_lazy("many documents", "Done")
        ASKED = "asked", pgettext_lazy("many documents", "Waits for another person")
        """The person's yes is noted; the document waits for somebody else's as well."""
        SKIPPED = "skipped", pgettext_lazy("many documents", "Left out")
        UNDONE = "undone", pgettext_lazy("many documents", "Taken back")
        KEPT = "kept", pgettext_lazy("many documents", "Not taken back")

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items", db_index=False)
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.READY)
    why = models.CharField(max_length=20, blank=True)
    """Why it was left out or kept: a word of `flow.bulk.WHY`."""
    note = models.TextField(blank=True)
    """The sentence of a refusal, where no word says it."""
    at = models.DateTimeField(null=True)
    """When it was moved: the document's own time of moving is the same while nobody moved it since."""

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "document"], name="batch_item_once")]
        indexes = [models.Index(fields=["batch", "outcome", "id"], name="batch_item_by_outcome")]


class SavedView(models.Model):
    """A question over a list under a name: one person's, or shared with everybody in the same space."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    """The company in whose space it stands; None for the firm's."""
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    """Whose it is: nobody else changes it."""
    name = models.CharField(_("name"), max_length=60)
    query = models.TextField()
    """The address of the list after its question mark, as `queries.Filters` writes it."""
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["firm", "company", "member", "name"], name="view_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name


class DeliveryItem(models.Model):
    """What became of one thing in a delivery."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        DUPLICATE = "duplicate", _("Already here")
        ELSEWHERE = "elsewhere", _("Belongs to another company")
        QUARANTINED = "quarantined", _("In quarantine")
        SKIPPED = "skipped", _("Not an invoice")
        UNREADABLE = "unreadable", _("Cannot be read")

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="items")
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    """That of the delivery."""
    position = models.IntegerField()
    member = models.CharField(max_length=1000, blank=True)
    index = models.IntegerField(default=0)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    """The document that it became, or that was there before."""
    code = models.CharField(max_length=60, blank=True)
    text = models.TextField(blank=True)
    """Why, as an untranslated text of the library with its `values`."""
    values = models.JSONField(default=dict)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "position", "index"], name="item_once")]


class Quarantined(models.Model):
    """A file that fits no company, or cannot be read: kept, shown, and routed by a person."""

    class Reason(models.TextChoices):
        UNKNOWN_PARTIES = "unknown", _("Neither party is one of your companies")
        OTHER_COMPANY = "other-company", _("It belongs to another company than the one it was added for")
        NO_IDS = "no-ids", _("It names no tax number")
        UNREADABLE = "unreadable", _("It cannot be read")
        NO_COMPANY = "no-company", _("Nothing in it says whose it is")
        SEVERAL = "several", _("It holds invoices of several companies")
        UNKNOWN_SENDER = "unknown-sender", _("It was mailed by somebody who is not on the company’s list")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("quarantine", "Open")
        ROUTED = "routed", _("Filed")
        DISCARDED = "discarded", _("Discarded")

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="+")
    """The company it was handed in for, if any: its people see it too."""
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    member = models.CharField(max_length=1000, blank=True)
    index = models.IntegerField(default=0)
    identity = models.CharField(max_length=64)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    code = models.CharField(max_length=60, blank=True)
    text = models.TextField(blank=True)
    values = models.JSONField(default=dict)
    seller_name = models.CharField(max_length=300, blank=True)
    seller_id = models.CharField(max_length=60, blank=True)
    buyer_name = models.CharField(max_length=300, blank=True)
    buyer_id = models.CharField(max_length=60, blank=True)
    number = models.CharField(max_length=100, blank=True)
    issue_date = models.DateField(null=True)
    uploaded_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    suggestion_id = models.IntegerField(null=True)
    """The company whose name is nearest."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["firm", "company", "identity", "index"], name="quarantined_once", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["firm", "state", "-id"], name="quarantine_of_firm")]


class Tag(models.Model):
    """A word by which a company's people sort its documents: how it is spelled, once a company."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=40)
    key = models.CharField(max_length=100)
    """As it is compared: `words.tag_key`."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "key"], name="tag_once")]

    def __str__(self) -> str:
        return self.name


class CostCenter(models.Model):
    """A cost centre of a company. Its code stands on documents and never changes."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.CharField(_("code"), max_length=20)
    key = models.CharField(max_length=100)
    name = models.CharField(_("name"), max_length=100, blank=True)
    active = models.BooleanField(default=True)
    """Can it be chosen? Documents keep one that no longer can."""

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "key"], name="cost_center_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


class Opened(models.Model):
    """A document that a person has opened since the mark up to which everything is read."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+", db_index=False)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "document"], name="opened_once")]


class ReadMark(models.Model):
    """Everything that arrived before is read: by one person, in a company or in a whole firm."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    """None for all companies of the firm."""
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "firm", "company"], name="read_mark_once", nulls_distinct=False)
        ]


class Paper(models.Model):
    """What is known of a supporting document beyond the columns of every document, and how it is shown.

    The original stays as it came. What people see is a view made of it: pages as pictures, and one PDF.
    """

    class Kind(models.TextChoices):
        """Kept as the document's `type_code`."""

        RECEIPT = "receipt", _("Receipt")
        CONTRACT = "contract", _("Contract")
        STATEMENT = "statement", _("Bank statement")
        PAYSLIP = "payslip", _("Payslip")
        ORDER = "order", pgettext_lazy("kind of document", "Order")
        DELIVERY = "delivery", _("Delivery note")
        OTHER = "other", pgettext_lazy("kind of document", "Other")

    class Method(models.TextChoices):
        CASH = "cash", _("Cash")
        CARD = "card", _("Card")
        TRANSFER = "transfer", _("Bank transfer")
        DEBIT = "debit", _("Direct debit")
        OTHER = "other", pgettext_lazy("means of payment", "Other")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Cannot be shown")

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="paper")
    payer = models.CharField(max_length=200, blank=True)
    """Who paid, in words: an employee's name, "company card"."""
    method = models.CharField(max_length=10, blank=True, choices=Method.choices)
    note = models.TextField(blank=True)
    told = models.BooleanField(default=False)
    """Has a person said what it is? Until then the form offers what was read."""
    guess = models.JSONField(default=dict)
    """What its text says for sure, by the names of `papers.Details`."""
    text = models.TextField(blank=True)
    """The beginning of its text, for searching."""
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    trouble = models.CharField(max_length=40, blank=True)
    """Why it cannot be shown: a code of `pages.Trouble`."""
    view_sha256 = models.CharField(max_length=64, blank=True)
    """The PDF that is shown and printed; in the vault."""
    view_size = models.BigIntegerField(default=0)
    made_from = ArrayField(models.BigIntegerField(), default=list)
    """The documents that it was split from or merged of."""
    made_into = ArrayField(models.BigIntegerField(), default=list)
    """The documents that stand in its place now; it is excluded meanwhile."""
    approval_before = models.CharField(max_length=16, blank=True)
    """Its approval when others took its place."""
    moved_from = models.IntegerField(null=True)
    """The company that it was moved from."""

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()


class Page(models.Model):
    """One page of a supporting document: which page of which original file, and its picture in the vault."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="pages", db_index=False)
    number = models.IntegerField()
    """From 1 on."""
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=255)
    """What the file is called."""
    on = models.IntegerField(default=1)
    """The page of the file, from 1 on."""
    image_sha256 = models.CharField(max_length=64, blank=True)
    """A JPEG without anything but its picture; empty where none was made."""

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="page_once")]


class Verdict(models.Model):
    """What the official rules say of a document, and which rules they were: structure, EN 16931, its country's."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="+")
    edition = models.CharField(max_length=16)
    """All rules that the release knew which judged it, in a few letters: `verdicts.edition`."""
    sets = models.JSONField(default=dict)
    """The rule sets that were asked: name → version, and the day from which that version applies."""
    errors = models.IntegerField(default=0)
    warnings = models.IntegerField(default=0)
    findings = models.TextField(blank=True)
    """The first `verdicts.MOST` of them as JSON, errors before warnings."""
    judged_at = models.DateTimeField()

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()


class Recheck(models.Model):
    """All older documents of a firm judged once more, because the release knows other rules than before."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    edition = models.CharField(max_length=16)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    after = models.BigIntegerField(default=0)
    """The number of the last document that is done: where a job that was killed goes on."""
    upto = models.BigIntegerField()
    """The number of the last document there was when it began; later ones are judged as they arrive."""
    total = models.IntegerField()
    seen = models.IntegerField(default=0)
    worse = models.IntegerField(default=0)
    """How many have errors now and had none before."""
    better = models.IntegerField(default=0)
    """The other way round."""
    missed = models.IntegerField(default=0)
    """How many could not be judged, because their originals cannot be had or an error of ours came between."""
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    """When an error of ours stopped it; trying again goes on where it stood."""

    objects: ClassVar[models.Manager[Self]] = models.Manager()
    """Row security shows a firm's own inside its scope."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm", "edition"], name="recheck_once")]


class Mailbox(models.Model):
    """The address at which a company takes documents by mail: `documents+KEY@…`."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    company = models.OneToOneField(Company, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=40, unique=True)
    senders = ArrayField(models.CharField(max_length=254), default=list)
    """Who may write besides the company's own people: addresses, or whole domains as `@example.com`."""
    made_at = models.DateTimeField()

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

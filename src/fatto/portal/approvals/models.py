"""What the companies decided, append-only: a change of mind is a new row; and what the guards found odd before."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fatto.portal.documents.models import Direction, Document
from fatto.portal.tenancy.models import Company, Firm, Member
from fatto.portal.tenancy.scope import ScopedManager


class Verdict(models.TextChoices):
    """A person's word on a document."""

    APPROVED = "approved", _("Approved")
    DISPUTED = "disputed", _("Disputed")
    AGREED = "agreed", _("Agreed, the first of two")
    """A yes after which a second person is asked."""
    UNDONE = "undone", _("Decision taken back")


class Reason(models.TextChoices):
    """Why a document is disputed."""

    NOT_OURS = "not_ours", _("Not ours")
    WRONG_AMOUNT = "wrong_amount", _("Wrong amount")
    NOT_RECEIVED = "not_received", _("Goods or services not received")
    ALREADY_PAID = "already_paid", _("Already paid")
    DUPLICATE = "duplicate", _("Duplicate")
    OTHER = "other", _("Other")


class Decision(models.Model):
    """One decision: who, when, where from, and on exactly which bytes."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    step = models.SmallIntegerField(default=1, db_default=1)
    """Which of two yeses it is, or takes back."""
    instead_of = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    """Who was away, when a substitute decided."""
    instead_of_name = models.CharField(max_length=200, blank=True, default="", db_default="")
    rule = models.ForeignKey("Rule", on_delete=models.PROTECT, null=True, related_name="+")
    """The rule that said yes; `by_name` is its name then."""
    rule_by = models.CharField(max_length=200, blank=True, default="", db_default="")
    """The name of the person who made the rule."""
    at = models.DateTimeField()
    device = models.CharField(max_length=60, blank=True)
    on_sha256 = models.CharField(max_length=64)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["company", "document", "id"], name="decision_of_document"),
            models.Index(fields=["rule", "at"], condition=Q(rule__isnull=False), name="decision_by_rule"),
        ]


class Policy(models.Model):
    """One sentence of how a company approves: for which documents, who, and by when.

    The first one that fits a document is followed, in the order of `position`; where none fits, anybody
    who may decide is enough.
    """

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    position = models.IntegerField()
    direction = models.CharField(max_length=8, choices=Direction.choices, blank=True)
    party_id = models.CharField(max_length=60, blank=True)
    """A supplier's tax id, normalised."""
    party_name = models.CharField(max_length=300, blank=True)
    """The supplier's name when the sentence was written, for showing it."""
    tag = models.CharField(max_length=40, blank=True)
    people = ArrayField(models.IntegerField(), default=list, blank=True)
    """The members of whom one must say yes; empty for anybody who may decide."""
    second_from = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)
    """From this total with VAT on, in the company's currency, a second person must say yes as well."""
    second_people = ArrayField(models.IntegerField(), default=list, blank=True)
    days = models.SmallIntegerField(null=True, blank=True)
    """So many working days for each yes; then the others are asked as well."""
    escalate_to = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """Who is asked then; None for the owners."""

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["company", "position"], name="policy_of_company")]
        constraints = [
            models.CheckConstraint(condition=Q(days=None) | Q(days__gte=1, days__lte=90), name="policy_days_sensible"),
            models.CheckConstraint(
                condition=Q(second_from=None) | Q(second_from__gte=0), name="policy_amount_positive"
            ),
        ]


class Deviation(models.TextChoices):
    """Why a rule left a document of its supplier to people."""

    AMOUNT = "amount", _("the amount is outside the band")
    CURRENCY = "currency", _("it is in another currency")
    ACCOUNT = "account", _("it names an account that no approved invoice of this supplier named before")
    ALERT = "alert", _("it has an alert")
    ELSEWHERE = "elsewhere", _("its direction or tag is another")
    POLICY = "policy", _("the approval policy asks other people than the one who made the rule")


class Rule(models.Model):
    """A sentence by which documents are approved without a person looking: one supplier, an amount band.

    It is switched on only after it was tried on the past, as it stands: `tried_as` is the fingerprint of
    what was tried. Changing it switches it off.
    """

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    party_id = models.CharField(max_length=60)
    party_name = models.CharField(max_length=300, blank=True)
    amount_min = models.DecimalField(max_digits=20, decimal_places=2, default=0)
    amount_max = models.DecimalField(max_digits=20, decimal_places=2)
    same_account = models.BooleanField(default=True)
    """Only when every account it names stood on an approved invoice of this supplier before."""
    direction = models.CharField(max_length=8, choices=Direction.choices, blank=True)
    tag = models.CharField(max_length=40, blank=True)
    active = models.BooleanField(default=False)
    made_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    """Who answers for it: the person who wrote it, or changed it last."""
    made_by_name = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    tried_as = models.CharField(max_length=64, blank=True)
    switched_on_at = models.DateTimeField(null=True)
    deviation = models.CharField(max_length=10, choices=Deviation.choices, blank=True)
    deviation_at = models.DateTimeField(null=True)
    deviation_document_id = models.BigIntegerField(null=True)
    removed_at = models.DateTimeField(null=True)
    """What it decided stays, and so does the rule."""

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["company", "party_id"], name="rule_of_supplier")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_min__gte=0, amount_max__gte=models.F("amount_min")), name="rule_band_sensible"
            ),
            models.CheckConstraint(
                condition=Q(active=False) | (Q(tried_at__isnull=False, removed_at=None) & ~Q(tried_as="")),
                name="rule_was_tried",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Kind(models.TextChoices):
    """What the guards look for. The words are those of the lists: short, for a small red label."""

    IBAN = "iban", pgettext_lazy("alert", "New IBAN")
    DUPLICATE = "duplicate", pgettext_lazy("alert", "Duplicate?")
    SIGN = "sign", pgettext_lazy("alert", "Odd sign")
    ARITHMETIC = "arithmetic", pgettext_lazy("alert", "Does not add up")
    AMOUNT = "amount", pgettext_lazy("alert", "Unusual amount")


class Alert(models.Model):
    """Something that asks for a second look at a document before it is approved.

    It is raised once for each kind; `Document.alerts` names those that nobody has confirmed yet. Row
    security shows an alert exactly where it shows the document.
    """

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    values = models.JSONField(default=dict)
    """What the reason is told with; see `reasons`. Other documents stand in it by number only."""
    raised_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    by_name = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "kind"], name="alert_once")]

    why = ""
    """The reason in a sentence, in the reader's language; `queries.alerts` writes it."""
    others: ClassVar[list[Document]] = []
    """The documents that it speaks of, as far as the reader may see them; likewise."""

    @property
    def label(self) -> Any:
        """Its short name."""
        return Kind(self.kind).label


class Account(models.Model):
    """An account that a supplier of a company named to be paid to, and whether it is trusted.

    The first ones are, since there is nothing to compare them with; every further one when a person of
    the company confirmed it. Only the company's side reads this: what a hard gate hides stays hidden.
    """

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    supplier = models.CharField(max_length=120)
    """Country and tax id; where there is none, country and name; see `payees.supplier`."""
    name = models.CharField(max_length=300, blank=True)
    """As the last document wrote it."""
    name_key = models.CharField(max_length=120, blank=True)
    """The name as look-alikes are compared, see `payees.name_key`; with its two ends, by which they are found."""
    name_head = models.CharField(max_length=5, blank=True)
    name_tail = models.CharField(max_length=5, blank=True)
    account = models.CharField(max_length=40)
    """Letters and digits, upper case."""
    first_seen = models.DateField()
    last_seen = models.DateField()
    """By the dates of the documents."""
    documents = models.IntegerField(default=0)
    trusted_at = models.DateTimeField(null=True)
    trusted_by = models.CharField(max_length=200, blank=True)
    """Who confirmed it; empty for the first ones."""

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "supplier", "account"], name="account_once")]
        indexes = [
            models.Index(fields=["company", "name_head"], name="account_head"),
            models.Index(fields=["company", "name_tail"], name="account_tail"),
        ]


class Twin(models.Model):
    """A person said that two documents are the same one: `document` goes on, `twin` rests beside it with its file.

    Nothing is lost: the twin keeps its row, its original and its trail, and can be parted again; the
    states it had meanwhile wait here.
    """

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    twin = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    approval = models.CharField(max_length=16)
    settlement = models.CharField(max_length=16)
    at = models.DateTimeField()
    by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    by_name = models.CharField(max_length=200)
    parted_at = models.DateTimeField(null=True)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["twin"], condition=Q(parted_at=None), name="twin_of_one")]


class Backlog(models.Model):
    """A company with documents that the guards have not looked at: those of before they came, up to `last`.

    A job looks at them and takes the row away. Until then newer ones join them, so that they are all
    looked at in their order.
    """

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.OneToOneField(Company, on_delete=models.PROTECT, related_name="+")
    last = models.BigIntegerField()

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

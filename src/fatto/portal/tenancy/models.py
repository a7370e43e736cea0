"""Who is who: firms, the companies they serve, people, and what each person may do where.

`company_id` and `firm_id` stand on every row that is somebody's; row security reads them.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from fatto.portal.tenancy.permissions import FIRM_ROLES, LIMITABLE, Role
from fatto.portal.tenancy.scope import CompanyManager, InvitationManager, RosterManager, ScopedManager

LANGUAGES = [("en", "English"), ("it", "Italiano"), ("ro", "Română")]


class Gate(models.TextChoices):
    """Whether the company's yes comes before the accountant's work."""

    NONE = "none", _("No approval asked")
    SOFT = "soft", _("The firm sees documents at once, marked until approved")
    HARD = "hard", _("The firm sees documents only after approval")


class Appearance(models.TextChoices):
    """Light or dark pages."""

    AUTO = "auto", _("As the device says")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class MemberManager(BaseUserManager["Member"]):
    """Members are known by their e-mail address, compared without case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Member:
        member = self.model(email=self.normalize_email(email).lower(), **fields)
        member.set_password(password)
        member.save(using=self._db)
        return member

    def get_by_natural_key(self, username: str | None) -> Member:
        return self.get(email__iexact=username)


class Member(AbstractBaseUser):
    """A person. People are global; memberships say what they are where."""

    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGES, default="en")
    appearance = models.CharField(_("appearance"), max_length=5, choices=Appearance.choices, default=Appearance.AUTO)
    keyboard = models.BooleanField(_("keyboard shortcuts"), default=True)
    preferences = models.JSONField(default=dict, db_default={}, blank=True)
    """How the person wants pages to look: `desk` for lists of documents."""
    is_active = models.BooleanField(default=True)
    operator = models.BooleanField(default=False)
    """Does this person run the portal? It opens firms and sees how they do, never their documents."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[MemberManager] = MemberManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="member_email_once")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email


class Firm(models.Model):
    """An accounting firm (studio, firmă de contabilitate)."""

    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(max_length=80, unique=True)
    country = models.CharField(_("country"), max_length=2)
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGES, default="en")
    naming = models.CharField(
        _("folder name pattern"), max_length=200, default="{issue_date}_{party}_{number}", blank=True
    )
    """How archived documents are called; the fields are those of `documents.naming`."""
    hooked = models.BooleanField(default=False)
    """Do programs want to be told of what happens here? Then the trail queues it for them."""
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Company(models.Model):
    """A company that the firm serves. Its slug stands in the URL."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(max_length=80, unique=True)
    country = models.CharField(_("country"), max_length=2)
    currency = models.CharField(_("currency"), max_length=3)
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGES, default="en")
    vat_id = models.CharField(_("VAT number"), max_length=40, blank=True)
    """As people write it, with its country prefix."""
    tax_id = models.CharField(_("tax number"), max_length=40, blank=True)
    ids = ArrayField(models.CharField(max_length=40), default=list)
    """The tax ids normalised for comparing: what routing looks for."""
    gate = models.CharField(_("approval"), max_length=4, choices=Gate.choices, default=Gate.SOFT)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[CompanyManager[Self]] = CompanyManager()

    class Meta:
        indexes = [
            models.Index("firm", Lower("name"), name="company_by_name"),
            GinIndex(fields=["ids"], name="company_by_id"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(gate__in=Gate.values), name="company_gate_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """What a person is in a firm or in a company."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """None for a role in the firm."""
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    companies = ArrayField(models.IntegerField(), default=list, blank=True)
    """The companies assigned to an accountant or assistant. A firm's owner sees all; for it, those it looks after."""
    directions = ArrayField(models.CharField(max_length=8), default=list, db_default=[], blank=True)
    """The directions of documents that the person sees in the company; empty for all."""
    tags = ArrayField(models.CharField(max_length=40), default=list, db_default=[], blank=True)
    """The person sees documents with one of these tags alone; empty for all."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[RosterManager[Self]] = RosterManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(directions=[], tags=[]) | Q(role__in=LIMITABLE), name="membership_limits_fit_its_role"
            ),
            models.UniqueConstraint(fields=["member", "company"], name="membership_once_a_company"),
            models.UniqueConstraint(
                fields=["member", "firm"], condition=Q(company=None), name="membership_once_a_firm"
            ),
            models.CheckConstraint(
                condition=Q(company=None, role__in=FIRM_ROLES) | (Q(company__isnull=False) & ~Q(role__in=FIRM_ROLES)),
                name="membership_role_fits_its_place",
            ),
        ]


class Absence(models.Model):
    """Days on which a person is away, and who acts in its stead in a company or in the firm's team."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    substitute = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="+")
    """None for the firm's team."""
    first = models.DateField()
    last = models.DateField()
    """The last day away, included; in the time zone of the place."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[RosterManager[Self]] = RosterManager()

    class Meta:
        indexes = [models.Index(fields=["substitute", "last"], name="absence_by_substitute")]
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=models.F("first")), name="absence_ends_after_it_begins"),
            models.CheckConstraint(condition=~Q(member=models.F("substitute")), name="absence_substituted_by_another"),
        ]


class Invitation(models.Model):
    """A role offered to whoever reads an e-mail address. The letter's link makes it a membership, once.

    Invitations of one firm to one address share a letter and its link. Of links only the hashes are
    kept: the first is that of the latest letter, which alone opens; older ones lead to a new letter.
    """

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """None for a role in the firm."""
    email = models.EmailField(_("e-mail"))
    """In small letters."""
    name = models.CharField(_("name"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGES, default="en")
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    companies = ArrayField(models.IntegerField(), default=list, blank=True)
    """What will be assigned to an accountant or assistant."""
    hashes = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(null=True)
    """When a letter was last asked for; it is on its way while `sent_at` is older or missing."""
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    """When sending was given up."""
    letters = models.SmallIntegerField(default=0)
    expires_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects: ClassVar[InvitationManager[Self]] = InvitationManager()

    class Meta:
        indexes = [GinIndex(fields=["hashes"], name="invitation_by_link")]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "email"],
                condition=Q(company__isnull=False, accepted_at=None, withdrawn_at=None),
                name="invitation_once_a_company",
            ),
            models.UniqueConstraint(
                fields=["firm", "email"],
                condition=Q(company=None, accepted_at=None, withdrawn_at=None),
                name="invitation_once_a_firm",
            ),
            models.CheckConstraint(
                condition=Q(company=None, role__in=FIRM_ROLES) | (Q(company__isnull=False) & ~Q(role__in=FIRM_ROLES)),
                name="invitation_role_fits_its_place",
            ),
        ]


class Deed(models.Model):
    """Something that somebody did: the append-only trail, shown as a document's timeline.

    Rows can be neither changed nor deleted: the table has no policy for it, and a trigger says no.
    """

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="+")
    document_id = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=40)
    by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    """The name at the time: it outlives the person's account."""
    by_kind = models.CharField(max_length=10)
    """`person`, `system`, `channel`, `api`."""
    side = models.CharField(max_length=8)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["company", "document_id", "id"], name="deed_of_document"),
            models.Index(fields=["firm", "-id"], name="deed_of_firm"),
            models.Index(
                fields=["company", "-at"], condition=Q(side="company", by_kind="person"), name="deed_of_clients"
            ),
        ]


class Seal(models.Model):
    """A link of the chain over the trail of one company, or of what a firm did beyond its companies.

    Each seal hashes the one before it and the deeds it covers, so that no deed can be changed, left out
    or put in afterwards without breaking every later link. Append-only, like the deeds.
    """

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    number = models.IntegerField()
    """From 1, without gaps."""
    deeds = ArrayField(models.BigIntegerField())
    """The deeds it covers, in the order in which they are hashed."""
    upto = models.BigIntegerField()
    """The youngest deed of the firm when it was made: where later searches for unsealed deeds begin."""
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["firm", "company", "number"], name="seal_once", nulls_distinct=False)
        ]
        indexes = [models.Index(fields=["firm", "-id"], name="seal_of_firm")]


class SupportGrant(models.Model):
    """An operator's wish to look into a firm, and the firm's answer: read-only, for hours, every page logged."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    operator = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    hours = models.SmallIntegerField()
    """How long it lasts, from the firm's yes on."""
    asked_at = models.DateTimeField()
    granted_at = models.DateTimeField(null=True)
    granted_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    """Refused, given back or taken back, by whoever is `ended_by`."""
    ended_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar[RosterManager[Self]] = RosterManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hours__gte=1, hours__lte=72), name="support_for_hours"),
            models.CheckConstraint(
                condition=Q(granted_at=None, until=None, granted_by=None)
                | Q(granted_at__isnull=False, until__isnull=False, granted_by__isnull=False),
                name="support_granted_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["firm", "operator"],
                condition=Q(granted_at=None, ended_at=None),
                name="support_asked_once",
            ),
        ]


class Picture(models.Model):
    """A picture of a firm's brand, made anew from what was handed in: small, and shown before anybody logs in."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    media = models.CharField(max_length=20)
    width = models.IntegerField()
    height = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm", "sha256"], name="picture_once")]


class Brand(models.Model):
    """How a firm looks: at most one that is published, the one before it, and one that is being prepared."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        BEFORE = "before", _("Before")

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    name = models.CharField(_("name of the app"), max_length=45, blank=True)
    """Empty: the firm's own name."""
    accent = models.CharField(_("accent colour"), max_length=7)
    logo = models.ForeignKey(Picture, on_delete=models.PROTECT, null=True, related_name="+")
    cover = models.ForeignKey(Picture, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm", "state"], name="brand_once_a_state")]

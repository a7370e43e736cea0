"""Who may do what: the permissions, the roles, and the one table that joins them."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Can(StrEnum):
    """What may be done, `noun:verb`, alphabetical."""

    ARCHIVE_READ = "archive:read"
    COMPANY_MANAGE = "company:manage"
    CONNECTION_MANAGE = "connection:manage"
    CONNECTION_SYNC = "connection:sync"
    DATA_EXPORT = "data:export"
    DOCUMENT_ARRANGE = "document:arrange"
    DOCUMENT_BOOK = "document:book"
    DOCUMENT_COMMENT = "document:comment"
    DOCUMENT_DECIDE = "document:decide"
    DOCUMENT_READ = "document:read"
    DOCUMENT_SEND = "document:send"
    DOCUMENT_TAG = "document:tag"
    DOCUMENT_UPLOAD = "document:upload"
    FIRM_MANAGE = "firm:manage"
    PEOPLE_MANAGE = "people:manage"
    QUARANTINE_ROUTE = "quarantine:route"
    RULE_MANAGE = "rule:manage"
    TEAM_MANAGE = "team:manage"
    TOKEN_MANAGE = "token:manage"  # noqa: S105 - a permission, not a secret
    WEBHOOK_MANAGE = "webhook:manage"


class Role(TextChoices):
    """The presets of roles. The first three are roles in a firm, the others in a company."""

    FIRM_OWNER = "firm_owner", _("Firm owner")
    ACCOUNTANT = "accountant", _("Accountant")
    ASSISTANT = "assistant", _("Assistant")
    OWNER = "owner", _("Owner")
    APPROVER = "approver", _("Approver")
    IN_HOUSE = "in_house", _("In-house accountant")
    EMPLOYEE = "employee", _("Employee")
    AUDITOR = "auditor", _("Auditor")


SUPPORT = "support"
"""What an operator is in a firm that granted it support: nobody's membership, and it reads only."""

FIRM_ROLES = frozenset({Role.FIRM_OWNER, Role.ACCOUNTANT, Role.ASSISTANT})
"""Roles in a firm; an accountant and an assistant see the companies assigned to them, the owner all."""

_READ = {Can.ARCHIVE_READ, Can.DOCUMENT_READ}
_DECIDES = {Can.DOCUMENT_COMMENT, Can.DOCUMENT_DECIDE, Can.DOCUMENT_TAG, Can.DOCUMENT_UPLOAD}
ROLES: dict[str, frozenset[Can]] = {
    Role.FIRM_OWNER: frozenset(
        _READ
        | {
            Can.COMPANY_MANAGE,
            Can.CONNECTION_MANAGE,
            Can.CONNECTION_SYNC,
            Can.DATA_EXPORT,
            Can.DOCUMENT_ARRANGE,
            Can.DOCUMENT_BOOK,
            Can.DOCUMENT_COMMENT,
            Can.DOCUMENT_SEND,
            Can.DOCUMENT_TAG,
            Can.DOCUMENT_UPLOAD,
            Can.FIRM_MANAGE,
            Can.PEOPLE_MANAGE,
            Can.QUARANTINE_ROUTE,
            Can.TEAM_MANAGE,
            Can.TOKEN_MANAGE,
            Can.WEBHOOK_MANAGE,
        }
    ),
    Role.ACCOUNTANT: frozenset(
        _READ
        | {
            Can.CONNECTION_SYNC,
            Can.DOCUMENT_ARRANGE,
            Can.DOCUMENT_BOOK,
            Can.DOCUMENT_COMMENT,
            Can.DOCUMENT_SEND,
            Can.DOCUMENT_TAG,
            Can.DOCUMENT_UPLOAD,
            Can.QUARANTINE_ROUTE,
        }
    ),
    Role.ASSISTANT: frozenset(
        _READ | {Can.CONNECTION_SYNC, Can.DOCUMENT_ARRANGE, Can.DOCUMENT_COMMENT, Can.DOCUMENT_UPLOAD}
    ),
    Role.OWNER: frozenset(
        _READ
        | {
            Can.COMPANY_MANAGE,
            Can.CONNECTION_MANAGE,
            Can.CONNECTION_SYNC,
            Can.DATA_EXPORT,
            Can.DOCUMENT_ARRANGE,
            Can.DOCUMENT_COMMENT,
            Can.DOCUMENT_DECIDE,
            Can.DOCUMENT_SEND,
            Can.DOCUMENT_TAG,
            Can.DOCUMENT_UPLOAD,
            Can.PEOPLE_MANAGE,
            Can.RULE_MANAGE,
            Can.TOKEN_MANAGE,
            Can.WEBHOOK_MANAGE,
        }
    ),
    Role.APPROVER: frozenset(_READ | _DECIDES | {Can.CONNECTION_SYNC}),
    Role.IN_HOUSE: frozenset(_READ | _DECIDES | {Can.CONNECTION_SYNC, Can.DOCUMENT_ARRANGE, Can.DOCUMENT_SEND}),
    Role.EMPLOYEE: frozenset({Can.DOCUMENT_COMMENT, Can.DOCUMENT_READ, Can.DOCUMENT_UPLOAD}),
    Role.AUDITOR: frozenset(_READ),
}

SUPPORT_MAY: frozenset[Can] = frozenset(_READ)

CLIENTS_VIEW = frozenset(_READ | {Can.DOCUMENT_DECIDE, Can.DOCUMENT_UPLOAD})
"""What somebody of the firm is shown who looks at a company's pages as the company does; actions refuse it all."""

OWN_ONLY = frozenset({Role.EMPLOYEE})
"""Roles that see only what they brought in themselves."""

LIMITABLE = frozenset({Role.APPROVER, Role.IN_HOUSE, Role.EMPLOYEE, Role.AUDITOR})
"""Roles in a company that may be limited to directions or tags. An owner sees all, and lets others in."""

"""The kinds of events that people are told of: a table with one row a kind.

A row says from which deeds of the trail a kind comes, whom it concerns, what of its documents still waits, how it is
said, and how it is told where a person chose nothing else. Dates on which something is due are no kind: payments are
not kept, so nobody knows what is unpaid.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from fatto.portal.documents.states import UNSENT, Approval, Transmission
from fatto.portal.notifications.models import Mail, Push
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Deed, Membership
from fatto.portal.tenancy.permissions import FIRM_ROLES, ROLES, Can, Role

URGENT_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One row."""

    key: str
    verbs: Collection[str]
    label: Any
    """What it is called where people choose."""
    roles: Collection[str]
    """Whose roles it can concern: only they are asked how they want it."""
    many: Callable[[int], str]
    """So many of it, as a sentence: `3 documents to approve`."""
    mail: str
    push: str = Push.OFF
    who: Callable[[Deed, Membership], bool] = lambda deed, seat: False
    """Does a deed concern who sits there? Whether its document may be seen is asked later."""
    persons: Callable[[Deed], Iterable[int]] = lambda deed: ()
    """People whom it concerns whatever their role, even when they have none left."""
    may: Callable[[Actor], bool] = lambda actor: True
    """Can this person do anything about it?"""
    waits: Q = field(default_factory=Q)
    """Of the documents told of, those for which it is still true."""
    decides: bool = False
    """Is what it asks for a yes or no to its document?"""
    at: str = ""
    """The page where it is looked after, when it is not that of documents: `connection`."""
    must: bool = False
    """Told at once, by mail, to everybody; cannot be switched off."""
    said: Callable[[Mapping[str, Any]], str] | None = None
    """The sentence of a notice that is about no document."""


def _decides(deed: Deed, seat: Membership) -> bool:
    return seat.member_id != deed.by_id and Can.DOCUMENT_DECIDE in ROLES[seat.role]


def _books(deed: Deed, seat: Membership) -> bool:
    return seat.member_id != deed.by_id and seat.role in FIRM_ROLES and Can.DOCUMENT_BOOK in ROLES[seat.role]


def _sends(deed: Deed, seat: Membership) -> bool:
    return Can.DOCUMENT_SEND in ROLES[seat.role]


def _to_approve(deed: Deed, seat: Membership) -> bool:
    return _named(deed, seat) if deed.verb == "approval-asked" else _decides(deed, seat)


def _named(deed: Deed, seat: Membership) -> bool:
    return seat.member_id in _numbers(deed, "members")


def _alerted(deed: Deed, seat: Membership) -> bool:
    return _decides(deed, seat) or _books(deed, seat)


def _asked(deed: Deed, seat: Membership) -> bool:
    if deed.verb == "commented":
        return seat.member_id in _numbers(deed, "mentions") and seat.member_id != deed.by_id
    if deed.verb == "question-answered":
        return seat.member_id in _numbers(deed, "asked-by") and seat.member_id != deed.by_id
    if _numbers(deed, "members"):
        return _named(deed, seat) and seat.member_id != deed.by_id
    return _books(deed, seat) if deed.data.get("to") == "firm" else _decides(deed, seat)


def _asked_for_it(deed: Deed, seat: Membership) -> bool:
    return seat.member_id in _numbers(deed, "asked-by")


def _owns_firm(deed: Deed, seat: Membership) -> bool:
    return seat.role == Role.FIRM_OWNER and seat.member_id != deed.by_id


def _numbers(deed: Deed, name: str) -> list[int]:
    found = deed.data.get(name)
    return [each for each in found if isinstance(each, int)] if isinstance(found, list) else []


def _member(deed: Deed) -> Iterable[int]:
    found = deed.data.get("member")
    return (found,) if isinstance(found, int) else ()


def _role_said(data: Mapping[str, Any]) -> str:
    verb, role = data.get("verb"), data.get("role")
    label = str(dict(Role.choices).get(role, "")) if isinstance(role, str) else ""
    if verb == "member-removed":
        return _("You no longer have access")
    if verb == "companies-assigned":
        return _("The companies assigned to you changed")
    return _("Your role is now: %(role)s") % {"role": label} if label else _("Your role changed")


def _support_said(data: Mapping[str, Any]) -> str:
    if data.get("verb") == "support-asked":
        return _("The operator of the portal asks to look at your data")
    if data.get("verb") == "support-ended":
        return _("The operator’s access to your data has ended")
    return _("The operator of the portal may now look at your data")


def _connection(deed: Deed, seat: Membership) -> bool:
    """Those who can log in again or have somebody do it: owners, and the firm's people who book for the company."""
    if deed.company_id is not None and seat.role == Role.OWNER:
        return True
    return seat.role == Role.FIRM_OWNER or (deed.company_id is not None and _books(deed, seat))


_CONNECTED = frozenset({Role.FIRM_OWNER, Role.ACCOUNTANT, Role.OWNER})
_DECIDERS = frozenset(role for role, can in ROLES.items() if Can.DOCUMENT_DECIDE in can)
_BOOKERS = frozenset(role for role, can in ROLES.items() if Can.DOCUMENT_BOOK in can)
_SENDERS = frozenset(role for role, can in ROLES.items() if Can.DOCUMENT_SEND in can)
_EVERYBODY = frozenset(ROLES)
_UNKNOWN = (Transmission.WAITING, Transmission.SENDING)
"""It was asked for, and is not known to be at the authority."""

KINDS = (
    Kind(
        key="to-approve",
        verbs=("arrived", "approval-asked"),
        label=gettext_lazy("Document to approve"),
        roles=_DECIDERS,
        many=lambda n: ngettext("%(n)s document to approve", "%(n)s documents to approve", n) % {"n": n},
        mail=Mail.DIGEST,
        push=Push.URGENT,
        who=_to_approve,
        may=lambda actor: actor.can(Can.DOCUMENT_DECIDE),
        waits=Q(approval=Approval.TO_APPROVE, booking="to_book"),
        decides=True,
    ),
    Kind(
        key="approval-late",
        verbs=("approval-escalated",),
        label=gettext_lazy("Approval that waits for long"),
        roles=_DECIDERS | _BOOKERS,
        many=lambda n: ngettext("%(n)s approval waits for long", "%(n)s approvals wait for long", n) % {"n": n},
        mail=Mail.DIGEST,
        who=_named,
        waits=Q(approval=Approval.TO_APPROVE, booking="to_book"),
        decides=True,
    ),
    Kind(
        key="alert",
        verbs=("alert-raised",),
        label=gettext_lazy("Changed IBAN, duplicate or another alert"),
        roles=_DECIDERS | _BOOKERS,
        many=lambda n: (
            ngettext("%(n)s document needs a second look", "%(n)s documents need a second look", n) % {"n": n}
        ),
        mail=Mail.UNLESS_PUSHED,
        push=Push.ALL,
        who=_alerted,
        waits=~Q(alerts=[]),
    ),
    Kind(
        key="question",
        verbs=("question-asked", "commented", "question-answered"),
        label=gettext_lazy("Question, answer or mention for me"),
        roles=_EVERYBODY,
        many=lambda n: ngettext("%(n)s message for you", "%(n)s messages for you", n) % {"n": n},
        mail=Mail.UNLESS_PUSHED,
        push=Push.ALL,
        who=_asked,
    ),
    Kind(
        key="disputed",
        verbs=("disputed",),
        label=gettext_lazy("Document disputed by the company"),
        roles=_BOOKERS,
        many=lambda n: ngettext("%(n)s document disputed", "%(n)s documents disputed", n) % {"n": n},
        mail=Mail.DIGEST,
        who=_books,
        waits=Q(approval=Approval.DISPUTED),
    ),
    Kind(
        key="connection-lost",
        verbs=("connection-lost",),
        label=gettext_lazy("Connection to an authority that no longer works"),
        roles=_CONNECTED,
        many=lambda n: (
            ngettext(
                "%(n)s connection to an authority no longer works: log in again",
                "%(n)s connections to an authority no longer work: log in again",
                n,
            )
            % {"n": n}
        ),
        mail=Mail.UNLESS_PUSHED,
        push=Push.ALL,
        who=_connection,
        at="connection",
    ),
    Kind(
        key="sync-failing",
        verbs=("sync-failing",),
        label=gettext_lazy("Nothing came from the authority for three days"),
        roles=_CONNECTED,
        many=lambda n: (
            ngettext(
                "For days something has not come from the authority",
                "For days something has not come from the authority (%(n)s times)",
                n,
            )
            % {"n": n}
        ),
        mail=Mail.UNLESS_PUSHED,
        push=Push.ALL,
        who=_connection,
        at="connection",
    ),
    Kind(
        key="deletion-near",
        verbs=("deletion-near", "message-lost"),
        label=gettext_lazy("Invoices that the authority deletes soon and are not fetched"),
        roles=_CONNECTED,
        many=lambda n: (
            ngettext(
                "Something is not fetched yet that the authority deletes soon",
                "Something is not fetched yet that the authority deletes soon (%(n)s times)",
                n,
            )
            % {"n": n}
        ),
        mail=Mail.UNLESS_PUSHED,
        push=Push.ALL,
        who=_connection,
        at="connection",
    ),
    Kind(
        key="connection-ending",
        verbs=("connection-ending",),
        label=gettext_lazy("Login at an authority that ends within a week"),
        roles=_CONNECTED,
        many=lambda n: (
            ngettext(
                "%(n)s login at an authority ends within a week",
                "%(n)s logins at an authority end within a week",
                n,
            )
            % {"n": n}
        ),
        mail=Mail.UNLESS_PUSHED,
        push=Push.ALL,
        who=_connection,
        at="connection",
    ),
    Kind(
        key="connection-expiring",
        verbs=("connection-expiring",),
        label=gettext_lazy("Login at an authority that ends within a month"),
        roles=_CONNECTED,
        many=lambda n: (
            ngettext(
                "%(n)s login at an authority ends within a month",
                "%(n)s logins at an authority end within a month",
                n,
            )
            % {"n": n}
        ),
        mail=Mail.DIGEST,
        who=_connection,
        at="connection",
    ),
    Kind(
        key="transmission-failed",
        verbs=("transmission-failed",),
        label=gettext_lazy("Invoice refused by the authority"),
        roles=_SENDERS,
        many=lambda n: ngettext("%(n)s invoice failed", "%(n)s invoices failed", n) % {"n": n},
        mail=Mail.NOW,
        push=Push.ALL,
        who=_sends,
        waits=Q(transmission=Transmission.FAILED),
    ),
    Kind(
        key="transmission-late",
        verbs=("transmission-late",),
        label=gettext_lazy("Invoice not sent though its last day has come"),
        roles=_SENDERS,
        many=lambda n: (
            ngettext(
                "%(n)s invoice is not sent, and its last day has come",
                "%(n)s invoices are not sent, and their last day has come",
                n,
            )
            % {"n": n}
        ),
        mail=Mail.UNLESS_PUSHED,
        push=Push.ALL,
        who=_sends,
        waits=Q(transmission__in=(*UNSENT, *_UNKNOWN)),
    ),
    Kind(
        key="transmission-stuck",
        verbs=("transmission-stuck",),
        label=gettext_lazy("Invoice whose sending does not get on"),
        roles=_SENDERS,
        many=lambda n: (
            ngettext("Sending %(n)s invoice does not get on", "Sending %(n)s invoices does not get on", n) % {"n": n}
        ),
        mail=Mail.UNLESS_PUSHED,
        push=Push.ALL,
        who=_sends,
        waits=Q(transmission__in=(*_UNKNOWN, Transmission.ACCEPTED)),
    ),
    Kind(
        key="buyer-message",
        verbs=("buyer-message-received",),
        label=gettext_lazy("Message from a buyer through the authority"),
        roles=_SENDERS,
        many=lambda n: ngettext("%(n)s message from a buyer", "%(n)s messages from buyers", n) % {"n": n},
        mail=Mail.UNLESS_PUSHED,
        push=Push.ALL,
        who=_sends,
    ),
    Kind(
        key="buyer-message-failed",
        verbs=("buyer-message-failed",),
        label=gettext_lazy("Message to a seller that failed"),
        roles=_DECIDERS,
        many=lambda n: ngettext("%(n)s message to a seller failed", "%(n)s messages to sellers failed", n) % {"n": n},
        mail=Mail.UNLESS_PUSHED,
        push=Push.ALL,
        who=_decides,
    ),
    Kind(
        key="export-failed",
        verbs=("export-failed",),
        label=gettext_lazy("Export that failed"),
        roles=_EVERYBODY,
        many=lambda n: ngettext("%(n)s export failed", "%(n)s exports failed", n) % {"n": n},
        mail=Mail.UNLESS_PUSHED,
        push=Push.ALL,
        who=_asked_for_it,
    ),
    Kind(
        key="export-finished",
        verbs=("export-finished",),
        label=gettext_lazy("Export that is ready"),
        roles=_EVERYBODY,
        many=lambda n: ngettext("%(n)s export is ready", "%(n)s exports are ready", n) % {"n": n},
        mail=Mail.OFF,
        who=_asked_for_it,
    ),
    Kind(
        key="role",
        verbs=("role-changed", "member-role-changed", "companies-assigned", "member-removed"),
        label=gettext_lazy("Change of your role"),
        roles=_EVERYBODY,
        many=lambda n: ngettext("%(n)s change of your role", "%(n)s changes of your role", n) % {"n": n},
        mail=Mail.NOW,
        persons=_member,
        must=True,
        said=_role_said,
    ),
    Kind(
        key="support",
        verbs=("support-asked", "support-granted", "support-ended"),
        label=gettext_lazy("Access by the portal’s operator"),
        roles={Role.FIRM_OWNER},
        many=lambda n: ngettext("%(n)s access by the operator", "%(n)s accesses by the operator", n) % {"n": n},
        mail=Mail.NOW,
        who=_owns_firm,
        must=True,
        said=_support_said,
    ),
    Kind(
        key="device",
        verbs=(),  # it is no deed in a firm: logging in tells of it
        label=gettext_lazy("Login from a new device"),
        roles=_EVERYBODY,
        many=lambda n: ngettext("%(n)s login from a new device", "%(n)s logins from new devices", n) % {"n": n},
        mail=Mail.NOW,
        must=True,
        said=lambda data: _("Login from a new device: %(device)s") % {"device": data.get("device", "")},
    ),
)

BY_KEY = {kind.key: kind for kind in KINDS}
BY_VERB = {verb: kind for kind in KINDS for verb in kind.verbs}
ASKED_BEFORE = {
    "question-answered": "question-asked",
    "export-finished": "export-asked",
    "export-failed": "export-asked",
}
"""A deed that answers another → that other: who did it is told."""

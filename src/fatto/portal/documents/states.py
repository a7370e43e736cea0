"""The four states of a document. Each axis is moved by its own app; none replaces another.

Beside them, what the official rules say of it: nobody moves that, it is found out.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy


class Transmission(models.TextChoices):
    """Its way through the authority's exchange."""

    RECEIVED = "received", pgettext_lazy("transmission", "Received")
    DRAFT = "draft", pgettext_lazy("transmission", "Draft")
    """Issued and not handed in: something in it would be refused."""
    CHECKED = "checked", pgettext_lazy("transmission", "Checked, not sent")
    WAITING = "waiting", pgettext_lazy("transmission", "Waiting to be sent")
    SENDING = "sending", pgettext_lazy("transmission", "Sending")
    """It is being handed in, or whether it was is being found out."""
    ACCEPTED = "accepted", pgettext_lazy("transmission", "Accepted, being worked on")
    DELIVERED = "delivered", pgettext_lazy("transmission", "Delivered")
    FAILED = "failed", pgettext_lazy("transmission", "Failed")
    """The authority said no: it counts as not issued."""
    ELSEWHERE = "elsewhere", pgettext_lazy("transmission", "Sent with other software")
    NOT_APPLICABLE = "none", pgettext_lazy("transmission", "Not transmitted")


UNSENT = (Transmission.DRAFT, Transmission.CHECKED, Transmission.FAILED)
"""Issued, and not at the authority: it may be replaced, and handed in."""


class Approval(models.TextChoices):
    """What the company says of it."""

    TO_APPROVE = "to_approve", pgettext_lazy("approval", "To approve")
    APPROVED = "approved", pgettext_lazy("approval", "Approved")
    DISPUTED = "disputed", pgettext_lazy("approval", "Disputed")
    NOT_REQUIRED = "not_required", pgettext_lazy("approval", "Not required")


class Booking(models.TextChoices):
    """Where the firm's work stands."""

    TO_BOOK = "to_book", pgettext_lazy("booking", "To book")
    BOOKED = "booked", pgettext_lazy("booking", "Booked")
    EXCLUDED = "excluded", pgettext_lazy("booking", "Excluded")


class Settlement(models.TextChoices):
    """Where the money stands."""

    OPEN = "open", pgettext_lazy("money", "Open")
    CREDIT = "credit", pgettext_lazy("money", "Credit")
    NOT_APPLICABLE = "none", pgettext_lazy("money", "No payment")


class Check(models.TextChoices):
    """What the official rules say of a document, as far as they can be asked here."""

    ACCEPTED = "accepted", pgettext_lazy("official check", "Nothing found")
    WARNINGS = "warnings", pgettext_lazy("official check", "Warnings")
    FAILED = "failed", pgettext_lazy("official check", "Errors")
    NOT_JUDGED = "not-judged", pgettext_lazy("official check", "Not checked")

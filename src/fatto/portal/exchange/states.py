"""The states of connections, messages and transmissions, and how a transmission may move."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy


class Connected(models.TextChoices):
    """Is a connection good for anything?"""

    ACTIVE = "active", pgettext_lazy("connection", "Works")
    LOGIN_NEEDED = "login-needed", pgettext_lazy("connection", "Somebody must log in again")
    ENDED = "ended", pgettext_lazy("connection", "Ended")


class Held(models.TextChoices):
    """How far a message of an authority has come with us."""

    LISTED = "listed", pgettext_lazy("message", "To fetch")
    STORED = "stored", pgettext_lazy("message", "Fetched")
    OPENED = "opened", pgettext_lazy("message", "Filed")
    PARKED = "parked", pgettext_lazy("message", "Needs a look")
    EXPIRED = "expired", pgettext_lazy("message", "No longer kept by the authority")


HELD = (Held.STORED, Held.OPENED, Held.PARKED)
"""Its bytes are ours."""
ANOTHER = "another-message"
"""Parked with this error, a message is not here: what came under its number was another's file."""


class Sending(models.TextChoices):
    """How far an attempt to send a document has come."""

    QUEUED = "queued", pgettext_lazy("sending", "To be sent")
    WAITING = "waiting", pgettext_lazy("sending", "Waits for its time")
    SENDING = "sending", pgettext_lazy("sending", "Being sent")
    UNCERTAIN = "uncertain", pgettext_lazy("sending", "Perhaps sent: being looked for")
    SENT = "sent", pgettext_lazy("sending", "Sent, being checked")
    ACCEPTED = "accepted", pgettext_lazy("sending", "Accepted")
    FAILED = "failed", pgettext_lazy("sending", "Failed")
    ENDED = "ended", pgettext_lazy("sending", "Withdrawn before it was sent")


LIVE = (Sending.QUEUED, Sending.WAITING, Sending.SENDING, Sending.UNCERTAIN, Sending.SENT)
"""Something will still become of it."""


class Written(models.TextChoices):
    """How far a message between buyer and seller has come."""

    QUEUED = "queued", pgettext_lazy("buyer message", "To be sent")
    SENDING = "sending", pgettext_lazy("buyer message", "Being sent")
    UNCERTAIN = "uncertain", pgettext_lazy("buyer message", "Perhaps sent: being looked for")
    SENT = "sent", pgettext_lazy("buyer message", "Sent, being checked")
    DELIVERED = "delivered", pgettext_lazy("buyer message", "Delivered")
    FAILED = "failed", pgettext_lazy("buyer message", "Failed")
    RECEIVED = "received", pgettext_lazy("buyer message", "Received")

"""Fetching the portal's letters from a mailbox over IMAP (RFC 9051, by the standard library).

Messages that nobody has read are taken one by one and marked as read. One over which the portal stumbles is marked with
a flag as well, for a person to look at, and never tried again by itself. Two workers never look at the same time: the
job has a lock.
"""

from __future__ import annotations

import contextlib
import imaplib
import logging
import re
import ssl
from collections.abc import Callable
from typing import Any

from django.db.utils import InterfaceError, OperationalError

from fatto.portal.config import Mailbox
from fatto.portal.flow import answers

_log = logging.getLogger("fatto.mail")

AT_A_TIME = 50
SECONDS = 30
"""That the server may take for one answer."""


class Away(Exception):
    """The mailbox cannot be had now."""


def fetch(mailbox: Mailbox, take: Callable[[bytes], object] = answers.take) -> int:
    """Take what is new; gives how many messages that were.

    Raises:
        Away: the mailbox cannot be had; the messages wait there.
        OperationalError: the database cannot be had; the message at hand stays unread.
    """
    try:
        return _work(_connected(mailbox), mailbox, take)
    except (OSError, imaplib.IMAP4.error) as trouble:
        raise Away(type(trouble).__name__) from trouble


def _work(server: imaplib.IMAP4, mailbox: Mailbox, take: Callable[[bytes], object]) -> int:
    try:
        server.login(mailbox.user, mailbox.password)
        _good(server.select(_quoted(mailbox.folder)))
        numbers = _good(server.uid("SEARCH", "UNSEEN"))[0].split()[:AT_A_TIME]
        for number in numbers:
            _one(server, number.decode("ascii"), take)
        return len(numbers)
    finally:
        with contextlib.suppress(OSError, imaplib.IMAP4.error):  # it may be gone already
            server.logout()


def _connected(mailbox: Mailbox) -> imaplib.IMAP4:
    context = ssl.create_default_context()
    if mailbox.encryption == "ssl":
        return imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=SECONDS)
    server = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=SECONDS)
    server.starttls(context)
    return server


def _one(server: imaplib.IMAP4, number: str, take: Callable[[bytes], object]) -> None:
    size = re.search(rb"RFC822\.SIZE (\d+)", _flat(_good(server.uid("FETCH", number, "(RFC822.SIZE)"))))
    flags = r"(\Seen)"
    if size is None or int(size[1]) > answers.LARGEST:
        _log.warning("a letter is too large", extra={"event": "mail-in", "code": "too-large"})
        flags = r"(\Seen \Flagged)"
    else:
        found = _good(server.uid("FETCH", number, "(BODY.PEEK[])"))
        message = next((bytes(each[1]) for each in found if isinstance(each, tuple)), b"")
        try:
            take(message)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            _log.exception("a letter could not be taken", extra={"event": "mail-in", "code": "error"})
            flags = r"(\Seen \Flagged)"
    _good(server.uid("STORE", number, "+FLAGS.SILENT", flags))


def _good(answer: tuple[str, Any]) -> list[bytes]:
    kind, data = answer
    if kind != "OK":
        raise imaplib.IMAP4.error("the server refuses")
    return [b"" if each is None else each for each in data]  # bytes, or pairs of them


def _flat(data: list[bytes]) -> bytes:
    return b" ".join(each[0] if isinstance(each, tuple) else each for each in data)


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'

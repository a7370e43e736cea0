"""`fatto mail-in`: what a mail server's pipe calls, and what it is told."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.db.utils import OperationalError

from fatto.portal import commands, config, postgres
from fatto.portal.flow import answers


@pytest.fixture
def piped(monkeypatch) -> list[tuple[bytes, list[str]]]:
    """A message on standard input; what is taken of it is noted."""
    taken: list[tuple[bytes, list[str]]] = []

    @contextmanager
    def prepared() -> Iterator[config.Config]:
        yield config.load({"FATTO_MAIL_IN_DOMAIN": "in.fatto.example.org"})

    monkeypatch.setattr(commands, "prepared", prepared)
    monkeypatch.setattr(commands, "_close_connections", lambda: None)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"From: a@example.org\n\nYes")))
    monkeypatch.setattr(answers, "take", lambda message, recipients: taken.append((message, recipients)))
    return taken


ASKED = argparse.Namespace(recipients=["answer+x@in.fatto.example.org"])


def test_a_message_is_taken_with_the_recipients_that_the_server_names(piped):
    assert commands.mail_in(ASKED) == 0
    assert piped == [(b"From: a@example.org\n\nYes", ASKED.recipients)]


@pytest.mark.parametrize("where", ["server", "database"])
def test_while_the_database_is_away_the_server_is_told_to_try_again(piped, monkeypatch, where: str):
    def away(*_: object) -> None:
        raise OperationalError

    @contextmanager
    def down() -> Iterator[config.Config]:
        raise postgres.ServerTrouble("down")
        yield

    if where == "server":
        monkeypatch.setattr(commands, "prepared", down)
    else:
        monkeypatch.setattr(answers, "take", away)
    assert commands.mail_in(ASKED) == 75


def test_without_a_domain_the_administrator_is_told(piped, monkeypatch):
    @contextmanager
    def prepared() -> Iterator[config.Config]:
        yield config.load({})

    monkeypatch.setattr(commands, "prepared", prepared)
    with pytest.raises(config.WrongSetting, match="FATTO_MAIL_IN_DOMAIN"):
        commands.mail_in(ASKED)
    assert piped == []


@pytest.mark.parametrize(
    ("variable", "value", "right"),
    [
        ("FATTO_MAIL_IN_DOMAIN", "localhost", "the part of an e-mail address after the @"),
        ("FATTO_MAIL_IN_DOMAIN", "a b.example", "the part of an e-mail address after the @"),
        ("FATTO_MAIL_IN_IMAP_URL", "imap://u:p@mail.example.org", "imaps://USER"),
        ("FATTO_MAIL_IN_IMAP_URL", "imaps://mail.example.org", "imaps://USER"),
        ("FATTO_MAIL_IN_IMAP_URL", "imaps://u:p%0a@mail.example.org", "control characters"),
        ("FATTO_MAIL_IN_IMAP_URL", "imaps://u:p@mail.example.org", "without FATTO_MAIL_IN_DOMAIN"),
    ],
)
def test_settings_of_the_mailbox_are_checked_at_start(variable: str, value: str, right: str):
    with pytest.raises(config.WrongSetting) as refused:
        config.load({variable: value})
    assert right in str(refused.value)


def test_a_mailbox_is_read_from_its_address_and_its_password_is_shown_nowhere():
    found = config.load(
        {
            "FATTO_MAIL_IN_DOMAIN": "@In.Fatto.example.org",
            "FATTO_MAIL_IN_IMAP_URL": "imap+tls://fatto%40example.org:s%2Fecret@mail.example.org/In%20Fatto",
        }
    )
    assert found.mail_in_domain == "in.fatto.example.org"
    assert found.mail_in_imap == config.Mailbox(
        host="mail.example.org",
        port=143,
        user="fatto@example.org",
        password="s/ecret",
        folder="In Fatto",
        encryption="tls",
    )
    assert "s/ecret" not in repr(found)

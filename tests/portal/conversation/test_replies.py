"""The address in a letter: one person, one document, thirty days, and nobody can make one up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.conf import settings as configured

from fatto.portal.conversation import replies
from fatto.portal.conversation.replies import Place
from fatto.portal.documents.models import Document
from fatto.portal.tenancy.models import Member

TODAY = date(2026, 11, 22)


def test_a_token_says_who_and_what_for_thirty_days_in_any_case():
    token = replies.token(7, 2**40, today=TODAY)
    assert len(f"answer+{token}") <= 64, "the longest local part that mail allows"
    assert replies.read(token, today=TODAY) == Place(7, 2**40)
    assert replies.read(token.upper(), today=TODAY + timedelta(days=30)) == Place(7, 2**40)
    assert replies.read(token, today=TODAY + timedelta(days=31)) is None


@pytest.mark.parametrize("place", range(39))
def test_a_token_that_was_changed_anywhere_is_none(place: int):
    token = replies.token(7, 9, today=TODAY)
    # The last letter holds three bits that stand for nothing.
    other = "b" if token[place] != "b" else "c"
    changed = token[:place] + other + token[place + 1 :]
    found = replies.read(changed, today=TODAY)
    assert found is None or (place == 38 and found == Place(7, 9))


@pytest.mark.parametrize("text", ["", "x", "é" * 39, "a" * 39, "1" * 39, "a" * 10_000, "answer"])
def test_nonsense_is_none(text: str):
    assert replies.read(text, today=TODAY) is None


def test_without_a_domain_there_is_no_address(settings):
    member, document = Member(pk=1), Document(pk=2)
    assert replies.address(member, document) is None
    settings.CONFIG = replace(configured.CONFIG, mail_in_domain="in.fatto.example.org")
    address = replies.address(member, document)
    assert address is not None
    local, domain = address.split("@")
    assert domain == "in.fatto.example.org"
    assert replies.read(local.removeprefix("answer+")) == Place(1, 2)

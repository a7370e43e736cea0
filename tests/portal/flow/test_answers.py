"""Letters are answered by mail: with the person's own rights, once, and only by who they were written to."""

from __future__ import annotations

import imaplib
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage

import pytest
from django.conf import settings as configured
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.config import Mailbox
from fatto.portal.conversation import actions, queries, replies
from fatto.portal.conversation.models import Comment
from fatto.portal.documents.models import Delivery, Document
from fatto.portal.flow import answers, arrive, mailbox
from fatto.portal.tenancy.models import Membership
from fatto.portal.tenancy.scope import scope

DOMAIN = "in.fatto.example.org"
QUOTED = "\n\nIl giorno dom 22 nov 2026 alle ore 09:12 Studio Bianchi <a@b.example> ha scritto:\n\n> È vostra?\n"


@pytest.fixture(autouse=True)
def domain(settings) -> None:
    settings.CONFIG = replace(configured.CONFIG, mail_in_domain=DOMAIN)


@pytest.fixture
def document(world: World) -> Document:
    world.hand_in(world.at_firm("anna", "bianchi"), "a.xml", papers.fatturapa("FT 12/A"))
    return world.document(world.at_company("maria", "rossi"), number="FT 12/A")


@pytest.fixture
def letter(world: World, document: Document) -> Callable[..., bytes]:
    """`letter("maria", "Sì.")`: her answer to a letter that she got about the document."""

    def write(who: str, text: str, *, number: str = "<1@example.org>", **headers: str) -> bytes:
        mail = EmailMessage()
        mail["From"] = headers.pop("sender", f"{who} <{who.upper()}@example.org>")
        mail["To"] = headers.pop("to", replies.address(world.people[who], document))
        mail["Message-ID"] = number
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text + QUOTED)
        return bytes(mail)

    return write


def said(world: World, document: Document) -> list[tuple[str, str, str]]:
    with scope(world.at_company("maria", "rossi")):
        return [(each.by_name, each.kind, each.text) for each in queries.comments(document)]


def ask(world: World, document: Document) -> None:
    paolo = world.at_company("paolo", "rossi")
    with scope(paolo):
        actions.ask(paolo, document, text="È vostra?", to="company")


def test_an_answer_by_mail_answers_the_open_question(world: World, document: Document, letter):
    ask(world, document)
    assert answers.take(letter("maria", "Sì, è la nostra.")) == "taken"
    assert said(world, document)[-1] == ("Maria", "answer", "Sì, è la nostra.")
    assert not world.document(world.at_company("maria", "rossi"), pk=document.pk).question
    with scope(world.at_company("maria", "rossi")):
        assert Comment.objects.last().channel == "mail"


def test_the_same_message_twice_is_said_once(world: World, document: Document, letter):
    ask(world, document)
    for _ in range(2):
        assert answers.take(letter("maria", "Sì.")) == "taken"
    assert [kind for _, kind, _ in said(world, document)] == ["question", "answer"]
    assert answers.take(letter("maria", "E pagata.", number="<2@example.org>")) == "taken"
    assert said(world, document)[-1] == ("Maria", "comment", "E pagata.")


def test_somebody_of_the_firm_answers_as_the_firm(world: World, document: Document, letter):
    ask(world, document)
    assert answers.take(letter("paolo", "Servirebbe oggi.")) == "taken"
    assert said(world, document)[-1] == ("Paolo", "comment", "Servirebbe oggi.")
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        actions.ask(maria, document, text="E voi?", to="firm")
    answers.take(letter("paolo", "Noi sì.", number="<2@example.org>"))
    assert said(world, document)[-1] == ("Paolo", "answer", "Noi sì.")


@pytest.mark.parametrize(
    "headers",
    [
        {"sender": "luca@example.org"},
        {"sender": "Maria <maria@elsewhere.example>"},
        {"to": f"answer+{'a' * 39}@{DOMAIN}"},
        {"to": f"answer+@{DOMAIN}"},
        {"to": f"documents+abc@{DOMAIN}"},
        {"to": "answer+abc@elsewhere.example"},
        {"Auto_Submitted": "auto-replied"},
        {"Return_Path": "<>"},
    ],
)
def test_what_is_not_this_persons_own_answer_is_not_taken(world: World, document: Document, letter, headers):
    assert answers.take(letter("maria", "Sì.", **headers)) == "ignored"
    assert said(world, document) == []


def test_rights_are_those_of_the_moment_the_answer_comes(world: World, document: Document, letter):
    message = letter("maria", "Sì.")
    auditor = letter("sara", "Sì.")
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        Membership.objects.filter(member=world.people["maria"]).delete()
    assert answers.take(message) == "ignored"
    assert answers.take(auditor) == "ignored", "an auditor says nothing, by mail neither"
    assert answers.take(letter("luca", "Sì.")) == "ignored", "a letter that was never written to him"
    with scope(world.at_company("anna", "rossi")):
        assert not Comment.objects.exists()


def test_an_answer_without_words_adds_nothing(world: World, document: Document, letter):
    assert answers.take(letter("maria", "")) == "ignored"
    assert answers.take(b"") == "ignored"
    assert answers.take(b"x" * (answers.LARGEST + 1)) == "ignored"


def test_the_envelopes_recipient_counts_where_headers_do_not_name_us(world: World, document: Document, letter):
    address = replies.address(world.people["maria"], document)
    message = letter("maria", "Sì.", to="undisclosed@example.org")
    assert answers.take(message) == "ignored"
    assert answers.take(message, [f"<{address.upper()}>"]) == "taken"


def test_attachments_become_supporting_documents_and_are_named(world: World, document: Document, letter):
    mail = EmailMessage()
    mail["From"], mail["To"] = "maria@example.org", replies.address(world.people["maria"], document)
    mail["Message-ID"] = "<9@example.org>"
    mail.set_content("Ecco il DDT.")
    mail.add_attachment(b"%PDF-1.4 x", maintype="application", subtype="pdf", filename="../ddt 7.pdf")
    assert answers.take(bytes(mail)) == "taken"
    (_, _, text) = said(world, document)[-1]
    assert text.startswith("Ecco il DDT.\n\n")
    assert "ddt 7.pdf" in text
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        delivery = Delivery.objects.get(channel="mail")
        assert (delivery.by_id, delivery.company_id) == (world.people["maria"].pk, document.company_id)
    arrive.process(maria.firm, delivery.pk)
    assert world.document(maria, channel="mail").direction == "other"


def test_a_long_answer_is_cut_where_a_comment_ends(world: World, document: Document, letter):
    assert answers.take(letter("maria", "parola " * 900)) == "taken"
    text = said(world, document)[-1][2]
    assert len(text) <= 4000
    assert text.endswith("…")


# -- the mailbox ---------------------------------------------------------------------------------------------------


class Server:
    """A mailbox as `imaplib` shows one."""

    def __init__(self, *messages: bytes) -> None:
        self.messages = dict(enumerate(messages, 1))
        self.flags: dict[int, str] = {}
        self.out = False

    def login(self, user: str, password: str):
        assert (user, password) == ("fatto", "secret")

    def select(self, folder: str):
        assert folder == '"In Fatto"'
        return "OK", [b"2"]

    def uid(self, what: str, *rest: str):
        if what == "SEARCH":
            return "OK", [" ".join(str(n) for n in self.messages if n not in self.flags).encode()]
        number = int(rest[0])
        if what == "STORE":
            self.flags[number] = rest[2]
            return "OK", [None]
        if "SIZE" in rest[1]:
            return "OK", [f"{number} (UID {number} RFC822.SIZE {len(self.messages[number])})".encode()]
        return "OK", [(b"1 (BODY[] {9}", self.messages[number]), b")"]

    def logout(self):
        self.out = True
        raise imaplib.IMAP4.abort("gone")


def fetch(server: Server, monkeypatch, take=answers.take) -> int:
    monkeypatch.setattr(mailbox, "_connected", lambda found: server)
    found = Mailbox(host="h", port=993, user="fatto", password="secret", folder="In Fatto")
    return mailbox.fetch(found, take)


def test_the_mailbox_is_worked_off_and_what_fails_is_flagged_for_a_person(monkeypatch):
    server, taken = Server(b"one", b"two", b"three"), []

    def take(message: bytes) -> None:
        taken.append(message)
        if message == b"two":
            raise ValueError

    assert fetch(server, monkeypatch, take) == 3
    assert taken == [b"one", b"two", b"three"]
    assert server.flags == {1: r"(\Seen)", 2: r"(\Seen \Flagged)", 3: r"(\Seen)"}
    assert server.out
    assert fetch(server, monkeypatch, take) == 0, "none of them is tried again"


def test_while_the_database_is_away_messages_wait_unread(monkeypatch):
    from django.db.utils import OperationalError

    server = Server(b"one")

    def take(message: bytes) -> None:
        raise OperationalError

    with pytest.raises(OperationalError):
        fetch(server, monkeypatch, take)
    assert server.flags == {}


def test_a_message_too_large_is_not_even_fetched(monkeypatch):
    monkeypatch.setattr(answers, "LARGEST", 3)
    server, taken = Server(b"four"), []
    fetch(server, monkeypatch, taken.append)
    assert (taken, server.flags) == ([], {1: r"(\Seen \Flagged)"})


def test_an_answer_comes_in_through_the_mailbox(world: World, document: Document, letter, monkeypatch):
    ask(world, document)
    fetch(Server(letter("maria", "Sì.")), monkeypatch)
    assert said(world, document)[-1] == ("Maria", "answer", "Sì.")

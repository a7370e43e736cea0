"""The outbox: one digest a day, mails through a real SMTP server, nothing twice, nothing that was done meanwhile."""

from __future__ import annotations

import email
import email.policy
import smtplib
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from django.core import mail
from tests.portal import papers
from tests.portal.notifications.conftest import NOON
from tests.portal.notifications.test_telling import bring, notices, record
from tests.portal.world import World

from fatto.portal.documents.models import Document
from fatto.portal.flow import decide
from fatto.portal.notifications import actions, outbox, posting, telling
from fatto.portal.notifications.models import Post
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.models import Membership
from fatto.portal.tenancy.permissions import Role
from fatto.portal.tenancy.scope import scope

MORNING = NOON + timedelta(days=1)


class Server:
    """A mail server that keeps what it takes, or does what `trouble` says."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.trouble = ""

    async def handle_DATA(self, server, session, envelope) -> str:
        if self.trouble == "refuse":
            return "451 try again later"
        if self.trouble == "never":
            return "554 no"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.taken.append(message)
        if self.trouble == "dead line":
            server.transport.abort()
        return "250 taken"


@pytest.fixture
def smtp(settings) -> Iterator[Server]:
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=0)
    controller.port = _free()
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", controller.port, 5
    yield handler
    controller.stop()


def _free() -> int:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def states() -> list[str]:
    return list(Post.objects.order_by("pk").values_list("state", flat=True))


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_the_digest_is_one_mail_of_text_and_html_in_the_persons_language(
    world: World, tell: Callable[..., None], send_all: Callable[..., None], smtp: Server
):
    maria = world.people["maria"]
    maria.language = "it"
    maria.save()
    for number in range(12):
        bring(world, f"FT {number}")
    tell()
    send_all(at=NOON + timedelta(hours=2))
    assert smtp.taken == [], "not before the morning"
    send_all(at=MORNING)
    send_all(at=MORNING)
    (message,) = smtp.taken
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert "Panificio Rossi S.r.l." in message["Subject"]
    assert "12" in message["Subject"]
    assert message["From"].startswith("Studio Bianchi <")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/notices/off/" in message["List-Unsubscribe"]
    text = text_of(message)
    assert text.count("/n/") == 10
    assert "<" not in text
    html = message.get_body(("html",))
    assert html is not None
    assert 'lang="it"' in str(html.get_content())
    assert states() == ["sent"]


def test_what_was_decided_meanwhile_is_not_in_the_digest_and_nothing_left_is_no_mail(
    world: World, tell: Callable[..., None], send_all: Callable[..., None]
):
    first, second = bring(world, "FT 1"), bring(world, "FT 2")
    tell()
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        decide.approve(maria, first)
    send_all(at=MORNING)
    (letter,) = mail.outbox
    assert "FT 2" in letter.body
    assert "FT 1" not in letter.body
    third = bring(world, "FT 3")
    tell(at=MORNING + timedelta(hours=1))
    with scope(maria):
        decide.approve(maria, second)
        decide.approve(maria, third)
    send_all(at=MORNING + timedelta(days=1))
    assert len(mail.outbox) == 1
    assert states() == ["sent", "dropped"]


def test_one_digest_a_day_tells_of_all_companies_and_firms(
    world: World, tell: Callable[..., None], send_all: Callable[..., None]
):
    for firm, company in (("bianchi", "verdi"), ("dunarea", "brutaria")):
        with scope(actors.system(world.firms[firm])):
            Membership.objects.create(
                member=world.people["maria"],
                firm=world.firms[firm],
                company=world.companies[company],
                role=Role.OWNER,
            )
    bring(world)
    bring(world, "V 1", buyer="Verdi Impianti S.r.l.", buyer_id="00743110157")
    world.hand_in(world.at_firm("ioana", "dunarea"), "ro.xml", papers.ubl("RO 1"))
    tell()
    send_all(at=MORNING)
    (letter,) = [each for each in mail.outbox if "maria@" in each.to[0]]
    assert letter.from_email == "Fatto <fatto@localhost>", "of two firms it comes from neither"
    for name in ("Panificio Rossi", "Verdi Impianti", "Brutăria"):
        assert name in letter.body


def test_who_lost_access_meanwhile_reads_nothing(
    world: World, tell: Callable[..., None], send_all: Callable[..., None]
):
    bring(world)
    tell()
    with scope(actors.system(world.firms["bianchi"])):
        Membership.objects.filter(member=world.people["maria"]).delete()
    send_all(at=MORNING)
    assert mail.outbox == []


def test_a_worker_killed_after_taking_a_message_tells_nothing_twice(
    world: World, tell: Callable[..., None], send_all: Callable[..., None], monkeypatch
):
    bring(world)
    tell()

    class Killed(BaseException):
        pass

    def die(ready: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(posting, "_hand_over", die)
        with pytest.raises(Killed):
            send_all(at=MORNING)
    assert states() == ["sending"]
    send_all(at=MORNING)
    assert outbox.give_up_lost(at=MORNING + timedelta(minutes=11)) == 1
    send_all(at=MORNING + timedelta(hours=1))
    assert mail.outbox == []
    assert states() == ["unsure"]


def test_a_line_that_goes_dead_after_the_message_is_not_tried_again(
    world: World, tell: Callable[..., None], send_all: Callable[..., None], smtp: Server
):
    bring(world)
    tell()
    smtp.trouble = "dead line"
    send_all(at=MORNING)
    smtp.trouble = ""
    send_all(at=MORNING + timedelta(hours=9))
    assert len(smtp.taken) == 1
    assert states() == ["unsure"]


def test_a_server_that_says_later_is_tried_again_with_the_same_message_number(
    world: World, tell: Callable[..., None], send_all: Callable[..., None], smtp: Server
):
    bring(world)
    tell()
    smtp.trouble = "refuse"
    send_all(at=MORNING)
    post = Post.objects.get()
    assert (post.state, post.attempts, post.due_at) == ("waiting", 1, MORNING + timedelta(seconds=60))
    smtp.trouble = ""
    send_all(at=MORNING + timedelta(seconds=59))
    assert smtp.taken == []
    send_all(at=MORNING + timedelta(seconds=61))
    assert len(smtp.taken) == 1
    assert smtp.taken[0]["Message-ID"].startswith(f"<notice-{post.pk}-")


def test_a_digest_that_was_given_up_is_told_the_next_day(
    world: World, tell: Callable[..., None], send_all: Callable[..., None], smtp: Server
):
    bring(world)
    tell()
    smtp.trouble = "never"
    send_all(at=MORNING)
    assert states() == ["failed", "waiting"]
    smtp.trouble = ""
    send_all(at=MORNING + timedelta(days=1))
    assert len(smtp.taken) == 1


def test_a_mail_server_that_is_not_there_is_tried_again(
    world: World, tell: Callable[..., None], send_all: Callable[..., None], settings
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", _free()
    bring(world)
    tell()
    send_all(at=MORNING)
    assert states() == ["waiting"]


def test_at_once_waits_until_no_more_comes_and_for_the_end_of_quiet_hours(
    world: World, tell: Callable[..., None], send_all: Callable[..., None]
):
    maria = world.people["maria"]
    actions.choose(maria, {"to-approve": ("now", "off")})
    bring(world, "FT 1")
    tell(at=NOON)
    bring(world, "FT 2")
    tell(at=NOON + timedelta(seconds=50))
    send_all(at=NOON + timedelta(seconds=70))
    assert mail.outbox == [], "more may come"
    send_all(at=NOON + timedelta(seconds=120))
    (letter,) = mail.outbox
    assert "2 " in letter.subject
    night = NOON.replace(hour=22)
    bring(world, "FT 3")
    tell(at=night)
    send_all(at=night + timedelta(hours=2))
    assert len(mail.outbox) == 1
    send_all(at=night + timedelta(hours=9))
    assert len(mail.outbox) == 2


def test_what_concerns_safety_goes_out_at_night_and_whatever_was_chosen(world: World, send_all: Callable[..., None]):
    maria = world.people["maria"]
    actions.choose(maria, {"device": ("off", "off")})
    actions.wish(maria, digest=False)
    night = NOON.replace(hour=23)
    telling.login(maria, "Firefox · Linux", at=night)
    telling.login(maria, "Chrome · Android", at=night)
    send_all(at=night)
    (letter,) = mail.outbox
    assert "Chrome · Android" in letter.subject


def test_a_change_of_choice_holds_for_what_is_on_its_way(
    world: World, tell: Callable[..., None], send_all: Callable[..., None]
):
    maria = world.people["maria"]
    bring(world)
    tell()
    actions.wish(maria, digest=False)
    send_all(at=MORNING)
    assert mail.outbox == []
    actions.wish(maria, digest=True)
    send_all(at=MORNING + timedelta(days=8000))
    assert len(mail.outbox) == 1


def test_read_in_the_portal_is_not_mailed_afterwards(
    world: World, tell: Callable[..., None], send_all: Callable[..., None]
):
    maria = world.people["maria"]
    document = bring(world)
    tell()
    with scope(actors.system(world.firms["bianchi"])):
        Document.objects.filter(pk=document.pk).update(alerts=["iban"])
    record(world, "bianchi", "alert-raised", document, kinds=["iban"])
    tell()
    actions.mark_read(maria, notices(world, "maria", "alert")[0].pk)
    send_all(at=NOON + timedelta(minutes=5))
    assert [letter for letter in mail.outbox if "maria@" in letter.to[0]] == []


def test_a_header_cannot_be_forged_by_a_name(world: World, tell: Callable[..., None], send_all: Callable[..., None]):
    firm = world.firms["bianchi"]
    firm.name = "Studio\r\nBcc: all@example.org"
    firm.save()
    with scope(actors.system(firm)):
        world.companies["rossi"].name = "Rossi\r\nX-Evil: 1"
        world.companies["rossi"].save()
    bring(world)
    tell()
    send_all(at=MORNING)
    (letter,) = mail.outbox
    assert "\n" not in letter.subject
    assert letter.message()["X-Evil"] is None
    assert letter.message()["Bcc"] is None


def test_smtp_errors_are_told_apart():
    assert posting._for_good(smtplib.SMTPDataError(554, b"no"))
    assert not posting._for_good(smtplib.SMTPDataError(451, b"later"))
    assert not posting._for_good(smtplib.SMTPRecipientsRefused({"a": (450, b""), "b": (550, b"")}))

"""What goes wrong when something is sent, and must not make two invoices of one, nor pass in silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from tests.portal import papers
from tests.portal.exchange.posting import CIF, SELLER
from tests.portal.flow.test_issue import kill_after_begin, verbs
from tests.portal.flow.test_issue_and_sync import look_into, received
from tests.portal.world import World

from fatto.channels.channel import ChannelError, Permanent
from fatto.portal.documents import vault
from fatto.portal.documents.models import Document
from fatto.portal.documents.states import Transmission as State
from fatto.portal.exchange import sending
from fatto.portal.exchange.models import Box, Message, Receipt, Transmission
from fatto.portal.exchange.states import Held, Sending, Written
from fatto.portal.flow import issue, tasks
from fatto.portal.tenancy.actor import system
from fatto.portal.tenancy.scope import scope
from fatto.portal.web import transmitting

Connect = Callable[..., Any]
HOUR = timedelta(hours=1)


def lost(post: Any, number: str = "B-1") -> Any:
    """An attempt whose answer was lost: it was taken."""
    transmission = post.ask(post.issue(number))
    post.anaf.break_next("upload", "lost_upload")
    return post.step(transmission)


def never_arrived(post: Any, number: str = "B-1") -> Any:
    """An attempt that began, and whose worker died before the call."""
    transmission = post.ask(post.issue(number))
    kill_after_begin(issue.Post(post.firm, Transmission, transmission.pk, post.now))
    return post.look(transmission)


def until(post: Any, row: Any, done: Callable[[Any], bool], most: int = 60) -> Any:
    for _step in range(most):
        if done(row):
            return row
        row = post.step(row)
    raise AssertionError(f"{row.state}: {row.error_code} {row.next_check}")


# Refusals are read before they count ---------------------------------------------------------------


def twice_at_the_authority(post: Any) -> Any:
    """The answer was lost, nothing showed for a day, it was sent again: the authority works off the first by now."""
    transmission = until(post, lost(post), lambda row: row.state == Sending.SENT)
    assert len(post.anaf.uploads()) == 2
    return transmission


def test_a_duplicate_whose_file_cannot_be_had_at_once_has_not_failed(world: World, connect: Connect) -> None:
    post = connect(world, delay=32 * 3600.0)
    transmission = twice_at_the_authority(post)
    post.pass_until(post.now + 30 * HOUR)
    post.anaf.break_next("descarcare", "server_error", times=3)
    states = set()
    while transmission.next_check is not None:
        transmission = post.step(transmission)
        states.add(transmission.state)
    assert states == {Sending.SENT, Sending.ACCEPTED}
    assert transmission.reference == post.anaf.uploads()[0].reference
    assert post.again(transmission.document).transmission == State.DELIVERED
    assert "transmission-failed" not in verbs(post, transmission.document)


def test_a_duplicate_read_only_after_it_counted_as_failed_is_followed_all_the_same(
    world: World, connect: Connect
) -> None:
    post = connect(world, delay=32 * 3600.0)
    transmission = twice_at_the_authority(post)
    post.pass_until(post.now + 30 * HOUR)
    post.anaf.break_next("descarcare", "server_error", times=200)
    transmission = until(post, transmission, lambda row: row.state == Sending.FAILED)
    post.anaf.world.broken.clear()
    # Meanwhile somebody corrects it, and asks again: what waits does not leave.
    corrected = post.issue("B-1", text="Altceva")
    with scope(post.owner) as who:
        sending.set_up(who, post.box, delay_hours=48, firm_sends=False)
        Document.objects.filter(pk=corrected.pk).update(hand_in_by=None)
    second = post.ask(corrected)
    transmission = post.to_the_end(transmission)
    assert (transmission.state, post.look(second).state) == (Sending.ACCEPTED, Sending.ENDED)
    assert post.again(corrected).transmission == State.DELIVERED
    assert len(post.anaf.uploads()) == 2


def test_a_refusal_whose_file_is_never_given_counts_after_a_day_and_people_hear_before(
    world: World, connect: Connect
) -> None:
    post = connect(world, judge=lambda data: ["E: [BR-RO-110] nu"])
    transmission = post.step(post.ask(post.issue()))
    post.anaf.break_next("descarcare", "server_error", times=500)
    began = post.now
    transmission = post.step(transmission)
    assert (transmission.state, transmission.answered_at is not None) == (Sending.SENT, True)
    assert issue.alarm(post.firm, post.now + 5 * HOUR) == 1
    transmission = until(post, transmission, lambda row: row.state == Sending.FAILED)
    assert timedelta(hours=23) < post.now - began < timedelta(hours=27)


def test_an_answer_that_cannot_be_read_is_kept_and_not_asked_for_again_and_again(
    world: World, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = connect(world)
    transmission = post.step(post.ask(post.issue()))
    post.anaf.break_next("descarcare", "server_error", times=3)
    transmission = post.step(transmission)
    assert (transmission.state, transmission.next_check is not None) == (Sending.ACCEPTED, True)
    monkeypatch.setattr(issue, "_opened", lambda kind, data: None)
    transmission = post.step(transmission)
    assert (transmission.next_check, transmission.error_code) == (None, "answer-unreadable")
    with scope(post.owner):
        assert Receipt.objects.filter(document=transmission.document).count() == 1


# The box is read before anything leaves ------------------------------------------------------------


def elsewhere(post: Any, number: str, at: timedelta = timedelta(minutes=5), **more: Any) -> bytes:
    """Other software sent an invoice of Brutăria."""
    given = {"seller": "Brutăria Dunării SRL", "seller_id": f"RO{CIF}", "buyer_id": f"RO{SELLER}", **more}
    data = papers.ubl(number, day=timezone.localdate(post.now).isoformat(), **given)
    post.anaf.receive(data, CIF, SELLER, at=post.now - at)
    return data


def listed(post: Any, number: str) -> Message:
    """The list was read, and nothing fetched: where a run stands when it is interrupted."""
    incoming = next(
        each
        for each in post.anaf.world.state.boxes[CIF].values()
        if each.label == "FACTURA TRIMISA" and number.encode() in post.anaf.world.document(each)
    )
    with scope(post.owner):
        return Message.objects.create(
            firm=post.firm,
            company=world_company(post),
            box=post.box,
            number=incoming.id,
            kind="issued",
            reference=incoming.reference,
            at=post.now - timedelta(minutes=5),
        )


def world_company(post: Any) -> Any:
    return post.world.companies["brutaria"]


def test_nothing_leaves_before_the_box_was_listed_for_the_first_time(world: World, connect: Connect) -> None:
    post = connect(world, read=False)
    transmission = post.step(post.ask(post.issue()))
    assert (transmission.state, transmission.error_code, post.anaf.uploads()) == (Sending.QUEUED, "box-unread", [])
    look_into(post)
    assert post.to_the_end(transmission).state == Sending.ACCEPTED


def test_what_is_listed_and_not_looked_at_may_be_the_invoice_that_waits(world: World, connect: Connect) -> None:
    post = connect(world)
    transmission = post.ask(post.issue("B-1"))
    elsewhere(post, "B-1", text="Aceeași")  # other bytes, sent with other software
    listed(post, "B-1")
    transmission = post.step(transmission)
    assert (transmission.state, transmission.error_code) == (Sending.QUEUED, "box-unread")
    look_into(post)
    transmission = until(post, transmission, lambda row: row.next_check is None)
    assert (transmission.state, post.anaf.uploads()) == (Sending.ENDED, [])


def test_what_left_from_here_and_is_listed_holds_up_nothing(world: World, connect: Connect) -> None:
    post = connect(world)
    first = post.step(post.ask(post.issue("B-1")))
    post.anaf.uploads()
    message = listed(post, "B-1")
    assert message.reference == first.reference
    assert post.step(post.ask(post.issue("B-2"))).state == Sending.SENT


def test_a_parked_message_holds_up_only_its_own_number(world: World, connect: Connect) -> None:
    post = connect(world)
    elsewhere(post, "B-1")
    message = listed(post, "B-1")
    data = post.anaf.world.zip(post.anaf.world.message(message.number))
    vault.put(post.firm.pk, data)
    with scope(post.owner):
        from fatto.portal.documents.models import File

        sha256 = vault.put(post.firm.pk, data)
        file = File.objects.create(firm=post.firm, company=world_company(post), sha256=sha256, size=len(data))
        Message.objects.filter(pk=message.pk).update(state=Held.PARKED, file=file)
    held = post.step(post.ask(post.issue("B-1")))
    assert (held.state, held.error_code) == (Sending.QUEUED, "box-parked")
    assert post.step(post.ask(post.issue("B-2"))).state == Sending.SENT


def test_what_came_before_the_connection_gets_no_button_while_the_box_is_read(world: World, connect: Connect) -> None:
    post = connect(world)
    document = post.issue("B-1")
    with scope(post.owner) as who:
        Document.objects.filter(pk=document.pk).update(transmission=State.ELSEWHERE)
        Box.objects.update(listed_until=post.now + HOUR)
        box = issue.box_of(document)
        document = Document.objects.get(pk=document.pk)
        assert issue.possible(who, document, box)
    elsewhere(post, "B-9")
    listed(post, "B-9")
    with scope(post.owner) as who:
        assert not issue.possible(who, document, box)


def test_the_box_holds_another_under_this_number_so_this_one_does_not_leave(world: World, connect: Connect) -> None:
    post = connect(world)
    with scope(post.owner) as who:
        sending.set_up(who, post.box, delay_hours=4, firm_sends=False)
    transmission = post.ask(post.issue("B-1", net="100.00"))
    assert transmission.state == Sending.WAITING
    elsewhere(post, "B-1", net="900.00")
    look_into(post)
    transmission = post.step(transmission)
    assert (transmission.state, post.anaf.uploads()) == (Sending.ENDED, [])
    assert verbs(post, transmission.document)[-1] == "transmission-cancelled"


def test_our_own_bytes_in_the_box_are_ours_whatever_was_thought_of_them(world: World, connect: Connect) -> None:
    """A day passed and it was to be sent again; then the first shows in the box."""
    post = connect(world)
    transmission = lost(post)
    with scope(post.owner):
        rows = Transmission.objects.filter(pk=transmission.pk)
        rows.update(state=Sending.QUEUED, started_at=None)
    post.now += timedelta(minutes=3)
    look_into(post)
    transmission = post.look(transmission)
    assert (transmission.state, transmission.reference) == (Sending.ACCEPTED, post.anaf.uploads()[0].reference)
    assert len(post.anaf.uploads()) == 1


# How long nothing proves nothing -------------------------------------------------------------------


def test_lists_that_lag_by_hours_make_no_second_upload(world: World, connect: Connect) -> None:
    post = connect(world, listed_after=6 * 3600.0)
    transmission = post.to_the_end(lost(post))
    assert (transmission.state, len(post.anaf.uploads())) == (Sending.ACCEPTED, 1)
    assert post.anaf.world.calls["upload"] == 1


def test_what_never_arrived_is_sent_again_after_a_day_and_may_be_called_back_then(
    world: World, connect: Connect
) -> None:
    post = connect(world)
    transmission = never_arrived(post)
    began = transmission.started_at
    transmission = until(post, transmission, lambda row: row.state == Sending.QUEUED)
    assert timedelta(hours=24) <= post.now - began < timedelta(hours=29)
    assert verbs(post, transmission.document)[-2:] == ["transmission-lost", "transmission-again"]
    with scope(post.owner) as who:
        issue.cancel(who, transmission)
    assert post.again(transmission.document).transmission == State.CHECKED
    assert post.anaf.uploads() == []


def test_a_person_need_not_wait_for_the_proof(world: World, connect: Connect) -> None:
    post = connect(world)
    transmission = never_arrived(post)
    transmission = until(post, transmission, lambda row: row.state == Sending.UNCERTAIN)
    with scope(post.owner) as who, pytest.raises(sending.NotYet):
        issue.again(who, transmission, at=post.now)
    post.now += 3 * HOUR
    with scope(post.owner) as who:
        issue.again(who, post.look(transmission), at=post.now)
    transmission = post.to_the_end(transmission)
    assert (transmission.state, len(post.anaf.uploads())) == (Sending.ACCEPTED, 1)


def test_who_was_asleep_by_the_clock_on_the_wall_makes_no_call(
    world: World, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = connect(world)
    transmission = post.ask(post.issue())
    slow = issue.Post(post.firm, Transmission, transmission.pk, post.now)
    assert issue.begin(slow)
    monkeypatch.setattr(issue, "wall", lambda: slow.begun_wall + 3600)
    with pytest.raises(ChannelError):
        issue.call(slow, slow.parcel())
    assert post.anaf.uploads() == []


def test_an_answer_to_a_call_that_was_given_up_is_not_thrown_away(world: World, connect: Connect) -> None:
    post = connect(world)
    transmission = post.ask(post.issue())
    slow = issue.Post(post.firm, Transmission, transmission.pk, post.now)
    parcel = slow.parcel()
    assert issue.begin(slow)
    said = issue.call(slow, parcel)
    with scope(post.owner):  # a day passed
        Transmission.objects.filter(pk=transmission.pk).update(state=Sending.QUEUED, started_at=None)
    issue.note_handed_in(slow, said)
    transmission = post.look(transmission)
    assert (transmission.state, transmission.reference) == (Sending.SENT, said.reference)


def test_two_uploads_of_one_invoice_are_told_of(world: World, connect: Connect) -> None:
    post = connect(world)
    transmission = post.ask(post.issue())
    slow = issue.Post(post.firm, Transmission, transmission.pk, post.now)
    parcel = slow.parcel()
    assert issue.begin(slow)
    said = issue.call(slow, parcel)
    with scope(post.owner):
        Transmission.objects.filter(pk=transmission.pk).update(state=Sending.SENT, reference="77", token=None)
    issue.note_handed_in(slow, said)
    assert post.look(transmission).reference == "77"
    assert verbs(post, transmission.document)[-1] == "transmission-stuck"


def test_a_call_refused_after_it_was_given_up_moves_no_document(world: World, connect: Connect) -> None:
    post = connect(world)
    transmission = post.ask(post.issue())
    slow = issue.Post(post.firm, Transmission, transmission.pk, post.now)
    assert issue.begin(slow)
    with scope(post.owner):
        Transmission.objects.filter(pk=transmission.pk).update(state=Sending.ACCEPTED)
        Document.objects.filter(pk=transmission.document_id).update(transmission=State.DELIVERED)
    issue.note_trouble(slow, issue.Temporary("away", "Away."))
    assert post.again(transmission.document).transmission == State.DELIVERED


# Nobody is left in the dark ------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.WAITING, State.SENDING])
def test_what_waits_beyond_the_last_morning_is_told_counted_and_said(
    world: World, connect: Connect, state: str
) -> None:
    post = connect(world)
    document = post.issue()
    zone = ZoneInfo("Europe/Bucharest")
    morning = datetime.combine(document.hand_in_by, issue.MORNING, zone)
    with scope(post.owner):
        Document.objects.filter(pk=document.pk).update(transmission=state)
    assert issue.warn(post.firm, morning + timedelta(minutes=5)) == 0  # it leaves just now
    assert issue.warn(post.firm, morning + 3 * HOUR) == 1
    assert verbs(post, document)[-1] == "transmission-late"
    with scope(post.owner):
        Document.objects.filter(pk=document.pk).update(hand_in_by=timezone.localdate() - timedelta(days=2))
        assert transmitting.late() == 1


def test_sending_that_does_not_get_on_is_told_once(world: World, connect: Connect) -> None:
    post = connect(world)
    transmission = post.ask(post.issue())
    with scope(post.owner):
        Box.objects.update(connection=None)
    transmission = post.step(transmission)
    assert transmission.state == Sending.QUEUED
    assert issue.alarm(post.firm, post.now + HOUR) == 0
    assert issue.alarm(post.firm, post.now + 5 * HOUR) == 1
    assert issue.alarm(post.firm, post.now + 6 * HOUR) == 0
    assert verbs(post, transmission.document)[-1] == "transmission-stuck"


def test_a_delay_is_not_taken_for_trouble(world: World, connect: Connect) -> None:
    post = connect(world)
    with scope(post.owner) as who:
        sending.set_up(who, post.box, delay_hours=8, firm_sends=False)
    post.ask(post.issue())
    assert issue.alarm(post.firm, post.now + 7 * HOUR) == 0


def test_an_error_of_ours_is_put_off_and_not_repeated_every_minute(
    world: World, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = connect(world)
    transmission = post.ask(post.issue())

    def gone(*_args: Any) -> bytes:
        raise FileNotFoundError

    monkeypatch.setattr(vault, "get", gone)
    with pytest.raises(FileNotFoundError):
        post.step(transmission)
    transmission = post.look(transmission)
    assert (transmission.state, transmission.error_code) == (Sending.QUEUED, "internal")
    assert transmission.next_check > post.now


def test_a_message_to_a_seller_that_fails_is_told(
    world: World, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = connect(world)
    document = received(post)
    with scope(post.owner) as who:
        note = issue.say(who, document, text="Nu.", at=post.now)
    at_work = issue.Post(post.firm, issue.Note, note.pk, post.now)
    assert issue.begin(at_work)
    issue.note_trouble(at_work, Permanent("bad-request", "No."))
    assert post.look(note).state == Written.FAILED
    assert verbs(post, document)[-1] == "buyer-message-failed"


def test_the_clock_looks_for_what_is_late_and_what_is_stuck(world: World, connect: Connect) -> None:
    post = connect(world)
    transmission = post.ask(post.issue())
    with scope(system(post.firm)):
        Transmission.objects.filter(pk=transmission.pk).update(asked_at=timezone.now() - 5 * HOUR)
    tasks.send_what_is_due(0)
    assert verbs(post, transmission.document)[-1] == "transmission-stuck"


def test_a_credit_note_with_the_number_of_what_was_refused_replaces_nothing(world: World, connect: Connect) -> None:
    post = connect(world, judge=lambda data: ["E: [BR-RO-110] nu"])
    document = post.issue("B-7")
    assert post.to_the_end(post.ask(document)).state == Sending.FAILED
    data = papers.ubl(
        "B-7", seller="Brutăria Dunării SRL", seller_id=f"RO{CIF}", buyer="Furnizor Test SRL", buyer_id=f"RO{SELLER}",
        day=timezone.localdate(post.now).isoformat(), kind="381",
    )  # fmt: skip
    world.hand_in(post.owner, "nota.xml", data)
    assert post.again(document).data_sha256 == document.data_sha256
    with scope(post.owner):
        assert Document.objects.filter(number="B-7").count() == 2


def test_what_another_company_sells_is_never_ready_to_be_sent(world: World, connect: Connect) -> None:
    post = connect(world)
    document = post.issue("B-1")
    with scope(post.owner):
        box = issue.box_of(document)
        box.tax_id = "14399840"
        checked = issue.check(document, box)
    assert (checked.parcel, checked.error.code) == (None, "not-the-seller")

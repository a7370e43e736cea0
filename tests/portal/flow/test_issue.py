"""What a company issues: sent once, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.portal.world import World

from fatto.channels.channel import ChannelError
from fatto.portal.documents.states import Transmission as State
from fatto.portal.exchange import sending
from fatto.portal.exchange.models import LAST_DAY, Box, Receipt, Transmission
from fatto.portal.exchange.states import Sending
from fatto.portal.flow import issue
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.scope import scope

Connect = Callable[..., Any]


def verbs(post: Any, document: Any) -> list[str]:
    with scope(post.owner):
        return [deed.verb for deed in trail.of_document(document.company_id, document.pk)]


def test_an_invoice_goes_its_way_and_its_proof_is_kept(world: World, connect: Connect) -> None:
    post = connect(world)
    document = post.issue()
    assert document.transmission == State.CHECKED
    transmission = post.ask(document)
    assert post.again(document).transmission == State.WAITING
    transmission = post.step(transmission)
    assert (transmission.state, transmission.reference != "") == (Sending.SENT, True)
    assert post.again(document).transmission == State.ACCEPTED
    transmission = post.to_the_end(transmission)
    assert transmission.state == Sending.ACCEPTED
    assert post.again(document).transmission == State.DELIVERED
    with scope(post.owner):
        receipt = Receipt.objects.select_related("file").get(document=document)
    assert receipt.kind == Receipt.Kind.SEALED
    assert [upload.standard for upload in post.anaf.uploads()] == ["UBL"]
    assert verbs(post, document) == [
        "arrived",
        "transmission-asked",
        "transmission-sent",
        "transmission-accepted",
    ]


def test_what_the_authority_would_refuse_is_a_draft_and_does_not_leave(world: World, connect: Connect) -> None:
    post = connect(world)
    document = post.issue("B-2", buyer="")
    assert document.transmission == State.DRAFT
    with pytest.raises(issue.Faulty):
        post.ask(document)
    assert post.anaf.uploads() == []


def test_a_second_click_sends_nothing_more(world: World, connect: Connect) -> None:
    post = connect(world)
    document = post.issue()
    post.ask(document)
    with pytest.raises(sending.SentAlready):
        post.ask(document)


@pytest.mark.parametrize("fault", ["lost_upload", "dropped", "server_error", "html_page", "technical", "too_many"])
def test_whatever_becomes_of_the_call_one_invoice_is_there_in_the_end(
    world: World, connect: Connect, fault: str
) -> None:
    post = connect(world)
    document = post.issue()
    post.anaf.break_next("upload", fault)
    transmission = post.to_the_end(post.ask(document))
    assert transmission.state == Sending.ACCEPTED
    assert len(post.anaf.uploads()) == 1
    assert post.again(document).transmission == State.DELIVERED


def kill_after_begin(post: issue.Post) -> None:
    issue.begin(post)


def kill_after_call(post: issue.Post) -> None:
    parcel = post.parcel()
    issue.begin(post)
    issue.call(post, parcel)


def kill_after_a_lost_answer(post: issue.Post) -> None:
    parcel = post.parcel()
    issue.begin(post)
    with pytest.raises(ChannelError):
        issue.call(post, parcel)


@pytest.mark.parametrize("killed", [kill_after_begin, kill_after_call])
@pytest.mark.parametrize("slow", [0.0, 60 * 60.0])
def test_a_worker_killed_on_the_way_sends_nothing_twice(
    world: World, connect: Connect, killed: Callable[[issue.Post], None], slow: float
) -> None:
    post = connect(world, delay=slow)
    document = post.issue()
    transmission = post.ask(document)
    killed(issue.Post(post.firm, Transmission, transmission.pk, post.now))
    transmission = post.to_the_end(transmission)
    assert transmission.state == Sending.ACCEPTED
    assert len(post.anaf.uploads()) == 1


def test_a_worker_killed_after_a_lost_answer_sends_nothing_twice(world: World, connect: Connect) -> None:
    post = connect(world)
    transmission = post.ask(post.issue())
    post.anaf.break_next("upload", "lost_upload")
    kill_after_a_lost_answer(issue.Post(post.firm, Transmission, transmission.pk, post.now))
    transmission = post.to_the_end(transmission)
    assert (transmission.state, len(post.anaf.uploads())) == (Sending.ACCEPTED, 1)


def test_an_answer_lost_on_a_bad_day_still_makes_one_invoice(world: World, connect: Connect) -> None:
    """Nothing shows for a day, so it is sent again; the authority refuses the same bytes, and names the first."""
    post = connect(world, delay=32 * 3600.0)
    document = post.issue()
    post.anaf.break_next("upload", "lost_upload")
    transmission = post.to_the_end(post.ask(document))
    assert (transmission.state, post.again(document).transmission) == (Sending.ACCEPTED, State.DELIVERED)
    assert [upload.state for upload in post.anaf.uploads()].count("ok") == 1
    assert transmission.reference == post.anaf.uploads()[0].reference


def test_a_worker_killed_while_it_concludes_goes_on_from_there(world: World, connect: Connect) -> None:
    post = connect(world)
    document = post.issue()
    transmission = post.step(post.ask(document))
    post.pass_until(transmission.next_check)
    at_work = issue.Post(post.firm, Transmission, transmission.pk, post.now)
    said = issue._through(at_work, lambda channel: channel.state(transmission.reference))
    issue.conclude(at_work, said, None)  # the file is not fetched yet
    assert post.again(document).transmission == State.DELIVERED
    post.to_the_end(transmission)
    with scope(post.owner):
        assert Receipt.objects.filter(document=document).count() == 1


def test_two_workers_at_the_same_attempt_make_one_call(world: World, connect: Connect) -> None:
    post = connect(world)
    transmission = post.ask(post.issue())
    one, two = (issue.Post(post.firm, Transmission, transmission.pk, post.now) for _n in range(2))
    assert [issue.begin(one), issue.begin(two)] == [True, False]


def test_a_worker_that_slept_since_it_began_sends_no_more(
    world: World, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = connect(world)
    transmission = post.ask(post.issue())
    slow = issue.Post(post.firm, Transmission, transmission.pk, post.now)
    assert issue.begin(slow)
    monkeypatch.setattr(issue, "monotonic", lambda: slow.begun + 61)
    with pytest.raises(ChannelError):
        issue.call(slow, slow.parcel())
    assert post.anaf.uploads() == []


def test_what_was_refused_is_corrected_and_sent_again_as_the_second_attempt(world: World, connect: Connect) -> None:
    post = connect(world, judge=lambda data: ["E: validari globale\n [BR-RO-110]-un text"] if b"Bad" in data else [])
    document = post.issue("B-7", text="Bad")
    first = post.to_the_end(post.ask(document))
    document = post.again(document)
    assert (first.state, document.transmission) == (Sending.FAILED, State.FAILED)
    assert [each["rule"] for each in first.complaints] == ["BR-RO-110"]
    tomorrow = (post.now + timedelta(days=1)).date().isoformat()
    corrected = post.issue("B-7", text="Good", day=tomorrow)  # even its date
    assert corrected.pk == document.pk
    assert (corrected.transmission, corrected.issue_date.isoformat()) == (State.CHECKED, tomorrow)
    second = post.to_the_end(post.ask(corrected))
    assert (second.attempt, second.state) == (2, Sending.ACCEPTED)
    assert post.again(document).transmission == State.DELIVERED
    with scope(post.owner):
        kept = list(Transmission.objects.filter(document=document).order_by("attempt").select_related("file"))
    assert len({each.file.sha256 for each in kept}) == 2
    assert verbs(post, document) == [
        *("arrived", "transmission-asked", "transmission-sent", "transmission-failed", "corrected"),
        *("transmission-asked", "transmission-sent", "transmission-accepted"),
    ]


def test_another_file_of_what_was_sent_replaces_nothing(world: World, connect: Connect) -> None:
    post = connect(world)
    document = post.issue("B-8")
    post.ask(document)
    post.issue("B-8", text="Altceva")
    assert post.again(document).data_sha256 == document.data_sha256
    assert "corrected" not in verbs(post, document)


def test_the_delay_ends_on_the_last_morning_that_the_law_leaves(world: World, connect: Connect) -> None:
    post = connect(world)
    document = post.issue()
    box = Box(delay_hours=4, company=world.companies["brutaria"])
    assert issue.due(box, document, post.now) == post.now + timedelta(hours=4)
    box.delay_hours = LAST_DAY
    last = issue.due(box, document, post.now)
    assert last is not None
    assert last.date() == document.hand_in_by
    box.delay_hours = 24 * 30
    assert issue.due(box, document, post.now) == last
    assert issue.due(box, document, last + timedelta(days=1)) is None  # late already: at once
    box.delay_hours = None
    assert issue.due(box, document, post.now) is None


def test_what_waits_can_be_called_back_and_what_left_cannot(world: World, connect: Connect) -> None:
    post = connect(world)
    with scope(post.owner) as who:
        sending.set_up(who, post.box, delay_hours=4, firm_sends=False)
    document = post.issue()
    transmission = post.ask(document)
    assert transmission.state == Sending.WAITING
    issue.step(post.firm, transmission.pk, at=post.now + timedelta(hours=3))
    assert post.anaf.uploads() == []
    with scope(post.owner) as who:
        issue.cancel(who, post.look(transmission))
    assert post.again(document).transmission == State.CHECKED
    again = post.ask(document, now=True)
    assert again.attempt == 2
    post.step(again)
    with scope(post.owner) as who, pytest.raises(sending.TooLate):
        issue.cancel(who, post.look(again))


def test_the_firm_sends_only_where_the_company_said_so(world: World, connect: Connect) -> None:
    post = connect(world)
    document = post.issue()
    ioana = world.at_company("ioana", "brutaria")
    with scope(ioana), pytest.raises(sending.NotForTheFirm):
        issue.ask(ioana, world.document(ioana, pk=document.pk))
    with scope(ioana), pytest.raises(Exception, match="role"):
        sending.set_up(ioana, post.box, delay_hours=None, firm_sends=True)
    with scope(post.owner) as who:
        sending.set_up(who, post.box, delay_hours=None, firm_sends=True)
    with scope(ioana):
        issue.ask(ioana, world.document(ioana, pk=document.pk))
        deed = trail.of_document(document.company_id, document.pk)[-1]
    assert (deed.verb, deed.data["firm_name"]) == ("transmission-asked", "Contabil Dunărea")


def test_without_a_connection_what_is_issued_was_sent_elsewhere(world: World, connect: Connect) -> None:
    post = connect(world)
    with scope(post.owner):
        Box.objects.update(connection=None)
    document = post.issue()
    assert document.transmission == State.ELSEWHERE
    with pytest.raises(sending.NoBox):
        post.ask(document)


def test_people_are_warned_once_when_the_last_day_begins(world: World, connect: Connect) -> None:
    post = connect(world)
    document = post.issue()
    last = issue.due(Box(delay_hours=LAST_DAY, company=world.companies["brutaria"]), document, post.now)
    assert last is not None
    assert issue.warn(post.firm, last - timedelta(days=1)) == 0
    assert issue.warn(post.firm, last) == 1
    assert issue.warn(post.firm, last + timedelta(days=3)) == 0
    assert verbs(post, document)[-1] == "transmission-late"

"""What goes wrong with one message, one company or one firm holds up no other, and is never said to be done."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate import jobs as jobs_of_the_queue
from procrastinate.contrib.django import app
from tests.portal import papers
from tests.portal.exchange.authority import CIF, Connected, connected
from tests.portal.flow.test_sync import SELLER, again_at_once, everything_is_here, held, put
from tests.portal.world import World

import fatto
from fatto.channels.channel import Incoming, Kind, LoginNeeded, Temporary
from fatto.countries.ro import spv
from fatto.countries.ro.sandbox import Caps
from fatto.errors import FattoError
from fatto.portal import worker
from fatto.portal.documents import vault
from fatto.portal.documents.models import Document, Quarantined
from fatto.portal.exchange import actions, queries
from fatto.portal.exchange.models import Box, Day, Message, Run
from fatto.portal.exchange.states import Held
from fatto.portal.flow import sync, tasks, watch
from fatto.portal.tenancy import actions as tenancy
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.models import Deed, Firm
from fatto.portal.tenancy.permissions import Role
from fatto.portal.tenancy.scope import scope

pytestmark = pytest.mark.django_db


def never(monkeypatch, numbers: set[str], error: Exception | None = None) -> None:
    """The authority says something unheard of about these messages, each time."""
    real = spv.Spv.fetch

    def fetch(self, message: str) -> bytes:
        if message in numbers:
            raise error or Temporary("unknown", "{official}", official="Ceva nou.", known=False)
        return real(self, message)

    monkeypatch.setattr(spv.Spv, "fetch", fetch)


def oldest(there: Connected, count: int) -> set[str]:
    with there.anaf.world.lock:
        box = there.anaf.world.state.boxes[CIF]
        return {each.id for each in sorted(box.values(), key=lambda each: each.at)[:count]}


def change(there: Connected, **columns: Any) -> None:
    with scope(there.mihai):
        Message.objects.update(**columns)


# Fetching -----------------------------------------------------------------------------------------


def test_old_messages_that_never_come_keep_no_new_one_from_coming(world: World, monkeypatch):
    with connected(world, messages=40) as there:
        never(monkeypatch, oldest(there, 12))
        for _ in range(6):
            there.sync()
        assert held(there)[Held.LISTED] == 12
        assert held(there).total() == 40
        again_at_once(there)
        there.anaf.world.invent(CIF, there.anaf.world.clock() - 120)
        run = there.sync()
        assert (held(there)[Held.LISTED], held(there).total()) == (12, 41)
        assert run.state == Run.State.DONE, "the list was read and everything that can be had is here"
        assert there.again(there.box).error_code == ""
        with scope(there.ioana):
            assert queries.backlogs()[there.box.pk].count == 12, "and it is said what is not"


def test_an_authority_that_is_not_well_is_left_alone(world: World, monkeypatch):
    with connected(world, messages=20) as there:
        never(monkeypatch, oldest(there, 20))
        run = there.sync()
        assert (run.state, run.error_code) == (Run.State.FAILED, "unknown")
        with scope(there.mihai):
            assert Message.objects.filter(tries__gt=0).count() == sync.GIVES_UP


def test_what_is_older_than_anything_kept_and_never_came_is_lost_whatever_the_words(world: World, monkeypatch):
    with connected(world, messages=3) as there:
        there.sync()
        number = next(iter(oldest(there, 1)))
        never(monkeypatch, {number})
        with scope(there.mihai):
            Message.objects.filter(number=number).update(
                state=Held.LISTED, document=None, at=timezone.now() - timedelta(days=62)
            )
        for _ in range(sync.GIVES_UP):
            there.sync()
            again_at_once(there)
            assert held(there)[Held.EXPIRED] == 0, "it is tried several times"
        there.sync()
        with scope(there.mihai):
            row = Message.objects.get(number=number)
            assert (row.state, row.error_official) == (Held.EXPIRED, "Ceva nou.")
            assert Deed.objects.filter(verb="message-lost").count() == 1


def test_a_limit_of_single_messages_holds_up_no_other(world: World):
    with connected(world, messages=30, caps=Caps(minute=None, lists=None, pages=None, downloads=1)) as there:
        there.sync()
        everything_is_here(there)
        with scope(there.mihai):
            some = list(Message.objects.order_by("at").values_list("pk", flat=True)[:5])
            Message.objects.filter(pk__in=some).update(state=Held.LISTED, document=None, file=None)
        there.anaf.world.invent(CIF, there.anaf.world.clock() - 120)
        run = there.sync()
        assert (run.state, run.fetched) == (Run.State.DONE, 1)
        assert there.again(there.box).blocked_until is None
        with scope(there.mihai):
            rows = Message.objects.filter(pk__in=some)
            assert {row.error_code for row in rows} <= {"limit-message", "limit-reached"}
            assert all(row.state == Held.LISTED and row.next_try for row in rows)


def test_what_came_damaged_is_kept_and_not_counted(world: World):
    with connected(world, messages=1) as there:
        there.anaf.break_next("descarcare", "truncated", 2)
        there.sync()
        with scope(there.mihai):
            row = Message.objects.select_related("file").get()
            assert row.state == Held.LISTED
            assert vault.get(there.ioana.firm.pk, row.file.sha256).startswith(b"PK")
            assert [day.held for day in Day.objects.filter(listed=1)] == [0]
        again_at_once(there)
        there.sync()
        everything_is_here(there)


def test_the_file_of_another_message_is_fetched_again_and_never_counted_as_held(world: World, monkeypatch):
    with connected(world) as there:
        put(there, papers.ubl("BD 1"), SELLER, CIF)
        put(there, papers.ubl("BD 2"), SELLER, CIF)
        real = spv.Spv.fetch
        first, second = sorted(oldest(there, 2))
        with monkeypatch.context() as patch:
            patch.setattr(spv.Spv, "fetch", lambda self, message: real(self, second))
            there.sync()
            with scope(there.mihai):
                wrong = Message.objects.get(number=first)
                assert (wrong.state, wrong.error_code) == (Held.LISTED, "another-message")
                assert Document.objects.get().number == "BD 2"
            for _ in range(4):
                again_at_once(there)
                there.sync()
            with scope(there.mihai):
                wrong = Message.objects.get(number=first)
                assert (wrong.state, wrong.error_code, wrong.document) == (Held.PARKED, "another-message", None)
                assert sum(day.listed for day in Day.objects.all()) == 2
                assert sum(day.held for day in Day.objects.all()) == 1, "it is not here"
        with scope(there.mihai):
            sync.open_again(there.mihai, wrong)
        there.sync()
        everything_is_here(there)


@pytest.mark.parametrize("damage", ["gone", "damaged"])
def test_bytes_that_are_no_longer_in_the_vault_are_fetched_again(world: World, monkeypatch, damage: str):
    with connected(world, messages=5) as there:
        there.sync()
        with scope(there.mihai):
            first = Message.objects.order_by("pk").first()
            Message.objects.filter(pk=first.pk).update(state=Held.STORED, document=None)
            sha256 = Message.objects.select_related("file").get(pk=first.pk).file.sha256
        real = vault.get

        def get(firm: int, wanted: str) -> bytes:
            if wanted == sha256:
                raise FileNotFoundError if damage == "gone" else vault.Damaged(wanted)
            return real(firm, wanted)

        with monkeypatch.context() as patch:
            patch.setattr(vault, "get", get)
            there.anaf.world.invent(CIF, there.anaf.world.clock() - 120)
            run = there.sync()
        assert (run.state, run.fetched) == (Run.State.DONE, 2)
        everything_is_here(there)


# Opening ------------------------------------------------------------------------------------------


def test_a_message_that_kills_its_worker_is_parked_and_the_others_are_opened(world: World, monkeypatch):
    from tests.portal.flow.test_sync import Killed

    with connected(world, messages=6) as there:
        bad = next(iter(oldest(there, 1)))
        real = sync._read

        def read(work, row, data):
            if row.number == bad:
                raise Killed
            return real(work, row, data)

        monkeypatch.setattr(sync, "_read", read)
        actor = sync.alone(there.ioana.firm, there.box.company)
        with scope(actor):
            run, _made = sync._wanted(there.box, actor)
        deaths = 0
        for _ in range(8):
            try:
                while not sync.work(there.ioana.firm, run.pk):
                    pass
                break
            except Killed:
                deaths += 1
        assert deaths == 1 + sync.OPENINGS
        with scope(there.mihai):
            assert (Message.objects.get(number=bad).state, held(there)[Held.OPENED]) == (Held.PARKED, 5)


@pytest.mark.parametrize("error", [OSError("no space"), OperationalError("lock timeout")])
def test_what_is_not_the_messages_fault_leaves_it_for_the_next_run(world: World, monkeypatch, error: Exception):
    with connected(world, messages=3) as there:
        with monkeypatch.context() as patch:
            patch.setattr(sync.arrive, "file_chunk", raising(error))
            assert there.sync().state == Run.State.DONE
            assert held(there) == {Held.STORED: 3}
            for _ in range(sync.OPENINGS + 1):
                again_at_once(there)
                there.sync()
            assert held(there) == {Held.STORED: 3}, "an outage may last"
        again_at_once(there)
        there.sync()
        everything_is_here(there)


def test_what_always_fails_by_the_disk_is_parked_in_the_end(world: World, monkeypatch):
    with connected(world, messages=1) as there:
        monkeypatch.setattr(sync.arrive, "file_chunk", raising(OSError("this one")))
        for _ in range(sync.WAITS + 2):
            there.sync()
            again_at_once(there)
        assert held(there) == {Held.PARKED: 1}


def raising(error: Exception):
    def fail(*_arguments, **_named):
        raise error

    return fail


def test_what_an_error_of_ours_parked_is_opened_by_the_next_release_once_and_by_hand(world: World, monkeypatch):
    with connected(world, messages=2) as there:
        with monkeypatch.context() as patch:
            patch.setattr(sync.arrive, "file_chunk", raising(RuntimeError("a bug")))
            there.sync()
            there.sync()
            assert held(there) == {Held.PARKED: 2}
            patch.setattr(fatto, "__version__", "9.9")
            there.sync()
            assert held(there) == {Held.PARKED: 2}
        there.sync()
        assert held(there) == {Held.OPENED: 2}, "another release again"


def test_somebody_has_a_parked_message_opened_again(world: World, monkeypatch):
    with connected(world, messages=1) as there:
        with monkeypatch.context() as patch:
            patch.setattr(sync.arrive, "file_chunk", raising(RuntimeError("a bug")))
            there.sync()
        client = Client()
        client.force_login(world.people["mihai"])
        here = reverse("company-messages", kwargs={"company": there.box.company.slug})
        with scope(there.mihai):
            row = Message.objects.get()
        url = reverse("company-message-again", kwargs={"company": there.box.company.slug, "message": row.pk})
        assert url in client.get(here).content.decode()
        assert client.get(url).status_code == 405
        assert client.post(url).status_code == 303
        with scope(there.mihai):
            assert Message.objects.get().state == Held.STORED
            assert Deed.objects.filter(verb="message-opened-again").count() == 1
        tasks.open_messages(there.ioana.firm.pk, there.box.pk)
        everything_is_here(there)
        assert url not in client.get(here).content.decode()
        assert client.post(url).status_code == 409, "it waits no more"


def test_opening_again_what_waits_in_quarantine_makes_no_second_one(world: World):
    with connected(world) as there:
        put(there, papers.ubl("X 1", buyer="Alta Companie SRL", buyer_id="RO14399840"), SELLER, CIF)
        there.sync()
        with scope(there.mihai):
            row = Message.objects.get()
            sync.open_again(there.mihai, row)
        sync.open_waiting(there.ioana.firm, there.box.pk)
        assert there.again(row).error_code == "other-company"
        with scope(there.mihai):
            assert Quarantined.objects.count() == 1


def test_the_proof_says_what_is_kept_and_not_filed(world: World, monkeypatch):
    with connected(world, messages=40) as there:
        with monkeypatch.context() as patch:
            patch.setattr(sync.arrive, "file_chunk", raising(RuntimeError("a bug")))
            there.sync()
        first = timezone.localdate().replace(day=1) - timedelta(days=1)
        with scope(there.mihai):
            month = queries.months(queries.boxes(), first.replace(day=1))[0]
            parked = sum(1 for each in Message.objects.filter(state=Held.PARKED) if _month(each.at) == _month_of(first))
        assert month.parked == parked > 0
        client = Client()
        client.force_login(world.people["mihai"])
        url = reverse("company-completeness", kwargs={"company": there.box.company.slug})
        assert "kept and not filed" in client.get(f"{url}?month={first:%Y-%m}").content.decode()


def _month(at) -> tuple[int, int]:
    from zoneinfo import ZoneInfo

    return _month_of(at.astimezone(ZoneInfo("Europe/Bucharest")))


def _month_of(day) -> tuple[int, int]:
    return day.year, day.month


def test_a_certificate_that_cannot_be_read_says_nothing_about_messages(world: World, monkeypatch):
    with connected(world, messages=10) as there:
        with monkeypatch.context() as patch:
            patch.setattr(sync.services, "anchors", lambda: (b"-----BEGIN nothing",))
            run = there.sync()
        assert (run.state, run.errors) == (Run.State.DONE, 0)
        everything_is_here(there)
        with scope(there.mihai):
            assert set(Message.objects.values_list("seal", flat=True)) == {""}
            some = queries.messages()[0]
        from fatto.portal.web import exchanging

        assert "not checked" in str(exchanging.message(some).seal.text)
        there.sync()
        with scope(there.mihai):
            assert set(Message.objects.values_list("seal", flat=True)) == {"valid"}


def test_an_error_of_the_library_while_filing_is_the_messages_own(world: World, monkeypatch):
    with connected(world, messages=2) as there:
        bad = next(iter(oldest(there, 1)))
        real = sync._attach

        def attach(mail, read, filed):
            if read.row.number == bad:
                raise FattoError("strange", "Strange.")
            return real(mail, read, filed)

        monkeypatch.setattr(sync, "_attach", attach)
        assert there.sync().state == Run.State.DONE
        assert held(there) == {Held.OPENED: 1, Held.PARKED: 1}


@pytest.mark.parametrize("asleep", ["before it stored", "before it filed"])
def test_a_worker_that_was_thought_dead_opens_nothing_twice(world: World, monkeypatch, asleep: str):
    """It sleeps after the files came; another does the run to its end; then it wakes up."""
    from fatto.countries.ro.sandbox.world import Content

    with connected(world) as there:
        anaf = there.anaf.world
        now = anaf.clock()
        put(there, papers.ubl("BD 9"), SELLER, CIF)
        with anaf.lock:
            reference = next(iter(anaf.state.boxes[CIF].values())).reference
        there.sync()
        errors = Content(kind="errors", seller=(CIF, ""), texts=["BR-RO-110"], about=reference)
        anaf.put(CIF, "ERORI FACTURA", reference, "Erori", errors, now - 400)
        name = "_files" if asleep == "before it stored" else "_read"
        real = getattr(sync, name)
        slept = []

        def sleep(work, *rest):
            if not slept:
                slept.append(True)
                other = sync._begin(there.ioana.firm, work.run.pk, 60.0)
                assert sync._open_stored(other)
                assert sync._fetch(other)
            return real(work, *rest)

        monkeypatch.setattr(sync, name, sleep)
        there.sync()
        assert slept
        with scope(there.mihai):
            assert Deed.objects.filter(verb="authority-refused").count() == 1
            assert held(there) == {Held.OPENED: 2}


# Whose turn it is ---------------------------------------------------------------------------------


def jobs(task: str = "fatto.sync_box") -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select (args ->> 'run')::bigint, priority from procrastinate_jobs where task_name = %s and status = 'todo'"
            " order by id",
            [task],
        )
        return cursor.fetchall()


def test_only_the_beginning_of_a_run_that_somebody_waits_for_comes_first(world: World):
    with connected(world, messages=60) as there:
        with scope(there.mihai):
            run = sync.ask(there.mihai, there.box)
        assert jobs() == [(run.pk, sync.NOW)]
        assert not sync.work(there.ioana.firm, run.pk, seconds=0.0)
        assert jobs()[-1] == (run.pk, sync.LATER)


def test_one_that_was_queued_among_many_comes_first_once_somebody_waits_for_it(world: World):
    with connected(world) as there:
        with scope(there.ioana):
            run = sync.ask(there.ioana, there.box, among=True)
        assert jobs() == [(run.pk, sync.LATER)]
        with scope(there.mihai):
            assert sync.ask(there.mihai, there.box) == run
        assert jobs() == [(run.pk, sync.NOW)]


def test_looking_into_all_boxes_makes_nobody_wait(world: World):
    with connected(world) as there:
        client = Client()
        client.force_login(world.people["ioana"])
        client.post(reverse("firm-connections", kwargs={"firm": there.ioana.firm.slug}))
        assert [priority for _run, priority in jobs()] == [sync.LATER]


@app.task(name="tests.slow", queue=sync.QUEUE)
def slow() -> None:
    raise AssertionError("nothing runs it here")


@app.task(name="tests.quick", queue="arrive")
def quick() -> None:
    raise AssertionError("nothing runs it here")


@pytest.mark.django_db(transaction=True)
def test_a_delivery_is_taken_next_after_fifty_boxes_that_somebody_waits_for():
    for _ in range(50):
        slow.configure(priority=sync.NOW).defer()
    delivery = quick.defer()

    async def take() -> None:
        async with worker._app().open_async() as working:
            shared = worker.Shared(working.connector, slow=sync.QUEUE, most=1, queues=worker._queues(working))
            woken = []

            async def wake(**_named):
                woken.append(True)

            shared._wake = wake
            number = await shared.register_worker()
            first = await shared.fetch_job(None, number)
            second = await shared.fetch_job(None, number)
            assert (first.queue, second.id) == (sync.QUEUE, delivery)
            assert await shared.fetch_job(None, number) is None, "one place stays free for others"
            await shared.finish_job(first, status=jobs_of_the_queue.Status.SUCCEEDED, delete_job=False)
            assert woken
            third = await shared.fetch_job(None, number)
            assert third.queue == sync.QUEUE
            await shared.retry_job(third)
            await shared.unregister_worker(number)

    asyncio.run(take())


def test_the_worker_knows_every_queue_that_something_is_put_on():
    from fatto.portal.worker import _app, _queues

    assert {"sync", "send", "arrive", "mail", "house", "pages"} <= _queues(_app())


# Time and the schedule ----------------------------------------------------------------------------


def test_a_login_that_is_refused_leaves_no_box_behind(world: World, monkeypatch):
    """Refused with a pair that was renewed meanwhile: the connection still works, so the box goes on by itself."""
    with connected(world, messages=1) as there:
        with monkeypatch.context() as patch:
            patch.setattr(spv.Spv, "messages", raising(LoginNeeded("login", "No.")))
            patch.setattr(sync.keys, "refused", lambda *_arguments: LoginNeeded("login", "No."))
            there.sync()
        box = there.again(there.box)
        assert there.again(there.connection).state == "active"
        assert box.next_run is not None
        assert sync.due(there.ioana.firm, timezone.now() + timedelta(hours=5)) == 1


def test_a_box_without_a_time_is_looked_into(world: World):
    with connected(world) as there:
        with scope(there.ioana):
            Box.objects.update(next_run=None)
        assert sync.due(there.ioana.firm) == 1


def test_what_a_wrong_clock_wrote_does_not_stop_a_box(world: World):
    with connected(world, messages=2) as there:
        there.sync()
        firm, far = there.ioana.firm, timezone.now() + timedelta(days=300)
        with scope(there.ioana):
            Box.objects.update(next_run=far, listed_until=far, whole_at=far, alarmed_at=far, last_success=None)
            Box.objects.update(created_at=timezone.now() - timedelta(days=9))
            type(there.connection).objects.update(authorised_at=timezone.now() - timedelta(days=9))
        change(there, next_try=far)
        with scope(there.mihai):
            Message.objects.filter(number__in=oldest(there, 1)).update(state=Held.LISTED, document=None, file=None)
        watch.look(firm)
        with scope(there.ioana):
            assert Deed.objects.filter(verb="sync-failing").count() == 1
        assert sync.due(firm) == 1
        run = there.sync()
        assert (run.state, run.listed) == (Run.State.DONE, 2), "the authority was asked for everything"
        everything_is_here(there)
        assert there.again(there.box).listed_until <= timezone.now()


def test_a_limit_until_midnight_is_kept(world: World):
    with connected(world) as there:
        soon = timezone.now() + timedelta(hours=20)
        with scope(there.ioana):
            Box.objects.update(next_run=soon, blocked_until=soon)
        assert sync.due(there.ioana.firm) == 0


def test_a_list_of_no_time_at_all_proves_nothing(world: World):
    with connected(world):
        now = timezone.now()
        channel = sync.services.service("ro-spv").channel("x")
        assert not channel.messages(CIF, now + timedelta(days=1), now).complete


def test_a_pause_ends_a_run_that_is_at_work(world: World):
    with connected(world, messages=60) as there:
        actor = sync.alone(there.ioana.firm, there.box.company)
        with scope(actor):
            run, _made = sync._wanted(there.box, actor)
        assert not sync.work(there.ioana.firm, run.pk, seconds=0.0)
        with scope(there.ioana):
            actions.pause(there.ioana, there.box, on=True)
        before = held(there)
        assert sync.work(there.ioana.firm, run.pk)
        assert held(there) == before
        run = there.again(run)
        assert (run.state, run.error_code) == (Run.State.FAILED, "paused")
        box = there.again(there.box)
        assert (box.next_run, box.error_code) == (None, "")
        with scope(there.mihai), pytest.raises(sync.Paused):
            sync.ask(there.mihai, box)
        with scope(there.ioana):
            actions.pause(there.ioana, box, on=False)
        there.sync()
        everything_is_here(there)


def test_one_firm_on_which_we_stumble_keeps_no_other_waiting(world: World, monkeypatch):
    seen: list[str] = []

    def due(firm: Firm) -> int:
        seen.append(firm.slug)
        raise ValueError("a bug")

    monkeypatch.setattr(sync, "due", due)
    monkeypatch.setattr(watch, "look", due)
    tasks.plan_syncs(0)
    tasks.watch_connections(0)
    assert sorted(seen) == sorted([each.slug for each in Firm.objects.all()] * 2)
    assert len(set(seen)) == 2


def test_a_run_that_ends_while_another_is_asked_for_makes_room_for_it(world: World, monkeypatch):
    with connected(world) as there, scope(there.mihai):
        real = Run.objects.create
        calls = []

        def create(**columns):
            calls.append(columns)
            if len(calls) == 1:
                raise IntegrityError("another made one, which is over by now")
            return real(**columns)

        monkeypatch.setattr(type(Run.objects), "create", lambda self, **columns: create(**columns))
        run, made = sync._wanted(there.box, there.mihai)
        assert made
        assert run.pk


def test_characters_that_no_database_takes_are_left_out(world: World):
    with connected(world) as there:
        actor = sync.alone(there.ioana.firm, there.box.company)
        strange = Incoming(
            id="77", kind=Kind.RECEIVED, reference="1\0", at=timezone.now(), label="FAC\0TURA", official="a\0b\ud800"
        )
        with scope(actor):
            run, _made = sync._wanted(there.box, actor)
        work = sync._begin(there.ioana.firm, run.pk, 60.0)
        with scope(actor):
            assert sync._note(work, [strange]) == 1
            row = Message.objects.get()
            assert (row.reference, row.label, row.official) == ("1", "FACTURA", "ab?")
        error = Temporary("unknown", "{official}", official="x\0y", subject="\0")
        sync._note_trouble(work, row, error)
        assert there.again(row).error_official == "xy"


def test_who_may_only_read_opens_nothing_again(world: World):
    with connected(world, messages=1) as there:
        there.sync()
        change(there, state=Held.PARKED)
        with scope(actors.system(there.ioana.firm)) as system:
            tenancy.join_company(system, there.box.company, member=world.person("sara"), role=Role.AUDITOR)
        sara = Client()
        sara.force_login(world.people["sara"])
        with scope(there.mihai):
            row = Message.objects.get()
        url = reverse("company-message-again", kwargs={"company": there.box.company.slug, "message": row.pk})
        here = reverse("company-messages", kwargs={"company": there.box.company.slug})
        assert url not in sara.get(here).content.decode()
        assert sara.post(url).status_code == 403
        assert there.again(row).state == Held.PARKED

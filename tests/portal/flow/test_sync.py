"""Looking into a company's box: everything that is listed comes, once, whatever goes wrong on the way."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from tests.portal import papers
from tests.portal.exchange.authority import CIF, Connected, connected
from tests.portal.world import World

from fatto.countries.ro.sandbox import Caps, Faults
from fatto.portal.documents.models import DeliveryItem, Document, Quarantined
from fatto.portal.exchange import actions
from fatto.portal.exchange.models import Box, Connection, Day, Message, Note, Receipt, Run
from fatto.portal.exchange.states import Held
from fatto.portal.flow import sync
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.models import Deed
from fatto.portal.tenancy.scope import scope

pytestmark = pytest.mark.django_db
SELLER = "40211570"


class Killed(BaseException):
    """The worker died here."""


def held(there: Connected) -> Counter[str]:
    with scope(there.mihai):
        return Counter(Message.objects.values_list("state", flat=True))


def put(there: Connected, data: bytes, seller: str, buyer: str) -> None:
    """A document into the boxes of its parties, a while ago: lists end a minute before now."""
    there.anaf.receive(data, seller, buyer, at=timezone.now() - timedelta(minutes=5))


def everything_is_here(there: Connected) -> None:
    """What lies in the box at the authority is here, each message once, and no document twice."""
    with scope(there.mihai):
        numbers = list(Message.objects.filter(file__isnull=False).values_list("number", flat=True))
        assert sorted(numbers) == sorted(there.anaf.ids(CIF))
        days = Day.objects.all()
        assert sum(day.listed for day in days) == sum(day.held for day in days) == len(numbers)
        invoices = Message.objects.filter(kind__in=["received", "issued"])
        assert all(each.document_id for each in invoices)
        assert Document.objects.count() == len({each.document_id for each in invoices})


def test_the_first_look_brings_everything_that_is_kept(world: World):
    with connected(world, messages=40) as there:
        run = there.sync()
        assert (run.state, run.listed, run.fresh, run.fetched) == (Run.State.DONE, 40, 40, 40)
        everything_is_here(there)
        with scope(there.mihai):
            assert set(Document.objects.values_list("channel", flat=True)) == {"ro-spv"}
            assert {row.direction for row in Document.objects.all()} == {"received", "issued"}
            seals = Message.objects.exclude(seal="").values_list("seal", "seal_facts__certificate").distinct()
            assert list(seals) == [("valid", "unknown")]
            assert Receipt.objects.filter(kind="sealed").count() == Document.objects.count()
        box = there.again(there.box)
        assert box.last_success
        assert box.next_run > timezone.now() + timedelta(hours=3)


def test_a_second_look_fetches_only_what_is_new(world: World):
    with connected(world, messages=10) as there:
        there.sync()
        downloads = there.anaf.world.calls["descarcare"]
        run = there.sync()
        assert (run.fresh, run.fetched) == (0, 0)
        assert there.anaf.world.calls["descarcare"] == downloads
        there.anaf.world.invent(CIF, there.anaf.world.clock() - 120)
        assert there.sync().fresh == 1
        everything_is_here(there)


def test_a_copy_that_was_uploaded_is_the_same_document(world: World):
    data = papers.ubl("BD 7")
    with connected(world) as there:
        world.hand_in(there.mihai, "copy.xml", data)
        put(there, data, SELLER, CIF)
        there.sync()
        with scope(there.mihai):
            document = Document.objects.get()
            assert Message.objects.get().document == document
            assert DeliveryItem.objects.filter(outcome="duplicate").count() == 1
            assert document.channel == "upload"


def test_the_same_invoice_with_another_amount_waits_for_a_person(world: World):
    with connected(world) as there:
        put(there, papers.ubl("BD 7"), SELLER, CIF)
        there.sync()
        put(there, papers.ubl("BD 7", net="101.00"), SELLER, CIF)
        run = there.sync()
        assert (run.fresh, run.errors) == (1, 1)
        with scope(there.mihai):
            document = Document.objects.get()
            rows = Message.objects.order_by("pk")
            assert [(row.state, row.document) for row in rows] == [(Held.OPENED, document), (Held.PARKED, document)]


def test_a_self_invoice_comes_in_two_messages_and_is_one_document(world: World):
    data = papers.ubl("AUTO 1", seller="Brutăria Dunării SRL", seller_id="RO12345674")
    with connected(world) as there:
        put(there, data, CIF, CIF)
        run = there.sync()
        assert (run.fresh, run.opened, run.errors) == (2, 2, 0)
        with scope(there.mihai):
            assert {row.kind for row in Message.objects.all()} == {"issued", "received"}
            assert {row.document_id for row in Message.objects.all()} == {Document.objects.get().pk}


def test_errors_and_buyers_messages_stand_on_the_invoice_they_speak_of(world: World):
    """They come in any order, and may come before it."""
    from fatto.countries.ro.sandbox.world import Content

    with connected(world) as there:
        anaf = there.anaf.world
        now = anaf.clock()
        letter = Content(kind="rasp", about="777", texts=["Lipsește avizul."])
        anaf.put(CIF, "MESAJ CUMPARATOR PRIMIT", "888", "Mesaj", letter, now - 600)
        there.sync()
        assert held(there) == {Held.PARKED: 1}
        content = Content(kind="file", file=anaf.keep(issued("BD 9")))
        anaf.deliver(CIF, "", content, now - 500, reference="777")
        there.sync()
        assert held(there) == {Held.OPENED: 2}
        with scope(there.mihai):
            document = Document.objects.get()
            note = Note.objects.get()
            assert (note.document, note.text, note.direction) == (document, "Lipsește avizul.", "received")
            assert Deed.objects.filter(verb="buyer-message-received", document_id=document.pk).count() == 1
        errors = Content(kind="errors", seller=(CIF, ""), texts=["BR-RO-110"], about="777")
        anaf.put(CIF, "ERORI FACTURA", "777", "Erori", errors, now - 400)
        there.sync()
        with scope(there.mihai):
            assert Receipt.objects.filter(document=document).count() == 3
            assert not Message.objects.exclude(document=document).exists()


def issued(number: str) -> bytes:
    return papers.ubl(
        number, seller="Brutăria Dunării SRL", seller_id="RO12345674", buyer="Hotel SRL", buyer_id="RO40211570"
    )


def test_an_invoice_of_other_companies_in_the_box_is_kept_and_shown(world: World):
    data = papers.ubl("X 1", buyer="Alta Companie SRL", buyer_id="RO14399840")
    with connected(world) as there:
        put(there, data, SELLER, CIF)
        run = there.sync()
        assert (run.opened, run.errors) == (0, 1)
        with scope(there.mihai):
            row = Message.objects.get()
            assert (row.state, row.file is not None, row.error_code) == (Held.PARKED, True, "other-company")
            assert Quarantined.objects.filter(company_id=row.company_id).count() == 1


FAULTS = {
    "server errors": Faults(server_error=0.2),
    "firewall pages": Faults(html_page=0.2),
    "connections that break": Faults(dropped=0.15),
    "truncated files": Faults(truncated=0.3),
    "duplicated and reordered lists": Faults(duplicated=0.5, reordered=0.5),
    "tokens that end in the middle": Faults(expired_token=0.05),
    "everything": Faults(
        server_error=0.04, html_page=0.04, truncated=0.05, dropped=0.03, expired_token=0.01, duplicated=0.3,
        reordered=0.5,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_whatever_goes_wrong_all_of_it_comes_in_the_end(world: World, name: str):
    with connected(world, messages=40, faults=FAULTS[name]) as there:
        for _ in range(40):
            there.sync()
            again_at_once(there)
            if held(there)[Held.LISTED] == 0 and there.again(there.box).last_success:
                break
        there.anaf.world.faults = Faults()
        there.sync()
        everything_is_here(there)


def again_at_once(there: Connected) -> None:
    """As if the time until the next try had passed."""
    with scope(there.mihai):
        Message.objects.update(next_try=None)
    with scope(actors.system(there.ioana.firm)):
        Connection.objects.update(renewing_until=None, failing_since=None)


def test_pages_that_move_while_they_are_read_hide_nothing(world: World):
    with connected(
        world, messages=60, caps=Caps(minute=None, lists=None, pages=None, downloads=None, per_page=7)
    ) as there:
        there.anaf.world.faults = Faults(moving=1.0)
        there.sync()
        there.anaf.world.faults = Faults()
        there.sync()
        everything_is_here(there)


def test_a_limit_stops_the_run_and_names_its_hour(world: World):
    with connected(world, messages=3, caps=Caps(minute=None, pages=1)) as there:
        there.sync()
        run = there.sync()
        assert (run.state, run.error_code[:5]) == (Run.State.FAILED, "limit")
        box = there.again(there.box)
        assert box.blocked_until
        assert box.next_run >= box.blocked_until
        assert box.failures == 0
        with scope(there.mihai), pytest.raises(sync.Blocked):
            sync.ask(there.mihai, box)


@pytest.mark.parametrize("at", ["put", "_keep", "_open_together", "file_chunk", "_write", "_done"])
def test_a_worker_killed_anywhere_leaves_a_run_that_goes_on(world: World, monkeypatch, at: str):
    with connected(world, messages=30) as there:
        actor = sync.alone(there.ioana.firm, there.box.company)
        with scope(actor):
            run, _ = sync._wanted(there.box, actor)
        for after in (0, 1, 2):
            with monkeypatch.context() as patch:
                module = {"put": sync.vault, "file_chunk": sync.arrive}.get(at, sync)
                patch.setattr(module, at, dying(getattr(module, at), after))
                with suppress(Killed):
                    sync.work(there.ioana.firm, run.pk)
        assert sync.work(there.ioana.firm, run.pk)
        run = there.again(run)
        assert (run.state, run.fresh) == (Run.State.DONE, 30)
        everything_is_here(there)


def dying(function, after: int):
    """The same, until it dies at a later call."""
    left = [after]

    def once(*arguments, **named):
        if left[0] <= 0:
            raise Killed
        left[0] -= 1
        return function(*arguments, **named)

    return once


def test_a_long_run_gives_the_others_their_turn(world: World):
    with connected(world, messages=60) as there:
        actor = sync.alone(there.ioana.firm, there.box.company)
        with scope(actor):
            run, _ = sync._wanted(there.box, actor)
        assert not sync.work(there.ioana.firm, run.pk, seconds=0.0)
        assert there.again(run).state == Run.State.RUNNING
        with scope(actor):
            assert 0 < Message.objects.filter(state=Held.OPENED).count() < 60
        assert sync.work(there.ioana.firm, run.pk)
        everything_is_here(there)


def test_one_run_at_a_time_is_made_for_a_box(world: World):
    with connected(world) as there, scope(there.mihai):
        first = sync.ask(there.mihai, there.box)
        assert sync.ask(there.mihai, there.box) == first
        assert Run.objects.count() == 1


def test_boxes_whose_time_has_come_are_looked_into(world: World):
    with connected(world) as there:
        firm = there.ioana.firm
        assert sync.due(firm) == 1
        assert sync.due(firm) == 0, "it is at work already"
        there.sync()
        assert sync.due(firm) == 0
        assert sync.due(firm, timezone.now() + timedelta(hours=5)) == 1
        with scope(there.ioana):
            Run.objects.all().delete()
            actions.pause(there.ioana, there.box, on=True)
        assert sync.due(firm, timezone.now() + timedelta(hours=5)) == 0


def test_lost_rights_are_noted_told_once_and_tried_again_next_day(world: World):
    with connected(world, messages=2) as there:
        there.sync()
        there.anaf.world.person("Ana Exemplu", ["99999999"])
        there.sync()
        there.sync()
        box = there.again(there.box)
        assert box.rights_lost_at
        assert "drept" in box.error_official
        assert box.next_run > timezone.now() + timedelta(hours=20)
        with scope(there.ioana):
            assert Deed.objects.filter(verb="connection-lost", data__rights=True).count() == 1
        there.anaf.world.person("Ana Exemplu", [CIF])
        there.sync()
        assert there.again(there.box).rights_lost_at is None


def test_a_permission_that_ended_stops_the_box_until_somebody_logs_in(world: World):
    with connected(world, messages=2) as there:
        there.anaf.world.state.access.clear()
        there.anaf.world.state.refresh.clear()
        run = there.sync()
        assert run.state == Run.State.FAILED
        assert there.again(there.connection).state == "login-needed"
        assert sync.due(there.ioana.firm, timezone.now() + timedelta(days=1)) == 0
        with scope(there.mihai), pytest.raises(sync.NotConnected):
            sync.ask(there.mihai, there.box)
        with scope(there.ioana):
            actions.connect(
                there.ioana, channel="ro-spv", tokens=there.anaf.tokens(), connection=there.again(there.connection)
            )
        there.sync()
        everything_is_here(there)


def test_what_the_authority_keeps_no_longer_is_said_to_be_lost(world: World):
    with connected(world, messages=5) as there:
        actor = sync.alone(there.ioana.firm, there.box.company)
        there.sync()
        with scope(actor):
            Message.objects.filter(pk__in=Message.objects.order_by("pk")[:1].values("pk")).update(
                state=Held.LISTED, document=None
            )
            number = Message.objects.get(state=Held.LISTED).number
        with there.anaf.world.lock:
            there.anaf.world.state.boxes[CIF][number].at -= 61 * 86_400
        there.sync()
        with scope(there.mihai):
            assert Message.objects.get(number=number).state == Held.EXPIRED
            assert Deed.objects.filter(verb="message-lost").count() == 1


def test_a_run_never_touches_what_is_another_companys(world: World):
    """Not even when a row says so: the scope holds the box's company alone."""
    with connected(world, messages=2) as there:
        actor = sync.alone(there.ioana.firm, there.box.company)
        assert actor.companies == (there.box.company_id,)
        with scope(actor):
            assert {each.company_id for each in Box.objects.all()} == {there.box.company_id}
            assert {each.pk for each in Connection.objects.all()} == {there.connection.pk}
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                Message.objects.create(
                    firm_id=there.box.firm_id,
                    company=world.companies["rossi"],
                    box=there.box,
                    number="1",
                    kind="received",
                    at=timezone.now(),
                )


def test_a_connection_of_another_firm_opens_nothing(world: World):
    with connected(world, messages=2) as there:
        anna = world.at_firm("anna", "bianchi")
        with scope(anna):
            foreign = actions.connect(anna, channel="ro-spv", tokens=there.anaf.tokens())
        with scope(actors.system(there.ioana.firm)):
            Box.objects.update(connection_id=foreign.pk)
        run = there.sync()
        assert (run.state, run.fresh) == (Run.State.FAILED, 0)


def test_runs_that_nothing_works_on_are_ended(world: World):
    with connected(world) as there:
        actor = sync.alone(there.ioana.firm, there.box.company)
        with scope(actor):
            run = Run.objects.create(firm=there.ioana.firm, company=there.box.company, box=there.box)
        assert sync.lost(there.ioana.firm) == [run.pk]
        sync.stumbled(there.ioana.firm, run.pk)
        assert there.again(run).state == Run.State.FAILED
        assert sync.lost(there.ioana.firm) == []

"""Several at once, each on a connection of its own: nothing twice, nothing lost, every number right."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections
from django.db.models import Sum
from tests.portal import papers
from tests.portal.world import World, build

from fatto.portal.archive.models import Record
from fatto.portal.documents import actions, queries
from fatto.portal.documents.models import DeliveryItem, Document, Tally
from fatto.portal.documents.states import Approval, Booking
from fatto.portal.flow import arrive, decide, keep
from fatto.portal.tenancy.action import Refusal
from fatto.portal.tenancy.models import Deed
from fatto.portal.tenancy.scope import scope


@pytest.fixture
def world(transactional_db: None) -> World:
    return build()


def at_once(*deeds: Callable[[], object]) -> None:
    def do(deed: Callable[[], object]) -> None:
        try:
            deed()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        for done in [pool.submit(do, deed) for deed in deeds]:
            done.result()


def test_the_same_documents_in_two_archives_are_filed_once(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(arrive, "CHUNK", 10)
    anna = world.at_firm("anna", "bianchi")
    data = {f"{n}.xml": papers.fatturapa(f"FT {n}") for n in range(30)}
    there = arrive.receive(anna, "a.zip", [papers.zipped(data)], uuid4())
    back = arrive.receive(anna, "b.zip", [papers.zipped(dict(reversed(data.items())))], uuid4())

    def compact() -> None:
        for _ in range(10):
            with scope(world.at_firm("anna", "bianchi")) as who:
                actions.compact(who)

    at_once(
        lambda: arrive.process(anna.firm, there.pk),
        lambda: arrive.process(anna.firm, back.pk),
        compact,
    )
    with scope(anna):
        assert Document.objects.count() == 30
        assert Tally.objects.aggregate(n=Sum("n"))["n"] == 30
        assert Deed.objects.filter(verb="arrived").count() == 30
        assert DeliveryItem.objects.count() == 60
        assert DeliveryItem.objects.filter(outcome="accepted").count() == 30


def test_a_document_is_never_both_disputed_and_booked(world: World):
    anna, maria = world.at_firm("anna", "bianchi"), world.at_company("maria", "rossi")
    data = {f"{n}.xml": papers.fatturapa(f"FT {n}") for n in range(12)}
    world.hand_in(anna, "a.zip", papers.zipped(data))
    with scope(anna):
        pks = list(Document.objects.values_list("pk", flat=True))

    def each(deed: Callable[[Document], object], who, order: list[int]) -> None:
        for pk in order:
            try:
                with scope(who):
                    deed(queries.get(pk))
            except Refusal:
                pass

    def book(document: Document) -> object:
        return keep.book(anna, [document])

    at_once(
        lambda: each(lambda document: decide.dispute(maria, document, reason="not_ours"), maria, pks),
        lambda: each(book, anna, pks),
        lambda: each(book, anna, list(reversed(pks))),
    )
    with scope(maria):
        assert not Document.objects.filter(approval=Approval.DISPUTED, booking=Booking.BOOKED).exists()
        booked = set(Document.objects.filter(booking=Booking.BOOKED).values_list("pk", flat=True))
        disputed = set(Document.objects.filter(approval=Approval.DISPUTED).values_list("pk", flat=True))
        assert booked | disputed == set(pks)
        assert set(Record.objects.values_list("document", flat=True)) == booked
        assert Deed.objects.filter(verb="booked").count() == len(booked)
        assert Deed.objects.filter(verb="disputed").count() == len(disputed)
        assert queries.counts().disputed == len(disputed)


def test_a_worker_that_was_thought_dead_spoils_nothing(world: World, monkeypatch: pytest.MonkeyPatch):
    """Its job was given to another; both are at the same delivery until one of them loses."""
    monkeypatch.setattr(arrive, "CHUNK", 5)
    anna = world.at_firm("anna", "bianchi")
    data = {f"{n}.xml": papers.fatturapa(f"FT {n}") for n in range(30)}
    delivery = arrive.receive(anna, "a.zip", [papers.zipped(data)], uuid4())
    lost = []

    def work() -> None:
        try:
            arrive.process(anna.firm, delivery.pk)
        except IntegrityError as error:
            lost.append(error)

    at_once(work, work)
    assert len(lost) < 2
    arrive.process(anna.firm, delivery.pk)
    with scope(anna):
        delivery.refresh_from_db()
        assert (delivery.state, delivery.seen, delivery.accepted) == ("done", 30, 30)
        assert Document.objects.count() == DeliveryItem.objects.count() == 30

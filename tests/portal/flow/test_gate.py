"""A gate that closes while documents are on their way closes for them as well."""

from __future__ import annotations

from unittest import mock
from uuid import uuid4

from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents import queries, vault
from fatto.portal.documents.models import Document
from fatto.portal.documents.states import Approval
from fatto.portal.flow import arrive, decide, gate
from fatto.portal.tenancy.models import Gate
from fatto.portal.tenancy.scope import scope


def change(world: World, to: str) -> None:
    maria = world.at_company("maria", "rossi")
    assert maria.company is not None
    with scope(maria):
        gate.set_gate(maria, maria.company, gate=to)


def test_what_is_being_read_when_the_gate_closes_is_not_shown_to_the_firm(world: World):
    anna, maria = world.at_firm("anna", "bianchi"), world.at_company("maria", "rossi")
    delivery = arrive.receive(maria, "a.xml", [papers.fatturapa()], uuid4())
    opened = vault.open_stream

    def closing_meanwhile(*args):
        change(world, Gate.HARD)
        return opened(*args)

    with mock.patch.object(vault, "open_stream", closing_meanwhile):
        arrive.process(anna.firm, delivery.pk)
    with scope(anna):
        assert not Document.objects.exists()
    assert world.document(maria).approval == Approval.TO_APPROVE


def test_what_is_being_read_when_the_gate_is_taken_away_waits_for_nobody(world: World):
    anna, maria = world.at_firm("anna", "bianchi"), world.at_company("maria", "rossi")
    delivery = arrive.receive(maria, "a.xml", [papers.fatturapa()], uuid4())
    opened = vault.open_stream

    def opening_meanwhile(*args):
        change(world, Gate.NONE)
        return opened(*args)

    with mock.patch.object(vault, "open_stream", opening_meanwhile):
        arrive.process(anna.firm, delivery.pk)
    assert world.document(anna).approval == Approval.NOT_REQUIRED


def test_a_dispute_written_when_the_gate_closed_hides_the_document(world: World):
    anna, maria = world.at_firm("anna", "bianchi"), world.at_company("maria", "rossi")
    world.hand_in(maria, "a.xml", papers.fatturapa())
    document = world.document(maria)  # looked at while the gate was soft
    change(world, Gate.HARD)
    with scope(maria):
        decide.dispute(maria, document, reason="not_ours")
    with scope(anna):
        assert not Document.objects.exists()
        assert queries.counts().disputed == 0


def test_whoever_closes_a_gate_waits_for_those_who_file_behind_it(world: World):
    """Read and held in one statement: a change of the gate comes wholly before or wholly after."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    maria = world.at_company("maria", "rossi")
    with CaptureQueriesContext(connection) as asked:
        world.hand_in(maria, "a.xml", papers.fatturapa())
    statements = [each["sql"] for each in asked]
    held = next(n for n, sql in enumerate(statements) if "tenancy_company" in sql and sql.endswith("for share"))
    filed = next(n for n, sql in enumerate(statements) if sql.startswith('INSERT INTO "documents_document"'))
    assert held < filed

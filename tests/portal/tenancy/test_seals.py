"""The chain over the trail: what is sealed cannot be changed, left out or put in without being found."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.flow import decide, trust
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy import seals, trail
from fatto.portal.tenancy.models import Deed, Seal
from fatto.portal.tenancy.scope import scope


@pytest.fixture
def lived(world: World) -> World:
    """Some things happened at Rossi, and all of it is sealed."""
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "a.xml", papers.fatturapa("1"))
    with scope(maria):
        decide.approve(maria, world.document(maria, number="1"))
    seal(world)
    return world


def seal(world: World, firm: str = "bianchi") -> int:
    with scope(actors.system(world.firms[firm])) as system:
        return seals.seal(system)


def check(world: World, firm: str = "bianchi", noted: list[dict[str, object]] | None = None) -> seals.Check:
    with scope(actors.system(world.firms[firm])) as system:
        return seals.check(system, noted or ())


def tamper(statement: str) -> None:
    """What somebody with the database's password could do: switch the guards off and write."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        for table in ("tenancy_deed", "tenancy_seal"):
            cursor.execute(f"alter table {table} disable trigger user")
            cursor.execute(f"alter table {table} disable row level security")
        cursor.execute(statement)
        assert cursor.rowcount, "nothing was tampered with"
        cursor.execute("set constraints all immediate")
        for table in ("tenancy_deed", "tenancy_seal"):
            cursor.execute(f"alter table {table} enable row level security")
            cursor.execute(f"alter table {table} enable trigger user")


def kinds(found: seals.Check) -> list[str]:
    return [each.kind for each in found.troubles]


def test_every_deed_is_sealed_once_and_the_chain_is_sound(lived: World):
    found = check(lived)
    with scope(actors.system(lived.firms["bianchi"])):
        assert found.deeds == Deed.objects.count() > 5
    assert (found.sound, found.waiting) == (True, 0)
    assert seal(lived) == 0


def test_what_happens_later_is_linked_to_what_was_before(lived: World):
    rossi = lived.companies["rossi"]
    maria = lived.at_company("maria", "rossi")
    with scope(maria):
        decide.undo(maria, lived.document(maria, number="1"))
    assert check(lived).waiting == 1
    assert seal(lived) == 1
    with scope(maria):
        first, second = Seal.objects.filter(company=rossi).order_by("number")
        deed = Deed.objects.get(pk=second.deeds[0])
        told = f"{first.sha256}\n{seals.line(deed)}\n"
    assert hashlib.sha256(told.encode()).hexdigest() == second.sha256
    assert check(lived).sound


def test_a_line_holds_every_column_of_a_deed(lived: World):
    with scope(actors.system(lived.firms["bianchi"])):
        line = json.loads(seals.line(Deed.objects.first()))
    columns = {field.attname.removesuffix("_id") for field in Deed._meta.concrete_fields}
    assert set(line) == columns


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("update tenancy_deed set by_name = 'Somebody' where verb = 'approved'", "changed"),
        ("update tenancy_deed set data = '{\"note\": \"x\"}' where verb = 'approved'", "changed"),
        ("update tenancy_deed set at = at - interval '1 day' where verb = 'approved'", "changed"),
        ("delete from tenancy_deed where verb = 'approved'", "missing"),
        ("delete from tenancy_seal where number = 1 and company_id is not null", "broken"),
        ("update tenancy_seal set sha256 = repeat('a', 64) where company_id is not null", "changed"),
    ],
)
def test_whoever_changes_the_trail_behind_our_back_is_found(lived: World, statement: str, kind: str):
    maria = lived.at_company("maria", "rossi")
    with scope(maria):
        decide.undo(maria, lived.document(maria, number="1"))
    seal(lived)
    tamper(statement)
    assert kind in kinds(check(lived))


def test_a_deed_put_in_afterwards_is_found(lived: World):
    rossi, firm = lived.companies["rossi"], lived.firms["bianchi"]
    maria = lived.at_company("maria", "rossi")
    with scope(maria):
        decide.undo(maria, lived.document(maria, number="1"))
    tamper(
        "insert into tenancy_deed (id, firm_id, company_id, verb, by_name, by_kind, side, data, at) "
        f"values (-7, {firm.pk}, {rossi.pk}, 'approved', 'Maria', 'person', 'company', '{{}}', now())"
    )
    tamper(f"update tenancy_seal set at = '{timezone.now() - timedelta(hours=3)}'")
    found = check(lived)
    assert [(each.kind, each.deeds) for each in found.troubles] == [("unsealed", (-7,))]


def test_a_chain_that_was_cut_and_made_anew_does_not_lead_to_the_anchor(lived: World):
    with scope(actors.system(lived.firms["bianchi"])) as system:
        noted = seals.anchor(system)["heads"]
    assert check(lived, noted=noted).sound
    tamper("update tenancy_deed set by_name = 'Somebody' where verb = 'approved'")
    tamper("delete from tenancy_seal")
    seal(lived)
    assert check(lived).sound
    assert set(kinds(check(lived, noted=noted))) == {"anchor"}
    tamper("delete from tenancy_seal")
    assert set(kinds(check(lived, noted=noted))) == {"anchor"}


def test_a_slow_transactions_deeds_below_sealed_ones_are_sealed_later(lived: World):
    rossi = lived.companies["rossi"]
    with scope(actors.system(lived.firms["bianchi"])) as system:
        slow = trail.deed(system, "routed", company_id=rossi.pk)
        slow.pk = Deed.objects.order_by("-pk").first().pk + 1
        quick = trail.deed(system, "booked", company_id=rossi.pk)
        quick.pk = slow.pk + 1
        quick.save(force_insert=True)
    assert seal(lived) == 1
    with scope(actors.system(lived.firms["bianchi"])):
        slow.save(force_insert=True)
    assert seal(lived) == 1
    assert check(lived).sound


def test_seals_cannot_be_changed_through_the_portal(lived: World):
    with pytest.raises(Error, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update tenancy_seal set number = 9")


def test_firms_have_chains_of_their_own(lived: World):
    assert seal(lived, "dunarea") > 0
    here, there = check(lived), check(lived, "dunarea")
    with scope(actors.system(lived.firms["dunarea"])):
        assert there.deeds == Deed.objects.count()
    assert (here.sound, there.sound) == (True, True)


def test_the_command_tells_what_is_wrong_and_reads_what_it_wrote(lived: World, tmp_path):
    path = tmp_path / "anchor.json"
    path.write_text(trust.anchors())
    noted = trust.read_anchors(path)
    assert all(found.sound for _, found in trust.check_all(noted))
    tamper("delete from tenancy_deed where verb = 'approved'")
    words = [trust.in_words(each) for _, found in trust.check_all(noted) for each in found.troubles]
    assert len(words) == 1
    assert "missing" in words[0]


@pytest.mark.parametrize("data", [b"", b"[]x", b'{"firm": 1}', b'[{"firm": "a", "heads": [{"company": "x"}]}]'])
def test_a_file_that_is_no_anchor_is_refused_in_a_sentence(data: bytes):
    with pytest.raises(trust.NoAnchor, match="not one of hashes"):
        trust.parse_anchors(data)

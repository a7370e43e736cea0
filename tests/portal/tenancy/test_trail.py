"""Every deed leaves a row that says who, what and to whom."""

from __future__ import annotations

from tests.portal import papers
from tests.portal.world import World

from fatto.portal.documents.models import Document, Quarantined
from fatto.portal.flow import arrive
from fatto.portal.tenancy import actor, trail
from fatto.portal.tenancy.models import Deed
from fatto.portal.tenancy.scope import scope


def test_what_was_filed_from_quarantine_says_so_in_its_history(world: World):
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "a.xml", papers.fatturapa(buyer_id="99999999990"))
    with scope(anna):
        stray = Quarantined.objects.select_related("file", "delivery").get()
        arrive.route(anna, stray, world.companies["rossi"])
        document = Document.objects.get()
        deeds = trail.of_document(document.company_id, document.pk)
    assert [(each.verb, each.by_name) for each in deeds] == [("arrived", "Anna"), ("routed", "Anna")]
    assert deeds[1].data["quarantined"] == stray.pk


def test_what_was_discarded_and_who_joined_is_named(world: World):
    anna = world.at_firm("anna", "bianchi")
    world.hand_in(anna, "a.xml", b"<a>")
    with scope(anna):
        stray = Quarantined.objects.get()
        arrive.discard(anna, stray)
        deed = Deed.objects.get(verb="discarded")
        assert (deed.by_name, deed.data) == ("Anna", {"quarantined": stray.pk})
    with scope(actor.system(world.firms["bianchi"])):
        joined = Deed.objects.filter(verb="member-joined").values_list("data__member", flat=True)
        assert world.people["elena"].pk in joined
        assert world.people["paolo"].pk in joined

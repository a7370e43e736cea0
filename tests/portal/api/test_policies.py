"""Programs and approval by two people."""

from __future__ import annotations

from decimal import Decimal

from tests.portal import papers
from tests.portal.flow.test_policies import approve, staffed
from tests.portal.world import World

from fatto.portal.approvals import actions
from fatto.portal.tenancy.scope import scope


def test_the_answer_says_that_a_second_person_is_asked(world: World, program):
    rossi = staffed(world)
    maria = rossi.at_company("maria", "rossi")
    with scope(maria):
        actions.add_policy(maria, rossi.companies["rossi"], second_from=Decimal(10))
    rossi.hand_in(maria, "a.xml", papers.fatturapa())
    document = rossi.document(maria)
    erp = program("maria", company="rossi")
    assert erp.get(f"/documents/{document.pk}").json()["waiting_for"] == "approval"
    answer = erp.post(f"/documents/{document.pk}/approve").json()
    assert (answer["approval"], answer["waiting_for"]) == ("to_approve", "second-approval")
    assert [(each["verdict"], each["step"]) for each in answer["decisions"]] == [("agreed", 1)]
    assert erp.post(f"/documents/{document.pk}/approve").status_code == 409
    assert erp.get("/documents", view="mine").json()["documents"] == []
    assert approve(rossi, "piero", document) == "approved"
    answer = erp.get(f"/documents/{document.pk}").json()
    assert (answer["approval"], answer["waiting_for"]) == ("approved", "")

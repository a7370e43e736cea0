"""The guards over the whole demo world: they speak of what is odd in it, and of nothing else."""

from __future__ import annotations

import pytest

from fatto.portal import demo
from fatto.portal.demo.world import PARTIES

pytestmark = pytest.mark.django_db


def test_only_what_is_odd_in_the_world_raises_alerts_and_no_supplier_that_kept_its_account():
    from fatto.portal.approvals.models import Account, Alert
    from fatto.portal.tenancy import actor
    from fatto.portal.tenancy.models import Firm
    from fatto.portal.tenancy.scope import scope

    demo.load(lambda line: None)
    raised, accounts = [], 0
    for firm in Firm.objects.all():
        with scope(actor.system(firm)):
            for each in Alert.objects.select_related("document"):
                raised.append((each.kind, each.document.party_name, each.document.approval, each.document.alerts))
            accounts += Account.objects.count()
    assert accounts > 40, "there was something to compare"
    ((_, party, approval, _),) = [each for each in raised if each[0] == "iban"]
    assert (party, approval) == (PARTIES["utensili"].full_name, "to_approve")
    ((_, _, approval, _),) = [each for each in raised if each[0] == "duplicate"]
    assert approval == "to_approve"
    odd = {party: approval for kind, party, approval, _ in raised if kind == "amount"}
    assert odd[PARTIES["someselectric"].full_name] == "to_approve"
    assert set(odd) == {PARTIES["someselectric"].full_name, PARTIES["minuteria"].full_name}, "and the 500 lines"
    assert {each[0] for each in raised} == {"iban", "duplicate", "amount"}

"""Looking into a company's box: everything that is listed comes, once, whatever goes wrong on the way."""

from __future__ import annotations

import pytest
from tests.portal.exchange.authority import CIF, connected
from tests.portal.world import World

from fatto.portal.documents.models import Document
from fatto.portal.exchange.models import Message, Run
from fatto.portal.exchange.states import Held
from fatto.portal.tenancy.scope import scope

pytestmark = pytest.mark.django_db


def test_the_first_look_brings_everything_that_is_kept(world: World):
    with connected(world, messages=30) as there:
        run = there.sync()
        assert (run.state, run.listed, run.fresh, run.fetched) == (Run.State.DONE, 30, 30, 30), run.error_text
        with scope(there.mihai):
            rows = list(Message.objects.all())
            assert {row.number for row in rows} == there.anaf.ids(CIF)
            assert {row.state for row in rows} <= {Held.OPENED, Held.PARKED}
            print([(r.kind, r.state, r.error_code, r.seal, r.seal_facts.get("certificate")) for r in rows])
            assert Document.objects.exists()


def test_zz(world):
    import time
    with connected(world, messages=400) as there:
        t=time.time(); run = there.sync(); print("400 in", time.time()-t, run.state, run.error_text)
        run = there.sync(); print(run.listed, run.fresh, run.state)
        import cProfile, pstats

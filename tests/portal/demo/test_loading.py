"""The demo world goes the road of real uploads, and going on after an interruption gives the same world."""

from __future__ import annotations

from collections import Counter

import pytest
from django.contrib.auth import authenticate

from fatto.portal import demo
from fatto.portal.demo import loading, papers
from fatto.portal.demo.papers import Outcome
from fatto.portal.demo.world import COMPANY_OF, FIRMS, PEOPLE

pytestmark = pytest.mark.django_db
_all_papers = papers.papers


class Killed(Exception):
    pass


@pytest.fixture
def some(monkeypatch):
    """Every 24th paper, and all that are special."""

    def few(today):
        for number, paper in enumerate(_all_papers(today)):
            if number % 24 == 0 or not paper.name.endswith(".xml") or paper.company_key is None:
                yield paper

    monkeypatch.setattr(papers, "papers", few)
    monkeypatch.setattr(loading, "_STEP", 10)


def snapshot():
    """What is there: documents with their states, decisions, folders, results of deliveries."""
    from fatto.portal.approvals.models import Decision
    from fatto.portal.archive.models import Record
    from fatto.portal.documents.models import DeliveryItem, Document, Quarantined
    from fatto.portal.tenancy import actor
    from fatto.portal.tenancy.models import Deed, Firm, Membership
    from fatto.portal.tenancy.scope import scope

    found = {}
    for firm in Firm.objects.order_by("name"):
        with scope(actor.system(firm)):
            found[firm.name] = {
                "documents": sorted(
                    Document.objects.values_list(
                        "company__name", "name", "index", "direction", "approval", "booking", "received_at", "amount"
                    ),
                    key=str,
                ),
                "decisions": sorted(Decision.objects.values_list("by_name", "verdict", "reason", "at")),
                "folders": sorted(Record.objects.values_list("company__name", "year", "month", "folder")),
                "items": Counter(DeliveryItem.objects.values_list("outcome", flat=True)),
                "quarantine": sorted(Quarantined.objects.values_list("reason", "name")),
                "members": sorted(Membership.objects.values_list("member__email", "role")),
                "deeds": Counter(Deed.objects.values_list("verb", flat=True)),
            }
    return found


def test_a_killed_load_goes_on_to_the_same_world(some, monkeypatch):
    demo.load(lambda line: None)
    whole = snapshot()
    demo.load(lambda line: None)
    assert snapshot() == whole

    stories = list(papers.papers(loading._today(_cast())))
    accepted = sum(found["items"]["accepted"] for found in whole.values())
    assert accepted == sum(paper.documents for paper in stories) - 2
    assert [found["items"]["duplicate"] for found in whole.values()] == [0, 0]
    assert [len(found["quarantine"]) for found in whole.values()] == [1, 1]
    booked = sum(paper.documents for paper in stories if paper.story.outcome is Outcome.BOOKED)
    folders = sum(len(found["folders"]) for found in whole.values())
    between = sum(
        1 for paper in stories if paper.on_firm and paper.company_key and paper.story.outcome is Outcome.BOOKED
    )
    assert folders == booked + between


def _cast():
    from fatto.portal.tenancy.models import Firm

    cast = loading._Cast()
    cast.firms = {firm.slug: firm for firm in Firm.objects.all()}
    return cast


@pytest.mark.parametrize("turn", [1, 9])
def test_wherever_the_load_is_killed_nothing_comes_twice_and_nothing_is_left_out(some, monkeypatch, turn):
    from fatto.portal.flow import arrive, decide

    calls = 0

    def dying(function):
        def wrapped(*args, **kwargs):
            nonlocal calls
            calls += 1
            if calls % turn == 0:
                raise Killed
            return function(*args, **kwargs)

        return wrapped

    with monkeypatch.context() as patched:
        patched.setattr(arrive, "process", dying(arrive.process))
        patched.setattr(decide, "approve", dying(decide.approve))
        for _ in range(3):
            with pytest.raises(Killed):
                demo.load(lambda line: None)
    demo.load(lambda line: None)
    resumed = snapshot()
    stories = list(papers.papers(loading._today(_cast())))
    assert sum(found["items"]["accepted"] for found in resumed.values()) == sum(each.documents for each in stories) - 2
    assert all(set(found["items"]) <= {"accepted", "quarantined"} for found in resumed.values())
    waiting = sum(row[4] == "to_approve" for found in resumed.values() for row in found["documents"])
    assert waiting <= sum(paper.documents for paper in stories if paper.story.outcome is Outcome.WAITING)


def test_everybody_on_the_list_can_log_in_with_the_password_shown(some):
    demo.load(lambda line: None)
    listed = list(demo.people())
    assert len(listed) == len(PEOPLE)
    for name, email, password, roles in listed:
        member = authenticate(username=email, password=password)
        assert member is not None
        assert member.name == name
        assert roles


def test_every_company_has_an_owner_and_every_firm_its_people():
    roles = {role for person in PEOPLE for role in person.roles}
    for firm in FIRMS:
        assert ("firm_owner", firm.key) in roles
        assert ("accountant", firm.key) in roles
        for company in firm.companies:
            assert ("owner", company.key) in roles
    assert {role for role, _ in roles} >= {"assistant", "approver", "employee", "auditor", "in_house"}
    assert len(COMPANY_OF) == 10
    assert {person.language for person in PEOPLE} == {"it", "ro", "en"}

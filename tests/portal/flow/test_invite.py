"""Inviting: what is noted, what the letter says, and what its link does once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.portal.world import World

from fatto.portal.flow import invite
from fatto.portal.tenancy import actor, invitations
from fatto.portal.tenancy.action import NotAllowed
from fatto.portal.tenancy.models import Deed, Invitation, Member, Membership
from fatto.portal.tenancy.scope import scope

PASSWORD = "three quiet herons"


def invited(world: World, email: str = "Dana@Example.org", role: str = "approver", **more: str) -> Invitation:
    """Maria lets somebody into Panificio Rossi, and the job runs."""
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        invitation = invite.invite(maria, world.companies["rossi"], email=email, role=role, post=False, **more)
    invite.send(world.firms["bianchi"], invitation.pk)
    return fresh(world, invitation)


def fresh(world: World, invitation: Invitation) -> Invitation:
    with scope(actor.system(world.firms["bianchi"])):
        return Invitation.objects.select_related("company").get(pk=invitation.pk)


def change(world: World, invitation: Invitation, **values: object) -> None:
    with scope(actor.system(world.firms["bianchi"])):
        Invitation.objects.filter(pk=invitation.pk).update(**values)


def link(number: int = -1) -> str:
    found = re.search(r"https?://\S+?(/l/\S+/)", str(mail.outbox[number].body))
    assert found
    return found.group(1)


def come_in(url: str, **more: str) -> object:
    return Client().post(url, {"name": "Dana", "password1": PASSWORD, "password2": PASSWORD} | more)


def test_the_letter_is_text_and_html_in_the_asked_language_under_the_firms_name(world: World):
    invited(world, name="Dana Pop", language="en")
    letter = mail.outbox[0]
    assert letter.from_email.startswith("Studio Bianchi <")
    assert letter.to == ["Dana Pop <dana@example.org>"]
    assert letter.reply_to == ["Maria <maria@example.org>"]
    assert letter.subject == "Studio Bianchi invites you to Panificio Rossi S.r.l."
    kinds = [part.get_content_type() for part in letter.message().walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    html = letter.alternatives[0][0]
    assert link() in letter.body
    assert link() in html
    assert "Approver" in letter.body
    assert "Maria invited you" in html


def test_only_a_hash_of_the_link_is_kept(world: World):
    invited(world)
    token = link().split("/")[2]
    with scope(actor.system(world.firms["bianchi"])), connection.cursor() as cursor:
        cursor.execute("select row_to_json(i)::text from tenancy_invitation i")
        rows = "".join(row for (row,) in cursor.fetchall())
    assert invitations.digest(token) in rows
    assert token not in rows


def test_looking_at_the_page_changes_nothing_but_that_it_was_looked_at(world: World):
    invitation = invited(world)
    page = Client().get(link())
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]
    assert not Member.objects.filter(email="dana@example.org").exists()
    after = fresh(world, invitation)
    assert invitations.state(after) == invitations.State.OPENED
    Client().get(link())
    assert fresh(world, invitation).opened_at == after.opened_at


def test_a_password_makes_an_account_and_leads_to_the_company(world: World):
    invitation = invited(world)
    browser = Client()
    answer = browser.post(link(), {"name": "Dana Pop", "password1": PASSWORD, "password2": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == f"/c/{world.companies['rossi'].slug}/"
    assert f'href="{reverse("mfa_add_webauthn")}"' in answer.content.decode(), "a passkey is offered"
    dana = Member.objects.get(email="dana@example.org")
    assert dana.check_password(PASSWORD)
    with scope(actor.system(world.firms["bianchi"])):
        assert Membership.objects.get(member=dana).role == "approver"
        deeds = Deed.objects.filter(company=world.companies["rossi"]).order_by("pk")
        verbs = [(deed.verb, deed.by_name) for deed in deeds][-2:]
    assert verbs == [("member-invited", "Maria"), ("member-joined", "Dana Pop")]
    assert invitations.state(fresh(world, invitation)) == invitations.State.ACTIVE


def test_the_link_works_once(world: World):
    invited(world)
    assert come_in(link()).status_code == 303
    again = come_in(link(), name="Thief", password1="quite another one", password2="quite another one")
    assert again.status_code == 410
    assert Member.objects.get(email="dana@example.org").check_password(PASSWORD)


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ("short", "short", "too short"),
        ("password123", "password123", "too common"),
        (PASSWORD, "other", "not the same"),
    ],
)
def test_a_weak_password_is_refused_and_the_link_stays_good(world: World, first: str, second: str, says: str):
    invited(world, language="en")
    answer = come_in(link(), password1=first, password2=second)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Member.objects.filter(email="dana@example.org").exists()
    assert come_in(link()).status_code == 303


def test_an_expired_link_sends_a_new_one_to_the_same_address_and_not_without_end(world: World, do_jobs_now: Callable):
    invitation = invited(world)
    old = link()
    change(world, invitation, expires_at=timezone.now() - timedelta(hours=1), asked_at=timezone.now() - timedelta(8))
    assert come_in(old).status_code == 410
    assert Client().post(f"{old}renew/").status_code == 200
    assert Client().post(f"{old}renew/").status_code == 200
    do_jobs_now()
    assert len(mail.outbox) == 2, "asked twice within minutes: one letter"
    assert mail.outbox[1].to == ["dana@example.org"]
    assert link() != old
    assert come_in(old).status_code == 410
    change(world, invitation, asked_at=timezone.now() - timedelta(8), letters=invite.MOST_RENEWED)
    Client().post(f"{old}renew/")
    do_jobs_now()
    assert len(mail.outbox) == 2
    assert come_in(link()).status_code == 303


def test_who_has_an_account_logs_in_as_that_person_to_accept(world: World):
    invited(world, email="luca@example.org")
    nobody = Client()
    page = nobody.get(link()).content.decode()
    assert "password1" not in page
    assert f"next={link()}" in page
    assert come_in(link()).status_code == 200, "a password of a stranger's choice changes nothing"
    assert world.people["luca"].check_password("correct horse battery")
    other = Client()
    other.force_login(world.people["elena"])
    assert "Log out and go on" in other.get(link()).content.decode()
    other.post(link())
    luca = Client()
    luca.force_login(world.people["luca"])
    assert luca.get(link()).status_code == 200
    assert actor.in_company(world.people["luca"], world.companies["rossi"].slug) is None
    assert luca.post(link()).status_code == 303
    found = actor.in_company(world.people["luca"], world.companies["rossi"].slug)
    assert found is not None
    assert found.role == "approver"
    assert actor.in_company(world.people["elena"], world.companies["rossi"].slug).role == "employee"


def test_invitations_of_a_firm_to_one_address_share_a_letter_and_its_link(world: World):
    anna = world.at_firm("anna", "bianchi")
    with scope(anna):
        for name in ("rossi", "verdi"):
            last = invite.invite(anna, world.companies[name], email="dana@example.org", role="owner", post=False)
    invite.send(world.firms["bianchi"], last.pk)
    assert len(mail.outbox) == 1
    assert "Panificio Rossi" in mail.outbox[0].body
    assert "Verdi Impianti" in mail.outbox[0].body
    come_in(link())
    places = [space.company.name for space in actor.spaces(Member.objects.get(email="dana@example.org"))]
    assert places == ["Panificio Rossi S.r.l.", "Verdi Impianti S.r.l."]


def test_what_was_withdrawn_opens_nothing(world: World):
    invitation = invited(world)
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        invite.withdraw(maria, invitation)
    assert come_in(link()).status_code == 404
    assert Client().post(f"{link()}renew/").status_code == 404
    with scope(maria), pytest.raises(invite.NoLongerOpen):
        invite.withdraw(maria, invitation)


def test_a_made_up_link_is_answered_like_any_other_that_does_not_exist(world: World):
    for token in ("x", "a" * 32, "%00", "..", "ł" * 40):
        assert Client().get(f"/l/{token}/").status_code == 404


def test_the_same_person_is_not_invited_twice_nor_when_there_already(world: World):
    invited(world)
    with pytest.raises(invite.InvitedAlready):
        invited(world, email="DANA@example.org")
    with pytest.raises(invite.ThereAlready):
        invited(world, email="Elena@example.org")


@pytest.mark.parametrize("who", ["elena", "sara"])
def test_only_owners_let_others_in(world: World, who: str):
    here = world.at_company(who, "rossi")
    with scope(here), pytest.raises(NotAllowed):
        invite.invite(here, world.companies["rossi"], email="x@example.org", role="owner")
    paolo = world.at_firm("paolo", "bianchi")
    with scope(paolo), pytest.raises(NotAllowed):
        invite.invite_to_team(paolo, email="x@example.org", role="firm_owner")


def test_another_company_sees_and_changes_no_invitation(world: World):
    invitation = invited(world)
    with scope(world.at_company("luca", "verdi")), connection.cursor() as cursor:
        cursor.execute("select count(*) from tenancy_invitation")
        assert cursor.fetchone() == (0,)
        cursor.execute("update tenancy_invitation set role = 'owner'")
        assert cursor.rowcount == 0
    luca = world.at_company("luca", "verdi")
    invitation.pk = None
    with scope(luca), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        invitation.save(force_insert=True)


def test_when_sending_is_given_up_the_invitation_says_so(world: World):
    invitation = invited(world)
    invite.failed(world.firms["bianchi"], invitation.pk)
    assert invitations.state(fresh(world, invitation)) == invitations.State.FAILED

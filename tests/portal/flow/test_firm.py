"""Opening a firm from the command line: once, and again without harm."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client
from tests.portal.world import World

from fatto.portal.flow import firm
from fatto.portal.flow.firm import CannotOpen, Opening
from fatto.portal.tenancy import actor
from fatto.portal.tenancy.models import Firm, Member

PASSWORD = "three quiet herons"


def opened(**more: object) -> Opening:
    values: dict[str, object] = {
        "name": "Studio Neri",
        "country": "IT",
        "owner": "Nera@Example.org",
        "owner_name": "Nera Neri",
        "mail": False,
    }
    return firm.open_firm(**(values | more))  # type: ignore[arg-type]


def come_in(link: str) -> int:
    path = link[link.index("/l/") :]
    return Client().post(path, {"name": "Nera", "password1": PASSWORD, "password2": PASSWORD}).status_code


def test_the_link_makes_the_owner_of_the_firm(db: None):
    opening = opened()
    assert opening.fate == "opened"
    assert opening.firm.language == "it"
    assert come_in(opening.link) == 303
    nera = Member.objects.get(email="nera@example.org")
    assert actor.in_firm(nera, opening.firm.slug).role == "firm_owner"
    assert mail.outbox == []


def test_another_call_opens_no_second_firm_and_makes_a_new_link(db: None):
    first, second = opened(), opened(name=" studio  neri ")
    assert second.fate == "waiting"
    assert Firm.objects.count() == 1
    assert come_in(first.link) == 410
    assert come_in(second.link) == 303
    third = opened()
    assert (third.fate, third.link) == ("there", "")


def test_a_mistyped_address_is_put_right_by_calling_again(db: None):
    wrong, right = opened(owner="ner@example.org"), opened()
    assert come_in(wrong.link) == 404
    assert come_in(right.link) == 303


def test_a_firm_with_owners_takes_no_other_from_the_command_line(db: None):
    come_in(opened().link)
    with pytest.raises(CannotOpen, match="its owner is Nera"):
        opened(owner="other@example.org")


def test_with_a_mail_server_the_link_is_mailed_as_well(db: None):
    opening = opened(mail=True, language="ro")
    assert opening.mailed
    assert opening.link in mail.outbox[0].body


def test_a_mail_server_that_fails_does_not_keep_the_link_back(db: None, monkeypatch: pytest.MonkeyPatch):
    def broken(*args: object, **kwargs: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", broken)
    opening = opened(mail=True)
    assert not opening.mailed
    assert come_in(opening.link) == 303


def test_who_owns_another_firm_already_accepts_by_logging_in(world: World):
    opening = opened(owner="anna@example.org")
    path = opening.link[opening.link.index("/l/") :]
    anna = Client()
    anna.force_login(world.people["anna"])
    assert anna.post(path).status_code == 303
    assert actor.in_firm(world.people["anna"], opening.firm.slug) is not None


@pytest.mark.parametrize(
    "wrong", [{"country": "XX"}, {"owner": "no address"}, {"name": " "}, {"language": "xx"}, {"owner_name": ""}]
)
def test_what_cannot_be_used_is_refused_and_nothing_is_opened(db: None, wrong: dict[str, str]):
    with pytest.raises(CannotOpen):
        opened(**wrong)
    assert not Firm.objects.exists()

"""Logging in and what protects an account: the pages of django-allauth in our clothes."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

if TYPE_CHECKING:
    from tests.portal.world import World

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _attempts_from_zero(db: None) -> None:
    cache.clear()


def _log_in(client: Client, email: str = "maria@example.org", password: str = PASSWORD):  # type: ignore[no-untyped-def]
    return client.post("/accounts/login/", {"login": email, "password": password})


def _confirm(client: Client) -> None:
    """Pages that protect the account ask for the password once more."""
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer.status_code == 302


def _code(secret: str) -> str:
    counter = int(time.time()) // 30
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def test_email_and_password_open_the_door(world: World, client: Client) -> None:
    response = _log_in(client, "Maria@Example.org")
    assert response.status_code == 302
    assert response["Location"] == "/"
    assert client.get("/me/").status_code == 200


def test_a_wrong_password_is_told_and_opens_nothing(world: World, client: Client) -> None:
    response = _log_in(client, password="wrong horse battery")
    page = response.content.decode()
    assert response.status_code == 200
    assert 'class="alert alert-action"' in page or 'class="field-error"' in page
    assert client.get("/me/").status_code == 302


def test_an_unknown_address_is_answered_like_a_wrong_password(world: World, client: Client) -> None:
    def said(email: str) -> list[str]:
        page = _log_in(client, email, "wrong horse battery").content.decode()
        return re.findall(r'<div class="(?:alert|field-error)[^>]*>.*?</div>', page, re.S)

    known, unknown = said("maria@example.org"), said("stranger@example.org")
    assert known
    assert known == unknown


def test_nobody_signs_up_alone(db: None, client: Client) -> None:
    response = client.get("/accounts/signup/")
    assert "entered by invitation" in response.content.decode()
    client.post("/accounts/signup/", {"email": "new@example.org", "password1": "a very long password"})
    assert not _log_in(client, "new@example.org", "a very long password").has_header("Location")


def test_many_wrong_passwords_are_stopped(world: World, client: Client) -> None:
    for _ in range(6):
        _log_in(client, password="wrong horse battery")
    response = _log_in(client)
    assert not response.has_header("Location"), "the right password must not help while attempts are stopped"


def test_pages_of_a_person_ask_for_the_door(client: Client, db: None) -> None:
    for url in ("/", "/me/", "/spaces/", "/accounts/sessions/", "/accounts/2fa/"):
        response = client.get(url)
        assert response.status_code == 302, url
        assert "/accounts/login/" in response["Location"]


def test_two_step_login_is_turned_on_and_then_asked_for(world: World, client: Client) -> None:
    _log_in(client)
    assert reverse("account_reauthenticate") in client.get(reverse("mfa_activate_totp"))["Location"]
    _confirm(client)
    page = client.get(reverse("mfa_activate_totp"))
    assert "data:image/svg+xml" in page.content.decode()
    secret = page.context["form"].secret
    response = client.post(reverse("mfa_activate_totp"), {"code": _code(secret)})
    assert response.status_code == 302
    assert Authenticator.objects.filter(user=world.people["maria"], type="totp").exists()
    codes = client.get(reverse("mfa_view_recovery_codes"))
    assert codes.context["unused_codes"]
    assert codes.context["unused_codes"][0] in codes.content.decode()

    other = Client()
    response = _log_in(other)
    assert response["Location"] == reverse("mfa_authenticate")
    assert other.get("/me/").status_code == 302, "the password alone is not enough"
    assert "Second step" in other.get(reverse("mfa_authenticate")).content.decode()
    assert other.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    response = other.post(reverse("mfa_authenticate"), {"code": codes.context["unused_codes"][0]})
    assert response.status_code == 302
    assert other.get("/me/").status_code == 200


def test_two_step_login_is_turned_off_again(world: World, client: Client) -> None:
    _log_in(client)
    _confirm(client)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": _code(secret)})
    assert "Turn off two-step login" in client.get(reverse("mfa_deactivate_totp")).content.decode()
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=world.people["maria"], type="totp").exists()


def test_devices_are_listed_and_the_others_can_be_logged_out(world: World) -> None:
    here = Client(headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"})
    there = Client(headers={"User-Agent": "Mozilla/5.0 (iPhone) Mobile Safari/604.1"})
    for client in (here, there):
        _log_in(client)
        client.get("/me/")
    page = here.get(reverse("usersessions_list")).content.decode()
    assert "Firefox · Windows" in page
    assert "Safari · iPhone" in page
    assert page.count("This device") == 1
    here.post(reverse("usersessions_list"))
    assert there.get("/me/").status_code == 302
    assert here.get("/me/").status_code == 200


def test_when_somebody_was_last_seen_is_written_once_a_minute_and_what_changed_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("fatto.portal.web.devices.monotonic", lambda: now)
    client = Client(headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"})
    _log_in(client)

    def seen() -> tuple[object, str]:
        client.get("/me/")
        row = UserSession.objects.get(user=world.people["maria"])
        return row.last_seen_at, row.user_agent

    first, _agent = seen()
    assert seen()[0] == first
    now += 61
    later, _agent = seen()
    assert later > first  # type: ignore[operator]
    client.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone) Mobile Safari/604.1"
    client.headers = {}
    assert "iPhone" in seen()[1]


def test_a_forgotten_password_is_replaced_by_a_letter(world: World, client: Client) -> None:
    response = client.post(reverse("account_reset_password"), {"email": "maria@example.org"})
    assert response["Location"] == reverse("account_reset_password_done")
    link = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", mail.outbox[0].body)
    assert link
    form = client.get(link.group(1), follow=True)
    assert "New password" in form.content.decode()
    new = "quite another sentence"
    saved = client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new}, follow=True)
    assert "saved" in saved.content.decode()
    assert _log_in(Client(), password=new)["Location"] == "/"
    used = Client().get(link.group(1), follow=True)
    assert "This link has expired" in used.content.decode()


def test_a_letter_goes_to_nobody_for_an_unknown_address(db: None, client: Client) -> None:
    response = client.post(reverse("account_reset_password"), {"email": "stranger@example.org"})
    assert response["Location"] == reverse("account_reset_password_done")
    assert mail.outbox == []


def test_the_password_is_changed_by_who_knows_the_present_one(world: World, client: Client) -> None:
    _log_in(client)
    new = "quite another sentence"
    form = {"oldpassword": "wrong", "password1": new, "password2": new}
    page = client.post(reverse("account_change_password"), form)
    assert 'class="field-error"' in page.content.decode()
    assert client.post(reverse("account_change_password"), form | {"oldpassword": PASSWORD}).status_code == 302
    assert _log_in(Client(), password=new)["Location"] == "/"


def test_a_person_changes_its_name_language_and_keys(world: World, client: Client) -> None:
    _log_in(client)
    answer = client.post("/me/", {"name": "Maria Rossi", "language": "it", "appearance": "dark"})
    assert answer.status_code == 302
    page = client.get("/me/").content.decode()
    assert '<html lang="it" data-theme="dark">' in page
    assert 'data-keyboard="off"' in page
    assert "Maria Rossi" in page
    assert client.post("/me/", {"name": "", "language": "xx"}).status_code == 422


def test_the_door_speaks_the_language_that_was_chosen_there(db: None, client: Client) -> None:
    client.post(reverse("set_language"), {"language": "ro", "next": "/accounts/login/"})
    assert '<html lang="ro">' in client.get("/accounts/login/").content.decode()


def test_every_page_of_an_account_opens_in_our_clothes(world: World, client: Client) -> None:
    _log_in(client)
    _confirm(client)
    for name in (
        "account_change_password",
        "account_email",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "usersessions_list",
        "account_logout",
        "account_reauthenticate",
    ):
        response = client.get(reverse(name))
        assert response.status_code == 200, name
        page = response.content.decode()
        assert "fatto/fatto.css" in page, name
        assert "<style" not in page
        for script in re.findall(r"<script([^>]*)>", page):
            assert "src=" in script or 'type="application/json"' in script, name

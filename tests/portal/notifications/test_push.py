"""Pushes: encrypted so that the browser can open them, saying nothing by default, to addresses of the internet only."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from py_vapid import Vapid02
from tests.portal.notifications.conftest import NOON, PushService
from tests.portal.notifications.test_telling import bring, record
from tests.portal.world import World

from fatto.portal.documents.models import Document
from fatto.portal.notifications import actions, push
from fatto.portal.notifications.models import Key, Post
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy.scope import scope

LATER = NOON + timedelta(minutes=5)


def alerted(world: World, number: str = "FT 1") -> Document:
    document = bring(world, number)
    with scope(actors.system(world.firms["bianchi"])):
        Document.objects.filter(pk=document.pk).update(alerts=["iban"])
    record(world, "bianchi", "alert-raised", document, kinds=["iban"])
    return document


def subscribe(world: World, name: str, service: PushService, browser: str = "one") -> None:
    push.subscribe(world.people[name], **service.subscription(browser), name="Chrome · Android")


def test_a_push_can_be_opened_by_the_browser_and_names_nobody(
    world: World, tell: Callable[..., None], send_all: Callable[..., None], push_service: PushService
):
    subscribe(world, "maria", push_service)
    document = alerted(world)
    tell()
    send_all(at=LATER)
    (opened,) = push_service.opened()
    assert opened["body"] == "1 document needs a second look"
    assert opened["title"] == "Fatto"
    said = opened["title"] + opened["body"]
    assert document.party_name not in said
    assert "Rossi" not in said
    (headers, body) = push_service.raw[0]
    assert document.party_name.encode() not in body
    assert headers["Content-Encoding"] == "aes128gcm"
    assert Vapid02.verify(headers["Authorization"])
    key = headers["Authorization"].split("k=")[1].rstrip("=")
    assert key == push.key().public
    assert [letter for letter in mail.outbox if "maria@" in letter.to[0]] == [], "where a push goes out, no mail does"


def test_names_and_amounts_are_shown_when_the_person_wants_them(
    world: World, tell: Callable[..., None], send_all: Callable[..., None], push_service: PushService
):
    subscribe(world, "maria", push_service)
    actions.wish(world.people["maria"], named=True)
    document = alerted(world)
    tell()
    send_all(at=LATER)
    (opened,) = push_service.opened()
    assert opened["title"] == "Panificio Rossi S.r.l."
    assert document.party_name in opened["body"]


def test_without_a_device_it_comes_by_mail(world: World, tell: Callable[..., None], send_all: Callable[..., None]):
    alerted(world)
    tell()
    send_all(at=LATER)
    assert sorted(letter.to[0] for letter in mail.outbox) == [
        "Anna <anna@example.org>",
        "Maria <maria@example.org>",
        "Paolo <paolo@example.org>",
    ]


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_ended_is_removed_and_the_mail_goes_instead(
    world: World, tell: Callable[..., None], send_all: Callable[..., None], push_service: PushService, status: int
):
    subscribe(world, "maria", push_service)
    push_service.answers = [status]
    alerted(world)
    tell()
    send_all(at=LATER)
    assert push.devices(world.people["maria"]) == []
    send_all(at=LATER)
    assert "Maria <maria@example.org>" in [letter.to[0] for letter in mail.outbox]


def test_a_busy_push_service_is_tried_again(
    world: World, tell: Callable[..., None], send_all: Callable[..., None], push_service: PushService
):
    subscribe(world, "maria", push_service)
    push_service.answers = [503, 429]
    alerted(world)
    tell()
    send_all(at=LATER)
    assert Post.objects.get(channel="push").state == "waiting"
    send_all(at=LATER + timedelta(minutes=2))
    send_all(at=LATER + timedelta(minutes=10))
    assert Post.objects.get(channel="push").state == "sent"
    assert len(push_service.raw) == 3


def test_urgent_ones_are_pushed_and_not_repeated_in_the_digest(
    world: World, tell: Callable[..., None], send_all: Callable[..., None], push_service: PushService
):
    subscribe(world, "maria", push_service)
    bring(world, "FT 1")
    bring(world, "FT 2")
    with scope(actors.system(world.firms["bianchi"])):
        Document.objects.filter(number="FT 1").update(due_date=(NOON + timedelta(days=30)).date())
        Document.objects.filter(number="FT 2").update(due_date=NOON.date())
    tell()
    send_all(at=LATER)
    (opened,) = push_service.opened()
    assert opened["body"] == "1 document to approve"
    assert "/n/" in opened["url"], "a tap leads to the one document"
    send_all(at=NOON + timedelta(days=1))
    (letter,) = mail.outbox
    assert "FT 1" in letter.body
    assert "FT 2" not in letter.body


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://127.0.0.1:9/x",
        "https://127.0.0.1/x",
        "https://10.0.0.8/x",
        "https://[::1]/x",
        "http://push.example.org/x",
        "file:///etc/passwd",
        "https://user:pw@push.example.org/",
        "https://push.example.org/" + "x" * 2000,
    ],
)
def test_addresses_of_our_own_network_are_refused(world: World, endpoint: str):
    asked = PushService().subscription()
    with pytest.raises(push.NotASubscription):
        push.subscribe(world.people["maria"], **{**asked, "endpoint": endpoint}, name="x")


def test_webhooks_that_may_go_inside_do_not_open_the_way_for_browsers(world: World, settings):
    settings.CONFIG = dataclasses.replace(settings.CONFIG, webhooks_inside=True)
    with pytest.raises(push.NotASubscription):
        push.subscribe(
            world.people["maria"], **{**PushService().subscription(), "endpoint": "https://10.0.0.8/"}, name="x"
        )


@pytest.mark.parametrize("keys", [{"auth": "short"}, {"p256dh": "BA" * 40}, {"p256dh": ""}, {"auth": "ü" * 16}])
def test_keys_that_are_none_are_refused(world: World, keys: dict[str, str]):
    with pytest.raises(push.NotASubscription):
        push.subscribe(
            world.people["maria"],
            **{**PushService().subscription(), "endpoint": "https://push.example.org/x", **keys},
            name="x",
        )


def test_a_browser_belongs_to_whoever_used_it_last(world: World, push_service: PushService):
    subscribe(world, "maria", push_service)
    subscribe(world, "luca", push_service)
    assert push.devices(world.people["maria"]) == []
    assert len(push.devices(world.people["luca"])) == 1


def test_a_new_secret_key_makes_a_new_pair(world: World, settings):
    before = push.key()
    assert push.key() == before
    settings.SECRET_KEY = "y" * 50
    assert push.key() != before
    assert Key.objects.count() == 2


def test_a_browser_subscribes_and_unsubscribes_over_its_page(world: World, push_service: PushService):
    client = Client()
    client.force_login(world.people["maria"])
    asked = push_service.subscription()
    body = {"endpoint": asked["endpoint"], "keys": {"p256dh": asked["p256dh"], "auth": asked["auth"]}}
    for wrong in ("", "[]", '{"endpoint": 1}', '{"endpoint": "x", "keys": []}', "[" * 3000):
        assert client.post("/me/devices/", wrong, content_type="application/json").status_code == 422
    assert client.post("/me/devices/", json.dumps(body), content_type="application/json").status_code == 201
    (device,) = push.devices(world.people["maria"])
    stranger = Client()
    stranger.force_login(world.people["luca"])
    assert stranger.post(f"/me/devices/{device.pk}/remove/").status_code == 404
    assert client.post(f"/me/devices/{device.pk}/remove/").status_code == 303
    assert push.devices(world.people["maria"]) == []


def test_switched_off_by_the_administrator_nothing_is_offered(world: World, settings):
    settings.CONFIG = dataclasses.replace(settings.CONFIG, web_push="no")
    client = Client()
    client.force_login(world.people["maria"])
    assert "data-push" not in client.get("/me/notices/settings/").content.decode()
    assert client.post("/me/devices/", "{}", content_type="application/json").status_code == 404

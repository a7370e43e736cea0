"""What the portal tells of itself: health, metrics, logs; and what it does not tell."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from fatto.portal import config, logs


def line(*arguments: object, name: str = "fatto.test", **extra: object) -> dict[str, object]:
    logger = logging.getLogger(name)
    info = extra.pop("exc_info", None)
    record = logger.makeRecord(name, logging.INFO, __file__, 1, arguments[0], arguments[1:], info, extra=extra or None)
    return json.loads(logs.JsonLines().format(record))


def test_a_line_has_time_level_message_and_known_fields_only():
    told = line("stored", event="store", count=3, party="Rossi Mario")
    assert told["message"] == "stored"
    assert (told["level"], told["logger"], told["event"], told["count"]) == ("info", "fatto.test", "store", 3)
    assert "party" not in told
    assert "Rossi" not in json.dumps(told)


def test_addresses_and_search_words_are_taken_out_of_every_message():
    assert line("to ada@example.org failed")["message"] == "to …@… failed"
    assert line("GET /search?q=Rossi+Mario refused")["message"] == "GET /search refused"


def test_values_that_libraries_put_into_messages_are_left_out():
    told = line("Forbidden: %s for %s", "/c/rossi/1", "Mario", name="django.security.csrf")
    assert told["message"] == "Forbidden: %s for %s"


def test_an_error_is_told_by_its_kind_and_place_without_its_text():
    try:
        int("Mario Rossi")
    except ValueError:
        told = line("job failed", exc_info=sys.exc_info())
    assert told["error"] == "ValueError"
    assert "test_observe.py" in told["where"][0]
    assert "Mario" not in json.dumps(told)


@pytest.mark.django_db
def test_a_request_is_logged_by_its_route_with_the_id_that_the_answer_carries(client: Client, caplog):
    with caplog.at_level(logging.INFO, "fatto.web"):
        answer = client.get("/accounts/login/?next=/c/rossi/", headers={"X-Request-Id": "from-the-proxy-1"})
    assert answer.headers["X-Request-Id"] == "from-the-proxy-1"
    (record,) = [record for record in caplog.records if record.name == "fatto.web"]
    assert (record.route, record.method, record.status) == ("account_login", "GET", 200)
    assert "rossi" not in json.dumps(record.__dict__, default=str)
    evil = client.get("/health/live", headers={"X-Request-Id": 'x"}\n{"level": "error"'})
    assert len(evil.headers["X-Request-Id"]) == 32


@pytest.mark.django_db
def test_readiness_names_what_is_wrong(client: Client):
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    told = answer.json()
    assert told["status"] == "trouble"
    assert told["worker"].startswith("no worker was heard of")
    assert (told["database"], told["migrations"], told["storage"]) == ("ok", "ok", "ok")
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers default values")
    assert client.get("/health/ready").json() == dict.fromkeys(
        ["status", "database", "migrations", "storage", "worker"], "ok"
    )


def test_life_needs_no_database(client: Client):
    assert client.get("/health/live").json() == {"status": "ok"}
    assert client.post("/health/live").status_code == 405


@pytest.mark.django_db
def test_metrics_are_for_this_machine_or_for_whoever_has_the_token(client: Client, monkeypatch):
    assert "fatto_jobs" in client.get("/metrics").content.decode()
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 404
    token = "a-token-of-some-length"
    monkeypatch.setattr(settings, "CONFIG", config.load({"FATTO_METRICS_TOKEN": token}))
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    answer = client.get("/metrics", REMOTE_ADDR="192.0.2.1", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


@pytest.mark.django_db
def test_requests_are_counted_by_route(client: Client):
    client.get("/accounts/login/")
    client.get("/no/such/page/with/a/name")
    text = client.get("/metrics").content.decode()
    assert 'fatto_requests_total{method="GET",route="account_login",status="200"}' in text
    assert "with/a/name" not in text


@pytest.mark.django_db
def test_the_oldest_job_that_is_due_is_told_by_its_age(client: Client):
    from procrastinate.contrib.django import app

    app.configure_task("tests.unknown", allow_unknown=True).defer()
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_events set at = now() - interval '100 seconds'")
    text = client.get("/metrics").content.decode()
    assert 'fatto_jobs{state="todo"} 1.0' in text
    (age,) = [float(row.split()[1]) for row in text.splitlines() if row.startswith("fatto_oldest_job_seconds ")]
    assert 99 < age < 110


@pytest.mark.django_db
def test_pages_carry_the_policy_and_nobody_signs_up_alone(client: Client):
    answer = client.get("/accounts/signup/")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    posted = client.post("/accounts/signup/", {"email": "eve@example.org", "password1": "long enough 12"})
    assert posted.status_code in (200, 403)
    from fatto.portal.tenancy.models import Member

    assert not Member.objects.exists()

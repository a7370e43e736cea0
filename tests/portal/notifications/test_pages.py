"""The bell, its page, and how a person chooses to be told."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from tests.portal.notifications.test_telling import bring, notices
from tests.portal.world import World

from fatto.portal.notifications import choices, hours, kinds, outbox, posting, queries
from fatto.portal.notifications.models import Post


def at(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name])
    return client


def test_the_bell_counts_what_was_not_looked_at(world: World, tell: Callable[..., None]):
    client = at(world, "maria")
    bring(world)
    tell()
    assert queries.unread(world.people["maria"]) == 1
    home = client.get(f"/c/{world.companies['rossi'].slug}/").content.decode()
    assert 'class="badge badge-waiting">1' in home
    page = client.get("/me/notices/").content.decode()
    assert "1 document to approve" in page
    assert "Panificio Rossi S.r.l." in page
    (notice,) = notices(world, "maria")
    answer = client.post(f"/me/notices/{notice.pk}/")
    assert answer.status_code == 303
    assert answer["Location"].startswith(f"/c/{world.companies['rossi'].slug}/documents/")
    assert queries.unread(world.people["maria"]) == 0


def test_what_comes_after_looking_is_told_anew(world: World, tell: Callable[..., None]):
    bring(world, "FT 1")
    tell()
    at(world, "maria").post("/me/notices/read/")
    bring(world, "FT 2")
    tell()
    assert [each.count for each in notices(world, "maria")] == [1, 1]
    assert queries.unread(world.people["maria"]) == 1


def test_anothers_notice_is_not_found(world: World, tell: Callable[..., None]):
    bring(world)
    tell()
    (notice,) = notices(world, "maria")
    assert at(world, "luca").post(f"/me/notices/{notice.pk}/").status_code == 404
    assert notices(world, "maria")[0].read_at is None


def test_everybody_is_asked_about_what_can_concern_the_role_alone(world: World):
    keys = {
        name: {each.kind.key for each in choices.all_of(world.people[name])} for name in ("maria", "elena", "paolo")
    }
    assert "to-approve" in keys["maria"]
    assert "disputed" not in keys["maria"]
    assert "disputed" in keys["paolo"]
    assert "to-approve" not in keys["paolo"]
    assert keys["elena"] == {"question", "export-failed", "export-finished", "role", "device"}


def test_choices_are_saved_and_defaults_need_no_row(world: World):
    client = at(world, "maria")
    page = client.get("/me/notices/settings/").content.decode()
    assert 'name="to-approve-mail"' in page
    assert 'name="role-mail"' not in page, "what concerns safety cannot be chosen"
    form = {
        f"{each.kind.key}-{word}": getattr(each, word)
        for each in choices.all_of(world.people["maria"])
        for word in ("mail", "push")
    }
    form |= {"digest": "on", "digest_at": "06:30", "quiet_from": "20:00", "quiet_to": "07:00", "time_zone": ""}
    assert client.post("/me/notices/settings/", form | {"to-approve-mail": "now"}).status_code == 303
    assert choices.of(world.people["maria"], kinds.BY_KEY["to-approve"]).mail == "now"
    assert choices.of(world.people["maria"], kinds.BY_KEY["alert"]).mail == "unless"
    wishes = hours.wishes_of(world.people["maria"])
    assert (wishes.digest_at.hour, wishes.quiet, wishes.links) == (6, False, False)
    for wrong in ({"digest_at": "25:00"}, {"to-approve-mail": "x"}, {"alert-push": "urgent"}, {"time_zone": "Mars/X"}):
        assert client.post("/me/notices/settings/", form | wrong).status_code == 422
    assert hours.wishes_of(world.people["maria"]).digest_at.hour == 6


def test_a_new_hour_moves_the_digest_that_waits(world: World, tell: Callable[..., None]):
    from datetime import time

    from fatto.portal.notifications import actions

    bring(world)
    tell()
    actions.wish(world.people["maria"], digest_at=time(5, 30))
    (post,) = Post.objects.all()
    assert post.due_at.astimezone(hours.of(world.people["maria"]).zone).time() == time(5, 30)


def test_metrics_show_an_outbox_that_is_stuck(world: World, tell: Callable[..., None]):
    bring(world)
    tell()
    body = Client(REMOTE_ADDR="127.0.0.1").get("/metrics").content.decode()
    assert 'fatto_notices{state="waiting"} 1.0' in body
    Post.objects.update(due_at="2026-01-01T00:00:00Z")
    body = Client(REMOTE_ADDR="127.0.0.1").get("/metrics").content.decode()
    (line,) = [line for line in body.splitlines() if line.startswith("fatto_oldest_notice_seconds")]
    assert float(line.split()[1]) > 1_000_000
    assert outbox.overdue() == [Post.objects.get().pk]


def test_old_notices_are_forgotten(world: World, tell: Callable[..., None]):
    from datetime import timedelta

    from tests.portal.notifications.conftest import NOON

    bring(world)
    tell()
    maria = world.people["maria"]
    assert posting.forget(maria, before=NOON) == 0
    assert posting.forget(maria, before=NOON + timedelta(days=1)) == 1
    assert notices(world, "maria") == []


def test_a_login_is_noted_through_the_queue(world: World):
    import json

    from django.db import connection
    from tests.portal.world import PASSWORD

    from fatto.portal.notifications import tasks

    for agent in ("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "Mozilla/5.0 (iPhone) Version/18 Safari/604.1"):
        answer = Client(headers={"User-Agent": agent}).post(
            "/accounts/login/", {"login": "maria@example.org", "password": PASSWORD}
        )
        assert answer.status_code == 302
    with connection.cursor() as cursor:
        cursor.execute("select args from procrastinate_jobs where task_name = 'fatto.note_login' order by id")
        for (args,) in cursor.fetchall():
            tasks.note_login(**(json.loads(args) if isinstance(args, str) else args))
    (notice,) = notices(world, "maria", "device")
    assert notice.data == {"device": "Safari · iPhone"}

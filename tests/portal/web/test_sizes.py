"""What is too large is refused before it is read, and told to whoever sent it."""

from __future__ import annotations

from types import SimpleNamespace
from unittest import mock

import pytest
from django.test import Client
from tests.portal.world import World

from fatto.portal.web import sizes

HUGE = str(20 * sizes.MB)


def send(client: Client, url: str, size: str, **headers: str):
    """A request that says how large it is; of what it would send nothing is ever read."""
    read = mock.Mock(side_effect=AssertionError("nothing of it is read"))
    return client.generic(
        "POST", url, b"", "multipart/form-data; boundary=x", CONTENT_LENGTH=size, headers=headers,
        **{"wsgi.input": SimpleNamespace(read=read, readline=read, close=lambda: None)},
    )  # fmt: skip


@pytest.mark.parametrize("url", ["/accounts/login/", "/accounts/password/reset/", "/language/", "/", "/nothing/"])
def test_nobody_unknown_sends_much(db: None, url: str):
    assert send(Client(), url, HUGE).status_code == 413


def test_strangers_send_no_files(world: World):
    assert send(Client(), f"/c/{world.companies['rossi'].slug}/upload/", HUGE).status_code == 413


def test_files_go_where_files_are_taken(world: World, login):
    assert send(login("maria"), "/me/", HUGE).status_code == 413


def test_more_than_the_administrator_allows_is_refused_in_words(world: World, login, settings):
    url, most = f"/c/{world.companies['rossi'].slug}/upload/", settings.CONFIG.upload_mb
    answer = send(login("maria"), url, str((most + 1) * sizes.MB))
    assert answer.status_code == 413
    assert f"more than {most} MB" in answer.content.decode()
    answer = send(login("maria"), url, str((most + 1) * sizes.MB), **{"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Retarget"]) == (409, "#notices")
    assert f"more than {most} MB" in answer.content.decode()


def test_the_disk_of_the_database_is_never_filled(world: World, login):
    url = f"/c/{world.companies['rossi'].slug}/upload/"
    with mock.patch.object(sizes.shutil, "disk_usage", return_value=SimpleNamespace(free=sizes.LEFT)):
        answer = send(login("maria"), url, HUGE)
    assert answer.status_code == 507
    assert "not enough room" in answer.content.decode()

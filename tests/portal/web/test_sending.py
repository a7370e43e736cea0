"""The pages of sending."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.portal.world import World

if TYPE_CHECKING:
    from django.test import Client

Login = Callable[[str], "Client"]


@pytest.fixture
def post(world: World) -> Iterator[Any]:
    from tests.portal.exchange.posting import posting

    judge = lambda data: ["E: validari globale\n [BR-RO-110]-textul oficial"] if b"Refuzat" in data else []  # noqa: E731
    with posting(world, judge=judge) as there:
        yield there


def at(world: World, path: str) -> str:
    return f"/c/{world.companies['brutaria'].slug}/{path}"


def test_the_question_says_to_whom_and_that_it_cannot_be_called_back(world: World, login: Login, post: Any) -> None:
    document = post.issue("B-1")
    mihai = login("mihai")
    page = mihai.get(at(world, f"documents/{document.pk}/")).content.decode()
    assert f"documents/{document.pk}/send/" in page
    assert "working days" in page
    question = mihai.get(at(world, f"documents/{document.pk}/send/")).content.decode()
    assert "Furnizor Test SRL" in question
    assert "cannot be called back" in question
    answer = mihai.post(at(world, f"documents/{document.pk}/send/"))
    assert answer.status_code == 303
    page = mihai.get(at(world, f"documents/{document.pk}/")).content.decode()
    assert "Attempt 1" in page
    assert "data-live" in page
    assert mihai.post(at(world, f"documents/{document.pk}/send/")).status_code == 409


def test_a_faulty_invoice_is_explained_and_not_sent(world: World, login: Login, post: Any) -> None:
    document = post.issue("B-2", buyer="")
    mihai = login("mihai")
    assert "would refuse" in mihai.get(at(world, f"documents/{document.pk}/")).content.decode()
    answer = mihai.post(at(world, f"documents/{document.pk}/send/"))
    assert answer.status_code == 422
    assert "BR-" in answer.content.decode()


def test_what_failed_comes_first_on_both_sides_with_the_official_text_folded(
    world: World, login: Login, post: Any
) -> None:
    document = post.issue("B-3", text="Refuzat")
    post.to_the_end(post.ask(document))
    home = login("mihai").get(at(world, "")).content.decode()
    assert "1 invoice failed" in home
    assert home.index("1 invoice failed") < home.index("Arrived last")
    page = login("mihai").get(at(world, f"documents/{document.pk}/")).content.decode()
    assert "[BR-RO-110]-textul oficial" in page
    assert "Send again" in page
    today = login("ioana").get(f"/f/{world.firms['dunarea'].slug}/").content.decode()
    assert "failed at the authority" in today


def test_calling_back_and_the_delay(world: World, login: Login, post: Any) -> None:
    mihai = login("mihai")
    assert mihai.post(at(world, "sending/"), {"delay": "4", "firm_sends": "1"}).status_code == 303
    assert 'value="4" checked' in mihai.get(at(world, "sending/")).content.decode()
    document = post.issue("B-4")
    mihai.post(at(world, f"documents/{document.pk}/send/"), {"when": "later"})
    assert post.again(document).transmission == "waiting"
    assert "Call back" in mihai.get(at(world, f"documents/{document.pk}/")).content.decode()
    assert mihai.post(at(world, f"documents/{document.pk}/send/cancel/")).status_code == 303
    assert post.again(document).transmission == "checked"
    assert login("ioana").post(at(world, f"documents/{document.pk}/send/"), {"when": "now"}).status_code == 303
    assert "Contabil Dun" in mihai.get(at(world, f"documents/{document.pk}/")).content.decode()


def test_the_firm_cannot_give_itself_the_right_to_send(world: World, login: Login, post: Any) -> None:
    ioana = login("ioana")
    assert ioana.get(at(world, "sending/")).status_code == 200
    assert ioana.post(at(world, "sending/"), {"firm_sends": "1"}).status_code == 403
    document = post.issue("B-5")
    assert ioana.get(at(world, f"documents/{document.pk}/send/")).status_code == 403
    assert ioana.post(at(world, f"documents/{document.pk}/send/")).status_code == 403
    assert post.anaf.uploads() == []


def test_news_come_by_themselves_and_end(world: World, login: Login, post: Any) -> None:
    document = post.issue("B-6")
    transmission = post.ask(document)
    mihai = login("mihai")
    asked = at(world, f"documents/live/?on={document.pk}:waiting&open={document.pk}")
    quiet = mihai.get(asked)
    assert f"row-{document.pk}" not in quiet.content.decode()
    assert "HX-Trigger" not in quiet
    post.step(transmission)
    moved = mihai.get(asked)
    assert f'id="row-{document.pk}"' in moved.content.decode()
    assert moved["HX-Trigger"] == "document-moved"
    assert f"{document.pk}%3Aaccepted" in moved.content.decode()
    post.to_the_end(transmission)
    assert "data-live" not in mihai.get(asked).content.decode()
    assert mihai.get(at(world, "documents/live/?on=x,1:y,:,9999999999999999999:z")).status_code == 200


def test_the_earlier_file_of_what_was_corrected_can_be_had(world: World, login: Login, post: Any) -> None:
    document = post.issue("B-7", text="Refuzat")
    post.to_the_end(post.ask(document))
    post.issue("B-7", text="Bun")
    page = login("mihai").get(at(world, f"documents/{document.pk}/")).content.decode()
    assert f"documents/{document.pk}/attempts/1/" in page
    kept = login("mihai").get(at(world, f"documents/{document.pk}/attempts/1/"))
    assert b"Refuzat" in b"".join(kept) if kept.streaming else b"Refuzat" in kept.content


def test_many_are_sent_after_a_summary_with_recipients(world: World, login: Login, post: Any) -> None:
    good = [post.issue(f"M-{n}") for n in range(3)]
    bad = post.issue("M-9", buyer="")
    mihai = login("mihai")
    answer = mihai.post(at(world, "documents/bulk/"), {"do": "send", "document": [each.pk for each in (*good, bad)]})
    summary = mihai.get(answer["Location"]).content.decode()
    assert "3 invoices go to the authority, for 1 recipient." in summary
    assert "1 would be refused as it is" in summary
    mihai.post(answer["Location"].partition("?")[0], {"do": "start"})
    assert [post.again(each).transmission for each in good] == ["waiting"] * 3
    assert post.again(bad).transmission == "draft"
    post.now += timedelta(seconds=1)


def test_what_is_not_found_is_sent_again_by_a_person_who_cannot_wait(world: World, login: Login, post: Any) -> None:
    from fatto.portal.exchange.models import Transmission
    from fatto.portal.exchange.states import Sending
    from fatto.portal.tenancy.scope import scope

    document = post.issue("B-1")
    transmission = post.ask(document)
    post.anaf.break_next("upload", "dropped")
    assert post.step(transmission).state == Sending.UNCERTAIN
    mihai, page = login("mihai"), at(world, f"documents/{document.pk}/")
    assert "Send again now" not in mihai.get(page).content.decode()
    assert mihai.post(f"{page}send/again/").status_code == 409
    with scope(post.owner):
        rows = Transmission.objects.filter(pk=transmission.pk)
        rows.update(started_at=post.now - timedelta(hours=3))
    assert "Send again now" in mihai.get(page).content.decode()
    assert mihai.post(f"{page}send/again/").status_code == 303
    assert post.to_the_end(transmission).state == Sending.ACCEPTED
    assert len(post.anaf.uploads()) == 1

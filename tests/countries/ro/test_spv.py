"""The way into SPV, against the stand-in, with everything going wrong that goes wrong at ANAF."""

from __future__ import annotations

import contextlib
import re
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from fatto import countries, pipeline
from fatto.channels import http
from fatto.channels.channel import (
    Damaged,
    Duplicate,
    Expired,
    Kind,
    Limit,
    Listing,
    LoginNeeded,
    Parcel,
    Permanent,
    Progress,
    Rights,
    Temporary,
    Uncertain,
)
from fatto.channels.limiter import InMemory, Key
from fatto.countries.ro import receipts, sandbox, signature, spv
from fatto.countries.ro.sandbox import NO_CAPS, Caps, Faults, Sandbox

SAMPLES = Path(__file__).parents[2] / "samples" / "ro"
INVOICE = (SAMPLES / "a01_standard_21.xml").read_bytes()
SELLER, BUYER = "185472903", "40211570"
T = TypeVar("T")
BACK = "https://portal.example/spv/back"


class Free:
    """A limiter without limits."""

    def take(self, key: Key, cost: int = 1) -> None: ...
    def block(self, key: Key, until: datetime) -> None: ...


def now() -> datetime:
    return datetime.now(UTC)


def run(messages: int = 0, **options: Any) -> AbstractContextManager[Sandbox]:
    options.setdefault("caps", NO_CAPS)
    return sandbox.serve({SELLER: "Pepiniera Verde SRL", BUYER: "Grădina Albastră SRL"}, messages=messages, **options)


@pytest.fixture
def client() -> Iterator[http.Client]:
    with http.Client(pause=0.001, read=2) as made:
        yield made


def service(anaf: Sandbox, client: http.Client, **options: Any) -> spv.Anaf:
    return spv.Anaf(anaf.variables, client, options.pop("limiter", Free()), **options)


def way_in(anaf: Sandbox, client: http.Client, **options: Any) -> spv.Spv:
    return service(anaf, client, **options).channel(anaf.tokens().access)


def everything(channel: spv.Spv, company: str = BUYER) -> Listing:
    return channel.messages(company, now() - timedelta(days=70), now())


def parcel(data: bytes = INVOICE) -> Parcel:
    return Parcel(data=data, company=SELLER, standard="UBL")


# Logging in


def click_through(client: http.Client, url: str, person: str = sandbox.PERSON) -> dict[str, str]:
    """What a person does in the browser: choose a certificate; gives what the browser comes back with."""
    page = client.call("GET", url.split("?")[0], params=dict(urllib.parse.parse_qsl(url.split("?")[1])))
    text = page.body.decode()
    assert "TRAINING" in text
    links = re.findall(r'<a href="([^"]+)">(?:<strong>)?([^<]+)', text)
    link = next(link for link, name in links if name == person).replace("&amp;", "&")
    parts = urllib.parse.urlsplit(urllib.parse.urljoin(url, link))
    reply = client.call("GET", parts._replace(query="").geturl(), params=dict(urllib.parse.parse_qsl(parts.query)))
    assert reply.status == 302
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(reply.headers["location"]).query))


def test_a_person_logs_in_and_the_permission_is_renewed(client: http.Client) -> None:
    with run() as anaf:
        made = service(anaf, client)
        came = click_through(client, made.login_url(state="s1", back=BACK))
        assert came["state"] == "s1"
        tokens = made.exchange(code=made.came_back(came), back=BACK)
        assert tokens.access not in repr(tokens)
        assert tokens.access_until is not None
        assert abs(tokens.access_until - now() - timedelta(days=90)) < timedelta(minutes=1)
        assert tokens.refresh_until is not None
        assert tokens.refresh_until > now() + timedelta(days=364)
        assert tokens.serial == "INS00001"
        everything(made.channel(tokens.access))
        newer = made.refresh(tokens.refresh)
        assert newer.refresh != tokens.refresh
        with pytest.raises(LoginNeeded):
            made.refresh(tokens.refresh)
        everything(made.channel(newer.access))


def test_whoever_gives_no_permission_comes_back_without_a_code(client: http.Client) -> None:
    with run() as anaf:
        made = service(anaf, client)
        came = click_through(client, made.login_url(state="s1", back=BACK), "No certificate, or no permission")
        with pytest.raises(LoginNeeded) as error:
            made.came_back(came)
        assert error.value.official.startswith("access_denied")


def test_a_code_is_good_once_and_only_for_its_address(client: http.Client) -> None:
    with run() as anaf:
        made = service(anaf, client)
        code = click_through(client, made.login_url(state="", back=BACK))["code"]
        with pytest.raises(LoginNeeded):
            made.exchange(code=code, back="https://elsewhere.example/")
        code = click_through(client, made.login_url(state="", back=BACK))["code"]
        made.exchange(code=code, back=BACK)
        with pytest.raises(LoginNeeded):
            made.exchange(code=code, back=BACK)


def test_a_wrong_secret_says_which_settings_to_check(client: http.Client) -> None:
    with run() as anaf:
        made = spv.Anaf({**anaf.variables, spv.CLIENT_SECRET: "wrong"}, client, Free())
        with pytest.raises(Permanent) as error:
            made.refresh("x")
        assert "FATTO_ANAF_CLIENT_SECRET" in error.value.message


def test_a_lost_renewal_is_uncertain_and_not_asked_twice(client: http.Client) -> None:
    with run() as anaf:
        made = service(anaf, client)
        anaf.break_next("token", "lost")
        with pytest.raises(Uncertain):
            made.refresh(anaf.tokens().refresh)
        assert anaf.world.calls["token"] == 1


def test_a_token_that_ended_needs_a_login(client: http.Client) -> None:
    with run(5) as anaf:
        channel = way_in(anaf, client)
        anaf.break_next("listaPaginatie", "expired_token")
        with pytest.raises(LoginNeeded):
            everything(channel)


# Settings


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://api.anaf.ro", "https://api.anaf.ro/prod/FCTEL/rest"),
        ("https://api.anaf.ro/test", "https://api.anaf.ro/test/FCTEL/rest"),
        ("https://api.anaf.ro/test/FCTEL/rest/", "https://api.anaf.ro/test/FCTEL/rest"),
        ("http://localhost:8099", "http://localhost:8099/prod/FCTEL/rest"),
        ("https://relay.example/anaf", "https://relay.example/anaf"),
        ("", "https://api.anaf.ro/prod/FCTEL/rest"),
    ],
)
def test_an_address_may_be_the_servers_or_the_whole(client: http.Client, given: str, expected: str) -> None:
    assert spv.Anaf({spv.API: given}, client).api == expected


@pytest.mark.parametrize("name", [spv.AUTH, spv.API, spv.PUBLIC])
def test_plain_http_leads_nowhere_but_here(client: http.Client, name: str) -> None:
    with pytest.raises(Permanent) as error:
        spv.Anaf({name: "http://api.anaf.ro"}, client)
    assert error.value.code == "setting-not-https"
    assert name in error.value.message


def test_without_registration_nobody_is_sent_to_log_in(client: http.Client) -> None:
    assert not spv.ready({})
    with pytest.raises(Permanent):
        spv.Anaf({}, client).login_url(state="s", back=BACK)


def test_the_country_declares_its_channel() -> None:
    (channel,) = countries.find("RO").channels
    assert channel.code == "ro-spv"
    assert {each.variable for each in channel.settings} == {
        "FATTO_ANAF_AUTH_URL", "FATTO_ANAF_API_URL", "FATTO_ANAF_PUBLIC_URL",
        "FATTO_ANAF_CLIENT_ID", "FATTO_ANAF_CLIENT_SECRET",
    }  # fmt: skip
    assert [each.variable for each in channel.settings if each.secret] == ["FATTO_ANAF_CLIENT_SECRET"]


# Lists


def test_all_pages_are_read_and_each_message_once(client: http.Client) -> None:
    with run(40, caps=Caps(minute=None, per_page=7)) as anaf:
        listing = everything(way_in(anaf, client))
        assert {each.id for each in listing.messages} == anaf.ids(BUYER)
        assert (listing.total, listing.complete) == (40, True)
        assert [each.at for each in listing.messages] == sorted((each.at for each in listing.messages), reverse=True)
        assert {each.kind for each in listing.messages} == set(Kind) - {Kind.BUYER_MESSAGE_SENT, Kind.UNKNOWN}


@pytest.mark.parametrize(
    "faults",
    [Faults(duplicated=1.0), Faults(reordered=1.0), Faults(moving=1.0), Faults(duplicated=1, reordered=1, moving=0.5)],
    ids=["duplicated", "reordered", "moving", "all"],
)
def test_pages_that_move_while_they_are_read_lose_nothing(client: http.Client, faults: Faults) -> None:
    with run(40, caps=Caps(minute=None, per_page=7), faults=faults) as anaf:
        before = anaf.ids(BUYER)
        listing = everything(way_in(anaf, client))
        seen = [each.id for each in listing.messages]
        assert len(seen) == len(set(seen))
        assert before <= set(seen)
        if not faults.moving:
            assert listing.complete
        elif listing.complete:
            assert len(seen) >= listing.total
        else:
            assert len(seen) < listing.total


def next_pages(anaf: Sandbox, *kinds: str) -> None:
    for kind in kinds:
        anaf.break_next("listaPaginatie", kind)


def test_a_later_page_that_comes_back_empty_is_read_again(client: http.Client) -> None:
    with run(12, caps=Caps(minute=None, per_page=7)) as anaf:
        next_pages(anaf, "", "empty_page")
        listing = everything(way_in(anaf, client))
        assert (len(listing.messages), listing.total, listing.complete) == (12, 12, True)


def test_a_later_page_that_stays_empty_proves_nothing(client: http.Client) -> None:
    with run(12, caps=Caps(minute=None, per_page=7)) as anaf:
        next_pages(anaf, *["", "empty_page"] * 3)
        listing = everything(way_in(anaf, client))
        assert (len(listing.messages), listing.total, listing.complete) == (7, 12, False)


def test_a_list_that_is_empty_the_second_time_proves_nothing(client: http.Client) -> None:
    with run(12, caps=Caps(minute=None, per_page=7)) as anaf:
        next_pages(anaf, "", *["empty_page"] * 3)
        listing = everything(way_in(anaf, client))
        assert (len(listing.messages), listing.complete) == (7, False)


def test_without_totals_all_pages_are_read_but_nothing_is_proved(client: http.Client) -> None:
    with run(12, caps=Caps(minute=None, per_page=6)) as anaf:
        next_pages(anaf, *["no_totals"] * 20)
        listing = everything(way_in(anaf, client))
        assert (len(listing.messages), listing.complete) == (12, False)
        anaf.world.broken.clear()
        next_pages(anaf, "no_totals", "", "")
        assert everything(way_in(anaf, client)).complete, "the next round told how many there are"


def test_nothing_in_a_window_is_no_error(client: http.Client) -> None:
    with run() as anaf:
        listing = everything(way_in(anaf, client))
        assert (listing.messages, listing.complete) == ((), True)
        assert way_in(anaf, client).recent(BUYER, 30).messages == ()


def test_the_simple_list_gives_way_to_pages_when_it_is_too_long(client: http.Client) -> None:
    with run(9, caps=Caps(minute=None, per_page=5)) as anaf:
        assert len(way_in(anaf, client).recent(BUYER, 60).messages) == 9
    with run(4) as anaf:
        assert len(way_in(anaf, client).recent(BUYER, 60).messages) == 4


@pytest.mark.parametrize("ahead", [-3600.0, 3600.0])
def test_a_clock_that_is_wrong_is_learned_from_anaf(client: http.Client, ahead: float) -> None:
    with run(5, ahead=ahead) as anaf:
        made = service(anaf, client)
        channel = made.channel(anaf.tokens().access)
        listing = everything(channel)
        assert abs(made.ahead.total_seconds() - ahead) < 5
        assert listing.end <= made.now_there()
        # Ahead of us, its newest messages come to lie in a window of ours only later.
        assert len(listing.messages) == (5 if ahead < 0 else 4)


def test_the_window_never_leaves_what_anaf_answers(client: http.Client) -> None:
    with run() as anaf:
        start, end = way_in(anaf, client).window(now() - timedelta(days=100), now() + timedelta(days=1))
        assert timedelta(days=59, hours=23) < now() - start < timedelta(days=60)
        assert timedelta(seconds=50) < now() - end < timedelta(seconds=70)


def test_no_rights_name_the_company(client: http.Client) -> None:
    with run() as anaf:
        anaf.world.person(sandbox.PERSON, [SELLER])
        with pytest.raises(Rights) as error:
            everything(way_in(anaf, client))
        assert error.value.company == BUYER
        anaf.world.person(sandbox.PERSON, [])
        with pytest.raises(Rights) as error:
            everything(way_in(anaf, client))
        assert (error.value.code, error.value.company) == ("no-rights-at-all", "")


def test_a_server_that_fails_and_comes_back_is_no_trouble(client: http.Client) -> None:
    with run(5) as anaf:
        channel = way_in(anaf, client)
        for kind in ("server_error", "dropped"):
            anaf.break_next("listaPaginatie", kind, 2)
            assert len(everything(channel).messages) == 5


@pytest.mark.parametrize(("kind", "code"), [("html_page", "firewall"), ("server_error", "server-error")])
def test_a_server_that_stays_away_is_tried_again_later(client: http.Client, kind: str, code: str) -> None:
    with run(5) as anaf:
        anaf.break_next("listaPaginatie", kind, 3)
        with pytest.raises(Temporary) as error:
            everything(way_in(anaf, client))
        assert error.value.code == code


# Limits


def test_the_daily_limit_for_lists_is_told_to_everybody(client: http.Client) -> None:
    limiter = InMemory()
    with run(3, caps=Caps(minute=None, pages=1)) as anaf:
        channel = way_in(anaf, client, limiter=limiter)
        everything(channel)
        with pytest.raises(Limit) as error:
            everything(channel)
        assert timedelta(0) < error.value.until - now() <= timedelta(days=1)
        calls = anaf.world.calls["listaPaginatie"]
        with pytest.raises(Limit):
            everything(way_in(anaf, client, limiter=limiter))
        assert anaf.world.calls["listaPaginatie"] == calls


def test_too_fast_means_a_moments_pause_for_everybody(client: http.Client) -> None:
    limiter = InMemory()
    with run(3) as anaf:
        anaf.break_next("listaPaginatie", "too_many")
        with pytest.raises(Limit) as error:
            everything(way_in(anaf, client, limiter=limiter, patience=0.0))
        assert error.value.until - now() < timedelta(seconds=2)
        with pytest.raises(Limit):
            everything(way_in(anaf, client, limiter=limiter, patience=0.0))
        assert anaf.world.calls["listaPaginatie"] == 1
        assert len(everything(way_in(anaf, client, limiter=limiter, patience=2.0)).messages) == 3


def test_a_message_is_not_fetched_more_often_than_anaf_allows(client: http.Client) -> None:
    with run(1, caps=Caps()) as anaf:
        channel = way_in(anaf, client, limiter=InMemory())
        (ident,) = anaf.ids(BUYER)
        for _each in range(10):
            channel.fetch(ident)
        with pytest.raises(Limit):
            channel.fetch(ident)
        assert anaf.world.calls["descarcare"] == 10


# Fetching


def test_every_message_comes_whole_sealed_and_readable(client: http.Client) -> None:
    with run(20) as anaf:
        channel = way_in(anaf, client)
        kinds = set()
        for listed in everything(channel).messages:
            data = channel.fetch(listed.id)
            opened = receipts.open(data)
            kinds.add(opened.kind)
            assert opened.reference == listed.reference
            found = signature.verify(opened.document, opened.seal, [anaf.certificate])
            assert (found.verdict, found.certificate) == ("valid", "pinned")
            if opened.kind is Kind.RECEIVED:
                (document,) = (each for each in pipeline.documents(data, "a.zip") if each.readings)
                assert document.readings[0].invoice.buyer.vat_id in (f"RO{BUYER}", f"RO{listed.buyer}")
                assert not document.readings[0].findings
        assert kinds == {Kind.RECEIVED, Kind.ERRORS, Kind.BUYER_MESSAGE_RECEIVED}


def test_a_damaged_message_is_fetched_once_more_and_then_given_as_it_came(client: http.Client) -> None:
    with run(1) as anaf:
        (ident,) = anaf.ids(BUYER)
        channel = way_in(anaf, client)
        anaf.break_next("descarcare", "truncated")
        receipts.open(channel.fetch(ident))
        anaf.break_next("descarcare", "truncated", 2)
        with pytest.raises(Damaged) as error:
            channel.fetch(ident)
        assert error.value.data.startswith(b"PK")


def test_a_message_beyond_sixty_days_is_gone_for_good(client: http.Client) -> None:
    with run() as anaf:
        listed = anaf.receive(INVOICE, SELLER, BUYER, at=now() - timedelta(days=61))
        with pytest.raises(Expired):
            way_in(anaf, client).fetch(listed[1].id)


def test_a_message_that_is_not_there_is_said_so(client: http.Client) -> None:
    with run() as anaf, pytest.raises(Permanent) as error:
        way_in(anaf, client).fetch("123")
    assert error.value.code == "no-such-message"


# Sending


def test_an_invoice_is_sent_followed_and_listed_for_both(client: http.Client) -> None:
    with run(delay=0.2) as anaf:
        channel = way_in(anaf, client)
        receipt = channel.send(parcel())
        assert receipt.progress is Progress.WORKING
        assert channel.state(receipt.reference).progress is Progress.WORKING
        anaf.world.clock = lambda: now().timestamp() + 300
        receipt = channel.state(receipt.reference)
        assert receipt.progress is Progress.ACCEPTED
        assert receipts.open(channel.fetch(receipt.message)).document == INVOICE
        _age(anaf)
        kinds = [[each.kind for each in everything(channel, company).messages] for company in (SELLER, BUYER)]
        assert kinds == [[Kind.ISSUED], [Kind.RECEIVED]]


def test_a_refused_invoice_says_why_in_anafs_words(client: http.Client) -> None:
    with run(judge=lambda data: ["E: validari globale  SCHEMATRON   eroare: [BR-RO-110]-Daca …"]) as anaf:
        channel = way_in(anaf, client)
        receipt = channel.state(channel.send(parcel()).reference)
        assert receipt.progress is Progress.FAILED
        opened = receipts.open(channel.fetch(receipt.message))
        assert (opened.about, [each.rule for each in opened.complaints]) == (receipt.reference, ["BR-RO-110"])
        assert [each.rule for each in service(anaf, client).validate(INVOICE, "UBL")] == ["BR-RO-110"]


def test_the_same_bytes_again_are_refused_as_sent_before(client: http.Client) -> None:
    with run() as anaf:
        channel = way_in(anaf, client)
        first = channel.send(parcel()).reference
        channel.state(first)
        second = channel.state(channel.send(parcel()).reference)
        assert second.progress is Progress.FAILED
        assert receipts.open(channel.fetch(second.message)).duplicate_of == first


@pytest.mark.parametrize("kind", ["lost_upload", "dropped", "server_error", "html_page"])
def test_a_sending_whose_answer_is_lost_is_never_repeated_by_itself(client: http.Client, kind: str) -> None:
    with run() as anaf:
        anaf.break_next("upload", kind)
        with pytest.raises(Uncertain):
            way_in(anaf, client).send(parcel())
        assert anaf.world.calls["upload"] == 1
        assert len(anaf.uploads()) == (1 if kind == "lost_upload" else 0)


def test_after_a_lost_answer_the_upload_is_found_by_its_bytes(client: http.Client) -> None:
    with run() as anaf:
        channel = way_in(anaf, client)
        other = channel.send(parcel(INVOICE.replace(b"PV-2026-000123", b"PV-2026-000124"))).reference
        sent = now()
        anaf.break_next("upload", "lost_upload")
        with pytest.raises(Uncertain):
            channel.send(parcel())
        early = channel.find(parcel(), sent)
        assert (early.receipt, early.complete) == (None, False)
        anaf.uploads()
        _age(anaf)
        found = channel.find(parcel(), sent - timedelta(minutes=30), known={other})
        assert found.receipt is not None
        assert found.receipt.reference == anaf.uploads()[-1].reference
        assert found.receipt.progress is Progress.ACCEPTED


def test_what_was_never_taken_is_not_found(client: http.Client) -> None:
    with run() as anaf:
        channel = way_in(anaf, client)
        known = channel.send(parcel()).reference
        anaf.uploads()
        _age(anaf)
        looked_for = parcel(INVOICE + b"\n")
        found = channel.find(looked_for, now() - timedelta(minutes=30), known={known})
        assert (found.receipt, found.unexplained, found.complete) == (None, (), True)


def test_a_lost_upload_that_was_refused_shows_as_unexplained(client: http.Client) -> None:
    with run(judge=lambda data: ["E: ceva"]) as anaf:
        channel = way_in(anaf, client)
        anaf.break_next("upload", "lost_upload")
        with pytest.raises(Uncertain):
            channel.send(parcel())
        reference = anaf.uploads()[0].reference
        _age(anaf)
        found = channel.find(parcel(), now() - timedelta(minutes=30))
        assert found.receipt is None
        assert [each.reference for each in found.unexplained] == [reference]


def test_looking_costs_few_of_a_messages_downloads(client: http.Client) -> None:
    """Ten a day: what is received is not ours, what is held is not fetched, what came earlier can wait."""
    with run() as anaf:
        channel = way_in(anaf, client)
        other = INVOICE.replace(b"PV-2026-000123", b"PV-2026-000124")
        ages = timedelta(hours=1), timedelta(minutes=3)
        old, fresh = (anaf.receive(other, SELLER, BUYER, at=now() - age)[0] for age in ages)
        anaf.receive(other, BUYER, SELLER, at=now() - timedelta(minutes=3))

        def fetched(since: datetime, **more: Any) -> int:
            before = anaf.world.calls["descarcare"]
            channel.find(parcel(), since, **more)
            return anaf.world.calls["descarcare"] - before

        assert fetched(now() - timedelta(minutes=4)) == 1
        assert fetched(now() - timedelta(minutes=30)) == 2
        assert fetched(now() - timedelta(minutes=30), known={old.reference, fresh.reference}) == 0
        assert fetched(now() - timedelta(minutes=30), held=lambda message: channel.fetch(fresh.id)) == 2


def test_a_message_whose_downloads_are_used_up_proves_nothing_and_hides_no_other(client: http.Client) -> None:
    with run(caps=Caps(downloads=1)) as anaf:
        channel = way_in(anaf, client)
        anaf.break_next("upload", "lost_upload")
        with pytest.raises(Uncertain):
            channel.send(parcel())
        anaf.uploads()
        other = INVOICE.replace(b"PV-2026-000123", b"PV-2026-000124")
        used = anaf.receive(other, SELLER, BUYER, at=now() - timedelta(minutes=30))[0]
        channel.fetch(used.id)
        missing = channel.find(parcel(INVOICE + b"\n"), now() - timedelta(minutes=40))
        assert (missing.receipt, missing.complete) == (None, False)
        _age(anaf)
        assert channel.find(parcel(), now() - timedelta(minutes=40)).receipt is not None


def test_a_clock_that_is_wrong_by_hours_hides_nothing(client: http.Client) -> None:
    with run() as anaf:
        channel = way_in(anaf, client)
        anaf.receive(INVOICE, SELLER, BUYER, at=now() - timedelta(hours=5))
        assert channel.find(parcel(), now() - timedelta(minutes=30)).receipt is not None


def _age(anaf: Sandbox, seconds: float = 600) -> None:
    """Let what lies in the boxes have come earlier."""
    for box in anaf.world.state.boxes.values():
        for stored in box.values():
            stored.at -= seconds


def test_a_technical_trouble_takes_nothing(client: http.Client) -> None:
    with run() as anaf:
        anaf.break_next("upload", "technical")
        with pytest.raises(Temporary) as error:
            way_in(anaf, client).send(parcel())
        assert not isinstance(error.value, Uncertain)
        assert anaf.uploads() == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (Parcel(data=b"<Invoice1/>", company=SELLER, standard="UBL"), "not-valid-xml"),
        (Parcel(data=b"x" * (10 * 1024 * 1024 + 1), company=SELLER, standard="UBL"), "too-large"),
        (Parcel(data=INVOICE, company=SELLER, standard="PDF"), "bad-request"),
        (Parcel(data=INVOICE, company=f"RO{SELLER}", standard="UBL"), "bad-request"),
        (Parcel(data=INVOICE, company=SELLER, standard="UBL", options=frozenset({"ceva"})), "bad-request"),
        (Parcel(data=INVOICE, company="14399840", standard="UBL"), "no-rights-company"),
    ],
)
def test_what_cannot_be_sent_says_why(client: http.Client, given: Parcel, code: str) -> None:
    with run() as anaf:
        with pytest.raises(Permanent) as error:
            way_in(anaf, client).send(given)
        assert error.value.code == code
        assert anaf.uploads() == []


def test_a_self_billed_invoice_of_one_company_gives_two_messages_and_one_reference(client: http.Client) -> None:
    with run() as anaf:
        channel = way_in(anaf, client)
        own = INVOICE.replace(b"40211570", b"185472903")
        reference = channel.send(parcel(own)).reference
        anaf.uploads()
        _age(anaf)
        listed = everything(channel, SELLER).messages
        assert {each.kind for each in listed} == {Kind.ISSUED, Kind.RECEIVED}
        assert {each.reference for each in listed} == {reference}


def test_a_buyers_message_reaches_the_seller(client: http.Client) -> None:
    with run() as anaf:
        channel = way_in(anaf, client)
        issued, _received = anaf.receive(INVOICE, SELLER, BUYER, at=now() - timedelta(hours=1))
        sent = channel.send(spv.reply(issued.reference, f"RO{BUYER}", 'Preț <greșit>\nla "Buxus" & altele'))
        assert channel.state(sent.reference).progress is Progress.ACCEPTED
        _age(anaf)
        (message,) = (each for each in everything(channel, SELLER).messages if each.kind is Kind.BUYER_MESSAGE_RECEIVED)
        opened = receipts.open(channel.fetch(message.id))
        assert (opened.about, opened.text) == (issued.reference, 'Preț <greșit>\nla "Buxus" & altele')


def test_too_many_messages_to_sellers_are_a_limit(client: http.Client) -> None:
    with run(caps=Caps(rasp=1)) as anaf:
        channel = way_in(anaf, client)
        channel.send(spv.reply("51", BUYER, "Unu"))
        with pytest.raises(Limit):
            channel.send(spv.reply("51", BUYER, "Doi"))


# What is special about a document


@pytest.mark.parametrize(
    ("name", "company", "standard", "options"),
    [
        ("a01_standard_21", "RO185472903", "UBL", set()),
        ("a08_credit_note_381", "185472903", "CN", set()),
        ("a12_b2c_13_zeros", "185472903", "UBL", {"b2c"}),
        ("a14_intra_community_K", "185472903", "UBL", {"extern"}),
        ("valid-cii-plain-0001", "185472903", "CII", None),
    ],
)
def test_a_document_says_itself_how_it_is_sent(
    name: str, company: str, standard: str, options: set[str] | None
) -> None:
    data = (SAMPLES / f"{name}.xml").read_bytes().replace(b"IT99737625", b"RO185472903")
    (document,) = pipeline.documents(data, "a.xml")
    made = spv.prepare(data, document.readings[0].format, document.readings[0].invoice, company)
    assert (made.standard, made.company, made.data) == (standard, "185472903", data)
    if options is not None:
        assert made.options == options


def test_a_self_billed_invoice_is_marked_when_the_buyer_sends_it() -> None:
    data = (SAMPLES / "a10_self_billed_389.xml").read_bytes()
    (document,) = pipeline.documents(data, "a.xml")
    invoice = document.readings[0].invoice
    seller, buyer = (countries.find("RO").party_ids(each)[-1] for each in (invoice.seller, invoice.buyer))
    assert spv.prepare(data, "ubl-invoice", invoice, buyer).options == {"autofactura"}
    assert spv.prepare(data, "ubl-invoice", invoice, seller).options == set()


def test_what_another_company_sells_is_not_sent() -> None:
    data = (SAMPLES / "a01_standard_21.xml").read_bytes()
    (document,) = pipeline.documents(data, "a.xml")
    with pytest.raises(Permanent, match="seller"):
        spv.prepare(data, "ubl-invoice", document.readings[0].invoice, BUYER)


def test_a_fatturapa_is_not_for_anaf() -> None:
    (document,) = pipeline.documents(INVOICE, "a.xml")
    with pytest.raises(Permanent):
        spv.prepare(INVOICE, "fatturapa", document.readings[0].invoice, SELLER)


# Services without a login


def test_anafs_own_paper_is_had_or_not_without_harm(client: http.Client) -> None:
    with run() as anaf:
        made = service(anaf, client)
        assert made.paper(INVOICE, "UBL").startswith(b"%PDF")
        anaf.break_next("transformare", "html_page")
        assert made.paper(INVOICE, "UBL").startswith(b"%PDF")  # the second way round
        anaf.break_next("transformare", "html_page", 2)
        with pytest.raises(Temporary):
            made.paper(INVOICE, "UBL")


def test_what_the_firewall_takes_for_an_attack_is_left_out_of_the_copy() -> None:
    marked = INVOICE.replace(b"<Invoice ", b'<Invoice xsi:schemaLocation="urn:a ../../a.xsd" xmlns:xsi="urn:x" ', 1)
    assert b"schemaLocation" not in spv._SCHEMA_LOCATION.sub(b"", marked, count=1)


def test_anaf_itself_confirms_a_seal(client: http.Client) -> None:
    with run(1) as anaf:
        (ident,) = anaf.ids(BUYER)
        opened = receipts.open(way_in(anaf, client).fetch(ident))
        assert opened.seal is not None
        assert service(anaf, client).confirm(opened.document, opened.seal)
        assert not service(anaf, client).confirm(INVOICE, opened.seal)


# The stand-in itself


def test_a_stand_in_with_a_folder_remembers(client: http.Client, tmp_path: Path) -> None:
    with run(3, folder=tmp_path) as anaf:
        ids, certificate = anaf.ids(BUYER), anaf.certificate
        tokens = anaf.tokens()
        reference = way_in(anaf, client).send(parcel()).reference
    with run(3, folder=tmp_path) as anaf:
        assert anaf.certificate == certificate
        channel = service(anaf, client).channel(tokens.access)
        receipt = channel.state(reference)
        assert receipts.open(channel.fetch(receipt.message)).document == INVOICE
        assert {each.id for each in everything(channel).messages} >= ids


def test_it_sends_nobody_elsewhere_without_https(client: http.Client) -> None:
    with run() as anaf:
        page = client.call(
            "GET",
            f"{anaf.url}/anaf-oauth2/v1/choose",
            params={"client_id": "training", "redirect_uri": "http://evil.example/", "person": "INS00001"},
        )
        assert page.status == 400


def test_faults_by_chance_come_the_same_each_time(client: http.Client) -> None:
    seen = []
    for _each in range(2):
        with run(5, seed=7, faults=Faults(server_error=0.3, dropped=0.2)) as anaf:
            channel = way_in(anaf, client)
            for _again in range(6):
                with contextlib.suppress(Temporary):
                    everything(channel)
            seen.append(anaf.world.calls["listaPaginatie"])
            assert anaf.troubles == []
    assert seen[0] == seen[1] > 6


def test_with_everything_going_wrong_everything_still_comes(client: http.Client) -> None:
    faults = Faults(
        server_error=0.05, html_page=0.02, truncated=0.05, dropped=0.05, expired_token=0.02, duplicated=0.3,
        reordered=0.3, moving=0.3,
    )  # fmt: skip
    with run(60, seed=5, faults=faults, caps=Caps(minute=None, per_page=11)) as anaf:
        made = service(anaf, client)
        tokens = anaf.tokens()

        def insist(ask: Callable[[spv.Spv], T]) -> T:
            nonlocal tokens
            for _each in range(30):
                try:
                    return ask(made.channel(tokens.access))
                except LoginNeeded:
                    with contextlib.suppress(Temporary):
                        tokens = made.refresh(tokens.refresh)
                except Temporary:
                    continue
            raise AssertionError("it never came")

        there = anaf.ids(BUYER)
        listed = insist(everything).messages
        assert there <= {each.id for each in listed}
        for each in listed:
            assert receipts.open(insist(lambda channel, each=each: channel.fetch(each.id))).reference == each.reference
        assert anaf.troubles == []


def test_duplicates_said_at_once_are_understood_too(client: http.Client) -> None:
    answer = spv.answers.matched(spv.Call.UPLOAD, "Factura a mai fost transmisa anterior cu index=7")
    assert isinstance(answer.error(now()), Duplicate)

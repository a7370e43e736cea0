"""Documents that are mailed to a company's own address."""

from __future__ import annotations

import pytest
from tests.portal import papers as invoices
from tests.portal import pictures
from tests.portal.flow.test_papers import prepared
from tests.portal.world import World

from fatto.portal.documents.models import Delivery, Document, Mailbox, Quarantined
from fatto.portal.flow import arrive, mailin
from fatto.portal.tenancy.action import NotAllowed
from fatto.portal.tenancy.scope import scope


def key(world: World, *senders: str) -> str:
    with scope(world.at_company("maria", "rossi")) as maria:
        made = mailin.renew(maria, maria.company).key
        if senders:
            mailin.allow(maria, maria.company, senders=senders)
        return made


def taken(world: World, message: bytes, to: str) -> Delivery | None:
    delivery = mailin.take_documents(message, to)
    if delivery is not None and delivery.state == "waiting":
        arrive.process(world.firms["bianchi"], delivery.pk)
    return delivery


def documents(world: World) -> list[Document]:
    with scope(world.at_company("maria", "rossi")):
        return list(Document.objects.order_by("id"))


def test_an_attachment_becomes_a_document_and_the_logo_in_the_text_does_not(world: World):
    message = pictures.mail(("bolletta.pdf", pictures.scan("Bolletta"), "application/pdf"), logo=pictures.png("logo"))
    taken(world, message, key(world))
    [document] = documents(world)
    assert (document.name, document.channel) == ("bolletta.pdf", "mail")
    assert document.uploaded_by == world.people["maria"]


def test_a_large_photograph_within_the_text_is_taken(world: World):
    import os

    photograph = pictures.jpeg() + os.urandom(150_000)
    taken(world, pictures.mail(logo=photograph), key(world))
    assert [each.name for each in documents(world)] == ["logo.png"]


def test_an_invoice_in_a_mail_goes_the_way_of_invoices(world: World):
    taken(world, pictures.mail(("a.xml", invoices.fatturapa("FT 7"), "application/xml")), key(world))
    assert [(each.direction, each.number) for each in documents(world)] == [("received", "FT 7")]


def test_a_receipt_in_the_text_alone_is_a_readable_page(world: World):
    taken(world, pictures.mail(text="Pagato 12,50", subject="Taxi"), key(world))
    document = prepared(world.at_company("maria", "rossi"))
    assert document.name == "Taxi.eml"
    with scope(world.at_company("maria", "rossi")):
        assert "Pagato 12,50" in document.paper.text


def test_the_same_message_twice_files_once(world: World):
    """However many servers it came through."""
    to = key(world)
    message = pictures.mail(("a.pdf", pictures.scan("Uno"), "application/pdf"))
    again = b"Received: from mx.example.org by mail.example.com; Mon, 5 Oct 2026 10:00:00 +0200\n" + message
    first, second = taken(world, message, to), taken(world, again, to)
    assert first == second
    assert len(documents(world)) == 1


def test_another_message_under_the_same_id_is_not_lost(world: World):
    """Some scanners give all of their mails one Message-ID, and a stranger may use one that was not sent yet."""
    to = key(world)
    for name in ("Uno", "Due"):
        taken(world, pictures.mail((f"{name}.pdf", pictures.scan(name), "application/pdf")), to)
    assert [each.name for each in documents(world)] == ["Uno.pdf", "Due.pdf"]
    taken(world, pictures.mail(("Tre.pdf", pictures.scan("Tre"), "application/pdf"), sender="x@y.example"), to)
    taken(world, pictures.mail(("Quattro.pdf", pictures.scan("Quattro"), "application/pdf")), to)
    assert [each.name for each in documents(world)] == ["Uno.pdf", "Due.pdf", "Quattro.pdf"]


@pytest.mark.parametrize("sender", ["spam@elsewhere.example", "", "sara@example.org", "luca@example.org"])
def test_who_is_not_known_waits_in_quarantine_until_a_person_lets_the_message_in(world: World, sender: str):
    """Sara only reads at Rossi, Luca is another company's."""
    message = pictures.mail(("a.pdf", pictures.scan("Uno"), "application/pdf"), sender=sender)
    taken(world, message, key(world))
    assert documents(world) == []
    anna = world.at_firm("anna", "bianchi")
    with scope(anna):
        stray = Quarantined.objects.select_related("file", "delivery").get()
        assert (stray.reason, stray.seller_name) == ("unknown-sender", sender)
        with pytest.raises(arrive.SentElsewhere):
            arrive.route(anna, stray, world.companies["verdi"])
        arrive.route(anna, stray, world.companies["rossi"])
        delivery = Delivery.objects.filter(state="waiting").get()
    arrive.process(anna.firm, delivery.pk)
    assert [each.name for each in documents(world)] == ["a.pdf"]


@pytest.mark.parametrize("listed", ["spam@elsewhere.example", "@elsewhere.example"])
def test_listed_addresses_and_domains_are_let_in(world: World, listed: str):
    message = pictures.mail(("a.pdf", pictures.scan("Uno"), "application/pdf"), sender="SPAM@Elsewhere.example")
    taken(world, message, key(world, listed))
    assert len(documents(world)) == 1


def test_a_key_that_is_nobodys_or_no_longer_takes_nothing(world: World):
    old = key(world)
    fresh = key(world)
    message = pictures.mail(("a.pdf", pictures.scan("Uno"), "application/pdf"))
    for wrong in (old, "", "x", "x" * 500, "a'b", old.upper() + "1"):
        assert mailin.take_documents(message, wrong) is None
    assert taken(world, message, fresh.upper()) is not None


def test_hostile_messages_are_kept_and_break_nothing(world: World):
    to = key(world)
    for number, message in enumerate(
        (
            b"",
            b"\0" * 1000,
            b"From: maria@example.org\n" + b"X: y\n" * 50_000,
            b"From: =?utf-8?b?////?= <maria@example.org>\n\n",
        )
    ):
        taken(world, message + str(number).encode(), to)


def test_a_mailbox_is_its_companys(world: World):
    key(world)
    for who in (world.at_company("luca", "verdi"), world.at_firm("ioana", "dunarea")):
        with scope(who):
            assert Mailbox._base_manager.count() == 0
    elena = world.at_company("elena", "rossi")
    with scope(elena), pytest.raises(NotAllowed):
        mailin.renew(elena, elena.company)


@pytest.mark.parametrize("wrong", ["nobody", "@", "@com", "a@b", "*@example.com", "a b@example.com"])
def test_what_is_no_address_is_not_listed(world: World, wrong: str):
    with scope(world.at_company("maria", "rossi")) as maria, pytest.raises(mailin.NoAddress):
        mailin.allow(maria, maria.company, senders=["good@example.com", wrong])

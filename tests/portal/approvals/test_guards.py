"""What asks for a second look: accounts, copies, sums, signs and amounts; and what must not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.approvals import guards, queries, twins
from fatto.portal.approvals.actions import SecondLook
from fatto.portal.approvals.models import Account, Alert, Backlog, Twin
from fatto.portal.archive import queries as archive
from fatto.portal.documents import queries as documents
from fatto.portal.documents import words
from fatto.portal.documents.models import Document
from fatto.portal.flow import bundle, decide, gate, guard, keep
from fatto.portal.tenancy import actor as actors
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.models import Gate
from fatto.portal.tenancy.scope import scope

OLD = b"IT60X0542811101000000123456"
NEW = b"IT02L1234512345123456789012"


@pytest.fixture
def hand_in(world: World):
    """Hands an invoice in at the firm, and gives its document as the company sees it."""

    def bring(number: str, *, swap: dict[bytes, bytes] | None = None, make=papers.fatturapa, **fields: str) -> Document:
        data = make(number, **fields)
        for old, new in (swap or {}).items():
            assert old in data
            data = data.replace(old, new)
        ours = make is papers.fatturapa
        firm = world.at_firm("anna", "bianchi") if ours else world.at_company("mihai", "brutaria")
        delivery = world.hand_in(firm, f"{number.replace('/', '-')}.xml", data)
        with scope(actors.system(firm.firm)):
            (item,) = documents.items(delivery)
            return documents.get(item.document_id)

    return bring


def alerts(world: World, document: Document) -> dict[str, str]:
    """Kinds and reasons that nobody has confirmed."""
    with scope(actors.system(document.company.firm)):
        return {each.kind: each.why for each in queries.alerts(document) if each.confirmed_at is None}


# -- accounts


def test_the_first_account_of_a_supplier_is_taken_as_it_is_and_the_same_one_never_raises_anything(world, hand_in):
    for number, account in (
        ("1", OLD),
        ("2", b"it60x0542811101000000123456"),
        ("3", b"IT60 X054 2811 1010 0000 0123 456"),
        ("4", b"IBAN:IT60X0542811101000000123456"),
    ):
        document = hand_in(number, swap={OLD: account})
        assert document.alerts == []
    with scope(world.at_company("maria", "rossi")):
        (account,) = Account.objects.all()
    assert (account.supplier, account.account, account.documents) == ("IT01234567897", OLD.decode(), 4)
    assert account.trusted_at is not None


def test_another_account_says_what_was_used_before(world, hand_in):
    for number in "12":
        hand_in(number)
    document = hand_in("3", swap={OLD: NEW})
    assert document.alerts == ["iban"]
    why = alerts(world, document)["iban"]
    assert "IT02 L123 4512 3451 2345 6789 012" in why
    assert "The last 2 invoices named IT60 X054" in why
    with scope(world.at_company("maria", "rossi")):
        verbs = [(deed.verb, deed.data.get("kinds")) for deed in trail.of_document(document.company_id, document.pk)]
    assert verbs == [("arrived", None), ("alert-raised", ["iban"])]


def test_an_account_that_nobody_confirmed_raises_an_alert_again_and_a_confirmed_one_does_not(world, hand_in):
    hand_in("1")
    first, second = (hand_in(number, swap={OLD: NEW}) for number in "23")
    assert first.alerts == second.alerts == ["iban"]
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        guard.confirm(maria, first, ["iban"], note="called Energia")
        assert trail.of_document(first.company_id, first.pk)[-1].data == {"kinds": ["iban"], "note": "called Energia"}
        trusted = Account.objects.get(account=NEW.decode())
    assert (trusted.trusted_by, trusted.trusted_at is not None) == ("Maria", True)
    assert hand_in("4", swap={OLD: NEW}).alerts == []
    assert hand_in("5").alerts == [], "the old one is good still"


def test_a_second_account_beside_a_known_one_raises_an_alert(world, hand_in):
    hand_in("1")
    both = b"</DettaglioPagamento>"
    further = b"""</DettaglioPagamento><DettaglioPagamento><ModalitaPagamento>MP05</ModalitaPagamento>
<ImportoPagamento>1.00</ImportoPagamento><IBAN>IT02L1234512345123456789012</IBAN></DettaglioPagamento>"""
    document = hand_in("2", swap={both: further})
    assert document.alerts == ["iban"]
    assert "IT60" in alerts(world, document)["iban"].split("named")[1]


def test_two_accounts_in_the_first_document_are_both_taken(world, hand_in):
    further = b"""</DettaglioPagamento><DettaglioPagamento><ModalitaPagamento>MP05</ModalitaPagamento>
<ImportoPagamento>1.00</ImportoPagamento><IBAN>IT02L1234512345123456789012</IBAN></DettaglioPagamento>"""
    assert hand_in("1", swap={b"</DettaglioPagamento>": further}).alerts == []
    assert hand_in("2", swap={OLD: NEW}).alerts == []


@pytest.mark.parametrize(
    ("what", "swap", "fields"),
    [
        ("credit note", {OLD: NEW}, {"kind": "TD04"}),
        ("no account", {b"<IBAN>" + OLD + b"</IBAN>": b""}, {}),
        ("collected by direct debit", {OLD: NEW, b"MP05": b"MP19"}, {}),
        ("bank receipt", {OLD: NEW, b"MP05": b"MP12"}, {}),
        ("self-issued", {OLD: NEW}, {"kind": "TD17", "seller_country": "DE", "seller_id": "123456789"}),
    ],
)
def test_what_asks_nobody_to_pay_to_an_account_raises_nothing_and_teaches_nothing(world, hand_in, what, swap, fields):
    hand_in("1")
    assert hand_in("2", swap=swap, **fields).alerts == []
    with scope(world.at_company("maria", "rossi")):
        assert [each.account for each in Account.objects.all()] == [OLD.decode()]


def test_what_the_company_issued_is_left_alone(world):
    maria = world.at_company("maria", "rossi")
    for number, account in (("1", OLD), ("2", NEW)):
        data = papers.fatturapa(
            number,
            seller="Panificio Rossi S.r.l.",
            seller_id="12345678903",
            buyer="Bar Centrale",
            buyer_id="01234567897",
            net="100.00" if number == "1" else "90000.00",
        ).replace(OLD, account)
        world.hand_in(maria, f"{number}.xml", data)
    with scope(maria):
        assert {(each.direction, *each.alerts) for each in Document.objects.all()} == {("issued",)}
        assert not Account.objects.exists()


def test_one_account_of_two_suppliers_is_each_ones_own(world, hand_in):
    hand_in("1")
    assert hand_in("1", seller="Acqua Chiara S.p.A.", seller_id="00743110157", swap={OLD: NEW}).alerts == []


def test_a_supplier_without_a_tax_id_has_a_history_by_country_and_name(world, hand_in):
    abroad = {"seller": "Harbor Tools Inc.", "seller_country": "US", "seller_id": "99999999999"}
    assert hand_in("1", **abroad).alerts == []
    assert hand_in("2", **abroad).alerts == []
    assert hand_in("3", swap={OLD: NEW}, **abroad).alerts == ["iban"]
    with scope(world.at_company("maria", "rossi")):
        assert {each.supplier for each in Account.objects.all()} == {"US~harbortools"}


def test_a_foreign_supplier_is_known_by_its_number_however_it_is_written(world, hand_in):
    german = {"seller": "Isar Messtechnik GmbH", "seller_country": "DE"}
    assert hand_in("1", seller_id="123456789", **german).alerts == []
    assert hand_in("2", seller_id="DE123456789", swap={OLD: NEW}, **german).alerts == ["iban"]


@pytest.mark.parametrize("name", ["Energia Esempio S.r.l.", "ENERGIA  ESEMPI0 SPA", "Energia Essempio"])
def test_a_look_alike_with_another_tax_id_and_account_is_told(world, hand_in, name):
    hand_in("1")
    document = hand_in("9", seller=name, seller_id="00743110157", swap={OLD: NEW})
    assert document.alerts == ["iban"]
    assert "nearly the same name as Energia Esempio S.p.A." in alerts(world, document)["iban"]
    again = hand_in("10", seller=name, seller_id="00743110157", swap={OLD: NEW})
    assert again.alerts == ["iban"], "the first of them did not make it trusted"


@pytest.mark.parametrize(
    ("name", "other"),
    [("Condominio Aurora 12", "Condominio Aurora 13"), ("Rossi", "Rosso"), ("Bar Sport", "Bar Porto")],
)
def test_names_that_only_resemble_one_another_are_no_look_alikes(world, hand_in, name, other):
    hand_in("1", seller=name)
    assert hand_in("1", seller=other, seller_id="00743110157", swap={OLD: NEW}).alerts == []


def test_a_look_alike_with_the_same_account_is_a_company_under_a_new_number(world, hand_in):
    hand_in("1")
    assert hand_in("9", seller_id="00743110157").alerts == []


def test_changes_within_one_archive_are_found_by_date(world):
    anna = world.at_firm("anna", "bianchi")
    files = {
        f"{n}.xml": papers.fatturapa(str(n), day=f"2026-0{n}-01").replace(OLD, NEW if n == 6 else OLD)
        for n in (6, 1, 3, 2)
    }
    world.hand_in(anna, "a.zip", papers.zipped(files))
    with scope(anna):
        assert dict(Document.objects.values_list("number", "alerts")) == {"1": [], "2": [], "3": [], "6": ["iban"]}


def test_romanian_invoices_are_watched_as_well(world, hand_in):
    account = b"RO49AAAA1B31007593840000"
    hand_in("F-1", make=papers.ubl)
    assert hand_in("F-2", make=papers.ubl, seller_id="RO 14399840").alerts == []
    assert hand_in("F-3", make=papers.ubl, swap={account: b"RO09BCYP0000001234567890"}).alerts == ["iban"]
    assert hand_in("F-4", make=papers.ubl, kind="381", swap={account: b"RO09BCYP0000001234567899"}).alerts == []


# -- copies


def test_the_same_number_and_amount_under_another_date_may_be_a_copy(world, hand_in):
    hand_in("FT 12/A")
    document = hand_in("0012/A", day="2026-10-06")
    assert document.alerts == ["duplicate"]
    assert "FT 12-A.xml" in alerts(world, document)["duplicate"]


@pytest.mark.parametrize(
    "fields", [{"net": "100.01"}, {"number": "12/B"}, {"number": "121"}, {"seller_id": "00743110157"}]
)
def test_what_differs_in_number_amount_or_party_is_no_copy(world, hand_in, fields):
    hand_in("12/A")
    fields = {"number": "12/A", "day": "2026-10-06", **fields}
    assert hand_in(fields.pop("number"), **fields).alerts == []


def paper(world: World, **fields: object) -> Document:
    """A PDF on which somebody wrote what it is."""
    maria = world.at_company("maria", "rossi")
    world.hand_in(maria, "scan.pdf", b"%PDF-1.4 an invoice on paper\n%%EOF\n")
    with scope(maria):
        document = Document.objects.select_related("company", "file").get(name="scan.pdf")
        for name, value in fields.items():
            setattr(document, name, value)
        document.save(update_fields=list(fields))
        guard.look(maria, [document])
        return documents.get(document.pk)


WRITTEN = {
    "party_name": "Energia Esempio",
    "number": "12/A",
    "number_key": words.number_key("12/A"),
    "amount": Decimal("122.00"),
    "currency": "EUR",
}


def test_a_scan_and_the_electronic_invoice_are_recognised_whichever_comes_first(world, hand_in):
    scan = paper(world, **WRITTEN)
    assert scan.alerts == []
    assert hand_in("FT 12/A").alerts == ["duplicate"]


def test_a_scan_after_the_electronic_invoice_is_recognised_as_well(world, hand_in):
    hand_in("12/A")
    assert paper(world, **WRITTEN).alerts == ["duplicate"]


def test_two_that_are_one_keep_both_files_and_can_be_parted(world, hand_in):
    scan, invoice = paper(world, **WRITTEN), hand_in("12/A")
    anna, maria = world.at_firm("anna", "bianchi"), world.at_company("maria", "rossi")
    with scope(maria):
        twin = guard.join(maria, invoice, scan)
        assert (twin.document_id, twin.twin_id) == (invoice.pk, scan.pk), "the electronic invoice goes on"
        scan, invoice = documents.get(scan.pk), documents.get(invoice.pk)
        assert (scan.booking, scan.approval, invoice.alerts) == ("excluded", "not_required", [])
        steps = [deed.verb for deed in trail.of_document(invoice.company_id, invoice.pk)]
        assert steps == ["arrived", "alert-raised", "joined", "alert-confirmed"]
        assert [deed.verb for deed in trail.of_document(scan.company_id, scan.pk)] == ["arrived", "joined"]
        decide.approve(maria, invoice)
    with scope(anna):
        keep.book(anna, [documents.get(invoice.pk)])
        (record,) = archive.below()
    names = [kept.name for kept in bundle.files(anna, record, "en")]
    assert "12-A.xml" in names
    assert "scan.pdf" in names
    with scope(maria):
        guard.part(maria, scan)
        scan = documents.get(scan.pk)
        assert (scan.booking, scan.approval) == ("to_book", "to_approve")
        assert [deed.verb for deed in trail.of_document(scan.company_id, scan.pk)] == ["arrived", "joined", "parted"]
        assert Twin.objects.get().parted_at is not None


def test_what_rests_keeps_the_states_of_the_moment_it_began_to(world, hand_in):
    """A page that was opened before the decision was taken back must not bring the decision back."""
    hand_in("FT 1", day="2026-09-01")
    hand_in("FT 1", day="2026-09-02")
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        first, second = Document.objects.order_by("pk").select_related("company")
        decide.approve(maria, second, confirmed=["duplicate"])
        stale = Document.objects.select_related("company").get(pk=second.pk)
        decide.undo(maria, second)
        assert (stale.approval, Document.objects.get(pk=second.pk).approval) == ("approved", "to_approve")
        twins.join(maria, first, other=stale)
        twins.part(maria, Document.objects.select_related("company").get(pk=second.pk))
        assert Document.objects.get(pk=second.pk).approval == "to_approve"


def test_what_rests_is_hidden_from_the_firm_as_long_as_the_other_one(world):
    mihai, ioana = world.at_company("mihai", "brutaria"), world.at_firm("ioana", "dunarea")
    for number, day in (("F-7", "2026-10-05"), ("F 7", "2026-10-06")):
        world.hand_in(mihai, f"{number}.xml", papers.ubl(number, day=day))
    with scope(mihai):
        first, second = Document.objects.order_by("id").select_related("company", "file")
        assert second.alerts == ["duplicate"]
        guard.join(mihai, second, first)
    with scope(ioana):
        assert not Document.objects.exists()
    with scope(mihai):
        decide.approve(mihai, documents.get(first.pk))
    with scope(ioana):
        assert Document.objects.count() == 2
    with scope(mihai):
        decide.undo(mihai, documents.get(first.pk))
    with scope(ioana):
        assert not Document.objects.exists()
        assert not Twin.objects.exists()
    with scope(mihai):
        gate.set_gate(mihai, world.companies["brutaria"], gate=Gate.SOFT)
    with scope(ioana):
        assert Document.objects.count() == 2


def test_two_different_documents_stay_two(world, hand_in):
    hand_in("12/A")
    document = hand_in("12/A", day="2026-10-06")
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        guard.confirm(maria, document, ["duplicate"])
        assert documents.get(document.pk).alerts == []
        decide.approve(maria, documents.get(document.pk))


# -- signs and sums


@pytest.mark.parametrize(
    ("net", "kind", "swap", "kinds"),
    [
        ("100.00", "TD01", {}, []),
        ("100.00", "TD04", {}, []),
        ("-100.00", "TD04", {}, ["sign"]),
        ("-100.00", "TD01", {}, ["sign"]),
        (
            "-100.00",
            "TD01",
            {
                b"</DatiGenerali>": b"<DatiFattureCollegate><IdDocumento>7</IdDocumento></DatiFattureCollegate>"
                b"</DatiGenerali>"
            },
            [],
        ),
    ],
)
def test_a_sign_against_the_kind_of_document_is_told(world, hand_in, net, kind, swap, kinds):
    assert hand_in("1", net=net, kind=kind, swap=swap).alerts == kinds


@pytest.mark.parametrize(
    ("swap", "what"),
    [
        ({b"<ImportoTotaleDocumento>122.00": b"<ImportoTotaleDocumento>132.00"}, "the total says"),
        ({b"<Imposta>22.00": b"<Imposta>32.00"}, "VAT at the rate written would be 22.00"),
        ({b"<PrezzoTotale>100.00": b"<PrezzoTotale>90.00"}, "The lines add up to 90.00"),
    ],
)
def test_sums_that_do_not_add_up_are_told_with_both_numbers(world, hand_in, swap, what):
    document = hand_in("1", swap=swap)
    assert document.alerts == ["arithmetic"]
    assert what in alerts(world, document)["arithmetic"]


@pytest.mark.parametrize(
    "swap",
    [
        {b"<ImportoTotaleDocumento>122.00": b"<ImportoTotaleDocumento>122.99"},
        {b"<ImportoTotaleDocumento>122.00</ImportoTotaleDocumento>": b""},
        {
            b"<Data>": b"<DatiRitenuta><TipoRitenuta>RT02</TipoRitenuta><ImportoRitenuta>20.00</ImportoRitenuta>"
            b"<AliquotaRitenuta>20.00</AliquotaRitenuta><CausalePagamento>A</CausalePagamento></DatiRitenuta><Data>",
            b"<ImportoTotaleDocumento>122.00": b"<ImportoTotaleDocumento>102.00",
        },
        {
            b"<ImportoTotaleDocumento>122.00": b"<DatiBollo><BolloVirtuale>SI</BolloVirtuale></DatiBollo>"
            b"<ImportoTotaleDocumento>124.00"
        },
        {b"<EsigibilitaIVA>I": b"<EsigibilitaIVA>S", b"<ImportoTotaleDocumento>122": b"<ImportoTotaleDocumento>100"},
    ],
)
def test_what_authorities_and_writers_do_lawfully_is_not_told(world, hand_in, swap):
    assert hand_in("1", swap=swap).alerts == []


def test_a_romanian_storno_with_its_reference_is_in_order(world, hand_in):
    reference = (
        b"<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>F-1</cbc:ID></cac:InvoiceDocumentReference>"
        b"</cac:BillingReference><cac:AccountingSupplierParty>"
    )
    storno = {b"<cac:AccountingSupplierParty>": reference}
    assert hand_in("F-2", make=papers.ubl, net="-100.00", swap=storno).alerts == []
    assert hand_in("F-3", make=papers.ubl, net="-100.00").alerts == ["sign"]


# -- amounts


def test_an_amount_far_above_the_habit_is_told_with_the_habit(world, hand_in):
    for number, net in enumerate(("1030", "1040", "1024.59", "1065.57", "1050", "1045"), 1):
        assert hand_in(str(number), net=f"{net}.00" if "." not in net else net).alerts == []
    document = hand_in("7", net="8032.79")
    assert document.alerts == ["amount"]
    why = alerts(world, document)["amount"]
    assert "9,800.00 €" in why
    assert "the last 6 invoices" in why
    assert "Usually 1,259.65 – 1,279.48 €" in why


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ([1000] * 5, 9000),  # too few to speak of a habit
        ([1000] * 6, 1900),  # not far
        ([1000, 900, 1100, 5000, 1000, 1000, 1000], 7000),  # once it was nearly as much
        ([10] * 8, 80),  # too little to ask about
        ([1000] * 8, 10),  # less costs nobody anything
        ([100, 900, 4000, 50, 2500, 300, 8000], 9500),  # no habit at all
    ],
)
def test_what_is_not_far_above_a_habit_is_not_told(world, hand_in, before, now):
    for number, net in enumerate(before, 1):
        hand_in(str(number), net=f"{net}.00")
    assert hand_in("99", net=f"{now}.00").alerts == []


def test_one_odd_invoice_does_not_make_the_next_one_usual(world, hand_in):
    for number in range(1, 8):
        hand_in(str(number), net="1000.00")
    assert hand_in("8", net="9000.00").alerts == ["amount"]
    assert hand_in("9", net="20000.00").alerts == ["amount"]


# -- approving


def test_approving_asks_to_name_what_was_looked_at(world, hand_in):
    hand_in("1")
    document = hand_in("2", swap={OLD: NEW, b"<ImportoTotaleDocumento>122.00": b"<ImportoTotaleDocumento>132.00"})
    assert document.alerts == ["iban", "arithmetic"]
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        for confirmed in ((), ["iban"], ["amount"]):
            with pytest.raises(SecondLook) as refused:
                decide.approve(maria, document, confirmed=confirmed)
            assert refused.value.status == 409
        assert refused.value.kinds == ["iban", "arithmetic"]
        assert documents.get(document.pk).alerts == ["iban", "arithmetic"], "a refusal leaves all as it was"
        decide.approve(maria, document, confirmed=["iban", "arithmetic"])
        assert documents.get(document.pk).alerts == []
        verbs = [deed.verb for deed in trail.of_document(document.company_id, document.pk)]
        assert verbs == ["arrived", "alert-raised", "alert-confirmed", "approved"]
        assert Account.objects.get(account=NEW.decode()).trusted_by == "Maria"


def test_an_alert_that_came_after_the_page_was_read_is_asked_for_too(world, hand_in):
    hand_in("1")
    document = hand_in("2", swap={OLD: NEW})
    document.alerts = []
    maria = world.at_company("maria", "rossi")
    with scope(maria), pytest.raises(SecondLook):
        decide.approve(maria, document)


def test_disputing_and_taking_back_ask_nothing(world, hand_in):
    hand_in("1")
    document = hand_in("2", swap={OLD: NEW})
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        decide.dispute(maria, document, reason="not_ours")
        decide.undo(maria, document)
        assert documents.get(document.pk).alerts == ["iban"]


def test_the_firm_confirms_only_where_the_company_is_not_asked(world, hand_in):
    hand_in("1")
    document = hand_in("2", swap={OLD: NEW})
    anna, maria = world.at_firm("anna", "bianchi"), world.at_company("maria", "rossi")
    from fatto.portal.tenancy.action import NotAllowed

    with scope(anna), pytest.raises(NotAllowed):
        guard.confirm(anna, document, ["iban"])
    with scope(maria):
        gate.set_gate(maria, world.companies["rossi"], gate=Gate.NONE)
    with scope(anna):
        guard.confirm(anna, documents.get(document.pk), ["iban"])
        assert documents.get(document.pk).alerts == []
    with scope(maria):
        assert Account.objects.get(account=NEW.decode()).trusted_by == "Anna"


# -- whose


def test_alerts_are_seen_exactly_where_their_document_is(world, hand_in):
    hand_in("F-1", make=papers.ubl)
    document = hand_in("F-2", make=papers.ubl, swap={b"RO49AAAA1B31007593840000": b"RO09BCYP0000001234567890"})
    mihai, ioana, maria = (
        world.at_company("mihai", "brutaria"),
        world.at_firm("ioana", "dunarea"),
        world.at_company("maria", "rossi"),
    )
    with scope(ioana):
        assert not Alert.objects.exists()
        assert not Account.objects.exists()
        assert queries.alert_counts().documents == 0
    with scope(maria):
        assert not Alert._base_manager.exists()
        assert not Account._base_manager.exists()
    with scope(mihai):
        assert Alert.objects.count() == 1
        assert queries.alert_counts().kinds == {"iban": 1}
        decide.approve(mihai, document, confirmed=["iban"])
    with scope(ioana):
        assert Alert.objects.count() == 1
        assert not Account.objects.exists()


def test_an_employee_hears_nothing_of_others_documents(world):
    elena, maria = world.at_company("elena", "rossi"), world.at_company("maria", "rossi")
    world.hand_in(maria, "1.xml", papers.fatturapa("1"))
    world.hand_in(elena, "2.xml", papers.fatturapa("1", day="2026-10-06").replace(OLD, NEW))
    with scope(elena):
        document = Document.objects.select_related("company").get()
        found = {each.kind: each for each in queries.alerts(document)}
        assert set(found) == {"iban", "duplicate"}
        assert "IT60" not in found["iban"].why
        assert found["duplicate"].others == []
        assert "1.xml" not in found["duplicate"].why


def test_counts_are_those_of_the_list_that_they_lead_to(world, hand_in):
    hand_in("1")
    hand_in("2", swap={OLD: NEW})
    hand_in("1", day="2026-10-06", swap={OLD: NEW})
    anna = world.at_firm("anna", "bianchi")
    with scope(anna):
        counts = queries.alert_counts()
        assert (counts.documents, counts.kinds) == (2, {"iban": 2, "duplicate": 1})
        assert counts.companies == {world.companies["rossi"].pk: 2}
        assert len(documents.page(documents.Filters(ask=queries.ALERTED)).rows) == 2


@pytest.mark.parametrize(
    ("ask", "found"),
    [
        ("alert:iban", ["2"]),
        ("avviso:iban", ["2"]),
        ("alertă:iban", ["2"]),
        ("alerta:duplicat", ["1"]),
        ("avviso:doppione", ["1"]),
        ("has:alert", ["1", "2"]),
        ("con:avviso", ["1", "2"]),
        ("cu:alertă", ["1", "2"]),
        ("-has:alert", ["1"]),
        ("has:alert -alert:iban", ["1"]),
        ("alert:sums", []),
    ],
)
def test_alerts_can_be_searched_for_in_three_languages(world, hand_in, ask, found):
    hand_in("1")
    hand_in("2", swap={OLD: NEW})
    hand_in("1", day="2026-10-06")
    with scope(world.at_company("maria", "rossi")):
        rows = documents.page(documents.Filters(ask=ask)).rows
    assert sorted(each.number for each in rows) == found


# -- again, and before


def test_a_job_run_again_raises_nothing_twice(world, hand_in):
    hand_in("1")
    document = hand_in("2", swap={OLD: NEW})
    system = actors.system(document.company.firm)
    with scope(system):
        assert guards.look(system, [documents.get(document.pk)], at=timezone.now()) == []
        assert Alert.objects.count() == 1
        assert [deed.verb for deed in trail.of_document(document.company_id, document.pk)] == [
            "arrived",
            "alert-raised",
        ]


def test_documents_of_before_the_guards_are_looked_at_in_their_order(world, monkeypatch):
    anna, maria = world.at_firm("anna", "bianchi"), world.at_company("maria", "rossi")
    with monkeypatch.context() as before:
        before.setattr(guard, "look", lambda *_, **__: [])
        for number, account in (("1", OLD), ("2", b"IT99A0000000000000000000001"), ("3", NEW), ("4", OLD)):
            data = papers.fatturapa(number, day=f"2026-01-0{number}").replace(OLD, account)
            world.hand_in(anna, f"{number}.xml", data)
        with scope(maria):
            decide.approve(maria, documents.get(Document.objects.get(number="2").pk))
    with scope(actors.system(anna.firm)):
        last = Document.objects.order_by("-id").values_list("id", flat=True)[0]
        Backlog.objects.create(firm=anna.firm, company=world.companies["rossi"], last=last)
    world.hand_in(anna, "5.xml", papers.fatturapa("5", day="2026-01-05").replace(OLD, NEW))
    with scope(maria):
        assert not Alert.objects.exists(), "a new one waits with the others"
    assert guard.catch_up(anna.firm) == 1
    assert guard.catch_up(anna.firm) == 0
    with scope(maria):
        assert dict(Document.objects.values_list("number", "alerts")) == {
            "1": [],
            "2": [],  # it was approved: its account is good
            "3": ["iban"],
            "4": [],
            "5": ["iban"],
        }
        assert {each.account: each.documents for each in Account.objects.all()}[OLD.decode()] == 2


def test_the_cost_of_a_chunk_does_not_grow_with_its_documents(world, django_assert_max_num_queries):
    anna = world.at_firm("anna", "bianchi")
    files = {f"{n}.xml": papers.fatturapa(str(n), net=f"{n}00.00") for n in range(1, 41)}
    world.hand_in(anna, "a.zip", papers.zipped(files))
    system = actors.system(anna.firm)
    with scope(system):
        rows = list(Document.objects.select_related("company"))
        with django_assert_max_num_queries(12):
            guards.look(system, rows, at=timezone.now())


@pytest.mark.parametrize(
    ("key", "number"), [("FT0012A", "12A"), ("2026001", "2026001"), ("N5", "5"), ("A0012", "A12"), ("FT", "FT")]
)
def test_numbers_are_compared_without_their_usual_beginnings_and_zeros(key, number):
    assert guards.number(key) == number


def test_the_upgrade_puts_every_company_with_documents_on_the_list(world, hand_in):
    from importlib import import_module

    from django.db import connection

    hand_in("1")
    last = hand_in("2").pk
    sql = import_module("fatto.portal.approvals.migrations.0004_alerts").WAITING_FOR_THE_GUARDS
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate; alter table approvals_backlog no force row level security")
        cursor.execute(sql)
        cursor.execute("alter table approvals_backlog force row level security")
    with scope(actors.system(world.firms["bianchi"])):
        assert list(Backlog.objects.values_list("company_id", "last")) == [(world.companies["rossi"].pk, last)]
    assert guard.waiting(world.firms["bianchi"])

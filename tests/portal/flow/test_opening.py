"""Opening companies by the list: what is understood, what is wrong, and nothing twice."""

from __future__ import annotations

import pytest
from django.utils import translation
from tests.portal.world import World

from fatto.portal.flow import opening, sheets
from fatto.portal.flow.opening import Candidate, Opened
from fatto.portal.tenancy import invitations
from fatto.portal.tenancy.action import NotAllowed
from fatto.portal.tenancy.models import Company, Gate, Invitation
from fatto.portal.tenancy.scope import scope


def checked(world: World, text: str, who: str = "anna", firm: str = "bianchi") -> list[Candidate]:
    actor = world.at_firm(who, firm)
    with scope(actor), translation.override("en"):
        rows = opening.read(sheets.of_text(text))
        opening.check(actor, rows)
    return rows


def opened(world: World, text: str, who: str = "anna", firm: str = "bianchi") -> Opened:
    actor = world.at_firm(who, firm)
    with scope(actor):
        return opening.open_all(actor, opening.read(sheets.of_text(text)))


@pytest.mark.parametrize(
    "text",
    [
        "Partita IVA;Ragione sociale;E-mail;Ruolo;Lingua\nIT01234567897;Alfa Srl;A@x.it;Approvatore;rumeno",
        "CUI/CIF\tDenumire\tE-mail\tRol\tLimba\n01234567897\tAlfa Srl\ta@x.it\tAprobator\tRomână",
        "VAT number,Company name,E-mail,Role,Language\nit 01234567897,Alfa Srl,mailto:a@x.it,approver,ro",
        "a@x.it;Alfa Srl;01234567897;approver;ro",
    ],
)
def test_columns_are_known_by_their_headings_or_by_what_is_in_them(world: World, text: str):
    (row,) = checked(world, text)
    assert row.errors == {}
    assert (row.fate, row.name, row.email, row.role, row.language) == ("open", "Alfa Srl", "a@x.it", "approver", "ro")
    assert row.ids == ["IT01234567897", "01234567897"]


def test_what_is_left_empty_becomes_what_is_usual(world: World):
    (row,) = checked(world, "01234567897;Alfa;a@x.it")
    assert (row.country, row.language, row.role) == ("IT", "it", "owner")
    (row,) = checked(world, "RO185472903;Alfa;a@x.ro;RO;en")
    assert (row.country, row.language) == ("RO", "en")
    (row,) = checked(world, "RO185472903;Alfa;a@x.ro")
    assert (row.country, row.language) == ("RO", "ro")


@pytest.mark.parametrize(
    ("text", "field", "says"),
    [
        ("tax id;name;email\n123;Alfa;a@x.it", "tax_id", "not a tax number of Italy"),
        (";Alfa;a@x.it", "tax_id", "missing"),
        ("01234567897;Alfa;", "email", "missing"),
        ("01234567897;Alfa;a@@x", "email", "not an e-mail"),
        ("01234567897;;a@x.it", "name", "missing"),
        ("tax id;name;email;country\n01234567897;Alfa;a@x.it;Atlantis", "country", "Atlantis"),
        ("tax id;name;email;role\n01234567897;Alfa;a@x.it;firm_owner", "role", "firm_owner"),
        ("tax id;name;email;language\n01234567897;Alfa;a@x.it;de", "language", "de"),
    ],
)
def test_each_row_says_what_is_wrong_with_it(world: World, text: str, field: str, says: str):
    (row,) = checked(world, text)
    assert row.fate == "wrong"
    assert list(row.errors) == [field]
    assert says in row.errors[field]


def test_a_check_digit_that_does_not_fit_is_a_warning_only(world: World):
    (row,) = checked(world, "01234567890;Alfa;a@x.it")
    assert row.fate == "open"
    assert "check digit" in row.warnings["tax_id"]


def test_zeros_that_a_spreadsheet_dropped_come_back_when_the_check_digit_says_so(world: World):
    (row,) = checked(world, "1234567897;Alfa;a@x.it")
    assert row.tax_id == "01234567897"
    assert "zeros" in row.warnings["tax_id"]
    (row,) = checked(world, "1234567890;Alfa;a@x.it")
    assert row.fate == "wrong"


def test_a_romanian_number_without_letters_claims_no_vat(world: World):
    opened(world, "185472903;Alfa SRL;a@x.ro\nRO12345674;Beta SRL;b@x.ro", "ioana", "dunarea")
    ioana = world.at_firm("ioana", "dunarea")
    with scope(ioana):
        alfa = Company.objects.get(name="Alfa SRL")
        assert (alfa.vat_id, alfa.tax_id, alfa.ids) == ("", "185472903", ["RO185472903", "185472903"])
        assert alfa.gate == Gate.HARD
        assert not Company.objects.filter(name="Beta SRL").exists(), "Brutăria has that number"


def test_the_same_list_again_opens_and_invites_nobody(world: World):
    text = "01234567897;Alfa;a@x.it\nIT00000000018;Beta;b@x.it"
    assert opened(world, text) == Opened(companies=2, people=2)
    assert opened(world, text.replace(";Alfa", ";ALFA S.R.L.").replace("a@", "A@")) == Opened(companies=0, people=0)
    assert {row.fate for row in checked(world, text)} == {"there"}
    with scope(world.at_firm("anna", "bianchi")):
        assert Company.objects.filter(name__in=["Alfa", "Beta"]).count() == 2
        assert Company.objects.get(name="Alfa").gate == Gate.SOFT
        assert Invitation.objects.count() == 2


def test_a_new_person_of_a_company_that_is_there_is_invited_to_it(world: World):
    (row,) = checked(world, "12345678903;;dana@x.it")
    assert (row.fate, row.name) == ("join", "Panificio Rossi S.r.l.")
    assert opened(world, "12345678903;;dana@x.it\n12345678903;;Maria@example.org") == Opened(companies=0, people=1)


def test_two_people_of_one_new_company_open_it_once(world: World):
    text = "01234567897;Alfa;a@x.it\nIT01234567897;;b@x.it\n01234567897;Alfa;a@x.it"
    assert [row.fate for row in checked(world, text)] == ["open", "open", "there"]
    assert opened(world, text) == Opened(companies=1, people=2)


def test_rows_that_are_wrong_are_left_out(world: World):
    assert opened(world, "01234567897;Alfa;a@x.it\n123456;Beta;b@x.it") == Opened(companies=1, people=1)


def test_another_firms_company_is_not_seen(world: World):
    (row,) = checked(world, "IT12345678903;Panificio Rossi;x@x.it", "ioana", "dunarea")
    assert (row.fate, row.company) == ("open", None)


def test_an_accountant_opens_none(world: World):
    with pytest.raises(NotAllowed):
        opened(world, "01234567897;Alfa;a@x.it", who="paolo")


def test_nothing_but_headings_is_nothing_to_read(db: None):
    for text in ("", " \n ", "tax id;name;email"):
        with pytest.raises(opening.NothingToRead):
            opening.read(sheets.of_text(text))


def test_many_companies_are_opened_in_a_moment(world: World):
    import time

    from stdnum import luhn

    numbers = [base + luhn.calc_check_digit(base) for base in (f"{n:010}" for n in range(7_000, 7_200))]
    began = time.monotonic()
    done = opened(world, "\n".join(f"{number};Azienda {number};p{number}@x.it" for number in numbers))
    assert done == Opened(companies=200, people=200)
    assert time.monotonic() - began < 15
    with scope(world.at_firm("anna", "bianchi")):
        assert invitations.of_clients().count() == 200

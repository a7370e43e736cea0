"""Opening companies by the list: columns found, rows checked, all opened in one go, and nothing twice.

candidates = opening.read(rows)             what the list says, as typed
opening.check(actor, candidates)            each row's fate, errors and warnings; nothing is written
opening.open_all(actor, candidates)         what can be opened is, and letters are queued
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fatto import countries, i18n
from fatto.country import Country, Identifier
from fatto.portal.flow import invite
from fatto.portal.flow.sheets import Rows
from fatto.portal.tenancy import actions, invitations
from fatto.portal.tenancy.action import Refusal, action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import LANGUAGES, Company, Firm, Invitation, Membership
from fatto.portal.tenancy.people import COMPANY_ROLES
from fatto.portal.tenancy.permissions import Can, Role

FIELDS = ("tax_id", "name", "email", "country", "language", "role")
HEADINGS = {
    "tax_id": "tax id, tax number, tax code, vat, vat id, vat no, vat number, vat code, partita iva, p iva, piva, "
    "p iva cf, codice fiscale, cod fiscale, cf, cui, cif, cui cif, cif cui, cod fiscal, cod de identificare fiscala, "
    "cod tva, numar tva, cod unic",
    "name": "name, company, company name, client, customer, nome, ragione sociale, denominazione, azienda, cliente, "
    "ditta, societa, nume, denumire, denumire firma, nume firma, firma, companie, societate",
    "email": "e mail, email, mail, e mail address, posta elettronica, indirizzo e mail, indirizzo mail, adresa e mail, "
    "adresa de e mail, posta electronica",
    "country": "country, country code, paese, nazione, stato, tara, cod tara",
    "language": "language, lingua, limba",
    "role": "role, ruolo, rol",
}
"""How columns are called, in English, Italian and Romanian."""
Fate = Literal["open", "join", "there", "wrong"]


class NothingToRead(Refusal):
    """The list is empty."""

    status = 422

    def __init__(self) -> None:
        super().__init__(gettext_lazy("There is no row in it. Paste one company a line, or choose a file."))


@dataclass(slots=True, kw_only=True)
class Candidate:
    """A row of the list: what was typed, and what it comes to once checked."""

    number: int
    tax_id: str = ""
    name: str = ""
    email: str = ""
    country: str = ""
    language: str = ""
    role: str = ""
    fate: Fate = "wrong"
    """Opened, joined to a company that is there, done already, or wrong."""
    note: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    """Field → what is wrong with it."""
    warnings: dict[str, str] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    vat: str = ""
    tax: str = ""
    company: Company | None = None
    """The company, when the firm serves it already."""

    @classmethod
    def of(cls, number: int, typed: Mapping[str, str]) -> Candidate:
        """A row out of what was typed for the fields, some of which may be absent."""
        found = cls(number=number)
        for name in FIELDS:
            setattr(found, name, typed.get(name, ""))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What became of a list."""

    companies: int
    people: int


# -- reading --------------------------------------------------------------------------------------------------------


def read(rows: Rows) -> list[Candidate]:
    """The rows of a list, by the headings of its columns, or by what the cells look like.

    Raises:
        NothingToRead
    """
    columns = _columns(rows[0]) if rows else {}
    found = [
        Candidate.of(number, _by_heading(row, columns) if columns else _by_looks(row))
        for number, row in enumerate(rows[1:] if columns else rows, 2 if columns else 1)
    ]
    if not found:
        raise NothingToRead
    return found


def _columns(row: list[str]) -> dict[str, list[int]]:
    """Field → its columns, if the row is a heading: two of its cells are known, or its only one."""
    found: dict[str, list[int]] = {}
    for position, cell in enumerate(row):
        name = _headings().get(fold(cell))
        if name:
            found.setdefault(name, []).append(position)
    enough = min(2, sum(1 for cell in row if cell))
    return found if len(found) >= enough and not any("@" in cell for cell in row) else {}


def _by_heading(row: list[str], columns: dict[str, list[int]]) -> dict[str, str]:
    """Of two columns for one field (partita IVA, codice fiscale) the first that is filled."""
    return {
        name: next((row[each] for each in positions if each < len(row) and row[each]), "")
        for name, positions in columns.items()
    }


def _by_looks(row: list[str]) -> dict[str, str]:
    """An address has an @, a tax number has digits; names of countries, languages and roles are known.

    What is left is the company's name.
    """
    found: dict[str, str] = {}
    for cell in row:
        if not cell:
            continue
        name = "name"
        if "@" in cell:
            name = "email"
        elif _is_tax_id(cell):
            name = "tax_id"
        elif known_language(cell) and (cell.islower() or len(cell) > 2):  # `ro` is a language, `RO` a country
            name = "language"
        elif known_country(cell):
            name = "country"
        elif known_role(cell):
            name = "role"
        if name in found and name == "tax_id":
            continue  # the second number of the same company
        found[name] = f"{found[name]} {cell}" if name in found and name == "name" else cell
    return found


def _is_tax_id(cell: str) -> bool:
    """Digits alone, however many; or six at least in a form that some country knows."""
    digits = sum(letter.isdigit() for letter in cell)
    forms = (each.normalise(cell) for pack in countries.every() for each in pack.identifiers)
    return digits == len(cell.replace(" ", "")) or (digits >= 6 and any(forms))


def fold(text: str) -> str:
    """A word for comparing: small letters without accents, signs as single blanks."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = (each for each in plain if not unicodedata.combining(each))
    return " ".join("".join(each if each.isalnum() else " " for each in letters).split())


@cache
def _headings() -> dict[str, str]:
    return {fold(word): name for name, words in HEADINGS.items() for word in words.split(",")}


@cache
def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for pack in countries.every():
        for language in i18n.LANGUAGES:
            found[fold(i18n.translate(pack.name, language))] = pack.code
        found[fold(pack.code)] = pack.code
    return found


@cache
def _languages() -> dict[str, str]:
    names = {"en": "english, inglese, engleza", "it": "italian, italiano, italiana", "ro": "romanian, rumeno, romana"}
    found = {fold(word): code for code, words in names.items() for word in words.split(",")}
    return found | {code: code for code, _name in LANGUAGES}


@cache
def _roles() -> dict[str, str]:
    found: dict[str, str] = {}
    for role in COMPANY_ROLES:
        for language, _name in LANGUAGES:
            with translation.override(language):
                found[fold(str(role.label))] = role.value
        found[fold(role.value)] = role.value
    return found


def known_country(text: str) -> str:
    """A country's code or name → its code; empty when it is none that Fatto knows."""
    return _countries().get(fold(text), "")


def known_language(text: str) -> str:
    """A language's code or name → its code; empty when the portal does not speak it."""
    return _languages().get(fold(text), "")


def known_role(text: str) -> str:
    """A role's name in one of the languages → the role; empty when it is none of a company."""
    return _roles().get(fold(text), "")


# -- checking -------------------------------------------------------------------------------------------------------


def check(actor: Actor, candidates: list[Candidate]) -> None:
    """Say of each row what will become of it; what is left empty is filled in. Writes nothing."""
    there = {form: company for company in Company.objects.filter(firm=actor.firm) for form in company.ids}
    people = _people(actor)
    names: dict[str, str] = {}
    seen: dict[tuple[str, str], int] = {}
    for row in candidates:
        row.errors, row.warnings, row.note, row.company = {}, {}, "", None
        _check_words(row, actor.firm)
        _check_tax_id(row)
        row.company = next((there[form] for form in row.ids if form in there), None)
        key = row.ids[0] if row.ids else ""
        if not row.name:
            row.name = row.company.name if row.company else names.get(key, "")
        if not row.name:
            row.errors["name"] = _("The name is missing.")
        elif len(row.name) > 200:
            row.errors["name"] = _("The name is too long.")
        if key and row.name:
            names.setdefault(key, row.name)
        _settle(row, key, seen, people)


def _settle(row: Candidate, key: str, seen: dict[tuple[str, str], int], people: set[tuple[int, str]]) -> None:
    """The row's fate, once its fields are checked."""
    row.fate = "wrong"
    if row.errors:
        return
    first = seen.setdefault((key, row.email), row.number)
    if first != row.number:
        row.fate, row.note = "there", _("The same as row %(number)s.") % {"number": first}
    elif row.company is None:
        another = any(each == key for each, email in seen if email != row.email)
        row.fate = "open"
        row.note = _("One more person of the same company.") if another else ""
    elif (row.company.pk, row.email) in people:
        row.fate, row.note = "there", _("There already.")
    else:
        row.fate, row.note = "join", _("You serve it already; the person is invited to it.")


def _check_words(row: Candidate, firm: Firm) -> None:
    """Country, language, role and address; what was left empty becomes what is usual."""
    typed = row.country
    row.country = known_country(typed) if typed else _country_of(row.tax_id, firm)
    if not row.country:
        row.errors["country"] = _("%(typed)s is not a country that can be served.") % {"typed": typed}
    typed = row.language
    row.language = known_language(typed) if typed else _usual_language(row.country, firm)
    if not row.language:
        row.errors["language"] = _("%(typed)s is not a language of the portal.") % {"typed": typed}
    typed = row.role
    row.role = known_role(typed) if typed else Role.OWNER.value
    if not row.role:
        row.errors["role"] = _("%(typed)s is not a role in a company.") % {"typed": typed}
    row.email = row.email.lower().removeprefix("mailto:").strip()
    if not row.email:
        row.errors["email"] = _("The e-mail address is missing.")
        return
    try:
        validate_email(row.email)
        if len(row.email) > 254:
            raise ValidationError("")
    except ValidationError:
        row.errors["email"] = _("This is not an e-mail address.")


def _usual_language(country: str, firm: Firm) -> str:
    spoken = dict(LANGUAGES)
    return next((each for each in countries.find(country).languages if each in spoken), firm.language)


def _country_of(tax_id: str, firm: Firm) -> str:
    """The firm's own country, unless the number begins with the letters of another one and fits only there."""
    if not _forms(countries.find(firm.country), tax_id):
        prefix = tax_id.strip()[:2].upper()
        if known_country(prefix) and _forms(countries.find(prefix), tax_id):
            return prefix
    return firm.country


def _check_tax_id(row: Candidate) -> None:
    pack = countries.find(row.country)
    row.ids, row.vat, row.tax = [], "", ""
    if not row.tax_id:
        row.errors["tax_id"] = _("The tax number is missing.")
        return
    if not row.country:
        return
    found = _forms(pack, row.tax_id)
    if not any(identifier.valid(form) for identifier, form in found):
        longer = _with_zeros(pack, row.tax_id)
        if longer:
            row.tax_id, found = longer, _forms(pack, longer)
            row.warnings["tax_id"] = _("The zeros in front were missing, as spreadsheets drop them.")
    if not found:
        row.errors["tax_id"] = _("This is not a tax number of %(country)s.") % {
            "country": i18n.translate(pack.name, translation.get_language() or "en")
        }
        return
    right = [pair for pair in found if pair[0].valid(pair[1])]
    if not right:
        row.warnings["tax_id"] = _("The check digit does not fit: is there a slip in it?")
    identifier, form = (right or found)[0]
    row.vat, row.tax = (form, "") if identifier.code == "vat" else ("", form)
    row.ids = actions.normalised_ids(row.country, row.tax_id)


def _forms(pack: Country, typed: str) -> list[tuple[Identifier, str]]:
    """What a number may be in a country, each with its form for comparing."""
    prefixed = typed.strip().upper().startswith(pack.code)
    return [
        (identifier, form)
        for identifier in pack.identifiers
        if (prefixed or not identifier.prefixed) and (form := identifier.normalise(typed)) is not None
    ]


def _with_zeros(pack: Country, typed: str) -> str:
    """A number whose zeros in front got lost, with them; only when the check digit confirms it."""
    bare = typed.strip()
    if not bare.isdecimal():
        return ""
    for length in range(len(bare) + 1, len(bare) + 5):
        longer = bare.zfill(length)
        if any(identifier.valid(form) and longer in form for identifier, form in _forms(pack, longer)):
            return longer
    return ""


def _people(actor: Actor) -> set[tuple[int, str]]:
    """(company, address) of everybody who is in a company of the firm or invited to it."""
    members = Membership.objects.filter(firm=actor.firm, company__isnull=False)
    invited = invitations.pending().filter(company__isnull=False)
    return {(company or 0, email.lower()) for company, email in members.values_list("company_id", "member__email")} | {
        (company or 0, email) for company, email in invited.values_list("company_id", "email")
    }


# -- opening --------------------------------------------------------------------------------------------------------


@action(Can.FIRM_MANAGE)
def open_all(actor: Actor, candidates: Iterable[Candidate]) -> Opened:
    """Open what `check` found good, invite the people, and queue their letters: all of it or, on an error, nothing.

    The rows are checked anew, so a list that comes twice at the same time opens nothing twice.
    """
    Firm.objects.select_for_update(no_key=True).get(pk=actor.firm.pk)
    rows = list(candidates)
    check(actor, rows)
    # Existing companies first: opening one narrows what the scope sees to the firm's and the newest.
    invited = [_invite(actor, row, row.company) for row in rows if row.fate == "join" and row.company]
    groups: dict[str, list[Candidate]] = {}
    for row in rows:
        if row.fate == "open":
            groups.setdefault(row.ids[0], []).append(row)
    for group in groups.values():
        first = group[0]
        company = actions.open_company(
            actor, name=first.name, country=first.country, vat_id=first.vat, tax_id=first.tax, language=first.language
        )
        invited += [_invite(actor, row, company) for row in group]
    invite.queue(actor, invited)
    return Opened(companies=len(groups), people=len(invited))


def _invite(actor: Actor, row: Candidate, company: Company) -> Invitation:
    return invite.invite(actor, company, email=row.email, role=row.role, language=row.language, post=False)

"""Opening firms and companies, and who may enter them."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from fatto import countries
from fatto.portal.tenancy import scope, trail
from fatto.portal.tenancy.action import action
from fatto.portal.tenancy.actor import Actor, system
from fatto.portal.tenancy.models import Company, Firm, Gate, Member, Membership
from fatto.portal.tenancy.permissions import FIRM_ROLES, Can, Role


def open_firm(*, name: str, country: str, language: str, owner: Member | None = None) -> Firm:
    """Open an accounting firm with its first owner, or without one who is then invited. What the operator does."""
    with transaction.atomic():
        firm = Firm(name=name, country=country, language=language)
        _save_with_slug(firm)
        if owner is not None:
            with scope.scope(system(firm)):
                Membership.objects.create(member=owner, firm=firm, role=Role.FIRM_OWNER)
    return firm


open_firm.is_action = True  # type: ignore[attr-defined]  # nobody is in the firm yet who could be asked


@action(Can.FIRM_MANAGE, verb="company-opened")
def open_company(
    actor: Actor,
    *,
    name: str,
    country: str,
    vat_id: str = "",
    tax_id: str = "",
    language: str = "",
    gate: str = "",
) -> Company:
    """Open a company in the actor's firm. What is not given follows the habits of its country.

    The actor was found before the company was there: find it anew to act in the company.
    """
    pack = countries.find(country)
    # Row security lets a new company be written by its firm before it is among the visible ones.
    with scope.roster(firm=actor.firm.pk):
        company = Company(
            firm=actor.firm,
            name=name,
            country=country,
            currency=pack.currency,
            language=language or pack.languages[0],
            vat_id=vat_id,
            tax_id=tax_id,
            ids=normalised_ids(country, vat_id, tax_id),
            gate=gate or pack.gate or Gate.SOFT,
        )
        _save_with_slug(company)
    scope.also(company.pk)
    return company


@action(Can.COMPANY_MANAGE)
def join_company(actor: Actor, company: Company, *, member: Member, role: str) -> Membership:
    """Give a person a role in a company."""
    data = {"member": member.pk, "name": str(member), "role": str(role)}
    trail.record(actor, "member-joined", company_id=company.pk, data=data)
    return Membership.objects.create(member=member, firm_id=company.firm_id, company=company, role=role)


@action(Can.FIRM_MANAGE)
def join_firm(actor: Actor, *, member: Member, role: str, companies: list[Company] | None = None) -> Membership:
    """Give a person a role in the firm, with the companies assigned to it."""
    assert role in FIRM_ROLES  # noqa: S101 - a programming error, not input
    data = {"member": member.pk, "name": str(member), "role": str(role)}
    trail.record(actor, "member-joined", data=data)
    return Membership.objects.create(
        member=member, firm=actor.firm, role=role, companies=[company.pk for company in companies or []]
    )


def change_profile(member: Member, *, name: str, language: str, appearance: str, keyboard: bool) -> Member:
    """What people say of themselves: their own page, in no company's scope."""
    member.name, member.language, member.appearance, member.keyboard = name, language, appearance, keyboard
    member.save(update_fields=["name", "language", "appearance", "keyboard"])
    return member


change_profile.is_action = True  # type: ignore[attr-defined]  # people change only themselves; the view hands in the one logged in


def prefer(member: Member, *, place: str, values: dict[str, Any]) -> None:
    """How a person wants pages of a kind to look; what it prefers elsewhere stays."""
    with transaction.atomic():
        kept = Member.objects.select_for_update(no_key=True).only("preferences").get(pk=member.pk).preferences
        member.preferences = {**kept, place: values}
        Member.objects.filter(pk=member.pk).update(preferences=member.preferences)


prefer.is_action = True  # type: ignore[attr-defined]  # as above: people choose only for themselves


def normalised_ids(country: str, *typed: str) -> list[str]:
    """Tax ids as people write them → the forms that are compared, without repetition."""
    found: list[str] = []
    for value in typed:
        for identifier in countries.find(country).identifiers:
            form = identifier.normalise(value) if value else None
            if form and form not in found:
                found.append(form)
    return found


normalised_ids.is_action = True  # type: ignore[attr-defined]  # changes nothing


def _save_with_slug(row: Any) -> None:
    """Save a firm or company under the first free slug made of its name.

    Row security hides the others, so the unique index is asked, not the table.
    """
    stem = slugify(row.name)[:60] or "company"
    for number in range(1, 10_000):
        row.slug = stem if number == 1 else f"{stem}-{number}"
        try:
            with transaction.atomic():
                row.save(force_insert=True)
            return
        except IntegrityError as error:
            if "slug" not in str(error):
                raise
    raise RuntimeError(f"no free address for {stem}")

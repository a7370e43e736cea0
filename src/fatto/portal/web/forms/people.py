"""What is typed to invite somebody, to come in, and to change what somebody is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from fatto.portal.documents.models import Direction
from fatto.portal.tenancy.models import LANGUAGES, Company, Member
from fatto.portal.tenancy.people import COMPANY_ROLES, TEAM_ROLES
from fatto.portal.tenancy.permissions import Role

SENTENCES = {
    Role.FIRM_OWNER: _("sees all companies, books, and decides about the firm and its team"),
    Role.ACCOUNTANT: _("reads and books for the companies assigned"),
    Role.ASSISTANT: _("reads and adds files for the companies assigned"),
    Role.OWNER: _("sees everything, approves, and lets others in"),
    Role.APPROVER: _("sees everything and approves"),
    Role.IN_HOUSE: _("sees everything, adds files and approves"),
    Role.EMPLOYEE: _("adds files and sees only those"),
    Role.AUDITOR: _("reads everything and changes nothing"),
}
"""What somebody may, as the end of a sentence that begins with the name."""


def choices(roles: tuple[Role, ...]) -> list[tuple[str, str]]:
    """Roles for choosing one, each with what it may."""
    return [(role.value, f"{role.label}: {SENTENCES[role]}") for role in roles]


class Welcome(forms.Form):
    """How somebody comes in by an invitation."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        help_text=_("As the others see it beside what you decide."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password1 = forms.CharField(
        label=_("New password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    password2 = forms.CharField(
        label=_("Repeat the password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        first, again = found.get("password1"), found.get("password2")
        if first and again and first != again:
            self.add_error("password2", _("The two are not the same."))
        elif first:
            try:
                validate_password(first, Member(email=self.email, name=found.get("name", "")))
            except ValidationError as error:
                self.add_error("password1", error)
        return found


class Invite(forms.Form):
    """Letting somebody into a company."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    language = forms.ChoiceField(label=_("Language of the mail"), choices=LANGUAGES)
    roles = COMPANY_ROLES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = choices(self.roles)  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class Standing(forms.Form):
    """What somebody of a company is."""

    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    roles = COMPANY_ROLES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = choices(self.roles)  # type: ignore[attr-defined]


class Limited(Standing):
    """What somebody of a company is, and which documents it sees there."""

    directions = forms.MultipleChoiceField(choices=Direction.choices, required=False)
    tags = forms.CharField(
        label=_("Only documents with one of these tags"),
        max_length=400,
        required=False,
        help_text=_("Separate them by commas. Empty: documents with any tag and without."),
    )

    def clean_tags(self) -> list[str]:
        found = [" ".join(each.split())[:40] for each in self.cleaned_data["tags"].split(",")]
        return list(dict.fromkeys(each for each in found if each))


class Assigned(forms.Form):
    """Which companies are assigned; an owner of the firm has all of them anyway."""

    companies = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, offered: list[Company], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["companies"].choices = [(str(each.pk), each.name) for each in offered]  # type: ignore[attr-defined]

    def clean_companies(self) -> list[int]:
        return [int(pk) for pk in self.cleaned_data["companies"]]


class TeamInvite(Assigned, Invite):
    """Letting somebody into the firm's team."""

    roles = TEAM_ROLES


class TeamStanding(Assigned, Standing):
    """What somebody of the firm's team is."""

    roles = TEAM_ROLES

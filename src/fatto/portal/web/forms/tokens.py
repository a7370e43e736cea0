"""A new token for a program."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fatto.portal.programs.models import Scope

LIFETIMES = [("90", _("90 days")), ("365", _("One year")), ("0", _("Until it is revoked"))]


class NewToken(forms.Form):
    """What it is called, what it may do, and how long."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("The program that uses it: it stands beside everything it does.")
    )
    scopes = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple)
    days = forms.ChoiceField(label=_("Valid for"), choices=LIFETIMES, initial="365")

    def __init__(self, *args: Any, possible: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - declared above
        field.choices = [(value, label) for value, label in Scope.choices if value in possible]

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {
            "name": self.cleaned_data["name"],
            "scopes": self.cleaned_data["scopes"],
            "days": int(self.cleaned_data["days"]) or None,
        }

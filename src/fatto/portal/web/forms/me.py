"""What a person says of itself."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from fatto.portal.tenancy.models import LANGUAGES, Appearance, Member


class Profile(forms.Form):
    """Name, language and how the pages behave."""

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("As the others see it beside what you decide."))
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    appearance = forms.ChoiceField(label=_("Appearance"), choices=Appearance.choices)
    keyboard = forms.BooleanField(
        label=_("Single keys are shortcuts: j and k for the next and previous document, a to approve, and others"),
        required=False,
    )

    @classmethod
    def of(cls, member: Member) -> Profile:
        """The form as the member left it."""
        return cls(initial={name: getattr(member, name) for name in cls.base_fields})

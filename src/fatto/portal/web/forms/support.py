"""Forms of the operator: opening a firm, asking it for support access."""

from __future__ import annotations

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from fatto import countries, i18n
from fatto.portal.tenancy.models import LANGUAGES
from fatto.portal.tenancy.support import MOST_HOURS


class NewFirm(forms.Form):
    """A firm and the owner who is let in."""

    name = forms.CharField(label=_("Name of the firm"), max_length=200)
    country = forms.ChoiceField(label=_("Country"))
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    owner_name = forms.CharField(label=_("Name of the owner"), max_length=200)
    owner = forms.EmailField(label=_("E-mail of the owner"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["country"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(pack.code, i18n.translate(pack.name, get_language() or "en")) for pack in countries.every()]


class AskSupport(forms.Form):
    """Why, and for how long."""

    reason = forms.CharField(
        label=_("What do you need to look at, and why"), max_length=1000, widget=forms.Textarea({"rows": 3})
    )
    hours = forms.IntegerField(label=_("For how many hours"), min_value=1, max_value=MOST_HOURS, initial=4)

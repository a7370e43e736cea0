"""What a person says of a supporting document."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from fatto import money
from fatto.portal.documents import asking
from fatto.portal.documents.models import Paper
from fatto.portal.documents.papers import Details


class DetailsForm(forms.Form):
    """One short form, every field of it optional."""

    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", "—"), *Paper.Kind.choices])
    party = forms.CharField(label=_("Counterparty"), required=False, max_length=300)
    amount = forms.CharField(label=_("Amount"), required=False, max_length=40)
    currency = forms.CharField(label=_("Currency"), required=False, max_length=3)
    date = forms.DateField(
        label=_("Date"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    number = forms.CharField(label=_("Number"), required=False, max_length=100)
    payer = forms.CharField(label=_("Paid by"), required=False, max_length=200)
    method = forms.ChoiceField(label=_("Means of payment"), required=False, choices=[("", "—"), *Paper.Method.choices])
    note = forms.CharField(label=_("Note"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].widget.attrs["inputmode"] = "decimal"
        self.fields["currency"].widget.attrs |= {"autocapitalize": "characters", "size": 4}

    def clean_amount(self) -> Decimal | None:
        text = self.cleaned_data["amount"].strip()
        if not text:
            return None
        amount = asking.number(text)
        if amount is None or abs(amount) >= Decimal(10) ** 15:
            raise forms.ValidationError(_("This is no amount."))
        return amount.quantize(Decimal("0.01"))

    def clean_currency(self) -> str:
        text = str(self.cleaned_data["currency"]).strip().upper()
        if text and not (len(text) == 3 and text.isascii() and text.isalpha()):
            raise forms.ValidationError(_("A currency has three letters, such as EUR."))
        return text

    def clean_date(self) -> datetime.date | None:
        day: datetime.date | None = self.cleaned_data["date"]
        if day is not None and not 1970 <= day.year < 3000:
            raise forms.ValidationError(_("This date cannot be right."))
        return day

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        for name in ("party", "number", "payer"):
            values[name] = " ".join((values.get(name) or "").replace("\0", "").split())
        return values

    def details(self, otherwise: str) -> Details:
        """What was said; an amount without a currency is in `otherwise`."""
        values = dict(self.cleaned_data)
        if values["amount"] is not None and not values["currency"]:
            values["currency"] = otherwise
        return Details(**values)


def initial(told: Details) -> dict[str, Any]:
    """The fields as the form shows them."""
    values = {name: getattr(told, name) for name in Details.__dataclass_fields__}
    if told.amount is not None:
        values["amount"] = money.amount(told.amount, get_language() or "en")
    return values

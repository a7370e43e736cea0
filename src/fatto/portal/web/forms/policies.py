"""What is typed to say how a company approves, to make a rule, and to be away."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import formats
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fatto.portal.documents import asking
from fatto.portal.documents.models import Direction
from fatto.portal.tenancy.models import Member

DIRECTIONS = [
    ("", _("received and other documents")),
    (Direction.RECEIVED.value, pgettext_lazy("policy", "received invoices")),
    (Direction.OTHER.value, pgettext_lazy("policy", "other documents")),
]
"""What is approved; issued invoices are not."""


class Amount(forms.CharField):
    """An amount as people of any of our countries write it; None where nothing is typed."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=30, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """What is stored, as the reader writes it; what was typed stays as it was typed."""
        return formats.number_format(value, 2, force_grouping=False) if isinstance(value, Decimal) else value

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        found = asking.number(text)
        if found is None or found < 0:
            raise forms.ValidationError(_("Write an amount, like 5000 or 1.250,50."))
        return found


class Supplier(forms.CharField):
    """One of the suppliers of whom something arrived, by tax number or as the list offers it."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"list": "suppliers", "autocomplete": "off"})
        super().__init__(max_length=400, widget=widget, **kwargs)
        self.known: dict[str, str] = {}

    def clean(self, value: Any) -> tuple[str, str]:
        text = " ".join(super().clean(value).split())
        if not text:
            return "", ""
        typed = "".join(char for char in text.rpartition(" · ")[2].upper() if char.isalnum())
        ids = [each for each in self.known if typed and each in (typed, typed[2:])]
        ids += [each for each, name in self.known.items() if name.casefold() == text.casefold()]
        if len(set(ids)) != 1:
            raise forms.ValidationError(_("Choose a supplier of whom something has arrived, from the list."))
        return ids[0], self.known[ids[0]]


class About(forms.Form):
    """Which documents a sentence is about."""

    supplier = Supplier(label=pgettext_lazy("policy", "From the supplier"), required=False)
    direction = forms.ChoiceField(label=pgettext_lazy("policy", "Which"), choices=DIRECTIONS, required=False)
    tag = forms.CharField(label=pgettext_lazy("policy", "With the tag"), max_length=40, required=False)

    def __init__(self, *args: Any, suppliers: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.suppliers = suppliers
        self.fields["supplier"].known = suppliers  # type: ignore[attr-defined]

    def fields_of(self) -> dict[str, Any]:
        """The values by the names of the model's columns."""
        found = dict(self.cleaned_data)
        found["party_id"], found["party_name"] = found.pop("supplier")
        found["tag"] = " ".join(found["tag"].split())
        return found


class PolicyForm(About):
    """A sentence of how a company approves."""

    people = forms.MultipleChoiceField(required=False)
    second_from = Amount(
        label=_("From this amount on, a second person must agree"),
        required=False,
        help_text=_(
            "With VAT. Empty: one yes is always enough."
            " Documents without an amount or in another currency count as above it."
        ),
    )
    second_people = forms.MultipleChoiceField(required=False)
    days = forms.IntegerField(
        label=_("Working days to answer"),
        min_value=1,
        max_value=90,
        required=False,
        help_text=_("Empty: no deadline. Holidays of the company’s country do not count."),
    )
    escalate_to = forms.ChoiceField(label=_("Then this person is asked as well"), required=False)

    def __init__(self, *args: Any, people: Iterable[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(str(each.pk), str(each)) for each in people]
        for name in ("people", "second_people"):
            self.fields[name].choices = names  # type: ignore[attr-defined]
        self.fields["escalate_to"].choices = [("", _("the owners")), *names]  # type: ignore[attr-defined]

    def fields_of(self) -> dict[str, Any]:
        found = super().fields_of()
        for name in ("people", "second_people"):
            found[name] = [int(each) for each in found[name]]
        escalate_to = found.pop("escalate_to")
        found["escalate_to_id"] = int(escalate_to) if escalate_to and found["days"] else None
        return found


class RuleForm(About):
    """A rule that approves."""

    name = forms.CharField(label=_("Name of the rule"), max_length=80)
    amount_min = Amount(label=_("Amount from"), required=False)
    amount_max = Amount(label=_("Amount to"), help_text=_("With VAT. Credit notes are always left to people."))
    same_account = forms.BooleanField(
        label=_("only when every IBAN in it stood on an approved invoice of this supplier before"), required=False
    )
    field_order = ("name", "supplier", "amount_min", "amount_max", "same_account", "direction", "tag")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["supplier"].required = True

    def clean(self) -> dict[str, Any]:
        low, high = self.cleaned_data.get("amount_min"), self.cleaned_data.get("amount_max")
        if low is not None and high is not None and low > high:
            self.add_error("amount_max", _("This is less than the amount it begins with."))
        return self.cleaned_data

    def fields_of(self) -> dict[str, Any]:
        found = super().fields_of()
        found["amount_min"] = found["amount_min"] or Decimal(0)
        return found


class AbsenceForm(forms.Form):
    """Days away and who stands in."""

    first = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    substitute = forms.TypedChoiceField(label=_("Substitute"), coerce=int)

    def __init__(self, *args: Any, people: Iterable[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["substitute"].choices = [(each.pk, str(each)) for each in people]  # type: ignore[attr-defined]

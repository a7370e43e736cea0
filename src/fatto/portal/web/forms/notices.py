"""How a person wants to be told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fatto.portal.notifications import choices, hours
from fatto.portal.notifications.choices import Chosen
from fatto.portal.notifications.models import Mail, Push, Wishes


class Hour(forms.TimeInput):
    """A time of day without seconds."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class WishesForm(forms.Form):
    """What holds for all kinds of notices."""

    digest = forms.BooleanField(
        label=_("One digest a day by mail, over all companies"),
        help_text=_("It comes only when there is something to tell."),
        required=False,
    )
    digest_at = forms.TimeField(label=_("Digest at"), widget=Hour)
    working_days = forms.BooleanField(label=_("No digest on Saturdays, Sundays and public holidays"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)
    quiet = forms.BooleanField(
        label=_("Quiet hours: what is told at once waits until they end"),
        help_text=_("What concerns the safety of your account comes all the same."),
        required=False,
    )
    quiet_from = forms.TimeField(label=_("Quiet from"), widget=Hour)
    quiet_to = forms.TimeField(label=_("Quiet until"), widget=Hour)
    named = forms.BooleanField(
        label=_("Show names and amounts in pushes"),
        help_text=_("They can be read on a locked screen. Without, a push only says how many."),
        required=False,
    )
    links = forms.BooleanField(
        label=_("Mails hold links that open one document for your decision without logging in"),
        help_text=_("A link works once, for 72 hours. Whoever reads your mail could use it."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [  # type: ignore[attr-defined]
            ("", _("That of the country")),
            *((zone, zone.replace("_", " ")) for zone in hours.zones()),
        ]

    @classmethod
    def of(cls, wishes: Wishes) -> WishesForm:
        """The form as the person left it."""
        return cls(initial={name: getattr(wishes, name) for name in cls.base_fields})


class KindForm(forms.Form):
    """How one kind is told."""

    mail = forms.ChoiceField(choices=Mail.choices, label=_("By mail"))
    push = forms.ChoiceField(choices=(), label=_("By push"))

    def __init__(self, chosen: Chosen, data: Any = None) -> None:
        super().__init__(data, prefix=chosen.kind.key, initial={"mail": chosen.mail, "push": chosen.push})
        self.kind = chosen.kind
        possible = choices.pushes(chosen.kind)
        self.fields["push"].choices = [pair for pair in Push.choices if pair[0] in possible]  # type: ignore[attr-defined]
        for name in self.fields:
            label = f"{self.kind.label}: {self.fields[name].label}"
            self.fields[name].widget.attrs["aria-label"] = label

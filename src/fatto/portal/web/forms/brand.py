"""What is typed and handed in to change how a firm looks, and how its archived folders are called."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fatto.portal.tenancy.pictures import LIMITS, Unfit, Use
from fatto.portal.tenancy.pictures import make as make_picture

_ACCEPT = {"accept": "image/png,image/jpeg,image/webp"}


class BrandForm(forms.Form):
    """Name, accent and pictures. Files are plain: what they are is found out from their bytes."""

    name = forms.CharField(
        label=_("Name of the app"),
        max_length=45,
        required=False,
        help_text=_("Under the icon on a phone, and on top of every page. Empty: the firm's name."),
    )
    accent = forms.CharField(
        label=_("Accent colour"),
        max_length=20,
        help_text=_("Six digits and letters, such as #0b6b50. It must be read on white: 4.5 to 1."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-colour": ""}),
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG, JPEG or WebP, at most 2 MB."),
        widget=forms.FileInput(attrs=_ACCEPT),
    )
    cover = forms.FileField(
        label=_("Picture for the login page"),
        required=False,
        help_text=_("PNG, JPEG or WebP, at most 5 MB and at least 600 × 200 pixels."),
        widget=forms.FileInput(attrs=_ACCEPT),
    )

    def deed(self) -> dict[str, Any]:
        """The keywords of `brands.save`."""
        given = {str(use): self._bytes(use) for use in Use}
        dropped = tuple(str(use) for use in Use if f"without-{use}" in self.data)
        return {"name": self.cleaned_data["name"], "accent": self.cleaned_data["accent"], **given, "without": dropped}

    def _bytes(self, use: Use) -> bytes | None:
        file = self.cleaned_data[str(use)]
        if file is None:
            return None
        file.seek(0)
        # One byte more than is taken says that it is too much; the rest need not be read.
        return bytes(file.read(LIMITS[use].megabytes * 1_000_000 + 1))

    def culprit(self, refusal: Unfit) -> str:
        """Which of the two pictures a refusal is about."""
        for use in Use:
            data = self._bytes(use)
            if data is None:
                continue
            try:
                make_picture(data, use)
            except Unfit as same:
                if str(same.message) == str(refusal.message):
                    return str(use)
        return str(Use.LOGO)

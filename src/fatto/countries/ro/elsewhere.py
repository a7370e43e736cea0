"""The checks that only ANAF can make, and what they need: a verdict names them, and never says that ANAF accepts."""

from __future__ import annotations

from collections.abc import Mapping

from fatto.i18n import _

NOT_CHECKED_HERE: Mapping[str, str] = {
    "R6.1": _("It needs ANAF's register of taxpayers."),
    "SPV": _("Only ANAF knows who may send for which tax number."),
}
"""Code of ANAF, or where the check is made → why not, marked for translation."""

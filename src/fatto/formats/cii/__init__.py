"""UN/CEFACT Cross Industry Invoice (D16B), bound to EN 16931 by CEN/TS 16931-3-3; also inside Factur-X PDF."""

from __future__ import annotations

from fatto.formats.cii.names import FORMAT
from fatto.formats.cii.read import attachment, is_invoice, read
from fatto.formats.format import Format
from fatto.i18n import _

FORMATS = (
    Format(
        name=FORMAT,
        title=_("UN/CEFACT Cross Industry Invoice"),
        recognise=is_invoice,
        read=read,
        attachment=attachment,
    ),
)

"""The XML that travels beside Italian invoices: SDI's receipts and notifications, PEC certificates.

Two families of SDI messages, for the administration and for private parties, in three namespaces
over the years: they are told by the root's name alone.
"""

from __future__ import annotations

from collections.abc import Callable

from fatto.formats.format import Element, Notice
from fatto.formats.xml import local
from fatto.i18n import _

_ROOTS = (
    ("it-rc", _("SDI's delivery receipt (RC)"), ("RicevutaConsegna",)),
    ("it-ns", _("SDI's notice that a file failed (NS)"), ("NotificaScarto", "RicevutaScarto")),
    (
        "it-mc",
        _("SDI's notice that a file could not be delivered (MC)"),
        ("NotificaMancataConsegna", "RicevutaImpossibilitaRecapito"),
    ),
    ("it-mt", _("SDI's file of metadata about an invoice (MT)"), ("MetadatiInvioFile", "FileMetadati")),
    ("it-ne", _("SDI's notice of the public office's answer (NE)"), ("NotificaEsito",)),
    ("it-ec", _("a public office's answer to an invoice (EC)"), ("NotificaEsitoCommittente", "EsitoCommittente")),
    ("it-se", _("SDI's notice that a public office's answer cannot be used (SE)"), ("ScartoEsitoCommittente",)),
    ("it-dt", _("SDI's notice that the time for an answer has passed (DT)"), ("NotificaDecorrenzaTermini",)),
    (
        "it-at",
        _("SDI's attestation that a file was transmitted and could not be delivered (AT)"),
        ("AttestazioneTrasmissioneFattura",),
    ),
    ("it-pec", _("a certificate of the PEC provider (daticert.xml)"), ("postacert",)),
    ("it-dati-fattura", _("a report of invoice data to the tax office (DatiFattura)"), ("DatiFattura",)),
    ("it-corrispettivi", _("a report of daily takings to the tax office"), ("DatiCorrispettivi",)),
    ("it-lipe", _("a report of VAT settlements to the tax office (LIPE)"), ("Fornitura",)),
)


def _named(names: tuple[str, ...]) -> Callable[[Element], bool]:
    return lambda root: local(root) in names


NOTICES = tuple(Notice(code=code, what=what, recognise=_named(names)) for code, what, names in _ROOTS)
